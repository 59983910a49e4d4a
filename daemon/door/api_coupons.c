/* /v1/coupons: what a code is worth, and its use at the counter, once. */
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/border.h"
#include "store/code.h"
#include "store/coupon.h"
#include "store/customer.h"
#include "store/event.h"

#define OFFLINE_MOST (7 * MS_DAY) /* how long ago a till may have redeemed */
#define AHEAD (5 * MS_MINUTE)     /* how far its clock may be fast */

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
	case COUPON_MISTYPED:
		return "mistyped";
	}
	return "";
}

/* Returns new. */
static json_t *refusal(enum coupon_verdict verdict, int status)
{
	json_t *more = json_pack("{s:s}", "reason", reason(verdict));
	return call_problem_json(status, more, NULL, coupon_verdict_text(verdict));
}

/* A code that the store does not have, and that a pattern of the rules in force would
 * have made otherwise. */
static bool mistyped(const struct call *call)
{
	const struct ruleset *ruleset = call->api->engine->ruleset;
	for (size_t i = 0; ruleset && i < ruleset->program->n_coupons; i++) {
		const struct coupon_decl *decl = &ruleset->program->coupons[i];
		const char *pattern = decl->pattern ? decl->pattern : COUPON_PATTERN;
		if (!decl->codes && code_mistyped(pattern, call->args[0]))
			return true;
	}
	return false;
}

static void refuse(struct call *call, enum coupon_verdict verdict)
{
	int status = verdict == COUPON_UNKNOWN ? 404 : 409;
	if (verdict == COUPON_UNKNOWN && mistyped(call))
		verdict = COUPON_MISTYPED;
	call_json(call, status, refusal(verdict, status));
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

/* What the counter says. */
struct till {
	const char *ref, *order; /* or NULL */
	int64_t amount;          /* -1: not told */
	int64_t time;            /* when it was redeemed: now, unless it was off line */
};

/* A till that was off line tells when. How far back is bounded, so that nobody with its
 * token uses up what ended long ago. False after 422 was answered. */
static bool read_time(struct call *call, json_t *body, int64_t *time)
{
	const char *text = NULL;
	*time = call->now;
	if (!call_member_text(call, body, "time", false, &text))
		return false;
	if (!text)
		return true;
	if (calendar_parse_time(text, time) == 0 && *time <= call->now + AHEAD &&
	        *time >= call->now - OFFLINE_MOST) {
		*time = *time < call->now ? *time : call->now;
		return true;
	}
	call_problem(call, 422, "/time",
	        TR("it is no time of the last seven days, like 2026-11-23T10:00:00+09:00",
	                "최근 7일 안의 시각이 아닙니다. 예: "
	                "2026-11-23T10:00:00+09:00"));
	return false;
}

static bool read_till(struct call *call, json_t *body, struct till *till)
{
	bool has_amount = false;
	*till = (struct till){.amount = -1};
	if (!call_member_text(call, body, "customer", false, &till->ref) ||
	        !call_member_text(call, body, "order", false, &till->order) ||
	        !call_member_money(call, body, "amount", &has_amount, &till->amount) ||
	        !read_time(call, body, &till->time))
		return false;
	if (till->ref && !till->ref[0])
		till->ref = NULL;
	return true;
}

/* Somebody the store does not know is, for a code that is one customer's, another
 * customer. */
static enum coupon_verdict redeem(struct call *call, const struct coupon *coupon,
        const struct till *till, int64_t *remaining)
{
	int64_t customer = till->ref ? customer_find(call->db, till->ref) : 0;
	if (till->ref && !customer && coupon->customer)
		return COUPON_ANOTHERS;
	return coupon_redeem(call->db, call->args[0], customer, till->order, till->amount,
	        till->time, remaining);
}

/* The counter's redemption is an event like any other; it is stored here because the code
 * is redeemed already. */
static void tell_engine(
        struct call *call, const struct coupon *coupon, const struct till *till)
{
	uint8_t bytes[12];
	char eid[40] = "redeem:";
	secret_random(bytes, sizeof bytes);
	secret_hex(bytes, sizeof bytes, eid + strlen(eid));
	json_t *json =
	        json_pack("{s:s, s:s*}", "code", coupon->code, "order", till->order);
	char *data = json_dumps(json, JSON_COMPACT);
	struct event event = {.source = "daemon",
	        .eid = eid,
	        .type = "coupon.redeemed",
	        .customer = coupon->customer,
	        .time = till->time,
	        .arrived = call->now,
	        .order = till->order,
	        .data = data};
	if (event_insert(call->db, &event))
		engine_event(call->api->engine, &event, 0);
	border_event(call->api->engine, &event);
	free(data);
	json_decref(json);
}

/* What was given off line and is refused now was given all the same: the owner finds it
 * in the access log. */
static void say_refused(struct call *call, const struct coupon *coupon,
        const struct till *till, enum coupon_verdict verdict, const char hash[65])
{
	json_t *json = refusal(verdict, 409);
	call_keep(call, hash, 409, json);
	if (till->time < call->now)
		call_audit(call, "coupon.conflict", coupon->code, reason(verdict));
	call_json(call, 409, json);
}

static void judge(struct call *call, json_t *body, const char hash[65])
{
	struct till till;
	struct coupon coupon;
	int64_t remaining = 0;
	if (!read_till(call, body, &till))
		return;
	if (!coupon_find(call->db, call->args[0], call->now, call->arena, &coupon)) {
		refuse(call, COUPON_UNKNOWN);
		return;
	}
	enum coupon_verdict verdict = redeem(call, &coupon, &till, &remaining);
	if (verdict != COUPON_REDEEMED) {
		say_refused(call, &coupon, &till, verdict, hash);
		return;
	}
	tell_engine(call, &coupon, &till);
	json_t *json = json_pack("{s:s, s:I}", "discount",
	        coupon.discount ? coupon.discount : "", "remaining",
	        (json_int_t)remaining);
	call_keep(call, hash, 200, json);
	call_audit(call, "coupon.redeem", coupon.code, till.order);
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
