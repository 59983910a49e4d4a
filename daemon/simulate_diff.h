/* What other rules would change: two simulations of the same span, message by message. */
#ifndef DANGOL_SIMULATE_DIFF_H
#define DANGOL_SIMULATE_DIFF_H

#include "simulate_world.h"

/* simulate.h's rows of a comparison. Both worlds ran through the same span. */
void sim_diff_print(struct sim_world *before, struct sim_world *after);

#endif
