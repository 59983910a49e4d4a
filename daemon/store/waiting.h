/* What waits of one rule, taken together: its open runs, their messages that have not
 * left, the codes that are reserved for them. */
#ifndef DANGOL_WAITING_H
#define DANGOL_WAITING_H

#include <stdint.h>
#include "store/db.h"
#include "store/message.h"

struct waiting {
	int64_t runs, messages, coupons;
};
/* Counts them. rule is the row's id, name the rule's. */
struct waiting waiting_of_rule(struct db *db, int64_t rule, const char *name);
/* A run's messages that are held for that reason; returns how many were filled. */
int waiting_held(
        struct db *db, int64_t run, enum reason reason, int64_t *messages, int max);
/* Ends the open runs, drops every message that was not claimed yet, also of runs that had
 * nothing else to do, and gives the reserved codes back. Returns what there was. */
struct waiting waiting_end(
        struct db *db, int64_t rule, const char *name, enum reason reason, int64_t now);

#endif
