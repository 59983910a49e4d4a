/* Who is meant by an id, a phone number or an e-mail address. */
#ifndef DANGOL_DOOR_PERSON_H
#define DANGOL_DOOR_PERSON_H

#include "door/call.h"

#define PERSON_MOST 100 /* customers with one number */

/* {"id"}, {"phone"} or {"email"}: all customers who have it, into ids (PERSON_MOST).
 * Returns how many; -1 after the refusal, also of nobody, was answered. */
int person_meant(struct call *call, json_t *body, int64_t *ids);
/* Refuses because there are several, and names them by id. */
void person_several(struct call *call, const int64_t *ids, int n);
/* The shop's ids of customers, new. */
json_t *person_refs(struct db *db, const int64_t *ids, int n);

#endif
