/* SMTP by libcurl, for what libesmtp lacks: TLS from the first byte (port 465), AUTH
 * XOAUTH2, servers named by an IPv6 address. This file and imap.c alone include
 * curl.h in dangol-mail. */
#ifndef DANGOL_MAIL_SUBMIT_H
#define DANGOL_MAIL_SUBMIT_H

#include "delivery/mail/batch.h"
#include "delivery/wire.h"

/* Sends one letter; the connection is kept for the next. */
void submit_run(const struct wire_setup *setup, struct letter *letter);
void submit_rest(void); /* closes the kept connection */

#endif
