/* The engine: rules in force with their rows, events and time as they come, and the
 * owner's switches. It never reads a socket, sets no timer and sends nothing. */
#include "engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "engine/border.h"
#include "engine/chain.h"
#include "engine/guard.h"
#include "engine/notice.h"
#include "engine/step.h"
#include "engine/trigger.h"
#include "engine/upkeep.h"
#include "store/coupon.h"
#include "store/dates.h"
#include "store/guarded.h"

#define RUNS_A_TURN 128
#define RUNS_OF_ONE 64 /* open runs of one customer that an event is shown to */
#define API "api"

/* ---- the rules in force ---- */

static struct rule_state *state_of_rule(
        const struct engine *engine, const struct rule *rule)
{
	return &engine->states[rule - engine->ruleset->program->rules];
}

/* After an undone turn memory agrees with the file again. */
static void reread_rows(void *arg)
{
	struct engine *engine = arg;

	for (size_t i = 0; i < engine->n_states; i++) {
		struct rule_state *state = &engine->states[i];
		rule_row_find(engine->db, state->rule->name, &state->row);
		state->sweeping = false;
		state->guard_hour = 0;
		state->guard_asked = 0;
	}
	border_reread(engine);
}

static bool reaches_owner(const struct world *world)
{
	for (const char *const *name = world->channels; name && *name; name++)
		if (!strcmp(*name, "owner"))
			return true;
	return false;
}

void engine_open(struct engine *engine, struct db *db, const struct shop *shop,
        const struct world *world)
{
	engine->db = db;
	engine->shop = shop;
	engine->versions = versions_new(db, world);
	engine->owner_reachable = reaches_owner(world);
	db_on_abort(db, reread_rows, engine);
}

void engine_configure(
        struct engine *engine, const struct shop *shop, const struct world *world)
{
	versions_free(engine->versions);
	engine->versions = versions_new(engine->db, world);
	engine->owner_reachable = reaches_owner(world);
	engine->shop = shop;
	for (size_t i = 0; i < engine->n_states; i++)
		versions_current(engine->versions, engine->states[i].rule,
		        engine->states[i].row.version);
}

static void forget_states(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_states; i++)
		draw_fini(&engine->states[i].draw);
	free(engine->states);
	engine->states = NULL;
	engine->n_states = 0;
}

void engine_close(struct engine *engine)
{
	versions_free(engine->versions);
	changes_clear(&engine->changes);
	changes_clear(&engine->untold);
	border_close(engine);
	forget_states(engine);
	engine->versions = NULL;
}

/* The rule goes on or stands still from now; what that cancelled is returned. */
static struct waiting activate(
        struct engine *engine, struct rule_state *state, int64_t now)
{
	bool active = !state->rule->off && !state->row.owner_off;
	struct waiting ended = {0};

	if (state->row.active && !active)
		ended = waiting_end(engine->db, state->row.id, state->rule->name,
		        REASON_RULE_OFF, now);
	if (state->row.active != active)
		rule_row_activate(engine->db, state->row.id, active, now);
	return ended;
}

static void note_change(struct engine *engine, enum change_kind kind, const char *rule,
        const char *was, struct waiting ended)
{
	struct change change = {.kind = kind, .ended = ended};

	snprintf(change.rule, sizeof change.rule, "%s", rule);
	snprintf(change.was, sizeof change.was, "%s", was ? was : "");
	changes_add(&engine->changes, &change);
}

static void adopt_rule(struct engine *engine, struct rule_state *state, int64_t now)
{
	const struct rule *rule = state->rule;
	struct rule_row *row = &state->row;
	bool known = rule_row_find(engine->db, rule->name, row), renamed, changed, was_on;
	struct waiting ended;
	int64_t version;

	renamed =
	        rule->was && !known && rule_row_rename(engine->db, rule->was, rule->name);
	known = renamed || (known && !row->removed_at);
	rule_row_get(engine->db, rule->name, now, row);
	version = rule_version_get(engine->db, row->id, rule->hash, rule->source, now);
	changed = version != row->version;
	was_on = row->active;
	if (changed) {
		rule_row_set_version(engine->db, row->id, version, true, now);
		guarded_changed(engine->db, row->id);
	}
	ended = activate(engine, state, now);
	rule_row_find(engine->db, rule->name, row);
	versions_current(engine->versions, rule, row->version);
	if (was_on && !row->active)
		note_change(engine, CHANGE_OFF, rule->name, NULL, ended);
	else if (renamed)
		note_change(engine, CHANGE_RENAMED, rule->name, rule->was, ended);
	else if (!known || changed)
		note_change(engine, known ? CHANGE_CHANGED : CHANGE_ADDED, rule->name,
		        NULL, ended);
}

struct removal {
	struct engine *engine;
	int64_t now;
};

static void remove_if_gone(void *arg, const char *name, const struct rule_row *row)
{
	struct removal *removal = arg;

	if (row->removed_at || !strcmp(name, API) || !strcmp(name, NOTICE_RULE) ||
	        state_of_name(removal->engine, name))
		return;
	note_change(removal->engine, CHANGE_REMOVED, name, NULL,
	        waiting_end(removal->engine->db, row->id, name, REASON_RULE_OFF,
	                removal->now));
	rule_row_remove(removal->engine->db, row->id, removal->now);
}

void engine_adopt(struct engine *engine, struct ruleset *ruleset, int64_t now)
{
	struct removal removal = {engine, now};
	size_t n = ruleset->program->n_rules;
	bool first = !engine->ruleset;

	versions_reset(engine->versions);
	changes_clear(&engine->changes);
	forget_states(engine);
	engine->ruleset = ruleset;
	engine->states = mem_alloc((n ? n : 1) * sizeof *engine->states);
	engine->n_states = n;
	for (size_t i = 0; i < n; i++)
		engine->states[i].rule = &ruleset->program->rules[i];
	engine->wants_messages = ruleset_mentions(ruleset, "message.") ||
	                         ruleset_mentions(ruleset, "메시지.");
	for (size_t i = 0; i < n; i++)
		adopt_rule(engine, &engine->states[i], now);
	rule_each(engine->db, remove_if_gone, &removal);
	border_adopt(engine, now);
	upkeep_adopt(engine);
	if (!first)
		changes_merge(&engine->untold, &engine->changes);
}

const struct rule *engine_rule_of(
        struct engine *engine, const struct run *run, char name[80])
{
	struct rule_state *state = state_of_id(engine, run->rule);

	snprintf(name, 80, "%s", state ? state->rule->name : API);
	return state ? versions_get(engine->versions, engine->ruleset, state->rule->name,
	                       run->version)
	             : NULL;
}

/* ---- events ---- */

static void show_to_runs(struct engine *engine, const struct event *event, int64_t now)
{
	struct run runs[RUNS_OF_ONE];
	int n = run_of_customer(
	        engine->db, event->customer, event->time, runs, RUNS_OF_ONE);
	char name[80];

	for (int i = 0; i < n; i++) {
		const struct rule *rule = engine_rule_of(engine, &runs[i], name);
		if (rule && runs[i].id)
			step_event(engine, &runs[i], rule, event, now);
	}
}

/* An event of nobody, as a broken machine's, starts what speaks to the owner. */
static void start_rules(struct engine *engine, const struct event *event, int64_t now)
{
	for (const struct rule *const *r =
	                ruleset_started_by(engine->ruleset, event->type);
	        *r; r++)
		if ((*r)->trigger.kind == TRIGGER_EVENT &&
		        (event->customer || (*r)->to_owner_only))
			trigger_event(engine, state_of_rule(engine, *r), event, now);
}

void engine_event(struct engine *engine, const struct event *event, int depth)
{
	int64_t now = clock_now();

	if (!engine->ruleset || (event->flags & EVENT_BULK))
		return;
	if (depth > CAUSES_MAX) {
		log_warn(TR("a chain of more than %d causes was stopped at event type %s",
		                 "원인이 %d번 넘게 이어져 %s 이벤트에서 멈췄습니다"),
		        CAUSES_MAX, event->type);
		return;
	}
	if (event->customer && ruleset_awaits(engine->ruleset, event->type))
		show_to_runs(engine, event, now);
	if (event->flags & EVENT_HISTORY)
		return;
	start_rules(engine, event, now);
	if (!event->customer)
		return;
	for (const struct rule *const *r =
	                ruleset_anchored_on(engine->ruleset, event->type);
	        *r; r++)
		trigger_anchored(engine, state_of_rule(engine, *r), event, now);
}

void engine_stock(
        struct engine *engine, const struct event *event, int64_t before, int64_t after)
{
	int64_t now = clock_now();

	if (!engine->ruleset || (event->flags & EVENT_HISTORY))
		return;
	for (const struct rule *const *r =
	                ruleset_started_by(engine->ruleset, event->type);
	        *r; r++) {
		const struct trigger *trigger = &(*r)->trigger;
		bool crossed = after < trigger->stock &&
		               (before < 0 || before >= trigger->stock);
		if (trigger->kind == TRIGGER_STOCK && crossed)
			trigger_event(engine, state_of_rule(engine, *r), event, now);
	}
}

/* ---- time ---- */

static bool spent(int64_t since_mono, int64_t budget_us)
{
	return budget_us && (clock_mono() - since_mono) * 1000 >= budget_us;
}

/* One batch of runs whose time has come; true when there may be more. */
static bool run_batch(struct engine *engine, int64_t now)
{
	struct run runs[RUNS_A_TURN];
	int n = run_due(engine->db, now, runs, RUNS_A_TURN);
	char name[80];

	for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++) {
		const struct rule *rule = engine_rule_of(engine, &runs[i], name);
		if (rule) {
			step_run(engine, &runs[i], rule, now);
			continue;
		}
		log_warn(TR("rule %s: an older version of it no longer compiles; run "
		            "%" PRId64 " ended",
		                 "규칙 %s: 예전 판을 더는 읽을 수 없어 진행 %" PRId64
		                 "을(를) 끝냈습니다"),
		        name, runs[i].id);
		run_cancel(engine->db, runs[i].id, REASON_NO_LONGER, NULL, now);
	}
	return n == RUNS_A_TURN;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

int64_t engine_next_due(struct engine *engine)
{
	int64_t next = earlier(earlier(run_next_due(engine->db), guard_next_due(engine)),
	        border_next(engine));

	if (engine->follows && dates_noted(engine->db))
		next = 1; /* whom a rule that it began moved is looked at yet */
	for (size_t i = 0; i < engine->n_states; i++) {
		const struct rule_state *state = &engine->states[i];
		if (trigger_is_timed(&state->rule->trigger))
			next = earlier(
			        next, trigger_next(engine, state, state->row.cursor));
	}
	return next;
}

int64_t engine_run(struct engine *engine, int64_t now, int64_t budget_us)
{
	int64_t began = clock_mono();

	if (!engine->ruleset)
		return 0;
	while (run_batch(engine, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	while (guard_expire(engine, RUNS_A_TURN, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	while (trigger_late(engine, false, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	border_settle(engine, now, now);
	while (border_slice(engine, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	for (size_t i = 0; i < engine->n_states; i++) {
		if (!trigger_is_timed(&engine->states[i].rule->trigger) ||
		        !engine->states[i].row.active)
			continue;
		while (trigger_slice(engine, &engine->states[i], now))
			if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
				return now;
	}
	border_settle(engine, now, now);
	while (dates_empty(engine->db))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	return engine_next_due(engine);
}

/* ---- messages and their runs ---- */

void engine_message_left(
        struct engine *engine, const struct message *message, int64_t now)
{
	const struct rule *rule;
	struct run run;
	char name[80];

	if (!run_get(engine->db, message->run, &run))
		return;
	if (run.ended_at) { /* meanwhile: its code waited for this message */
		coupon_release(engine->db, run.id);
		return;
	}
	rule = engine_rule_of(engine, &run, name);
	if (!rule) {
		run_end(engine->db, run.id, "done", now);
		return;
	}
	if (run.pc != message->step || run.due_at)
		return;
	run.pc++;
	run.step_at = 0;
	step_run(engine, &run, rule, now);
}

bool engine_next_leg(struct engine *engine, int64_t id, int64_t now)
{
	struct arena *arena = arena_new();
	const struct rule *rule = NULL;
	struct message message;
	struct run run;
	char name[80];
	bool planned = false;

	if (message_get(engine->db, id, arena, &message) &&
	        run_get(engine->db, message.run, &run))
		rule = engine_rule_of(engine, &run, name);
	if (rule && (size_t)message.step < rule->n_ops)
		planned =
		        step_plan(engine, &run, rule, message.step, message.leg + 1, now);
	if (planned)
		run_planned(engine->db, run.id);
	arena_free(arena);
	return planned;
}

bool engine_still_holds(struct engine *engine, const struct message *message,
        const struct run *run, const struct rule *rule, int64_t now)
{
	struct moment moment = {.db = engine->db, .zone = engine->shop->zone, .now = now};
	struct arena *arena = arena_new();
	struct event event;
	bool holds = true;

	if (run->event && event_get(engine->db, run->event, arena, &event))
		moment.event = &event;
	if ((size_t)message->step < rule->n_ops) {
		const struct op *op = &rule->ops[message->step];
		for (size_t i = 0; i < op->n_guards && holds; i++)
			holds = (cond_ask(op->guards[i].cond, &moment, run->customer) ==
			                TRUTH_YES) == op->guards[i].want;
	}
	arena_free(arena);
	return holds;
}

/* Plans a message that no rule asked for, in a run of its own. */
static int64_t send_at_once(struct engine *engine, int64_t customer, const char *occasion,
        struct message *message, int64_t now)
{
	struct rule_row row;
	struct run run = {.customer = customer, .started_at = now};

	rule_row_get(engine->db, API, now, &row);
	run.rule = row.id;
	run.version = row.version;
	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	message->run = run_start(engine->db, &run);
	if (!message->run)
		return 0;
	message->rule = API;
	message->flags |= MESSAGE_LAST_LEG;
	message->planned_at = message->due_at = now;
	message->expires_at = now + engine->shop->hold_max_ms;
	if (engine->on_planned)
		engine->on_planned(engine->arg, message->channel);
	return message_plan(engine->db, message);
}

int64_t engine_send(struct engine *engine, int64_t customer, const char *channel,
        const char *template, const char *data, const char *occasion, int64_t now)
{
	struct message message = {
	        .customer = customer,
	        .channel = channel,
	        .template = template,
	        .purpose = step_purpose(engine, template, channel, PURPOSE_INFO),
	        .data = data,
	};

	return send_at_once(engine, customer, occasion, &message, now);
}

int64_t engine_send_test(struct engine *engine, int64_t customer, const char *channel,
        const char *template, enum purpose purpose, const char *to, const char *occasion,
        int64_t now)
{
	struct message message = {
	        .customer = CUSTOMER_OWNER,
	        .channel = channel,
	        .template = template,
	        .purpose = step_purpose(engine, template, channel, purpose),
	        .address = to,
	        .flags = MESSAGE_TEST,
	};

	return send_at_once(engine, customer, occasion, &message, now);
}

/* ---- the owner's switches ---- */

bool engine_rule_on(struct engine *engine, const char *name, bool on, int64_t now,
        struct waiting *ended)
{
	struct rule_state *state = state_of_name(engine, name);

	*ended = (struct waiting){0};
	if (!state)
		return false;
	rule_row_set_off(engine->db, state->row.id, !on);
	state->row.owner_off = !on;
	*ended = activate(engine, state, now);
	rule_row_find(engine->db, name, &state->row);
	state->sweeping = false;
	return true;
}

bool engine_rule_pause(struct engine *engine, const char *name, bool paused, int64_t now)
{
	struct rule_state *state = state_of_name(engine, name);

	(void)now;
	if (!state)
		return false;
	rule_row_set_paused(engine->db, state->row.id, paused);
	state->row.paused = paused;
	if (!paused && engine->on_planned)
		engine->on_planned(engine->arg, NULL);
	return true;
}

bool engine_rule_live(const struct engine *engine, const char *name, bool *paused)
{
	const struct rule_state *state = state_of_name(engine, name);

	*paused = state && state->row.paused;
	return !strcmp(name, API) || !strcmp(name, NOTICE_RULE) ||
	       (state && state->row.active);
}
