/* Reach: whom a rule would begin for, now and within a week, and why the others are left
 * out. It asks the compiled rule and the gate themselves, on a connection of its own, for
 * a thread of the pool. */
#ifndef DANGOL_REACH_H
#define DANGOL_REACH_H

#include "engine/state.h"

#define REACH_LEGS 8
#define REACH_SAMPLE 10
#define REACH_LIMIT REASONS
#define REACH_BULK (REASONS + 1)
#define REACH_REASONS (REASONS + 2)

/* Owns what it points to: nothing of the loop's is looked at meanwhile. */
struct reach_question {
	char *store, *rule, *source; /* the path, the name, the pinned text */
	char *timezone, *owner_sms, *owner_email;
	struct shop shop; /* its figures; texts and zone are taken from above */
	/* of the first message: what its legs' templates make of them */
	const char *purposes[REACH_LEGS]; /* static */
	int64_t now;
};
/* Copies what it needs of a rule in force. Returns new. */
struct reach_question *reach_question_new(
        const struct engine *engine, const struct rule *rule, int64_t now);
void reach_question_free(struct reach_question *question); /* takes NULL */

/* Customers, each counted once. */
struct reach_span {
	int64_t found, reached; /* by trigger and condition; of them, by a message */
	int64_t left_out[REACH_REASONS]; /* found minus reached, by enum reason */
	int64_t legs[REACH_LEGS];        /* reached, by the leg that would go */
	int64_t first[REACH_LEGS];       /* one of those customers */
};
struct reach {
	bool owner;    /* it speaks to the owner alone: found and reached stay 0 */
	bool partial;  /* the store is too large for the time there was */
	int64_t times; /* within the week: hours at which it looks, or events like those
	                  of the last seven days */
	struct reach_span now, week;
	char sample[REACH_SAMPLE][256]; /* ids of who is reached now */
	int n_sample;
	int n_legs; /* of the first message that goes to customers */
	char channels[REACH_LEGS][16], templates[REACH_LEGS][80];
};
/* Until that instant of clock_mono; what is not done then is partial. false when the
 * store cannot be read or the rule no longer compiles. */
bool reach_ask(
        const struct reach_question *question, int64_t until_mono, struct reach *out);

const char *reach_reason(int reason); /* "no_consent" … "limit", "bulk" */

#endif
