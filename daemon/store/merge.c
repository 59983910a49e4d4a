/* Merging: the deciding turn, and the rows that follow. It makes no consent that nobody
 * gave, and starts nothing. */
#include "store/merge.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "store/alias.h"
#include "store/bulk.h"
#include "store/customer.h"
#include "store/merge_inner.h"
#include "store/message.h"
#include "store/order.h"
#include "store/run.h"
#include "store/sealed.h"

#define PIECE 64 /* rows moved in one */
#define RECENT \
	1000 /* events that come over at once, the newest: conditions ask of them */

/* ---- rows ---- */

/* How the rows of a part are found (?1 FROM, ?2 how many) and moved (?1 row, ?2 INTO). */
struct part {
	enum merge_part part;
	const char *find, *move;
};

/* A run of an occasion that INTO has a run of as well is kept beside it. Runs with
 * something ahead of them are judged one by one. */
#define MOVE_RUN \
	"UPDATE run SET customer = ?2, occasion = CASE WHEN EXISTS (SELECT 1 FROM run o" \
	" INDEXED BY run_key WHERE o.rule = run.rule AND o.customer = ?2 AND o.occasion" \
	" = run.occasion) THEN occasion || ' #' || id ELSE occasion END WHERE id = ?1"

static const struct part parts[] = {
        {MERGE_RUNS,
                "SELECT id FROM run INDEXED BY run_key WHERE rule IN (SELECT id FROM"
                " rule) AND customer = ?1 LIMIT ?2",
                MOVE_RUN},
        {MERGE_MESSAGES,
                "SELECT id FROM message INDEXED BY message_customer WHERE customer = ?1"
                " LIMIT ?2",
                "UPDATE message SET customer = ?2 WHERE id = ?1"},
        {MERGE_REDEMPTIONS,
                "SELECT r.id FROM coupon c INDEXED BY coupon_customer CROSS JOIN"
                " redemption r ON r.coupon = c.id WHERE c.customer = ?1 AND r.customer ="
                " ?1 LIMIT ?2",
                "UPDATE redemption SET customer = ?2 WHERE id = ?1"},
        {MERGE_COUPONS,
                "SELECT id FROM coupon INDEXED BY coupon_customer WHERE customer = ?1"
                " LIMIT ?2",
                "UPDATE coupon SET customer = ?2 WHERE id = ?1"},
        {MERGE_DUTIES,
                "SELECT id FROM duty INDEXED BY duty_customer WHERE customer = ?1 LIMIT"
                " ?2",
                "UPDATE duty SET customer = ?2 WHERE id = ?1"},
        {MERGE_EVENTS,
                "SELECT id FROM event INDEXED BY event_customer WHERE customer = ?1"
                " LIMIT ?2",
                "UPDATE event SET customer = ?2 WHERE id = ?1"},
        {MERGE_ORDERS,
                "SELECT id FROM orders INDEXED BY orders_customer WHERE customer = ?1"
                " AND counted = 1 LIMIT ?2",
                "UPDATE orders SET customer = ?2 WHERE id = ?1"},
        {MERGE_ORDERS,
                "SELECT id FROM orders INDEXED BY orders_uncounted WHERE customer = ?1"
                " AND counted = 0 LIMIT ?2",
                "UPDATE orders SET customer = ?2 WHERE id = ?1"},
};
#define N_PARTS (sizeof parts / sizeof parts[0])
#define N_DECIDING 5 /* the first ones */
#define EVENTS 5     /* of which the newest come over at once */

static void move(struct merge *m, const struct part *part, int64_t row)
{
	struct stmt *st = db_stmt(m->db, part->move);
	stmt_int(st, 1, row);
	stmt_int(st, 2, m->into);
	stmt_exec(st);
	st = db_stmt(m->db,
	        "INSERT INTO merged_row(merged, part, row) VALUES (?1, ?2, ?3)"
	        " ON CONFLICT DO NOTHING");
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, part->part);
	stmt_int(st, 3, row);
	stmt_exec(st);
	m->counts->parts[part->part]++;
}

/* How many were found. */
static int piece(struct merge *m, const struct part *part, const char *static_find)
{
	int64_t ids[PIECE];
	struct stmt *st = db_stmt(m->db, static_find);
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++)
		move(m, part, ids[i]);
	return n;
}

static void all_of(struct merge *m, const struct part *part, const char *static_find)
{
	while (piece(m, part, static_find) > 0 && db_status(m->db) == DB_OK)
		;
}

static void recent_events(struct merge *m)
{
	int64_t *ids = mem_alloc(RECENT * sizeof *ids);
	struct stmt *st = db_stmt(m->db,
	        "SELECT id FROM event INDEXED BY event_customer WHERE customer = ?1"
	        " ORDER BY id DESC LIMIT ?2");
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, RECENT);
	int n = stmt_ids(st, ids, RECENT);
	for (int i = 0; i < n; i++)
		move(m, &parts[EVENTS], ids[i]);
	free(ids);
}

/* ---- runs with something ahead ---- */

/* One that is open, or whose message waits. */
static size_t runs_ahead(struct merge *m, int64_t **out)
{
	size_t n = 0;
	struct stmt *st = db_stmt(m->db,
	        "SELECT id FROM run INDEXED BY run_open WHERE customer = ?1 AND ended_at "
	        "IS"
	        " NULL UNION SELECT m.run FROM message m INDEXED BY message_customer JOIN"
	        " run r ON r.id = m.run WHERE m.customer = ?1 AND m.state IN ('planned',"
	        " 'held') AND r.customer = ?1 ORDER BY 1");
	stmt_int(st, 1, m->from);
	*out = NULL;
	while (stmt_row(st)) {
		int64_t *slot = mem_grow(out, n++, sizeof *slot);
		*slot = stmt_get(st, 0);
	}
	return n;
}

static bool told_already(struct merge *m, int64_t run)
{
	struct stmt *st =
	        db_stmt(m->db, "SELECT 1 FROM message INDEXED BY message_key WHERE run = "
	                       "?1 AND state NOT"
	                       " IN ('planned', 'held', 'dropped', 'expired') LIMIT 1");
	stmt_int(st, 1, run);
	return stmt_single(st, 0) == 1;
}

/* INTO began the rule on the same occasion, or stood aside for comparison. */
static bool same_occasion(struct merge *m, const struct run *run)
{
	struct stmt *st = db_stmt(m->db,
	        "SELECT 1 FROM run INDEXED BY run_key WHERE rule = ?1 AND customer = ?2 "
	        "AND"
	        " occasion = ?3 AND (ended_at IS NULL OR planned > 0 OR held_out = 1)");
	stmt_int(st, 1, run->rule);
	stmt_int(st, 2, m->into);
	stmt_text(st, 3, run->occasion);
	return stmt_single(st, 0) == 1;
}

static bool goes_on(struct merge *m, const struct run *run)
{
	const struct merge_judge *judge = m->judge;
	enum merge_rule word =
	        judge ? judge->of(judge->arg, run->rule, m->into) : MERGE_RULE_FREE;

	if (word == MERGE_RULE_LAW)
		return true;
	if ((!run->ended_at && run_open(m->db, run->rule, m->into)) ||
	        same_occasion(m, run))
		return false;
	return word != MERGE_RULE_FULL || told_already(m, run->id);
}

static void move_runs(struct merge *m)
{
	static const char settled[] =
	        "SELECT id FROM run INDEXED BY run_key WHERE rule IN (SELECT id FROM "
	        "rule)"
	        " AND customer = ?1 AND ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 "
	        "FROM"
	        " message w INDEXED BY message_key WHERE w.run = run.id AND w.state IN"
	        " ('planned', 'held')) LIMIT ?2";
	int64_t *ahead;
	size_t n = runs_ahead(m, &ahead);
	struct run run;

	all_of(m, &parts[MERGE_RUNS], settled);
	for (size_t i = 0; i < n && db_status(m->db) == DB_OK; i++) {
		if (run_get(m->db, ahead[i], &run) && !goes_on(m, &run)) {
			run_cancel(m->db, ahead[i], REASON_MERGED, NULL, m->now);
			m->counts->ended++;
		}
		move(m, &parts[MERGE_RUNS], ahead[i]);
	}
	free(ahead);
}

/* ---- what he was ---- */

static void note(struct merge *m)
{
	char *was = merge_was(m);
	struct stmt *st = db_stmt(m->db,
	        "INSERT INTO merged(id, customer, time, created_at, ref, visitor, "
	        "phone_key,"
	        " email_key, was) SELECT id, ?2, ?3, created_at, ref, visitor, phone_key,"
	        " email_key, ?4 FROM customer WHERE id = ?1");
	stmt_int(st, 1, m->from);
	stmt_int(st, 2, m->into);
	stmt_int(st, 3, m->now);
	sealed_text(st, 4, SEAL_MERGED, was);
	stmt_exec(st);
	free(was);
	merge_both(m, "UPDATE merged SET customer = ?2 WHERE customer = ?1");
	merge_both(m, "UPDATE alias SET customer = ?2 WHERE customer = ?1");
	merge_both(m, "INSERT INTO alias(ref, customer) SELECT ref, ?2 FROM customer "
	              "WHERE id = ?1");
	merge_both(m, "UPDATE parted SET customer = ?2 WHERE customer = ?1 AND id <> ?2");
	merge_both(
	        m, "UPDATE OR IGNORE alias_claim SET customer = ?2 WHERE customer = ?1");
	merge_both(m, "DELETE FROM alias_claim WHERE customer = ?2 AND ref IN (SELECT ref"
	              " FROM alias WHERE customer = ?2)");
}

/* ---- the whole ---- */

static void leave(struct merge *m)
{
	struct stmt *st = db_stmt(m->db, "DELETE FROM customer WHERE id = ?1");
	stmt_int(st, 1, m->from);
	stmt_exec(st);
}

void merge_begin(struct db *db, int64_t from, int64_t into,
        const struct merge_judge *judge, int64_t now, struct merge_counts *counts)
{
	struct merge m = {.db = db,
	        .from = from,
	        .into = into,
	        .now = now,
	        .judge = judge,
	        .counts = counts};

	*counts = (struct merge_counts){0};
	note(&m);
	move_runs(&m);
	for (size_t i = 0; i < N_DECIDING; i++)
		all_of(&m, &parts[i], parts[i].find);
	merge_consents(&m);
	merge_profile(&m);
	recent_events(&m);
	leave(&m);
	merge_both(&m, "UPDATE segment_touched SET customer = ?2 WHERE customer = ?1");
	bulk_reread(db, into);
}

static void arrived(struct merge *m)
{
	struct stmt *st = db_stmt(m->db, "UPDATE merged SET moving = 0 WHERE id = ?1");
	stmt_int(st, 1, m->from);
	stmt_exec(st);
	order_recount(m->db, m->into);
}

bool merge_step(struct db *db, int64_t from, struct merge_counts *counts)
{
	struct merge_counts none;
	struct merge m = {.db = db,
	        .from = from,
	        .into = alias_current(db, from),
	        .counts = counts ? counts : &none};

	if (m.into == from || db_status(db) != DB_OK)
		return true;
	none = (struct merge_counts){0};
	for (size_t i = 0; i < N_PARTS; i++)
		if (piece(&m, &parts[i], parts[i].find) > 0)
			return false;
	arrived(&m);
	return true;
}

int64_t merge_pending(struct db *db, int64_t into)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM merged INDEXED BY merged_moving WHERE moving ="
	        " 1 AND (customer = ?1 OR ?1 = 0) LIMIT 1");
	stmt_int(st, 1, into);
	return stmt_single(st, 0);
}

void merge_joined(struct db *db, int64_t from)
{
	struct stmt *st = db_stmt(db, "UPDATE merged SET joined = 1 WHERE id = ?1");
	stmt_int(st, 1, from);
	stmt_exec(st);
}

int64_t merge_joining(struct db *db)
{
	struct stmt *st = db_stmt(db, "SELECT id FROM merged INDEXED BY merged_moving"
	                              " WHERE moving = 1 AND joined = 1 LIMIT 1");
	return stmt_single(st, 0);
}

int64_t merge_replay(struct db *db)
{
	int64_t from, n = 0;
	while (db_turn_end(db) == DB_OK && (from = merge_pending(db, 0))) {
		while (!merge_step(db, from, NULL) && db_turn_end(db) == DB_OK)
			;
		n++;
	}
	return n;
}

/* ---- asking ---- */

void merge_count(struct db *db, int64_t from, struct merge_counts *out)
{
	*out = (struct merge_counts){0};
	for (size_t i = 0; i < N_PARTS; i++) {
		struct stmt *st = db_stmt(db, parts[i].find);
		stmt_int(st, 1, from);
		stmt_int(st, 2, INT64_MAX);
		while (stmt_row(st))
			out->parts[parts[i].part]++;
	}
}

bool merge_barred(struct db *db, int64_t customer)
{
	struct stmt *st =
	        db_stmt(db, "SELECT 1 FROM customer c JOIN erased e ON e.customer"
	                    " = c.id AND e.created_at = c.created_at WHERE c.id ="
	                    " ?1");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0) == 1;
}

static const char *member(json_t *json, const char *name, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? arena_strdup(arena, text) : NULL;
}

size_t merge_selves(
        struct db *db, int64_t customer, struct arena *arena, struct merge_self **out)
{
	struct merge_self *selves = NULL;
	size_t n = 0;
	struct stmt *st =
	        db_stmt(db, "SELECT id, time, created_at, ref, was FROM merged INDEXED BY"
	                    " merged_customer WHERE customer = ?1 ORDER BY time, id");
	stmt_int(st, 1, customer);
	while (stmt_row(st)) {
		const char *was = sealed_get(st, 4, SEAL_MERGED, stmt_get(st, 0));
		json_t *json = was ? json_loads(was, 0, NULL) : NULL;
		struct merge_self *self = mem_grow(&selves, n++, sizeof *self);
		*self = (struct merge_self){.id = stmt_get(st, 0),
		        .time = stmt_get(st, 1),
		        .created_at = stmt_get(st, 2),
		        .ref = arena_strdup(arena, stmt_get_text(st, 3)),
		        .was = was ? arena_strdup(arena, was) : NULL,
		        .person = {member(json, "name", arena),
		                member(json, "phone", arena),
		                member(json, "email", arena)}};
		json_decref(json);
	}
	*out = arena_alloc(arena, (n + 1) * sizeof **out);
	if (n)
		memcpy(*out, selves, n * sizeof *selves);
	free(selves);
	return n;
}
