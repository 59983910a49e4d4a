/* Everybody and everything of a kind as rows of CSV, slice by slice, in the columns that
 * an import takes. Changes nothing. */
#ifndef DANGOL_EXPORT_H
#define DANGOL_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "base/mem.h"
#include "store/db.h"

#define EXPORT_ATTRIBUTES_MAX 400 /* columns of attributes; others are left out */

/* Is there such a kind: customers, orders, products, consents, messages or coupons? */
bool export_known(const char *kind);

struct export;
/* For a reader of the pool; db and zone are borrowed. korean: the headings' language.
 * kind is one that export_known knows. */
struct export *export_new(
        struct db *db, struct zone *zone, const char *kind, bool korean, int64_t now);
void export_free(struct export *export); /* takes NULL */
/* Adds rows to out, the headings first, until it holds about most bytes. A slice may add
 * none. False when that was all. */
bool export_slice(struct export *export, struct buf *out, size_t most);
int64_t export_rows(const struct export *export); /* so far, without the headings */

#endif
