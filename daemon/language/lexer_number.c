/* Numbers and what begins with a digit: units behind them, dates, times. A number keeps
 * its decimals exactly. */
#include <string.h>
#include "base/calendar.h"
#include "base/clock.h"
#include "base/log.h"
#include "language/lexer.h"

#define CHAIN_MOST 8 /* units behind one number */

static size_t digits_end(const struct lexer *lexer, size_t at)
{
	while (lexer_is_digit(lexer_peek(lexer, at, NULL)))
		at++;
	return at;
}

/* ---- units ---- */

/* A run of letters as units alone, longest first: fills lens, returns how many; 0 when it
 * is none. */
static int chain(const char *s, size_t len, size_t lens[CHAIN_MOST], int depth)
{
	size_t tried = SIZE_MAX;

	if (len == 0)
		return depth;
	while (depth < CHAIN_MOST) {
		size_t best = 0;
		for (const struct word_row *row = word_rows; row->word; row++)
			for (int i = 0; i < 2; i++) {
				const char *unit = i ? row->korean : row->english;
				size_t n = row->unit && unit ? strlen(unit) : 0;
				if (n > best && n < tried && n <= len &&
				        !memcmp(s, unit, n))
					best = n;
			}
		if (!best)
			return 0;
		lens[depth] = best;
		int found = chain(s + best, len - best, lens, depth + 1);
		if (found)
			return found;
		tried = best;
	}
	return 0;
}

static enum word unit_of(const char *s, size_t len)
{
	for (const struct word_row *row = word_rows; row->word; row++) {
		const char *en = row->english, *ko = row->korean;
		if (row->unit &&
		        ((en && strlen(en) == len && !memcmp(en, s, len)) ||
		                (ko && strlen(ko) == len && !memcmp(ko, s, len))))
			return row->word;
	}
	return W_NONE;
}

/* A unit at pos (glued, or spaces were skipped); only the first of a chain is taken, the
 * rest follows glued. */
bool lexer_unit(struct lexer *lexer, struct token *token)
{
	size_t lens[CHAIN_MOST], end = lexer_word_end(lexer, lexer->pos);

	if (lexer->text[lexer->pos] == '%') {
		token->kind = TOKEN_UNIT;
		token->word = W_PERCENT;
		token->to = lexer->pos + 1;
		return true;
	}
	/* A digit ends the letters: "3시간30분". */
	for (size_t i = lexer->pos; i < end; i++)
		if (lexer_is_digit((unsigned char)lexer->text[i]))
			end = i;
	if (end == lexer->pos || lexer_path_end(lexer, end) != end ||
	        !chain(lexer->text + lexer->pos, end - lexer->pos, lens, 0))
		return false;
	token->kind = TOKEN_UNIT;
	token->word = unit_of(lexer->text + lexer->pos, lens[0]);
	token->to = lexer->pos + lens[0];
	return true;
}

/* ---- numbers ---- */

static bool value_of(const char *s, size_t len, int64_t *value, int *scale)
{
	bool point = false;

	*value = 0;
	*scale = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.')
			point = true;
		if (!lexer_is_digit((unsigned char)s[i]))
			continue;
		if (*value > (INT64_C(1000000000000000) - 10) || (point && *scale == 6))
			return false;
		*value = *value * 10 + (s[i] - '0');
		*scale += point;
	}
	return true;
}

/* Behind the digits of a whole number: groups of a comma and three digits. */
static size_t groups_end(const struct lexer *lexer, size_t at, bool *wrong)
{
	size_t first = at - lexer->pos, end;

	while (lexer_peek(lexer, at, NULL) == ',' &&
	        lexer_is_digit(lexer_peek(lexer, at + 1, NULL))) {
		end = digits_end(lexer, at + 1);
		if (end - at != 4 || first > 3 || lexer_peek(lexer, end, NULL) == '_') {
			*wrong = true;
			return end;
		}
		at = end;
	}
	return at;
}

static bool nth(struct lexer *lexer, struct token *token, size_t at)
{
	static const char *const english[] = {"st", "nd", "rd", "th"};
	size_t end = 0;

	for (int i = 0; i < 4; i++)
		if (lexer_stands(lexer, at, english[i]) &&
		        !lexer_is_part(lexer_peek(lexer, at + 2, NULL)))
			end = at + 2;
	if (lexer_stands(lexer, at, "번째마다"))
		end = at + strlen("번째마다");
	else if (lexer_stands(lexer, at, "번째 마다"))
		end = at + strlen("번째 마다");
	if (!end)
		return false;
	token->kind = TOKEN_NTH;
	token->to = end;
	if (!value_of(lexer->text + lexer->pos, at - lexer->pos, &token->number,
	            &token->scale))
		lexer_mistake(lexer, token, end,
		        TR("this number is too large", "너무 큰 수입니다"));
	return true;
}

void lexer_number(struct lexer *lexer, struct token *token)
{
	size_t at = digits_end(lexer, lexer->pos);
	bool wrong = false;

	if (nth(lexer, token, at))
		return;
	if (lexer_peek(lexer, at, NULL) == ',') {
		at = groups_end(lexer, at, &wrong);
	} else {
		while (lexer_peek(lexer, at, NULL) == '_' &&
		        lexer_is_digit(lexer_peek(lexer, at + 1, NULL)))
			at = digits_end(lexer, at + 1);
	}
	if (wrong) {
		lexer_mistake(lexer, token, at,
		        TR("put a space after the comma, or make groups of three digits",
		                "쉼표 뒤를 띄우거나 세 자리씩 끊어 쓰십시오"));
		return;
	}
	if (lexer_peek(lexer, at, NULL) == '.' &&
	        lexer_is_digit(lexer_peek(lexer, at + 1, NULL)))
		at = digits_end(lexer, at + 1);
	token->kind = TOKEN_NUMBER;
	token->to = at;
	if (!value_of(lexer->text + lexer->pos, at - lexer->pos, &token->number,
	            &token->scale)) {
		lexer_mistake(lexer, token, at,
		        TR("this number is too large or has more than six decimals",
		                "너무 크거나 소수점 아래가 여섯 자리를 넘는 수입니다"));
		return;
	}
	lexer->after_number = true;
}

/* ---- dates and times ---- */

static int digits(const struct lexer *lexer, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (!lexer_is_digit(lexer_peek(lexer, at + i, NULL)))
			return -1;
		value = value * 10 + (lexer->text[at + i] - '0');
	}
	return value;
}

bool lexer_date(struct lexer *lexer, struct token *token)
{
	size_t at = lexer->pos;
	int y = digits(lexer, at, 4), m, d;

	if (y < 0 || lexer_peek(lexer, at + 4, NULL) != '-')
		return false;
	m = digits(lexer, at + 5, 2);
	if (m < 0 || lexer_peek(lexer, at + 7, NULL) != '-')
		return false;
	d = digits(lexer, at + 8, 2);
	if (d < 0 || lexer_is_digit(lexer_peek(lexer, at + 10, NULL)))
		return false;
	if (!calendar_valid(y, m, d)) {
		lexer_mistake(lexer, token, at + 10,
		        TR("there is no such day in the calendar",
		                "달력에 없는 날입니다"));
		return true;
	}
	token->kind = TOKEN_DATE;
	token->date = calendar_day(y, m, d);
	token->to = at + 10;
	return true;
}

static void set_time(
        struct lexer *lexer, struct token *token, size_t to, int hour, int minute)
{
	token->kind = TOKEN_TIME;
	token->ms = (int)(hour * MS_HOUR + minute * MS_MINUTE);
	token->to = to;
	if (hour == 24 && minute == 0)
		return; /* the end of a day: whoever takes no such time says so */
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		lexer_mistake(lexer, token, to,
		        TR("a time is 0:00 to 23:59", "시각은 0:00부터 23:59까지입니다"));
}

bool lexer_clock_time(struct lexer *lexer, struct token *token)
{
	size_t at = lexer->pos, end = digits_end(lexer, at);

	if (end - at > 2 || lexer_peek(lexer, end, NULL) != ':' ||
	        digits(lexer, end + 1, 2) < 0 ||
	        lexer_is_digit(lexer_peek(lexer, end + 3, NULL)))
		return false;
	set_time(lexer, token, end + 3, digits(lexer, at, end - at),
	        digits(lexer, end + 1, 2));
	return true;
}

/* [오전|오후] d[d]시 [d[d]분]; "3시간" is a duration. */
bool lexer_korean_time(struct lexer *lexer, struct token *token)
{
	bool morning = lexer_stands(lexer, lexer->pos, "오전"),
	     evening = lexer_stands(lexer, lexer->pos, "오후");
	size_t at = lexer->pos, end, more;
	int hour, minute = 0;

	if (morning || evening)
		at = lexer_skip_spaces(lexer, at + strlen("오전"));
	end = digits_end(lexer, at);
	if (end == at || end - at > 2 || !lexer_stands(lexer, end, "시") ||
	        lexer_stands(lexer, end, "시간"))
		return false;
	hour = digits(lexer, at, end - at);
	end += strlen("시");
	at = lexer_skip_spaces(lexer, end);
	more = digits_end(lexer, at);
	if (more > at && more - at <= 2 && lexer_stands(lexer, more, "분")) {
		minute = digits(lexer, at, more - at);
		end = more + strlen("분");
	}
	if ((morning || evening) && (hour < 1 || hour > 12)) {
		lexer_mistake(lexer, token, end,
		        TR("a morning or an afternoon has the hours 1 to 12",
		                "오전과 오후의 시는 1부터 12까지입니다"));
		return true;
	}
	if (morning || evening)
		hour = hour % 12 + (evening ? 12 : 0);
	set_time(lexer, token, end, hour, minute);
	return true;
}
