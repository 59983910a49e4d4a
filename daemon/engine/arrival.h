/* One event on its way in: what intake.c has checked and intake_apply.c then does to the
 * store. */
#ifndef DANGOL_ARRIVAL_H
#define DANGOL_ARRIVAL_H

#include <jansson.h>
#include "engine/engine.h"
#include "store/customer.h"
#include "store/order.h"

struct arrival {
	struct engine *engine;
	struct arena *arena;
	json_t *json, *data;
	const char *words; /* of data, where they are at hand, or NULL */
	size_t words_len;
	const struct event_type *type; /* NULL for a custom one */
	struct event event;
	struct profile profile;
	bool has_profile;
	struct order_item *items;
	size_t n_items;
	int64_t now;
	struct profile_error *error;
};

/* A whole number of won: an integer, or a decimal or text that is one ("38500.00"). */
bool arrival_money(json_t *value, int64_t *won);
bool arrival_present(json_t *value); /* there, and not null */
/* A text or an integer as text, else NULL; lives as long as the arrival. */
const char *arrival_text(struct arrival *a, json_t *object, const char *name);

/* Finds or makes the customer and marks the event shared or bulk. */
void arrival_know(struct arrival *a);
/* What the stored event does to orders, coupons, carts, products and its customer. */
void arrival_apply(struct arrival *a);

#endif
