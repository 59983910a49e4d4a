/* Segments in the store: who is inside of those that rules wait at, how often he came and
 * went, and whom a change touched. Asks no condition. */
#ifndef DANGOL_STORE_SEGMENT_H
#define DANGOL_STORE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

struct segment_row {
	int64_t id;
	char hash[65];
	int64_t cursor; /* time was looked at up to here */
	int64_t seed;   /* customers up to this one are known */
};
#define SEED_WHOLE INT64_MAX /* all of them are */
#define SEED_STALE (-1) /* all were: time is looked at once more, then everybody anew */

bool segment_row_find(struct db *db, const char *name, struct segment_row *out);
/* Makes the row where there is none, with an empty hash. */
void segment_row_get(
        struct db *db, const char *name, int64_t now, struct segment_row *out);
/* Another condition: everybody is looked at anew, and time from now on. */
void segment_row_reset(struct db *db, int64_t id, const char *hash, int64_t now);
void segment_row_set_cursor(struct db *db, int64_t id, int64_t cursor);
void segment_row_set_seed(struct db *db, int64_t id, int64_t seed);
/* Those whose time was looked at past an instant are as new there. */
void segment_row_rewind(struct db *db, int64_t to);
/* Segments that are not in the list of ids are waited at no more: their hash is emptied.
 */
void segment_row_forget(struct db *db, const int64_t *ids, size_t n);

/* What is noted of a customer and a segment; all 0 where nothing is. */
struct segment_member {
	bool inside;
	int64_t entries, exits, since;
};
void segment_member(
        struct db *db, int64_t segment, int64_t customer, struct segment_member *out);
bool segment_inside(struct db *db, int64_t segment, int64_t customer);
/* A crossing; returns its number: the customer's n-th entry, or his n-th leaving. */
int64_t segment_move(struct db *db, int64_t segment, int64_t customer, bool in,
        int64_t since, bool by_time);

struct touched {
	int64_t customer, what;
	int depth;
};
/* Takes off the oldest that are due, at most max, those of one customer as one. */
int segment_take_touched(struct db *db, int64_t now, struct touched *out, int max);
int64_t segment_touched_next(struct db *db); /* when the earliest is due; 0: none */
/* He is to be asked for by every segment. */
void segment_touch(struct db *db, int64_t customer);
/* What was noted of that customer in this turn came of a run that has so many causes. */
void segment_touched_by(struct db *db, int64_t customer, int depth);
void segment_run_depth(struct db *db, int64_t run, int depth);
int segment_depth_of(struct db *db, int64_t run);

/* The store's triggers named touch_*: makes these, drops the others. */
struct segment_trigger {
	const char *name, *sql;
};
void segment_triggers(struct db *db, const struct segment_trigger *wanted, size_t n);

#endif
