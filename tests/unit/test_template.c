/* Templates: what is read, what is filled in, and what each slip is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "language/template.h"
#include "language/template_kakao.h"
#include "language/template_size.h"

static char folder[64];
static struct zone *seoul;

static void put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void empty_folder(void)
{
	char command[192];

	snprintf(command, sizeof(command), "rm -rf %s && mkdir %s", folder, folder);
	assert_int_equal(system(command), 0);
}

static const char no_rules[] =
        "fields { customer.points number customer.메모 text customer.visits date }\n";
static const char ad_rule[] = "rule r { when order.paid\n give coupon c\n send sms \"t\" "
                              "else email \"t\"\n limit once }\n"
                              "coupon c { discount 10% }\n";
static const char info_rule[] =
        "rule r { when order.paid\n purpose info\n send sms \"t\" }\n";
static const char talk_rule[] =
        "rule r { when order.paid\n purpose info\n send alimtalk \"t\" }\n";
static const char talk_rule_reserved[] =
        "rule r { when reservation.made\n purpose info\n send alimtalk \"t\" }\n";
static const char plain_rule_other[] =
        "rule r { when order.paid\n purpose info\n send sms \"other\" }\n";
static const char plain_rule[] =
        "rule r { when birthday at 10:00\n send sms \"t\" else email \"t\" }\n";

static struct program *compile(const char *rules, struct diag *diag)
{
	static const char *const channels[] = {
	        "sms", "email", "alimtalk", "brandmessage", "push", "owner", NULL};
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .law_korea = true,
	        .zone = seoul,
	        .today = calendar_day(2026, 11, 23)};
	static struct program_file file;
	struct program *program;

	file = (struct program_file){
	        .name = "rules/t.rule", .text = rules, .len = strlen(rules)};
	program = program_compile(&file, 1, &world, diag);
	for (size_t i = 0; i < diag->n && !program; i++)
		print_message("%d:%d %s\n", diag->items[i].at.line,
		        diag->items[i].at.column, diag->items[i].message);
	assert_non_null(program);
	return program;
}

struct shelf {
	struct templates *templates;
	struct program *program;
	struct diag diag;
	bool linked;
};

static void open_shelf(
        struct shelf *s, const char *name, const char *text, const char *rules)
{
	memset(s, 0, sizeof(*s));
	diag_init(&s->diag);
	empty_folder();
	put(name, text);
	s->templates = templates_read(folder, &s->diag);
	s->program = compile(rules, &s->diag);
	s->linked = s->templates && templates_link(s->templates, s->program, &s->diag);
}

static void close_shelf(struct shelf *s)
{
	program_free(s->program);
	templates_free(s->templates);
	diag_fini(&s->diag);
}

/* ---- filling in ---- */

struct filled {
	const char *file, *text; /* the template */
	const char *body;
};

static const struct customer someone = {.id = 7,
        .ref = "C7",
        .name = "김하늘",
        .phone = "+821012345678",
        .email = "h@example.com",
        .city = "서울",
        .grade = "VIP",
        .birth_year = 1990,
        .birth_md = 505,
        .attributes = "{\"points\":12500,\"메모\":\"<b>\",\"visits\":\"2026-01-02\"}",
        .orders_count = 3,
        .orders_total = 30000,
        .orders_last_at = INT64_C(1795395600000),
        .cart_count = 1,
        .cart_total = 20000};
static const struct event paid = {.type = "order.paid",
        .source = "api",
        .eid = "e1",
        .has_total = true,
        .total = 23500,
        .data = "{\"order\":\"A-1\",\"items\":[{\"sku\":\"B\",\"name\":\"예가<체프\","
                "\"quantity\":2,\"price\":18000},"
                "{\"name\":\"컵\",\"quantity\":1}]}"};
static const struct shop_text shop = {
        .name = "단골&커피", .phone = "02-123-4567", .address = "서울", .language = "ko"};

static bool fill(const struct shelf *s, const struct template *t, struct arena *arena,
        struct rendered *out, char why[256])
{
	struct moment moment = {
	        .zone = seoul, .now = INT64_C(1795395600000), .event = &paid};
	struct rendering in = {.moment = &moment,
	        .customer = &someone,
	        .shop = &shop,
	        .coupon_code = "BD-7K2M",
	        .coupon_discount = "10%",
	        .coupon_expires = INT64_C(1798037999999),
	        .coupon_minimum = 20000,
	        .unsubscribe = "https://m.example.com/u/x?a=1&b=2"};
	bool good;

	(void)s;
	in.data = json_pack("{s:s,s:[{s:s},{s:s}],s:s}", "table", "창가", "rows", "name",
	        "하나", "name", "둘", "evil", "a\r\nBcc: x@example.com");
	good = template_render(t, &in, arena, out, why);
	json_decref(in.data);
	return good;
}

static void fills_in(void **state)
{
	static const struct filled cases[] = {
	        {"t.sms", "#{customer.name} #{이름} #{고객.이름} #{고객.name}",
	                "김하늘 김하늘 김하늘 김하늘"},
	        {"t.sms", "#{지역}/#{등급}/#{고객.나이}", "서울/VIP/36"},
	        {"t.sms", "#{coupon.code} #{쿠폰.코드} #{쿠폰.할인}",
	                "BD-7K2M BD-7K2M 10%"},
	        {"t.sms",
	                "#{coupon.minimum|won} #{coupon.minimum} "
	                "#{coupon.minimum|number}",
	                "20,000원 20000 20,000"},
	        {"t.sms", "#{쿠폰.만료|date} #{coupon.expires}",
	                "2026년 12월 23일 2026년 12월 23일"},
	        {"t.en.sms", "#{coupon.expires|date} #{coupon.expires|time}",
	                "2026-12-23 2026-12-23 23:59"},
	        {"t.sms", "#{orders.last|time}", "2026년 11월 23일 10:00"},
	        {"t.sms", "#{event.total|won} #{event.order} #{이벤트.금액}",
	                "23,500원 A-1 23500"},
	        {"t.sms", "#{customer.points|number} #{customer.visits} #{고객.메모}",
	                "12,500 2026년 1월 2일 <b>"},
	        {"t.sms",
	                "#{customer.gender}|#{customer.gender|default "
	                "\"없음\"}|#{customer.gender|upper}",
	                "|없음|"},
	        {"t.sms",
	                "#{이름|default \"고객\"|mask} #{customer.phone|mask} "
	                "#{customer.email|mask|upper}",
	                "김*늘 010****5678 H***@EXAMPLE.COM"},
	        {"t.sms", "#{shop.name} #{가게.전화} #{가게.주소}",
	                "단골&커피 02-123-4567 서울"},
	        {"t.sms",
	                "#{주문.횟수} #{orders.average|won} #{cart.total} "
	                "#{customer.birthday|date}",
	                "3 10,000원 20000 1990년 5월 5일"},
	        {"t.sms", "#{data.table} #{event.table}", NULL},
	        {"t.sms", "#{data.table} #{data.missing}!", "창가 !"},
	        {"t.sms", "#{for row in data.rows}[#{row.name}]#{end}", "[하나][둘]"},
	        {"t.sms",
	                "#{for item in event.items}#{item.name} #{item.quantity}개 "
	                "#{item.price|won};#{end}",
	                "예가<체프 2개 18,000원;컵 1개 ;"},
	        {"t.sms",
	                "주문\n#{for 상품 in 이벤트.상품들}\n- #{상품.이름}\n#{end}\n끝",
	                "주문\n- 예가<체프\n- 컵\n끝"},
	        {"t.sms", "#{for item in event.items}\n- #{item.name}\n#{end}\n",
	                "- 예가<체프\n- 컵"},
	        {"t.sms", "#{link \"https://a.example/?x=1\"}", "https://a.example/?x=1"},
	        {"t.sms", "#{unsubscribe}", "https://m.example.com/u/x?a=1&b=2"},
	        {"t.sms", "\xef\xbb\xbfline\r\nnext\r\n", "line\nnext"},
	        {"t.sms", "a\n\n", "a\n"},
	        {"t.sms", "Note: this is text\n\nbody", "Note: this is text\n\nbody"},
	        {"t.sms", "{no} # {x} #\n", "{no} # {x} #"},
	        {"t.email",
	                "Subject: s\n\n<p>#{shop.name} #{고객.메모} #{unsubscribe}</p>",
	                "<p>단골&amp;커피 &lt;b&gt; "
	                "https://m.example.com/u/x?a=1&amp;b=2</p>"},
	        {"t.email", "Subject: s\n\n#{shop.name} 님", "단골&커피 님"},
	        {"t.email", "Subject: s\n\n#{for i in event.items}<br>#{i.name}#{end}",
	                "<br>예가&lt;체프<br>컵"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shelf s;
		struct arena *arena = arena_new();
		struct rendered out = {0};
		char why[256] = "";

		open_shelf(&s, cases[i].file, cases[i].text, no_rules);
		if (!cases[i].body) {
			assert_false(s.linked);
		} else {
			if (!s.linked)
				fail_msg(
				        "%s: %s", cases[i].text, s.diag.items[0].message);
			if (!fill(&s, &s.templates->items[0], arena, &out, why) ||
			        strcmp(out.body, cases[i].body))
				fail_msg("%s\n  got: %s %s\n", cases[i].text,
				        out.body ? out.body : "-", why);
		}
		close_shelf(&s);
		arena_free(arena);
	}
}

static void asks_conditions(void **state)
{
	static const struct filled cases[] = {
	        {"t.sms", "#{if event.total >= 20_000원}많이#{else}적게#{end}", "많이"},
	        {"t.sms", "#{if event.total > 30_000원}많이#{else}적게#{end}", "적게"},
	        {"t.sms", "#{만약 event.total > 30_000원}많이#{끝}.", "."},
	        {"t.sms",
	                "a\n#{if event.total >= 20_000원}\nb\n  #{if event.total >= "
	                "20_000원}\nc\n  #{end}\n#{end}\nd",
	                "a\nb\nc\nd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shelf s;
		struct arena *arena = arena_new();
		struct moment moment = {
		        .zone = seoul, .now = INT64_C(1795395600000), .event = &paid};
		struct rendering in = {.moment = &moment, .shop = &shop};
		struct rendered out = {0};
		char why[256] = "", path[128];

		open_shelf(&s, cases[i].file, cases[i].text, no_rules);
		if (!s.linked)
			fail_msg("%s: %s", cases[i].text, s.diag.items[0].message);
		snprintf(path, sizeof(path), "%s/store.db", folder);
		assert_int_equal(
		        db_open(&moment.db, path, false, (char[512]){0}), DB_OPENED);
		assert_true(
		        template_render(&s.templates->items[0], &in, arena, &out, why));
		assert_string_equal(out.body, cases[i].body);
		close_shelf(&s);
		db_close(moment.db);
		arena_free(arena);
	}
}

static void reads_heads(void **state)
{
	struct shelf s;
	struct arena *arena = arena_new();
	struct rendered out = {0};
	const struct template *t;
	char why[256];

	(void)state;
	open_shelf(&s, "t.email",
	        "subject:  #{이름}님  \nReply-To: hi@example.com\nPurpose: 정보\nText: "
	        "#{이름}\n\n<p>x</p>\n",
	        no_rules);
	assert_true(s.linked);
	t = &s.templates->items[0];
	assert_string_equal(t->name, "t");
	assert_string_equal(t->channel, "email");
	assert_null(t->language);
	assert_string_equal(t->purpose, "info");
	assert_true(t->html);
	assert_true(fill(&s, t, arena, &out, why));
	assert_string_equal(out.subject, "김하늘님");
	assert_string_equal(out.reply_to, "hi@example.com");
	assert_null(out.from);
	assert_string_equal(out.text, "김하늘");
	assert_string_equal(out.body, "<p>x</p>");
	close_shelf(&s);
	arena_free(arena);
}

static void refuses_header_breaks(void **state)
{
	static const char *const heads[] = {"Subject: #{data.evil}\n\nx",
	        "Subject: s\nFrom: #{data.evil}\n\nx",
	        "Subject: s\nReply-To: #{data.evil}\n\nx"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct shelf s;
		struct arena *arena = arena_new();
		struct rendered out = {0};
		char why[256] = "";

		open_shelf(&s, "t.email", heads[i], no_rules);
		assert_true(s.linked);
		assert_false(fill(&s, &s.templates->items[0], arena, &out, why));
		assert_non_null(strstr(why, "line break"));
		assert_null(strstr(why, "Bcc"));
		close_shelf(&s);
		arena_free(arena);
	}
}

/* ---- mistakes ---- */

static void tells_mistakes(void **state)
{
	static const struct {
		const char *file, *text, *rules;
		int line, column, width;
		const char *message, *hint;
	} cases[] = {
	        {"t.alimtalk", "Button: 가게 https://a.kr\n\nx", no_rules, 1, 9, 15,
	                "a button reads", NULL},
	        {"t.alimtalk", "Button: 가게 | a.kr\n\nx", no_rules, 1, 9, 9,
	                "a button reads", NULL},
	        {"t.alimtalk", "Button: 열다섯 글자가 넘는 버튼 이름 | https://a.kr\n\nx",
	                no_rules, 1, 9, 16, "at most 14 letters", NULL},
	        {"t.alimtalk", "Button: #{이름} | https://a.kr\n\nx", no_rules, 1, 9, 5,
	                "nothing is filled", NULL},
	        {"t.alimtalk", "Button: a | https://a.kr/#{nam}\n\nx", no_rules, 1, 28, 3,
	                "unknown variable", NULL},
	        {"t.brandmessage", "Coupon: 반값 | 설명 | https://a.kr\n\nx", no_rules, 1,
	                9, 2, "five titles", "배송비"},
	        {"t.brandmessage", "Coupon: 10% 할인 쿠폰 | 설명\n\nx", no_rules, 1, 9,
	                14, "a coupon reads", NULL},
	        {"t.brandmessage",
	                "Coupon: 10% 할인 쿠폰 | 열두 글자가 넘는 설명입니다 | "
	                "https://a.kr\n\nx",
	                no_rules, 1, 21, 15, "at most 12", NULL},
	        {"t.alimtalk", "Coupon: 10% 할인 쿠폰 | 설명 | https://a.kr\n\nx",
	                no_rules, 1, 1, 1, "only a brandmessage", NULL},
	        {"t.sms", "a\n님 #{custmer.name}", no_rules, 2, 5, 12,
	                "unknown variable 'custmer.name'", "customer.name"},
	        {"t.sms", "#{customer.point}", no_rules, 1, 3, 14, "unknown variable",
	                "customer.points"},
	        {"t.sms", "#{event.totl}", no_rules, 1, 3, 10, "unknown variable",
	                "total"},
	        {"t.sms", "#{nothing}", no_rules, 1, 3, 7, "unknown variable 'nothing'",
	                NULL},
	        {"t.sms", "#{nothing} #{if event.totl > 3}x#{end}", no_rules, 1, 3, 7,
	                "unknown variable 'nothing'", NULL}, /* and no more of it */
	        {"t.sms", "#{이름|wonn}", no_rules, 1, 6, 4, "unknown filter 'wonn'",
	                "'won'"},
	        {"t.sms", "#{이름|won}", no_rules, 1, 3, 6, "is no number", NULL},
	        {"t.sms", "#{orders.count|date}", no_rules, 1, 3, 17, "is no date", NULL},
	        {"t.sms", "#{이름|default 고객}", no_rules, 1, 14, 2, "straight quotes",
	                NULL},
	        {"t.sms", "#{이름 고객}", no_rules, 1, 6, 2, "may follow a value", NULL},
	        {"t.sms", "#{}", no_rules, 1, 3, 1, "the name of a value",
	                "customer.name"},
	        {"t.sms", "#{customer..name}", no_rules, 1, 3, 14, "the name of a value",
	                NULL},
	        {"t.sms", "a #{이름\n}", no_rules, 1, 3, 2, "no } on its line", NULL},
	        {"t.sms", "#{if orders.count > 1}a", no_rules, 1, 3, 19, "no #{end}",
	                NULL},
	        {"t.sms", "#{if }a#{end}", no_rules, 1, 3, 3, "needs a condition", NULL},
	        {"t.sms", "a\n#{end}", no_rules, 2, 3, 3, "no open #{if}", NULL},
	        {"t.sms", "#{else}", no_rules, 1, 3, 4, "no open #{if}", NULL},
	        {"t.sms", "#{for x in event.items}#{else}#{end}", no_rules, 1, 3, 20,
	                "has no #{else}", NULL},
	        {"t.sms", "#{for event.items}#{end}", no_rules, 1, 3, 15, "a loop reads",
	                NULL},
	        {"t.sms", "#{for x in customer.name}#{end}", no_rules, 1, 12, 13,
	                "is no list", "event.items"},
	        {"t.sms", "#{for x in event.items}#{x.nam}#{end}", no_rules, 1, 26, 5,
	                "unknown variable 'x.nam'", "'name'"},
	        {"t.sms", "#{recommend 3}", no_rules, 1, 3, 11,
	                "reserved for a later version", NULL},
	        {"t.sms", "#{for p in recommend 3}#{end}", no_rules, 1, 12, 9,
	                "reserved for a later version", NULL},
	        {"t.sms", "#{link \"a.example\"}", no_rules, 1, 8, 11, "https://", NULL},
	        {"t.sms", "", no_rules, 1, 1, 1, "no text", NULL},
	        {"t.email", "<p>x</p>", no_rules, 1, 1, 1, "needs a subject", NULL},
	        {"t.email", "Subject: s\nSubjct: x\n\nx", no_rules, 2, 1, 6,
	                "unknown head key 'Subjct'", "'Subject'"},
	        {"t.email", "Subject: s\n<p>x</p>\n", no_rules, 2, 1, 8, "'Key: value'",
	                "empty line"},
	        {"t.email", "Subject: s\nSubject: t\n\nx", no_rules, 2, 1, 7,
	                "stands twice", NULL},
	        {"t.email", "Subject:\n\nx", no_rules, 1, 1, 7, "has no value", NULL},
	        {"t.sms", "Purpose: maybe\n\nx", no_rules, 1, 10, 5, "'ad' or 'info'",
	                NULL},
	        {"t.sms", "\xb0\xa1\xb0\xa1", no_rules, 1, 1, 1, "not UTF-8", "CP949"},
	        {"t.sms", "(광고) 세일", ad_rule, 1, 1, 4, "'(광고)'", "take it out"},
	        {"t.sms", "a\n[광고] 세일", ad_rule, 2, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "( 광 고 ) 세일", ad_rule, 1, 1, 7, "'(광고)'", NULL},
	        {"t.sms", "세일 무료 수신거부 080-1", ad_rule, 1, 4, 7, "'무료수신거부'",
	                NULL},
	        {"t.sms", "무료거부 0801234567", ad_rule, 1, 1, 4, "'무료수신거부'",
	                NULL},
	        {"t.email", "Subject: (광고) s\n\nx", ad_rule, 1, 10, 4, "'(광고)'",
	                NULL},
	        {"t.sms", "(광고) 무료수신거부", info_rule, 1, 1, 4, "'(광고)' promotes",
	                "Not-Ad"},
	        {"t.sms", "(광/고) a", ad_rule, 1, 1, 5, "'(광고)'", NULL},
	        {"t.sms", "(\"광고\") a", ad_rule, 1, 1, 6, "'(광고)'", NULL},
	        {"t.sms", "<광고> a", ad_rule, 1, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "【광고】 a", ad_rule, 1, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "（광고） a", ad_rule, 1, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "(광\u200b고) a", ad_rule, 1, 1, 5, "'(광고)'", NULL},
	        {"t.sms", "(광　고) a", ad_rule, 1, 1, 5, "'(광고)'", NULL},
	        {"t.sms", "(廣告) a", ad_rule, 1, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "a\n (대출광고) a", ad_rule, 2, 2, 6, "'(광고)'", NULL},
	        {"t.sms", "[AD] a", ad_rule, 1, 1, 4, "'(광고)'", NULL},
	        {"t.sms", "a (ＡＤ) a", ad_rule, 1, 3, 4, "'(광고)'", NULL},
	        {"t.sms", "광고) a", ad_rule, 1, 1, 3, "'(광고)'", NULL},
	        {"t.sms", "#{if friend}(광고) a#{end}", ad_rule, 1, 13, 4, "'(광고)'",
	                NULL},
	        {"t.sms", "#{이름|default \"(광고)\"} a", ad_rule, 1, 15, 4, "'(광고)'",
	                NULL},
	        {"t.sms", "a 수신거부 080-123-4567", ad_rule, 1, 3, 8, "'무료수신거부'",
	                NULL},
	        {"t.sms", "a\n080-123-4567\n", ad_rule, 2, 1, 12, "a free number", NULL},
	        {"t.sms", "a\n☎0801234567", ad_rule, 2, 2, 10, "a free number", NULL},
	        {"t.email", "Subject: s\n\n<p>(<b>광고</b>) x</p>", ad_rule, 3, 4, 11,
	                "'(광고)'", NULL},
	        {"t.email", "Subject: s\n\n<img alt=\"[광고]\">", ad_rule, 3, 11, 4,
	                "'(광고)'", NULL},
	        {"t.email", "Subject: s\n\n<p>&#40;광고&#41;</p>", ad_rule, 3, 4, 8,
	                "'(광고)'", NULL},
	        {"t.email", "Subject: s\nText: (광고) x\n\n<p>x</p>", ad_rule, 2, 7, 4,
	                "'(광고)'", NULL},
	        {"t.email", "Subject: s\n\nx\nUnsubscribe: https://a.example/", ad_rule,
	                4, 1, 11, "the link to refuse", "#{unsubscribe}"},
	        {"t.email", "Subject: s\n\nx\n무료수신거부 #{수신거부}", ad_rule, 4, 1, 6,
	                "the link to refuse", NULL},
	        {"t.sms", "주문 접수. 지금 20% 할인!", info_rule, 1, 15, 2,
	                "\"지금 20% 할인!\"", "Not-Ad"},
	        {"t.sms", "Purpose: info\n\n들러 주세요", plain_rule_other, 3, 1, 4,
	                "promotes", NULL},
	        {"t.sms", "Not-Ad: short\n\nx", info_rule, 1, 9, 5, "at the least", NULL},
	        {"t.alimtalk", "Purpose: ad\n\nx", info_rule, 1, 10, 2, "alimtalk", NULL},
	        {"t.alimtalk", "포인트 500점이 지급되었습니다", talk_rule, 1, 11, 3,
	                "the ground", "유료 구매로"},
	        {"t.alimtalk", "구매로 포인트 500점이 지급되었습니다", talk_rule_reserved,
	                1, 15, 3, "starts by something else", NULL},
	        {"t.sms", "Purpose: ad\n\n(광고) x", info_rule, 3, 1, 4, "'(광고)'",
	                NULL},
	        {"t.sms", "#{event.total}", plain_rule, 1, 3, 11,
	                "no event starts that rule", NULL},
	        {"t.sms", "#{for x in event.items}#{end}", plain_rule, 1, 3, 20,
	                "no event starts that rule", NULL},
	        {"t.sms", "#{coupon.code}", plain_rule, 1, 3, 11, "gives no coupon",
	                "give coupon"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shelf s;
		const struct diag_item *item;

		open_shelf(&s, cases[i].file, cases[i].text, cases[i].rules);
		item = s.diag.n ? &s.diag.items[0] : NULL;
		if (s.linked || !item || !strstr(item->message, cases[i].message) ||
		        item->at.line != cases[i].line ||
		        item->at.column != cases[i].column ||
		        item->at.width != cases[i].width ||
		        (cases[i].hint &&
		                (!item->hint || !strstr(item->hint, cases[i].hint))))
			fail_msg("%zu %s: %d:%d+%d %s (%s)", i, cases[i].text,
			        item ? item->at.line : 0, item ? item->at.column : 0,
			        item ? item->at.width : 0,
			        item ? item->message : "nothing",
			        item && item->hint ? item->hint : "-");
		close_shelf(&s);
	}
}

static void allows(void **state)
{
	static const struct {
		const char *file, *text, *rules;
	} cases[] = {
	        {"t.sms", "무료수신거부가 처리되었습니다", info_rule},
	        {"t.push", "(광고) x", ad_rule},
	        {"t.sms", "신문 광고(사진) 보셨나요? (네이버 광고 보고 오신 분)",
	                ad_rule},
	        {"t.sms", "문의 080-123-4567", ad_rule},
	        {"t.sms", "080-123-4567로 전화 주세요", ad_rule},
	        {"t.email", "Subject: s\n\n<a href=\"#{수신거부}\">수신거부</a>",
	                ad_rule},
	        {"t.sms",
	                "Not-Ad: 고객이 물으신 것에 답한 글\n\n할인이 되는지 답해 "
	                "드립니다",
	                info_rule},
	        {"t.sms", "광고아님: 고객이 물으신 것에 답한 글\n\n지금 할인합니다",
	                info_rule},
	        {"t.sms", "할인금액 3,000원, #{event.total|won} 결제되었습니다",
	                info_rule},
	        {"t.alimtalk", "이번 구매로 포인트 500점이 지급되었습니다", talk_rule},
	        {"t.sms", "Purpose: info\n\n오세요", plain_rule},
	        {"t.sms", "광고 아님, 무료 커피, 거부 (광고판)", ad_rule},
	        {"t.sms",
	                "#{event.total|won} #{coupon.code} #{for x in "
	                "event.items}#{x.name}#{end}",
	                ad_rule},
	        {"other.sms", "(광고) #{coupon.code}", plain_rule},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct shelf s;

		open_shelf(&s, cases[i].file, cases[i].text, cases[i].rules);
		if (!s.linked)
			fail_msg("%s: %s", cases[i].text, s.diag.items[0].message);
		close_shelf(&s);
	}
}

/* On every way to the message, on some, on none. */
static void coupon_before_its_message(void **state)
{
	static const struct {
		const char *steps;
		bool linked;
		size_t warnings;
	} cases[] = {
	        {"give coupon c\n send sms \"t\"", true, 0},
	        {"send sms \"t\"\n give coupon c", false, 0},
	        {"if friend { give coupon c }\n send sms \"t\"", true, 1},
	        {"if friend { give coupon c } else { give coupon d }\n send sms \"t\"",
	                true, 0},
	        {"if friend { give coupon c } else { stop }\n send sms \"t\"", true, 0},
	        {"if friend { give coupon c } else { send sms \"t\" }", false, 0},
	        {"stop if friend\n give coupon c\n send sms \"t\"", true, 0},
	        {"split { 50% \"A\" { give coupon c } 50% \"B\" { send email \"t\" } }\n "
	         "send sms \"t\"",
	                true, 1},
	        {"wait for visit up to 3 days { give coupon c } else { give coupon d }\n "
	         "send sms \"t\"",
	                true, 0},
	        {"give coupon c\n wait 3 days\n send sms \"t\"", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf rules = {0};
		struct shelf s;

		buf_printf(&rules,
		        "coupon c { discount 10%% }\ncoupon d { discount 20%% }\n"
		        "rule r { when order.paid\n %s }\n",
		        cases[i].steps);
		open_shelf(&s, "t.sms", "#{coupon.code}", rules.data);
		if (s.linked != cases[i].linked ||
		        s.diag.n - s.diag.errors != cases[i].warnings)
			fail_msg("%s: %s", cases[i].steps,
			        s.diag.n ? s.diag.items[0].message : "nothing");
		close_shelf(&s);
		buf_free(&rules);
	}
}

/* ---- files ---- */

static void finds_by_language(void **state)
{
	static const struct {
		const char *name, *channel, *language;
		const char *file;
	} cases[] = {
	        {"birthday", "sms", NULL, "birthday.sms"},
	        {"birthday", "sms", "ko", "birthday.sms"},
	        {"birthday", "sms", "en", "birthday.en.sms"},
	        {"birthday", "sms", "en-US", "birthday.en.sms"},
	        {"birthday", "email", "en", NULL},
	        {"spring.sale", "sms", "en", "spring.sale.sms"},
	        {"x", "sms", NULL, NULL},
	};
	struct templates *templates;
	struct diag diag;
	const char *nearest;

	(void)state;
	diag_init(&diag);
	empty_folder();
	put("birthday.sms", "a");
	put("birthday.en.sms", "b");
	put("spring.sale.sms", "c");
	put("README.md", "#{nothing}");
	put(".birthday.sms.swp", "#{nothing");
	put("birthday.sms~", "#{nothing");
	put("notes.txt", "#{nothing");
	templates = templates_read(folder, &diag);
	assert_non_null(templates);
	assert_int_equal(templates->n, 3);
	assert_int_equal(diag.n, 1);
	assert_non_null(strstr(diag.items[0].at.file, "notes.txt"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct template *t = template_find(
		        templates, cases[i].name, cases[i].channel, cases[i].language);

		assert_int_equal(t != NULL, cases[i].file != NULL);
		if (t)
			assert_string_equal(strrchr(t->file, '/') + 1, cases[i].file);
	}
	assert_true(templates_exist(templates, "birthday", "sms", &nearest));
	assert_false(templates_exist(templates, "birthdya", "sms", &nearest));
	assert_string_equal(nearest, "birthday");
	templates_free(templates);
	diag_fini(&diag);
}

static void missing_folder(void **state)
{
	struct diag diag;

	(void)state;
	diag_init(&diag);
	assert_null(templates_read("/nowhere/templates", &diag));
	assert_int_equal(diag.errors, 1);
	diag_fini(&diag);
}

static void html_to_text(void **state)
{
	static const struct {
		const char *html, *text;
	} cases[] = {
	        {"<p>하나</p><p>둘</p>", "하나\n\n둘"},
	        {"a<br>b<br/>c", "a\nb\nc"},
	        {"  a \n  b ", "a b"},
	        {"<style>p { x: y }</style><b>a</b> &amp; &lt;b&gt; &#44032; &#x41; "
	         "&nbsp;c",
	                "a & <b> 가 A c"},
	        {"<a href=\"https://a.example/?a=1&amp;b=2\">여기</a>로",
	                "여기 (https://a.example/?a=1&b=2)로"},
	        {"<a href='https://a.example/'>https://a.example/</a>",
	                "https://a.example/"},
	        {"<a href=\"https://a.example/\"><img src=\"x\"></a>",
	                "https://a.example/"},
	        {"<ul><li>하나</li><li>둘</li></ul>", "- 하나\n- 둘"},
	        {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
	                "a b\nc"},
	        {"<!-- <p>no</p> -->yes<script>no()</script>", "yes"},
	        {"1 < 2 & 3 > 2", "1 < 2 & 3 > 2"},
	        {"<", "<"},
	        {"<p", "<p"},
	        {"&", "&"},
	        {"&#", "&#"},
	        {"<a href=\"", "<a href=\""},
	        {"", ""},
	        {"<style>", ""},
	        {"<a href=\"https://x\">", ""},
	        {"</a>x", "x"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		        template_html_to_text(arena, cases[i].html), cases[i].text);
	arena_free(arena);
}

/* ---- KakaoTalk ---- */

static void fills_kakao(void **state)
{
	struct shelf s;
	struct arena *arena = arena_new();
	struct rendered out = {0};
	char why[256];

	(void)state;
	open_shelf(&s, "t.brandmessage",
	        "Button: 주문 보기 | https://m.example.com/#{customer.id}\n"
	        "Button: 가게 | https://example.com\n"
	        "Coupon: 3000원 할인 쿠폰 | #{이름}님께 | https://example.com/c\n\n"
	        "#{이름}님, #{등급|default \"손님\"}! #{customer.name} #{이름|mask}",
	        no_rules);
	assert_true(s.linked);
	assert_true(fill(&s, &s.templates->items[0], arena, &out, why));
	assert_int_equal(out.n_buttons, 2);
	assert_string_equal(out.buttons[0].name, "주문 보기");
	assert_string_equal(out.buttons[0].url, "https://m.example.com/C7");
	assert_string_equal(out.coupon[0], "3000원 할인 쿠폰");
	assert_string_equal(out.coupon[1], "김하늘님께");
	assert_string_equal(out.coupon[2], "https://example.com/c");
	assert_int_equal(out.n_variables, 3);
	assert_string_equal(out.variables[0].name, "#{이름}");
	assert_string_equal(out.variables[0].value, "김하늘");
	assert_string_equal(out.variables[1].name, "#{등급}");
	assert_string_equal(out.variables[2].name, "#{customer.name}");
	close_shelf(&s);
	arena_free(arena);
}

static void knows_coupon_titles(void **state)
{
	static const struct {
		const char *title;
		bool good;
	} table[] = {
	        {"3000원 할인 쿠폰", true},
	        {"99999999원 할인 쿠폰", true},
	        {"100000000원 할인 쿠폰", false},
	        {"3,000원 할인 쿠폰", false},
	        {"0원 할인 쿠폰", false},
	        {"100% 할인 쿠폰", true},
	        {"101% 할인 쿠폰", false},
	        {"배송비 할인 쿠폰", true},
	        {"음료 무료 쿠폰", true},
	        {" 무료 쿠폰", false},
	        {"아메리카노커피둘 무료 쿠폰", false},
	        {"큰 것 무료 쿠폰", false},
	        {"등급 UP 쿠폰", true},
	        {"쿠폰", false},
	        {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (template_coupon_title(table[i].title) != table[i].good)
			fail_msg("%s", table[i].title);
}

/* ---- size ---- */

static const char alimtalk_rule[] =
        "rule r { when order.paid\n purpose info\n send alimtalk \"t\" }\n";

/* text is followed by so many of the filler, and what is told begins so. */
static void measures(void **state)
{
	static const struct {
		const char *file, *rules, *text, *filler;
		int fillers;
		bool refused;
		const char *told; /* NULL: nothing */
	} table[] = {
	        {"t.sms", info_rule, "짧은 글", "a", 0, false, NULL},
	        {"t.sms", info_rule, "", "가", 45, false, NULL},
	        {"t.sms", info_rule, "", "가", 46, false, NULL}, /* plainly an LMS */
	        {"t.sms", info_rule, "", "가", 1001, true,
	                "this text has 2002 bytes at the least"},
	        {"t.sms", info_rule, "안녕 😀", "a", 0, true,
	                "a text message cannot carry the character U+1F600"},
	        {"t.sms", info_rule, "가\xcc\x88", "a", 0, true,
	                "a text message cannot carry the character U+0308"},
	        {"t.sms", info_rule, "#{이름}님 ", "a", 77, false, NULL},
	        {"t.sms", info_rule, "#{이름}님 ", "a", 78, false,
	                "this text has 81 bytes and what is filled in, about 91"},
	        /* "(광고)단골커피", the line and "무료수신거부 080-123-4567" */
	        {"t.sms", ad_rule, "#{이름}", "a", 39, false, NULL},
	        {"t.sms", ad_rule, "#{이름}", "a", 40, false,
	                "this text has 81 bytes and what is filled in, about 91"},
	        {"t.sms", ad_rule, "#{이름}", "a", 49, false,
	                "this text has 90 bytes and what is filled in, about 100"},
	        {"t.sms", ad_rule, "#{이름}", "a", 50, false, NULL},
	        {"t.sms", info_rule, "#{if 친구}가나다#{else}😀#{end}", "a", 0, true,
	                "a text message cannot carry the character U+1F600"},
	        {"t.alimtalk", alimtalk_rule, "😀", "가", 999, false, NULL},
	        {"t.alimtalk", alimtalk_rule, "😀", "가", 1000, true,
	                "this text has 1001 characters at the least"},
	        {"t.email", plain_rule, "😀", "가", 3000, false, NULL},
	};
	static const struct world world = {
	        .shop_name = "단골커피", .refuse = "080-123-4567"};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct buf text = {0};
		struct shelf s;

		if (strstr(table[i].file, "alimtalk"))
			buf_adds(&text, "Template-Code: T1\n\n");
		if (strstr(table[i].file, "email"))
			buf_adds(&text, "Subject: s\n\n");
		buf_adds(&text, table[i].text);
		for (int n = 0; n < table[i].fillers; n++)
			buf_adds(&text, table[i].filler);
		open_shelf(&s, table[i].file, text.data, table[i].rules);
		assert_true(s.linked);
		s.diag.n = 0;
		assert_int_equal(!templates_measure(s.templates, &world, &s.diag),
		        table[i].refused);
		if (!table[i].told && s.diag.n)
			fail_msg("%zu: %s", i, s.diag.items[0].message);
		if (table[i].told &&
		        (!s.diag.n || strncmp(s.diag.items[0].message, table[i].told,
		                              strlen(table[i].told))))
			fail_msg("%zu: %s", i, s.diag.n ? s.diag.items[0].message : "-");
		close_shelf(&s);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(fills_in),
	        cmocka_unit_test(asks_conditions),
	        cmocka_unit_test(reads_heads),
	        cmocka_unit_test(refuses_header_breaks),
	        cmocka_unit_test(tells_mistakes),
	        cmocka_unit_test(allows),
	        cmocka_unit_test(coupon_before_its_message),
	        cmocka_unit_test(finds_by_language),
	        cmocka_unit_test(missing_folder),
	        cmocka_unit_test(html_to_text),
	        cmocka_unit_test(fills_kakao),
	        cmocka_unit_test(knows_coupon_titles),
	        cmocka_unit_test(measures),
	};
	char command[192];
	int failed;

	snprintf(folder, sizeof(folder), "/tmp/dangol-template-XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	log_set_korean(false);
	seoul = zone_open("Asia/Seoul");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	zone_close(seoul);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || failed;
}
