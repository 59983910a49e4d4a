/* What the blast guard keeps. It decides nothing: what is too many is the engine's to
 * say. */
#include "store/guarded.h"

#define HOURS_MOST 1464 /* rows of a rule that can be asked about at once: 61 days */

void guarded_count(struct db *db, int64_t rule, int64_t hour, int64_t keep_from)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO rule_hour(rule, hour, n) VALUES (?1, ?2, 1)"
	        " ON CONFLICT(rule, hour) DO UPDATE SET n = n + 1 RETURNING n");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, hour);
	if (stmt_single(st, 0) != 1)
		return;
	st = db_stmt(db, "DELETE FROM rule_hour WHERE rule = ?1 AND hour < ?2");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, keep_from);
	stmt_exec(st);
}

int64_t guarded_started(struct db *db, int64_t rule, int64_t from, int64_t to)
{
	struct stmt *st = db_stmt(db, "SELECT coalesce(sum(n), 0) FROM rule_hour"
	                              " WHERE rule = ?1 AND hour >= ?2 AND hour < ?3");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	return stmt_single(st, 0);
}

/* A window that slides over the hours, oldest first. */
int64_t guarded_most(struct db *db, int64_t rule, int64_t from, int64_t to, int64_t width)
{
	struct {
		int64_t hour, n;
	} rows[HOURS_MOST];
	struct stmt *st = db_stmt(db, "SELECT hour, n FROM rule_hour WHERE rule = ?1"
	                              " AND hour >= ?2 AND hour < ?3 ORDER BY hour");
	int64_t sum = 0, most = 0;
	int n = 0, first = 0;

	stmt_int(st, 1, rule);
	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	for (; n < HOURS_MOST && stmt_row(st); n++) {
		rows[n].hour = stmt_get(st, 0);
		rows[n].n = stmt_get(st, 1);
		sum += rows[n].n;
		for (; rows[first].hour <= rows[n].hour - width; first++)
			sum -= rows[first].n;
		most = sum > most ? sum : most;
	}
	stmt_done(st);
	return most;
}

/* ---- the owner's word ---- */

struct approval guarded_approval(struct db *db, int64_t rule)
{
	struct approval out = {0};
	struct stmt *st = db_stmt(
	        db, "SELECT approved_at, up_to, skip_until FROM rule WHERE id = ?1");

	stmt_int(st, 1, rule);
	if (!stmt_row(st))
		return out;
	out = (struct approval){stmt_get(st, 0), stmt_get(st, 1), stmt_get(st, 2)};
	stmt_done(st);
	return out;
}

void guarded_approve(struct db *db, int64_t rule, int64_t up_to, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE rule SET approved_at = ?2, up_to = coalesce(?3, up_to),"
	        " skip_until = NULL WHERE id = ?1");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, now);
	stmt_int_or_null(st, 3, up_to > 0, up_to);
	stmt_exec(st);
}

void guarded_skip(struct db *db, int64_t rule, int64_t until)
{
	struct stmt *st = db_stmt(db, "UPDATE rule SET skip_until = ?2 WHERE id = ?1");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, until);
	stmt_exec(st);
}

void guarded_changed(struct db *db, int64_t rule)
{
	struct stmt *st = db_stmt(db, "UPDATE rule SET up_to = NULL WHERE id = ?1");

	stmt_int(st, 1, rule);
	stmt_exec(st);
}

/* ---- runs that it holds ---- */

void guarded_add(struct db *db, int64_t run, int64_t rule, int64_t until)
{
	struct stmt *st =
	        db_stmt(db, "INSERT INTO guarded(run, rule, until) VALUES (?1, ?2, ?3)");

	stmt_int(st, 1, run);
	stmt_int(st, 2, rule);
	stmt_int(st, 3, until);
	stmt_exec(st);
}

bool guarded_has(struct db *db, int64_t run)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM guarded WHERE run = ?1");

	stmt_int(st, 1, run);
	return stmt_single(st, 0) == 1;
}

void guarded_remove(struct db *db, int64_t run)
{
	struct stmt *st = db_stmt(db, "DELETE FROM guarded WHERE run = ?1");

	stmt_int(st, 1, run);
	stmt_exec(st);
}

void guarded_leave(struct db *db, int64_t run)
{
	struct stmt *st = db_stmt(db,
	        "DELETE FROM guarded WHERE run = ?1 AND NOT EXISTS (SELECT 1 FROM"
	        " message m INDEXED BY message_key WHERE m.run = ?1 AND m.state = "
	        "'held')");

	stmt_int(st, 1, run);
	stmt_exec(st);
}

void guarded_put_off(struct db *db, int64_t run, int64_t until)
{
	struct stmt *st = db_stmt(db, "UPDATE guarded SET until = ?2 WHERE run = ?1");

	stmt_int(st, 1, run);
	stmt_int(st, 2, until);
	stmt_exec(st);
}

int64_t guarded_held(struct db *db, int64_t rule)
{
	struct stmt *st = db_stmt(db, "SELECT count(*) FROM guarded WHERE rule = ?1");

	stmt_int(st, 1, rule);
	return stmt_single(st, 0);
}

static int take(struct stmt *st, int64_t *runs, int max)
{

	return stmt_ids(st, runs, max);
}

int guarded_of_rule(struct db *db, int64_t rule, int64_t *runs, int max)
{
	struct stmt *st = db_stmt(
	        db, "SELECT run FROM guarded WHERE rule = ?1 ORDER BY run LIMIT ?2");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, max);
	return take(st, runs, max);
}

int guarded_due(struct db *db, int64_t now, int64_t *runs, int max)
{
	struct stmt *st = db_stmt(db, "SELECT run FROM guarded WHERE until <= ?1"
	                              " ORDER BY until, run LIMIT ?2");

	stmt_int(st, 1, now);
	stmt_int(st, 2, max);
	return take(st, runs, max);
}

int64_t guarded_next_due(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT min(until) FROM guarded"), 0);
}
