/* Undoing an import, a row of its journal at a time: what is still as the import made it
 * goes back to what it was; what somebody changed since stays, and is counted. A consent
 * is never given where a withdrawal holds, and a withdrawal that the import brought
 * stays. */
#ifndef DANGOL_UNDO_H
#define DANGOL_UNDO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* The counts, each a member of `counts`:
 * customers_removed   those it made, of whom nobody has spoken since
 * customers_kept      those it made who have events, orders, runs, messages, consents or
 *                     fields from elsewhere: emptied of what it told
 * customers_restored  those whom it changed
 * fields_restored, fields_later  put back; changed since, so left
 * consents_restored   given by it, and held no more, or since when they were before
 * withdrawals_kept    brought by it
 * orders_removed, orders_restored, orders_kept        kept: changed since
 * products_removed, products_restored, products_kept  the same */
extern const char *const undo_counts[]; /* ends with NULL */

/* The newest thing of the batch that is not put back yet, within the turn; false: there
 * is none. name: the batch's, for the history of consents. counts is added to. */
bool undo_step(
        struct db *db, int64_t batch, const char *name, json_t *counts, int64_t now);

#endif
