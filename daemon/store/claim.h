/* The ids that other systems have for a customer, as events tell them: whose they are,
 * and those that were told of two. Moves none from one to another. */
#ifndef DANGOL_CLAIM_H
#define DANGOL_CLAIM_H

#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

#define CLAIM_MOST 64 /* of one customer */

/* Gives the customer those of the n ids that nobody has, CLAIM_MOST at most; one that is
 * another's is noted (table alias_claim). Costs nothing where there are none. */
void claim_aliases(struct db *db, int64_t id, const char **refs, size_t n, int64_t now);

#endif
