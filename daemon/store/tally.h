/* Figures that go up and down with every message and event: kept in memory during a turn
 * and written with it, one row a figure, so that a batch of a thousand costs what one
 * does. */
#ifndef DANGOL_TALLY_H
#define DANGOL_TALLY_H

#include <stdint.h>
#include "store/db.h"

void tally_message(struct db *db, const char *rule, const char *state, int64_t by);
void tally_count(struct db *db, const char *name, int64_t by);
int64_t tally_counted(
        struct db *db, const char *name); /* with what this turn has added */
/* Messages that wait for a channel. */
void tally_wait(struct db *db, const char *channel, int64_t by);
int64_t tally_waiting(struct db *db, const char *channel);
void tally_flush(
        struct db *db); /* writes what is in memory; the turn's end does it by itself */

#endif
