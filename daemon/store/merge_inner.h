/* What the parts of merging lend to one another. */
#ifndef DANGOL_MERGE_INNER_H
#define DANGOL_MERGE_INNER_H

#include <stdint.h>
#include "store/db.h"

struct merge_judge;
struct merge_counts;

struct merge {
	struct db *db;
	int64_t from, into, now;
	const struct merge_judge *judge;
	struct merge_counts *counts;
};

/* Runs a statement of FROM (?1) and INTO (?2). Returns how many rows it changed. */
int64_t merge_both(struct merge *m, const char *static_sql);
/* What FROM is, as JSON: the row, the person, tags, consents, cart, borders; and of INTO
 * what will be a sum of both. New. */
char *merge_was(struct merge *m);
/* The stricter of both; and what it does to the two-year confirmations. */
void merge_consents(struct merge *m);
/* Everything that stands in and beside the row: what INTO has is INTO's. */
void merge_profile(struct merge *m);

#endif
