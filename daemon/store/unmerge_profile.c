/* What two are again who were one: the row that was, and of the other what was his alone.
 * Of a field that the other had not, and that still is as it came over, it is taken away;
 * what somebody told of him since then stays. */
#include <stdlib.h>
#include <string.h>
#include "store/cart.h"
#include "store/customer.h"
#include "store/person.h"
#include "store/sealed.h"
#include "store/segment.h"
#include "store/unmerge_inner.h"

static json_t *into_of(struct unmerging *u, const char *name)
{
	return json_object_get(json_object_get(u->was, "into"), name);
}

void unmerge_both(struct unmerging *u, const char *static_sql)
{
	struct stmt *st = db_stmt(u->db, static_sql);
	stmt_int(st, 1, u->from);
	stmt_int(st, 2, u->into);
	stmt_exec(st);
}

/* ?1 FROM, ?2 INTO, ?3 what he was, as JSON. */
static void told(struct unmerging *u, const char *static_sql)
{
	char *was = json_dumps(u->was, JSON_COMPACT);
	struct stmt *st = db_stmt(u->db, static_sql);

	stmt_int(st, 1, u->from);
	stmt_int(st, 2, u->into);
	stmt_text_copy(st, 3, was ? was : "{}", was ? strlen(was) : 2);
	stmt_exec(st);
	free(was);
}

/* ---- the row of the other ---- */

static void take_fields(struct unmerging *u)
{
	told(u, "UPDATE customer AS o SET gender = iif(w.l ->> 'gender' AND o.gender IS"
	        " w.r ->> 'gender', NULL, o.gender), city = iif(w.l ->> 'city' AND"
	        " o.city IS w.r ->> 'city', NULL, o.city), grade = iif(w.l ->> 'grade'"
	        " AND o.grade IS w.r ->> 'grade', NULL, o.grade), language = iif(w.l"
	        " ->> 'language' AND o.language IS w.r ->> 'language', NULL,"
	        " o.language), friend = iif(w.l ->> 'friend' AND o.friend IS w.r ->>"
	        " 'friend', NULL, o.friend), joined_at = iif(w.l ->> 'joined' AND"
	        " o.joined_at IS w.r ->> 'joined_at', NULL, o.joined_at), bulk ="
	        " iif(w.l ->> 'bulk' AND w.r ->> 'bulk', 0, o.bulk), visitor = iif(w.l"
	        " ->> 'visitor' AND o.visitor IS (SELECT visitor FROM merged WHERE id ="
	        " ?1), NULL, o.visitor) FROM (SELECT ?3 ->> '$.into.lacks' AS l, ?3 ->>"
	        " '$.row' AS r) AS w WHERE o.id = ?2");
	told(u, "UPDATE customer AS o SET birth_md = NULL, birth_year = NULL,"
	        " birth_lunar = 0, birth_leap = 0 FROM (SELECT ?3 ->> '$.into.lacks' AS"
	        " l, ?3 ->> '$.row' AS r) AS w WHERE o.id = ?2 AND w.l ->> 'birth' AND"
	        " o.birth_md IS w.r ->> 'birth_md' AND o.birth_year IS w.r ->>"
	        " 'birth_year' AND o.birth_lunar IS w.r ->> 'birth_lunar' AND ?1");
}

/* Visits since then are those of events that came since; orders are counted anew when
 * they are back. part 5: MERGE_EVENTS. */
static void take_counters(struct unmerging *u)
{
	told(u, "UPDATE customer AS o SET visits_count = max(0, o.visits_count - (w.r"
	        " ->> '$.visits[0]')), visits_first_at = (SELECT min(at) FROM (SELECT"
	        " w.v ->> 1 AS at UNION ALL SELECT w.first)), visits_last_at = (SELECT"
	        " max(at) FROM (SELECT w.v ->> 2 AS at UNION ALL SELECT w.last)),"
	        " orders_count = max(0, o.orders_count - (w.r ->> '$.orders[0]')),"
	        " orders_total = max(0, o.orders_total - (w.r ->> '$.orders[1]')) FROM"
	        " (SELECT ?3 ->> '$.into.visits' AS v, ?3 ->> '$.row' AS r, min(time)"
	        " AS first, max(time) AS last FROM event INDEXED BY event_customer"
	        " WHERE customer = ?2 AND type = 'visit' AND arrived >= (SELECT time"
	        " FROM merged WHERE id = ?1) AND NOT EXISTS (SELECT 1 FROM merged_row"
	        " WHERE merged = ?1 AND part = 5 AND row = event.id)) AS w WHERE o.id ="
	        " ?2");
}

static bool same(json_t *lacked, json_t *was, const char *is)
{
	const char *text = json_string_value(was);
	return json_integer_value(lacked) && text && is && strcmp(text, is) == 0;
}

/* Name, phone and e-mail address that came over. */
static void take_person(struct unmerging *u, const struct customer *into)
{
	json_t *lacks = into_of(u, "lacks");
	bool name = same(json_object_get(lacks, "name"), json_object_get(u->was, "name"),
	             into->name),
	     phone = same(json_object_get(lacks, "phone"),
	             json_object_get(u->was, "phone"), into->phone),
	     email = same(json_object_get(lacks, "email"),
	             json_object_get(u->was, "email"), into->email);
	const struct person left = {name ? NULL : into->name, phone ? NULL : into->phone,
	        email ? NULL : into->email};

	if (!name && !phone && !email)
		return;
	person_put(u->db, u->into, &left, true);
	struct stmt *st = db_stmt(u->db,
	        "UPDATE customer SET named = iif(?2, NULL, named), phone_key = iif(?3,"
	        " NULL, phone_key), email_key = iif(?4, NULL, email_key) WHERE id = ?1");
	stmt_int(st, 1, u->into);
	stmt_int(st, 2, name);
	stmt_int(st, 3, phone);
	stmt_int(st, 4, email);
	stmt_exec(st);
}

static bool holds(json_t *texts, const char *text)
{
	json_t *one;
	size_t i;
	json_array_foreach(texts, i, one)
	{
		if (strcmp(json_string_value(one), text) == 0)
			return true;
	}
	return false;
}

static void put_attributes(struct db *db, int64_t id, json_t *attributes)
{
	char *text = json_object_size(attributes)
	                     ? json_dumps(attributes, JSON_COMPACT | JSON_SORT_KEYS)
	                     : NULL;
	struct stmt *st =
	        db_stmt(db, "UPDATE customer SET attributes = ?2 WHERE id = ?1");
	stmt_int(st, 1, id);
	sealed_json(st, 2, SEAL_ATTRIBUTES, text, sealed_attribute, NULL);
	stmt_exec(st);
	free(text);
}

static void take_attributes(struct unmerging *u, const struct customer *into)
{
	json_t *now = into->attributes ? json_loads(into->attributes, 0, NULL) : NULL,
	       *value;
	const char *key;
	bool taken = false;

	json_object_foreach(json_object_get(u->was, "attributes"), key, value)
	{
		if (holds(into_of(u, "attributes"), key) ||
		        !json_equal(json_object_get(now, key), value))
			continue;
		json_object_del(now, key);
		taken = true;
	}
	if (taken)
		put_attributes(u->db, u->into, now);
	json_decref(now);
}

static void take_tags(struct unmerging *u)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(u->was, "tags"), i, one)
	{
		if (!holds(into_of(u, "tags"), json_string_value(one)))
			customer_untag(u->db, u->into, json_string_value(one));
	}
}

/* ---- his own row ---- */

static void make_row(struct unmerging *u)
{
	told(u, "INSERT INTO customer(id, ref, visitor, created_at, gender, city,"
	        " grade, language, friend, birth_year, birth_md, birth_lunar,"
	        " birth_leap, joined_at, seen_at, left_at, orders_count, orders_total,"
	        " orders_first_at, orders_last_at, visits_count, visits_first_at,"
	        " visits_last_at, bulk) SELECT m.id, m.ref, iif(EXISTS (SELECT 1 FROM"
	        " customer c WHERE c.visitor = m.visitor), NULL, m.visitor),"
	        " m.created_at, r ->> '$.gender', r ->> '$.city', r ->> '$.grade', r"
	        " ->> '$.language', r ->> '$.friend', r ->> '$.birth_year', r ->>"
	        " '$.birth_md', r ->> '$.birth_lunar', r ->> '$.birth_leap', r ->>"
	        " '$.joined_at', r ->> '$.seen_at', r ->> '$.left_at', r ->>"
	        " '$.orders[0]', r ->> '$.orders[1]', r ->> '$.orders[2]', r ->>"
	        " '$.orders[3]', r ->> '$.visits[0]', r ->> '$.visits[1]', r ->>"
	        " '$.visits[2]', r ->> '$.bulk' FROM merged m, (SELECT ?3 ->> '$.row'"
	        " AS r) WHERE m.id = ?1 AND m.customer = ?2");
}

static void make_person(struct unmerging *u)
{
	const struct person was = {json_string_value(json_object_get(u->was, "name")),
	        json_string_value(json_object_get(u->was, "phone")),
	        json_string_value(json_object_get(u->was, "email"))};
	struct stmt *st = db_stmt(u->db, "UPDATE customer SET named = ?2, phone_key = ?3,"
	                                 " email_key = ?4 WHERE id = ?1");
	stmt_int(st, 1, u->from);
	stmt_int_or_null(
	        st, 2, was.name && *was.name, was.name ? (int64_t)strlen(was.name) : 0);
	sealed_index(st, 3, SEAL_ADDRESS, was.phone);
	sealed_index(st, 4, SEAL_ADDRESS, was.email);
	stmt_exec(st);
	if (was.name || was.phone || was.email)
		person_put(u->db, u->from, &was, true);
	if (json_object_size(json_object_get(u->was, "attributes")))
		put_attributes(u->db, u->from, json_object_get(u->was, "attributes"));
}

/* How often he went in and out is what it was; the other's figures stay, so that no
 * number of a crossing comes twice. */
static void make_rest(struct unmerging *u)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(u->was, "tags"), i, one)
	{
		customer_tag(u->db, u->from, json_string_value(one));
	}
	told(u, "INSERT INTO segment_member(customer, segment, inside, entries, exits,"
	        " since, by_time) SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value"
	        " ->> 3, value ->> 4, value ->> 5 FROM json_each(?3, '$.segments') WHERE"
	        " ?2 AND EXISTS (SELECT 1 FROM segment s WHERE s.id = value ->> 0)");
	told(u, "INSERT INTO skip(customer, rule, reason, at, n, occasion) SELECT ?1,"
	        " value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM"
	        " json_each(?3, '$.skips') WHERE ?2");
}

/* ---- the cart ---- */

/* Of what he had in it as much as is left. */
static void part_cart(struct unmerging *u)
{
	if (!json_array_size(json_object_get(u->was, "cart")))
		return;
	told(u, "INSERT INTO cart_item(customer, sku, quantity, price, added_at) SELECT"
	        " ?1, i.sku, min(i.quantity, value ->> 1), value ->> 2, value ->> 3 FROM"
	        " json_each(?3, '$.cart') JOIN cart_item i ON i.customer = ?2 AND i.sku ="
	        " value ->> 0");
	unmerge_both(u, "UPDATE cart_item AS i SET quantity = quantity - (SELECT quantity"
	                " FROM cart_item WHERE customer = ?1 AND sku = i.sku) WHERE"
	                " customer = ?2 AND sku IN (SELECT sku FROM cart_item WHERE"
	                " customer = ?1)");
	unmerge_both(
	        u, "DELETE FROM cart_item WHERE customer = ?2 AND quantity <= 0 AND ?1");
	cart_recount(u->db, u->from);
	cart_recount(u->db, u->into);
}

/* ---- consents ---- */

/* The other never said so: he held it by what came over, and has said nothing since. */
static void take_consents(struct unmerging *u)
{
	told(u, "DELETE FROM consent WHERE customer = ?2 AND given = 1 AND (channel,"
	        " purpose) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3,"
	        " '$.consents')) AND (channel, purpose) NOT IN (SELECT value ->> 0, value"
	        " ->> 1 FROM json_each(?3, '$.into.consents')) AND NOT EXISTS (SELECT 1"
	        " FROM consent_log l WHERE l.customer = ?2 AND l.channel = "
	        "consent.channel"
	        " AND l.purpose = consent.purpose AND l.given = 1 AND l.recorded_at >="
	        " (SELECT time FROM merged WHERE id = ?1))");
}

/* Where both had consented the other's counts from when he said so. */
static void part_times(struct unmerging *u)
{
	told(u, "UPDATE consent AS c SET time = i.value ->> 3, confirm_from = i.value "
	        "->> 4,"
	        " confirm_by = i.value ->> 5 FROM json_each(?3, '$.into.consents') AS i,"
	        " json_each(?3, '$.consents') AS f WHERE c.customer = ?2 AND c.given = 1"
	        " AND i.value ->> 0 = c.channel AND i.value ->> 1 = c.purpose AND i.value"
	        " ->> 2 = 1 AND f.value ->> 0 = c.channel AND f.value ->> 1 = c.purpose "
	        "AND"
	        " f.value ->> 2 = 1 AND c.time = min(i.value ->> 3, f.value ->> 3) AND"
	        " c.confirm_by IS min(i.value ->> 5, f.value ->> 5) AND ?1");
}

/* A withdrawal that is on record of the other is his as well, and his ledger says why. */
static void make_consents(struct unmerging *u)
{
	struct stmt *st;

	told(u, "INSERT INTO consent(customer, channel, purpose, given, time, "
	        "confirm_from,"
	        " confirm_by) SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->>"
	        " 3, value ->> 4, value ->> 5 FROM json_each(?3, '$.consents') WHERE ?2");
	st = db_stmt(u->db,
	        "INSERT INTO consent_log(customer, channel, purpose, given, time,"
	        " recorded_at, how, source) SELECT ?1, channel, purpose, 0, time, ?3,"
	        " 'owner', 'unmerge' FROM consent i WHERE customer = ?2 AND given = 0 AND"
	        " NOT EXISTS (SELECT 1 FROM consent WHERE customer = ?1 AND channel ="
	        " i.channel AND purpose = i.purpose AND given = 0)");
	stmt_int(st, 1, u->from);
	stmt_int(st, 2, u->into);
	stmt_int(st, 3, u->now);
	stmt_exec(st);
	unmerge_both(u,
	        "INSERT INTO consent(customer, channel, purpose, given, time) SELECT ?1,"
	        " channel, purpose, 0, time FROM consent WHERE customer = ?2 AND given = "
	        "0"
	        " ON CONFLICT(customer, channel, purpose) DO UPDATE SET given = 0, time ="
	        " max(time, excluded.time), confirm_from = NULL, confirm_by = NULL");
}

void unmerge_profile(struct unmerging *u)
{
	struct arena *arena = arena_new();
	struct customer into;

	if (customer_get(u->db, u->into, arena, &into)) {
		take_fields(u);
		take_counters(u);
		take_person(u, &into);
		take_attributes(u, &into);
		take_tags(u);
		take_consents(u);
		part_times(u);
		make_row(u);
		make_person(u);
		make_rest(u);
		part_cart(u);
		make_consents(u);
		segment_touch(u->db, u->from);
		segment_touch(u->db, u->into);
	}
	arena_free(arena);
}
