/* The queries behind crossings. A window may name somebody who stayed where he was, never
 * miss one who did not: each is asked by the whole condition and compared with the
 * membership that is written down. */
#include "language/crossing.h"

#include <string.h>
#include "base/clock.h"
#include "base/secret.h"
#include "language/span.h"

#define ROWS 64 /* asked in one question at first */
#define ROWS_MAX 256
#define STEP_MS 5

struct crossings {
	struct cond binder; /* the parameters alone */
	int base;           /* the segment, from, to, the calendar */
	struct query everybody;
	struct stretch {
		struct query rows, end;
	} (*windows)[2]; /* behind an instant, and the rest of those that lie at it */
	size_t n;
};

/* ---- writing ---- */

struct make {
	struct arena *arena;
	const char *is, *was; /* inside */
	int base;
};

/* Whether he came in (1), went out (0) or stayed (NULL). Where only one of the two can
 * be, the first of the questions answers for most. */
static const char *crossed(const struct make *m, enum turns turns)
{
	switch (turns) {
	case TURNS_EITHER:
		return arena_printf(m->arena, "CASE %s WHEN %s THEN NULL ELSE NOT %s END",
		        m->is, m->was, m->was);
	case TURNS_TRUE:
		return arena_printf(m->arena,
		        "CASE WHEN %s THEN CASE WHEN %s THEN NULL ELSE 1 END END", m->is,
		        m->was);
	case TURNS_FALSE:
		return arena_printf(m->arena,
		        "CASE WHEN %s THEN CASE WHEN %s THEN NULL ELSE 0 END END", m->was,
		        m->is);
	}
	return NULL;
}

static const char *index_of(const char *column)
{
	return !strcmp(column, "joined_at")         ? "customer_joined"
	       : !strcmp(column, "orders_first_at") ? "customer_first_order"
	                                            : "customer_last_order";
}

/* Where a window lies: an index, the customers of its rows, which rows, and the columns
 * that order them. */
struct source {
	const char *from, *customers, *where, *at, *id;
};
#define OF(alias) " CROSS JOIN customer c ON c.id = " alias ".customer"

static struct source source_of(const struct make *m, const struct mover *mover)
{
	struct arena *a = m->arena;

	switch (mover->kind) {
	case MOVES_COLUMN:
		return (struct source){arena_printf(a, "customer c INDEXED BY %s",
		                               index_of(mover->name)),
		        "", "1", arena_printf(a, "c.%s", mover->name), "c.id"};
	case MOVES_EVENTS:
		return (struct source){"event e INDEXED BY event_type", OF("e"),
		        arena_printf(a, "e.type = %s", sqlgen_quoted(a, mover->name)),
		        "e.time", "e.id"};
	case MOVES_ORDERS:
		return (struct source){"orders o INDEXED BY orders_paid", OF("o"),
		        "o.counted = 1", "o.paid_at", "o.id"};
	case MOVES_COUPON:
		return (struct source){"coupon k INDEXED BY coupon_expires", OF("k"),
		        arena_printf(a, "k.state = 'issued' AND k.coupon = %s",
		                sqlgen_quoted(a, mover->name)),
		        "k.expires_at", "k.id"};
	case MOVES_KEPT:
		return (struct source){"dated d INDEXED BY dated_at",
		        mover->sent ? " CROSS JOIN message s ON s.id = d.ref CROSS JOIN"
		                      " customer c ON c.id = s.customer"
		                    : " CROSS JOIN customer c ON c.id = d.ref",
		        arena_printf(a, "d.name = %s", sqlgen_quoted(a, mover->name)),
		        "d.at", "d.ref"};
	case MOVES_BIRTHDAY:
	case MOVES_MONTH:
		return (struct source){"customer c INDEXED BY customer_birth", "",
		        arena_printf(a, "c.birth_md IS NOT NULL AND c.birth_lunar = ?%d",
		                m->base + 3),
		        "c.birth_md", "c.id"};
	case MOVES_ANYBODY:
		break;
	}
	return (struct source){"customer c NOT INDEXED", "", "1", "c.id", "c.id"};
}

/* The rows behind the cursor: later ones, or those of its instant with a higher id, so
 * that no index is walked twice where many share one. */
static const char *behind(const struct make *m, const struct source *s, bool tie)
{
	int b = m->base;
	const char *rows =
	        tie ? arena_printf(m->arena, "%s = ?%d AND %s > ?1", s->at, b + 1, s->id)
	            : arena_printf(m->arena, "%s > ?%d AND %s <= ?%d", s->at, b + 1,
	                      s->at, b + 2);

	return arena_printf(
	        m->arena, "%s AND %s AND ?%d IS ?%d", s->where, rows, b + 3, b + 3);
}

static const char *write_rows(
        const struct make *m, const struct source *s, enum turns turns, bool tie)
{
	const char *last =
	        tie ? "" : arena_printf(m->arena, "%s < ?%d OR ", s->at, m->base + 2);

	return arena_printf(m->arena,
	        "SELECT c.id, NOT %s, %s, %s FROM %s%s WHERE %s AND (%s%s <= ?2) AND %s"
	        " IS NOT NULL ORDER BY %s, %s",
	        m->was, s->at, s->id, s->from, s->customers, behind(m, s, tie), last,
	        s->id, crossed(m, turns), s->at, s->id);
}

/* The last of as many rows as are asked in one question. */
static const char *write_end(const struct make *m, const struct source *s, bool tie)
{
	return arena_printf(m->arena,
	        "SELECT %s, %s FROM %s WHERE %s ORDER BY %s, %s LIMIT 1 OFFSET ?2 - 1",
	        s->at, s->id, s->from, behind(m, s, tie), s->at, s->id);
}

static void write_windows(
        const struct make *m, const struct mover *mover, struct stretch both[2])
{
	struct source s = source_of(m, mover);

	for (int tie = 0; tie < 2; tie++) {
		both[tie].rows.sql = write_rows(m, &s, mover->turns, tie);
		both[tie].end.sql = write_end(m, &s, tie);
	}
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
	struct source everybody;

	sqlgen_cond(&sql, scope, cond);
	take_hash(segment, &sql);
	cond_params(&x->binder, arena, &sql);
	m.base = x->base = PARAM_FIRST + (int)sql.n_params;
	m.is = arena_printf(arena, "(%s) IS TRUE", sql.text.data);
	m.was = arena_printf(arena,
	        "COALESCE((SELECT m.inside FROM segment_member m WHERE m.customer = c.id"
	        " AND m.segment = ?%d), 0)",
	        m.base);
	buf_free(&sql.text);
	everybody = source_of(&m, &(struct mover){.kind = MOVES_ANYBODY});
	x->everybody.sql = write_rows(&m, &everybody, TURNS_EITHER, false);
	x->n = deps->n_movers;
	x->windows = arena_alloc(arena, (x->n + 1) * sizeof *x->windows);
	for (size_t i = 0; i < x->n; i++)
		write_windows(&m, &deps->movers[i], x->windows[i]);
	return x;
}

void crossings_free(struct crossings *x)
{
	if (!x)
		return;
	query_free(&x->everybody);
	for (size_t i = 0; i < x->n * 2; i++) {
		query_free(&x->windows[i / 2][i % 2].rows);
		query_free(&x->windows[i / 2][i % 2].end);
	}
}

const char *segment_window_sql(const struct segment *segment, size_t i)
{
	const struct crossings *x = segment->crossings;

	if (i >= x->n * 4)
		return NULL;
	if (i % 4 >= 2)
		return x->windows[i / 4][i % 2].end.sql;
	return x->windows[i / 4][i % 2].rows.sql;
}

/* ---- running ---- */

/* A question on its way: from the look's cursor up to a last row. */
struct chunk {
	struct crossings *x;
	const struct moment *moment;
	int64_t segment;
	struct span span;
	int64_t at, id; /* of the last row */
	bool last;      /* of the window */
};

static struct stmt *start(const struct chunk *c, struct query *query,
        const struct look *look, int64_t second)
{
	struct stmt *st = stmt_reset(query_on(query, c->moment->db));
	int base = c->x->base;

	cond_bind(&c->x->binder, st, c->moment, NULL);
	stmt_int(st, 1, look->id);
	stmt_int(st, 2, second);
	stmt_int(st, base, c->segment);
	stmt_int(st, base + 1, look->anchor);
	stmt_int(st, base + 2, c->at);
	stmt_int(st, base + 3, c->span.lunar);
	return st;
}

/* Where the question ends that begins at the cursor. */
static void find_end(struct chunk *c, struct stretch *stretch, const struct look *look)
{
	struct stmt *st;

	c->at = look->tie ? look->anchor : c->span.to - 1;
	c->id = INT64_MAX;
	st = start(c, &stretch->end, look, look->rows);
	c->last = !stmt_row(st);
	if (c->last)
		return;
	c->at = stmt_get(st, 0);
	c->id = stmt_get(st, 1);
	stmt_done(st);
}

/* The next question is larger where this one was quick. */
static int pace(int rows, int64_t took)
{
	if (took > 0)
		return ROWS;
	return rows < ROWS_MAX ? rows * 2 : ROWS_MAX;
}

/* Asks; at most max crossers, then the cursor stands behind the last of them. */
static int ask(const struct chunk *c, struct query *query, struct look *look,
        struct crosser *out, int max)
{
	int64_t began = clock_mono();
	struct stmt *st = start(c, query, look, c->id);
	int n = 0;

	while (n < max && stmt_row(st)) {
		out[n++] = (struct crosser){
		        .customer = stmt_get(st, 0), .in = stmt_get(st, 1) != 0};
		look->anchor = stmt_get(st, 2);
		look->id = stmt_get(st, 3);
	}
	look->rows = pace(look->rows, clock_mono() - began);
	if (n == max) {
		stmt_done(st);
		return n;
	}
	look->anchor = c->at;
	look->id = c->id;
	return n;
}

static int ask_everybody(struct chunk *c, struct look *look, struct crosser *out, int max)
{
	int n;

	look->anchor = look->id;
	c->at = c->id = look->id + look->rows;
	n = ask(c, &c->x->everybody, look, out, max);
	look->done = n < max && look->id >= cond_last_customer(c->moment->db);
	return n;
}

int segment_everybody(const struct segment *segment, const struct moment *moment,
        int64_t id, struct look *look, struct crosser *out, int max)
{
	struct chunk c = {.x = segment->crossings, .moment = moment, .segment = id};
	int64_t began = clock_mono();
	int n = 0;

	if (!look->rows)
		look->rows = ROWS;
	while (n == 0 && !look->done && clock_mono() - began < STEP_MS)
		n = ask_everybody(&c, look, out, max);
	return n;
}

static void next_part(struct look *look)
{
	look->part++;
	look->begun = false;
}

/* Behind each row that a question ended at lies the rest of its instant. */
static int by_window(struct chunk *c, struct look *look, struct crosser *out, int max)
{
	int64_t began = clock_mono();
	int n = 0;

	if (!look->begun) {
		look->begun = true;
		look->tie = false;
		look->anchor = c->span.from - 1;
		look->id = 0;
	}
	do {
		struct stretch *stretch = &c->x->windows[look->mover][look->tie];
		bool whole;
		find_end(c, stretch, look);
		n = ask(c, &stretch->rows, look, out, max);
		whole = n < max && c->last;
		if (whole && !look->tie) {
			next_part(look);
			return n;
		}
		look->tie = !whole;
	} while (n == 0 && clock_mono() - began < STEP_MS);
	return n;
}

int segment_crossers(const struct segment *segment, const struct moment *moment,
        int64_t id, int64_t from, struct look *look, struct crosser *out, int max)
{
	struct chunk c = {.x = segment->crossings, .moment = moment, .segment = id};
	const struct deps *deps = segment->deps;
	int n;

	if (!look->rows)
		look->rows = ROWS;
	while (look->mover < deps->n_movers) {
		const struct mover *mover = &deps->movers[look->mover];
		if (!span_of(mover, moment, from, look->part, &c.span)) {
			look->mover++;
			look->part = -1;
			next_part(look);
			continue;
		}
		if (mover->kind != MOVES_ANYBODY)
			return by_window(&c, look, out, max);
		n = segment_everybody(segment, moment, id, look, out, max);
		if (look->done)
			next_part(look);
		look->done = false;
		return n;
	}
	look->done = true;
	return 0;
}

bool segment_asks_all(const struct segment *segment)
{
	for (size_t i = 0; i < segment->deps->n_movers; i++)
		if (segment->deps->movers[i].kind == MOVES_ANYBODY)
			return true;
	return false;
}
