/* Walks the issued coupons in the order of their ids. It changes nothing. */
#include "store/offline.h"

int64_t offline_walk(struct db *db, int64_t after, int most, int64_t now,
        void (*each)(void *arg, const struct offline_coupon *coupon), void *arg)
{
	int seen = 0;
	struct stmt *st = db_stmt(db,
	        "SELECT id, bare, discount, minimum, uses - used, expires_at"
	        " FROM coupon INDEXED BY coupon_issued WHERE state = 'issued' AND id > ?1"
	        " ORDER BY id LIMIT ?2");
	stmt_int(st, 1, after);
	stmt_int(st, 2, most);
	while (stmt_row(st)) {
		struct offline_coupon coupon = {.id = stmt_get(st, 0),
		        .bare = stmt_get_text(st, 1),
		        .discount = stmt_get_text(st, 2),
		        .minimum = stmt_get(st, 3),
		        .remaining = stmt_get(st, 4),
		        .expires_at = stmt_get(st, 5)};
		seen++;
		after = coupon.id;
		if (!coupon.expires_at || now <= coupon.expires_at)
			each(arg, &coupon);
	}
	stmt_done(st);
	return seen == most ? after : 0;
}
