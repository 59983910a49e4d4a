/* Conditions: `not` binds looser than a comparison and tighter than `and`, `and` tighter
 * than `or`; comparisons do not chain. */
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

#define CHAIN_MOST 100

struct ast_expr *parse_node(struct parse *p, enum expr_kind kind)
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

bool parse_presence(struct parse *p, bool *negated)
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
	struct ast_expr *e = parse_node(p, EXPR_BOUGHT);

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
	struct ast_expr *e = parse_node(p, EXPR_CONSENT);

	for (size_t i = 0; i < sizeof media / sizeof media[0] && !e->word; i++)
		if (parse_take(p, media[i]))
			e->word = media[i];
	if (!e->word)
		parse_expected(p, TR("a medium like sms", "문자 같은 매체가 올"));
	e->night = parse_take(p, W_NIGHT);
	parse_presence(p, &e->negated);
	return e;
}

static struct ast_expr *has(struct parse *p)
{
	struct ast_expr *e = parse_node(p, EXPR_HAS);

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
	struct ast_expr *e = parse_node(p, EXPR_HAS);

	e->word = parse_is(p, W_PHONE) ? W_PHONE : W_EMAIL;
	parse_next(p);
	if (!parse_presence(p, &e->negated))
		parse_expected(p, TR("'있음' or '없음'", "'있음'이나 '없음'이 올"));
	return e;
}

static struct ast_expr *happened(struct parse *p)
{
	struct ast_expr *e = parse_node(p, EXPR_HAPPENED);
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
	struct ast_expr *e = parse_node(p, EXPR_ANY_ITEM);

	if (parse_need_punct(p, '(')) {
		e->a = parse_cond(p);
		if (e->a)
			parse_need_punct(p, ')');
	}
	return e;
}

static struct ast_expr *ours(struct parse *p, enum expr_kind kind)
{
	struct ast_expr *e = parse_node(p, kind);

	if (parse_name(p, &e->name))
		parse_window(p, &e->has_window, &e->window);
	return e;
}

static struct ast_expr *holds_korean(struct parse *p)
{
	struct ast_expr *e = parse_node(p, EXPR_HOLDS);

	if (parse_name(p, &e->name) && !parse_presence(p, &e->negated))
		parse_expected(p, TR("'있음' or '없음'", "'있음'이나 '없음'이 올"));
	return e;
}

static struct ast_expr *tag(struct parse *p)
{
	struct ast_expr *e = parse_node(p, EXPR_TAG);

	if (parse_string(p, &e->name))
		parse_presence(p, &e->negated);
	return e;
}

static struct ast_expr *segment(struct parse *p)
{
	struct ast_expr *e = parse_node(p, EXPR_SEGMENT);

	parse_name(p, &e->name);
	return e;
}

static struct ast_expr *comparison(struct parse *p, bool window, struct duration in_last)
{
	struct ast_expr *e = parse_node(p, EXPR_COMPARE);

	e->operand.has_window = window;
	e->operand.window = in_last;
	if (parse_operand(p, &e->operand))
		parse_compared(p, e);
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
	if (parse_is_orders(parse_peek(p)) || parse_counts_behind(p) ||
	        parse_is(p, W_SUM_OF) || parse_is(p, W_AVERAGE_OF) ||
	        parse_is(p, W_COUNT_OF))
		return comparison(p, true, window);
	struct ast_expr *e = parse_node(p, EXPR_HAPPENED);
	size_t first = p->pos;
	e->operand.kind = OPERAND_COUNT;
	e->operand.has_window = true;
	e->operand.window = window;
	if (!parse_event(p, &e->operand.event) || !parse_where(p, &e->operand.event))
		return NULL;
	e->operand.at = parse_place(p, first);
	if (!parse_presence(p, &e->negated))
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
		return parse_node(p, EXPR_FRIEND);
	if (parse_take(p, W_BOUGHT))
		return goods(p, parse_node(p, EXPR_BOUGHT));
	if (parse_take(p, W_VIEWED))
		return goods(p, parse_node(p, EXPR_VIEWED));
	if (parse_is(p, W_CATEGORY) || parse_peek(p)->kind == TOKEN_STRING)
		return goods_korean(p, false, none);
	if (parse_take(p, W_LEFT_IN_CART))
		return parse_node(p, EXPR_LEFT_IN_CART);
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
	bool atom = !parse_is(p, W_NOT);

	if (!parse_enter(p))
		return NULL;
	if (parse_take(p, W_NOT)) {
		e = parse_node(p, EXPR_NOT);
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
	if (e && atom && parse_is(p, W_NOT) && !strcmp(parse_peek(p)->text, "아님")) {
		parse_next(p);
		inner = e;
		e = parse_node(p, EXPR_NOT);
		e->a = inner;
		e = placed(p, e, first);
	}
	return e;
}

static struct ast_expr *pair(
        struct parse *p, enum expr_kind kind, struct ast_expr *a, struct ast_expr *b)
{
	struct ast_expr *e = parse_node(p, kind);

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
