/* What became of a letter, written down: the message's state, its attempt, the coupon,
 * the suppression list, the next leg. The one place where an outcome turns into states.
 */
#ifndef DANGOL_SETTLE_H
#define DANGOL_SETTLE_H

#include "delivery/bounce.h"
#include "delivery/channel.h"
#include "engine/engine.h"
#include "store/receipt.h"

/* In the turn under way. A message that is not `handed` any more is left alone. */
void settle_outcome(struct engine *engine, const struct letter *letter,
        const struct outcome *outcome, int64_t now);
/* An unknown message whose time has come: sent once more where its rule says so, else
 * left for the owner. */
void settle_unknown(struct engine *engine, const struct message *message, int64_t now);
/* A message's leg ends without having been handed: dropped, expired or failed with a
 * reason; the next leg where that leads there. */
void settle_refused(struct engine *engine, const struct message *message,
        enum reason reason, bool next_leg, int64_t now);
/* Accepted ones without a receipt in the time that their rule gives: the next leg opens.
 * Returns when the next one's time is over, 0: of none. */
int64_t settle_overdue(struct engine *engine, int64_t now);
/* What a provider answered when it was asked about a message; of one that is not waiting
 * for news of that request nothing changes. */
void settle_news(struct engine *engine, const struct news *news, int64_t now);
/* It has been proven that the provider never had it: it leaves anew, through the gate. */
void settle_absent(struct engine *engine, int64_t message, int64_t now);
/* A provider's report. The state that came first stands: what follows is kept and shown,
 * and an opting out holds whenever it comes. One that it was accepted settles an unknown
 * message and is not kept. */
enum receipt_end settle_receipt(
        struct engine *engine, const struct receipt *receipt, int64_t now);
/* What a returned mail reports of one recipient: false where it is of no message of ours
 * (no mark, a made-up one, another recipient). One that the mail server gave up failed;
 * its address is given up too where the report proves itself and says that there is no
 * such one. Of one that is still tried a note is kept. Source: RFC 3464 2.3.3, RFC 3463.
 */
bool settle_bounce(struct engine *engine, const uint8_t link_key[32],
        const struct bounce *bounce, int64_t now);
const char *settle_state(enum news_kind kind); /* as receipts name it; static */

#endif
