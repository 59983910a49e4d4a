/* Dates kept in order: which sets there are, how far they are filled, and taking away
 * those that nobody needs, slice by slice. */
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
		        "INSERT INTO dated_set(name, seed) VALUES (?1, 0)"
		        " ON CONFLICT(name) DO UPDATE SET gone = 0",
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

/* What the triggers noted; false: nothing. */
static bool take_pending(struct db *db, const struct dates_set *set)
{
	int64_t to = stmt_single(
	        on_name(db,
	                "SELECT max(ref) FROM (SELECT ref FROM dated_pending WHERE "
	                "name = ?1"
	                " ORDER BY ref LIMIT 500)",
	                set->name),
	        0);
	struct stmt *st;

	if (!to)
		return false;
	on_ids(db,
	        "DELETE FROM dated WHERE name = ?1 AND ref IN (SELECT p.ref FROM "
	        "dated_pending p WHERE p.name = ?1 AND p.ref > ?2 AND p.ref <= ?3)",
	        set, 0, to);
	st = built(db, set->take);
	stmt_int(st, 1, to);
	stmt_exec(st);
	stmt_free(st);
	on_ids(db, "DELETE FROM dated_pending WHERE name = ?1 AND ref > ?2 AND ref <= ?3",
	        set, 0, to);
	return true;
}

bool dates_fill(struct db *db, const struct dates_set *set)
{
	int64_t seed = seed_of(db, set), last;
	struct stmt *st;

	if (seed < 0)
		return take_pending(db, set);
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
