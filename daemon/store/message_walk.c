/* All messages of a span, one after the other: in order of time, of planning, or of whom
 * they are for. Reads, and never holds more than one of them. */
#include "store/message.h"

/* When it left, ended, was held or, failing these, was planned. */
#define TIME "coalesce(m.sent_at, m.ended_at, m.held_at, m.planned_at)"
#define WITHIN TIME " >= ?1 AND " TIME " <= ?2"

static struct stmt *span(struct stmt *st, int64_t from, int64_t to)
{
	stmt_int(st, 1, from);
	stmt_int(st, 2, to);
	return st;
}

static char *ref_of(struct db *db, int64_t customer, struct arena *arena)
{
	struct stmt *st = db_stmt(db, "SELECT ref FROM customer WHERE id = ?1");
	stmt_int(st, 1, customer);
	char *ref = stmt_row(st) ? arena_strdup(arena, stmt_get_text(st, 0)) : NULL;
	stmt_done(st);
	return ref;
}

void message_each(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const struct message *message, int64_t time,
                const char *customer),
        void *arg)
{
	/* Ids and instants alone are sorted: texts are fetched one at a time. */
	struct stmt *st = span(db_stmt(db, "SELECT m.id, " TIME " AS t FROM message m"
	                                   " WHERE " WITHIN " ORDER BY t, m.id"),
	        from, to);
	struct arena *arena = arena_new();
	struct message m;
	while (stmt_row(st)) {
		arena_reset(arena);
		if (!message_get(db, stmt_get(st, 0), arena, &m))
			continue;
		m.text = message_text(db, m.id, arena);
		fn(arg, &m, stmt_get(st, 1), ref_of(db, m.customer, arena));
	}
	stmt_done(st);
	arena_free(arena);
}

void message_each_state(struct db *db, int64_t from, int64_t to,
        void (*fn)(void *arg, const char *rule, enum message_state state,
                enum reason reason, int64_t time),
        void *arg)
{
	struct stmt *st = span(db_stmt(db, "SELECT m.rule, m.state, m.reason, " TIME
	                                   " FROM message m WHERE " WITHIN
	                                   " AND (m.state IN ('accepted', 'delivered')"
	                                   " OR NOT EXISTS (SELECT 1 FROM message n"
	                                   " WHERE n.run = m.run AND n.step = m.step"
	                                   " AND n.leg > m.leg)) ORDER BY m.id"),
	        from, to);
	while (stmt_row(st))
		fn(arg, stmt_get_text(st, 0),
		        (enum message_state)message_state_parse(stmt_get_text(st, 1)),
		        reason_parse(stmt_get_text(st, 2)), stmt_get(st, 3));
}

struct stmt *message_walk(struct db *db, int64_t from, int64_t to)
{
	return span(db_stmt(db, "SELECT m.id, " TIME
	                        ", coalesce(c.ref, ''), m.rule, r.occasion, m.step, m.leg"
	                        " FROM message m JOIN run r ON r.id = m.run"
	                        " LEFT JOIN customer c ON c.id = m.customer"
	                        " WHERE " WITHIN " ORDER BY 3, 4, 5, 6, 7"),
	        from, to);
}

bool message_walk_next(struct stmt *walk, struct message_place *out)
{
	if (!stmt_row(walk))
		return false;
	*out = (struct message_place){.id = stmt_get(walk, 0),
	        .time = stmt_get(walk, 1),
	        .customer = stmt_get_text(walk, 2),
	        .rule = stmt_get_text(walk, 3),
	        .occasion = stmt_get_text(walk, 4),
	        .step = stmt_get(walk, 5),
	        .leg = stmt_get(walk, 6)};
	return true;
}
