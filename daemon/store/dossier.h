/* Everything that is held about a customer, as one JSON text for the person who asks.
 * Source: Personal Information Protection Act, Art. 35 (korea.md, part 4). */
#ifndef DANGOL_DOSSIER_H
#define DANGOL_DOSSIER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

#define DOSSIER_BYTES ((size_t)64 << 20)

enum dossier_end {
	DOSSIER_WHOLE,
	DOSSIER_NOBODY,
	DOSSIER_TOO_LONG, /* over DOSSIER_BYTES */
};
/* Writes one object into out, members in a fixed order, instants as RFC 3339 in the
 * shop's zone; nothing of the shop's own secrets. For a reader of the pool: it takes as
 * long as there is. */
enum dossier_end dossier_write(
        struct db *db, int64_t customer, struct zone *zone, int64_t now, struct buf *out);

#endif
