/* Providers' reports. Believes none of them to be the first, nor that its message is
 * known yet; it moves no message. */
#include "store/receipt.h"

#include <stdio.h>
#include <string.h>
#include "base/secret.h"
#include "store/message.h"
#include "store/sealed.h"
#include "store/tally.h"

#define TAKEN "receipts taken"
#define UNMATCHED "receipts unmatched"
#define HAS_LEFT " AND state NOT IN ('planned', 'held', 'claimed', 'handed')"

/* A bare number is nobody's key here: some provider may well count from 1. */
static int64_t message_by_key(struct db *db, const struct receipt *r)
{
	int64_t id = r->key && strchr(r->key, '-') ? message_parse_key(db, r->key) : 0;
	struct stmt *st;
	if (!id)
		return 0;
	st = db_stmt(
	        db, "SELECT id FROM message WHERE id = ?1 AND provider = ?2" HAS_LEFT);
	stmt_int(st, 1, id);
	stmt_text(st, 2, r->provider);
	return stmt_single(st, 0);
}

static int64_t message_by_id(struct db *db, const struct receipt *r)
{
	struct stmt *st;
	if (!r->provider_id)
		return 0;
	st = db_stmt(db, "SELECT id FROM message WHERE provider_id = ?1"
	                 " AND provider = ?2" HAS_LEFT " ORDER BY id DESC LIMIT 1");
	stmt_text(st, 1, r->provider_id);
	stmt_text(st, 2, r->provider);
	return stmt_single(st, 0);
}

static int64_t message_by_ref(struct db *db, const struct receipt *r)
{
	struct stmt *st;
	if (!r->ref || !r->number)
		return 0;
	st = db_stmt(db,
	        "SELECT id FROM message INDEXED BY message_bundle WHERE bundle IN"
	        " (SELECT id FROM bundle WHERE ref = ?1 AND provider = ?2)"
	        " AND address_key = ?3 AND provider = ?2" HAS_LEFT " LIMIT 1");
	stmt_text(st, 1, r->ref);
	stmt_text(st, 2, r->provider);
	sealed_index(st, 3, SEAL_ADDRESS, r->number);
	return stmt_single(st, 0);
}

int64_t receipt_message(struct db *db, const struct receipt *receipt)
{
	int64_t id = message_by_key(db, receipt);
	if (!id)
		id = message_by_id(db, receipt);
	return id ? id : message_by_ref(db, receipt);
}

int64_t receipt_mailed(struct db *db, const char *address, int64_t since)
{
	struct stmt *st = db_stmt(db,
	        "SELECT CASE count(*) WHEN 1 THEN max(m.id) ELSE 0 END FROM customer c"
	        " CROSS JOIN message m INDEXED BY message_customer ON m.customer = c.id"
	        " WHERE c.email_key = ?1 AND m.address_key = ?1 AND m.channel = 'email'"
	        " AND m.state = 'accepted' AND m.sent_at >= ?2");
	sealed_index(st, 1, SEAL_ADDRESS, address);
	stmt_int(st, 2, since);
	return stmt_single(st, 0);
}

bool receipt_names(const struct receipt *r)
{
	return r->key || r->provider_id || (r->ref && r->number);
}

void receipt_count(struct db *db)
{
	tally_count(db, TAKEN, 1);
}

/* By what an early one is found again. */
static void bind_name(
        struct db *db, struct stmt *st, int i, const struct receipt *r, char room[640])
{
	const char *name = r->key ? r->key : r->provider_id;
	char index[33];
	if (!name) {
		sealed_index_hex(db, SEAL_ADDRESS, r->number, index);
		snprintf(room, 640, "%s %s", r->ref, index);
		name = room;
	}
	stmt_text(st, i, name);
}

enum receipt_end receipt_add(
        struct db *db, const struct receipt *receipt, int64_t now, int64_t *message)
{
	struct stmt *st = db_stmt(db,
	        "INSERT INTO receipt(provider, name, state, code, detail, time,"
	        " received_at, message, try) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
	        " (SELECT tries FROM message WHERE id = ?8)) ON CONFLICT DO NOTHING");
	char room[640];
	*message = receipt_message(db, receipt);
	stmt_text(st, 1, receipt->provider);
	if (!*message)
		bind_name(db, st, 2, receipt, room);
	stmt_text(st, 3, receipt->state);
	stmt_text(st, 4, receipt->code);
	sealed_text(st, 5, SEAL_DETAIL, receipt->detail);
	stmt_int(st, 6, receipt->time);
	stmt_int(st, 7, now);
	stmt_int_or_null(st, 8, *message != 0, *message);
	if (stmt_exec(st) != 1)
		return RECEIPT_REPEATED;
	return *message ? RECEIPT_NEW : RECEIPT_EARLY;
}

/* ---- early ones ---- */

/* False: that message has such a report already, this one repeats it. */
static bool belongs(struct db *db, int64_t receipt, int64_t message)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE OR IGNORE receipt SET message = ?2, name = NULL,"
	        " try = (SELECT tries FROM message WHERE id = ?2) WHERE id = ?1");
	stmt_int(st, 1, receipt);
	stmt_int(st, 2, message);
	if (stmt_exec(st) == 1)
		return true;
	st = db_stmt(db, "DELETE FROM receipt WHERE id = ?1");
	stmt_int(st, 1, receipt);
	stmt_exec(st);
	return false;
}

/* Asked for every message that is accepted, and mostly no. */
static bool any_early(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT 1 FROM receipt INDEXED BY"
	                               " receipt_received WHERE message IS NULL LIMIT 1"),
	               0) != 0;
}

static int64_t first_early(struct db *db, int64_t message, const char *provider_id,
        struct receipt_early *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id, state, code FROM receipt INDEXED BY receipt_early"
	        " WHERE message IS NULL AND name IN (?1, ?2,"
	        " (SELECT b.ref || ' ' || lower(hex(m.address_key)) FROM message m"
	        " JOIN bundle b ON b.id = m.bundle WHERE m.id = ?3))"
	        " AND provider = (SELECT provider FROM message WHERE id = ?3)"
	        " ORDER BY id LIMIT 1");
	char key[40];
	stmt_text(st, 1, message_key(db, message, key));
	stmt_text(st, 2, provider_id);
	stmt_int(st, 3, message);
	if (!stmt_row(st))
		return 0;
	int64_t id = stmt_get(st, 0);
	const char *code = stmt_get_text(st, 2);
	snprintf(out->state, sizeof out->state, "%s", stmt_get_text(st, 1));
	snprintf(out->code, sizeof out->code, "%s", code ? code : "");
	stmt_done(st);
	return id;
}

bool receipt_match(struct db *db, int64_t message, const char *provider_id,
        struct receipt_early *out)
{
	int64_t id;
	while (any_early(db) && (id = first_early(db, message, provider_id, out)) &&
	        db_status(db) == DB_OK)
		if (belongs(db, id, message))
			return true;
	return false;
}

void receipt_forget(struct db *db, int64_t before)
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM receipt INDEXED BY receipt_received"
	                              " WHERE message IS NULL AND received_at < ?1");
	stmt_int(st, 1, before);
	if (!stmt_single(st, 0))
		return;
	st = db_stmt(
	        db, "DELETE FROM receipt WHERE message IS NULL AND received_at < ?1");
	stmt_int(st, 1, before);
	tally_count(db, UNMATCHED, stmt_exec(st));
}

/* ---- what is shown ---- */

void receipt_totals(struct db *db, struct receipt_totals *out)
{
	struct stmt *st =
	        db_stmt(db, "SELECT count(*) FROM receipt WHERE message IS NULL");
	out->taken = tally_counted(db, TAKEN);
	out->unmatched = tally_counted(db, UNMATCHED);
	out->early = stmt_single(st, 0);
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

json_t *receipt_list(struct db *db, int64_t message, struct zone *zone)
{
	struct stmt *st = db_stmt(db, "SELECT received_at, provider, state, code, detail"
	                              " FROM receipt WHERE message = ?1 ORDER BY id");
	json_t *list = json_array();
	char time[40];
	stmt_int(st, 1, message);
	while (stmt_row(st)) {
		json_t *one = json_object();
		json_object_set_new(one, "time",
		        json_string(zone_format(zone, stmt_get(st, 0), time)));
		json_object_set_new(one, "provider", text_or_null(stmt_get_text(st, 1)));
		json_object_set_new(one, "state", text_or_null(stmt_get_text(st, 2)));
		json_object_set_new(one, "code", text_or_null(stmt_get_text(st, 3)));
		json_object_set_new(one, "detail",
		        text_or_null(sealed_get(st, 4, SEAL_DETAIL, message)));
		json_array_append_new(list, one);
	}
	return list;
}
