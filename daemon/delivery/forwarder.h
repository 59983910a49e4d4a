/* Events back out: each `forward` of dangol.conf is told of the events that it chose, one
 * signed POST an event, in order for each customer and at least once. No queue is written
 * when an event comes in: the table of events is one, and a forward's place in it stands
 * beside it. Source: standard-webhooks specification 1.0.0. */
#ifndef DANGOL_FORWARDER_H
#define DANGOL_FORWARDER_H

#include <jansson.h>
#include <uv.h>
#include "base/calendar.h"
#include "delivery/forward.h"

struct forwarder;
struct forwarder *forwarder_new(uv_loop_t *loop, struct db *db);
/* These are in force from now on; in a turn. A new one begins behind the newest event,
 * one that is no more is forgotten, one that is as it was goes on. Everything is copied.
 */
void forwarder_configure(struct forwarder *forwarder,
        const struct forward_config *forwards, size_t n, struct zone *zone, int64_t now);
/* Ends what is under way in grace_ms at most, saves, and calls freed. */
void forwarder_free(
        struct forwarder *forwarder, int grace_ms, void (*freed)(void *arg), void *arg);

/* Once a round of the loop. save: before the turn ends, what answers changed goes into
 * it. run: after it has ended, so that nothing is told that is not on disk; committed: it
 * wrote something. */
void forwarder_save(struct forwarder *forwarder, int64_t now);
void forwarder_run(struct forwarder *forwarder, bool committed, int64_t now);

/* For the owner. {NAME: {"state","waiting",…}}; a sentence where nothing gets through, or
 * NULL. Return new. */
json_t *forwarder_status(struct forwarder *forwarder, int64_t now);
char *forwarder_why(struct forwarder *forwarder, int64_t now);
bool forwarder_has(const struct forwarder *forwarder, const char *name);
/* Everything that waits is tried at once, also where the receiver had said 410. */
void forwarder_retry(struct forwarder *forwarder, const char *name, int64_t now);
/* Gives up the events that do not get through, one a customer. Returns how many. */
int64_t forwarder_skip(struct forwarder *forwarder, const char *name, int64_t now);

#endif
