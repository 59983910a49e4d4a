/* /v1/audit: the access log, a month of it for the review that the law asks for, and
 * whether its chain is whole. The log may be long: the pool reads it, on a reader of its
 * own. It takes nothing out of the log, and changes no row. */
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/audit_head.h"
#include "store/audit_list.h"

#define AUDITS_MAX 4 /* in the pool at a time; one more is refused */
#define REASON_MAX 500

struct auditing {
	uv_work_t work;
	struct call call;
	json_t *(*look)(const struct auditing *job, struct db *reader, struct zone *zone);
	struct audit_filter filter;
	char month[8], customer[512], who[PEER_ACCOUNT];
	char *store, *zone; /* its own: the configuration may be exchanged meanwhile */
	json_t *found;
};

/* ---- in the pool ---- */

static json_t *look_list(const struct auditing *job, struct db *reader, struct zone *zone)
{
	return audit_list(reader, &job->filter, zone);
}

static json_t *look_review(
        const struct auditing *job, struct db *reader, struct zone *zone)
{
	return audit_review(reader, job->month, job->filter.from, job->filter.to, zone);
}

static const char *fault_name(enum audit_fault fault)
{
	switch (fault) {
	case AUDIT_WHOLE:
		return NULL;
	case AUDIT_CHANGED:
		return "changed";
	case AUDIT_GAP:
		return "gap";
	case AUDIT_BASE:
		return "base";
	case AUDIT_CUT:
		return "cut";
	case AUDIT_BROKE:
		return "broke";
	}
	return NULL;
}

static json_t *look_check(
        const struct auditing *job, struct db *reader, struct zone *zone)
{
	struct audit_walk walk;
	json_t *json = json_object();
	(void)job;
	(void)zone;
	audit_check(reader, &walk);
	const char *fault = fault_name(walk.fault);
	json_object_set_new(json, "whole", json_boolean(!fault));
	json_object_set_new(json, "fault", fault ? json_string(fault) : json_null());
	json_object_set_new(json, "row", fault ? json_integer(walk.bad) : json_null());
	json_object_set_new(json, "rows", json_integer(walk.rows));
	json_object_set_new(json, "first", json_integer(walk.first));
	json_object_set_new(json, "last", json_integer(walk.last));
	json_object_set_new(json, "head", json_boolean(walk.head == AUDIT_HEAD_KEPT));
	return json;
}

static void on_work(uv_work_t *work)
{
	struct auditing *job = work->data;
	struct db *reader = db_open_reader(job->store);
	struct zone *zone = zone_open(job->zone);
	if (reader && zone)
		job->found = job->look(job, reader, zone);
	zone_close(zone);
	db_close(reader);
}

/* ---- on the loop again ---- */

static void end(struct auditing *job)
{
	job->call.api->n_audits--;
	free(job->store);
	free(job->zone);
	free(job);
}

static void on_looked(uv_work_t *work, int status)
{
	struct auditing *job = work->data;
	struct call *call = &job->call;
	bool open = call->api->jobs != NULL; /* else the daemon is stopping */
	call->now = clock_now();
	if (status == 0 && open && job->found) {
		call_json(call, 200, job->found);
	} else {
		json_decref(job->found);
		call_problem(call, 503, NULL,
		        TR("the access log could not be read: ask again",
		                "접속기록을 읽지 못했습니다. 다시 물어 주세요"));
	}
	end(job);
}

/* With the log on disk or not: what could not be written is not in the answer. */
static void on_turn_ended(void *arg, enum db_status status)
{
	struct auditing *job = arg;
	(void)status;
	uv_queue_work(job->call.api->loop, &job->work, on_work, on_looked);
}

/* ---- the calls ---- */

static void start(struct call *call, const struct auditing *asked)
{
	struct api *api = call->api;
	if (api->n_audits >= AUDITS_MAX) {
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("the access log is being read by others: ask again",
		                "다른 요청이 접속기록을 읽고 있습니다. 잠시 뒤에 다시 "
		                "물어 주세요"));
		return;
	}
	struct auditing *job = mem_alloc(sizeof *job);
	*job = *asked;
	job->call = *call;
	job->call.arena = NULL;
	job->store = mem_strdup(db_path(api->db));
	job->zone = mem_strdup(api->shop->timezone);
	if (job->filter.customer)
		job->filter.customer = job->customer;
	if (job->filter.who)
		job->filter.who = job->who;
	job->work.data = job;
	api->n_audits++;
	logbook_write(&api->logbook);
	db_after(api->db, on_turn_ended, job);
}

static int32_t month_day(int32_t day)
{
	struct civil civil = calendar_civil(day);
	return calendar_day(civil.year, civil.month, 1);
}

static void month_name(int32_t day, char out[8])
{
	char date[16];
	snprintf(out, 8, "%.7s", calendar_format_date(day, date));
}

/* "2026-11" as its first day; false after the refusal was answered. */
static bool read_month(
        struct call *call, const char *text, const char *pointer, int32_t *day)
{
	char date[16];
	if (strlen(text) == 7 && snprintf(date, sizeof date, "%s-01", text) == 10 &&
	        text[4] == '-' && calendar_parse_date(date, day) == 0)
		return true;
	call_problem(call, 422, pointer,
	        TR("a month is written as 2026-11", "달은 2026-11처럼 적습니다"));
	return false;
}

/* The month of the query into the job: the one that is given where none is named. */
static bool asked_month(struct call *call, int32_t otherwise, struct auditing *job)
{
	struct zone *zone = call->api->shop->zone;
	char text[16];
	int32_t day = otherwise;
	if (http_query(call->request, "month", text, sizeof text) &&
	        !read_month(call, text, NULL, &day))
		return false;
	month_name(day, job->month);
	job->filter.from = zone_instant(zone, day, 0);
	job->filter.to = zone_instant(zone, calendar_add_months(day, 1), 0);
	return true;
}

static int32_t this_month(const struct call *call)
{
	return month_day(zone_day(call->api->shop->zone, call->now));
}

void api_audit_list(struct call *call)
{
	struct auditing job = {.look = look_list};
	if (!call_limit(call, &job.filter.limit) ||
	        !call_query_int(call, "after", 0, INT64_MAX, &job.filter.before))
		return;
	job.filter.to = INT64_MAX;
	if (strstr(call->request->query, "month=") && !asked_month(call, 0, &job))
		return;
	if (http_query(call->request, "customer", job.customer, sizeof job.customer) &&
	        job.customer[0])
		job.filter.customer = job.customer;
	if (http_query(call->request, "who", job.who, sizeof job.who) && job.who[0])
		job.filter.who = job.who;
	start(call, &job);
}

void api_audit_review(struct call *call)
{
	struct auditing job = {.look = look_review};
	if (asked_month(call, this_month(call), &job))
		start(call, &job);
}

void api_audit_check(struct call *call)
{
	const struct auditing job = {.look = look_check};
	start(call, &job);
}

/* ---- what the reviewer adds ---- */

void api_audit_reviewed(struct call *call)
{
	json_t *body = call_object(call, false);
	const char *month = NULL;
	int32_t day;
	if (body && call_member_text(call, body, "month", true, &month) &&
	        read_month(call, month, "/month", &day)) {
		if (day >= this_month(call)) {
			call_problem(call, 422, "/month",
			        TR("a month is looked over when it has passed",
			                "지나간 달만 점검할 수 있습니다"));
		} else {
			call_audit(call, "audit.review", month, NULL);
			call_json(call, 201,
			        json_pack("{s:s, s:b}", "month", month, "reviewed", 1));
		}
	}
	json_decref(body);
}

/* The row of the path; false after the refusal was answered. */
static bool named_row(struct call *call, int64_t *id)
{
	struct audit_link link;
	char *rest;
	*id = strtoll(call->args[0], &rest, 10);
	if (*id > 0 && !*rest && audit_link(call->db, *id, &link))
		return true;
	call_problem(call, 404, NULL,
	        TR("the access log has no such row", "접속기록에 그런 줄이 없습니다"));
	return false;
}

void api_audit_reason(struct call *call)
{
	char row[32];
	const char *text = NULL;
	int64_t id;
	json_t *body = named_row(call, &id) ? call_object(call, false) : NULL;
	if (body && call_member_text(call, body, "text", true, &text)) {
		if (strlen(text) > REASON_MAX) {
			call_problem(call, 422, "/text",
			        TR("a reason has at most %d bytes",
			                "까닭은 %d바이트까지입니다"),
			        REASON_MAX);
		} else {
			snprintf(row, sizeof row, "#%lld", (long long)id);
			call_audit(call, "audit.reason", row, text);
			call_json(call, 201,
			        json_pack("{s:I, s:s}", "id", (json_int_t)id, "reason",
			                text));
		}
	}
	json_decref(body);
}

/* The last month that has passed, as long as it was not looked over. */
json_t *api_audit_figures(struct call *call)
{
	struct zone *zone = call->api->shop->zone;
	int32_t first = this_month(call);
	char month[8];
	month_name(calendar_add_months(first, -1), month);
	bool due = audit_older(call->db, zone_instant(zone, first, 0)) &&
	           !audit_reviewed(call->db, month);
	return json_pack("{s:o}", "due", due ? json_string(month) : json_null());
}
