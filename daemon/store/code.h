/* Codes of coupons: how one is written, compared, and made of a pattern (dangol.rule(5),
 * `code`). */
#ifndef DANGOL_CODE_H
#define DANGOL_CODE_H

#include <stdbool.h>
#include "base/mem.h"
#include "store/db.h"

#define CODE_MOST 64

/* Without case, spaces and hyphens; false when nothing or too much is left. */
bool code_bare(const char *code, char out[CODE_MOST + 1]);
/* One that no coupon has, its last # the check character; NULL: the pattern is used up.
 * In the arena. */
const char *code_fresh(struct db *db, const char *pattern, struct arena *arena);
/* Has it the pattern's shape, but a sign that no code has or a check character that does
 * not fit? The pattern never made such a one. Asks no store. */
bool code_mistyped(const char *pattern, const char *code);

#endif
