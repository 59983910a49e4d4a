/* What met the goals of runs. It judges no condition, and keeps no figure that could
 * disagree with the orders. */
#include "store/goal.h"

#include <string.h>

struct met {
	int64_t order; /* 0: none is told of */
	int64_t paid_at;
	bool taken_back;
};

/* Is it a step of an order on its way to the customer? What takes an order back would
 * take itself back. */
static bool tells_of_order(const struct event *event)
{
	return event->order && strncmp(event->type, "order.", 6) == 0 &&
	       strcmp(event->type, "order.cancelled") != 0 &&
	       strcmp(event->type, "order.refunded") != 0;
}

/* Its source's own order, else the newest of that number which another told of: where the
 * event itself was put down. */
static struct met find(struct db *db, const struct event *event)
{
	struct stmt *st =
	        db_stmt(db, "SELECT o.id, o.paid_at, " GOAL_TAKEN_BACK " FROM orders o"
	                    " WHERE o.ref = ?1 AND (o.source = ?2 OR o.customer = ?3)"
	                    " ORDER BY o.source = ?2 DESC, o.id DESC LIMIT 1");
	struct met met = {0};

	stmt_text(st, 1, event->order);
	stmt_text(st, 2, event->source);
	stmt_int(st, 3, event->customer);
	if (!stmt_row(st))
		return met;
	met = (struct met){stmt_get(st, 0), stmt_get(st, 1), stmt_get(st, 2) != 0};
	stmt_done(st);
	return met;
}

bool goal_meet(struct db *db, int64_t run, const struct event *event)
{
	struct met met = {0};
	struct stmt *st;

	if (tells_of_order(event))
		met = find(db, event);
	if (met.paid_at && met.paid_at < event->time &&
	        strcmp(event->type, "order.paid") == 0)
		return false;
	st = db_stmt(db,
	        "INSERT INTO goal(run, order_id, at) SELECT ?1, ?2, ?3"
	        " WHERE ?2 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM goal WHERE run = ?1"
	        " AND order_id IS NULL) ON CONFLICT(run, order_id) DO NOTHING");
	stmt_int(st, 1, run);
	stmt_int_or_null(st, 2, met.order != 0, met.order);
	stmt_int(st, 3, event->time);
	stmt_exec(st);
	return !met.taken_back;
}

int goal_of_run(
        struct db *db, int64_t run, struct arena *arena, struct goal_met *out, int max)
{
	struct stmt *st = db_stmt(db,
	        "SELECT g.at, o.ref, o.id IS NOT NULL AND " GOAL_TAKEN_BACK
	        ", g.run IS " GOAL_CREDITED(
	                "o.id") " FROM goal g LEFT JOIN orders o ON o.id = g.order_id"
	                        " WHERE g.run = ?1 ORDER BY g.at, o.id LIMIT ?2");
	int n = 0;

	stmt_int(st, 1, run);
	stmt_int(st, 2, max);
	for (; n < max && stmt_row(st); n++)
		out[n] = (struct goal_met){.at = stmt_get(st, 0),
		        .order = stmt_is_null(st, 1)
		                         ? NULL
		                         : arena_strdup(arena, stmt_get_text(st, 1)),
		        .taken_back = stmt_get(st, 2) != 0,
		        .credited = stmt_get(st, 3) != 0};
	stmt_done(st);
	return n;
}

int64_t goal_credited(struct db *db, int64_t order)
{
	struct stmt *st = db_stmt(db, "SELECT " GOAL_CREDITED("?1"));

	stmt_int(st, 1, order);
	return stmt_single(st, 0);
}
