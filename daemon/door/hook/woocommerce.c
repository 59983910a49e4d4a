/* WooCommerce. Signed over the raw body; an order is posted whole at each change, so that
 * what happened is read from its status and known again by order and status. Source:
 * WooCommerce's "Webhooks" and "REST API v3". */
#include <string.h>
#include "door/hook/hook.h"

static enum hook_verdict verify(const struct hook_call *call)
{
	return hook_hmac_base64(call, NULL, call->header(call, "x-wc-webhook-signature"))
	               ? HOOK_GOOD
	               : HOOK_FORGED;
}

static void put_name(const struct hook_call *call, json_t *customer, const char *at_last,
        const char *at_first)
{
	const char *last = hook_text(call, call->json, at_last),
	           *first = hook_text(call, call->json, at_first);

	if (last || first)
		hook_say(customer, "name",
		        arena_printf(call->arena, "%s%s", last ? last : "",
		                first ? first : ""));
}

/* ---- orders ---- */

/* customer_id 0 is a guest: his phone number and address tell who he is. */
static void put_buyer(struct hook_call *call, json_t *event)
{
	const char *id = hook_text(call, call->json, "/customer_id");
	json_t *customer = hook_customer(call, event, id && strcmp(id, "0") ? id : NULL);

	put_name(call, customer, "/billing/last_name", "/billing/first_name");
	hook_copy(customer, "phone", call->json, "/billing/phone");
	hook_copy(customer, "email", call->json, "/billing/email");
	if (!json_object_size(customer))
		json_object_del(event, "customer");
}

static void put_items(struct hook_call *call, json_t *event)
{
	size_t i;
	json_t *line;

	json_array_foreach(hook_at(call->json, "/line_items"), i, line)
	{
		json_t *item = hook_item(event);
		const char *sku = hook_text(call, line, "/sku");
		int64_t won;

		hook_say(item, "sku", sku ? sku : hook_text(call, line, "/product_id"));
		hook_copy(item, "name", line, "/name");
		hook_copy(item, "quantity", line, "/quantity");
		if (hook_won(line, "/price", &won))
			json_object_set_new(item, "price", json_integer(won));
	}
}

/* The _gmt twins: the others are on the shop's clock and do not say so. */
static const char *time_of(const struct hook_call *call, const char *pointer)
{
	const char *time = hook_time(call, call->json, pointer, "Z");

	return time ? time : hook_time(call, call->json, "/date_modified_gmt", "Z");
}

static void order_event(struct hook_call *call, const char *type, const char *when)
{
	const char *id = hook_text(call, call->json, "/id");
	json_t *event = hook_event(call, type, time_of(call, when), "%s:%s", type, id);
	int64_t won;

	hook_say(hook_data(event), "order", id);
	if (hook_won(call->json, "/total", &won))
		json_object_set_new(hook_data(event), "total", json_integer(won));
	hook_copy(hook_data(event), "coupon", call->json, "/coupon_lines/0/code");
	put_items(call, event);
	put_buyer(call, event);
}

/* Each once: {"id": 9, "total": "-5000"}. */
static void refunds(struct hook_call *call)
{
	const char *order = hook_text(call, call->json, "/id");
	size_t i;
	json_t *one;

	json_array_foreach(hook_at(call->json, "/refunds"), i, one)
	{
		const char *id = hook_text(call, one, "/id");
		int64_t won;
		json_t *event;

		if (!id || !hook_won(one, "/total", &won) || won == 0)
			continue;
		event = hook_event(call, "order.refunded",
		        time_of(call, "/date_modified_gmt"), "order.refunded:%s:%s",
		        order, id);
		if (!event)
			return;
		hook_say(hook_data(event), "order", order);
		json_object_set_new(
		        hook_data(event), "amount", json_integer(won < 0 ? -won : won));
		put_buyer(call, event);
	}
}

static void read_order(struct hook_call *call)
{
	static const struct {
		const char *status, *type, *when;
	} states[] = {
	        {"pending", "order.placed", "/date_created_gmt"},
	        {"on-hold", "order.placed", "/date_created_gmt"},
	        {"processing", "order.paid", "/date_paid_gmt"},
	        {"completed", "order.paid", "/date_paid_gmt"},
	        {"cancelled", "order.cancelled", "/date_modified_gmt"},
	        {"refunded", "order.refunded", "/date_modified_gmt"},
	};
	const char *status = hook_text(call, call->json, "/status");
	bool partly = json_array_size(hook_at(call->json, "/refunds")) > 0;

	for (size_t i = 0; status && i < sizeof states / sizeof states[0]; i++)
		if (!strcmp(states[i].status, status) &&
		        !(partly && !strcmp(status, "refunded")))
			order_event(call, states[i].type, states[i].when);
	refunds(call);
	if (!json_array_size(call->events))
		hook_ignore(call);
}

/* ---- customers, goods ---- */

static void read_customer(struct hook_call *call, const char *type, const char *when)
{
	const char *id = hook_text(call, call->json, "/id"), *time = time_of(call, when);
	json_t *event = hook_event(call, type, time, "%s:%s:%s", type, id,
	               time && !strcmp(type, "customer.updated") ? time : ""),
	       *customer = hook_customer(call, event, id);

	put_name(call, customer, "/last_name", "/first_name");
	if (!json_object_get(customer, "name"))
		put_name(call, customer, "/billing/last_name", "/billing/first_name");
	hook_copy(customer, "email", call->json, "/email");
	hook_copy(customer, "phone", call->json, "/billing/phone");
}

static void left(struct hook_call *call)
{
	const char *id = hook_text(call, call->json, "/id");

	hook_customer(call,
	        hook_event(call, "customer.left", NULL, "customer.left:%s", id), id);
}

static void read_product(struct hook_call *call)
{
	const char *sku = hook_text(call, call->json, "/sku"),
	           *id = hook_text(call, call->json, "/id"),
	           *time = time_of(call, "/date_modified_gmt");
	json_t *event = hook_event(call, "product.updated", time, "product:%s:%s", id,
	               time ? time : ""),
	       *data = hook_data(event);
	int64_t won;

	hook_say(data, "sku", sku ? sku : id);
	hook_copy(data, "name", call->json, "/name");
	hook_copy(data, "category", call->json, "/categories/0/name");
	hook_copy(data, "stock", call->json, "/stock_quantity");
	hook_copy(data, "url", call->json, "/permalink");
	hook_copy(data, "image", call->json, "/images/0/src");
	if (hook_won(call->json, "/price", &won))
		json_object_set_new(data, "price", json_integer(won));
}

static void read(struct hook_call *call)
{
	const char *topic = call->header(call, "x-wc-webhook-topic");

	if (!topic || !hook_text(call, call->json, "/id"))
		hook_ignore(call);
	else if (!strcmp(topic, "order.created") || !strcmp(topic, "order.updated"))
		read_order(call);
	else if (!strcmp(topic, "customer.created"))
		read_customer(call, "customer.joined", "/date_created_gmt");
	else if (!strcmp(topic, "customer.updated"))
		read_customer(call, "customer.updated", "/date_modified_gmt");
	else if (!strcmp(topic, "customer.deleted"))
		left(call);
	else if (!strcmp(topic, "product.created") || !strcmp(topic, "product.updated"))
		read_product(call);
	else
		hook_ignore(call);
}

const struct hook_kind hook_woocommerce = {
        .name = "woocommerce", .verify = verify, .read = read};
