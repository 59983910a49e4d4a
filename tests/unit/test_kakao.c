/* Approved templates against texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "delivery/provider/kakao.h"

static void on_variable(void *arg, const char *name, const char *value)
{
	buf_printf(arg, "%s=%s;", name, value);
}

static void matches(void **state)
{
	static const struct {
		const char *approved, *rendered, *values; /* NULL: they differ */
	} cases[] = {
	        {"고맙습니다", "고맙습니다", ""},
	        {"#{이름}님, 주문 #{번호}", "김하늘님, 주문 A-1",
	                "#{이름}=김하늘;#{번호}=A-1;"},
	        {"#{이름}님\r\n안녕", "김\n안녕", NULL},
	        {"#{이름}님\r\n안녕", "김님\n안녕", "#{이름}=김;"},
	        {"#{가}#{나}", "하나둘", "#{가}=;#{나}=하나둘;"},
	        {"#{가}", "", "#{가}=;"},
	        {"#{가}-#{가}", "나-나", "#{가}=나;"},
	        {"#{가}-#{가}", "나-다", NULL},
	        {"#{가} #{가}", "가 나 가 나", "#{가}=가 나;"},
	        {"님 #{가} 님", "님 a 님 b 님", "#{가}=a 님 b;"},
	        {"#{가}님 #{나}", "김님님 나", "#{가}=김님;#{나}=나;"},
	        {"끝", "끝.", NULL},
	        {"끝.", "끝", NULL},
	        {"#{열린", "#{열린", ""},
	        {"", "", ""},
	        {"", "글", NULL},
	        {"가", "\xe1\x84\x80\xe1\x85\xa1" /* decomposed */, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf values = {0};
		char why[256] = "";
		bool same = kakao_match(
		        cases[i].approved, cases[i].rendered, on_variable, &values, why);

		if (same != (cases[i].values != NULL) || same != !why[0] ||
		        (same && strcmp(values.data ? values.data : "",
		                         cases[i].values) != 0))
			fail_msg("%s / %s: %s (%s)", cases[i].approved, cases[i].rendered,
			        values.data ? values.data : "", why);
		buf_free(&values);
	}
}

static void names_the_place(void **state)
{
	char why[256];

	(void)state;
	assert_false(kakao_match("#{이름}님, 주문이 나갔습니다",
	        "김하늘님, 주문이 갔습니다", NULL, NULL, why));
	assert_non_null(strstr(why, "님, 주문이 나갔습"));
	assert_false(kakao_match("고맙습니다", "고맙습니다!", NULL, NULL, why));
	assert_non_null(strstr(why, "character 6"));
	assert_null(strstr(why, "!"));
}

/* Twenty places in a thousand letters that all look the same: ends, in either way. */
static void is_bounded(void **state)
{
	struct buf approved = {0}, text = {0};
	char why[256];

	(void)state;
	for (int i = 0; i < 20; i++)
		buf_printf(&approved, "#{v%d}가", i);
	buf_adds(&approved, "끝");
	for (int i = 0; i < 1000; i++)
		buf_adds(&text, "가");
	assert_false(kakao_match(approved.data, text.data, NULL, NULL, why));
	buf_free(&approved);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(matches),
	        cmocka_unit_test(names_the_place),
	        cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
