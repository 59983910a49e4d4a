/* What imports changed: a row for each customer, order or product of a batch, so that it
 * can be put back. Of a field it holds what it was before, and the mark of what it became
 * (store/picture.h): by that a later change shows. Rows go when their batch is undone,
 * when its time is over, and with their customer. */
#ifndef DANGOL_JOURNAL_H
#define DANGOL_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* Written into stores: only ever added to. */
enum journal_thing { JOURNAL_CUSTOMER = 1, JOURNAL_ORDER, JOURNAL_PRODUCT };

struct journal_entry {
	int64_t batch;
	enum journal_thing thing;
	int64_t id;             /* of a customer or an order */
	const char *sku;        /* of a product */
	bool made;              /* it was not there before */
	int said;               /* rows that were added to the history of consents */
	json_t *before, *after; /* pictures, borrowed; or NULL */
	/* Did the file tell this member, or that it is not there? NULL: it told all. */
	bool (*told)(const void *arg, const char *name);
	const void *arg;
};
/* Notes how before became after. Where an earlier batch told the same, and this one
 * tells it again, that is noted beside it: it is this one's too. after may be NULL where
 * nothing changed. Writes nothing when there is nothing to note. */
void journal_note(struct db *db, const struct journal_entry *entry);

/* ---- for undoing ---- */

struct journal_row {
	int64_t id, batch; /* id 0: none */
	enum journal_thing thing;
	int64_t ref;
	char *sku;
	json_t *value; /* {"m": made, "l": said, "a": [batches that named it again],
	                  "f": {name: [old, mark, batches that told it again]}}; in the
	                  store [null, mark] is the mark alone */
};
/* The newest of a batch, orders before customers; false: none is left. */
bool journal_last(struct db *db, int64_t batch, struct journal_row *out);
/* Of the same thing by later batches, in the order of coming, at most max. */
int journal_later(
        struct db *db, const struct journal_row *row, struct journal_row *out, int max);
void journal_rewrite(struct db *db, const struct journal_row *row);
void journal_drop(struct db *db, const struct journal_row *row);
void journal_row_fini(struct journal_row *row);
bool journal_made(const struct journal_row *row);
int64_t journal_said(const struct journal_row *row);
json_t *journal_fields(const struct journal_row *row); /* borrowed */
/* The first of a list's batches, from that place on, that can still be undone; 0: none.
 */
int64_t journal_heir(struct db *db, const json_t *batches, size_t from);
/* What row knows of a field passes to a batch that told it again; name NULL: that it was
 * made there. A later word of that batch stands. */
void journal_give(
        struct db *db, const struct journal_row *row, const char *name, int64_t batch);
/* n rows of the history of consents are of imports: known to the batch that made him. */
void journal_say(struct db *db, const struct journal_row *row, int64_t n);

#endif
