/* Cafe24. Its key comes in a header, or a signature over the body; bodies have no number
 * of their own, so that what happened is known by the order and what became of it. A body
 * tells an order's state and neither which goods nor how much of it went back: a
 * cancellation or a refund is of the whole. Source: Cafe24 developers, "Webhook". */
#include <string.h>
#include "door/hook/hook.h"

#define ITEMS_MAX 100

static enum hook_verdict verify(const struct hook_call *call)
{
	const char *key = call->header(call, "x-api-key"),
	           *signature = call->header(call, "x-cafe24-signature");

	if (hook_key(call, key) || hook_hmac_base64(call, NULL, signature))
		return HOOK_GOOD;
	return signature && !key ? HOOK_FORGED : HOOK_DENIED;
}

static bool is(const struct hook_call *call, const char *pointer, const char *word)
{
	const char *said = hook_text(call, call->json, pointer);

	return said && !strcmp(said, word);
}

static const char *time_of(const struct hook_call *call, const char *pointer)
{
	return hook_time(call, call->json, pointer, "+09:00");
}

/* ---- orders ---- */

/* Without a member's name: a guest. */
static void put_buyer(struct hook_call *call, json_t *event)
{
	json_t *customer = hook_customer(
	        call, event, hook_text(call, call->json, "/resource/member_id"));

	hook_copy(customer, "name", call->json, "/resource/buyer_name");
	hook_copy(customer, "phone", call->json, "/resource/buyer_cellphone");
	hook_copy(customer, "email", call->json, "/resource/buyer_email");
	if (!json_object_size(customer))
		json_object_del(event, "customer");
}

static size_t parts(const char *list)
{
	size_t n = list != NULL;

	for (; list && *list; list++)
		n += *list == ',';
	return n;
}

static const char *part(const struct hook_call *call, const char **list)
{
	size_t len = strcspn(*list, ",");
	const char *one = arena_strndup(call->arena, *list, len);

	*list += len + ((*list)[len] == ',');
	return one;
}

/* "P000001B,P000002C" and their names, which pair unless a name holds a comma. */
static void put_items(struct hook_call *call, json_t *event)
{
	const char *codes =
	                   hook_text(call, call->json, "/resource/ordering_product_code"),
	           *names =
	                   hook_text(call, call->json, "/resource/ordering_product_name");
	bool paired = parts(codes) == parts(names);
	size_t n = parts(codes);

	for (size_t i = 0; i < n && i < ITEMS_MAX; i++) {
		json_t *item = hook_item(event);

		hook_say(item, "sku", part(call, &codes));
		if (paired)
			hook_say(item, "name", part(call, &names));
	}
}

static void order_event(struct hook_call *call, const char *type, const char *when)
{
	const char *id = hook_text(call, call->json, "/resource/order_id");
	json_t *event;

	if (!id || hook_foreign(call, call->json, "/resource/currency")) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, when ? time_of(call, when) : NULL, "%s:%s", type, id);
	hook_say(hook_data(event), "order", id);
	if (!strcmp(type, "order.placed") || !strcmp(type, "order.paid")) {
		hook_copy_won(hook_data(event), "total", call->json,
		        "/resource/actual_payment_amount");
		put_items(call, event);
	}
	put_buyer(call, event);
}

static void paid(struct hook_call *call)
{
	if (is(call, "/resource/paid", "T"))
		order_event(call, "order.paid", "/resource/payment_date");
	else
		hook_ignore(call);
}

static void placed(struct hook_call *call)
{
	order_event(call, "order.placed", "/resource/order_date");
	if (is(call, "/resource/paid", "T"))
		paid(call);
}

/* shipping_status: M on its way, T there; event_code is newer and says more. */
static void shipped(struct hook_call *call)
{
	bool coded = hook_at(call->json, "/resource/event_code") != NULL;

	if (is(call, "/resource/event_code", "shipping_start") ||
	        (!coded && is(call, "/resource/shipping_status", "M")))
		order_event(call, "order.shipped", NULL);
	else if (is(call, "/resource/event_code", "shipping_end") ||
	         (!coded && is(call, "/resource/shipping_status", "T")))
		order_event(call, "order.delivered", NULL);
	else
		hook_ignore(call);
}

static bool coded(const struct hook_call *call, const char *const *codes)
{
	for (; *codes; codes++)
		if (is(call, "/resource/event_code", *codes))
			return true;
	return false;
}

/* What is only asked for, or held, is none yet. */
static void cancelled(struct hook_call *call)
{
	static const char *const done[] = {"cancel_order", "cancellation_complete",
	        "cancel_unpaid_order", "auto_order_cancel", NULL};

	if (coded(call, done) || (!hook_at(call->json, "/resource/event_code") &&
	                                 time_of(call, "/resource/cancel_date")))
		order_event(call, "order.cancelled", "/resource/cancel_date");
	else
		hook_ignore(call);
}

static void refunded(struct hook_call *call)
{
	static const char *const done[] = {
	        "return_order", "return_complete_refunded", "refund_order", NULL};

	if (coded(call, done))
		order_event(call, "order.refunded", NULL);
	else
		hook_ignore(call);
}

/* ---- members ---- */

/* A box that was not ticked at joining takes nothing back. */
static void put_flag(struct hook_call *call, json_t *event, const char *medium,
        const char *pointer, bool changed)
{
	if (is(call, pointer, "T"))
		hook_agreed(call, event, medium, true);
	else if (is(call, pointer, "F") && (changed || !call->config->wording))
		hook_agreed(call, event, medium, false);
}

static void member(struct hook_call *call, const char *type, const char *id)
{
	const char *who = hook_text(call, call->json, "/resource/member_id");
	json_t *event, *customer;

	if (!who) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, type, time_of(call, "/resource/created_date"), "%s:%s%s",
	        type, who, id);
	customer = hook_customer(call, event, who);
	hook_copy(customer, "name", call->json, "/resource/name");
	hook_copy(customer, "phone", call->json, "/resource/cellphone");
	hook_copy(customer, "email", call->json, "/resource/email");
	hook_copy(customer, "gender", call->json, "/resource/gender");
	hook_birthday(call, customer, call->json, "/resource/birthday");
	put_flag(call, event, "sms", "/resource/sms", *id);
	put_flag(call, event, "email", "/resource/news_mail", *id);
}

static void joined(struct hook_call *call)
{
	member(call, "customer.joined", "");
}

static void changed(struct hook_call *call)
{
	member(call, "customer.updated",
	        arena_printf(call->arena, ":%s", hook_digest(call)));
}

static void left(struct hook_call *call)
{
	const char *who = hook_text(call, call->json, "/resource/member_id");

	if (who)
		hook_customer(call,
		        hook_event(call, "customer.left", NULL, "customer.left:%s", who),
		        who);
	else
		hook_ignore(call);
}

static void cart(struct hook_call *call)
{
	const char *who = hook_text(call, call->json, "/resource/member_id"),
	           *sku = hook_text(call, call->json, "/resource/variant_code");
	json_t *event;

	if (!sku)
		sku = hook_text(call, call->json, "/resource/product_no");
	if (!who || !sku) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, "cart.added", NULL, "cart:%s", hook_digest(call));
	hook_say(hook_data(event), "sku", sku);
	hook_copy(hook_data(event), "quantity", call->json, "/resource/quantity");
	hook_customer(call, event, who);
}

/* ---- numbers ---- */

static const struct {
	const char *number;
	void (*read)(struct hook_call *call);
} events[] = {
        {"90023", placed},
        {"90024", shipped},
        {"90025", paid},
        {"90026", cancelled},
        {"90027", refunded},
        {"90029", refunded},
        {"90032", joined},
        {"90080", changed},
        {"90084", cart},
        {"90147", left},
};

static void read(struct hook_call *call)
{
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (is(call, "/event_no", events[i].number)) {
			events[i].read(call);
			return;
		}
	hook_ignore(call);
}

const struct hook_kind hook_cafe24 = {.name = "cafe24", .verify = verify, .read = read};
