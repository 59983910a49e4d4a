/* What dispatch's own files share: not for others. */
#ifndef DANGOL_DISPATCH_INNER_H
#define DANGOL_DISPATCH_INNER_H

#include "delivery/letter.h"
#include "delivery/line.h"
#include "engine/engine.h"

#define DISPATCH_OWNER "owner"
#define DISPATCH_POST "post" /* the line of the step post: no channel of dangol.conf */

/* An outcome to be written down, again where its turn was undone. */
struct outcome_kept {
	struct outcome_kept *next;
	struct dispatch *dispatch;
	struct letter *letter; /* its own */
	struct outcome outcome;
};

struct dispatch {
	struct engine *engine;
	struct line *lines;
	size_t n_lines;
	struct line owner; /* no channel of its own: what goes to the owner waits under
	                      this name */
	uv_loop_t *loop;
	uv_timer_t *rate_timer;
	letter_recorder recorder;
	void *recorder_arg;
	void (*wake)(void *arg);
	void *wake_arg;
	struct outcome_kept *again;
	int n_again;      /* how many there are */
	bool woken;       /* what an earlier budget held was looked at … */
	int64_t woken_to; /* … up to this message */
	uint8_t link_key[32];
	bool has_link_key;
	int closing; /* channels still to close, and the timer */
	void (*freed)(void *arg);
	void *freed_arg;
	char why[512];
};

void dispatch_wake(struct dispatch *d);
struct line *dispatch_line(struct dispatch *d, const char *channel); /* or NULL */
struct line *dispatch_owner_line(struct dispatch
                *d); /* by text message where that is set up, else by e-mail; or NULL */

#endif
