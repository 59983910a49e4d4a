/* POST /v1/events: any number of events in one body, each taken or refused by itself,
 * answered when all that were taken are on disk. It knows bodies; what an event means is
 * intake's. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/json_pool.h"
#include "base/log.h"
#include "door/api.h"
#include "door/cloud.h"
#include "door/job.h"
#include "door/routes.h"
#include "door/scan.h"
#include "engine/intake.h"
#include "store/event.h"

#define EVENTS_MAX 10000
#define EVENT_BYTES_MAX (64 * 1024)

/* A call's events, where we are in them, and what became of those before. */
struct batch {
	struct api *api;
	struct call call;
	struct scan scan;
	size_t next;
	int64_t accepted, duplicate;
	json_t *rejected;
	json_t *attributes; /* of a CloudEvent in binary mode, whose data the body is */
};

static void reject(struct batch *batch, const char *pointer, const char *detail)
{
	json_t *row = json_object();
	json_object_set_new(row, "index", json_integer((json_int_t)batch->next));
	json_t *where = json_string(pointer), *text = json_string(detail);
	json_object_set_new(row, "pointer", where ? where : json_string(""));
	json_object_set_new(row, "detail", text ? text : json_string(""));
	json_array_append_new(batch->rejected, row);
}

static bool within_limits(const struct scan_item *item)
{
	return item->depth <= SCAN_DEPTH_MAX && item->len <= EVENT_BYTES_MAX;
}

static const char *beyond(const struct scan_item *item)
{
	if (item->len > EVENT_BYTES_MAX)
		return TR(
		        "an event has at most 64 KiB", "이벤트 하나는 64 KiB까지입니다");
	return TR("an event is nested at most 32 levels deep",
	        "이벤트는 32단계까지만 겹칠 수 있습니다");
}

/* CloudEvents 1.0: the attributes as our members, the customer out of the data. Returns
 * new, or NULL and what is wrong. */
static json_t *from_cloud(json_t *cloud, struct profile_error *error)
{
	static const char *const attributes[] = {
	        "id", "source", "type", "time", "customer", "history"};
	const char *version = json_string_value(json_object_get(cloud, "specversion"));
	if (!version || strcmp(version, "1.0") != 0) {
		*error = (struct profile_error){.pointer = "/specversion"};
		snprintf(error->detail, sizeof error->detail, "%s",
		        TR("only CloudEvents 1.0 is understood",
		                "CloudEvents 1.0만 받습니다"));
		return NULL;
	}
	json_t *data = json_object_get(cloud, "data");
	if (json_object_get(cloud, "data_base64") ||
	        (data && !json_is_object(data) && !json_is_null(data))) {
		*error = (struct profile_error){.pointer = "/data"};
		snprintf(error->detail, sizeof error->detail, "%s",
		        TR("data must be a JSON object", "data는 JSON 객체여야 합니다"));
		return NULL;
	}
	json_t *event = json_object();
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		json_object_set(
		        event, attributes[i], json_object_get(cloud, attributes[i]));
	if (json_is_object(json_object_get(data, "customer"))) {
		json_t *rest = json_copy(data);
		json_object_set(event, "customer", json_object_get(data, "customer"));
		json_object_del(rest, "customer");
		data = rest;
	} else {
		json_incref(data);
	}
	json_object_set_new(event, "data", data);
	return event;
}

static enum intake take(struct batch *batch, const struct scan_item *item, json_t *json,
        struct profile_error *error)
{
	struct engine *engine = batch->api->engine;
	if (batch->attributes) {
		if (json)
			json_object_set(batch->attributes, "data", json);
		json = batch->attributes;
	}
	if (!json_is_object(json)) {
		event_count(batch->call.db, "rejected", 1);
		snprintf(error->detail, sizeof error->detail, "%s",
		        TR("an event is a JSON object", "이벤트는 JSON 객체여야 합니다"));
		return INTAKE_REJECTED;
	}
	if (!json_object_get(json, "specversion"))
		return intake_event(engine, json, item->data, item->data_len, "api",
		        batch->call.now, error);
	json_t *event = from_cloud(json, error);
	if (!event) {
		event_count(batch->call.db, "rejected", 1);
		return INTAKE_REJECTED;
	}
	enum intake result =
	        intake_event(engine, event, NULL, 0, "api", batch->call.now, error);
	json_decref(event);
	return result;
}

/* One event at a time lives, and not for long. */
static json_t *load(struct scan_item *item, char why[160])
{
	json_t *json = NULL;
	if (item->depth >= 0 && within_limits(item)) {
		json_pool_begin();
		json = scan_load(item, why);
		json_pool_end();
	}
	return json;
}

/* False when the turn is spoilt. */
static bool note(
        struct batch *batch, enum intake result, const struct profile_error *error)
{
	switch (result) {
	case INTAKE_ACCEPTED:
		batch->accepted++;
		break;
	case INTAKE_DUPLICATE:
		batch->duplicate++;
		break;
	case INTAKE_REJECTED:
		reject(batch, error->pointer, error->detail);
		break;
	case INTAKE_STORE:
		return false;
	}
	return true;
}

/* Takes the next one; false when the turn is spoilt. */
static bool step(struct batch *batch)
{
	struct scan_item *item = &batch->scan.items[batch->next];
	struct profile_error error = {.pointer = ""};
	char why[160] = "";
	json_t *json = load(item, why);
	if (json) {
		enum intake result = take(batch, item, json, &error);
		json_decref(json);
		if (!note(batch, result, &error))
			return false;
	} else if (item->depth < 0) {
		event_count(batch->call.db, "rejected", 1);
		reject(batch, "", TR("this line is no JSON", "이 줄은 JSON이 아닙니다"));
	} else {
		event_count(batch->call.db, "rejected", 1);
		reject(batch, "", within_limits(item) ? why : beyond(item));
	}
	batch->next++;
	return true;
}

static bool slice(void *arg, uint64_t until_ns)
{
	struct batch *batch = arg;
	batch->call.now = clock_now();
	for (int n = 0; batch->next < batch->scan.n; n++)
		if (!step(batch) || (n % 8 == 7 && job_late(until_ns)))
			break;
	return batch->next == batch->scan.n;
}

static void batch_fini(struct batch *batch)
{
	scan_fini(&batch->scan);
	json_decref(batch->rejected);
	json_decref(batch->attributes);
}

/* The shop's own collecting: counted in the access log, not told one by one. */
static void tell_taken(const struct batch *batch)
{
	logbook_count(&batch->api->logbook, &batch->call.peer, batch->call.now, "events",
	        batch->accepted);
}

static void answer(struct batch *batch)
{
	json_t *json = json_object();
	json_object_set_new(json, "accepted", json_integer(batch->accepted));
	json_object_set_new(json, "duplicate", json_integer(batch->duplicate));
	json_object_set(json, "rejected", batch->rejected);
	tell_taken(batch);
	call_json(&batch->call, 202, json);
}

static void on_done(void *arg, enum db_status status)
{
	struct batch *batch = arg;
	if (status == DB_OK)
		answer(batch);
	else
		call_store_failed(batch->call.ex, status);
	batch_fini(batch);
	free(batch);
}

static bool is_lines(const struct http_request *request)
{
	const char *type = http_header_get(request, "content-type");
	return type && (strstr(type, "ndjson") || strstr(type, "jsonl") ||
	                       strstr(type, "json-seq"));
}

/* Nothing of the call is within the limits: no neighbour is there to be spared. */
static bool all_beyond(const struct scan *scan)
{
	for (size_t i = 0; i < scan->n; i++)
		if (within_limits(&scan->items[i]))
			return false;
	return scan->n > 0;
}

/* The places of the events, or the refusal answered. */
static bool look_over(const struct call *call, struct scan *scan)
{
	const struct http_request *request = call->request;
	enum scan_result result =
	        cloud_is_binary(request)
	                ? scan_one(request->body, request->body_len, scan)
	        : is_lines(request)
	                ? scan_lines(request->body, request->body_len, EVENTS_MAX, scan)
	                : scan_items(request->body, request->body_len, EVENTS_MAX, scan);
	switch (result) {
	case SCAN_OK:
		if (!all_beyond(scan))
			return true;
		call_problem(call, 413, NULL, "%s", beyond(&scan->items[0]));
		break;
	case SCAN_BAD:
		call_problem(call, 400, NULL,
		        TR("the body is no JSON in UTF-8",
		                "본문이 UTF-8 JSON이 아닙니다"));
		break;
	case SCAN_DEEP:
		call_problem(call, 413, NULL,
		        TR("the body is nested deeper than %d levels",
		                "본문이 %d단계보다 깊게 겹쳐 있습니다"),
		        SCAN_DEPTH_MAX);
		break;
	case SCAN_MANY:
		call_problem(call, 413, NULL,
		        TR("a call takes at most %d events: send them in several",
		                "한 번에 이벤트 %d개까지 받습니다. 나누어 보내 주세요"),
		        EVENTS_MAX);
		break;
	}
	scan_fini(scan);
	return false;
}

/* The common case, a till's one event: no job, no list, a literal for an answer. */
static void single(struct batch *batch)
{
	step(batch);
	if (batch->accepted) {
		tell_taken(batch);
		call_static(&batch->call, 202,
		        "{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}");
	} else
		answer(batch);
	batch_fini(batch);
}

static void take_bare(struct batch *batch)
{
	static const struct scan_item nothing;
	struct profile_error error = {.pointer = ""};
	note(batch, take(batch, &nothing, NULL, &error), &error);
}

/* A CloudEvent in binary mode: one event; without a body it has no data. */
static void binary(struct call *call)
{
	struct batch batch = {.api = call->api, .call = *call};
	struct profile_error error = {.pointer = ""};
	const char *attribute = "";
	if (call->request->body_len && !look_over(call, &batch.scan))
		return;
	batch.rejected = json_array();
	batch.attributes = cloud_attributes(call->request, &attribute);
	if (!batch.attributes) {
		snprintf(error.pointer, sizeof error.pointer, "/%.100s", attribute);
		event_count(call->db, "rejected", 1);
		reject(&batch, error.pointer,
		        TR("the header ce-* of that name is absent, told twice or no "
		           "UTF-8",
		                "그 이름의 ce-* 헤더가 없거나 두 번 왔거나 UTF-8이 "
		                "아닙니다"));
	} else if (batch.scan.n) {
		single(&batch);
		return;
	} else {
		take_bare(&batch);
	}
	answer(&batch);
	batch_fini(&batch);
}

void api_events_post(struct call *call)
{
	struct batch batch = {.api = call->api, .call = *call};
	if (cloud_is_binary(call->request)) {
		binary(call);
		return;
	}
	if (!look_over(call, &batch.scan))
		return;
	batch.rejected = json_array();
	batch.call.arena = NULL;
	if (batch.scan.n <= 1 && (batch.scan.n == 0 || batch.scan.items[0].depth >= 0)) {
		if (batch.scan.n)
			single(&batch);
		else {
			answer(&batch);
			batch_fini(&batch);
		}
		return;
	}
	struct batch *kept = mem_alloc(sizeof *kept);
	*kept = batch;
	if (job_start(call->api->jobs, slice, on_done, kept))
		return;
	batch_fini(kept);
	free(kept);
	call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
}
