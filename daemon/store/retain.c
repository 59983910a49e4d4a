/* Deletes what is old, a few rows at a time behind a cursor. It decides no period, and
 * never touches what is open. */
#include "store/retain.h"

#include <string.h>
#include "base/mem.h"

/* ---- needs ---- */

void retain_need(
        struct db *db, const char *type, const struct retain_need *need, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO needed(type, whole, last, days, seen_at) VALUES"
	                    " (?1, ?2, ?3, ?4, ?5) ON CONFLICT(type, whole, last, days)"
	                    " DO UPDATE SET seen_at = excluded.seen_at WHERE seen_at <"
	                    " excluded.seen_at - 3600000");
	stmt_text(st, 1, type);
	stmt_int(st, 2, need->all);
	stmt_int(st, 3, need->last);
	stmt_int(st, 4, need->days);
	stmt_int(st, 5, now);
	stmt_exec(st);
}

void retain_needs_lapse(struct db *db, int64_t now)
{
	struct stmt *st = db_stmt(db, "DELETE FROM needed WHERE seen_at < ?1");
	stmt_int(st, 1, now - RETAIN_LAPSE);
	stmt_exec(st);
}

void retain_needed(struct db *db, const char *type, struct retain_need *out)
{
	struct stmt *st =
	        db_stmt(db, "SELECT max(whole), max(last), max(days) FROM needed"
	                    " WHERE type = ?1");
	stmt_text(st, 1, type);
	*out = (struct retain_need){0};
	if (!stmt_row(st))
		return;
	out->all = stmt_get(st, 0) != 0;
	out->last = stmt_get(st, 1) != 0;
	out->days = stmt_get(st, 2);
	stmt_done(st);
}

char *retain_held(struct db *db)
{
	struct buf out = {0};
	struct stmt *st = db_stmt(
	        db, "SELECT DISTINCT type FROM needed WHERE whole = 1 ORDER BY type");
	while (stmt_row(st))
		buf_printf(&out, "%s%s", out.len ? ", " : "", stmt_get_text(st, 0));
	return out.len ? buf_take(&out) : mem_strdup("");
}

/* ---- deleting by number ---- */

static int64_t each(struct db *db, const char *sql, const int64_t *ids, int n)
{
	int64_t changed = 0;
	for (int i = 0; i < n; i++) {
		struct stmt *st = db_stmt(db, sql);
		stmt_int(st, 1, ids[i]);
		changed += stmt_exec(st);
	}
	return changed;
}

/* ---- events ---- */

static bool next_name(struct stmt *st, const char *after, char *out, size_t size)
{
	stmt_text(st, 1, after);
	if (!stmt_row(st))
		return false;
	const char *name = stmt_get_text(st, 0);
	bool fits = strlen(name) < size; /* our own names do */
	if (fits)
		memcpy(out, name, strlen(name) + 1);
	stmt_done(st);
	return fits;
}

bool retain_next_type(struct db *db, const char *after, char *out, size_t size)
{
	struct stmt *st = db_stmt(db, "SELECT type FROM event INDEXED BY event_type WHERE"
	                              " type > ?1 ORDER BY type LIMIT 1");
	return next_name(st, after, out, size);
}

bool retain_next_rule(struct db *db, const char *after, char *out, size_t size)
{
	struct stmt *st = db_stmt(db, "SELECT rule FROM message INDEXED BY message_rule"
	                              " WHERE rule > ?1 ORDER BY rule LIMIT 1");
	return next_name(st, after, out, size);
}

#define STAYS \
	"(e.customer IS NOT NULL AND (EXISTS (SELECT 1 FROM run r INDEXED BY run_open" \
	" WHERE r.customer = e.customer AND r.ended_at IS NULL AND (r.event = e.id OR" \
	" r.started_at <= e.arrived)) OR (?5 AND NOT EXISTS (SELECT 1 FROM event l " \
	"INDEXED" \
	" BY event_customer WHERE l.customer = e.customer AND l.type = e.type AND " \
	"l.time >=" \
	" e.time AND (l.time > e.time OR l.id > e.id)))))"

/* The dates in them go first: the store's triggers follow that. */
bool retain_events(struct db *db, const char *type, int64_t before, bool last,
        int64_t from, struct walk *cursor, int64_t *deleted)
{
	int64_t ids[RETAIN_ROWS];
	int seen = 0, n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT e.id, e.time, " STAYS " FROM event e INDEXED BY event_type WHERE"
	        " e.type = ?1 AND e.time < ?2 AND (e.time, e.id) > (?3, ?4)"
	        " ORDER BY e.time, e.id LIMIT ?6");
	stmt_text(st, 1, type);
	stmt_int(st, 2, before);
	stmt_int(st, 3, cursor->time);
	stmt_int(st, 4, cursor->id);
	stmt_int(st, 5, last);
	stmt_int(st, 6, RETAIN_ROWS);
	for (; stmt_row(st); seen++) {
		cursor->id = stmt_get(st, 0);
		cursor->time = stmt_get(st, 1);
		if (!stmt_get(st, 2) && cursor->id < from)
			ids[n++] = cursor->id;
	}
	each(db, "UPDATE event SET data = NULL WHERE id = ?1 AND data IS NOT NULL", ids,
	        n);
	*deleted += each(db, "DELETE FROM event WHERE id = ?1", ids, n);
	return seen == RETAIN_ROWS;
}

/* ---- messages, runs ---- */

bool retain_messages(struct db *db, const char *rule, int64_t before, int64_t ads,
        int64_t *cursor, int64_t *deleted)
{
	int64_t ids[RETAIN_ROWS], bound = before > ads ? before : ads;
	int seen = 0, n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT m.id, m.planned_at, m.planned_at < CASE m.purpose WHEN 'ad' THEN"
	        " ?3 ELSE ?2 END AND m.state NOT IN ('planned', 'held', 'claimed',"
	        " 'handed') AND m.due_at IS NULL AND NOT EXISTS (SELECT 1 FROM run r "
	        "WHERE"
	        " r.id = m.run AND (r.ended_at IS NULL OR r.goal_until >= ?2)) FROM"
	        " message m INDEXED BY message_rule WHERE m.rule = ?1 AND m.id > ?4"
	        " ORDER BY m.id LIMIT ?5");
	stmt_text(st, 1, rule);
	stmt_int(st, 2, before);
	stmt_int(st, 3, ads);
	stmt_int(st, 4, *cursor);
	stmt_int(st, 5, RETAIN_ROWS);
	while (stmt_row(st) && stmt_get(st, 1) < bound) {
		*cursor = stmt_get(st, 0);
		seen++;
		if (stmt_get(st, 2))
			ids[n++] = *cursor;
	}
	stmt_done(st);
	each(db, "DELETE FROM receipt WHERE message = ?1", ids, n);
	*deleted += each(db, "DELETE FROM message WHERE id = ?1", ids, n);
	return seen == RETAIN_ROWS;
}

bool retain_runs(struct db *db, int64_t rule, int64_t before, struct walk *cursor,
        int64_t *deleted)
{
	int64_t ids[RETAIN_ROWS];
	int seen = 0, n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT r.id, r.started_at, r.ended_at < ?2 AND r.event IS NOT NULL AND"
	        " coalesce(r.goal_until, 0) < ?2 AND NOT EXISTS (SELECT 1 FROM event e"
	        " WHERE e.id = r.event) AND NOT EXISTS (SELECT 1 FROM message m INDEXED "
	        "BY"
	        " message_key WHERE m.run = r.id) AND NOT EXISTS (SELECT 1 FROM coupon k"
	        " INDEXED BY coupon_run WHERE k.run = r.id) FROM run r INDEXED BY "
	        "run_rule"
	        " WHERE r.rule = ?1 AND r.started_at < ?2 AND (r.started_at, r.id) >"
	        " (?3, ?4) ORDER BY r.started_at, r.id LIMIT ?5");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, before);
	stmt_int(st, 3, cursor->time);
	stmt_int(st, 4, cursor->id);
	stmt_int(st, 5, RETAIN_ROWS);
	for (; stmt_row(st); seen++) {
		cursor->id = stmt_get(st, 0);
		cursor->time = stmt_get(st, 1);
		if (stmt_get(st, 2))
			ids[n++] = cursor->id;
	}
	each(db, "DELETE FROM goal WHERE run = ?1", ids, n);
	*deleted += each(db, "DELETE FROM run WHERE id = ?1", ids, n);
	return seen == RETAIN_ROWS;
}

/* ---- requests, orders of the erased ---- */

bool retain_bundles(struct db *db, int64_t before, int64_t *cursor, int64_t *deleted)
{
	int64_t ids[RETAIN_ROWS];
	int seen = 0, n = 0;
	struct stmt *st = db_stmt(db, "SELECT b.id, b.handed_at, b.poll_at IS NULL AND "
	                              "NOT EXISTS (SELECT 1 FROM"
	                              " message m INDEXED BY message_bundle WHERE "
	                              "m.bundle = b.id) FROM bundle b"
	                              " WHERE b.id > ?1 ORDER BY b.id LIMIT ?2");
	stmt_int(st, 1, *cursor);
	stmt_int(st, 2, RETAIN_ROWS);
	while (stmt_row(st) && stmt_get(st, 1) < before) {
		*cursor = stmt_get(st, 0);
		seen++;
		if (stmt_get(st, 2))
			ids[n++] = *cursor;
	}
	stmt_done(st);
	*deleted += each(db, "DELETE FROM bundle WHERE id = ?1", ids, n);
	return seen == RETAIN_ROWS;
}

#define PLACED \
	"max(coalesce(placed_at, 0), coalesce(paid_at, 0), coalesce(cancelled_at, 0))"

/* At most RETAIN_ROWS of those of one who was erased. */
static int old_orders(struct db *db, int64_t customer, int64_t before, int64_t *ids)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM orders INDEXED BY orders_customer WHERE customer = -?1 "
	        "AND"
	        " counted = 1 AND " PLACED " < ?2 UNION ALL"
	        " SELECT id FROM orders INDEXED BY orders_uncounted WHERE customer = -?1"
	        " AND counted = 0 AND " PLACED " < ?2 LIMIT ?3");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, before);
	stmt_int(st, 3, RETAIN_ROWS);
	return stmt_ids(st, ids, RETAIN_ROWS);
}

bool retain_orders(struct db *db, int64_t before, int64_t *cursor, int64_t *deleted)
{
	int64_t erased[RETAIN_ROWS], ids[RETAIN_ROWS];
	struct stmt *st = db_stmt(db, "SELECT DISTINCT customer FROM erased WHERE"
	                              " customer > ?1 ORDER BY customer LIMIT ?2");
	stmt_int(st, 1, *cursor);
	stmt_int(st, 2, RETAIN_ROWS);
	int n = stmt_ids(st, erased, RETAIN_ROWS), got = 0;
	for (int i = 0; i < n && got < RETAIN_ROWS; i++) {
		got = old_orders(db, erased[i], before, ids);
		*deleted += each(db, "DELETE FROM orders WHERE id = ?1", ids, got);
		if (got < RETAIN_ROWS)
			*cursor = erased[i];
	}
	return n > 0;
}

/* ---- imports ---- */

static void cut(struct db *db, int64_t batch, int64_t at)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE import_batch SET cut_at = ?2 WHERE id = ?1");
	stmt_int(st, 1, batch);
	stmt_int(st, 2, at);
	stmt_exec(st);
}

bool retain_imports(struct db *db, int64_t before, int64_t forget)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM import_batch INDEXED BY import_batch_began WHERE"
	        " cut_at IS NULL AND began_at < ?1 ORDER BY began_at LIMIT 1");
	int64_t ids[RETAIN_ROWS], batch;
	int n;
	stmt_int(st, 1, before);
	batch = stmt_single(st, 0);
	if (!batch) {
		st = db_stmt(db,
		        "DELETE FROM import_batch WHERE id IN (SELECT id FROM"
		        " import_batch WHERE began_at < ?1 AND cut_at IS NOT NULL"
		        " ORDER BY id LIMIT 64)");
		stmt_int(st, 1, forget);
		return stmt_exec(st) > 0;
	}
	st = db_stmt(db, "SELECT id FROM import_change INDEXED BY import_change_batch"
	                 " WHERE batch = ?1 LIMIT ?2");
	stmt_int(st, 1, batch);
	stmt_int(st, 2, RETAIN_ROWS);
	n = stmt_ids(st, ids, RETAIN_ROWS);
	each(db, "DELETE FROM import_change WHERE id = ?1", ids, n);
	if (n < RETAIN_ROWS)
		cut(db, batch, before);
	return true;
}
