/* Random parts of the rule language, each printed twice: in English words and in Korean
 * ones. Here are values and what is compared with them. What it draws
 * depends on the seed alone. */
#ifndef DANGOL_TEST_GEN_H
#define DANGOL_TEST_GEN_H

#include <stdio.h>
#include <string.h>
#include "base/mem.h"
#include "language/words.h"

/* One thing in both spellings, and with either at each turn: mixed NULL is one of the
 * two. */
struct twin {
	const char *en, *ko, *mixed;
};
struct gen {
	struct arena *arena;
	uint64_t state;
	bool loose; /* 없음 where English says not: one answer, but not one program */
};
static inline int pick(struct gen *g, int n)
{
	g->state = g->state * 6364136223846793005u + 1442695040888963407u;
	return (int)((g->state >> 33) % (unsigned)n);
}

#define CHOOSE(g, table) ((table)[pick(g, sizeof(table) / sizeof((table)[0]))])
#define PAIR(english, korean) \
	{ \
		.en = english, .ko = korean \
	}
#define BOTH(english, korean) ((struct twin)PAIR(english, korean))
/* $1 to $9 in the texts are the twins behind them. */
#define SAY(g, english, korean, ...) \
	say(g, english, korean, (const struct twin[]){__VA_ARGS__})

enum spelling { ENGLISH, KOREAN, MIXED };

static const char *spelt(struct gen *g, const struct twin *part, enum spelling spelling)
{
	if (spelling == MIXED && part->mixed)
		return part->mixed;
	return spelling == ENGLISH || (spelling == MIXED && pick(g, 2)) ? part->en
	                                                                : part->ko;
}

static const char *filled(
        struct gen *g, const char *form, const struct twin *parts, enum spelling spelling)
{
	struct buf out = {0};
	const char *text;

	for (; *form; form++) {
		if (*form != '$') {
			buf_addc(&out, *form);
			continue;
		}
		form++;
		buf_adds(&out, spelt(g, &parts[*form - '1'], spelling));
	}
	text = arena_strndup(g->arena, out.data ? out.data : "", out.len);
	buf_free(&out);
	return text;
}

static struct twin say(
        struct gen *g, const char *en, const char *ko, const struct twin *parts)
{
	return (struct twin){filled(g, en, parts, ENGLISH), filled(g, ko, parts, KOREAN),
	        filled(g, pick(g, 2) ? en : ko, parts, MIXED)};
}

/* What is not to be mixed inside. */
static struct twin whole(struct twin twin)
{
	return BOTH(twin.en, twin.ko);
}

static struct twin same(const char *text)
{
	return BOTH(text, text);
}

/* ---- values ---- */

static struct twin count(struct gen *g, int n)
{
	return same(arena_printf(g->arena, "%d", n));
}

static struct twin clock_span(struct gen *g)
{
	struct twin n = count(g, 2 + pick(g, 70));

	switch (pick(g, 4)) {
	case 0:
		return SAY(g, "$1 minutes", "$1분", n);
	case 1:
		return SAY(g, "1 hour $1 minutes", "1시간 $1분", n);
	case 2:
		return BOTH("1 hour", "1 시간");
	}
	return SAY(g, "$1 hours", "$1시간", n);
}

static struct twin calendar_span(struct gen *g)
{
	struct twin n = count(g, 2 + pick(g, 40));

	switch (pick(g, 8)) {
	case 0:
		return SAY(g, "$1 weeks", "$1주", n);
	case 1:
		return BOTH("1 week", "1주일");
	case 2:
		return SAY(g, "$1 months", "$1개월", n);
	case 3:
		return SAY(g, "1 month $1 days", "1달 $1일", n);
	case 4:
		return SAY(g, "1 year 3 months $1 days", "1년 3개월 $1 일", n);
	}
	return SAY(g, "$1 days", "$1일", n);
}

static struct twin span(struct gen *g)
{
	return pick(g, 3) ? calendar_span(g) : clock_span(g);
}

static struct twin date(struct gen *g)
{
	return same(arena_printf(g->arena, "%d-%02d-%02d", 2025 + pick(g, 2),
	        1 + pick(g, 12), 1 + pick(g, 28)));
}

static struct twin time_of_day(struct gen *g)
{
	int hour = pick(g, 24), minute = pick(g, 60), half = hour % 12 ? hour % 12 : 12;
	char *en = arena_printf(g->arena, "%d:%02d", hour, minute);

	switch (pick(g, 3)) {
	case 0:
		return BOTH(en, arena_printf(g->arena, "%s %d시 %d분",
		                        hour < 12 ? "오전" : "오후", half, minute));
	case 1:
		return BOTH(arena_printf(g->arena, "%02d:00", hour),
		        arena_printf(g->arena, "%d시", hour));
	}
	return same(en);
}

static struct twin text(struct gen *g)
{
	static const char *const all[] = {"\"서울\"", "\"부산\"", "\"S1\"", "\"C1\"",
	        "\"VIP\"", "\"it's\"", "\"a \\\"b\\\" \\\\ 50%\"", "\"O''Neil; --\""};

	return same(CHOOSE(g, all));
}

/* An amount of thousands in its many ways to write it. */
static struct twin won(struct gen *g, int thousands)
{
	static const struct twin forms[] = {PAIR("$1000", "$1000원"),
	        PAIR("$1,000원", "$1_000"), PAIR("$1_000 won", "$1,000원"),
	        PAIR("$1000won", "$1000 원")};
	struct twin form = CHOOSE(g, forms), n = count(g, thousands);

	if (thousands % 10 == 0 && pick(g, 2))
		return SAY(g, "$1000", "$2만원", n, count(g, thousands / 10));
	return say(g, form.en, form.ko, &n);
}

static struct twin number(struct gen *g, int n)
{
	static const struct twin forms[] = {PAIR("$1", "$1"), PAIR("$1", "$1회"),
	        PAIR("$1", "$1 번"), PAIR("$1", "$1개"), PAIR("$1.5", "$1.5"),
	        PAIR("$10000", "$1만")};
	struct twin form = CHOOSE(g, forms), digits = count(g, n);

	return say(g, form.en, form.ko, &digits);
}

/* ---- comparisons ---- */

static struct twin known(struct gen *g, struct twin what)
{
	return pick(g, 2) ? SAY(g, "$1 is known", "$1 있음", what)
	                  : SAY(g, "$1 is unknown", "$1 없음", what);
}

static struct twin with_sign(struct gen *g, struct twin what, struct twin value)
{
	static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

	return SAY(g, "$1 $2 $3", "$1 $2 $3", what, same(CHOOSE(g, signs)), value);
}

/* Korean says it behind the value. */
static struct twin behind(struct gen *g, struct twin what, struct twin value)
{
	static const struct twin all[] = {PAIR("$1 >= $2", "$1 $2 이상"),
	        PAIR("$1 <= $2", "$1 $2 이하"), PAIR("$1 > $2", "$1 $2 초과"),
	        PAIR("$1 > $2", "$1 $2 넘음"), PAIR("$1 < $2", "$1 $2 미만")};
	struct twin form = CHOOSE(g, all);

	return SAY(g, form.en, form.ko, what, value);
}

static struct twin ranged(
        struct gen *g, struct twin what, struct twin low, struct twin high)
{
	switch (pick(g, 4)) {
	case 0:
		return SAY(g, "$1 in ($2, $3)", "$1 in ($2, $3)", what, low, high);
	case 1:
		return SAY(
		        g, "$1 not in ($2, $3)", "$1 아님 in ($2,  $3)", what, low, high);
	case 2:
		return SAY(g, "$1 between $2 and $3", "$1 사이 $2 그리고 $3", what, low,
		        high);
	}
	return SAY(g, "$1 between $2 and $3", "$1 $2 이상 $3 이하", what, low, high);
}

static struct twin compared(struct gen *g, struct twin what, bool money, bool total)
{
	static const struct twin others[] = {PAIR("customer.points", "고객.points"),
	        PAIR("customer.spent", "고객.spent"), PAIR("customer.age", "고객.나이"),
	        PAIR("orders.count", "주문.횟수"), PAIR("cart.total", "장바구니.금액")};
	int n = pick(g, 60);
	struct twin low = money ? won(g, n) : number(g, n),
	            high = money ? won(g, n + 10) : number(g, n + 10);

	switch (pick(g, total ? 4 : 5)) {
	case 0:
		return with_sign(g, what, low);
	case 1:
		return ranged(g, what, low, high);
	case 2:
		return with_sign(g, what, CHOOSE(g, others));
	case 4:
		return known(g, what);
	}
	return behind(g, what, low);
}

static struct twin worded(struct gen *g, struct twin what)
{
	struct twin a = text(g), b = text(g);

	switch (pick(g, 7)) {
	case 0:
		return SAY(g, "$1 != $2", "$1 != $2", what, a);
	case 1:
		return SAY(g, "$1 in ($2, $3)", "$1 in ($2, $3)", what, a, b);
	case 2:
		return SAY(g, "$1 not in ($2)", "$1 not in ($2)", what, a);
	case 3:
		return pick(g, 2) ? SAY(g, "$1 contains $2", "$1 포함 $2", what, a)
		                  : SAY(g, "$1 contains $2", "$1 $2 포함", what, a);
	case 4:
		return SAY(g, "$1 starts with $2", "$1 시작하는 $2", what, a);
	case 5:
		return known(g, what);
	}
	return SAY(g, "$1 = $2", "$1 = $2", what, a);
}

static struct twin either(struct gen *g, struct twin what)
{
	static const struct twin all[] = {PAIR("$1 = yes", "$1 = 예"),
	        PAIR("$1 != no", "$1 != 아니오"),
	        PAIR("$1 in (yes, no)", "$1 in (예, 아니오)")};
	struct twin form = CHOOSE(g, all);

	return pick(g, 4) ? say(g, form.en, form.ko, &what) : known(g, what);
}

/* clock: it knows hours, too. */
static struct twin dated(struct gen *g, struct twin what, bool clock)
{
	static const struct twin ago[] = {PAIR("$1 at least $2 ago", "$1 $2 지남"),
	        PAIR("$1 within $2", "$1 $2 이내"), PAIR("$1 within $2", "$1 $2 안에"),
	        PAIR("$1 before $2 ago", "$1 $2 이전"),
	        PAIR("$1 after $2 ago", "$1 후 $2 ago")},
	                         day[] = {PAIR("$1 before $2", "$1 $2 이전"),
	                                 PAIR("$1 after $2", "$1 $2 이후")},
	                         others[] = {PAIR("customer.opening", "고객.opening"),
	                                 PAIR("customer.appointment", "고객.appointment"),
	                                 PAIR("orders.first", "주문.첫")};
	struct twin form, d = clock ? span(g) : calendar_span(g), on = date(g);

	switch (pick(g, 8)) {
	case 0:
		form = CHOOSE(g, day);
		return SAY(g, form.en, form.ko, what, on);
	case 1:
		return with_sign(g, what, on);
	case 2:
		return behind(g, what, on);
	case 3:
		return ranged(g, what, same("2026-01-31"), same("2026-11-20"));
	case 4:
		return SAY(g, "$1 this month", "$1 이번 달", what);
	case 5:
		return with_sign(g, what, CHOOSE(g, others));
	case 6:
		return known(g, what);
	}
	form = CHOOSE(g, ago);
	return SAY(g, form.en, form.ko, what, d);
}

/* By the letter of a type: s text, n number, m money, t instant, d date, b yes or no. */
static struct twin of_type(struct gen *g, struct twin what, char type)
{
	switch (type) {
	case 'n':
	case 'm':
		return compared(g, what, type == 'm', false);
	case 't':
	case 'd':
		return dated(g, what, type == 't');
	case 'b':
		return either(g, what);
	}
	return worded(g, what);
}

#endif
