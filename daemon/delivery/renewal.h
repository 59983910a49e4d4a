/* One run of the program that `renew` names: it fetches an access token and prints it.
 * Started without a shell and without arguments, in a process group of its own, at /,
 * with PATH and HOME alone and /dev/null for stdin and stderr. What it prints is never
 * logged. */
#ifndef DANGOL_RENEWAL_H
#define DANGOL_RENEWAL_H

#include <uv.h>
#include "delivery/bearer.h"

enum { RENEWAL_LIMIT_MS = 30000 /* then it and its group are killed */ };

struct renewal;
struct renewal_plan {
	uv_loop_t *loop;
	const char *program; /* absolute; borrowed until the end */
	int limit_ms;        /* RENEWAL_LIMIT_MS; real time */
	/* Once, from the loop. bearer: the callee takes what is in it; NULL: there is
	 * none, and why in the owner's words. */
	void (*done)(void *arg, struct bearer *bearer, const char *why);
	/* Once, after done or renewal_cancel: nothing is left of it. */
	void (*closed)(void *arg);
	void *arg;
};
struct renewal *renewal_begin(const struct renewal_plan *plan);
/* Its end is not waited for: done does not come any more, closed still does. Not after
 * done. */
void renewal_cancel(struct renewal *renewal);

#endif
