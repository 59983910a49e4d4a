/* Payments of orders that another source took: Toss and PortOne know an order's number
 * and nobody who bought. Reads the store and writes nothing to it. */
#ifndef DANGOL_HOOK_PAYMENT_H
#define DANGOL_HOOK_PAYMENT_H

#include <jansson.h>
#include "door/hook/hook.h"
#include "store/db.h"

/* Makes of a payment's event one of the order that exactly one other source has by that
 * number: its source, its customer, its total where the event has none. What was told of
 * the order before triggers nothing again. False: it is no event, for nobody told what
 * was to be paid. */
bool payment_settle(struct db *db, const struct hook_config *config, json_t *event);
/* The same order, paid, by the shop system itself after its payment had been told:
 * triggers nothing again. */
void payment_followed(struct db *db, const struct hook_config *config, json_t *event);

#endif
