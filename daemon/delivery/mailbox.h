/* The mailbox that bounces come to, as dangol.conf names it: a Maildir of this machine or
 * a folder of an IMAP server. */
#ifndef DANGOL_MAILBOX_H
#define DANGOL_MAILBOX_H

#include <stdbool.h>
#include "base/mem.h"

struct mailbox {
	const char *folder; /* a Maildir's absolute path; NULL: IMAP */
	const char *server; /* without brackets */
	const char *name;   /* of the folder, as it was written: "INBOX" */
	int port;
	bool tls; /* from the first byte; without for this machine alone */
};

/* "/var/mail/bounces", "imaps://imap.example.com/INBOX", "imap://127.0.0.1:1143/INBOX".
 * false and why (256), in the owner's language: it is none of these. The arena keeps the
 * texts. */
bool mailbox_parse(
        const char *text, struct arena *arena, struct mailbox *out, char why[256]);

#endif
