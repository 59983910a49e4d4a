/* A bounce: what a mail server reports of one recipient of a mail that it could not
 * deliver, or could. What such a report means. Source: RFC 3464 2.3, RFC 3463. */
#ifndef DANGOL_BOUNCE_H
#define DANGOL_BOUNCE_H

#include <stdbool.h>
#include "delivery/mark.h"

enum {
	BOUNCE_ADDRESS = 256,
	BOUNCE_STATUS = 16,
	BOUNCE_WORDS = 200,
	BOUNCES_MOST = 50, /* recipients of one report; the rest is not read */
};

struct bounce {
	char name[MARK_NAME]; /* "KEY.MARK" of the returned mail; "": none of ours */
	bool strange; /* the returned mail has a name, and it is not one of ours */
	char recipient[BOUNCE_ADDRESS]; /* Final-Recipient, bare; or "" */
	char original[BOUNCE_ADDRESS];  /* Original-Recipient, bare; or "" */
	char action[16];                /* in small letters; or "" */
	char status[BOUNCE_STATUS];     /* "5.1.1"; or "" */
	char words[BOUNCE_WORDS]; /* the server's, on one line, without an address */
};

enum bounce_kind {
	BOUNCE_NOTHING,   /* says nothing of use: expanded, or no action */
	BOUNCE_DELAYED,   /* the server goes on trying */
	BOUNCE_DELIVERED, /* delivered, or relayed to where no reports are made */
	BOUNCE_FAILED,    /* the server gave it up, also for want of room (x.2.2) */
	BOUNCE_NOBODY,    /* it gave it up, and the address is none: 5.1.1 no such
	                     mailbox, 5.1.2 no such domain, 5.1.3 no such syntax, 5.1.6
	                     moved away, 5.1.10 a domain that takes no mail (RFC 7505) */
};
enum bounce_kind bounce_kind(const struct bounce *bounce);
/* Is that address one of its recipients? Capitals are all one. */
bool bounce_is_of(const struct bounce *bounce, const char *address);

#endif
