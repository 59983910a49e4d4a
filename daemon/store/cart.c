/* The cart. Keeps lines and the two figures in the customer's row in step; never more
 * than 200 lines a customer. */
#include "store/cart.h"

#define LINES_MAX 200 /* what is put in beyond is not kept: no reminder needs it */
#define QUANTITY_MAX 1000000

static void recount(struct db *db, int64_t customer, bool has_total, int64_t total)
{
	static const char sql[] =
	        "UPDATE customer SET (cart_count, cart_total) = (SELECT count(*),"
	        " CASE WHEN count(*) = 0 THEN 0 ELSE coalesce(?2, sum(quantity * price), "
	        "0) END"
	        " FROM cart_item WHERE customer = ?1) WHERE id = ?1";
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, customer);
	stmt_int_or_null(st, 2, has_total, total);
	stmt_exec(st);
}

void cart_recount(struct db *db, int64_t customer)
{
	recount(db, customer, false, 0);
}

static int64_t lines(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "SELECT cart_count FROM customer WHERE id = ?1");
	stmt_int(st, 1, customer);
	return stmt_single(st, 0);
}

static int64_t within(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

void cart_add(struct db *db, int64_t customer, const char *sku, int64_t quantity,
        bool has_price, int64_t price, bool has_total, int64_t cart_total, int64_t time)
{
	static const char sql[] =
	        "INSERT INTO cart_item(customer, sku, quantity, price, added_at)"
	        " SELECT id, ?2, ?3, ?4, ?5 FROM customer WHERE id = ?1 ON "
	        "CONFLICT(customer, sku)"
	        " DO UPDATE SET quantity = min(quantity + excluded.quantity, 1000000),"
	        " price = coalesce(excluded.price, price), added_at = max(added_at, "
	        "excluded.added_at)";
	if (customer <= 0 || lines(db, customer) >= LINES_MAX)
		return;
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, customer);
	stmt_text(st, 2, sku);
	stmt_int(st, 3, within(quantity, 1, QUANTITY_MAX));
	stmt_int_or_null(st, 4, has_price, within(price, 0, INT64_C(1000000000000)));
	stmt_int(st, 5, time);
	stmt_exec(st);
	recount(db, customer, has_total, cart_total);
}

/* Takes quantity (0: all) of one sku out of the lines put in up to `until`. */
static bool take(
        struct db *db, int64_t customer, const char *sku, int64_t quantity, int64_t until)
{
	struct stmt *st = db_stmt(db, "DELETE FROM cart_item WHERE customer = ?1 AND sku "
	                              "= ?2 AND added_at <= ?4"
	                              " AND (?3 = 0 OR quantity <= ?3)");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, sku);
	stmt_int(st, 3, quantity);
	stmt_int(st, 4, until);
	if (stmt_exec(st) > 0)
		return true;
	st = db_stmt(db, "UPDATE cart_item SET quantity = quantity - ?3"
	                 " WHERE customer = ?1 AND sku = ?2 AND added_at <= ?4");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, sku);
	stmt_int(st, 3, quantity);
	stmt_int(st, 4, until);
	return stmt_exec(st) > 0;
}

void cart_remove(struct db *db, int64_t customer, const char *sku, int64_t quantity,
        bool has_total, int64_t cart_total)
{
	bool taken =
	        take(db, customer, sku, within(quantity, 0, QUANTITY_MAX), INT64_MAX);
	if (taken || has_total)
		recount(db, customer, has_total, cart_total);
}

static void empty(struct db *db, int64_t customer, int64_t until)
{
	struct stmt *st = db_stmt(
	        db, "DELETE FROM cart_item WHERE customer = ?1 AND added_at <= ?2");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, until);
	stmt_exec(st);
	recount(db, customer, false, 0);
}

void cart_clear(struct db *db, int64_t customer)
{
	if (lines(db, customer) > 0)
		empty(db, customer, INT64_MAX);
}

void cart_bought(
        struct db *db, int64_t customer, const char *sku, int64_t quantity, int64_t time)
{
	if (!sku)
		empty(db, customer, time);
	else if (take(db, customer, sku, within(quantity, 1, QUANTITY_MAX), time))
		recount(db, customer, false, 0);
}
