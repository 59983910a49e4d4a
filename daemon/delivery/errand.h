/* An errand: one message on its way through the gate to its channel. */
#ifndef DANGOL_ERRAND_H
#define DANGOL_ERRAND_H

#include "delivery/dispatch_inner.h"

/* Decides about one message that is due, and hands it to the line or writes down why not.
 * arena is scratch. */
void errand_run(struct dispatch *dispatch, struct line *line, int64_t message,
        int64_t now, struct arena *arena);

/* How it would leave now, without the gate: dispatch_preview's. */
struct letter *errand_preview(struct dispatch *dispatch, const char *channel,
        const char *template, int64_t customer, const struct rule *rule, int64_t now,
        bool *made_up, char why[256]);

#endif
