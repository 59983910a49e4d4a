/* Erasing a customer for good. Keeps counts and money, under a number that nobody bears;
 * never a name, an address, a text, or a way back to the person. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/consent.h"
#include "store/customer.h"
#include "store/erase.h"
#include "store/erase_inner.h"
#include "store/merge.h"
#include "store/message.h"
#include "store/run.h"
#include "store/sealed.h"
#include "store/suppression.h"
#include "store/unmerge.h"

#define PIECE 64    /* rows of a step that take several writes each */
#define ANSWERS 500 /* kept answers looked through in one */

/* ---- the beginning ---- */

static bool held_by_others(struct db *db, const char *address, int64_t id)
{
	bool mail = strchr(address, '@') != NULL;
	int64_t ids[2];
	int n = customer_holding(
	        db, mail ? NULL : address, mail ? address : NULL, ids, 2);
	return n == 2 || (n == 1 && ids[0] != id);
}

/* One of a family speaks for himself alone: where somebody else has the address too, that
 * one is written to as before. hide: what others put on the list shows no person. */
static void keep_address(struct db *db, const char *address, const char *const *mediums,
        int64_t id, bool hide, int64_t now)
{
	bool shared = held_by_others(db, address, id);
	if (consent_withdrawn(db, id, "data", "ad"))
		suppression_remember(db, address, "all", "opted_out", shared, now);
	for (; *mediums; mediums++)
		if (consent_withdrawn(db, id, *mediums, "ad"))
			suppression_remember(
			        db, address, *mediums, "opted_out", shared, now);
	if (hide && !shared)
		suppression_hide(db, address);
}

/* Addresses that had opted out stay so, as keyed hashes: somebody may tell us of them
 * again. */
static void keep_refusals(struct db *db, const struct erasing *e, bool hide, int64_t now)
{
	static const char *const by_phone[] = {"sms", "kakao", NULL},
	                         *const by_email[] = {"email", NULL};
	for (size_t i = 0; i < e->n_selves; i++) {
		const struct erasing_self *self = &e->selves[i];
		if (self->phone)
			keep_address(db, self->phone, by_phone, e->id, hide, now);
		if (self->email)
			keep_address(db, self->email, by_email, e->id, hide, now);
	}
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

static void begin(struct db *db, struct erasing *e, int64_t now)
{
	keep_refusals(db, e, true, now);
	e->counts.suppressed = erased_note(db, e, now);
	e->begun = true;
}

/* ---- messages, and the runs that they came of ---- */

/* -id: what belonged together still does, and no unique key collides with the next one
 * erased. One that went to the owner told him of this customer. */
static void blank_message(struct db *db, struct erasing *e, int64_t message)
{
	static const char *const statements[] = {
	        "UPDATE attempt SET detail = NULL WHERE message = ?1",
	        "UPDATE receipt SET detail = NULL WHERE message = ?1",
	        "UPDATE message SET customer = CASE customer WHEN ?2 THEN -?2 ELSE"
	        " customer END, address = NULL, address_key = NULL, data = NULL"
	        " WHERE id = ?1",
	};
	struct stmt *st = db_stmt(db, "DELETE FROM letter WHERE message = ?1");
	stmt_int(st, 1, message);
	e->counts.texts += stmt_exec(st);
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
		st = db_stmt(db, statements[i]);
		stmt_int(st, 1, message);
		if (i == 2)
			stmt_int(st, 2, e->id);
		stmt_exec(st);
	}
	int64_t *at = mem_grow(&e->messages, e->n_messages++, sizeof *at);
	*at = message;
	e->counts.messages++;
}

static bool messages_left(struct db *db, struct erasing *e)
{
	int64_t ids[PIECE];
	struct stmt *st = db_stmt(db, "SELECT id FROM message INDEXED BY message_customer"
	                              " WHERE customer = ?1 LIMIT ?2");
	stmt_int(st, 1, e->id);
	stmt_int(st, 2, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++)
		blank_message(db, e, ids[i]);
	return n > 0;
}

static void blank_run(struct db *db, struct erasing *e, int64_t run)
{
	int64_t ids[PIECE];
	struct stmt *st = db_stmt(db, "SELECT id FROM message INDEXED BY message_key"
	                              " WHERE run = ?1 LIMIT ?2");
	stmt_int(st, 1, run);
	stmt_int(st, 2, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++)
		blank_message(db, e, ids[i]);
	st = db_stmt(db, "DELETE FROM guarded WHERE run = ?1");
	stmt_int(st, 1, run);
	stmt_exec(st);
	st = db_stmt(db, "UPDATE run SET customer = -?2 WHERE id = ?1");
	stmt_int(st, 1, run);
	stmt_int(st, 2, e->id);
	e->counts.runs += stmt_exec(st);
}

/* By one look for each rule: no index of runs begins with the customer. */
static bool runs_left(struct db *db, struct erasing *e)
{
	int64_t ids[PIECE];
	struct stmt *st = db_stmt(db, "SELECT id FROM run INDEXED BY run_key WHERE rule"
	                              " IN (SELECT id FROM rule) AND customer = ?1"
	                              " LIMIT ?2");
	stmt_int(st, 1, e->id);
	stmt_int(st, 2, PIECE);
	int n = stmt_ids(st, ids, PIECE);
	for (int i = 0; i < n; i++)
		blank_run(db, e, ids[i]);
	return n > 0;
}

/* ---- everything else ---- */

/* What a table holds of him, so many rows in a step; and how they are counted. */
struct clearing {
	const char *clear, *count;
	size_t counted; /* in struct erasure_counts; SIZE_MAX: not counted */
};
#define COUNTED(member) offsetof(struct erasure_counts, member)

/* The ledger keeps the number of who was merged into him. */
#define HIS "IN (SELECT ?1 UNION ALL SELECT id FROM merged WHERE customer = ?1)"

static const struct clearing clearings[] = {
        {"UPDATE event SET customer = NULL, data = NULL, order_ref = NULL, flags = flags"
         " | 16 WHERE id IN (SELECT id FROM event INDEXED BY event_customer WHERE"
         " customer = ?1 LIMIT 256)",
                "SELECT count(*) FROM event INDEXED BY event_customer WHERE"
                " customer = ?1",
                COUNTED(events)},
        {"UPDATE orders SET customer = -?1 WHERE id IN (SELECT id FROM orders INDEXED BY"
         " orders_customer WHERE customer = ?1 AND counted = 1 LIMIT 256)",
                "SELECT count(*) FROM orders INDEXED BY orders_customer WHERE"
                " customer = ?1 AND counted = 1",
                COUNTED(orders)},
        {"UPDATE orders SET customer = -?1 WHERE id IN (SELECT id FROM orders INDEXED BY"
         " orders_uncounted WHERE customer = ?1 AND counted = 0 LIMIT 256)",
                "SELECT count(*) FROM orders INDEXED BY orders_uncounted WHERE"
                " customer = ?1 AND counted = 0",
                COUNTED(orders)},
        {"UPDATE redemption SET customer = -?1 WHERE id IN (SELECT r.id FROM coupon c"
         " CROSS JOIN redemption r ON r.coupon = c.id WHERE c.customer = ?1 AND"
         " r.customer = ?1 LIMIT 256)",
                NULL, SIZE_MAX},
        {"UPDATE coupon SET customer = -?1 WHERE id IN (SELECT id FROM coupon INDEXED BY"
         " coupon_customer WHERE customer = ?1 LIMIT 256)",
                "SELECT count(*) FROM coupon INDEXED BY coupon_customer WHERE"
                " customer = ?1",
                COUNTED(coupons)},
        {"DELETE FROM consent_log WHERE id IN (SELECT id FROM consent_log INDEXED BY"
         " consent_log_customer WHERE customer " HIS " LIMIT 256)",
                "SELECT count(*) FROM consent_log WHERE customer " HIS,
                COUNTED(consents)},
        {"DELETE FROM merged_row WHERE (merged, part, row) IN (SELECT merged, part, row"
         " FROM merged_row WHERE merged IN (SELECT id FROM merged WHERE customer = ?1)"
         " LIMIT 256)",
                NULL, SIZE_MAX},
        {"UPDATE duty SET closed = 1, reason = coalesce(reason, 'erased') WHERE"
         " customer = ?1 AND told_at IS NULL AND closed = 0",
                NULL, SIZE_MAX},
        {"UPDATE duty SET customer = -?1, log = NULL WHERE customer = ?1", NULL,
                SIZE_MAX},
        {"DELETE FROM segment_touched WHERE customer = ?1", NULL, SIZE_MAX},
        {"DELETE FROM forward_held WHERE customer = ?1", NULL, SIZE_MAX},
        {"DELETE FROM import_change WHERE what = 1 AND ref " HIS, NULL, SIZE_MAX},
};
#define CLEARINGS (sizeof clearings / sizeof clearings[0])

static int64_t *counted(struct erasure_counts *counts, const struct clearing *clearing)
{
	return (int64_t *)((char *)counts + clearing->counted);
}

static bool rows_left(struct db *db, struct erasing *e)
{
	for (size_t i = 0; i < CLEARINGS; i++) {
		struct stmt *st = db_stmt(db, clearings[i].clear);
		stmt_int(st, 1, e->id);
		int64_t n = stmt_exec(st);
		if (n && clearings[i].counted != SIZE_MAX)
			*counted(&e->counts, &clearings[i]) += n;
		if (n)
			return true;
	}
	return false;
}

static void blank_answer(struct db *db, const char *key)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE idempotency SET body = '{}' WHERE key = ?1");
	stmt_text(st, 1, key);
	stmt_exec(st);
}

static bool quotes(const char *body, const struct erasing *e)
{
	for (size_t i = 0; i < e->n_selves; i++) {
		const struct erasing_self *self = &e->selves[i];
		if (strstr(body, self->ref) ||
		        (self->phone && strstr(body, self->phone)) ||
		        (self->email && strstr(body, self->email)))
			return true;
	}
	return false;
}

/* Answers kept for repeated requests may quote him: they are sealed, so each is read. */
static bool answers_left(struct db *db, struct erasing *e)
{
	char *quoting[ANSWERS], *last = NULL;
	int n = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT key, body FROM idempotency WHERE key > ?1 ORDER BY key LIMIT ?2");
	stmt_text(st, 1, e->answer);
	stmt_int(st, 2, ANSWERS);
	while (stmt_row(st)) {
		const char *body = sealed_get(st, 1, SEAL_ANSWER, 0);
		free(last);
		last = mem_strdup(stmt_get_text(st, 0));
		if (body && quotes(body, e))
			quoting[n++] = mem_strdup(last);
	}
	for (int i = 0; i < n; i++) {
		blank_answer(db, quoting[i]);
		free(quoting[i]);
	}
	if (!last)
		return false;
	free(e->answer);
	e->answer = last;
	return true;
}

/* Reports that came before their message may be named by the index of the number that
 * they tell of. */
static void drop_early_reports(struct db *db, const struct erasing *e)
{
	char index[33];
	for (size_t i = 0; i < e->n_selves; i++) {
		if (!e->selves[i].phone)
			continue;
		sealed_index_hex(db, SEAL_ADDRESS, e->selves[i].phone, index);
		struct stmt *st = db_stmt(db,
		        "DELETE FROM receipt WHERE id IN (SELECT id FROM "
		        "receipt INDEXED BY receipt_received WHERE message IS "
		        "NULL AND instr(name, ?1) > 0)");
		stmt_text(st, 1, index);
		stmt_exec(st);
	}
}

static void drop_row(struct db *db, const struct erasing *e)
{
	struct stmt *st = db_stmt(db, "DELETE FROM customer WHERE id = ?1");
	stmt_int(st, 1, e->id);
	stmt_exec(st);
	db_soil(db);
}

/* ---- outside ---- */

static char *copy_or_null(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

static void add_self(
        struct erasing *e, const char *ref, const char *phone, const char *email)
{
	struct erasing_self *self = mem_grow(&e->selves, e->n_selves++, sizeof *self);
	*self = (struct erasing_self){
	        mem_strdup(ref), copy_or_null(phone), copy_or_null(email)};
}

static void add_merged(struct db *db, struct erasing *e, struct arena *arena)
{
	struct merge_self *selves;
	size_t n = merge_selves(db, e->id, arena, &selves);
	for (size_t i = 0; i < n; i++)
		add_self(
		        e, selves[i].ref, selves[i].person.phone, selves[i].person.email);
}

bool erasing_init(struct db *db, struct erasing *erasing, int64_t id)
{
	struct arena *arena = arena_new();
	struct customer c;
	bool there = customer_get(db, id, arena, &c);
	*erasing = (struct erasing){.id = id};
	if (there) {
		add_self(erasing, c.ref, c.phone, c.email);
		add_merged(db, erasing, arena);
		erasing->answer = mem_strdup("");
	}
	arena_free(arena);
	return there;
}

/* What was on its way to him, or away from him, when this began comes first. */
static bool still_merging(struct db *db, const struct erasing *e)
{
	int64_t from = merge_pending(db, e->id);
	if (from) {
		merge_step(db, from, NULL);
		return true;
	}
	from = unmerge_pending(db, e->id);
	if (from)
		unmerge_step(db, from, NULL);
	return from != 0;
}

bool erasing_step(struct db *db, struct erasing *erasing, int64_t now)
{
	if (db_status(db) != DB_OK)
		return true;
	if (!erasing->begun)
		begin(db, erasing, now);
	if (still_merging(db, erasing))
		return false;
	/* each time: he may have been told of again between two turns */
	end_runs(db, erasing->id, now);
	drop_waiting(db, erasing->id, now);
	if (runs_left(db, erasing) || messages_left(db, erasing) ||
	        rows_left(db, erasing) || answers_left(db, erasing))
		return false;
	drop_early_reports(db, erasing);
	drop_row(db, erasing);
	return true;
}

void erasing_fini(struct erasing *erasing)
{
	free(erasing->messages);
	for (size_t i = 0; i < erasing->n_selves; i++) {
		free(erasing->selves[i].ref);
		free(erasing->selves[i].phone);
		free(erasing->selves[i].email);
	}
	free(erasing->selves);
	free(erasing->answer);
	*erasing = (struct erasing){0};
}

static int64_t count(struct db *db, const char *sql, int64_t id)
{
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, id);
	return stmt_single(st, 0);
}

void erasing_count(struct db *db, int64_t id, struct erasure_counts *out)
{
	*out = (struct erasure_counts){0};
	for (size_t i = 0; i < CLEARINGS; i++)
		if (clearings[i].count)
			*counted(out, &clearings[i]) += count(db, clearings[i].count, id);
	out->messages = count(db,
	        "SELECT count(*) FROM message INDEXED BY message_customer WHERE"
	        " customer = ?1",
	        id);
	out->texts = count(db,
	        "SELECT count(*) FROM message m INDEXED BY message_customer JOIN letter l"
	        " ON l.message = m.id WHERE m.customer = ?1",
	        id);
	out->runs = count(db,
	        "SELECT count(*) FROM run INDEXED BY run_key WHERE rule IN"
	        " (SELECT id FROM rule) AND customer = ?1",
	        id);
}

/* No answer that was kept before he was made can quote him. */
static void blank_answers_since(struct db *db, const struct erasing *e)
{
	struct stmt *st = db_stmt(db,
	        "SELECT key, body FROM idempotency INDEXED BY idempotency_time WHERE"
	        " time >= (SELECT created_at FROM customer WHERE id = ?1)");
	char **quoting = NULL;
	size_t n = 0;
	stmt_int(st, 1, e->id);
	while (stmt_row(st)) {
		const char *body = sealed_get(st, 1, SEAL_ANSWER, 0);
		if (!body || !quotes(body, e))
			continue;
		char **at = mem_grow(&quoting, n++, sizeof *at);
		*at = mem_strdup(stmt_get_text(st, 0));
	}
	for (size_t i = 0; i < n; i++) {
		blank_answer(db, quoting[i]);
		free(quoting[i]);
	}
	free(quoting);
}

bool customer_unmake(struct db *db, int64_t id, int64_t now)
{
	struct erasing erasing;
	if (!erasing_init(db, &erasing, id))
		return false;
	keep_refusals(db, &erasing, false, now);
	while (db_status(db) == DB_OK && rows_left(db, &erasing))
		;
	blank_answers_since(db, &erasing);
	drop_row(db, &erasing);
	erasing_fini(&erasing);
	return true;
}

bool customer_erase(struct db *db, int64_t id, int64_t now)
{
	struct erasing erasing;
	if (!erasing_init(db, &erasing, id))
		return false;
	while (!erasing_step(db, &erasing, now))
		;
	erasing_fini(&erasing);
	return true;
}
