/* What settling an outcome and settling a report share: not for others. */
#ifndef DANGOL_SETTLE_INNER_H
#define DANGOL_SETTLE_INNER_H

#include "delivery/channel.h"
#include "engine/engine.h"

void settle_chain(struct engine *engine, const struct message *message, bool next_leg,
        int64_t now); /* the next leg, or the run goes on without one */
void settle_suppress(struct engine *engine, const struct message *message,
        const char *why, int64_t now);
void settle_failed(struct engine *engine, const struct message *message,
        enum reason reason, int64_t now);
/* A message has just left, or nobody knows: reports may have been faster. */
void settle_early(struct engine *engine, int64_t message, const struct outcome *outcome,
        int64_t now);

#endif
