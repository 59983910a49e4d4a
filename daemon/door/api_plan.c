/* GET /v1/rules/NAME/plan, and the plans that other calls answer with: whom a rule would
 * reach, why not the others, at what price. The counting is the pool's; here it is only
 * begun, priced and told. */
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/plan.h"
#include "door/routes.h"
#include "engine/reach.h"

/* For all plans of a call together: a daemon that stops waits for them. */
#define PATIENCE_MS (15 * MS_SECOND)

struct plan {
	struct reach_question *question;
	struct reach reach;
	bool worked;
};

struct planning {
	uv_work_t work;
	struct call call;
	json_t *answer; /* or NULL */
	size_t n;
	struct plan plans[PLAN_RULES];
};

/* ---- in the pool ---- */

static void on_work(uv_work_t *work)
{
	struct planning *planning = work->data;
	int64_t until = clock_mono() + PATIENCE_MS;
	for (size_t i = 0; i < planning->n; i++) {
		struct plan *plan = &planning->plans[i];
		plan->worked = reach_ask(plan->question, until, &plan->reach);
	}
}

/* ---- on the loop again ---- */

/* What one of these costs: by the letter that one of those customers would get. False
 * when no price is set or it cannot be rendered. */
static bool price_of(struct call *call, const struct reach *reach, int leg,
        const struct rule *rule, int64_t customer, int64_t *won)
{
	char why[256];
	struct letter *letter =
	        dispatch_preview(call->api->dispatch, reach->channels[leg],
	                reach->templates[leg], customer, rule, call->now, NULL, why);
	bool said = letter && letter->price.said;
	if (said)
		*won = letter->price.won;
	letter_free(letter);
	return said;
}

static json_t *cost_json(struct call *call, const struct reach *reach,
        const struct reach_span *span, const struct rule *rule)
{
	int64_t sum = 0, won = 0;
	for (int i = 0; i < reach->n_legs; i++) {
		if (!span->legs[i])
			continue;
		if (!rule || !price_of(call, reach, i, rule, span->first[i], &won))
			return json_null();
		sum += span->legs[i] * won;
	}
	return json_integer(sum);
}

/* Budgets that the messages would pass; the rest of them waits. An estimate, as the cost
 * is: by the price of one of those customers' messages. */
static json_t *budgets_json(
        struct call *call, const struct plan *plan, const struct rule *rule)
{
	const struct reach *reach = &plan->reach;
	json_t *json = json_array(), *one;
	int64_t won = 0;
	for (int i = 0; i < reach->n_legs; i++) {
		if (!reach->now.legs[i] || !rule ||
		        strcmp(plan->question->purposes[i], "ad") ||
		        !price_of(call, reach, i, rule, reach->now.first[i], &won))
			continue;
		one = call_budget_json(
		        call, reach->channels[i], reach->now.legs[i] * won);
		if (one)
			json_array_append_new(json, one);
	}
	return json;
}

/* Returns new. */
static json_t *span_json(struct call *call, const struct reach *reach,
        const struct reach_span *span, const struct rule *rule)
{
	json_t *json = json_object(), *left = json_object(), *channels = json_object();
	json_object_set_new(json, "found", json_integer(span->found));
	json_object_set_new(json, "reached", json_integer(span->reached));
	for (int i = 0; i < reach->n_legs; i++) {
		json_int_t so_far =
		        json_integer_value(json_object_get(channels, reach->channels[i]));
		if (span->legs[i])
			json_object_set_new(channels, reach->channels[i],
			        json_integer(so_far + span->legs[i]));
	}
	json_object_set_new(json, "channels", channels);
	for (int i = 1; i < REACH_REASONS; i++)
		if (span->left_out[i])
			json_object_set_new(
			        left, reach_reason(i), json_integer(span->left_out[i]));
	json_object_set_new(json, "left_out", left);
	json_object_set_new(json, "cost", cost_json(call, reach, span, rule));
	return json;
}

/* Returns new; null where it could not be worked out. */
static json_t *plan_json(struct call *call, const struct plan *plan)
{
	const struct reach *reach = &plan->reach;
	const struct ruleset *ruleset = call->api->engine->ruleset;
	const struct rule *rule =
	        ruleset ? program_rule(ruleset->program, plan->question->rule) : NULL;
	json_t *json, *sample;
	if (!plan->worked)
		return json_null();
	json = json_object();
	sample = json_array();
	json_object_set_new(json, "rule", json_string(plan->question->rule));
	json_object_set_new(json, "trigger",
	        rule && rule->trigger.text ? json_string(rule->trigger.text)
	                                   : json_null());
	json_object_set_new(json, "owner", json_boolean(reach->owner));
	json_object_set_new(json, "now", span_json(call, reach, &reach->now, rule));
	json_object_set_new(json, "week", span_json(call, reach, &reach->week, rule));
	json_object_set_new(json, "times", json_integer(reach->times));
	for (int i = 0; i < reach->n_sample; i++)
		json_array_append_new(sample, json_string(reach->sample[i]));
	json_object_set_new(json, "sample", sample);
	json_object_set_new(json, "budgets", budgets_json(call, plan, rule));
	json_object_set_new(
	        json, "guard", rule ? call_guard_json(call, rule) : json_null());
	json_object_set_new(json, "complete", json_boolean(!reach->partial));
	return json;
}

/* A plan names some of those whom it reaches. */
static void tell_read(const struct call *call, json_t *plans)
{
	json_t *plan;
	size_t i, n = 0;
	json_array_foreach(plans, i, plan) n +=
	        json_array_size(json_object_get(plan, "sample"));
	if (n)
		call_read(call, "plan", NULL, NULL, (int64_t)n);
}

static void answer(struct planning *planning, json_t *plans)
{
	struct call *call = &planning->call;
	json_t *first = json_array_get(plans, 0);
	tell_read(call, plans);
	if (planning->answer) {
		json_object_set_new(planning->answer, "plans", plans);
		call_json(call, 200, planning->answer);
		return;
	}
	if (json_is_object(first))
		call_json(call, 200, json_incref(first));
	else
		call_problem(call, 503, NULL,
		        TR("the plan could not be worked out: ask again",
		                "계획을 계산하지 못했습니다. 다시 물어 주세요"));
	json_decref(plans);
}

static void end(struct planning *planning)
{
	planning->call.api->n_plans--;
	for (size_t i = 0; i < planning->n; i++)
		reach_question_free(planning->plans[i].question);
	free(planning);
}

static void on_counted(uv_work_t *work, int status)
{
	struct planning *planning = work->data;
	struct call *call = &planning->call;
	bool open = call->api->jobs != NULL; /* else the daemon is stopping */
	json_t *plans = json_array();
	call->now = clock_now();
	for (size_t i = 0; i < planning->n; i++)
		json_array_append_new(
		        plans, status == 0 && open ? plan_json(call, &planning->plans[i])
		                                   : json_null());
	answer(planning, plans);
	end(planning);
}

static void on_committed(void *arg, enum db_status status)
{
	struct planning *planning = arg;
	if (status == DB_OK) {
		uv_queue_work(
		        planning->call.api->loop, &planning->work, on_work, on_counted);
		return;
	}
	call_store_failed(planning->call.ex, status);
	json_decref(planning->answer);
	end(planning);
}

bool plan_start(
        const struct call *call, const struct rule *const *rules, size_t n, json_t *with)
{
	struct api *api = call->api;
	struct planning *planning;
	if (api->n_plans >= PLANS_MAX)
		return false;
	planning = mem_alloc(sizeof *planning);
	*planning = (struct planning){.call = *call, .answer = with};
	planning->call.arena = NULL;
	planning->n = n < PLAN_RULES ? n : PLAN_RULES;
	for (size_t i = 0; i < planning->n; i++)
		planning->plans[i].question =
		        reach_question_new(api->engine, rules[i], call->now);
	planning->work.data = planning;
	api->n_plans++;
	db_after(api->db, on_committed, planning);
	return true;
}

/* ---- the call ---- */

void api_rules_plan(struct call *call)
{
	const struct rule *rule = call_rule(call);
	if (rule && !plan_start(call, &rule, 1, NULL))
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("too many plans are being worked out: ask again",
		                "계획을 너무 많이 계산하는 중입니다. 잠시 뒤에 다시 "
		                "물어 주세요"));
}
