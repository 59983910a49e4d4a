/* What the list of the erased lends to erase.c alone. */
#ifndef DANGOL_ERASE_INNER_H
#define DANGOL_ERASE_INNER_H

#include <stdint.h>

struct db;

/* Writes down that a customer is being erased, with the hidden refusals of his addresses
 * (each may be NULL). Returns how many those are. */
int64_t erased_note(
        struct db *db, int64_t id, const char *phone, const char *email, int64_t now);

#endif
