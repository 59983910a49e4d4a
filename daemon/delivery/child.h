/* A mail child: one dangol-mail process, one connection to the mail server. All of it is
 * its own but next. */
#ifndef DANGOL_CHILD_H
#define DANGOL_CHILD_H

#include <uv.h>
#include "base/mem.h"
#include "delivery/channel.h"
#include "delivery/pass.h"
#include "delivery/wire.h"

struct child;
/* Where a child belongs; outlives it. */
struct child_home {
	struct channel *channel;
	struct pass *pass; /* by which it signs in */
	char *program;
	bool closing; /* its end is wanted: nothing to warn of, nobody to wake */
	void *arg;
	void (*gone)(void *arg, struct child *child); /* it takes nothing any more */
	void (*closed)(void *arg);                    /* and its memory is free */
};

struct child {
	struct child *next; /* its home's list */
	const struct child_home *home;
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t timer;
	struct buf input;
	struct wire_shared *shared; /* with it alone */
	struct letter *tasks[WIRE_LETTERS_MOST];
	int n_tasks;
	int round;         /* of the token that it has */
	uint64_t since_us; /* the last answer, or when it got work */
	uint64_t pace_us;  /* mean time a letter; 0: not known yet */
	bool retiring;     /* gets no more letters */
	bool hung_up, exited,
	        ended; /* its input closed; gone; its output read to the end */
	bool silent;   /* killed for it */
	int64_t status;
	int term_signal;
	int handles;
};

/* Starts one. NULL and a libuv error when it cannot be; gone and closed may still come.
 */
struct child *child_new(const struct child_home *home, int *error);
int child_room(const struct child *child);
/* Takes the letter, for which there is room; answered through channel_answer. */
void child_send(struct child *child, struct letter *letter);
void child_hang_up(struct child *child); /* ends when it has answered */
void child_kill(struct child *child);

#endif
