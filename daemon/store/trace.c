/* Reading back what was done; it writes nothing. */
#include "store/trace.h"

int trace_runs(struct db *db, int64_t rule, int64_t customer, struct run *out, int max)
{
	int64_t ids[TRACE_RUNS];
	int n, found = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM run INDEXED BY run_key WHERE rule = ?1 AND customer = ?2"
	        " ORDER BY id DESC LIMIT ?3");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_int(st, 3, max);
	n = stmt_ids(st, ids, max < TRACE_RUNS ? max : TRACE_RUNS);
	for (int i = 0; i < n; i++)
		found += run_get(db, ids[i], &out[found]);
	return found;
}

int trace_messages(struct db *db, int64_t run, int64_t *ids, int max)
{
	struct stmt *st = db_stmt(
	        db, "SELECT id FROM message WHERE run = ?1 ORDER BY step, leg LIMIT ?2");
	stmt_int(st, 1, run);
	stmt_int(st, 2, max);
	return stmt_ids(st, ids, max);
}

int64_t trace_begun(
        struct db *db, int64_t rule, int64_t customer, int64_t from, bool *whole)
{
	struct stmt *st =
	        customer ? db_stmt(db,
	                           "SELECT count(*), sum(planned > 0 OR held_out = 1)"
	                           " FROM (SELECT planned, held_out FROM run INDEXED BY"
	                           " run_key WHERE rule = ?1 AND customer = ?2 AND"
	                           " started_at >= ?3 LIMIT ?4)")
	                 : db_stmt(db,
	                           "SELECT count(*), sum(planned > 0 OR held_out = 1)"
	                           " FROM (SELECT planned, held_out FROM run INDEXED BY"
	                           " run_rule WHERE rule = ?1 AND ?2 = 0 AND"
	                           " started_at >= ?3 LIMIT ?4)");
	int64_t found = 0;
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_int(st, 3, from);
	stmt_int(st, 4, TRACE_COUNTED);
	*whole = true;
	if (stmt_row(st)) {
		*whole = stmt_get(st, 0) < TRACE_COUNTED;
		found = stmt_get(st, 1);
		stmt_done(st);
	}
	return found;
}

int trace_events(struct db *db, int64_t customer, const char *type, int64_t *ids, int max)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM event INDEXED BY event_customer WHERE customer = ?1 AND"
	        " type = ?2 ORDER BY time DESC, id DESC LIMIT ?3");

	stmt_int(st, 1, customer);
	stmt_text(st, 2, type);
	stmt_int(st, 3, max);
	return stmt_ids(st, ids, max);
}

int64_t trace_filled(struct db *db, int64_t rule, int64_t n)
{
	struct stmt *st = db_stmt(db,
	        "SELECT event FROM (SELECT event, planned, held_out FROM run INDEXED BY"
	        " run_rule WHERE rule = ?1 ORDER BY started_at, id LIMIT ?3)"
	        " WHERE planned > 0 OR held_out = 1 LIMIT 1 OFFSET ?2 - 1");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, n);
	stmt_int(st, 3, TRACE_COUNTED);
	return stmt_single(st, 0);
}

int64_t trace_switched(struct db *db, const char *what, const char *target)
{
	struct stmt *st = db_stmt(db, "SELECT time FROM audit INDEXED BY audit_target "
	                              "WHERE target = ?2 AND what"
	                              " = ?1 ORDER BY id DESC LIMIT 1");
	stmt_text(st, 1, what);
	stmt_text(st, 2, target);
	return stmt_single(st, 0);
}
