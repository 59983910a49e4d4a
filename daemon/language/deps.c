/* What can move a condition: walks its tree once and writes down the tables, event types
 * and spans of time that it speaks of. Where in doubt it names too much, never too
 * little. */
#include "language/deps.h"

#include <string.h>
#include "language/keeping.h"

struct walk {
	struct arena *arena;
	struct deps *deps;
	bool negated;  /* under an odd number of `not` */
	bool compared; /* in what is counted: neither side follows */
};

int64_t deps_of_event(const char *type)
{
	uint64_t hash = 14695981039346656037u;

	for (; *type; type++)
		hash = (hash ^ (unsigned char)*type) * 1099511628211u;
	return INT64_C(1) << (DEPS_EVENTS + hash % (62 - DEPS_EVENTS));
}

static void add_type(struct walk *w, const char *type)
{
	struct deps *d = w->deps;
	const char **more;

	for (size_t i = 0; i < d->n_types; i++)
		if (!strcmp(d->types[i], type))
			return;
	more = arena_alloc(w->arena, (d->n_types + 1) * sizeof *more);
	if (d->n_types)
		memcpy(more, d->types, d->n_types * sizeof *more);
	more[d->n_types++] = type;
	d->types = more;
	d->what |= deps_of_event(type);
}

static bool same_mover(const struct mover *a, const struct mover *b)
{
	return a->kind == b->kind && a->days == b->days && a->month == b->month &&
	       a->before == b->before && a->duration.months == b->duration.months &&
	       a->duration.days == b->duration.days && a->duration.ms == b->duration.ms &&
	       !strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

static void add_mover(struct walk *w, struct mover mover)
{
	struct deps *d = w->deps;
	struct mover *more;

	for (size_t i = 0; i < d->n_movers; i++)
		if (same_mover(&d->movers[i], &mover)) {
			if (d->movers[i].turns != mover.turns)
				d->movers[i].turns = TURNS_EITHER;
			return;
		}
	more = arena_alloc(w->arena, (d->n_movers + 1) * sizeof *more);
	if (d->n_movers)
		memcpy(more, d->movers, d->n_movers * sizeof *more);
	more[d->n_movers++] = mover;
	d->movers = more;
}

/* ---- subjects ---- */

/* What has to change for a name to have another value. */
static void subject(struct walk *w, const struct subject *s)
{
	switch (s->kind) {
	case SUBJECT_COLUMN:
		w->deps->what |= !strncmp(s->field, "cart_", 5)     ? DEPS_CART
		                 : !strncmp(s->field, "orders_", 7) ? DEPS_ORDERS
		                                                    : DEPS_PROFILE;
		return;
	case SUBJECT_AGE:
		w->deps->what |= DEPS_PROFILE;
		add_mover(w, (struct mover){.kind = MOVES_BIRTHDAY});
		return;
	case SUBJECT_ATTRIBUTE:
	case SUBJECT_BIRTHDAY:
		w->deps->what |= DEPS_PROFILE;
		return;
	case SUBJECT_ORDERS:
		w->deps->what |= DEPS_ORDERS;
		return;
	case SUBJECT_HAPPENED:
		add_type(w, s->event);
		return;
	case SUBJECT_EVENT:
	case SUBJECT_TRIGGER:
	case SUBJECT_ITEM:
		return;
	}
}

static void orders_move(struct walk *w, struct mover mover)
{
	mover.kind = MOVES_ORDERS;
	w->deps->what |= DEPS_ORDERS;
	add_type(w, "order.paid"); /* one that is paid a little ahead of our clock */
	add_mover(w, mover);
}

/* What the whole does where a part of it turns. */
static enum turns turned(const struct walk *w, bool truth)
{
	if (w->compared)
		return TURNS_EITHER;
	return truth != w->negated ? TURNS_TRUE : TURNS_FALSE;
}

/* A declared date stands in JSON: the store keeps it in order. */
static void attribute(struct walk *w, const struct scope *scope, const struct subject *s,
        struct mover *mover)
{
	struct sql sql = {.arena = w->arena};

	sqlgen_subject(&sql, scope, s);
	mover->bare = s->type == FIELD_DATE;
	mover->kind = MOVES_KEPT;
	mover->kept = keeping_attribute(w->arena, s->path,
	        mover->bare ? arena_printf(w->arena, SQLGEN_BARE, sql.text.data)
	                    : arena_strndup(w->arena, sql.text.data, sql.text.len));
	mover->name = mover->kept->name;
	buf_free(&sql.text);
}

/* A date that is compared with today: the subject's own index serves. */
static void dated(struct walk *w, const struct scope *scope, const struct subject *s,
        bool windowed, struct mover mover)
{
	mover.kind = MOVES_ANYBODY;
	if (s->field && !strncmp(s->field, "orders_", 7))
		add_type(w, "order.paid");
	if (s->kind == SUBJECT_HAPPENED) {
		mover.kind = MOVES_EVENTS;
		mover.name = s->event;
	} else if (s->kind == SUBJECT_ORDERS && windowed) {
		orders_move(w, mover);
		return;
	} else if (s->kind == SUBJECT_ORDERS) {
		add_type(w, "order.paid");
		mover.kind = MOVES_COLUMN;
		mover.name =
		        !strcmp(s->field, "first") ? "orders_first_at" : "orders_last_at";
	} else if (s->kind == SUBJECT_COLUMN && !strncmp(s->field, "visits_", 7)) {
		mover.kind = MOVES_EVENTS;
		mover.name = "visit";
	} else if (s->kind == SUBJECT_COLUMN &&
	           (!strcmp(s->field, "joined_at") || !strncmp(s->field, "orders_", 7))) {
		mover.kind = MOVES_COLUMN;
		mover.name = s->field;
	} else if (s->kind == SUBJECT_EVENT && scope->in_row && scope->event &&
	           !strcmp(s->field, "time")) {
		mover.kind = MOVES_EVENTS;
		mover.name = scope->event;
	} else if (s->kind == SUBJECT_ATTRIBUTE) {
		attribute(w, scope, s, &mover);
	} else if (s->kind == SUBJECT_BIRTHDAY) {
		mover = (struct mover){.kind = MOVES_MONTH};
	}
	add_mover(w, mover);
}

static void expr(struct walk *w, const struct scope *scope, const struct ast_expr *e);

static void events(struct walk *w, const struct scope *scope, const struct ast_operand *o,
        const char *type)
{
	struct scope inner = *scope;
	bool compared = w->compared;

	inner.event = type;
	inner.has_event = inner.in_where = inner.in_row = true;
	add_type(w, type);
	if (o->has_window)
		add_mover(w, (struct mover){.kind = MOVES_EVENTS,
		                     .name = type,
		                     .duration = o->window});
	w->compared = true;
	expr(w, &inner, o->event.where);
	w->compared = compared;
}

static void operand(
        struct walk *w, const struct scope *scope, const struct ast_operand *o)
{
	struct subject s = sqlgen_subject_of(scope, o);
	const char *near, *type;

	switch (o->kind) {
	case OPERAND_PATH:
		if (o->has_window)
			orders_move(w, (struct mover){.duration = o->window});
		else
			subject(w, &s);
		return;
	case OPERAND_DATE:
		subject(w, &s);
		return;
	case OPERAND_COUNT:
		events(w, scope, o, names_event(scope, o->event.type.text, &near));
		return;
	case OPERAND_SUM:
	case OPERAND_AVERAGE:
		names_event_field(scope, o->path.text, &type, &s, &near);
		events(w, scope, o, type);
		return;
	}
}

/* ---- conditions ---- */

static void bought(struct walk *w, const struct ast_expr *e)
{
	w->deps->what |= DEPS_ORDERS | DEPS_ITEMS | (e->category ? DEPS_GOODS : 0);
	if (e->has_window)
		orders_move(w, (struct mover){.duration = e->window});
}

static void seen(struct walk *w, const struct ast_expr *e, const char *type)
{
	w->deps->what |= e->category ? DEPS_GOODS : 0;
	add_type(w, type);
	if (e->has_window)
		add_mover(w, (struct mover){.kind = MOVES_EVENTS,
		                     .name = type,
		                     .duration = e->window});
}

static void sent(struct walk *w, const struct ast_expr *e)
{
	const struct dates_set *kept = keeping_sent(w->arena, e->name.text);

	add_mover(w, (struct mover){.kind = MOVES_KEPT,
	                     .name = kept->name,
	                     .kept = kept,
	                     .sent = true,
	                     .duration = e->window});
}

static void ours(struct walk *w, const struct ast_expr *e, int64_t what)
{
	w->deps->what |= what;
	if (e->kind == EXPR_HOLDS)
		add_mover(w, (struct mover){.kind = MOVES_COUPON, .name = e->name.text});
	else if (e->has_window && e->kind == EXPR_RECEIVED)
		sent(w, e);
	else if (e->has_window)
		add_mover(w, (struct mover){.kind = MOVES_ANYBODY});
}

static void leaf(struct walk *w, const struct scope *scope, const struct ast_expr *e)
{
	struct scope bare = {
	        .ast = scope->ast, .arena = scope->arena, .pinned = scope->pinned};
	const char *near;

	switch ((int)e->kind) {
	case EXPR_TAG:
		w->deps->what |= DEPS_TAG;
		return;
	case EXPR_SEGMENT:
		expr(w, &bare, names_segment(scope, e->name.text, &near)->cond);
		return;
	case EXPR_CONSENT:
		w->deps->what |= DEPS_CONSENT;
		return;
	case EXPR_HAS:
	case EXPR_FRIEND:
		w->deps->what |= DEPS_PROFILE;
		return;
	case EXPR_LEFT_IN_CART:
		w->deps->what |= DEPS_CART;
		return;
	case EXPR_BOUGHT:
		bought(w, e);
		return;
	case EXPR_VIEWED:
		seen(w, e, "product.viewed");
		return;
	case EXPR_CLICKED:
		seen(w, e, "message.clicked");
		return;
	case EXPR_RECEIVED:
		ours(w, e, DEPS_MESSAGE);
		return;
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		ours(w, e, DEPS_COUPON);
		return;
	default:
		operand(w, scope, &e->operand);
		return;
	}
}

static void paths(struct walk *w, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s;
	const char *near;

	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].kind == VALUE_PATH &&
		        names_path(scope, e->values[i].text, &s, &near) == NAMES_OK)
			subject(w, &s);
}

/* `at least` becomes true as its day comes, `within` false as it has passed; what lay
 * ahead comes within. */
static void ago(struct walk *w, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = sqlgen_subject_of(scope, &e->operand);
	bool window = e->operand.has_window, even = e->cmp == CMP_EQ || e->cmp == CMP_NE;
	struct mover mover = {.duration = e->values[0].duration,
	        .days = !duration_is_clock(e->values[0].duration)};

	mover.turns =
	        even ? TURNS_EITHER : turned(w, e->cmp == CMP_GE || e->cmp == CMP_GT);
	mover.before = e->cmp == CMP_LE || e->cmp == CMP_GT || even;
	dated(w, scope, &s, window, mover);
	if (even) {
		mover.before = false;
		dated(w, scope, &s, window, mover);
	}
	if (e->cmp != CMP_LE || !mover.days)
		return;
	mover = (struct mover){.days = true, .turns = turned(w, true)};
	dated(w, scope, &s, window, mover);
}

static void parts(struct walk *w, const struct scope *scope, const struct ast_expr *e)
{
	bool compared = w->compared;

	w->negated ^= e->kind == EXPR_NOT;
	w->compared |= e->kind == EXPR_ANY_ITEM;
	expr(w, scope, e->a);
	expr(w, scope, e->b);
	w->negated ^= e->kind == EXPR_NOT;
	w->compared = compared;
}

static void expr(struct walk *w, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s;

	if (!e)
		return;
	if (e->kind == EXPR_OR || e->kind == EXPR_AND || e->kind == EXPR_NOT ||
	        e->kind == EXPR_ANY_ITEM) {
		parts(w, scope, e);
		return;
	}
	leaf(w, scope, e);
	paths(w, scope, e);
	if (e->kind == EXPR_AGO)
		ago(w, scope, e);
	if (e->kind != EXPR_THIS_MONTH)
		return;
	s = sqlgen_subject_of(scope, &e->operand);
	dated(w, scope, &s, e->operand.has_window,
	        (struct mover){.days = true, .month = true});
}

struct deps *deps_new(
        struct arena *arena, const struct scope *scope, const struct ast_expr *e)
{
	struct walk w = {.arena = arena};

	w.deps = arena_alloc(arena, sizeof *w.deps);
	expr(&w, scope, e);
	return w.deps;
}
