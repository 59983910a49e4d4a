/* Toss Payments. What it tells of payments nobody signed: it is taken from whom the
 * socket or the token lets in, never from a stranger. What it signs, payouts and sellers,
 * means nothing to a shop. It knows no customers: an order's number leads to him. Source:
 * Toss Payments, "웹훅 이벤트" and "웹훅 서명 검증". */
#include <stdlib.h>
#include <string.h>
#include "door/hook/hook.h"

/* "v1:BASE64,v1:BASE64" over the body, a colon and the time of sending. */
static bool signed_by(const struct hook_call *call, const struct secret *secret,
        const char *time, const char *list)
{
	struct buf text = {0};
	uint8_t digest[32];
	char *base64;
	bool good = false;

	buf_add(&text, call->body, call->len);
	buf_adds(&text, ":");
	buf_adds(&text, time);
	secret_hmac_sha256(secret->data, secret->len, text.data, text.len, digest);
	buf_free(&text);
	base64 = secret_base64(digest, sizeof digest);
	for (const char *one = list; *one; one += strspn(one, ", ")) {
		size_t len = strcspn(one, ","), mark = strncmp(one, "v1:", 3) ? 0 : 3;

		good |= secret_equal(one + mark, len - mark, base64, strlen(base64));
		one += len;
	}
	free(base64);
	return good && secret->len;
}

static enum hook_verdict verify(const struct hook_call *call)
{
	const char *list = call->header(call, "tosspayments-webhook-signature"),
	           *time = call->header(call, "tosspayments-webhook-transmission-time");

	if (!list || !call->config->secret.len)
		return HOOK_UNSIGNED;
	if (!time)
		return HOOK_MALFORMED;
	return signed_by(call, &call->config->secret, time, list) ||
	                       signed_by(call, &call->config->old_secret, time, list)
	               ? HOOK_GOOD
	               : HOOK_FORGED;
}

/* ---- payments ---- */

static json_t *order_event(struct hook_call *call, const char *type, const char *time,
        const char *order, const char *part)
{
	json_t *event = hook_event(call, type, time, "%s:%s%s", type, order, part);

	hook_say(hook_data(event), "order", order);
	return event;
}

/* cancels holds all there were: each is known by its key, else by its place. */
static void refunds(struct hook_call *call, json_t *data, const char *order)
{
	size_t i;
	json_t *one, *event;

	json_array_foreach(hook_at(data, "/cancels"), i, one)
	{
		const char *key = hook_text(call, one, "/transactionKey"),
		           *status = hook_text(call, one, "/cancelStatus");
		int64_t won;

		if (!hook_won(one, "/cancelAmount", &won) || won <= 0 ||
		        (status && strcmp(status, "DONE") != 0))
			continue;
		event = order_event(call, "order.refunded",
		        hook_time(call, one, "/canceledAt", "+09:00"), order,
		        key ? arena_printf(call->arena, ":%s", key)
		            : arena_printf(call->arena, ":%zu", i));
		json_object_set_new(hook_data(event), "amount", json_integer(won));
	}
	if (!json_array_size(call->events))
		hook_ignore(call);
}

/* The last of the cancellations, which took the rest. */
static const char *cancelled_at(
        const struct hook_call *call, json_t *data, const char *otherwise)
{
	json_t *cancels = hook_at(data, "/cancels");
	size_t n = json_array_size(cancels);
	const char *time = hook_time(
	        call, n ? json_array_get(cancels, n - 1) : NULL, "/canceledAt", "+09:00");

	return time ? time : otherwise;
}

static void read_payment(struct hook_call *call, json_t *data)
{
	const char *order = hook_text(call, data, "/orderId"),
	           *status = hook_text(call, data, "/status"),
	           *told = hook_time(call, call->json, "/createdAt", "+09:00"),
	           *approved = hook_time(call, data, "/approvedAt", "+09:00");

	if (!order || !status || hook_foreign(call, data, "/currency"))
		hook_ignore(call);
	else if (!strcmp(status, "DONE"))
		hook_copy_won(hook_data(order_event(call, "order.paid",
		                      approved ? approved : told, order, "")),
		        "total", data, "/totalAmount");
	else if (!strcmp(status, "CANCELED"))
		order_event(call, "order.cancelled", cancelled_at(call, data, told),
		        order, "");
	else if (!strcmp(status, "PARTIAL_CANCELED"))
		refunds(call, data, order);
	else
		hook_ignore(call);
}

/* A virtual account's deposit is told flat, and without a name. */
static void read(struct hook_call *call)
{
	const char *type = hook_text(call, call->json, "/eventType");
	json_t *data = hook_at(call->json, "/data");

	if (type && !strcmp(type, "PAYMENT_STATUS_CHANGED"))
		read_payment(call, data);
	else if (!type || !strcmp(type, "DEPOSIT_CALLBACK"))
		read_payment(call, json_is_object(data) ? data : call->json);
	else
		hook_ignore(call);
}

const struct hook_kind hook_toss = {.name = "toss",
        .verify = verify,
        .read = read,
        .unsigned_bodies = true,
        .payments = true};
