/* UTF-8, carriers' bytes, telephone numbers, birthdays, amounts and likely slips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* ---- UTF-8 ---- */

static void utf8(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		bool valid;
		size_t chars;
	} table[] = {
	        {"", 0, true, 0},
	        {"abc", 3, true, 3},
	        {"단골", 6, true, 2},
	        {"\xf0\x9f\x98\x80", 4, true, 1},
	        {"a\0b", 3, false, 3},
	        {"\xc0\x80", 2, false, 2},
	        {"\xe0\x80\x80", 3, false, 3},
	        {"\xed\xa0\x80", 3, false, 3},
	        {"\xf4\x90\x80\x80", 4, false, 4},
	        {"\xf8\x88\x80\x80\x80", 5, false, 5},
	        {"\xeb\x8b", 2, false, 2},
	        {"\x80", 1, false, 1},
	        {"\xf4\x8f\xbf\xbf", 4, true, 1},
	        {"\xed\x9f\xbf\xee\x80\x80", 6, true, 2},
	        {"\xc2", 1, false, 1},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		char *copy = malloc(table[i].len ? table[i].len : 1);

		memcpy(copy, table[i].s, table[i].len);
		assert_int_equal(text_valid_utf8(copy, table[i].len), table[i].valid);
		assert_int_equal(text_chars(copy, table[i].len), table[i].chars);
		free(copy);
	}
}

static void composed(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = {
	        {"", ""},
	        {"plain", "plain"},
	        {"가나", "가나"},
	        {"\u1112\u1161\u11ab", "한"},
	        {"e\u0301", "é"},
	        {"\u212b", "Å"},
	        {"a\xff", NULL},
	        {"\U0001D160", "\U0001D158\U0001D165\U0001D16E"},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		char *made = text_nfc(table[i].from, strlen(table[i].from));

		if (table[i].to)
			assert_string_equal(made, table[i].to);
		else
			assert_null(made);
		free(made);
	}
}

static void carriers_bytes(void **state)
{
	static const struct {
		const char *s;
		long len;
		uint32_t bad;
	} table[] = {
	        {"", 0, 0},
	        {"안녕", 4, 0},
	        {"(광고)봄맞이 20% 할인", 21, 0},
	        {"안녕하세요. 홍길동님, 주문이 완료되었습니다.", 44, 0},
	        {"똠방각하", 8, 0},
	        {"뷁", 2, 0},
	        {"①€½㎡", 8, 0},
	        {"–", -1, 0x2013},
	        {"좋아요 👍", -1, 0x1f44d},
	        {"a\nb", 3, 0},
	        {"₩5,000", 7, 0},
	        {"￦5,000", 7, 0},
	        {"\u1112\u1161\u11ab", 2, 0},
	        {"e\u0301", -1, 0xe9},
	        {"\xff", -1, 0xfffd},
	        {"가\u200b", -1, 0x200b},
	        {"\u00a0", -1, 0xa0},
	        {"\ue000", -1, 0xe000},
	};
	char line[300] = "";

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		uint32_t bad = 0;
		long len = text_cp949_len(table[i].s, &bad);

		if (len != table[i].len || bad != table[i].bad)
			fail_msg("%s: %ld, U+%04x", table[i].s, len, bad);
		assert_int_equal(text_cp949_len(table[i].s, NULL), table[i].len);
	}
	for (int i = 0; i < 45; i++)
		strcat(line, "가");
	assert_int_equal(text_cp949_len(line, NULL), 90);
	strcat(line, "a");
	assert_int_equal(text_cp949_len(line, NULL), 91);
}

/* ---- telephone numbers ---- */

static void phones(void **state)
{
	static const struct {
		const char *s, *e164;
	} table[] = {
	        {"010-1234-5678", "+821012345678"},
	        {"01012345678", "+821012345678"},
	        {"82-10-1234-5678", "+821012345678"},
	        {"+82 010-1234-5678", "+821012345678"},
	        {"+82 (0)10 1234 5678", "+821012345678"},
	        {"+821012345678", "+821012345678"},
	        {"0082 10 1234 5678", "+821012345678"},
	        {" 010.1234.5678 ", "+821012345678"},
	        {"０１０－１２３４－５６７８", "+821012345678"},
	        {"'010-1234-5678", "+821012345678"},
	        {"010–1234–5678", "+821012345678"},
	        {"(010) 1234/5678", "+821012345678"},
	        {"＋82 10 1234 5678", "+821012345678"},
	        {"1012345678", "+821012345678"},
	        {"011-234-5678", "+82112345678"},
	        {"016-1234-5678", "+821612345678"},
	        {"019-234-5678", "+82192345678"},
	        {"02-123-4567", "+8221234567"},
	        {"02)1234-5678", "+82212345678"},
	        {"031-123-4567", "+82311234567"},
	        {"064-1234-5678", "+826412345678"},
	        {"070-1234-5678", "+827012345678"},
	        {"080-123-4567", "+82801234567"},
	        {"0507-1234-5678", "+8250712345678"},
	        {"0504-123-4567", "+825041234567"},
	        {"1588-1234", "+8215881234"},
	        {"16001234", "+8216001234"},
	        {"1811-1234", "+8218111234"},
	        {"+82 1588-1234", "+8215881234"},
	        {"+1 212 555 0123", "+12125550123"},
	        {"+81-90-1234-5678", "+819012345678"},
	        {"+123456789012345", "+123456789012345"},
	        {"", NULL},
	        {"010", NULL},
	        {"010-****-5678", NULL},
	        {"010-1234-567", NULL},
	        {"010-1234-56789", NULL},
	        {"012-345-6789", NULL},
	        {"112345678", NULL},
	        {"015-1234-5678", NULL},
	        {"034-123-4567", NULL},
	        {"056-123-4567", NULL},
	        {"065-123-4567", NULL},
	        {"060-700-1234", NULL},
	        {"1.01235E+09", NULL},
	        {"1012345678.0", NULL},
	        {"+0 10 1234 5678", NULL},
	        {"+82", NULL},
	        {"++821012345678", NULL},
	        {"010+12345678", NULL},
	        {"+1234567890123456", NULL},
	        {"01588-1234", NULL},
	        {"+82 0 1588 1234", NULL},
	        {"1788-1234", NULL},
	        {"1234567", NULL},
	        {"010-1234-5678 (집)", NULL},
	        {"010-1234-5678,010-1111-2222", NULL},
	        {"12345678901234567890", NULL},
	        {"010-1234-567\xff", NULL},
	        {"없음", NULL},
	        {"+123456", NULL},
	        {"0000000000", NULL},
	        {"00000000000", NULL},
	        {"8201", NULL},
	        {"820", NULL},
	        {"--------", NULL},
	};
	char out[24];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		int got = text_phone(table[i].s, out);

		if (got != (table[i].e164 ? 0 : -1))
			fail_msg("%s: %d", table[i].s, got);
		if (table[i].e164)
			assert_string_equal(out, table[i].e164);
	}
}

static void kinds_of_phones(void **state)
{
	static const struct {
		const char *e164, *national;
		bool mobile, virtual_number;
	} table[] = {
	        {"+821012345678", "01012345678", true, false},
	        {"+82112345678", "0112345678", true, false},
	        {"+821612345678", "01612345678", true, false},
	        {"+8216001234", "16001234", false, false},
	        {"+8215881234", "15881234", false, false},
	        {"+82212345678", "0212345678", false, false},
	        {"+8250712345678", "050712345678", false, true},
	        {"+12125550123", "+12125550123", false, false},
	        {"", "", false, false},
	};
	char out[24], again[24];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		assert_string_equal(
		        text_phone_national(table[i].e164, out), table[i].national);
		assert_int_equal(text_phone_mobile_kr(table[i].e164), table[i].mobile);
		assert_int_equal(
		        text_phone_virtual(table[i].e164), table[i].virtual_number);
		if (*out) {
			assert_int_equal(text_phone(out, again), 0);
			assert_string_equal(again, table[i].e164);
		}
	}
}

static void emails(void **state)
{
	static const struct {
		const char *s, *out;
	} table[] = {
	        {"h@example.com", "h@example.com"},
	        {"  Kim.Ha+1@Example.CO.KR\t", "Kim.Ha+1@example.co.kr"},
	        {"a_b-c@x-y.kr", "a_b-c@x-y.kr"},
	        {"", NULL},
	        {"@example.com", NULL},
	        {"a@", NULL},
	        {"a@localhost", NULL},
	        {"a@b@example.com", NULL},
	        {"a b@example.com", NULL},
	        {".a@example.com", NULL},
	        {"a.@example.com", NULL},
	        {"a..b@example.com", NULL},
	        {"a@-x.com", NULL},
	        {"a@x-.com", NULL},
	        {"a@.com", NULL},
	        {"a@x..com", NULL},
	        {"a@x.com.", NULL},
	        {"a@x.com\nBcc: b@x.com", NULL},
	        {"a@[127.0.0.1]", NULL},
	        {"한@example.com", NULL},
	        {"\"a\"@example.com", NULL},
	        {"a@example.com, b@example.com", NULL},
	        {"<a@example.com>", NULL},
	};
	char out[64], wide[512];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		int got = text_email(table[i].s, out, sizeof(out));

		if (got != (table[i].out ? 0 : -1))
			fail_msg("%s: %d", table[i].s, got);
		if (table[i].out)
			assert_string_equal(out, table[i].out);
	}
	assert_int_equal(text_email("a@b.kr", out, 7), 0);
	assert_int_equal(text_email("a@b.kr", out, 6), -1);
	memset(wide, 'a', sizeof(wide));
	memcpy(wide + 500, "@example.kr", 12);
	assert_int_equal(text_email(wide, out, sizeof(out)), -1);
}

/* ---- birthdays and amounts ---- */

static void birthdays(void **state)
{
	static const struct {
		const char *s;
		bool lunar;
		int year, month_day; /* 0: refused */
		const char *format;
	} table[] = {
	        {"1990-05-05", false, 1990, 505, "1990-05-05"},
	        {"19900505", false, 1990, 505, "1990-05-05"},
	        {"05-05", false, 0, 505, "--05-05"},
	        {"--05-05", false, 0, 505, "--05-05"},
	        {"0000-05-05", false, 0, 505, "--05-05"},
	        {"1990.5.5", false, 1990, 505, "1990-05-05"},
	        {"1990/05/05", false, 1990, 505, "1990-05-05"},
	        {" 1990-12-31 ", false, 1990, 1231, "1990-12-31"},
	        {"1992-02-29", false, 1992, 229, "1992-02-29"},
	        {"02-29", false, 0, 229, "--02-29"},
	        {"1990-02-30", true, 1990, 230, "1990-02-30"},
	        {"02-30", true, 0, 230, "--02-30"},
	        {"5-5", false, 0, 505, "--05-05"},
	        {"00000505", false, 0, 505, "--05-05"},
	        {"1990-02-29", false, 0, 0, NULL},
	        {"1990-02-31", true, 0, 0, NULL},
	        {"1990-13-01", false, 0, 0, NULL},
	        {"1990-00-01", false, 0, 0, NULL},
	        {"1990-01-00", true, 0, 0, NULL},
	        {"", false, 0, 0, NULL},
	        {"900505", false, 0, 0, NULL},
	        {"0505", false, 0, 0, NULL},
	        {"1990-05", false, 0, 0, NULL},
	        {"1990-05/05", false, 0, 0, NULL},
	        {"1990-05-055", false, 0, 0, NULL},
	        {"199005055", false, 0, 0, NULL},
	        {"1990-05-05T00:00", false, 0, 0, NULL},
	        {"--", false, 0, 0, NULL},
	        {"--05", false, 0, 0, NULL},
	        {"05-05-1990", false, 0, 0, NULL},
	        {"1990-", false, 0, 0, NULL},
	        {"-05-05", false, 0, 0, NULL},
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		struct birthday b = {0, 0};
		int got = text_birthday(table[i].s, table[i].lunar, &b);

		if (got != (table[i].month_day ? 0 : -1))
			fail_msg("%s: %d", table[i].s, got);
		assert_int_equal(b.year, table[i].year);
		assert_int_equal(b.month_day, table[i].month_day);
		if (!got)
			assert_string_equal(
			        text_birthday_format(&b, out), table[i].format);
	}
}

static void amounts(void **state)
{
	static const struct {
		const char *s;
		int got;
		int64_t won;
	} table[] = {
	        {"23,500원", 0, 23500},
	        {"₩23500", 0, 23500},
	        {"￦ 23,500", 0, 23500},
	        {"23500.00", 0, 23500},
	        {" 0 ", 0, 0},
	        {"-3,000", 0, -3000},
	        {"₩-3000", 0, -3000},
	        {"-₩3000", 0, -3000},
	        {"\\5,000", 0, 5000},
	        {"KRW 1,234,567", 0, 1234567},
	        {"1234567 원", 0, 1234567},
	        {"999999999999999", 0, INT64_C(999999999999999)},
	        {"2만 3천", -1, 7},
	        {"", -1, 7},
	        {"원", -1, 7},
	        {"23,50", -1, 7},
	        {"2,3500", -1, 7},
	        {",500", -1, 7},
	        {"1,23,456", -1, 7},
	        {"1234,567", -1, 7},
	        {"23500.50", -1, 7},
	        {"23500.", -1, 7},
	        {"1e5", -1, 7},
	        {"1000000000000000", -1, 7},
	        {"23 500", -1, 7},
	        {"--5", -1, 7},
	        {"-", -1, 7},
	        {"$5", -1, 7},
	        {"5,", -1, 7},
	        {"무료", -1, 7},
	        {"-₩-5", -1, 7},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		int64_t won = 7;

		if (text_money(table[i].s, &won) != table[i].got || won != table[i].won)
			fail_msg("%s: %lld", table[i].s, (long long)won);
	}
}

static void numbers(void **state)
{
	static const struct {
		int64_t n;
		const char *s;
	} table[] = {
	        {0, "0"},
	        {999, "999"},
	        {1000, "1,000"},
	        {-1000, "-1,000"},
	        {23500, "23,500"},
	        {1234567, "1,234,567"},
	        {-999, "-999"},
	        {INT64_MAX, "9,223,372,036,854,775,807"},
	        {INT64_MIN, "-9,223,372,036,854,775,808"},
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++)
		assert_string_equal(text_number(table[i].n, out), table[i].s);
}

/* ---- likely slips ---- */

static void nearest(void **state)
{
	static const char *const words[] = {
	        "event.total",
	        "event.sku",
	        "customer.name",
	        "birthday",
	        "order.paid",
	        "생일",
	        "주문.결제",
	        "장바구니.담기",
	        "kakao",
	        "at",
	};
	static const struct {
		const char *word, *found;
	} table[] = {
	        {"event.totl", "event.total"},
	        {"evnet.total", "event.total"},
	        {"Event.Total", "event.total"},
	        {"birhtday", "birthday"},
	        {"birth", "birthday"},
	        {"생닐", "생일"},
	        {"장바구니", "장바구니.담기"},
	        {"주문", "주문.결제"},
	        {"주", NULL},
	        {"kakaotalk", "kakao"},
	        {"bi", NULL},
	        {"zzzzzz", NULL},
	        {"", NULL},
	        {"x", NULL},
	        {"order.piad", "order.paid"},
	        {"고객", NULL},
	        {"ta", "at"},
	        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	         "aaaaaaaaaaaaaaaaaaaaaaaa",
	                NULL},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		const char *found = text_nearest(table[i].word, words, LEN(words));

		if (!found != !table[i].found ||
		        (found && strcmp(found, table[i].found) != 0))
			fail_msg("%s: %s", table[i].word, found ? found : "none");
	}
	assert_null(text_nearest("word", NULL, 0));
}

static void masked(void **state)
{
	static const char *const yes[] = {"010-****-5678", "김*늘", "h***@example.com",
	        "*수", "김*", "***", "김＊늘"};
	static const char *const no[] = {
	        "", "010-1234-5678", "아메리카노 * 2", "*", "김하늘"};

	(void)state;
	for (size_t i = 0; i < LEN(yes); i++)
		if (!text_masked(yes[i]))
			fail_msg("not seen: %s", yes[i]);
	for (size_t i = 0; i < LEN(no); i++)
		if (text_masked(no[i]))
			fail_msg("seen: %s", no[i]);
}

static void trimmed(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = {
	        {"", ""},
	        {"  \t\r\n", ""},
	        {" 김 하늘 ", "김 하늘"},
	        {"　김　하늘　 ", "김　하늘"},
	        {"a", "a"},
	        {"　", ""},
	        {"\u3001", "\u3001"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		strcpy(text, table[i].from);
		assert_ptr_equal(text_trim(text), text);
		assert_string_equal(text, table[i].to);
	}
}

/* The published vectors of 64-bit FNV-1a. */
static void hashes(void **state)
{
	(void)state;
	assert_true(text_hash("", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(text_hash("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(text_hash("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void columns_of(void **state)
{
	static const struct {
		const char *text;
		int columns;
	} table[] = {{"", 0}, {"abc", 3}, {"단골", 4}, {"가a나", 5}, {"e\xcc\x81", 1},
	        {"🚚", 2}, {"Ａ", 2}, {"a\xe2\x80\x8e", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_int_equal(text_columns(table[i].text, strlen(table[i].text)),
		        table[i].columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(columns_of),
	        cmocka_unit_test(utf8),
	        cmocka_unit_test(composed),
	        cmocka_unit_test(carriers_bytes),
	        cmocka_unit_test(phones),
	        cmocka_unit_test(kinds_of_phones),
	        cmocka_unit_test(emails),
	        cmocka_unit_test(birthdays),
	        cmocka_unit_test(amounts),
	        cmocka_unit_test(numbers),
	        cmocka_unit_test(nearest),
	        cmocka_unit_test(masked),
	        cmocka_unit_test(trimmed),
	        cmocka_unit_test(hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
