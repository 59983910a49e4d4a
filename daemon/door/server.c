/* The listening sockets of the API and their life from open to close. It knows no request
 * and no route. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "door/conn.h"
#include "door/listener.h"
#include "door/server.h"

#define BACKLOG 511

struct door {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	struct listener listener;
	enum origin origin;
	struct server *server;
	bool open;
};

struct server {
	struct conns conns;
	struct door doors[ORIGINS];
	uv_timer_t grace;
	int port, public_port;
	int handles; /* ours that are not closed yet */
	bool ending;
	void (*closed)(void *arg);
	void *closed_arg;
};

static struct server *server_of(struct conns *conns)
{
	return (struct server *)((char *)conns - offsetof(struct server, conns));
}

static void release(struct server *server)
{
	for (int i = 0; i < ORIGINS; i++)
		listener_close(&server->doors[i].listener);
	free(server);
}

/* ---- closing ---- */

static void count_closed(struct server *server)
{
	if (--server->handles)
		return;
	void (*closed)(void *) = server->closed;
	void *arg = server->closed_arg;
	release(server);
	if (closed)
		closed(arg);
}

static void on_door_closed(uv_handle_t *handle)
{
	struct door *door = handle->data;
	count_closed(door->server);
}

static void on_grace_closed(uv_handle_t *handle)
{
	count_closed(handle->data);
}

static void on_conns_closed(uv_handle_t *handle)
{
	count_closed(server_of(handle->data));
}

static void on_empty(struct conns *conns)
{
	struct server *server = server_of(conns);
	if (!conns->closing || server->ending)
		return;
	server->ending = true;
	conns_close(conns, on_conns_closed);
	uv_close((uv_handle_t *)&server->grace, on_grace_closed);
}

static void on_grace(uv_timer_t *timer)
{
	struct server *server = timer->data;
	for (struct conn *c = server->conns.first; c; c = c->next)
		conn_drop(c);
}

/* A socket file goes first: whoever looks for it then starts a new daemon's, not ours. */
static void shut(struct door *door)
{
	if (!door->open)
		return;
	door->open = false;
	listener_unlink(&door->listener);
	uv_close(&door->uv.handle, on_door_closed);
}

void server_close(
        struct server *server, int grace_ms, void (*closed)(void *arg), void *arg)
{
	assert(!server->conns.closing);
	server->conns.closing = true;
	server->closed = closed;
	server->closed_arg = arg;
	for (int i = 0; i < ORIGINS; i++)
		shut(&server->doors[i]);
	for (struct conn *c = server->conns.first; c; c = c->next)
		conn_finish(c);
	if (!server->conns.first)
		on_empty(&server->conns);
	else
		uv_timer_start(&server->grace, on_grace, (uint64_t)grace_ms, 0);
}

/* ---- opening ---- */

static void on_connection(uv_stream_t *stream, int status)
{
	struct door *door = stream->data;
	if (status < 0) {
		log_warn(TR("a connection could not be taken: %s",
		                 "연결을 받지 못했습니다: %s"),
		        uv_strerror(status));
		return;
	}
	conn_accept(&door->server->conns, stream, door->origin);
}

static bool open_listener(struct door *door, const char *name, const char *address,
        const struct server_listen *listen, char why[256])
{
	int passed = listener_passed(name);
	bool tcp = door->origin != ORIGIN_SOCKET;
	if (passed >= 0)
		return listener_take(&door->listener, passed, name, tcp, why);
	if (!address)
		return true;
	return tcp ? listener_tcp(&door->listener, address, why)
	           : listener_unix(&door->listener, address, listen->socket_mode,
	                     listen->socket_group, why);
}

/* The descriptors first: what can go wrong with them needs no loop to undo it. */
static bool open_listeners(
        struct server *server, const struct server_listen *listen, char why[256])
{
	struct door *doors = server->doors;
	if (!open_listener(
	            &doors[ORIGIN_SOCKET], "socket", listen->socket_path, listen, why) ||
	        !open_listener(
	                &doors[ORIGIN_HTTP], "http", listen->address, listen, why) ||
	        !open_listener(&doors[ORIGIN_PUBLIC], "public", listen->public_address,
	                listen, why))
		return false;
	if (doors[ORIGIN_HTTP].listener.fd < 0 || (listen->token && listen->token->len))
		return true;
	snprintf(why, 256, "%s",
	        TR("the HTTP port needs a token: http \"…\" token credential "
	           "\"api-token\"",
	                "HTTP 포트에는 토큰이 필요합니다: http \"…\" token credential "
	                "\"api-token\""));
	return false;
}

static int open_door(struct door *door)
{
	int fd = door->listener.fd;
	if (fd < 0)
		return 0;
	uv_loop_t *loop = door->server->conns.loop;
	bool tcp = door->origin != ORIGIN_SOCKET;
	int error = tcp ? uv_tcp_init(loop, &door->uv.tcp)
	                : uv_pipe_init(loop, &door->uv.pipe, 0);
	assert(!error);
	door->open = true;
	door->uv.handle.data = door;
	door->server->handles++;
	error = tcp ? uv_tcp_open(&door->uv.tcp, fd) : uv_pipe_open(&door->uv.pipe, fd);
	if (!error) {
		door->listener.fd = -1; /* the handle's from here on */
		error = uv_listen(&door->uv.stream, BACKLOG, on_connection);
	}
	return error;
}

static struct server *server_new(uv_loop_t *loop, const struct server_listen *listen,
        server_handler handler, void *arg)
{
	struct server *server = mem_alloc(sizeof *server);
	for (int i = 0; i < ORIGINS; i++) {
		server->doors[i].listener.fd = -1;
		server->doors[i].origin = (enum origin)i;
		server->doors[i].server = server;
	}
	server->conns.loop = loop;
	server->conns.tokens =
	        (struct admit_tokens){.all = listen->token, .post = listen->post_token};
	server->conns.serves = listen->serves;
	server->conns.proxied = listen->proxied;
	server->conns.handler = handler;
	server->conns.arg = arg;
	server->conns.on_empty = on_empty;
	return server;
}

struct server *server_open(uv_loop_t *loop, const struct server_listen *listen,
        server_handler handler, void *arg, char why[256])
{
	struct server *server = server_new(loop, listen, handler, arg);
	if (!open_listeners(server, listen, why)) {
		release(server);
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	int error = conns_open(&server->conns, loop);
	assert(!error);
	error = uv_timer_init(loop, &server->grace);
	assert(!error);
	server->grace.data = server;
	server->handles = 3;
	server->port = listener_port(server->doors[ORIGIN_HTTP].listener.fd);
	server->public_port = listener_port(server->doors[ORIGIN_PUBLIC].listener.fd);
	for (int i = 0; i < ORIGINS && !error; i++)
		error = open_door(&server->doors[i]);
	if (!error)
		return server;
	snprintf(why, 256, TR("cannot listen: %s", "연결을 기다릴 수 없습니다: %s"),
	        uv_strerror(error));
	server_close(server, 0, NULL, NULL);
	return NULL;
}

int server_port(const struct server *server)
{
	return server->port;
}

int server_public_port(const struct server *server)
{
	return server->public_port;
}
