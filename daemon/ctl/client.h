/* HTTP/1.1 over the daemon's Unix socket, one call a connection, blocking. */
#ifndef DANGOL_CTL_CLIENT_H
#define DANGOL_CTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"

struct client_request {
	const char *method, *target; /* the target is encoded already */
	const char *type;            /* of the body, or NULL */
	const void *body;
	size_t len;
	/* Called for each line of a good answer (without its end) as it comes; NULL: the
	 * whole body is collected. */
	void (*line)(void *arg, const char *line, size_t len);
	void *arg;
};
struct client_answer {
	int status;
	struct buf body;
};

void client_use(const char *socket_path); /* borrowed */
const char *client_socket(
        void); /* told, else $DANGOL_SOCKET, else /run/dangol/dangol.sock */
/* 0, or -1 and why (512 bytes) in the owner's language: which socket, and how to start
 * the daemon. */
int client_call(
        const struct client_request *request, struct client_answer *out, char why[512]);
void client_escape(
        struct buf *out, const char *text); /* percent-encodes one segment or value */

#endif
