/* What a mail server's reply means for a letter. Source: RFC 5321 4.2, RFC 3463,
 * interface.md "Delivery". */
#ifndef DANGOL_MAIL_REPLY_H
#define DANGOL_MAIL_REPLY_H

#include "delivery/channel.h"

enum reply_stage {
	REPLY_CONNECT,  /* nothing was said yet */
	REPLY_GREETING, /* greeting, EHLO, STARTTLS */
	REPLY_AUTH,
	REPLY_TOKEN, /* AUTH XOAUTH2 */
	REPLY_MAIL,  /* the sender */
	REPLY_RCPT,  /* the recipient */
	REPLY_DATA,  /* the text, or its end */
};
struct reply {
	int code;         /* 0: none came */
	const char *text; /* after the code, with or without "5.1.1 "; or NULL */
};

/* A reply to one letter's stage. to, its recipient, is left out of the detail; may be
 * NULL. */
struct outcome reply_outcome(
        enum reply_stage stage, const struct reply *reply, const char *to);

#endif
