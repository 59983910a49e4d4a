/* Who somebody is now who was merged into another: by the id, the number, the phone, the
 * e-mail address and the browser that he had; and by the ids that other systems have.
 * Merges nobody. */
#ifndef DANGOL_ALIAS_H
#define DANGOL_ALIAS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

/* Each: the customer's number, 0 where nobody was merged who had it. */
int64_t alias_find(struct db *db, const char *ref);
int64_t alias_of_phone(struct db *db, const char *phone); /* E.164 */
int64_t alias_of_email(struct db *db, const char *email); /* lower-case */
int64_t alias_of_visitor(struct db *db, const char *visitor);
/* Of a number that stands outside the store, as in a link: itself where nobody was merged
 * who bore it. */
int64_t alias_current(struct db *db, int64_t customer);
/* Was that phone (E.164; else NULL) or that e-mail address one that the customer had
 * under another id? */
bool alias_had(struct db *db, int64_t customer, const char *phone, const char *email);
/* The ids that he had and those that other systems have for him, in order, without those
 * that dangol gave; new, or NULL where he has no other. */
json_t *alias_refs(struct db *db, int64_t customer);

#endif
