/* Steps: one customer's run through a rule's operations, from one stop to the next. */
#ifndef DANGOL_STEP_H
#define DANGOL_STEP_H

#include "engine/state.h"
#include "store/event.h"

/* The event that started a run, read again from the store; NULL in *out->source when
 * there was none. */
struct run_event {
	struct arena *arena;
	struct event event;
	bool found;
};

/* Goes on with a run that is due, from run->pc, until it waits, sends or ends. Writes
 * where it stands. */
void step_run(
        struct engine *engine, struct run *run, const struct rule *rule, int64_t now);
/* An event of a customer who is in this run: ends a wait by `unless`, fulfils a `wait
 * for`, counts for the goal. True when it did something. */
bool step_event(struct engine *engine, struct run *run, const struct rule *rule,
        const struct event *event, int64_t now);
/* Plans leg number leg of the send at step; false when that leg does not exist. Whoever
 * asks writes down that the run planned one more. */
bool step_plan(struct engine *engine, const struct run *run, const struct rule *rule,
        int step, int leg, int64_t now);
/* Has the rule nothing left to do, give or measure once the message of the operation at
 * pc is planned? Then the run need not stay for it, so that the next occasion (another
 * receipt) finds the customer free. */
bool step_last_words(const struct rule *rule, int pc);
bool step_gives(const struct rule *rule); /* a coupon, anywhere */
/* The purpose of a message: the rule's, or an advertisement where the template says so.
 */
const char *step_purpose(const struct engine *engine, const char *template,
        const char *channel, enum purpose purpose);
/* 0 to n - 1, the same for the same words for ever. seed: the rule row's. */
unsigned step_share(
        const char *seed, const char *label, const char *customer_ref, unsigned n);

#endif
