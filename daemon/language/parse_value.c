/* Values: numbers, amounts, shares, time spans and times of the day. Knows the units, and
 * never what a value is compared with. */
#include "base/log.h"
#include "language/parse.h"

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
		parse_quote(p);
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
