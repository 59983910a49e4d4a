/* Who speaks: the door, who he is there, and from where. */
#ifndef DANGOL_PEER_H
#define DANGOL_PEER_H

#include <sys/types.h>
#include <uv.h>
#include "door/crowd.h"
#include "door/http.h"

#define PEER_ACCOUNT 64
#define PEER_ADDRESS 46

/* What a token lets its bearer do. */
enum role {
	ROLE_NONE,
	ROLE_ALL,  /* everything: reads as well */
	ROLE_POST, /* what a till needs: events in, coupons at the counter */
};

struct peer {
	enum origin origin;
	enum role role; /* over http: by the token of the request */
	bool has_uid;   /* over the socket */
	uid_t uid;
	char address[PEER_ADDRESS]; /* over TCP; "" when it is not known */
	bool local;                 /* the connection's other end is this machine */
	bool proven;                /* over http: has shown a token that is right */
};

/* Of a connection just accepted: who the kernel says it is. */
void peer_look(struct peer *peer, enum origin origin, const uv_stream_t *stream);
/* Behind a proxy of this machine: the last hop of X-Forwarded-For, which the proxy saw
 * itself; "" where it tells none. For each request. */
void peer_behind(struct peer *peer, const struct http_request *request);
const char *peer_door(const struct peer *peer); /* "socket", "http", "public" */
/* "uid 1000 (kim)", "token", "post-token"; "" over the public port. Returns out. */
const char *peer_account(const struct peer *peer, char out[PEER_ACCOUNT]);

#endif
