/* The blast guard: an advertising rule that writes to customers may start, in 24 hours,
 * three times the most that it started in any 24 hours of the 60 days before, at least
 * the floor of dangol.conf, and no more than the floor if it was never approved. What is
 * beyond is held until the owner approves or drops it, and dropped when it was held for
 * longer than the rule's `late`. Days are counted in whole hours. */
#ifndef DANGOL_GUARD_H
#define DANGOL_GUARD_H

#include "engine/state.h"

enum guard_verdict {
	GUARD_GO,
	GUARD_HOLD,
	GUARD_DROP /* the owner said to skip it today */
};
/* A run that would begin now. The first one of a day that is held asks the owner. */
enum guard_verdict guard_ask(
        struct engine *engine, struct rule_state *state, int64_t now);
/* Writes down that it began, and how. Before its first step. */
void guard_began(struct engine *engine, struct rule_state *state,
        enum guard_verdict verdict, int64_t run, int64_t now);
/* A message of a run was planned: it is held where the run is. */
void guard_message(struct engine *engine, const struct rule *rule, int64_t run,
        int64_t message, int64_t now);

struct guard_figures {
	int64_t allowed; /* -1: the guard has no say in this rule */
	int64_t started; /* in the last 24 hours */
	int64_t held;
};
struct guard_figures guard_look(
        struct engine *engine, struct rule_state *state, int64_t now);

/* The owner's word; each returns how many runs it was done to, at most max of them: again
 * until it is 0. guard_release lets them go while the rule may start more; with all,
 * whatever it may. */
void guard_approve(
        struct engine *engine, struct rule_state *state, int64_t up_to, int64_t now);
int guard_release(
        struct engine *engine, struct rule_state *state, bool all, int max, int64_t now);
/* After everything was released: as many again are no surprise. */
void guard_released_all(struct engine *engine, struct rule_state *state, int64_t now);
int guard_drop(struct engine *engine, struct rule_state *state, int max, int64_t now);
/* Until the end of the shop's day what is beyond is dropped at once. Returns that
 * instant. */
int64_t guard_skip(struct engine *engine, struct rule_state *state, int64_t now);

/* Drops what was held for too long, at most max runs; how many. */
int guard_expire(struct engine *engine, int max, int64_t now);
int64_t guard_next_due(struct engine *engine); /* 0: none */

#endif
