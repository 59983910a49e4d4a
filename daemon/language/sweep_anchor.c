/* The queries of rules whose clock is anchored on a date: of a column, of an event, of a
 * coupon, or one that the store keeps an index of because it stands in JSON. */
#include <string.h>
#include "language/keeping.h"
#include "language/sweep_inner.h"

static const char *column_of(enum anchor anchor)
{
	switch (anchor) {
	case ANCHOR_JOINED:
		return "joined_at";
	case ANCHOR_FIRST_ORDER:
		return "orders_first_at";
	case ANCHOR_LAST_ORDER:
		return "orders_last_at";
	case ANCHOR_FIRST_VISIT:
	case ANCHOR_LAST_VISIT:
	case ANCHOR_FIRST_EVENT:
	case ANCHOR_LAST_EVENT:
	case ANCHOR_FIELD:
	case ANCHOR_COUPON:
	case ANCHOR_EVENT_FIELD:
		break;
	}
	return NULL;
}

static const char *index_of(enum anchor anchor)
{
	return anchor == ANCHOR_JOINED        ? "customer_joined"
	       : anchor == ANCHOR_FIRST_ORDER ? "customer_first_order"
	                                      : "customer_last_order";
}

static void by_column(struct make *m, struct rule_queries *q)
{
	const char *column = column_of(m->t->anchor);

	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, c.%s, %s, c.%s, c.id FROM customer c INDEXED BY %s"
	        " WHERE c.%s >= ?%d AND c.%s < ?%d AND (c.%s, c.id) > (?%d, ?1)"
	        " ORDER BY c.%s, c.id LIMIT ?2",
	        column, m->cond, column, index_of(m->t->anchor), column, m->base, column,
	        m->base + 1, column, m->base + 2, column);
	q->next.sql = arena_printf(m->arena,
	        "SELECT c.%s FROM customer c INDEXED BY %s WHERE c.%s > ?1 AND %s"
	        " ORDER BY c.%s LIMIT 1",
	        column, index_of(m->t->anchor), column, sweep_top(m), column);
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT c.%s FROM customer c WHERE c.id = ?1 AND %s", column,
	        sweep_top(m));
	if (m->t->anchor == ANCHOR_JOINED)
		q->dates = keeping_joined(m->arena);
}

static bool is_first(enum anchor anchor)
{
	return anchor == ANCHOR_FIRST_EVENT || anchor == ANCHOR_FIRST_VISIT;
}

/* The first or last event of a type: no other of that customer is earlier or later. */
static void by_event(struct make *m, struct rule_queries *q)
{
	bool first = is_first(m->t->anchor), visit = m->t->anchor == ANCHOR_FIRST_VISIT ||
	                                             m->t->anchor == ANCHOR_LAST_VISIT;
	const char *type = sqlgen_quoted(m->arena, visit ? "visit" : m->t->name);
	const char *op = first ? "<" : ">", *order = first ? "ASC" : "DESC";

	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, e.time, %s, e.time, e.id FROM event e INDEXED BY event_type"
	        " LEFT JOIN customer c ON c.id = e.customer WHERE e.type = %s AND e.time "
	        ">= ?%d"
	        " AND e.time < ?%d AND (e.time, e.id) > (?%d, ?1) AND (e.flags & 1) = 0"
	        " AND NOT EXISTS (SELECT 1 FROM event l WHERE l.customer = e.customer AND"
	        " l.type = %s AND l.time %s= e.time AND (l.time %s e.time OR l.id %s "
	        "e.id))"
	        " ORDER BY e.time, e.id LIMIT ?2",
	        m->cond, type, m->base, m->base + 1, m->base + 2, type, op, op, op);
	q->next.sql = arena_printf(m->arena,
	        "SELECT e.time FROM event e WHERE e.type = %s AND e.time > ?1"
	        " AND %s ORDER BY e.time LIMIT 1",
	        type, sweep_top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT CASE WHEN e.flags & 1 THEN NULL ELSE e.time END FROM event e"
	        " WHERE e.customer = ?1 AND e.type = %s AND %s"
	        " ORDER BY e.time %s, e.id %s LIMIT 1",
	        type, sweep_top(m), order, order);
}

static void by_field(struct make *m, struct rule_queries *q)
{
	const char *key;

	q->dates = keeping_attribute(m->arena, m->t->name, m->value);
	key = sqlgen_quoted(m->arena, q->dates->name);
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, d.at - %s, %s, d.at, c.id FROM dated d INDEXED BY dated_at"
	        " CROSS JOIN customer c ON c.id = d.ref WHERE d.name = %s AND d.at >= "
	        "?%d + %s"
	        " AND d.at < ?%d + %s AND (d.at, d.ref) > (?%d, ?1)"
	        " ORDER BY d.at, d.ref LIMIT ?2",
	        m->offset, m->cond, key, m->base, m->offset, m->base + 1, m->offset,
	        m->base + 2);
	q->next.sql = arena_printf(m->arena,
	        "SELECT d.at - %s FROM dated d INDEXED BY dated_at WHERE d.name = %s AND"
	        " d.at > ?1 + %s AND %s ORDER BY d.at LIMIT 1",
	        m->offset, key, m->offset, sweep_top(m));
	q->anchor.sql =
	        arena_printf(m->arena, "SELECT %s FROM customer c WHERE c.id = ?1 AND %s",
	                m->instant, sweep_top(m));
}

static void by_coupon(struct make *m, struct rule_queries *q)
{
	const char *name = sqlgen_quoted(m->arena, m->t->name);

	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, k.expires_at, %s, k.expires_at, k.id FROM coupon k INDEXED "
	        "BY"
	        " coupon_expires LEFT JOIN customer c ON c.id = k.customer WHERE "
	        "k.coupon = %s"
	        " AND k.state = 'issued' AND k.expires_at >= ?%d AND k.expires_at < ?%d"
	        " AND (k.expires_at, k.id) > (?%d, ?1) ORDER BY k.expires_at, k.id LIMIT "
	        "?2",
	        m->cond, name, m->base, m->base + 1, m->base + 2);
	q->next.sql = arena_printf(m->arena,
	        "SELECT k.expires_at FROM coupon k INDEXED BY coupon_expires WHERE "
	        "k.coupon = %s"
	        " AND k.state = 'issued' AND k.expires_at > ?1 AND %s"
	        " ORDER BY k.expires_at LIMIT 1",
	        name, sweep_top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT MIN(k.expires_at) FROM coupon k WHERE k.customer = ?1 AND "
	        "k.coupon = %s"
	        " AND k.state = 'issued' AND k.expires_at >= ?3 AND %s",
	        name, sweep_top(m));
	q->dates = keeping_coupon(m->arena, m->t->name);
}

/* An event whose date was changed or called off by a later one of the same reservation
 * counts no more. */
static const char *superseded(const struct trigger *t)
{
	if (strncmp(t->name, "reservation.", strlen("reservation.")) != 0)
		return "1";
	return "NOT EXISTS (SELECT 1 FROM event l WHERE l.customer = e.customer AND "
	       "l.type IN"
	       " ('reservation.changed', 'reservation.cancelled', 'reservation.noshow') "
	       "AND"
	       " l.time >= e.time AND (l.time > e.time OR l.id > e.id) AND"
	       " json_extract(l.data, '$.reservation') = json_extract(e.data, "
	       "'$.reservation'))";
}

static const char *types_of(struct make *m)
{
	const char *dot = strrchr(m->t->name, '.');

	if (!strcmp(m->t->name, "reservation.at"))
		return "'reservation.made', 'reservation.changed'";
	return sqlgen_quoted(m->arena,
	        arena_strndup(m->arena, m->t->name, (size_t)(dot - m->t->name)));
}

static void by_event_field(struct make *m, struct rule_queries *q)
{
	const char *types = types_of(m), *live = superseded(m->t);
	const char *key;

	q->dates = keeping_event_field(m->arena, m->t->name, m->value, types);
	key = sqlgen_quoted(m->arena, q->dates->name);
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, d.at - %s, %s AND %s, d.at, e.id FROM dated d INDEXED BY"
	        " dated_at CROSS JOIN event e ON e.id = d.ref LEFT JOIN customer c ON "
	        "c.id ="
	        " e.customer WHERE d.name = %s AND d.at >= ?%d + %s AND d.at < ?%d + %s"
	        " AND (d.at, d.ref) > (?%d, ?1) AND (e.flags & 1) = 0"
	        " ORDER BY d.at, d.ref LIMIT ?2",
	        m->offset, live, m->cond, key, m->base, m->offset, m->base + 1, m->offset,
	        m->base + 2);
	q->next.sql = arena_printf(m->arena,
	        "SELECT d.at - %s FROM dated d INDEXED BY dated_at CROSS JOIN event e ON "
	        "e.id ="
	        " d.ref WHERE d.name = %s AND d.at > ?1 + %s AND (e.flags & 1) = 0 AND %s"
	        " AND %s ORDER BY d.at LIMIT 1",
	        m->offset, key, m->offset, live, sweep_top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT %s FROM event e WHERE e.customer = ?1 AND e.type IN (%s) AND"
	        " (e.flags & 1) = 0 AND %s AND %s ORDER BY e.time DESC, e.id DESC LIMIT "
	        "1",
	        m->instant, types, live, sweep_top(m));
	q->told.sql = arena_printf(m->arena,
	        "SELECT %s FROM event e WHERE e.id = ?1 AND e.type IN (%s) AND (e.flags "
	        "& "
	        "1) = 0 AND %s AND %s",
	        m->instant, types, live, sweep_top(m));
}

void sweep_relative(struct make *m, struct rule_queries *q)
{
	switch (m->t->anchor) {
	case ANCHOR_JOINED:
	case ANCHOR_FIRST_ORDER:
	case ANCHOR_LAST_ORDER:
		by_column(m, q);
		return;
	case ANCHOR_FIRST_VISIT:
	case ANCHOR_LAST_VISIT:
	case ANCHOR_FIRST_EVENT:
	case ANCHOR_LAST_EVENT:
		by_event(m, q);
		return;
	case ANCHOR_FIELD:
		by_field(m, q);
		return;
	case ANCHOR_COUPON:
		by_coupon(m, q);
		return;
	case ANCHOR_EVENT_FIELD:
		by_event_field(m, q);
		return;
	}
}

void sweep_instant(struct make *m)
{
	struct scope scope = *m->scope;
	struct subject s = {0};
	const char *near, *type;
	size_t from = m->sql.text.len;

	if (m->t->kind != TRIGGER_RELATIVE)
		return;
	if (m->t->anchor == ANCHOR_FIELD) {
		names_path(&scope, m->t->name, &s, &near);
	} else if (m->t->anchor == ANCHOR_EVENT_FIELD) {
		bool family = !strcmp(m->t->name, "reservation.at");
		scope.in_where = scope.in_row = scope.has_event = true;
		names_event_field(&scope, family ? "reservation.made.at" : m->t->name,
		        &type, &s, &near);
	} else {
		return;
	}
	sqlgen_subject(&m->sql, &scope, &s);
	m->value =
	        arena_strndup(m->arena, m->sql.text.data + from, m->sql.text.len - from);
	m->offset = "0";
	if (s.type == FIELD_DATE) {
		m->value = arena_printf(m->arena, SQLGEN_BARE, m->value);
		m->offset = arena_printf(m->arena, "?%d",
		        sqlgen_param(&m->sql, (struct param){.kind = PARAM_OFFSET}));
	}
	m->instant = arena_printf(m->arena, "(%s - %s)", m->value, m->offset);
}
