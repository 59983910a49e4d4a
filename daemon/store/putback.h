/* Putting things back to what a picture of them says (store/picture.h). Whether it is to
 * be done is its caller's to know. */
#ifndef DANGOL_PUTBACK_H
#define DANGOL_PUTBACK_H

#include <jansson.h>
#include <stdint.h>
#include "store/db.h"

/* fields: members of his picture, null for those to be cleared; consents are not put back
 * here. */
void putback_customer(struct db *db, int64_t id, json_t *fields);
/* The whole of an order but whose number and source it is; customers are recounted. */
void putback_order(struct db *db, int64_t id, json_t *picture);
/* An order, its items and what it met go; its customer is recounted. */
void putback_no_order(struct db *db, int64_t id);
void putback_product(struct db *db, const char *sku, json_t *fields, int64_t now);
void putback_no_product(struct db *db, const char *sku);

#endif
