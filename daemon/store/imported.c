/* Batches as rows. Knows nothing of what they changed. */
#include "store/imported.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"

enum column {
	C_ID,
	C_BEGAN,
	C_TAKEN,
	C_UNDOING,
	C_UNDONE,
	C_CUT,
	C_NAME,
	C_KIND,
};
#define COLUMNS \
	"SELECT id, began_at, taken, undoing_at, undone_at, cut_at, name, kind FROM " \
	"import_batch "

/* What was begun to be undone may be finished as long as its changes are there. */
static enum imported_state state_of(struct stmt *st, int64_t now)
{
	if (!stmt_is_null(st, C_UNDONE))
		return IMPORTED_UNDONE;
	if (!stmt_is_null(st, C_CUT))
		return IMPORTED_OLD;
	if (!stmt_is_null(st, C_UNDOING))
		return IMPORTED_UNDOING;
	return stmt_get(st, C_BEGAN) < now - IMPORTED_DAYS * MS_DAY ? IMPORTED_OLD
	                                                            : IMPORTED_OPEN;
}

static void read_row(struct stmt *st, int64_t now, struct imported *out)
{
	*out = (struct imported){.id = stmt_get(st, C_ID),
	        .began_at = stmt_get(st, C_BEGAN),
	        .rows = stmt_get(st, C_TAKEN),
	        .undone_at = stmt_get(st, C_UNDONE),
	        .state = state_of(st, now)};
}

bool imported_find(struct db *db, const char *name, int64_t now, struct imported *out)
{
	struct stmt *st = db_stmt(db, COLUMNS "WHERE name = ?1");

	stmt_text(st, 1, name);
	if (!stmt_row(st))
		return false;
	read_row(st, now, out);
	stmt_done(st);
	return true;
}

/* A feed that always comes under one name: what it was goes by age, under another. */
static void set_aside(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "UPDATE import_batch SET name = name || '#' || id"
	                              " WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_exec(st);
}

static int64_t make(struct db *db, const char *name, const char *kind, int64_t now)
{
	struct stmt *st = db_stmt(db, "INSERT INTO import_batch(name, kind, began_at)"
	                              " VALUES (?1, ?2, ?3)");

	stmt_text(st, 1, name);
	stmt_text(st, 2, kind);
	stmt_int(st, 3, now);
	return stmt_exec(st) == 1 ? db_last_id(db) : 0;
}

static void mix(struct db *db, int64_t id, const char *kind)
{
	struct stmt *st = db_stmt(db, "UPDATE import_batch SET kind = 'mixed' WHERE"
	                              " id = ?1 AND kind NOT IN (?2, 'mixed')");

	stmt_int(st, 1, id);
	stmt_text(st, 2, kind);
	stmt_exec(st);
}

int64_t imported_open(struct db *db, const char *name, const char *kind, int64_t now)
{
	struct imported batch;

	if (imported_find(db, name, now, &batch)) {
		switch (batch.state) {
		case IMPORTED_OPEN:
			mix(db, batch.id, kind);
			return batch.id;
		case IMPORTED_UNDOING:
		case IMPORTED_UNDONE:
			return 0;
		case IMPORTED_OLD:
			set_aside(db, batch.id);
			break;
		}
	}
	return make(db, name, kind, now);
}

void imported_add(struct db *db, int64_t id, int64_t rows)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE import_batch SET taken = taken + ?2 WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_int(st, 2, rows);
	if (rows)
		stmt_exec(st);
}

/* ---- undoing ---- */

void imported_undo_begin(struct db *db, int64_t id, int64_t now)
{
	struct stmt *st = db_stmt(db, "UPDATE import_batch SET undoing_at = ?2 WHERE"
	                              " id = ?1 AND undoing_at IS NULL");

	stmt_int(st, 1, id);
	stmt_int(st, 2, now);
	stmt_exec(st);
}

void imported_undo_end(struct db *db, int64_t id, int64_t now)
{
	struct stmt *st = db_stmt(db, "UPDATE import_batch SET undone_at = ?2 WHERE"
	                              " id = ?1 AND undone_at IS NULL");

	stmt_int(st, 1, id);
	stmt_int(st, 2, now);
	stmt_exec(st);
}

json_t *imported_counts(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db, "SELECT counts FROM import_batch WHERE id = ?1");
	const char *text;
	json_t *counts = NULL;

	stmt_int(st, 1, id);
	if (stmt_row(st)) {
		text = stmt_get_text(st, 0);
		counts = text ? json_loads(text, 0, NULL) : NULL;
		stmt_done(st);
	}
	return counts ? counts : json_object();
}

void imported_counts_set(struct db *db, int64_t id, const json_t *counts)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE import_batch SET counts = ?2 WHERE id = ?1");
	char *text = json_dumps(counts, JSON_COMPACT | JSON_SORT_KEYS);

	stmt_int(st, 1, id);
	stmt_text(st, 2, text);
	stmt_exec(st);
	free(text);
}

/* ---- for the owner ---- */

static json_t *time_json(bool there, int64_t ms, struct zone *zone)
{
	char text[32];

	return there ? json_string(zone_format(zone, ms, text)) : json_null();
}

static json_t *one_json(struct stmt *st, int64_t now, struct zone *zone)
{
	struct imported batch;
	bool open;

	read_row(st, now, &batch);
	open = batch.state == IMPORTED_OPEN || batch.state == IMPORTED_UNDOING;
	return json_pack("{s:s, s:s, s:o, s:I, s:o, s:b, s:o}", "batch",
	        stmt_get_text(st, C_NAME), "kind", stmt_get_text(st, C_KIND), "time",
	        time_json(true, batch.began_at, zone), "rows", (json_int_t)batch.rows,
	        "undone", time_json(batch.undone_at != 0, batch.undone_at, zone),
	        "undoing", batch.state == IMPORTED_UNDOING, "undo_until",
	        time_json(open, batch.began_at + IMPORTED_DAYS * MS_DAY, zone));
}

json_t *imported_list(
        struct db *db, int64_t after, int limit, int64_t now, struct zone *zone)
{
	json_t *rows = json_array(), *next = NULL;
	struct stmt *st = db_stmt(db, COLUMNS "WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
	int64_t last = 0;

	stmt_int(st, 1, after > 0 ? after : INT64_MAX);
	stmt_int(st, 2, (int64_t)limit + 1);
	while (stmt_row(st)) {
		if (json_array_size(rows) == (size_t)limit) {
			next = json_integer(last);
			stmt_done(st);
			break;
		}
		last = stmt_get(st, C_ID);
		json_array_append_new(rows, one_json(st, now, zone));
	}
	return json_pack(
	        "{s:o, s:o}", "imports", rows, "next", next ? next : json_null());
}
