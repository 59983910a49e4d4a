/* The blast guard: too many at once are held until the owner has said a word. It never
 * lets more go by itself, and never holds what the owner let go. */
#include "engine/guard.h"

#include <inttypes.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "engine/ending.h"
#include "engine/notice.h"
#include "store/guarded.h"

#define TIMES 3
#define DAY_HOURS 24
#define LOOK_BACK (60 * DAY_HOURS)
#define BATCH 64

static bool watches(const struct engine *engine, const struct rule *rule)
{
	return engine->shop->guard >= 0 && rule->purpose == PURPOSE_AD &&
	       rule_first_send(rule);
}

/* ---- how many it may ---- */

static int64_t allowed(
        struct engine *engine, const struct rule_state *state, int64_t hour)
{
	struct approval approval = guarded_approval(engine->db, state->row.id);
	int64_t most, n = engine->shop->guard, first = hour - DAY_HOURS + 1;

	if (!approval.approved_at)
		return n;
	most = TIMES * guarded_most(engine->db, state->row.id, first - LOOK_BACK, first,
	                       DAY_HOURS);
	n = most > n ? most : n;
	return approval.up_to > n ? approval.up_to : n;
}

/* Kept for as long as the hour lasts: the day's starts alone go up meanwhile. */
static void refresh(struct engine *engine, struct rule_state *state, int64_t now)
{
	int64_t hour = now / MS_HOUR;

	if (state->guard_hour == hour)
		return;
	state->guard_allowed = allowed(engine, state, hour);
	state->guard_started = guarded_started(
	        engine->db, state->row.id, hour - DAY_HOURS + 1, hour + 1);
	state->guard_hour = hour;
}

static void count_start(struct engine *engine, struct rule_state *state, int64_t now)
{
	int64_t hour = now / MS_HOUR;

	refresh(engine, state, now);
	guarded_count(engine->db, state->row.id, hour, hour - LOOK_BACK - 2 * DAY_HOURS);
	state->guard_started++;
}

struct guard_figures guard_look(
        struct engine *engine, struct rule_state *state, int64_t now)
{
	struct guard_figures out = {
	        .allowed = -1, .held = guarded_held(engine->db, state->row.id)};

	if (!watches(engine, state->rule))
		return out;
	refresh(engine, state, now);
	out.allowed = state->guard_allowed;
	out.started = state->guard_started;
	return out;
}

/* ---- beginning ---- */

static void ask_owner(struct engine *engine, struct rule_state *state, int64_t now)
{
	const char *name = state->rule->name;
	int32_t today = zone_day(engine->shop->zone, now);
	char *text, late[32];

	if (state->guard_asked == today)
		return;
	state->guard_asked = today;
	text = mem_printf(
	        TR("Rule %s would write to more than %" PRId64
	           " customers in 24 hours. What is beyond is held. `dangolctl rule plan "
	           "%s` shows whom it reaches, `dangolctl rule approve %s` lets it go, "
	           "`dangolctl rule drop %s` does not. Without an answer it is dropped "
	           "after %s.",
	                "규칙 %s이(가) 24시간에 %" PRId64
	                "명이 넘는 고객에게 보내려 해서 넘는 것은 붙들어 두었습니다. "
	                "누구인지 보려면 `dangolctl rule plan %s`, 보내려면 `dangolctl "
	                "rule approve %s`, 버리려면 `dangolctl rule drop %s`를 치세요. "
	                "답이 없으면 %s 뒤에 버립니다."),
	        name, state->guard_allowed, name, name, name,
	        notice_span(state->rule->late_ms, late));
	notice_owner(engine, "guard", name, now, text);
	free(text);
}

enum guard_verdict guard_ask(struct engine *engine, struct rule_state *state, int64_t now)
{
	if (!watches(engine, state->rule))
		return GUARD_GO;
	refresh(engine, state, now);
	if (state->guard_started < state->guard_allowed)
		return GUARD_GO;
	if (now < guarded_approval(engine->db, state->row.id).skip_until)
		return GUARD_DROP;
	ask_owner(engine, state, now);
	return GUARD_HOLD;
}

void guard_began(struct engine *engine, struct rule_state *state,
        enum guard_verdict verdict, int64_t run, int64_t now)
{
	if (!watches(engine, state->rule))
		return;
	if (verdict == GUARD_HOLD)
		guarded_add(engine->db, run, state->row.id, now + state->rule->late_ms);
	else
		count_start(engine, state, now);
}

void guard_message(struct engine *engine, const struct rule *rule, int64_t run,
        int64_t message, int64_t now)
{
	if (watches(engine, rule) && guarded_has(engine->db, run))
		message_set_state(
		        engine->db, message, MESSAGE_HELD, REASON_BLAST_GUARD, 0, now);
}

/* ---- the owner's word ---- */

void guard_approve(
        struct engine *engine, struct rule_state *state, int64_t up_to, int64_t now)
{
	guarded_approve(engine->db, state->row.id, up_to, now);
	state->guard_hour = 0;
}

static void let_go(
        struct engine *engine, struct rule_state *state, int64_t id, int64_t now)
{
	int64_t messages[BATCH];
	struct run run;
	int n;

	guarded_remove(engine->db, id);
	n = waiting_held(engine->db, id, REASON_BLAST_GUARD, messages, BATCH);
	for (int i = 0; i < n; i++) {
		message_extend(engine->db, messages[i], now + engine->shop->hold_max_ms);
		message_set_state(
		        engine->db, messages[i], MESSAGE_PLANNED, REASON_NONE, now, now);
	}
	if (n || (run_get(engine->db, id, &run) && !run.ended_at))
		count_start(engine, state, now);
}

int guard_release(
        struct engine *engine, struct rule_state *state, bool all, int max, int64_t now)
{
	int64_t runs[BATCH];
	int n = guarded_of_rule(
	            engine->db, state->row.id, runs, max < BATCH ? max : BATCH),
	    done = 0;

	refresh(engine, state, now);
	for (; done < n && db_status(engine->db) == DB_OK; done++) {
		if (!all && state->guard_started >= state->guard_allowed)
			break;
		let_go(engine, state, runs[done], now);
	}
	if (done && engine->on_planned)
		engine->on_planned(engine->arg, NULL);
	return done;
}

void guard_released_all(struct engine *engine, struct rule_state *state, int64_t now)
{
	int64_t up_to = guarded_approval(engine->db, state->row.id).up_to;

	refresh(engine, state, now);
	if (TIMES * state->guard_started > up_to)
		up_to = TIMES * state->guard_started;
	guard_approve(engine, state, up_to, now);
}

int guard_drop(struct engine *engine, struct rule_state *state, int max, int64_t now)
{
	int64_t runs[BATCH];
	int n = guarded_of_rule(
	        engine->db, state->row.id, runs, max < BATCH ? max : BATCH);

	for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++)
		run_cancel(engine->db, runs[i], REASON_BLAST_GUARD, NULL, now);
	return n;
}

int64_t guard_skip(struct engine *engine, struct rule_state *state, int64_t now)
{
	struct zone *zone = engine->shop->zone;
	int64_t until = zone_instant(zone, zone_day(zone, now) + 1, 0);

	guarded_skip(engine->db, state->row.id, until);
	return until;
}

/* ---- time ---- */

static void expire(struct engine *engine, int64_t id, int64_t now)
{
	struct run run;
	bool found = run_get(engine->db, id, &run);
	const struct rule_state *state = found ? state_of_id(engine, run.rule) : NULL;

	if (found && ending_takes(engine, &run, now))
		return;
	if (state && state->row.paused) /* a pause loses nothing */
		guarded_put_off(engine->db, id, now + state->rule->late_ms);
	else
		run_cancel(engine->db, id, REASON_BLAST_GUARD, NULL, now);
}

int guard_expire(struct engine *engine, int max, int64_t now)
{
	int64_t runs[BATCH];
	int n;

	/* A simulation shows what would be held, and nobody answers in it. */
	if (engine->simulated)
		return 0;
	n = guarded_due(engine->db, now, runs, max < BATCH ? max : BATCH);
	for (int i = 0; i < n && db_status(engine->db) == DB_OK; i++)
		expire(engine, runs[i], now);
	return n;
}

int64_t guard_next_due(struct engine *engine)
{
	return engine->simulated ? 0 : guarded_next_due(engine->db);
}
