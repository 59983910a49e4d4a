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

/* What channels told between two turns, written down in the next one, in order. */
enum told_kind { TOLD_NEWS, TOLD_ASKED, TOLD_NOTE, TOLD_KEEP, TOLD_REFUSAL };
struct told {
	struct told *next;
	struct dispatch *dispatch;
	struct line *line;
	enum told_kind kind;
	uint64_t serial;  /* its place in the order of telling */
	struct news news; /* NEWS */
	int64_t bundle;   /* ASKED, NOTE */
	enum asked how;   /* ASKED */
	int64_t after;    /* ASKED: of its messages those up to this one are done */
	int64_t left;     /* ASKED: … and up to this one once the turn stands; 0: all */
	char *name, *text;                   /* NOTE, KEEP, REFUSAL: owned */
	int64_t until;                       /* KEEP */
	void (*noted)(void *arg, bool kept); /* NOTE */
	void *arg;
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
	struct outcome_kept *again, **again_end;
	int n_again;      /* how many there are */
	bool woken;       /* what an earlier budget held was looked at … */
	int64_t woken_to; /* … up to this message */
	bool registered; /* what waits for a sender is to be looked at: at first, and when
	                    one is registered … */
	int64_t registered_to; /* … up to this message it was */
	struct told *told, **told_end;
	uint64_t told_serial;
	struct bounces *bounces; /* of returned mails; NULL: no mailbox is named */
	uint8_t link_key[32];
	bool has_link_key;
	struct dispatch *const *heir; /* who writes what this one could not; or NULL */
	int closing;                  /* channels still to close, and the timer */
	void (*freed)(void *arg);
	void *freed_arg;
	char why[512];
};

void dispatch_wake(struct dispatch *d);
struct line *dispatch_line(struct dispatch *d, const char *channel); /* or NULL */
struct line *dispatch_owner_line(struct dispatch
                *d); /* by text message where that is set up, else by e-mail; or NULL */
struct line *dispatch_line_of(const struct channel *channel);

/* What channels tell, wired to those of a line that opens. */
void told_wire(struct dispatch *d, struct channel *channel);
/* Gives a channel that opened what it had kept before. */
void told_recall(struct dispatch *d, struct line *line);
void told_refusal(struct channel *channel, const char *address);
/* Writes down what was told, in the turn under way, as much as a turn may take. */
void told_settle(struct dispatch *d, int64_t now);
void told_forget(struct dispatch *d); /* at the end: who waits for a note is told no */
int64_t inquire_first(int64_t now);   /* when a bundle handed now is asked about first */
/* Takes over the lists of who refused at the providers, when it is time. Returns the next
 * time, 0: never. */
int64_t refusals_run(struct dispatch *d, int64_t now);
/* Asks providers whether the senders of text messages are registered: of each line once
 * it is open, then day by day, oftener while one is not; writes down what they said.
 * Returns the next time, 0: none. */
int64_t registrations_run(struct dispatch *d, int64_t now);
/* Something of the account is wrong: whether it is the sender is asked soon. True: the
 * outcome itself says so. */
bool registration_doubt(struct line *line, const struct outcome *outcome, int64_t now);
/* Moves the message's due instant where the line's sender is not registered; true: it
 * waits. In the turn under way. */
bool registration_waits(
        struct db *db, struct line *line, const struct message *message, int64_t now);
/* Asks about what is due. Returns when the next is due, 0: none. */
int64_t inquire_run(struct dispatch *d, int64_t now);
/* An asking has ended so. In the turn under way, as much as one may take: begins with the
 * messages beyond after (0: with the first) and returns after which to go on, 0: that was
 * all. */
int64_t inquire_asked(
        struct dispatch *d, int64_t bundle, enum asked how, int64_t after, int64_t now);

#endif
