/* What the parser's files share: taking tokens, telling what was expected, and the small
 * things of the grammar that stand everywhere. Never skips a token in silence. */
#include "language/parse.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"

const struct token *parse_ahead(const struct parse *p, size_t n)
{
	size_t i = p->pos + n;

	return &p->file->tokens[i < p->file->n_tokens ? i : p->file->n_tokens - 1];
}

const struct token *parse_peek(const struct parse *p)
{
	return parse_ahead(p, 0);
}

bool parse_is(const struct parse *p, enum word word)
{
	return token_is(parse_peek(p), word);
}

void parse_next(struct parse *p)
{
	if (p->pos + 1 < p->file->n_tokens)
		p->pos++;
}

bool parse_take(struct parse *p, enum word word)
{
	if (!parse_is(p, word))
		return false;
	parse_next(p);
	return true;
}

bool parse_take_punct(struct parse *p, char punct)
{
	if (!token_punct(parse_peek(p), punct))
		return false;
	parse_next(p);
	return true;
}

struct place parse_place(const struct parse *p, size_t first)
{
	const struct token *a = &p->file->tokens[first],
	                   *b = &p->file->tokens[p->pos > first ? p->pos - 1 : first];

	return (struct place){
	        .file = p->file,
	        .line = a->line,
	        .column = a->column,
	        .width = a->line == b->line ? b->column + b->width - a->column : a->width,
	        .from = a->from,
	        .to = b->to,
	        .first = first,
	        .last = p->pos > first ? p->pos : first + 1,
	};
}

struct diag_place parse_diag_place(const struct place *at)
{
	return (struct diag_place){.file = at->file ? at->file->name : NULL,
	        .line = at->line,
	        .column = at->column,
	        .width = at->width};
}

/* ---- mistakes ---- */

static bool reserved(enum word word)
{
	return word == W_BEST_TIME || word == W_NEXT_ORDER || word == W_RECOMMEND;
}

static bool glued_comparison(const struct token *t)
{
	return t->kind == TOKEN_UNIT && (t->word == W_OR_MORE || t->word == W_OR_LESS);
}

void parse_expected(struct parse *p, const char *what)
{
	const struct token *t = parse_peek(p);

	if (!p->bad && t->kind != TOKEN_BAD) {
		struct diag_place at = token_place(&p->lexer, t);
		if (t->kind == TOKEN_WORD && reserved(t->word))
			diag_error(p->diag, at, p->file->shown,
			        TR("'%s' is reserved for later: leave it out",
			                "'%s'은(는) 나중을 위해 남겨 둔 말입니다. "
			                "빼십시오"),
			        t->text);
		else
			diag_error(p->diag, at, p->file->shown,
			        TR("%s should stand here, not '%s'",
			                "여기에는 %s 차례인데 '%s'이(가) 있습니다"),
			        what, token_show(t));
		if (glued_comparison(t))
			diag_hint(p->diag, &p->diag->items[p->diag->n - 1], "%s",
			        TR("a comparison needs what it compares",
			                "비교할 대상이 필요합니다"));
	}
	p->bad = true;
}

/* A slip of the word that should stand here? */
static void meant(struct parse *p, enum word word)
{
	const struct token *t = parse_peek(p);
	struct diag_item *last = p->diag->n ? &p->diag->items[p->diag->n - 1] : NULL;
	const char *names[16], *near;
	size_t n = 0;

	if (!last || last->hint || last->at.line != t->line || t->kind != TOKEN_WORD)
		return;
	for (const struct word_row *row = word_rows; row->word && n + 2 <= 16; row++) {
		if (row->word != word)
			continue;
		if (row->english)
			names[n++] = row->english;
		if (row->korean)
			names[n++] = row->korean;
	}
	near = text_nearest(t->text, names, n);
	if (near)
		diag_hint(p->diag, last, TR("did you mean '%s'?", "'%s'입니까?"), near);
}

void parse_quote(struct parse *p)
{
	const struct token *t = parse_peek(p);
	struct diag_item *last = p->diag->n ? &p->diag->items[p->diag->n - 1] : NULL;

	if (last && !last->hint && last->at.line == t->line &&
	        last->at.column == t->column && t->kind == TOKEN_WORD && !t->word)
		diag_hint(p->diag, last, TR("write: \"%s\"", "이렇게 쓰십시오: \"%s\""),
		        t->text);
}

bool parse_need(struct parse *p, enum word word)
{
	char what[64];
	bool told;

	if (parse_take(p, word))
		return true;
	snprintf(what, sizeof what, "'%s'", word_name(word));
	told = p->bad;
	parse_expected(p, what);
	if (!told)
		meant(p, word);
	return false;
}

bool parse_need_punct(struct parse *p, char punct)
{
	char what[] = "'?'";

	if (parse_take_punct(p, punct))
		return true;
	what[1] = punct;
	parse_expected(p, what);
	return false;
}

bool parse_enter(struct parse *p)
{
	if (++p->depth <= PARSE_DEEP)
		return true;
	if (!p->bad)
		diag_error(p->diag, token_place(&p->lexer, parse_peek(p)), p->file->shown,
		        "%s",
		        TR("nested too deeply: use segments",
		                "너무 깊습니다. 고객군으로 나누십시오"));
	p->bad = true;
	return false;
}

/* ---- names, texts ---- */

static bool take_name(struct parse *p, struct ast_name *out, const char *text)
{
	size_t first = p->pos;

	parse_next(p);
	out->text = text;
	out->at = parse_place(p, first);
	return true;
}

bool parse_name(struct parse *p, struct ast_name *out)
{
	const struct token *t = parse_peek(p);

	if (t->kind == TOKEN_WORD && !strchr(t->text, ' '))
		return take_name(p, out, t->text);
	parse_expected(p, TR("a name", "이름이 올"));
	return false;
}

bool parse_string(struct parse *p, struct ast_name *out)
{
	const struct token *t = parse_peek(p);

	if (t->kind == TOKEN_STRING)
		return take_name(p, out, t->string);
	parse_expected(p, TR("a text in \"\"", "\"글\"이 올"));
	parse_quote(p);
	return false;
}

bool parse_path(struct parse *p, struct ast_name *out)
{
	const struct token *t = parse_peek(p);

	if (t->kind == TOKEN_PATH)
		return take_name(p, out, t->text);
	parse_expected(p, TR("a name with a dot", "점이 있는 이름이 올"));
	return false;
}

/* ---- events, dates ---- */

/* Standard types of a single word: visit, and the Korean of search.made. */
static bool single_type(const struct token *t)
{
	return t->kind == TOKEN_WORD && (t->word == W_VISIT || !strcmp(t->text, "검색"));
}

bool parse_is_event(const struct parse *p)
{
	return parse_peek(p)->kind == TOKEN_PATH || single_type(parse_peek(p)) ||
	       parse_is(p, W_EVENT) || parse_is(p, W_THIS_ORDERS);
}

bool parse_event(struct parse *p, struct ast_event *out)
{
	*out = (struct ast_event){0};
	out->of_this_order = parse_take(p, W_THIS_ORDERS);
	parse_take(p, W_EVENT);
	if (single_type(parse_peek(p)))
		take_name(p, &out->type, parse_peek(p)->text);
	else if (parse_peek(p)->kind == TOKEN_PATH)
		parse_path(p, &out->type);
	else
		parse_expected(
		        p, TR("an event like order.paid", "주문.결제 같은 이벤트가 올"));
	if (parse_take(p, W_OF_THIS_ORDER))
		out->of_this_order = true;
	return !p->bad;
}

bool parse_where(struct parse *p, struct ast_event *event)
{
	if (!parse_take(p, W_WHERE))
		return true;
	if (!parse_need_punct(p, '('))
		return false;
	event->where = parse_cond(p);
	return event->where && parse_need_punct(p, ')');
}

bool parse_window(struct parse *p, bool *has, struct duration *out)
{
	if (!parse_take(p, W_IN_LAST))
		return true;
	*has = true;
	return parse_duration(p, out);
}

bool parse_is_dateword(const struct parse *p)
{
	const struct token *t = parse_ahead(p, 1);

	if (parse_is(p, W_BIRTHDAY) || parse_is(p, W_JOINED))
		return true;
	return (parse_is(p, W_FIRST) || parse_is(p, W_LAST)) &&
	       (token_is(t, W_ORDER) || single_type(t) || t->kind == TOKEN_PATH ||
	               token_is(t, W_EVENT));
}

bool parse_dateword(struct parse *p, struct ast_date *out)
{
	struct ast_event event;

	*out = (struct ast_date){0};
	if (parse_take(p, W_BIRTHDAY)) {
		out->word = DATE_BIRTHDAY;
		return true;
	}
	if (parse_take(p, W_JOINED)) {
		out->word = DATE_JOINED;
		return true;
	}
	out->first = parse_is(p, W_FIRST);
	if (!parse_take(p, W_FIRST) && !parse_take(p, W_LAST)) {
		parse_expected(
		        p, TR("a date like 'last order'", "'마지막 주문' 같은 날이 올"));
		return false;
	}
	if (parse_take(p, W_ORDER)) {
		out->word = DATE_ORDER;
	} else if (parse_take(p, W_VISIT)) {
		out->word = DATE_VISIT;
	} else {
		out->word = DATE_EVENT;
		if (!parse_event(p, &event))
			return false;
		out->event = event.type;
	}
	return true;
}
