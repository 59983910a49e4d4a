/* Triggers: when a rule looks at whom, and who starts. Time triggers sweep in slices with
 * their cursor in the store; what was looked at once is never looked at again. */
#ifndef DANGOL_TRIGGER_H
#define DANGOL_TRIGGER_H

#include "engine/state.h"
#include "store/event.h"

/* Tries to start a rule for a customer (0: without one). due is when it was due: past
 * `late` the occasion is spent as missed. The condition was already asked. Returns true
 * when a run began. */
bool trigger_start(struct engine *engine, struct rule_state *state, int64_t customer,
        const char *occasion, const struct event *event, int64_t due, int64_t now);
/* An event that may start this rule, or that its clock is anchored on. */
void trigger_event(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
void trigger_anchored(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
/* The next instant after `after` at which a timed rule looks, 0: never again. */
int64_t trigger_next(
        struct engine *engine, const struct rule_state *state, int64_t after);
/* One slice of a timed rule that is due at now; returns true while there is more of it to
 * do at once. */
bool trigger_slice(struct engine *engine, struct rule_state *state, int64_t now);

#endif
