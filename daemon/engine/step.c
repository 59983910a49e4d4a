/* Steps: one customer's run through a rule's operations, from one stop to the next. It
 * plans messages and never sends one; it trusts the store alone about where a run stands.
 */
#include "engine/step.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/chain.h"
#include "engine/guard.h"
#include "engine/notice.h"
#include "store/coupon.h"
#include "store/goal.h"
#include "store/term.h"

#define OPS_A_TURN 10000 /* more than any rule has: a loop would be ours */
#define COUPON_RETRY (10 * MS_MINUTE)

unsigned step_share(
        const char *seed, const char *label, const char *customer_ref, unsigned n)
{
	struct buf words = {0};
	uint64_t hash;

	buf_printf(&words, "%s\n%s\n%s", seed, label, customer_ref);
	hash = text_hash(words.data, words.len);
	buf_free(&words);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	return (unsigned)(hash % n);
}

/* ---- the event that started the run ---- */

static void trigger_event_load(
        struct engine *engine, const struct run *run, struct run_event *out)
{
	memset(out, 0, sizeof *out);
	out->arena = arena_new();
	if (run->event)
		out->found = event_get(engine->db, run->event, out->arena, &out->event);
}

static struct moment moment_of(
        struct engine *engine, const struct run_event *event, int64_t now)
{
	return (struct moment){
	        .db = engine->db,
	        .zone = engine->shop->zone,
	        .now = now,
	        .event = event->found ? &event->event : NULL,
	};
}

/* Has an event of that type, that the condition accepts, happened to the customer since?
 */
static bool happened(struct engine *engine, const struct run *run, const char *type,
        struct cond *where, int64_t since, const struct moment *moment)
{
	struct arena *arena = arena_new();
	struct event event;
	int64_t after = 0;
	bool found = false;

	while (!found && event_next(engine->db, run->customer, type, since, after, arena,
	                         &event)) {
		after = event.id;
		found = event.id != run->event &&
		        (!where || cond_ask_event(where, moment, &event) == TRUTH_YES);
	}
	arena_free(arena);
	return found;
}

/* ---- operations: each returns true when the run goes on at run->pc at once ---- */

static void stand(struct engine *engine, struct run *run, int64_t due_at, int64_t step_at)
{
	run->due_at = due_at;
	run->step_at = step_at;
	run_move(engine->db, run->id, run->pc, due_at, step_at);
}

static bool finish(
        struct engine *engine, struct run *run, const char *reason, int64_t now)
{
	run_end(engine->db, run->id, reason, now);
	coupon_release(engine->db, run->id);
	run->ended_at = now;
	return false;
}

static bool step_on(struct run *run)
{
	run->pc++;
	run->step_at = 0;
	return true;
}

/* A template may only make stricter: `Purpose: ad` makes an advertisement of what it is
 * used in, but for the owner. */
const char *step_purpose(const struct engine *engine, const char *template,
        const char *channel, enum purpose purpose)
{
	const struct template *found = engine->ruleset
	                                       ? template_find(engine->ruleset->templates,
	                                                 template, channel, NULL)
	                                       : NULL;

	if (!strcmp(channel, "owner") || !strcmp(channel, "post"))
		return purpose_name(PURPOSE_INFO);
	if (found && found->purpose && !strcmp(found->purpose, "ad"))
		return purpose_name(PURPOSE_AD);
	return purpose_name(purpose);
}

bool step_plan(struct engine *engine, const struct run *run, const struct rule *rule,
        int step, int leg, int64_t now)
{
	const struct rule_state *state = state_of_id(engine, run->rule);
	const struct op *op = &rule->ops[step];
	struct message message;
	int64_t id;

	if (op->kind != OP_SEND || leg < 0 || (size_t)leg >= op->n_legs)
		return false;
	message = (struct message){
	        .run = run->id,
	        .step = step,
	        .leg = leg,
	        .rule = state ? state->rule->name : rule->name,
	        .customer = run->customer,
	        .channel = op->legs[leg].channel,
	        .template = op->legs[leg].template,
	        .purpose = step_purpose(engine, op->legs[leg].template,
	                op->legs[leg].channel, rule->purpose),
	        .flags = (op->by_day ? MESSAGE_BY_DAY : 0) |
	                 (rule->resend_unknown ? MESSAGE_RESEND_UNKNOWN : 0) |
	                 ((size_t)leg + 1 == op->n_legs ? MESSAGE_LAST_LEG : 0),
	        .planned_at = now,
	        .due_at = now,
	        .expires_at = now + (rule->built_in ? TERM_RESULT_DAYS * (int64_t)MS_DAY
	                                            : engine->shop->hold_max_ms),
	};
	id = message_plan(engine->db, &message);
	if (!id)
		return false;
	guard_message(engine, rule, run->id, id, now);
	if (engine->on_planned)
		engine->on_planned(engine->arg, message.channel);
	return true;
}

bool step_gives(const struct rule *rule)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		if (rule->ops[i].kind == OP_GIVE)
			return true;
	return false;
}

bool step_last_words(const struct rule *rule, int pc)
{
	return !rule->goal.set && rule->ops[pc].kind == OP_SEND &&
	       rule->ops[pc + 1].kind == OP_END && !step_gives(rule);
}

static bool do_send(
        struct engine *engine, struct run *run, const struct rule *rule, int64_t now)
{
	if (!step_plan(engine, run, rule, run->pc, 0, now))
		return step_on(run);
	state_plans(engine, run);
	if (rule->ops[run->pc].legs[0].url) {
		run_planned(engine->db, run->id);
		return step_on(run); /* no customer waits for a machine */
	}
	run_sent(engine->db, run->id, run->pc, now);
	if (step_last_words(rule, run->pc))
		return finish(engine, run, "done", now);
	run->due_at = 0;
	run->step_at = now;
	return false;
}

static bool do_give(struct engine *engine, struct run *run, const struct rule *rule,
        const struct op *op, int64_t now)
{
	const struct coupon_decl *decl = state_coupon(engine, op->name);
	struct coupon_terms terms = {0};
	struct arena *arena;
	const char *code;

	if (!decl)
		return finish(engine, run, "no_coupon", now);
	terms = (struct coupon_terms){
	        .name = decl->name,
	        .pattern = engine->simulated ? "TEST-########" : decl->pattern,
	        .pooled = decl->codes && !engine->simulated,
	        .discount = decl->discount,
	        .minimum = decl->minimum,
	        .uses = decl->uses,
	        .stock = decl->stock,
	};
	arena = arena_new();
	code = coupon_reserve(engine->db, &terms, run->id, run->customer,
	        coupon_expiry(decl, engine->shop->zone, now), now, arena);
	arena_free(arena);
	if (code)
		return step_on(run);
	if (now - run->started_at >= rule->late_ms)
		return finish(engine, run, "no_coupon", now);
	notice_no_coupon(engine, rule, decl->name, now);
	stand(engine, run, now + COUPON_RETRY, run->step_at ? run->step_at : now);
	return false;
}

/* An advertising rule wakes only when its next message could leave. */
static int64_t wake_time(
        struct engine *engine, const struct rule *rule, int pc, int64_t due)
{
	enum reason reason;

	if (rule->purpose != PURPOSE_AD)
		return due;
	for (size_t i = (size_t)pc + 1; i < rule->n_ops; i++)
		if (rule->ops[i].kind == OP_SEND)
			return gate_window(engine->shop, rule->ops[i].legs[0].channel,
			        true, false, due, &reason);
	return due;
}

static bool do_wait(struct engine *engine, struct run *run, const struct rule *rule,
        const struct op *op, const struct moment *moment)
{
	int64_t now = moment->now;

	if (op->event &&
	        happened(engine, run, op->event, op->where, run->started_at, moment))
		return finish(engine, run, "unless", now);
	if (!run->step_at) {
		int64_t due = duration_from(op->wait, engine->shop->zone, now, 1);
		stand(engine, run, wake_time(engine, rule, run->pc, due), now);
		return false;
	}
	if (now < run->due_at)
		return false;
	return step_on(run);
}

/* "At once if it is that minute, else the next one." */
static int64_t next_time(struct zone *zone, int weekday, int at_ms, int64_t now)
{
	int32_t today = zone_day(zone, now);

	for (int32_t day = today; day <= today + 8; day++) {
		int64_t t = zone_instant(zone, day, at_ms);
		if (weekday >= 0 && calendar_weekday(day) != weekday)
			continue;
		if (t + MS_MINUTE > now)
			return t > now ? t : now;
	}
	return now;
}

static bool do_wait_until(
        struct engine *engine, struct run *run, const struct op *op, int64_t now)
{
	int64_t due;

	if (run->step_at)
		return now >= run->due_at ? step_on(run) : false;
	due = next_time(engine->shop->zone, op->weekday, op->at_ms, now);
	if (due <= now)
		return step_on(run);
	stand(engine, run, due, now);
	return false;
}

static bool do_wait_for(struct engine *engine, struct run *run, const struct op *op,
        const struct moment *moment)
{
	int64_t now = moment->now;
	int64_t begun = run->step_at ? run->step_at : now;
	int64_t due = duration_from(op->wait, engine->shop->zone, begun, 1);

	if (happened(engine, run, op->event, op->where,
	            op->next ? begun : run->started_at, moment))
		return step_on(run);
	if (now < due) {
		stand(engine, run, due, begun);
		return false;
	}
	run->pc = op->target;
	run->step_at = 0;
	return true;
}

static int side_of(const struct op *op, unsigned share)
{
	unsigned sum = 0;

	for (size_t i = 0; i < op->n_shares; i++) {
		sum += (unsigned)op->shares[i];
		if (share < sum)
			return op->targets[i];
	}
	return op->targets[op->n_shares - 1];
}

static bool do_split(struct engine *engine, struct run *run, const struct op *op)
{
	const struct rule_state *state = state_of_id(engine, run->rule);
	struct arena *arena = arena_new();
	struct customer customer;
	unsigned share = 0;

	if (state && customer_get(engine->db, run->customer, arena, &customer))
		share = step_share(state->row.seed, op->path, customer.ref, 100);
	arena_free(arena);
	run->pc = side_of(op, share);
	run->step_at = 0;
	return true;
}

static bool do_set(struct engine *engine, struct run *run, const struct op *op)
{
	const char *field = strncmp(op->name, "customer.", 9) ? op->name : op->name + 9;
	json_t *attributes = json_object(),
	       *value = json_loads(op->value, JSON_DECODE_ANY, NULL);
	struct arena *arena = arena_new();
	struct customer customer;
	int64_t id;

	json_object_set_new(attributes, field, value ? value : json_string(op->value));
	if (customer_get(engine->db, run->customer, arena, &customer)) {
		struct profile profile = {.ref = customer.ref, .attributes = attributes};
		/* a rule's hand is no sign of life of the customer */
		customer_upsert(engine->db, &profile, customer.seen_at, &id);
		chain_caused(engine, run);
	}
	json_decref(attributes);
	arena_free(arena);
	return step_on(run);
}

static bool do_op(struct engine *engine, struct run *run, const struct rule *rule,
        const struct moment *moment)
{
	const struct op *op = &rule->ops[run->pc];
	int64_t now = moment->now;

	switch (op->kind) {
	case OP_SEND:
		return do_send(engine, run, rule, now);
	case OP_GIVE:
		return do_give(engine, run, rule, op, now);
	case OP_WAIT:
		return do_wait(engine, run, rule, op, moment);
	case OP_WAIT_UNTIL:
		return do_wait_until(engine, run, op, now);
	case OP_WAIT_FOR:
		return do_wait_for(engine, run, op, moment);
	case OP_IF:
		if (cond_ask(op->cond, moment, run->customer) == TRUTH_YES)
			return step_on(run);
		run->pc = op->target;
		return true;
	case OP_JUMP:
		run->pc = op->target;
		return true;
	case OP_STOP:
		return finish(engine, run, "stopped", now);
	case OP_TAG:
		customer_tag(engine->db, run->customer, op->name);
		chain_caused(engine, run);
		return step_on(run);
	case OP_UNTAG:
		customer_untag(engine->db, run->customer, op->name);
		chain_caused(engine, run);
		return step_on(run);
	case OP_SET:
		return do_set(engine, run, op);
	case OP_SPLIT:
		return do_split(engine, run, op);
	case OP_END:
		return finish(engine, run, "done", now);
	}
	return false;
}

/* ---- goals ---- */

/* What an event is to a goal: an order is counted also when the goal was met before; the
 * first to meet it ends the run. */
static bool goal_event(struct engine *engine, struct run *run, const struct rule *rule,
        const struct event *event, const struct moment *moment, int64_t now)
{
	if (!rule->goal.set || strcmp(rule->goal.event, event->type) != 0 ||
	        event->time < run->started_at || event->time >= run->goal_until ||
	        event->id == run->event || (run->goal_at && !event->order))
		return false;
	if (rule->goal.where &&
	        cond_ask_event(rule->goal.where, moment, event) != TRUTH_YES)
		return false;
	if (!goal_meet(engine->db, run->id, event) || run->goal_at)
		return false;
	run_goal(engine->db, run->id, event->time);
	run->goal_at = event->time;
	if (rule->goal.measures || run->ended_at)
		return true;
	message_drop_run(engine->db, run->id, REASON_GOAL_MET, now);
	finish(engine, run, reason_name(REASON_GOAL_MET), now);
	return true;
}

/* What was never shown to the run: it was one of too many, or its customer was another
 * one then. */
static void look_for_goal(struct engine *engine, struct run *run, const struct rule *rule,
        const struct moment *moment)
{
	struct arena *arena = arena_new();
	struct event event = {0};

	while (!run->goal_at && event_next(engine->db, run->customer, rule->goal.event,
	                                run->started_at, event.id, arena, &event))
		goal_event(engine, run, rule, &event, moment, moment->now);
	arena_free(arena);
}

void step_run(
        struct engine *engine, struct run *run, const struct rule *rule, int64_t now)
{
	struct run_event event;
	struct moment moment;
	int left = OPS_A_TURN;

	if (run->pc < 0 || (size_t)run->pc >= rule->n_ops) {
		run_end(engine->db, run->id, "no_longer", now);
		return;
	}
	trigger_event_load(engine, run, &event);
	moment = moment_of(engine, &event, now);
	if (run->step_at && rule->goal.set && !run->goal_at)
		look_for_goal(engine, run, rule, &moment);
	while (!run->ended_at && db_status(engine->db) == DB_OK &&
	        do_op(engine, run, rule, &moment))
		if (--left == 0)
			log_die("rule %s goes round in a circle", rule->name);
	arena_free(event.arena);
}

/* ---- what an event does to somebody who is inside ---- */

static bool wait_event(struct engine *engine, struct run *run, const struct rule *rule,
        const struct event *event, const struct moment *moment, int64_t now)
{
	const struct op *op = &rule->ops[run->pc];
	int64_t since =
	        op->kind == OP_WAIT_FOR && op->next ? run->step_at : run->started_at;

	if (run->ended_at || !run->step_at ||
	        (op->kind != OP_WAIT && op->kind != OP_WAIT_FOR))
		return false;
	if (!op->event || strcmp(op->event, event->type) || event->time < since ||
	        event->id == run->event)
		return false;
	if (op->where && cond_ask_event(op->where, moment, event) != TRUTH_YES)
		return false;
	if (op->kind == OP_WAIT)
		return !finish(engine, run, "unless", now);
	step_on(run);
	step_run(engine, run, rule, now);
	return true;
}

bool step_event(struct engine *engine, struct run *run, const struct rule *rule,
        const struct event *event, int64_t now)
{
	struct run_event started;
	struct moment moment;
	bool did;

	if (run->pc < 0 || (size_t)run->pc >= rule->n_ops)
		return false;
	if (run->ended_at &&
	        (!rule->goal.set || strcmp(rule->goal.event, event->type) != 0))
		return false;
	trigger_event_load(engine, run, &started);
	moment = moment_of(engine, &started, now);
	did = goal_event(engine, run, rule, event, &moment, now);
	did = wait_event(engine, run, rule, event, &moment, now) || did;
	arena_free(started.arena);
	return did;
}
