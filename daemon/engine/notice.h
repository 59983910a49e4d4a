/* What the daemon itself has to say to the owner, through channel owner: once a day of
 * the shop for the same kind and thing. */
#ifndef DANGOL_NOTICE_H
#define DANGOL_NOTICE_H

#include "engine/state.h"

#define NOTICE_RULE \
	"daemon" /* the pseudo-rule of these messages; they name no template */

/* Says it in the journal and, where dangol.conf gives the owner an address and a channel
 * to it, in a message of purpose notice. kind is a word of ours, about the rule or coupon
 * that it is about; text has no personal data. False: it was said today. */
bool notice_owner(struct engine *engine, const char *kind, const char *about, int64_t now,
        const char *text);
/* The same, once for that day of the shop whenever it is said: of a longer period its
 * first. */
bool notice_owner_of(struct engine *engine, const char *kind, const char *about,
        int32_t day, int64_t now, const char *text);
/* "12 hours", "30 minutes": how long a rule's late is. */
const char *notice_span(int64_t ms, char out[32]);
/* A customer found no code left, the first one of the day. */
void notice_no_coupon(
        struct engine *engine, const struct rule *rule, const char *coupon, int64_t now);
/* The first advertisement of a period is held by its channel's budget; most of it is
 * spent. Each is said once a period and budget. */
void notice_budget_used(
        struct engine *engine, const struct budget_state *state, int64_t now);
void notice_budget_near(
        struct engine *engine, const struct budget_state *state, int64_t now);
/* Is a message one of these? Its words stand in message->data. */
bool notice_is(const struct message *message);

#endif
