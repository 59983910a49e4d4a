/* `check --online`: what the providers themselves say of the accounts that dangol.conf
 * names. Sends no message and needs no daemon. */
#ifndef DANGOL_ONLINE_H
#define DANGOL_ONLINE_H

#include <jansson.h>
#include "config.h"

/* Asks every channel's provider, and the one that stands in for it, where it can be
 * asked; in the time that a request has. [{"channel","provider","good","lines":[…]}],
 * returns new. The configuration's secrets are loaded. */
json_t *online_ask(const struct config *config);
bool online_good(const json_t *answers); /* all of them */
void online_show(const json_t *answers); /* to standard output, a line each */

#endif
