/* Anchors, and those that came or moved after their own hour was swept: each is looked at
 * by itself. It never looks at one that did not move, and what an import or history
 * brings begins nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "engine/trigger.h"
#include "language/deps.h"
#include "store/dates.h"
#include "store/skip.h"

/* When a rule is due for an anchor: the offset from its instant, or from its date at the
 * rule's hour. */
int64_t trigger_anchor_due(
        const struct engine *engine, const struct trigger *trigger, int64_t anchor)
{
	struct zone *zone = engine->shop->zone;
	int64_t moved =
	        duration_from(trigger->offset, zone, anchor, trigger->before ? -1 : 1);

	return trigger->has_at ? zone_instant(zone, zone_day(zone, moved), trigger->at_ms)
	                       : moved;
}

void trigger_anchor_occasion(const struct trigger *trigger, int64_t anchor, char out[96])
{
	snprintf(out, 96, "%d:%.60s@%" PRId64, trigger->anchor,
	        trigger->name ? trigger->name : "", anchor);
}

/* Up to where everybody was looked at, or is being. */
static int64_t swept(const struct rule_state *state)
{
	return state->sweeping ? state->row.sweep_now : state->row.cursor;
}

/* An anchor by itself, if a sweep comes to it no more. */
static void look(struct engine *engine, struct rule_state *state, int64_t customer,
        int64_t anchor, int64_t now)
{
	const struct rule *rule = state->rule;
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	int64_t due = anchor ? trigger_anchor_due(engine, &rule->trigger, anchor) : 0;
	char occasion[96];

	if (!anchor || due > swept(state) || due < state->row.since)
		return;
	if (rule->cond && cond_ask(rule->cond, &moment, customer) != TRUTH_YES)
		return;
	trigger_anchor_occasion(&rule->trigger, anchor, occasion);
	trigger_start(engine, state, customer, occasion, NULL, due, now);
}

/* ---- told by an event ---- */

/* The anchor that the event itself makes, now that it is stored; 0: it makes none. */
static int64_t anchor_made(
        const struct rule *rule, const struct moment *moment, const struct event *event)
{
	if (rule->trigger.anchor == ANCHOR_EVENT_FIELD)
		return rule_event_anchor(rule, moment, event->id);
	return rule_anchor_of(rule, moment, event->customer) == event->time ? event->time
	                                                                    : 0;
}

void trigger_anchored(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now)
{
	const struct trigger *trigger = &state->rule->trigger;
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	bool dated = trigger->anchor == ANCHOR_EVENT_FIELD;

	if (!state->row.active || (!dated && trigger_anchor_due(engine, trigger,
	                                             event->time) > swept(state)))
		return;
	look(engine, state, event->customer, anchor_made(state->rule, &moment, event),
	        now);
}

/* ---- noted by the store ---- */

/* A sweep would have come to him had he been known in time: that hour is missed. */
static void note_missed(struct engine *engine, const struct rule_state *state,
        int64_t customer, int64_t anchor, int64_t now)
{
	const struct trigger *trigger = &state->rule->trigger;
	int64_t due = anchor ? trigger_anchor_due(engine, trigger, anchor) : 0;
	char occasion[96];

	if (!anchor || due > swept(state) || due < state->row.since ||
	        now - due > state->rule->late_ms)
		return;
	trigger_anchor_occasion(trigger, anchor, occasion);
	trigger_note(engine, state, customer, reason_name(REASON_MISSED), occasion, now);
}

static void moved(struct engine *engine, struct rule_state *state,
        const struct dated_move *move, bool silent, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	int64_t anchor = move->anchor;

	if (!anchor)
		anchor = rule_anchor_of(state->rule, &moment, move->customer);
	if (silent)
		note_missed(engine, state, move->customer, anchor, now);
	else
		look(engine, state, move->customer, anchor, now);
}

static bool follows(const struct rule_state *state, const struct dates_set *set)
{
	const struct dates_set *its = rule_dates(state->rule);

	return state->row.active && its && !strcmp(its->name, set->name);
}

bool trigger_follow(
        struct engine *engine, const struct dates_set *set, bool silent, int64_t now)
{
	struct dated_move moves[DATES_TAKEN];
	int n = dates_take(engine->db, set, moves);

	for (size_t s = 0; n > 0 && s < engine->n_states; s++)
		for (int i = 0; follows(&engine->states[s], set) && i < n; i++)
			moved(engine, &engine->states[s], &moves[i], silent, now);
	return n >= 0;
}

/* What only a segment needs is taken in as well. */
static bool follow_borders(struct engine *engine, bool silent, int64_t now)
{
	for (size_t i = 0; i < engine->n_borders; i++) {
		const struct deps *deps = engine->borders[i].segment->deps;
		for (size_t m = 0; m < deps->n_movers; m++)
			if (deps->movers[m].kept &&
			        trigger_follow(engine, deps->movers[m].kept, silent, now))
				return true;
	}
	return false;
}

bool trigger_late(struct engine *engine, bool silent, int64_t now)
{
	if (!engine->follows || !dates_noted(engine->db))
		return false;
	for (size_t i = 0; i < engine->n_states; i++) {
		const struct dates_set *set = rule_dates(engine->states[i].rule);
		if (set && trigger_follow(engine, set, silent, now))
			return true;
	}
	return follow_borders(engine, silent, now);
}

void trigger_settle(struct engine *engine, bool silent, int64_t now)
{
	while (trigger_late(engine, silent, now) && db_status(engine->db) == DB_OK)
		;
}
