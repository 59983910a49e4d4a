/* The clock in its three modes, and what --clock takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/clock.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The order of the tests matters: the machine's clock cannot be had back. */
static void the_machine(void **state)
{
	int64_t machine = clock_machine(), now = clock_now(), mono = clock_mono();

	(void)state;
	assert_false(clock_bent());
	assert_true(now >= machine && now < machine + MS_MINUTE);
	assert_true(clock_mono() >= mono);
	for (int i = 0; i < 1000; i++) {
		int64_t next = clock_now();

		assert_true(next >= now);
		now = next;
	}
	assert_int_equal(clock_delay(now), 0);
	assert_int_equal(clock_delay(INT64_MIN), 0);
	assert_in_range(clock_delay(now + MS_HOUR), MS_HOUR - MS_MINUTE, MS_HOUR);
	assert_int_equal(clock_delay(now + 40 * MS_DAY), MS_DAY);
	assert_int_equal(clock_delay(INT64_MAX), MS_DAY);
}

static void a_rehearsal(void **state)
{
	int64_t start = INT64_C(1795395840000), before, mono = clock_mono();

	(void)state;
	clock_rehearse(start, 1000);
	assert_true(clock_bent());
	before = clock_now();
	assert_in_range(before - start, 0, MS_HOUR);
	while (clock_mono() == mono || clock_now() == before)
		;
	assert_true(clock_now() >= before + 1000);
	assert_in_range(clock_delay(clock_now() + MS_HOUR), 3000, 3600);
	assert_in_range(clock_delay(clock_now() + 1), 0, 1);
	assert_int_equal(clock_delay(clock_now() + 2000 * MS_DAY), MS_DAY);
	clock_rehearse(start, 0.001);
	assert_int_equal(clock_delay(start + MS_HOUR), MS_DAY);
	assert_true(clock_now() < start + MS_MINUTE);
}

static void a_simulation(void **state)
{
	(void)state;
	clock_set(1000);
	assert_int_equal(clock_now(), 1000);
	assert_int_equal(clock_now(), 1000);
	clock_set(1000);
	clock_set(MS_DAY);
	assert_int_equal(clock_now(), MS_DAY);
	assert_int_equal(clock_delay(MS_DAY), 0);
	assert_int_equal(clock_delay(MS_DAY + 1), MS_DAY);
	assert_true(clock_bent());
	clock_begin(2000);
	assert_int_equal(clock_now(), 2000);
	assert_true(clock_machine() > INT64_C(1577836800000));
}

static void what_the_option_takes(void **state)
{
	static const struct {
		const char *text, *start;
		double rate;
	} good[] = {
	        {"2026-11-23T10:04:00+09:00", "2026-11-23T10:04:00+09:00", 1},
	        {"2026-11-23T01:04:00Z,60", "2026-11-23T01:04:00Z", 60},
	        {"2026-11-23", "2026-11-23T00:00:00+09:00", 1},
	        {"2026-11-23,0.5", "2026-11-23T00:00:00+09:00", 0.5},
	        {"2026-11-23T10:04", "2026-11-23T10:04:00+09:00", 1},
	        {"2026-11-23T10:04:05,3600", "2026-11-23T10:04:05+09:00", 3600},
	};
	static const char *const bad[] = {
	        "",
	        ",",
	        "now",
	        "2026-11-23,",
	        "2026-11-23,0",
	        "2026-11-23,-1",
	        "2026-11-23,inf",
	        "2026-11-23,1e3",
	        "2026-11-23,0x10",
	        "2026-11-23,10000000",
	        "2026-11-23,1,1",
	        "2026-02-30",
	        "20261123T10",
	        "2026-11-23T10",
	        "2026-11-23T25:00",
	        "2026-11-23,1.2.3",
	        "2026-11-23 ,1",
	        "2026-11-23T10:04:00.000000000000000000000000000000000000000Z",
	};
	int64_t start, expected;
	double rate;

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		assert_int_equal(clock_parse(good[i].text, &start, &rate), 0);
		assert_int_equal(calendar_parse_time(good[i].start, &expected), 0);
		assert_int_equal(start, expected);
		assert_true(rate == good[i].rate);
	}
	start = 5;
	for (size_t i = 0; i < LEN(bad); i++)
		if (clock_parse(bad[i], &start, &rate) != -1 || start != 5)
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_machine),
	        cmocka_unit_test(a_rehearsal),
	        cmocka_unit_test(a_simulation),
	        cmocka_unit_test(what_the_option_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
