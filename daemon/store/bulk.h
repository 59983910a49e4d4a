/* Bulk: a customer with over 500 events a day is no person but a machine, and no rule
 * looks at it any more (dangol.rule(5)). */
#ifndef DANGOL_BULK_H
#define DANGOL_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "store/db.h"

/* Counts one event of that shop day; true once the customer is (or becomes) bulk. */
bool bulk_count(struct db *db, int64_t customer, int32_t day);
void bulk_reread(
        struct db *db, int64_t customer);      /* his row was changed by somebody else */
bool bulk_is(struct db *db, int64_t customer); /* counts none */
/* How many there are; the newest one's id of the shop into first, "" where none is. */
int64_t bulk_customers(struct db *db, char *first, size_t size);

#endif
