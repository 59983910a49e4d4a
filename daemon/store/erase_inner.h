/* What the list of the erased lends to erase.c alone. */
#ifndef DANGOL_ERASE_INNER_H
#define DANGOL_ERASE_INNER_H

#include <stdint.h>

struct db;
struct erasing;

/* Writes down that a customer is being erased, and who was merged into him, with the
 * hidden refusals of all of their addresses. Returns how many those are. */
int64_t erased_note(struct db *db, const struct erasing *erasing, int64_t now);

#endif
