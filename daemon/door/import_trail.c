/* What a row changes: into the journal, so that it can be undone, or, in a dry run, into
 * the difference. It changes nothing that the row's kind does not say. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/personal.h"
#include "base/text.h"
#include "door/import.h"
#include "store/journal.h"
#include "store/picture.h"

/* ---- the difference, for the owner ---- */

static bool is_person(const char *name)
{
	static const char *const names[] = {"name", "phone", "email", "visitor"};
	const char *attribute =
	        strncmp(name, PICTURE_ATTRIBUTE, strlen(PICTURE_ATTRIBUTE)) == 0
	                ? name + strlen(PICTURE_ATTRIBUTE)
	                : NULL;
	for (int i = 0; i < 4; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return attribute &&
	       (personal_name(attribute, strlen(attribute)) ||
	               personal_is_name(attribute, strlen(attribute)) ||
	               personal_declared("customer", attribute, strlen(attribute)));
}

static json_t *masked(const json_t *value)
{
	struct buf out = {0};
	char *text = json_is_string(value)
	                     ? mem_strdup(json_string_value(value))
	                     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	text_mask(text, &out);
	json_t *shown = json_string(out.data ? out.data : "");
	buf_free(&out);
	free(text);
	return shown;
}

static json_t *time_shown(struct import *import, const json_t *ms)
{
	char text[32];
	return json_string(zone_format(import->zone, json_integer_value(ms), text));
}

static json_t *birthday_shown(const json_t *day)
{
	struct birthday b = {.year = (int)json_integer_value(json_array_get(day, 0)),
	        .month_day = (int)json_integer_value(json_array_get(day, 1))};
	bool lunar = json_integer_value(json_array_get(day, 2)) != 0;
	char text[16];
	return json_sprintf(
	        "%s%s", text_birthday_format(&b, text), lunar ? " lunar" : "");
}

/* Returns new. */
static json_t *shown(struct import *import, const char *name, const json_t *value)
{
	static const char *const times[] = {
	        "joined", "placed", "paid", "cancelled", "shipped", "delivered"};
	if (!value || json_is_null(value))
		return json_null();
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		if (strcmp(times[i], name) == 0)
			return time_shown(import, value);
	if (strcmp(name, "birthday") == 0)
		return birthday_shown(value);
	if (strcmp(name, "friend") == 0)
		return json_boolean(json_integer_value(value));
	if (strncmp(name, PICTURE_CONSENT, strlen(PICTURE_CONSENT)) == 0)
		return json_boolean(json_integer_value(json_array_get(value, 0)));
	if (is_person(name) ||
	        (json_is_string(value) && personal_text(json_string_value(value),
	                                          json_string_length(value))))
		return masked(value);
	return json_deep_copy(value);
}

static bool same(const json_t *a, const json_t *b)
{
	return a && b ? json_equal(a, b) : a == b;
}

static void add_field(struct import *import, json_t *fields, const char *name,
        const json_t *from, const json_t *to)
{
	if (!same(from, to))
		json_object_set_new(fields, name,
		        json_pack("{s:o, s:o}", "from", shown(import, name, from), "to",
		                shown(import, name, to)));
}

/* {"city": {"from": "서울", "to": "부산"}}. Returns new. */
static json_t *fields_json(struct import *import, json_t *before, json_t *after)
{
	json_t *fields = json_object(), *value;
	const char *name;
	json_object_foreach(after, name, value)
	{
		add_field(import, fields, name, json_object_get(before, name), value);
	}
	json_object_foreach(before, name, value)
	{
		if (!json_object_get(after, name))
			add_field(import, fields, name, value, NULL);
	}
	return fields;
}

static void show(
        struct import *import, int line, const char *id, json_t *before, json_t *after)
{
	int *n = import_dry_shown(import->dry);
	if (*n >= IMPORT_DRY_ROWS || logbook_full(import->call.logbook))
		return;
	++*n;
	json_t *name = json_string(id);
	json_array_append_new(import->rows,
	        json_pack("{s:i, s:o, s:o}", "line", line, "id",
	                personal_text(id, strlen(id)) ? masked(name) : json_incref(name),
	                "fields", fields_json(import, before, after)));
	json_decref(name);
}

static uint64_t words_of(json_t *before, json_t *after)
{
	json_t *both = json_pack("[O?, O?]", before, after);
	char *text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
	uint64_t words = text_hash(text, strlen(text));
	free(text);
	json_decref(both);
	return words;
}

enum effect { MADE, CHANGED, SAME };

static void count(struct import *import, enum effect effect, int rows)
{
	switch (effect) {
	case MADE:
		import->difference.made += rows;
		break;
	case CHANGED:
		import->difference.changed += rows;
		break;
	case SAME:
		import->difference.same += rows;
		break;
	}
}

/* One thing of a dry run: id is how the file names it. */
static enum effect compare(struct import *import, const char *id, bool made, int line,
        json_t *before, json_t *after)
{
	if (!made && !after)
		return SAME;
	switch (import_dry_see(
	        import->dry, import->kind->name, id, words_of(before, after))) {
	case DRY_SAME:
		return SAME;
	case DRY_OTHER:
		show(import, line, id, before, after);
		return CHANGED;
	case DRY_NEW:
		break;
	}
	if (made)
		return MADE;
	show(import, line, id, before, after);
	return CHANGED;
}

/* ---- customers ---- */

static void watch_before(void *arg, int64_t id)
{
	struct import *import = arg;
	if (!import->trail.before)
		import->trail.before = picture_customer(import->db, id);
}

static void drop_trail(struct import *import)
{
	json_decref(import->trail.before);
	json_decref(import->trail.held);
	import->trail = (struct trail){0};
}

int64_t import_upsert(struct import *import, const struct profile *profile)
{
	const struct customer_watch watch = {watch_before, import};
	int64_t id;
	drop_trail(import);
	int found = customer_upsert_watched(
	        import->db, profile, import->call.now, &watch, &id);
	import->trail.customer = id;
	import->trail.made = found == CUSTOMER_CREATED;
	return id;
}

static void note_held(
        struct trail *trail, const struct consent_change *change, int given, int64_t time)
{
	char *name =
	        mem_printf(PICTURE_CONSENT "%s:%s", change->channel, change->purpose);
	if (!trail->held)
		trail->held = json_object();
	if (!json_object_get(trail->held, name))
		json_object_set_new(trail->held, name,
		        given < 0 ? json_null()
		                  : json_pack("[i, I]", given, (json_int_t)time));
	free(name);
}

void import_consent(struct import *import, const struct consent_change *change,
        bool never_over_withdrawal)
{
	struct trail *trail = &import->trail;
	int64_t time = 0, then = 0, log;
	if (trail->customer != change->customer)
		drop_trail(import);
	trail->customer = change->customer;
	int given = consent_now(
	        import->db, change->customer, change->channel, change->purpose, &time);
	consent_record_as(
	        import->db, change, import->call.now, never_over_withdrawal, &log);
	trail->said += log != 0;
	if (consent_now(import->db, change->customer, change->channel, change->purpose,
	            &then) != given ||
	        then != time)
		note_held(trail, change, given, time);
	if (trail->n_consents < 16) {
		trail->consents[trail->n_consents][0] = change->channel;
		trail->consents[trail->n_consents++][1] = change->purpose;
	}
}

/* What the row told of him, by the names of his picture. */
struct told {
	const struct trail *trail;
	json_t *customer;
};

static bool tells_consent(const struct trail *trail, const char *name)
{
	const char *colon = strchr(name, ':');
	for (int i = 0; colon && i < trail->n_consents; i++)
		if (strncmp(trail->consents[i][0], name, (size_t)(colon - name)) == 0 &&
		        strcmp(trail->consents[i][1], colon + 1) == 0)
			return true;
	return false;
}

static const char *behind(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

static bool tells(const void *arg, const char *name)
{
	const struct told *told = arg;
	const char *rest;
	if ((rest = behind(name, PICTURE_CONSENT)))
		return tells_consent(told->trail, rest);
	if (behind(name, PICTURE_TAG)) /* the list is told as a whole */
		return json_object_get(told->customer, "tags") != NULL;
	if ((rest = behind(name, PICTURE_ATTRIBUTE)))
		return json_object_get(
		        json_object_get(told->customer, "attributes"), rest);
	return json_object_get(told->customer, name) != NULL;
}

/* Before and after of the customer under way; both NULL: nothing of him changes. New. */
static void pictures(struct import *import, json_t **before, json_t **after)
{
	const struct trail *trail = &import->trail;
	const char *name;
	json_t *held;
	*before = *after = NULL;
	if (!trail->made && !trail->before && !trail->held)
		return;
	*after = picture_customer(import->db, trail->customer);
	if (trail->made)
		return;
	*before = trail->before ? json_incref(trail->before) : json_copy(*after);
	json_object_foreach(trail->held, name, held)
	{
		if (json_is_null(held))
			json_object_del(*before, name);
		else
			json_object_set(*before, name, held);
	}
}

static void note_customer(
        struct import *import, json_t *before, json_t *after, json_t *customer)
{
	const struct told told = {&import->trail, customer};
	const struct journal_entry entry = {.batch = import->batch_id,
	        .thing = JOURNAL_CUSTOMER,
	        .id = import->trail.customer,
	        .made = import->trail.made,
	        .said = import->trail.said,
	        .before = before,
	        .after = after,
	        .told = tells,
	        .arg = &told};
	journal_note(import->db, &entry);
}

/* How the file names him: the first of these that it tells. */
static const char *named(struct import *import, json_t *customer, char out[160])
{
	static const char *const names[] = {"id", "phone", "email"};
	for (int i = 0; i < 3; i++) {
		const char *name = json_string_value(json_object_get(customer, names[i]));
		if (name) {
			snprintf(out, 160, "%s", name);
			return out;
		}
	}
	snprintf(out, 160, "#%lld", (long long)import->trail.customer);
	return out;
}

static const char *ref_of(struct import *import, char out[160])
{
	struct arena *arena = arena_new();
	struct customer customer;
	snprintf(out, 160, "%s",
	        customer_get(import->db, import->trail.customer, arena, &customer)
	                ? customer.ref
	                : "");
	arena_free(arena);
	return out;
}

void import_customer_end(struct import *import, json_t *told)
{
	struct trail *trail = &import->trail;
	bool along = trail->made && import->kind != &import_customers;
	json_t *before, *after;
	char id[160];
	pictures(import, &before, &after);
	enum effect effect = !after ? SAME : trail->made && !along ? MADE : CHANGED;
	if (!import->dry_run)
		note_customer(import, before, after, told);
	else if (import->kind == &import_customers && trail->made)
		effect = compare(
		        import, named(import, told, id), true, import->line, NULL, after);
	else
		effect = compare(
		        import, ref_of(import, id), false, import->line, before, after);
	count(import, effect, 1);
	import->difference.customers += along;
	json_decref(before);
	json_decref(after);
	drop_trail(import);
}

void import_customer_named(struct import *import)
{
	json_t *before, *after;
	if (!import->trail.made) {
		drop_trail(import);
		return;
	}
	pictures(import, &before, &after);
	if (!import->dry_run)
		note_customer(import, before, after, NULL);
	import->difference.customers++;
	json_decref(after);
	drop_trail(import);
}

/* ---- orders, products ---- */

static void note(
        struct import *import, struct journal_entry *entry, json_t *before, json_t *after)
{
	entry->batch = import->batch_id;
	entry->before = before;
	entry->after = before && json_equal(before, after) ? NULL : after;
	journal_note(import->db, entry);
}

static json_t *inside(json_t *picture)
{
	json_t *whole = json_object_get(picture, PICTURE_WHOLE);
	return whole ? whole : picture;
}

/* Without that an import told of it, and whose it is by a number of ours. */
static json_t *plain_order(json_t *picture)
{
	json_t *order = json_copy(inside(picture));
	json_object_del(order, "imported");
	json_object_del(order, "customer");
	json_object_del(order, "counted");
	return order;
}

static enum effect compare_order(
        struct import *import, const char *ref, int line, json_t *before, json_t *after)
{
	json_t *was = before ? plain_order(before) : NULL, *is = plain_order(after);
	bool same = before && json_equal(was, is);
	enum effect effect = compare(import, ref, !before, line, was, same ? NULL : is);
	json_decref(was);
	json_decref(is);
	return effect;
}

void import_order(struct import *import, enum past_status status,
        const struct order_change *change, int line, int rows)
{
	int64_t known = past_known(import->db, status, change);
	json_t *before = known ? picture_order(import->db, known) : NULL;
	int64_t id = past_order(import->db, status, change);
	json_t *after = picture_order(import->db, id);
	struct journal_entry entry = {.thing = JOURNAL_ORDER, .id = id, .made = !known};
	enum effect effect = !known ? MADE : json_equal(before, after) ? SAME : CHANGED;
	if (!import->dry_run)
		note(import, &entry, before, after);
	else
		effect = compare_order(import, change->ref, line, before, after);
	count(import, effect, rows);
	json_decref(before);
	json_decref(after);
}

static bool product_tells(const void *arg, const char *name)
{
	const struct product *p = arg;
	const struct {
		const char *name;
		bool told;
	} fields[] = {{"name", p->name}, {"category", p->category}, {"url", p->url},
	        {"image", p->image}, {"price", p->has_price}, {"stock", p->has_stock}};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].told;
	return false;
}

void import_product(struct import *import, const struct product *product)
{
	json_t *before = picture_product(import->db, product->sku);
	product_upsert(import->db, product, import->call.now);
	json_t *after = picture_product(import->db, product->sku);
	bool same = before && json_equal(before, after);
	enum effect what = !before ? MADE : same ? SAME : CHANGED;
	struct journal_entry entry = {.thing = JOURNAL_PRODUCT,
	        .sku = product->sku,
	        .made = !before,
	        .told = product_tells,
	        .arg = product};
	if (!import->dry_run)
		note(import, &entry, before, after);
	else
		what = compare(import, product->sku, !before, import->line, before,
		        same ? NULL : after);
	count(import, what, 1);
	json_decref(before);
	json_decref(after);
}
