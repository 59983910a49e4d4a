/* What dispatch does about budgets: the owner hears of them, and what they held is asked
 * again when another configuration is in force. It decides nothing: the gate does. */
#ifndef DANGOL_PURSE_H
#define DANGOL_PURSE_H

#include "delivery/dispatch_inner.h"

/* A message with a price has left by that line: is its budget nearly used up? */
void purse_spent(struct dispatch *dispatch, struct line *line, int64_t now);
/* The gate holds or drops an advertisement of that channel for its budget. */
void purse_holds(struct dispatch *dispatch, const char *channel, int64_t now);
/* Once in the life of a dispatch, in slices: what an earlier budget holds is due now.
 * True: there is more of it. */
bool purse_wake(struct dispatch *dispatch, int64_t now);

#endif
