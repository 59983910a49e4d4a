/* Products and their stock. */
#ifndef DANGOL_PRODUCT_H
#define DANGOL_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"

struct product {
	const char *sku, *name, *category, *url, *image; /* NULL: not told */
	bool has_price, has_stock;
	int64_t price, stock;
};

void product_upsert(struct db *db, const struct product *product, int64_t now);
bool product_get(
        struct db *db, const char *sku, struct arena *arena, struct product *out);
/* Sets the stock; *before is what it was, -1 when unknown. */
void product_stock(
        struct db *db, const char *sku, int64_t stock, int64_t now, int64_t *before);

#endif
