/* Sweeps: whom a time trigger reaches, found by an index where the trigger is a crossing,
 * in ranges of keys where it is everybody. */
#ifndef DANGOL_SWEEP_H
#define DANGOL_SWEEP_H

#include "language/cond.h"

/* Writes the queries of a rule whose trigger and condition are compiled. cond may be
 * NULL. */
struct rule_queries *sweep_new(struct arena *arena, const struct scope *scope,
        const struct trigger *trigger, const struct ast_expr *cond);
void sweep_free(struct rule_queries *queries); /* its statements; takes NULL */

#endif
