/* Intake: an event as somebody posted it, checked before anything is written, stored
 * once, shown to the engine. It never writes half of an event and never judges what a
 * shop calls its own fields. */
#include "engine/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/arrival.h"
#include "engine/border.h"
#include "engine/retention.h"
#include "engine/trigger.h"
#include "language/builtin.h"
#include "store/consent.h"

#define ID_MAX 200
#define AHEAD_MAX (5 * MS_MINUTE)
#define ITEMS_MAX 1000

static bool __attribute__((format(printf, 3, 4)))
wrong(struct arrival *a, const char *pointer, const char *fmt, ...)
{
	va_list ap;

	snprintf(a->error->pointer, sizeof a->error->pointer, "%s", pointer);
	va_start(ap, fmt);
	vsnprintf(a->error->detail, sizeof a->error->detail, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- reading values ---- */

bool arrival_money(json_t *value, int64_t *won)
{
	if (json_is_integer(value)) {
		*won = json_integer_value(value);
		return true;
	}
	if (json_is_real(value)) {
		double d = json_real_value(value);
		*won = d > -9e15 && d < 9e15 ? (int64_t)d : 0;
		return (double)*won == d;
	}
	return json_is_string(value) && text_money(json_string_value(value), won) == 0;
}

bool arrival_present(json_t *value)
{
	return value && !json_is_null(value);
}

static const char *text_of(struct arrival *a, json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		return arena_printf(
		        a->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return NULL;
}

const char *arrival_text(struct arrival *a, json_t *object, const char *name)
{
	return text_of(a, json_object_get(object, name));
}

/* ---- checking ---- */

/* An event without an id: the same words with the same time are the same event; without a
 * time each is its own. */
static const char *derived_id(struct arrival *a)
{
	uint8_t hash[32];
	char hex[65];

	if (arrival_present(json_object_get(a->json, "time"))) {
		char *words = json_dumps(a->json, JSON_COMPACT | JSON_SORT_KEYS);
		secret_sha256(words, strlen(words), hash);
		free(words);
	} else {
		secret_random(hash, sizeof hash);
	}
	return arena_printf(a->arena, "~%.32s", secret_hex(hash, sizeof hash, hex));
}

static bool check_identity(struct arrival *a, const char *default_source)
{
	json_t *id = json_object_get(a->json, "id"),
	       *source = json_object_get(a->json, "source");

	a->event.eid = arrival_present(id) ? text_of(a, id) : derived_id(a);
	if (!a->event.eid || !*a->event.eid || strlen(a->event.eid) > ID_MAX)
		return wrong(a, "/id",
		        TR("id is a text of at most %d bytes: it is how a repeated event "
		           "is known",
		                "id는 %d바이트 이하의 글입니다. 같은 이벤트가 두 번 온 "
		                "것을 id로 알아봅니다"),
		        ID_MAX);
	a->event.source =
	        arrival_present(source) ? json_string_value(source) : default_source;
	if (!a->event.source || !*a->event.source || strlen(a->event.source) > ID_MAX)
		return wrong(a, "/source",
		        TR("source is a text of at most %d bytes",
		                "source는 %d바이트 이하의 글입니다"),
		        ID_MAX);
	return true;
}

static bool check_type(struct arrival *a)
{
	const char *type = json_string_value(json_object_get(a->json, "type"));
	if (!type)
		return wrong(a, "/type",
		        TR("an event needs a type, such as \"order.paid\"",
		                "이벤트에는 \"order.paid\" 같은 type이 있어야 합니다"));
	a->type = event_type_find(type);
	a->event.type = a->type ? a->type->name : type;
	if (!a->type && !event_type_wellformed(type))
		return wrong(a, "/type",
		        TR("a type is lower-case words joined by dots, such as "
		           "\"order.paid\"",
		                "type은 \"order.paid\"처럼 소문자 낱말을 점으로 이은 "
		                "것입니다"));
	if ((!strncmp(a->event.type, "message.", 8) &&
	            strcmp(a->event.type, "message.replied")) ||
	        !strcmp(a->event.type, BUILTIN_EVENT))
		return wrong(a, "/type",
		        TR("message.* and " BUILTIN_EVENT " events are the daemon's own",
		                "message.*와 " BUILTIN_EVENT
		                " 이벤트는 단골이 스스로 만듭니다"));
	return true;
}

static bool check_time(struct arrival *a)
{
	json_t *time = json_object_get(a->json, "time");

	a->event.arrived = a->event.time = a->now;
	if (!arrival_present(time))
		return true;
	if (!json_is_string(time) ||
	        calendar_parse_time(json_string_value(time), &a->event.time))
		return wrong(a, "/time",
		        TR("a time is written with its zone, such as "
		           "\"2026-11-23T10:04:00+09:00\"",
		                "시각은 \"2026-11-23T10:04:00+09:00\"처럼 시간대와 함께 "
		                "적습니다"));
	if (a->event.time > a->now + AHEAD_MAX) {
		a->event.time = a->now;
		a->event.flags |= EVENT_FUTURE;
	}
	return true;
}

static bool check_customer(struct arrival *a)
{
	json_t *customer = json_object_get(a->json, "customer");
	struct profile_error inner = {{0}, {0}};
	bool good;

	if (!arrival_present(customer))
		return true;
	a->has_profile = true;
	if (json_is_string(customer)) {
		a->profile.ref = json_string_value(customer);
		return *a->profile.ref ? true
		                       : wrong(a, "/customer",
		                                 TR("the customer's id is empty",
		                                         "고객의 id가 비어 있습니다"));
	}
	if (!json_is_object(customer))
		return wrong(a, "/customer",
		        TR("customer is an object such as {\"id\": \"C123\"}",
		                "customer는 {\"id\": \"C123\"} 같은 객체입니다"));
	good = customer_read(customer, a->arena, &a->profile, &inner) &&
	       customer_read_aliases(customer, a->arena, &a->profile, &inner);
	if (good)
		return true;
	snprintf(a->error->pointer, sizeof a->error->pointer, "/customer%.110s",
	        inner.pointer);
	snprintf(a->error->detail, sizeof a->error->detail, "%s", inner.detail);
	return false;
}

static const char *of_item(struct arrival *a, size_t i, const char *member)
{
	return arena_printf(a->arena, "/data/items/%zu%s", i, member);
}

static bool check_item(struct arrival *a, size_t i)
{
	json_t *json = json_array_get(json_object_get(a->data, "items"), i);
	struct order_item *item = &a->items[i];
	json_t *price = json_object_get(json, "price"),
	       *quantity = json_object_get(json, "quantity");
	if (!json_is_object(json))
		return wrong(a, of_item(a, i, ""),
		        TR("an item is an object", "상품은 객체입니다"));
	item->sku = arrival_text(a, json, "sku");
	item->name = arrival_text(a, json, "name");
	item->category = arrival_text(a, json, "category");
	item->quantity = arrival_present(quantity) ? json_integer_value(quantity) : 1;
	if (arrival_present(quantity) &&
	        (!json_is_integer(quantity) || item->quantity < 0 ||
	                item->quantity > 1000000))
		return wrong(a, of_item(a, i, "/quantity"),
		        TR("quantity is a whole number", "quantity는 정수입니다"));
	item->has_price = arrival_present(price);
	if (item->has_price && !arrival_money(price, &item->price))
		return wrong(a, of_item(a, i, "/price"),
		        TR("price is whole won", "price는 원 단위 정수입니다"));
	return true;
}

static bool check_items(struct arrival *a)
{
	json_t *items = json_object_get(a->data, "items");

	if (!arrival_present(items))
		return true;
	if (!json_is_array(items) || json_array_size(items) > ITEMS_MAX)
		return wrong(a, "/data/items",
		        TR("items is a list of at most %d",
		                "items는 %d개 이하의 목록입니다"),
		        ITEMS_MAX);
	a->n_items = json_array_size(items);
	a->items = arena_alloc(a->arena, (a->n_items + 1) * sizeof *a->items);
	for (size_t i = 0; i < a->n_items; i++)
		if (!check_item(a, i))
			return false;
	return true;
}

static const char *of_field(struct arrival *a, const struct event_field *field)
{
	return arena_printf(a->arena, "/data/%s", field->name);
}

static bool check_field(struct arrival *a, const struct event_field *field)
{
	json_t *value = json_object_get(a->data, field->name);
	int64_t number;

	if (!arrival_present(value))
		return !field->required ||
		       wrong(a, of_field(a, field),
		               TR("%s needs '%s' in data",
		                       "%s에는 data에 '%s'이(가) 있어야 합니다"),
		               a->event.type, field->name);
	switch (field->type) {
	case 's':
		return text_of(a, value) ||
		       wrong(a, of_field(a, field),
		               TR("'%s' is a text", "'%s'은(는) 글입니다"), field->name);
	case 'n':
		return json_is_integer(value) ||
		       wrong(a, of_field(a, field),
		               TR("'%s' is a whole number", "'%s'은(는) 정수입니다"),
		               field->name);
	case 'm':
		return (arrival_money(value, &number) && number >= 0) ||
		       wrong(a, of_field(a, field),
		               TR("'%s' is whole won, 0 or more",
		                       "'%s'은(는) 0 이상의 원 단위 정수입니다"),
		               field->name);
	case 't':
		return (json_is_string(value) &&
		               calendar_parse_time(json_string_value(value), &number) ==
		                       0) ||
		       wrong(a, of_field(a, field),
		               TR("'%s' is a time with its zone",
		                       "'%s'은(는) 시간대가 있는 시각입니다"),
		               field->name);
	case 'b':
		return json_is_boolean(value) ||
		       wrong(a, of_field(a, field),
		               TR("'%s' is true or false",
		                       "'%s'은(는) true나 false입니다"),
		               field->name);
	default:
		return true;
	}
}

static bool check_data(struct arrival *a)
{
	json_t *total;

	a->data = json_object_get(a->json, "data");
	if (arrival_present(a->data) && !json_is_object(a->data))
		return wrong(a, "/data", TR("data is an object", "data는 객체입니다"));
	if (!arrival_present(a->data))
		a->data = NULL;
	for (const struct event_field *field = a->type ? a->type->fields : NULL;
	        field && field->name; field++)
		if (!check_field(a, field))
			return false;
	total = json_object_get(a->data, "total");
	a->event.has_total =
	        arrival_present(total) && arrival_money(total, &a->event.total);
	a->event.sku = arrival_text(a, a->data, "sku");
	a->event.category = arrival_text(a, a->data, "category");
	a->event.order = arrival_text(a, a->data, "order");
	return check_items(a);
}

/* A consent's words, in a body or in an event's data. */
static bool check_consent(struct arrival *a, json_t *json, const char *where)
{
	const char *channel = json_string_value(json_object_get(json, "channel")),
	           *purpose = json_string_value(json_object_get(json, "purpose")),
	           *how = json_string_value(json_object_get(json, "how"));
	char pointer[32];

	snprintf(pointer, sizeof pointer, "%s/channel", where);
	if (!channel || !consent_channel_known(channel))
		return wrong(a, pointer,
		        TR("channel is sms, kakao, email, push, data or guardian",
		                "channel은 sms, kakao, email, push, data, guardian "
		                "가운데 하나입니다"));
	snprintf(pointer, sizeof pointer, "%s/purpose", where);
	if (purpose && !consent_purpose_known(purpose))
		return wrong(a, pointer,
		        TR("purpose is ad or night", "purpose는 ad나 night입니다"));
	snprintf(pointer, sizeof pointer, "%s/how", where);
	if (how && !consent_how_known(how))
		return wrong(a, pointer,
		        TR("how is pos, web, paper, phone, import, reply, provider or "
		           "owner",
		                "how는 pos, web, paper, phone, import, reply, provider, "
		                "owner 가운데 하나입니다"));
	return true;
}

static bool check_reply(struct arrival *a)
{
	const char *channel = arrival_text(a, a->data, "channel");

	if (strcmp(a->event.type, "message.replied"))
		return true;
	channel = channel ? gate_medium(channel) : "";
	if (!consent_channel_known(channel) || !strcmp(channel, "data") ||
	        !strcmp(channel, CONSENT_GUARDIAN))
		return wrong(a, "/data/channel",
		        TR("the channel of a reply is sms, kakao, email or push",
		                "답장의 channel은 sms, kakao, email, push 가운데 "
		                "하나입니다"));
	if (!a->has_profile)
		return wrong(a, "/customer",
		        TR("a reply is somebody's: say whose",
		                "누구의 답장인지 customer를 적어 주세요"));
	return true;
}

static bool check(struct arrival *a, const char *default_source)
{
	if (!json_is_object(a->json))
		return wrong(a, "", TR("an event is an object", "이벤트는 객체입니다"));
	if (!check_identity(a, default_source) || !check_type(a) || !check_time(a) ||
	        !check_customer(a) || !check_data(a))
		return false;
	if (json_is_true(json_object_get(a->json, "history")) ||
	        a->event.time < retention_kept_from(a->engine, a->now))
		a->event.flags |= EVENT_HISTORY;
	if (strncmp(a->event.type, "consent.", 8) != 0)
		return check_reply(a);
	if (!a->has_profile)
		return wrong(a, "/customer",
		        TR("a consent is somebody's: say whose",
		                "누구의 동의인지 customer를 적어 주세요"));
	return check_consent(a, a->data, "/data");
}

/* ---- taking in ---- */

static enum intake take(struct arrival *a)
{
	struct db *db = a->engine->db;
	char *data = NULL;
	enum intake result = INTAKE_ACCEPTED;
	bool history = a->event.flags & EVENT_HISTORY;

	if (event_seen(db, a->event.source, a->event.eid)) {
		event_count(db, "duplicate", 1);
		return INTAKE_DUPLICATE;
	}
	if (history)
		trigger_settle(a->engine, false, a->now);
	arrival_know(a);
	if (a->data && json_object_size(a->data))
		a->event.data = a->words ? arena_strndup(a->arena, a->words, a->words_len)
		                         : (data = json_dumps(a->data, JSON_COMPACT));
	if (event_insert(db, &a->event)) {
		event_count(db, "accepted", 1);
		if (!a->type)
			misnomers_note(
			        &a->engine->misnomers, a->engine->ruleset, a->event.type);
		if (a->event.flags & EVENT_FUTURE)
			event_count(db, "future", 1);
		arrival_apply(a);
		engine_event(a->engine, &a->event, 0);
		border_event(a->engine, &a->event);
		if (history)
			trigger_settle(a->engine, true, a->now);
	} else {
		result = INTAKE_DUPLICATE;
	}
	free(data);
	return result;
}

enum intake intake_event(struct engine *engine, json_t *json, const char *data,
        size_t data_len, const char *default_source, int64_t now,
        struct profile_error *error)
{
	struct arrival a = {.engine = engine,
	        .json = json,
	        .words = data,
	        .words_len = data_len,
	        .now = now,
	        .error = error};
	enum intake result = INTAKE_REJECTED;

	a.arena = arena_new();
	if (check(&a, default_source))
		result = take(&a);
	else
		event_count(engine->db, "rejected", 1);
	arena_free(a.arena);
	return db_status(engine->db) == DB_OK ? result : INTAKE_STORE;
}

bool intake_consent(struct engine *engine, int64_t customer, json_t *json, int64_t event,
        int64_t now, struct profile_error *error)
{
	struct arrival a = {.engine = engine, .json = json, .now = now, .error = error};
	const char *channel = json_string_value(json_object_get(json, "channel"));
	const char *purpose = json_string_value(json_object_get(json, "purpose"));
	json_t *given = json_object_get(json, "given"),
	       *time = json_object_get(json, "time");
	struct consent_change change = {
	        .customer = customer, .channel = channel, .event = event, .time = now};

	if (!check_consent(&a, json, ""))
		return false;
	if (!json_is_boolean(given))
		return wrong(&a, "/given",
		        TR("given is true or false", "given은 true나 false입니다"));
	if (arrival_present(time) &&
	        (!json_is_string(time) ||
	                calendar_parse_time(json_string_value(time), &change.time)))
		return wrong(&a, "/time",
		        TR("a time is written with its zone",
		                "시각은 시간대와 함께 적습니다"));
	if (change.time > now + AHEAD_MAX)
		return wrong(&a, "/time",
		        TR("that time has not come yet", "아직 오지 않은 시각입니다"));
	change.purpose = purpose ? purpose : "ad";
	change.how = json_string_value(json_object_get(json, "how"));
	change.version = json_string_value(json_object_get(json, "version"));
	change.given = json_is_true(given);
	change.source = json_string_value(json_object_get(json, "source"));
	change.wording = json_string_value(json_object_get(json, "wording"));
	change.operator= json_string_value(json_object_get(json, "operator"));
	change.told = json_is_true(json_object_get(json, "told"));
	consent_record(engine->db, &change, now, false);
	return true;
}
