/* Provider webhook's one pure part: what an answer means. Source: interface.md,
 * "Delivery". */
#ifndef DANGOL_WEBHOOK_H
#define DANGOL_WEBHOOK_H

#include "delivery/channel.h"
#include "delivery/httpc.h"

/* ad: an advertisement is never repeated once it may have arrived. */
struct outcome webhook_outcome(const struct httpc_answer *answer, bool ad);

#endif
