/* Cells as shops' spreadsheets have them: times, yes and no, numbers that a spreadsheet
 * spoilt; words for an order's state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "door/import.h"
#include "door/past.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static void times_in_the_shops_zone(void **state)
{
	static const struct {
		const char *text, *is; /* NULL: none */
	} rows[] = {
	        {"2026-11-23T10:04:00Z", "2026-11-23T19:04:00+09:00"},
	        {"2026-11-23T10:04:00+09:00", "2026-11-23T10:04:00+09:00"},
	        {"2026-11-23", "2026-11-23T00:00:00+09:00"},
	        {"2026-11-23 10:04", "2026-11-23T10:04:00+09:00"},
	        {"2026-11-23 10:04:05", "2026-11-23T10:04:05+09:00"},
	        {"2026-11-23T10:04:05", "2026-11-23T10:04:05+09:00"},
	        {"2026-11-23 10:04:05.123", "2026-11-23T10:04:05+09:00"},
	        {"2026.11.23", "2026-11-23T00:00:00+09:00"},
	        {"2026. 1. 2. 오후 3:04", "2026-01-02T15:04:00+09:00"},
	        {"2026-1-2 오전 12:30:00", "2026-01-02T00:30:00+09:00"},
	        {"2026/1/2 9:05", "2026-01-02T09:05:00+09:00"},
	        {"20261123", "2026-11-23T00:00:00+09:00"},
	        {"2026-02-30", NULL},
	        {"2026-13-01", NULL},
	        {"2026-11", NULL},
	        {"2026-11-23 25:00", NULL},
	        {"2026-11-23 10", NULL},
	        {"2026-11-23 10:60", NULL},
	        {"2026-11-23x", NULL},
	        {"", NULL},
	        {"어제", NULL},
	        {"0000-00-00", NULL},
	        {"2026-11-23 오후 13:00", NULL},
	};
	struct import import = {.zone = zone_open("Asia/Seoul")};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		int64_t ms;
		char text[32];
		int got = import_time(&import, rows[i].text, &ms);
		if ((got == 0) != (rows[i].is != NULL))
			fail_msg("'%s' gives %d", rows[i].text, got);
		if (rows[i].is)
			assert_string_equal(
			        zone_format(import.zone, ms, text), rows[i].is);
	}
	zone_close(import.zone);
}

static void yes_and_no(void **state)
{
	static const struct {
		const char *word;
		int is;
	} rows[] = {{"예", 1}, {"동의", 1}, {"Y", 1}, {"1", 1}, {"TRUE", 1}, {"o", 1},
	        {"수신", 1}, {"아니오", 0}, {"거부", 0}, {"n", 0}, {"0", 0},
	        {"미동의", 0}, {"X", 0}, {"maybe", -1}, {"2", -1}, {"", -1}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(import_yes(rows[i].word), rows[i].is);
}

static void numbers_that_a_spreadsheet_spoilt(void **state)
{
	static const struct {
		const char *cell;
		bool is;
	} rows[] = {{"1.01E+09", true}, {"1E+10", true}, {"8.2101E+11", true},
	        {"1.01e+9", true}, {"E+09", false}, {"1E09", false}, {"C1E+09x", false},
	        {"1234", false}, {"", false}, {"1.0E+", false}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		if (import_spoilt(rows[i].cell) != rows[i].is)
			fail_msg("'%s'", rows[i].cell);
}

static void phones_that_lost_their_zero(void **state)
{
	static const struct {
		const char *cell, *is;
		bool restored;
	} rows[] = {{"1012345678", "+821012345678", true},
	        {"10-1234-5678", "+821012345678", true},
	        {"10 1234 5678", "+821012345678", true},
	        {"010-1234-5678", "+821012345678", false},
	        {"+82 10-1234-5678", "+821012345678", false}, {"1.01E+09", NULL, false},
	        {"101234567", NULL, false}, {"이름", NULL, false}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char phone[24];
		bool restored;
		int got = import_phone(rows[i].cell, phone, &restored);
		assert_int_equal(got == 0, rows[i].is != NULL);
		assert_int_equal(restored, rows[i].restored);
		if (rows[i].is)
			assert_string_equal(phone, rows[i].is);
	}
}

static void states_of_an_order(void **state)
{
	static const struct {
		const char *word;
		enum past_status is;
	} rows[] = {{NULL, PAST_PAID}, {"", PAST_PAID}, {"paid", PAST_PAID},
	        {"결제완료", PAST_PAID}, {"Placed", PAST_PLACED},
	        {"입금대기", PAST_PLACED}, {"배송완료", PAST_DELIVERED},
	        {"cancelled", PAST_CANCELLED}, {"취소", PAST_CANCELLED},
	        {"환불", PAST_REFUNDED}, {"반품", PAST_REFUNDED}, {"이상", PAST_UNKNOWN}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(past_status(rows[i].word), rows[i].is);
	assert_string_equal(past_status_name(PAST_REFUNDED), "refunded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(times_in_the_shops_zone),
	        cmocka_unit_test(yes_and_no),
	        cmocka_unit_test(numbers_that_a_spreadsheet_spoilt),
	        cmocka_unit_test(phones_that_lost_their_zero),
	        cmocka_unit_test(states_of_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
