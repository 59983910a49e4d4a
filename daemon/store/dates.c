/* Dates kept in order and followed: which sets there are, how far they are filled, what
 * moved in them, and taking away those that nobody needs, slice by slice. */
#include "store/dates.h"

#include "base/log.h"
#include "base/mem.h"

#define IDS 2000 /* looked at in one slice */

static struct stmt *on_name(struct db *db, const char *static_sql, const char *name)
{
	struct stmt *st = db_stmt(db, static_sql);

	stmt_text(st, 1, name);
	return st;
}

void dates_need(struct db *db, const struct dates_set *const *sets, size_t n)
{
	stmt_exec(db_stmt(db, "UPDATE dated_set SET gone = 1"));
	for (size_t i = 0; i < n; i++)
		stmt_exec(on_name(db,
		        sets[i]->fill ? "INSERT INTO dated_set(name, seed) VALUES (?1, 0)"
		                        " ON CONFLICT(name) DO UPDATE SET gone = 0"
		                      : "INSERT INTO dated_set(name) VALUES (?1)"
		                        " ON CONFLICT(name) DO UPDATE SET gone = 0,"
		                        " seed = NULL",
		        sets[i]->name));
	/* without its triggers a set goes stale at once: who comes back is filled anew */
	stmt_exec(db_stmt(db, "UPDATE dated_set SET seed = 0 WHERE gone = 1"));
}

/* How far it is filled; -1: wholly. */
static int64_t seed_of(struct db *db, const struct dates_set *set)
{
	return stmt_single(
	        on_name(db, "SELECT coalesce(seed, -1) FROM dated_set WHERE name = ?1",
	                set->name),
	        0);
}

static struct stmt *built(struct db *db, const char *sql)
{
	char why[256];
	struct stmt *st = stmt_new(db, sql, why);

	if (!st)
		log_die("a date of a rule is no SQL: %s", why);
	return st;
}

static void on_ids(struct db *db, const char *static_sql, const struct dates_set *set,
        int64_t from, int64_t to)
{
	struct stmt *st = on_name(db, static_sql, set->name);

	stmt_int(st, 2, from);
	stmt_int(st, 3, to);
	stmt_exec(st);
}

/* Those whose date is not what was kept of it. */
static int read_moved(struct db *db, const struct dates_set *set, int64_t to,
        struct dated_move out[DATES_TAKEN])
{
	struct stmt *st;
	int n = 0;

	if (!set->moved)
		return 0;
	st = built(db, set->moved);
	stmt_int(st, 1, to);
	while (n < DATES_TAKEN && stmt_row(st))
		out[n++] = (struct dated_move){stmt_get(st, 0), stmt_get(st, 1)};
	stmt_free(st);
	return n;
}

static void keep_pending(struct db *db, const struct dates_set *set, int64_t to)
{
	struct stmt *st;

	on_ids(db,
	        "DELETE FROM dated WHERE name = ?1 AND ref IN (SELECT p.ref FROM "
	        "dated_pending p WHERE p.name = ?1 AND p.ref > ?2 AND p.ref <= ?3)",
	        set, 0, to);
	st = built(db, set->take);
	stmt_int(st, 1, to);
	stmt_exec(st);
	stmt_free(st);
}

int dates_take(
        struct db *db, const struct dates_set *set, struct dated_move out[DATES_TAKEN])
{
	struct stmt *st = on_name(db,
	        "SELECT max(ref) FROM (SELECT ref FROM dated_pending WHERE name = ?1"
	        " ORDER BY ref LIMIT ?2)",
	        set->name);
	int64_t to;
	int n;

	stmt_int(st, 2, DATES_TAKEN);
	to = stmt_single(st, 0);
	if (!to || seed_of(db, set) >= 0)
		return -1;
	n = read_moved(db, set, to, out);
	if (set->take)
		keep_pending(db, set, to);
	on_ids(db, "DELETE FROM dated_pending WHERE name = ?1 AND ref > ?2 AND ref <= ?3",
	        set, 0, to);
	return n;
}

bool dates_noted(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT 1 FROM dated_pending p JOIN dated_set s ON"
	                               " s.name = p.name AND s.seed IS NULL LIMIT 1"),
	               0) == 1;
}

bool dates_fill(struct db *db, const struct dates_set *set)
{
	int64_t seed = seed_of(db, set), last;
	struct stmt *st;

	if (seed < 0)
		return false;
	st = built(db, set->last);
	last = stmt_single(st, 0);
	stmt_free(st);
	on_ids(db, "DELETE FROM dated WHERE name = ?1 AND ref > ?2 AND ref <= ?3", set,
	        seed, seed + IDS);
	st = built(db, set->fill);
	stmt_int(st, 1, seed);
	stmt_int(st, 2, seed + IDS);
	stmt_exec(st);
	stmt_free(st);
	seed += IDS;
	st = on_name(db, "UPDATE dated_set SET seed = ?2 WHERE name = ?1", set->name);
	stmt_int_or_null(st, 2, seed < last, seed);
	stmt_exec(st);
	return true;
}

bool dates_empty(struct db *db)
{
	int64_t any = stmt_single(
	        db_stmt(db, "SELECT 1 FROM dated_set WHERE gone = 1 LIMIT 1"), 0);
	struct stmt *st;

	if (!any)
		return false;
	st = db_stmt(db, "DELETE FROM dated WHERE (name, ref) IN (SELECT d.name, d.ref"
	                 " FROM dated_set s CROSS JOIN dated d ON d.name = s.name WHERE"
	                 " s.gone = 1 LIMIT ?1)");
	stmt_int(st, 1, IDS);
	if (stmt_exec(st) == IDS)
		return true;
	stmt_exec(db_stmt(db, "DELETE FROM dated_set WHERE gone = 1"));
	return false;
}
