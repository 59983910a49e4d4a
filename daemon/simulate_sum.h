/* What a simulation came to, counted: by day and rule, what was held back and why, and
 * what it costs. */
#ifndef DANGOL_SIMULATE_SUM_H
#define DANGOL_SIMULATE_SUM_H

#include "simulate_world.h"

void sim_sum_print(struct sim_world *world); /* simulate.h's rows of a summary */

#endif
