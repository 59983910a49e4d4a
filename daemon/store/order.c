/* Orders and the customer's counters of them. Counts an order from its payment on and not
 * once it is wholly taken back; the counters always equal what a recount would give. */
#include <stdio.h>
#include <string.h>
#include "store/cart.h"
#include "store/order.h"

#define MONEY_MAX INT64_C(1000000000000000)

struct order {
	int64_t id, customer; /* 0: none */
	int64_t placed_at, paid_at, cancelled_at, shipped_at,
	        delivered_at; /* 0: not yet */
	int64_t total, refunded;
	bool counted, fresh, same_batch;
};

enum step { PLACE, PAY, CANCEL, REFUND, SHIP, DELIVER };

#define COLUMNS \
	"SELECT id, customer, placed_at, paid_at, cancelled_at, shipped_at, " \
	"delivered_at," \
	" total, refunded, counted, batch IS ?2 AND ?2 IS NOT NULL, source FROM orders" \
	" WHERE "

static void read_row(struct stmt *st, struct order *o)
{
	*o = (struct order){.id = stmt_get(st, 0),
	        .customer = stmt_get(st, 1),
	        .placed_at = stmt_get(st, 2),
	        .paid_at = stmt_get(st, 3),
	        .cancelled_at = stmt_get(st, 4),
	        .shipped_at = stmt_get(st, 5),
	        .delivered_at = stmt_get(st, 6),
	        .total = stmt_get(st, 7),
	        .refunded = stmt_get(st, 8),
	        .counted = stmt_get(st, 9) != 0,
	        .same_batch = stmt_get(st, 10) != 0};
}

/* Would the change say of that order, which another source told of, what was said of it
 * already? Then it is another order that happens to have the same number. */
static bool repeats(const struct order *o, enum step step)
{
	switch (step) {
	case PLACE:
		return o->placed_at != 0;
	case PAY:
		return o->paid_at != 0;
	case CANCEL:
		return o->cancelled_at != 0;
	case REFUND:
		return o->cancelled_at != 0 || (o->total > 0 && o->refunded >= o->total);
	case SHIP:
		return o->shipped_at != 0;
	case DELIVER:
		return o->delivered_at != 0;
	}
	return true;
}

static bool find_exactly(struct db *db, const struct order_change *c, struct order *o)
{
	struct stmt *st = db_stmt(db, COLUMNS "ref = ?1 AND source = ?3");
	stmt_text(st, 1, c->ref);
	stmt_text(st, 2, c->batch);
	stmt_text(st, 3, c->source);
	bool found = stmt_row(st);
	if (found)
		read_row(st, o);
	stmt_done(st);
	return found;
}

/* Its own order, else the newest that another source told of. One question for both: this
 * runs with every sale. */
static void find(
        struct db *db, const struct order_change *c, enum step step, struct order *o)
{
	struct stmt *st = db_stmt(db, COLUMNS "ref = ?1 LIMIT 64");
	struct order other;
	bool mine = false;
	int n = 0;
	*o = (struct order){.fresh = true};
	stmt_text(st, 1, c->ref);
	stmt_text(st, 2, c->batch);
	for (; !mine && stmt_row(st); n++) {
		read_row(st, &other);
		mine = strcmp(stmt_get_text(st, 11), c->source) == 0;
		if (mine || (c->customer > 0 && other.customer == c->customer &&
		                    other.id > o->id))
			*o = other;
	}
	stmt_done(st);
	if (mine || (n == 64 && find_exactly(db, c, o)))
		return;
	if (o->id && repeats(o, step))
		*o = (struct order){.fresh = true};
}

static void bind_order(struct stmt *st, const struct order *o, const char *batch)
{
	stmt_int_or_null(st, 1, o->customer != 0, o->customer);
	stmt_int_or_null(st, 2, o->placed_at != 0, o->placed_at);
	stmt_int_or_null(st, 3, o->paid_at != 0, o->paid_at);
	stmt_int_or_null(st, 4, o->cancelled_at != 0, o->cancelled_at);
	stmt_int_or_null(st, 5, o->shipped_at != 0, o->shipped_at);
	stmt_int_or_null(st, 6, o->delivered_at != 0, o->delivered_at);
	stmt_int(st, 7, o->total);
	stmt_int(st, 8, o->refunded);
	stmt_int(st, 9, o->counted);
	stmt_text(st, 10, batch);
}

static void save(struct db *db, struct order *o, const struct order_change *c)
{
	struct stmt *st;
	if (o->fresh) {
		st = db_stmt(db,
		        "INSERT INTO orders(customer, placed_at, paid_at, cancelled_at, "
		        "shipped_at,"
		        " delivered_at, total, refunded, counted, batch, source, ref)"
		        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
		stmt_text(st, 11, c->source);
		stmt_text(st, 12, c->ref);
	} else {
		st = db_stmt(db,
		        "UPDATE orders SET customer = ?1, placed_at = ?2, paid_at = ?3,"
		        " cancelled_at = ?4, shipped_at = ?5, delivered_at = ?6, total = "
		        "?7,"
		        " refunded = ?8, counted = ?9, batch = coalesce(?10, batch) "
		        "WHERE id = ?11");
		stmt_int(st, 11, o->id);
	}
	bind_order(st, o, c->batch);
	if (stmt_exec(st) == 1 && o->fresh)
		o->id = db_last_id(db);
}

/* ---- items ---- */

static int64_t next_line(struct db *db, int64_t order)
{
	struct stmt *st =
	        db_stmt(db, "SELECT max(line) + 1 FROM order_item WHERE order_id = ?1");
	stmt_int(st, 1, order);
	return stmt_single(st, 0);
}

static void drop_items(struct db *db, int64_t order)
{
	struct stmt *st = db_stmt(db, "DELETE FROM order_item WHERE order_id = ?1");
	stmt_int(st, 1, order);
	stmt_exec(st);
}

static void add_items(
        struct db *db, int64_t order, const struct order_change *c, int64_t line)
{
	for (size_t i = 0; i < c->n_items && db_status(db) == DB_OK; i++) {
		const struct order_item *item = &c->items[i];
		struct stmt *st = db_stmt(db,
		        "INSERT INTO order_item(order_id, line, sku, name, category,"
		        " quantity, price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
		stmt_int(st, 1, order);
		stmt_int(st, 2, line + (int64_t)i);
		stmt_text(st, 3, item->sku);
		stmt_text(st, 4, item->name);
		stmt_text(st, 5, item->category);
		stmt_int(st, 6, item->quantity);
		stmt_int_or_null(st, 7, item->has_price, item->price);
		stmt_exec(st);
	}
}

/* The last word on what was bought holds; rows of one import say it together. */
static void set_items(struct db *db, const struct order *o, const struct order_change *c)
{
	if (c->n_items == 0 || !o->id)
		return;
	if (!o->fresh && !o->same_batch)
		drop_items(db, o->id);
	add_items(db, o->id, c, o->same_batch ? next_line(db, o->id) : 0);
}

/* ---- counters ---- */

struct counters {
	int64_t count, total, first, last, cart;
};

static bool read_counters(struct db *db, int64_t customer, struct counters *n)
{
	struct stmt *st = db_stmt(db,
	        "SELECT orders_count, orders_total, orders_first_at, orders_last_at,"
	        " cart_count FROM customer WHERE id = ?1");
	stmt_int(st, 1, customer);
	if (!stmt_row(st))
		return false;
	*n = (struct counters){stmt_get(st, 0), stmt_get(st, 1), stmt_get(st, 2),
	        stmt_get(st, 3), stmt_get(st, 4)};
	stmt_done(st);
	return true;
}

/* The usual sale moves only the last one: an index that is not named is not touched. */
static void write_counters(
        struct db *db, int64_t customer, const struct counters *n, bool first)
{
	struct stmt *st = first ? db_stmt(db, "UPDATE customer SET orders_count = ?2, "
	                                      "orders_total = ?3,"
	                                      " orders_last_at = ?4, orders_first_at = "
	                                      "?5 WHERE id = ?1")
	                        : db_stmt(db, "UPDATE customer SET orders_count = ?2, "
	                                      "orders_total = ?3,"
	                                      " orders_last_at = ?4 WHERE id = ?1");
	stmt_int(st, 1, customer);
	stmt_int(st, 2, n->count);
	stmt_int(st, 3, n->total);
	stmt_int_or_null(st, 4, n->last != 0, n->last);
	if (first)
		stmt_int_or_null(st, 5, n->first != 0, n->first);
	stmt_exec(st);
}

void order_recount(struct db *db, int64_t customer)
{
	static const char sql[] =
	        "UPDATE customer SET (orders_count, orders_total, orders_first_at, "
	        "orders_last_at) ="
	        " (SELECT count(*), coalesce(sum(total - refunded), 0), min(paid_at), "
	        "max(paid_at)"
	        " FROM orders WHERE customer = ?1 AND counted = 1) WHERE id = ?1";
	struct stmt *st = db_stmt(db, sql);
	stmt_int(st, 1, customer);
	stmt_exec(st);
}

static int64_t worth(const struct order *o)
{
	return o->counted ? o->total - o->refunded : 0;
}

/* The counters after an order went from was to is, both of one customer. An edge that
 * moves is looked up. */
static void count(struct db *db, const struct order *was, const struct order *is,
        struct counters *n)
{
	bool left = was->counted && (!is->counted || was->paid_at != is->paid_at);
	if (left && (was->paid_at == n->first || was->paid_at == n->last)) {
		order_recount(db, is->customer);
		return;
	}
	if (was->counted == is->counted && worth(was) == worth(is) && !left)
		return;
	n->count += is->counted - was->counted;
	n->total += worth(is) - worth(was);
	bool first = is->counted && (!n->first || is->paid_at < n->first);
	if (first)
		n->first = is->paid_at;
	if (is->counted && is->paid_at > n->last)
		n->last = is->paid_at;
	write_counters(db, is->customer, n, first);
}

static void empty_cart(struct db *db, const struct order *o, const struct order_change *c)
{
	if (c->n_items == 0)
		cart_bought(db, o->customer, NULL, 0, c->time);
	for (size_t i = 0; i < c->n_items; i++)
		if (c->items[i].sku)
			cart_bought(db, o->customer, c->items[i].sku,
			        c->items[i].quantity, c->time);
}

/* ---- changes ---- */

static int64_t money(int64_t won)
{
	return won < 0 ? 0 : won > MONEY_MAX ? MONEY_MAX : won;
}

static void apply_pay(struct order *o, const struct order_change *c)
{
	/* Paid anew after it had been cancelled: it stands again. */
	if (o->cancelled_at && c->time > o->cancelled_at) {
		o->cancelled_at = 0;
		o->refunded = 0;
		o->paid_at = 0;
	}
	if (!o->paid_at)
		o->paid_at = c->time;
	if (c->has_total)
		o->total = money(c->total);
}

static void apply_back(struct order *o, const struct order_change *c, bool cancel)
{
	if (cancel && !c->has_total && o->cancelled_at) /* the same told again */
		return;
	int64_t back = c->has_total ? money(c->total) : o->total;
	o->refunded = money(o->refunded + back);
	if (o->paid_at && o->refunded > o->total)
		o->refunded = o->total;
	bool whole = !c->has_total || (o->paid_at && o->refunded >= o->total);
	if (whole && !o->cancelled_at && (cancel || o->total == 0))
		o->cancelled_at = c->time;
}

static void apply(struct order *o, const struct order_change *c, enum step step)
{
	switch (step) {
	case PLACE:
		if (!o->placed_at)
			o->placed_at = c->time;
		if (c->has_total && !o->paid_at)
			o->total = money(c->total);
		break;
	case PAY:
		apply_pay(o, c);
		break;
	case CANCEL:
	case REFUND:
		apply_back(o, c, step == CANCEL);
		break;
	case SHIP:
		if (!o->shipped_at)
			o->shipped_at = c->time;
		break;
	case DELIVER:
		if (!o->delivered_at)
			o->delivered_at = c->time;
		break;
	}
	bool taken_back = o->cancelled_at || (o->refunded > 0 && o->refunded >= o->total);
	o->counted = o->paid_at && !taken_back;
}

static int64_t change(struct db *db, const struct order_change *c, enum step step)
{
	struct order o, was;
	struct counters n;
	find(db, c, step, &o);
	if (!o.customer && c->customer > 0) {
		o.customer = c->customer;
		was = (struct order){0}; /* whatever it was, it did not count for him */
	} else {
		was = o;
	}
	apply(&o, c, step);
	save(db, &o, c);
	if (step == PLACE || step == PAY)
		set_items(db, &o, c);
	if (o.customer <= 0 || !read_counters(db, o.customer, &n))
		return o.id;
	count(db, &was, &o, &n);
	if (n.cart > 0 && (step == PLACE || step == PAY))
		empty_cart(db, &o, c);
	return o.id;
}

int64_t order_place(struct db *db, const struct order_change *c)
{
	return change(db, c, PLACE);
}

int64_t order_pay(struct db *db, const struct order_change *c)
{
	return change(db, c, PAY);
}

int64_t order_cancel(struct db *db, const struct order_change *c)
{
	return change(db, c, CANCEL);
}

int64_t order_refund(struct db *db, const struct order_change *c)
{
	return change(db, c, REFUND);
}

int64_t order_ship(struct db *db, const struct order_change *c, bool delivered)
{
	return change(db, c, delivered ? DELIVER : SHIP);
}

/* Paid anew after it was cancelled is no repetition. */
static bool told_already(const struct order *o, const char *type)
{
	static const struct {
		const char *type;
		enum step step;
	} steps[] = {{"order.placed", PLACE}, {"order.paid", PAY},
	        {"order.cancelled", CANCEL}, {"order.refunded", REFUND},
	        {"order.shipped", SHIP}, {"order.delivered", DELIVER}};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (!strcmp(steps[i].type, type))
			return repeats(o, steps[i].step) &&
			       !(steps[i].step == PAY && o->cancelled_at);
	return false;
}

bool order_told(struct db *db, const char *ref, const char *source, bool itself,
        const char *type, struct order_told *out)
{
	struct stmt *st = db_stmt(db,
	        "SELECT o.source, c.ref, o.total, o.placed_at, o.paid_at, o.cancelled_at,"
	        " o.refunded, o.shipped_at, o.delivered_at, o.customer FROM orders o"
	        " LEFT JOIN customer c ON c.id = o.customer"
	        " WHERE o.ref = ?1 AND (o.source = ?2) = ?3 LIMIT 2");
	struct order o = {0};
	int n = 0;

	stmt_text(st, 1, ref);
	stmt_text(st, 2, source);
	stmt_int(st, 3, itself);
	for (; stmt_row(st); n++) {
		snprintf(out->source, sizeof out->source, "%s", stmt_get_text(st, 0));
		snprintf(out->customer, sizeof out->customer, "%s",
		        stmt_is_null(st, 1) ? "" : stmt_get_text(st, 1));
		o = (struct order){.total = stmt_get(st, 2),
		        .placed_at = stmt_get(st, 3),
		        .paid_at = stmt_get(st, 4),
		        .cancelled_at = stmt_get(st, 5),
		        .refunded = stmt_get(st, 6),
		        .shipped_at = stmt_get(st, 7),
		        .delivered_at = stmt_get(st, 8),
		        .customer = stmt_get(st, 9)};
	}
	stmt_done(st);
	out->total = o.total;
	out->again = told_already(&o, type);
	return n == 1 && o.customer >= 0;
}

int64_t order_meant(struct db *db, const struct order_change *c, bool pay)
{
	struct order o;
	find(db, c, pay ? PAY : PLACE, &o);
	return o.id;
}

int64_t order_bought(struct db *db, int64_t customer, const char *category)
{
	struct stmt *st = db_stmt(db,
	        "SELECT o.paid_at FROM orders o INDEXED BY orders_customer"
	        " WHERE o.customer = ?1 AND o.counted = 1 AND o.batch IS NULL"
	        " AND EXISTS (SELECT 1 FROM order_item i LEFT JOIN product p ON p.sku = "
	        "i.sku"
	        " WHERE i.order_id = o.id AND coalesce(i.category, p.category) = ?2)"
	        " ORDER BY o.paid_at DESC LIMIT 1");
	stmt_int(st, 1, customer);
	stmt_text(st, 2, category);
	return stmt_single(st, 0);
}
