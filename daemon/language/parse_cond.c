/* Conditions: `not` binds looser than a comparison and tighter than `and`, `and` tighter
 * than `or`; comparisons do not chain. */
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

#define CHAIN_MOST 100

static struct ast_expr *node(struct parse *p, enum expr_kind kind)
{
	struct ast_expr *e = arena_alloc(p->ast->arena, sizeof *e);

	e->kind = kind;
	return e;
}

static struct ast_expr *placed(struct parse *p, struct ast_expr *e, size_t first)
{
	if (p->bad || !e)
		return NULL;
	e->at = parse_place(p, first);
	return e;
}

static bool present(struct parse *p, bool *negated)
{
	*negated = parse_is(p, W_ABSENT);
	return parse_take(p, W_PRESENT) || parse_take(p, W_ABSENT);
}

/* ---- facts ---- */

static struct ast_expr *goods(struct parse *p, struct ast_expr *e)
{
	e->category = parse_take(p, W_CATEGORY);
	if (parse_string(p, &e->name))
		parse_window(p, &e->has_window, &e->window);
	return e;
}

/* [분류] STRING (구매|조회), with the window that stood before. */
static struct ast_expr *goods_korean(
        struct parse *p, bool has_window, struct duration window)
{
	struct ast_expr *e = node(p, EXPR_BOUGHT);

	e->has_window = has_window;
	e->window = window;
	e->category = parse_take(p, W_CATEGORY);
	if (!parse_string(p, &e->name))
		return NULL;
	if (parse_take(p, W_VIEWED))
		e->kind = EXPR_VIEWED;
	else if (!parse_take(p, W_BOUGHT))
		parse_expected(p, TR("'bought' or 'viewed'", "'구매'나 '조회'가 올"));
	if (!has_window)
		parse_window(p, &e->has_window, &e->window);
	return e;
}

static struct ast_expr *consent(struct parse *p)
{
	static const enum word media[] = {
	        W_SMS, W_KAKAO, W_ALIMTALK, W_BRANDMESSAGE, W_EMAIL, W_PUSH, W_DATA};
	struct ast_expr *e = node(p, EXPR_CONSENT);

	for (size_t i = 0; i < sizeof media / sizeof media[0] && !e->word; i++)
		if (parse_take(p, media[i]))
			e->word = media[i];
	if (!e->word)
		parse_expected(p, TR("a medium like sms", "문자 같은 매체가 올"));
	e->night = parse_take(p, W_NIGHT);
	present(p, &e->negated);
	return e;
}

static struct ast_expr *has(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_HAS);

	if (parse_take(p, W_PHONE))
		e->word = W_PHONE;
	else if (parse_take(p, W_EMAIL) || parse_take(p, W_ADDRESS))
		e->word = W_EMAIL;
	else
		parse_expected(p, TR("'phone' or 'email'", "'전화'나 '메일주소'가 올"));
	return e;
}

static struct ast_expr *has_korean(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_HAS);

	e->word = parse_is(p, W_PHONE) ? W_PHONE : W_EMAIL;
	parse_next(p);
	if (!present(p, &e->negated))
		parse_expected(p, TR("'있음' or '없음'", "'있음'이나 '없음'이 올"));
	return e;
}

static struct ast_expr *happened(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_HAPPENED);
	struct ast_operand *o = &e->operand;
	size_t first = p->pos;

	e->negated = true;
	o->kind = OPERAND_COUNT;
	if (parse_event(p, &o->event) && parse_where(p, &o->event) &&
	        parse_window(p, &o->has_window, &o->window) && !o->has_window)
		parse_expected(p, TR("'in last' and a time", "'최근'과 기간이 올"));
	o->at = parse_place(p, first);
	return e;
}

static struct ast_expr *any_item(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_ANY_ITEM);

	if (parse_need_punct(p, '(')) {
		e->a = parse_cond(p);
		if (e->a)
			parse_need_punct(p, ')');
	}
	return e;
}

static struct ast_expr *ours(struct parse *p, enum expr_kind kind)
{
	struct ast_expr *e = node(p, kind);

	if (parse_name(p, &e->name))
		parse_window(p, &e->has_window, &e->window);
	return e;
}

static struct ast_expr *holds_korean(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_HOLDS);

	if (parse_name(p, &e->name) && !present(p, &e->negated))
		parse_expected(p, TR("'있음' or '없음'", "'있음'이나 '없음'이 올"));
	return e;
}

static struct ast_expr *tag(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_TAG);

	if (parse_string(p, &e->name))
		present(p, &e->negated);
	return e;
}

static struct ast_expr *segment(struct parse *p)
{
	struct ast_expr *e = node(p, EXPR_SEGMENT);

	parse_name(p, &e->name);
	return e;
}

/* ---- operands ---- */

static bool is_orders(const struct token *t)
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

/* Is a Korean count or fact behind this event: EVENT [where (…)] 횟수? */
static bool counts_behind(const struct parse *p)
{
	size_t n = 1;
	int depth = 0;

	if (!parse_is_event(p))
		return false;
	if (parse_is(p, W_EVENT) || parse_is(p, W_THIS_ORDERS))
		return true;
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

static bool operand(struct parse *p, struct ast_operand *o)
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
	} else if (counts_behind(p)) {
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
	struct ast_value *all =
	        arena_alloc(p->ast->arena, (e->n_values + 1) * sizeof *all);

	if (e->n_values)
		memcpy(all, e->values, e->n_values * sizeof *all);
	all[e->n_values++] = *v;
	e->values = all;
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

static void compared(struct parse *p, struct ast_expr *e)
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
	} else if (present(p, &e->negated)) {
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

static struct ast_expr *comparison(struct parse *p, bool window, struct duration in_last)
{
	struct ast_expr *e = node(p, EXPR_COMPARE);

	e->operand.has_window = window;
	e->operand.window = in_last;
	if (operand(p, &e->operand))
		compared(p, e);
	return e;
}

/* 최근 duration, and what it holds for: goods, an event that was or was not, or an
 * operand. */
static struct ast_expr *recent(struct parse *p)
{
	struct duration window = {0};

	if (!parse_duration(p, &window))
		return NULL;
	if (parse_is(p, W_CATEGORY) || parse_peek(p)->kind == TOKEN_STRING)
		return goods_korean(p, true, window);
	if (is_orders(parse_peek(p)) || counts_behind(p) || parse_is(p, W_SUM_OF) ||
	        parse_is(p, W_AVERAGE_OF) || parse_is(p, W_COUNT_OF))
		return comparison(p, true, window);
	struct ast_expr *e = node(p, EXPR_HAPPENED);
	size_t first = p->pos;
	e->operand.kind = OPERAND_COUNT;
	e->operand.has_window = true;
	e->operand.window = window;
	if (!parse_event(p, &e->operand.event) || !parse_where(p, &e->operand.event))
		return NULL;
	e->operand.at = parse_place(p, first);
	if (!present(p, &e->negated))
		parse_expected(p, TR("'횟수', '있음' or '없음'",
		                          "'횟수', '있음', '없음' 가운데 하나가 올"));
	return e;
}

static bool followed_by_presence(const struct parse *p)
{
	return token_is(parse_ahead(p, 1), W_PRESENT) ||
	       token_is(parse_ahead(p, 1), W_ABSENT);
}

static struct ast_expr *fact(struct parse *p)
{
	struct duration none = {0};

	if (parse_take(p, W_TAG))
		return tag(p);
	if (parse_take(p, W_IN) || parse_take(p, W_SEGMENT))
		return segment(p);
	if (parse_take(p, W_CONSENT))
		return consent(p);
	if (parse_take(p, W_HAS))
		return has(p);
	if ((parse_is(p, W_PHONE) || parse_is(p, W_ADDRESS)) && followed_by_presence(p))
		return has_korean(p);
	if (parse_take(p, W_FRIEND))
		return node(p, EXPR_FRIEND);
	if (parse_take(p, W_BOUGHT))
		return goods(p, node(p, EXPR_BOUGHT));
	if (parse_take(p, W_VIEWED))
		return goods(p, node(p, EXPR_VIEWED));
	if (parse_is(p, W_CATEGORY) || parse_peek(p)->kind == TOKEN_STRING)
		return goods_korean(p, false, none);
	if (parse_take(p, W_LEFT_IN_CART))
		return node(p, EXPR_LEFT_IN_CART);
	if (parse_take(p, W_NO))
		return happened(p);
	if (parse_take(p, W_ANY_ITEM))
		return any_item(p);
	if (parse_take(p, W_RECEIVED))
		return ours(p, EXPR_RECEIVED);
	if (parse_take(p, W_CLICKED))
		return ours(p, EXPR_CLICKED);
	if (parse_take(p, W_REDEEMED))
		return ours(p, EXPR_REDEEMED);
	if (parse_take(p, W_HOLDS))
		return ours(p, EXPR_HOLDS);
	if (parse_take(p, W_COUPON))
		return holds_korean(p);
	if (parse_take(p, W_IN_LAST))
		return recent(p);
	return comparison(p, false, none);
}

/* ---- and, or, not ---- */

static struct ast_expr *unary(struct parse *p)
{
	size_t first = p->pos;
	struct ast_expr *e = NULL, *inner;

	if (!parse_enter(p))
		return NULL;
	if (parse_take(p, W_NOT)) {
		e = node(p, EXPR_NOT);
		e->a = unary(p);
	} else if (parse_take_punct(p, '(')) {
		e = parse_cond(p);
		if (e)
			parse_need_punct(p, ')');
	} else {
		e = fact(p);
	}
	p->depth--;
	e = placed(p, e, first);
	if (e && e->kind != EXPR_NOT && parse_is(p, W_NOT) &&
	        !strcmp(parse_peek(p)->text, "아님")) {
		parse_next(p);
		inner = e;
		e = node(p, EXPR_NOT);
		e->a = inner;
		e = placed(p, e, first);
	}
	return e;
}

static struct ast_expr *pair(
        struct parse *p, enum expr_kind kind, struct ast_expr *a, struct ast_expr *b)
{
	struct ast_expr *e = node(p, kind);

	e->a = a;
	e->b = b;
	return e;
}

/* A condition of hundreds of parts is a list that belongs into data. */
static bool chained(struct parse *p, int n)
{
	if (n < CHAIN_MOST)
		return true;
	diag_error(p->diag, token_place(&p->lexer, parse_peek(p)), p->file->shown, "%s",
	        TR("too many parts in one condition: use tags or 'in (…)'",
	                "한 조건에 항이 너무 많습니다. 태그나 'in (…)'을 쓰십시오"));
	p->bad = true;
	return false;
}

static struct ast_expr *both(struct parse *p)
{
	size_t first = p->pos;
	struct ast_expr *e = unary(p);

	for (int n = 0; e && chained(p, n) && parse_take(p, W_AND); n++)
		e = placed(p, pair(p, EXPR_AND, e, unary(p)), first);
	return e;
}

struct ast_expr *parse_cond(struct parse *p)
{
	size_t first = p->pos;
	struct ast_expr *e = both(p);

	for (int n = 0; e && chained(p, n) && parse_take(p, W_OR); n++)
		e = placed(p, pair(p, EXPR_OR, e, both(p)), first);
	return e;
}
