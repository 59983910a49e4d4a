/* An order of the past, as a PUT or a file tells it: written to the history, triggering
 * nothing. */
#ifndef DANGOL_DOOR_PAST_H
#define DANGOL_DOOR_PAST_H

#include "store/order.h"

enum past_status {
	PAST_PLACED,
	PAST_PAID,
	PAST_SHIPPED,
	PAST_DELIVERED,
	PAST_CANCELLED,
	PAST_REFUNDED,
	PAST_UNKNOWN
};
/* English or as Korean shop systems write it ("결제완료"); empty or NULL is paid. */
enum past_status past_status(const char *word);
const char *past_status_name(enum past_status status);
/* Writes it; a status that comes after payment says that it was paid, too. Returns its
 * id. */
int64_t past_order(
        struct db *db, enum past_status status, const struct order_change *change);
/* The order that it would be about; 0: it would make one. */
int64_t past_known(
        struct db *db, enum past_status status, const struct order_change *change);

#endif
