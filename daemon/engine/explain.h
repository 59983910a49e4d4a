/* Why a rule reaches one customer, or why not: every condition with its value, limits,
 * consents, windows, where he stands in it, and what it did before. It decides nothing
 * and writes nothing; what it tells is asked of the same program, gate and triggers that
 * decide. */
#ifndef DANGOL_EXPLAIN_H
#define DANGOL_EXPLAIN_H

#include "engine/explanation.h"
#include "engine/state.h"
#include "store/customer.h"

/* One customer and a rule of the ruleset in force; whoever is inside is explained by the
 * version that he began with. What out points to lives in arena. No query is longer than
 * what the customer himself left behind. */
void explain(struct engine *engine, struct rule_state *state,
        const struct customer *customer, int64_t now, struct arena *arena,
        struct explanation *out);

#endif
