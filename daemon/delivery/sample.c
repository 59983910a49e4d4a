/* Samples for previews and test messages. They are read or made up, and never written. */
#include "delivery/sample.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "language/builtin.h"

#define CODE "TEST-2345678"
#define WON 20000

static bool sends(const struct rule *rule, const char *channel, const char *template)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		for (size_t leg = 0;
		        rule->ops[i].kind == OP_SEND && leg < rule->ops[i].n_legs; leg++)
			if (!strcmp(rule->ops[i].legs[leg].channel, channel) &&
			        !strcmp(rule->ops[i].legs[leg].template, template))
				return true;
	return false;
}

const struct rule *sample_rule(
        const struct engine *engine, const char *channel, const char *template)
{
	const struct program *all = engine->ruleset ? engine->ruleset->program : NULL;

	for (size_t i = 0; all && i < all->n_rules; i++)
		if (sends(&all->rules[i], channel, template))
			return &all->rules[i];
	return NULL;
}

bool sample_coupon(const struct engine *engine, const struct rule *rule, int64_t now,
        struct coupon *out)
{
	*out = (struct coupon){.code = CODE, .name = "", .state = "reserved"};
	for (size_t i = 0; rule && i < rule->n_ops; i++) {
		const struct coupon_decl *decl =
		        rule->ops[i].kind == OP_GIVE
		                ? state_coupon(engine, rule->ops[i].name)
		                : NULL;
		if (!decl)
			continue;
		out->name = decl->name;
		out->discount = decl->discount;
		out->minimum = decl->minimum;
		out->expires_at = coupon_expiry(decl, engine->shop->zone, now);
		return true;
	}
	return !rule;
}

/* ---- events ---- */

static const char *word_for(const char *field)
{
	static const char *const words[][2] = {{"order", "A-1001"},
	        {"reservation", "R-1001"}, {"sku", "SKU-1"}, {"category", "커피"},
	        {"url", "https://example.com/"}, {"query", "원두"}, {"code", CODE},
	        {"coupon", CODE}, {"tracking", "1234567890"}, {"channel", "sms"},
	        {"purpose", "ad"}};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(words[i][0], field))
			return words[i][1];
	return field;
}

static json_t *value_for(const struct event_field *field, struct zone *zone, int64_t now)
{
	char time[32];

	switch (field->type) {
	case 'm':
		return json_integer(WON);
	case 'n':
		return json_integer(1);
	case 'b':
		return json_true();
	case 't':
		return json_string(zone_format(zone, now + MS_DAY, time));
	case 'i':
		return json_pack("[{s:s, s:s, s:s, s:i, s:i}]", "sku", "SKU-1", "name",
		        "예가체프", "category", "커피", "quantity", 1, "price", WON);
	default:
		return json_string(word_for(field->name));
	}
}

/* A consent that was given now. */
static const char *notice_for(const struct rule *rule, int64_t now, struct arena *arena)
{
	bool result = !strcmp(rule->name, BUILTIN_RESULT);
	json_t *data = json_pack("{s:s, s:s, s:[{s:s, s:s, s:b, s:I}]}", "kind",
	        result ? "result" : "confirm", "medium", "sms", "changes", "channel",
	        "sms", "purpose", "ad", "given", 1, "time", (json_int_t)now);
	char *text = json_dumps(data, JSON_COMPACT);
	const char *kept = arena_strdup(arena, text);

	free(text);
	json_decref(data);
	return kept;
}

static const char *data_for(const struct event_type *type, struct zone *zone, int64_t now,
        struct arena *arena)
{
	json_t *data = json_object();
	const struct event_field *field = type ? type->fields : NULL;
	const char *kept;
	char *text;

	for (; field && field->name; field++)
		json_object_set_new(data, field->name, value_for(field, zone, now));
	text = json_dumps(data, JSON_COMPACT);
	kept = arena_strdup(arena, text ? text : "{}");
	free(text);
	json_decref(data);
	return kept;
}

bool sample_event(const struct engine *engine, const struct rule *rule, int64_t customer,
        int64_t now, struct arena *arena, struct event *out)
{
	const char *type =
	        rule && rule->trigger.kind == TRIGGER_EVENT ? rule->trigger.event : NULL;

	if (rule && rule->trigger.kind == TRIGGER_STOCK)
		type = "stock.changed";
	if (!type)
		return false;
	if (!rule->built_in && event_last(engine->db, customer, type, arena, out))
		return true;
	*out = (struct event){.source = "sample",
	        .eid = "sample",
	        .type = type,
	        .customer = customer,
	        .time = now,
	        .arrived = now,
	        .has_total = true,
	        .total = WON,
	        .sku = word_for("sku"),
	        .category = word_for("category"),
	        .order = word_for("order"),
	        .data = rule->built_in ? notice_for(rule, now, arena)
	                               : data_for(event_type_find(type),
	                                         engine->shop->zone, now, arena)};
	return true;
}
