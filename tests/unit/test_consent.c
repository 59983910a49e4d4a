/* Which consent holds after a history, and who is suppressed. */
#include "store.h"
#include <ctype.h>
#include "base/calendar.h"
#include "store/consent.h"
#include "store/suppression.h"

static bool tell(int64_t who, bool given, int64_t time, bool import)
{
	struct consent_change change = {.customer = who,
	        .channel = "sms",
	        .purpose = "ad",
	        .given = given,
	        .time = time,
	        .source = "test"};
	return consent_record(db, &change, T0, import);
}

/* A history is told in words: + or - at an instant, capital letters for an import. */
static void test_history(void **state)
{
	static const struct {
		const char *told; /* "g5 w3": given at 5, withdrawn at 3; G and W: by an
		                     import */
		bool given, withdrawn;
		int log;
	} cases[] = {
	        {"", false, false, 0},
	        {"g5", true, false, 1},
	        {"w5", false, true, 1},
	        {"g5 w6", false, true, 2},
	        {"w6 g5", false, true, 2},
	        {"g5 w5", false, true, 2},
	        {"w5 g5", false, true, 2},
	        {"w5 g6", true, false, 2},
	        {"g6 w5", true, false, 2},
	        {"w5 G9", false, true, 1},
	        {"g5 W9", false, true, 2},
	        {"G5", true, false, 1},
	        {"G5 G9 G9", true, false, 1},
	        {"g5 g5 g5", true, false, 1},
	        {"g5 g7 w6", true, false, 3},
	};
	struct zone *zone = zone_open("Asia/Seoul");
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char ref[8];
		snprintf(ref, sizeof ref, "c%zu", i);
		int64_t who = add_customer(ref, NULL);
		for (const char *p = cases[i].told; *p; p += p[2] ? 3 : 2)
			tell(who, tolower((unsigned char)p[0]) == 'g', T0 + p[1] - '0',
			        isupper((unsigned char)p[0]));
		json_t *history = consent_history(db, who, zone);
		if (consent_given(db, who, "sms", "ad") != cases[i].given ||
		        consent_withdrawn(db, who, "sms", "ad") != cases[i].withdrawn ||
		        (int)json_array_size(history) != cases[i].log)
			fail_msg("%s: %d %d %zu", cases[i].told,
			        consent_given(db, who, "sms", "ad"),
			        consent_withdrawn(db, who, "sms", "ad"),
			        json_array_size(history));
		json_decref(history);
	}
	zone_close(zone);
}

static void test_changed(void **state)
{
	(void)state;
	int64_t who = add_customer("c", NULL);
	assert_true(tell(who, true, T0, false));
	assert_false(tell(who, true, T0 + 1, false));
	assert_false(tell(who, false, T0, false));
	assert_true(tell(who, false, T0 + 2, false));
	json_t *json = consent_json(db, who);
	assert_true(json_is_false(json_object_get(json_object_get(json, "sms"), "ad")));
	json_decref(json);
	assert_true(tell(who, true, T0 + 3, false));
	json = consent_json(db, who);
	assert_true(json_is_true(json_object_get(json_object_get(json, "sms"), "ad")));
	assert_true(
	        json_is_false(json_object_get(json_object_get(json, "sms"), "night")));
	assert_null(json_object_get(json_object_get(json, "data"), "night"));
	json_decref(json);
	assert_true(consent_channel_known("kakao") && !consent_channel_known("alimtalk"));
	assert_true(consent_purpose_known("night") && !consent_purpose_known("info"));
}

static void test_suppression(void **state)
{
	static const struct {
		const char *address, *channel;
		bool has;
	} cases[] = {
	        {"+821011112222", "sms", true},
	        {"+821011112222", "kakao", false},
	        {"+821011112222", NULL, true},
	        {"+821033334444", "sms", true},
	        {"+821033334444", "email", true},
	        {"a@example.com", "email", true},
	        {"a@example.com", "sms", false},
	        {"b@example.com", "email", false},
	        {"", "email", false},
	};
	const char *reason;
	(void)state;
	suppression_add(db, "+821011112222", "sms", "opted_out", "api", T0);
	suppression_add(db, "+821011112222", "sms", "owner", "api", T0);
	suppression_add(db, "+821033334444", NULL, "something else", NULL, T0);
	suppression_add(db, "a@example.com", "email", "bounced", NULL, T0);
	for (int hidden = 0; hidden < 2; hidden++) {
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			if (suppression_has(db, cases[i].address, cases[i].channel, 0,
			            &reason) != cases[i].has)
				fail_msg("%s %s", cases[i].address, cases[i].channel);
		suppression_hide(db, "+821011112222");
		suppression_hide(db, "a@example.com");
	}
	assert_int_equal(ask("SELECT count(*) FROM suppression WHERE shown IS NULL"), 2);
	assert_true(suppression_has(db, "+821033334444", "sms", 0, &reason));
	assert_string_equal(reason, "owner");
	assert_true(suppression_remove(db, "a@example.com", "email"));
	assert_false(suppression_remove(db, "a@example.com", "email"));
	assert_true(suppression_remove(db, "+821011112222", NULL));
	assert_false(suppression_has(db, "+821011112222", "sms", 0, NULL));
}

static void test_pages(void **state)
{
	char cursor[64] = "";
	int seen = 0;
	(void)state;
	struct zone *zone = zone_open("Asia/Seoul");
	for (char c = 'a'; c < 'f'; c++) {
		char address[] = "x@example.com";
		address[0] = c;
		suppression_add(db, address, "email", "bounced", NULL, T0);
		suppression_add(db, address, "sms", "bounced", NULL, T0);
	}
	for (;;) {
		json_t *list = suppression_list(db, cursor[0] ? cursor : NULL, 3, zone);
		seen += (int)json_array_size(json_object_get(list, "suppressions"));
		const char *next = json_string_value(json_object_get(list, "next"));
		snprintf(cursor, sizeof cursor, "%s", next ? next : "");
		json_decref(list);
		if (!cursor[0])
			break;
	}
	assert_int_equal(seen, 10);
	zone_close(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_history),
	        STORE_TEST(test_changed), STORE_TEST(test_suppression),
	        STORE_TEST(test_pages)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
