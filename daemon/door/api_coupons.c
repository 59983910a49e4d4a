/* /v1/coupons: what a code is worth, and its use at the counter, once. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/secret.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/border.h"
#include "store/coupon.h"
#include "store/customer.h"
#include "store/event.h"

static const char *reason(enum coupon_verdict verdict)
{
	switch (verdict) {
	case COUPON_REDEEMED:
		return "redeemed";
	case COUPON_UNKNOWN:
		return "unknown";
	case COUPON_USED:
		return "used";
	case COUPON_EXPIRED:
		return "expired";
	case COUPON_VOID:
		return "void";
	case COUPON_NOT_ISSUED:
		return "not_issued";
	case COUPON_BELOW_MINIMUM:
		return "below_minimum";
	case COUPON_ANOTHERS:
		return "another_customer";
	case COUPON_NOT_REDEEMED:
		return "not_redeemed";
	}
	return "";
}

/* Returns new. */
static json_t *refusal(enum coupon_verdict verdict)
{
	int status = verdict == COUPON_UNKNOWN ? 404 : 409;
	json_t *more = json_pack("{s:s}", "reason", reason(verdict));
	return call_problem_json(status, more, NULL, coupon_verdict_text(verdict));
}

static void refuse(struct call *call, enum coupon_verdict verdict)
{
	call_json(call, verdict == COUPON_UNKNOWN ? 404 : 409, refusal(verdict));
}

static void say_coupon(struct call *call)
{
	json_t *json =
	        coupon_json(call->db, call->args[0], call->now, call->api->shop->zone);
	if (json)
		call_json(call, 200, json);
	else
		refuse(call, COUPON_UNKNOWN);
}

void api_coupons_get(struct call *call)
{
	struct coupon coupon;
	if (coupon_find(call->db, call->args[0], call->now, call->arena, &coupon) &&
	        coupon.customer)
		call_read(call, "coupon.read", coupon.code, NULL, 1);
	say_coupon(call);
}

/* Somebody the store does not know is, for a code that is one customer's, another
 * customer. */
static enum coupon_verdict redeem(struct call *call, const struct coupon *coupon,
        const char *ref, const char *order, int64_t amount, int64_t *remaining)
{
	int64_t customer = ref ? customer_find(call->db, ref) : 0;
	if (ref && !customer && coupon->customer)
		return COUPON_ANOTHERS;
	return coupon_redeem(
	        call->db, call->args[0], customer, order, amount, call->now, remaining);
}

/* The counter's redemption is an event like any other; it is stored here because the code
 * is redeemed already. */
static void tell_engine(struct call *call, const struct coupon *coupon, const char *order)
{
	uint8_t bytes[12];
	char eid[40] = "redeem:";
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, eid + strlen(eid));
	json_t *json = json_pack("{s:s, s:s*}", "code", coupon->code, "order", order);
	char *data = json_dumps(json, JSON_COMPACT);
	struct event event = {.source = "daemon",
	        .eid = eid,
	        .type = "coupon.redeemed",
	        .customer = coupon->customer,
	        .time = call->now,
	        .arrived = call->now,
	        .order = order,
	        .data = data};
	if (event_insert(call->db, &event))
		engine_event(call->api->engine, &event, 0);
	border_event(call->api->engine, &event);
	free(data);
	json_decref(json);
}

static void judge(struct call *call, json_t *body, const char hash[65])
{
	const char *ref = NULL, *order = NULL;
	bool has_amount = false;
	int64_t amount = -1, remaining = 0;
	struct coupon coupon;
	if (!call_member_text(call, body, "customer", false, &ref) ||
	        !call_member_text(call, body, "order", false, &order) ||
	        !call_member_money(call, body, "amount", &has_amount, &amount))
		return;
	if (!coupon_find(call->db, call->args[0], call->now, call->arena, &coupon)) {
		refuse(call, COUPON_UNKNOWN);
		return;
	}
	enum coupon_verdict verdict = redeem(
	        call, &coupon, ref && ref[0] ? ref : NULL, order, amount, &remaining);
	if (verdict != COUPON_REDEEMED) {
		json_t *json = refusal(verdict);
		call_keep(call, hash, 409, json);
		call_json(call, 409, json);
		return;
	}
	tell_engine(call, &coupon, order);
	json_t *json = json_pack("{s:s, s:I}", "discount",
	        coupon.discount ? coupon.discount : "", "remaining",
	        (json_int_t)remaining);
	call_keep(call, hash, 200, json);
	call_audit(call, "coupon.redeem", coupon.code, order);
	call_json(call, 200, json);
}

void api_coupons_redeem(struct call *call)
{
	json_t *body = call_object(call, true);
	char hash[65];
	if (body && !call_again(call, body, hash))
		judge(call, body, hash);
	json_decref(body);
}

static void turned(struct call *call, const char *what, enum coupon_verdict verdict)
{
	if (verdict != COUPON_REDEEMED) {
		refuse(call, verdict);
		return;
	}
	call_audit(call, what, call->args[0], NULL);
	say_coupon(call);
}

void api_coupons_void(struct call *call)
{
	turned(call, "coupon.void", coupon_void(call->db, call->args[0], call->now));
}

void api_coupons_restore(struct call *call)
{
	turned(call, "coupon.restore",
	        coupon_restore(call->db, call->args[0], call->now));
}
