/* Bytes in, requests over to the handler, answers out. It never waits for a peer, and
 * keeps no more of one than its bounds say. */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "door/conn.h"

#define WAITING_MAX (64 * 1024) /* pipelined bytes; past it a connection is not read */
#define STREAM_LOW \
	(256 * 1024) /* unread bytes of a stream, from which on its producer is asked \
	                again */
#define BATCH \
	32 /* requests of one connection in one turn; the rest waits for the next \
	    */
#define KEEP_MAX (16 * 1024) /* output memory that a connection keeps */
#define SWEEP_MS 1000

const char conn_problem_type[] = "application/problem+json";

struct letter {
	uv_write_t req;
	char *data;
};

static void settle(struct conn *c);
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);
static void on_turn(uv_idle_t *idle);

static struct conn *of_deadline(struct deadline *deadline)
{
	return (struct conn *)((char *)deadline - offsetof(struct conn, deadline));
}

static void arm(struct conn *c, enum deadline_kind kind)
{
	deadline_set(&c->all->deadlines, &c->deadline, kind, uv_now(c->all->loop));
}

size_t conn_pending(const struct conn *c)
{
	return uv_stream_get_write_queue_size(&c->uv.stream);
}

/* ---- the end of a connection ---- */

static void release(struct conn *c)
{
	http_free(c->http);
	buf_free(&c->out);
	free(c);
}

static void on_conn_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;
	struct conns *all = c->all;
	*(c->prev ? &c->prev->next : &all->first) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	all->crowd.n[c->peer.origin]--;
	all->crowd.held[c->peer.origin] -= c->held;
	c->all = NULL;
	c->closed = true;
	if (!all->first) {
		uv_timer_stop(&all->sweep);
		all->on_empty(all);
	}
	if (!c->ex.open)
		release(c);
	else if (c->ex.on_drain)
		c->ex.on_drain(&c->ex, c->ex.drain_arg);
}

void conn_drop(struct conn *c)
{
	if (c->gone)
		return;
	c->gone = true;
	arm(c, DEADLINE_NONE);
	uv_close(&c->uv.handle, on_conn_closed);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
	struct conn *c = req->data;
	if (status < 0 || c->eof)
		conn_drop(c);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	struct conn *c = handle->data;
	*buf = uv_buf_init(c->all->input, CONN_INPUT);
}

/* Pipelined requests whose answers pile up stop being read. */
static void regulate(struct conn *c)
{
	bool wanted = !c->eof && (c->lingering || http_waiting(c->http) <= WAITING_MAX);
	if (wanted == c->reading)
		return;
	c->reading = wanted;
	if (!wanted)
		uv_read_stop(&c->uv.stream);
	else if (uv_read_start(&c->uv.stream, on_alloc, on_read))
		conn_drop(c);
}

/* Closing with unread bytes would reset the connection and take the answer with it. */
static void linger(struct conn *c)
{
	if (c->lingering)
		return;
	c->lingering = true;
	arm(c, DEADLINE_LINGER);
	c->shutdown.data = c;
	if (uv_shutdown(&c->shutdown, &c->uv.stream, on_shutdown))
		conn_drop(c);
	else
		regulate(c);
}

/* ---- writing ---- */

static void on_written(uv_write_t *req, int status)
{
	struct letter *letter = (struct letter *)req;
	struct conn *c = req->handle->data;
	free(letter->data);
	free(letter);
	if (c->gone)
		return;
	if (status < 0) {
		conn_drop(c);
		return;
	}
	arm(c, DEADLINE_NONE);
	settle(c);
	if (!c->gone && c->ex.open && c->ex.full && conn_pending(c) <= STREAM_LOW) {
		c->ex.full = false;
		if (c->ex.on_drain)
			c->ex.on_drain(&c->ex, c->ex.drain_arg);
	}
}

/* Takes what is left of the output, from the byte at written on. */
static void queue(struct conn *c, size_t written)
{
	struct letter *letter = mem_alloc(sizeof *letter);
	uv_buf_t rest =
	        uv_buf_init(c->out.data + written, (unsigned)(c->out.len - written));
	letter->data = buf_take(&c->out);
	if (!uv_write(&letter->req, &c->uv.stream, &rest, 1, on_written))
		return;
	free(letter->data);
	free(letter);
	conn_drop(c);
}

void conn_flush(struct conn *c)
{
	if (!c->out.len || c->gone)
		return;
	uv_buf_t all = uv_buf_init(c->out.data, (unsigned)c->out.len);
	int written = conn_pending(c) ? 0 : uv_try_write(&c->uv.stream, &all, 1);
	if (written == UV_EAGAIN)
		written = 0;
	if (written < 0) {
		conn_drop(c);
		return;
	}
	if ((size_t)written < c->out.len) {
		queue(c, (size_t)written);
		return;
	}
	buf_reset(&c->out);
	if (c->out.cap > KEEP_MAX)
		buf_free(&c->out);
}

/* ---- problems ---- */

char *conn_problem(int status, const char *title, const char *detail, const char *pointer)
{
	json_t *json = json_pack("{s:s,s:i,s:s*,s:s*}", "title", title, "status", status,
	        "detail", detail, "pointer", pointer);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text ? text
	            : mem_printf("{\"title\":\"%s\",\"status\":%d}", http_reason(status),
	                      status);
}

/* The server's own refusals; the connection ends with them. Over the public port they
 * say no more than their number does. */
static void refuse(struct conn *c, int status, const char *why)
{
	const char *extra = NULL;
	if (status == 401)
		extra = "WWW-Authenticate: Bearer realm=\"dangol\"\r\n";
	else if (status == 503 || status == 429)
		extra = "Retry-After: 1\r\n";
	char *body = conn_problem(status, http_reason(status),
	        c->peer.origin == ORIGIN_PUBLIC ? NULL : why, NULL);
	c->last = true;
	http_respond(&c->out, status, conn_problem_type, extra, body, strlen(body), false,
	        false);
	free(body);
}

/* ---- requests ---- */

/* What is not served there costs nothing of the rate: a scanner keeps no provider out.
 * Where nobody tells whom a proxy of this machine speaks for, all are one crowd. */
static int admit_public(struct conn *c, const struct http_request *request)
{
	struct conns *all = c->all;
	if (!all->serves || !all->serves(request))
		return 404;
	if (all->proxied)
		peer_behind(&c->peer, request);
	bool known = all->proxied || !c->peer.local;
	return crowd_take(&all->crowd, known ? c->peer.address : "", uv_now(all->loop))
	               ? 0
	               : 429;
}

/* Who guesses tokens from an address is not told for a while whether one was right. A
 * connection that has shown a right one goes on. */
static int admit_token(
        struct conn *c, const struct http_request *request, const char **why)
{
	static const struct admit_tokens none;
	struct conns *all = c->all;
	uint64_t now = uv_now(all->loop);
	bool wary = !c->peer.proven && crowd_guesses(&all->crowd, c->peer.address, now);
	int status =
	        admit_request(request, wary ? &none : &all->tokens, &c->peer.role, why);
	bool shown = http_header_get(request, "authorization") != NULL;
	http_wipe(c->http, "authorization");
	if (c->peer.role != ROLE_NONE)
		c->peer.proven = true;
	if (status != 401 || !shown)
		return status;
	crowd_guessed(&all->crowd, c->peer.address, now);
	if (!wary)
		return status;
	*why = TR("too many wrong tokens came from this address: try again in a moment",
	        "이 주소에서 틀린 토큰이 너무 많이 왔습니다. 잠시 뒤에 다시 시도하세요");
	return 429;
}

static bool admitted(struct conn *c)
{
	const char *why = NULL;
	if (c->admitted || c->peer.origin == ORIGIN_SOCKET)
		return true;
	int status = c->peer.origin == ORIGIN_PUBLIC
	                     ? admit_public(c, http_get(c->http))
	                     : admit_token(c, http_get(c->http), &why);
	if (status)
		refuse(c, status, why);
	c->admitted = !status;
	return c->admitted;
}

static void account(struct conn *c)
{
	size_t held = http_held(c->http);
	c->all->crowd.held[c->peer.origin] += held - c->held;
	c->held = held;
}

static bool too_much_held(struct conn *c)
{
	account(c);
	if (!crowd_heavy(&c->all->crowd, c->peer.origin) || !http_in_body(c->http))
		return false;
	refuse(c, 503,
	        TR("too many large bodies are coming in: try again in a moment",
	                "큰 본문이 너무 많이 들어오고 있습니다. 잠시 뒤 다시 "
	                "시도하세요"));
	return true;
}

static void hand_over(struct conn *c)
{
	c->ex = (struct exchange){.open = true};
	arm(c, DEADLINE_NONE);
	c->all->handler(&c->ex, c->all->arg);
}

/* True when a request was answered at once. */
static bool step(struct conn *c, enum http_state state)
{
	const char *why;
	if (state == HTTP_REFUSED) {
		int status = http_refusal(c->http, &why);
		refuse(c, status, why);
		return false;
	}
	if (state == HTTP_MORE && !http_in_body(c->http))
		return false;
	if (!admitted(c) || too_much_held(c))
		return false;
	if (state == HTTP_CONTINUE)
		buf_adds(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	if (state != HTTP_REQUEST)
		return false;
	hand_over(c);
	return !c->ex.open && !c->gone;
}

static enum http_state next(struct conn *c)
{
	c->spent = c->admitted = false;
	return http_next(c->http);
}

static void serve(struct conn *c, enum http_state state)
{
	c->serving = true;
	for (int n = 1; step(c, state); n++) {
		if (c->out.len > WAITING_MAX)
			conn_flush(c);
		if (c->last || c->gone || n == BATCH || conn_pending(c))
			break;
		state = next(c);
	}
	c->serving = false;
	conn_flush(c);
	settle(c);
}

/* Decides what the connection waits for now. */
static void settle(struct conn *c)
{
	if (c->gone || c->lingering)
		return;
	if (c->spent && !c->last && !conn_pending(c) && !http_waiting(c->http))
		next(c);
	account(c);
	if (conn_pending(c))
		arm(c, DEADLINE_ANSWER);
	else if (c->ex.open)
		arm(c, DEADLINE_NONE);
	else if (c->last || (c->eof && !c->spent))
		linger(c);
	else if (c->spent) {
		arm(c, DEADLINE_TURN);
		uv_idle_start(&c->all->turn, on_turn);
	} else if (http_in_body(c->http))
		arm(c, DEADLINE_BODY);
	else
		arm(c, http_in_header(c->http) ? DEADLINE_HEADER : DEADLINE_IDLE);
	if (!c->gone)
		regulate(c);
}

static void on_turn(uv_idle_t *idle)
{
	struct conns *all = idle->data;
	size_t n = deadline_count(&all->deadlines, DEADLINE_TURN);
	/* Not before a round without work: the loop must not sleep on what the handler
	 * was just given. */
	if (!n)
		uv_idle_stop(idle);
	/* Those that want yet another turn stand behind these; a handler may end any. */
	struct deadline *first;
	while (n-- && (first = deadline_first(&all->deadlines, DEADLINE_TURN))) {
		struct conn *c = of_deadline(first);
		arm(c, DEADLINE_NONE);
		serve(c, next(c));
	}
}

static void on_end(struct conn *c, ssize_t error)
{
	uv_read_stop(&c->uv.stream);
	c->reading = false;
	c->eof = true;
	if (error != UV_EOF || c->lingering)
		conn_drop(c);
	else
		settle(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = stream->data;
	if (n < 0)
		on_end(c, n);
	if (n <= 0 || c->lingering || c->gone)
		return;
	bool busy = c->ex.open || c->spent;
	enum http_state state = http_feed(c->http, buf->base, (size_t)n);
	if (c->peer.origin == ORIGIN_HTTP) /* a token is among it */
		explicit_bzero(buf->base, (size_t)n);
	if (!busy)
		serve(c, state);
	else {
		account(c);
		regulate(c);
	}
}

void conn_answered(struct conn *c)
{
	c->ex.open = false;
	if (c->closed) {
		release(c);
		return;
	}
	if (c->gone)
		return;
	c->spent = true;
	if (c->serving)
		return;
	conn_flush(c);
	settle(c);
}

void conn_finish(struct conn *c)
{
	c->last = true;
	if (!c->ex.open && !conn_pending(c) && !c->serving && !c->lingering)
		conn_drop(c);
}

/* ---- coming and growing old ---- */

static void expire(struct conn *c)
{
	bool began = c->deadline.kind == DEADLINE_BODY ||
	             (c->deadline.kind == DEADLINE_HEADER && !http_idle(c->http));
	if (!began) {
		conn_drop(c);
		return;
	}
	refuse(c, 408,
	        TR("the request took too long: its header has 30 seconds, its body 60",
	                "요청이 너무 오래 걸렸습니다. 헤더는 30초, 본문은 60초 안에 와야 "
	                "합니다"));
	conn_flush(c);
	settle(c);
}

static void on_sweep(uv_timer_t *timer)
{
	struct conns *all = timer->data;
	struct deadline *due;
	while ((due = deadline_due(&all->deadlines, uv_now(all->loop))))
		expire(of_deadline(due));
}

static struct conn *conn_new(struct conns *all, enum origin origin)
{
	struct conn *c = mem_alloc(sizeof *c);
	bool tcp = origin != ORIGIN_SOCKET;
	int failed = tcp ? uv_tcp_init(all->loop, &c->uv.tcp)
	                 : uv_pipe_init(all->loop, &c->uv.pipe, 0);
	assert(!failed);
	c->uv.handle.data = c;
	c->all = all;
	c->peer.origin = origin;
	c->http = http_new();
	if (origin == ORIGIN_PUBLIC)
		http_limit(c->http, CONN_PUBLIC_BODY_MAX);
	c->next = all->first;
	if (c->next)
		c->next->prev = c;
	all->first = c;
	if (!c->next)
		uv_timer_start(&all->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	all->crowd.n[origin]++;
	return c;
}

void conn_accept(struct conns *all, uv_stream_t *from, enum origin origin)
{
	bool full = all->closing || crowd_full(&all->crowd, origin);
	struct conn *c = conn_new(all, origin);
	if (uv_accept(from, &c->uv.stream)) {
		conn_drop(c);
		return;
	}
	peer_look(&c->peer, origin, &c->uv.stream);
	if (full) {
		refuse(c, 503,
		        TR("too many connections: try again in a moment",
		                "연결이 너무 많습니다. 잠시 뒤 다시 시도하세요"));
		conn_flush(c);
		conn_drop(c);
		return;
	}
	if (origin != ORIGIN_SOCKET)
		uv_tcp_nodelay(&c->uv.tcp, 1);
	arm(c, DEADLINE_HEADER);
	regulate(c);
}

int conns_open(struct conns *all, uv_loop_t *loop)
{
	all->loop = loop;
	all->sweep.data = all->turn.data = all;
	deadline_init(&all->deadlines);
	crowd_init(&all->crowd);
	int failed = uv_timer_init(loop, &all->sweep);
	return failed ? failed : uv_idle_init(loop, &all->turn);
}

void conns_close(struct conns *all, uv_close_cb closed)
{
	assert(!all->first);
	uv_close((uv_handle_t *)&all->sweep, closed);
	uv_close((uv_handle_t *)&all->turn, closed);
}
