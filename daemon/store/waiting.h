/* What waits of one rule, taken together: its open runs, their messages that have not
 * left, the codes that are reserved for them. All of it ends in slices, for there may be
 * very much: that it is under way stands in the store, how far it came only in memory,
 * as what has ended is passed by. */
#ifndef DANGOL_WAITING_H
#define DANGOL_WAITING_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"
#include "store/message.h"

struct waiting {
	int64_t runs, messages, coupons;
};
/* A run's messages that are held for that reason; returns how many were filled. */
int waiting_held(
        struct db *db, int64_t run, enum reason reason, int64_t *messages, int max);

/* Makes the next `most` messages of that state (held or planned) behind *last (0: from
 * the first) due now, of them those that wait for that reason until later. True: there
 * are more. */
bool waiting_wake(struct db *db, enum message_state state, enum reason reason,
        int64_t *last, int most, int64_t now);

/* How far the ending of a rule (its row's id) has come; all else 0: at its beginning. */
struct ending {
	int64_t rule;
	enum { ENDING_GUARDED, ENDING_RUNS, ENDING_PLANNED, ENDING_HELD, ENDING_OVER } at;
	int64_t started_at, last; /* the run, or the message, that was looked at last */
};
#define ENDING_EFFORT 1500 /* of one slice: a few milliseconds with its commit */

/* From now on what waits of the rule is being ended. It may start no run and send
 * nothing until it is over: that is the caller's to see to. */
void waiting_begin(struct db *db, int64_t rule, int64_t now);
/* Ends open runs, drops every message that was not claimed yet, also of runs that had
 * nothing else to do, and gives the reserved codes back, all as rule_off, for as long as
 * there is effort left: looking costs 1, ending 20. True: there is more to do. */
bool waiting_slice(struct db *db, struct ending *ending, int *effort, int64_t now);
/* One of its runs out of turn. */
void waiting_end_run(struct db *db, int64_t rule, int64_t run, int64_t now);
/* Rules whose ending is under way; how many were filled. */
int waiting_endings(struct db *db, int64_t *rules, int max);
/* What the last ending of a rule cancelled, up to now. */
struct waiting waiting_ended(struct db *db, int64_t rule);

#endif
