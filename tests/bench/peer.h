/* What the two sides of a measurement share: time, sockets, and whole HTTP messages in a
 * connection's bytes. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#define PEER_IN (1 << 20) /* bytes of one message, at most */

/* One connection. */
struct peer {
	int fd;
	char *in, *out;
	size_t in_len, out_len, out_at;
	double asked_at;
};

double peer_now(void); /* s */
void peer_die(const char *what);
int peer_listen(int port); /* on loopback */
/* Takes what connects; its events carry a peer, the listener's NULL. */
void peer_greet(int poll, int listener);
void peer_bye(struct peer *peer);
/* The length of the first whole HTTP message in data, 0 when there is none yet. data has
 * room for one byte more than len. */
size_t peer_whole(char *data, size_t len);
/* The first whole message of a peer is dealt with. */
void peer_drop(struct peer *peer, size_t message);

extern volatile sig_atomic_t peer_ended; /* SIGTERM came */
void peer_end_on_term(void);

#endif
