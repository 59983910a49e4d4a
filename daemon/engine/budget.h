/* Budgets: what a channel may cost in a period of the shop's calendar. Advertisements
 * wait for the next period rather than pass one; information is never held by it, and
 * counts. What is handed and not yet answered counts as spent. */
#ifndef DANGOL_BUDGET_H
#define DANGOL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/calendar.h"
#include "language/program.h"
#include "store/db.h"

/* `budget 100,000원 per month` of one channel. */
struct budget {
	char channel[16];
	int64_t won, least; /* least: the cheapest message of the channel */
	enum schedule per;
};

/* A budget in its period around an instant. */
struct budget_state {
	const struct budget *budget;
	int32_t from;       /* the period's first day */
	int64_t used, ends; /* won; the next period's first instant */
};
/* The channel's, of n; false where it has none. */
bool budget_look(struct db *db, const struct budget *budgets, size_t n, struct zone *zone,
        const char *channel, int64_t now, struct budget_state *out);
/* May an advertisement of that price still go? price 0: not known yet, the least one. */
bool budget_has_room(const struct budget_state *state, int64_t price);
/* Nothing more fits in. */
bool budget_is_used_up(const struct budget_state *state);
int64_t budget_left(const struct budget_state *state); /* won, never below 0 */
/* What is worth telling the owner before it is used up: four fifths of it. */
bool budget_is_near(const struct budget_state *state);
/* "100,000원 per month", in the owner's language. */
const char *budget_text(const struct budget *budget, char out[64]);

#endif
