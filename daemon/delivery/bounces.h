/* Returned mails: the mailbox that they come to, read every five minutes by a child of
 * its own, and what follows from them. Source: RFC 3464. */
#ifndef DANGOL_BOUNCES_H
#define DANGOL_BOUNCES_H

#include <jansson.h>
#include <uv.h>
#include "delivery/channel.h"
#include "engine/engine.h"

struct bounces;
/* Of the first of these channels that names a mailbox, borrowed; NULL: none does.
 * link_key: the store's, 32 bytes, there before the first run; borrowed. wake: there is
 * something to write down. */
struct bounces *bounces_new(struct engine *engine, uv_loop_t *loop,
        const struct channel_config *configs, size_t n, const uint8_t *link_key,
        void (*wake)(void *arg), void *arg);
/* In a turn: writes down what was read, and begins to read when it is time. Returns when
 * it is to be called next. */
int64_t bounces_run(struct bounces *bounces, int64_t now);
/* {"read","ours","ignored","last","error"}: since the store was made; last null: never.
 * Returns new. */
json_t *bounces_status(const struct bounces *bounces);
/* One sentence about what is wrong, or NULL. */
const char *bounces_why(struct bounces *bounces);
void bounces_free(struct bounces *bounces, void (*freed)(void *arg), void *arg);

#endif
