/* Writes pictures back into rows, a field at a time. Asks nothing and keeps nothing. */
#include "store/putback.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/customer.h"
#include "store/order.h"
#include "store/person.h"
#include "store/picture.h"
#include "store/sealed.h"

static const char *text_of(const json_t *value)
{
	return json_is_string(value) ? json_string_value(value) : NULL;
}

static void bind(struct stmt *st, int i, const json_t *value)
{
	if (json_is_integer(value))
		stmt_int(st, i, json_integer_value(value));
	else
		stmt_text(st, i, text_of(value));
}

static const char *behind(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

/* ---- customers ---- */

struct column {
	const char *name, *sql;
};

/* One that stands in a column of its own. */
static bool put_column(
        struct db *db, const struct column *columns, const char *name, struct stmt **st)
{
	for (; columns->name; columns++) {
		if (strcmp(columns->name, name) == 0) {
			*st = db_stmt(db, columns->sql);
			return true;
		}
	}
	return false;
}

static void put_birthday(struct db *db, int64_t id, const json_t *day)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE customer SET birth_year = ?2, birth_md = ?3,"
	                    " birth_lunar = ?4, birth_leap = ?5 WHERE id = ?1");
	int64_t part[4] = {0};

	for (size_t i = 0; i < 4; i++)
		part[i] = json_integer_value(json_array_get(day, i));
	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, part[0] != 0, part[0]);
	stmt_int_or_null(st, 3, part[1] != 0, part[1]);
	stmt_int(st, 4, part[2]);
	stmt_int(st, 5, part[3]);
	stmt_exec(st);
}

static bool put_field(struct db *db, int64_t id, const char *name, json_t *value)
{
	static const struct column columns[] = {
	        {"visitor", "UPDATE customer SET visitor = ?2 WHERE id = ?1"},
	        {"gender", "UPDATE customer SET gender = ?2 WHERE id = ?1"},
	        {"city", "UPDATE customer SET city = ?2 WHERE id = ?1"},
	        {"grade", "UPDATE customer SET grade = ?2 WHERE id = ?1"},
	        {"language", "UPDATE customer SET language = ?2 WHERE id = ?1"},
	        {"friend", "UPDATE customer SET friend = ?2 WHERE id = ?1"},
	        {"joined", "UPDATE customer SET joined_at = ?2 WHERE id = ?1"},
	        {NULL, NULL}};
	struct stmt *st;

	if (strcmp(name, "birthday") == 0) {
		put_birthday(db, id, value);
		return true;
	}
	if (!put_column(db, columns, name, &st))
		return false;
	stmt_int(st, 1, id);
	bind(st, 2, value);
	stmt_exec(st);
	return true;
}

static void put_person(struct db *db, int64_t id, json_t *fields)
{
	struct arena *arena = arena_new();
	struct person person;
	struct stmt *st;
	json_t *value;

	person_get(db, id, arena, &person);
	if ((value = json_object_get(fields, "name")))
		person.name = text_of(value);
	if ((value = json_object_get(fields, "phone")))
		person.phone = text_of(value);
	if ((value = json_object_get(fields, "email")))
		person.email = text_of(value);
	person_put(db, id, &person, true);
	st = db_stmt(db, "UPDATE customer SET named = ?2, phone_key = ?3, email_key = ?4"
	                 " WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, person.name && *person.name,
	        person.name ? (int64_t)strlen(person.name) : 0);
	sealed_index(st, 3, SEAL_ADDRESS, person.phone);
	sealed_index(st, 4, SEAL_ADDRESS, person.email);
	stmt_exec(st);
	arena_free(arena);
}

static json_t *attributes_of(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT attributes FROM customer WHERE id = ?1");
	const char *text;
	json_t *all = NULL;

	stmt_int(st, 1, id);
	if (stmt_row(st)) {
		text = sealed_get_json(st, 0, SEAL_ATTRIBUTES, id, NULL);
		all = text ? json_loads(text, 0, NULL) : NULL;
		stmt_done(st);
	}
	return all ? all : json_object();
}

static void put_attributes(struct db *db, int64_t id, json_t *fields)
{
	json_t *all = attributes_of(db, id), *value;
	const char *name, *attribute;
	struct stmt *st =
	        db_stmt(db, "UPDATE customer SET attributes = ?2 WHERE id = ?1");
	char *text;

	json_object_foreach(fields, name, value)
	{
		attribute = behind(name, PICTURE_ATTRIBUTE);
		if (attribute && json_is_null(value))
			json_object_del(all, attribute);
		else if (attribute)
			json_object_set(all, attribute, value);
	}
	text = json_object_size(all) ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS)
	                             : NULL;
	stmt_int(st, 1, id);
	sealed_json(st, 2, SEAL_ATTRIBUTES, text, sealed_attribute, NULL);
	stmt_exec(st);
	free(text);
	json_decref(all);
}

void putback_customer(struct db *db, int64_t id, json_t *fields)
{
	bool person = false, attributes = false;
	const char *name, *tag;
	json_t *value;

	json_object_foreach(fields, name, value)
	{
		tag = behind(name, PICTURE_TAG);
		if (tag && json_is_null(value))
			customer_untag(db, id, tag);
		else if (tag)
			customer_tag(db, id, tag);
		else if (behind(name, PICTURE_ATTRIBUTE))
			attributes = true;
		else if (!put_field(db, id, name, value))
			person = true;
	}
	if (attributes)
		put_attributes(db, id, fields);
	if (person)
		put_person(db, id, fields);
}

/* ---- orders ---- */

static int64_t customer_of(struct db *db, int64_t order)
{
	struct stmt *st = db_stmt(db, "SELECT customer FROM orders WHERE id = ?1");

	stmt_int(st, 1, order);
	return stmt_single(st, 0);
}

static void recount(struct db *db, int64_t customer)
{
	if (customer > 0)
		order_recount(db, customer);
}

static void put_items(struct db *db, int64_t id, json_t *items)
{
	struct stmt *st = db_stmt(db, "DELETE FROM order_item WHERE order_id = ?1");
	json_t *item;
	size_t i;

	stmt_int(st, 1, id);
	stmt_exec(st);
	json_array_foreach(items, i, item)
	{
		st = db_stmt(db,
		        "INSERT INTO order_item(order_id, line, sku, name, category,"
		        " quantity, price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
		stmt_int(st, 1, id);
		stmt_int(st, 2, (int64_t)i);
		for (int k = 0; k < 5; k++)
			bind(st, k + 3, json_array_get(item, (size_t)k));
		stmt_exec(st);
	}
}

void putback_order(struct db *db, int64_t id, json_t *picture)
{
	static const char *const names[] = {"customer", "placed", "paid", "cancelled",
	        "shipped", "delivered", "total", "refunded", "counted", "imported"};
	int64_t before = customer_of(db, id), after;
	struct stmt *st = db_stmt(db,
	        "UPDATE orders SET customer = ?2, placed_at = ?3, paid_at = ?4,"
	        " cancelled_at = ?5, shipped_at = ?6, delivered_at = ?7, total = ?8,"
	        " refunded = ?9, counted = ?10, batch = CASE WHEN ?11 THEN batch END"
	        " WHERE id = ?1");

	stmt_int(st, 1, id);
	for (int i = 0; i < 10; i++)
		bind(st, i + 2, json_object_get(picture, names[i]));
	stmt_exec(st);
	put_items(db, id, json_object_get(picture, "items"));
	after = customer_of(db, id);
	recount(db, before);
	if (after != before)
		recount(db, after);
}

void putback_no_order(struct db *db, int64_t id)
{
	int64_t customer = customer_of(db, id);
	struct stmt *st = db_stmt(db, "DELETE FROM orders WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_exec(st);
	recount(db, customer);
}

/* ---- products ---- */

void putback_product(struct db *db, const char *sku, json_t *fields, int64_t now)
{
	static const struct column columns[] = {
	        {"name", "UPDATE product SET name = ?2, changed_at = ?3 WHERE sku = ?1"},
	        {"category",
	                "UPDATE product SET category = ?2, changed_at = ?3 WHERE sku = "
	                "?1"},
	        {"price",
	                "UPDATE product SET price = ?2, changed_at = ?3 WHERE sku = ?1"},
	        {"stock",
	                "UPDATE product SET stock = ?2, changed_at = ?3 WHERE sku = ?1"},
	        {"url", "UPDATE product SET url = ?2, changed_at = ?3 WHERE sku = ?1"},
	        {"image",
	                "UPDATE product SET image = ?2, changed_at = ?3 WHERE sku = ?1"},
	        {NULL, NULL}};
	const char *name;
	struct stmt *st;
	json_t *value;

	json_object_foreach(fields, name, value)
	{
		if (!put_column(db, columns, name, &st))
			continue;
		stmt_text(st, 1, sku);
		bind(st, 2, value);
		stmt_int(st, 3, now);
		stmt_exec(st);
	}
}

void putback_no_product(struct db *db, const char *sku)
{
	struct stmt *st = db_stmt(db, "DELETE FROM product WHERE sku = ?1");

	stmt_text(st, 1, sku);
	stmt_exec(st);
}
