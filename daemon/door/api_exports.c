/* GET /v1/exports/KIND: all rows of a kind as CSV, read by the pool slice by slice and
 * sent as fast as the peer reads. It holds no snapshot and no more than a slice. */
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/export.h"

#define EXPORTS_MAX 2 /* at a time; one more is refused */
#define SLICE_BYTES (128 * 1024)

struct outgoing {
	uv_work_t work;
	struct call call;
	char *store, *timezone, kind[16];
	bool korean, streaming, more, failed;
	struct db *db;
	struct zone *zone;
	struct export *export;
	struct buf text;
};

static void finish(struct outgoing *out)
{
	out->call.api->n_exports--;
	export_free(out->export);
	db_close(out->db);
	zone_close(out->zone);
	buf_free(&out->text);
	free(out->store);
	free(out->timezone);
	free(out);
}

static bool open_store(struct outgoing *out)
{
	if (out->export)
		return true;
	out->db = db_open_reader(out->store);
	out->zone = out->db ? zone_open(out->timezone) : NULL;
	if (out->zone)
		out->export = export_new(
		        out->db, out->zone, out->kind, out->korean, out->call.now);
	return out->export != NULL;
}

static void on_work(uv_work_t *work)
{
	struct outgoing *out = work->data;
	buf_reset(&out->text);
	out->more = open_store(out) && export_slice(out->export, &out->text, SLICE_BYTES);
	out->failed = !out->export || db_status(out->db) != DB_OK;
}

static void on_read(uv_work_t *work, int status);

/* The next slice; nobody reads any more: the end. */
static void go_on(struct outgoing *out)
{
	if (!exchange_gone(out->call.ex) && out->call.api->jobs &&
	        uv_queue_work(out->call.api->loop, &out->work, on_work, on_read) == 0)
		return;
	if (out->streaming)
		exchange_end(out->call.ex);
	else
		call_store_failed(out->call.ex, DB_BUSY);
	finish(out);
}

static void on_drain(struct exchange *ex, void *arg)
{
	exchange_on_drain(ex, NULL, NULL);
	go_on(arg);
}

static void on_read(uv_work_t *work, int status)
{
	struct outgoing *out = work->data;
	struct exchange *ex = out->call.ex;
	bool failed = status != 0 || out->failed;
	if (failed && !out->streaming) {
		call_store_failed(ex, DB_BUSY);
		finish(out);
		return;
	}
	if (!out->streaming)
		exchange_stream(ex, 200, "text/csv; charset=utf-8");
	out->streaming = true;
	bool room = !out->text.len || exchange_chunk(ex, out->text.data, out->text.len);
	if (!out->more || failed) {
		exchange_end(ex);
		finish(out);
	} else if (room || exchange_gone(ex)) {
		go_on(out);
	} else {
		exchange_on_drain(ex, on_drain, out);
	}
}

/* Who asked stands in the access log before anything is read. */
static void on_committed(void *arg, enum db_status status)
{
	struct outgoing *out = arg;
	if (status == DB_OK) {
		go_on(out);
		return;
	}
	call_store_failed(out->call.ex, status);
	finish(out);
}

static bool wants_korean(const struct call *call)
{
	char language[8];
	if (!http_query(call->request, "language", language, sizeof language))
		return strcmp(TR("en", "ko"), "ko") == 0;
	return strcmp(language, "ko") == 0;
}

void api_exports_get(struct call *call)
{
	struct api *api = call->api;
	if (!export_known(call->args[0])) {
		call_problem(call, 404, NULL,
		        TR("there are exports of customers, orders, products, consents, "
		           "messages and coupons",
		                "customers, orders, products, consents, messages, "
		                "coupons를 내보낼 수 있습니다"));
		return;
	}
	if (api->n_exports >= EXPORTS_MAX) {
		call_refuse(call, 429, "Retry-After: 5\r\n", NULL, NULL,
		        TR("two exports are under way: ask again when one is over",
		                "이미 두 가지를 내보내는 중입니다. 하나가 끝난 뒤에 다시 "
		                "해 주세요"));
		return;
	}
	struct outgoing *out = mem_alloc(sizeof *out);
	out->call = *call;
	out->call.arena = NULL;
	out->store = mem_strdup(db_path(api->db));
	out->timezone = mem_strdup(api->shop->timezone);
	snprintf(out->kind, sizeof out->kind, "%s", call->args[0]);
	out->korean = wants_korean(call);
	out->work.data = out;
	api->n_exports++;
	call_audit(call, "export", out->kind, NULL);
	db_after(api->db, on_committed, out);
}
