/* A child that reads the mailbox of returned mails once: dangol-mail, called with the
 * word bounces. Killed after a minute. */
#ifndef DANGOL_READER_H
#define DANGOL_READER_H

#include <uv.h>
#include "delivery/wire.h"

/* One mail of the mailbox, and what it says. */
struct returned {
	struct returned *next;
	struct wire_mail place;
	struct bounce *bounces;
	size_t n;
	void *owner; /* who took it */
	bool ours;   /* it says something of a message of ours */
};
void returned_free(struct returned *returned); /* takes NULL */

struct reader;
struct reader_ops {
	/* The next mail, read to its end; the caller's. */
	void (*mail)(void *arg, struct returned *returned);
	/* There are no more, or why there are none. The child stays until it is let go:
	 * it may be told what to mark. */
	void (*read)(void *arg, const struct wire_read *read);
	/* It has ended and its memory is free. at: the mail that it died of, or NULL;
	 * borrowed.
	 */
	void (*gone)(void *arg, const struct wire_mail *at, bool early, const char *why);
};
/* Starts one. NULL and why (256): it cannot be; gone does not come then. */
struct reader *reader_new(uv_loop_t *loop, const struct wire_box *box,
        const struct reader_ops *ops, void *arg, char why[256]);
void reader_mark(struct reader *reader, const struct wire_mail *mail);
void reader_let_go(struct reader *reader); /* it ends when it has marked all */
void reader_kill(struct reader *reader);

#endif
