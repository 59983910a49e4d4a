/* Answers of the handler. It never touches a socket itself. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "door/conn.h"
#include "door/exchange.h"

static struct conn *conn_of(const struct exchange *ex)
{
	return (struct conn *)((char *)ex - offsetof(struct conn, ex));
}

const struct http_request *exchange_request(const struct exchange *ex)
{
	assert(ex->open);
	return http_get(conn_of(ex)->http);
}

enum origin exchange_origin(const struct exchange *ex)
{
	return conn_of(ex)->peer.origin;
}

const struct peer *exchange_peer(const struct exchange *ex)
{
	return &conn_of(ex)->peer;
}

bool exchange_gone(const struct exchange *ex)
{
	return conn_of(ex)->gone;
}

static bool head_only(struct conn *c)
{
	return !strcmp(http_get(c->http)->method, "HEAD");
}

static bool keeps_alive(struct conn *c)
{
	if (!http_get(c->http)->keep_alive || c->all->closing)
		c->last = true;
	return !c->last;
}

void exchange_answer(struct exchange *ex, int status, const char *content_type,
        const char *extra, const char *body, size_t len)
{
	struct conn *c = conn_of(ex);
	assert(ex->open && !ex->streaming);
	if (!c->gone)
		http_respond(&c->out, status, content_type, extra, body, len,
		        keeps_alive(c), head_only(c));
	conn_answered(c);
}

void exchange_stream(struct exchange *ex, int status, const char *content_type)
{
	struct conn *c = conn_of(ex);
	assert(ex->open && !ex->streaming);
	ex->streaming = true;
	if (c->gone)
		return;
	ex->chunked = http_get(c->http)->minor == 1;
	http_respond_stream(&c->out, status, content_type, ex->chunked, keeps_alive(c));
}

bool exchange_chunk(struct exchange *ex, const void *data, size_t len)
{
	struct conn *c = conn_of(ex);
	assert(ex->open && ex->streaming);
	if (c->gone)
		return false;
	if (!len || head_only(c))
		return !ex->full;
	if (ex->chunked)
		buf_printf(&c->out, "%zx\r\n", len);
	buf_add(&c->out, data, len);
	if (ex->chunked)
		buf_add(&c->out, "\r\n", 2);
	conn_flush(c);
	ex->full = !c->gone && conn_pending(c) > CONN_STREAM_MAX;
	return !c->gone && !ex->full;
}

void exchange_end(struct exchange *ex)
{
	struct conn *c = conn_of(ex);
	assert(ex->open && ex->streaming);
	if (!c->gone && ex->chunked && !head_only(c))
		buf_adds(&c->out, "0\r\n\r\n");
	conn_answered(c);
}

void exchange_on_drain(
        struct exchange *ex, void (*on_drain)(struct exchange *ex, void *arg), void *arg)
{
	ex->on_drain = on_drain;
	ex->drain_arg = arg;
}

void exchange_problem(struct exchange *ex, int status, const char *title,
        const char *detail, const char *pointer, const char *extra)
{
	char *body = conn_problem(status, title, detail, pointer);
	exchange_answer(ex, status, conn_problem_type, extra, body, strlen(body));
	free(body);
}
