/* Dates that stand in JSON, kept in order for the rules whose clock is anchored on them.
 * Filled in slices when a rule first needs them, followed by the store's own triggers. */
#ifndef DANGOL_DATES_H
#define DANGOL_DATES_H

#include "store/segment.h"

/* Written by the rule compiler; lives as long as its program. */
struct dates_set {
	const char *name; /* of the date and of how it is read */
	const char *fill; /* SQL: takes in the ids above ?1 up to ?2 */
	const char *take; /* SQL: takes in what is pending up to ?1 */
	const char *last; /* SQL: the highest id */
	struct segment_trigger triggers[3];
	size_t n_triggers;
};

/* A rule needs it; the names not in the list are needed by nobody and will be emptied. */
void dates_need(struct db *db, const struct dates_set *const *sets, size_t n);
/* Fills one slice more, or takes in what changed; false: it is as it should be. */
bool dates_fill(struct db *db, const struct dates_set *set);
/* Takes away a slice of what nobody needs; true while there is more of it. */
bool dates_empty(struct db *db);

#endif
