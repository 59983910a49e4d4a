/* The engine: events and time as they come, and what rules do about them. It never reads
 * a socket, sets no timer and sends nothing. */
#include "engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "engine/border.h"
#include "engine/chain.h"
#include "engine/ending.h"
#include "engine/guard.h"
#include "engine/joining.h"
#include "engine/step.h"
#include "engine/tell.h"
#include "engine/trigger.h"
#include "store/coupon.h"
#include "store/dates.h"

#define RUNS_A_TURN 128
#define RUNS_OF_ONE 64 /* open runs of one customer that an event is shown to */
#define API "api"

static struct rule_state *state_of_rule(
        const struct engine *engine, const struct rule *rule)
{
	return &engine->states[rule - engine->ruleset->program->rules];
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
		if (ending_under_way(engine, runs[i].rule))
			continue;
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
		if (ending_takes(engine, &runs[i], now))
			continue;
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

	next = earlier(next, tell_next(engine, clock_now()));
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
	while (ending_slice(engine, now) && !budget_us)
		;
	while (run_batch(engine, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	while (tell_slice(engine, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	tell_alarm(engine, now);
	while (guard_expire(engine, RUNS_A_TURN, now))
		if (spent(began, budget_us) || db_status(engine->db) != DB_OK)
			return now;
	while (joining_slice(engine, now))
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
	return engine->n_endings ? now : engine_next_due(engine);
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
	if (ending_takes(engine, &run, now))
		return;
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
	        run_get(engine->db, message.run, &run) &&
	        !ending_under_way(engine, run.rule))
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
