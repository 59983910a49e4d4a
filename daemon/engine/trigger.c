/* Triggers: who starts, by an event or because a sweep found him. It never sends and
 * never skips an occasion in silence: what is not begun is recorded with its reason, or
 * was never due. */
#include "engine/trigger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "engine/chain.h"
#include "engine/period.h"
#include "engine/guard.h"
#include "engine/step.h"
#include "store/bulk.h"
#include "store/skip.h"

#define SHARING_MOST 32 /* customers of one phone or e-mail who are looked at */

/* ---- starting ---- */

int64_t trigger_limit_since(
        const struct engine *engine, const struct limit *limit, int64_t now)
{
	struct zone *zone = engine->shop->zone;

	switch (limit->kind) {
	case LIMIT_ROLLING:
		return duration_from(limit->period, zone, now, -1) + 1;
	case LIMIT_CALENDAR:
		return zone_instant(
		        zone, period_start(limit->unit, zone_day(zone, now)), 0);
	case LIMIT_ONCE:
	case LIMIT_PER_EVENT:
	case LIMIT_IN_ALL:
		break;
	}
	return 0;
}

/* Nothing makes a run count no more, so that a rule that is full stays so. */
static bool all_taken(struct engine *engine, const struct rule_state *state, int64_t n)
{
	if (state->counted && state->counted_least >= n)
		return true;
	if (state->counted && state->counted_most < n)
		return false;
	return run_count(engine->db, state->row.id, 0, 0, INT64_MAX) >= n;
}

/* Before a limit `in all` is asked for: counts where what is in mind does not say. */
static void count_all(struct engine *engine, struct rule_state *state)
{
	const struct rule *rule = state->rule;
	bool vague = false;

	for (size_t i = 0; i < rule->n_limits; i++)
		vague |= rule->limits[i].kind == LIMIT_IN_ALL &&
		         (!state->counted ||
		                 (state->counted_least < rule->limits[i].n &&
		                         state->counted_most >= rule->limits[i].n));
	if (!vague || (state->sweeping && state->draws))
		return;
	state->counted_least = state->counted_most =
	        run_count(engine->db, state->row.id, 0, 0, INT64_MAX);
	state->counted = true;
}

static bool limit_full(struct engine *engine, const struct rule_state *state,
        const struct limit *limit, int64_t customer, int64_t now)
{
	int64_t rule = state->row.id, from = trigger_limit_since(engine, limit, now);

	switch (limit->kind) {
	case LIMIT_ONCE:
		return run_count(engine->db, rule, customer, from, INT64_MAX) > 0;
	case LIMIT_PER_EVENT:
		return false;
	case LIMIT_ROLLING:
	case LIMIT_CALENDAR:
		return run_count(engine->db, rule, customer, from, INT64_MAX) >= limit->n;
	case LIMIT_IN_ALL:
		if (state->sweeping && state->draws) /* counted when it began */
			return state->draw.places == 0;
		return all_taken(engine, state, limit->n);
	}
	return false;
}

static bool birthday_full(struct engine *engine, const struct rule_state *state,
        int64_t customer, int64_t now)
{
	const struct rule *rule = state->rule;

	return rule->trigger.kind == TRIGGER_BIRTHDAY && rule->n_limits == 0 &&
	       run_count(engine->db, state->row.id, customer,
	               now - TRIGGER_BIRTHDAY_GUARD, INT64_MAX) > 0;
}

static bool limited(struct engine *engine, const struct rule_state *state,
        int64_t customer, int64_t now)
{
	const struct rule *rule = state->rule;

	for (size_t i = 0; i < rule->n_limits; i++)
		if (limit_full(engine, state, &rule->limits[i], customer, now))
			return true;
	return birthday_full(engine, state, customer, now);
}

/* Those of `in all` are about everybody, and count him already. */
bool trigger_full(struct engine *engine, const struct rule_state *state, int64_t customer,
        int64_t now)
{
	const struct rule *rule = state->rule;

	for (size_t i = 0; i < rule->n_limits; i++)
		if (rule->limits[i].kind != LIMIT_IN_ALL &&
		        limit_full(engine, state, &rule->limits[i], customer, now))
			return true;
	return birthday_full(engine, state, customer, now);
}

bool trigger_drawn_out(
        struct engine *engine, const struct rule_state *state, int64_t customer)
{
	const struct rule *rule = state->rule;
	struct arena *arena;
	struct customer found;
	bool out;

	if (!rule->holdout || !customer)
		return false;
	arena = arena_new();
	out = customer_get(engine->db, customer, arena, &found) &&
	      step_share(state->row.seed, "holdout", found.ref, 100) <
	              (unsigned)rule->holdout;
	arena_free(arena);
	return out;
}

/* Everybody's hour reaches each at once: of those with one address, it is for whom was
 * seen last. */
static bool later_is_due(struct engine *engine, const struct rule_state *state,
        int64_t customer, int64_t due)
{
	const struct rule *rule = state->rule;
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = due};
	int64_t others[SHARING_MOST];
	int n;

	if (rule->trigger.kind != TRIGGER_SCHEDULE && rule->trigger.kind != TRIGGER_DATE)
		return false;
	n = customer_seen_later(engine->db, customer, others, SHARING_MOST);
	for (int i = 0; i < n; i++)
		if ((!rule->cond ||
		            cond_ask(rule->cond, &moment, others[i]) == TRUTH_YES) &&
		        !limited(engine, state, others[i], due))
			return true;
	return false;
}

/* With `one per address`: does somebody else with the same phone or e-mail stand for it
 * on this occasion? */
bool trigger_address_taken(struct engine *engine, const struct rule_state *state,
        int64_t customer, const char *occasion, int64_t due)
{
	return state->rule->one_per_address &&
	       (run_address_taken(engine->db, state->row.id, customer, occasion) ||
	               later_is_due(engine, state, customer, due));
}

/* A rule that somebody is still inside of: the new occasion is spent. With `again
 * restarts` it is not, and open is the run that has to end before the new one begins. */
static bool make_way(struct engine *engine, struct rule_state *state, int64_t customer,
        const char *occasion, int64_t now, int64_t *open)
{
	/* What the law asks for is told each time. */
	*open = customer && !state->rule->built_in
	                ? run_open(engine->db, state->row.id, customer)
	                : 0;
	if (!*open || state->rule->again)
		return true;
	run_spend(engine->db, state->row.id, customer, occasion, state->row.version, now,
	        reason_name(REASON_ALREADY_IN));
	return false;
}

/* A rule of one message: its run has done all it will when it begins. */
static void begin_and_end(struct engine *engine, struct rule_state *state,
        struct run *run, enum guard_verdict verdict, int64_t now)
{
	state->counted_most++;
	run->planned = 1;
	run->ended_at = now;
	snprintf(run->reason, sizeof run->reason, "done");
	run->id = run_start(engine->db, run);
	if (!run->id)
		return;
	guard_began(engine, state, verdict, run->id, now);
	step_plan(engine, run, state->rule, 0, 0, now);
}

/* before: the run that it takes the place of, or 0. Where the owner said to drop what is
 * too many, that one goes on. */
static void begin(struct engine *engine, struct rule_state *state, struct run *run,
        int64_t before, int64_t now)
{
	const struct rule *rule = state->rule;
	enum guard_verdict verdict = GUARD_GO;

	run->goal_until = rule->goal.set ? duration_from(rule->goal.within,
	                                           engine->shop->zone, now, 1)
	                                 : 0;
	run->held_out = trigger_drawn_out(engine, state, run->customer);
	if (!run->held_out)
		verdict = guard_ask(engine, state, now);
	if (verdict == GUARD_DROP) {
		run_spend(engine->db, run->rule, run->customer, run->occasion,
		        run->version, now, reason_name(REASON_BLAST_GUARD));
		return;
	}
	if (before)
		run_cancel(engine->db, before, REASON_NO_LONGER, "restarted", now);
	if (!run->held_out && step_last_words(rule, 0)) {
		begin_and_end(engine, state, run, verdict, now);
		return;
	}
	run->id = run_start(engine->db, run);
	if (!run->id)
		return;
	chain_begun(engine, run);
	if (run->held_out) {
		state->counted_most++;
		run_end(engine->db, run->id, reason_name(REASON_HOLDOUT), now);
		return;
	}
	guard_began(engine, state, verdict, run->id, now);
	step_run(engine, run, rule, now);
}

bool trigger_whole_table(const struct trigger *trigger)
{
	return trigger->kind == TRIGGER_SCHEDULE || trigger->kind == TRIGGER_DATE;
}

/* An event stands in the store with all that its limit is asked by, and everybody's hour
 * would leave a row for each of them: neither is written down. */
void trigger_note(struct engine *engine, const struct rule_state *state, int64_t customer,
        const char *reason, const char *occasion, int64_t now)
{
	const struct trigger *trigger = &state->rule->trigger;

	if (trigger->kind != TRIGGER_EVENT && !trigger_whole_table(trigger))
		skip_note(engine->db, customer, state->row.id, reason, occasion, now);
}

static bool is_bulk(struct engine *engine, int64_t customer)
{
	return customer > 0 && bulk_is(engine->db, customer);
}

/* The occasion is not spent: what is in the way may be no more when it comes again. An
 * event was asked before for whom no rule looks at. */
static bool kept_out(struct engine *engine, const struct rule_state *state,
        const struct run *run, int64_t now)
{
	const char *word = NULL;

	if (limited(engine, state, run->customer, now))
		word = SKIP_LIMIT;
	else if (!run->event && is_bulk(engine, run->customer))
		word = SKIP_BULK;
	if (word)
		trigger_note(engine, state, run->customer, word, run->occasion, now);
	return word != NULL;
}

bool trigger_start(struct engine *engine, struct rule_state *state, int64_t customer,
        const char *occasion, const struct event *event, int64_t due, int64_t now)
{
	struct run run = {
	        .rule = state->row.id,
	        .customer = customer,
	        .version = state->row.version,
	        .event = event ? event->id : 0,
	        .started_at = now,
	};
	const char *spent = NULL;
	int64_t before;

	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	if (run_taken(engine->db, run.rule, customer, run.occasion))
		return false;
	count_all(engine, state);
	if (now - due > state->rule->late_ms)
		spent = reason_name(REASON_MISSED);
	else if (kept_out(engine, state, &run, now))
		return false;
	else if (trigger_address_taken(engine, state, customer, run.occasion, due))
		spent = reason_name(REASON_DUPLICATE_ADDRESS);
	if (spent) {
		run_spend(engine->db, run.rule, customer, run.occasion, run.version, now,
		        spent);
		return false;
	}
	if (!make_way(engine, state, customer, run.occasion, now, &before))
		return false;
	begin(engine, state, &run, before, now);
	if (run.id && state->draw.places)
		state->draw.places--;
	return run.id != 0;
}

const char *trigger_bar(struct engine *engine, const struct rule_state *state,
        int64_t customer, const char *occasion, int64_t now)
{
	if (run_taken(engine->db, state->row.id, customer, occasion))
		return reason_name(REASON_ALREADY_IN);
	if (limited(engine, state, customer, now))
		return SKIP_LIMIT;
	if (is_bulk(engine, customer))
		return SKIP_BULK;
	if (trigger_address_taken(engine, state, customer, occasion, now))
		return reason_name(REASON_DUPLICATE_ADDRESS);
	if (!state->rule->again && run_open(engine->db, state->row.id, customer))
		return reason_name(REASON_ALREADY_IN);
	return trigger_drawn_out(engine, state, customer) ? reason_name(REASON_HOLDOUT)
	                                                  : NULL;
}

/* ---- events ---- */

/* The source and id of the event; where they do not fit, the store's own number of it,
 * which is as unique. */
void trigger_event_occasion(const struct event *event, char out[96])
{
	int n = snprintf(out, 96, "%s/%s", event->source, event->eid);

	if (n < 0 || n >= 96)
		snprintf(out, 96, "event#%" PRId64, event->id);
}

struct tenths {
	const struct trigger *trigger;
	struct moment moment;
	int64_t last, n;
};

static void count_one(void *arg, const struct event *event)
{
	struct tenths *t = arg;

	t->moment.event = event;
	t->n += event->id <= t->last &&
	        cond_ask_event(t->trigger->where, &t->moment, event) == TRUTH_YES;
}

bool trigger_is_nth(const struct trigger *trigger, const struct moment *moment)
{
	const struct event *event = moment->event;
	struct tenths t = {trigger, *moment, event->id, 0};

	if (trigger->nth <= 1)
		return true;
	if (!trigger->where)
		t.n = event_ordinal(moment->db, event->customer, event->type, event->id);
	else
		t.n = cond_count(trigger->where, moment, event);
	if (t.n < 0) {
		t.n = 0;
		event_each(moment->db, event->customer, event->type, count_one, &t);
	}
	return t.n > 0 && t.n % trigger->nth == 0; /* nobody has no third */
}

bool trigger_takes(const struct rule *rule, const struct moment *moment)
{
	const struct event *event = moment->event;

	if (event->arrived - event->time > rule->late_ms)
		return false;
	if (rule->trigger.where &&
	        cond_ask_event(rule->trigger.where, moment, event) != TRUTH_YES)
		return false;
	if (!trigger_is_nth(&rule->trigger, moment))
		return false;
	return !rule->cond || cond_ask(rule->cond, moment, event->customer) == TRUTH_YES;
}

void trigger_event(struct engine *engine, struct rule_state *state,
        const struct event *event, int64_t now)
{
	struct moment moment = {
	        .db = engine->db, .zone = engine->shop->zone, .now = now, .event = event};
	char occasion[96];

	if (!state->row.active || !trigger_takes(state->rule, &moment))
		return;
	trigger_event_occasion(event, occasion);
	trigger_start(engine, state, event->customer, occasion, event, event->time, now);
}
