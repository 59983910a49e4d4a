/* What messages have cost: a row a day, channel, provider and purpose, so that a sum
 * reads a few rows however many messages there were. A message holds its own price and
 * the row that it is counted in: the rows' won are always the sum of the messages'. */
#ifndef DANGOL_SPENT_H
#define DANGOL_SPENT_H

#include <stdint.h>
#include "store/db.h"

/* Where a message's price is counted. day: the shop's, of the handing, in days since the
 * epoch; channel: the one that it left by, also where it was the owner's. */
struct spent_key {
	int32_t day;
	const char *channel, *provider, *purpose;
};

/* Counts one more message, in memory until the turn ends. Returns the row, for the
 * message to keep. */
int64_t spent_add(struct db *db, const struct spent_key *key, int64_t won);
/* The price of a message's last handing is not asked for after all: it was not taken, or
 * it failed. Of one without a price nothing changes. */
void spent_take_back(struct db *db, int64_t message);
/* Its last handing stays paid for whatever becomes of it: it may have arrived, and is
 * handed once more. */
void spent_stands(struct db *db, int64_t message);

/* Won spent by a channel on the days [from, to), with what this turn has added. */
int64_t spent_sum(struct db *db, const char *channel, int32_t from, int32_t to);
/* The same of every channel that had anything, in the order of their names. */
void spent_each(struct db *db, int32_t from, int32_t to,
        void (*fn)(void *arg, const char *channel, int64_t won), void *arg);

#endif
