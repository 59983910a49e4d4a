/* GET /v1/explain: why a rule reaches a customer, or why not. The pool asks the engine;
 * here its answer gets its outside shape. */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/explain_aside.h"
#include "store/walk.h"

#define EXPLAINS_MAX 8 /* in the pool at a time; one more is refused */

struct explaining {
	uv_work_t work;
	struct call call;
	struct explain_question *question;
	struct arena *arena; /* the answer's */
	char rule[160], customer[160];
	struct explanation found;
	bool worked;
};

static json_t *text_json(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_json(const struct call *call, int64_t ms)
{
	char text[40];
	return ms ? json_string(zone_format(call->api->shop->zone, ms, text))
	          : json_null();
}

static json_t *truth_json(enum truth truth)
{
	return truth == TRUTH_UNKNOWN ? json_null() : json_boolean(truth == TRUTH_YES);
}

static json_t *check_json(const struct explain_check *check)
{
	json_t *json = json_object();
	json_object_set_new(json, "kind", json_string(check->kind));
	json_object_set_new(json, "what", text_json(check->what));
	json_object_set_new(json, "value", text_json(check->value));
	json_object_set_new(json, "holds", truth_json(check->holds));
	json_object_set_new(json, "depth", json_integer(check->depth));
	json_object_set_new(json, "reason",
	        check->reason == REASON_NONE ? json_null()
	                                     : json_string(reason_name(check->reason)));
	return json;
}

static json_t *entry_json(const struct call *call, const struct explain_entry *entry)
{
	char key[40];
	json_t *json = json_object();
	json_object_set_new(json, "time", time_json(call, entry->time));
	json_object_set_new(json, "what", text_json(entry->what));
	json_object_set_new(json, "reason", text_json(entry->reason));
	json_object_set_new(json, "message",
	        entry->message ? json_string(message_key(call->db, entry->message, key))
	                       : json_null());
	return json;
}

static json_t *explanation_json(const struct call *call, const char *rule,
        const char *customer, const struct explanation *found)
{
	json_t *json = json_object(), *checks = json_array(), *history = json_array();
	for (size_t i = 0; i < found->n_checks; i++)
		json_array_append_new(checks, check_json(&found->checks[i]));
	for (size_t i = 0; i < found->n_history; i++)
		json_array_append_new(history, entry_json(call, &found->history[i]));
	json_object_set_new(json, "rule", json_string(rule));
	json_object_set_new(json, "customer", json_string(customer));
	json_object_set_new(json, "why", json_string(found->why));
	json_object_set_new(json, "fires", json_boolean(found->fires));
	json_object_set_new(json, "next", time_json(call, found->next));
	json_object_set_new(json, "at", time_json(call, found->at));
	json_object_set_new(json, "checks", checks);
	json_object_set_new(json, "history", history);
	return json;
}

/* ---- in the pool ---- */

static void on_work(uv_work_t *work)
{
	struct explaining *job = work->data;
	job->worked = explain_aside(job->question, job->arena, &job->found);
}

/* ---- on the loop again ---- */

static void end(struct explaining *job)
{
	job->call.api->n_explains--;
	explain_question_free(job->question);
	arena_free(job->arena);
	free(job);
}

static void on_explained(uv_work_t *work, int status)
{
	struct explaining *job = work->data;
	struct call *call = &job->call;
	bool open = call->api->jobs != NULL; /* else the daemon is stopping */
	call->now = clock_now();
	if (status == 0 && open && job->worked)
		call_json(call, 200,
		        explanation_json(call, job->rule, job->customer, &job->found));
	else
		call_problem(call, 503, NULL,
		        TR("the answer could not be worked out: ask again",
		                "답을 찾지 못했습니다. 다시 물어 주세요"));
	end(job);
}

static void on_committed(void *arg, enum db_status status)
{
	struct explaining *job = arg;
	if (status == DB_OK) {
		uv_queue_work(job->call.api->loop, &job->work, on_work, on_explained);
		return;
	}
	call_store_failed(job->call.ex, status);
	end(job);
}

/* ---- the call ---- */

/* The rule that the query names; NULL after the refusal was answered. */
static struct rule_state *asked_rule(struct call *call)
{
	char name[160];
	struct rule_state *state;
	if (!http_query(call->request, "rule", name, sizeof name) || !name[0]) {
		call_problem(call, 422, NULL,
		        TR("rule= is missing in the query", "주소에 rule=이 없습니다"));
		return NULL;
	}
	state = state_of_name(call->api->engine, name);
	if (!state)
		call_problem(call, 404, NULL,
		        TR("there is no rule '%s' in force: `dangolctl rules` shows "
		           "those that are",
		                "쓰이고 있는 규칙 가운데 '%s'은(는) 없습니다. "
		                "`dangolctl rules`로 볼 수 있습니다"),
		        name);
	return state;
}

/* 0 after the refusal was answered. */
static int64_t asked_customer(struct call *call, char ref[160])
{
	int64_t id;
	if (!http_query(call->request, "customer", ref, 160) || !ref[0]) {
		call_problem(call, 422, NULL,
		        TR("customer= is missing in the query",
		                "주소에 customer=가 없습니다"));
		return 0;
	}
	id = customer_find(call->db, ref);
	if (id) /* who he is now, by whichever id he was asked for */
		walk_ref(call->db, id, ref, 160);
	else
		call_problem(call, 404, NULL,
		        TR("there is no such customer", "그런 고객이 없습니다"));
	return id;
}

static void start(struct call *call, const struct rule_state *state, int64_t customer,
        const char *ref)
{
	struct api *api = call->api;
	struct explaining *job = mem_alloc(sizeof *job);
	*job = (struct explaining){.call = *call, .arena = arena_new()};
	job->call.arena = NULL;
	job->question = explain_question_new(api->engine, state, customer, call->now);
	snprintf(job->rule, sizeof job->rule, "%s", state->rule->name);
	snprintf(job->customer, sizeof job->customer, "%s", ref);
	job->work.data = job;
	call_read(call, "explain", ref, state->rule->name, 1);
	api->n_explains++;
	db_after(api->db, on_committed, job);
}

void api_explain(struct call *call)
{
	struct rule_state *state = asked_rule(call);
	char ref[160];
	int64_t customer = state ? asked_customer(call, ref) : 0;
	if (!customer)
		return;
	if (call->api->n_explains < EXPLAINS_MAX)
		start(call, state, customer, ref);
	else
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("too many questions are being answered: ask again",
		                "답을 찾고 있는 질문이 너무 많습니다. 잠시 뒤에 다시 "
		                "물어 주세요"));
}
