/* Triggers and limits, in the word order of either language. */
#include <string.h>
#include "base/log.h"
#include "language/parse.h"

/* ---- triggers ---- */

static bool at(struct parse *p, struct ast_trigger *t)
{
	bool word = parse_take(p, W_AT);

	if (!word && parse_peek(p)->kind != TOKEN_TIME)
		return true;
	t->has_at = true;
	return parse_time(p, &t->at_ms);
}

static bool nth_of(struct parse *p, struct ast_trigger *t)
{
	const struct token *token = parse_peek(p);

	if (token->number < 1 || token->number > 1000000) {
		diag_error(p->diag, token_place(&p->lexer, token), p->file->shown, "%s",
		        TR("the first is 1st", "1번째부터 셉니다"));
		p->bad = true;
		return false;
	}
	t->nth = (int)token->number;
	parse_next(p);
	return true;
}

static bool on_event(struct parse *p, struct ast_trigger *t)
{
	t->kind = TRIGGER_EVENT;
	if (!parse_event(p, &t->event) || !parse_where(p, &t->event))
		return false;
	if (parse_peek(p)->kind == TOKEN_NTH && !t->nth)
		return nth_of(p, t) && (t->event.where || parse_where(p, &t->event));
	return true;
}

static bool month_day(struct parse *p, struct ast_trigger *t)
{
	const struct token *token = parse_peek(p);
	int64_t day;

	t->schedule = SCHEDULE_MONTH;
	if (parse_take(p, W_LAST) || parse_take(p, W_MONTH_END)) {
		t->day = 0;
		return true;
	}
	if (!parse_whole(p, &day))
		return false;
	parse_take(p, W_DAY);
	t->day = (int)day;
	if (day >= 1 && day <= 31)
		return true;
	diag_error(p->diag, token_place(&p->lexer, token), p->file->shown, "%s",
	        TR("a month has the days 1 to 31", "날은 1일부터 31일까지입니다"));
	p->bad = true;
	return false;
}

static bool on_weekday(struct parse *p, struct ast_trigger *t)
{
	t->schedule = SCHEDULE_WEEK;
	t->day = parse_weekday(p);
	if (t->day < 0)
		parse_expected(p, TR("a day of the week", "요일이 올"));
	return !p->bad;
}

static bool every(struct parse *p, struct ast_trigger *t)
{
	if (parse_peek(p)->kind == TOKEN_NTH)
		return nth_of(p, t) && on_event(p, t);
	t->kind = TRIGGER_SCHEDULE;
	if (parse_take(p, W_DAY))
		t->schedule = SCHEDULE_DAY;
	else if (!parse_take(p, W_MONTH))
		return on_weekday(p, t) && at(p, t);
	else if (!parse_need(p, W_ON) || !month_day(p, t))
		return false;
	return at(p, t);
}

static bool scheduled(struct parse *p, struct ast_trigger *t)
{
	t->kind = TRIGGER_SCHEDULE;
	if (parse_take(p, W_EVERY_DAY)) {
		t->schedule = SCHEDULE_DAY;
	} else if (parse_take(p, W_EVERY_WEEK)) {
		if (!on_weekday(p, t))
			return false;
	} else {
		parse_take(p, W_EVERY_MONTH);
		if (!month_day(p, t))
			return false;
	}
	return at(p, t);
}

static bool crossing(struct parse *p, struct ast_trigger *t)
{
	t->kind = parse_is(p, W_ENTERS) ? TRIGGER_ENTERS : TRIGGER_LEAVES;
	parse_next(p);
	return parse_name(p, &t->name) && at(p, t);
}

static bool crossing_korean(struct parse *p, struct ast_trigger *t)
{
	if (!parse_name(p, &t->name))
		return false;
	t->kind = parse_is(p, W_ENTERS) ? TRIGGER_ENTERS : TRIGGER_LEAVES;
	if (!parse_take(p, W_ENTERS) && !parse_take(p, W_LEAVES))
		parse_expected(
		        p, TR("'enters' or 'leaves'", "'들어오면'이나 '나가면'이 올"));
	return !p->bad && at(p, t);
}

static bool stock(struct parse *p, struct ast_trigger *t)
{
	t->kind = TRIGGER_STOCK;
	if (parse_take(p, W_BELOW))
		return parse_whole(p, &t->stock);
	return parse_whole(p, &t->stock) && parse_need(p, W_LESS_THAN);
}

static bool anchor(struct parse *p, struct ast_trigger *t)
{
	if (parse_take(p, W_COUPON)) {
		t->anchor = AST_ANCHOR_COUPON;
		return parse_name(p, &t->name) && parse_need(p, W_EXPIRES);
	}
	if (parse_peek(p)->kind == TOKEN_PATH) {
		t->anchor = AST_ANCHOR_PATH;
		return parse_path(p, &t->name);
	}
	t->anchor = AST_ANCHOR_DATE;
	return parse_dateword(p, &t->date_word);
}

static bool before_after(struct parse *p, struct ast_trigger *t)
{
	t->before = parse_is(p, W_BEFORE);
	if (!parse_take(p, W_BEFORE) && !parse_take(p, W_AFTER))
		parse_expected(p, TR("'before' or 'after'", "'전'이나 '후'가 올"));
	return !p->bad;
}

static bool relative_kind(struct ast_trigger *t)
{
	bool birthday =
	        t->anchor == AST_ANCHOR_DATE && t->date_word.word == DATE_BIRTHDAY;

	t->kind = birthday ? TRIGGER_BIRTHDAY : TRIGGER_RELATIVE;
	return true;
}

static bool relative(struct parse *p, struct ast_trigger *t)
{
	t->has_offset = true;
	return parse_duration(p, &t->offset) && before_after(p, t) && anchor(p, t) &&
	       relative_kind(t) && at(p, t);
}

/* anchor duration (전|후) [at], and the birthday by itself. */
static bool relative_korean(struct parse *p, struct ast_trigger *t)
{
	if (!anchor(p, t) || !relative_kind(t))
		return false;
	if (t->kind == TRIGGER_BIRTHDAY && !parse_is_duration(p))
		return at(p, t);
	t->has_offset = true;
	return parse_duration(p, &t->offset) && before_after(p, t) && at(p, t);
}

static bool is_path_anchor(const struct parse *p)
{
	return parse_peek(p)->kind == TOKEN_PATH &&
	       parse_ahead(p, 1)->kind == TOKEN_NUMBER &&
	       parse_ahead(p, 2)->kind == TOKEN_UNIT;
}

static bool trigger(struct parse *p, struct ast_trigger *t)
{
	if (parse_take(p, W_EVERY))
		return every(p, t);
	if (parse_is(p, W_EVERY_DAY) || parse_is(p, W_EVERY_WEEK) ||
	        parse_is(p, W_EVERY_MONTH))
		return scheduled(p, t);
	if (parse_peek(p)->kind == TOKEN_DATE) {
		t->kind = TRIGGER_DATE;
		t->date = parse_peek(p)->date;
		parse_next(p);
		return at(p, t);
	}
	if (parse_is(p, W_ENTERS) || parse_is(p, W_LEAVES))
		return crossing(p, t);
	if (parse_take(p, W_SEGMENT))
		return crossing_korean(p, t);
	if (parse_take(p, W_STOCK))
		return stock(p, t);
	if (parse_is_duration(p))
		return relative(p, t);
	if (parse_is_dateword(p) || parse_is(p, W_COUPON) || is_path_anchor(p))
		return relative_korean(p, t);
	if (parse_is_event(p))
		return on_event(p, t);
	parse_expected(p, TR("an event, a day or a time", "이벤트나 날, 시각이 올"));
	return false;
}

bool parse_trigger(struct parse *p, struct ast_trigger *out)
{
	size_t first = p->pos;

	*out = (struct ast_trigger){.set = true};
	if (!trigger(p, out) || p->bad) {
		*out = (struct ast_trigger){.set = true};
		return false;
	}
	out->at = parse_place(p, first);
	return true;
}

/* ---- limits ---- */

static bool calendar(struct parse *p, enum schedule *unit)
{
	if (parse_take(p, W_DAY) || parse_take(p, W_EVERY_DAY))
		*unit = SCHEDULE_DAY;
	else if (parse_take(p, W_WEEK) || parse_take(p, W_EVERY_WEEK))
		*unit = SCHEDULE_WEEK;
	else if (parse_take(p, W_MONTH) || parse_take(p, W_EVERY_MONTH))
		*unit = SCHEDULE_MONTH;
	else
		return false;
	return true;
}

static bool period(struct parse *p, struct limit *limit)
{
	if (calendar(p, &limit->unit)) {
		limit->kind = LIMIT_CALENDAR;
		return true;
	}
	limit->kind = LIMIT_ROLLING;
	return parse_duration(p, &limit->period);
}

static bool once(struct parse *p, struct ast_limit *out)
{
	out->limit.n = 1;
	if (!parse_take(p, W_PER)) {
		out->limit.kind = LIMIT_ONCE;
		return true;
	}
	if (parse_is(p, W_EVENT) && parse_ahead(p, 1)->kind != TOKEN_PATH) {
		out->limit.kind = LIMIT_PER_EVENT;
		parse_next(p);
		return true;
	}
	if (parse_is_event(p)) {
		out->limit.kind = LIMIT_PER_EVENT;
		return parse_event(p, &out->event);
	}
	return period(p, &out->limit);
}

static bool per_event_korean(struct parse *p, struct ast_limit *out)
{
	out->limit.kind = LIMIT_PER_EVENT;
	if (parse_ahead(p, 1)->kind == TOKEN_PATH || !parse_is(p, W_EVENT)) {
		if (!parse_event(p, &out->event))
			return false;
	} else {
		parse_next(p);
	}
	return parse_need(p, W_EACH) && parse_whole(p, &out->limit.n);
}

static bool limit(struct parse *p, struct ast_limit *out)
{
	if (parse_take(p, W_ONCE))
		return once(p, out);
	if (parse_take(p, W_FIRST_COME)) {
		out->limit.kind = LIMIT_IN_ALL;
		return parse_whole(p, &out->limit.n);
	}
	if (calendar(p, &out->limit.unit)) {
		out->limit.kind = LIMIT_CALENDAR;
		return parse_whole(p, &out->limit.n);
	}
	if (parse_is_duration(p)) {
		out->limit.kind = LIMIT_ROLLING;
		return parse_duration(p, &out->limit.period) && parse_need(p, W_TO) &&
		       parse_whole(p, &out->limit.n);
	}
	if (parse_is_event(p))
		return per_event_korean(p, out);
	if (!parse_whole(p, &out->limit.n))
		return false;
	if (parse_take(p, W_PER))
		return period(p, &out->limit);
	out->limit.kind = LIMIT_IN_ALL;
	return parse_need(p, W_IN) && parse_need(p, W_ALL);
}

bool parse_limit(struct parse *p, struct ast_limit *out)
{
	const struct token *t = parse_peek(p);
	size_t first = p->pos;

	*out = (struct ast_limit){0};
	if (!limit(p, out))
		return false;
	out->at = parse_place(p, first);
	if (out->limit.kind == LIMIT_ONCE || out->limit.n >= 1)
		return true;
	diag_error(p->diag, token_place(&p->lexer, t), p->file->shown, "%s",
	        TR("a limit is at least 1: to stop a rule write 'off'",
	                "제한은 1 이상입니다. 규칙을 멈추려면 '끔'을 쓰십시오"));
	p->bad = true;
	return false;
}
