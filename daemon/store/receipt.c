/* Providers' reports. Believes none of them to be the first, nor that its message is
 * known yet. */
#include <stdio.h>
#include "store/message.h"
#include "store/receipt.h"

/* Who gave no id of his own reports by ours. Until it is accepted nothing is known of it.
 */
static int64_t message_by_key(struct db *db, const struct receipt *r)
{
	int64_t id = message_parse_key(db, r->provider_id);
	struct stmt *st;
	if (!id)
		return 0;
	st = db_stmt(db, "SELECT id FROM message WHERE id = ?1 AND provider = ?2"
	                 " AND provider_id IS NULL AND sent_at IS NOT NULL");
	stmt_int(st, 1, id);
	stmt_text(st, 2, r->provider);
	return stmt_single(st, 0);
}

static int64_t message_of(struct db *db, const struct receipt *r)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id FROM message WHERE provider_id = ?1"
	        " AND (provider = ?2 OR provider IS NULL) ORDER BY id DESC LIMIT 1");
	stmt_text(st, 1, r->provider_id);
	stmt_text(st, 2, r->provider);
	int64_t id = stmt_single(st, 0);
	return id ? id : message_by_key(db, r);
}

int64_t receipt_add(struct db *db, const struct receipt *receipt, int64_t now)
{
	int64_t message = message_of(db, receipt);
	struct stmt *st = db_stmt(db,
	        "INSERT INTO receipt(provider, provider_id, state, code, detail, time,"
	        " received_at, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
	        " ON CONFLICT DO NOTHING");
	stmt_text(st, 1, receipt->provider);
	stmt_text(st, 2, receipt->provider_id);
	stmt_text(st, 3, receipt->state);
	stmt_text(st, 4, receipt->code);
	stmt_text(st, 5, receipt->detail);
	stmt_int(st, 6, receipt->time);
	stmt_int(st, 7, now);
	stmt_int_or_null(st, 8, message != 0, message);
	stmt_exec(st);
	return message;
}

static void belongs(struct db *db, int64_t receipt, int64_t message)
{
	struct stmt *st = db_stmt(db, "UPDATE receipt SET message = ?2 WHERE id = ?1");
	stmt_int(st, 1, receipt);
	stmt_int(st, 2, message);
	stmt_exec(st);
}

bool receipt_match(struct db *db, int64_t message, const char *provider_id,
        char state[16], char code[32])
{
	struct stmt *st = db_stmt(db, "SELECT 1 FROM receipt INDEXED BY receipt_early"
	                              " WHERE message IS NULL AND provider_id = ?1");
	stmt_text(st, 1, provider_id);
	if (!stmt_single(st, 0))
		return false;
	st = db_stmt(db,
	        "SELECT r.id, r.state, r.code FROM receipt r, message m WHERE "
	        "r.provider_id = ?1"
	        " AND m.id = ?2 AND (m.provider = r.provider OR m.provider IS NULL)"
	        " AND r.message IS NULL ORDER BY r.time DESC, r.id DESC LIMIT 1");
	stmt_text(st, 1, provider_id);
	stmt_int(st, 2, message);
	if (!stmt_row(st))
		return false;
	int64_t id = stmt_get(st, 0);
	const char *why = stmt_get_text(st, 2);
	snprintf(state, 16, "%s", stmt_get_text(st, 1));
	snprintf(code, 32, "%s", why ? why : "");
	stmt_done(st);
	belongs(db, id, message);
	return true;
}

void receipt_forget(struct db *db, int64_t before)
{
	struct stmt *st = db_stmt(
	        db, "DELETE FROM receipt WHERE message IS NULL AND received_at < ?1");
	stmt_int(st, 1, before);
	stmt_exec(st);
}
