/* The steps that every message takes when it leaves, each in one write with its price. It
 * never decides whether one may leave. */
#include "store/message.h"
#include "store/message_inner.h"
#include "store/sealed.h"
#include "store/spent.h"

static void keep_text(struct db *db, int64_t id, const char *text)
{
	if (!text)
		return;
	struct stmt *st = db_stmt(
	        db, "INSERT OR REPLACE INTO letter(message, text) VALUES (?1, ?2)");
	stmt_int(st, 1, id);
	sealed_text(st, 2, SEAL_LETTER, text);
	stmt_exec(st);
}

/* The row that its price is counted in, 0 without one. */
static int64_t charge(
        struct db *db, const struct message *m, const struct message_leaving *leaving)
{
	struct spent_key key = {leaving->day, leaving->by, leaving->provider, m->purpose};
	return leaving->priced ? spent_add(db, &key, leaving->won) : 0;
}

static void bind_price(
        struct stmt *st, int i, const struct message_leaving *leaving, int64_t row)
{
	stmt_int_or_null(st, i, leaving->priced, leaving->won);
	stmt_int_or_null(st, i + 1, leaving->priced, row);
}

static void bind_address(struct stmt *st, int index, const char *address)
{
	sealed_text(st, 3, SEAL_ADDRESS, address);
	sealed_index(st, index, SEAL_ADDRESS, address);
}

/* What an earlier handing cost and nobody took back stays paid for. */
#define PRICE(won, row) \
	" sunk = CASE WHEN price IS NULL THEN sunk ELSE coalesce(sunk, 0) + price END," \
	" price = " won ", spent = " row

void message_hand(struct db *db, const struct message *m,
        const struct message_leaving *leaving, int64_t now)
{
	int64_t row = charge(db, m, leaving);
	struct stmt *st = db_stmt(db,
	        "UPDATE message SET state = 'handed', reason = NULL, due_at = NULL,"
	        " handed_at = ?2, address = ?3, address_key = ?9, provider = ?4,"
	        " provider_id = NULL,"
	        " coupon = coalesce(?5, coupon), bundle = ?6,"
	        " links = ?10," PRICE("?7", "?8") " WHERE id = ?1");
	message_check_step(m->id, m->state, MESSAGE_CLAIMED);
	stmt_int(st, 1, m->id);
	stmt_int(st, 2, now);
	bind_address(st, 9, leaving->address);
	stmt_text(st, 4, leaving->provider);
	stmt_text(st, 5, leaving->coupon);
	stmt_int_or_null(st, 6, leaving->bundle != 0, leaving->bundle);
	stmt_int(st, 10, leaving->links);
	bind_price(st, 7, leaving, row);
	if (stmt_exec(st) == 1)
		message_moved(db, m->rule, m->channel, m->state, MESSAGE_HANDED);
	keep_text(db, m->id, leaving->text);
}

void message_record(struct db *db, const struct message *m,
        const struct message_leaving *leaving, int64_t due_at, int64_t now)
{
	int64_t row = charge(db, m, leaving);
	struct stmt *st = db_stmt(db,
	        "UPDATE message SET state = 'accepted', reason = NULL, due_at = ?7,"
	        " handed_at = ?2, sent_at = ?2, address = ?3, address_key = ?10,"
	        " provider = ?4,"
	        " coupon = coalesce(?5, coupon), tries = ?6,"
	        " links = ?11," PRICE("?8", "?9") " WHERE id = ?1");
	message_check_step(m->id, m->state, MESSAGE_CLAIMED);
	stmt_int(st, 1, m->id);
	stmt_int(st, 2, now);
	bind_address(st, 10, leaving->address);
	stmt_text(st, 4, leaving->provider);
	stmt_text(st, 5, leaving->coupon);
	stmt_int(st, 6, m->tries + 1);
	stmt_int_or_null(st, 7, due_at != 0, due_at);
	stmt_int(st, 11, leaving->links);
	bind_price(st, 8, leaving, row);
	if (stmt_exec(st) == 1)
		message_moved(db, m->rule, m->channel, m->state, MESSAGE_ACCEPTED);
	keep_text(db, m->id, leaving->text);
}

void message_accept(struct db *db, const struct message *m, const char *provider_id,
        int64_t due_at, int64_t now)
{
	struct stmt *st = db_stmt(db,
	        "UPDATE message SET state = 'accepted', reason = NULL, due_at = ?5,"
	        " sent_at = ?2, provider_id = coalesce(?3, provider_id), tries = ?4"
	        " WHERE id = ?1 AND state = 'handed'");
	message_check_step(m->id, m->state, MESSAGE_ACCEPTED);
	stmt_int(st, 1, m->id);
	stmt_int(st, 2, now);
	stmt_text(st, 3, provider_id);
	stmt_int(st, 4, m->tries + 1);
	stmt_int_or_null(st, 5, due_at != 0, due_at);
	if (stmt_exec(st) == 1)
		message_moved(db, m->rule, m->channel, m->state, MESSAGE_ACCEPTED);
}
