/* Orders: what was bought and taken back; the customer's counters are kept here. What was
 * left lying is cart's. */
#ifndef DANGOL_ORDER_H
#define DANGOL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/cart.h"
#include "store/db.h"

struct order_item {
	const char *sku, *name, *category; /* or NULL */
	int64_t quantity;
	bool has_price;
	int64_t price; /* of one */
};

struct order_change {
	const char *source, *ref;
	int64_t customer; /* 0: none */
	int64_t time;
	bool has_total;
	int64_t total; /* of the order; for a refund: the amount, absent: all of it */
	const struct order_item *items;
	size_t n_items;
	const char *batch; /* an import's: rows of one order in the same batch add their
	                      items */
};

/* An order is found by (source, ref); else by ref and customer alone, when another source
 * told of it and this change would not repeat what that one said. Each keeps the
 * customer's counters right and takes what was bought out of the cart (all of it when the
 * order lists no items). Returns the order's id. */
int64_t order_place(struct db *db, const struct order_change *change);
int64_t order_pay(struct db *db, const struct order_change *change);
int64_t order_cancel(struct db *db,
        const struct order_change *change); /* unknown orders: recorded cancelled */
int64_t order_refund(struct db *db, const struct order_change *change);
int64_t order_ship(struct db *db, const struct order_change *change, bool delivered);
/* What a source told of the order of a number. */
struct order_told {
	char source[256], customer[136]; /* his id; "": nobody's */
	int64_t total;
	bool again; /* an event of that type would say what was said of it already */
};
/* By source itself, or by the only other one that told of the number. False: none, or
 * several, or its customer was erased. type: "order.paid" and so on. */
bool order_told(struct db *db, const char *ref, const char *source, bool itself,
        const char *type, struct order_told *out);
/* The order that a placing (pay: a payment) would be about; 0: it would make one. */
int64_t order_meant(struct db *db, const struct order_change *change, bool pay);
/* When he last paid for goods of that category, as an event told it, in an order that was
 * not wholly taken back since; 0: never. An import is no proof of a purchase. */
int64_t order_bought(struct db *db, int64_t customer, const char *category);
/* Recounts one customer from his orders: after erasing, merging, undoing an import. */
void order_recount(struct db *db, int64_t customer);

#endif
