/* Runs: who is in which rule, once per occasion. Never starts one twice, and leaves ended
 * ones as they are. */
#include <stdio.h>
#include "store/coupon.h"
#include "store/guarded.h"
#include "store/run.h"

#define COLUMNS \
	"id, rule, customer, version, event, pc, started_at, due_at, step_at, " \
	"goal_until, goal_at, ended_at," \
	" held_out, planned, occasion, reason"

static void read_row(struct stmt *st, struct run *out)
{
	const char *reason = stmt_get_text(st, 15);
	*out = (struct run){.id = stmt_get(st, 0),
	        .rule = stmt_get(st, 1),
	        .customer = stmt_get(st, 2),
	        .version = stmt_get(st, 3),
	        .event = stmt_get(st, 4),
	        .pc = (int)stmt_get(st, 5),
	        .started_at = stmt_get(st, 6),
	        .due_at = stmt_get(st, 7),
	        .step_at = stmt_get(st, 8),
	        .goal_until = stmt_get(st, 9),
	        .goal_at = stmt_get(st, 10),
	        .ended_at = stmt_get(st, 11),
	        .held_out = stmt_get(st, 12) != 0,
	        .planned = (int)stmt_get(st, 13)};
	snprintf(out->occasion, sizeof out->occasion, "%s", stmt_get_text(st, 14));
	snprintf(out->reason, sizeof out->reason, "%s", reason ? reason : "");
}

static int read_rows(struct stmt *st, struct run *out, int max)
{
	int n = 0;
	while (n < max && stmt_row(st))
		read_row(st, &out[n++]);
	stmt_done(st);
	return n;
}

/* What is only spent stands before the program's first operation. */
static const char insert_sql[] = "INSERT INTO run(rule, customer, occasion, version, "
                                 "event, started_at, due_at, step_at,"
                                 " held_out, goal_until, ended_at, reason, pc, planned) "
                                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                                 " ?10, ?11, ?12, ?13, ?14) ON "
                                 "CONFLICT(rule, customer, occasion) DO NOTHING";

int64_t run_start(struct db *db, const struct run *run)
{
	struct stmt *st = db_stmt(db, insert_sql);
	stmt_int(st, 1, run->rule);
	stmt_int(st, 2, run->customer);
	stmt_text(st, 3, run->occasion);
	stmt_int(st, 4, run->version);
	stmt_int_or_null(st, 5, run->event != 0, run->event);
	stmt_int(st, 6, run->started_at);
	stmt_int_or_null(st, 7, run->due_at != 0, run->due_at);
	stmt_int(st, 8, run->step_at ? run->step_at : run->started_at);
	stmt_int(st, 9, run->held_out);
	stmt_int_or_null(st, 10, run->goal_until != 0, run->goal_until);
	stmt_int_or_null(st, 11, run->ended_at != 0, run->ended_at);
	stmt_text(st, 12, run->ended_at ? run->reason : NULL);
	stmt_int(st, 13, run->pc);
	stmt_int(st, 14, run->planned);
	return stmt_exec(st) == 1 ? db_last_id(db) : 0;
}

bool run_spend(struct db *db, int64_t rule, int64_t customer, const char *occasion,
        int64_t version, int64_t now, const char *reason)
{
	struct stmt *st = db_stmt(db, insert_sql);
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_text(st, 3, occasion);
	stmt_int(st, 4, version);
	stmt_int(st, 6, now);
	stmt_int(st, 9, 0);
	stmt_int(st, 11, now);
	stmt_text(st, 12, reason);
	stmt_int(st, 13, -1);
	stmt_int(st, 14, 0);
	return stmt_exec(st) == 1;
}

bool run_taken(struct db *db, int64_t rule, int64_t customer, const char *occasion)
{
	struct stmt *st = db_stmt(db,
	        "SELECT 1 FROM run WHERE rule = ?1 AND customer = ?2 AND occasion = ?3");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_text(st, 3, occasion);
	return stmt_single(st, 0) == 1;
}

bool run_address_taken(
        struct db *db, int64_t rule, int64_t customer, const char *occasion)
{
	/* What was only spent has no place in the program. */
	struct stmt *st = db_stmt(db, "SELECT 1 FROM customer me JOIN customer you ON "
	                              "you.phone_key = me.phone_key AND you.id <> me.id"
	                              " JOIN run r ON r.rule = ?1 AND r.customer = "
	                              "you.id AND r.occasion = ?3 AND r.pc >= 0"
	                              " WHERE me.id = ?2 UNION ALL"
	                              " SELECT 1 FROM customer me JOIN customer you ON "
	                              "you.email_key = me.email_key AND you.id <> me.id"
	                              " JOIN run r ON r.rule = ?1 AND r.customer = "
	                              "you.id AND r.occasion = ?3 AND r.pc >= 0"
	                              " WHERE me.id = ?2 LIMIT 1");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_text(st, 3, occasion);
	return stmt_single(st, 0) == 1;
}

bool run_get(struct db *db, int64_t id, struct run *out)
{
	struct stmt *st = db_stmt(db, "SELECT " COLUMNS " FROM run WHERE id = ?1");
	stmt_int(st, 1, id);
	return read_rows(st, out, 1) == 1;
}

int64_t run_open(struct db *db, int64_t rule, int64_t customer)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM run INDEXED BY run_open"
	        " WHERE customer = ?2 AND rule = ?1 AND ended_at IS NULL LIMIT 1");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	return stmt_single(st, 0);
}

void run_move(struct db *db, int64_t id, int pc, int64_t due_at, int64_t step_at)
{
	struct stmt *st = db_stmt(db, "UPDATE run SET pc = ?2, due_at = ?3, step_at = ?4"
	                              " WHERE id = ?1 AND ended_at IS NULL");
	stmt_int(st, 1, id);
	stmt_int(st, 2, pc);
	stmt_int_or_null(st, 3, due_at != 0, due_at);
	stmt_int_or_null(st, 4, step_at != 0, step_at);
	stmt_exec(st);
}

bool run_end(struct db *db, int64_t id, const char *reason, int64_t now)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE run SET ended_at = ?2, reason = ?3, due_at = NULL"
	                    " WHERE id = ?1 AND ended_at IS NULL");
	stmt_int(st, 1, id);
	stmt_int(st, 2, now);
	stmt_text(st, 3, reason);
	bool ended = stmt_exec(st) == 1;
	if (ended)
		guarded_leave(db, id);
	return ended;
}

void run_cancel(
        struct db *db, int64_t id, enum reason reason, const char *ended, int64_t now)
{
	message_drop_run(db, id, reason, now);
	run_end(db, id, ended ? ended : reason_name(reason), now);
	coupon_release(db, id);
}

void run_planned(struct db *db, int64_t id)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE run SET planned = planned + 1 WHERE id = ?1");
	stmt_int(st, 1, id);
	stmt_exec(st);
}

void run_sent(struct db *db, int64_t id, int pc, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE run SET planned = planned + 1, pc = ?2, due_at = NULL,"
	        " step_at = ?3 WHERE id = ?1 AND ended_at IS NULL");
	stmt_int(st, 1, id);
	stmt_int(st, 2, pc);
	stmt_int(st, 3, now);
	stmt_exec(st);
}

void run_goal(struct db *db, int64_t id, int64_t at)
{
	struct stmt *st = db_stmt(
	        db, "UPDATE run SET goal_at = ?2 WHERE id = ?1 AND goal_at IS NULL");
	stmt_int(st, 1, id);
	stmt_int(st, 2, at);
	stmt_exec(st);
}

int run_due(struct db *db, int64_t now, struct run *out, int max)
{
	struct stmt *st =
	        db_stmt(db, "SELECT " COLUMNS
	                    " FROM run WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2");
	stmt_int(st, 1, now);
	stmt_int(st, 2, max);
	return read_rows(st, out, max);
}

int64_t run_next_due(struct db *db)
{
	return stmt_single(
	        db_stmt(db, "SELECT min(due_at) FROM run WHERE due_at IS NOT NULL"), 0);
}

int run_of_customer(struct db *db, int64_t customer, int64_t at, struct run *out, int max)
{
	struct stmt *st = db_stmt(db,
	        "SELECT " COLUMNS " FROM run INDEXED BY run_open"
	        " WHERE customer = ?1 AND ended_at IS NULL ORDER BY rule, id LIMIT ?2");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, max);
	int n = read_rows(st, out, max);
	/* The goals that end last come first. */
	st = db_stmt(db,
	        "SELECT " COLUMNS " FROM run INDEXED BY run_goal WHERE customer = ?1"
	        " AND goal_until > ?3 AND ended_at IS NOT NULL"
	        " ORDER BY goal_until DESC, id DESC LIMIT ?2");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, max - n);
	stmt_int(st, 3, at);
	return n + read_rows(st, out + n, max - n);
}

int64_t run_count(struct db *db, int64_t rule, int64_t customer, int64_t from, int64_t to)
{
	struct stmt *st =
	        customer ? db_stmt(db, "SELECT count(*) FROM run INDEXED BY run_key "
	                               "WHERE rule = ?1"
	                               " AND customer = ?2 AND started_at >= ?3 AND "
	                               "started_at < ?4"
	                               " AND (planned > 0 OR held_out = 1)")
	                 : db_stmt(db,
	                           "SELECT count(*) FROM run INDEXED BY run_rule WHERE "
	                           "rule = ?1"
	                           " AND ?2 = 0 AND started_at >= ?3 AND started_at < ?4"
	                           " AND (planned > 0 OR held_out = 1)");
	stmt_int(st, 1, rule);
	stmt_int(st, 2, customer);
	stmt_int(st, 3, from);
	stmt_int(st, 4, to);
	return stmt_single(st, 0);
}

void run_each_reason(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const char *rule, const char *reason, int64_t n), void *arg)
{
	struct stmt *st = db_stmt(db,
	        "SELECT rule.name, run.reason, count(*) FROM run JOIN rule"
	        " ON rule.id = run.rule WHERE run.started_at >= ?1 AND run.started_at <= "
	        "?2"
	        " AND run.planned = 0 AND run.reason IS NOT NULL GROUP BY 1, 2");
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	while (stmt_row(st))
		fn(arg, stmt_get_text(st, 0), stmt_get_text(st, 1), stmt_get(st, 2));
}
