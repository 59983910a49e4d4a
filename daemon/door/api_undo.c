/* GET /v1/imports, and DELETE /v1/imports/BATCH: takes back what an import did, slice by
 * slice. What is taken back triggers nothing; one that was cut short goes on when it is
 * asked for again. */
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/job.h"
#include "door/routes.h"
#include "engine/border.h"
#include "engine/trigger.h"
#include "store/imported.h"
#include "store/undo.h"

#define SLICE 500

struct undo {
	struct call call;
	int64_t batch, undone_at;
	char name[IMPORTED_NAME];
	bool begun, again; /* again: it was undone before */
	json_t *counts;
};

static void undo_free(struct undo *undo)
{
	json_decref(undo->counts);
	free(undo);
}

/* ---- the answer ---- */

static json_t *counts_json(const struct undo *undo)
{
	json_t *counts = json_object();
	for (int i = 0; undo_counts[i]; i++)
		json_object_set_new(counts, undo_counts[i],
		        json_integer(json_integer_value(
		                json_object_get(undo->counts, undo_counts[i]))));
	return counts;
}

static void answer(const struct undo *undo)
{
	char text[32];
	zone_format(undo->call.api->shop->zone, undo->undone_at, text);
	call_json(&undo->call, 200,
	        json_pack("{s:s, s:s, s:b, s:o}", "batch", undo->name, "undone", text,
	                "again", undo->again, "counts", counts_json(undo)));
}

static void on_done(void *work, enum db_status status)
{
	struct undo *undo = work;
	if (status == DB_OK)
		answer(undo);
	else
		call_store_failed(undo->call.ex, status);
	undo_free(undo);
}

/* ---- slice by slice ---- */

static bool steps(struct undo *undo, uint64_t until_ns)
{
	struct db *db = undo->call.db;
	for (int n = 0; n < SLICE && db_status(db) == DB_OK; n++) {
		if (!undo_step(db, undo->batch, undo->name, undo->counts, undo->call.now))
			return true;
		border_settle(undo->call.api->engine, 0, undo->call.now);
		if (n % 16 == 15 && job_late(until_ns))
			return false;
	}
	return false;
}

/* What this slice begins from is what the store says: another call may be at it, too. */
static void begin(struct undo *undo)
{
	undo->call.now = clock_now();
	json_decref(undo->counts);
	undo->counts = imported_counts(undo->call.db, undo->batch);
	if (!undo->begun) {
		imported_undo_begin(undo->call.db, undo->batch, undo->call.now);
		call_audit(&undo->call, "import.undo", undo->name, NULL);
	}
	undo->begun = true;
}

static bool slice(void *work, uint64_t until_ns)
{
	struct undo *undo = work;
	struct engine *engine = undo->call.api->engine;
	begin(undo);
	border_settle(engine, undo->call.now, undo->call.now);
	trigger_settle(engine, false, undo->call.now);
	bool done = steps(undo, until_ns);
	border_settle(engine, 0, undo->call.now);
	trigger_settle(engine, true, undo->call.now);
	imported_counts_set(undo->call.db, undo->batch, undo->counts);
	if (done) {
		undo->undone_at = undo->call.now;
		imported_undo_end(undo->call.db, undo->batch, undo->call.now);
		call_audit(&undo->call, "import.undone", undo->name, NULL);
	}
	return done;
}

/* ---- the calls ---- */

static void refuse_old(const struct call *call)
{
	call_problem(call, 410, NULL,
	        TR("this import is over %d days old: what was before it is not kept "
	           "any longer, so that it cannot be undone",
	                "가져온 지 %d일이 지났습니다. 그 전의 값을 더 보관하지 않아 "
	                "되돌릴 "
	                "수 없습니다"),
	        IMPORTED_DAYS);
}

static void start(struct call *call, const struct imported *batch)
{
	struct undo *undo = mem_alloc(sizeof *undo);
	*undo = (struct undo){.call = *call,
	        .batch = batch->id,
	        .undone_at = batch->undone_at,
	        .again = batch->state == IMPORTED_UNDONE,
	        .counts = imported_counts(call->db, batch->id)};
	undo->call.arena = NULL;
	snprintf(undo->name, sizeof undo->name, "%s", call->args[0]);
	if (!undo->again && job_start(call->api->jobs, slice, on_done, undo))
		return;
	if (undo->again)
		answer(undo);
	else
		call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
		        TR("too many large calls are under way",
		                "처리 중인 큰 요청이 너무 많습니다"));
	undo_free(undo);
}

void api_imports_delete(struct call *call)
{
	struct imported batch;
	if (!imported_find(call->db, call->args[0], call->now, &batch))
		call_problem(call, 404, NULL,
		        TR("there is no import of that name; `dangolctl import list` "
		           "shows them",
		                "그런 이름의 가져오기가 없습니다. `dangolctl import "
		                "list`로 볼 수 있습니다"));
	else if (batch.state == IMPORTED_OLD)
		refuse_old(call);
	else
		start(call, &batch);
}

void api_imports_list(struct call *call)
{
	int64_t after = 0;
	int limit;
	if (!call_query_int(call, "after", 1, INT64_MAX, &after) ||
	        !call_limit(call, &limit))
		return;
	call_json(call, 200,
	        imported_list(call->db, after, limit, call->now, call->api->shop->zone));
}
