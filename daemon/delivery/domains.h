/* The receiving domains that lately said "not now" to e-mail (421, or a status 4.7.x):
 * letters to each wait for 1, 5, 15, then 30 minutes at a time, and one tries after that.
 * In memory alone, by the time that it is told. */
#ifndef DANGOL_DOMAINS_H
#define DANGOL_DOMAINS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"

enum { DOMAINS_MOST = 256 /* one more takes the place of the oldest */ };

struct domains;
struct domains *domains_new(void);
void domains_free(struct domains *domains); /* takes NULL */

/* The domain of an address; "" where there is none. Borrowed. */
const char *domains_of(const char *address);
/* That domain does not want letters for now: what it said. */
void domains_refused(
        struct domains *domains, const char *domain, const char *said, int64_t now);
/* It took a letter: the others go again. */
void domains_took(struct domains *domains, const char *domain);
/* May a letter go there? Returns 0 for yes, and with it the caller tries for all others
 * where it was held; else the instant to ask again, and *said (borrowed) is why. */
int64_t domains_ask(
        struct domains *domains, const char *domain, int64_t now, const char **said);

/* Of those that are held now the one with the most letters that wait; false: none has as
 * many as at_least. */
struct domains_held {
	const char *domain, *said; /* borrowed */
	int64_t until;
	int letters; /* that asked since one tried last */
};
bool domains_worst(const struct domains *domains, int at_least, int64_t now,
        struct domains_held *held);
/* [{"domain","until","reason"}] of those that are held now, the oldest first; domains may
 * be NULL. Returns new. */
json_t *domains_json(const struct domains *domains, struct zone *zone, int64_t now);

#endif
