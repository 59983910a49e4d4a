/* An errand: one message on its way through the gate to its channel. */
#ifndef DANGOL_ERRAND_H
#define DANGOL_ERRAND_H

#include "delivery/dispatch.h"
#include "delivery/line.h"

/* Decides about one message that is due, and hands it to the line or writes down why not. arena is scratch. */
void errand_run(struct dispatch *dispatch, struct line *line, int64_t message, int64_t now, struct arena *arena);

#endif
