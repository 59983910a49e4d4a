/* The queries behind crossings. A window may name somebody who stayed where he was, never
 * miss one who did not: each is asked by the whole condition and compared with the
 * membership that is written down. */
#include "language/crossing.h"

#include <string.h>
#include "base/clock.h"
#include "base/secret.h"

#define KEYS 4000 /* customers asked in one step where no index tells whom */
#define ROWS 2000 /* of a window, in one step */
#define STEP_MS 5
#define LAST_MD 1399 /* behind every month * 100 + day */

struct crossings {
	struct cond binder; /* the parameters alone */
	int base;           /* the segment, from, to, the calendar, the cursor */
	struct query everybody, *windows;
	size_t n;
};

/* ---- writing ---- */

struct make {
	struct arena *arena;
	const char *answer; /* is inside, was inside */
	int base;
};

static const char *index_of(const char *column)
{
	return !strcmp(column, "joined_at")         ? "customer_joined"
	       : !strcmp(column, "orders_first_at") ? "customer_first_order"
	                                            : "customer_last_order";
}

/* from: the table and its conditions; at, id: the columns that order it. */
static const char *window(
        const struct make *m, const char *from, const char *at, const char *id)
{
	int b = m->base;

	return arena_printf(m->arena,
	        "SELECT c.id, %s, %s, %s FROM %s AND %s >= ?%d AND %s < ?%d AND"
	        " ?%d IS ?%d AND (%s, %s) > (?%d, ?1) ORDER BY %s, %s LIMIT ?2",
	        m->answer, at, id, from, at, b + 1, at, b + 2, b + 3, b + 3, at, id,
	        b + 4, at, id);
}

static const char *everybody(const struct make *m)
{
	int b = m->base;

	return arena_printf(m->arena,
	        "SELECT c.id, %s, 0, c.id FROM customer c NOT INDEXED WHERE c.id > ?1"
	        " AND c.id <= ?%d AND ?%d IS ?%d ORDER BY c.id LIMIT ?2",
	        m->answer, b + 2, b + 4, b + 4);
}

static const char *write_window(const struct make *m, const struct mover *mover)
{
	struct arena *a = m->arena;
	const char *from;

	switch (mover->kind) {
	case MOVES_COLUMN:
		from = arena_printf(
		        a, "customer c INDEXED BY %s WHERE 1", index_of(mover->name));
		return window(m, from, arena_printf(a, "c.%s", mover->name), "c.id");
	case MOVES_EVENTS:
		from = arena_printf(a,
		        "event e INDEXED BY event_type CROSS JOIN customer c ON c.id ="
		        " e.customer WHERE e.type = %s",
		        sqlgen_quoted(a, mover->name));
		return window(m, from, "e.time", "e.id");
	case MOVES_ORDERS:
		from = "orders o INDEXED BY orders_paid CROSS JOIN customer c ON c.id ="
		       " o.customer WHERE o.counted = 1";
		return window(m, from, "o.paid_at", "o.id");
	case MOVES_COUPON:
		from = arena_printf(a,
		        "coupon k INDEXED BY coupon_expires CROSS JOIN customer c ON c.id"
		        " = k.customer WHERE k.state = 'issued' AND k.coupon = %s",
		        sqlgen_quoted(a, mover->name));
		return window(m, from, "k.expires_at", "k.id");
	case MOVES_BIRTHDAY:
	case MOVES_MONTH:
		from = arena_printf(a,
		        "customer c INDEXED BY customer_birth WHERE c.birth_md IS NOT "
		        "NULL"
		        " AND c.birth_lunar = ?%d",
		        m->base + 3);
		return window(m, from, "c.birth_md", "c.id");
	case MOVES_ANYBODY:
		return everybody(m);
	}
	return NULL;
}

static void take_hash(struct segment *segment, const struct sql *sql)
{
	struct buf words = {0};
	uint8_t sum[32];

	buf_add(&words, sql->text.data, sql->text.len);
	for (size_t i = 0; i < sql->n_params; i++) {
		const struct param *p = &sql->params[i];
		buf_printf(&words, "\n%d %d %d %lld %d %d", (int)p->kind,
		        p->duration.months, p->duration.days, (long long)p->duration.ms,
		        p->days, (int)p->date);
	}
	secret_sha256(words.data, words.len, sum);
	secret_hex(sum, sizeof sum, segment->hash);
	buf_free(&words);
}

struct crossings *crossings_new(struct arena *arena, const struct scope *scope,
        struct segment *segment, const struct ast_expr *cond)
{
	struct crossings *x = arena_alloc(arena, sizeof *x);
	const struct deps *deps = segment->deps;
	struct sql sql = {.arena = arena};
	struct make m = {.arena = arena};

	sqlgen_cond(&sql, scope, cond);
	take_hash(segment, &sql);
	cond_params(&x->binder, arena, &sql);
	m.base = x->base = PARAM_FIRST + (int)sql.n_params;
	m.answer = arena_printf(arena,
	        "(%s) IS TRUE AS is_in, COALESCE((SELECT m.inside FROM segment_member m"
	        " WHERE m.customer = c.id AND m.segment = ?%d), 0) AS was_in",
	        sql.text.data, m.base);
	buf_free(&sql.text);
	x->everybody.sql = everybody(&m);
	x->n = deps->n_movers;
	x->windows = arena_alloc(arena, (x->n + 1) * sizeof *x->windows);
	for (size_t i = 0; i < x->n; i++)
		x->windows[i].sql = write_window(&m, &deps->movers[i]);
	return x;
}

void crossings_free(struct crossings *x)
{
	if (!x)
		return;
	query_free(&x->everybody);
	for (size_t i = 0; i < x->n; i++)
		query_free(&x->windows[i]);
}

const char *segment_window_sql(const struct segment *segment, size_t i)
{
	return i < segment->crossings->n ? segment->crossings->windows[i].sql : NULL;
}

/* ---- windows ---- */

/* [from, to) of a mover's column; lunar where it is a birthday. */
struct span {
	int64_t from, to;
	bool lunar;
};

static int32_t month_start(int32_t day, int months)
{
	struct civil c = calendar_civil(day);

	return calendar_add_months(calendar_day(c.year, c.month, 1), months);
}

static int month_day(int32_t day, bool lunar)
{
	struct civil c = calendar_civil(day);

	return lunar ? calendar_lunar(day).month * 100 + calendar_lunar(day).day
	             : c.month * 100 + c.day;
}

/* Birthdays that come after the first day up to the last: in two parts where the year's
 * end lies between. Lunar months may be leap: a little more does no harm. */
static bool birthdays(int32_t first, int32_t last, int part, struct span *out)
{
	bool lunar = part >= 2, behind = part % 2;
	int from = month_day(first, lunar), to = month_day(last, lunar);

	if (first == last || part > 3)
		return false;
	out->lunar = lunar;
	if (last - first > 300)
		*out = (struct span){behind ? LAST_MD : 0, LAST_MD, lunar};
	else if (from <= to)
		*out = (struct span){behind ? LAST_MD : from, to + 1, lunar};
	else
		*out = behind ? (struct span){0, to + 1, lunar}
		              : (struct span){from, LAST_MD, lunar};
	return true;
}

/* Everybody who was born in the month that ended or in the one that began, and all lunar
 * birthdays. */
static bool birth_months(int32_t first, int32_t last, int part, struct span *out)
{
	int from = month_day(first, false) / 100, to = month_day(last, false) / 100;

	if (month_start(first, 0) == month_start(last, 0) || part > 2)
		return false;
	if (part == 2 || month_start(last, -1) != month_start(first, 0))
		*out = (struct span){part == 1 ? LAST_MD : 0, LAST_MD, part == 2};
	else
		*out = (struct span){
		        (part ? to : from) * 100, (part ? to : from) * 100 + 99, false};
	return true;
}

/* A day is crossed at its beginning, an instant when it comes. The second part is for
 * dates that may have lain ahead. */
static bool dates(const struct mover *m, struct zone *zone, int64_t from, int64_t to,
        int part, struct span *out)
{
	int32_t first = zone_day(zone, from), last = zone_day(zone, to);
	bool ahead = part == 1 && m->kind == MOVES_COLUMN;

	if (part > ahead || (m->days && first == last))
		return false;
	if (m->month) {
		*out = (struct span){zone_instant(zone, month_start(first, 0), 0),
		        zone_instant(zone, month_start(last, 1), 0), false};
		return part == 0 && month_start(first, 0) != month_start(last, 0);
	}
	if (m->days) {
		if (!ahead) {
			first = calendar_add_months(first, -m->duration.months) -
			        m->duration.days;
			last = calendar_add_months(last, -m->duration.months) -
			       m->duration.days;
		}
		*out = (struct span){zone_instant(zone, first, 0),
		        zone_instant(zone, last + 1, 0), false};
		return true;
	}
	*out = (struct span){duration_from(m->duration, zone, from, -1),
	        duration_from(m->duration, zone, to, -1) + 1, false};
	return !ahead;
}

/* The part-th window of a mover; false: it has no more. */
static bool span_of(const struct mover *m, const struct moment *moment, int64_t from,
        int part, struct span *out)
{
	int32_t first = zone_day(moment->zone, from),
	        last = zone_day(moment->zone, moment->now);

	switch (m->kind) {
	case MOVES_COLUMN:
	case MOVES_EVENTS:
	case MOVES_ORDERS:
		return dates(m, moment->zone, from, moment->now, part, out);
	case MOVES_COUPON:
		*out = (struct span){from, moment->now + 1, false};
		return part == 0;
	case MOVES_BIRTHDAY:
		return birthdays(first, last, part, out);
	case MOVES_MONTH:
		return birth_months(first, last, part, out);
	case MOVES_ANYBODY:
		*out = (struct span){0};
		return part == 0;
	}
	return false;
}

/* ---- running ---- */

static struct stmt *start(struct crossings *x, struct query *query,
        const struct moment *moment, int64_t id, const struct look *look,
        const struct span *span, int64_t rows)
{
	struct stmt *st = stmt_reset(query_on(query, moment->db));

	cond_bind(&x->binder, st, moment, NULL);
	stmt_int(st, 1, look->id);
	stmt_int(st, 2, rows);
	stmt_int(st, x->base, id);
	stmt_int(st, x->base + 1, span->from);
	stmt_int(st, x->base + 2, span->to);
	stmt_int(st, x->base + 3, span->lunar);
	stmt_int(st, x->base + 4, look->id || look->anchor ? look->anchor : INT64_MIN);
	return st;
}

/* Reads rows until there are max crossers or the time is up; true: it came to the end. */
static bool read_rows(struct stmt *st, struct look *look, struct crosser *out, int max,
        int *n, int64_t *rows)
{
	int64_t began = clock_mono();

	*n = 0;
	*rows = 0;
	while (stmt_row(st)) {
		bool in = stmt_get(st, 1) != 0;
		look->anchor = stmt_get(st, 3);
		look->id = stmt_get(st, 4);
		++*rows;
		if (in != (stmt_get(st, 2) != 0))
			out[(*n)++] =
			        (struct crosser){.customer = stmt_get(st, 0), .in = in};
		if (*n == max || (*rows % 64 == 0 && clock_mono() - began > STEP_MS)) {
			stmt_done(st);
			return false;
		}
	}
	return true;
}

int segment_everybody(const struct segment *segment, const struct moment *moment,
        int64_t id, struct look *look, struct crosser *out, int max)
{
	struct crossings *x = segment->crossings;
	struct span span = {0, look->id + KEYS, false};
	int64_t rows;
	int n;

	if (look->done)
		return 0;
	if (!read_rows(start(x, &x->everybody, moment, id, look, &span, KEYS), look, out,
	            max, &n, &rows))
		return n;
	look->id = span.to;
	look->done = look->id >= cond_last_customer(moment->db);
	return n;
}

static int by_window(struct crossings *x, const struct moment *moment, int64_t id,
        const struct span *span, struct look *look, struct crosser *out, int max)
{
	int64_t rows;
	int n;
	bool end = read_rows(
	        start(x, &x->windows[look->mover], moment, id, look, span, ROWS), look,
	        out, max, &n, &rows);

	if (end && rows < ROWS) {
		look->part++;
		look->anchor = look->id = 0;
	}
	return n;
}

int segment_crossers(const struct segment *segment, const struct moment *moment,
        int64_t id, int64_t from, struct look *look, struct crosser *out, int max)
{
	struct crossings *x = segment->crossings;
	struct span span;
	int n = 0;

	while (n == 0 && look->mover < x->n) {
		const struct mover *mover = &segment->deps->movers[look->mover];
		if (!span_of(mover, moment, from, look->part, &span)) {
			look->mover++;
			look->part = 0;
			look->anchor = look->id = 0;
			continue;
		}
		if (mover->kind != MOVES_ANYBODY)
			return by_window(x, moment, id, &span, look, out, max);
		n = segment_everybody(segment, moment, id, look, out, max);
		if (look->done) {
			look->done = false;
			look->part++;
			look->anchor = look->id = 0;
		}
		return n;
	}
	look->done = look->mover >= x->n;
	return n;
}
