/* What the owner may be asked about: two customers who share a phone or an e-mail
 * address, and an id of another system that was told of two. Derived from what stands,
 * but for the claims of aliases. Merges nobody. */
#ifndef DANGOL_CONFLICT_H
#define DANGOL_CONFLICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "store/db.h"

/* Where a walk through them stands: phones, e-mail addresses, then aliases. */
struct conflict_walk {
	int kind;
	int64_t id;      /* what was looked at last: the customer, or the claim */
	uint8_t key[16]; /* his address's index */
	size_t key_len;  /* 0: the kind begins */
	int64_t first;   /* the oldest customer who has that address */
	struct zone *zone;
};

/* From a cursor, 0: from the beginning. False: what it stands for is no more. */
bool conflict_walk_from(
        struct db *db, struct conflict_walk *walk, int64_t cursor, struct zone *zone);
int64_t conflict_cursor(const struct conflict_walk *walk);
/* Looks at some rows more and appends what it finds, until the list has `most` entries;
 * false: there are no more. An entry: {kind, customers: [OLDER, NEWER], shared (masked),
 * seen, merge: [FROM, INTO]}. Of several who share one each is told with the oldest. */
bool conflict_step(struct db *db, struct conflict_walk *walk, json_t *list, size_t most);

/* The owner says that they are two: they are told no more. */
void conflict_dismiss(struct db *db, int64_t a, int64_t b);

#endif
