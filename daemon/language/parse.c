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

/* ---- values ---- */

static bool clock_unit(enum word word)
{
	return word == W_MINUTE || word == W_HOUR;
}

static int unit_rank(enum word word)
{
	switch ((int)word) {
	case W_MINUTE:
		return 1;
	case W_HOUR:
		return 2;
	case W_DAY:
		return 3;
	case W_WEEK:
		return 4;
	case W_MONTH:
		return 5;
	case W_YEAR:
		return 6;
	}
	return 0;
}

static int rank_at(const struct parse *p, size_t n)
{
	const struct token *a = parse_ahead(p, n), *b = parse_ahead(p, n + 1);

	return a->kind == TOKEN_NUMBER && b->kind == TOKEN_UNIT ? unit_rank(b->word) : 0;
}

bool parse_is_duration(const struct parse *p)
{
	return rank_at(p, 0) > 0;
}

static void add_unit(struct duration *d, enum word unit, int64_t n)
{
	if (unit == W_MINUTE)
		d->ms += n * 60000;
	else if (unit == W_HOUR)
		d->ms += n * 3600000;
	else if (unit == W_DAY)
		d->days += (int)n;
	else if (unit == W_WEEK)
		d->days += (int)n * 7;
	else
		d->months += (int)n * (unit == W_YEAR ? 12 : 1);
}

/* Largest unit first: "1 hour 30 minutes". Clock and calendar do not mix: they are
 * counted differently. */
bool parse_duration(struct parse *p, struct duration *out)
{
	int last = 0, rank = rank_at(p, 0);

	*out = (struct duration){0};
	if (!rank) {
		parse_expected(p, TR("a time like '3 days'", "'3일'처럼 기간이 올"));
		return false;
	}
	while (rank && (!last || rank < last)) {
		const struct token *n = parse_peek(p), *unit = parse_ahead(p, 1);
		if (last && clock_unit(unit->word) != (last <= 2))
			break;
		if (n->scale || n->number < 1 || n->number > 100000) {
			diag_error(p->diag, token_place(&p->lexer, n), p->file->shown,
			        "%s",
			        TR("a time is a whole number from 1 to 100,000",
			                "기간은 1부터 100,000까지의 정수입니다"));
			p->bad = true;
			return false;
		}
		add_unit(out, unit->word, n->number);
		parse_next(p);
		parse_next(p);
		last = rank;
		rank = rank_at(p, 0);
	}
	return true;
}

static bool money(struct parse *p, struct ast_value *out, int64_t times)
{
	int64_t n = out->number;

	for (int i = 0; i < out->scale; i++) {
		if (times % 10 == 0)
			times /= 10;
		else if (n % 10 == 0)
			n /= 10;
		else
			goto wrong;
	}
	if (n > INT64_C(1000000000000000) / times)
		goto wrong;
	out->number = n * times;
	out->scale = 0;
	return true;
wrong:
	diag_error(p->diag, token_place(&p->lexer, parse_ahead(p, 0)), p->file->shown,
	        "%s", TR("an amount is in whole won", "금액은 원 단위의 정수입니다"));
	p->bad = true;
	return false;
}

static bool number(struct parse *p, struct ast_value *out)
{
	const struct token *t = parse_peek(p);

	if (parse_is_duration(p)) {
		out->kind = VALUE_DURATION;
		return parse_duration(p, &out->duration);
	}
	out->number = t->number;
	out->scale = t->scale;
	out->kind = VALUE_NUMBER;
	parse_next(p);
	if (parse_take(p, W_PERCENT)) {
		out->kind = VALUE_SHARE;
	} else if (parse_take(p, W_MAN)) {
		if (parse_take(p, W_WON))
			out->kind = VALUE_MONEY;
		return money(p, out, 10000);
	} else if (parse_take(p, W_WON)) {
		out->kind = VALUE_MONEY;
		return money(p, out, 1);
	}
	if (parse_take(p, W_COUNTER))
		out->counted = true;
	return true;
}

bool parse_value(struct parse *p, struct ast_value *out)
{
	const struct token *t = parse_peek(p);
	size_t first = p->pos;

	*out = (struct ast_value){0};
	if (t->kind == TOKEN_NUMBER) {
		if (!number(p, out))
			return false;
	} else if (t->kind == TOKEN_DATE || t->kind == TOKEN_STRING ||
	           t->kind == TOKEN_PATH) {
		out->kind = t->kind == TOKEN_DATE     ? VALUE_DATE
		            : t->kind == TOKEN_STRING ? VALUE_STRING
		                                      : VALUE_PATH;
		out->date = t->date;
		out->text = t->kind == TOKEN_STRING ? t->string : t->text;
		parse_next(p);
	} else if (parse_is(p, W_YES) || parse_is(p, W_NO)) {
		out->kind = parse_is(p, W_YES) ? VALUE_YES : VALUE_NO;
		parse_next(p);
	} else {
		parse_expected(p, TR("a value", "값이 올"));
		return false;
	}
	out->at = parse_place(p, first);
	return true;
}

bool parse_whole(struct parse *p, int64_t *out)
{
	const struct token *t = parse_peek(p);

	if (t->kind != TOKEN_NUMBER || t->scale) {
		parse_expected(p, TR("a whole number", "정수가 올"));
		return false;
	}
	*out = t->number;
	parse_next(p);
	parse_take(p, W_COUNTER);
	return true;
}

bool parse_share(struct parse *p, struct ast_value *out)
{
	size_t first = p->pos;

	if (parse_peek(p)->kind == TOKEN_NUMBER && token_is(parse_ahead(p, 1), W_PERCENT))
		return parse_value(p, out);
	p->pos = first;
	parse_expected(p, TR("a share like '10%'", "'10%'처럼 비율이 올"));
	return false;
}

bool parse_time(struct parse *p, int *ms)
{
	if (parse_peek(p)->kind != TOKEN_TIME || parse_peek(p)->ms >= 24 * 3600 * 1000) {
		parse_expected(p, TR("a time like 10:00", "10:00처럼 시각이 올"));
		return false;
	}
	*ms = parse_peek(p)->ms;
	parse_next(p);
	return true;
}

int parse_weekday(struct parse *p)
{
	const struct token *t = parse_peek(p);

	if (t->kind != TOKEN_WORD || t->word < W_MONDAY || t->word > W_SUNDAY)
		return -1;
	parse_next(p);
	return (int)t->word - W_MONDAY;
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
