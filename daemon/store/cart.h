/* What lies in a customer's cart; count and total stand in the customer's row. */
#ifndef DANGOL_CART_H
#define DANGOL_CART_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* has_total: the shop said what the whole cart is worth after this; else it is added up
 * from the lines' prices. */
void cart_add(struct db *db, int64_t customer, const char *sku, int64_t quantity,
        bool has_price, int64_t price, bool has_total, int64_t cart_total, int64_t time);
void cart_remove(struct db *db, int64_t customer, const char *sku,
        int64_t quantity /* 0: all */, bool has_total, int64_t cart_total);
void cart_recount(struct db *db, int64_t customer); /* by its lines */
void cart_clear(struct db *db, int64_t customer);

/* A purchase at that instant: what was put in later stays. sku NULL: everything. */
void cart_bought(
        struct db *db, int64_t customer, const char *sku, int64_t quantity, int64_t time);

#endif
