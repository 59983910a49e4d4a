/* Sealed columns: texts that are bound sealed and read opened, so that nobody above the
 * store sees the difference. Without a key the same columns hold plain text; what is read
 * says itself which it is. */
#ifndef DANGOL_SEALED_H
#define DANGOL_SEALED_H

#include <stdint.h>
#include "base/seal.h"
#include "store/db.h"
#include "store/sealed_json.h"

/* Bound as ?i: sealed, or NULL for NULL. Nothing is borrowed. */
void sealed_text(struct stmt *st, int i, enum seal_purpose purpose, const char *text);
void sealed_json(struct stmt *st, int i, enum seal_purpose purpose, const char *json,
        sealed_json_member member, const void *arg);
/* Of a customer's attributes: what the shop declared sealed. */
enum sealed_member sealed_attribute(const void *arg, const char *name, size_t len);
/* Bound as ?i: the index of it under the store's own key, 16 bytes; NULL for NULL. There
 * with a key and without one. */
void sealed_index(struct stmt *st, int i, enum seal_purpose purpose, const char *text);
/* The same in 32 hex digits. */
void sealed_index_hex(
        struct db *db, enum seal_purpose purpose, const char *text, char out[33]);

/* Column col of the current row, opened; borrowed until the next step. NULL for NULL, and
 * for what does not open: the log then names the value's place and the row. */
const char *sealed_get(struct stmt *st, int col, enum seal_purpose purpose, int64_t row);
/* *whole (or NULL): nothing in it was broken; what was is null. */
const char *sealed_get_json(
        struct stmt *st, int col, enum seal_purpose purpose, int64_t row, bool *whole);

#endif
