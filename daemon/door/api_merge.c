/* POST /v1/customers/ID/merge: two customers become one. What that means is the store's
 * and the engine's to say; this file finds whom it is about and does it in slices. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/job.h"
#include "door/routes.h"
#include "engine/merging.h"
#include "store/alias.h"
#include "store/unmerge.h"
#include "store/walk.h"

#define SLICE_MS 4
#define REF_SIZE 160

struct joining {
	struct call call;
	char *from;          /* as it was asked for */
	char into[REF_SIZE]; /* who he is then */
	int64_t from_id, into_id;
	bool begun, already;
	struct merge_counts counts;
};

static void joining_free(struct joining *job)
{
	free(job->from);
	free(job);
}

/* ---- the answer ---- */

json_t *call_merge_counts(const struct merge_counts *counts)
{
	static const struct {
		const char *name;
		enum merge_part part;
	} named[] = {{"events", MERGE_EVENTS}, {"orders", MERGE_ORDERS},
	        {"messages", MERGE_MESSAGES}, {"runs", MERGE_RUNS},
	        {"coupons", MERGE_COUPONS}, {"redemptions", MERGE_REDEMPTIONS},
	        {"notices", MERGE_DUTIES}};
	json_t *json = json_object();
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		json_object_set_new(
		        json, named[i].name, json_integer(counts->parts[named[i].part]));
	return json;
}

static void answer(struct joining *job, bool merged)
{
	json_t *json = json_pack("{s:s, s:s, s:b, s:b, s:o}", "from", job->from, "into",
	        job->into, "merged", merged, "already", job->already, "counts",
	        call_merge_counts(&job->counts));
	if (merged)
		json_object_set_new(json, "ended", json_integer(job->counts.ended));
	call_json(&job->call, 200, json);
}

/* ---- slice by slice ---- */

/* Each of both is told of in the access log: by whichever id somebody asks. */
static void begin(struct joining *job)
{
	struct call *call = &job->call;
	char from[REF_SIZE];
	walk_ref(call->db, job->from_id, from, sizeof from);
	merging_begin(
	        call->api->engine, job->from_id, job->into_id, call->now, &job->counts);
	call_audit(call, "customer.merge", from, job->into);
	call_audit(call, "customer.merge", job->into, from);
	job->begun = true;
}

/* Whoever of both is being taken out of another is so first. */
static bool parting(struct joining *job)
{
	struct engine *engine = job->call.api->engine;
	int64_t from = unmerge_pending(job->call.db, job->from_id);
	if (!from)
		from = unmerge_pending(job->call.db, job->into_id);
	if (from)
		merging_part_slice(engine, from, SLICE_MS, job->call.now, NULL);
	return from != 0;
}

static bool slice(void *work, uint64_t until_ns)
{
	struct joining *job = work;
	(void)until_ns;
	job->call.now = clock_now();
	if (parting(job))
		return false;
	if (!job->begun)
		begin(job);
	return merging_slice(job->call.api->engine, job->into_id, SLICE_MS, job->call.now,
	        &job->counts);
}

/* What a failure left is brought over when he asks again, or at the next start. */
static void on_merged(void *work, enum db_status status)
{
	struct joining *job = work;
	if (status == DB_OK)
		answer(job, true);
	else
		call_store_failed(job->call.ex, status);
	joining_free(job);
}

static void start(struct joining *job)
{
	if (job_start(job->call.api->jobs, slice, on_merged, job))
		return;
	call_refuse(&job->call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
	joining_free(job);
}

/* ---- the call ---- */

static struct joining *joining_new(struct call *call, int64_t from, int64_t into)
{
	struct joining *job = mem_alloc(sizeof *job);
	*job = (struct joining){.call = *call,
	        .from = mem_strdup(call->args[0]),
	        .from_id = from,
	        .into_id = into};
	job->call.arena = NULL;
	walk_ref(call->db, into, job->into, sizeof job->into);
	return job;
}

static void refuse_same(struct call *call, const char *into)
{
	call_problem(call, 409, "/into",
	        TR("%s and %s are one customer already: name two",
	                "%s와(과) %s은(는) 이미 같은 고객입니다. 서로 다른 두 고객을 "
	                "적어 주세요"),
	        call->args[0], into);
}

/* FROM is somebody's former id. Asked again, what was cut short is finished. */
static void again(struct call *call, int64_t into, bool dry_run)
{
	struct joining *job = joining_new(call, into, into);
	if (dry_run) {
		call_problem(call, 409, NULL,
		        TR("%s was merged into %s already: there is nothing to try",
		                "%s은(는) 이미 %s에 합쳐졌습니다. 미리 해 볼 것이 "
		                "없습니다"),
		        job->from, job->into);
		joining_free(job);
		return;
	}
	job->begun = job->already = true;
	start(job);
}

static void merge(struct call *call, int64_t from, int64_t into, bool dry_run)
{
	struct joining *job;
	if (merge_barred(call->db, from) || merge_barred(call->db, into)) {
		call_problem(call, 409, NULL,
		        TR("one of them is being erased",
		                "둘 중 한 고객을 지우는 중입니다"));
		return;
	}
	job = joining_new(call, from, into);
	if (!dry_run) {
		start(job);
		return;
	}
	merge_count(call->db, from, &job->counts);
	answer(job, false);
	joining_free(job);
}

static int64_t other(struct call *call, const char *into)
{
	int64_t id = customer_find(call->db, into);
	if (!id)
		call_problem(call, 422, "/into",
		        TR("there is no customer %s", "%s 고객이 없습니다"), into);
	return id;
}

void api_customers_merge(struct call *call)
{
	int64_t from = call_customer(call), into = 0;
	json_t *body = from ? call_object(call, false) : NULL;
	const char *text = NULL;
	bool dry_run = false;
	if (body && call_member_text(call, body, "into", true, &text) &&
	        call_member_bool(call, body, "dry_run", &dry_run))
		into = other(call, text);
	if (into && from != into)
		merge(call, from, into, dry_run);
	else if (into && alias_find(call->db, call->args[0]) == into &&
	         strcmp(call->args[0], text) != 0)
		again(call, into, dry_run);
	else if (into)
		refuse_same(call, text);
	json_decref(body);
}
