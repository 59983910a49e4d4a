/* Steps and blocks of steps. What stands in a block's line that cannot be read costs that
 * line, not the block. */
#include "base/log.h"
#include "base/text.h"
#include "language/parse.h"

static const enum word step_words[] = {W_SEND, W_GIVE, W_WAIT, W_IF, W_STOP, W_SPLIT,
        W_TAG, W_UNTAG, W_SET, W_POST, W_SMS, W_ALIMTALK, W_BRANDMESSAGE, W_EMAIL, W_PUSH,
        W_OWNER, W_COUPON};
static const enum word clause_words[] = {W_ON, W_OFF, W_PURPOSE, W_WHEN, W_IF, W_LIMIT,
        W_HOLDOUT, W_LATE, W_AGAIN, W_ONE_PER_ADDRESS, W_WAS, W_RESEND, W_GOAL};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool among(const struct token *t, const enum word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (t->kind == TOKEN_WORD && token_is(t, words[i]))
			return true;
	return false;
}

bool parse_is_step(const struct parse *p)
{
	return among(parse_peek(p), step_words, COUNT(step_words));
}

bool parse_is_clause(const struct parse *p)
{
	return among(parse_peek(p), clause_words, COUNT(clause_words));
}

/* A declaration's word in column 1. `쿠폰 NAME` begins a step as well: only one with a
 * brace declares. */
bool parse_at_declaration(const struct parse *p)
{
	const struct token *t = parse_peek(p), *third = parse_ahead(p, 2);

	if (t->kind != TOKEN_WORD || t->column != 1 || !t->first)
		return false;
	if (t->word == W_RULE || t->word == W_SEGMENT || t->word == W_FIELDS)
		return true;
	return t->word == W_COUPON &&
	       (token_punct(third, '{') || third->kind == TOKEN_STRING);
}

void parse_recover(struct parse *p)
{
	int depth = 0;

	p->bad = false;
	for (;; parse_next(p)) {
		const struct token *t = parse_peek(p);
		if (t->kind == TOKEN_END || parse_at_declaration(p))
			return;
		if (token_punct(t, '}') && depth-- == 0)
			return;
		if (token_punct(t, '{'))
			depth++;
		if (depth == 0 && t->first && (parse_is_step(p) || parse_is_clause(p)))
			return;
	}
}

void parse_add_step(struct parse *p, struct ast_block *block, const struct ast_step *step)
{
	block->steps = parse_grown(p->ast->arena, block->steps, block->n, sizeof *step);
	block->steps[block->n++] = *step;
}

/* ---- sending ---- */

static bool is_channel(const struct parse *p)
{
	const struct token *t = parse_peek(p);

	return t->kind == TOKEN_WORD && t->word >= W_SMS && t->word <= W_OWNER;
}

static bool leg(struct parse *p, struct ast_leg *out)
{
	size_t first = p->pos;

	if (!is_channel(p)) {
		parse_expected(p, TR("a channel like sms", "문자 같은 채널이 올"));
		return false;
	}
	out->channel = parse_peek(p)->word;
	parse_next(p);
	if (!parse_string(p, &out->template))
		return false;
	out->at = parse_place(p, first);
	return true;
}

/* [after duration | duration 뒤] */
static bool delay(struct parse *p, struct ast_leg *out)
{
	bool word = parse_take(p, W_AFTER);

	if (!word && !parse_is_duration(p))
		return true;
	out->has_after = true;
	return parse_duration(p, &out->after) && (word || parse_need(p, W_AFTER));
}

static bool legs(struct parse *p, struct ast_step *step)
{
	do {
		struct ast_leg one = {0};
		if (step->n_legs && !delay(p, &one))
			return false;
		if (!leg(p, &one))
			return false;
		step->legs =
		        parse_grown(p->ast->arena, step->legs, step->n_legs, sizeof one);
		step->legs[step->n_legs++] = one;
	} while (parse_take(p, W_ELSE));
	step->by_day = parse_take(p, W_BY_DAY);
	return true;
}

static bool send(struct parse *p, struct ast_step *step)
{
	bool word = parse_take(p, W_SEND);

	step->kind = STEP_SEND;
	return legs(p, step) && (word || parse_need(p, W_SEND));
}

/* ---- waiting ---- */

static bool branches(struct parse *p, struct ast_step *step)
{
	step->yes = parse_block(p);
	if (step->yes && parse_take(p, W_ELSE))
		step->no = parse_block(p);
	return !p->bad;
}

static bool wait_for(struct parse *p, struct ast_step *step)
{
	step->kind = STEP_WAIT_FOR;
	step->has_event = true;
	step->next = parse_take(p, W_NEXT);
	return parse_event(p, &step->event) && parse_where(p, &step->event) &&
	       parse_need(p, W_UP_TO) && parse_duration(p, &step->wait) &&
	       branches(p, step);
}

static bool wait_until(struct parse *p, struct ast_step *step, bool behind)
{
	step->kind = STEP_WAIT_UNTIL;
	step->weekday = parse_weekday(p);
	return parse_time(p, &step->at_ms) && (!behind || parse_need(p, W_UNTIL));
}

static bool wait_while(struct parse *p, struct ast_step *step)
{
	bool during;

	step->kind = STEP_WAIT;
	if (!parse_duration(p, &step->wait))
		return false;
	during = parse_take(p, W_DURING);
	if (!during && !parse_take(p, W_UNLESS))
		return true;
	step->has_event = true;
	return parse_event(p, &step->event) && parse_where(p, &step->event) &&
	       (!during || parse_need(p, W_ABSENT));
}

static bool wait(struct parse *p, struct ast_step *step)
{
	const struct token *t;

	parse_take(p, W_WAIT);
	t = parse_peek(p);
	if (parse_take(p, W_UNTIL))
		return wait_until(p, step, false);
	if (parse_take(p, W_FOR) || parse_is(p, W_NEXT) || parse_is_event(p))
		return wait_for(p, step);
	if (t->kind == TOKEN_TIME ||
	        (t->kind == TOKEN_WORD && t->word >= W_MONDAY && t->word <= W_SUNDAY))
		return wait_until(p, step, true);
	return wait_while(p, step);
}

/* ---- the others ---- */

static bool give(struct parse *p, struct ast_step *step)
{
	step->kind = STEP_GIVE;
	if (parse_take(p, W_GIVE)) {
		parse_take(p, W_COUPON);
		return parse_name(p, &step->name);
	}
	parse_take(p, W_COUPON);
	if (parse_take(p, W_GIVE))
		return parse_name(p, &step->name);
	return parse_name(p, &step->name) && parse_need(p, W_GIVE);
}

bool parse_if_step(struct parse *p, struct ast_step *step, struct ast_expr *cond)
{
	step->kind = STEP_IF;
	step->cond = cond;
	step->yes = parse_block(p);
	if (!step->yes || !parse_take(p, W_ELSE))
		return !p->bad;
	if (!parse_is(p, W_IF)) {
		step->no = parse_block(p);
		return step->no != NULL;
	}
	/* else if: a block of one step. */
	struct ast_step inner = {0};
	size_t first = p->pos;
	struct ast_expr *next;

	if (!parse_enter(p))
		return false;
	parse_next(p);
	next = parse_cond(p);
	if (!next || !parse_if_step(p, &inner, next))
		return false;
	p->depth--;
	inner.at = parse_place(p, first);
	step->no = arena_alloc(p->ast->arena, sizeof *step->no);
	parse_add_step(p, step->no, &inner);
	step->no->at = parse_place(p, first);
	return true;
}

static bool if_step(struct parse *p, struct ast_step *step)
{
	struct ast_expr *cond;

	parse_take(p, W_IF);
	cond = parse_cond(p);
	return cond && parse_if_step(p, step, cond);
}

static bool stop(struct parse *p, struct ast_step *step)
{
	parse_take(p, W_STOP);
	step->kind = STEP_STOP;
	if (!parse_take(p, W_IF))
		return true;
	step->cond = parse_cond(p);
	return step->cond != NULL;
}

static bool side(struct parse *p, struct ast_step *step)
{
	struct ast_side one = {0};
	size_t first = p->pos;

	if (!parse_share(p, &one.share) || !parse_string(p, &one.label))
		return false;
	one.at = parse_place(p, first);
	one.block = parse_block(p);
	if (!one.block)
		return false;
	step->sides = parse_grown(p->ast->arena, step->sides, step->n_sides, sizeof one);
	step->sides[step->n_sides++] = one;
	return true;
}

static bool split(struct parse *p, struct ast_step *step)
{
	parse_take(p, W_SPLIT);
	step->kind = STEP_SPLIT;
	if (!parse_need_punct(p, '{'))
		return false;
	do {
		if (!side(p, step))
			return false;
	} while (parse_peek(p)->kind == TOKEN_NUMBER);
	return parse_need_punct(p, '}');
}

static bool tag(struct parse *p, struct ast_step *step)
{
	step->kind = parse_is(p, W_TAG) ? STEP_TAG : STEP_UNTAG;
	parse_next(p);
	return parse_string(p, &step->name);
}

static bool set(struct parse *p, struct ast_step *step)
{
	step->kind = STEP_SET;
	parse_next(p);
	if (!parse_path(p, &step->name))
		return false;
	if (parse_peek(p)->kind != TOKEN_CMP || parse_peek(p)->cmp != CMP_EQ)
		parse_expected(p, "'='");
	else
		parse_next(p);
	return !p->bad && parse_value(p, &step->value);
}

static bool post(struct parse *p, struct ast_step *step)
{
	step->kind = STEP_POST;
	parse_next(p);
	return parse_string(p, &step->name) && parse_string(p, &step->template);
}

static bool read_step(struct parse *p, struct ast_step *step)
{
	if (is_channel(p) || parse_is(p, W_SEND))
		return send(p, step);
	if (parse_is(p, W_GIVE) || parse_is(p, W_COUPON))
		return give(p, step);
	if (parse_is(p, W_WAIT))
		return wait(p, step);
	if (parse_is(p, W_IF))
		return if_step(p, step);
	if (parse_is(p, W_STOP))
		return stop(p, step);
	if (parse_is(p, W_SPLIT))
		return split(p, step);
	if (parse_is(p, W_TAG) || parse_is(p, W_UNTAG))
		return tag(p, step);
	if (parse_is(p, W_SET))
		return set(p, step);
	return post(p, step);
}

bool parse_step(struct parse *p, struct ast_step *out)
{
	size_t first = p->pos;

	*out = (struct ast_step){.weekday = -1};
	if (!parse_enter(p))
		return false;
	if (!read_step(p, out) || p->bad)
		return false;
	p->depth--;
	out->at = parse_place(p, first);
	return true;
}

/* ---- blocks ---- */

static void no_step(struct parse *p)
{
	const struct token *t = parse_peek(p);
	const char *names[2 * WORDS], *near;
	size_t n = 0;
	struct diag_item *item;

	if (parse_is_clause(p)) {
		diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
		        TR("'%s' stands in the rule itself, not in a block",
		                "'%s'은(는) 블록 안이 아니라 규칙 안에 바로 써야 합니다"),
		        t->text);
		p->bad = true;
		return;
	}
	if (t->kind != TOKEN_WORD || t->word) {
		parse_expected(p, TR("a step", "할 일이 올"));
		return;
	}
	for (size_t i = 0; i < COUNT(step_words) + COUNT(clause_words); i++) {
		enum word word = i < COUNT(step_words)
		                         ? step_words[i]
		                         : clause_words[i - COUNT(step_words)];
		for (const struct word_row *row = word_rows; row->word; row++) {
			if (row->word != word || n + 2 > COUNT(names))
				continue;
			if (row->english)
				names[n++] = row->english;
			if (row->korean)
				names[n++] = row->korean;
		}
	}
	near = text_nearest(t->text, names, n);
	item = diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
	        TR("unknown word '%s'", "모르는 말입니다: '%s'"), t->text);
	if (near)
		diag_hint(p->diag, item, TR("did you mean '%s'?", "'%s'입니까?"), near);
	p->bad = true;
}

struct ast_block *parse_block(struct parse *p)
{
	struct ast_block *block = arena_alloc(p->ast->arena, sizeof *block);

	if (!parse_need_punct(p, '{'))
		return NULL;
	for (;;) {
		struct ast_step step;
		size_t at = p->pos;
		int depth = p->depth;
		if (parse_take_punct(p, '}')) {
			block->at = parse_place(p, at);
			return block;
		}
		if (parse_peek(p)->kind == TOKEN_END || parse_at_declaration(p)) {
			parse_expected(p, "'}'");
			return NULL;
		}
		if (parse_is_step(p) && parse_step(p, &step)) {
			parse_add_step(p, block, &step);
			continue;
		}
		p->depth = depth;
		if (!p->bad)
			no_step(p);
		if (p->pos == at)
			parse_next(p);
		parse_recover(p);
	}
}
