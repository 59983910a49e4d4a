/* Taking two apart who were merged: who was gone is there again under his old id, with
 * what came over from him; what came after the merge stays with the other. What decides
 * what is sent goes back in one turn, the rest in pieces, and a stop in between is made
 * up for at the next start. */
#ifndef DANGOL_UNMERGE_H
#define DANGOL_UNMERGE_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"
#include "store/merge.h"

#define UNMERGE_DAYS 30 /* after the merge */

enum unmerge_state {
	UNMERGE_NONE, /* nobody of that id was merged into another */
	UNMERGE_CAN,
	UNMERGE_DONE,   /* it was undone; rows may be on their way back */
	UNMERGE_OLD,    /* longer ago than UNMERGE_DAYS */
	UNMERGE_ERASED, /* the one of both is being erased */
	UNMERGE_ON,     /* who he was merged into was merged on: that comes first */
	UNMERGE_SEALED  /* what he was does not open */
};
struct unmerge {
	enum unmerge_state state;
	int64_t from, into; /* their numbers; into: who he is part of, or was */
	char first[160];    /* of UNMERGE_ON: the id that comes first */
};
void unmerge_find(struct db *db, const char *ref, int64_t now, struct unmerge *out);

/* The deciding turn, of one in state UNMERGE_CAN whose rows have all come over
 * (merge_step). Of each medium and purpose the stricter holds for both: a withdrawal that
 * is on record of the other is his as well. A consent that the other holds by him alone
 * is no more on record of the other. */
void unmerge_begin(struct db *db, int64_t from, int64_t now, struct merge_counts *counts);
/* Some rows more; true when all are back, and the figures of both are counted anew.
 * counts may be NULL. */
bool unmerge_step(struct db *db, int64_t from, struct merge_counts *counts);
/* Out of whom he was taken; 0: out of nobody. */
int64_t unmerge_other(struct db *db, int64_t from);
/* Whose rows are on their way between that customer and another (0: anybody's); 0:
 * nobody's. */
int64_t unmerge_pending(struct db *db, int64_t customer);
/* What a stop cut short; ends turns of its own. Returns how many those were. */
int64_t unmerge_replay(struct db *db);
/* Some of what is kept for undoing merges of before an instant goes; true: there may be
 * more behind the cursor. */
bool unmerge_forget(struct db *db, int64_t before, int64_t *cursor);

#endif
