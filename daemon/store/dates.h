/* Dates that rules' clocks are anchored on. Those that stand in JSON are kept in order:
 * filled in slices when a rule first needs them. All that may move otherwise than by an
 * event are followed by the store's own triggers, which note whom to look at. */
#ifndef DANGOL_DATES_H
#define DANGOL_DATES_H

#include "store/segment.h"

/* Written by the rule compiler; lives as long as its program. */
struct dates_set {
	const char *name; /* of the date and of how it is read */
	/* SQL, NULL where nothing is kept in order: */
	const char *fill; /* takes in the ids above ?1 up to ?2 */
	const char *take; /* takes in what is pending up to ?1 */
	const char *last; /* the highest id */
	/* SQL, NULL where events tell it: of what is pending up to ?1, customer and
	   instant (0: the rule is to be asked) of those whose date is another now. */
	const char *moved;
	struct segment_trigger triggers[3];
	size_t n_triggers;
};

/* A rule needs it; the names not in the list are needed by nobody and will be emptied. */
void dates_need(struct db *db, const struct dates_set *const *sets, size_t n);
/* Fills one slice more; false: it is whole. */
bool dates_fill(struct db *db, const struct dates_set *set);
/* Takes in some of what was noted since, at most DATES_TAKEN; -1: nothing was noted, or
 * the set is not whole yet. Else how many of them moved. */
#define DATES_TAKEN 256
struct dated_move {
	int64_t customer, anchor; /* anchor 0: ask the rule */
};
int dates_take(
        struct db *db, const struct dates_set *set, struct dated_move out[DATES_TAKEN]);
bool dates_noted(struct db *db); /* in any whole set */
/* Takes away a slice of what nobody needs; true while there is more of it. */
bool dates_empty(struct db *db);

#endif
