/* The coupons that a counter may redeem without asking: for tills that are off line. */
#ifndef DANGOL_OFFLINE_H
#define DANGOL_OFFLINE_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

struct offline_coupon {
	int64_t id;
	const char *bare, *discount; /* until the next one is asked for */
	int64_t minimum, remaining;  /* how often it is still good */
	int64_t expires_at;          /* 0: never */
};

/* Calls each(arg, coupon) for those that are good at now, of at most `most` issued ones
 * after that id; returns the id to go on after, 0 at the end. */
int64_t offline_walk(struct db *db, int64_t after, int most, int64_t now,
        void (*each)(void *arg, const struct offline_coupon *coupon), void *arg);

#endif
