/* Who a customer is: name, phone and e-mail address, sealed together and apart from the
 * rest, which rules ask. Compares nobody with anybody: the indexes in customer do. */
#ifndef DANGOL_PERSON_H
#define DANGOL_PERSON_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"

struct person {
	const char *name, *phone, *email; /* NULL: not known; told: kept as it is */
};

/* All NULL for who is not known, or does not open; strings live in arena. */
void person_get(struct db *db, int64_t customer, struct arena *arena, struct person *out);
/* Whether what is told is other than what is known. */
bool person_differs(struct db *db, int64_t customer, const struct person *told);
/* Puts what is told over what is known; whole: in its place. */
void person_put(struct db *db, int64_t customer, const struct person *told, bool whole);

#endif
