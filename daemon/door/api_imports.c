/* POST /v1/imports/KIND: a chunk of a CSV file, its first row the headings, written slice
 * by slice. Nothing that is imported triggers anything, and all of it can be undone. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "door/import.h"
#include "door/job.h"
#include "door/routes.h"
#include "engine/border.h"
#include "engine/trigger.h"
#include "store/imported.h"

#define ROW_BYTES_MAX (64 * 1024)
#define SLICE 500
#define COLUMNS_MAX 500

static const struct import_kind *const kinds[] = {
        &import_customers, &import_orders, &import_products, &import_consents};

static const struct import_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static void import_free(struct import *import)
{
	csv_fini(&import->csv);
	free(import->columns);
	for (size_t i = 0; i < import->n_columns; i++)
		free((char *)import->headings[i]);
	free(import->headings);
	json_decref(import->rejected);
	json_decref(import->restored);
	json_decref(import->unknown);
	json_decref(import->rows);
	arena_free(import->arena);
	arena_free(import->row);
	free(import);
}

/* ---- headings ---- */

static bool taken(const struct import *import, size_t upto, int field)
{
	for (size_t i = 0; i < upto; i++)
		if (import->columns[i] == field)
			return true;
	return false;
}

/* What is no column of ours: left out, and of customers an attribute, which is told
 * where it may be a slip. */
static void note_unknown(struct import *import, const char *heading)
{
	const char *nearest = heading_nearest(import->kind->fields, heading);
	bool attribute = import->kind->others;
	if (attribute && (!nearest || import_declared(import, heading)))
		return;
	json_t *one = json_object();
	json_object_set_new(one, "heading", json_string(heading));
	json_object_set_new(one, "nearest", nearest ? json_string(nearest) : json_null());
	json_object_set_new(
	        one, "becomes", attribute ? json_string("attribute") : json_null());
	json_array_append_new(import->unknown, one);
}

/* The first column of a name is its field; a second one of the same is no field. */
static void read_headings(struct import *import)
{
	import->columns = mem_alloc((import->csv.n + 1) * sizeof *import->columns);
	import->headings = mem_alloc((import->csv.n + 1) * sizeof *import->headings);
	for (size_t i = 0; i < import->csv.n; i++) {
		char *heading = mem_strdup(text_trim(import->csv.cells[i]));
		int field = heading_find(import->kind->fields, heading);
		import->headings[i] = heading;
		import->columns[i] = field >= 0 && taken(import, i, field) ? -1 : field;
		if (field < 0 && heading[0])
			note_unknown(import, heading);
	}
	import->n_columns = import->csv.n;
}

static bool any_field(const struct import *import)
{
	for (size_t i = 0; i < import->n_columns; i++)
		if (import->columns[i] >= 0)
			return true;
	return false;
}

/* ---- rows ---- */

static size_t row_bytes(const struct csv *csv)
{
	size_t bytes = 0;
	for (size_t i = 0; i < csv->n; i++)
		bytes += strlen(csv->cells[i]);
	return bytes;
}

/* False at the end. */
static bool step(struct import *import)
{
	int got = csv_next(&import->csv, &import->line);
	if (got == 0)
		return false;
	if (got < 0) {
		import_refuse(import, import->line, "%s",
		        TR("a quotation mark is opened here and never closed",
		                "여기서 연 따옴표가 닫히지 않았습니다"));
		return false;
	}
	if (row_bytes(&import->csv) > ROW_BYTES_MAX)
		import_refuse(import, import->line, "%s",
		        TR("a row has at most 64 KiB", "한 줄은 64 KiB까지입니다"));
	else
		import->kind->row(import);
	arena_reset(import->row);
	return true;
}

/* The batch that the slice belongs to; false: it takes nothing more. */
static bool open_batch(struct import *import)
{
	if (import->dry_run) {
		import->dry = import_dry_of(&import->call.api->dry, import->batch);
		return true;
	}
	import->batch_id = imported_open(
	        import->db, import->batch, import->kind->name, import->call.now);
	import->undone = !import->batch_id && db_status(import->db) == DB_OK;
	return import->batch_id != 0;
}

static void count_rows(struct import *import)
{
	imported_add(import->db, import->batch_id, import->accepted - import->counted);
	import->counted = import->accepted;
}

static bool slice(void *arg, uint64_t until_ns)
{
	struct import *import = arg;
	bool more = true;
	import->call.now = clock_now();
	if (!open_batch(import))
		return true;
	border_settle(import->call.api->engine, import->call.now, import->call.now);
	trigger_settle(import->call.api->engine, false, import->call.now);
	int mark = import->dry_run ? db_mark(import->db) : 0;
	for (int n = 0; more && n < SLICE && db_status(import->db) == DB_OK; n++) {
		more = step(import);
		border_settle(import->call.api->engine, 0, import->call.now);
		if (n % 16 == 15 && job_late(until_ns))
			break;
	}
	if (!more && import->kind->end)
		import->kind->end(import);
	border_settle(import->call.api->engine, 0, import->call.now);
	trigger_settle(import->call.api->engine, true, import->call.now);
	if (!import->dry_run)
		count_rows(import);
	if (import->dry_run)
		db_mark_undo(import->db, mark);
	else if (!more)
		call_audit(&import->call, "import", import->kind->name, import->batch);
	return !more;
}

static json_t *difference_json(const struct import *import)
{
	const struct difference *d = &import->difference;
	return json_pack("{s:I, s:I, s:I, s:I}", "new", (json_int_t)d->made, "changed",
	        (json_int_t)d->changed, "unchanged", (json_int_t)d->same, "customers",
	        (json_int_t)d->customers);
}

static void answer(struct import *import)
{
	size_t shown = json_array_size(import->rows);
	json_t *json = json_pack("{s:s, s:b, s:I, s:O, s:O, s:O, s:o}", "batch",
	        import->batch, "dry_run", import->dry_run, "accepted",
	        (json_int_t)import->accepted, "rejected", import->rejected, "restored",
	        import->restored, "headings", import->unknown, "difference",
	        difference_json(import));
	if (import->dry_run)
		json_object_set(json, "rows", import->rows);
	if (shown)
		call_read(&import->call, "import.compare", NULL, import->batch,
		        (int64_t)shown);
	call_json(&import->call, 200, json);
}

static void refuse_undone(const struct call *call, const char *batch)
{
	call_problem(call, 409, NULL,
	        TR("import %s was undone and takes nothing more: import the file again "
	           "as a new one",
	                "가져오기 %s은(는) 되돌려져 더 들어가지 않습니다. 파일을 새로 "
	                "가져오세요"),
	        batch);
}

static void on_done(void *arg, enum db_status status)
{
	struct import *import = arg;
	if (status != DB_OK)
		call_store_failed(import->call.ex, status);
	else if (import->undone)
		refuse_undone(&import->call, import->batch);
	else
		answer(import);
	import_free(import);
}

/* ---- the call ---- */

static bool good_batch(const char *batch)
{
	return batch[0] && strspn(batch, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
	                                 "VWXYZ0123456789-_.") == strlen(batch);
}

/* The batch of the query, or a new one. */
static bool read_batch(struct call *call, char out[65])
{
	uint8_t bytes[8];
	if (strstr(call->request->query, "batch=")) {
		if (http_query(call->request, "batch", out, 65) && good_batch(out))
			return true;
		call_problem(call, 400, NULL,
		        TR("a batch has 1 to 64 letters, digits, '-', '_' or '.'",
		                "batch는 영문자, 숫자, '-', '_', '.' 1자에서 "
		                "64자입니다"));
		return false;
	}
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, out);
	return true;
}

static void refuse_headings(const struct import *import)
{
	const char *first = "", *nearest = NULL;
	for (size_t i = 0; i < import->n_columns && !nearest; i++) {
		if (!first[0])
			first = import->headings[i];
		nearest = heading_nearest(import->kind->fields, import->headings[i]);
		first = nearest ? import->headings[i] : first;
	}
	call_problem(&import->call, 422, NULL,
	        TR("no heading of the first row is known: of \"%.60s\" the nearest is %s",
	                "첫 줄에 아는 제목이 하나도 없습니다. \"%.60s\"에 가장 가까운 "
	                "것은 %s입니다"),
	        first, nearest ? nearest : heading_title(&import->kind->fields[0]));
}

/* The heading row; false after the refusal was answered. */
static bool begin(struct import *import, int64_t line)
{
	const struct call *call = &import->call;
	int at;
	csv_init(&import->csv, call->request->body, call->request->body_len, ',', 1);
	if (csv_next(&import->csv, &at) != 1 || import->csv.n > COLUMNS_MAX) {
		call_problem(call, 400, NULL,
		        TR("the body is no CSV with a row of headings",
		                "본문이 제목 줄이 있는 CSV가 아닙니다"));
		return false;
	}
	read_headings(import);
	if (!any_field(import)) {
		refuse_headings(import);
		return false;
	}
	if (line > 0)
		import->csv.line = (int)line;
	return true;
}

void api_imports_post(struct call *call)
{
	const struct import_kind *kind = kind_of(call->args[0]);
	int64_t line = 0;
	char batch[65];
	if (!kind) {
		call_problem(call, 404, NULL,
		        TR("there are imports of customers, orders, products and "
		           "consents",
		                "customers, orders, products, consents를 가져올 수 "
		                "있습니다"));
		return;
	}
	if (!call_query_int(call, "line", 1, INT32_MAX, &line) ||
	        !read_batch(call, batch))
		return;
	if (!text_valid_utf8(call->request->body, call->request->body_len)) {
		call_problem(call, 400, NULL,
		        TR("the body is not in UTF-8", "본문이 UTF-8이 아닙니다"));
		return;
	}
	struct imported known;
	if (imported_find(call->db, batch, call->now, &known) &&
	        (known.state == IMPORTED_UNDONE || known.state == IMPORTED_UNDOING)) {
		refuse_undone(call, batch);
		return;
	}
	struct import *import = mem_alloc(sizeof *import);
	*import = (struct import){.call = *call,
	        .db = call->db,
	        .zone = call->api->shop->zone,
	        .kind = kind,
	        .dry_run = call_query_bool(call, "dry_run"),
	        .rejected = json_array(),
	        .restored = json_array(),
	        .unknown = json_array(),
	        .rows = json_array(),
	        .arena = arena_new(),
	        .row = arena_new()};
	import->call.arena = NULL;
	memcpy(import->batch, batch, sizeof batch);
	if (!begin(import, line)) {
		import_free(import);
		return;
	}
	if (job_start(call->api->jobs, slice, on_done, import))
		return;
	import_free(import);
	call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
}
