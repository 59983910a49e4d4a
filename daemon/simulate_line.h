/* A message as a simulation tells of it. */
#ifndef DANGOL_SIMULATE_LINE_H
#define DANGOL_SIMULATE_LINE_H

#include "simulate_world.h"

/* {"time","rule","customer","channel","template","to","text","coupon","state","reason",
 * "kind","price"}; customer NULL: the owner; price is null of what was not sent and where
 * none is named. Returns new. */
json_t *sim_line_json(const struct sim_world *world, const struct message *message,
        int64_t time, const char *customer);
void sim_line_print(json_t *line);                  /* takes it; one line on stdout */
json_t *sim_line_cost(const struct sim_cost *cost); /* won, or null; NULL: 0 won */

#endif
