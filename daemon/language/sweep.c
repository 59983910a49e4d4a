/* The queries behind sweeps. The planner is told which index to take: it cannot know what
 * a crossing is. */
#include "language/sweep.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "language/sweep_inner.h"

#define KEYS 2000 /* customers looked at in one range */
#define ROWS 2000 /* of a window, in one step */
#define STEP_MS 5 /* then the loop has its turn */

/* ---- writing ---- */

/* Names the highest parameter, so that each can be bound. */
const char *sweep_top(struct make *m)
{
	return arena_printf(m->arena, "?%d IS ?%d", m->top, m->top);
}

static void everybody(struct make *m, struct rule_queries *q)
{
	q->keys = true;
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id FROM customer c NOT INDEXED WHERE c.id > ?1"
	        " AND c.id <= ?2 AND %s AND %s ORDER BY c.id",
	        sweep_top(m), m->cond);
}

static void birthday(struct make *m, struct rule_queries *q)
{
	q->sweep.sql = arena_printf(m->arena,
	        "SELECT c.id, 0, %s, 0, c.id FROM customer c INDEXED BY customer_birth"
	        " WHERE c.birth_lunar = ?%d AND c.birth_md = ?%d AND c.birth_md IS NOT "
	        "NULL"
	        " AND c.id > ?1 AND %s ORDER BY c.id LIMIT ?2",
	        m->cond, m->base, m->base + 1, sweep_top(m));
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
	        in ? "entries" : "exits", m->cond, sqlgen_quoted(m->arena, m->t->name),
	        in, m->base, m->base + 1, m->base + 2);
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
	sweep_instant(&m);
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
		sweep_relative(&m, q);
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
	query_free(&q->told);
}

/* ---- running ---- */

static void bind(struct rule_queries *q, struct stmt *st, const struct moment *moment)
{
	stmt_reset(st);
	cond_bind(&q->binder, st, moment, NULL);
}

/* Rows of a window until there are max candidates or the time is up; true: it came to the
 * end of them. */
static bool take(struct stmt *st, struct sweep *sweep, struct candidate *out, int max,
        int *n, int64_t *rows)
{
	int64_t began = clock_mono();

	*n = 0;
	*rows = 0;
	while (stmt_row(st)) {
		++*rows;
		sweep->anchor = stmt_get(st, 3);
		sweep->id = stmt_get(st, 4);
		if (!stmt_is_null(st, 0) && !stmt_is_null(st, 2) && stmt_get(st, 2))
			out[(*n)++] = (struct candidate){.customer = stmt_get(st, 0),
			        .anchor = stmt_get(st, 1),
			        .holds = true};
		if (*n == max || (*rows % 64 == 0 && clock_mono() - began > STEP_MS)) {
			stmt_done(st);
			return false;
		}
	}
	return true;
}

/* One range of customers; those that it gives hold. */
static int range(struct rule_queries *q, const struct moment *moment, struct sweep *sweep,
        int64_t to, struct candidate *out, int max)
{
	struct stmt *st = query_on(&q->sweep, moment->db);
	int n = 0;

	bind(q, st, moment);
	stmt_int(st, 1, sweep->id);
	stmt_int(st, 2, to);
	while (n < max && stmt_row(st))
		out[n++] = (struct candidate){.customer = stmt_get(st, 0), .holds = true};
	if (n == max) {
		sweep->id = out[n - 1].customer;
		stmt_done(st);
	} else {
		sweep->id = to;
	}
	return n;
}

static int by_keys(struct rule_queries *q, const struct moment *moment,
        struct sweep *sweep, struct candidate *out, int max)
{
	int64_t began = clock_mono(), last = cond_last_customer(moment->db);
	int n = 0;

	while (n < max && !sweep->done) {
		n += range(q, moment, sweep, sweep->id + KEYS, out + n, max - n);
		sweep->done = n < max && sweep->id >= last;
		if (clock_mono() - began > STEP_MS)
			break;
	}
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
	stmt_int(st, 2, ROWS);
	stmt_int(st, q->base, birthdays ? window->kept.lunar : window->from);
	stmt_int(st, q->base + 1, birthdays ? window->kept.month_day : window->to);
	stmt_int(st, q->base + 2, fresh ? INT64_MIN : sweep->anchor);
	if (take(st, sweep, out, max, &n, &rows) && rows < ROWS)
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
	return single(q, &q->next, moment, after);
}

int64_t rule_anchor_of(
        const struct rule *rule, const struct moment *moment, int64_t customer)
{
	struct rule_queries *q = rule->queries;

	return q->anchor.sql ? single(q, &q->anchor, moment, customer) : 0;
}

bool rule_sweeps_all(const struct rule *rule)
{
	return rule->queries->keys;
}

const char *rule_sweep_sql(const struct rule *rule)
{
	return rule->queries->sweep.sql;
}

int64_t rule_event_anchor(
        const struct rule *rule, const struct moment *moment, int64_t event)
{
	struct rule_queries *q = rule->queries;

	return q->told.sql ? single(q, &q->told, moment, event) : 0;
}

const struct dates_set *rule_dates(const struct rule *rule)
{
	return rule->queries->dates;
}
