/* Products and their stock. Keeps what was told last, and nothing of what it was before.
 */
#include "store/product.h"

void product_upsert(struct db *db, const struct product *p, int64_t now)
{
	static const char sql[] =
	        "INSERT INTO product(sku, name, category, price, stock, url, image, "
	        "changed_at)"
	        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(sku) DO UPDATE SET"
	        " name = coalesce(excluded.name, name), category = "
	        "coalesce(excluded.category, category),"
	        " price = coalesce(excluded.price, price), stock = "
	        "coalesce(excluded.stock, stock),"
	        " url = coalesce(excluded.url, url), image = coalesce(excluded.image, "
	        "image),"
	        " changed_at = excluded.changed_at";
	struct stmt *st = db_stmt(db, sql);
	stmt_text(st, 1, p->sku);
	stmt_text(st, 2, p->name);
	stmt_text(st, 3, p->category);
	stmt_int_or_null(st, 4, p->has_price, p->price);
	stmt_int_or_null(st, 5, p->has_stock, p->stock);
	stmt_text(st, 6, p->url);
	stmt_text(st, 7, p->image);
	stmt_int(st, 8, now);
	stmt_exec(st);
}

bool product_get(struct db *db, const char *sku, struct arena *arena, struct product *out)
{
	struct stmt *st = db_stmt(db, "SELECT name, category, url, image, price, stock "
	                              "FROM product WHERE sku = ?1");
	const char **texts[] = {&out->name, &out->category, &out->url, &out->image};
	stmt_text(st, 1, sku);
	if (!stmt_row(st))
		return false;
	*out = (struct product){.sku = arena_strdup(arena, sku),
	        .has_price = !stmt_is_null(st, 4),
	        .has_stock = !stmt_is_null(st, 5),
	        .price = stmt_get(st, 4),
	        .stock = stmt_get(st, 5)};
	for (int i = 0; i < 4; i++)
		if (!stmt_is_null(st, i))
			*texts[i] = arena_strdup(arena, stmt_get_text(st, i));
	stmt_done(st);
	return true;
}

void product_stock(
        struct db *db, const char *sku, int64_t stock, int64_t now, int64_t *before)
{
	struct stmt *st = db_stmt(db, "SELECT stock FROM product WHERE sku = ?1");
	stmt_text(st, 1, sku);
	*before = stmt_single(st, -1);
	product_upsert(db,
	        &(struct product){.sku = sku, .has_stock = true, .stock = stock}, now);
}
