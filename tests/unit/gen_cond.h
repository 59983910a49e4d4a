/* Random conditions in both spellings, over customers, orders, events, goods and dates.
 */
#ifndef DANGOL_TEST_GEN_COND_H
#define DANGOL_TEST_GEN_COND_H

#include "gen.h"
#include "store/event.h"

/* Where a condition stands: what event.* and trigger.* are there, NULL: nothing. */
struct place_of {
	const struct event_type *event, *trigger;
	bool item;
};

/* ---- events ---- */

static struct twin condition(struct gen *g, const struct place_of *at, int deep);

static const struct event_type game = {
        "game.played", "game.played", {{"score", 'n', false}}};

static const struct event_type *event_type(struct gen *g)
{
	int n = 0, i;

	while (event_types[n].name)
		n++;
	i = pick(g, n + 3);
	return i < n ? &event_types[i] : &game;
}

static bool has_field(const struct event_type *type, const char *name)
{
	for (const struct event_field *f = type->fields; f->name; f++)
		if (!strcmp(f->name, name))
			return true;
	return false;
}

static struct twin type_name(const struct event_type *type)
{
	return BOTH(type->name, type->korean);
}

static struct twin field_name(const char *name)
{
	for (const struct name_row *row = field_rows; row->english; row++)
		if (!strcmp(row->english, name))
			return BOTH(name, row->korean);
	return same(name);
}

/* One field of a type, with the letter of its type. */
static struct event_field field_of(struct gen *g, const struct event_type *type)
{
	struct event_field all[16] = {{"time", 't', true}, {"id", 's', true}};
	int n = 2;

	for (const struct event_field *f = type->fields; f->name; f++)
		if (f->type != 'i')
			all[n++] = *f;
	return all[pick(g, n)];
}

static struct twin where(
        struct gen *g, const struct place_of *at, const struct event_type *type, int deep)
{
	struct place_of inner = {.event = type, .trigger = at->trigger};

	if (deep < 1 || pick(g, 2))
		return same("");
	return SAY(g, " where ($1)", " 단 ($1)", condition(g, &inner, deep - 1));
}

/* An event with its where. */
static struct twin event_phrase(
        struct gen *g, const struct place_of *at, const struct event_type *type, int deep)
{
	struct twin name = type_name(type);

	if (at->trigger && has_field(at->trigger, "order") && has_field(type, "order") &&
	        pick(g, 2))
		name = SAY(g, "$1 of this order", "이 주문의 $1", name);
	else if (pick(g, 4) == 0)
		name = SAY(g, "event $1", "이벤트 $1", name);
	return SAY(g, "$1$2", "$1$2", name, where(g, at, type, deep));
}

/* ---- operands ---- */

static struct twin window(struct gen *g)
{
	return pick(g, 2) ? same("") : SAY(g, " in last $1", " 최근 $1", span(g));
}

static struct twin of_orders(struct gen *g)
{
	static const struct {
		struct twin name;
		char type;
	} all[] = {{PAIR("orders.count", "주문.횟수"), 'n'},
	        {PAIR("orders.total", "주문.금액"), 'm'},
	        {PAIR("orders.average", "주문.평균"), 'm'},
	        {PAIR("orders.first", "주문.첫"), 't'},
	        {PAIR("orders.last", "주문.마지막"), 't'}};
	int i = pick(g, 5);
	struct twin what = all[i].name;

	switch (pick(g, i < 3 ? 3 : 2)) {
	case 1:
		what = SAY(g, "$1 in last $2", "최근 $2 $1", what, span(g));
		break;
	case 2:
		what = SAY(g, "$1 in last $2", "$1 최근 $2", what, calendar_span(g));
		break;
	}
	if (i < 3)
		return compared(g, what, all[i].type == 'm', i < 2);
	/* A span behind a window would lengthen it. */
	return whole(of_type(g, what, all[i].type));
}

static struct twin counted(struct gen *g, const struct place_of *at, int deep)
{
	struct twin event = event_phrase(g, at, event_type(g), deep), what;

	switch (pick(g, 3)) {
	case 0:
		what = SAY(
		        g, "count of $1 in last $2", "최근 $2 $1 횟수", event, span(g));
		break;
	case 1:
		what = SAY(
		        g, "count of $1 in last $2", "횟수 $1 최근 $2", event, span(g));
		break;
	default:
		what = SAY(g, "count of $1", "$1 횟수", event);
	}
	return compared(g, what, false, true);
}

static struct twin measured(struct gen *g, const struct place_of *at, int deep)
{
	static const struct {
		const char *type;
		struct twin path;
		bool money;
	} all[] = {{"order.paid", PAIR("order.paid.total", "주문.결제.금액"), true},
	        {"game.played", PAIR("game.played.score", "game.played.score"), false},
	        {"cart.added", PAIR("cart.added.quantity", "장바구니.담기.수량"), false},
	        {"order.refunded", PAIR("order.refunded.amount", "주문.환불.환불금액"),
	                true}};
	int i = pick(g, 4);
	const struct event_type *type = i == 1 ? &game : event_type_find(all[i].type);
	struct twin cond = where(g, at, type, deep), d = span(g), what;
	struct twin word =
	        pick(g, 2) ? BOTH("sum of", "합계") : BOTH("average of", "평균");

	if (pick(g, 2))
		what = SAY(g, "$1 $2$3 in last $4", "최근 $4 $1 $2$3", word, all[i].path,
		        cond, d);
	else
		what = SAY(g, "$1 $2$3", "$1 $2$3", word, all[i].path, cond);
	return compared(g, what, all[i].money, word.en[0] == 's');
}

static struct twin dateword(struct gen *g)
{
	static const struct twin all[] = {PAIR("joined", "가입"),
	        PAIR("first order", "첫 주문"), PAIR("last order", "마지막 주문"),
	        PAIR("first visit", "첫 방문"), PAIR("last visit", "마지막 방문")};
	const struct event_type *type = event_type(g);

	if (pick(g, 3) || !strchr(type->name, '.'))
		return CHOOSE(g, all);
	return pick(g, 2) ? SAY(g, "first $1", "첫 $1", type_name(type))
	                  : SAY(g, "last $1", "마지막 $1", type_name(type));
}

static struct twin of_customer(struct gen *g)
{
	static const struct {
		struct twin name;
		char type;
	} all[] = {{PAIR("customer.city", "고객.지역"), 's'},
	        {PAIR("customer.grade", "고객.등급"), 's'},
	        {PAIR("customer.gender", "고객.성별"), 's'},
	        {PAIR("customer.language", "고객.언어"), 's'},
	        {PAIR("customer.age", "고객.나이"), 'n'},
	        {PAIR("customer.points", "고객.points"), 'n'},
	        {PAIR("customer.spent", "고객.spent"), 'm'},
	        {PAIR("customer.note", "고객.note"), 's'},
	        {PAIR("customer.opening", "고객.opening"), 'd'},
	        {PAIR("customer.vip", "고객.vip"), 'b'},
	        {PAIR("customer.appointment", "고객.appointment"), 't'}};
	static const struct twin sealed[] = {PAIR("customer.name", "고객.이름"),
	        PAIR("customer.phone", "고객.전화"),
	        PAIR("customer.email", "고객.이메일"),
	        PAIR("customer.secret", "고객.secret")};
	int i = pick(g, 12);

	return i < 11 ? of_type(g, all[i].name, all[i].type)
	              : known(g, CHOOSE(g, sealed));
}

static struct twin of_cart(struct gen *g)
{
	switch (pick(g, 3)) {
	case 0:
		return compared(g, BOTH("cart.total", "장바구니.금액"), true, true);
	case 1:
		return compared(g, BOTH("cart.count", "장바구니.개수"), false, true);
	}
	return BOTH("left in cart", "장바구니 남음");
}

/* event.FIELD or trigger.FIELD */
static struct twin of_event(struct gen *g, const struct place_of *at)
{
	bool trigger = at->trigger && pick(g, 3) == 0;
	struct event_field f = field_of(g, trigger ? at->trigger : at->event);
	struct twin path = trigger ? SAY(g, "trigger.$1", "계기.$1", field_name(f.name))
	                           : SAY(g, "event.$1", "이벤트.$1", field_name(f.name));

	if (f.type == 's' && !trigger && at->trigger && has_field(at->trigger, f.name) &&
	        pick(g, 2))
		return SAY(
		        g, "$1 = trigger.$2", "$1 = 계기.$2", path, field_name(f.name));
	return of_type(g, path, f.type);
}

static struct twin of_item(struct gen *g)
{
	static const struct {
		struct twin name;
		char type;
	} all[] = {{PAIR("item.sku", "상품.상품코드"), 's'},
	        {PAIR("item.name", "상품.이름"), 's'},
	        {PAIR("item.category", "상품.분류"), 's'},
	        {PAIR("item.quantity", "상품.수량"), 'n'},
	        {PAIR("item.price", "상품.가격"), 'm'}};
	int i = pick(g, 5);

	return of_type(g, all[i].name, all[i].type);
}

/* ---- facts ---- */

static struct twin goods(struct gen *g)
{
	static const struct twin all[] = {PAIR("bought $1$2", "$1 구매$2"),
	        PAIR("viewed $1$2", "$1 조회$2"),
	        PAIR("bought category $1$2", "분류 $1 구매$2"),
	        PAIR("viewed category $1$2", "분류 $1 조회$2"),
	        PAIR("bought $1 in last $3", "최근 $3 $1 구매"),
	        PAIR("viewed category $1 in last $3", "최근 $3 분류 $1 조회")};
	struct twin form = CHOOSE(g, all), name = text(g), w = window(g), d = span(g);

	return SAY(g, form.en, form.ko, name, w, d);
}

static struct twin ours(struct gen *g)
{
	static const struct twin all[] = {PAIR("received r$1", "받음 r$1"),
	        PAIR("clicked r$1", "클릭 r$1"), PAIR("redeemed k$1", "사용함 k$1"),
	        PAIR("holds k$1", "보유 k$1")};
	struct twin form = CHOOSE(g, all), w = window(g);

	return say(g, form.en, form.ko, &w);
}

static struct twin happened(struct gen *g, const struct place_of *at, int deep)
{
	struct twin event = event_phrase(g, at, event_type(g), deep), d = span(g);

	return pick(g, 2) ? SAY(g, "no $1 in last $2", "최근 $2 $1 없음", event, d)
	                  : SAY(g, "in last $2 $1 있음", "최근 $2 $1 있음", event, d);
}

/* What 있음 and 없음 are said of. */
static struct twin had(struct gen *g)
{
	static const struct twin all[] = {PAIR("tag \"VIP\"", "태그 \"VIP\""),
	        PAIR("tag \"staff\"", "태그 \"staff\""), PAIR("consent sms", "동의 문자"),
	        PAIR("consent kakao", "동의 카카오"),
	        PAIR("consent email night", "동의 메일 야간"),
	        PAIR("consent push", "동의 푸시"), PAIR("consent data", "동의 정보이용"),
	        PAIR("consent alimtalk", "동의 알림톡"),
	        PAIR("consent brandmessage night", "동의 브랜드메시지 야간"),
	        PAIR("has phone", "전화"), PAIR("has email", "메일주소"),
	        PAIR("holds k", "쿠폰 k")};
	struct twin what = CHOOSE(g, all);

	/* has phone and 전화 있음: each has its own */
	if (g->loose && pick(g, 2))
		return whole(SAY(g, "not $1", "$1 없음", what));
	return whole(SAY(g, "$1", "$1 있음", what));
}

static struct twin fact(struct gen *g, const struct place_of *at, int deep)
{
	switch (pick(g, 8)) {
	case 0:
		return goods(g);
	case 1:
		return ours(g);
	case 2:
	case 3:
		return happened(g, at, deep);
	case 4:
		return BOTH("in loyal", "고객군 loyal");
	case 5:
		return BOTH("friend", "친구");
	case 6:
		return BOTH("birthday this month", "생일 이번 달");
	}
	return had(g);
}

/* ---- conditions ---- */

static struct twin any_item(struct gen *g, const struct place_of *at, int deep)
{
	struct place_of inner = *at;

	inner.item = true;
	return SAY(g, "any item ($1)", "상품 중 ($1)", condition(g, &inner, deep - 1));
}

static struct twin atom(struct gen *g, const struct place_of *at, int deep)
{
	if (at->item && pick(g, 3))
		return of_item(g);
	if (at->event && pick(g, 2))
		return of_event(g, at);
	if (at->event && deep > 0 &&
	        (at->event == &game || has_field(at->event, "items")) && pick(g, 3) == 0)
		return any_item(g, at, deep);
	switch (pick(g, 9)) {
	case 0:
	case 1:
		return of_customer(g);
	case 2:
		return of_orders(g);
	case 3:
		return counted(g, at, deep);
	case 4:
		return measured(g, at, deep);
	case 5:
		return dated(g, dateword(g), true);
	case 6:
		return of_cart(g);
	}
	return fact(g, at, deep);
}

static struct twin unary(struct gen *g, const struct place_of *at, int deep)
{
	int kind = pick(g, 6);
	struct twin inner;

	if (deep > 0 && kind == 0)
		return SAY(g, "not $1", "not $1", unary(g, at, deep - 1));
	if (deep > 0 && kind == 1) {
		inner = SAY(g, "($1)", "($1)", condition(g, at, deep - 1));
		return pick(g, 2) ? inner : SAY(g, "not $1", "$1 아님", inner);
	}
	inner = atom(g, at, deep);
	/* of a loose fact the English is a `not` already */
	return kind == 2 && !g->loose ? SAY(g, "not $1", "$1 아님", inner) : inner;
}

static struct twin joined(struct gen *g, const struct place_of *at, int deep, bool all)
{
	struct twin out = all ? unary(g, at, deep) : joined(g, at, deep, true);

	for (int n = pick(g, 3) ? 0 : 1 + pick(g, 2); n > 0; n--) {
		struct twin next = all ? unary(g, at, deep) : joined(g, at, deep, true);
		out = all ? SAY(g, "$1 and $2", "$1 그리고 $2", out, next)
		          : SAY(g, "$1 or $2", "$1 또는 $2", out, next);
	}
	return out;
}

/* deep: how far parentheses and wheres may nest. */
static struct twin condition(struct gen *g, const struct place_of *at, int deep)
{
	return joined(g, at, deep, false);
}

#endif
