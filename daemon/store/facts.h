/* The shop's data as a whole, for telling the owner of it: how many, how long, of what
 * shape, since when. Counts and lengths alone: no value of anybody leaves this file. Each
 * may read a whole table: for a thread that may wait. */
#ifndef DANGOL_FACTS_H
#define DANGOL_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include "store/db.h"

int64_t facts_customers(struct db *db);
/* The longest name that a text message can carry, in bytes of CP949; 0: there is none. */
long facts_longest_name(struct db *db);

/* How many values have a shape, of the latest thousand at most. bits are numbers that are
 * 0 or 1, and count there as well. */
struct facts_shapes {
	int64_t number, bits, date, time, yesno, text;
};
void facts_attribute(struct db *db, const char *key, struct facts_shapes *out);
void facts_event_field(
        struct db *db, const char *type, const char *key, struct facts_shapes *out);

/* Since when events have been told of, and those of a type; 0: never. */
int64_t facts_since(struct db *db);
int64_t facts_event_since(struct db *db, const char *type);
/* Whether an event of a type came at or after an instant; with that field (key may be
 * NULL: any). */
bool facts_carried(struct db *db, const char *type, const char *key, int64_t since);

#endif
