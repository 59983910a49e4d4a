/* Draws customers, orders and products from their rows. Writes nothing. */
#include "store/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "store/person.h"
#include "store/sealed.h"

static void put_text(json_t *to, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(to, key, json_string(text));
}

static void put_int(json_t *to, const char *key, struct stmt *st, int col)
{
	if (!stmt_is_null(st, col))
		json_object_set_new(to, key, json_integer(stmt_get(st, col)));
}

static void put_named(json_t *to, const char *prefix, const char *name, json_t *value)
{
	char *key = mem_printf("%s%s", prefix, name);

	json_object_set_new(to, key, value);
	free(key);
}

/* ---- customers ---- */

static void put_attributes(json_t *to, const char *text)
{
	json_t *all = text ? json_loads(text, 0, NULL) : NULL, *value;
	const char *name;

	json_object_foreach(all, name, value)
	{
		put_named(to, PICTURE_ATTRIBUTE, name, json_incref(value));
	}
	json_decref(all);
}

static void put_row(json_t *to, struct stmt *st, int64_t id)
{
	static const char *const texts[] = {
	        "visitor", "gender", "city", "grade", "language"};

	for (int i = 0; i < 5; i++)
		put_text(to, texts[i], stmt_get_text(st, i));
	put_int(to, "friend", st, 5);
	put_int(to, "joined", st, 6);
	if (!stmt_is_null(st, 8))
		json_object_set_new(to, "birthday",
		        json_pack("[I,I,I,I]", (json_int_t)stmt_get(st, 7),
		                (json_int_t)stmt_get(st, 8), (json_int_t)stmt_get(st, 9),
		                (json_int_t)stmt_get(st, 10)));
	put_attributes(to, sealed_get_json(st, 11, SEAL_ATTRIBUTES, id, NULL));
}

static void put_person(json_t *to, struct db *db, int64_t id)
{
	struct arena *arena = arena_new();
	struct person person;

	person_get(db, id, arena, &person);
	put_text(to, "name", person.name);
	put_text(to, "phone", person.phone);
	put_text(to, "email", person.email);
	arena_free(arena);
}

static void put_tags(json_t *to, struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT tag FROM customer_tag WHERE customer = ?1");

	stmt_int(st, 1, id);
	while (stmt_row(st))
		put_named(to, PICTURE_TAG, stmt_get_text(st, 0), json_true());
}

static json_t *said(struct stmt *st, int col)
{
	return json_pack("[I,I]", (json_int_t)stmt_get(st, col),
	        (json_int_t)stmt_get(st, col + 1));
}

static void put_consents(json_t *to, struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT channel || ':' || purpose, given, time FROM"
	                              " consent WHERE customer = ?1");

	stmt_int(st, 1, id);
	while (stmt_row(st))
		put_named(to, PICTURE_CONSENT, stmt_get_text(st, 0), said(st, 1));
}

json_t *picture_consent(
        struct db *db, int64_t customer, const char *channel, const char *purpose)
{
	struct stmt *st =
	        db_stmt(db, "SELECT given, time FROM consent WHERE customer = ?1 AND"
	                    " channel = ?2 AND purpose = ?3");
	json_t *out;

	stmt_int(st, 1, customer);
	stmt_text(st, 2, channel);
	stmt_text(st, 3, purpose);
	if (!stmt_row(st))
		return NULL;
	out = said(st, 0);
	stmt_done(st);
	return out;
}

json_t *picture_customer(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db,
	        "SELECT visitor, gender, city, grade, language, friend, joined_at,"
	        " birth_year, birth_md, birth_lunar, birth_leap, attributes FROM customer"
	        " WHERE id = ?1");
	json_t *out;

	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return NULL;
	out = json_object();
	put_row(out, st, id);
	stmt_done(st);
	put_person(out, db, id);
	put_tags(out, db, id);
	put_consents(out, db, id);
	return out;
}

/* ---- orders, products ---- */

static json_t *text_or_null(struct stmt *st, int col)
{
	const char *text = stmt_get_text(st, col);

	return text ? json_string(text) : json_null();
}

static json_t *items_of(struct db *db, int64_t order)
{
	struct stmt *st = db_stmt(db, "SELECT sku, name, category, quantity, price FROM"
	                              " order_item WHERE order_id = ?1 ORDER BY line");
	json_t *items = json_array();

	stmt_int(st, 1, order);
	while (stmt_row(st))
		json_array_append_new(items,
		        json_pack("[o,o,o,I,o]", text_or_null(st, 0), text_or_null(st, 1),
		                text_or_null(st, 2), (json_int_t)stmt_get(st, 3),
		                stmt_is_null(st, 4) ? json_null()
		                                    : json_integer(stmt_get(st, 4))));
	return items;
}

json_t *picture_order(struct db *db, int64_t id)
{
	static const char *const names[] = {"customer", "placed", "paid", "cancelled",
	        "shipped", "delivered", "total", "refunded", "counted"};
	struct stmt *st = db_stmt(db,
	        "SELECT customer, placed_at, paid_at, cancelled_at, shipped_at,"
	        " delivered_at, total, refunded, counted, CASE WHEN batch IS NOT NULL "
	        "THEN"
	        " 1 END FROM orders WHERE"
	        " id = ?1");
	json_t *out;

	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return NULL;
	out = json_object();
	for (int i = 0; i < 9; i++)
		put_int(out, names[i], st, i);
	put_int(out, "imported", st, 9);
	stmt_done(st);
	json_object_set_new(out, "items", items_of(db, id));
	return json_pack("{s:o}", PICTURE_WHOLE, out);
}

json_t *picture_product(struct db *db, const char *sku)
{
	struct stmt *st = db_stmt(db, "SELECT name, category, url, image, price, stock"
	                              " FROM product WHERE sku = ?1");
	static const char *const texts[] = {"name", "category", "url", "image"};
	json_t *out;

	stmt_text(st, 1, sku);
	if (!stmt_row(st))
		return NULL;
	out = json_object();
	for (int i = 0; i < 4; i++)
		put_text(out, texts[i], stmt_get_text(st, i));
	put_int(out, "price", st, 4);
	put_int(out, "stock", st, 5);
	stmt_done(st);
	return out;
}

/* ---- marks ---- */

const char *picture_mark(const json_t *value, char out[PICTURE_MARK + 1])
{
	uint64_t hash;
	char *text;

	out[0] = '\0';
	if (!value || json_is_null(value))
		return out;
	if (json_is_string(value)) {
		hash = text_hash(json_string_value(value), json_string_length(value));
	} else {
		text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
		hash = ~text_hash(text, strlen(text));
		free(text);
	}
	hash ^= hash >> 40;
	snprintf(out, PICTURE_MARK + 1, "%010llx",
	        (unsigned long long)(hash & UINT64_C(0xffffffffff)));
	return out;
}
