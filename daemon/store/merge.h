/* Merging two customers: what FROM has becomes INTO's, and FROM is gone. What decides
 * what is sent comes over in one turn (ids, consents, runs, messages, coupons); the rest
 * of the rows follows in pieces, and a stop in between is made up for at the next start.
 * What is needed to take them apart again is kept (store/unmerge.h). Source: design.md
 * "Merging". */
#ifndef DANGOL_MERGE_H
#define DANGOL_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"
#include "store/person.h"

/* Which rows came over. Written into stores: only ever added to. */
enum merge_part {
	MERGE_RUNS,
	MERGE_MESSAGES,
	MERGE_COUPONS,
	MERGE_REDEMPTIONS,
	MERGE_DUTIES,
	MERGE_EVENTS,
	MERGE_ORDERS,
	MERGE_PARTS
};

/* What a rule says of a customer with whom both are one. */
enum merge_rule {
	MERGE_RULE_FREE, /* nothing */
	MERGE_RULE_FULL, /* its limits let nobody begin it who has begun it so often */
	MERGE_RULE_LAW   /* it tells what the law asks for: each time */
};
struct merge_judge {
	enum merge_rule (*of)(void *arg, int64_t rule, int64_t customer);
	void *arg;
};

struct merge_counts {
	int64_t parts[MERGE_PARTS]; /* rows that came over, so far */
	int64_t ended;              /* runs that ended `merged` */
};

/* The deciding turn: both are there, and two. judge NULL: no rule says anything. From
 * then on FROM's number is nobody's. Of two runs of a rule INTO's goes on; of one
 * occasion, too; where FROM's has told nothing yet and the rule's limits are used up,
 * FROM's ends. The stricter consent of each medium and purpose holds: one that was taken
 * back anywhere stays so; where only one of them said anything, that holds. */
void merge_begin(struct db *db, int64_t from, int64_t into,
        const struct merge_judge *judge, int64_t now, struct merge_counts *counts);
/* Some rows more of who bore that number; true when there are no more, and the figures of
 * who he is now are counted anew. counts may be NULL. */
bool merge_step(struct db *db, int64_t from, struct merge_counts *counts);
/* Somebody whose rows are still on their way into that customer (0: into anybody); 0:
 * nobody. */
int64_t merge_pending(struct db *db, int64_t into);
/* What merge_begin has just done was nobody's word: a browser told who it is. */
void merge_joined(struct db *db, int64_t from);
int64_t merge_joining(struct db *db); /* as merge_pending, of those alone */
/* What a stop cut short, before anything else is done. Ends turns of its own. Returns how
 * many merges that were. */
int64_t merge_replay(struct db *db);

/* What a merge would bring over; nothing is written. */
void merge_count(struct db *db, int64_t from, struct merge_counts *out);
/* Is he being erased at this moment? */
bool merge_barred(struct db *db, int64_t customer);

/* Who was merged into a customer, the oldest first. Strings live in arena. Returns how
 * many. */
struct merge_self {
	int64_t id, time, created_at;
	const char *ref;
	const char *was;      /* all that is kept of him, JSON; NULL: it does not open */
	struct person person; /* of that */
};
size_t merge_selves(
        struct db *db, int64_t customer, struct arena *arena, struct merge_self **out);

#endif
