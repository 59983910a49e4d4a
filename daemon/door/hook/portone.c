/* PortOne (아임포트). V2 speaks Standard Webhooks; V1 signs nothing and is taken from
 * whom the socket or the token lets in. Both name an order and no amount, so that they
 * help where its number came from elsewhere; a part that went back cannot be told.
 * Source: PortOne developers, "웹훅 연동하기" of V2 and V1. */
#include <string.h>
#include "door/hook/hook.h"

static enum hook_verdict verify(const struct hook_call *call)
{
	if (!call->header(call, "webhook-id") || !call->config->secret.len)
		return HOOK_UNSIGNED;
	return hook_standard(call);
}

static void order_event(struct hook_call *call, const char *type, const char *time,
        const char *order, const char *payment)
{
	json_t *event;

	if (!order) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, time, "%s:%s:%s", type, order, payment ? payment : "");
	hook_say(hook_data(event), "order", order);
}

static void read_v1(struct hook_call *call)
{
	const char *status = hook_text(call, call->json, "/status"),
	           *order = hook_text(call, call->json, "/merchant_uid"),
	           *payment = hook_text(call, call->json, "/imp_uid");

	if (status && !strcmp(status, "paid") && !hook_at(call->json, "/cancellation_id"))
		order_event(call, "order.paid", NULL, order, payment);
	else if (status && !strcmp(status, "cancelled"))
		order_event(call, "order.cancelled", NULL, order, payment);
	else
		hook_ignore(call);
}

static void read(struct hook_call *call)
{
	const char *type = hook_text(call, call->json, "/type"),
	           *time = hook_time(call, call->json, "/timestamp", "Z"),
	           *order = hook_text(call, call->json, "/data/paymentId"),
	           *payment = hook_text(call, call->json, "/data/transactionId");

	if (hook_at(call->json, "/imp_uid"))
		read_v1(call);
	else if (type && !strcmp(type, "Transaction.Paid"))
		order_event(call, "order.paid", time, order, payment);
	else if (type && !strcmp(type, "Transaction.Cancelled"))
		order_event(call, "order.cancelled", time, order, payment);
	else
		hook_ignore(call);
}

const struct hook_kind hook_portone = {.name = "portone",
        .verify = verify,
        .read = read,
        .unsigned_bodies = true,
        .payments = true};
