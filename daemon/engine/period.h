/* The calendar periods that limits and budgets count in: a day, a week from Monday, a
 * month. Days are the shop's, since the epoch. */
#ifndef DANGOL_PERIOD_H
#define DANGOL_PERIOD_H

#include <stdint.h>
#include "language/program.h"

int32_t period_start(enum schedule unit, int32_t day);
int32_t period_end(enum schedule unit, int32_t start); /* the next one's first day */
const char *period_name(enum schedule unit); /* "day", "week", "month", static */

#endif
