/* SMTP by libesmtp: STARTTLS, or in the clear to this machine. The only file that
 * includes libesmtp.h. */
#ifndef DANGOL_MAIL_SESSION_H
#define DANGOL_MAIL_SESSION_H

#include "delivery/mail/batch.h"
#include "delivery/wire.h"

/* Whether libesmtp can speak to this server at all: no TLS from the first byte, no token,
 * no IPv6 address, and TLS 1.2 (learnt by the first try). */
bool session_can(const struct wire_setup *setup);
/* Sends the first letter and what comes to the desk meanwhile, over as many connections
 * as that takes. */
void session_run(const struct wire_setup *setup, struct letter *first);

#endif
