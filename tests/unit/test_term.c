/* The terms of the notices of consent, in Korean time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/calendar.h"
#include "base/clock.h"
#include "store/term.h"

static int64_t at(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(calendar_parse_time(text, &ms), 0);
	return ms;
}

static void test_a_result_is_due_at_ten_an_hour_later(void **state)
{
	static const struct {
		const char *since, *due;
	} rows[] = {
	        {"2026-11-23T10:00:00+09:00", "2026-11-24T10:00:00+09:00"},
	        {"2026-11-23T09:00:00+09:00", "2026-11-23T10:00:00+09:00"},
	        {"2026-11-23T09:00:00.001+09:00", "2026-11-24T10:00:00+09:00"},
	        {"2026-11-23T23:30:00+09:00", "2026-11-24T10:00:00+09:00"},
	        {"2026-12-31T22:59:59+09:00", "2027-01-01T10:00:00+09:00"},
	        {"2026-11-23T00:30:00Z", "2026-11-24T10:00:00+09:00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t since = at(rows[i].since), due = at(rows[i].due);

		assert_int_equal(term_result_due(since), due);
		assert_true(since <= term_result_until(due));
		assert_true(since > term_result_until(due - 1));
	}
}

static void test_a_result_has_fourteen_days(void **state)
{
	int64_t said = at("2026-11-23T10:00:00+09:00"), by = term_result_by(said);

	(void)state;
	assert_int_equal(by, at("2026-12-07T10:00:00+09:00"));
	assert_int_equal(term_result_alarm(by), at("2026-12-03T10:00:00+09:00"));
}

static void test_a_confirmation_comes_before_the_anniversary(void **state)
{
	static const struct {
		const char *said, *after, *by;
	} rows[] = {
	        {"2026-11-23T10:00:00+09:00", "2026-11-23T10:00:00+09:00",
	                "2028-11-23T00:00:00+09:00"},
	        /* 29 February: on the 28th, and on the 29th again when there is one */
	        {"2028-02-29T12:00:00+09:00", "2028-02-29T12:00:00+09:00",
	                "2030-02-28T00:00:00+09:00"},
	        {"2028-02-29T12:00:00+09:00", "2030-02-28T00:00:00+09:00",
	                "2032-02-29T00:00:00+09:00"},
	        /* the date is Korea's, on both sides of its midnight */
	        {"2026-11-22T14:59:59.999Z", "2026-11-23T00:00:00Z",
	                "2028-11-22T00:00:00+09:00"},
	        {"2026-11-22T15:00:00Z", "2026-11-23T00:00:00Z",
	                "2028-11-23T00:00:00+09:00"},
	        /* what was said long ago: the next one that is still to come */
	        {"2019-03-05T10:00:00+09:00", "2026-11-23T10:00:00+09:00",
	                "2027-03-05T00:00:00+09:00"},
	        {"2024-11-23T10:00:00+09:00", "2026-11-23T00:00:00+09:00",
	                "2028-11-23T00:00:00+09:00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(term_confirm_by(at(rows[i].said), at(rows[i].after)),
		        at(rows[i].by));
}

static void test_confirmations_are_spread_and_leave_a_week(void **state)
{
	int64_t by = at("2028-11-23T00:00:00+09:00");

	(void)state;
	assert_int_equal(term_confirm_from(by, 23), at("2028-10-24T10:00:00+09:00"));
	assert_int_equal(term_confirm_from(by, 45), at("2028-11-15T10:00:00+09:00"));
	assert_int_equal(term_confirm_alarm(by), at("2028-11-16T00:00:00+09:00"));
	for (int64_t customer = 1; customer < 100; customer++)
		assert_true(term_confirm_from(by, customer) < term_confirm_alarm(by));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_result_is_due_at_ten_an_hour_later),
	        cmocka_unit_test(test_a_result_has_fourteen_days),
	        cmocka_unit_test(test_a_confirmation_comes_before_the_anniversary),
	        cmocka_unit_test(test_confirmations_are_spread_and_leave_a_week),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
