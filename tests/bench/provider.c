/* Providers' desks for the bench: `provider NAME PORT`. Each takes every message as its
 * provider would say it and counts them; `silent` reads and never answers. They judge
 * nothing: what is right is the tests' to say. At SIGTERM it prints what came. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "peer.h"

#define GROUPS 65536

/* A request as it came: NUL-terminated pieces of the connection's bytes. */
struct call {
	char *method, *path, *body;
};

struct desk {
	long requests, messages, bytes;
	double first, last; /* s, of what carried messages */
	long serial;
	long groups[GROUPS]; /* solapi: messages that wait in each */
	char *out;
	size_t len, cap;
};

/* ---- answers ---- */

static void say(struct desk *d, const char *text, size_t len)
{
	if (d->len + len > d->cap) {
		d->cap = (d->len + len) * 2;
		d->out = realloc(d->out, d->cap);
	}
	memcpy(d->out + d->len, text, len);
	d->len += len;
}

#define SAY(d, ...) \
	do { \
		char piece[512]; \
		say(d, piece, (size_t)snprintf(piece, sizeof piece, __VA_ARGS__)); \
	} while (0)

static long count_of(const char *text, const char *what)
{
	long n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* The next text of a field behind *at, which moves on; false: none. */
static bool next_text(const char **at, const char *field, char out[128])
{
	const char *begin = strstr(*at, field), *end;

	if (!begin)
		return false;
	begin += strlen(field);
	end = strchr(begin, '"');
	if (!end)
		return false;
	snprintf(out, 128, "%.*s", (int)(end - begin), begin);
	*at = end;
	return true;
}

/* ---- solapi ---- */

/* A row for each message of the request. Returns how many. */
static long solapi_rows(struct desk *d, const char *body)
{
	char to[128], key[128], bundle[128];
	const char *at = body;
	long n = 0;

	while (next_text(&at, "\"to\":\"", to) && next_text(&at, "\"dangol\":\"", key) &&
	        next_text(&at, "\"bundle\":\"", bundle)) {
		SAY(d,
		        "%s{\"messageId\":\"M4V20261125000000%014ld\",\"to\":\"%s\","
		        "\"from\":\"0212345678\",\"type\":\"SMS\",\"country\":\"82\","
		        "\"statusCode\":\"2000\",\"statusMessage\":\"정상 접수(이통사로 "
		        "접수 예정) \",\"accountId\":\"12925149\",\"customFields\":"
		        "{\"dangol\":\"%s\",\"bundle\":\"%s\"}}",
		        n ? "," : "", ++d->serial, to, key, bundle);
		n++;
	}
	return n;
}

static long solapi_group(struct desk *d, const struct call *call)
{
	long group = strtol(call->path + strlen("/messages/v4/groups/G4V"), NULL, 10) %
	             GROUPS,
	     n = 0;

	if (!strcmp(call->method, "PUT")) {
		SAY(d, "{\"errorCount\":\"0\",\"resultList\":[");
		d->groups[group] += solapi_rows(d, call->body);
		SAY(d, "]}");
		return 0;
	}
	n = d->groups[group];
	d->groups[group] = 0;
	SAY(d, "{\"groupId\":\"G4V%ld\",\"status\":\"SENDING\"}", group);
	return n;
}

static long solapi(struct desk *d, const struct call *call)
{
	long n;

	if (!strncmp(call->path, "/messages/v4/groups/", 20))
		return solapi_group(d, call);
	if (!strcmp(call->path, "/messages/v4/groups")) {
		SAY(d, "{\"groupId\":\"G4V%ld\",\"status\":\"PENDING\"}",
		        ++d->serial % GROUPS);
		return 0;
	}
	if (strcmp(call->method, "POST")) {
		SAY(d, "{\"messageList\":{},\"blackList\":[]}");
		return 0;
	}
	SAY(d, "{\"failedMessageList\":[],\"messageList\":[");
	n = solapi_rows(d, call->body);
	SAY(d,
	        "],\"groupInfo\":{\"groupId\":\"G4V%ld\",\"count\":{\"total\":%ld,"
	        "\"registeredSuccess\":%ld,\"registeredFailed\":0}}}",
	        ++d->serial, n, n);
	return n;
}

/* ---- the others ---- */

static long nhn(struct desk *d, const struct call *call)
{
	char to[128], key[128];
	const char *at = call->body;
	long n = 0;

	SAY(d,
	        "{\"header\":{\"isSuccessful\":true,\"resultCode\":0,\"resultMessage\":"
	        "\"success\"},\"body\":{\"data\":{\"requestId\":\"20261125%012ld\","
	        "\"statusCode\":\"2\",\"sendResultList\":[",
	        ++d->serial);
	while (next_text(&at, "\"recipientNo\":\"", to) &&
	        next_text(&at, "\"recipientGroupingKey\":\"", key)) {
		SAY(d,
		        "%s{\"recipientNo\":\"%s\",\"resultCode\":0,\"resultMessage\":"
		        "\"SUCCESS\",\"recipientSeq\":%ld,\"recipientGroupingKey\":"
		        "\"%s\"}",
		        n ? "," : "", to, n + 1, key);
		n++;
	}
	SAY(d, "]}}}");
	return n;
}

static long sens(struct desk *d, const struct call *call)
{
	if (strcmp(call->method, "POST")) {
		SAY(d, "[]");
		return 0;
	}
	SAY(d,
	        "{\"requestId\":\"RSSA-%ld\",\"requestTime\":\"2026-11-25T11:00:00.000\","
	        "\"statusCode\":\"202\",\"statusName\":\"success\"}",
	        ++d->serial);
	return count_of(call->body, "\"to\":\"");
}

static long aligo(struct desk *d, const struct call *call)
{
	const char *count = strstr(call->body, "&cnt=");
	long n = count ? strtol(count + 5, NULL, 10) : 1;

	SAY(d,
	        "{\"result_code\":1,\"message\":\"success\",\"msg_id\":%ld,"
	        "\"success_cnt\":%ld,\"error_cnt\":0,\"msg_type\":\"SMS\"}",
	        ++d->serial, n);
	return n;
}

static long popbill(struct desk *d, const struct call *call)
{
	if (strstr(call->path, "/Token")) {
		SAY(d, "{\"session_token\":\"token\",\"expiration\":"
		       "\"2099-01-01T00:00:00.000Z\"}");
		return 0;
	}
	if (strcmp(call->method, "POST")) {
		SAY(d, "[]");
		return 0;
	}
	SAY(d, "{\"receiptNum\":\"026112511%09ld\"}", ++d->serial);
	return count_of(call->body, "\"rcv\":\"");
}

static long twilio(struct desk *d, const struct call *call)
{
	SAY(d,
	        "{\"sid\":\"SM%032ld\",\"status\":\"queued\",\"direction\":"
	        "\"outbound-api\",\"num_segments\":\"1\",\"error_code\":null,"
	        "\"error_message\":null}",
	        ++d->serial);
	return !strcmp(call->method, "POST");
}

static long webhook(struct desk *d, const struct call *call)
{
	(void)call;
	SAY(d, "{}");
	return 1;
}

static const struct {
	const char *name;
	long (*serve)(struct desk *d, const struct call *call);
	const char *status;
} desks[] = {
        {"solapi", solapi, "200 OK"},
        {"nhn", nhn, "200 OK"},
        {"sens", sens, "202 Accepted"},
        {"aligo", aligo, "200 OK"},
        {"popbill", popbill, "200 OK"},
        {"twilio", twilio, "201 Created"},
        {"webhook", webhook, "200 OK"},
        {"silent", NULL, NULL},
};
#define DESKS (sizeof desks / sizeof desks[0])

/* ---- connections ---- */

static struct call call_of(char *data)
{
	struct call call = {.method = data};

	call.body = strstr(data, "\r\n\r\n") + 4;
	call.path = strchr(data, ' ');
	*call.path++ = '\0';
	call.path[strcspn(call.path, " ")] = '\0';
	return call;
}

static bool push(int fd, const char *data, size_t len)
{
	for (ssize_t n; len; data += n, len -= (size_t)n)
		if ((n = write(fd, data, len)) < 0)
			return false;
	return true;
}

static bool answer(struct desk *d, struct peer *p, size_t which, size_t len)
{
	char head[128], kept = p->in[len];
	struct call call;
	long n;

	p->in[len] = '\0';
	call = call_of(p->in);
	d->len = 0;
	n = desks[which].serve(d, &call);
	p->in[len] = kept;
	d->requests++;
	d->messages += n;
	d->bytes += (long)len;
	if (n) {
		d->last = peer_now();
		d->first = d->first ? d->first : d->last;
	}
	return push(p->fd, head,
	               (size_t)snprintf(head, sizeof head,
	                       "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
	                       "Content-Length: %zu\r\n\r\n",
	                       desks[which].status, d->len)) &&
	       push(p->fd, d->out, d->len);
}

/* False when the peer has gone. */
static bool attend(struct desk *d, struct peer *p, size_t which)
{
	ssize_t len = read(p->fd, p->in + p->in_len, PEER_IN - p->in_len);
	size_t message;

	if (len <= 0)
		return false;
	if (!desks[which].serve)
		return true;
	p->in_len += (size_t)len;
	while ((message = peer_whole(p->in, p->in_len))) {
		if (!answer(d, p, which, message))
			return false;
		peer_drop(p, message);
	}
	return true;
}

static int run(size_t which, int port)
{
	struct epoll_event ready[256], want = {.events = EPOLLIN, .data.ptr = NULL};
	int poll = epoll_create1(0), listener = peer_listen(port);
	static struct desk desk;

	peer_end_on_term();
	signal(SIGPIPE, SIG_IGN);
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	puts("listening");
	fflush(stdout);
	while (!peer_ended) {
		int got = epoll_wait(poll, ready, 256, 1000);
		for (int i = 0; i < got; i++) {
			if (!ready[i].data.ptr)
				peer_greet(poll, listener);
			else if (!attend(&desk, ready[i].data.ptr, which))
				peer_bye(ready[i].data.ptr);
		}
	}
	printf("{\"requests\": %ld, \"messages\": %ld, \"bytes\": %ld, \"seconds\": "
	       "%.4f}\n",
	        desk.requests, desk.messages, desk.bytes, desk.last - desk.first);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < DESKS; i++)
		if (!strcmp(argv[1], desks[i].name))
			return run(i, atoi(argv[2]));
	fputs("usage: provider NAME PORT\n", stderr);
	return 2;
}
