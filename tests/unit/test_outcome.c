/* What an outcome tells: nothing that names a person, nothing that a terminal acts on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "delivery/outcome.h"

static void leaves_numbers_out(void **state)
{
	static const struct {
		const char *said, *told;
	} cases[] = {
	        {"01012345678은 없는 번호입니다", "...은 없는 번호입니다"},
	        {"to=010-1234-5678, refused", "to=..., refused"},
	        {"(+82 10-1234-5678)", "(...)"},
	        {"821012345678", "..."},
	        {"two: 01012345678/01087654321", "two: .../..."},
	        {"the template KA01TP221025083117992xkz17KyvNbr is not approved",
	                "the template KA01TP221025083117992xkz17KyvNbr is not approved"},
	        {"not before 2026-11-23 10:02:03", "not before 2026-11-23 10:02:03"},
	        {"the answer is too long (1234567)", "the answer is too long (1234567)"},
	        {"code 5002", "code 5002"},
	        {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome outcome =
		        outcome_make(OUTCOME_REFUSED, NULL, "%s", cases[i].said);
		assert_string_equal(outcome.detail, cases[i].told);
	}
}

static void leaves_controls_out(void **state)
{
	struct outcome outcome =
	        outcome_make(OUTCOME_REFUSED, "1\n2", "%s", "a\033[2Jb\r\nc\xc2\x9bk");

	(void)state;
	assert_string_equal(outcome.detail, "a[2Jbck");
	assert_string_equal(outcome.code, "12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(leaves_numbers_out),
	        cmocka_unit_test(leaves_controls_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
