/* See payment.h. An event that became another source's has an id that begins with the
 * hook's, so that it stays known by it. */
#include "door/hook/payment.h"

#include <stdio.h>
#include <string.h>
#include "store/event.h"
#include "store/order.h"

static const char *text(json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "";
}

static void adopt(json_t *event, const struct order_told *told, const char *source)
{
	json_object_set_new(
	        event, "id", json_sprintf("%s/%s", source, text(event, "id")));
	json_object_set_new(event, "source", json_string(told->source));
	if (*told->customer && !json_object_get(event, "customer"))
		json_object_set_new(event, "customer", json_string(told->customer));
	if (told->again)
		json_object_set_new(event, "history", json_true());
}

bool payment_settle(struct db *db, const struct hook_config *config, json_t *event)
{
	json_t *data = hook_data(event);
	bool paid = !strcmp(text(event, "type"), "order.paid");
	struct order_told told;
	char source[64];

	snprintf(source, sizeof source, "hook:%s", config->name);
	if (event_seen(db, source, text(event, "id")))
		return true;
	if (order_told(
	            db, text(data, "order"), source, false, text(event, "type"), &told)) {
		adopt(event, &told, source);
		if (paid && !json_object_get(data, "total") && told.total > 0)
			json_object_set_new(data, "total", json_integer(told.total));
	}
	return !paid || json_object_get(data, "total");
}

void payment_followed(struct db *db, const struct hook_config *config, json_t *event)
{
	struct order_told told;
	char source[64];

	if (strcmp(text(event, "type"), "order.paid") != 0)
		return;
	snprintf(source, sizeof source, "hook:%s", config->name);
	if (order_told(db, text(hook_data(event), "order"), source, true, "order.paid",
	            &told) &&
	        told.again)
		json_object_set_new(event, "history", json_true());
}
