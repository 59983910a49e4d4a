/* Why the shop took a text that reads like advertising for information: evidence, kept
 * for each text and reason, and never changed. */
#ifndef DANGOL_OVERRULE_H
#define DANGOL_OVERRULE_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

struct overrule {
	const char *template; /* the file as the owner names it */
	const char *hash;     /* of its whole text, 64 hex digits */
	const char *sentence; /* that promotes */
	const char *reason;   /* in the owner's words */
};

/* False: it was kept before. */
bool overrule_keep(struct db *db, const struct overrule *overrule, int64_t now);

#endif
