/* The lexer, as a table: text in, tokens out, and the mistakes with their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/log.h"
#include "language/lexer.h"

static void describe(struct buf *out, const struct token *t)
{
	static const char *const kinds[] = {"end", "word", "path", "string", "number",
	        "unit", "date", "time", "nth", "cmp", "punct", "comment", "bad"};

	buf_printf(out, "%s%s", out->len ? " " : "", kinds[t->kind]);
	if (t->kind == TOKEN_NUMBER || t->kind == TOKEN_NTH)
		buf_printf(out, ":%" PRId64 "/%d", t->number, t->scale);
	else if (t->kind == TOKEN_STRING)
		buf_printf(out, ":%s", t->string);
	else if (t->kind == TOKEN_TIME)
		buf_printf(out, ":%d", t->ms / 60000);
	else if (t->kind == TOKEN_CMP)
		buf_printf(out, ":%d", (int)t->cmp);
	else if (t->kind == TOKEN_WORD || t->kind == TOKEN_UNIT)
		buf_printf(out, ":%s", t->word ? word_name(t->word) : t->text);
	else if (t->kind == TOKEN_PATH || t->kind == TOKEN_PUNCT)
		buf_printf(out, ":%s", t->text);
}

static char *lex(const char *text, size_t len, struct diag *diag)
{
	struct lexer lexer;
	struct token token;
	struct buf out = {0};

	lexer_init(&lexer, "f", text, len, diag->arena, diag);
	for (;;) {
		lexer_next(&lexer, &token);
		if (token.kind == TOKEN_END)
			return buf_take(&out);
		assert_memory_equal(lexer.text + token.from, token.text, token.len);
		assert_int_equal(token.to - token.from, token.len);
		describe(&out, &token);
	}
}

static void test_tokens(void **state)
{
	static const struct {
		const char *text, *tokens;
	} cases[] = {
	        {"", ""},
	        {"# only a comment\n", ""},
	        {"\xef\xbb\xbfrule x", "word:rule word:x"},
	        {"규칙　x", "word:rule word:x"},
	        {"order.paid 주문.결제", "path:order.paid path:주문.결제"},
	        {"\"a\\\"b\\\\c\\n\"", "string:a\"b\\c\n"},
	        {"20_000 1,234,567 2.50 0660",
	                "number:20000/0 number:1234567/0 number:250/2 number:660/0"},
	        {"(20, 30)", "punct:( number:20/0 punct:, number:30/0 punct:)"},
	        {"10%", "number:10/0 unit:%"},
	        {"10만원 초과", "number:10/0 unit:만 unit:won unit:초과"},
	        {"3회 이상 5회 이하",
	                "number:3/0 unit:회 unit:이상 number:5/0 unit:회 unit:이하"},
	        {"90일 후 11:00", "number:90/0 unit:days unit:after time:660"},
	        {"90일후 x", "number:90/0 unit:days unit:after word:x"},
	        {"180일에 1번", "number:180/0 unit:days unit:에 number:1/0 unit:회"},
	        {"1주일 2개월 3달", "number:1/0 unit:weeks number:2/0 unit:months "
	                            "number:3/0 unit:months"},
	        {"1시간 30분", "number:1/0 unit:hours number:30/0 unit:minutes"},
	        {"1시간30분", "number:1/0 unit:hours number:30/0 unit:minutes"},
	        {"3일 전화 있음", "number:3/0 unit:days word:phone word:있음"},
	        {"7 days before birthday",
	                "number:7/0 unit:days unit:before word:birthday"},
	        {"3\ndays", "number:3/0 word:days"},
	        {"50 per second", "number:50/0 word:per word:second"},
	        {"오전 10시 30분 오후 1시 23시 12시간",
	                "time:630 time:780 time:1380 number:12/0 unit:hours"},
	        {"9:05 2026-11-23", "time:545 date"},
	        {"10th 2nd 10번째마다", "nth:10/0 nth:2/0 nth:10/0"},
	        {"= != < <= > >=", "cmp:0 cmp:1 cmp:2 cmp:3 cmp:4 cmp:5"},
	        {"in last 7 days", "word:in last number:7/0 unit:days"},
	        {"in lastly", "word:in word:lastly"},
	        {"left in cart 장바구니 남음 any item 상품 중 이번 달 한 번만",
	                "word:left in cart word:left in cart word:any item word:any item "
	                "word:this month word:once"},
	        {"next order.paid next order",
	                "word:next path:order.paid word:next order"},
	        {"mode 0660 group \"g\"", "word:mode number:660/0 word:group string:g"},
	        {"20:00 to 08:00", "time:1200 word:to time:480"},
	        {"9원 lms 30원", "number:9/0 unit:won word:lms number:30/0 unit:won"},
	};

	(void)state;
	log_set_korean(false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct diag diag;
		char *found;
		diag_init(&diag);
		found = lex(cases[i].text, strlen(cases[i].text), &diag);
		assert_string_equal(found, cases[i].tokens);
		assert_int_equal(diag.n, 0);
		free(found);
		diag_fini(&diag);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text;
		int line, column, width;
		const char *says;
	} cases[] = {
	        {"a\n  1,00", 2, 3, 4, "after the comma"},
	        {"가나 3x", 1, 5, 1, "starts with a letter"},
	        {"“a”", 1, 1, 1, "quote"},
	        {"\"a", 1, 1, 2, "closing"},
	        {"\"\\q\"", 1, 1, 4, "after \\"},
	        {"2026-02-29", 1, 1, 10, "no such day"},
	        {"24:01", 1, 1, 5, "0:00 to 23:59"},
	        {"오후 13시", 1, 1, 6, "1 to 12"},
	        {"1234567890123456789", 1, 1, 19, "too large"},
	        {"1.1234567", 1, 1, 9, "decimals"},
	        {"a ; b", 1, 3, 1, "means nothing"},
	        {"（", 1, 1, 1, "full-width"},
	        {"x \xb0\xa1", 1, 3, 1, "UTF-8"},
	};

	(void)state;
	log_set_korean(false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct diag diag;
		diag_init(&diag);
		free(lex(cases[i].text, strlen(cases[i].text), &diag));
		assert_int_equal(diag.n, 1);
		assert_int_equal(diag.items[0].at.line, cases[i].line);
		assert_int_equal(diag.items[0].at.column, cases[i].column);
		assert_int_equal(diag.items[0].at.width, cases[i].width);
		assert_non_null(strstr(diag.items[0].message, cases[i].says));
		diag_fini(&diag);
	}
}

/* A decomposed Hangul syllable is the composed one. */
static void test_nfc(void **state)
{
	struct diag diag;
	char *found;

	(void)state;
	diag_init(&diag);
	found = lex("\xe1\x84\x80\xe1\x85\xb2\xe1\x84\x8e\xe1\x85\xb5\xe1\x86\xa8", 15,
	        &diag);
	assert_string_equal(found, "word:rule");
	free(found);
	diag_fini(&diag);
}

static void test_range(void **state)
{
	static const char text[] = "가\n{#{if  orders.count}";
	struct lexer lexer;
	struct token token;
	struct diag diag;

	(void)state;
	diag_init(&diag);
	lexer_init_range(
	        &lexer, "t", text, strlen(text), 9, strlen(text) - 1, diag.arena, &diag);
	lexer_next(&lexer, &token);
	assert_string_equal(token.text, "orders.count");
	assert_int_equal(token.line, 2);
	assert_int_equal(token.column, 8);
	lexer_next(&lexer, &token);
	assert_int_equal(token.kind, TOKEN_END);
	diag_fini(&diag);
}

/* Every spelling of every word is read as that word. */
static void test_words(void **state)
{
	(void)state;
	for (const struct word_row *row = word_rows; row->word; row++)
		for (int i = 0; i < 2; i++) {
			const char *s = i ? row->korean : row->english;
			struct lexer lexer;
			struct token token;
			struct diag diag;
			if (!s || !strcmp(s, "%"))
				continue;
			diag_init(&diag);
			lexer_init(&lexer, "f", s, strlen(s), diag.arena, &diag);
			lexer_next(&lexer, &token);
			assert_int_equal(token.kind, TOKEN_WORD);
			assert_int_equal(token.word, row->word);
			assert_int_equal(diag.n, 0);
			diag_fini(&diag);
		}
}

/* Where they are asked for, comments are tokens, and what is around them stays what it
 * is. */
static void test_comments(void **state)
{
	static const char text[] = "# 첫 줄 \t\r\n3 # days\ndays #\n\"a # b\" #c";
	static const struct {
		enum token_kind kind;
		const char *text;
		int line;
		bool first;
	} wanted[] = {{TOKEN_COMMENT, "# 첫 줄", 1, true}, {TOKEN_NUMBER, "3", 2, true},
	        {TOKEN_COMMENT, "# days", 2, false}, {TOKEN_WORD, "days", 3, true},
	        {TOKEN_COMMENT, "#", 3, false}, {TOKEN_STRING, "\"a # b\"", 4, true},
	        {TOKEN_COMMENT, "#c", 4, false}, {TOKEN_END, "", 4, false}};
	struct lexer lexer;
	struct token token;
	struct diag diag;

	(void)state;
	diag_init(&diag);
	lexer_init(&lexer, "f", text, strlen(text), diag.arena, &diag);
	lexer.comments = true;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		lexer_next(&lexer, &token);
		assert_int_equal(token.kind, wanted[i].kind);
		assert_string_equal(token.text, wanted[i].text);
		assert_int_equal(token.line, wanted[i].line);
		assert_int_equal(token.first, wanted[i].first);
	}
	assert_int_equal(diag.n, 0);
	diag_fini(&diag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_tokens),
	        cmocka_unit_test(test_mistakes),
	        cmocka_unit_test(test_nfc),
	        cmocka_unit_test(test_range),
	        cmocka_unit_test(test_words),
	        cmocka_unit_test(test_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
