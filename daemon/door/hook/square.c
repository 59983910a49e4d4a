/* Square. Signed over the address that it was given and the body. Sales are its payments:
 * a payment's number is the order's, for order.* tells neither a total nor a till's sale,
 * and a refund names the payment. Source: Square, "Webhooks" and "Validate". */
#include <string.h>
#include "door/hook/hook.h"

static enum hook_verdict verify(const struct hook_call *call)
{
	return hook_hmac_base64(call, call->config->url,
	               call->header(call, "x-square-hmacsha256-signature"))
	               ? HOOK_GOOD
	               : HOOK_FORGED;
}

/* ---- customers ---- */

static void put_name(const struct hook_call *call, json_t *customer, json_t *from)
{
	const char *last = hook_text(call, from, "/family_name"),
	           *first = hook_text(call, from, "/given_name");

	/* As Koreans write it: 김민지. */
	if (last || first)
		hook_say(customer, "name",
		        arena_printf(call->arena, "%s%s", last ? last : "",
		                first ? first : ""));
}

/* Not unsubscribed is no agreement. */
static void read_customer(struct hook_call *call, const char *type)
{
	json_t *from = hook_at(call->json, "/data/object/customer"), *event, *customer;
	const char *id = hook_text(call, call->json, "/event_id"),
	           *who = hook_text(call, call->json, "/data/id");

	if (!who)
		who = hook_text(call, from, "/id");
	if (!who || !id) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, hook_time(call, call->json, "/created_at", "Z"), "%s", id);
	customer = hook_customer(call, event, who);
	put_name(call, customer, from);
	hook_copy(customer, "email", from, "/email_address");
	hook_copy(customer, "phone", from, "/phone_number");
	hook_birthday(call, customer, from, "/birthday");
	if (json_is_true(hook_at(from, "/preferences/email_unsubscribed")))
		hook_agreed(call, event, "email", false);
}

/* ---- sales ---- */

/* Told at each change: what became of it is told once. */
static void read_payment(struct hook_call *call, const char *unused)
{
	json_t *from = hook_at(call->json, "/data/object/payment"), *event, *customer;
	const char *id = hook_text(call, from, "/id"),
	           *status = hook_text(call, from, "/status"), *type;

	(void)unused;
	type = !status                        ? NULL
	       : !strcmp(status, "COMPLETED") ? "order.paid"
	       : !strcmp(status, "CANCELED")  ? "order.cancelled"
	                                      : NULL;
	if (!id || !type || hook_foreign(call, from, "/amount_money/currency")) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, hook_time(call, from, "/updated_at", "Z"), "%s:%s", type, id);
	hook_say(hook_data(event), "order", id);
	if (!strcmp(type, "order.paid")) {
		hook_copy_won(hook_data(event), "total", from, "/amount_money/amount");
		hook_copy_won(hook_data(event), "total", from, "/total_money/amount");
	}
	customer = hook_customer(call, event, hook_text(call, from, "/customer_id"));
	hook_copy(customer, "email", from, "/buyer_email_address");
	if (!json_object_size(customer))
		json_object_del(event, "customer");
}

static void read_refund(struct hook_call *call, const char *type)
{
	json_t *from = hook_at(call->json, "/data/object/refund"), *event;
	const char *id = hook_text(call, from, "/id"),
	           *payment = hook_text(call, from, "/payment_id"),
	           *status = hook_text(call, from, "/status");
	int64_t won;

	if (!id || !payment || !status || strcmp(status, "COMPLETED") != 0 ||
	        hook_foreign(call, from, "/amount_money/currency") ||
	        !hook_won(from, "/amount_money/amount", &won) || won <= 0) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, hook_time(call, from, "/updated_at", "Z"), "%s:%s", type, id);
	hook_say(hook_data(event), "order", payment);
	json_object_set_new(hook_data(event), "amount", json_integer(won));
}

/* ---- types ---- */

static const struct {
	const char *name;
	void (*read)(struct hook_call *call, const char *type);
	const char *type;
} types[] = {
        {"customer.created", read_customer, "customer.joined"},
        {"customer.updated", read_customer, "customer.updated"},
        {"customer.deleted", read_customer, "customer.left"},
        {"payment.created", read_payment, NULL},
        {"payment.updated", read_payment, NULL},
        {"refund.created", read_refund, "order.refunded"},
        {"refund.updated", read_refund, "order.refunded"},
};

static void read(struct hook_call *call)
{
	const char *type = hook_text(call, call->json, "/type");

	for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++)
		if (!strcmp(types[i].name, type)) {
			types[i].read(call, types[i].type);
			return;
		}
	hook_ignore(call);
}

const struct hook_kind hook_square = {
        .name = "square", .verify = verify, .read = read, .needs_url = true};
