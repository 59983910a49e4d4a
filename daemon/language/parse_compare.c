/* Operands and comparisons, the comparison before its value or, as in Korean, behind it.
 */
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

/* ---- operands ---- */

bool parse_is_orders(const struct token *t)
{
	const struct name_row *row = t->kind == TOKEN_PATH ? name_find(t->text) : NULL;

	return row && !strncmp(row->english, "orders.", 7);
}

static bool measured(struct parse *p, struct ast_operand *o)
{
	bool window;

	if (!parse_path(p, &o->path) || !parse_where(p, &o->event))
		return false;
	window = o->has_window;
	return window || parse_window(p, &o->has_window, &o->window);
}

static bool counted(struct parse *p, struct ast_operand *o)
{
	if (!parse_event(p, &o->event) || !parse_where(p, &o->event))
		return false;
	return o->has_window || parse_window(p, &o->has_window, &o->window);
}

/* Is a Korean count behind this event: EVENT [where (…)] 횟수? */
bool parse_counts_behind(const struct parse *p)
{
	size_t n = 0;
	int depth = 0;

	if (!parse_is_event(p))
		return false;
	n += token_is(parse_ahead(p, n), W_THIS_ORDERS);
	n += token_is(parse_ahead(p, n), W_EVENT);
	n += 1; /* the type */
	n += token_is(parse_ahead(p, n), W_OF_THIS_ORDER);
	if (token_is(parse_ahead(p, n), W_WHERE)) {
		do {
			n++;
			depth += token_punct(parse_ahead(p, n), '(');
			depth -= token_punct(parse_ahead(p, n), ')');
		} while (depth > 0 && parse_ahead(p, n)->kind != TOKEN_END);
		n++;
	}
	return token_is(parse_ahead(p, n), W_COUNT_OF);
}

bool parse_operand(struct parse *p, struct ast_operand *o)
{
	size_t first = p->pos;

	if (parse_take(p, W_COUNT_OF)) {
		o->kind = OPERAND_COUNT;
		counted(p, o);
	} else if (parse_is(p, W_SUM_OF) || parse_is(p, W_AVERAGE_OF)) {
		o->kind = parse_is(p, W_SUM_OF) ? OPERAND_SUM : OPERAND_AVERAGE;
		parse_next(p);
		measured(p, o);
	} else if (parse_is_dateword(p)) {
		o->kind = OPERAND_DATE;
		parse_dateword(p, &o->date);
	} else if (parse_counts_behind(p) || parse_is(p, W_EVENT) ||
	           parse_is(p, W_THIS_ORDERS)) {
		o->kind = OPERAND_COUNT;
		if (counted(p, o))
			parse_need(p, W_COUNT_OF);
	} else if (parse_peek(p)->kind == TOKEN_PATH) {
		o->kind = OPERAND_PATH;
		parse_path(p, &o->path);
		if (!o->has_window)
			parse_window(p, &o->has_window, &o->window);
	} else {
		parse_expected(p, TR("a condition", "조건이 올"));
	}
	o->at = parse_place(p, first);
	return !p->bad;
}

/* ---- comparisons ---- */

static void add_value(struct parse *p, struct ast_expr *e, const struct ast_value *v)
{
	e->values = parse_grown(p->ast->arena, e->values, e->n_values, sizeof *v);
	e->values[e->n_values++] = *v;
}

static bool take_value(struct parse *p, struct ast_expr *e)
{
	struct ast_value v;

	if (!parse_value(p, &v))
		return false;
	add_value(p, e, &v);
	return true;
}

static bool take_duration(struct parse *p, struct ast_expr *e)
{
	struct ast_value v = {.kind = VALUE_DURATION};
	size_t first = p->pos;

	if (!parse_duration(p, &v.duration))
		return false;
	v.at = parse_place(p, first);
	add_value(p, e, &v);
	return true;
}

static bool korean_cmp(struct parse *p, enum cmp *cmp)
{
	static const struct {
		enum word word;
		enum cmp cmp;
	} all[] = {{W_OR_MORE, CMP_GE}, {W_OR_LESS, CMP_LE}, {W_MORE_THAN, CMP_GT},
	        {W_LESS_THAN, CMP_LT}};

	for (size_t i = 0; i < 4; i++)
		if (parse_take(p, all[i].word)) {
			*cmp = all[i].cmp;
			return true;
		}
	return false;
}

static void list(struct parse *p, struct ast_expr *e)
{
	e->kind = EXPR_IN;
	if (!parse_need_punct(p, '('))
		return;
	do {
		if (!take_value(p, e))
			return;
	} while (parse_take_punct(p, ','));
	parse_need_punct(p, ')');
}

/* before|after (DATE | duration ago) */
static void before_after(struct parse *p, struct ast_expr *e, bool before)
{
	if (parse_is_duration(p)) {
		e->kind = EXPR_AGO;
		e->cmp = before ? CMP_GT : CMP_LT;
		if (take_duration(p, e))
			parse_need(p, W_AGO);
		return;
	}
	e->kind = EXPR_DATED;
	e->cmp = before ? CMP_LT : CMP_GT;
	if (parse_peek(p)->kind != TOKEN_DATE)
		parse_expected(p, TR("a date or '90 days ago'", "날짜나 기간이 올"));
	else
		take_value(p, e);
}

static void ago(struct parse *p, struct ast_expr *e, enum cmp cmp, bool word)
{
	e->kind = EXPR_AGO;
	e->cmp = cmp;
	if (take_duration(p, e) && word)
		parse_need(p, W_AGO);
}

/* operand value KOP [value KOP], operand duration (지남|이내|이전), operand DATE
 * (이전|이후). */
static void korean(struct parse *p, struct ast_expr *e)
{
	enum value_kind kind;

	if (!take_value(p, e))
		return;
	kind = e->values[0].kind;
	e->kind = EXPR_COMPARE;
	if (kind == VALUE_DURATION && (parse_is(p, W_PASSED) || parse_is(p, W_WITHIN) ||
	                                      parse_is(p, W_EARLIER))) {
		e->kind = EXPR_AGO;
		e->cmp = parse_is(p, W_PASSED)   ? CMP_GE
		         : parse_is(p, W_WITHIN) ? CMP_LE
		                                 : CMP_GT;
		parse_next(p);
	} else if (kind == VALUE_DATE &&
	           (parse_is(p, W_EARLIER) || parse_is(p, W_LATER))) {
		e->kind = EXPR_DATED;
		e->cmp = parse_is(p, W_EARLIER) ? CMP_LT : CMP_GT;
		parse_next(p);
	} else if (!korean_cmp(p, &e->cmp)) {
		parse_expected(p, TR("a comparison behind the value",
		                          "값 뒤에 '이상' 같은 비교가 올"));
	} else if (parse_peek(p)->kind == TOKEN_NUMBER ||
	           parse_peek(p)->kind == TOKEN_DATE) {
		e->kind = EXPR_BETWEEN;
		if (take_value(p, e) && !korean_cmp(p, &e->upper))
			parse_expected(p, TR("a comparison behind the value",
			                          "값 뒤에 '이하' 같은 비교가 올"));
	}
}

static void between(struct parse *p, struct ast_expr *e)
{
	e->kind = EXPR_BETWEEN;
	e->cmp = CMP_GE;
	e->upper = CMP_LE;
	if (take_value(p, e) && parse_need(p, W_AND))
		take_value(p, e);
}

static void is_known(struct parse *p, struct ast_expr *e)
{
	e->kind = EXPR_KNOWN;
	e->negated = parse_is(p, W_UNKNOWN);
	if (!parse_take(p, W_KNOWN) && !parse_take(p, W_UNKNOWN))
		parse_expected(
		        p, TR("'known' or 'unknown'", "'known'이나 'unknown'이 올"));
}

static void not_chained(struct parse *p)
{
	if (p->bad || parse_peek(p)->kind != TOKEN_CMP)
		return;
	diag_error(p->diag, token_place(&p->lexer, parse_peek(p)), p->file->shown, "%s",
	        TR("comparisons do not chain: use 'between' or 'and'",
	                "비교를 잇달아 쓸 수 없습니다. '3회 이상 5회 이하'처럼 "
	                "쓰십시오"));
	p->bad = true;
}

void parse_compared(struct parse *p, struct ast_expr *e)
{
	const struct token *t = parse_peek(p);

	if (t->kind == TOKEN_CMP) {
		e->kind = EXPR_COMPARE;
		e->cmp = t->cmp;
		parse_next(p);
		if (take_value(p, e))
			not_chained(p);
	} else if (parse_take(p, W_BETWEEN)) {
		between(p, e);
	} else if (parse_is(p, W_NOT) && token_is(parse_ahead(p, 1), W_IN)) {
		e->negated = true;
		parse_next(p);
		parse_next(p);
		list(p, e);
	} else if (parse_take(p, W_IN)) {
		list(p, e);
	} else if (parse_is(p, W_CONTAINS) || parse_is(p, W_STARTS_WITH)) {
		e->kind = parse_is(p, W_CONTAINS) ? EXPR_CONTAINS : EXPR_STARTS;
		parse_next(p);
		if (t[1].kind != TOKEN_STRING)
			parse_expected(p, TR("a text in \"\"", "\"글\"이 올"));
		else
			take_value(p, e);
	} else if (parse_take(p, W_IS)) {
		is_known(p, e);
	} else if (parse_presence(p, &e->negated)) {
		e->kind = EXPR_KNOWN;
	} else if (parse_is(p, W_BEFORE) || parse_is(p, W_AFTER)) {
		bool before = parse_is(p, W_BEFORE);
		parse_next(p);
		before_after(p, e, before);
	} else if (parse_take(p, W_AT_LEAST)) {
		ago(p, e, CMP_GE, true);
	} else if (parse_take(p, W_WITHIN)) {
		ago(p, e, CMP_LE, false);
	} else if (parse_take(p, W_THIS_MONTH)) {
		e->kind = EXPR_THIS_MONTH;
	} else {
		bool starts = t->kind == TOKEN_NUMBER || t->kind == TOKEN_DATE;
		if (!starts && t->kind == TOKEN_STRING &&
		        token_is(parse_ahead(p, 1), W_CONTAINS)) {
			/* 고객.지역 "서울" 포함 */
			e->kind = EXPR_CONTAINS;
			take_value(p, e);
			parse_next(p);
		} else if (starts) {
			korean(p, e);
		} else {
			parse_expected(p, TR("a comparison", "비교가 올"));
		}
	}
}
