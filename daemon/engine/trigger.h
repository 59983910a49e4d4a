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
/* Would trigger_start begin it? The word of what is in the way, a reason or "limit";
 * NULL: nothing is. Writes nothing. */
const char *trigger_bar(struct engine *engine, const struct rule_state *state,
        int64_t customer, const char *occasion, int64_t now);
/* An event that may start this rule, or that its clock is anchored on. */
void trigger_event(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
/* Under which occasion an event starts a rule. */
void trigger_event_occasion(const struct event *event, char out[96]);
void trigger_anchored(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
/* The next instant after `after` at which a timed rule looks, 0: never again. */
int64_t trigger_next(
        struct engine *engine, const struct rule_state *state, int64_t after);
/* The window of part state->kept (from 0) of a sweep for state->row.sweep_now, past
 * state->row.cursor; false when the sweep has no such part. */
bool trigger_window(
        struct engine *engine, const struct rule_state *state, struct window *window);
/* Under which occasion a candidate of it starts. Returns when he was due. */
int64_t trigger_occasion(struct engine *engine, const struct rule_state *state,
        const struct candidate *candidate, const struct window *window,
        char occasion[96]);
/* One slice of a timed rule that is due at now; returns true while there is more of it to
 * do at once. */
bool trigger_slice(struct engine *engine, struct rule_state *state, int64_t now);

#endif
