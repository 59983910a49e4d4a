/* Reads the access log and counts it. It writes nothing. */
#include "store/audit_list.h"
#include <string.h>

#define DOWNLOADS_MAX 500

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *time_json(struct zone *zone, int64_t ms)
{
	char time[40];
	return json_string(zone_format(zone, ms, time));
}

/* Columns: id, time, who, account, address, what, target, n, detail. */
static json_t *entry_json(struct stmt *st, struct zone *zone)
{
	static const char *const names[] = {
	        "who", "account", "address", "what", "target"};
	json_t *one = json_object();
	json_object_set_new(one, "id", json_integer(stmt_get(st, 0)));
	json_object_set_new(one, "time", time_json(zone, stmt_get(st, 1)));
	for (int i = 0; i < 5; i++)
		json_object_set_new(
		        one, names[i], text_or_null(stmt_get_text(st, i + 2)));
	json_object_set_new(one, "count",
	        stmt_is_null(st, 7) ? json_null() : json_integer(stmt_get(st, 7)));
	json_object_set_new(one, "detail", text_or_null(stmt_get_text(st, 8)));
	return one;
}

/* The customer that is asked for, and the ids under which he is and was known. */
#define HIM \
	"(SELECT id FROM customer WHERE ref = ?6 UNION SELECT customer FROM alias WHERE" \
	" ref = ?6)"
#define HIS_IDS \
	"(SELECT ?6 UNION SELECT ref FROM customer WHERE id IN " HIM \
	" UNION SELECT ref FROM alias WHERE customer IN " HIM ")"

/* By the customer through the index of targets, else along the log. */
static struct stmt *question(struct db *db, const struct audit_filter *filter)
{
	return db_stmt(db,
	        filter->customer
	                ? "SELECT id, time, who, account, address, what, target, n, "
	                  "detail"
	                  " FROM audit INDEXED BY audit_target WHERE target IN " HIS_IDS
	                  " AND id < ?1"
	                  " AND time >= ?2 AND time < ?3"
	                  " AND (?4 IS NULL OR who = ?4 OR account = ?4)"
	                  " ORDER BY id DESC LIMIT ?5"
	                : "SELECT id, time, who, account, address, what, target, n, "
	                  "detail"
	                  " FROM audit NOT INDEXED WHERE id < ?1 AND time >= ?2 AND time "
	                  "< ?3"
	                  " AND (?4 IS NULL OR who = ?4 OR account = ?4) AND ?6 IS NULL"
	                  " ORDER BY id DESC LIMIT ?5");
}

json_t *audit_list(struct db *db, const struct audit_filter *filter, struct zone *zone)
{
	json_t *rows = json_array(), *list = json_object();
	struct stmt *st = question(db, filter);
	int64_t last = 0;
	bool more = false;
	stmt_int(st, 1, filter->before > 0 ? filter->before : INT64_MAX);
	stmt_int(st, 2, filter->from);
	stmt_int(st, 3, filter->to);
	stmt_text(st, 4, filter->who);
	stmt_int(st, 5, (int64_t)filter->limit + 1);
	stmt_text(st, 6, filter->customer);
	while (!more && stmt_row(st)) {
		more = json_array_size(rows) == (size_t)filter->limit;
		if (more)
			break;
		last = stmt_get(st, 0);
		json_array_append_new(rows, entry_json(st, zone));
	}
	stmt_done(st);
	json_object_set_new(list, "audit", rows);
	json_object_set_new(list, "next", more ? json_integer(last) : json_null());
	return list;
}

/* ---- a month ---- */

static json_t *kinds_json(struct db *db, int64_t from, int64_t to)
{
	json_t *list = json_array();
	struct stmt *st =
	        db_stmt(db, "SELECT who, account, what, count(*), sum(n) FROM audit"
	                    " WHERE time >= ?1 AND time < ?2 GROUP BY who, account, what"
	                    " ORDER BY who, account, what");
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	while (stmt_row(st)) {
		json_t *one = json_object();
		json_object_set_new(one, "who", text_or_null(stmt_get_text(st, 0)));
		json_object_set_new(one, "account", text_or_null(stmt_get_text(st, 1)));
		json_object_set_new(one, "what", text_or_null(stmt_get_text(st, 2)));
		json_object_set_new(one, "times", json_integer(stmt_get(st, 3)));
		json_object_set_new(one, "count",
		        stmt_is_null(st, 4) ? json_null()
		                            : json_integer(stmt_get(st, 4)));
		json_array_append_new(list, one);
	}
	return list;
}

/* What took many people's data at once, or a copy: the newest reason given for each. */
static json_t *downloads_json(
        struct db *db, int64_t from, int64_t to, struct zone *zone, int64_t *more)
{
	json_t *list = json_array();
	struct stmt *st = db_stmt(db,
	        "SELECT id, time, who, account, address, what, target, n, detail,"
	        " (SELECT detail FROM audit AS r INDEXED BY audit_target WHERE r.target ="
	        "  '#' || a.id AND r.what = 'audit.reason' ORDER BY r.id DESC LIMIT 1)"
	        " FROM audit AS a WHERE time >= ?1 AND time < ?2 AND (n > ?3 OR"
	        " what IN ('backup', 'audit.break') OR what LIKE '%export%')"
	        " AND what NOT IN ('audit.forget', 'events', 'receipts') ORDER BY id");
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	stmt_int(st, 3, AUDIT_DOWNLOAD);
	*more = 0;
	while (stmt_row(st)) {
		if (json_array_size(list) >= DOWNLOADS_MAX) {
			++*more;
			continue;
		}
		json_t *one = entry_json(st, zone);
		json_object_set_new(one, "reason", text_or_null(stmt_get_text(st, 9)));
		json_array_append_new(list, one);
	}
	return list;
}

static int64_t reviewed_at(struct db *db, const char *month)
{
	struct stmt *st = db_stmt(db,
	        "SELECT time FROM audit INDEXED BY audit_target WHERE target = ?1"
	        " AND what = 'audit.review' ORDER BY id DESC LIMIT 1");
	stmt_text(st, 1, month);
	return stmt_single(st, 0);
}

json_t *audit_review(
        struct db *db, const char *month, int64_t from, int64_t to, struct zone *zone)
{
	int64_t more, reviewed = reviewed_at(db, month);
	json_t *json = json_object();
	json_object_set_new(json, "month", json_string(month));
	json_object_set_new(
	        json, "reviewed", reviewed ? time_json(zone, reviewed) : json_null());
	json_object_set_new(json, "kinds", kinds_json(db, from, to));
	json_object_set_new(json, "downloads", downloads_json(db, from, to, zone, &more));
	json_object_set_new(json, "more", json_integer(more));
	return json;
}

bool audit_reviewed(struct db *db, const char *month)
{
	return reviewed_at(db, month) != 0;
}

bool audit_older(struct db *db, int64_t before)
{
	int64_t first = stmt_single(
	        db_stmt(db, "SELECT time FROM audit ORDER BY id LIMIT 1"), INT64_MAX);
	return first < before;
}
