/* Late identification: a browser that was nobody tells who it is, and what it did becomes
 * that customer's. Joins no two who were both somebody. */
#ifndef DANGOL_JOINING_H
#define DANGOL_JOINING_H

#include "engine/state.h"
#include "store/customer.h"

/* Before a customer of that profile is found or made. What the browser did that decides
 * what is sent is his at once, within the turn; much more of it follows in slices. */
void joining_know(struct engine *engine, const struct profile *profile, int64_t now);
/* Some of the rows that follow; true while there may be more. */
bool joining_slice(struct engine *engine, int64_t now);

#endif
