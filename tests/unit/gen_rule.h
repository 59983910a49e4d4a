/* Random rules with all that they stand on, in both spellings: every trigger, clause and
 * step. */
#ifndef DANGOL_TEST_GEN_RULE_H
#define DANGOL_TEST_GEN_RULE_H

#include "gen_cond.h"

/* What conditions speak of. */
#define FIELDS \
	"fields { customer.points number customer.spent money customer.note text" \
	" customer.opening date customer.vip yesno customer.appointment time" \
	" customer.secret sealed text game.played.score number }\n"
static const struct twin declared = PAIR(FIELDS,
        "항목들 { 고객.points 숫자 고객.spent 금액 고객.note 글 고객.opening 날짜"
        " 고객.vip 예아니오 고객.appointment 시각 고객.secret 봉인 글"
        " game.played.score 숫자 }\n");

/* The least that a condition needs around it. */
static const char basis[] =
        FIELDS "segment loyal { orders.count >= 2 and not tag \"staff\" }\n"
               "rule r { when order.paid send sms \"t\" }\n"
               "coupon k { discount 10% }\n";

/* What a rule may do follows from how it starts. */
struct rule_of {
	struct place_of at;
	bool info, owner, standing;
};

/* ---- triggers ---- */

static bool begins(const struct event_type *type, const char *with)
{
	return !strncmp(type->name, with, strlen(with));
}

static struct twin on_event(struct gen *g, struct rule_of *r)
{
	const struct event_type *type = event_type(g);
	struct twin name = type_name(type), nth = count(g, 2 + pick(g, 20)), cond;

	r->at.event = r->at.trigger = type;
	r->owner = begins(type, "message.");
	r->info = (begins(type, "order.") || begins(type, "reservation.") ||
	                  begins(type, "consent.")) &&
	          pick(g, 2);
	cond = where(g, &r->at, type, 2);
	switch (pick(g, 4)) {
	case 0:
		return SAY(g, "every $1th $2$3", "$2$3 $1번째마다", nth, name, cond);
	case 1:
		return SAY(g, "every $1th $2$3", "$2 $1번째 마다$3", nth, name, cond);
	case 2:
		return SAY(g, "event $1$2", "이벤트 $1$2", name, cond);
	}
	return SAY(g, "$1$2", "$1$2", name, cond);
}

static struct twin sided(struct gen *g, struct twin d, struct twin anchor)
{
	switch (pick(g, 3)) {
	case 0:
		return SAY(g, "$1 before $2", "$2 $1 전", d, anchor);
	case 1:
		return SAY(g, "$1 after $2", "$2 $1 뒤", d, anchor);
	}
	return SAY(g, "$1 after $2", "$2 $1 후", d, anchor);
}

static struct twin at_time(struct gen *g)
{
	return pick(g, 2) ? SAY(g, " at $1", " $1", time_of_day(g))
	                  : SAY(g, " $1", " 정각 $1", time_of_day(g));
}

static struct twin on_anchor(struct gen *g)
{
	static const struct twin paths[] = {
	        PAIR("customer.appointment", "고객.appointment"),
	        PAIR("reservation.at", "예약.일시"),
	        PAIR("reservation.made.at", "예약.접수.일시"),
	        PAIR("order.delivered.time", "주문.배송완료.시각"),
	        PAIR("customer.opening", "고객.opening")};
	int path = pick(g, 5);
	struct twin anchor, d;

	switch (pick(g, 3)) {
	case 0:
		anchor = dateword(g);
		break;
	case 1:
		anchor = BOTH("coupon k expires", "쿠폰 k 만료");
		break;
	default:
		anchor = paths[path];
		if (path < 4 && pick(g, 2))
			return sided(g, clock_span(g), anchor);
	}
	d = calendar_span(g);
	return SAY(g, "$1$2", "$1$2", sided(g, d, anchor), at_time(g));
}

static const struct twin weekdays[] = {PAIR("monday", "월요일"),
        PAIR("tuesday", "화요일"), PAIR("wednesday", "수요일"),
        PAIR("thursday", "목요일"), PAIR("friday", "금요일"), PAIR("saturday", "토요일"),
        PAIR("sunday", "일요일")};

static struct twin scheduled(struct gen *g, struct rule_of *r)
{
	struct twin at = at_time(g);

	r->standing = true;
	switch (pick(g, 4)) {
	case 0:
		return SAY(g, "every day$1", "매일$1", at);
	case 1:
		return SAY(g, "every $2$1", "매주 $2$1", at, CHOOSE(g, weekdays));
	case 2:
		return SAY(g, "every month on $2$1", "매월 $2일$1", at,
		        count(g, 1 + pick(g, 31)));
	}
	return SAY(g, "every month on last$1", "매월 말일$1", at);
}

static struct twin crossing(struct gen *g)
{
	static const struct twin all[] = {
	        PAIR("enters loyal$1", "고객군 loyal 들어오면$1"),
	        PAIR("enters loyal$1", "고객군 loyal 진입$1"),
	        PAIR("leaves loyal$1", "고객군 loyal 나가면$1"),
	        PAIR("leaves loyal$1", "고객군 loyal 이탈$1")};
	struct twin form = CHOOSE(g, all), at = pick(g, 2) ? at_time(g) : same("");

	return say(g, form.en, form.ko, &at);
}

static struct twin trigger(struct gen *g, struct rule_of *r)
{
	struct twin t = at_time(g), d = calendar_span(g);

	switch (pick(g, 10)) {
	case 0:
		return SAY(g, "birthday$1", "생일$1", t);
	case 1:
		return SAY(g, "$1$2", "$1$2", sided(g, d, BOTH("birthday", "생일")), t);
	case 2:
	case 3:
		return on_anchor(g);
	case 4:
		return scheduled(g, r);
	case 5:
		return SAY(g, "$1$2", "$1$2", date(g), t);
	case 6:
		return crossing(g);
	case 7:
		r->owner = true;
		r->at.event = r->at.trigger = event_type_find("stock.changed");
		return SAY(
		        g, "stock below $1", "재고 $1개 미만", count(g, 1 + pick(g, 30)));
	}
	return on_event(g, r);
}

/* ---- clauses ---- */

static struct twin limit(struct gen *g, const struct rule_of *r)
{
	static const struct twin all[] = {PAIR("once", "한번"), PAIR("once", "한 번만"),
	        PAIR("once", "한 번"), PAIR("once per $2", "$2에 1번"),
	        PAIR("$1 per $2", "$2에 $1번"), PAIR("once per day", "매일 1번"),
	        PAIR("$1 per week", "매주 $1회"), PAIR("$1 per month", "매월 $1"),
	        PAIR("$1 in all", "선착순 $1명")};
	struct twin form = CHOOSE(g, all), n = count(g, 2 + pick(g, 500)), d = span(g);

	if (r->at.event && !r->owner && pick(g, 4) == 0)
		return pick(g, 2) ? BOTH("once per event", "이벤트 마다 1번")
		                  : SAY(g, "once per $1", "$1 마다 1",
		                            type_name(r->at.event));
	return SAY(g, form.en, form.ko, n, d);
}

/* Lines of an author who comments and leaves room. */
static struct twin line(struct gen *g, struct twin before, struct twin what)
{
	static const char *const ends[] = {
	        "\n\t", "\n", "\n\t\t", "\n\n\n", " # \"그리고\" { 3\n", "\n# }\n\t"};
	const char *end = pick(g, 3) ? ends[0] : CHOOSE(g, ends);

	return SAY(g, "$1$3$2", "$1$3$2", before, what, same(end));
}

static struct twin goal(struct gen *g, const struct rule_of *r)
{
	struct twin event = event_phrase(g, &r->at, event_type(g), 1), d = span(g);

	return pick(g, 3) ? SAY(g, "goal $1 within $2", "목표 $1 $2 이내", event, d)
	                  : SAY(g, "goal measures $1 within $2", "목표 측정 $1 $2 안에",
	                            event, d);
}

/* Those that are words alone, or nearly. */
static struct twin small_clauses(struct gen *g, const struct rule_of *r)
{
	static const struct twin all[] = {PAIR("on", "켬"),
	        PAIR("again restarts", "다시 시작"),
	        PAIR("one per address", "번호당 한 번"),
	        PAIR("was older", "옛이름 older")};
	struct twin out = same("");

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (pick(g, 4) == 0)
			out = line(g, out, all[i]);
	if (r->info)
		out = line(g, out, BOTH("purpose info", "목적 정보"));
	else if (pick(g, 3) == 0)
		out = line(g, out, BOTH("purpose ad", "목적 광고"));
	if (r->info && pick(g, 2))
		out = line(g, out, BOTH("resend unknown", "재발송 미확인"));
	if (pick(g, 3) == 0)
		out = line(g, out,
		        SAY(g, "holdout $1%", "비교군 $1%", count(g, 1 + pick(g, 99))));
	if (pick(g, 3) == 0)
		out = line(g, out, SAY(g, "late $1", "늦어도 $1", span(g)));
	return out;
}

static struct twin clauses(struct gen *g, const struct rule_of *r)
{
	struct twin out = small_clauses(g, r);

	for (int n = r->standing + pick(g, 2); n > 0; n--)
		out = line(g, out, SAY(g, "limit $1", "제한 $1", limit(g, r)));
	if (pick(g, 3) == 0)
		out = line(g, out, goal(g, r));
	return out;
}

/* ---- steps ---- */

static struct twin block(struct gen *g, const struct rule_of *r, int deep);

static struct twin leg(struct gen *g, const struct rule_of *r)
{
	static const struct twin all[] = {PAIR("sms \"t\"", "문자 \"t\""),
	        PAIR("email \"t\"", "메일 \"t\""), PAIR("push \"t\"", "푸시 \"t\""),
	        PAIR("owner \"t\"", "사장님 \"t\""),
	        PAIR("brandmessage \"t\"", "브랜드메시지 \"t\"")};

	if (r->owner)
		return all[3];
	if (r->info && pick(g, 3) == 0)
		return BOTH("alimtalk \"t\"", "알림톡 \"t\"");
	return all[pick(g, r->info ? 4 : 5)];
}

static struct twin legs(struct gen *g, const struct rule_of *r)
{
	struct twin out = leg(g, r);

	for (int n = pick(g, 3); n > 0; n--) {
		if (r->info && pick(g, 2))
			out = SAY(g, "$1 else after $2 $3", "$1 아니면 $2 뒤 $3", out,
			        span(g), leg(g, r));
		else
			out = SAY(g, "$1 else $2", "$1 아니라면 $2", out, leg(g, r));
	}
	if (pick(g, 3) == 0)
		out = SAY(g, "$1 by day", "$1 낮에", out);
	return pick(g, 4) ? SAY(g, "send $1", "$1 보내기", out)
	                  : SAY(g, "send $1", "보내기 $1", out);
}

static struct twin waits(struct gen *g, const struct rule_of *r)
{
	struct twin event = event_phrase(g, &r->at, event_type(g), 1), d = span(g),
	            t = time_of_day(g);

	switch (pick(g, 4)) {
	case 0:
		return SAY(
		        g, "wait $1 unless $2", "기다리기 $1 동안 $2 없으면", d, event);
	case 1:
		return SAY(g, "wait until $1", "기다리기 $1 까지", t);
	case 2:
		return SAY(g, "wait until $2 $1", "기다리기 $2 $1 까지", t,
		        CHOOSE(g, weekdays));
	}
	return SAY(g, "wait $1", "기다리기 $1", d);
}

static struct twin wait_for(struct gen *g, const struct rule_of *r, int deep)
{
	struct twin event = event_phrase(g, &r->at, event_type(g), 1), d = span(g),
	            yes = block(g, r, deep - 1), no = block(g, r, deep - 1);

	if (pick(g, 2))
		event = SAY(g, "next $1", "다음 $1", event);
	return pick(g, 2)
	               ? SAY(g, "wait for $1 up to $2 $3", "기다리기 $1 최대 $2 $3",
	                         event, d, yes)
	               : SAY(g, "wait for $1 up to $2 $3 else $4",
	                         "기다리기 $1 최대 $2 $3 아니면 $4", event, d, yes, no);
}

static struct twin forks(struct gen *g, const struct rule_of *r, int deep)
{
	struct twin c = condition(g, &r->at, 1), yes = block(g, r, deep - 1),
	            no = block(g, r, deep - 1), other;
	int share = 1 + pick(g, 98);

	switch (pick(g, 4)) {
	case 0:
		return SAY(g, "if $1 $2", "만약 $1 $2", c, yes);
	case 1:
		return SAY(g, "if $1 $2 else $3", "조건 $1 $2 아니면 $3", c, yes, no);
	case 2:
		other = condition(g, &r->at, 1);
		return SAY(g, "if $1 $2 else if $4 $3", "만약 $1 $2 아니면 만약 $4 $3", c,
		        yes, no, other);
	}
	return SAY(g, "split { $1% \"A\" $3 $2% \"나\" $4 }",
	        "나누기 { $1% \"A\" $3 $2% \"나\" $4 }", count(g, share),
	        count(g, 100 - share), yes, no);
}

static struct twin marks(struct gen *g)
{
	static const struct twin all[] = {PAIR("tag \"새 손님\"", "태그 \"새 손님\""),
	        PAIR("untag \"VIP\"", "태그빼기 \"VIP\""),
	        PAIR("set customer.points = 1_000", "정하기 고객.points = 1,000"),
	        PAIR("set customer.spent = 20,000won", "정하기 고객.spent = 2만원"),
	        PAIR("set customer.note = \"it's\"", "정하기 고객.note = \"it's\""),
	        PAIR("set customer.opening = 2026-12-01",
	                "정하기 고객.opening = 2026-12-01"),
	        PAIR("set customer.vip = yes", "정하기 고객.vip = 예")};

	return CHOOSE(g, all);
}

static struct twin step(struct gen *g, const struct rule_of *r, int deep)
{
	switch (pick(g, 9)) {
	case 0:
	case 1:
		return waits(g, r);
	case 2:
		return SAY(g, "stop if $1", "멈추기 만약 $1", condition(g, &r->at, 1));
	case 3:
		if (!r->owner)
			return marks(g);
		break;
	case 4:
		if (!r->owner && !r->info)
			return pick(g, 2) ? BOTH("give coupon k", "쿠폰 k 주기")
			                  : BOTH("give k", "쿠폰 주기 k");
		break;
	case 5:
		return BOTH("post \"https://a.kr/b\" \"t\"",
		        "알리기 \"https://a.kr/b\" \"t\"");
	case 6:
		if (deep > 0)
			return forks(g, r, deep);
		break;
	case 7:
		if (deep > 0)
			return wait_for(g, r, deep);
		break;
	}
	return legs(g, r);
}

static struct twin steps(struct gen *g, const struct rule_of *r, int deep)
{
	struct twin out = same("");

	for (int n = pick(g, 4); n > 0; n--)
		out = line(g, out, step(g, r, deep));
	return line(g, out, legs(g, r)); /* a wait needs something behind it */
}

static struct twin block(struct gen *g, const struct rule_of *r, int deep)
{
	return SAY(g, "{$1\n\t}", "{$1\n\t}", steps(g, r, deep));
}

/* ---- declarations ---- */

static struct twin coupon(struct gen *g)
{
	static const struct twin gives[] = {PAIR("discount 10%", "할인 10%"),
	        PAIR("discount 30,000won", "할인 3만원"),
	        PAIR("gift \"컵\"", "증정 \"컵\"")},
	                         codes[] = {PAIR("", ""),
	                                 PAIR("code \"BD-######\"", "코드 \"BD-######\""),
	                                 PAIR("codes \"k.txt\"", "코드파일 \"k.txt\"")};
	struct twin give = CHOOSE(g, gives), code = CHOOSE(g, codes),
	            n = count(g, 1 + pick(g, 9)), valid = same(""), least = same("");

	if (pick(g, 2))
		valid = pick(g, 2) ? SAY(g, "valid $1", "유효 $1", span(g))
		                   : SAY(g, "valid until $1", "유효 $1 까지", date(g));
	if (pick(g, 2))
		least = SAY(g, "minimum $1", "최소 $1", won(g, 10 + pick(g, 20)));
	return SAY(g, "coupon k { $1 $2 $3 $4 uses $5 stock $5 }\n",
	        "쿠폰 k \"쿠폰\" { 사용 $5번 $4 $1 $2 재고 $5개 $3 }\n", give, code,
	        valid, least, n);
}

static struct twin rule(struct gen *g)
{
	struct rule_of r = {0};
	struct twin start = trigger(g, &r), cond = same(""), rest = clauses(g, &r);

	if (pick(g, 2))
		cond = SAY(g, "\n\tif $1", "\n\t조건 $1", condition(g, &r.at, 2));
	return SAY(g, "rule r \"title\" {\n\twhen $1$2$3$4\n}\n",
	        "규칙 r \"제목\" {$3\n\t언제 $1$2$4\n}\n", start, cond, rest,
	        steps(g, &r, 2));
}

/* A file: what conditions speak of, and a rule. */
static struct twin rule_file(struct gen *g)
{
	struct twin loyal = BOTH("orders.count >= 2", "주문.횟수 2회 이상");

	if (pick(g, 2))
		loyal = SAY(g, "$1 or $2", "$1 또는 $2", loyal, of_customer(g));
	return SAY(g, "$1segment loyal { $2 }\n$3$4", "$1고객군 loyal { $2 }\n$3$4",
	        declared, loyal, coupon(g), rule(g));
}

#endif
