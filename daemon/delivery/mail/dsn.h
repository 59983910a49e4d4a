/* A delivery report as a mail: multipart/report, report-type=delivery-status. Source: RFC
 * 3462, 3464, 6533. */
#ifndef DANGOL_MAIL_DSN_H
#define DANGOL_MAIL_DSN_H

#include <stddef.h>
#include "delivery/bounce.h"

/* Reads a mail, or the first part of one, as it came. Returns how many recipients it
 * reports on; 0: it is no delivery report. */
size_t dsn_read(const char *mail, size_t len, struct bounce out[BOUNCES_MOST]);

#endif
