/* Receiving domains that are held off: how long, who tries, who is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "delivery/domains.h"

#define START INT64_C(1764000000000)

static void test_waits_grow(void **state)
{
	static const int minutes[] = {1, 5, 15, 30, 30, 30};
	struct domains *domains = domains_new();
	const char *said = NULL;
	int64_t now = START;

	(void)state;
	for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
		int64_t until = now + minutes[i] * MS_MINUTE;

		domains_refused(domains, "naver.com", "busy", now);
		domains_refused(domains, "naver.com", "others", now + 1); /* under way */
		assert_int_equal(domains_ask(domains, "naver.com", now, &said), until);
		assert_string_equal(said, "busy");
		assert_int_equal(
		        domains_ask(domains, "Naver.COM", until - 1, &said), until);
		assert_int_equal(domains_ask(domains, "daum.net", now, &said), 0);
		now = until;
		assert_int_equal(domains_ask(domains, "naver.com", now, &said), 0);
	}
	domains_free(domains);
}

static void test_one_tries_for_all(void **state)
{
	struct domains *domains = domains_new();
	int64_t now = START + MS_MINUTE, again;
	const char *said;

	(void)state;
	domains_refused(domains, "naver.com", "busy", START);
	assert_int_equal(domains_ask(domains, "naver.com", now, &said), 0);
	again = domains_ask(domains, "naver.com", now, &said);
	assert_true(again > now && again < now + MS_MINUTE);
	assert_int_equal(domains_ask(domains, "naver.com", again, &said), 0); /* lost */
	domains_refused(domains, "naver.com", "still", again);
	assert_int_equal(
	        domains_ask(domains, "naver.com", again, &said), again + 5 * MS_MINUTE);
	domains_took(domains, "naver.com");
	assert_int_equal(domains_ask(domains, "naver.com", again, &said), 0);
	assert_int_equal(domains_ask(domains, "naver.com", again, &said), 0);
	domains_took(domains, "naver.com"); /* nothing is known of it */
	domains_refused(domains, "naver.com", "anew", again);
	assert_int_equal(
	        domains_ask(domains, "naver.com", again, &said), again + MS_MINUTE);
	domains_free(domains);
}

static void test_the_oldest_is_forgotten(void **state)
{
	struct domains *domains = domains_new();
	char name[32];
	const char *said;

	(void)state;
	for (int i = 0; i < DOMAINS_MOST + 10; i++) {
		snprintf(name, sizeof name, "d%d.kr", i);
		domains_refused(domains, name, "busy", START + i);
		/* The first one stays: it refuses again and again. */
		domains_refused(domains, "d0.kr", "busy", START + i * MS_HOUR);
	}
	assert_int_equal(domains_ask(domains, "d1.kr", START, &said), 0);
	assert_int_not_equal(domains_ask(domains, "d0.kr", START, &said), 0);
	assert_int_not_equal(domains_ask(domains, name, START, &said), 0);
	domains_free(domains);
}

static void test_what_is_shown(void **state)
{
	struct zone *zone = zone_open("Asia/Seoul");
	struct domains *domains = domains_new();
	struct domains_held held;
	const char *said;
	json_t *json;
	char *text;

	(void)state;
	domains_refused(domains, "naver.com", "busy", START);
	domains_refused(domains, "daum.net", "slow", START);
	for (int i = 0; i < 20; i++)
		domains_ask(domains, "daum.net", START, &said);
	assert_false(domains_worst(domains, 21, START, &held));
	assert_true(domains_worst(domains, 20, START, &held));
	assert_string_equal(held.domain, "daum.net");
	assert_string_equal(held.said, "slow");
	assert_int_equal(held.letters, 20);
	assert_int_equal(held.until, START + MS_MINUTE);
	assert_false(domains_worst(domains, 20, START + MS_MINUTE, &held));
	json = domains_json(domains, zone, START);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text,
	        "[{\"domain\":\"naver.com\",\"until\":\"2025-11-25T01:01:00+09:00\","
	        "\"reason\":\"busy\"},{\"domain\":\"daum.net\",\"until\":"
	        "\"2025-11-25T01:01:00+09:00\",\"reason\":\"slow\"}]");
	free(text);
	json_decref(json);
	json = domains_json(domains, zone, START + MS_MINUTE);
	assert_int_equal(json_array_size(json), 0);
	json_decref(json);
	json = domains_json(NULL, zone, START);
	assert_int_equal(json_array_size(json), 0);
	json_decref(json);
	domains_free(domains);
	zone_close(zone);
}

static void test_of_an_address(void **state)
{
	(void)state;
	assert_string_equal(domains_of("kim@naver.com"), "naver.com");
	assert_string_equal(domains_of("\"a@b\"@naver.com"), "naver.com");
	assert_string_equal(domains_of("kim"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_waits_grow),
	        cmocka_unit_test(test_one_tries_for_all),
	        cmocka_unit_test(test_the_oldest_is_forgotten),
	        cmocka_unit_test(test_what_is_shown),
	        cmocka_unit_test(test_of_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
