/* Erasing a customer for good. Keeps counts and money, under a number that nobody bears;
 * never a name, an address, a text, or a way back to the person. */
#include <stdlib.h>
#include <string.h>
#include "store/consent.h"
#include "store/coupon.h"
#include "store/customer.h"
#include "store/message.h"
#include "store/run.h"

static void hide_address(struct db *db, const char *address, const char *const *mediums,
        bool all, int64_t id, int64_t now)
{
	suppression_hide(db, address, all ? "all" : NULL, now);
	for (; *mediums; mediums++)
		if (consent_withdrawn(db, id, *mediums, "ad"))
			suppression_hide(db, address, *mediums, now);
}

/* Addresses that had opted out stay so, as keyed hashes: somebody may tell us of them
 * again. */
static void keep_refusals(struct db *db, int64_t id, int64_t now)
{
	static const char *const by_phone[] = {"sms", "kakao", NULL},
	                         *const by_email[] = {"email", NULL};
	struct arena *arena = arena_new();
	struct customer c;
	bool all = consent_withdrawn(db, id, "data", "ad");
	if (customer_get(db, id, arena, &c)) {
		if (c.phone)
			hide_address(db, c.phone, by_phone, all, id, now);
		if (c.email)
			hide_address(db, c.email, by_email, all, id, now);
	}
	arena_free(arena);
}

static void end_runs(struct db *db, int64_t id, int64_t now)
{
	int64_t ids[64];
	int n;
	do {
		struct stmt *st =
		        db_stmt(db, "SELECT id FROM run INDEXED BY run_open WHERE "
		                    "customer = ?1 AND ended_at IS NULL LIMIT 64");
		stmt_int(st, 1, id);
		n = stmt_ids(st, ids, 64);
		for (int i = 0; i < n; i++) {
			run_cancel(db, ids[i], REASON_ERASED, NULL, now);
		}
	} while (n == 64 && db_status(db) == DB_OK);
}

/* What waits although its run has ended. */
static void drop_waiting(struct db *db, int64_t id, int64_t now)
{
	int64_t ids[64];
	int n;
	do {
		struct stmt *st = db_stmt(db,
		        "SELECT id FROM message INDEXED BY message_customer"
		        " WHERE customer = ?1 AND state IN ('planned', 'held') LIMIT 64");
		stmt_int(st, 1, id);
		n = stmt_ids(st, ids, 64);
		for (int i = 0; i < n; i++)
			message_set_state(
			        db, ids[i], MESSAGE_DROPPED, REASON_ERASED, 0, now);
	} while (n == 64 && db_status(db) == DB_OK);
}

/* Answers kept for repeated requests may quote him. */
static void blank_answers(struct db *db, int64_t id)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE idempotency SET body = '{}' WHERE instr(body,"
	                    " (SELECT json_quote(ref) FROM customer WHERE id = ?1)) > 0");
	stmt_int(st, 1, id);
	stmt_exec(st);
}

bool customer_erase(struct db *db, int64_t id, int64_t now)
{
	/* -id: what belonged together still does, and no unique key collides with the
	 * next one erased. */
	static const char *const statements[] = {
	        "UPDATE attempt SET detail = NULL WHERE message IN (SELECT id FROM "
	        "message WHERE customer = ?1)",
	        "UPDATE receipt SET detail = NULL WHERE message IN (SELECT id FROM "
	        "message WHERE customer = ?1)",
	        "DELETE FROM letter WHERE message IN (SELECT id FROM message WHERE "
	        "customer = ?1)",
	        "DELETE FROM guarded WHERE run IN (SELECT run FROM message WHERE "
	        "customer = ?1)",
	        "UPDATE message SET customer = -?1, address = NULL, data = "
	        "NULL WHERE customer = ?1",
	        /* by one look for each rule: no index of runs begins with the customer */
	        "UPDATE run INDEXED BY run_key SET customer = -?1 WHERE rule IN"
	        " (SELECT id FROM rule) AND customer = ?1",
	        "UPDATE event SET customer = NULL, data = NULL WHERE customer = ?1",
	        "UPDATE orders SET customer = -?1 WHERE customer = ?1",
	        "UPDATE redemption SET customer = -?1 WHERE coupon IN (SELECT id FROM "
	        "coupon WHERE customer = ?1)",
	        "UPDATE coupon SET customer = -?1 WHERE customer = ?1",
	        "UPDATE duty SET closed = 1, reason = coalesce(reason, 'erased') WHERE"
	        " customer = ?1 AND told_at IS NULL AND closed = 0",
	        "UPDATE duty SET customer = -?1, log = NULL WHERE customer = ?1",
	        "DELETE FROM consent_log WHERE customer = ?1",
	        "DELETE FROM customer WHERE id = ?1",
	};
	struct stmt *st = db_stmt(db, "SELECT 1 FROM customer WHERE id = ?1");
	stmt_int(st, 1, id);
	if (!stmt_single(st, 0))
		return false;
	keep_refusals(db, id, now);
	end_runs(db, id, now);
	drop_waiting(db, id, now);
	blank_answers(db, id);
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		st = db_stmt(db, statements[i]);
		stmt_int(st, 1, id);
		stmt_exec(st);
	}
	return true;
}
