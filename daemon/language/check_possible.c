/* Conditions that can never be true: intervals, texts and facts of what is joined by
 * `and`, and nothing cleverer. Never calls something impossible that a customer could
 * meet. */
#include <math.h>
#include <string.h>
#include "base/log.h"
#include "language/check.h"

#define PARTS_MOST 64

/* What one comparison asks of one subject. */
struct part {
	const struct ast_expr *e;
	const char *key;               /* the subject, its window included */
	double lo, hi;                 /* closed */
	bool whole;                    /* only whole numbers */
	const struct ast_value *texts; /* one of these, or with negated none of them */
	size_t n_texts;
	bool negated;
	bool fact;    /* true or not, by its key */
	bool unknown; /* `is unknown`: no value at all */
};

struct parts {
	struct part all[PARTS_MOST];
	size_t n;
};

static double number(const struct ast_value *v)
{
	double x = (double)v->number;

	for (int i = 0; i < v->scale; i++)
		x /= 10;
	return x;
}

static void bound(struct part *part, enum cmp cmp, double x)
{
	double step = part->whole ? 1 : 1e-9;

	if (cmp == CMP_EQ || cmp == CMP_GE)
		part->lo = x;
	if (cmp == CMP_EQ || cmp == CMP_LE)
		part->hi = x;
	if (cmp == CMP_GT)
		part->lo = x + step;
	if (cmp == CMP_LT)
		part->hi = x - step;
}

static const char *key_of(
        struct check *check, const struct scope *scope, const struct ast_operand *o)
{
	const struct place *at = &o->at;
	struct subject s;
	const char *near;

	if (o->kind == OPERAND_DATE) {
		names_date(scope, &o->date, &s);
		return s.path;
	}
	if (o->kind != OPERAND_PATH || o->has_window)
		return arena_strndup(
		        check->arena, at->file->text + at->from, at->to - at->from);
	return names_path(scope, o->path.text, &s, &near) == NAMES_OK ? s.path : NULL;
}

static bool never_negative(const struct scope *scope, const struct ast_operand *o)
{
	struct subject s;
	const char *near;

	if (o->kind == OPERAND_COUNT)
		return true;
	return o->kind == OPERAND_PATH &&
	       names_path(scope, o->path.text, &s, &near) == NAMES_OK &&
	       (s.kind == SUBJECT_AGE ||
	               (s.kind == SUBJECT_ORDERS && strcmp(s.field, "total")) ||
	               !strncmp(s.path, "cart.", 5));
}

static bool numeric(const struct ast_value *v)
{
	return v->kind == VALUE_NUMBER || v->kind == VALUE_MONEY;
}

/* What a fact asks, so that the same question has the same key; NULL: it is none, or its
 * window makes it a question of its own. */
static const char *fact_key(struct check *check, const struct ast_expr *e)
{
	struct arena *arena = check->arena;

	if (e->has_window)
		return NULL;
	switch ((int)e->kind) {
	case EXPR_TAG:
		return arena_printf(arena, "tag %s", e->name.text);
	case EXPR_SEGMENT:
		return arena_printf(arena, "in %s", e->name.text);
	case EXPR_CONSENT:
		return arena_printf(arena, "consent %d %d", (int)e->word, e->night);
	case EXPR_HAS:
		return arena_printf(arena, "has %d", (int)e->word);
	case EXPR_BOUGHT:
	case EXPR_VIEWED:
		return arena_printf(
		        arena, "goods %d %d %s", (int)e->kind, e->category, e->name.text);
	case EXPR_RECEIVED:
	case EXPR_CLICKED:
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		return arena_printf(arena, "ours %d %s", (int)e->kind, e->name.text);
	case EXPR_FRIEND:
		return "friend";
	case EXPR_LEFT_IN_CART:
		return "left in cart";
	}
	return NULL;
}

/* = "a", != "a", in ("a", "b"), not in (…). */
static bool fill_texts(const struct ast_expr *e, struct part *part)
{
	bool equals = e->kind == EXPR_COMPARE && (e->cmp == CMP_EQ || e->cmp == CMP_NE);

	if ((!equals && e->kind != EXPR_IN) || !e->n_values)
		return false;
	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].kind != VALUE_STRING)
			return false;
	part->texts = e->values;
	part->n_texts = e->n_values;
	part->negated = e->kind == EXPR_IN ? e->negated : e->cmp == CMP_NE;
	return true;
}

static bool fill(struct check *check, const struct scope *scope, const struct ast_expr *e,
        struct part *part)
{
	const struct ast_value *v = e->values;

	*part = (struct part){.e = e, .lo = -INFINITY, .hi = INFINITY};
	part->key = fact_key(check, e);
	if (part->key) {
		part->fact = true;
		part->negated = e->negated;
		return true;
	}
	if (e->kind != EXPR_COMPARE && e->kind != EXPR_BETWEEN && e->kind != EXPR_AGO &&
	        e->kind != EXPR_IN && e->kind != EXPR_KNOWN)
		return false;
	part->key = key_of(check, scope, &e->operand);
	if (!part->key)
		return false;
	if (e->kind == EXPR_KNOWN) {
		part->unknown = e->negated;
		return e->negated;
	}
	if (e->kind == EXPR_AGO) {
		if (v->duration.months || duration_is_clock(v->duration))
			return false;
		part->whole = true;
		bound(part, e->cmp, v->duration.days);
		return true;
	}
	part->whole = e->operand.kind == OPERAND_COUNT;
	if (never_negative(scope, &e->operand))
		part->lo = 0;
	if (e->kind == EXPR_COMPARE && numeric(v) && e->cmp != CMP_NE) {
		struct part own = {.lo = -INFINITY, .hi = INFINITY, .whole = part->whole};
		bound(&own, e->cmp, number(v));
		part->lo = own.lo > part->lo ? own.lo : part->lo;
		part->hi = own.hi;
		return true;
	}
	if (e->kind == EXPR_BETWEEN && numeric(&v[0]) && numeric(&v[1])) {
		bound(part, e->cmp, number(&v[0]));
		bound(part, e->upper, number(&v[1]));
		return true;
	}
	return fill_texts(e, part);
}

static void collect(struct check *check, const struct scope *scope,
        const struct ast_expr *e, struct parts *parts)
{
	if (e->kind == EXPR_AND) {
		collect(check, scope, e->a, parts);
		collect(check, scope, e->b, parts);
		return;
	}
	if (parts->n == PARTS_MOST)
		return;
	if (e->kind == EXPR_NOT) {
		if (fill(check, scope, e->a, &parts->all[parts->n]) &&
		        parts->all[parts->n].fact) {
			parts->all[parts->n].negated ^= true;
			parts->n++;
		}
	} else if (fill(check, scope, e, &parts->all[parts->n])) {
		parts->n++;
	}
}

static bool among(const struct part *part, const char *text)
{
	for (size_t i = 0; i < part->n_texts; i++)
		if (!strcmp(part->texts[i].text, text))
			return true;
	return false;
}

/* No text that is left by both. */
static bool texts_clash(const struct part *a, const struct part *b)
{
	if (a->negated && b->negated)
		return false;
	if (a->negated)
		return texts_clash(b, a);
	for (size_t i = 0; i < a->n_texts; i++)
		if (among(b, a->texts[i].text) != b->negated)
			return false;
	return true;
}

static bool clash(const struct part *a, const struct part *b)
{
	if (a->fact != b->fact || strcmp(a->key, b->key))
		return false;
	if (a->fact)
		return a->negated != b->negated;
	if (a->unknown || b->unknown)
		return a->unknown != b->unknown;
	if (a->texts || b->texts)
		return a->texts && b->texts && texts_clash(a, b);
	if ((a->e->kind == EXPR_AGO) != (b->e->kind == EXPR_AGO))
		return false;
	return a->lo > b->hi || b->lo > a->hi;
}

static void never(struct check *check, const struct ast_expr *e)
{
	check_wrong(check, &e->at, "%s",
	        TR("this can never be true: nobody would be reached",
	                "결코 참이 될 수 없는 조건입니다. 아무에게도 가지 않습니다"));
}

static void compare_all(struct check *check, const struct parts *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		if (parts->all[i].lo > parts->all[i].hi) {
			never(check, parts->all[i].e);
			return;
		}
		for (size_t j = 0; j < i; j++)
			if (clash(&parts->all[j], &parts->all[i])) {
				never(check, parts->all[i].e);
				return;
			}
	}
}

void check_possible(
        struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	struct parts parts;

	if (check->pinned) /* it was possible when it was written: who is inside stays */
		return;
	if (e->kind == EXPR_OR) {
		check_possible(check, scope, e->a);
		check_possible(check, scope, e->b);
		return;
	}
	parts.n = 0;
	collect(check, scope, e, &parts);
	compare_all(check, &parts);
}

/* ---- together with what was asked before ---- */

static void never_here(
        struct check *check, const struct part *before, const struct part *e)
{
	check_wrong(check, &e->e->at,
	        TR("this is never true here: line %d lets only others through",
	                "여기서는 결코 참이 될 수 없습니다. %d번째 줄이 다른 고객만 "
	                "들여보냅니다"),
	        before->e->at.line);
}

void check_against(struct check *check, const struct scope *scope,
        const struct ast_expr *const *before, size_t n, const struct ast_expr *e)
{
	struct parts held = {.n = 0}, asked = {.n = 0};
	bool single = e->kind != EXPR_AND;

	for (size_t i = 0; i < n; i++)
		collect(check, scope, before[i], &held);
	collect(check, scope, e, &asked);
	for (size_t i = 0; i < asked.n; i++)
		for (size_t j = 0; j < held.n; j++) {
			const struct part *a = &held.all[j], *b = &asked.all[i];
			if (clash(a, b)) {
				never_here(check, a, b);
				return;
			}
			if (single && a->fact && b->fact && !strcmp(a->key, b->key))
				check_warn(check, &b->e->at,
				        TR("this is always true here: line %d asked it",
				                "여기서는 언제나 참입니다. %d번째 줄에서 "
				                "물었습니다"),
				        a->e->at.line);
		}
}
