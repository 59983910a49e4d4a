/* What the two halves of provider twilio share: sending and asking (twilio.c) and reports
 * (twilio_receipts.c). */
#ifndef DANGOL_TWILIO_INNER_H
#define DANGOL_TWILIO_INNER_H

#include "delivery/protocol.h"

/* What a code means, in the owner's language; NULL: it is not in the table. */
const char *twilio_meaning(const char *code);
/* What became of a message, by Twilio's word for it and an error's code or "". */
enum news_kind twilio_news(const char *status, const char *code);
/* What Twilio signs its reports with: always the account's token, also where an API key
 * sends; NULL: it is not known here. */
const struct secret *twilio_witness(const struct channel_config *config);
receipts_reader twilio_receipts;

#endif
