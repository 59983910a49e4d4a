/* Turns bytes into requests: the gates look over header and framing, llhttp parses what
 * they let through, and both must agree. It never touches a socket, and never lets a peer
 * make it hold more than one request and what was fed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "door/chunk.h"
#include "door/head.h"
#include "door/http.h"
/* llhttp's enumerators and ours share a name. */
#define HTTP_REQUEST LLHTTP_REQUEST
#include "llhttp.h"
#undef HTTP_REQUEST

#define KEEP_MAX (64 * 1024) /* memory that a connection keeps between requests */

static_assert(
        HEAD_MAX == HTTP_HEADER_MAX, "the gate and the contract name the same bound");
static_assert(HEAD_LINES_MAX == HTTP_HEADERS_MAX,
        "the gate and the contract name the same bound");

enum phase { HEADER, BODY, WHOLE, REFUSED };

/* in holds the current message from start: its header, then its body from body to
 * body_end, decoded in place, then from end on what came after it. next holds what came
 * while in must not move. */
struct http {
	enum phase phase;
	size_t body_max;
	struct buf in, next, path;
	size_t start, body, body_end, raw, end;
	struct head head;
	struct chunk chunk;
	llhttp_t parser;
	bool parsed; /* llhttp saw the whole message */
	bool told;   /* 100 Continue */
	char saved;  /* what the body's NUL stands on */
	int status;
	const char *why;
	const char *base; /* in.data when the request's pointers were made */
	struct http_request request;
};

static enum http_state refuse(struct http *http, int status, const char *why)
{
	http->phase = REFUSED;
	http->status = status;
	http->why = why;
	return HTTP_REFUSED;
}

/* ---- llhttp ---- */

static int on_headers_complete(llhttp_t *parser)
{
	const struct http *http = parser->data;
	const struct head *head = &http->head;
	bool chunked = parser->flags & F_CHUNKED,
	     has_length = parser->flags & F_CONTENT_LENGTH;
	parser->upgrade = 0; /* we never do, and the body is read as usual */
	if (chunked != head->chunked || has_length != head->has_length)
		return -1;
	if (has_length && parser->content_length != head->length)
		return -1;
	return parser->http_major == 1 && parser->http_minor == head->minor ? 0 : -1;
}

/* What is copied down was parsed already, so a chunked body grows over its own framing.
 */
static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct http *http = parser->data;
	memmove(http->in.data + http->body_end, at, len);
	http->body_end += len;
	return 0;
}

static int on_message_complete(llhttp_t *parser)
{
	struct http *http = parser->data;
	http->parsed = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
        .on_headers_complete = on_headers_complete,
        .on_body = on_body,
        .on_message_complete = on_message_complete,
};

static bool parse(struct http *http, size_t from, size_t len)
{
	if (!len)
		return true;
	llhttp_errno_t error = llhttp_execute(&http->parser, http->in.data + from, len);
	return error == (http->parsed ? HPE_PAUSED : HPE_OK);
}

static enum http_state disagree(struct http *http)
{
	return refuse(http, 400,
	        TR("the request is malformed HTTP", "HTTP 요청의 형식이 잘못되었습니다"));
}

/* ---- the request's texts ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character at s, perhaps escaped. Returns the bytes it took, 0 when malformed. */
static size_t unescape(const char *s, size_t len, char *out)
{
	*out = *s;
	if (*s != '%')
		return 1;
	int high = len > 2 ? hex(s[1]) : -1, low = len > 2 ? hex(s[2]) : -1;
	if (high < 0 || low < 0)
		return 0;
	*out = (char)(high << 4 | low);
	return 3;
}

static bool has_dot_segment(const char *path)
{
	for (const char *s = strstr(path, "/."); s; s = strstr(s + 1, "/.")) {
		const char *after = s + 2;
		if (*after == '.')
			after++;
		if (*after == '/' || !*after)
			return true;
	}
	return false;
}

/* text_valid_utf8 refuses NUL too. */
static bool decode_path(struct buf *path, const char *s, size_t len)
{
	buf_reset(path);
	while (len) {
		char c;
		/* The two bytes behind an escape are always there to look at: a NUL ends
		 * them. */
		size_t took = unescape(s, len, &c);
		if (!took)
			return false;
		buf_addc(path, c);
		s += took;
		len -= took;
	}
	return text_valid_utf8(path->data, path->len) && !has_dot_segment(path->data);
}

static void point(struct http *http)
{
	struct http_request *request = &http->request;
	char *base = http->in.data + http->start;
	for (size_t i = 0; i < http->head.n; i++) {
		request->headers[i].name = base + http->head.lines[i].name;
		request->headers[i].value = base + http->head.lines[i].value;
	}
	request->target = base + http->head.target;
	char *mark = memchr(request->target, '?', http->head.target_len);
	request->query = mark ? mark + 1 : request->target + http->head.target_len;
	http->base = http->in.data;
}

/* llhttp has seen the block: its texts may be cut out of it in place. */
static void cut(struct http *http)
{
	const struct head *head = &http->head;
	char *base = http->in.data + http->start;
	base[head->target + head->target_len] = '\0';
	for (size_t i = 0; i < head->n; i++) {
		char *name = base + head->lines[i].name;
		for (size_t j = 0; j < head->lines[i].name_len; j++)
			if (name[j] >= 'A' && name[j] <= 'Z')
				name[j] |= 0x20;
		name[head->lines[i].name_len] = '\0';
		base[head->lines[i].value + head->lines[i].value_len] = '\0';
	}
}

static bool publish(struct http *http)
{
	struct http_request *request = &http->request;
	cut(http);
	point(http);
	request->method = http->head.method;
	request->n_headers = http->head.n;
	request->body = "";
	request->body_len = 0;
	request->minor = http->head.minor;
	request->keep_alive = http->head.minor == 1 && !http->head.close;
	request->expect_continue = http->head.expect_continue && http->head.minor == 1;
	size_t len = strcspn(request->target, "?");
	if (!decode_path(&http->path, request->target, len))
		return false;
	request->path = http->path.data;
	return true;
}

/* ---- reading ---- */

static enum http_state whole(struct http *http)
{
	if (!http->parsed)
		return disagree(http);
	struct http_request *request = &http->request;
	if (http->base != http->in.data)
		point(http);
	http->phase = WHOLE;
	http->saved = http->in.data[http->body_end];
	http->in.data[http->body_end] = '\0';
	request->body = http->in.data + http->body;
	request->body_len = http->body_end - http->body;
	return HTTP_REQUEST;
}

static enum http_state large(struct http *http)
{
	return refuse(http, 413,
	        http->body_max == HTTP_BODY_MAX
	                ? TR("the body is larger than 8 MiB", "본문이 8 MiB보다 큽니다")
	                : TR("the body is too large", "본문이 너무 큽니다"));
}

static enum http_state read_chunks(struct http *http)
{
	size_t used;
	enum chunk_state state = chunk_scan(&http->chunk, http->in.data + http->raw,
	        http->in.len - http->raw, http->body_max, &used);
	if (state == CHUNK_LARGE)
		return large(http);
	if (state == CHUNK_BAD)
		return refuse(http, 400,
		        TR("the body's chunks are malformed, or have trailers",
		                "본문의 chunk 형식이 잘못되었거나 trailer가 있습니다"));
	if (!parse(http, http->raw, used) || (http->parsed && state != CHUNK_DONE))
		return disagree(http);
	http->raw += used;
	http->end = http->raw;
	if (state == CHUNK_DONE)
		return whole(http);
	/* The framing is done with: only the body itself takes room. */
	http->in.len = http->raw = http->body_end;
	return HTTP_MORE;
}

static enum http_state read_length(struct http *http)
{
	size_t left = http->body + (size_t)http->head.length - http->raw;
	size_t come = http->in.len - http->raw;
	size_t take = left < come ? left : come;
	if (!parse(http, http->raw, take) || (http->parsed && take < left))
		return disagree(http);
	http->raw += take;
	http->end = http->raw;
	return take == left ? whole(http) : HTTP_MORE;
}

static enum http_state read_body(struct http *http)
{
	bool any = http->in.len > http->raw || http->body_end > http->body;
	if (http->request.expect_continue && !http->told && !any &&
	        (http->head.chunked || http->head.length)) {
		http->told = true;
		return HTTP_CONTINUE;
	}
	return http->head.chunked ? read_chunks(http) : read_length(http);
}

static void begin(struct http *http)
{
	head_init(&http->head);
	chunk_init(&http->chunk);
	llhttp_init(&http->parser, LLHTTP_REQUEST, &settings);
	http->parser.data = http;
	http->phase = HEADER;
	http->parsed = http->told = false;
}

static enum http_state read_header(struct http *http)
{
	struct head *head = &http->head;
	switch (head_scan(
	        head, http->in.data + http->start, http->in.len - http->start)) {
	case HEAD_MORE:
		return HTTP_MORE;
	case HEAD_REFUSED:
		return refuse(http, head->status, head->why);
	case HEAD_DONE:
		break;
	}
	http->body = http->body_end = http->raw = http->end = http->start + head->seen;
	if (head->length > http->body_max)
		return large(http);
	if (!parse(http, http->start, head->seen))
		return disagree(http);
	if (!publish(http))
		return refuse(http, 400,
		        TR("the request's path is malformed",
		                "요청 경로의 형식이 잘못되었습니다"));
	http->phase = BODY;
	return read_body(http);
}

static enum http_state look(struct http *http)
{
	if (http->phase == HEADER)
		return http->in.len > http->start ? read_header(http) : HTTP_MORE;
	return http->phase == BODY ? read_body(http) : HTTP_REFUSED;
}

struct http *http_new(void)
{
	struct http *http = mem_alloc(sizeof *http);
	http->body_max = HTTP_BODY_MAX;
	begin(http);
	return http;
}

void http_limit(struct http *http, size_t body_max)
{
	http->body_max = body_max;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	buf_free(&http->in);
	buf_free(&http->next);
	buf_free(&http->path);
	free(http);
}

enum http_state http_feed(struct http *http, const char *data, size_t len)
{
	if (http->phase == REFUSED)
		return HTTP_REFUSED;
	if (http->phase == WHOLE) {
		buf_add(&http->next, data, len);
		return HTTP_REQUEST;
	}
	if (http->phase == HEADER && http->start) {
		buf_drop(&http->in, http->start);
		http->start = 0;
	}
	if (len)
		buf_add(&http->in, data, len);
	return look(http);
}

static void shrink(struct buf *buf)
{
	buf_reset(buf);
	if (buf->cap > KEEP_MAX)
		buf_free(buf);
}

enum http_state http_next(struct http *http)
{
	assert(http->phase == WHOLE);
	http->in.data[http->body_end] = http->saved;
	http->start = http->end;
	begin(http);
	if (http->start == http->in.len) {
		shrink(&http->in);
		http->start = 0;
	}
	enum http_state state = look(http);
	if (state != HTTP_MORE && state != HTTP_CONTINUE)
		return state;
	if (!http->next.len)
		return state;
	/* Nothing whole was before it: what waited apart belongs to the message that has
	 * begun. */
	struct buf next = http->next;
	http->next = (struct buf){.len = 0};
	state = http_feed(http, next.data, next.len);
	buf_free(&next);
	return state;
}

struct http_request *http_get(struct http *http)
{
	assert(http->phase == WHOLE || http->phase == BODY);
	if (http->base != http->in.data)
		point(http);
	return &http->request;
}

int http_refusal(const struct http *http, const char **why)
{
	assert(http->phase == REFUSED);
	*why = http->why;
	return http->status;
}

void http_wipe(struct http *http, const char *lower_name)
{
	struct http_request *request = &http->request;
	for (size_t i = 0; i < request->n_headers; i++) {
		char *value = (char *)request->headers[i].value;
		if (!strcmp(request->headers[i].name, lower_name))
			explicit_bzero(value, strlen(value));
	}
}

bool http_idle(const struct http *http)
{
	return http->phase == HEADER && http->in.len == http->start;
}

bool http_in_header(const struct http *http)
{
	return http->phase == HEADER && http->in.len > http->start;
}

bool http_in_body(const struct http *http)
{
	return http->phase == BODY;
}

size_t http_waiting(const struct http *http)
{
	return http->phase == WHOLE ? http->in.len - http->end + http->next.len : 0;
}

size_t http_held(const struct http *http)
{
	return http->in.len + http->next.len;
}

const char *http_header_get(const struct http_request *request, const char *lower_name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (!strcmp(request->headers[i].name, lower_name))
			return request->headers[i].value;
	return NULL;
}

/* ---- query ---- */

static bool decode_value(const char *s, size_t len, char *out, size_t size)
{
	size_t n = 0;
	while (len) {
		char c;
		size_t took = unescape(s, len, &c);
		if (!took || n + 1 >= size)
			return false;
		out[n++] = *s == '+' ? ' ' : c;
		s += took;
		len -= took;
	}
	if (!size)
		return false;
	out[n] = '\0';
	return text_valid_utf8(out, n);
}

bool http_query(
        const struct http_request *request, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);
	for (const char *s = request->query; *s;) {
		size_t len = strcspn(s, "&");
		size_t key = strcspn(s, "=&");
		if (key == name_len && !memcmp(s, name, key)) {
			size_t from = key < len ? key + 1 : key;
			return decode_value(s + from, len - from, out, size);
		}
		s += len + (s[len] == '&');
	}
	return false;
}
