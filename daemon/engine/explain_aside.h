/* An explanation that is worked out beside the loop: somebody who left tens of thousands
 * of events is counted up on a thread of the pool, on a reader of its own. */
#ifndef DANGOL_EXPLAIN_ASIDE_H
#define DANGOL_EXPLAIN_ASIDE_H

#include "engine/explanation.h"
#include "engine/state.h"

/* Holds the ruleset in force and copies what else it needs of the loop's. */
struct explain_question;
/* Made and freed on the loop. Returns new. */
struct explain_question *explain_question_new(const struct engine *engine,
        const struct rule_state *state, int64_t customer, int64_t now);
void explain_question_free(struct explain_question *question);

/* What out points to lives in arena. False when the store cannot be read, the rule no
 * longer compiles or the customer is gone. */
bool explain_aside(
        struct explain_question *question, struct arena *arena, struct explanation *out);

#endif
