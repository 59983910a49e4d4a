/* Segments in the store: memberships, touched customers, and the triggers that note them.
 * It knows what changed and never what it means. */
#include "store/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"

/* ---- segments ---- */

bool segment_row_find(struct db *db, const char *name, struct segment_row *out)
{
	struct stmt *st =
	        db_stmt(db, "SELECT id, hash, cursor, seed FROM segment WHERE name = ?1");

	stmt_text(st, 1, name);
	if (!stmt_row(st))
		return false;
	out->id = stmt_get(st, 0);
	snprintf(out->hash, sizeof out->hash, "%s", stmt_get_text(st, 1));
	out->cursor = stmt_get(st, 2);
	out->seed = stmt_is_null(st, 3) ? SEED_WHOLE : stmt_get(st, 3);
	stmt_done(st);
	return true;
}

void segment_row_get(
        struct db *db, const char *name, int64_t now, struct segment_row *out)
{
	struct stmt *st;

	memset(out, 0, sizeof *out);
	if (segment_row_find(db, name, out))
		return;
	st = db_stmt(db, "INSERT INTO segment(name, hash, cursor) VALUES (?1, '', ?2)");
	stmt_text(st, 1, name);
	stmt_int(st, 2, now);
	stmt_exec(st);
	segment_row_find(db, name, out);
}

void segment_row_reset(struct db *db, int64_t id, const char *hash, int64_t now)
{
	struct stmt *st = db_stmt(
	        db, "UPDATE segment SET hash = ?2, cursor = ?3, seed = 0 WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_text(st, 2, hash);
	stmt_int(st, 3, now);
	stmt_exec(st);
}

void segment_row_set_cursor(struct db *db, int64_t id, int64_t cursor)
{
	struct stmt *st = db_stmt(db, "UPDATE segment SET cursor = ?2 WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_int(st, 2, cursor);
	stmt_exec(st);
}

void segment_row_set_seed(struct db *db, int64_t id, int64_t seed)
{
	struct stmt *st = db_stmt(db, "UPDATE segment SET seed = ?2 WHERE id = ?1");

	stmt_int(st, 1, id);
	stmt_int_or_null(st, 2, seed != SEED_WHOLE, seed);
	stmt_exec(st);
}

void segment_row_rewind(struct db *db, int64_t to)
{
	struct stmt *st = db_stmt(db, "UPDATE segment SET hash = '' WHERE cursor > ?1");

	stmt_int(st, 1, to);
	stmt_exec(st);
}

void segment_row_forget(struct db *db, const int64_t *ids, size_t n)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE segment SET hash = '' WHERE hash <> '' AND id NOT IN"
	                    " (SELECT value FROM json_each(?1))");
	struct buf list = {0};

	buf_addc(&list, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&list, "%s%lld", i ? "," : "", (long long)ids[i]);
	buf_addc(&list, ']');
	stmt_text(st, 1, list.data);
	stmt_exec(st);
	buf_free(&list);
}

/* ---- members ---- */

void segment_member(
        struct db *db, int64_t segment, int64_t customer, struct segment_member *out)
{
	struct stmt *st = db_stmt(db, "SELECT inside, entries, exits, since FROM"
	                              " segment_member WHERE customer = ?1 AND segment = "
	                              "?2");

	*out = (struct segment_member){0};
	stmt_int(st, 1, customer);
	stmt_int(st, 2, segment);
	if (!stmt_row(st))
		return;
	out->inside = stmt_get(st, 0) != 0;
	out->entries = stmt_get(st, 1);
	out->exits = stmt_get(st, 2);
	out->since = stmt_get(st, 3);
	stmt_done(st);
}

bool segment_inside(struct db *db, int64_t segment, int64_t customer)
{
	struct segment_member member;

	segment_member(db, segment, customer, &member);
	return member.inside;
}

int64_t segment_move(struct db *db, int64_t segment, int64_t customer, bool in,
        int64_t since, bool by_time)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO segment_member(customer, segment, inside, entries, exits, "
	        "since,"
	        " by_time) VALUES (?1, ?2, ?3, ?3, 1 - ?3, ?4, ?5)"
	        " ON CONFLICT(customer, segment) DO UPDATE SET inside = ?3,"
	        " entries = entries + ?3, exits = exits + 1 - ?3, since = ?4, by_time ="
	        " ?5");
	struct segment_member member;

	stmt_int(st, 1, customer);
	stmt_int(st, 2, segment);
	stmt_int(st, 3, in);
	stmt_int(st, 4, since);
	stmt_int(st, 5, by_time);
	stmt_exec(st);
	segment_member(db, segment, customer, &member);
	return in ? member.entries : member.exits;
}

/* ---- touched ---- */

static void merge(struct touched *out, int *n, const struct touched *one)
{
	for (int i = 0; i < *n; i++) {
		if (out[i].customer != one->customer)
			continue;
		out[i].what |= one->what;
		if (one->depth > out[i].depth)
			out[i].depth = one->depth;
		return;
	}
	out[(*n)++] = *one;
}

int segment_take_touched(struct db *db, int64_t now, struct touched *out, int max)
{
	struct stmt *st = db_stmt(db, "SELECT customer, what, depth, id FROM"
	                              " segment_touched WHERE at <= ?1 ORDER BY id");
	int64_t last = 0;
	int n = 0;

	stmt_int(st, 1, now);
	while (n < max && stmt_row(st)) {
		struct touched one = {
		        stmt_get(st, 0), stmt_get(st, 1), (int)stmt_get(st, 2)};
		last = stmt_get(st, 3);
		merge(out, &n, &one);
	}
	stmt_done(st);
	if (!last)
		return 0;
	st = db_stmt(db, "DELETE FROM segment_touched WHERE id <= ?1 AND at <= ?2");
	stmt_int(st, 1, last);
	stmt_int(st, 2, now);
	stmt_exec(st);
	return n;
}

int64_t segment_touched_next(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT max(min(at), 1) FROM segment_touched"), 0);
}

void segment_touch(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "INSERT INTO segment_touched(customer, what, at)"
	                              " VALUES (?1, -1, 0)");

	stmt_int(st, 1, customer);
	stmt_exec(st);
}

void segment_touched_by(struct db *db, int64_t customer, int depth)
{
	struct stmt *st = db_stmt(db, "UPDATE segment_touched SET depth = max(depth, ?2)"
	                              " WHERE customer = ?1");

	stmt_int(st, 1, customer);
	stmt_int(st, 2, depth);
	stmt_exec(st);
}

void segment_run_depth(struct db *db, int64_t run, int depth)
{
	struct stmt *st = db_stmt(db, "UPDATE run SET depth = ?2 WHERE id = ?1");

	stmt_int(st, 1, run);
	stmt_int(st, 2, depth);
	stmt_exec(st);
}

int segment_depth_of(struct db *db, int64_t run)
{
	struct stmt *st = db_stmt(db, "SELECT depth FROM run WHERE id = ?1");

	stmt_int(st, 1, run);
	return (int)stmt_single(st, 0);
}

/* ---- triggers ---- */

static void define(struct db *db, const char *sql)
{
	char why[256];
	struct stmt *st = stmt_new(db, sql, why);

	if (!st)
		log_die("a trigger of ours is no SQL: %s", why);
	stmt_exec(st);
	stmt_free(st);
}

static bool is_wanted(
        const struct segment_trigger *wanted, size_t n, const char *name, const char *sql)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(wanted[i].name, name) && !strcmp(wanted[i].sql, sql))
			return true;
	return false;
}

static bool is_there(struct db *db, const char *name)
{
	struct stmt *st = db_stmt(
	        db, "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?1");

	stmt_text(st, 1, name);
	return stmt_single(st, 0) != 0;
}

void segment_triggers(struct db *db, const struct segment_trigger *wanted, size_t n)
{
	struct stmt *st = db_stmt(db, "SELECT name, sql FROM sqlite_master WHERE type ="
	                              " 'trigger' AND name GLOB 'touch_*'");
	char **drops = NULL;
	size_t n_drops = 0;

	while (stmt_row(st))
		if (!is_wanted(wanted, n, stmt_get_text(st, 0), stmt_get_text(st, 1))) {
			char **slot = mem_grow(&drops, n_drops++, sizeof *drops);
			*slot = mem_printf("DROP TRIGGER \"%s\"", stmt_get_text(st, 0));
		}
	for (size_t i = 0; i < n_drops; i++) {
		define(db, drops[i]);
		free(drops[i]);
	}
	free(drops);
	for (size_t i = 0; i < n; i++)
		if (!is_there(db, wanted[i].name))
			define(db, wanted[i].sql);
}
