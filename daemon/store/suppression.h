/* The list of addresses that are never written to. */
#ifndef DANGOL_SUPPRESSION_H
#define DANGOL_SUPPRESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

/* channel NULL or "all": every medium. address is E.164 or a lower-case e-mail
 * address. */
void suppression_add(struct db *db, const char *address, const char *channel,
        const char *reason, const char *source, int64_t now);
/* An erased customer's address, which nobody else has: rows of it become a keyed hash. */
void suppression_hide(struct db *db, const char *address);
/* Such a one had opted out. newcomers: somebody else has the address, who is written to
 * as before; whoever is told of from now on is not. address may be a hash that
 * suppression_hidden gave. */
void suppression_remember(struct db *db, const char *address, const char *channel,
        const char *reason, bool newcomers, int64_t now);
/* What stands on the list of an address whose customer is erased, as words
 * "HASH/CHANNEL/REASON" or "HASH/CHANNEL/REASON/newcomers" with spaces between, added to
 * out. Returns how many. */
int64_t suppression_hidden(struct db *db, const char *address, struct buf *out);
/* Is that the name of an erased one's address, as the list shows it? */
bool suppression_is_hidden(const char *address);
bool suppression_remove(struct db *db, const char *address, const char *channel);
/* The customer's own refusal of that medium (reason opted_out, from one of the doors that
 * refusal.h names) is taken back; what anybody else put there stays. */
void suppression_lift(struct db *db, const char *address, const char *channel);
/* Is the customer (0: nobody in particular) not to be written to there? *reason is static
 * or NULL. */
bool suppression_has(struct db *db, const char *address, const char *channel,
        int64_t customer, const char **reason);
json_t *suppression_list(struct db *db, const char *after, int limit, struct zone *zone);

#endif
