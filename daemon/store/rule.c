/* Rules as the store knows them: switches, cursors, the texts of their versions. Compiles
 * and decides nothing. */
#include <stdio.h>
#include <stdlib.h>
#include "store/run.h"
#include "store/tally.h"

#define COLUMNS \
	"id, version, since, cursor, sweep_now, sweep_id, sweep_version, removed_at, " \
	"active, owner_off," \
	" paused, name, seed, drawn_at, drawn_lot"

static void read_row(struct stmt *st, struct rule_row *out)
{
	*out = (struct rule_row){.id = stmt_get(st, 0),
	        .version = stmt_get(st, 1),
	        .since = stmt_get(st, 2),
	        .cursor = stmt_get(st, 3),
	        .sweep_now = stmt_get(st, 4),
	        .sweep_id = stmt_get(st, 5),
	        .sweep_version = stmt_get(st, 6),
	        .removed_at = stmt_get(st, 7),
	        .active = stmt_get(st, 8) != 0,
	        .owner_off = stmt_get(st, 9) != 0,
	        .paused = stmt_get(st, 10) != 0,
	        .drawn_at = stmt_get(st, 13),
	        .drawn_lot = stmt_get(st, 14)};
	snprintf(out->seed, sizeof out->seed, "%s", stmt_get_text(st, 12));
}

bool rule_row_find(struct db *db, const char *name, struct rule_row *out)
{
	struct stmt *st = db_stmt(db, "SELECT " COLUMNS " FROM rule WHERE name = ?1");
	stmt_text(st, 1, name);
	if (!stmt_row(st))
		return false;
	read_row(st, out);
	stmt_done(st);
	return true;
}

void rule_row_get(struct db *db, const char *name, int64_t now, struct rule_row *out)
{
	if (!rule_row_find(db, name, out)) {
		struct stmt *st = db_stmt(db, "INSERT INTO rule(name, seed, since, "
		                              "cursor) VALUES (?1, ?1, ?2, ?2)");
		stmt_text(st, 1, name);
		stmt_int(st, 2, now);
		*out = (struct rule_row){.since = now, .cursor = now};
		snprintf(out->seed, sizeof out->seed, "%s", name);
		if (stmt_exec(st) == 1)
			out->id = db_last_id(db);
		return;
	}
	if (!out->removed_at)
		return;
	struct stmt *st = db_stmt(db, "UPDATE rule SET removed_at = NULL WHERE id = ?1");
	stmt_int(st, 1, out->id);
	stmt_exec(st);
	out->removed_at = 0;
}

/* One statement with an id and up to three integers; those below zero bind NULL. */
static void set(struct db *db, const char *static_sql, int64_t id, int64_t a, int64_t b,
        int64_t c)
{
	struct stmt *st = db_stmt(db, static_sql);
	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, a >= 0, a);
	stmt_int_or_null(st, 3, b >= 0, b);
	stmt_int_or_null(st, 4, c >= 0, c);
	stmt_exec(st);
}

static void rename_messages(struct db *db, const char *from, const char *to)
{
	static const char *const statements[] = {
	        "UPDATE message SET rule = ?2 WHERE rule = ?1",
	        "INSERT INTO tally(rule, state, n) SELECT ?2, state, n FROM tally WHERE "
	        "rule = ?1"
	        " ON CONFLICT(rule, state) DO UPDATE SET n = n + excluded.n",
	        "DELETE FROM tally WHERE rule = ?1 AND ?2 IS NOT NULL",
	};
	tally_flush(db);
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		struct stmt *st = db_stmt(db, statements[i]);
		stmt_text(st, 1, from);
		stmt_text(st, 2, to);
		stmt_exec(st);
	}
}

bool rule_row_rename(struct db *db, const char *from, const char *to)
{
	struct rule_row row, taken;
	if (!rule_row_find(db, from, &row) || rule_row_find(db, to, &taken))
		return false;
	struct stmt *st =
	        db_stmt(db, "UPDATE rule SET name = ?2, removed_at = NULL WHERE id = ?1");
	stmt_int(st, 1, row.id);
	stmt_text(st, 2, to);
	bool renamed = stmt_exec(st) == 1;
	if (renamed)
		rename_messages(db, from, to);
	return renamed;
}

void rule_row_activate(struct db *db, int64_t id, bool active, int64_t now)
{
	if (active)
		set(db,
		        "UPDATE rule SET active = 1, since = ?2, cursor = ?2, sweep_now "
		        "= NULL, sweep_id = NULL,"
		        " sweep_version = NULL, version = coalesce(?3, ?4, version) "
		        "WHERE id = ?1 AND active = 0",
		        id, now, -1, -1);
	else
		set(db,
		        "UPDATE rule SET active = coalesce(?2, ?3, ?4, 0) WHERE id = ?1 "
		        "AND active <> 0",
		        id, -1, -1, -1);
}

void rule_row_set_off(struct db *db, int64_t id, bool off)
{
	set(db, "UPDATE rule SET owner_off = coalesce(?2, ?3, ?4) WHERE id = ?1", id, off,
	        -1, -1);
}

void rule_row_set_paused(struct db *db, int64_t id, bool paused)
{
	set(db, "UPDATE rule SET paused = coalesce(?2, ?3, ?4) WHERE id = ?1", id, paused,
	        -1, -1);
}

void rule_row_set_cursor(struct db *db, int64_t id, int64_t cursor)
{
	set(db, "UPDATE rule SET cursor = coalesce(?2, ?3, ?4) WHERE id = ?1", id, cursor,
	        -1, -1);
}

void rule_row_set_sweep(
        struct db *db, int64_t id, int64_t now, int64_t last_id, int64_t version)
{
	bool none = now == 0;
	set(db,
	        "UPDATE rule SET sweep_now = ?2, sweep_id = ?3, sweep_version = ?4 WHERE "
	        "id = ?1",
	        id, none ? -1 : now, none ? -1 : last_id, none ? -1 : version);
}

void rule_row_set_drawn(struct db *db, int64_t id, int64_t at, int64_t lot)
{
	set(db,
	        "UPDATE rule SET drawn_at = ?2, drawn_lot = coalesce(?3, ?4) WHERE id = "
	        "?1",
	        id, at, lot, -1);
}

void rule_row_set_version(
        struct db *db, int64_t id, int64_t version, bool count_from_now, int64_t now)
{
	if (count_from_now)
		set(db,
		        "UPDATE rule SET version = ?2, since = ?3, cursor = ?3, "
		        "sweep_now = ?4, sweep_id = NULL,"
		        " sweep_version = NULL WHERE id = ?1",
		        id, version, now, -1);
	else
		set(db, "UPDATE rule SET version = coalesce(?2, ?3, ?4) WHERE id = ?1",
		        id, version, -1, -1);
}

void rule_row_remove(struct db *db, int64_t id, int64_t now)
{
	set(db,
	        "UPDATE rule SET removed_at = ?2, active = 0, sweep_now = ?3, sweep_id = "
	        "?4,"
	        " sweep_version = NULL WHERE id = ?1",
	        id, now, -1, -1);
}

static char *text_of(struct db *db, const char *static_sql, int64_t id)
{
	struct stmt *st = db_stmt(db, static_sql);
	stmt_int(st, 1, id);
	char *text = stmt_row(st) ? mem_strdup(stmt_get_text(st, 0)) : NULL;
	stmt_done(st);
	return text;
}

char *rule_row_name(struct db *db, int64_t id)
{
	return text_of(db, "SELECT name FROM rule WHERE id = ?1", id);
}

int64_t rule_version_get(
        struct db *db, int64_t rule, const char *hash, const char *source, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "SELECT id FROM rule_version WHERE rule = ?1 AND hash = ?2");
	stmt_int(st, 1, rule);
	stmt_text(st, 2, hash);
	int64_t id = stmt_single(st, 0);
	if (id)
		return id;
	st = db_stmt(db, "INSERT INTO rule_version(rule, hash, source, created_at) "
	                 "VALUES (?1, ?2, ?3, ?4)");
	stmt_int(st, 1, rule);
	stmt_text(st, 2, hash);
	stmt_text(st, 3, source);
	stmt_int(st, 4, now);
	return stmt_exec(st) == 1 ? db_last_id(db) : 0;
}

char *rule_version_source(struct db *db, int64_t version)
{
	return text_of(db, "SELECT source FROM rule_version WHERE id = ?1", version);
}

/* Rows are copied out first: what fn does may use the same statements. */
void rule_each(struct db *db,
        void (*fn)(void *arg, const char *name, const struct rule_row *row), void *arg)
{
	struct named {
		char *name;
		struct rule_row row;
	} *all = NULL;
	size_t n = 0;
	struct stmt *st = db_stmt(db, "SELECT " COLUMNS " FROM rule ORDER BY id");
	while (stmt_row(st)) {
		struct named *one = mem_grow(&all, n, sizeof *one);
		n++;
		read_row(st, &one->row);
		one->name = mem_strdup(stmt_get_text(st, 11));
	}
	for (size_t i = 0; i < n; i++) {
		fn(arg, all[i].name, &all[i].row);
		free(all[i].name);
	}
	free(all);
}
