/* Conditions that can never be true: intervals of what is joined by `and`, and nothing
 * cleverer. Never calls something impossible that a customer could meet. */
#include <math.h>
#include <string.h>
#include "base/log.h"
#include "language/check.h"

#define PARTS_MOST 64

/* What one comparison asks of one subject. */
struct part {
	const struct ast_expr *e;
	const char *key;   /* the subject, its window included */
	double lo, hi;     /* closed */
	bool whole;        /* only whole numbers */
	const char *equal; /* texts */
	bool negated, tag;
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

static bool fill(struct check *check, const struct scope *scope, const struct ast_expr *e,
        struct part *part)
{
	const struct ast_value *v = e->values;

	*part = (struct part){.e = e, .lo = -INFINITY, .hi = INFINITY};
	if (e->kind == EXPR_TAG) {
		part->key = e->name.text;
		part->tag = true;
		part->negated = e->negated;
		return true;
	}
	part->key = key_of(check, scope, &e->operand);
	if (!part->key)
		return false;
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
	if (e->kind == EXPR_COMPARE && e->cmp == CMP_EQ && v->kind == VALUE_STRING) {
		part->equal = v->text;
		return true;
	}
	return false;
}

static void collect(struct check *check, const struct scope *scope,
        const struct ast_expr *e, struct parts *parts)
{
	if (e->kind == EXPR_AND) {
		collect(check, scope, e->a, parts);
		collect(check, scope, e->b, parts);
		return;
	}
	if (e->kind != EXPR_COMPARE && e->kind != EXPR_BETWEEN && e->kind != EXPR_AGO &&
	        e->kind != EXPR_TAG && !(e->kind == EXPR_NOT && e->a->kind == EXPR_TAG))
		return;
	if (parts->n == PARTS_MOST)
		return;
	if (e->kind == EXPR_NOT) {
		if (fill(check, scope, e->a, &parts->all[parts->n])) {
			parts->all[parts->n].negated ^= true;
			parts->n++;
		}
	} else if (fill(check, scope, e, &parts->all[parts->n])) {
		parts->n++;
	}
}

static bool clash(const struct part *a, const struct part *b)
{
	if (a->tag != b->tag || strcmp(a->key, b->key))
		return false;
	if (a->tag)
		return a->negated != b->negated;
	if (a->equal || b->equal)
		return a->equal && b->equal && strcmp(a->equal, b->equal) != 0;
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

	if (e->kind == EXPR_OR) {
		check_possible(check, scope, e->a);
		check_possible(check, scope, e->b);
		return;
	}
	parts.n = 0;
	collect(check, scope, e, &parts);
	compare_all(check, &parts);
}
