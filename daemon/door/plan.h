/* Plans: what a rule would do, worked out on a thread of the pool and put into JSON. */
#ifndef DANGOL_PLAN_H
#define DANGOL_PLAN_H

#include <jansson.h>
#include "door/call.h"
#include "language/program.h"

#define PLANS_MAX \
	2 /* calls that plan at a time, half of the pool; one more is answered without \
	   */
#define PLAN_RULES \
	8 /* rules that one call plans for; others are asked for one by one \
	   */

/* Works out the plans of n rules, once this turn stands, and answers the call in a later
 * one: with answer (taken), which gets them as "plans", in the order of rules, null where
 * one could not be worked out; or, answer being NULL, with the first plan itself. False,
 * with nothing done or taken, when too much is under way. */
bool plan_start(const struct call *call, const struct rule *const *rules, size_t n,
        json_t *answer);

#endif
