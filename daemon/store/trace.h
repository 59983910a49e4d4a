/* The trace that a rule left behind one customer: what was begun, what was sent, who
 * switched it. Read only; served by indexes whose keys name the customer, the run, or
 * from the newest end. */
#ifndef DANGOL_TRACE_H
#define DANGOL_TRACE_H

#include <stdint.h>
#include "store/run.h"

#define TRACE_RUNS 50
/* Runs and spent occasions of a rule and a customer, newest first: at most max, and
 * TRACE_RUNS. */
int trace_runs(struct db *db, int64_t rule, int64_t customer, struct run *out, int max);
/* Ids of a run's messages in the order of its steps and legs: at most max. */
int trace_messages(struct db *db, int64_t run, int64_t *ids, int max);
/* As run_count, for runs begun at or after from; but it looks at TRACE_COUNTED of them at
 * most, and says whether that was the whole. */
#define TRACE_COUNTED 20000
int64_t trace_begun(
        struct db *db, int64_t rule, int64_t customer, int64_t from, bool *whole);
/* Ids of a customer's events of a type, newest first: at most max. */
int trace_events(
        struct db *db, int64_t customer, const char *type, int64_t *ids, int max);
/* The event behind the n-th run of a rule that counts for its limits; 0: there are not so
 * many of them, or not among the first TRACE_COUNTED. */
int64_t trace_filled(struct db *db, int64_t rule, int64_t n);
/* When somebody last did that ("rule.off") to that target; 0: not among the last 5,000
 * entries of the audit. */
int64_t trace_switched(struct db *db, const char *what, const char *target);

#endif
