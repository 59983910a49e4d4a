/* A line's hold-off by receiving domain: what its answers say of the recipient's domain,
 * and which messages wait for that. */
#ifndef DANGOL_HOLDOFF_H
#define DANGOL_HOLDOFF_H

#include "delivery/line.h"
#include "store/message.h"

/* What became of a letter to that address. */
void holdoff_heard(
        struct line *line, const char *to, const struct outcome *outcome, int64_t now);
/* Moves the message's due instant where its recipient's domain is held; true: it waits.
 * The first time that stands in its attempts. false: it may go, and may be the one that
 * tries. In the turn under way. */
bool holdoff_waits(struct db *db, struct line *line, const struct message *message,
        const char *to, int64_t now);
/* A sentence where a domain holds many letters; false: none does. */
bool holdoff_why(
        const struct line *line, struct zone *zone, int64_t now, char *out, size_t size);

#endif
