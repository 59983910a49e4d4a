/* What an owner is shown of a mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/log.h"

static char *printed(const struct diag *diag)
{
	struct buf out = {0};

	diag_print(diag, &out);
	return buf_take(&out);
}

#define AT(f, l, c, w) \
	((struct diag_place){.file = (f), .line = (l), .column = (c), .width = (w)})

/* One mistake in a text, and all that is shown of it. */
static void carets_stand_under_what_they_mean(void **state)
{
	static const struct {
		const char *text;
		int line, column, width;
		const char *hint, *expected;
	} table[] = {
	        {"rule a\n\n\n        if event.totl >= 20_000\n", 4, 12, 10,
	                "did you mean 'event.total'?",
	                "f:4:12: m\n    if event.totl >= 20_000\n       ^^^^^^^^^^ did "
	                "you mean 'event.total'?\n"},
	        {"\tif\tevent", 1, 5, 5, NULL, "f:1:5: m\n    if event\n       ^^^^^\n"},
	        {"만약 주문.총액 이상", 1, 4, 5, "총액?",
	                "f:1:4: m\n    만약 주문.총액 이상\n         ^^^^^^^^^ 총액?\n"},
	        {"\xef\xbb\xbfrule", 1, 1, 4, NULL, "f:1:1: m\n    rule\n    ^^^^\n"},
	        {"rule\r\nnext\r\n", 1, 1, 99, NULL, "f:1:1: m\n    rule\n    ^^^^\n"},
	        {"rule", 1, 5, 1, "more is needed",
	                "f:1:5: m\n    rule\n        ^ more is needed\n"},
	        {"rule", 1, 9, 1, "here", "f:1:9: m\n    here\n"},
	        {"rule\n", 2, 1, 1, NULL, "f:2:1: m\n    \n    ^\n"},
	        {"rule", 7, 1, 1, "here", "f:7:1: m\n    here\n"},
	        {NULL, 3, 2, 1, NULL, "f:3:2: m\n"},
	        {"rule", 0, 0, 0, "here", "f: m\n    here\n"},
	        {"a\x1b[31m\xff z", 1, 8, 1, NULL,
	                "f:1:8: m\n    a�[31m� z\n           ^\n"},
	        {"a\x1b[31m\xff z", 1, 9, 1, NULL,
	                "f:1:9: m\n    a�[31m� z\n            ^\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct diag diag;
		struct diag_item *item;
		char *text;

		diag_init(&diag);
		item = diag_error(&diag,
		        AT("f", table[i].line, table[i].column, table[i].width),
		        table[i].text, "%s", "m");
		assert_non_null(item);
		if (table[i].hint)
			diag_hint(&diag, item, "%s", table[i].hint);
		text = printed(&diag);
		assert_string_equal(text, table[i].expected);
		free(text);
		diag_fini(&diag);
	}
}

static void sorted_and_once_a_line(void **state)
{
	struct diag diag;
	char *text;

	(void)state;
	diag_init(&diag);
	assert_non_null(diag_error(&diag, AT("b", 2, 1, 1), NULL, "b2"));
	assert_non_null(diag_error(&diag, AT("b", 10, 1, 1), NULL, "b10"));
	assert_null(diag_error(&diag, AT("b", 2, 5, 1), NULL, "again"));
	assert_null(diag_warn(&diag, AT("b", 2, 5, 1), NULL, "again"));
	assert_non_null(diag_warn(&diag, AT("a", 9, 1, 1), NULL, "a9"));
	assert_non_null(diag_warn(&diag, AT("b", 3, 1, 1), NULL, "lost"));
	assert_non_null(diag_error(&diag, AT("b", 3, 7, 1), NULL, "b3"));
	diag_hint(&diag, NULL, "nobody");
	assert_int_equal(diag.n, 4);
	assert_int_equal(diag.errors, 3);
	text = printed(&diag);
	assert_string_equal(
	        text, "a:9:1: warning: a9\nb:2:1: b2\nb:3:7: b3\nb:10:1: b10\n");
	free(text);
	diag_fini(&diag);
}

static void a_thousand_and_no_error_lost(void **state)
{
	struct diag diag;
	struct diag_item *first;
	char *text;

	(void)state;
	diag_init(&diag);
	first = diag_warn(&diag, AT("f", 1, 1, 1), NULL, "first");
	for (int line = 2; line <= 2000; line++)
		diag_warn(&diag, AT("f", line, 1, 1), NULL, "w%d", line);
	assert_int_equal(diag.n, 1000);
	assert_string_equal(first->message, "first");
	assert_int_equal(diag.errors, 0);
	assert_non_null(diag_error(&diag, AT("f", 2001, 1, 1), NULL, "e"));
	assert_int_equal(diag.n, 1000);
	assert_int_equal(diag.errors, 1);
	assert_null(diag_error(&diag, AT("f", 2002, 1, 1), NULL, "e"));
	assert_int_equal(diag.more, 1002);
	text = printed(&diag);
	assert_non_null(strstr(text, "and 1002 more"));
	free(text);
	diag_fini(&diag);
}

static void long_lines_are_cut(void **state)
{
	struct diag diag;
	struct buf line = {0};
	char *text;

	(void)state;
	while (line.len < 100000)
		buf_adds(&line, "긴");
	diag_init(&diag);
	diag_hint(
	        &diag, diag_error(&diag, AT("f", 1, 20000, 5), line.data, "far"), "hint");
	diag_error(&diag, AT("g", 1, 3, 50000), line.data, "%s", line.data);
	text = printed(&diag);
	assert_true(strlen(text) < 3000);
	assert_memory_equal(text, "f:1:20000: far\n    hint\ng:1:3: ", 31);
	free(text);
	buf_free(&line);
	diag_fini(&diag);
}

static void as_json(void **state)
{
	struct diag diag;
	json_t *made, *expected;

	(void)state;
	diag_init(&diag);
	diag_error(&diag, AT("나.rule", 2, 3, 1), NULL, "나쁜 \xff 글자\n둘");
	diag_hint(
	        &diag, diag_warn(&diag, AT("가.rule", 1, 1, 1), NULL, "x"), "use %d", 5);
	made = diag_json(&diag);
	expected = json_loads(
	        "[{\"file\":\"가.rule\",\"line\":1,\"column\":1,\"width\":1,"
	        "\"source\":null,\"message\":\"x\",\"hint\":\"use 5\",\"warning\":true},"
	        "{\"file\":\"나.rule\",\"line\":2,\"column\":3,\"width\":1,"
	        "\"source\":null,\"message\":"
	        "\"나쁜 � 글자 둘\",\"hint\":null,"
	        "\"warning\":false}]",
	        0, NULL);
	assert_non_null(expected);
	assert_true(json_equal(made, expected));
	json_decref(made);
	json_decref(expected);
	diag_fini(&diag);
}

static void in_korean(void **state)
{
	struct diag diag;
	char *text;

	(void)state;
	diag_init(&diag);
	log_set_korean(true);
	diag_warn(&diag, AT("f", 1, 1, 1), NULL, TR("odd", "이상합니다"));
	text = printed(&diag);
	assert_string_equal(text, "f:1:1: 주의: 이상합니다\n");
	log_set_korean(false);
	free(text);
	diag_fini(&diag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(carets_stand_under_what_they_mean),
	        cmocka_unit_test(sorted_and_once_a_line),
	        cmocka_unit_test(a_thousand_and_no_error_lost),
	        cmocka_unit_test(long_lines_are_cut),
	        cmocka_unit_test(as_json),
	        cmocka_unit_test(in_korean),
	};

	log_set_korean(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
