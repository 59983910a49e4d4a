/* Asking conditions. What depends on now alone is worked out once for each now, so that
 * asking many customers costs little more than the query. */
#include "language/cond.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"

/* ---- statements ---- */

struct stmt *query_on(struct query *query, struct db *db)
{
	char why[256];

	if (query->stmt && query->db == db)
		return query->stmt;
	query_free(query);
	query->db = db;
	query->stmt = stmt_new(db, query->sql, why);
	if (!query->stmt)
		log_die("a compiled condition is no SQL: %s", why);
	return query->stmt;
}

void query_free(struct query *query)
{
	stmt_free(query->stmt);
	query->stmt = NULL;
}

/* ---- values of parameters ---- */

struct values {
	bool filled;
	int64_t now;
	const struct zone *zone;
	int64_t *ints;
	char (*texts)[16];
	char *lunar_days; /* "[101,102,…]", room for 40 */
};

#define LUNAR_ROOM 256

static int32_t first_of_month(int32_t day, int months)
{
	struct civil c = calendar_civil(day);

	return calendar_add_months(calendar_day(c.year, c.month, 1), months);
}

static int32_t days_back(int32_t today, struct duration d)
{
	return calendar_add_months(today, -d.months) - d.days;
}

static void lunar_days(int32_t today, char *out)
{
	int32_t first = first_of_month(today, 0), end = first_of_month(today, 1);
	size_t n = 0;

	out[n++] = '[';
	for (int32_t day = first; day < end; day++) {
		struct kept kept[4];
		int count = calendar_kept(day, kept);
		for (int i = 0; i < count; i++)
			if (kept[i].lunar && n < LUNAR_ROOM - 16)
				n += (size_t)snprintf(out + n, LUNAR_ROOM - n, "%s%d",
				        n > 1 ? "," : "", kept[i].month_day);
	}
	out[n++] = ']';
	out[n] = 0;
}

/* Of today in the shop, by both calendars. */
static int64_t today_as(enum param_kind kind, int32_t today)
{
	struct civil c = calendar_civil(today);

	switch ((int)kind) {
	case PARAM_MONTH_NUMBER:
		return c.month;
	case PARAM_YEAR:
		return c.year;
	case PARAM_MONTH_DAY:
		return c.month * 100 + c.day;
	case PARAM_LUNAR_YEAR:
		return calendar_lunar(today).year;
	case PARAM_LUNAR_MONTH_DAY:
		return calendar_lunar(today).month * 100 + calendar_lunar(today).day;
	}
	return 0;
}

/* The parameters of events are bound from the events. */
static void fill_one(
        struct values *v, size_t i, const struct param *p, struct zone *zone, int64_t now)
{
	int32_t today = zone_day(zone, now);
	int64_t *out = &v->ints[i];

	switch ((int)p->kind) {
	case PARAM_AGO:
		*out = duration_from(p->duration, zone, now, -1);
		return;
	case PARAM_DAY:
		*out = zone_instant(zone, days_back(today, p->duration) + p->days, 0);
		return;
	case PARAM_DAY_TEXT:
		calendar_format_date(
		        days_back(today, p->duration) + p->days, v->texts[i]);
		return;
	case PARAM_DATE:
		*out = zone_instant(zone, p->date + p->days, 0);
		return;
	case PARAM_MONTH:
	case PARAM_NEXT_MONTH:
		*out = zone_instant(
		        zone, first_of_month(today, p->kind == PARAM_NEXT_MONTH), 0);
		return;
	case PARAM_MONTH_TEXT:
	case PARAM_NEXT_MONTH_TEXT:
		calendar_format_date(
		        first_of_month(today, p->kind == PARAM_NEXT_MONTH_TEXT),
		        v->texts[i]);
		return;
	case PARAM_LUNAR_DAYS:
		lunar_days(today, v->lunar_days);
		return;
	case PARAM_OFFSET:
		*out = zone_offset_s(zone, now) * INT64_C(1000);
		return;
	}
	*out = today_as(p->kind, today);
}

static void fill(struct cond *cond, const struct moment *moment)
{
	struct values *v = cond->values;

	if (v->filled && v->now == moment->now && v->zone == moment->zone)
		return;
	for (size_t i = 0; i < cond->n_params; i++)
		fill_one(v, i, &cond->params[i], moment->zone, moment->now);
	v->filled = true;
	v->now = moment->now;
	v->zone = moment->zone;
}

static void bind_event(
        struct stmt *st, int at, enum param_kind kind, const struct event *e)
{
	if (!e) {
		stmt_null(st, at);
		return;
	}
	switch ((int)kind) {
	case PARAM_TRIGGER_TOTAL:
	case PARAM_EVENT_TOTAL:
		stmt_int_or_null(st, at, e->has_total, e->total);
		return;
	case PARAM_TRIGGER_SKU:
	case PARAM_EVENT_SKU:
		stmt_text(st, at, e->sku);
		return;
	case PARAM_TRIGGER_CATEGORY:
	case PARAM_EVENT_CATEGORY:
		stmt_text(st, at, e->category);
		return;
	case PARAM_TRIGGER_ORDER:
	case PARAM_EVENT_ORDER:
		stmt_text(st, at, e->order);
		return;
	case PARAM_TRIGGER_TIME:
	case PARAM_EVENT_TIME:
		stmt_int(st, at, e->time);
		return;
	case PARAM_TRIGGER_ID:
	case PARAM_EVENT_ID:
		stmt_text(st, at, e->eid);
		return;
	case PARAM_EVENT_DATA:
		stmt_text(st, at, e->data);
		return;
	}
}

void cond_bind(struct cond *cond, struct stmt *st, const struct moment *moment,
        const struct event *looked_at)
{
	struct values *v = cond->values;

	fill(cond, moment);
	stmt_int(st, 3, moment->now);
	if (moment->event)
		stmt_text(st, 4, moment->event->data);
	else
		stmt_null(st, 4);
	for (size_t i = 0; i < cond->n_params; i++) {
		enum param_kind kind = cond->params[i].kind;
		int at = PARAM_FIRST + (int)i;
		if (kind >= PARAM_EVENT_TOTAL)
			bind_event(st, at, kind, looked_at);
		else if (kind >= PARAM_TRIGGER_TOTAL)
			bind_event(st, at, kind, moment->event);
		else if (kind == PARAM_LUNAR_DAYS)
			stmt_text(st, at, v->lunar_days);
		else if (kind == PARAM_DAY_TEXT || kind == PARAM_MONTH_TEXT ||
		         kind == PARAM_NEXT_MONTH_TEXT)
			stmt_text(st, at, v->texts[i]);
		else
			stmt_int(st, at, v->ints[i]);
	}
}

/* ---- making ---- */

static const char *source_of(struct arena *arena, const struct place *at)
{
	return arena_strndup(arena, at->file->text + at->from, at->to - at->from);
}

void cond_params(struct cond *cond, struct arena *arena, const struct sql *sql)
{
	struct values *v = arena_alloc(arena, sizeof *v);

	cond->params = sql->params;
	cond->n_params = sql->n_params;
	v->ints = arena_alloc(arena, (sql->n_params + 1) * sizeof *v->ints);
	v->texts = arena_alloc(arena, (sql->n_params + 1) * sizeof *v->texts);
	v->lunar_days = arena_alloc(arena, LUNAR_ROOM);
	cond->values = v;
}

struct cond *cond_new(
        struct arena *arena, const struct scope *scope, const struct ast_expr *expr)
{
	struct cond *cond = arena_alloc(arena, sizeof *cond);
	struct sql sql = {.arena = arena};
	int top;

	sqlgen_cond(&sql, scope, expr);
	cond->expr = arena_strndup(arena, sql.text.data, sql.text.len);
	buf_free(&sql.text);
	cond->text = source_of(arena, &expr->at);
	cond->tree = expr;
	cond->scope = *scope;
	cond->scope.arena = arena;
	cond_params(cond, arena, &sql);
	top = PARAM_FIRST - 1 + (int)cond->n_params;
	/* The highest parameter is named in every frame, so that each can be bound. */
	cond->ask.sql = arena_printf(arena,
	        "SELECT %s FROM customer c WHERE c.id = ?1 AND ?%d IS ?%d", cond->expr,
	        top, top);
	cond->nobody.sql = arena_printf(arena,
	        "SELECT %s FROM (SELECT 1) LEFT JOIN customer c ON c.id = ?1"
	        " WHERE ?%d IS ?%d",
	        cond->expr, top, top);
	cond->members.sql = arena_printf(arena,
	        "SELECT c.id FROM customer c NOT INDEXED WHERE c.id > ?1 AND c.id <= ?2"
	        " AND ?%d IS ?%d AND %s ORDER BY c.id",
	        top, top, cond->expr);
	return cond;
}

void cond_add_rows(struct cond *where)
{
	struct arena *arena = where->scope.arena;
	struct cond *rows = arena_alloc(arena, sizeof *rows);
	struct scope scope = where->scope;
	struct sql sql = {.arena = arena};

	scope.in_row = true;
	sqlgen_cond(&sql, &scope, where->tree);
	cond_params(rows, arena, &sql);
	rows->ask.sql = arena_printf(arena,
	        "SELECT count(*) FROM customer c CROSS JOIN event e INDEXED BY"
	        " event_customer WHERE c.id = ?1 AND e.customer = c.id AND e.type = %s"
	        " AND e.id <= ?2 AND ?%d IS ?%d AND (%.*s)",
	        sqlgen_quoted(arena, scope.event), PARAM_FIRST - 1 + (int)rows->n_params,
	        PARAM_FIRST - 1 + (int)rows->n_params, (int)sql.text.len, sql.text.data);
	if (!sql.event)
		where->rows = rows;
	buf_free(&sql.text);
}

void cond_free(struct cond *cond)
{
	if (cond->rows)
		query_free(&cond->rows->ask);
	query_free(&cond->ask);
	query_free(&cond->nobody);
	query_free(&cond->members);
	cond_parts_free(cond);
}

const char *cond_sql(const struct cond *cond)
{
	return cond->expr;
}

const char *cond_text(const struct cond *cond)
{
	return cond->text;
}

/* ---- asking ---- */

static enum truth answer(struct stmt *st)
{
	enum truth truth = TRUTH_UNKNOWN;

	if (!stmt_row(st))
		return TRUTH_UNKNOWN;
	if (!stmt_is_null(st, 0))
		truth = stmt_get(st, 0) ? TRUTH_YES : TRUTH_NO;
	stmt_done(st);
	return truth;
}

enum truth cond_ask(struct cond *cond, const struct moment *moment, int64_t customer)
{
	struct query *query = customer ? &cond->ask : &cond->nobody;
	struct stmt *st = query_on(query, moment->db);

	stmt_int(st, 1, customer);
	cond_bind(cond, st, moment, moment->event);
	return answer(st);
}

enum truth cond_ask_event(
        struct cond *cond, const struct moment *moment, const struct event *looked_at)
{
	struct stmt *st = query_on(&cond->nobody, moment->db);

	stmt_int(st, 1, looked_at->customer);
	cond_bind(cond, st, moment, looked_at);
	return answer(st);
}

int64_t cond_count(
        struct cond *cond, const struct moment *moment, const struct event *last)
{
	struct stmt *st;

	if (!cond->rows)
		return -1;
	st = query_on(&cond->rows->ask, moment->db);
	stmt_int(st, 1, last->customer);
	stmt_int(st, 2, last->id);
	cond_bind(cond->rows, st, moment, NULL);
	return stmt_single(st, 0);
}

int64_t cond_last_customer(struct db *db)
{
	return stmt_single(db_stmt(db, "SELECT MAX(id) FROM customer"), 0);
}

int cond_members(struct cond *cond, const struct moment *moment, int64_t after,
        int64_t *out, int max)
{
	int64_t last = cond_last_customer(moment->db);
	struct stmt *st = query_on(&cond->members, moment->db);
	int n = 0;

	while (n < max && after < last) {
		stmt_int(st, 1, after);
		stmt_int(st, 2, after + COND_KEYS);
		cond_bind(cond, st, moment, moment->event);
		while (n < max && stmt_row(st))
			out[n++] = stmt_get(st, 0);
		if (n == max)
			stmt_done(st);
		after += COND_KEYS;
	}
	return n;
}
