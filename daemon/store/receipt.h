/* Providers' delivery reports. One that comes before its message is known is kept a day
 * and matched again. */
#ifndef DANGOL_RECEIPT_H
#define DANGOL_RECEIPT_H

#include <stdint.h>
#include "store/db.h"

struct receipt {
	const char *provider, *provider_id;
	const char *state;         /* delivered or failed */
	const char *code, *detail; /* or NULL */
	int64_t time;
};

/* Records it; returns the message it belongs to, 0 when none is known yet. Repeats are
 * recorded once. */
int64_t receipt_add(struct db *db, const struct receipt *receipt, int64_t now);
/* A provider id just became known: the early receipt for it, if any. True fills state
 * ("delivered" or "failed"). */
bool receipt_match(struct db *db, int64_t message, const char *provider_id,
        char state[16], char code[32]);
void receipt_forget(struct db *db, int64_t before); /* unmatched ones older than that */

#endif
