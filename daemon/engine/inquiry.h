/* One explanation under way: what its parts find out and hand on to each other. */
#ifndef DANGOL_INQUIRY_H
#define DANGOL_INQUIRY_H

#include "engine/explanation.h"
#include "engine/state.h"
#include "store/customer.h"
#include "store/event.h"
#include "store/skip.h"
#include "store/trace.h"

/* What the answer comes to; of several causes the heaviest is told, and of equals the
 * first that would have stopped it. */
enum explain_verdict {
	EXPLAIN_GETS,   /* nothing stands in the way */
	EXPLAIN_PAST,   /* the same, but the last occasion came to nothing */
	EXPLAIN_LATER,  /* it would wait */
	EXPLAIN_INSIDE, /* he is in it, and waits */
	EXPLAIN_NOT
};

/* What would have begun and did not, and left no run. */
struct skipped {
	int64_t at;
	const char *occasion;
	const char *word; /* of a reason, or of store/skip.h */
	int64_t n;        /* times, of which this is the last */
};
#define SKIPPED_MOST 40

struct inquiry {
	struct engine *engine;
	struct rule_state *state;
	const struct rule *rule; /* of the version that applies to him */
	const struct customer *customer;
	struct arena *arena;
	int64_t now;
	int64_t at;                  /* what now is for its conditions */
	int64_t begins;              /* when it would begin, or go on */
	struct run runs[TRACE_RUNS]; /* newest first */
	int n_runs;
	struct run inside;  /* id 0: he is not inside */
	struct event event; /* the last that could start it, or that did */
	bool has_event;
	char occasion[96]; /* the one that comes or was last; "" when none is known */
	struct message *messages; /* of its runs, those of one run together, in order */
	size_t n_messages;
	int64_t got_at;    /* when a message of it last left for him; 0: never */
	int64_t passed_at; /* when the occasion that is told as passed was due, or 0 */
	char passed[96];
	struct skipped skipped[SKIPPED_MOST];
	size_t n_skipped;
	bool spent; /* the only occasion that the rule will have for him is used up */
	bool waits; /* a message of his is under way */
	const char *missed; /* a cause that only counts when there is no other */
	enum explain_verdict missed_verdict, verdict;
	const char *cause;
	size_t room;
	struct explanation *out;
};

void inquiry_add(struct inquiry *in, const char *kind, const char *what,
        const char *value, enum truth holds);
/* The same, of a part of a condition or with what a message is stopped for. */
void inquiry_check(struct inquiry *in, const struct explain_check *check);
/* because: a clause that stands behind "because", in Korean before "때문에". */
void inquiry_blame(struct inquiry *in, enum explain_verdict verdict, const char *because);
const char *inquiry_when(struct inquiry *in, int64_t ms); /* "2026-11-23 10:00" */
const char *inquiry_print(struct inquiry *in, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
struct moment inquiry_moment(const struct inquiry *in);
bool inquiry_knows(const struct inquiry *in, const char *occasion); /* among its runs */

/* A clause for a reason, and for the word that an ended run carries. */
const char *explain_because(enum reason reason);
const char *explain_ended_because(const char *word);

void explain_trigger(struct inquiry *in);
void explain_border(struct inquiry *in); /* the same, for enters and leaves */
void explain_conditions(struct inquiry *in);
/* Shows the parts of a condition; returns the clause that blames its first part that is
 * not true, or NULL. */
const char *explain_parts(struct inquiry *in, const char *kind, struct cond *cond,
        const struct event *looked_at);
void explain_clauses(struct inquiry *in); /* holdout, limits, one per address */
void explain_sends(struct inquiry *in);   /* coupons, and each leg of each send */
void explain_runs(struct inquiry *in);    /* reads them; who is inside */
void explain_position(struct inquiry *in);
void explain_past(struct inquiry *in);    /* what the last occasion came to */
void explain_skipped(struct inquiry *in); /* finds those that left no run */
void explain_history(struct inquiry *in);

#endif
