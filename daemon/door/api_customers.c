/* /v1/customers: the customer as the outside sees him, and his consents. What a field may
 * hold is the store's to say; this file only joins calls to it. */
#include <string.h>
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/border.h"
#include "engine/intake.h"
#include "engine/joining.h"
#include "store/consent.h"
#include "store/customer.h"

#define ID_MAX 128

static void say_customer(struct call *call, int status, int64_t id)
{
	json_t *json = customer_json(call->db, id, call->api->shop->zone);
	if (json)
		call_json(call, status, json);
	else
		call_problem(call, 404, NULL,
		        TR("there is no such customer", "그런 고객이 없습니다"));
}

void api_customers_list(struct call *call)
{
	int limit;
	int64_t after = 0;
	if (!call_limit(call, &limit) ||
	        !call_query_int(call, "after", 0, INT64_MAX, &after))
		return;
	json_t *list = customer_list(call->db, after, limit, call->api->shop->zone);
	call_read_list(call, "customers.list", NULL, list, "customers", after);
	call_json(call, 200, list);
}

void api_customers_get(struct call *call)
{
	int64_t id = call_customer(call);
	if (!id)
		return;
	call_read(call, "customer.read", call->args[0], NULL, 1);
	say_customer(call, 200, id);
}

/* Reads the profile that is to be; the path's id is its id. */
static bool read_profile(struct call *call, json_t *body, struct profile *profile)
{
	json_t *id = json_object_get(body, "id");
	if (id && !json_is_null(id) &&
	        (!json_is_string(id) ||
	                strcmp(json_string_value(id), call->args[0]) != 0)) {
		call_problem(call, 422, "/id",
		        TR("the id is not the one of the path",
		                "id가 주소의 것과 다릅니다"));
		return false;
	}
	struct profile_error error = {.pointer = ""};
	json_object_set_new(body, "id", json_string(call->args[0]));
	if (customer_read(body, call->arena, profile, &error))
		return true;
	call_problem(call, 422, error.pointer, "%s", error.detail);
	return false;
}

static bool good_id(struct call *call)
{
	json_t *text = json_string(call->args[0]);
	bool good = text && strlen(call->args[0]) <= ID_MAX && call->args[0][0] != '~' &&
	            strcmp(call->args[0], "owner") != 0;
	json_decref(text);
	if (!good)
		call_problem(call, 422, "/id",
		        TR("this cannot be a customer's id", "고객 id로 쓸 수 없습니다"));
	return good;
}

void api_customers_put(struct call *call)
{
	int64_t id = customer_find(call->db, call->args[0]);
	if (!id && !good_id(call))
		return;
	json_t *body = call_object(call, false);
	struct profile profile;
	if (body && read_profile(call, body, &profile)) {
		int status = id ? 200 : 201;
		joining_know(call->api->engine, &profile, call->now);
		if (!id)
			customer_upsert(call->db, &profile, call->now, &id);
		customer_replace(call->db, id, &profile, call->now);
		border_settle(call->api->engine, call->now, call->now);
		call_audit(call, "customer.put", call->args[0], NULL);
		say_customer(call, status, id);
	}
	json_decref(body);
}

/* RFC 7396. Takes nothing; target is changed in place. */
static void merge(json_t *target, json_t *patch)
{
	const char *key;
	json_t *value;
	json_object_foreach(patch, key, value)
	{
		json_t *old = json_object_get(target, key);
		if (json_is_null(value)) {
			json_object_del(target, key);
		} else if (json_is_object(value)) {
			if (!json_is_object(old)) {
				json_object_set_new(target, key, json_object());
				old = json_object_get(target, key);
			}
			merge(old, value);
		} else {
			json_object_set(target, key, value);
		}
	}
}

/* A wrong field is refused as it was sent, before it meets what is there. */
static bool patch_reads(struct call *call, json_t *patch)
{
	struct profile profile;
	json_t *copy = json_copy(patch);
	bool good = read_profile(call, copy, &profile);
	json_decref(copy);
	return good;
}

/* A birthday in words of another calendar needs that calendar told again; what stands is
 * read back as it was shown. */
void api_customers_patch(struct call *call)
{
	int64_t id = call_customer(call);
	if (!id)
		return;
	json_t *patch = call_object(call, false);
	if (!patch)
		return;
	json_t *whole = customer_json(call->db, id, call->api->shop->zone);
	struct profile profile;
	if (whole) /* by whichever of his ids he was asked for */
		json_object_set_new(whole, "id", json_string(call->args[0]));
	if (whole && patch_reads(call, patch)) {
		merge(whole, patch);
		if (read_profile(call, whole, &profile)) {
			joining_know(call->api->engine, &profile, call->now);
			customer_replace(call->db, id, &profile, call->now);
			border_settle(call->api->engine, call->now, call->now);
			call_audit(call, "customer.patch", call->args[0], NULL);
			say_customer(call, 200, id);
		}
	}
	json_decref(whole);
	json_decref(patch);
}

void api_consents_get(struct call *call)
{
	int64_t id = call_customer(call);
	if (!id)
		return;
	call_read(call, "consents.read", call->args[0], NULL, 1);
	json_t *history = consent_history(call->db, id, call->api->shop->zone);
	call_json(call, 200, json_pack("{s:o, s:n}", "consents", history, "next"));
}

void api_consents_post(struct call *call)
{
	int64_t id = call_customer(call);
	json_t *body = id ? call_object(call, false) : NULL;
	if (!body)
		return;
	struct profile_error error = {.pointer = ""};
	if (intake_consent(call->api->engine, id, body, 0, call->now, &error)) {
		bool given = json_is_true(json_object_get(body, "given"));
		border_settle(call->api->engine, call->now, call->now);
		call_audit(call, given ? "consent.give" : "consent.withdraw",
		        call->args[0],
		        json_string_value(json_object_get(body, "channel")));
		call_json(call, 201,
		        json_pack("{s:s, s:o}", "customer", call->args[0], "consents",
		                consent_json(call->db, id)));
	} else {
		call_problem(call, 422, error.pointer, "%s", error.detail);
	}
	json_decref(body);
}
