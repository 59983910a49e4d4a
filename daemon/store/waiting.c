/* What waits of one rule, counted and ended together. It leaves alone what has left: a
 * message that was claimed goes its way. */
#include "store/waiting.h"

#include "store/guarded.h"
#include "store/run.h"
#include "store/tally.h"

#define BATCH 64

static int64_t messages_waiting(struct db *db, const char *name)
{
	struct stmt *st;

	tally_flush(db);
	st = db_stmt(db, "SELECT coalesce(sum(n), 0) FROM tally WHERE rule = ?1"
	                 " AND state IN ('planned', 'held')");
	stmt_text(st, 1, name);
	return stmt_single(st, 0);
}

struct waiting waiting_of_rule(struct db *db, int64_t rule, const char *name)
{
	struct waiting out = {.messages = messages_waiting(db, name)};
	struct stmt *st = db_stmt(db, "SELECT count(*) FROM run INDEXED BY run_open"
	                              " WHERE rule = ?1 AND ended_at IS NULL");

	stmt_int(st, 1, rule);
	out.runs = stmt_single(st, 0);
	st = db_stmt(db,
	        "SELECT count(*) FROM run r INDEXED BY run_open CROSS JOIN coupon c"
	        " INDEXED BY coupon_run ON c.run = r.id"
	        " WHERE r.rule = ?1 AND r.ended_at IS NULL"
	        " AND c.state = 'reserved' AND NOT EXISTS (SELECT 1 FROM message"
	        " m WHERE m.run = r.id AND m.coupon = c.code"
	        " AND m.state IN ('claimed', 'handed'))");
	stmt_int(st, 1, rule);
	out.coupons = stmt_single(st, 0);
	return out;
}

int waiting_held(
        struct db *db, int64_t run, enum reason reason, int64_t *messages, int max)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM message INDEXED BY message_key"
	                              " WHERE run = ?1 AND state = 'held' AND reason = ?2"
	                              " ORDER BY step, leg LIMIT ?3");
	int n = 0;

	stmt_int(st, 1, run);
	stmt_text(st, 2, reason_name(reason));
	stmt_int(st, 3, max);
	while (n < max && stmt_row(st))
		messages[n++] = stmt_get(st, 0);
	stmt_done(st);
	return n;
}

/* A rule of one message leaves no open run behind, but the message waits all the same. */
static void drop_state(struct db *db, struct stmt *(*find)(struct db *db),
        const char *name, enum reason reason, int64_t now)
{
	int64_t ids[BATCH], last = 0;
	int n;

	do {
		struct stmt *st = find(db);
		stmt_text(st, 1, name);
		stmt_int(st, 2, last);
		for (n = 0; n < BATCH && stmt_row(st); n++)
			ids[n] = last = stmt_get(st, 0);
		stmt_done(st);
		for (int i = 0; i < n; i++)
			message_set_state(db, ids[i], MESSAGE_DROPPED, reason, 0, now);
	} while (n == BATCH && db_status(db) == DB_OK);
}

#define OF_RULE(state) \
	"SELECT id FROM message INDEXED BY message_open WHERE state = '" state "'" \
	" AND state NOT IN ('accepted', 'delivered') AND rule = ?1 AND id > ?2" \
	" ORDER BY id LIMIT 64"

static struct stmt *find_planned(struct db *db)
{
	return db_stmt(db, OF_RULE("planned"));
}

static struct stmt *find_held(struct db *db)
{
	return db_stmt(db, OF_RULE("held"));
}

struct waiting waiting_end(
        struct db *db, int64_t rule, const char *name, enum reason reason, int64_t now)
{
	struct waiting there = waiting_of_rule(db, rule, name);

	run_end_rule(db, rule, reason_name(reason), now);
	guarded_remove_rule(db, rule);
	if (!there.messages)
		return there;
	drop_state(db, find_planned, name, reason, now);
	drop_state(db, find_held, name, reason, now);
	return there;
}
