/* Walking through the store by key. It reads alone, and never more than a range at once.
 */
#include "store/walk.h"

#include <stdio.h>
#include "store/event.h"

/* A statement that has not come to its end keeps the snapshot. */
struct stmt *walk_hold(struct db *db)
{
	struct stmt *st = db_stmt(db, "SELECT name FROM sqlite_schema");

	stmt_row(st);
	return st;
}

int walk_customers(struct db *db, int64_t after, int64_t *ids, int max)
{
	struct stmt *st =
	        db_stmt(db, "SELECT id FROM customer WHERE id > ?1 ORDER BY id LIMIT ?2");

	stmt_int(st, 1, after);
	stmt_int(st, 2, max);
	return stmt_ids(st, ids, max);
}

int walk_events(struct db *db, const char *type, struct walk *walk, int64_t *ids, int max)
{
	struct stmt *st = db_stmt(db,
	        "SELECT id, time FROM event INDEXED BY event_type WHERE type = ?1"
	        " AND (time, id) > (?2, ?3) AND customer IS NOT NULL AND flags & ?4 = 0"
	        " ORDER BY time, id LIMIT ?5");
	int n = 0;

	stmt_text(st, 1, type);
	stmt_int(st, 2, walk->time);
	stmt_int(st, 3, walk->id);
	stmt_int(st, 4, EVENT_HISTORY | EVENT_BULK);
	stmt_int(st, 5, max);
	while (n < max && stmt_row(st)) {
		ids[n++] = walk->id = stmt_get(st, 0);
		walk->time = stmt_get(st, 1);
	}
	stmt_done(st);
	return n;
}

void walk_ref(struct db *db, int64_t customer, char *out, size_t size)
{
	struct stmt *st = db_stmt(db, "SELECT ref FROM customer WHERE id = ?1");

	out[0] = '\0';
	stmt_int(st, 1, customer);
	if (!stmt_row(st))
		return;
	snprintf(out, size, "%s", stmt_get_text(st, 0));
	stmt_done(st);
}
