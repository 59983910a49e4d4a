/* GET /v1/report: what rules came to. The pool counts; here the figures get their outside
 * shape. */
#include <math.h>
#include <stdlib.h>
#include <uv.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/report.h"

#define REPORTS_MAX 2 /* in the pool at a time, half of it; one more is refused */
#define PATIENCE_MS (15 * MS_SECOND) /* a daemon that stops waits for it */

struct reporting {
	uv_work_t work;
	struct call call;
	char *store, *rule;       /* rule NULL: all */
	int64_t from, to;         /* [from, to) */
	char first[16], last[16]; /* the days, as asked; "" */
	struct report found;
	bool worked;
};

/* ---- shapes ---- */

static double rounded(double rate)
{
	return round(rate * 10000) / 10000;
}

/* Null where no run had a goal. */
static json_t *side_json(const struct report_side *side)
{
	json_t *json = side->runs ? json_object() : json_null();
	if (!side->runs)
		return json;
	json_object_set_new(json, "runs", json_integer(side->runs));
	json_object_set_new(json, "met", json_integer(side->met));
	json_object_set_new(json, "rate", json_real(rounded(report_rate(side))));
	json_object_set_new(json, "open", json_integer(side->open));
	return json;
}

static void put_lift(json_t *json, const struct report_rule *rule)
{
	bool both = rule->written.runs && rule->kept.runs;
	double lift = report_rate(&rule->written) - report_rate(&rule->kept);
	json_object_set_new(json, "lift", both ? json_real(rounded(lift)) : json_null());
	json_object_set_new(
	        json, "lift_sure", both ? json_boolean(report_sure(rule)) : json_null());
}

static void put_channels(json_t *json, const struct report_rule *rule)
{
	json_t *accepted = json_object(), *delivered = json_object();
	for (size_t i = 0; i < rule->n_channels; i++) {
		json_object_set_new(accepted, rule->channels[i].name,
		        json_integer(rule->channels[i].accepted));
		json_object_set_new(delivered, rule->channels[i].name,
		        json_integer(rule->channels[i].delivered));
	}
	json_object_set_new(json, "accepted", accepted);
	json_object_set_new(json, "delivered", delivered);
}

/* Null where nobody said what its messages cost, or no order is credited to it. */
static void put_cost(json_t *json, bool priced, int64_t cost, int64_t orders)
{
	json_object_set_new(json, "cost", priced ? json_integer(cost) : json_null());
	json_object_set_new(json, "cost_per_order",
	        priced && orders ? json_integer((cost + orders / 2) / orders)
	                         : json_null());
}

static json_t *rule_json(const struct report_rule *rule)
{
	json_t *json = json_object(), *coupons = json_object();
	json_object_set_new(json, "rule", json_string(rule->name));
	json_object_set_new(json, "removed", json_boolean(rule->removed));
	json_object_set_new(json, "runs", json_integer(rule->runs));
	json_object_set_new(json, "held_out", json_integer(rule->held_out));
	put_channels(json, rule);
	json_object_set_new(json, "goal", side_json(&rule->written));
	json_object_set_new(json, "holdout", side_json(&rule->kept));
	put_lift(json, rule);
	json_object_set_new(json, "orders", json_integer(rule->orders));
	json_object_set_new(json, "revenue", json_integer(rule->revenue));
	put_cost(json, rule->priced, rule->cost, rule->orders);
	json_object_set_new(coupons, "given", json_integer(rule->given));
	json_object_set_new(coupons, "redeemed", json_integer(rule->redeemed));
	json_object_set_new(json, "coupons", coupons);
	return json;
}

static json_t *day_json(const char *day)
{
	return *day ? json_string(day) : json_null();
}

static json_t *report_json(const struct reporting *job)
{
	json_t *json = json_object(), *rules = json_array(), *total = json_object();
	int64_t orders = 0, revenue = 0, cost = 0;
	bool priced = false;
	for (size_t i = 0; i < job->found.n; i++) {
		const struct report_rule *rule = &job->found.rules[i];
		json_array_append_new(rules, rule_json(rule));
		orders += rule->orders;
		revenue += rule->revenue;
		cost += rule->cost;
		priced |= rule->priced;
	}
	json_object_set_new(json, "from", day_json(job->first));
	json_object_set_new(json, "to", day_json(job->last));
	json_object_set_new(json, "rules", rules);
	json_object_set_new(total, "orders", json_integer(orders));
	json_object_set_new(total, "revenue", json_integer(revenue));
	put_cost(total, priced, cost, orders);
	json_object_set_new(json, "total", total);
	return json;
}

/* ---- in the pool ---- */

static void on_work(uv_work_t *work)
{
	struct reporting *job = work->data;
	struct db *db = db_open_reader(job->store);
	if (!db)
		return;
	job->worked = report_ask(db, job->rule, job->from, job->to, job->call.now,
	        clock_mono() + PATIENCE_MS, &job->found);
	db_close(db);
}

/* ---- on the loop again ---- */

static void end(struct reporting *job)
{
	job->call.api->n_reports--;
	report_fini(&job->found);
	free(job->store);
	free(job->rule);
	free(job);
}

static void on_counted(uv_work_t *work, int status)
{
	struct reporting *job = work->data;
	struct call *call = &job->call;
	bool open = call->api->jobs != NULL; /* else the daemon is stopping */
	if (status == 0 && open && job->worked)
		call_json(call, 200, report_json(job));
	else
		call_problem(call, 503, NULL,
		        TR("the figures could not be counted in the time there is: ask "
		           "for one rule, or for fewer days",
		                "정해진 시간 안에 다 세지 못했습니다. 규칙 하나나 더 "
		                "짧은 "
		                "기간으로 물어 주세요"));
	end(job);
}

static void on_committed(void *arg, enum db_status status)
{
	struct reporting *job = arg;
	if (status == DB_OK) {
		uv_queue_work(job->call.api->loop, &job->work, on_work, on_counted);
		return;
	}
	call_store_failed(job->call.ex, status);
	end(job);
}

/* ---- the call ---- */

/* A day of the query, empty when it is not there; false after the refusal was answered.
 */
static bool asked_day(struct call *call, const char *name, char out[16], int32_t *day)
{
	char text[160];
	out[0] = '\0';
	if (!http_query(call->request, name, text, sizeof text))
		return true;
	if (calendar_parse_date(text, day) == 0) {
		calendar_format_date(*day, out);
		return true;
	}
	call_problem(call, 422, NULL,
	        TR("%s= must be a date, as 2026-11-23",
	                "%s=은(는) 2026-11-23 같은 날짜입니다"),
	        name);
	return false;
}

static bool asked_span(struct call *call, struct reporting *job)
{
	struct zone *zone = call->api->shop->zone;
	int32_t from = 0, to = 0;
	if (!asked_day(call, "from", job->first, &from) ||
	        !asked_day(call, "to", job->last, &to))
		return false;
	job->from = *job->first ? zone_instant(zone, from, 0) : INT64_MIN;
	job->to = *job->last ? zone_instant(zone, to + 1, 0) : INT64_MAX;
	if (job->from < job->to)
		return true;
	call_problem(call, 422, NULL,
	        TR("from= is behind to=: the first day comes first",
	                "from=이 to=보다 뒤입니다. 앞선 날을 from=에 적어 주세요"));
	return false;
}

/* False after the refusal was answered; an empty name is all of them. */
static bool asked_rule(struct call *call, char out[160])
{
	if (!http_query(call->request, "rule", out, 160))
		out[0] = '\0';
	if (!out[0] || report_knows(call->db, out))
		return true;
	call_problem(call, 404, NULL,
	        TR("there is and was no rule '%s': `dangolctl rules` shows those in "
	           "force",
	                "'%s'이라는 규칙은 없고 있었던 적도 없습니다. `dangolctl "
	                "rules`로 쓰이는 규칙을 볼 수 있습니다"),
	        out);
	return false;
}

void api_report(struct call *call)
{
	struct api *api = call->api;
	struct reporting asked = {.call = *call}, *job;
	char rule[160];
	if (!asked_rule(call, rule) || !asked_span(call, &asked))
		return;
	if (api->n_reports >= REPORTS_MAX) {
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("too many reports are being counted: ask again",
		                "보고서를 너무 많이 세는 중입니다. 잠시 뒤에 다시 물어 "
		                "주세요"));
		return;
	}
	job = mem_alloc(sizeof *job);
	*job = asked;
	job->call.arena = NULL;
	job->store = mem_strdup(db_path(api->db));
	job->rule = *rule ? mem_strdup(rule) : NULL;
	job->work.data = job;
	api->n_reports++;
	db_after(api->db, on_committed, job);
}
