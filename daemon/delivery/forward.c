/* What a forward sends of an event. It looks at no network and keeps no state. */
#include "delivery/forward.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "language/builtin.h"
#include "store/customer.h"
#include "store/event.h"
#include "store/forwarded.h"
#include "store/person.h"

/* ---- which ---- */

static bool fits(const char *pattern, const char *type)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(pattern, type, len - 1);
	return !strcmp(pattern, type);
}

bool forward_wants(const char *const *events, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++)
		if (fits(events[i], type))
			return strcmp(type, BUILTIN_EVENT) != 0;
	return false;
}

bool forward_wants_messages(const struct forward_config *forwards, size_t n)
{
	static const char *const told[] = {
	        "message.sent", "message.delivered", "message.failed"};

	for (size_t i = 0; i < n; i++)
		for (size_t t = 0; t < sizeof told / sizeof told[0]; t++)
			if (forward_wants(
			            forwards[i].events, forwards[i].n_events, told[t]))
				return true;
	return false;
}

/* ---- what ---- */

static void add_text(struct buf *out, const char *before, const char *text)
{
	json_t *json = json_string(text);
	char *quoted = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	buf_adds(out, before);
	buf_adds(out, quoted ? quoted : "null");
	free(quoted);
	json_decref(json);
}

static void add_if(struct buf *out, const char *before, const char *text)
{
	if (text)
		add_text(out, before, text);
}

/* False: he is not known, or being erased. */
static bool add_customer(struct db *db, int64_t id, bool whole, struct buf *out)
{
	struct arena *arena;
	struct customer customer;
	bool known;

	if (!id)
		return true;
	arena = arena_new();
	known = forwarded_knows(db, id) && customer_get(db, id, arena, &customer);
	if (known) {
		add_text(out, ",\"customer\":{\"id\":", customer.ref);
		add_if(out, ",\"name\":", whole ? customer.name : NULL);
		add_if(out, ",\"phone\":", whole ? customer.phone : NULL);
		add_if(out, ",\"email\":", whole ? customer.email : NULL);
		buf_addc(out, '}');
	}
	arena_free(arena);
	return known;
}

/* What somebody wrote to the shop is his own words. */
static enum sealed_member member(const void *arg, const char *field, size_t len)
{
	const struct event_kind *kind = arg;

	if (!strcmp(kind->name, "message.replied") && len == 4 &&
	        !memcmp(field, "text", 4))
		return SEALED_PERSON;
	return event_member(kind, field, len);
}

static void add_data(const struct event *event, bool whole, struct buf *out)
{
	struct event_kind kind = {event->type, event_type_find(event->type)};

	buf_adds(out, ",\"data\":");
	if (!event->data)
		buf_adds(out, "{}");
	else if (whole)
		buf_adds(out, event->data);
	else
		sealed_json_bare(out, event->data, member, &kind);
}

bool forward_body(
        struct db *db, struct zone *zone, int64_t id, bool with_customer, struct buf *out)
{
	struct arena *arena = arena_new();
	struct event event;
	char time[40];
	bool good = false;

	if (!event_get(db, id, arena, &event) || (event.flags & EVENT_ERASED))
		goto end;
	add_text(out, "{\"type\":", event.type);
	add_text(out, ",\"timestamp\":", zone_format(zone, event.time, time));
	add_text(out, ",\"data\":{\"id\":", event.eid);
	add_text(out, ",\"source\":", event.source);
	good = add_customer(db, event.customer, with_customer, out);
	add_data(&event, with_customer, out);
	buf_adds(out, "}}");
end:
	arena_free(arena);
	return good;
}
