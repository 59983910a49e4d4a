/* A connection: reads, hands whole requests over one at a time and in order, writes their
 * answers. Private to the server and the exchange. */
#ifndef DANGOL_CONN_H
#define DANGOL_CONN_H

#include <uv.h>
#include "door/admit.h"
#include "door/deadline.h"
#include "door/http.h"
#include "door/peer.h"

#define CONN_INPUT (64 * 1024)
#define CONN_PUBLIC_BODY_MAX (1024 * 1024) /* over the public port; else http.h's */
#define CONN_STREAM_MAX \
	(1024 * 1024) /* unread bytes of a streamed answer; past it the producer is \
	                 stopped */

struct exchange {
	bool open; /* the handler owes an answer */
	bool streaming, chunked, full;
	void (*on_drain)(struct exchange *ex, void *arg);
	void *drain_arg;
};

/* All connections of a server. */
struct conns {
	uv_loop_t *loop;
	struct admit_tokens tokens;
	bool (*serves)(const struct http_request *request); /* the public port's; NULL:
	                                                       nothing */
	void (*handler)(struct exchange *ex, void *arg);
	void *arg;
	void (*on_empty)(struct conns *all); /* the last one is closed */
	struct deadlines deadlines;
	uv_timer_t sweep;
	uv_idle_t turn;
	struct conn *first;
	struct crowd crowd;
	bool proxied; /* the public port: a proxy of ours tells addresses */
	bool closing;
	char input[CONN_INPUT]; /* a read is used up before the next one */
};

struct conn {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	uv_shutdown_t shutdown;
	struct conns *all; /* NULL once closed */
	struct conn *prev, *next;
	struct deadline deadline;
	struct http *http;
	struct buf out;
	struct exchange ex;
	size_t held;
	struct peer peer;
	bool admitted; /* this request, by its header */
	bool spent;    /* the request is answered, the next not yet looked at */
	bool last;     /* close after what is written */
	bool serving;  /* answers are written at its end */
	bool reading, eof, lingering;
	bool gone;   /* being closed: nothing is written any more */
	bool closed; /* stays only for the answer that is owed */
};

int conns_open(
        struct conns *all, uv_loop_t *loop); /* the rest is the caller's to fill in */
void conns_close(struct conns *all,
        uv_close_cb closed); /* its two handles; called once for each */

/* Accepts from a listening stream; one too many is told 503. */
void conn_accept(struct conns *all, uv_stream_t *from, enum origin origin);
void conn_drop(struct conn *c);
void conn_finish(struct conn *
                c); /* what the server closes for: at once, or after the answer it owes */
void conn_flush(struct conn *c);
size_t conn_pending(const struct conn *c);
void conn_answered(struct conn *c); /* the exchange's end; may free c */
/* A problem's body, returns new. */
char *conn_problem(
        int status, const char *title, const char *detail, const char *pointer);
extern const char conn_problem_type[];

#endif
