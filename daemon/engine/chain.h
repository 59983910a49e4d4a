/* Chains of causes: a rule that tags, a segment that is entered by it, another rule, …
 * Each run knows how many causes stand before it, also after a wait. */
#ifndef DANGOL_CHAIN_H
#define DANGOL_CHAIN_H

#include "engine/state.h"

#define CAUSES_MAX 8

void chain_begun(struct engine *engine, const struct run *run);
/* A step of the run changed its customer: what comes of it has one cause more. */
void chain_caused(struct engine *engine, const struct run *run);
/* A chain that grew too long ends before that rule: said, written down and counted. */
void chain_stop(struct engine *engine, const struct rule *rule, int64_t now);

#endif
