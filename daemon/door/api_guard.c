/* POST /v1/rules/NAME/approve, drop and skip: the owner's word to the blast guard. What
 * it holds may be very much, so it is let go or dropped in slices. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "door/api.h"
#include "door/job.h"
#include "door/plan.h"
#include "door/routes.h"
#include "engine/guard.h"

#define SLICE 32
#define UP_TO_MOST 10000000

enum word { APPROVE, DROP, SKIP };

struct guard_work {
	struct call call;
	enum word word;
	char *name;
	int64_t up_to; /* 0: whatever is held */
	int64_t until; /* SKIP */
	int64_t n;     /* runs that it was done to */
};

json_t *call_guard_json(struct call *call, const struct rule *rule)
{
	struct rule_state *state = state_of_name(call->api->engine, rule->name);
	struct guard_figures it;
	if (!state)
		return json_null();
	it = guard_look(call->api->engine, state, call->now);
	if (it.allowed < 0 && !it.held)
		return json_null();
	return json_pack("{s:o, s:I, s:I}", "allowed",
	        it.allowed < 0 ? json_null() : json_integer(it.allowed), "started",
	        (json_int_t)it.started, "held", (json_int_t)it.held);
}

/* ---- slices ---- */

/* False: there is no more to do. */
static bool some(struct guard_work *work)
{
	struct engine *engine = work->call.api->engine;
	struct rule_state *state = state_of_name(engine, work->name);
	int64_t now = clock_now();
	int n;
	if (!state)
		return false;
	if (work->word == APPROVE)
		n = guard_release(engine, state, !work->up_to, SLICE, now);
	else
		n = guard_drop(engine, state, SLICE, now);
	work->n += n;
	if (n == 0 && work->word == APPROVE && !work->up_to)
		guard_released_all(engine, state, now);
	return n > 0 && db_status(engine->db) == DB_OK;
}

static bool on_slice(void *arg, uint64_t until_ns)
{
	while (some(arg))
		if (job_late(until_ns))
			return false;
	return true;
}

static json_t *answer_json(struct guard_work *work, const struct rule *rule)
{
	struct call *call = &work->call;
	json_t *json = call_rule_json(call, rule);
	char time[32];
	json_object_set_new(json, work->word == APPROVE ? "released" : "dropped",
	        json_integer(work->n));
	if (work->word == SKIP)
		json_object_set_new(json, "until",
		        json_string(
		                zone_format(call->api->shop->zone, work->until, time)));
	return json;
}

static void on_done(void *arg, enum db_status status)
{
	struct guard_work *work = arg;
	struct call *call = &work->call;
	const struct ruleset *ruleset = call->api->engine->ruleset;
	const struct rule *rule =
	        ruleset ? program_rule(ruleset->program, work->name) : NULL;
	call->now = clock_now();
	if (status != DB_OK || !rule) {
		call_store_failed(call->ex, status != DB_OK ? status : DB_BUSY);
	} else {
		json_t *json = answer_json(work, rule);
		if (work->word != APPROVE || !plan_start(call, &rule, 1, json))
			call_json(call, 200, json);
	}
	free(work->name);
	free(work);
}

/* ---- calls ---- */

/* The rule of the path where the guard has a say; NULL after the refusal was answered. */
static const struct rule *guarded_rule(struct call *call)
{
	const struct rule *rule = call_rule(call);
	json_t *guard = rule ? call_guard_json(call, rule) : NULL;
	bool has = json_is_object(guard);
	json_decref(guard);
	if (!rule || has)
		return rule;
	call_problem(call, 409, NULL,
	        TR("the blast guard has no say in rule '%s': it watches rules that "
	           "advertise, unless dangol.conf says `limits { guard none }`",
	                "대량 발송 방지는 규칙 '%s'과(와) 상관이 없습니다. 광고 규칙만 "
	                "보며, dangol.conf에 `limits { guard none }`이라고 적으면 아무 "
	                "규칙도 보지 않습니다"),
	        rule->name);
	return NULL;
}

/* Before anything is written: what is refused was not done. */
static bool too_busy(struct call *call)
{
	if (!jobs_full(call->api->jobs))
		return false;
	call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many calls are under way", "처리 중인 요청이 너무 많습니다"));
	return true;
}

static void start(struct call *call, const struct guard_work *like)
{
	struct guard_work *work = mem_alloc(sizeof *work);
	*work = *like;
	work->call = *call;
	work->call.arena = NULL;
	if (!job_start(call->api->jobs, on_slice, on_done, work))
		on_done(work, DB_BUSY);
}

static bool read_up_to(struct call *call, int64_t *up_to)
{
	json_t *body = call_object(call, true), *value;
	bool good;
	if (!body)
		return false;
	value = json_object_get(body, "up_to");
	*up_to = json_integer_value(value);
	good = !value || (json_is_integer(value) && *up_to > 0 && *up_to <= UP_TO_MOST);
	json_decref(body);
	if (!good)
		call_problem(call, 422, "/up_to",
		        TR("up_to is how many customers, a number from 1 to %d",
		                "up_to에는 고객 수를 1부터 %d까지로 적어 주세요"),
		        UP_TO_MOST);
	return good;
}

void api_rules_approve(struct call *call)
{
	struct guard_work work = {.word = APPROVE};
	const struct rule *rule = guarded_rule(call);
	struct engine *engine = call->api->engine;
	char detail[40] = "";
	if (!rule || !read_up_to(call, &work.up_to) || too_busy(call))
		return;
	work.name = mem_strdup(rule->name);
	guard_approve(engine, state_of_name(engine, rule->name), work.up_to, call->now);
	if (work.up_to)
		snprintf(detail, sizeof detail, "up to %lld", (long long)work.up_to);
	call_audit(call, "rule.approve", rule->name, detail[0] ? detail : NULL);
	start(call, &work);
}

void api_rules_drop(struct call *call)
{
	struct guard_work work = {.word = DROP};
	const struct rule *rule = guarded_rule(call);
	if (!rule || too_busy(call))
		return;
	work.name = mem_strdup(rule->name);
	call_audit(call, "rule.drop", rule->name, NULL);
	start(call, &work);
}

void api_rules_skip(struct call *call)
{
	struct guard_work work = {.word = SKIP};
	const struct rule *rule = guarded_rule(call);
	struct engine *engine = call->api->engine;
	if (!rule || too_busy(call))
		return;
	work.name = mem_strdup(rule->name);
	work.until = guard_skip(engine, state_of_name(engine, rule->name), call->now);
	call_audit(call, "rule.skip", rule->name, NULL);
	start(call, &work);
}
