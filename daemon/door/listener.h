/* The sockets one listens on, as descriptors: made here or passed by systemd. Each is
 * bound with its final mode and group before a peer can reach it, and not yet listening.
 */
#ifndef DANGOL_LISTENER_H
#define DANGOL_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

struct listener {
	int fd;     /* -1: none. Not blocking, not inherited */
	char *path; /* of a socket file that we made, else NULL */
	dev_t dev;  /* which file that is */
	ino_t ino;
};

/* Descriptors that systemd passed under the name ("socket", "http", "public"); -1 when
 * there is none. Each is given once. */
int listener_passed(const char *name);
/* False and why (256 bytes): what is wrong and what to do. listener_close releases what
 * was opened. */
bool listener_unix(struct listener *listener, const char *path, int mode,
        const char *group, char why[256]);
bool listener_tcp(struct listener *listener, const char *address, char why[256]);
/* Takes a passed descriptor after a look at it. */
bool listener_take(
        struct listener *listener, int fd, const char *name, bool tcp, char why[256]);
int listener_port(int fd); /* 0 when it has none */
void listener_unlink(
        struct listener *listener); /* removes the socket file if it is still ours */
void listener_close(struct listener
                *listener); /* the descriptor too, when nobody took it (fd to -1) */

#endif
