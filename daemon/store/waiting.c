/* What waits of one rule, counted and ended together. It leaves alone what has left: a
 * message that was claimed goes its way. */
#include "store/waiting.h"

#include <stdlib.h>
#include <string.h>
#include "store/coupon.h"
#include "store/guarded.h"
#include "store/run.h"
#include "store/tally.h"

#define BATCH 64
#define TO_END 20 /* effort, where looking at one is 1 */

int waiting_held(
        struct db *db, int64_t run, enum reason reason, int64_t *messages, int max)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM message INDEXED BY message_key"
	                              " WHERE run = ?1 AND state = 'held' AND reason = ?2"
	                              " ORDER BY step, leg LIMIT ?3");

	stmt_int(st, 1, run);
	stmt_text(st, 2, reason_name(reason));
	stmt_int(st, 3, max);
	return stmt_ids(st, messages, max);
}

#define WAITING_NEXT \
	"SELECT id FROM message WHERE state NOT IN ('accepted', 'delivered')" \
	" AND state = ?3 AND id > ?1 ORDER BY id LIMIT ?2"

bool waiting_wake(struct db *db, enum message_state state, enum reason reason,
        int64_t *last, int most, int64_t now)
{
	struct stmt *st = db_stmt(db, "SELECT max(id), count(*) FROM (" WAITING_NEXT ")");
	int64_t from = *last;
	bool more;

	stmt_int(st, 1, from);
	stmt_int(st, 2, most);
	stmt_text(st, 3, message_state_name(state));
	if (!stmt_row(st))
		return false;
	*last = stmt_get(st, 0);
	more = stmt_get(st, 1) == most;
	stmt_done(st);
	if (*last <= from)
		return false;
	st = db_stmt(db, "UPDATE message SET due_at = ?5 WHERE id IN (" WAITING_NEXT ")"
	                 " AND reason = ?4 AND due_at > ?5");
	stmt_int(st, 1, from);
	stmt_int(st, 2, most);
	stmt_text(st, 3, message_state_name(state));
	stmt_text(st, 4, reason_name(reason));
	stmt_int(st, 5, now);
	stmt_exec(st);
	return more;
}

/* ---- an ending as the store knows it ---- */

static int64_t messages_waiting(struct db *db, int64_t rule)
{
	struct stmt *st;

	tally_flush(db);
	st = db_stmt(db, "SELECT coalesce(sum(n), 0) FROM tally WHERE rule ="
	                 " (SELECT name FROM rule WHERE id = ?1)"
	                 " AND state IN ('planned', 'held')");
	stmt_int(st, 1, rule);
	return stmt_single(st, 0);
}

void waiting_begin(struct db *db, int64_t rule, int64_t now)
{
	int64_t messages = messages_waiting(db, rule);
	struct stmt *st = db_stmt(db, "UPDATE rule SET ending_at = ?2, ended_runs = 0,"
	                              " ended_messages = ?3, ended_coupons = 0"
	                              " WHERE id = ?1 AND ending_at IS NULL");

	stmt_int(st, 1, rule);
	stmt_int(st, 2, now);
	stmt_int(st, 3, messages);
	stmt_exec(st);
}

static void add_ended(struct db *db, int64_t rule, const struct waiting *sum)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE rule SET ended_runs = ended_runs + ?2,"
	                    " ended_coupons = ended_coupons + ?3 WHERE id = ?1");

	if (!sum->runs && !sum->coupons)
		return;
	stmt_int(st, 1, rule);
	stmt_int(st, 2, sum->runs);
	stmt_int(st, 3, sum->coupons);
	stmt_exec(st);
}

static void is_over(struct db *db, int64_t rule)
{
	struct stmt *st = db_stmt(db, "UPDATE rule SET ending_at = NULL WHERE id = ?1");

	stmt_int(st, 1, rule);
	stmt_exec(st);
}

int waiting_endings(struct db *db, int64_t *rules, int max)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM rule WHERE ending_at IS NOT NULL"
	                              " ORDER BY ending_at, id LIMIT ?1");

	stmt_int(st, 1, max);
	return stmt_ids(st, rules, max);
}

struct waiting waiting_ended(struct db *db, int64_t rule)
{
	struct stmt *st = db_stmt(db, "SELECT ended_runs, ended_messages, ended_coupons"
	                              " FROM rule WHERE id = ?1");
	struct waiting out = {0};

	stmt_int(st, 1, rule);
	if (!stmt_row(st))
		return out;
	out = (struct waiting){stmt_get(st, 0), stmt_get(st, 1), stmt_get(st, 2)};
	stmt_done(st);
	return out;
}

/* ---- slices ---- */

static void next(struct ending *e, int at)
{
	*e = (struct ending){.rule = e->rule, .at = at, .started_at = INT64_MIN};
}

/* How many may be ended with that effort, in one batch. */
static int room(int effort)
{
	int n = effort / TO_END + 1;

	return n < BATCH ? n : BATCH;
}

static void end_run(struct db *db, int64_t run, int64_t now, struct waiting *sum)
{
	message_drop_run(db, run, REASON_RULE_OFF, now);
	sum->runs += run_end(db, run, reason_name(REASON_RULE_OFF), now);
	sum->coupons += coupon_release(db, run);
}

void waiting_end_run(struct db *db, int64_t rule, int64_t run, int64_t now)
{
	struct waiting sum = {0};

	end_run(db, run, now, &sum);
	add_ended(db, rule, &sum);
}

static void end_guarded(
        struct db *db, struct ending *e, int *effort, int64_t now, struct waiting *sum)
{
	int64_t runs[BATCH];
	int most = room(*effort), n = guarded_of_rule(db, e->rule, runs, most);

	for (int i = 0; i < n; i++)
		end_run(db, runs[i], now, sum);
	*effort -= n * TO_END;
	if (n < most)
		next(e, ENDING_RUNS);
}

/* In the order in which they began, as their rows lie and about as they are due: so the
 * fewest pages are written. It passes by those that have ended. */
static void end_open(
        struct db *db, struct ending *e, int *effort, int64_t now, struct waiting *sum)
{
	struct stmt *st = db_stmt(db,
	        "SELECT started_at, id, ended_at IS NULL FROM run INDEXED BY run_rule"
	        " WHERE rule = ?1 AND (started_at, id) > (?2, ?3)"
	        " ORDER BY started_at, id LIMIT ?4");
	int64_t runs[BATCH];
	int n = 0, seen = 0, most = *effort, most_ended = room(most);

	stmt_int(st, 1, e->rule);
	stmt_int(st, 2, e->started_at);
	stmt_int(st, 3, e->last);
	stmt_int(st, 4, most);
	while (n < most_ended && seen < most && stmt_row(st)) {
		seen++;
		e->started_at = stmt_get(st, 0);
		e->last = stmt_get(st, 1);
		if (stmt_get(st, 2))
			runs[n++] = e->last;
	}
	stmt_done(st);
	for (int i = 0; i < n; i++)
		end_run(db, runs[i], now, sum);
	*effort -= seen + n * TO_END;
	if (n < most_ended && seen < most)
		next(e, ENDING_PLANNED);
}

static int look_at_messages(struct db *db, struct ending *e, const char *name,
        int64_t ids[BATCH], int most, int most_ended, int *seen)
{
	struct stmt *st =
	        db_stmt(db, "SELECT id, rule FROM message INDEXED BY message_open"
	                    " WHERE state = ?1 AND state NOT IN ('accepted', 'delivered')"
	                    " AND id > ?2 ORDER BY id LIMIT ?3");
	int n = 0;

	stmt_text(st, 1, e->at == ENDING_PLANNED ? "planned" : "held");
	stmt_int(st, 2, e->last);
	stmt_int(st, 3, most);
	while (n < most_ended && *seen < most && stmt_row(st)) {
		++*seen;
		e->last = stmt_get(st, 0);
		if (!strcmp(stmt_get_text(st, 1), name))
			ids[n++] = e->last;
	}
	stmt_done(st);
	return n;
}

/* A rule of one message leaves no open run behind, but the message waits all the same. */
static void end_messages(struct db *db, struct ending *e, int *effort, int64_t now)
{
	int n, seen = 0, most = *effort, most_ended = room(most);
	int64_t ids[BATCH];
	char *name = rule_row_name(db, e->rule);

	if (!name || messages_waiting(db, e->rule) <= 0) {
		e->at = ENDING_OVER;
		free(name);
		return;
	}
	n = look_at_messages(db, e, name, ids, most, most_ended, &seen);
	for (int i = 0; i < n; i++)
		message_set_state(db, ids[i], MESSAGE_DROPPED, REASON_RULE_OFF, 0, now);
	*effort -= seen + n * TO_END;
	if (n < most_ended && seen < most)
		next(e, e->at == ENDING_PLANNED ? ENDING_HELD : ENDING_OVER);
	free(name);
}

bool waiting_slice(struct db *db, struct ending *e, int *effort, int64_t now)
{
	struct waiting sum = {0};

	while (*effort > 0 && e->at != ENDING_OVER && db_status(db) == DB_OK) {
		if (e->at == ENDING_GUARDED)
			end_guarded(db, e, effort, now, &sum);
		else if (e->at == ENDING_RUNS)
			end_open(db, e, effort, now, &sum);
		else
			end_messages(db, e, effort, now);
	}
	add_ended(db, e->rule, &sum);
	if (e->at == ENDING_OVER)
		is_over(db, e->rule);
	return e->at != ENDING_OVER;
}
