/* GET /v1/customers/ID/export and POST /v1/customers/export: all that is held about one
 * customer, read by the pool in a snapshot of its own. */
#include <stdlib.h>
#include <uv.h>
#include "base/log.h"
#include "door/api.h"
#include "door/person.h"
#include "door/routes.h"
#include "store/dossier.h"

#define DOSSIERS_MAX 2 /* in the pool at a time; one more is refused */

struct reading {
	uv_work_t work;
	struct call call;
	char *store, *timezone;
	int64_t id;
	struct buf text;
	bool opened;
	enum dossier_end end;
};

static void reading_end(struct reading *job)
{
	job->call.api->n_dossiers--;
	buf_free(&job->text);
	free(job->store);
	free(job->timezone);
	free(job);
}

static void on_work(uv_work_t *work)
{
	struct reading *job = work->data;
	struct db *db = db_open_reader(job->store);
	struct zone *zone = db ? zone_open(job->timezone) : NULL;
	job->opened = zone != NULL;
	if (zone)
		job->end = dossier_write(db, job->id, zone, job->call.now, &job->text);
	zone_close(zone);
	db_close(db);
}

static void answer(struct reading *job)
{
	struct call *call = &job->call;
	if (!job->opened)
		call_store_failed(call->ex, DB_BUSY);
	else if (job->end == DOSSIER_NOBODY)
		call_problem(call, 404, NULL,
		        TR("there is no such customer", "그런 고객이 없습니다"));
	else if (job->end == DOSSIER_TOO_LONG)
		call_problem(call, 413, NULL,
		        TR("this customer's events and messages come to over 64 MiB: "
		           "read them page by page (/v1/messages, /v1/customers)",
		                "이 고객의 기록이 64MiB를 넘습니다. 페이지별로 읽어 "
		                "주세요 (/v1/messages, /v1/customers)"));
	else
		call_text(call, 200, "application/json; charset=utf-8", &job->text);
}

static void on_read(uv_work_t *work, int status)
{
	struct reading *job = work->data;
	job->opened = job->opened && status == 0 &&
	              job->call.api->jobs != NULL; /* else the daemon is stopping */
	answer(job);
	reading_end(job);
}

/* Who asked stands in the audit before anything is read. */
static void on_committed(void *arg, enum db_status status)
{
	struct reading *job = arg;
	if (status == DB_OK &&
	        uv_queue_work(job->call.api->loop, &job->work, on_work, on_read) == 0)
		return;
	call_store_failed(job->call.ex, status == DB_OK ? DB_BUSY : status);
	reading_end(job);
}

static void export(struct call *call, int64_t id)
{
	struct api *api = call->api;
	struct reading *job;
	char target[32];
	if (api->n_dossiers >= DOSSIERS_MAX) {
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("too many customers are being read: ask again",
		                "고객 기록을 너무 많이 읽는 중입니다. 잠시 뒤에 다시 "
		                "물어 주세요"));
		return;
	}
	job = mem_alloc(sizeof *job);
	job->call = *call;
	job->call.arena = NULL;
	job->store = mem_strdup(db_path(api->db));
	job->timezone = mem_strdup(api->shop->timezone);
	job->id = id;
	job->work.data = job;
	api->n_dossiers++;
	snprintf(target, sizeof target, "#%lld", (long long)id);
	call_audit(call, "customer.export", target, NULL);
	db_after(api->db, on_committed, job);
}

void api_customers_export(struct call *call)
{
	int64_t id = call_customer(call);
	if (id)
		export(call, id);
}

void api_customers_export_of(struct call *call)
{
	json_t *body = call_object(call, false);
	int64_t ids[PERSON_MOST];
	int n = body ? person_meant(call, body, ids) : -1;
	json_decref(body);
	if (n > 1)
		person_several(call, ids, n);
	else if (n == 1)
		export(call, ids[0]);
}
