/* Taking two apart: who may be, the deciding turn, and the rows that follow, by the list
 * of them that merging kept. */
#include "store/unmerge.h"

#include <stdio.h>
#include <stdlib.h>
#include "store/alias.h"
#include "store/bulk.h"
#include "store/customer.h"
#include "store/order.h"
#include "store/sealed.h"
#include "store/unmerge_inner.h"

#define PIECE 64    /* rows moved in one */
#define RECENT 1000 /* events that go back at once, the newest */
#define KEPT 256    /* rows of what is kept that go in one */

/* ---- who may be ---- */

static json_t *was_of(struct db *db, int64_t from)
{
	struct stmt *st = db_stmt(db, "SELECT was FROM merged WHERE id = ?1");
	json_t *was = NULL;

	stmt_int(st, 1, from);
	if (stmt_row(st)) {
		const char *text = sealed_get(st, 0, SEAL_MERGED, from);
		was = text ? json_loads(text, 0, NULL) : NULL;
		stmt_done(st);
	}
	return was;
}

static bool parted(struct db *db, const char *ref, struct unmerge *out)
{
	struct stmt *st = db_stmt(db, "SELECT p.id, p.customer FROM customer c JOIN"
	                              " parted p ON p.id = c.id WHERE c.ref = ?1");
	stmt_text(st, 1, ref);
	if (!stmt_row(st))
		return false;
	*out = (struct unmerge){
	        .state = UNMERGE_DONE, .from = stmt_get(st, 0), .into = stmt_get(st, 1)};
	stmt_done(st);
	return true;
}

/* The one of those who were merged into him that bore the number id. */
static void ref_of(struct db *db, int64_t id, char *out, size_t size)
{
	struct stmt *st = db_stmt(db, "SELECT ref FROM merged WHERE id = ?1");

	stmt_int(st, 1, id);
	if (!stmt_row(st))
		return;
	snprintf(out, size, "%s", stmt_get_text(st, 0));
	stmt_done(st);
}

static enum unmerge_state state_of(
        struct db *db, struct unmerge *u, int64_t time, int64_t now)
{
	json_t *was;
	int64_t into;

	if (now - time > UNMERGE_DAYS * INT64_C(86400000))
		return UNMERGE_OLD;
	if (merge_barred(db, u->into))
		return UNMERGE_ERASED;
	was = was_of(db, u->from);
	if (!was)
		return UNMERGE_SEALED;
	into = json_integer_value(json_object_get(json_object_get(was, "into"), "id"));
	json_decref(was);
	if (into == u->into)
		return UNMERGE_CAN;
	ref_of(db, into, u->first, sizeof u->first);
	return UNMERGE_ON;
}

void unmerge_find(struct db *db, const char *ref, int64_t now, struct unmerge *out)
{
	struct stmt *st;
	int64_t time;

	*out = (struct unmerge){.state = UNMERGE_NONE};
	if (parted(db, ref, out))
		return;
	st = db_stmt(db, "SELECT m.id, m.customer, m.time FROM alias a JOIN merged m"
	                 " INDEXED BY merged_customer ON m.customer = a.customer WHERE"
	                 " a.ref = ?1 AND m.ref = ?1");
	stmt_text(st, 1, ref);
	if (!stmt_row(st))
		return;
	out->from = stmt_get(st, 0);
	out->into = stmt_get(st, 1);
	time = stmt_get(st, 2);
	stmt_done(st);
	out->state = state_of(db, out, time, now);
}

/* ---- rows ---- */

/* A row goes back (?1) to him (?2) where it is the other's still (?3). A run that was
 * kept beside one of the same occasion has its occasion again; with it goes what waits.
 */
static const char *const back[MERGE_PARTS][3] = {
        [MERGE_RUNS] = {"UPDATE run SET customer = ?2, occasion = CASE WHEN"
                        " substr(occasion, -length(' #' || id)) = ' #' || id THEN"
                        " substr(occasion, 1, length(occasion) - length(' #' || id))"
                        " ELSE occasion END WHERE id = ?1 AND customer = ?3",
                "UPDATE message INDEXED BY message_key SET customer = ?2 WHERE run = ?1"
                " AND customer = ?3 AND state IN ('planned', 'held')",
                "UPDATE coupon INDEXED BY coupon_run SET customer = ?2 WHERE run = ?1 AND"
                " customer = ?3 AND state = 'reserved'"},
        [MERGE_MESSAGES] = {"UPDATE message SET customer = ?2 WHERE id = ?1 AND customer"
                            " = ?3"},
        [MERGE_COUPONS] = {"UPDATE coupon SET customer = ?2 WHERE id = ?1 AND customer ="
                           " ?3"},
        [MERGE_REDEMPTIONS] = {"UPDATE redemption SET customer = ?2 WHERE id = ?1 AND"
                               " customer = ?3"},
        [MERGE_DUTIES] = {"UPDATE duty SET customer = ?2 WHERE id = ?1 AND customer ="
                          " ?3"},
        [MERGE_EVENTS] = {"UPDATE event SET customer = ?2 WHERE id = ?1 AND customer ="
                          " ?3"},
        [MERGE_ORDERS] = {"UPDATE orders SET customer = ?2 WHERE id = ?1 AND customer ="
                          " ?3"},
};
#define N_DECIDING MERGE_EVENTS /* the parts before it */

static void move(struct unmerging *u, int part, int64_t row, struct merge_counts *counts)
{
	int64_t moved = 0;

	for (int i = 0; i < 3 && part < MERGE_PARTS && back[part][i]; i++) {
		struct stmt *st = db_stmt(u->db, back[part][i]);
		stmt_int(st, 1, row);
		stmt_int(st, 2, u->from);
		stmt_int(st, 3, u->into);
		int64_t n = stmt_exec(st);
		moved += i ? 0 : n;
	}
	if (counts && part < MERGE_PARTS)
		counts->parts[part] += moved;
	struct stmt *st = db_stmt(u->db, "DELETE FROM merged_row WHERE merged = ?1 AND"
	                                 " part = ?2 AND row = ?3");
	stmt_int(st, 1, u->from);
	stmt_int(st, 2, part);
	stmt_int(st, 3, row);
	stmt_exec(st);
}

/* The newest first. How many there were. */
static int piece(struct unmerging *u, int part, struct merge_counts *counts)
{
	int64_t ids[PIECE];
	struct stmt *st =
	        db_stmt(u->db, "SELECT row FROM merged_row WHERE merged = ?1 AND"
	                       " part = ?2 ORDER BY row DESC LIMIT ?3");
	stmt_int(st, 1, u->from);
	stmt_int(st, 2, part);
	stmt_int(st, 3, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++)
		move(u, part, ids[i], counts);
	return n;
}

static void decide(struct unmerging *u, struct merge_counts *counts)
{
	for (int part = 0; part < N_DECIDING; part++)
		while (piece(u, part, counts) > 0 && db_status(u->db) == DB_OK)
			;
	for (int n = 0; n < RECENT && db_status(u->db) == DB_OK; n += PIECE)
		if (piece(u, MERGE_EVENTS, counts) < PIECE)
			return;
}

/* ---- the deciding turn ---- */

/* The ids that were his are his again; so is who was merged into him before. */
static void names(struct unmerging *u)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(u->was, "aliases"), i, one)
	{
		struct stmt *st =
		        db_stmt(u->db, "UPDATE alias SET customer = ?1 WHERE ref"
		                       " = ?3 AND customer = ?2");
		stmt_int(st, 1, u->from);
		stmt_int(st, 2, u->into);
		stmt_text(st, 3, json_string_value(one));
		stmt_exec(st);
	}
	json_array_foreach(json_object_get(u->was, "selves"), i, one)
	{
		struct stmt *st =
		        db_stmt(u->db, "UPDATE merged SET customer = ?1 WHERE id"
		                       " = ?3 AND customer = ?2");
		stmt_int(st, 1, u->from);
		stmt_int(st, 2, u->into);
		stmt_int(st, 3, json_integer_value(one));
		stmt_exec(st);
	}
}

static bool load(struct unmerging *u)
{
	struct stmt *st =
	        db_stmt(u->db, "SELECT customer, time FROM merged WHERE id = ?1");

	stmt_int(st, 1, u->from);
	if (!stmt_row(st))
		return false;
	u->into = stmt_get(st, 0);
	u->time = stmt_get(st, 1);
	stmt_done(st);
	u->was = was_of(u->db, u->from);
	return u->was != NULL;
}

void unmerge_begin(struct db *db, int64_t from, int64_t now, struct merge_counts *counts)
{
	struct unmerging u = {.db = db, .from = from, .now = now};
	struct stmt *st;

	*counts = (struct merge_counts){0};
	if (!load(&u))
		return;
	unmerge_both(&u,
	        "DELETE FROM alias WHERE customer = ?2 AND ref = (SELECT ref FROM merged"
	        " WHERE id = ?1)");
	unmerge_profile(&u);
	names(&u);
	unmerge_both(&u, "DELETE FROM merged WHERE id = ?1 AND customer = ?2");
	st = db_stmt(db, "INSERT INTO parted(id, customer, time) VALUES (?1, ?2, ?3)");
	stmt_int(st, 1, from);
	stmt_int(st, 2, u.into);
	stmt_int(st, 3, now);
	stmt_exec(st);
	decide(&u, counts);
	bulk_reread(db, from);
	bulk_reread(db, u.into);
	json_decref(u.was);
}

/* ---- the rows that follow ---- */

static void arrived(struct unmerging *u)
{
	unmerge_both(u, "UPDATE parted SET moving = 0 WHERE id = ?1 AND customer = ?2");
	order_recount(u->db, u->from);
	order_recount(u->db, u->into);
}

bool unmerge_step(struct db *db, int64_t from, struct merge_counts *counts)
{
	struct unmerging u = {.db = db, .from = from};
	struct stmt *st =
	        db_stmt(db, "SELECT customer FROM parted WHERE id = ?1 AND moving = 1");

	stmt_int(st, 1, from);
	u.into = stmt_single(st, 0);
	if (!u.into || db_status(db) != DB_OK)
		return true;
	for (int part = 0; part < MERGE_PARTS; part++)
		if (piece(&u, part, counts) > 0)
			return false;
	arrived(&u);
	return true;
}

int64_t unmerge_other(struct db *db, int64_t from)
{
	struct stmt *st = db_stmt(db, "SELECT customer FROM parted WHERE id = ?1");
	stmt_int(st, 1, from);
	return stmt_single(st, 0);
}

int64_t unmerge_pending(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM parted INDEXED BY parted_moving WHERE moving = 1 AND"
	        " (?1 = 0 OR id = ?1 OR customer = ?1) LIMIT 1");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0);
}

int64_t unmerge_replay(struct db *db)
{
	int64_t from, n = 0;
	while (db_turn_end(db) == DB_OK && (from = unmerge_pending(db, 0))) {
		while (!unmerge_step(db, from, NULL) && db_turn_end(db) == DB_OK)
			;
		n++;
	}
	return n;
}

/* ---- what is kept ---- */

bool unmerge_forget(struct db *db, int64_t before, int64_t *cursor)
{
	struct stmt *st = db_stmt(db, "SELECT id, time < ?2 AND moving = 0 FROM merged"
	                              " WHERE id > ?1 ORDER BY id LIMIT 1");
	int64_t id, n = 0;
	bool old;

	stmt_int(st, 1, *cursor);
	stmt_int(st, 2, before);
	if (!stmt_row(st))
		return false;
	id = stmt_get(st, 0);
	old = stmt_get(st, 1);
	stmt_done(st);
	if (old) {
		st = db_stmt(db, "DELETE FROM merged_row WHERE (merged, part, row) IN"
		                 " (SELECT merged, part, row FROM merged_row WHERE merged"
		                 " = ?1 LIMIT ?2)");
		stmt_int(st, 1, id);
		stmt_int(st, 2, KEPT);
		n = stmt_exec(st);
	}
	if (n < KEPT)
		*cursor = id;
	return true;
}
