/* What a program that fetches an access token may print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "delivery/bearer.h"

static void test_printed(void **state)
{
	static const struct {
		const char *printed;
		const char *token; /* NULL: none */
		int64_t life_ms;
	} rows[] = {
	        {"ya29.a0Af-_~+/b==", "ya29.a0Af-_~+/b==", 0},
	        {"  ya29.a\r\n\n", "ya29.a", 0},
	        {"{\"access_token\":\"t\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
	                "t", 3599000},
	        {"\n {\"access_token\":\"t\"}\n", "t", 0},
	        {"{\"access_token\":\"t\",\"expires_in\":\"3599\"}", "t", 3599000},
	        {"{\"access_token\":\"t\",\"expires_in\":3599.9}", "t", 3599000},
	        {"{\"access_token\":\"t\",\"expires_in\":0}", "t", 0},
	        {"{\"access_token\":\"t\",\"expires_in\":-5}", "t", 0},
	        {"{\"access_token\":\"t\",\"expires_in\":1e300}", "t", BEARER_LIFE_MOST},
	        {"{\"access_token\":\"t\",\"expires_in\":\"nan\"}", "t", 0},
	        {"{\"access_token\":\"t\",\"expires_in\":[]}", "t", 0},
	        {"", NULL, 0},
	        {" \n", NULL, 0},
	        {"two words", NULL, 0},
	        {"one\ntwo", NULL, 0},
	        {"t\x01", NULL, 0},
	        {"토큰", NULL, 0},
	        {"{", NULL, 0},
	        {"{}", NULL, 0},
	        {"{\"error\":\"invalid_grant\"}", NULL, 0},
	        {"{\"access_token\":\"\"}", NULL, 0},
	        {"{\"access_token\":7}", NULL, 0},
	        {"{\"access_token\":\"a b\"}", NULL, 0},
	        {"{\"access_token\":\"a\\u0001auth\"}", NULL, 0},
	        {"{\"access_token\":\"a\",\"access_token\":\"b\"}", NULL, 0},
	        {"{\"access_token\":\"t\"} and more", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bearer bearer = {0};
		bool found =
		        bearer_read(rows[i].printed, strlen(rows[i].printed), &bearer);

		if (found != (rows[i].token != NULL))
			fail_msg("%s: %d", rows[i].printed, found);
		if (found) {
			assert_string_equal(bearer.token, rows[i].token);
			assert_int_equal(bearer.life_ms, rows[i].life_ms);
		}
		bearer_fini(&bearer);
	}
}

static void test_bounds(void **state)
{
	char *long_one = mem_alloc(BEARER_MOST + 2);
	struct bearer bearer = {0};

	(void)state;
	memset(long_one, 'a', BEARER_MOST + 1);
	assert_false(bearer_read(long_one, BEARER_MOST + 1, &bearer));
	assert_true(bearer_read(long_one, BEARER_MOST, &bearer));
	assert_int_equal(strlen(bearer.token), BEARER_MOST);
	bearer_fini(&bearer);
	assert_false(bearer_read("a\0b", 3, &bearer));
	free(long_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_printed),
	        cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
