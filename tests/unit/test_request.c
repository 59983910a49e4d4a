/* How a request's pieces are written: percent-encoding, whatever its length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "delivery/request.h"

static void test_encoding(void **state)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
	        {"", ""},
	        {"AZaz09-._~", "AZaz09-._~"},
	        {"a b&c=d+e/f%", "a%20b%26c%3Dd%2Be%2Ff%25"},
	        {"가\n", "%EA%B0%80%0A"},
	        {"\x7f\xff", "%7F%FF"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = {0};
		request_encode(&out, rows[i].text);
		assert_int_equal(out.len, strlen(rows[i].written));
		assert_string_equal(out.data ? out.data : "", rows[i].written);
		buf_free(&out);
	}
}

/* It writes in runs of bytes: where one ends nothing is lost. */
static void test_long(void **state)
{
	char text[1024];

	(void)state;
	for (size_t plain = 240; plain < 270; plain++) {
		struct buf out = {0};
		memset(text, 'x', plain);
		memset(text + plain, ' ', 300);
		text[plain + 300] = '\0';
		request_encode(&out, text);
		assert_int_equal(out.len, plain + 900);
		assert_int_equal(strspn(out.data, "x"), plain);
		for (size_t i = plain; i < out.len; i += 3)
			assert_memory_equal(out.data + i, "%20", 3);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_encoding),
	        cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
