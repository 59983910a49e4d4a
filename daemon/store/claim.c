/* Aliases that events tell: given to who has none of that name, noted where two claim
 * one.
 */
#include "store/claim.h"

#include "base/clock.h"
#include "store/alias.h"

#define AGAIN MS_HOUR /* until a claim that is told again is noted again */

static bool room(struct db *db, const char *static_sql, int64_t id)
{
	struct stmt *st = db_stmt(db, static_sql);
	stmt_int(st, 1, id);
	stmt_int(st, 2, CLAIM_MOST);
	return stmt_single(st, 0) < CLAIM_MOST;
}

static void give(struct db *db, int64_t id, const char *ref)
{
	static const char had[] =
	        "SELECT count(*) FROM (SELECT 1 FROM alias INDEXED BY alias_customer"
	        " WHERE customer = ?1 LIMIT ?2)";
	struct stmt *st;

	if (!room(db, had, id))
		return;
	st = db_stmt(db, "INSERT INTO alias(ref, customer) VALUES (?1, ?2)");
	stmt_text(st, 1, ref);
	stmt_int(st, 2, id);
	stmt_exec(st);
	st = db_stmt(db, "DELETE FROM alias_claim WHERE customer = ?2 AND ref = ?1");
	stmt_text(st, 1, ref);
	stmt_int(st, 2, id);
	stmt_exec(st);
}

static void note(struct db *db, int64_t id, const char *ref, int64_t now)
{
	static const char had[] =
	        "SELECT count(*) FROM (SELECT 1 FROM alias_claim WHERE customer = ?1"
	        " LIMIT ?2)";
	struct stmt *st;

	if (!room(db, had, id))
		return;
	st = db_stmt(db,
	        "INSERT INTO alias_claim(ref, customer, seen_at) VALUES (?1, ?2, ?3) ON"
	        " CONFLICT(customer, ref) DO UPDATE SET seen_at = excluded.seen_at WHERE"
	        " excluded.seen_at - seen_at >= ?4");
	stmt_text(st, 1, ref);
	stmt_int(st, 2, id);
	stmt_int(st, 3, now);
	stmt_int(st, 4, AGAIN);
	stmt_exec(st);
}

static int64_t holder(struct db *db, const char *ref)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM customer WHERE ref = ?1");
	stmt_text(st, 1, ref);
	int64_t id = stmt_single(st, 0);
	return id ? id : alias_find(db, ref);
}

void claim_aliases(struct db *db, int64_t id, const char **refs, size_t n, int64_t now)
{
	for (size_t i = 0; i < n && id; i++) {
		int64_t has = holder(db, refs[i]);
		if (!has)
			give(db, id, refs[i]);
		else if (has != id)
			note(db, id, refs[i], now);
	}
}
