/* imweb. A shared secret comes along in a header whose name its documents do not settle,
 * nor do they the member that names the event: any of a short list is taken. What
 * happened is known by the order's number and the event. Source: imweb developers'
 * centre, 웹훅. */
#include <string.h>
#include <strings.h>
#include "door/hook/hook.h"

static enum hook_verdict verify(const struct hook_call *call)
{
	static const char *const names[] = {"authorization", "x-webhook-secret",
	        "x-imweb-webhook-secret", "x-imweb-secret", "webhook-secret",
	        "x-webhook-token"};
	bool good = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *said = call->header(call, names[i]);

		if (said && !strncasecmp(said, "Bearer ", 7))
			said += 7 + strspn(said + 7, " ");
		good |= hook_key(call, said);
	}
	return good ? HOOK_GOOD : HOOK_FORGED;
}

static const char *first(
        const struct hook_call *call, json_t *json, const char *const *pointers)
{
	const char *text = NULL;

	for (; *pointers && !text; pointers++)
		text = hook_text(call, json, *pointers);
	return text;
}

/* The body's data; older bodies are flat. */
static json_t *data_of(const struct hook_call *call)
{
	json_t *data = hook_at(call->json, "/data");

	return json_is_object(data) ? data : call->json;
}

static const char *time_of(const struct hook_call *call, const char *pointer)
{
	const char *time = hook_time(call, call->json, "/eventTime", "+09:00");

	return time ? time : hook_time(call, data_of(call), pointer, "+09:00");
}

static const char *member_of(const struct hook_call *call)
{
	static const char *const names[] = {"/memberUid", "/uid", "/memberCode", NULL};

	return first(call, data_of(call), names);
}

static json_t *put_person(struct hook_call *call, json_t *event)
{
	static const char *const names[] = {"/ordererName", "/name", NULL},
	                         *const phones[] = {"/ordererCall", "/call", "/callnum",
	                                 "/phone", NULL},
	                         *const emails[] = {"/ordererEmail", "/email", NULL};
	json_t *data = data_of(call),
	       *customer = hook_customer(call, event, member_of(call));

	hook_say(customer, "name", first(call, data, names));
	hook_say(customer, "phone", first(call, data, phones));
	hook_say(customer, "email", first(call, data, emails));
	if (!json_object_size(customer))
		json_object_del(event, "customer");
	return customer;
}

/* ---- orders ---- */

static void put_items(struct hook_call *call, json_t *event)
{
	json_t *section, *line;
	size_t i, j;

	json_array_foreach(hook_at(data_of(call), "/sections"), i, section)
	{
		json_array_foreach(hook_at(section, "/sectionItems"), j, line)
		{
			json_t *item = hook_item(event);

			hook_say(item, "sku",
			        hook_text(call, line, "/productInfo/prodNo"));
			hook_copy(item, "name", line, "/productInfo/prodName");
			hook_copy(item, "quantity", line, "/qty");
			hook_copy_won(item, "price", line, "/productInfo/itemPrice");
		}
	}
}

static void order_event(struct hook_call *call, const char *type)
{
	json_t *data = data_of(call), *event;
	const char *id = hook_text(call, data, "/orderNo");

	if (!id || hook_foreign(call, data, "/currency")) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, type, time_of(call, "/orderTime"), "%s:%s", type, id);
	hook_say(hook_data(event), "order", id);
	if (!strcmp(type, "order.placed") || !strcmp(type, "order.paid")) {
		hook_copy_won(hook_data(event), "total", data, "/totalPrice");
		hook_copy_won(hook_data(event), "total", data, "/totalPaymentPrice");
		put_items(call, event);
	}
	put_person(call, event);
}

/* ---- members ---- */

static void put_flag(struct hook_call *call, json_t *event, const char *medium,
        const char *pointer, bool changed)
{
	json_t *flag = hook_at(data_of(call), pointer);
	const char *word = json_string_value(flag);

	if (json_is_true(flag) || (word && (!strcmp(word, "Y") || !strcmp(word, "T"))))
		hook_agreed(call, event, medium, true);
	else if ((json_is_false(flag) ||
	                 (word && (!strcmp(word, "N") || !strcmp(word, "F")))) &&
	         (changed || !call->config->wording))
		hook_agreed(call, event, medium, false);
}

static void member(struct hook_call *call, const char *type)
{
	const char *who = member_of(call), *time = time_of(call, "/joinTime");
	bool changed = !strcmp(type, "customer.updated"),
	     left = !strcmp(type, "customer.left");
	json_t *event;

	if (!who) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, type, time, "%s:%s%s%s", type, who, changed ? ":" : "",
	        !changed ? ""
	        : time   ? time
	                 : hook_digest(call));
	if (left) {
		hook_customer(call, event, who);
		return;
	}
	put_person(call, event);
	put_flag(call, event, "sms", "/smsAgree", changed);
	put_flag(call, event, "email", "/emailAgree", changed);
}

static void cart(struct hook_call *call, const char *type)
{
	json_t *data = data_of(call), *event;
	const char *who = member_of(call), *sku = hook_text(call, data, "/prodNo");

	if (!sku)
		sku = hook_text(call, data, "/productInfo/prodNo");
	if (!who || !sku) {
		hook_ignore(call);
		return;
	}
	event = hook_event(
	        call, type, time_of(call, "/time"), "cart:%s", hook_digest(call));
	hook_say(hook_data(event), "sku", sku);
	json_object_set_new(hook_data(event), "quantity", json_integer(1));
	hook_copy(hook_data(event), "quantity", data, "/qty");
	hook_customer(call, event, who);
}

/* ---- events ---- */

static const struct {
	const char *name;
	void (*read)(struct hook_call *call, const char *type);
	const char *type;
} events[] = {
        {"ORDER_CREATE", order_event, "order.placed"},
        {"ORDER_DEPOSIT_COMPLETE", order_event, "order.paid"},
        {"ORDER_CANCEL_COMPLETE", order_event, "order.cancelled"},
        {"ORDER_REFUND", order_event, "order.refunded"},
        {"ORDER_REFUND_COMPLETE", order_event, "order.refunded"},
        {"END_USER_SIGN_UP", member, "customer.joined"},
        {"END_USER_UPDATE", member, "customer.updated"},
        {"END_USER_WITHDRAWAL", member, "customer.left"},
        {"END_USER_CART_ADD", cart, "cart.added"},
};

static void read(struct hook_call *call)
{
	static const char *const names[] = {
	        "/eventType", "/eventName", "/event", "/type", NULL};
	const char *name = first(call, call->json, names);

	for (size_t i = 0; name && i < sizeof events / sizeof events[0]; i++)
		if (!strcmp(events[i].name, name)) {
			events[i].read(call, events[i].type);
			return;
		}
	hook_ignore(call);
}

const struct hook_kind hook_imweb = {.name = "imweb", .verify = verify, .read = read};
