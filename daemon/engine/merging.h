/* Two customers become one: what the rules in force have to say of it. It starts nothing
 * and sends nothing; a border that the one of both stands beyond is crossed in silence,
 * as by an import. */
#ifndef DANGOL_MERGING_H
#define DANGOL_MERGING_H

#include "engine/state.h"
#include "store/merge.h"

/* The deciding turn, see store/merge.h. Both are there, and two. */
void merging_begin(struct engine *engine, int64_t from, int64_t into, int64_t now,
        struct merge_counts *counts);
/* The same for a browser that told who it is: what that moves at borders fires with the
 * next border_settle. */
void merging_join(struct engine *engine, int64_t from, int64_t into, int64_t now);
/* Some of the rows that follow into that customer, for about so long; true when all have
 * come over. */
bool merging_slice(struct engine *engine, int64_t customer, int most_ms, int64_t now,
        struct merge_counts *counts);
/* Taking apart who was merged (store/unmerge.h): his deciding turn, and of the rows that
 * follow some for about so long; true when all are back. It starts nothing. */
void merging_part(
        struct engine *engine, int64_t from, int64_t now, struct merge_counts *counts);
bool merging_part_slice(struct engine *engine, int64_t from, int most_ms, int64_t now,
        struct merge_counts *counts);
/* After merge_replay or unmerge_replay, with the rules in force: what it moved begins
 * nothing. */
void merging_settle(struct engine *engine, int64_t now);

#endif
