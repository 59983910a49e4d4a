/* What the blast guard keeps: how many customers each rule started for in each hour, what
 * the owner approved, and the runs that it holds. */
#ifndef DANGOL_GUARDED_H
#define DANGOL_GUARDED_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* ---- starts, by hour since the epoch ---- */
void guarded_count(struct db *db, int64_t rule, int64_t hour, int64_t keep_from);
/* How many in the hours [from, to). */
int64_t guarded_started(struct db *db, int64_t rule, int64_t from, int64_t to);
/* The most in any `width` hours on end, all of them in [from, to). */
int64_t guarded_most(
        struct db *db, int64_t rule, int64_t from, int64_t to, int64_t width);

/* ---- the owner's word ---- */
struct approval {
	int64_t approved_at; /* 0: never */
	int64_t up_to;       /* so many in 24 hours; 0: not said */
	int64_t skip_until;  /* what is beyond is dropped until then */
};
struct approval guarded_approval(struct db *db, int64_t rule);
/* up_to 0: what was said before stands. */
void guarded_approve(struct db *db, int64_t rule, int64_t up_to, int64_t now);
void guarded_skip(struct db *db, int64_t rule, int64_t until);
/* The rule was changed: a number that was approved for what it was holds no longer. */
void guarded_changed(struct db *db, int64_t rule);

/* ---- runs that it holds ---- */
void guarded_add(struct db *db, int64_t run, int64_t rule, int64_t until);
bool guarded_has(struct db *db, int64_t run);
void guarded_remove(struct db *db, int64_t run);
/* The run has ended: it is held no more, unless a message of it is. */
void guarded_leave(struct db *db, int64_t run);
void guarded_put_off(struct db *db, int64_t run, int64_t until);
int64_t guarded_held(struct db *db, int64_t rule); /* how many */
/* The oldest of a rule; those whose time is over. Return how many were filled. */
int guarded_of_rule(struct db *db, int64_t rule, int64_t *runs, int max);
int guarded_due(struct db *db, int64_t now, int64_t *runs, int max);
int64_t guarded_next_due(struct db *db); /* 0: none */

#endif
