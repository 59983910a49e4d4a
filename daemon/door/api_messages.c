/* /v1/messages: one template to one customer now, the list of all messages, and the
 * owner's hands on them. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "delivery/report.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/message.h"

#define DATA_MAX (64 * 1024)

/* Whom the body means: an id, or an object with one. -1 after 422 was answered. */
static int64_t addressee(struct call *call, json_t *body)
{
	json_t *customer = json_object_get(body, "customer");
	if (json_is_object(customer))
		customer = json_object_get(customer, "id");
	const char *ref = json_string_value(customer);
	if (!ref || !ref[0]) {
		call_problem(call, 422, "/customer",
		        TR("the customer's id is missing", "고객 id가 없습니다"));
		return -1;
	}
	if (strcmp(ref, "owner") == 0)
		return CUSTOMER_OWNER;
	int64_t id = customer_find(call->db, ref);
	if (id)
		return id;
	call_problem(call, 422, "/customer",
	        TR("there is no such customer", "그런 고객이 없습니다"));
	return -1;
}

static bool channel_known(struct call *call, const char *channel)
{
	json_t *channels = dispatch_status(call->api->dispatch, call->now);
	bool known = (json_object_get(channels, channel) != NULL &&
	                     strcmp(channel, "post") != 0) ||
	             strcmp(channel, "owner") == 0;
	json_decref(channels);
	if (!known)
		call_problem(call, 422, "/channel",
		        TR("dangol.conf sets up no channel of that name",
		                "dangol.conf에 그런 채널이 없습니다"));
	return known;
}

static bool template_known(struct call *call, const char *name, const char *channel)
{
	const struct ruleset *ruleset = call->api->engine->ruleset;
	const char *nearest = NULL;
	if (ruleset && templates_exist(ruleset->templates, name, channel, &nearest))
		return true;
	if (nearest)
		call_problem(call, 422, "/template",
		        TR("there is no template of that name for this channel; did you "
		           "mean '%s'?",
		                "이 채널에 그런 템플릿이 없습니다. '%s'인가요?"),
		        nearest);
	else
		call_problem(call, 422, "/template",
		        TR("there is no template of that name for this channel",
		                "이 채널에 그런 템플릿이 없습니다"));
	return false;
}

/* What promotes is no information, and what goes this way is information unless its
 * template says otherwise. */
static bool template_informs(struct call *call, const char *name, const char *channel)
{
	const char *offers =
	        templates_offer(call->api->engine->ruleset->templates, name, channel);

	if (!offers)
		return true;
	call_problem(call, 422, "/template",
	        TR("this template promotes, and that makes the whole message an "
	           "advertisement by law: \"%s\". Write 'Purpose: ad' into its head, or "
	           "'Not-Ad: …' with the reason why it is information",
	                "이 템플릿에는 홍보가 있어 법으로 메시지 전체가 광고입니다: "
	                "\"%s\". 머리에 'Purpose: 광고'를 쓰거나, 정보인 까닭을 "
	                "'광고아님: …'으로 적으세요"),
	        offers);
	return false;
}

/* data as text, NULL when there is none; false after the refusal. */
static bool read_data(struct call *call, json_t *body, char **text)
{
	json_t *data = json_object_get(body, "data");
	*text = NULL;
	if (!data || json_is_null(data))
		return true;
	if (!json_is_object(data)) {
		call_problem(call, 422, "/data",
		        TR("data must be an object", "data는 객체여야 합니다"));
		return false;
	}
	*text = json_dumps(data, JSON_COMPACT);
	if (*text && strlen(*text) <= DATA_MAX)
		return true;
	free(*text);
	call_problem(call, 413, "/data",
	        TR("data has at most 64 KiB", "data는 64 KiB까지입니다"));
	return false;
}

/* An occasion of its own for each call: what is the same call, the key says. */
static void random_occasion(char out[40])
{
	uint8_t bytes[12];
	secret_random(bytes, sizeof bytes);
	memcpy(out, "send:", 5);
	secret_hex(bytes, sizeof bytes, out + 5);
}

static void plan(struct call *call, json_t *body, const char hash[65])
{
	const char *channel = NULL, *template = NULL;
	char occasion[40], *data;
	if (!call_member_text(call, body, "channel", true, &channel) ||
	        !call_member_text(call, body, "template", true, &template))
		return;
	int64_t customer = addressee(call, body);
	if (customer < 0 || !channel_known(call, channel) ||
	        !template_known(call, template, channel) ||
	        !template_informs(call, template, channel) ||
	        !read_data(call, body, &data))
		return;
	random_occasion(occasion);
	int64_t id = engine_send(call->api->engine, customer, channel, template, data,
	        occasion, call->now);
	free(data);
	json_t *json = id ? message_json(call->db, id, call->api->shop->zone) : NULL;
	if (!json) {
		call_problem(call, 409, NULL,
		        TR("the message could not be planned",
		                "메시지를 예약하지 못했습니다"));
		return;
	}
	call_keep(call, hash, 201, json);
	call_audit(call, "message.send", json_string_value(json_object_get(json, "id")),
	        template);
	call_json(call, 201, json);
}

void api_messages_post(struct call *call)
{
	json_t *body = call_object(call, false);
	char hash[65];
	if (body && !call_again(call, body, hash))
		plan(call, body, hash);
	json_decref(body);
}

static void say_none(struct call *call)
{
	call_json(call, 200, json_pack("{s:[], s:n}", "messages", "next"));
}

void api_messages_list(struct call *call)
{
	struct message_filter filter = {.customer = -1, .state = -1};
	char customer[512], rule[256], state[32];
	if (!call_limit(call, &filter.limit) ||
	        !call_query_int(call, "after", 0, INT64_MAX, &filter.before))
		return;
	if (http_query(call->request, "rule", rule, sizeof rule) && rule[0])
		filter.rule = rule;
	if (http_query(call->request, "state", state, sizeof state) && state[0]) {
		filter.state = message_state_parse(state);
		if (filter.state < 0) {
			call_problem(call, 400, NULL,
			        TR("there is no such state", "그런 상태가 없습니다"));
			return;
		}
	}
	if (http_query(call->request, "customer", customer, sizeof customer) &&
	        customer[0]) {
		bool owner = strcmp(customer, "owner") == 0;
		filter.customer =
		        owner ? CUSTOMER_OWNER : customer_find(call->db, customer);
		if (!owner && !filter.customer) {
			say_none(call);
			return;
		}
	}
	json_t *list = message_list(call->db, &filter, call->api->shop->zone);
	call_read_list(call, "messages.list", filter.customer == -1 ? NULL : customer,
	        list, "messages", filter.before);
	call_json(call, 200, list);
}

static void say_message(struct call *call, int64_t id)
{
	json_t *json = id ? message_json(call->db, id, call->api->shop->zone) : NULL;
	if (json)
		call_json(call, 200, json);
	else
		call_problem(call, 404, NULL,
		        TR("there is no such message", "그런 메시지가 없습니다"));
}

/* What providers reported of it, their codes explained. Returns new. */
static json_t *receipts_json(struct call *call, int64_t id)
{
	json_t *list = receipt_list(call->db, id, call->api->shop->zone), *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		const char *meaning = report_meaning(
		        json_string_value(json_object_get(one, "provider")),
		        json_string_value(json_object_get(one, "code")));
		json_object_set_new(
		        one, "meaning", meaning ? json_string(meaning) : json_null());
	}
	return list;
}

void api_messages_get(struct call *call)
{
	int64_t id = message_parse_key(call->db, call->args[0]);
	json_t *json = id > 0 ? message_json(call->db, id, call->api->shop->zone) : NULL;
	if (!json) {
		say_message(call, 0);
		return;
	}
	json_object_set_new(json, "receipts", receipts_json(call, id));
	call_read(call, "message.read",
	        json_string_value(json_object_get(json, "customer")), call->args[0], 1);
	call_json(call, 200, json);
}

/* The message of the path; 0 after 404. */
static int64_t named(struct call *call)
{
	int64_t id = message_parse_key(call->db, call->args[0]);
	struct message message;
	if (id > 0 && message_get(call->db, id, call->arena, &message))
		return id;
	say_message(call, 0);
	return 0;
}

static void done(
        struct call *call, const char *what, int64_t id, bool worked, const char *why)
{
	if (!worked) {
		call_problem(call, 409, NULL, "%s", why);
		return;
	}
	call_audit(call, what, call->args[0], NULL);
	say_message(call, id);
}

void api_messages_hold(struct call *call)
{
	char why[256] = "";
	int64_t id = named(call);
	if (id)
		done(call, "message.hold", id,
		        dispatch_hold(call->api->dispatch, id, true, call->now, why),
		        why);
}

void api_messages_release(struct call *call)
{
	char why[256] = "";
	int64_t id = named(call);
	if (id)
		done(call, "message.release", id,
		        dispatch_hold(call->api->dispatch, id, false, call->now, why),
		        why);
}

void api_messages_drop(struct call *call)
{
	char why[256] = "";
	int64_t id = named(call);
	if (id)
		done(call, "message.drop", id,
		        dispatch_drop(call->api->dispatch, id, call->now, why), why);
}

void api_messages_retry(struct call *call)
{
	char why[256] = "";
	bool twice = false;
	int64_t id = named(call);
	json_t *body = id ? call_object(call, true) : NULL;
	if (!body)
		return;
	if (call_member_bool(call, body, "may_duplicate", &twice))
		done(call, "message.retry", id,
		        dispatch_retry(call->api->dispatch, id, twice, call->now, why),
		        why);
	json_decref(body);
}

static void all(struct call *call, const char *what, bool hold)
{
	char why[256] = "";
	if (!dispatch_hold(call->api->dispatch, 0, hold, call->now, why)) {
		call_problem(call, 409, NULL, "%s", why);
		return;
	}
	call_audit(call, what, NULL, NULL);
	call_json(call, 200, json_pack("{s:o}", "queue", message_totals(call->db)));
}

void api_messages_hold_all(struct call *call)
{
	all(call, "message.hold", true);
}

void api_messages_release_all(struct call *call)
{
	all(call, "message.release", false);
}
