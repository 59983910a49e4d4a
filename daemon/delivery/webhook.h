/* Provider webhook: what an answer means, and what the step post has in common with it.
 * Source: interface.md, "Delivery". */
#ifndef DANGOL_WEBHOOK_H
#define DANGOL_WEBHOOK_H

#include "delivery/channel.h"
#include "delivery/httpc.h"

/* ad: an advertisement is never repeated once it may have arrived. */
typedef struct outcome (*webhook_judge)(const struct httpc_answer *answer, bool ad);
struct outcome webhook_outcome(const struct httpc_answer *answer, bool ad);

/* The verbs of such a channel: its connections, its room, one POST with the key of the
 * letter as its id (signed where the channel has a secret), and its end. url, type and
 * body are borrowed for the call; judge says what the answer means. */
void webhook_begin(struct channel *channel);
int webhook_room(struct channel *channel);
void webhook_post(struct channel *channel, struct letter *letter, const char *url,
        const char *type, const char *body, webhook_judge judge);
void webhook_close(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel));

#endif
