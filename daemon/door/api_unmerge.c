/* POST /v1/customers/ID/unmerge: who was merged into another is himself again. What that
 * means is the store's and the engine's to say; this file does it in slices. */
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

struct parting {
	struct call call;
	char *from; /* as it was asked for */
	char into[REF_SIZE];
	int64_t from_id, into_id;
	bool begun, already;
	struct merge_counts counts;
};

static void parting_free(struct parting *job)
{
	free(job->from);
	free(job);
}

/* ---- slice by slice ---- */

/* Each of both is told of in the access log. */
static void begin(struct parting *job)
{
	struct call *call = &job->call;
	merging_part(call->api->engine, job->from_id, call->now, &job->counts);
	call_audit(call, "customer.unmerge", job->from, job->into);
	call_audit(call, "customer.unmerge", job->into, job->from);
	job->begun = true;
}

/* What is still on its way there comes over first. */
static bool slice(void *work, uint64_t until_ns)
{
	struct parting *job = work;
	struct engine *engine = job->call.api->engine;
	struct merge_counts none;
	(void)until_ns;
	job->call.now = clock_now();
	if (!job->begun) {
		if (!merging_slice(engine, job->into_id, SLICE_MS, job->call.now, &none))
			return false;
		if (alias_current(job->call.db, job->from_id) != job->into_id)
			return true; /* he was erased, or taken out meanwhile */
		begin(job);
	}
	return merging_part_slice(
	        engine, job->from_id, SLICE_MS, job->call.now, &job->counts);
}

static void on_parted(void *work, enum db_status status)
{
	struct parting *job = work;
	if (status != DB_OK)
		call_store_failed(job->call.ex, status);
	else if (!job->begun && !unmerge_other(job->call.db, job->from_id))
		call_problem(&job->call, 404, NULL,
		        TR("there is no such customer", "그런 고객이 없습니다"));
	else
		call_json(&job->call, 200,
		        json_pack("{s:s, s:s, s:b, s:b, s:o}", "from", job->from, "into",
		                job->into, "unmerged", 1, "already",
		                job->already || !job->begun, "counts",
		                call_merge_counts(&job->counts)));
	parting_free(job);
}

static void start(struct call *call, const struct unmerge *found)
{
	struct parting *job = mem_alloc(sizeof *job);
	*job = (struct parting){.call = *call,
	        .from = mem_strdup(call->args[0]),
	        .from_id = found->from,
	        .into_id = found->into,
	        .begun = found->state == UNMERGE_DONE,
	        .already = found->state == UNMERGE_DONE};
	job->call.arena = NULL;
	walk_ref(call->db, found->into, job->into, sizeof job->into);
	if (job_start(call->api->jobs, slice, on_parted, job))
		return;
	call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
	parting_free(job);
}

/* ---- the call ---- */

static void refuse_none(struct call *call)
{
	if (!call_customer(call))
		return;
	call_problem(call, 409, NULL,
	        TR("%s was merged into nobody: there is nothing to undo",
	                "%s은(는) 다른 고객에 합쳐진 적이 없습니다. 되돌릴 것이 "
	                "없습니다"),
	        call->args[0]);
}

static void refuse(struct call *call, const struct unmerge *found)
{
	const char *ref = call->args[0];
	switch (found->state) {
	case UNMERGE_OLD:
		call_problem(call, 409, NULL,
		        TR("%s was merged over %d days ago: that cannot be undone any "
		           "more",
		                "%s을(를) 합친 지 %d일이 넘어 이제 되돌릴 수 없습니다"),
		        ref, UNMERGE_DAYS);
		break;
	case UNMERGE_ERASED:
		call_problem(call, 409, NULL,
		        TR("one of them is being erased",
		                "둘 중 한 고객을 지우는 중입니다"));
		break;
	case UNMERGE_ON:
		call_problem(call, 409, NULL,
		        TR("%s was merged into %s, who was merged on since: undo that "
		           "first, with customer unmerge %s",
		                "%s을(를) 합친 %s도 그 뒤 다른 고객에 합쳐졌습니다. 먼저 "
		                "customer unmerge %s(으)로 그것을 되돌려 주세요"),
		        ref, found->first, found->first);
		break;
	case UNMERGE_SEALED:
		call_problem(call, 409, NULL,
		        TR("what %s was before does not open: its key is missing",
		                "%s의 합치기 전 기록을 열 수 없습니다. 열쇠가 없습니다"),
		        ref);
		break;
	default:
		refuse_none(call);
	}
}

void api_customers_unmerge(struct call *call)
{
	struct unmerge found;
	unmerge_find(call->db, call->args[0], call->now, &found);
	if (found.state == UNMERGE_CAN || found.state == UNMERGE_DONE)
		start(call, &found);
	else
		refuse(call, &found);
}
