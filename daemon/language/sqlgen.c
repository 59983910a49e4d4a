/* Conditions to SQL: how comparisons are written and joined. */
#include "language/sqlgen.h"

#include <inttypes.h>
#include <string.h>

/* ---- values ---- */

static void number(struct sql *sql, const struct ast_value *v)
{
	int64_t tens = 1;

	for (int i = 0; i < v->scale; i++)
		tens *= 10;
	sqlgen_add(sql, "%" PRId64, v->number / tens);
	if (v->scale)
		sqlgen_add(sql, ".%0*" PRId64, v->scale, v->number % tens);
}

static void value(struct sql *sql, const struct scope *scope, const struct ast_value *v,
        const struct subject *like)
{
	struct subject other;
	const char *near;

	switch (v->kind) {
	case VALUE_NUMBER:
	case VALUE_MONEY:
	case VALUE_SHARE:
		number(sql, v);
		return;
	case VALUE_STRING:
		sqlgen_text(sql, v->text);
		return;
	case VALUE_YES:
	case VALUE_NO:
		sqlgen_add(sql, "%d", v->kind == VALUE_YES);
		return;
	case VALUE_PATH:
		names_path(scope, v->text, &other, &near);
		if (like->type == FIELD_TIME && other.type == FIELD_DATE)
			sqlgen_instant(sql, scope, &other);
		else
			sqlgen_subject(sql, scope, &other);
		return;
	case VALUE_DATE:
		sqlgen_day(sql, v->date);
		return;
	case VALUE_NONE:
	case VALUE_DURATION:
		return;
	}
}

/* ---- comparisons ---- */

static void compare(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = sqlgen_subject_of(scope, &e->operand);

	if (e->values[0].kind == VALUE_DATE) {
		sqlgen_dated(sql, scope, e, e->cmp, 0);
		return;
	}
	if (s.type == FIELD_DATE && e->values[0].kind == VALUE_PATH) {
		struct subject other;
		const char *near;
		names_path(scope, e->values[0].text, &other, &near);
		if (other.type == FIELD_TIME)
			sqlgen_instant(sql, scope, &s);
		else
			sqlgen_operand(sql, scope, &e->operand);
	} else {
		sqlgen_operand(sql, scope, &e->operand);
	}
	sqlgen_add(sql, " %s ", sqlgen_sign(e->cmp));
	value(sql, scope, &e->values[0], &s);
}

static void between(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = sqlgen_subject_of(scope, &e->operand);

	for (int i = 0; i < 2; i++) {
		enum cmp cmp = i ? e->upper : e->cmp;
		if (i)
			sqlgen_add(sql, " AND ");
		if (e->values[i].kind == VALUE_DATE) {
			sqlgen_dated(sql, scope, e, cmp, i);
			continue;
		}
		sqlgen_operand(sql, scope, &e->operand);
		sqlgen_add(sql, " %s ", sqlgen_sign(cmp));
		value(sql, scope, &e->values[i], &s);
	}
}

static void among(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s = sqlgen_subject_of(scope, &e->operand);
	bool dates = e->values[0].kind == VALUE_DATE && s.type == FIELD_TIME;

	if (dates) {
		sqlgen_add(sql, e->negated ? "NOT (" : "(");
		for (size_t i = 0; i < e->n_values; i++) {
			if (i)
				sqlgen_add(sql, " OR ");
			sqlgen_dated(sql, scope, e, CMP_EQ, (int)i);
		}
		sqlgen_add(sql, ")");
		return;
	}
	sqlgen_operand(sql, scope, &e->operand);
	sqlgen_add(sql, e->negated ? " NOT IN (" : " IN (");
	for (size_t i = 0; i < e->n_values; i++) {
		if (i)
			sqlgen_add(sql, ", ");
		value(sql, scope, &e->values[i], &s);
	}
	sqlgen_add(sql, ")");
}

static void contains(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	const char *text = e->values[0].text;

	sqlgen_add(sql, e->kind == EXPR_CONTAINS ? "instr(" : "substr(");
	sqlgen_operand(sql, scope, &e->operand);
	if (e->kind == EXPR_CONTAINS) {
		sqlgen_add(sql, ", ");
		sqlgen_text(sql, text);
		sqlgen_add(sql, ") > 0");
	} else {
		sqlgen_add(sql, ", 1, length(");
		sqlgen_text(sql, text);
		sqlgen_add(sql, ")) = ");
		sqlgen_text(sql, text);
	}
}

/* ---- conditions ---- */

/* A chain stands in one pair of brackets: a pair for each of its parts is more than the
 * store's parser takes. */
static void chain(struct sql *sql, const struct scope *scope, const struct ast_expr *e,
        enum expr_kind kind)
{
	if (e->kind != kind) {
		sqlgen_cond(sql, scope, e);
		return;
	}
	chain(sql, scope, e->a, kind);
	sqlgen_add(sql, kind == EXPR_AND ? " AND " : " OR ");
	chain(sql, scope, e->b, kind);
}

void sqlgen_cond(struct sql *sql, const struct scope *scope, const struct ast_expr *e)
{
	sqlgen_add(sql, "(");
	switch (e->kind) {
	case EXPR_OR:
	case EXPR_AND:
		chain(sql, scope, e, e->kind);
		break;
	case EXPR_NOT:
		sqlgen_add(sql, "NOT ");
		sqlgen_cond(sql, scope, e->a);
		break;
	case EXPR_COMPARE:
		compare(sql, scope, e);
		break;
	case EXPR_BETWEEN:
		between(sql, scope, e);
		break;
	case EXPR_IN:
		among(sql, scope, e);
		break;
	case EXPR_CONTAINS:
	case EXPR_STARTS:
		contains(sql, scope, e);
		break;
	case EXPR_KNOWN:
		sqlgen_operand(sql, scope, &e->operand);
		sqlgen_add(sql, e->negated ? " IS NULL" : " IS NOT NULL");
		break;
	case EXPR_AGO:
		sqlgen_ago(sql, scope, e);
		break;
	case EXPR_DATED:
		sqlgen_dated(sql, scope, e, e->cmp, 0);
		break;
	case EXPR_THIS_MONTH:
		sqlgen_this_month(sql, scope, e);
		break;
	case EXPR_TAG:
	case EXPR_SEGMENT:
	case EXPR_CONSENT:
	case EXPR_HAS:
	case EXPR_FRIEND:
	case EXPR_LEFT_IN_CART:
	case EXPR_BOUGHT:
	case EXPR_VIEWED:
	case EXPR_HAPPENED:
	case EXPR_ANY_ITEM:
	case EXPR_RECEIVED:
	case EXPR_CLICKED:
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		sqlgen_fact(sql, scope, e);
		break;
	}
	sqlgen_add(sql, ")");
}
