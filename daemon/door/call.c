/* Answers calls of the API, each after the commit of what it speaks of; reads their
 * bodies and queries. It never decides what a call does. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "door/call.h"
#include "door/scan.h"
#include "store/audit.h"

#define KEY_MAX 255

static const char type_json[] = "application/json";
static const char type_problem[] = "application/problem+json";

/* What will be said once the turn stands. */
struct reply {
	struct exchange *ex;
	int status;
	const char *type;
	char *extra; /* or NULL */
	char *body;  /* owned unless literal */
	const char *literal;
	size_t len;
	char *failed; /* in place of the problem when the turn is undone; or NULL */
};

static void reply_send(const struct reply *reply)
{
	const char *body = reply->literal ? reply->literal : reply->body;
	exchange_answer(
	        reply->ex, reply->status, reply->type, reply->extra, body, reply->len);
}

static void reply_fini(struct reply *reply)
{
	free(reply->extra);
	free(reply->body);
	free(reply->failed);
}

static void say_failed(const struct reply *reply, enum db_status status)
{
	char *extra =
	        mem_printf("%sRetry-After: 60\r\n", reply->extra ? reply->extra : "");
	exchange_answer(reply->ex, status == DB_FULL ? 507 : 503, reply->type, extra,
	        reply->failed, strlen(reply->failed));
	free(extra);
}

static void on_turn_ended(void *arg, enum db_status status)
{
	struct reply *reply = arg;
	if (status == DB_OK)
		reply_send(reply);
	else if (reply->failed)
		say_failed(reply, status);
	else
		call_store_failed(reply->ex, status);
	reply_fini(reply);
	free(reply);
}

/* Outside a turn there is nothing to wait for. */
static void say(const struct call *call, struct reply *reply)
{
	if (!db_turn_open(call->db)) {
		reply_send(reply);
		reply_fini(reply);
		return;
	}
	struct reply *kept = mem_alloc(sizeof *kept);
	*kept = *reply;
	db_after(call->db, on_turn_ended, kept);
}

static void say_json(const struct call *call, int status, const char *extra, json_t *json)
{
	struct reply reply = {.ex = call->ex, .status = status};
	reply.type = status < 400 ? type_json : type_problem;
	reply.extra = mem_strdup(extra);
	reply.body = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	assert(reply.body);
	reply.len = strlen(reply.body);
	json_decref(json);
	say(call, &reply);
}

void call_json(const struct call *call, int status, json_t *json)
{
	say_json(call, status, NULL, json);
}

void call_static(const struct call *call, int status, const char *json)
{
	struct reply reply = {
	        .ex = call->ex, .status = status, .type = type_json, .literal = json};
	reply.len = strlen(json);
	say(call, &reply);
}

void call_text_with(const struct call *call, int status, const char *type,
        const char *extra, struct buf *text, struct buf *failed)
{
	struct reply reply = {
	        .ex = call->ex, .status = status, .type = type, .len = text->len};
	reply.extra = mem_strdup(extra);
	reply.body = buf_take(text);
	reply.failed = failed ? buf_take(failed) : NULL;
	say(call, &reply);
}

void call_text(const struct call *call, int status, const char *type, struct buf *text)
{
	call_text_with(call, status, type, NULL, text, NULL);
}

json_t *call_problem_json(
        int status, json_t *more, const char *pointer, const char *detail)
{
	json_t *problem = json_object();
	json_object_set_new(problem, "title", json_string(http_reason(status)));
	json_object_set_new(problem, "status", json_integer(status));
	json_object_set_new(problem, "detail", json_string(detail));
	json_t *where = pointer ? json_string(pointer) : NULL;
	if (where)
		json_object_set_new(problem, "pointer", where);
	if (more)
		json_object_update(problem, more);
	json_decref(more);
	return problem;
}

void call_refuse(const struct call *call, int status, const char *extra, json_t *more,
        const char *pointer, const char *detail)
{
	say_json(call, status, extra, call_problem_json(status, more, pointer, detail));
}

void call_problem(
        const struct call *call, int status, const char *pointer, const char *fmt, ...)
{
	struct buf detail = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&detail, fmt, ap);
	va_end(ap);
	call_refuse(call, status, NULL, NULL, pointer, detail.data ? detail.data : "");
	buf_free(&detail);
}

bool call_stranger(const struct call *call)
{
	return exchange_origin(call->ex) == ORIGIN_PUBLIC;
}

void call_deny(const struct call *call, int status, const char *detail)
{
	if (call_stranger(call))
		exchange_problem(call->ex, status, http_reason(status), NULL, NULL, NULL);
	else
		call_problem(call, status, NULL, "%s", detail);
}

void call_store_failed(struct exchange *ex, enum db_status status)
{
	if (status == DB_FULL) {
		exchange_problem(ex, 507, http_reason(507),
		        TR("the disk is full; nothing of this call was kept: make room, "
		           "then send it again",
		                "디스크가 가득 차서 이 요청은 저장되지 않았습니다. "
		                "공간을 비운 뒤 다시 보내 주세요"),
		        NULL, "Retry-After: 60\r\n");
		return;
	}
	exchange_problem(ex, 503, http_reason(503),
	        TR("the store is busy; nothing of this call was kept: send it again",
	                "저장소가 바빠서 이 요청은 저장되지 않았습니다. 다시 보내 "
	                "주세요"),
	        NULL, "Retry-After: 1\r\n");
}

/* ---- bodies and queries ---- */

static json_t *body_value(const struct call *call)
{
	const struct http_request *request = call->request;
	struct scan scan;
	enum scan_result result = scan_one(request->body, request->body_len, &scan);
	if (result == SCAN_DEEP ||
	        (result == SCAN_OK && scan.items[0].depth > SCAN_DEPTH_MAX)) {
		call_problem(call, 413, NULL,
		        TR("the body is nested deeper than %d levels",
		                "본문이 %d단계보다 깊게 겹쳐 있습니다"),
		        SCAN_DEPTH_MAX);
		scan_fini(&scan);
		return NULL;
	}
	char why[160] = "";
	json_t *json = result == SCAN_OK ? scan_load(&scan.items[0], why) : NULL;
	scan_fini(&scan);
	if (!json)
		call_problem(call, 400, NULL, "%s",
		        why[0] ? why
		               : TR("the body is no JSON in UTF-8",
		                         "본문이 UTF-8 JSON이 아닙니다"));
	return json;
}

json_t *call_object(const struct call *call, bool empty_ok)
{
	if (empty_ok && call->request->body_len == 0)
		return json_object();
	json_t *json = body_value(call);
	if (!json || json_is_object(json))
		return json;
	json_decref(json);
	call_problem(call, 422, "",
	        TR("the body must be an object", "본문은 객체여야 합니다"));
	return NULL;
}

bool call_query_int(const struct call *call, const char *name, int64_t least,
        int64_t most, int64_t *out)
{
	char text[32], *end;
	if (!strstr(call->request->query, name))
		return true;
	if (!http_query(call->request, name, text, sizeof text) || !text[0])
		return true;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || *end || value < least || value > most) {
		call_problem(call, 400, NULL,
		        TR("%s in the query must be a whole number from %lld to %lld",
		                "주소의 %s 값은 %lld에서 %lld까지의 정수여야 합니다"),
		        name, (long long)least, (long long)most);
		return false;
	}
	*out = value;
	return true;
}

bool call_query_bool(const struct call *call, const char *name)
{
	char text[16];
	if (!http_query(call->request, name, text, sizeof text))
		return false;
	return strcmp(text, "0") != 0 && strcmp(text, "no") != 0 &&
	       strcmp(text, "false") != 0;
}

bool call_limit(const struct call *call, int *limit)
{
	int64_t value = 100;
	if (!call_query_int(call, "limit", 1, 1000, &value))
		return false;
	*limit = (int)value;
	return true;
}

void call_audit(
        const struct call *call, const char *what, const char *target, const char *detail)
{
	char account[PEER_ACCOUNT];
	peer_account(&call->peer, account);
	logbook_write(call->logbook); /* what was read before stands before */
	const struct audit_entry entry = {.who = call->who,
	        .account = account[0] ? account : NULL,
	        .address = call->peer.address[0] ? call->peer.address : NULL,
	        .what = what,
	        .target = target,
	        .detail = detail};
	audit_write(call->db, call->now, &entry);
}

void call_read(const struct call *call, const char *what, const char *target,
        const char *detail, int64_t n)
{
	logbook_add(call->logbook, &call->peer, call->now, what, target, detail, n);
}

void call_read_list(const struct call *call, const char *what, const char *target,
        json_t *list, const char *name, int64_t after)
{
	char from[40] = "";
	if (after)
		snprintf(from, sizeof from, "after %lld", (long long)after);
	call_read(call, what, target, after ? from : NULL,
	        (int64_t)json_array_size(json_object_get(list, name)));
}

/* ---- the same request again ---- */

static void request_hash(const struct call *call, json_t *body, char hash[65])
{
	struct buf text = {0};
	buf_printf(&text, "%s %s\n", call->request->method, call->request->path);
	char *dump = body ? json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (dump)
		buf_adds(&text, dump);
	free(dump);
	uint8_t digest[32];
	secret_sha256(text.data, text.len, digest);
	secret_hex(digest, sizeof digest, hash);
	buf_free(&text);
}

bool call_again(const struct call *call, json_t *body, char hash[65])
{
	hash[0] = '\0';
	const char *key = http_header_get(call->request, "idempotency-key");
	if (!key)
		return false;
	if (!key[0] || strlen(key) > KEY_MAX) {
		call_problem(call, 400, NULL,
		        TR("Idempotency-Key must have 1 to %d characters",
		                "Idempotency-Key는 1자에서 %d자까지입니다"),
		        KEY_MAX);
		return true;
	}
	request_hash(call, body, hash);
	int status = 0;
	const char *kept = NULL;
	switch (answer_find(call->db, key, hash, call->arena, &status, &kept)) {
	case KEPT_NEW:
		return false;
	case KEPT_SAME: {
		struct reply reply = {
		        .ex = call->ex, .status = status, .body = mem_strdup(kept)};
		reply.type = status < 400 ? type_json : type_problem;
		reply.len = strlen(kept);
		say(call, &reply);
		return true;
	}
	case KEPT_OTHER_BODY:
		call_problem(call, 409, NULL,
		        TR("this Idempotency-Key was used for another request",
		                "이 Idempotency-Key는 다른 요청에 이미 쓰였습니다"));
		return true;
	}
	return true;
}

void call_keep(const struct call *call, const char hash[65], int status, json_t *answer)
{
	const char *key = http_header_get(call->request, "idempotency-key");
	if (!key || !hash[0])
		return;
	char *text = json_dumps(answer, JSON_COMPACT);
	assert(text);
	answer_keep(call->db, key, hash, status, text, call->now);
	free(text);
}

/* ---- what bodies hold ---- */

int64_t call_customer(const struct call *call)
{
	int64_t id = customer_find(call->db, call->args[0]);
	if (!id)
		call_problem(call, 404, NULL,
		        TR("there is no such customer", "그런 고객이 없습니다"));
	return id;
}

static bool wrong(const struct call *call, const char *name, const char *detail)
{
	char pointer[96];
	snprintf(pointer, sizeof pointer, "/%s", name);
	call_problem(call, 422, pointer, "%s", detail);
	return false;
}

bool call_member_text(const struct call *call, json_t *body, const char *name,
        bool required, const char **out)
{
	json_t *value = json_object_get(body, name);
	if (!value || json_is_null(value))
		return !required ||
		       wrong(call, name,
		               TR("this member is missing", "이 항목이 없습니다"));
	if (!json_is_string(value) || (required && json_string_length(value) == 0))
		return wrong(call, name, TR("this must be text", "글자여야 합니다"));
	if (json_string_length(value) > 4096)
		return wrong(call, name, TR("this is too long", "너무 깁니다"));
	*out = json_string_value(value);
	return true;
}

bool call_member_money(
        const struct call *call, json_t *body, const char *name, bool *has, int64_t *won)
{
	json_t *value = json_object_get(body, name);
	if (!value || json_is_null(value))
		return true;
	if (!json_won(value, won) || *won < 0)
		return wrong(call, name,
		        TR("this must be an amount in whole won",
		                "원 단위의 금액이어야 합니다"));
	*has = true;
	return true;
}

bool call_member_bool(const struct call *call, json_t *body, const char *name, bool *out)
{
	json_t *value = json_object_get(body, name);
	if (!value || json_is_null(value))
		return true;
	if (!json_is_boolean(value))
		return wrong(call, name,
		        TR("this must be true or false", "true 또는 false여야 합니다"));
	*out = json_is_true(value);
	return true;
}

bool json_won(json_t *value, int64_t *won)
{
	if (json_is_integer(value)) {
		*won = json_integer_value(value);
		return true;
	}
	if (json_is_string(value))
		return text_money(json_string_value(value), won) == 0;
	if (!json_is_real(value))
		return false;
	double real = json_real_value(value);
	if (!(fabs(real) < 9e15) || real != (double)(int64_t)real)
		return false;
	*won = (int64_t)real;
	return true;
}
