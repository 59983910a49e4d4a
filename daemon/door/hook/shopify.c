/* Shopify. Signed over the raw body alone, so that what happened is known by the body's
 * own numbers and not by a header. Consent stands in customers' bodies up to API 2024-10
 * and comes by topics of its own from 2025-01 on. Source: Shopify's "Webhooks", "Verify
 * webhooks" and the REST Admin API's objects. */
#include <string.h>
#include "door/hook/hook.h"

static const char *head(const struct hook_call *call, const char *with, const char *bare)
{
	const char *value = call->header(call, with);

	return value ? value : call->header(call, bare);
}

static enum hook_verdict verify(const struct hook_call *call)
{
	return hook_hmac_base64(call, NULL,
	               head(call, "x-shopify-hmac-sha256", "shopify-hmac-sha256"))
	               ? HOOK_GOOD
	               : HOOK_FORGED;
}

/* ---- people ---- */

static void put_name(const struct hook_call *call, json_t *customer, json_t *from)
{
	const char *last = hook_text(call, from, "/last_name"),
	           *first = hook_text(call, from, "/first_name");

	/* As Koreans write it: 김민지. */
	if (last || first)
		hook_say(customer, "name",
		        arena_printf(call->arena, "%s%s", last ? last : "",
		                first ? first : ""));
}

/* Of an order or a checkout: guests have no number there. */
static void put_buyer(struct hook_call *call, json_t *event)
{
	json_t *json = call->json, *who = hook_at(json, "/customer"),
	       *customer = hook_customer(call, event, hook_text(call, who, "/id"));

	put_name(call, customer, who);
	hook_copy(customer, "phone", who, "/phone");
	hook_copy(customer, "phone", json, "/phone");
	hook_copy(customer, "email", who, "/email");
	hook_copy(customer, "email", json, "/email");
	if (!json_object_size(customer))
		json_object_del(event, "customer");
	else if (json_is_true(hook_at(json, "/buyer_accepts_marketing")))
		hook_agreed(call, event, "email", true);
}

/* ---- orders ---- */

static void put_items(struct hook_call *call, json_t *event)
{
	size_t i;
	json_t *line;

	json_array_foreach(hook_at(call->json, "/line_items"), i, line)
	{
		json_t *item = hook_item(event);
		const char *sku = hook_text(call, line, "/sku");
		int64_t won;

		hook_say(item, "sku", sku ? sku : hook_text(call, line, "/variant_id"));
		hook_copy(item, "name", line, "/title");
		hook_copy(item, "category", line, "/product_type");
		hook_copy(item, "quantity", line, "/quantity");
		if (hook_won(line, "/price", &won))
			json_object_set_new(item, "price", json_integer(won));
	}
}

static void put_total(struct hook_call *call, json_t *event, const char *pointer)
{
	int64_t won;

	if (hook_won(call->json, pointer, &won))
		json_object_set_new(hook_data(event), "total", json_integer(won));
}

static void read_order(struct hook_call *call, const char *type, const char *when)
{
	const char *id = hook_text(call, call->json, "/id"),
	           *time = hook_time(call, call->json, when, NULL);
	json_t *event;

	if (!id) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, type,
	        time ? time : hook_time(call, call->json, "/updated_at", NULL), "%s:%s",
	        type, id);
	hook_say(hook_data(event), "order", id);
	put_total(call, event, "/total_price");
	put_items(call, event);
	hook_copy(hook_data(event), "coupon", call->json, "/discount_codes/0/code");
	put_buyer(call, event);
}

static void placed(struct hook_call *call)
{
	read_order(call, "order.placed", "/created_at");
}

static void paid(struct hook_call *call)
{
	read_order(call, "order.paid", "/processed_at");
}

static void cancelled(struct hook_call *call)
{
	read_order(call, "order.cancelled", "/cancelled_at");
}

static void shipped(struct hook_call *call)
{
	read_order(call, "order.shipped", "/updated_at");
}

/* The money that went back, by the transactions; a refund without any moves nothing. */
static void refunded(struct hook_call *call)
{
	const char *id = hook_text(call, call->json, "/id"),
	           *order = hook_text(call, call->json, "/order_id");
	int64_t amount = 0, won;
	size_t i;
	json_t *one, *event;

	json_array_foreach(hook_at(call->json, "/transactions"), i, one)
	{
		const char *kind = hook_text(call, one, "/kind"),
		           *status = hook_text(call, one, "/status");

		if (kind && !strcmp(kind, "refund") &&
		        (!status || !strcmp(status, "success")) &&
		        hook_won(one, "/amount", &won))
			amount += won;
	}
	if (!id || !order || amount <= 0) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, "order.refunded",
	        hook_time(call, call->json, "/created_at", NULL), "order.refunded:%s",
	        id);
	hook_say(hook_data(event), "order", order);
	json_object_set_new(hook_data(event), "amount", json_integer(amount));
}

/* Not completed: it is one that may be left lying. */
static void checkout(struct hook_call *call)
{
	const char *token = hook_text(call, call->json, "/token"),
	           *time = hook_time(call, call->json, "/updated_at", NULL);
	json_t *event;

	if (!token || hook_at(call->json, "/completed_at")) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, "checkout.started", time, "checkout:%s:%s", token,
	        time ? time : "");
	put_total(call, event, "/total_price");
	put_items(call, event);
	hook_copy(hook_data(event), "url", call->json, "/abandoned_checkout_url");
	put_buyer(call, event);
}

/* ---- customers ---- */

static void put_consent(
        struct hook_call *call, json_t *event, const char *medium, const char *pointer)
{
	const char *state = hook_text(call, call->json, pointer);

	if (state && !strcmp(state, "subscribed"))
		hook_agreed(call, event, medium, true);
	else if (state && !strcmp(state, "unsubscribed"))
		hook_agreed(call, event, medium, false);
}

static json_t *read_customer(struct hook_call *call, const char *type, const char *when)
{
	const char *id = hook_text(call, call->json, "/id"),
	           *time = hook_time(call, call->json, when, NULL);
	json_t *event, *customer;

	if (!id)
		return NULL;
	event = hook_event(call, type, time, "%s:%s:%s", type, id,
	        time && when[1] == 'u' ? time : "");
	customer = hook_customer(call, event, id);
	put_name(call, customer, call->json);
	hook_copy(customer, "phone", call->json, "/phone");
	hook_copy(customer, "email", call->json, "/email");
	put_consent(call, event, "email", "/email_marketing_consent/state");
	put_consent(call, event, "sms", "/sms_marketing_consent/state");
	return event;
}

static void joined(struct hook_call *call)
{
	if (!read_customer(call, "customer.joined", "/created_at"))
		hook_ignore(call);
}

static void updated(struct hook_call *call)
{
	if (!read_customer(call, "customer.updated", "/updated_at"))
		hook_ignore(call);
}

static void left(struct hook_call *call)
{
	const char *id = hook_text(call, call->json, "/id");

	if (id)
		hook_customer(call,
		        hook_event(call, "customer.left", NULL, "customer.left:%s", id),
		        id);
	else
		hook_ignore(call);
}

/* 2025-01 and later: {"customer_id", "email_marketing_consent": {"state", …}}. */
static void consented(struct hook_call *call)
{
	const char *id = hook_text(call, call->json, "/customer_id"),
	           *time = hook_time(call, call->json,
	                   "/email_marketing_consent/consent_updated_at", NULL);
	json_t *event;

	if (!time)
		time = hook_time(call, call->json,
		        "/sms_marketing_consent/consent_updated_at", NULL);
	if (!id || !time) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, "customer.updated", time, "consent:%s:%s", id, time);
	hook_copy(hook_customer(call, event, id), "email", call->json, "/email_address");
	hook_copy(json_object_get(event, "customer"), "phone", call->json, "/phone");
	put_consent(call, event, "email", "/email_marketing_consent/state");
	put_consent(call, event, "sms", "/sms_marketing_consent/state");
}

/* ---- goods ---- */

static void product(struct hook_call *call)
{
	const char *time = hook_time(call, call->json, "/updated_at", NULL);
	size_t i;
	json_t *one;

	json_array_foreach(hook_at(call->json, "/variants"), i, one)
	{
		const char *sku = hook_text(call, one, "/sku"),
		           *id = hook_text(call, one, "/id");
		json_t *event;
		int64_t won;

		if (!sku && !id)
			continue;
		event = hook_event(call, "product.updated", time, "product:%s:%s",
		        id ? id : sku, time ? time : "");
		if (!event)
			return;
		hook_say(hook_data(event), "sku", sku ? sku : id);
		hook_copy(hook_data(event), "name", call->json, "/title");
		hook_copy(hook_data(event), "category", call->json, "/product_type");
		hook_copy(hook_data(event), "image", call->json, "/image/src");
		hook_copy(hook_data(event), "stock", one, "/inventory_quantity");
		if (hook_won(one, "/price", &won))
			json_object_set_new(hook_data(event), "price", json_integer(won));
	}
	if (!json_array_size(call->events))
		hook_ignore(call);
}

/* ---- topics ---- */

static const struct {
	const char *name;
	void (*read)(struct hook_call *call);
} topics[] = {
        {"orders/create", placed},
        {"orders/paid", paid},
        {"orders/cancelled", cancelled},
        {"orders/fulfilled", shipped},
        {"refunds/create", refunded},
        {"checkouts/create", checkout},
        {"checkouts/update", checkout},
        {"customers/create", joined},
        {"customers/update", updated},
        {"customers/delete", left},
        {"customers/email_marketing_consent_update", consented},
        {"customers/marketing_consent_update", consented},
        {"products/create", product},
        {"products/update", product},
};

static void read(struct hook_call *call)
{
	const char *topic = head(call, "x-shopify-topic", "shopify-topic");

	for (size_t i = 0; topic && i < sizeof topics / sizeof topics[0]; i++)
		if (!strcmp(topics[i].name, topic)) {
			topics[i].read(call);
			return;
		}
	hook_ignore(call);
}

const struct hook_kind hook_shopify = {.name = "shopify", .verify = verify, .read = read};
