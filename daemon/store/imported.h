/* Imports as batches: what came in together under one name, and may be undone together.
 */
#ifndef DANGOL_IMPORTED_H
#define DANGOL_IMPORTED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "store/db.h"

#define IMPORTED_NAME 65
#define IMPORTED_DAYS 30 /* from its beginning on it can be undone so long */
#define IMPORTED_KEPT_DAYS 366

enum imported_state {
	IMPORTED_OPEN,    /* it can be undone */
	IMPORTED_UNDOING, /* it was begun to be undone, and not finished */
	IMPORTED_UNDONE,
	IMPORTED_OLD /* what it changed is not known any more */
};

struct imported {
	int64_t id, began_at, rows, undone_at;
	enum imported_state state;
};

/* False: there is none of that name. */
bool imported_find(struct db *db, const char *name, int64_t now, struct imported *out);
/* Makes it, or goes on with it; a name that is used again after IMPORTED_DAYS is a new
 * batch's. 0: it is undone, or being undone, and takes nothing more. kind: what its file
 * is of. */
int64_t imported_open(struct db *db, const char *name, const char *kind, int64_t now);
void imported_add(struct db *db, int64_t id, int64_t rows); /* so many more went in */

/* From now on nothing more goes in. */
void imported_undo_begin(struct db *db, int64_t id, int64_t now);
void imported_undo_end(struct db *db, int64_t id, int64_t now);
/* What undoing came to so far, by name; new, {} at first. */
json_t *imported_counts(struct db *db, int64_t id);
void imported_counts_set(struct db *db, int64_t id, const json_t *counts);

/* {"imports":[{batch, kind, time, rows, undone, undoing, undo_until}],"next":…}: newest
 * first, after is a cursor or 0. undone and undo_until are times or null. Returns new. */
json_t *imported_list(
        struct db *db, int64_t after, int limit, int64_t now, struct zone *zone);

#endif
