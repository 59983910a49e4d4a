/* Keeping: what the store is asked to hold in order because no index of its own does:
 * dates in JSON, and when a rule's messages were sent. Written for the rules and segments
 * that need it and no more. */
#ifndef DANGOL_KEEPING_H
#define DANGOL_KEEPING_H

#include "base/mem.h"
#include "store/dates.h"

/* value: the instant or date as SQL, in ms, without the shop's offset from UTC. */
const struct dates_set *keeping_attribute(
        struct arena *arena, const char *path, const char *value);
/* types: of the events that carry it, quoted and with commas between. */
const struct dates_set *keeping_event_field(
        struct arena *arena, const char *path, const char *value, const char *types);
/* When the messages of a rule were sent. */
const struct dates_set *keeping_sent(struct arena *arena, const char *rule);
/* Days of joining and coupons' ends have an index: they are only followed. */
const struct dates_set *keeping_joined(struct arena *arena);
const struct dates_set *keeping_coupon(struct arena *arena, const char *coupon);

#endif
