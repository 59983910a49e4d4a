/* Coupons: codes reserved for a run, issued with its message, redeemed at the counter
 * exactly once. */
#ifndef DANGOL_COUPON_H
#define DANGOL_COUPON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

#define COUPON_PATTERN "########" /* where a declaration names none, and no pool */

/* What a declaration says that the store needs. */
struct coupon_terms {
	const char *name;
	const char *pattern;  /* "BD-######", or NULL: codes come from a pool, or are made
	                         of COUPON_PATTERN */
	bool pooled;          /* codes "file": taken from free rows */
	const char *discount; /* in words */
	int64_t minimum;      /* 0: none */
	int64_t uses;         /* redemptions of one code */
	int64_t stock;        /* codes in all, 0: no bound */
};

/* Reserves one code for a run and returns it (in arena); the same run and coupon always
 * get the same one. NULL: none left. expires_at 0: never. */
const char *coupon_reserve(struct db *db, const struct coupon_terms *terms, int64_t run,
        int64_t customer, int64_t expires_at, int64_t now, struct arena *arena);
void coupon_issue(struct db *db, const char *code,
        int64_t now); /* the first accepted message named it */
/* The last message that named it is dropped or failed. Returns how many codes that were.
 */
int coupon_release(struct db *db, int64_t run);
/* Codes made elsewhere, added to the pool of that name; known ones are skipped. Returns
 * how many are new. */
int64_t coupon_pool_add(
        struct db *db, const char *name, const char *const *codes, size_t n);
int64_t coupon_out(struct db *db, const char *name); /* generated ones, against a stock */
int64_t coupon_left(struct db *db, const char *name); /* free ones in the pool */

struct coupon {
	int64_t id, customer, run;
	const char *code, *name, *state, *discount,
	        *order; /* state is what holds at now: issued past its end is expired */
	int64_t minimum, uses, used, issued_at, expires_at, redeemed_at;
};
/* By a code in any case, with or without spaces and hyphens. */
bool coupon_find(struct db *db, const char *code, int64_t now, struct arena *arena,
        struct coupon *out);
bool coupon_get(
        struct db *db, int64_t id, int64_t now, struct arena *arena, struct coupon *out);
const char *coupon_of_run(struct db *db, int64_t run, struct arena *arena,
        int64_t *expires_at); /* or NULL */
json_t *coupon_json(struct db *db, const char *code, int64_t now,
        struct zone *zone); /* interface.md's; or NULL */

enum coupon_verdict {
	COUPON_REDEEMED,
	COUPON_UNKNOWN,
	COUPON_USED,
	COUPON_EXPIRED,
	COUPON_VOID,
	COUPON_NOT_ISSUED,
	COUPON_BELOW_MINIMUM,
	COUPON_ANOTHERS,
	COUPON_NOT_REDEEMED,
	COUPON_MISTYPED /* the door's word for one that no pattern of the rules makes */
};
/* customer 0: not told. amount -1: not told (a minimum then refuses). On COUPON_REDEEMED
 * *remaining is how often the code is still good. */
enum coupon_verdict coupon_redeem(struct db *db, const char *code, int64_t customer,
        const char *order, int64_t amount, int64_t now, int64_t *remaining);
enum coupon_verdict coupon_restore(struct db *db, const char *code,
        int64_t now); /* takes the last redemption back */
enum coupon_verdict coupon_void(struct db *db, const char *code, int64_t now);
const char *coupon_verdict_text(
        enum coupon_verdict verdict); /* a sentence in the owner's language */

#endif
