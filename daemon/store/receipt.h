/* Providers' delivery reports. One that comes before its message is known is kept a day
 * and matched again; each is kept once for each try of its message, in the order in which
 * they came. */
#ifndef DANGOL_RECEIPT_H
#define DANGOL_RECEIPT_H

#include <jansson.h>
#include <stdint.h>
#include "base/calendar.h"
#include "store/db.h"

#define RECEIPT_CODE 64 /* bytes of a provider's code, with its end */

struct receipt {
	const char *provider;
	const char *key;          /* our name of the message; or NULL */
	const char *provider_id;  /* the provider's; or NULL */
	const char *ref, *number; /* both, or not told: the request's name, and of its
	                             messages the one to that address, E.164 */
	const char *state; /* delivered, failed, opted_out, delayed; accepted is not kept
	                    */
	const char *code, *detail; /* or NULL */
	int64_t time;
};

bool receipt_names(const struct receipt *receipt); /* a message, in one way at least */

enum receipt_end {
	RECEIPT_NEW,      /* of a message that has left: *message */
	RECEIPT_EARLY,    /* of none that is known yet: kept */
	RECEIPT_REPEATED, /* had before */
};
enum receipt_end receipt_add(
        struct db *db, const struct receipt *receipt, int64_t now, int64_t *message);
void receipt_count(struct db *db); /* one was posted: for the totals */
/* The message that a report means, of those that have left; 0: none. */
int64_t receipt_message(struct db *db, const struct receipt *receipt);

/* The one accepted mail that went to that address since then; 0: none did, or several. */
int64_t receipt_mailed(struct db *db, const char *address, int64_t since);

/* A message has just become known: the report that came for it first, which is its own
 * from then on. False: there is none (any more). */
struct receipt_early {
	char state[16], code[RECEIPT_CODE];
};
bool receipt_match(struct db *db, int64_t message, const char *provider_id,
        struct receipt_early *out);
/* Early ones older than that; they are counted. */
void receipt_forget(struct db *db, int64_t before);

struct receipt_totals {
	int64_t taken, unmatched; /* since the store was made */
	int64_t early;            /* now */
};
void receipt_totals(struct db *db, struct receipt_totals *out);
/* Those of a message, oldest first: [{"time","provider","state","code","detail"}].
 * Returns new. */
json_t *receipt_list(struct db *db, int64_t message, struct zone *zone);

#endif
