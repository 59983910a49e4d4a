/* How often strangers may: by an hour, by a day, and never more memory than there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/mem.h"
#include "door/quota.h"
#include "door/tongue.h"

static int taken(struct quota *quota, uint64_t key, int64_t now)
{
	int n = 0;
	while (n < 1000 && quota_take(quota, key, 3, 8, now))
		n++;
	return n;
}

static void test_an_hour_and_a_day(void **state)
{
	struct quota *quota = mem_alloc(sizeof *quota);
	(void)state;
	assert_int_equal(taken(quota, 7, 1), 3);
	assert_int_equal(taken(quota, 8, 1), 3);
	assert_int_equal(taken(quota, 7, MS_HOUR), 0);
	assert_int_equal(taken(quota, 7, MS_HOUR + 1), 3);
	assert_int_equal(taken(quota, 7, 2 * MS_HOUR + 1), 2);
	assert_int_equal(taken(quota, 7, 3 * MS_HOUR + 1), 0);
	assert_int_equal(taken(quota, 7, MS_DAY + 1), 3);
	free(quota);
}

static void test_many_keys(void **state)
{
	struct quota *quota = mem_alloc(sizeof *quota);
	(void)state;
	assert_int_equal(taken(quota, 5, 1), 3);
	for (uint64_t key = 100; key < 100 + 4 * QUOTA_SLOTS; key++)
		assert_true(quota_take(quota, key * 0x9E3779B97F4A7C15, 3, 8, 2));
	free(quota);
}

static void test_tongues(void **state)
{
	static const struct {
		const char *chosen, *customer, *accepted, *shop;
		enum tongue tongue;
	} rows[] = {
	        {NULL, NULL, NULL, NULL, TONGUE_KO},
	        {NULL, NULL, NULL, "en", TONGUE_EN},
	        {NULL, NULL, NULL, "ja", TONGUE_EN},
	        {NULL, NULL, "ko-KR,ko;q=0.9,en-US;q=0.8", "en", TONGUE_KO},
	        {NULL, NULL, "en-US,en;q=0.9,ko;q=0.8", "ko", TONGUE_EN},
	        {NULL, NULL, "fr, en;q=0.2, ko;q=0.3", "en", TONGUE_KO},
	        {NULL, NULL, "fr,de", "ko", TONGUE_KO},
	        {NULL, NULL, "en;q=0,*", "ko", TONGUE_KO},
	        {NULL, NULL, ";;q=,,;q", "ko", TONGUE_KO},
	        {NULL, "ko", "en", "en", TONGUE_KO},
	        {NULL, "zh", "ko", "ko", TONGUE_EN},
	        {"en", "ko", "ko", "ko", TONGUE_EN},
	        {"xx", "ko", "en", "en", TONGUE_KO},
	        {"english", NULL, NULL, "ko", TONGUE_KO},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(tongue_choose(rows[i].chosen, rows[i].customer,
		                         rows[i].accepted, rows[i].shop),
		        rows[i].tongue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_an_hour_and_a_day),
	        cmocka_unit_test(test_many_keys),
	        cmocka_unit_test(test_tongues),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
