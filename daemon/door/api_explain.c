/* GET /v1/explain: why a rule reaches a customer, or why not. It gives the engine's
 * answer its outside shape and works out nothing. */
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/explain.h"

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

static bool asked_customer(struct call *call, struct customer *out)
{
	char ref[160];
	if (!http_query(call->request, "customer", ref, sizeof ref) || !ref[0]) {
		call_problem(call, 422, NULL,
		        TR("customer= is missing in the query",
		                "주소에 customer=가 없습니다"));
		return false;
	}
	int64_t id = customer_find(call->db, ref);
	if (id && customer_get(call->db, id, call->arena, out))
		return true;
	call_problem(
	        call, 404, NULL, TR("there is no such customer", "그런 고객이 없습니다"));
	return false;
}

void api_explain(struct call *call)
{
	struct customer customer;
	struct explanation found;
	struct rule_state *state = asked_rule(call);
	if (!state || !asked_customer(call, &customer))
		return;
	explain(call->api->engine, state, &customer, call->now, call->arena, &found);
	call_json(call, 200,
	        explanation_json(call, state->rule->name, customer.ref, &found));
}
