/* A customer's card: the shape in which the outside sees one. Shows, and never changes
 * anything. */
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "store/alias.h"
#include "store/consent.h"
#include "store/customer.h"

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_or_null(struct zone *zone, int64_t ms)
{
	char out[32];
	return ms ? json_string(zone_format(zone, ms, out)) : json_null();
}

static void put_birthday(json_t *card, const struct customer *c)
{
	char out[16];
	struct birthday b = {c->birth_year, c->birth_md};
	json_object_set_new(card, "birthday",
	        c->birth_md ? json_string(text_birthday_format(&b, out)) : json_null());
	json_object_set_new(card, "birthday_calendar",
	        json_string(c->birth_lunar ? "lunar" : "solar"));
	json_object_set_new(card, "birthday_leap_month", json_boolean(c->birth_leap));
}

static json_t *orders_json(const struct customer *c, struct zone *zone)
{
	json_t *orders = json_object();
	json_object_set_new(orders, "count", json_integer(c->orders_count));
	json_object_set_new(orders, "total", json_integer(c->orders_total));
	json_object_set_new(orders, "last", time_or_null(zone, c->orders_last_at));
	json_object_set_new(orders, "first", time_or_null(zone, c->orders_first_at));
	return orders;
}

static json_t *tags_json(struct db *db, int64_t id)
{
	json_t *tags = json_array();
	struct stmt *st = db_stmt(
	        db, "SELECT tag FROM customer_tag WHERE customer = ?1 ORDER BY tag");
	stmt_int(st, 1, id);
	while (stmt_row(st))
		json_array_append_new(tags, json_string(stmt_get_text(st, 0)));
	return tags;
}

static json_t *attributes_json(const struct customer *c)
{
	json_t *attributes = c->attributes ? json_loads(c->attributes, 0, NULL) : NULL;
	return attributes ? attributes : json_object();
}

/* Few have any. */
static void put_aliases(struct db *db, json_t *card, int64_t id)
{
	json_t *refs = alias_refs(db, id);
	if (refs)
		json_object_set_new(card, "aliases", refs);
}

json_t *customer_json(struct db *db, int64_t id, struct zone *zone)
{
	struct arena *arena = arena_new();
	struct customer c;
	json_t *card = NULL;
	if (customer_get(db, id, arena, &c)) {
		card = json_object();
		json_object_set_new(card, "id", json_string(c.ref));
		json_object_set_new(card, "name", text_or_null(c.name));
		json_object_set_new(card, "phone", text_or_null(c.phone));
		json_object_set_new(card, "email", text_or_null(c.email));
		put_birthday(card, &c);
		json_object_set_new(card, "gender", text_or_null(c.gender));
		json_object_set_new(card, "city", text_or_null(c.city));
		json_object_set_new(card, "grade", text_or_null(c.grade));
		json_object_set_new(card, "language", text_or_null(c.language));
		json_object_set_new(card, "friend",
		        c.friend < 0 ? json_null() : json_boolean(c.friend));
		json_object_set_new(card, "joined", time_or_null(zone, c.joined_at));
		json_object_set_new(card, "tags", tags_json(db, id));
		json_object_set_new(card, "attributes", attributes_json(&c));
		json_object_set_new(card, "orders", orders_json(&c, zone));
		json_object_set_new(card, "consents", consent_json(db, id));
		put_aliases(db, card, id);
	}
	arena_free(arena);
	return card;
}

json_t *customer_list(struct db *db, int64_t after, int limit, struct zone *zone)
{
	json_t *customers = json_array(), *list = json_object();
	struct stmt *st =
	        db_stmt(db, "SELECT id FROM customer WHERE id > ?1 ORDER BY id LIMIT ?2");
	int64_t last = 0;
	bool more = false;
	stmt_int(st, 1, after);
	stmt_int(st, 2, (int64_t)limit + 1);
	while (stmt_row(st)) {
		more = json_array_size(customers) == (size_t)limit;
		if (more) {
			stmt_done(st);
			break;
		}
		last = stmt_get(st, 0);
		json_array_append_new(customers, customer_json(db, last, zone));
	}
	json_object_set_new(list, "customers", customers);
	json_object_set_new(list, "next", more ? json_integer(last) : json_null());
	return list;
}
