/* How often somebody may: alone, by address, with more addresses than there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "door/rate.h"

static void test_bucket(void **state)
{
	(void)state;
	static const struct {
		uint64_t now_ms;
		bool taken;
	} rows[] = {{1000, true}, {1000, true}, {1000, true}, {1000, false},
	        {1099, false}, {1100, true}, {1100, false}, {1050, false}, {1150, false},
	        {1400, true}, {1400, true}, {1400, true}, {1400, false}, {1000000, true},
	        {1000000, true}, {1000000, true}, {1000000, false}};
	const struct rate rate = {10, 3};
	struct bucket bucket = {0};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
		        bucket_full(&bucket, &rate, rows[i].now_ms), !rows[i].taken);
		assert_int_equal(
		        bucket_take(&bucket, &rate, rows[i].now_ms), rows[i].taken);
	}
}

static void test_addresses(void **state)
{
	(void)state;
	static struct rates all;
	rates_init(&all, 1, 1);
	static const struct {
		const char *address;
		bool taken;
	} rows[] = {{"192.0.2.1", true}, {"192.0.2.1", false}, {"192.0.2.2", true},
	        {"::ffff:192.0.2.1", false}, {"2001:db8::1", true},
	        {"2001:db8::ffff:1", false}, {"2001:db8:0:1::1", true}, {"", true},
	        {"", true}, {"unknown", true}, {"unknown", true}, {"192.0.2.1:80", true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(rates_take(&all, rows[i].address, 5), rows[i].taken);
		if (!rows[i].taken)
			assert_true(rates_full(&all, rows[i].address, 5));
	}
	assert_true(rates_take(&all, "192.0.2.1", 1005));
}

/* A hundred thousand addresses push each other out; who used up much is kept longest. */
static void test_more_than_there_is_room(void **state)
{
	(void)state;
	static struct rates all;
	char address[32];
	rates_init(&all, 1, 10);
	for (int i = 0; i < 10; i++)
		assert_true(rates_take(&all, "203.0.113.9", 0));
	for (int i = 0; i < 100000; i++) {
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255,
		        i & 255);
		assert_true(rates_take(&all, address, 0));
	}
	assert_false(rates_take(&all, "203.0.113.9", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bucket),
	        cmocka_unit_test(test_addresses),
	        cmocka_unit_test(test_more_than_there_is_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
