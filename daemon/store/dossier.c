/* Writes down all that the store holds of one customer, section by section, so that no
 * more than one row of it stands in memory beside the text. Changes nothing. */
#include <stdlib.h>
#include <string.h>
#include "store/consent.h"
#include "store/customer.h"
#include "store/dossier.h"
#include "store/event.h"
#include "store/merge.h"
#include "store/message.h"
#include "store/receipt.h"
#include "store/suppression.h"
#include "store/walk.h"

struct dossier {
	struct db *db;
	int64_t customer, now;
	struct zone *zone;
	struct buf *out;
	bool first; /* of its section */
};

/* ---- values ---- */

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_or_null(const struct dossier *d, int64_t ms)
{
	char out[32];
	return ms ? json_string(zone_format(d->zone, ms, out)) : json_null();
}

/* A column of a section: what it is called, and what it holds: s text, i integer, t
 * instant, b yes or no. */
struct column {
	const char *name;
	char kind;
};

static json_t *value_of(const struct dossier *d, struct stmt *st, int col, char kind)
{
	if (stmt_is_null(st, col))
		return json_null();
	switch (kind) {
	case 't':
		return time_or_null(d, stmt_get(st, col));
	case 'b':
		return json_boolean(stmt_get(st, col));
	case 'i':
		return json_integer(stmt_get(st, col));
	default:
		return text_or_null(stmt_get_text(st, col));
	}
}

static json_t *row_json(
        const struct dossier *d, struct stmt *st, const struct column *columns)
{
	json_t *row = json_object();
	for (int i = 0; columns[i].name; i++)
		json_object_set_new(
		        row, columns[i].name, value_of(d, st, i, columns[i].kind));
	return row;
}

/* ---- the text ---- */

static void add_json(struct dossier *d, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_adds(d->out, text ? text : "null");
	free(text);
	json_decref(json);
}

static void add_member(struct dossier *d, const char *name, json_t *value)
{
	buf_printf(d->out, "%s\"%s\":", d->out->len > 1 ? ",\n" : "\n", name);
	add_json(d, value);
}

static void open_list(struct dossier *d, const char *name)
{
	buf_printf(d->out, "%s\"%s\":[", d->out->len > 1 ? ",\n" : "\n", name);
	d->first = true;
}

static void add_row(struct dossier *d, json_t *row)
{
	buf_adds(d->out, d->first ? "\n" : ",\n");
	d->first = false;
	add_json(d, row);
}

static void close_list(struct dossier *d)
{
	buf_adds(d->out, "]");
}

static bool too_long(const struct dossier *d)
{
	return d->out->len > DOSSIER_BYTES;
}

/* ---- sections that are plain rows ---- */

struct section {
	const char *name, *sql;
	struct column columns[12];
};

static const struct section sections[] = {
        {"sources",
                "SELECT source, count(*), min(arrived), max(arrived) FROM event INDEXED"
                " BY event_customer WHERE customer = ?1 GROUP BY source ORDER BY source",
                {{"source", 's'}, {"events", 'i'}, {"first", 't'}, {"last", 't'}, {0}}},
        {"cart",
                "SELECT sku, quantity, price, added_at FROM cart_item WHERE customer = "
                "?1 ORDER BY sku",
                {{"sku", 's'}, {"quantity", 'i'}, {"price", 'i'}, {"added", 't'}, {0}}},
        {"coupons",
                "SELECT code, coupon, state, discount, issued_at, expires_at,"
                " redeemed_at, order_ref FROM coupon WHERE customer = ?1 ORDER BY id",
                {{"code", 's'}, {"coupon", 's'}, {"state", 's'}, {"discount", 's'},
                        {"issued", 't'}, {"expires", 't'}, {"redeemed", 't'},
                        {"order", 's'}, {0}}},
        {"segments",
                "SELECT s.name, m.inside, m.since, m.entries, m.exits FROM"
                " segment_member m JOIN segment s ON s.id = m.segment WHERE m.customer"
                " = ?1 ORDER BY s.name",
                {{"segment", 's'}, {"inside", 'b'}, {"since", 't'}, {"entries", 'i'},
                        {"exits", 'i'}, {0}}},
        {"runs",
                "SELECT r.name, u.occasion, u.started_at, u.ended_at, u.reason,"
                " u.held_out, u.planned, u.goal_at FROM run u INDEXED BY run_key JOIN"
                " rule r ON r.id = u.rule WHERE u.rule IN (SELECT id FROM rule) AND"
                " u.customer = ?1 ORDER BY u.id",
                {{"rule", 's'}, {"occasion", 's'}, {"started", 't'}, {"ended", 't'},
                        {"reason", 's'}, {"held_out", 'b'}, {"messages", 'i'},
                        {"goal_met", 't'}, {0}}},
        {"skips",
                "SELECT r.name, s.reason, s.occasion, s.at, s.n FROM skip s JOIN rule r"
                " ON r.id = s.rule WHERE s.customer = ?1 ORDER BY s.at",
                {{"rule", 's'}, {"reason", 's'}, {"occasion", 's'}, {"last", 't'},
                        {"times", 'i'}, {0}}},
};

static void add_section(struct dossier *d, const struct section *section)
{
	struct stmt *st = db_stmt(d->db, section->sql);
	open_list(d, section->name);
	stmt_int(st, 1, d->customer);
	while (!too_long(d) && stmt_row(st))
		add_row(d, row_json(d, st, section->columns));
	stmt_done(st);
	close_list(d);
}

/* ---- the others ---- */

static json_t *history_json(const struct dossier *d)
{
	static const struct column columns[] = {{"created", 't'}, {"seen", 't'},
	        {"left", 't'}, {"visitor", 's'}, {"visits", 'i'}, {"first_visit", 't'},
	        {"last_visit", 't'}, {0}};
	struct stmt *st =
	        db_stmt(d->db, "SELECT created_at, seen_at, left_at, visitor,"
	                       " visits_count, visits_first_at, visits_last_at FROM"
	                       " customer WHERE id = ?1");
	stmt_int(st, 1, d->customer);
	json_t *json = stmt_row(st) ? row_json(d, st, columns) : json_null();
	stmt_done(st);
	return json;
}

/* Who he was before he was one with himself. */
static json_t *merged_json(const struct dossier *d)
{
	json_t *list = json_array();
	struct arena *arena = arena_new();
	struct merge_self *selves;
	size_t n = merge_selves(d->db, d->customer, arena, &selves);
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "id", json_string(selves[i].ref));
		json_object_set_new(one, "merged", time_or_null(d, selves[i].time));
		json_object_set_new(
		        one, "created", time_or_null(d, selves[i].created_at));
		json_t *was = selves[i].was ? json_loads(selves[i].was, 0, NULL) : NULL;
		json_object_set_new(one, "was", was ? was : json_null());
		json_array_append_new(list, one);
	}
	arena_free(arena);
	return list;
}

/* Ids of other systems that were told of him and are another's. */
static json_t *claimed_json(const struct dossier *d)
{
	json_t *list = json_array();
	struct stmt *st = db_stmt(
	        d->db, "SELECT ref FROM alias_claim WHERE customer = ?1 ORDER BY ref");
	stmt_int(st, 1, d->customer);
	while (stmt_row(st))
		json_array_append_new(list, json_string(stmt_get_text(st, 0)));
	return list;
}

/* Takes list. Few have any. */
static void add_list(struct dossier *d, const char *name, json_t *list)
{
	if (json_array_size(list))
		add_member(d, name, list);
	else
		json_decref(list);
}

static void put_refused(
        struct dossier *d, json_t *json, const char *address, const char *channel)
{
	const char *reason;
	if (address && suppression_has(d->db, address, channel, d->customer, &reason))
		json_object_set_new(json, channel, json_string(reason));
}

/* Media that nothing is sent by any more, and why. */
static json_t *refused_json(struct dossier *d)
{
	json_t *json = json_object();
	struct arena *arena = arena_new();
	struct customer c;
	if (customer_get(d->db, d->customer, arena, &c)) {
		put_refused(d, json, c.phone, "sms");
		put_refused(d, json, c.phone, "kakao");
		put_refused(d, json, c.email, "email");
	}
	arena_free(arena);
	return json;
}

static json_t *event_json(const struct dossier *d, const struct event *event)
{
	json_t *json = json_object();
	json_object_set_new(json, "source", json_string(event->source));
	json_object_set_new(json, "id", json_string(event->eid));
	json_object_set_new(json, "type", json_string(event->type));
	json_object_set_new(json, "time", time_or_null(d, event->time));
	json_object_set_new(json, "arrived", time_or_null(d, event->arrived));
	json_t *data = event->data ? json_loads(event->data, 0, NULL) : NULL;
	json_object_set_new(json, "data", data ? data : json_object());
	return json;
}

static void add_event(struct dossier *d, int64_t id)
{
	struct arena *arena = arena_new();
	struct event event;
	if (event_get(d->db, id, arena, &event))
		add_row(d, event_json(d, &event));
	arena_free(arena);
}

static json_t *items_json(struct dossier *d, int64_t order)
{
	static const struct column columns[] = {{"sku", 's'}, {"name", 's'},
	        {"category", 's'}, {"quantity", 'i'}, {"price", 'i'}, {0}};
	json_t *items = json_array();
	struct stmt *st =
	        db_stmt(d->db, "SELECT sku, name, category, quantity, price FROM"
	                       " order_item WHERE order_id = ?1 ORDER BY line");
	stmt_int(st, 1, order);
	while (stmt_row(st))
		json_array_append_new(items, row_json(d, st, columns));
	return items;
}

static void add_order(struct dossier *d, int64_t id)
{
	static const struct column columns[] = {{"source", 's'}, {"order", 's'},
	        {"placed", 't'}, {"paid", 't'}, {"cancelled", 't'}, {"shipped", 't'},
	        {"delivered", 't'}, {"total", 'i'}, {"refunded", 'i'}, {0}};
	struct stmt *st = db_stmt(d->db,
	        "SELECT source, ref, placed_at, paid_at, cancelled_at, shipped_at,"
	        " delivered_at, total, refunded FROM orders WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return;
	json_t *order = row_json(d, st, columns);
	stmt_done(st);
	json_object_set_new(order, "items", items_json(d, id));
	add_row(d, order);
}

static void add_message(struct dossier *d, int64_t id)
{
	struct arena *arena = arena_new();
	struct message m;
	json_t *json = message_json(d->db, id, d->zone);
	if (json && message_get(d->db, id, arena, &m)) {
		json_object_set_new(json, "address", text_or_null(m.address));
		json_object_set_new(json, "reports", receipt_list(d->db, id, d->zone));
	}
	if (json)
		add_row(d, json);
	arena_free(arena);
}

static void add_all(struct dossier *d, const char *name, const char *sql,
        void (*add)(struct dossier *d, int64_t id))
{
	struct stmt *st = db_stmt(d->db, sql);
	open_list(d, name);
	stmt_int(st, 1, d->customer);
	while (!too_long(d) && stmt_row(st))
		add(d, stmt_get(st, 0));
	stmt_done(st);
	close_list(d);
}

static void add_everything(struct dossier *d)
{
	add_member(d, "made", time_or_null(d, d->now));
	add_member(d, "customer", customer_json(d->db, d->customer, d->zone));
	add_member(d, "history", history_json(d));
	add_member(d, "consents", consent_history(d->db, d->customer, d->zone));
	add_member(d, "refused", refused_json(d));
	add_list(d, "merged", merged_json(d));
	add_list(d, "claimed", claimed_json(d));
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		add_section(d, &sections[i]);
	add_all(d, "orders",
	        "SELECT id FROM orders INDEXED BY orders_customer WHERE customer = ?1 AND"
	        " counted = 1 UNION ALL SELECT id FROM orders INDEXED BY orders_uncounted"
	        " WHERE customer = ?1 AND counted = 0",
	        add_order);
	add_all(d, "events",
	        "SELECT id FROM event INDEXED BY event_customer WHERE customer = ?1"
	        " ORDER BY type, time",
	        add_event);
	/* what the owner was written of him as well */
	add_all(d, "messages",
	        "SELECT id FROM message INDEXED BY message_customer WHERE customer = ?1"
	        " UNION ALL SELECT m.id FROM run u INDEXED BY run_key CROSS JOIN message "
	        "m"
	        " INDEXED BY message_key ON m.run = u.id WHERE u.rule IN (SELECT id FROM"
	        " rule) AND u.customer = ?1 AND m.customer <> ?1",
	        add_message);
}

enum dossier_end dossier_write(
        struct db *db, int64_t customer, struct zone *zone, int64_t now, struct buf *out)
{
	struct dossier d = {
	        .db = db, .customer = customer, .now = now, .zone = zone, .out = out};
	char ref[160];
	struct stmt *snapshot = walk_hold(db);
	walk_ref(db, customer, ref, sizeof ref);
	if (ref[0]) {
		buf_addc(out, '{');
		add_everything(&d);
		buf_adds(out, "}\n");
	}
	stmt_done(snapshot);
	if (!ref[0])
		return DOSSIER_NOBODY;
	return too_long(&d) ? DOSSIER_TOO_LONG : DOSSIER_WHOLE;
}
