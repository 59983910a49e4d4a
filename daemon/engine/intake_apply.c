/* What an event does to its customer, his orders, carts, coupons and consents, and to a
 * product's stock. It never refuses: what is wrong was told before. */
#include "engine/arrival.h"

#include <string.h>
#include "engine/joining.h"
#include "store/bulk.h"
#include "store/consent.h"
#include "store/coupon.h"
#include "store/product.h"
#include "store/refusal.h"

static void apply_order(struct arrival *a)
{
	const char *type = a->event.type + strlen("order.");
	json_t *amount = json_object_get(a->data, "amount");
	struct order_change change = {
	        .source = a->event.source,
	        .ref = a->event.order,
	        .customer = a->event.customer,
	        .time = a->event.time,
	        .has_total = a->event.has_total,
	        .total = a->event.total,
	        .items = a->items,
	        .n_items = a->n_items,
	};

	if (!change.ref)
		return;
	if (!strcmp(type, "cancelled") || !strcmp(type, "refunded"))
		change.has_total =
		        arrival_present(amount) && arrival_money(amount, &change.total);
	if (!strcmp(type, "placed"))
		order_place(a->engine->db, &change);
	else if (!strcmp(type, "paid"))
		order_pay(a->engine->db, &change);
	else if (!strcmp(type, "cancelled"))
		order_cancel(a->engine->db, &change);
	else if (!strcmp(type, "refunded"))
		order_refund(a->engine->db, &change);
	else if (!strcmp(type, "shipped") || !strcmp(type, "delivered"))
		order_ship(a->engine->db, &change, *type == 'd');
}

static void apply_coupon(struct arrival *a, const char *field)
{
	const char *code = arrival_text(a, a->data, field);
	int64_t remaining;

	if (code)
		coupon_redeem(a->engine->db, code, a->event.customer, a->event.order,
		        a->event.has_total ? a->event.total : INT64_MAX, a->event.time,
		        &remaining);
}

static void apply_cart(struct arrival *a)
{
	json_t *json = json_object_get(a->data, "price");
	int64_t quantity = json_integer_value(json_object_get(a->data, "quantity")),
	        price = 0;
	bool has_price = arrival_present(json) && arrival_money(json, &price);

	if (!a->event.customer || !a->event.sku)
		return;
	if (!strcmp(a->event.type, "cart.added"))
		cart_add(a->engine->db, a->event.customer, a->event.sku,
		        quantity > 0 ? quantity : 1, has_price, price, a->event.has_total,
		        a->event.total, a->event.time);
	else
		cart_remove(a->engine->db, a->event.customer, a->event.sku, quantity,
		        a->event.has_total, a->event.total);
}

static void apply_product(struct arrival *a)
{
	json_t *price = json_object_get(a->data, "price"),
	       *stock = json_object_get(a->data, "stock");
	struct product product = {
	        .sku = a->event.sku,
	        .name = arrival_text(a, a->data, "name"),
	        .category = a->event.category,
	        .url = arrival_text(a, a->data, "url"),
	        .image = arrival_text(a, a->data, "image"),
	        .has_stock = json_is_integer(stock),
	        .stock = json_integer_value(stock),
	};
	int64_t before, after;

	if (!product.sku)
		return;
	product.has_price =
	        arrival_present(price) && arrival_money(price, &product.price);
	if (!strcmp(a->event.type, "product.updated")) {
		product_upsert(a->engine->db, &product, a->now);
		return;
	}
	after = json_integer_value(json_object_get(a->data, "quantity"));
	product_stock(a->engine->db, product.sku, after, a->now, &before);
	engine_stock(a->engine, &a->event, before, after);
}

static void apply_left(struct arrival *a)
{
	static const char *const media[] = {"sms", "kakao", "email", "push", "data"};
	struct run runs[64];
	int n;

	customer_leave(a->engine->db, a->event.customer, a->event.time);
	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
		struct consent_change change = {
		        .customer = a->event.customer,
		        .channel = media[i],
		        .purpose = "ad",
		        .time = a->event.time,
		        .source = a->event.source,
		        .event = a->event.id,
		        .told = !consent_given(
		                a->engine->db, a->event.customer, media[i], "ad"),
		};
		consent_record(a->engine->db, &change, a->now, false);
	}
	n = run_of_customer(a->engine->db, a->event.customer, a->now, runs, 64);
	for (int i = 0; i < n; i++)
		run_cancel(a->engine->db, runs[i].id, REASON_CUSTOMER_LEFT, NULL, a->now);
}

static void apply_consent(struct arrival *a)
{
	const char *purpose = arrival_text(a, a->data, "purpose"),
	           *source = arrival_text(a, a->data, "source");
	struct consent_change change = {
	        .customer = a->event.customer,
	        .channel = arrival_text(a, a->data, "channel"),
	        .purpose = purpose ? purpose : "ad",
	        .given = !strcmp(a->event.type, "consent.given"),
	        .time = a->event.time,
	        .how = arrival_text(a, a->data, "how"),
	        .source = source ? source : a->event.source,
	        .wording = arrival_text(a, a->data, "wording"),
	        .version = arrival_text(a, a->data, "version"),
	        .operator= arrival_text(a, a->data, "operator"),
	        .event = a->event.id,
	        .told = json_is_true(json_object_get(a->data, "told")),
	};

	if (a->event.flags & EVENT_HISTORY)
		change.told |= consent_told_before(a->engine->db, &change, true, a->now);
	consent_record(a->engine->db, &change, a->now, false);
}

static void apply_refusal(struct arrival *a, const char *medium, const char *wording)
{
	struct refusal refusal = {
	        .customer = a->event.customer,
	        .medium = medium,
	        .time = a->event.time,
	        .how = wording ? "reply" : "provider",
	        .source = wording ? "reply" : "friend",
	        .wording = wording,
	        .event = a->event.id,
	};

	refusal_record(a->engine->db, &refusal, a->now);
}

static void apply_reply(struct arrival *a)
{
	const char *text = arrival_text(a, a->data, "text");

	if (refusal_said(text))
		apply_refusal(a, gate_medium(arrival_text(a, a->data, "channel")), text);
}

void arrival_apply(struct arrival *a)
{
	const char *type = a->event.type;

	if (!strncmp(type, "order.", 6))
		apply_order(a);
	if (!strcmp(type, "order.paid") && a->event.customer)
		apply_coupon(a, "coupon");
	else if (!strcmp(type, "coupon.redeemed"))
		apply_coupon(a, "code");
	else if (!strncmp(type, "cart.", 5))
		apply_cart(a);
	else if (!strcmp(type, "product.updated") || !strcmp(type, "stock.changed"))
		apply_product(a);
	if (!a->event.customer)
		return;
	if (!strcmp(type, "visit"))
		customer_visit(a->engine->db, a->event.customer, a->event.time);
	else if (!strcmp(type, "customer.left"))
		apply_left(a);
	else if (!strncmp(type, "consent.", 8))
		apply_consent(a);
	else if (!strcmp(type, "message.replied"))
		apply_reply(a);
	else if (!strcmp(type, "friend.blocked"))
		apply_refusal(a, "kakao", NULL);
}

void arrival_know(struct arrival *a)
{
	int found;

	if (!a->has_profile)
		return;
	if (!strcmp(a->event.type, "customer.joined") && !a->profile.has_joined) {
		a->profile.has_joined = true;
		a->profile.joined_at = a->event.time;
	}
	if (!strncmp(a->event.type, "friend.", 7) && !a->profile.has_friend) {
		a->profile.has_friend = true;
		a->profile.friend = !strcmp(a->event.type, "friend.added");
	}
	joining_know(a->engine, &a->profile, a->now);
	found = customer_upsert(a->engine->db, &a->profile, a->now, &a->event.customer);
	if (found & CUSTOMER_SHARED)
		a->event.flags |= EVENT_SHARED;
	if (a->event.customer && bulk_count(a->engine->db, a->event.customer,
	                                 zone_day(a->engine->shop->zone, a->now)))
		a->event.flags |= EVENT_BULK;
}
