/* What the files of the shop systems share: finding them, and making events of theirs. */
#include "door/hook/hook.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/text.h"

static const struct hook_kind *const kinds[] = {
        &hook_shopify, &hook_woocommerce, &hook_standard_kind};
#define KINDS (sizeof kinds / sizeof kinds[0])

const struct hook_kind *hook_find(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

const char *hook_names(void)
{
	static char names[256];
	size_t n = 0;

	for (size_t i = 0; i < KINDS && !names[sizeof names - 1]; i++)
		n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "",
		        kinds[i]->name);
	return names;
}

/* ---- reading ---- */

/* One step of a pointer, "~1" and "~0" undone. Returns new. */
static char *unescape(const char *from, size_t len)
{
	char *out = mem_alloc(len + 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		bool escaped = from[i] == '~' && i + 1 < len &&
		               (from[i + 1] == '0' || from[i + 1] == '1');
		*to++ = !escaped ? from[i] : from[i + 1] == '1' ? '/' : '~';
		i += escaped;
	}
	*to = '\0';
	return out;
}

static json_t *step(json_t *json, const char *name)
{
	char *end;
	unsigned long index;

	if (!json_is_array(json))
		return json_object_get(json, name);
	index = strtoul(name, &end, 10);
	return *name >= '0' && *name <= '9' && !*end ? json_array_get(json, index) : NULL;
}

json_t *hook_at(json_t *json, const char *pointer)
{
	while (json && *pointer == '/') {
		size_t len = strcspn(++pointer, "/");
		char *name = unescape(pointer, len);

		json = step(json, name);
		free(name);
		pointer += len;
	}
	return json_is_null(json) ? NULL : json;
}

const char *hook_text(const struct hook_call *call, json_t *json, const char *pointer)
{
	json_t *value = hook_at(json, pointer);

	if (json_is_integer(value))
		return arena_printf(
		        call->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return json_is_string(value) && *json_string_value(value)
	               ? json_string_value(value)
	               : NULL;
}

bool hook_won(json_t *json, const char *pointer, int64_t *won)
{
	json_t *value = hook_at(json, pointer);
	double real = json_real_value(value);

	if (json_is_string(value))
		return text_money(json_string_value(value), won) == 0;
	*won = json_is_integer(value) ? json_integer_value(value)
	       : json_is_real(value) && real > -9e15 && real < 9e15 ? (int64_t)real
	                                                            : INT64_MIN;
	return *won != INT64_MIN && (json_is_integer(value) || (double)*won == real);
}

static bool has_zone(const char *time)
{
	size_t len = strlen(time);

	return len > 19 && (time[len - 1] == 'Z' || time[len - 1] == 'z' ||
	                           time[len - 6] == '+' || time[len - 6] == '-');
}

const char *hook_time(
        const struct hook_call *call, json_t *json, const char *pointer, const char *zone)
{
	const char *time = json_string_value(hook_at(json, pointer));
	int64_t ms;

	if (time && zone && !has_zone(time))
		time = arena_printf(call->arena, "%s%s", time, zone);
	return time && calendar_parse_time(time, &ms) == 0 ? time : NULL;
}

/* ---- events ---- */

json_t *hook_event(
        struct hook_call *call, const char *type, const char *time, const char *id, ...)
{
	json_t *event;
	char text[512];
	va_list ap;

	if (json_array_size(call->events) >= HOOK_EVENTS_MAX)
		return NULL;
	va_start(ap, id);
	vsnprintf(text, sizeof text, id, ap);
	va_end(ap);
	event = json_pack("{s:s, s:s, s:{}}", "id", text, "type", type, "data");
	hook_say(event, "time", time);
	json_array_append_new(call->events, event);
	return event;
}

json_t *hook_data(json_t *event)
{
	return json_object_get(event, "data");
}

void hook_copy(json_t *to, const char *name, json_t *from, const char *pointer)
{
	json_t *value = hook_at(from, pointer);

	if (value && !(json_is_string(value) && !*json_string_value(value)))
		json_object_set(to, name, value);
}

void hook_say(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, json_string(text));
}

json_t *hook_customer(struct hook_call *call, json_t *event, const char *id)
{
	json_t *customer = json_object();

	if (id)
		json_object_set_new(customer, "aliases",
		        json_pack("[o]", json_sprintf("%s:%s", call->config->name, id)));
	json_object_set_new(event, "customer", customer);
	return json_object_get(event, "customer");
}

json_t *hook_item(json_t *event)
{
	json_t *data = hook_data(event), *items = json_object_get(data, "items"), *item;

	if (!data)
		return NULL;
	if (!items)
		json_object_set_new(data, "items", items = json_array());
	json_array_append_new(items, item = json_object());
	return item;
}

void hook_ignore(struct hook_call *call)
{
	call->ignored++;
}

/* ---- what customers agreed to ---- */

static void consent(
        struct hook_call *call, const json_t *event, const char *channel, bool given)
{
	json_t *one = hook_event(call, given ? "consent.given" : "consent.withdrawn",
	        json_string_value(json_object_get(event, "time")), "%s.%s",
	        json_string_value(json_object_get(event, "id")), channel);
	char source[64];

	if (!one)
		return;
	snprintf(source, sizeof source, "hook:%s", call->config->name);
	json_object_set(one, "customer", json_object_get(event, "customer"));
	hook_say(hook_data(one), "channel", channel);
	hook_say(hook_data(one), "purpose", "ad");
	hook_say(hook_data(one), "how", "web");
	hook_say(hook_data(one), "source", source);
	if (given)
		hook_say(hook_data(one), "wording", call->config->wording);
}

void hook_agreed(
        struct hook_call *call, const json_t *event, const char *medium, bool agreed)
{
	json_t *customer = json_object_get(event, "customer"),
	       *attributes = json_object_get(customer, "attributes");
	char name[64];

	if (call->config->wording) {
		consent(call, event, medium, agreed);
		if (agreed)
			consent(call, event, "data", true);
		return;
	}
	if (!attributes)
		json_object_set_new(customer, "attributes", attributes = json_object());
	snprintf(name, sizeof name, "%s_%s", call->config->name, medium);
	json_object_set_new(attributes, name, json_boolean(agreed));
}
