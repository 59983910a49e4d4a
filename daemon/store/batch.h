/* Imports as batches: what came in together under one name, and may be undone together.
 */
#ifndef DANGOL_BATCH_H
#define DANGOL_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "store/db.h"

#define BATCH_NAME 65
#define BATCH_DAYS 30 /* from its beginning on it can be undone so long */
#define BATCH_KEPT_DAYS 366

enum batch_state {
	BATCH_OPEN,    /* it can be undone */
	BATCH_UNDOING, /* it was begun to be undone, and not finished */
	BATCH_UNDONE,
	BATCH_OLD /* what it changed is not known any more */
};

struct batch {
	int64_t id, began_at, rows, undone_at;
	enum batch_state state;
};

/* False: there is none of that name. */
bool batch_find(struct db *db, const char *name, int64_t now, struct batch *out);
/* Makes it, or goes on with it; a name that is used again after BATCH_DAYS is a new
 * batch's. 0: it is undone, or being undone, and takes nothing more. kind: what its file
 * is of. */
int64_t batch_open(struct db *db, const char *name, const char *kind, int64_t now);
void batch_add(struct db *db, int64_t id, int64_t rows); /* so many more went in */

/* From now on nothing more goes in. */
void batch_undo_begin(struct db *db, int64_t id, int64_t now);
void batch_undo_end(struct db *db, int64_t id, int64_t now);
/* What undoing came to so far, by name; new, {} at first. */
json_t *batch_counts(struct db *db, int64_t id);
void batch_counts_set(struct db *db, int64_t id, const json_t *counts);

/* {"imports":[{batch, kind, time, rows, undone, undoing, undo_until}],"next":…}: newest
 * first, after is a cursor or 0. undone and undo_until are times or null. Returns new. */
json_t *batch_list(
        struct db *db, int64_t after, int limit, int64_t now, struct zone *zone);

#endif
