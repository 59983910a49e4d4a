/* Walking through the store by key, in ranges, for who reads much: customers, and the
 * events of a type. */
#ifndef DANGOL_WALK_H
#define DANGOL_WALK_H

#include <stdint.h>
#include "store/db.h"

/* From here until stmt_done of what it returns, all that this connection reads is of one
 * instant, and costs less. For a reader of the pool. */
struct stmt *walk_hold(struct db *db);
/* Customers above after, in order of id, at most max. Returns how many were filled. */
int walk_customers(struct db *db, int64_t after, int64_t *ids, int max);
/* Where a walk through events stands: time is where it begins, id 0. */
struct walk {
	int64_t time, id;
};
/* The next events of a type that happened to a customer and may trigger (no history, no
 * bulk), in order of time. */
int walk_events(
        struct db *db, const char *type, struct walk *walk, int64_t *ids, int max);
/* The shop's id of a customer, into out; "" for nobody. */
void walk_ref(struct db *db, int64_t customer, char *out, size_t size);

#endif
