/* Rules that went off or whose file is gone: what waits of them is ended in slices. Until
 * that is over such a rule is not active, also where the owner has turned it on again:
 * nothing of it begins, goes on or is sent. */
#ifndef DANGOL_ENDING_H
#define DANGOL_ENDING_H

#include "engine/state.h"

/* The row is inactive in the store already. True: all that waited of it has ended in this
 * turn; false: that goes on in slices. effort is the turn's, for all endings of it. */
bool ending_begin(struct engine *engine, int64_t rule, int *effort, int64_t now);
bool ending_under_way(const struct engine *engine, int64_t rule);
/* One slice of the oldest one; true while there is more to do. */
bool ending_slice(struct engine *engine, int64_t now);
/* A run that something else came upon: true when its rule is ending and the run has
 * ended with it. */
bool ending_takes(struct engine *engine, const struct run *run, int64_t now);
/* Looks again in the store which ones are under way: at start, after an undone turn. */
void ending_reread(struct engine *engine);
void ending_close(struct engine *engine);

#endif
