/* What two customers are when they are one: profile, person, tags, cart, borders, and the
 * consents that hold. Moves no history. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "store/cart.h"
#include "store/customer.h"
#include "store/merge_inner.h"
#include "store/person.h"
#include "store/sealed.h"

int64_t merge_both(struct merge *m, const char *static_sql)
{
	struct stmt *st = db_stmt(m->db, static_sql);
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, m->into);
	return stmt_exec(st);
}

/* ---- what he was ---- */

static void put_text(json_t *json, const char *name, const char *text)
{
	json_object_set_new(json, name, text ? json_string(text) : json_null());
}

/* A statement of one row and one column that is JSON. */
static void put_rows(
        struct db *db, json_t *json, const char *name, int64_t id, const char *static_sql)
{
	struct stmt *st = db_stmt(db, static_sql);
	stmt_int(st, 1, id);
	json_t *rows = stmt_row(st) ? json_loads(stmt_get_text(st, 0), 0, NULL) : NULL;
	stmt_done(st);
	json_object_set_new(json, name, rows ? rows : json_null());
}

static void put_profile(struct db *db, json_t *json, int64_t id)
{
	put_rows(db, json, "row", id,
	        "SELECT json_object('gender', gender, 'city', city, 'grade', grade,"
	        " 'language', language, 'birth_year', birth_year, 'birth_md', birth_md,"
	        " 'birth_lunar', birth_lunar, 'birth_leap', birth_leap, 'friend', friend,"
	        " 'joined_at', joined_at, 'seen_at', seen_at, 'left_at', left_at,"
	        " 'orders', json_array(orders_count, orders_total, orders_first_at,"
	        " orders_last_at), 'visits', json_array(visits_count, visits_first_at,"
	        " visits_last_at), 'cart', json_array(cart_count, cart_total), 'bulk', "
	        "bulk)"
	        " FROM customer WHERE id = ?1");
	put_rows(db, json, "tags", id,
	        "SELECT json_group_array(tag) FROM customer_tag WHERE customer = ?1");
}

/* What adds up with the other's, or gives way to it. */
static void put_sums(struct db *db, json_t *json, int64_t id)
{
	put_rows(db, json, "consents", id,
	        "SELECT json_group_array(json_array(channel, purpose, given, time,"
	        " confirm_from, confirm_by)) FROM consent WHERE customer = ?1");
	put_rows(db, json, "cart", id,
	        "SELECT json_group_array(json_array(sku, quantity, price, added_at)) FROM"
	        " cart_item WHERE customer = ?1");
	put_rows(db, json, "segments", id,
	        "SELECT json_group_array(json_array(segment, inside, entries, exits, "
	        "since,"
	        " by_time)) FROM segment_member WHERE customer = ?1");
	put_rows(db, json, "skips", id,
	        "SELECT json_group_array(json_array(rule, reason, at, n, occasion)) FROM"
	        " skip WHERE customer = ?1");
}

/* Which of the row's fields are empty, so that what fills them is the other's. */
static void put_lacks(struct db *db, json_t *json, int64_t id)
{
	put_rows(db, json, "lacks", id,
	        "SELECT json_object('visitor', visitor IS NULL, 'name', named IS NULL,"
	        " 'phone', phone_key IS NULL, 'email', email_key IS NULL, 'gender', "
	        "gender"
	        " IS NULL, 'city', city IS NULL, 'grade', grade IS NULL, 'language',"
	        " language IS NULL, 'birth', birth_md IS NULL, 'friend', friend IS NULL,"
	        " 'joined', joined_at IS NULL, 'bulk', bulk = 0) FROM customer WHERE id ="
	        " ?1");
}

/* Of who stays: what tells his own from what comes over. */
static json_t *into_was(struct merge *m)
{
	struct arena *arena = arena_new();
	struct customer c;
	json_t *into = json_pack("{s:I}", "id", (json_int_t)m->into),
	       *keys = json_array(), *own = NULL, *value;
	const char *key;

	if (customer_get(m->db, m->into, arena, &c) && c.attributes)
		own = json_loads(c.attributes, 0, NULL);
	json_object_foreach(own, key, value)
	{
		json_array_append_new(keys, json_string(key));
	}
	json_decref(own);
	json_object_set_new(into, "attributes", keys);
	put_lacks(m->db, into, m->into);
	put_rows(m->db, into, "visits", m->into,
	        "SELECT json_array(visits_count, visits_first_at, visits_last_at) FROM"
	        " customer WHERE id = ?1");
	put_rows(m->db, into, "tags", m->into,
	        "SELECT json_group_array(tag) FROM customer_tag WHERE customer = ?1");
	put_sums(m->db, into, m->into);
	arena_free(arena);
	return into;
}

/* Who was merged into him before, and the ids that he is found by beside his own. */
static void put_names(struct db *db, json_t *json, int64_t id)
{
	put_rows(db, json, "selves", id,
	        "SELECT json_group_array(id) FROM merged WHERE customer = ?1");
	put_rows(db, json, "aliases", id,
	        "SELECT json_group_array(ref) FROM alias WHERE customer = ?1");
}

char *merge_was(struct merge *m)
{
	struct arena *arena = arena_new();
	struct customer c;
	json_t *json = json_object();
	if (customer_get(m->db, m->from, arena, &c)) {
		json_t *own = c.attributes ? json_loads(c.attributes, 0, NULL) : NULL;
		put_text(json, "name", c.name);
		put_text(json, "phone", c.phone);
		put_text(json, "email", c.email);
		json_object_set_new(json, "attributes", own ? own : json_null());
		put_profile(m->db, json, m->from);
		put_sums(m->db, json, m->from);
		put_names(m->db, json, m->from);
	}
	json_object_set_new(json, "into", into_was(m));
	arena_free(arena);
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text ? text : mem_strdup("{}");
}

/* ---- consents ---- */

/* Where one of them gave it and the other took it back, the ledger tells what holds and
 * why. It is as new as the newer of both: no consent told once more lifts it. */
static void log_outcome(struct merge *m)
{
	struct stmt *st = db_stmt(m->db,
	        "INSERT INTO consent_log(customer, channel, purpose, given, time,"
	        " recorded_at, how, source) SELECT a.customer, a.channel, a.purpose, 0,"
	        " max(a.time, b.time), ?3, 'owner', 'merge' FROM consent a JOIN consent "
	        "b ON"
	        " b.channel = a.channel AND b.purpose = a.purpose WHERE a.customer = ?2 "
	        "AND"
	        " b.customer = ?1 AND a.given <> b.given");
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, m->into);
	stmt_int(st, 3, m->now);
	stmt_exec(st);
}

void merge_consents(struct merge *m)
{
	struct stmt *st;

	log_outcome(m);
	merge_both(m,
	        "INSERT INTO consent(customer, channel, purpose, given, time, "
	        "confirm_from,"
	        " confirm_by) SELECT ?2, channel, purpose, given, time, confirm_from,"
	        " confirm_by FROM consent WHERE customer = ?1"
	        " ON CONFLICT(customer, channel, purpose) DO UPDATE SET"
	        " given = min(given, excluded.given),"
	        " time = CASE given + excluded.given WHEN 2 THEN min(time, excluded.time)"
	        " ELSE max(time, excluded.time) END,"
	        " confirm_from = CASE given + excluded.given WHEN 2 THEN"
	        " min(confirm_from, excluded.confirm_from) END,"
	        " confirm_by = CASE given + excluded.given WHEN 2 THEN"
	        " min(confirm_by, excluded.confirm_by) END");
	st = db_stmt(m->db,
	        "UPDATE duty SET closed = 1, ended_at = ?2, reason = 'taken_back' WHERE"
	        " customer = ?1 AND kind = 'confirm' AND told_at IS NULL AND closed = 0 "
	        "AND"
	        " channel IN (SELECT channel FROM consent WHERE customer = ?1 AND "
	        "purpose ="
	        " 'ad' AND given = 0)");
	stmt_int(st, 1, m->into);
	stmt_int(st, 2, m->now);
	stmt_exec(st);
}

/* ---- the row, and what stands beside it ---- */

/* o: his own row, f: FROM's. A birthday is one thing with its year and calendar. */
static void merge_row(struct merge *m)
{
	merge_both(m,
	        "UPDATE customer AS o SET visitor = coalesce(o.visitor, f.visitor),"
	        " named = coalesce(o.named, f.named),"
	        " phone_key = coalesce(o.phone_key, f.phone_key),"
	        " email_key = coalesce(o.email_key, f.email_key),"
	        " gender = coalesce(o.gender, f.gender), city = coalesce(o.city, f.city),"
	        " grade = coalesce(o.grade, f.grade),"
	        " language = coalesce(o.language, f.language),"
	        " birth_year = iif(o.birth_md, o.birth_year, f.birth_year),"
	        " birth_lunar = iif(o.birth_md, o.birth_lunar, f.birth_lunar),"
	        " birth_leap = iif(o.birth_md, o.birth_leap, f.birth_leap),"
	        " birth_md = coalesce(o.birth_md, f.birth_md),"
	        " friend = coalesce(o.friend, f.friend),"
	        " joined_at = coalesce(o.joined_at, f.joined_at),"
	        " seen_at = max(o.seen_at, f.seen_at), bulk = max(o.bulk, f.bulk)"
	        " FROM (SELECT * FROM customer WHERE id = ?1) AS f WHERE o.id = ?2");
}

/* Of all orders before they have come over: what is decided meanwhile goes by them. */
static void merge_counters(struct merge *m)
{
	merge_both(m,
	        "UPDATE customer SET (orders_count, orders_total, orders_first_at,"
	        " orders_last_at, visits_count, visits_first_at, visits_last_at) ="
	        " (SELECT sum(orders_count), sum(orders_total), min(orders_first_at),"
	        " max(orders_last_at), sum(visits_count), min(visits_first_at),"
	        " max(visits_last_at) FROM customer WHERE id IN (?1, ?2)) WHERE id = ?2");
}

static bool fits(json_t *all, const char *key, json_t *value)
{
	if (json_object_size(all) >= CUSTOMER_ATTRIBUTES)
		return false;
	json_object_set(all, key, value);
	char *text = json_dumps(all, JSON_COMPACT);
	bool good = text && strlen(text) <= CUSTOMER_ATTRIBUTES_BYTES;
	free(text);
	if (!good)
		json_object_del(all, key);
	return good;
}

/* His own members win, and as many of the other's as a profile holds. New, or NULL: they
 * stay as they are. */
static char *joint_attributes(const struct customer *from, const struct customer *into)
{
	json_t *others = from->attributes ? json_loads(from->attributes, 0, NULL) : NULL;
	json_t *all = into->attributes ? json_loads(into->attributes, 0, NULL) : NULL;
	const char *key;
	json_t *value;
	bool whole = true;
	if (!all)
		all = json_object();
	json_object_foreach(others, key, value)
	{
		if (!json_object_get(all, key))
			whole &= fits(all, key, value);
	}
	if (!whole)
		log_warn("customer %lld: more attributes than a profile holds were not "
		         "taken over",
		        (long long)into->id);
	char *text = others ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(others);
	json_decref(all);
	return text;
}

static void merge_attributes(
        struct merge *m, const struct customer *from, const struct customer *into)
{
	char *text = joint_attributes(from, into);
	if (!text)
		return;
	struct stmt *st =
	        db_stmt(m->db, "UPDATE customer SET attributes = ?2 WHERE id = ?1");
	stmt_int(st, 1, m->into);
	sealed_json(st, 2, SEAL_ATTRIBUTES, text, sealed_attribute, NULL);
	stmt_exec(st);
	free(text);
}

static void merge_person(
        struct merge *m, const struct customer *from, const struct customer *into)
{
	const struct person lacking = {into->name ? NULL : from->name,
	        into->phone ? NULL : from->phone, into->email ? NULL : from->email};
	if (lacking.name || lacking.phone || lacking.email)
		person_put(m->db, m->into, &lacking, false);
}

/* What a shop said a cart is worth holds for that cart alone. */
static void merge_cart(
        struct merge *m, const struct customer *from, const struct customer *into)
{
	if (!from->cart_count)
		return;
	merge_both(m, "INSERT INTO cart_item(customer, sku, quantity, price, added_at) "
	              "SELECT ?2,"
	              " sku, quantity, price, added_at FROM cart_item WHERE customer = ?1"
	              " ON CONFLICT(customer, sku) DO UPDATE SET"
	              " quantity = min(quantity + excluded.quantity, 1000000),"
	              " price = coalesce(price, excluded.price),"
	              " added_at = max(added_at, excluded.added_at)");
	if (into->cart_count)
		cart_recount(m->db, m->into);
	else
		merge_both(m, "UPDATE customer SET (cart_count, cart_total) = (SELECT "
		              "cart_count,"
		              " cart_total FROM customer WHERE id = ?1) WHERE id = ?2");
}

/* How often both went in and out adds up, so that no number of a crossing comes twice. */
static void merge_borders(struct merge *m)
{
	merge_both(m,
	        "INSERT INTO segment_member(customer, segment, inside, entries, exits,"
	        " since, by_time) SELECT ?2, segment, inside, entries, exits, since, "
	        "by_time"
	        " FROM segment_member WHERE customer = ?1"
	        " ON CONFLICT(customer, segment) DO UPDATE SET"
	        " inside = max(inside, excluded.inside),"
	        " entries = entries + excluded.entries, exits = exits + excluded.exits,"
	        " since = CASE WHEN inside = excluded.inside THEN min(since, "
	        "excluded.since)"
	        " WHEN inside THEN since ELSE excluded.since END,"
	        " by_time = CASE WHEN inside = excluded.inside THEN min(by_time,"
	        " excluded.by_time) WHEN inside THEN by_time ELSE excluded.by_time END");
	merge_both(m,
	        "INSERT INTO skip(customer, rule, reason, at, n, occasion) SELECT ?2, "
	        "rule,"
	        " reason, at, n, occasion FROM skip WHERE customer = ?1"
	        " ON CONFLICT(customer, rule, reason) DO UPDATE SET n = n + excluded.n,"
	        " occasion = CASE WHEN excluded.at > at THEN excluded.occasion ELSE"
	        " occasion END, at = max(at, excluded.at)");
}

/* As many as a profile holds. */
static void merge_tags(struct merge *m)
{
	struct stmt *st = db_stmt(m->db,
	        "INSERT INTO customer_tag(customer, tag) SELECT ?2, tag FROM customer_tag"
	        " WHERE customer = ?1 AND tag NOT IN (SELECT tag FROM customer_tag WHERE"
	        " customer = ?2) ORDER BY tag LIMIT max(0, ?3 - (SELECT count(*) FROM"
	        " customer_tag WHERE customer = ?2))");
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, m->into);
	stmt_int(st, 3, CUSTOMER_TAGS);
	stmt_exec(st);
}

void merge_profile(struct merge *m)
{
	struct arena *arena = arena_new();
	struct customer from, into;
	if (customer_get(m->db, m->from, arena, &from) &&
	        customer_get(m->db, m->into, arena, &into)) {
		merge_row(m);
		merge_counters(m);
		merge_person(m, &from, &into);
		merge_attributes(m, &from, &into);
		merge_cart(m, &from, &into);
		merge_borders(m);
		merge_tags(m);
	}
	arena_free(arena);
}
