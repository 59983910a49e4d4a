/* How the daemon is: status, liveness and figures. It changes nothing. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/diag.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/bulk.h"
#include "store/erase.h"
#include "store/event.h"
#include "store/guarded.h"
#include "store/message.h"
#include "store/run.h"

/* ---- status ---- */

struct counts {
	int64_t loaded, off, paused;
	char first_paused[80];
	int64_t guarded; /* customers whom the blast guard holds */
	char first_guarded[80];
};

static void count_rules(struct call *call, struct counts *out)
{
	const struct ruleset *ruleset = call->api->engine->ruleset;
	*out = (struct counts){0};
	for (size_t i = 0; ruleset && i < ruleset->program->n_rules; i++) {
		const struct rule *rule = &ruleset->program->rules[i];
		struct rule_row row = {0};
		if (rule->built_in)
			continue;
		rule_row_find(call->db, rule->name, &row);
		bool off = rule->off || row.owner_off;
		out->loaded++;
		out->off += off;
		if (!off && row.paused && out->paused++ == 0)
			snprintf(out->first_paused, sizeof out->first_paused, "%s",
			        rule->name);
		int64_t held = guarded_held(call->db, row.id);
		if (held && out->guarded == 0)
			snprintf(out->first_guarded, sizeof out->first_guarded, "%s",
			        rule->name);
		out->guarded += held;
	}
}

static const struct diag *mistakes(struct call *call)
{
	const struct diag *diag =
	        call->api->rule_errors ? call->api->rule_errors(call->api->arg) : NULL;
	return diag && diag->errors ? diag : NULL;
}

static const struct diag *config_mistakes(struct call *call)
{
	const struct diag *diag = call->api->config_errors
	                                  ? call->api->config_errors(call->api->arg)
	                                  : NULL;
	return diag && diag->errors ? diag : NULL;
}

static void add_errors(json_t *out, const struct diag *diag)
{
	json_t *all = diag ? diag_json(diag) : NULL, *item;
	size_t i;
	json_array_foreach(all, i, item)
	{
		if (json_is_true(json_object_get(item, "warning")))
			continue;
		json_object_del(item, "warning");
		json_array_append(out, item);
	}
	json_decref(all);
}

/* Mistakes alone, those of dangol.conf first, in the shape of status. Returns new. */
static json_t *errors_json(struct call *call)
{
	json_t *out = json_array();
	add_errors(out, config_mistakes(call));
	add_errors(out, mistakes(call));
	return out;
}

static json_t *findings(struct call *call)
{
	return call->api->findings ? call->api->findings(call->api->arg) : NULL;
}

json_t *api_warnings(struct call *call)
{
	const struct api *api = call->api;
	json_t *out = json_array(),
	       *all = api->reading ? diag_json(api->reading(api->arg)) : json_array(),
	       *item;
	size_t i;
	json_array_foreach(all, i, item)
	{
		if (json_is_true(json_object_get(item, "warning")))
			json_array_append(out, item);
	}
	json_array_extend(out, findings(call));
	json_decref(all);
	return out;
}

static json_t *survey_json(struct call *call)
{
	const struct api *api = call->api;
	json_t *figures = api->figures ? api->figures(api->arg) : NULL;
	return figures ? json_deep_copy(figures) : json_null();
}

/* Every state, also those that nobody is in. Returns new. */
static json_t *queue_json(struct call *call)
{
	json_t *totals = message_totals(call->db);
	for (int i = 0; i < MESSAGE_STATES; i++)
		if (!json_object_get(totals, message_state_name(i)))
			json_object_set_new(
			        totals, message_state_name(i), json_integer(0));
	return totals;
}

static int64_t waiting_next(struct call *call, json_t *channels)
{
	const char *name;
	json_t *channel;
	int64_t next = 0;
	json_object_foreach(channels, name, channel)
	{
		int64_t due = message_next_due(call->db, name);
		if (due && (!next || due < next))
			next = due;
	}
	return next;
}

/* "FILE:LINE: MESSAGE" of what the shop's data says first of a rule, or NULL. Returns
 * new. */
static char *first_finding(struct call *call)
{
	json_t *first = json_array_get(findings(call), 0);
	if (!first)
		return NULL;
	return mem_printf("%s:%lld: %s",
	        json_string_value(json_object_get(first, "file")),
	        (long long)json_integer_value(json_object_get(first, "line")),
	        json_string_value(json_object_get(first, "message")));
}

static char *why_quiet(struct call *call)
{
	char *finding = first_finding(call), *text;
	if (!finding)
		return mem_strdup(TR("Nothing is due.", "지금 보낼 것이 없습니다."));
	text = mem_printf(TR("Nothing is due. Worth a look: %s",
	                          "지금 보낼 것이 없습니다. 살펴볼 것: %s"),
	        finding);
	free(finding);
	return text;
}

static char *why_queue(struct call *call, json_t *queue, json_t *channels)
{
	int64_t waiting = json_integer_value(json_object_get(queue, "planned")) +
	                  json_integer_value(json_object_get(queue, "held"));
	int64_t due = waiting ? waiting_next(call, channels) : 0;
	char time[32];
	if (!waiting)
		return why_quiet(call);
	if (due > call->now)
		return mem_printf(
		        TR("%lld messages wait, the next one until %s.",
		                "메시지 %lld건이 기다리고, 다음 시각은 %s입니다."),
		        (long long)waiting,
		        zone_format(call->api->shop->zone, due, time));
	if (due)
		return mem_printf(TR("%lld messages are on their way out.",
		                          "메시지 %lld건이 나가는 중입니다."),
		        (long long)waiting);
	return mem_printf(
	        TR("%lld messages are held until you release them.",
	                "메시지 %lld건이 붙들려 있습니다. 풀어 주어야 나갑니다."),
	        (long long)waiting);
}

/* "FILE:LINE: MESSAGE" of the first one. Returns new. */
static char *first_mistake(const struct diag *diag)
{
	json_t *errors = json_array(), *item;
	struct buf out = {0};
	add_errors(errors, diag);
	item = json_array_get(errors, 0);
	buf_adds(&out, json_string_value(json_object_get(item, "file")));
	if (json_integer_value(json_object_get(item, "line")))
		buf_printf(&out, ":%lld",
		        (long long)json_integer_value(json_object_get(item, "line")));
	buf_printf(&out, ": %s", json_string_value(json_object_get(item, "message")));
	json_decref(errors);
	return out.data;
}

static char *why_mistakes(const struct diag *diag, const char *one, const char *several)
{
	char *first = first_mistake(diag),
	     *text = diag->errors == 1 ? mem_printf(one, first)
	                               : mem_printf(several, diag->errors, first);
	free(first);
	return text;
}

static char *why_rules(struct call *call, const struct counts *counts)
{
	const struct diag *config = config_mistakes(call), *diag = mistakes(call);
	if (config)
		return why_mistakes(config,
		        TR("dangol.conf has a mistake, the last good one stays in force: "
		           "%s",
		                "dangol.conf에 잘못이 있어 마지막으로 바르던 설정을 "
		                "씁니다: %s"),
		        TR("dangol.conf has %zu mistakes, the last good one stays in "
		           "force: %s",
		                "dangol.conf에 잘못이 %zu개 있어 마지막으로 바르던 "
		                "설정을 씁니다: %s"));
	if (diag && counts->loaded)
		return why_mistakes(diag,
		        TR("The rules have a mistake, the last good ones stay in force: "
		           "%s",
		                "규칙에 잘못이 있어 마지막으로 바르던 규칙을 씁니다: "
		                "%s"),
		        TR("The rules have %zu mistakes, the last good ones stay in "
		           "force: %s",
		                "규칙에 잘못이 %zu개 있어 마지막으로 바르던 규칙을 "
		                "씁니다: %s"));
	if (diag)
		return why_mistakes(diag,
		        TR("No rules are in force, they have a mistake: %s",
		                "규칙에 잘못이 있어 쓰이는 규칙이 없습니다: %s"),
		        TR("No rules are in force, they have %zu mistakes: %s",
		                "규칙에 잘못이 %zu개 있어 쓰이는 규칙이 없습니다: %s"));
	const char *delivery = dispatch_why(call->api->dispatch, call->now);
	return delivery ? mem_strdup(delivery) : NULL;
}

/* One sentence: what of the figures most keeps messages from going out. Returns new. */
static char *why(struct call *call, const struct counts *counts, const json_t *figures)
{
	json_t *queue = json_object_get(figures, "queue"),
	       *channels = json_object_get(figures, "channels");
	if (db_last_turn(call->db) == DB_FULL)
		return mem_strdup(TR("The disk is full: nothing is taken in or sent "
		                     "until there is room on it.",
		        "디스크가 가득 찼습니다. 자리를 만들기 전에는 받지도 보내지도 "
		        "못합니다."));
	char *sentence = why_rules(call, counts);
	if (sentence)
		return sentence;
	if (counts->paused == 1)
		return mem_printf(
		        TR("Rule %s is paused.", "규칙 %s이(가) 멈춰 있습니다."),
		        counts->first_paused);
	if (counts->paused)
		return mem_printf(TR("%lld rules are paused, %s among them.",
		                          "규칙 %lld개가 멈춰 있습니다 (%s 등)."),
		        (long long)counts->paused, counts->first_paused);
	if (counts->guarded)
		return mem_printf(
		        TR("%lld customers wait for your word, those of rule %s among "
		           "them: `dangolctl rule plan %s`, then `rule approve %s` or "
		           "`rule drop %s`.",
		                "고객 %lld명에게 보낼 것이 사장님의 결정을 기다립니다 "
		                "(규칙 %s 등). `dangolctl rule plan %s`로 보고 `rule "
		                "approve %s`나 `rule drop %s`를 하세요."),
		        (long long)counts->guarded, counts->first_guarded,
		        counts->first_guarded, counts->first_guarded,
		        counts->first_guarded);
	sentence = call_notices_why(call, json_object_get(figures, "notices"));
	if (!sentence)
		sentence = call_budget_why(call);
	if (!sentence)
		sentence = forwarder_why(call->api->forwarder, call->now);
	if (sentence)
		return sentence;
	bool waits = json_integer_value(json_object_get(queue, "planned")) ||
	             json_integer_value(json_object_get(queue, "held"));
	if (!waits && counts->loaded == 0)
		return mem_strdup(TR("There is no rule yet.", "아직 규칙이 없습니다."));
	if (!waits && counts->off == counts->loaded)
		return mem_strdup(TR("Every rule is off.", "모든 규칙이 꺼져 있습니다."));
	return why_queue(call, queue, channels);
}

static int64_t uptime_s(struct call *call)
{
	return (clock_mono() - call->api->started_mono) / MS_SECOND;
}

static json_t *events_json(struct call *call)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "accepted",
	        (json_int_t)event_counted(call->db, "accepted"), "duplicate",
	        (json_int_t)event_counted(call->db, "duplicate"), "rejected",
	        (json_int_t)event_counted(call->db, "rejected"), "chain",
	        (json_int_t)event_counted(call->db, "chain"));
}

/* Customers at whom no rule looks any more. */
static json_t *bulk_json(struct call *call)
{
	char first[256];
	int64_t n = bulk_customers(call->db, first, sizeof first);
	return json_pack(
	        "{s:I, s:s?}", "customers", (json_int_t)n, "newest", n ? first : NULL);
}

/* Types of events that look like slips of standard ones. */
static json_t *misnomers_json(struct call *call)
{
	const struct misnomers *m = &call->api->engine->misnomers;
	json_t *list = json_array();
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].meant)
			json_array_append_new(list,
			        json_pack("{s:s, s:s, s:I}", "type", m->items[i].type,
			                "meant", m->items[i].meant, "count",
			                (json_int_t)m->items[i].n));
	return list;
}

void api_status_get(struct call *call)
{
	struct counts counts;
	count_rules(call, &counts);
	json_t *json = json_object(), *text,
	       *channels = dispatch_status(call->api->dispatch, call->now);
	json_object_set_new(json, "version", json_string(call->api->version));
	json_object_set_new(json, "uptime_s", json_integer(uptime_s(call)));
	json_object_set_new(json, "why", json_null()); /* its place; said below */
	json_object_set_new(json, "rules",
	        json_pack("{s:I, s:I, s:o, s:o}", "loaded", (json_int_t)counts.loaded,
	                "off", (json_int_t)counts.off, "errors", errors_json(call),
	                "warnings", api_warnings(call)));
	json_object_set_new(json, "survey", survey_json(call));
	json_object_set_new(json, "queue", queue_json(call));
	json_object_set_new(json, "channels", channels);
	json_object_set_new(json, "spent", call_spent_json(call, channels));
	json_object_set_new(json, "events", events_json(call));
	json_object_set_new(json, "hooks", api_hooks_figures(call));
	json_object_set_new(json, "forwards", call_forwards_json(call));
	json_object_set_new(json, "receipts", api_receipts_figures(call));
	json_object_set_new(json, "bounces", dispatch_bounces(call->api->dispatch));
	json_object_set_new(json, "notices", call_notices_json(call));
	json_object_set_new(json, "bulk", bulk_json(call));
	json_object_set_new(json, "audit", api_audit_figures(call));
	json_object_set_new(json, "misnomers", misnomers_json(call));
	json_object_set_new(json, "store", call_store_json(call));
	char *sentence = why(call, &counts, json);
	text = json_string(sentence);
	free(sentence);
	json_object_set_new(json, "why", text ? text : json_string(""));
	json_t *more =
	        call->api->more_status ? call->api->more_status(call->api->arg) : NULL;
	if (more)
		json_object_update_missing(json, more);
	json_decref(more);
	call_json(call, 200, json);
}

void api_health_get(struct call *call)
{
	call_static(call, 200, "{\"status\":\"ok\"}");
}

/* ---- figures: Prometheus' text format, version 0.0.4 ---- */

static void figure(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void channel_figures(struct buf *out, json_t *channels)
{
	const char *name;
	json_t *channel;
	figure(out, "dangol_channel_waiting", "gauge",
	        "Messages that wait for a channel.");
	json_object_foreach(channels, name, channel) buf_printf(out,
	        "dangol_channel_waiting{channel=\"%s\"} %lld\n", name,
	        (long long)json_integer_value(json_object_get(channel, "waiting")));
	figure(out, "dangol_channel_ok", "gauge", "1 where a channel takes messages.");
	json_object_foreach(channels, name, channel)
	{
		const char *is = json_string_value(json_object_get(channel, "state"));
		buf_printf(out, "dangol_channel_ok{channel=\"%s\"} %d\n", name,
		        is && strcmp(is, "ok") == 0);
	}
}

static void labelled(struct buf *out, const char *name, const char *label, json_t *counts)
{
	const char *key;
	json_t *value;
	json_object_foreach(counts, key, value) buf_printf(out, "%s{%s=\"%s\"} %lld\n",
	        name, label, key, (long long)json_integer_value(value));
}

static void single(struct buf *out, const char *name, const char *help, int64_t value)
{
	figure(out, name, "gauge", help);
	buf_printf(out, "%s %lld\n", name, (long long)value);
}

static void rule_figures(struct buf *out, struct call *call)
{
	struct counts counts;
	count_rules(call, &counts);
	figure(out, "dangol_rules", "gauge", "Rules in force.");
	buf_printf(out,
	        "dangol_rules{state=\"loaded\"} %lld\ndangol_rules{state=\"off\"} %lld\n"
	        "dangol_rules{state=\"paused\"} %lld\n",
	        (long long)counts.loaded, (long long)counts.off,
	        (long long)counts.paused);
	single(out, "dangol_rule_errors", "Mistakes in the rule files.",
	        mistakes(call) ? (int64_t)mistakes(call)->errors : 0);
}

static void forward_figure(struct buf *out, json_t *forwards, const char *name,
        const char *type, const char *help, const char *member)
{
	const char *key;
	json_t *one;
	figure(out, name, type, help);
	json_object_foreach(forwards, key, one)
	        buf_printf(out, "%s{forward=\"%s\"} %lld\n", name, key,
	                (long long)json_integer_value(json_object_get(one, member)));
}

static void forward_figures(struct buf *out, struct call *call)
{
	json_t *forwards = call_forwards_json(call), *one;
	const char *key;
	forward_figure(out, forwards, "dangol_forward_waiting", "gauge",
	        "Events that wait for a server.", "waiting");
	forward_figure(out, forwards, "dangol_forward_lag_seconds", "gauge",
	        "Age of the oldest of them.", "lag_s");
	forward_figure(out, forwards, "dangol_forward_sent_total", "counter",
	        "Events that a server took.", "sent");
	forward_figure(out, forwards, "dangol_forward_dropped_total", "counter",
	        "Events that no server took in the time they are kept.", "dropped");
	figure(out, "dangol_forward_ok", "gauge", "1 where nobody's events are held.");
	json_object_foreach(forwards, key, one)
	        buf_printf(out, "dangol_forward_ok{forward=\"%s\"} %d\n", key,
	                !strcmp(json_string_value(json_object_get(one, "state")), "ok"));
	json_decref(forwards);
}

static void store_figures(struct buf *out, struct call *call)
{
	json_t *notices = call_notices_json(call), *sealing = call_sealing_json(call);
	figure(out, "dangol_notices", "gauge", "Statutory notices of consent.");
	labelled(out, "dangol_notices", "state", notices);
	single(out, "dangol_store_bytes", "Size of the database and its log.",
	        db_bytes(call->db));
	single(out, "dangol_store_sealed", "1 where personal data is sealed.",
	        json_is_true(json_object_get(sealing, "sealed")));
	single(out, "dangol_customers_erased", "Customers who were erased.",
	        erased_total(call->db));
	json_decref(notices);
	json_decref(sealing);
}

void api_metrics_get(struct call *call)
{
	struct buf out = {0};
	json_t *queue = queue_json(call), *events = events_json(call);
	json_t *channels = dispatch_status(call->api->dispatch, call->now);
	json_t *receipts = api_receipts_figures(call);
	single(&out, "dangol_uptime_seconds", "Seconds since the daemon started.",
	        uptime_s(call));
	figure(&out, "dangol_events_total", "counter", "Events by what became of them.");
	labelled(&out, "dangol_events_total", "result", events);
	figure(&out, "dangol_receipts_total", "counter",
	        "Delivery reports by what became of them.");
	json_object_del(receipts, "early"); /* goes down again */
	labelled(&out, "dangol_receipts_total", "result", receipts);
	figure(&out, "dangol_messages", "gauge", "Messages by state.");
	labelled(&out, "dangol_messages", "state", queue);
	rule_figures(&out, call);
	channel_figures(&out, channels);
	forward_figures(&out, call);
	store_figures(&out, call);
	json_decref(queue);
	json_decref(events);
	json_decref(receipts);
	json_decref(channels);
	call_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
}
