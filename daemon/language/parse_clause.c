/* The clauses of a rule, each at most once. Never reads a step. */
#include <assert.h>
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

void *parse_grown(struct arena *arena, void *items, size_t n, size_t size)
{
	size_t cap = n ? n * 2 : 8;
	char *more;

	if (n && (n < 8 || (n & (n - 1)) != 0))
		return items;
	more = arena_alloc(arena, cap * size);
	if (n)
		memcpy(more, items, n * size);
	return more;
}

/* The same word earlier in these braces, or NULL. */
static const struct token *before(const struct parse *p, const struct token *t)
{
	int depth = 0;

	for (const struct token *a = t; a > p->file->tokens && depth <= 0;) {
		a--;
		depth += token_punct(a, '{');
		depth -= token_punct(a, '}');
		if (depth == 0 && a->kind == TOKEN_WORD && a->word == t->word)
			return a;
	}
	return NULL;
}

bool parse_seen(struct parse *p, bool *flag, const struct token *t)
{
	const struct token *first;

	if (!*flag) {
		*flag = true;
		return true;
	}
	first = before(p, t);
	if (!p->bad && first)
		diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
		        TR("'%s' stands already at line %d: leave one of them out",
		                "'%s'이(가) 이미 %d번째 줄에 있습니다. 하나를 "
		                "지우십시오"),
		        t->text, first->line);
	else if (!p->bad)
		diag_error(p->diag, token_place(&p->lexer, t), p->file->shown,
		        TR("'%s' stands here a second time, or beside one that it "
		           "excludes",
		                "'%s'이(가) 두 번째이거나, 함께 쓸 수 없는 것과 같이 "
		                "있습니다"),
		        t->text);
	p->bad = true;
	return false;
}

/* A category of goods that the advertisement is for. */
static void goods(struct parse *p, struct ast_rule *rule)
{
	struct ast_name one;

	if (!parse_string(p, &one))
		return;
	rule->goods = parse_grown(p->ast->arena, rule->goods, rule->n_goods, sizeof one);
	rule->goods[rule->n_goods++] = one;
}

static bool purpose(struct parse *p, struct ast_rule *rule)
{
	const struct token *t = parse_peek(p);

	rule->info = parse_is(p, W_INFO);
	rule->notice = t->kind == TOKEN_WORD && !strcmp(t->text, "notice");
	if (rule->notice)
		parse_next(p);
	else if (!parse_take(p, W_AD) && !parse_take(p, W_INFO))
		parse_expected(p, TR("'ad' or 'info'", "'광고'나 '정보'가 올"));
	while (!p->bad && !rule->info && parse_peek(p)->kind == TOKEN_STRING)
		goods(p, rule);
	return !p->bad;
}

static bool goal(struct parse *p, struct ast_rule *rule)
{
	struct ast_goal *g = &rule->goal;
	size_t first = p->pos;

	g->measures = parse_take(p, W_MEASURES);
	if (!parse_event(p, &g->event) || !parse_where(p, &g->event))
		return false;
	if (parse_take(p, W_WITHIN)) {
		if (!parse_duration(p, &g->within))
			return false;
	} else if (!parse_is_duration(p)) {
		parse_expected(p, TR("'within' and a time", "기간과 '이내'가 올"));
		return false;
	} else if (!parse_duration(p, &g->within) || !parse_need(p, W_WITHIN)) {
		return false;
	}
	g->at = parse_place(p, first);
	return true;
}

static bool limit(struct parse *p, struct ast_rule *rule)
{
	struct ast_limit one;

	if (!parse_limit(p, &one))
		return false;
	rule->limits =
	        parse_grown(p->ast->arena, rule->limits, rule->n_limits, sizeof one);
	rule->limits[rule->n_limits++] = one;
	return true;
}

static bool late(struct parse *p, struct ast_rule *rule, const struct token *t)
{
	return parse_seen(p, &rule->has_late, t) && parse_duration(p, &rule->late);
}

bool parse_clause(struct parse *p, struct ast_rule *rule)
{
	const struct token *t = parse_peek(p);
	bool set = rule->purpose_at.line, ok = true;
	size_t first = p->pos;

	parse_next(p);
	switch ((int)t->word) {
	case W_ON:
		return parse_seen(p, &rule->on, t);
	case W_OFF:
		ok = parse_seen(p, &rule->off, t);
		rule->off_at = parse_place(p, first);
		return ok;
	case W_PURPOSE:
		ok = parse_seen(p, &set, t) && purpose(p, rule);
		rule->has_purpose = true;
		rule->purpose_at = parse_place(p, first);
		return ok;
	case W_WHEN:
		set = rule->trigger.set;
		return parse_seen(p, &set, t) && parse_trigger(p, &rule->trigger);
	case W_LIMIT:
		return limit(p, rule);
	case W_HOLDOUT:
		ok = parse_seen(p, &rule->has_holdout, t) &&
		     parse_share(p, &rule->holdout);
		rule->holdout_at = parse_place(p, first);
		return ok;
	case W_LATE:
		ok = late(p, rule, t);
		rule->late_at = parse_place(p, first);
		return ok;
	case W_AGAIN:
		return parse_seen(p, &rule->again, t) && parse_need(p, W_RESTARTS);
	case W_ONE_PER_ADDRESS:
		return parse_seen(p, &rule->one_per_address, t);
	case W_WAS:
		set = rule->was.text != NULL;
		return parse_seen(p, &set, t) && parse_name(p, &rule->was);
	case W_RESEND:
		ok = parse_seen(p, &rule->resend_unknown, t) && parse_need(p, W_UNKNOWN);
		rule->resend_at = parse_place(p, first);
		return ok;
	case W_GOAL:
		return parse_seen(p, &rule->goal.set, t) && goal(p, rule);
	}
	assert(false);
	return false;
}
