/* Goals met: what met the goal of which run, and which run an order is credited to.
 * Credit is never written down: it follows from runs, messages and orders as they stand,
 * so that a refund, a late report of a provider, a merged or an erased customer needs
 * nothing to be put right. */
#ifndef DANGOL_GOAL_H
#define DANGOL_GOAL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "store/db.h"
#include "store/event.h"

/* An event that a run's goal accepts: kept, each order once, and the first of what is no
 * order. False when the goal is not met by it: the order is wholly taken back, or was
 * paid before and is told again. */
bool goal_meet(struct db *db, int64_t run, const struct event *event);
/* What met the goal of a run, by time, at most max; texts live in arena. */
struct goal_met {
	int64_t at;
	const char *order; /* its number; NULL: it was no order */
	bool taken_back, credited;
};
int goal_of_run(
        struct db *db, int64_t run, struct arena *arena, struct goal_met *out, int max);
/* The run that an order is credited to: of all whose goal it met, the latest to begin of
 * which a message to the customer was accepted, and not reported failed since, at or
 * before the instant at which the order met that goal. 0: none; one held out never. */
int64_t goal_credited(struct db *db, int64_t order);

/* For static SQL. An order `o` of which nothing is left; a goal `g` that stands; the run
 * that an order is credited to, its id being the expression given. */
#define GOAL_TAKEN_BACK \
	"(o.cancelled_at IS NOT NULL OR (o.refunded > 0 AND o.refunded >= o.total))"
#define GOAL_STANDS \
	"(g.order_id IS NULL OR EXISTS (SELECT 1 FROM orders o WHERE o.id = g.order_id" \
	" AND NOT " GOAL_TAKEN_BACK "))"
#define GOAL_CREDITED(order) \
	"(SELECT c.id FROM goal w JOIN run c ON c.id = w.run WHERE w.order_id = " order \
	" AND c.held_out = 0 AND EXISTS (SELECT 1 FROM message m WHERE m.run = c.id" \
	" AND m.state IN ('accepted', 'delivered') AND m.sent_at <= w.at" \
	" AND m.channel NOT IN ('owner', 'post'))" \
	" ORDER BY c.started_at DESC, c.id DESC LIMIT 1)"

#endif
