/* Crossings: whom time moves across the border of a segment, found in a window of an
 * index for each part of its condition that time can turn. */
#ifndef DANGOL_CROSSING_H
#define DANGOL_CROSSING_H

#include "language/cond.h"
#include "language/deps.h"

/* Writes the queries of a segment whose deps are known, and its hash. */
struct crossings *crossings_new(struct arena *arena, const struct scope *scope,
        struct segment *segment, const struct ast_expr *cond);
void crossings_free(struct crossings *crossings); /* its statements; takes NULL */

#endif
