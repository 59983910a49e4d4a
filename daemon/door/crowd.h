/* Who is in, by the way they came: how many connections there are, how much of their
 * requests is kept, and how often the public port may still be asked. Bounds alone; it
 * knows no socket. */
#ifndef DANGOL_CROWD_H
#define DANGOL_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By which way a peer came in. */
enum origin {
	ORIGIN_SOCKET, /* the Unix socket, whose mode decides */
	ORIGIN_HTTP,   /* the loopback port, by the token */
	ORIGIN_PUBLIC, /* the public port: whatever a request shows by itself */
	ORIGINS
};

#define CROWD_MAX 1024 /* connections; one more is told 503 and closed */
#define CROWD_TCP_MAX \
	768 /* of them over TCP: the Unix socket stays open to the owner \
	     */
#define CROWD_PUBLIC_MAX 256 /* of them over the public port: http stays open */
#define CROWD_HELD_MAX \
	(128 * 1024 * 1024) /* bytes of requests; past it a body that \
	                       still comes is told 503 */
#define CROWD_PUBLIC_HELD_MAX (32 * 1024 * 1024) /* of them from the public port */
#define CROWD_RATE \
	100 /* requests a second that the public port reads, from all peers … */
#define CROWD_BURST 200 /* … and at once after a pause; one more is told 429 */

struct crowd {
	size_t n[ORIGINS], held[ORIGINS];
	uint64_t spent_ms; /* of the bucket: what the requests read so far have used up */
	uint64_t since_ms;
};

bool crowd_full(const struct crowd *crowd, enum origin origin);  /* for one more */
bool crowd_heavy(const struct crowd *crowd, enum origin origin); /* for more of a body */
/* One request of the public port; false where there were too many. now_ms: any steady
 * clock. */
bool crowd_take(struct crowd *crowd, uint64_t now_ms);

#endif
