/* From a message and its rendered template to a letter: address, sender, and what the law
 * makes the daemon write into an advertisement. The same for sending, previewing and
 * simulating. */
#ifndef DANGOL_LETTER_H
#define DANGOL_LETTER_H

#include "delivery/channel.h"
#include "engine/gate.h"
#include "language/template.h"
#include "store/message.h"

struct letter_parts {
	const struct message *message;
	const struct rendered *rendered;
	const struct channel_config *channel;
	const struct shop *shop;
	const char *to;       /* the address, E.164 or e-mail */
	const char *customer; /* ref */
	const char *key, *coupon, *unsubscribe;
	const char *mark;          /* of a mail; or NULL */
	const char *image;         /* the template's picture; or NULL */
	const char *template_code; /* as Kakao approved it; or NULL */
	int64_t now;
};
/* Builds it in a fresh arena of its own. NULL and the reason (bad_content, too_long) and
 * why (256) when its channel cannot carry it: CP949 for sms, at most 2,000 bytes with
 * what is written in front and behind. */
struct letter *letter_new(
        const struct letter_parts *parts, enum reason *reason, char why[256]);
/* Does it leave as a mail, with subject, sender and the way out in it? */
bool letter_is_mail(const struct letter_parts *parts);
/* The kind of what that channel sends, by the carrier's bytes: "SMS" or "LMS", with a
 * picture "MMS", static; NULL where a channel has one kind. image may be NULL. */
const char *letter_kind(
        const struct channel_config *channel, const char *text, const char *image);
/* What one of that kind costs. */
struct price letter_price(const struct channel_config *channel, const char *kind);

/* Who takes letters in place of every channel, in a simulation. message is as it waited.
 * True: what was read is kept with the message. */
typedef bool (*letter_recorder)(
        void *arg, const struct message *message, const struct letter *letter);

#endif
