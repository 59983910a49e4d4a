/* The letters of one connection and what is known of each: the part that both ways of
 * speaking SMTP share. */
#ifndef DANGOL_MAIL_BATCH_H
#define DANGOL_MAIL_BATCH_H

#include <stdint.h>
#include "delivery/channel.h"
#include "delivery/mail/reply.h"

enum {
	BATCH_MOST = 100,
	BATCH_CONNECT_S = 20,
	BATCH_LETTER_S = 50,
	BATCH_LINGER_MS = 200
};

/* One letter on its way. */
struct job {
	struct letter *letter; /* NULL once answered */
	char *text;            /* the message, rendered when it is wanted */
	size_t len;
	bool rendered;           /* text NULL then: it cannot be */
	char from[256], to[256]; /* the envelope */
	int tries;               /* connections in which its turn came */
	bool leaving;            /* its end may have left */
};
struct batch {
	struct job *jobs[BATCH_MOST]; /* owned; in the order of sending */
	int n, open;                  /* open: not answered yet */
};

/* Takes the letter; one that cannot be put into an envelope is answered at once (NULL).
 */
struct job *batch_add(struct batch *batch, struct letter *letter);
/* Renders the message; ends the process when dangold has gone. Long enough that libesmtp,
 * which writes 2 KiB at a time, sends some of the text apart from its end. */
void batch_render(struct job *job);
int64_t batch_now_us(void); /* the machine's monotonic clock */
/* Stands between a letter's text and its end: a server that drops the connection over the
 * text is noticed before the end leaves. Waits as long as the server lately took for a
 * reply (reply_us), at most 20 ms, and renders `next` (or NULL) meanwhile. true: dangold
 * is told, the end may leave. false: the server is gone. */
bool batch_hold(struct job *job, int fd, int64_t reply_us, struct job *next);
void batch_answer(struct batch *batch, struct job *job, const struct outcome *outcome);
/* By a reply; what was accepted carries the letter's key as its id. */
void batch_reply(struct batch *batch, struct job *job, enum reply_stage stage,
        const struct reply *reply);
/* After a connection's end: what may have left is unknown; what did not get its turn
 * stays for the next one when `reached` (the server talked about letters), else is
 * answered with why. Drops what is answered. */
void batch_settle(struct batch *batch, bool reached, const struct outcome *why);

#endif
