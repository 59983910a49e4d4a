/* Who is in, by the way they came: how many connections there are, how much of their
 * requests is kept, and how often the public port may still be asked. Bounds alone; it
 * knows no socket. */
#ifndef DANGOL_CROWD_H
#define DANGOL_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "door/rate.h"

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
#define CROWD_BURST 200    /* … and at once after a pause; one more is told 429 */
#define CROWD_EACH_RATE 50 /* of them from one address, where it is known */
#define CROWD_EACH_BURST 100
/* Wrong tokens from one address: then its tokens are not looked at for a moment. */
#define CROWD_GUESS_RATE 2
#define CROWD_GUESS_BURST 20

struct crowd {
	size_t n[ORIGINS], held[ORIGINS];
	struct bucket open;         /* the public port's */
	struct rates each, guesses; /* of one address there; of wrong tokens */
};

void crowd_init(struct crowd *crowd);

bool crowd_full(const struct crowd *crowd, enum origin origin);  /* for one more */
bool crowd_heavy(const struct crowd *crowd, enum origin origin); /* for more of a body */
/* One request of the public port from that address ("": not known); false where there
 * were too many. now_ms: any steady clock. */
bool crowd_take(struct crowd *crowd, const char *address, uint64_t now_ms);
/* Wrong tokens came from there, too many of late; one more. */
bool crowd_guesses(struct crowd *crowd, const char *address, uint64_t now_ms);
void crowd_guessed(struct crowd *crowd, const char *address, uint64_t now_ms);

#endif
