/* What the files of provider popbill share: not for others. */
#ifndef DANGOL_POPBILL_INNER_H
#define DANGOL_POPBILL_INNER_H

#include "delivery/protocol.h"

const char *popbill_host(const struct talk *talk);
/* True: the request for a token stands in out. */
bool popbill_needs_token(struct talk *talk, struct request *out);
/* False, and what that means for a sending. */
bool popbill_got_token(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome);
/* True: the token was not accepted any more, and is forgotten; the next request asks for
 * one. */
bool popbill_token_is_over(struct talk *talk, const struct httpc_answer *answer);
void popbill_begin(struct request *out, const struct talk *talk, const char *method,
        const char *path);
bool popbill_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json);

talk_step popbill_ask, popbill_examine, popbill_senders, popbill_refusals;

#endif
