/* The statutory notices: when what the law asks is due, the daemon's own event starts the
 * built-in rule that tells it. Sends nothing itself, and never the same twice: the event,
 * its run, its message and the ledger are written in one turn. */
#ifndef DANGOL_TELL_H
#define DANGOL_TELL_H

#include "engine/state.h"

/* One customer's; true: there may be more due. Under `law none` what was owed is not any
 * more; where the shop has no channel for it, it waits. */
bool tell_slice(struct engine *engine, int64_t now);
/* The owner is told of what is late in coming: once a day of the shop. */
void tell_alarm(struct engine *engine, int64_t now);
/* When one of the two has something to do; 0: never. */
int64_t tell_next(const struct engine *engine, int64_t now);
/* May a message of that run still be told? True of every other rule's. */
bool tell_stands(
        const struct engine *engine, const struct rule *rule, const struct run *run);

#endif
