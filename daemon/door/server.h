/* The listening sockets and their connections on the loop: a Unix socket whose mode
 * decides who may speak, and a loopback port where every call but /healthz needs the
 * bearer token, and a public port that serves what carries its own proof. Absolute
 * deadlines, bounded connections, bounded answers. Knows no API:
 * whole requests go to one handler. */
#ifndef DANGOL_SERVER_H
#define DANGOL_SERVER_H

#include <uv.h>
#include "base/secret.h"
#include "door/exchange.h"

struct server_listen {
	const char *socket_path;  /* NULL: none. A stale socket file is replaced; a living
	                             one is a mistake */
	int socket_mode;          /* 0660 */
	const char *socket_group; /* NULL: the process's own */
	const char *address; /* "127.0.0.1:8484" or "[::1]:8484"; NULL: none; loopback
	                        only. Port 0 picks one */
	const struct secret *token;      /* required with address */
	const struct secret *post_token; /* whose bearer may only post; NULL: none */
	/* The public port, loopback too: a proxy with TLS stands before it. NULL: none.
	 * serves tells by a request's header what is served there; the rest is 404. */
	const char *public_address;
	bool proxied; /* it tells the address that it speaks for: X-Forwarded-For */
	bool (*serves)(const struct http_request *request);
};

/* May answer at once or later. An answer from a hook never starts the connection's next
 * request in the same turn. */
typedef void (*server_handler)(struct exchange *ex, void *arg);

struct server;
/* Opens the sockets (or takes those that systemd passed: LISTEN_FDS, names "socket",
 * "http" and "public"). why (256 bytes) says what to do on failure. Returns NULL then.
 * The handler runs on the loop for every authorised request; 401s and the gate's refusals
 * are answered by the server itself, as problem+json. What listen points to is copied,
 * but the token is borrowed until closed. SIGPIPE is ignored from then on. */
struct server *server_open(uv_loop_t *loop, const struct server_listen *listen,
        server_handler handler, void *arg, char why[256]);
int server_port(const struct server *server); /* the TCP port in use, 0 when none */
int server_public_port(const struct server *server); /* likewise */
/* Stops accepting, lets started exchanges finish for at most grace_ms, closes everything,
 * removes the socket file, then calls closed. The server is freed by then. */
void server_close(
        struct server *server, int grace_ms, void (*closed)(void *arg), void *arg);

#endif
