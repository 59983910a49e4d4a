/* Pictures: what a customer, an order or a product is at a moment, as a flat JSON object
 * that two moments are compared by. Changes nothing. */
#ifndef DANGOL_PICTURE_H
#define DANGOL_PICTURE_H

#include <jansson.h>
#include <stdint.h>
#include "store/db.h"

#define PICTURE_TAG "tag:"             /* "tag:VIP": true */
#define PICTURE_ATTRIBUTE "attribute:" /* "attribute:취향": "산미" */
#define PICTURE_CONSENT "consent:"     /* "consent:sms:ad": [given, time] */
#define PICTURE_WHOLE "*"              /* an order, which changes as a whole */

/* Members that are not known are absent. Return new; NULL: there is no such thing.
 * name phone email visitor gender city grade language, birthday [year, month * 100 + day,
 * lunar, leap], friend (0 or 1), joined (ms), and those above. */
json_t *picture_customer(struct db *db, int64_t id);
/* {"*": {customer, placed, …, imported, items: [[sku, name, category, quantity, price]]}}
 */
json_t *picture_order(struct db *db, int64_t id);
/* name category price stock url image */
json_t *picture_product(struct db *db, const char *sku);

/* What of one customer's consents holds, as in his picture; new, or NULL: nothing. */
json_t *picture_consent(
        struct db *db, int64_t customer, const char *channel, const char *purpose);

/* A value's mark, by which it is known again: a digest of 40 bits, "" of NULL and null.
 * It is no secret's keeper: who keeps it seals it. */
#define PICTURE_MARK 10
const char *picture_mark(const json_t *value, char out[PICTURE_MARK + 1]);

#endif
