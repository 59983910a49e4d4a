/* The engine: which rule starts for whom, where everybody is in it, and what is due next.
 * Driven from outside: it is told of events and of time, never reads a socket and sets no
 * timer. */
#ifndef DANGOL_ENGINE_H
#define DANGOL_ENGINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "engine/state.h"
#include "store/event.h"

void engine_open(struct engine *engine, struct db *db, const struct shop *shop,
        const struct world *world);
/* The configuration was exchanged: from now on this shop and this world. A ruleset must
 * be adopted afterwards. */
void engine_configure(
        struct engine *engine, const struct shop *shop, const struct world *world);
void engine_close(struct engine *engine); /* the ruleset stays the caller's */

/* Puts a ruleset in force: rows, versions, cursors; what was off, new or changed counts
 * from now; rules whose file is gone end their runs. What that changed stands in
 * engine->changes until the next one. Writes; the caller ends the turn. The old ruleset
 * must be freed after that turn. */
void engine_adopt(struct engine *engine, struct ruleset *ruleset, int64_t now);

/* An event that was just stored, in its own turn: ends waits, meets goals, starts rules.
 * depth guards chains of causes (at most 8). */
void engine_event(struct engine *engine, const struct event *event, int depth);

/* A product's stock changed from before (-1: not known) to after: rules on a line that it
 * crossed. */
void engine_stock(
        struct engine *engine, const struct event *event, int64_t before, int64_t after);

/* Does what is due at now, for at most budget_us microseconds of real time (0: no bound).
 * Returns the instant of the next due thing, 0 when there is none, now when there is more
 * to do at once. Writes; the caller ends the turn. */
int64_t engine_run(struct engine *engine, int64_t now, int64_t budget_us);

int64_t engine_next_due(
        struct engine *engine); /* the instant of the next due thing, 0: none */

/* A message ended or left: its run goes on. next_leg: the outcome leads there. Called
 * inside the turn that changed the message. */
void engine_message_left(
        struct engine *engine, const struct message *message, int64_t now);
/* Plans the next leg of a message whose leg ended in a way that leads there; false when
 * it was the last one (then the coupon is given back if nothing else named it, and the
 * run goes on). */
bool engine_next_leg(struct engine *engine, int64_t message, int64_t now);
/* The rule (of the run's version) behind a message; NULL for api and when it no longer
 * compiles. */
const struct rule *engine_rule_of(
        struct engine *engine, const struct run *run, char name[80]);
/* A held message's conditions, asked again. */
bool engine_still_holds(struct engine *engine, const struct message *message,
        const struct run *run, const struct rule *rule, int64_t now);

/* POST /v1/messages: one template to one customer. Returns the message's id. purpose
 * info. */
int64_t engine_send(struct engine *engine, int64_t customer, const char *channel,
        const char *template, const char *data, const char *occasion, int64_t now);

/* One template as that customer would read it, to an address of the owner's: nobody's
 * message, so that no limit, cap or condition counts it. Returns the message's id. */
int64_t engine_send_test(struct engine *engine, int64_t customer, const char *channel,
        const char *template, enum purpose purpose, const char *to, const char *occasion,
        int64_t now);

/* The owner's switches; false when no such rule is in force. ended: what switching it off
 * cancelled; with very much, ending.h says that it goes on, and waiting_ended what it was
 * when that is over. */
bool engine_rule_on(struct engine *engine, const char *name, bool on, int64_t now,
        struct waiting *ended);
bool engine_rule_pause(struct engine *engine, const char *name, bool paused, int64_t now);
bool engine_rule_live(const struct engine *engine, const char *name,
        bool *paused); /* may its messages leave? */

#endif
