/* Segment, and whatever speaks its specification. messageId is the event's; anonymousId
 * is the visitor, who becomes known when a call has both. Signed, over the public port
 * always, with an HMAC-SHA1 of the body. Source: Segment, "Spec: Identify", "Spec:
 * Track", "E-commerce (v2)" and "Webhooks". */
#include <string.h>
#include "door/hook/hook.h"

static bool signed_by(
        const struct hook_call *call, const struct secret *secret, const char *said)
{
	uint8_t digest[20];
	char hex[41];

	secret_hmac_sha1(secret->data, secret->len, call->body, call->len, digest);
	secret_hex(digest, sizeof digest, hex);
	return secret->len && secret_equal(said, strlen(said), hex, strlen(hex));
}

static enum hook_verdict verify(const struct hook_call *call)
{
	const char *said = call->header(call, "x-signature");

	if (!said || !call->config->secret.len)
		return HOOK_UNSIGNED;
	return signed_by(call, &call->config->secret, said) ||
	                       signed_by(call, &call->config->old_secret, said)
	               ? HOOK_GOOD
	               : HOOK_FORGED;
}

/* ---- people ---- */

static void put_traits(const struct hook_call *call, json_t *customer, json_t *traits)
{
	const char *last = hook_text(call, traits, "/lastName"),
	           *first = hook_text(call, traits, "/firstName");

	if (last || first)
		hook_say(customer, "name",
		        arena_printf(call->arena, "%s%s", last ? last : "",
		                first ? first : ""));
	hook_copy(customer, "name", traits, "/name");
	hook_copy(customer, "email", traits, "/email");
	hook_copy(customer, "phone", traits, "/phone");
	hook_copy(customer, "city", traits, "/address/city");
	hook_birthday(call, customer, traits, "/birthday");
	hook_say(customer, "joined", hook_time(call, traits, "/createdAt", "Z"));
}

static void put_person(struct hook_call *call, json_t *event, json_t *from)
{
	json_t *customer = hook_customer(call, event, hook_text(call, from, "/userId"));

	hook_say(customer, "visitor", hook_text(call, from, "/anonymousId"));
	put_traits(call, customer, hook_at(from, "/context/traits"));
	put_traits(call, customer, hook_at(from, "/traits"));
	if (!json_object_size(customer))
		json_object_del(event, "customer");
}

static json_t *message(struct hook_call *call, json_t *from, const char *type)
{
	const char *id = hook_text(call, from, "/messageId"),
	           *time = hook_time(call, from, "/timestamp", "Z");
	json_t *event = hook_event(call, type, time, "%s",
	        id ? id
	           : arena_printf(call->arena, "%s:%zu", hook_digest(call),
	                     json_array_size(call->events)));

	put_person(call, event, from);
	return event;
}

/* ---- goods ---- */

static void put_product(struct hook_call *call, json_t *to, json_t *from)
{
	const char *sku = hook_text(call, from, "/sku");

	hook_say(to, "sku", sku ? sku : hook_text(call, from, "/product_id"));
	hook_copy(to, "name", from, "/name");
	hook_copy(to, "category", from, "/category");
	hook_copy(to, "quantity", from, "/quantity");
	hook_copy_won(to, "price", from, "/price");
}

static void put_items(struct hook_call *call, json_t *event, json_t *from)
{
	size_t i;
	json_t *one;

	json_array_foreach(hook_at(from, "/products"), i, one)
	        put_product(call, hook_item(event), one);
}

static void viewed(struct hook_call *call, json_t *from, const char *type)
{
	json_t *data = hook_data(message(call, from, type));

	put_product(call, data, hook_at(from, "/properties"));
	hook_copy(data, "url", from, "/properties/url");
	json_object_del(data, "quantity");
}

static void carted(struct hook_call *call, json_t *from, const char *type)
{
	json_t *data = hook_data(message(call, from, type));

	if (!strcmp(type, "cart.added"))
		json_object_set_new(data, "quantity", json_integer(1));
	put_product(call, data, hook_at(from, "/properties"));
}

static void cart_viewed(struct hook_call *call, json_t *from, const char *type)
{
	put_items(call, message(call, from, type), hook_at(from, "/properties"));
}

static void searched(struct hook_call *call, json_t *from, const char *type)
{
	if (hook_text(call, from, "/properties/query"))
		hook_copy(hook_data(message(call, from, type)), "query", from,
		        "/properties/query");
	else
		hook_ignore(call);
}

/* ---- orders ---- */

static void checkout(struct hook_call *call, json_t *from, const char *type)
{
	json_t *event = message(call, from, type), *data = hook_data(event),
	       *said = hook_at(from, "/properties");

	hook_copy_won(data, "total", said, "/revenue");
	hook_copy_won(data, "total", said, "/total");
	hook_copy_won(data, "total", said, "/value");
	put_items(call, event, said);
}

static void ordered(struct hook_call *call, json_t *from, const char *type)
{
	json_t *said = hook_at(from, "/properties"), *event, *data;
	const char *order = hook_text(call, said, "/order_id");
	bool paid = !strcmp(type, "order.paid"),
	     refunded = !strcmp(type, "order.refunded");

	if (!order || hook_foreign(call, said, "/currency")) {
		hook_ignore(call);
		return;
	}
	event = message(call, from, type);
	data = hook_data(event);
	hook_say(data, "order", order);
	if (paid || refunded) {
		hook_copy_won(data, paid ? "total" : "amount", said, "/revenue");
		hook_copy_won(data, paid ? "total" : "amount", said, "/total");
		put_items(call, event, said);
	}
	if (paid)
		hook_copy(data, "coupon", said, "/coupon");
}

/* ---- calls ---- */

static const struct {
	const char *name;
	void (*read)(struct hook_call *call, json_t *from, const char *type);
	const char *type;
} tracks[] = {
        {"Order Completed", ordered, "order.paid"},
        {"Order Refunded", ordered, "order.refunded"},
        {"Order Cancelled", ordered, "order.cancelled"},
        {"Checkout Started", checkout, "checkout.started"},
        {"Cart Viewed", cart_viewed, "cart.viewed"},
        {"Product Viewed", viewed, "product.viewed"},
        {"Product Added", carted, "cart.added"},
        {"Product Removed", carted, "cart.removed"},
        {"Products Searched", searched, "search.made"},
};

static void track(struct hook_call *call, json_t *from)
{
	const char *name = hook_text(call, from, "/event");

	for (size_t i = 0; name && i < sizeof tracks / sizeof tracks[0]; i++)
		if (!strcmp(tracks[i].name, name)) {
			tracks[i].read(call, from, tracks[i].type);
			return;
		}
	if (name && !strcmp(name, "Signed Up"))
		message(call, from, "customer.joined");
	else
		hook_ignore(call);
}

static void read_one(struct hook_call *call, json_t *from)
{
	const char *type = hook_text(call, from, "/type");

	if (type && !strcmp(type, "track"))
		track(call, from);
	else if (type && !strcmp(type, "identify") &&
	         (hook_text(call, from, "/userId") ||
	                 hook_text(call, from, "/anonymousId")))
		message(call, from, "customer.updated");
	else
		hook_ignore(call);
}

static void read(struct hook_call *call)
{
	json_t *batch = hook_at(call->json, "/batch"), *one;
	size_t i;

	if (!json_is_array(batch)) {
		read_one(call, call->json);
		return;
	}
	json_array_foreach(batch, i, one) read_one(call, one);
}

const struct hook_kind hook_segment = {
        .name = "segment", .verify = verify, .read = read, .unsigned_bodies = true};
