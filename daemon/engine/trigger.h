/* Triggers: when a rule looks at whom, and who starts. Time triggers sweep in slices with
 * their cursor in the store; what was looked at once is never looked at again. */
#ifndef DANGOL_TRIGGER_H
#define DANGOL_TRIGGER_H

#include "base/clock.h"
#include "engine/state.h"
#include "store/event.h"

/* Tries to start a rule for a customer (0: without one). due is when it was due: past
 * `late` the occasion is spent as missed. The condition was already asked. Returns true
 * when a run began. */
bool trigger_start(struct engine *engine, struct rule_state *state, int64_t customer,
        const char *occasion, const struct event *event, int64_t due, int64_t now);
/* Would trigger_start begin it? The word of what is in the way, a reason or one of
 * store/skip.h; NULL: nothing is. Writes nothing. */
const char *trigger_bar(struct engine *engine, const struct rule_state *state,
        int64_t customer, const char *occasion, int64_t now);
/* Has he begun the rule as often as its limits let one customer? */
bool trigger_full(struct engine *engine, const struct rule_state *state, int64_t customer,
        int64_t now);
/* Everybody is looked at, at one hour. */
bool trigger_whole_table(const struct trigger *trigger);
/* Writes down why a date or a crossing of a customer began nothing. */
void trigger_note(struct engine *engine, const struct rule_state *state, int64_t customer,
        const char *reason, const char *occasion, int64_t now);
/* An event that may start this rule, or that its clock is anchored on. */
void trigger_event(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
/* Does moment->event start the rule: in time, by `where`, as every nth, by `if`? */
bool trigger_takes(const struct rule *rule, const struct moment *moment);
/* Under which occasion an event starts a rule. */
void trigger_event_occasion(const struct event *event, char out[96]);
/* An event that may be the anchor of this rule, after its own hour. */
void trigger_anchored(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now);
/* Takes in some of the dates that moved otherwise, of one set or of any, and looks at
 * those whose hour was swept before; true while there may be more. silent: an import or
 * history moved them, so that they begin nothing. */
bool trigger_follow(
        struct engine *engine, const struct dates_set *set, bool silent, int64_t now);
bool trigger_late(struct engine *engine, bool silent, int64_t now);
/* All of them: before what is silent, what others moved; behind it, what that moved. */
void trigger_settle(struct engine *engine, bool silent, int64_t now);
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
/* The parts of these decisions, for telling them. */
#define TRIGGER_BIRTHDAY_GUARD \
	(300 * MS_DAY) /* between two birthdays of one customer, where no limit is \
	                * written \
	                */
/* Runs begun at or after it count for a limit that is asked about at now. */
int64_t trigger_limit_since(
        const struct engine *engine, const struct limit *limit, int64_t now);
/* With `one per address`: does somebody else with the same phone or e-mail stand for it?
 */
bool trigger_address_taken(struct engine *engine, const struct rule_state *state,
        int64_t customer, const char *occasion, int64_t due);
/* A customer's lot in the rule's draws of `N in all`. */
struct lot trigger_lot(
        struct engine *engine, const struct rule_state *state, int64_t customer);
bool trigger_drawn_out(
        struct engine *engine, const struct rule_state *state, int64_t customer);
/* Is moment->event the customer's nth, or a multiple of it, of those so far that the
 * trigger's `where` lets through? */
bool trigger_is_nth(const struct trigger *trigger, const struct moment *moment);
void trigger_anchor_occasion(const struct trigger *trigger, int64_t anchor, char out[96]);
int64_t trigger_anchor_due(
        const struct engine *engine, const struct trigger *trigger, int64_t anchor);
/* The birthdays that the offset brings to the sweep of that instant; returns how many. */
#define TRIGGER_KEPT_MOST 36
int trigger_birthdays(const struct engine *engine, const struct trigger *trigger,
        int64_t sweep_now, struct kept kept[TRIGGER_KEPT_MOST]);
/* One slice of a timed rule that is due at now; returns true while there is more of it to
 * do at once. */
bool trigger_slice(struct engine *engine, struct rule_state *state, int64_t now);

#endif
