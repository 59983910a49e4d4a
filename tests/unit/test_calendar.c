/* Days, zones, instants as text and the lunar calendar, against known dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"

#define HOUR INT64_C(3600000)
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int32_t day_of(const char *text)
{
	int32_t day;

	assert_int_equal(calendar_parse_date(text, &day), 0);
	return day;
}

static int64_t instant(const char *text)
{
	int64_t ms;

	assert_int_equal(calendar_parse_time(text, &ms), 0);
	return ms;
}

/* ---- days ---- */

static void every_day_goes_there_and_back(void **state)
{
	int32_t expected = day_of("0001-01-01");

	(void)state;
	assert_int_equal(calendar_day(1970, 1, 1), 0);
	for (int year = 1; year <= 9999; year += year == 400 ? 1200 : 1)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= calendar_month_days(year, month);
			        day++) {
				struct civil c;

				if (year == 1600 && month == 1 && day == 1)
					expected = calendar_day(1600, 1, 1);
				assert_int_equal(
				        calendar_day(year, month, day), expected);
				c = calendar_civil(expected++);
				assert_true(c.year == year && c.month == month &&
				            c.day == day);
			}
	assert_int_equal(expected - 1, day_of("9999-12-31"));
}

static void dates_that_do_not_exist(void **state)
{
	static const struct {
		int year, month, day;
		bool valid;
	} table[] = {
	        {2026, 2, 28, true},
	        {2026, 2, 29, false},
	        {2024, 2, 29, true},
	        {2100, 2, 29, false},
	        {2000, 2, 29, true},
	        {2026, 4, 31, false},
	        {2026, 13, 1, false},
	        {2026, 0, 1, false},
	        {2026, 1, 0, false},
	        {0, 1, 1, false},
	        {10000, 1, 1, false},
	        {9999, 12, 31, true},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++)
		assert_int_equal(
		        calendar_valid(table[i].year, table[i].month, table[i].day),
		        table[i].valid);
}

static void weekdays(void **state)
{
	(void)state;
	assert_int_equal(calendar_weekday(0), 3);
	assert_int_equal(calendar_weekday(-1), 2);
	assert_int_equal(calendar_weekday(-4), 6);
	assert_int_equal(calendar_weekday(day_of("2026-11-23")), 0);
	assert_int_equal(calendar_weekday(day_of("1945-08-15")), 2);
}

static void months_later(void **state)
{
	static const struct {
		const char *from;
		int months;
		const char *to;
	} table[] = {
	        {"2026-01-31", 1, "2026-02-28"},
	        {"2024-01-31", 1, "2024-02-29"},
	        {"2026-11-23", 2, "2027-01-23"},
	        {"2026-03-31", -1, "2026-02-28"},
	        {"2026-01-15", -13, "2024-12-15"},
	        {"2024-02-29", 12, "2025-02-28"},
	        {"2026-05-31", 0, "2026-05-31"},
	        {"2026-05-31", INT32_MAX, "9999-12-31"},
	        {"2026-05-31", INT32_MIN, "0001-01-31"},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++)
		assert_int_equal(
		        calendar_add_months(day_of(table[i].from), table[i].months),
		        day_of(table[i].to));
}

/* ---- zones ---- */

static void unknown_zones(void **state)
{
	static const char *const names[] = {
	        "",
	        "Asia/Atlantis",
	        "Etc/Unknown",
	        "GMT+9",
	        "서울",
	        "Asia/Seoul ",
	        "asia/\xff",
	};

	(void)state;
	assert_null(zone_open(NULL));
	for (size_t i = 0; i < LEN(names); i++)
		assert_null(zone_open(names[i]));
	zone_close(NULL);
}

static void seoul(void **state)
{
	struct zone *zone = zone_open("Asia/Seoul");
	char out[32];

	(void)state;
	assert_non_null(zone);
	assert_int_equal(zone_day(zone, instant("2026-11-22T14:59:59.999Z")),
	        day_of("2026-11-22"));
	assert_int_equal(
	        zone_day(zone, instant("2026-11-22T15:00:00Z")), day_of("2026-11-23"));
	assert_int_equal(zone_ms_of_day(zone, instant("2026-11-22T15:00:00.001Z")), 1);
	assert_int_equal(
	        zone_ms_of_day(zone, instant("2026-11-22T14:59:59.999Z")), 86399999);
	assert_int_equal(zone_day(zone, -1 - 9 * HOUR), -1);
	assert_int_equal(zone_offset_s(zone, instant("2026-11-22T15:00:00Z")), 9 * 3600);
	assert_int_equal(zone_offset_s(zone, instant("1988-07-01T00:00:00Z")), 10 * 3600);
	assert_int_equal(zone_instant(zone, day_of("2026-11-23"), 10 * HOUR),
	        instant("2026-11-23T10:00:00+09:00"));
	assert_string_equal(zone_format(zone, instant("2026-11-23T01:04:00Z"), out),
	        "2026-11-23T10:04:00+09:00");
	assert_string_equal(zone_format(zone, instant("2026-11-23T01:04:00.05Z"), out),
	        "2026-11-23T10:04:00.050+09:00");
	assert_string_equal(zone_format(zone, -INT64_C(2300000000000), out),
	        "1897-02-11T23:33:40+08:27");
	zone_close(zone);
}

static void hours_that_are_skipped_or_twice(void **state)
{
	static const struct {
		const char *zone, *date;
		int minutes;
		const char *instant;
	} table[] = {
	        {"America/New_York", "2026-03-08", 119, "2026-03-08T01:59:00-05:00"},
	        {"America/New_York", "2026-03-08", 120, "2026-03-08T03:00:00-04:00"},
	        {"America/New_York", "2026-03-08", 150, "2026-03-08T03:00:00-04:00"},
	        {"America/New_York", "2026-03-08", 180, "2026-03-08T03:00:00-04:00"},
	        {"America/New_York", "2026-11-01", 59, "2026-11-01T00:59:00-04:00"},
	        {"America/New_York", "2026-11-01", 60, "2026-11-01T01:00:00-04:00"},
	        {"America/New_York", "2026-11-01", 90, "2026-11-01T01:30:00-04:00"},
	        {"America/New_York", "2026-11-01", 120, "2026-11-01T02:00:00-05:00"},
	        {"Australia/Lord_Howe", "2026-10-04", 135, "2026-10-04T02:30:00+11:00"},
	        {"Australia/Lord_Howe", "2026-04-05", 105, "2026-04-05T01:45:00+11:00"},
	        {"Asia/Seoul", "1988-05-08", 150, "1988-05-08T03:00:00+10:00"},
	        {"Pacific/Apia", "2011-12-30", 600, "2011-12-31T00:00:00+14:00"},
	        {"Asia/Seoul", "9999-12-31", 0, "9999-12-31T00:00:00+09:00"},
	        {"Asia/Seoul", "0001-01-02", 0, "0001-01-01T15:32:08Z"},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		struct zone *zone = zone_open(table[i].zone);

		assert_non_null(zone);
		assert_int_equal(zone_instant(zone, day_of(table[i].date),
		                         table[i].minutes * 60000),
		        instant(table[i].instant));
		zone_close(zone);
	}
}

static void every_hour_of_two_years(void **state)
{
	struct zone *zone = zone_open("Europe/Berlin");
	int64_t from = instant("2026-01-01T00:00:00Z"),
	        to = instant("2028-01-01T00:00:00Z");
	char out[32];
	int again = 0;

	(void)state;
	for (int64_t ms = from; ms < to; ms += HOUR / 2) {
		int64_t back =
		        zone_instant(zone, zone_day(zone, ms), zone_ms_of_day(zone, ms));

		assert_int_equal(instant(zone_format(zone, ms, out)), ms);
		/* Only the second half of an hour that happens twice comes back as the
		 * first. */
		assert_true(back == ms || back == ms - HOUR);
		again += back != ms;
	}
	assert_int_equal(again, 4);
	zone_close(zone);
}

static void extremes_stay_in_bounds(void **state)
{
	struct zone *zone = zone_open("Pacific/Kiritimati");
	char out[32];

	(void)state;
	assert_int_equal(strlen(zone_format(zone, INT64_MAX, out)), 29);
	assert_int_equal(strlen(zone_format(zone, INT64_MIN, out)), 25);
	assert_true(zone_day(zone, INT64_MAX) > zone_day(zone, INT64_MIN));
	assert_in_range(zone_ms_of_day(zone, INT64_MIN), 0, 86399999);
	assert_string_equal(calendar_format_date(INT32_MAX, out), "9999-12-31");
	assert_string_equal(calendar_format_date(INT32_MIN, out), "0001-01-01");
	zone_close(zone);
}

/* ---- text ---- */

static void times_as_text(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
	        {"1970-01-01T00:00:00Z", 0},
	        {"1970-01-01t00:00:00z", 0},
	        {"1970-01-01 09:00:00+09:00", 0},
	        {"1969-12-31T19:00:00-05:00", 0},
	        {"1969-12-31T23:59:59.999Z", -1},
	        {"1970-01-01T00:00:00.1Z", 100},
	        {"1970-01-01T00:00:00.1239999999Z", 123},
	        {"1970-01-01T00:00:00-00:00", 0},
	        {"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
	        {"2026-11-23T10:04:00+09:00", INT64_C(1795395840000)},
	};
	static const char *const bad[] = {
	        "",
	        "2026",
	        "2026-11-23",
	        "2026-11-23T10:04:00",
	        "2026-11-23T10:04+09:00",
	        "2026-11-23T10:04:00+0900",
	        "2026-11-23T10:04:00+09",
	        "2026-11-23T24:00:00Z",
	        "2026-11-23T10:60:00Z",
	        "2026-11-23T10:04:61Z",
	        "2026-02-29T10:04:00Z",
	        "2026-11-23T10:04:00.Z",
	        "2026-11-23T10:04:00Z ",
	        " 2026-11-23T10:04:00Z",
	        "20261123T10:04:00Z",
	        "2026-11-23T10:04:00+24:00",
	        "2026-11-23T10:04:00+09:60",
	        "-026-11-23T10:04:00Z",
	        "0000-01-01T00:00:00Z",
	        "2026-11-23T10:04:00*09:00",
	        "2026-1123T10:04:00Z",
	        "2026/11/23T10:04:00Z",
	        "2026-11-23T1:04:00Z",
	};
	int64_t ms = 77;

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		assert_int_equal(calendar_parse_time(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
	ms = 77;
	for (size_t i = 0; i < LEN(bad); i++)
		if (calendar_parse_time(bad[i], &ms) != -1 || ms != 77)
			fail_msg("taken: %s", bad[i]);
}

static void dates_as_text(void **state)
{
	static const char *const bad[] = {
	        "",
	        "2026-11",
	        "2026-11-2",
	        "2026-1123",
	        "202611-23",
	        "2026-02-30",
	        "0000-01-01",
	        "2026-11-23 ",
	        "2026-11-231",
	        "26-11-23",
	        "+026-11-23",
	};
	char out[16];
	int32_t day = 5;

	(void)state;
	assert_int_equal(day_of("20261123"), day_of("2026-11-23"));
	assert_string_equal(
	        calendar_format_date(day_of("2026-11-23"), out), "2026-11-23");
	assert_string_equal(
	        calendar_format_date(day_of("0987-01-02"), out), "0987-01-02");
	for (size_t i = 0; i < LEN(bad); i++)
		assert_int_equal(calendar_parse_date(bad[i], &day), -1);
	assert_int_equal(day, 5);
}

/* ---- lunar ---- */

/* When a lunar birthday is kept, from the Korea Astronomy and Space Science Institute's
 * tables. */
static const struct {
	int month, day, year;
	const char *kept;
	bool on_29th;
} birthdays[] = {
        {1, 1, 2024, "2024-02-10", false},
        {1, 1, 2025, "2025-01-29", false},
        {1, 1, 2026, "2026-02-17", false},
        {1, 1, 2027, "2027-02-07", false},
        {1, 1, 2028, "2028-01-27", false},
        {1, 1, 2029, "2029-02-13", false},
        {1, 1, 2030, "2030-02-03", false},
        {5, 5, 2024, "2024-06-10", false},
        {5, 5, 2025, "2025-05-31", false},
        {5, 5, 2026, "2026-06-19", false},
        {5, 5, 2027, "2027-06-09", false},
        {5, 5, 2028, "2028-05-28", false},
        {5, 5, 2029, "2029-06-16", false},
        {5, 5, 2030, "2030-06-05", false},
        {8, 15, 2024, "2024-09-17", false},
        {8, 15, 2025, "2025-10-06", false},
        {8, 15, 2026, "2026-09-25", false},
        {8, 15, 2027, "2027-09-15", false},
        {8, 15, 2028, "2028-10-03", false},
        {8, 15, 2029, "2029-09-22", false},
        {8, 15, 2030, "2030-09-12", false},
        {11, 20, 2024, "2024-12-20", false},
        {11, 20, 2025, "2026-01-08", false},
        {11, 20, 2026, "2026-12-28", false},
        {11, 20, 2027, "2027-12-17", false},
        {11, 20, 2028, "2029-01-04", false},
        {11, 20, 2029, "2029-12-24", false},
        {11, 20, 2030, "2030-12-14", false},
        {12, 1, 2024, "2024-12-31", false},
        {12, 1, 2025, "2026-01-19", false},
        {12, 1, 2026, "2027-01-08", false},
        {12, 1, 2027, "2027-12-28", false},
        {12, 1, 2028, "2029-01-15", false},
        {12, 1, 2029, "2030-01-04", false},
        {12, 1, 2030, "2030-12-25", false},
        {12, 30, 2024, "2025-01-28", true},
        {12, 30, 2025, "2026-02-16", true},
        {12, 30, 2026, "2027-02-06", false},
        {12, 30, 2027, "2028-01-26", false},
        {12, 30, 2028, "2029-02-12", true},
        {12, 30, 2029, "2030-02-02", false},
        {12, 30, 2030, "2031-01-22", true},
        {6, 30, 2024, "2024-08-03", true},
        {6, 30, 2025, "2025-07-24", false},
        {6, 30, 2026, "2026-08-12", false},
        {6, 30, 2027, "2027-08-01", true},
        {6, 30, 2028, "2028-08-19", true},
        {6, 30, 2029, "2029-08-09", true},
        {6, 30, 2030, "2030-07-29", true},
        {4, 10, 2024, "2024-05-17", false},
        {4, 10, 2025, "2025-05-07", false},
        {4, 10, 2026, "2026-05-26", false},
        {4, 10, 2027, "2027-05-15", false},
        {4, 10, 2028, "2028-05-04", false},
        {4, 10, 2029, "2029-05-22", false},
        {4, 10, 2030, "2030-05-11", false},
        {2, 30, 2024, "2024-04-08", false},
        {2, 30, 2025, "2025-03-28", true},
        {2, 30, 2026, "2026-04-16", true},
        {2, 30, 2027, "2027-04-06", false},
        {2, 30, 2028, "2028-03-25", false},
        {2, 30, 2029, "2029-04-13", false},
        {2, 30, 2030, "2030-04-02", false},
};

static bool kept_lunar(int32_t day, int month_day, int year)
{
	struct kept kept[4];
	int n = calendar_kept(day, kept);

	for (int i = 0; i < n; i++)
		if (kept[i].lunar && kept[i].month_day == month_day &&
		        kept[i].year == year)
			return true;
	return false;
}

static void lunar_birthdays(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(birthdays); i++) {
		int month_day = birthdays[i].month * 100 + birthdays[i].day;
		int32_t day = day_of(birthdays[i].kept);
		struct lunar l = calendar_lunar(day);

		assert_int_equal(l.month, birthdays[i].month);
		assert_int_equal(l.day, birthdays[i].on_29th ? 29 : birthdays[i].day);
		assert_int_equal(l.year, birthdays[i].year);
		assert_false(l.leap);
		assert_true(kept_lunar(day, month_day, birthdays[i].year));
		for (int32_t other = day - 40; other <= day + 40; other++)
			assert_true(other == day ||
			            !kept_lunar(other, month_day, birthdays[i].year));
	}
}

static void lunar_dates(void **state)
{
	static const struct {
		const char *date;
		struct lunar lunar;
	} table[] = {
	        {"2025-07-25", {2025, 6, 1, true, 29}},
	        {"1985-06-22", {1985, 5, 5, false, 30}},
	        {"2034-01-10", {2033, 11, 20, true, 29}},
	        {"2026-02-16", {2025, 12, 29, false, 29}},
	        {"2026-02-17", {2026, 1, 1, false, 30}},
	        {"2020-05-23", {2020, 4, 1, true, 29}},
	        {"2028-01-27", {2028, 1, 1, false, 29}},
	};

	(void)state;
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < LEN(table); i++) {
			struct lunar l = calendar_lunar(day_of(table[i].date));

			assert_int_equal(l.year, table[i].lunar.year);
			assert_int_equal(l.month, table[i].lunar.month);
			assert_int_equal(l.day, table[i].lunar.day);
			assert_int_equal(l.leap, table[i].lunar.leap);
			assert_int_equal(l.month_days, table[i].lunar.month_days);
		}
}

/* Days follow each other: a month has the length that was said, and the year changes at
 * 1/1 alone. */
static void lunar_days_follow_each_other(void **state)
{
	int32_t day = day_of("2019-01-01"), last = day_of("2035-12-31");
	struct lunar before = calendar_lunar(day);

	(void)state;
	for (day++; day <= last; day++) {
		struct lunar l = calendar_lunar(day);

		if (l.day != 1) {
			assert_true(l.day == before.day + 1 && l.month == before.month &&
			            l.leap == before.leap);
			assert_int_equal(l.month_days, before.month_days);
		} else {
			assert_int_equal(before.day, before.month_days);
			assert_true(l.leap ? l.month == before.month
			                   : l.month == before.month % 12 + 1);
		}
		assert_int_equal(
		        l.year, before.year + (l.day == 1 && l.month == 1 && !l.leap));
		before = l;
	}
}

/* The leap months that the institute's tables have. */
static void leap_months(void **state)
{
	static const int months[] = {202004, 202302, 202506, 202805, 203103, 203311,
	        203606, 203905, 204202, 204407, 204705, 205003};
	size_t found = 0;

	(void)state;
	for (int32_t day = day_of("2018-01-01"); day <= day_of("2050-12-31"); day += 14) {
		struct lunar l = calendar_lunar(day);
		int month = l.year * 100 + l.month;

		if (!l.leap || (found && months[found - 1] == month))
			continue;
		assert_true(found < LEN(months));
		assert_int_equal(month, months[found++]);
	}
	assert_int_equal(found, LEN(months));
}

static void solar_birthdays(void **state)
{
	static const struct {
		const char *date;
		int n, first, second;
	} table[] = {
	        {"2026-02-28", 2, 228, 229},
	        {"2028-02-28", 1, 228, 0},
	        {"2028-02-29", 1, 229, 0},
	        {"2026-03-01", 1, 301, 0},
	        {"2025-07-25", 1, 725, 0},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		struct kept kept[4];
		int n = calendar_kept(day_of(table[i].date), kept), solar = 0;

		for (int k = 0; k < n; k++)
			solar += !kept[k].lunar;
		assert_int_equal(solar, table[i].n);
		assert_int_equal(kept[0].month_day, table[i].first);
		assert_int_equal(
		        kept[0].year, calendar_civil(day_of(table[i].date)).year);
		if (solar == 2)
			assert_int_equal(kept[1].month_day, table[i].second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_day_goes_there_and_back),
	        cmocka_unit_test(dates_that_do_not_exist),
	        cmocka_unit_test(weekdays),
	        cmocka_unit_test(months_later),
	        cmocka_unit_test(unknown_zones),
	        cmocka_unit_test(seoul),
	        cmocka_unit_test(hours_that_are_skipped_or_twice),
	        cmocka_unit_test(every_hour_of_two_years),
	        cmocka_unit_test(extremes_stay_in_bounds),
	        cmocka_unit_test(times_as_text),
	        cmocka_unit_test(dates_as_text),
	        cmocka_unit_test(lunar_birthdays),
	        cmocka_unit_test(lunar_dates),
	        cmocka_unit_test(lunar_days_follow_each_other),
	        cmocka_unit_test(leap_months),
	        cmocka_unit_test(solar_birthdays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
