/* /v1/rules, /v1/reload: the rules in force, and the owner's switches. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "base/mem.h"
#include "door/api.h"
#include "door/job.h"
#include "door/plan.h"
#include "door/routes.h"
#include "engine/ending.h"
#include "language/compile.h"
#include "store/run.h"

static const struct program *program(struct call *call)
{
	return call->api->engine->ruleset ? call->api->engine->ruleset->program : NULL;
}

static const char *state(const struct rule *rule, const struct rule_row *row)
{
	if (rule->off || row->owner_off)
		return "off";
	return row->paused ? "paused" : "on";
}

static json_t *time_json(struct call *call, int64_t ms)
{
	char text[32];
	return ms ? json_string(zone_format(call->api->shop->zone, ms, text))
	          : json_null();
}

json_t *call_rule_json(struct call *call, const struct rule *rule)
{
	struct rule_row row = {0};
	rule_row_find(call->db, rule->name, &row);
	json_t *json = json_object();
	json_object_set_new(json, "name", json_string(rule->name));
	json_object_set_new(
	        json, "title", rule->title ? json_string(rule->title) : json_null());
	json_object_set_new(json, "state", json_string(state(rule, &row)));
	json_object_set_new(json, "on", json_boolean(!rule->off && !row.owner_off));
	json_object_set_new(json, "paused", json_boolean(row.paused));
	json_object_set_new(json, "off_in_file", json_boolean(rule->off));
	json_object_set_new(json, "purpose", json_string(purpose_name(rule->purpose)));
	json_object_set_new(json, "trigger",
	        rule->trigger.text ? json_string(rule->trigger.text) : json_null());
	json_object_set_new(json, "built_in", json_boolean(rule->built_in));
	json_object_set_new(json, "file",
	        rule->file && !rule->built_in ? json_string(rule->file) : json_null());
	json_object_set_new(json, "line", json_integer(rule->line));
	json_object_set_new(json, "since", time_json(call, row.since));
	json_object_set_new(json, "guard", call_guard_json(call, rule));
	return json;
}

void api_rules_list(struct call *call)
{
	json_t *rules = json_array();
	const struct program *all = program(call);
	for (size_t i = 0; all && i < all->n_rules; i++)
		json_array_append_new(rules, call_rule_json(call, &all->rules[i]));
	call_json(call, 200, json_pack("{s:o, s:n}", "rules", rules, "next"));
}

const struct rule *call_rule(struct call *call)
{
	const struct program *all = program(call);
	const struct rule *rule = all ? program_rule(all, call->args[0]) : NULL;
	if (!rule)
		call_problem(call, 404, NULL,
		        TR("there is no rule '%s' in force: `dangolctl rules` shows "
		           "those that are",
		                "쓰이고 있는 규칙 가운데 '%s'은(는) 없습니다. "
		                "`dangolctl rules`로 볼 수 있습니다"),
		        call->args[0]);
	return rule;
}

void api_rules_get(struct call *call)
{
	const struct rule *rule = call_rule(call);
	if (!rule)
		return;
	json_t *json = call_rule_json(call, rule);
	const char *source = rule->source;
	/* The mark is the store's; in an owner's file it would loosen the checks. */
	if (source && !strncmp(source, COMPILE_PINNED, strlen(COMPILE_PINNED)))
		source += strlen(COMPILE_PINNED);
	json_object_set_new(json, "source", source ? json_string(source) : json_null());
	call_json(call, 200, json);
}

/* What was cancelled. */
static void add_ended(json_t *json, const struct waiting *ended)
{
	json_object_set_new(json, "ended", json_integer(ended->runs));
	json_object_set_new(json, "dropped", json_integer(ended->messages));
	json_object_set_new(json, "coupons", json_integer(ended->coupons));
}

/* ---- answers that wait until what they cancelled has ended ---- */

struct awaiting {
	struct call call;
	int64_t rule; /* 0: whichever are ending */
	char *name;   /* of the switched one; NULL: a reload */
	bool on;
	json_t *json; /* what is known of the answer, or NULL */
};

static void switched(struct awaiting *a)
{
	struct call *call = &a->call;
	const struct program *all = program(call);
	const struct rule *rule = all ? program_rule(all, a->name) : NULL;
	struct waiting ended = {0};
	if (!rule) { /* its file went meanwhile */
		call_store_failed(call->ex, DB_BUSY);
		return;
	}
	if (!a->on)
		ended = waiting_ended(call->db, a->rule);
	json_t *json = call_rule_json(call, rule);
	add_ended(json, &ended);
	if (!a->on || !plan_start(call, &rule, 1, json))
		call_json(call, 200, json);
}

static void reloaded(struct call *call, json_t *json);

static bool ending(const struct awaiting *a)
{
	const struct engine *engine = a->call.api->engine;
	return a->rule ? ending_under_way(engine, a->rule) : engine->n_endings > 0;
}

/* One slice and no more: what it costs is the commit, which until does not see. */
static bool on_slice(void *arg, uint64_t until_ns)
{
	struct awaiting *a = arg;
	(void)until_ns;
	if (ending(a))
		ending_slice(a->call.api->engine, clock_now());
	return !ending(a);
}

static void on_ended(void *arg, enum db_status status)
{
	struct awaiting *a = arg;
	a->call.now = clock_now();
	if (status != DB_OK) {
		call_store_failed(a->call.ex, status);
		json_decref(a->json);
	} else if (a->name) {
		switched(a);
	} else {
		reloaded(&a->call, a->json);
	}
	free(a->name);
	free(a);
}

/* Answers by on_ended; at once where no job is free: then what is not known yet is not in
 * it. */
static void await_end(struct call *call, const struct awaiting *like)
{
	struct awaiting *a = mem_alloc(sizeof *a);
	*a = *like;
	a->call = *call;
	a->call.arena = NULL;
	if (!job_start(call->api->jobs, on_slice, on_ended, a))
		on_ended(a, DB_OK);
}

/* The daemon's own rules are no choice of the owner's; true: that was said. */
static bool kept_by_law(struct call *call, const struct rule *rule)
{
	if (!rule->built_in)
		return false;
	call_problem(call, 409, NULL,
	        TR("rule '%s' sends the notices of consent that the law asks for: it is "
	           "neither switched off nor paused. Its texts are yours to write "
	           "(templates %s.sms, %s.email); where the Korean law does not hold, "
	           "`law none` in dangol.conf takes it away",
	                "규칙 '%s'은(는) 법에 따른 수신동의 안내를 보내므로 끄거나 멈출 "
	                "수 "
	                "없습니다. 글은 템플릿 %s.sms, %s.email로 바꿀 수 있고, 한국 "
	                "법이 "
	                "적용되지 않는 곳이면 dangol.conf의 `law none`으로 없앱니다"),
	        rule->name, rule->name, rule->name);
	return true;
}

static void turn(struct call *call, bool on)
{
	const struct rule *rule = call_rule(call);
	struct engine *engine = call->api->engine;
	struct waiting ended;
	int64_t id;
	if (!rule || (!on && kept_by_law(call, rule)))
		return;
	if (on && rule->off) {
		call_problem(call, 409, NULL,
		        TR("the rule's file says off (%s:%d): take the word out and "
		           "reload",
		                "규칙 파일에 끔이라고 적혀 있습니다 (%s:%d). 그 말을 "
		                "지우고 다시 읽어 주세요"),
		        rule->file ? rule->file : "", rule->line);
		return;
	}
	if (!engine_rule_on(engine, rule->name, on, call->now, &ended)) {
		call_problem(call, 409, NULL,
		        TR("the rule could not be switched", "규칙을 바꾸지 못했습니다"));
		return;
	}
	call_audit(call, on ? "rule.on" : "rule.off", rule->name, NULL);
	id = state_of_name(engine, rule->name)->row.id;
	if (ending_under_way(engine, id)) {
		await_end(call,
		        &(struct awaiting){
		                .rule = id, .name = mem_strdup(rule->name), .on = on});
		return;
	}
	json_t *json = call_rule_json(call, rule);
	add_ended(json, &ended);
	if (!on || !plan_start(call, &rule, 1, json))
		call_json(call, 200, json);
}

void api_rules_on(struct call *call)
{
	turn(call, true);
}

void api_rules_off(struct call *call)
{
	turn(call, false);
}

static void halt(struct call *call, bool paused)
{
	const struct rule *rule = call_rule(call);
	if (!rule || (paused && kept_by_law(call, rule)))
		return;
	if (!engine_rule_pause(call->api->engine, rule->name, paused, call->now)) {
		call_problem(call, 409, NULL,
		        TR("the rule could not be switched", "규칙을 바꾸지 못했습니다"));
		return;
	}
	call_audit(call, paused ? "rule.pause" : "rule.resume", rule->name, NULL);
	call_json(call, 200, call_rule_json(call, rule));
}

void api_rules_pause(struct call *call)
{
	halt(call, true);
}

void api_rules_resume(struct call *call)
{
	halt(call, false);
}

/* Returns new. */
static json_t *changes_json(const struct changes *changes)
{
	json_t *list = json_array();
	for (size_t i = 0; i < changes->n; i++) {
		const struct change *change = &changes->items[i];
		json_t *json = json_pack("{s:s, s:s, s:s?}", "rule", change->rule, "what",
		        change_kind_name(change->kind), "was",
		        change->was[0] ? change->was : NULL);
		add_ended(json, &change->ended);
		json_array_append_new(list, json);
	}
	return list;
}

/* Rules that are new or other than they were, and may run. */
static size_t changed_rules(struct call *call, const struct rule *out[PLAN_RULES])
{
	const struct changes *changes = &call->api->engine->untold;
	size_t n = 0;
	for (size_t i = 0; i < changes->n && n < PLAN_RULES; i++) {
		const struct rule *rule =
		        program_rule(program(call), changes->items[i].rule);
		struct rule_row row;
		if (rule && rule_row_find(call->db, rule->name, &row) && row.active)
			out[n++] = rule;
	}
	return n;
}

/* Takes json. */
static void reloaded(struct call *call, json_t *json)
{
	const struct rule *changed[PLAN_RULES];
	size_t n = changed_rules(call, changed);
	json_object_set_new(json, "changes", changes_json(&call->api->engine->untold));
	json_object_set_new(json, "plans", json_array());
	call_audit(call, "reload", NULL, NULL);
	changes_clear(&call->api->engine->untold);
	if (n == 0 || !plan_start(call, changed, n, json))
		call_json(call, 200, json);
}

/* The mistakes alone: what else there is to say waits until they are mended. */
static void refused(struct call *call, const struct diag *diag)
{
	json_t *more =
	        json_pack("{s:o}", "errors", diag ? diag_json(diag) : json_array());
	call_refuse(call, 422, NULL, more, NULL,
	        TR("the files have mistakes; the last good rules stay in force",
	                "파일에 잘못이 있어 마지막으로 바르던 규칙을 계속 씁니다"));
}

static void took_over(struct call *call)
{
	const struct program *all = program(call);
	json_t *json = json_pack("{s:I, s:o}", "rules",
	        (json_int_t)(all ? all->n_rules - all->n_built_in : 0), "warnings",
	        api_warnings(call));
	if (call->api->engine->n_endings)
		await_end(call, &(struct awaiting){.json = json});
	else
		reloaded(call, json);
}

/* Read anew; the answer waits for what the shop's data says. */
struct reloading {
	struct call call;
	const struct diag *diag;
	bool good;
};

static void on_surveyed(void *waiting)
{
	struct reloading *reloading = waiting;
	struct call *call = &reloading->call;
	call->now = clock_now();
	if (!call->api->jobs)
		call_problem(call, 503, NULL,
		        TR("the daemon is stopping", "데몬이 멈추는 중입니다"));
	else if (reloading->good)
		took_over(call);
	else
		refused(call, reloading->diag);
	free(reloading);
}

void api_reload(struct call *call)
{
	const struct api *api = call->api;
	struct reloading *reloading = mem_alloc(sizeof *reloading);
	*reloading = (struct reloading){.call = *call};
	reloading->good = api->reload(api->arg, &reloading->diag);
	reloading->call.arena = NULL;
	if (!api->survey_wait || !api->survey_wait(api->arg, on_surveyed, reloading))
		on_surveyed(reloading);
}
