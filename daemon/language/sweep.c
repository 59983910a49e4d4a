/* The queries behind sweeps. The planner is told which index to take: it cannot know what
 * a crossing is. */
#include "language/sweep.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"

#define EVENTS_BACK \
	"63072000000" /* ms: two years, how long before its date an event may tell of it \
	               */
#define REMEMBERED (60 * MS_SECOND)

struct rule_queries {
	bool keys;          /* ranges of customers; else rows in order of a cursor */
	struct cond binder; /* the parameters alone */
	int base; /* the window's first parameter: from or lunar, to or day, cursor */
	struct query sweep, next, anchor;
	int64_t after, result, asked; /* the last answer of next where it costs a scan */
	bool scans;
};

/* ---- writing ---- */

struct make {
	struct arena *arena;
	const struct scope *scope;
	const struct trigger *t;
	struct sql sql;
	const char *cond;    /* as SQL */
	const char *instant; /* of a declared date, or NULL */
	int base, top;
};

/* Names the highest parameter, so that each can be bound. */
static const char *top(struct make *m)
{
	return arena_printf(m->arena, "?%d IS ?%d", m->top, m->top);
}

static const char *quoted(struct arena *arena, const char *text)
{
	struct sql sql = {.arena = arena};
	const char *out;

	sqlgen_text(&sql, text);
	out = arena_strdup(arena, sql.text.data);
	buf_free(&sql.text);
	return out;
}

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

static void everybody(struct make *m, struct rule_queries *q)
{
	q->keys = true;
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, 0, 1, 0, c.id FROM customer c NOT INDEXED WHERE c.id > ?1"
	        " AND c.id <= ?2 AND %s AND %s ORDER BY c.id",
	        top(m), m->cond);
}

static void birthday(struct make *m, struct rule_queries *q)
{
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, 0, %s, 0, c.id FROM customer c INDEXED BY customer_birth"
	        " WHERE c.birth_lunar = ?%d AND c.birth_md = ?%d AND c.birth_md IS NOT "
	        "NULL"
	        " AND c.id > ?1 AND %s ORDER BY c.id LIMIT ?2",
	        m->cond, m->base, m->base + 1, top(m));
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
	        column, index_of(m->t->anchor), column, top(m), column);
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT c.%s FROM customer c WHERE c.id = ?1 AND %s", column, top(m));
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
	const char *type = quoted(m->arena, visit ? "visit" : m->t->name);
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
	        type, top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT CASE WHEN e.flags & 1 THEN NULL ELSE e.time END FROM event e"
	        " WHERE e.customer = ?1 AND e.type = %s AND %s"
	        " ORDER BY e.time %s, e.id %s LIMIT 1",
	        type, top(m), order, order);
}

static void by_field(struct make *m, struct rule_queries *q)
{
	q->scans = true;
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, %s, %s >= ?%d AND %s < ?%d AND %s, 0, c.id FROM customer c"
	        " NOT INDEXED WHERE c.id > ?1 AND %s ORDER BY c.id LIMIT ?2",
	        m->instant, m->instant, m->base, m->instant, m->base + 1, m->cond,
	        top(m));
	q->next.sql = arena_printf(m->arena,
	        "SELECT MIN(a) FROM (SELECT %s AS a FROM customer c WHERE c.attributes "
	        "IS NOT"
	        " NULL) WHERE a > ?1 AND %s",
	        m->instant, top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT %s FROM customer c WHERE c.id = ?1 AND %s", m->instant, top(m));
}

static void by_coupon(struct make *m, struct rule_queries *q)
{
	const char *name = quoted(m->arena, m->t->name);

	q->scans = true;
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, k.expires_at, k.expires_at >= ?%d AND k.expires_at < ?%d "
	        "AND %s,"
	        " 0, k.id FROM coupon k INDEXED BY coupon_free"
	        " LEFT JOIN customer c ON c.id = k.customer WHERE k.coupon = %s AND"
	        " k.state = 'issued' AND k.id > ?1 AND %s ORDER BY k.id LIMIT ?2",
	        m->base, m->base + 1, m->cond, name, top(m));
	q->next.sql = arena_printf(m->arena,
	        "SELECT MIN(k.expires_at) FROM coupon k WHERE k.coupon = %s AND k.state ="
	        " 'issued' AND k.expires_at > ?1 AND %s",
	        name, top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT MIN(k.expires_at) FROM coupon k WHERE k.customer = ?1 AND "
	        "k.coupon = %s"
	        " AND k.state = 'issued' AND k.expires_at >= ?3 AND %s",
	        name, top(m));
}

/* An event whose date was changed or called off by a later one of the same reservation
 * counts no more. */
static const char *superseded(const struct trigger *t)
{
	if (strcmp(t->name, "reservation.at"))
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
	return quoted(m->arena,
	        arena_strndup(m->arena, m->t->name, (size_t)(dot - m->t->name)));
}

static void by_event_field(struct make *m, struct rule_queries *q)
{
	const char *types = types_of(m), *live = superseded(m->t);

	q->scans = true;
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, %s, %s >= ?%d AND %s < ?%d AND %s AND %s, e.time, e.id"
	        " FROM event e INDEXED BY event_type LEFT JOIN customer c ON c.id = "
	        "e.customer"
	        " WHERE e.type IN (%s) AND e.time > ?3 - " EVENTS_BACK
	        " AND (e.time, e.id) > (?%d, ?1) AND (e.flags & 1) = 0 AND %s"
	        " ORDER BY e.time, e.id LIMIT ?2",
	        m->instant, m->instant, m->base, m->instant, m->base + 1, live, m->cond,
	        types, m->base + 2, top(m));
	q->next.sql = arena_printf(m->arena,
	        "SELECT MIN(a) FROM (SELECT %s AS a FROM event e WHERE e.type IN (%s) AND"
	        " e.time > ?3 - " EVENTS_BACK
	        " AND (e.flags & 1) = 0 AND %s) WHERE a > ?1 AND %s",
	        m->instant, types, live, top(m));
	q->anchor.sql = arena_printf(m->arena,
	        "SELECT %s FROM event e WHERE e.customer = ?1 AND e.type IN (%s) AND"
	        " (e.flags & 1) = 0 AND %s AND %s ORDER BY e.time DESC, e.id DESC LIMIT "
	        "1",
	        m->instant, types, live, top(m));
}

/* Whom time moved across the border at an hour since the last sweep, and who is still
 * there; found when time was looked at. */
static void crossing(struct make *m, struct rule_queries *q)
{
	bool in = m->t->kind == TRIGGER_ENTERS;

	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, m.%s, %s, m.since, c.id FROM segment_member m INDEXED BY"
	        " segment_member_since CROSS JOIN customer c ON c.id = m.customer WHERE"
	        " m.segment = (SELECT s.id FROM segment s WHERE s.name = %s) AND"
	        " m.by_time = 1 AND m.inside = %d AND m.since >= ?%d AND m.since < ?%d"
	        " AND (m.since, m.customer) > (?%d, ?1) ORDER BY m.since, m.customer "
	        "LIMIT ?2",
	        in ? "entries" : "exits", m->cond, quoted(m->arena, m->t->name), in,
	        m->base, m->base + 1, m->base + 2);
}

static void relative(struct make *m, struct rule_queries *q)
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

/* The instant of a declared date or of a date in an event, as SQL. */
static void instant(struct make *m)
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
	sqlgen_instant(&m->sql, &scope, &s);
	m->instant =
	        arena_strndup(m->arena, m->sql.text.data + from, m->sql.text.len - from);
}

struct rule_queries *sweep_new(struct arena *arena, const struct scope *scope,
        const struct trigger *trigger, const struct ast_expr *cond)
{
	struct rule_queries *q = arena_alloc(arena, sizeof *q);
	struct make m = {.arena = arena,
	        .scope = scope,
	        .t = trigger,
	        .sql = {.arena = arena},
	        .cond = "1"};

	if (cond) {
		sqlgen_cond(&m.sql, scope, cond);
		m.cond = arena_strndup(arena, m.sql.text.data, m.sql.text.len);
	}
	instant(&m);
	buf_free(&m.sql.text);
	cond_params(&q->binder, arena, &m.sql);
	m.base = q->base = PARAM_FIRST + (int)m.sql.n_params;
	m.top = m.base + 2;
	switch (trigger->kind) {
	case TRIGGER_EVENT:
	case TRIGGER_STOCK:
		break;
	case TRIGGER_BIRTHDAY:
		birthday(&m, q);
		break;
	case TRIGGER_RELATIVE:
		relative(&m, q);
		break;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		crossing(&m, q);
		break;
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
		everybody(&m, q);
		break;
	}
	return q;
}

void sweep_free(struct rule_queries *q)
{
	if (!q)
		return;
	query_free(&q->sweep);
	query_free(&q->next);
	query_free(&q->anchor);
}

/* ---- running ---- */

static void bind(struct rule_queries *q, struct stmt *st, const struct moment *moment)
{
	stmt_reset(st);
	cond_bind(&q->binder, st, moment, NULL);
}

static int take(struct stmt *st, struct sweep *sweep, struct candidate *out, int max,
        int64_t *rows)
{
	int n = 0;

	*rows = 0;
	while (n < max && stmt_row(st)) {
		++*rows;
		sweep->anchor = stmt_get(st, 3);
		sweep->id = stmt_get(st, 4);
		if (stmt_is_null(st, 0) || stmt_is_null(st, 2) || !stmt_get(st, 2))
			continue;
		out[n++] = (struct candidate){.customer = stmt_get(st, 0),
		        .anchor = stmt_get(st, 1),
		        .holds = true};
	}
	if (n == max)
		stmt_done(st);
	return n;
}

static int by_keys(struct rule_queries *q, const struct moment *moment,
        struct sweep *sweep, struct candidate *out, int max)
{
	struct stmt *st = query_on(&q->sweep, moment->db);
	int64_t to = sweep->id + COND_KEYS, last = cond_last_customer(moment->db), rows;
	int n;

	bind(q, st, moment);
	stmt_int(st, 1, sweep->id);
	stmt_int(st, 2, to);
	n = take(st, sweep, out, max, &rows);
	if (n == max)
		return n;
	sweep->id = to;
	sweep->done = to >= last;
	return n;
}

static int by_rows(const struct rule *rule, const struct moment *moment,
        const struct window *window, struct sweep *sweep, struct candidate *out, int max)
{
	struct rule_queries *q = rule->queries;
	struct stmt *st = query_on(&q->sweep, moment->db);
	bool birthdays = rule->trigger.kind == TRIGGER_BIRTHDAY;
	bool fresh = sweep->id == 0 && sweep->anchor == 0;
	int64_t rows;
	int n;

	bind(q, st, moment);
	stmt_int(st, 1, sweep->id);
	stmt_int(st, 2, COND_KEYS);
	stmt_int(st, q->base, birthdays ? window->kept.lunar : window->from);
	stmt_int(st, q->base + 1, birthdays ? window->kept.month_day : window->to);
	stmt_int(st, q->base + 2, fresh ? INT64_MIN : sweep->anchor);
	n = take(st, sweep, out, max, &rows);
	if (n < max && rows < COND_KEYS)
		sweep->done = true;
	return n;
}

int rule_sweep(const struct rule *rule, const struct moment *moment,
        const struct window *window, struct sweep *sweep, struct candidate *out, int max)
{
	struct rule_queries *q = rule->queries;

	if (!q->sweep.sql)
		sweep->done = true;
	if (sweep->done || max <= 0)
		return 0;
	return q->keys ? by_keys(q, moment, sweep, out, max)
	               : by_rows(rule, moment, window, sweep, out, max);
}

static int64_t single(struct rule_queries *q, struct query *query,
        const struct moment *moment, int64_t first)
{
	struct stmt *st = query_on(query, moment->db);

	bind(q, st, moment);
	stmt_int(st, 1, first);
	return stmt_single(st, 0);
}

int64_t rule_next_anchor(
        const struct rule *rule, const struct moment *moment, int64_t after)
{
	struct rule_queries *q = rule->queries;

	if (!q->next.sql)
		return 0;
	if (q->scans && q->asked && moment->now >= q->asked &&
	        moment->now - q->asked < REMEMBERED && after >= q->after &&
	        (!q->result || after < q->result))
		return q->result;
	q->result = single(q, &q->next, moment, after);
	q->after = after;
	q->asked = moment->now;
	return q->result;
}

int64_t rule_anchor_of(
        const struct rule *rule, const struct moment *moment, int64_t customer)
{
	struct rule_queries *q = rule->queries;

	return q->anchor.sql ? single(q, &q->anchor, moment, customer) : 0;
}

const char *rule_sweep_sql(const struct rule *rule)
{
	return rule->queries->sweep.sql;
}
