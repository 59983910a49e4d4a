/* Refusals: whose consent they withdraw, which address they close, which replies are
 * one. */
#include "store.h"
#include "store/consent.h"
#include "store/customer.h"
#include "store/refusal.h"
#include "store/suppression.h"

static int64_t person(const char *phone)
{
	struct profile profile = {.ref = NULL, .phone = NULL};
	char ref[16];
	static int n;
	int64_t id;
	snprintf(ref, sizeof ref, "R%d", ++n);
	profile.ref = ref;
	profile.phone = phone;
	customer_upsert(db, &profile, T0, &id);
	return id;
}

static void give(int64_t id, const char *channel, const char *purpose, int64_t time)
{
	struct consent_change change = {.customer = id,
	        .channel = channel,
	        .purpose = purpose,
	        .given = true,
	        .time = time,
	        .source = "test"};
	consent_record(db, &change, time, false);
}

static void refuse(int64_t id, const char *medium, int64_t time)
{
	struct refusal refusal = {id, medium, time, "web", "unsubscribe", "words", 0};
	refusal_record(db, &refusal, time);
}

static void test_a_medium_and_its_night(void **state)
{
	int64_t id = person("+821011110001");
	const char *why;
	(void)state;
	give(id, "sms", "ad", T0);
	give(id, "sms", "night", T0);
	give(id, "email", "ad", T0);
	refuse(id, "sms", T0 + 1);
	assert_true(consent_withdrawn(db, id, "sms", "ad"));
	assert_true(consent_withdrawn(db, id, "sms", "night"));
	assert_true(consent_given(db, id, "email", "ad"));
	assert_true(suppression_has(db, "+821011110001", "sms", 0, &why));
	assert_string_equal(why, "opted_out");
	assert_false(suppression_has(db, "+821011110001", "kakao", 0, NULL));
}

static void test_every_medium(void **state)
{
	int64_t id = person("+821011110002");
	(void)state;
	give(id, "email", "ad", T0);
	refuse(id, NULL, T0 + 1);
	assert_true(consent_withdrawn(db, id, "sms", "ad"));
	assert_true(consent_withdrawn(db, id, "kakao", "ad"));
	assert_true(consent_withdrawn(db, id, "email", "ad"));
	assert_true(consent_withdrawn(db, id, "push", "ad"));
	assert_false(consent_withdrawn(db, id, "sms", "night"));
}

static void test_again_is_no_new_history(void **state)
{
	int64_t id = person("+821011110003");
	struct stmt *st;
	(void)state;
	refuse(id, "sms", T0 + 1);
	refuse(id, "sms", T0 + 2);
	st = db_stmt(db, "SELECT count(*) FROM consent_log WHERE customer = ?1");
	stmt_int(st, 1, id);
	assert_int_equal(stmt_single(st, 0), 1);
}

static void test_s08_of_a_family_one(void **state)
{
	int64_t one = person("+821011110004"), two = person("+821011110004");
	(void)state;
	assert_true(one != two);
	give(one, "sms", "ad", T0);
	give(two, "sms", "ad", T0);
	refuse(one, "sms", T0 + 1);
	assert_false(consent_given(db, one, "sms", "ad"));
	assert_true(consent_given(db, two, "sms", "ad"));
	assert_false(suppression_has(db, "+821011110004", "sms", 0, NULL));
}

static void test_s46_given_again(void **state)
{
	int64_t id = person("+821011110005");
	(void)state;
	refuse(id, "sms", T0 + 1);
	give(id, "sms", "ad", T0 + 2);
	refusal_lift(db, id, "sms");
	assert_true(consent_given(db, id, "sms", "ad"));
	assert_false(suppression_has(db, "+821011110005", "sms", 0, NULL));
	suppression_add(db, "+821011110005", "sms", "opted_out", "provider", T0);
	refusal_lift(db, id, "sms");
	assert_true(suppression_has(db, "+821011110005", "sms", 0, NULL));
}

static void test_older_than_a_consent(void **state)
{
	int64_t id = person("+821011110006");
	struct refusal refusal = {id, "sms", T0, "reply", "reply", NULL, 0};
	(void)state;
	give(id, "sms", "ad", T0 + 5);
	refusal_record(db, &refusal, T0 + 10);
	assert_true(consent_given(db, id, "sms", "ad"));
	assert_false(suppression_has(db, "+821011110006", "sms", 0, NULL));
}

/* A till whose clock is ahead does not outlive what is said now. */
static void test_after_a_consent_of_the_future(void **state)
{
	int64_t id = person("+821011110007");
	struct refusal refusal = {id, "sms", T0, "web", "unsubscribe", NULL, 0};
	(void)state;
	give(id, "sms", "ad", T0 + 60000);
	assert_true(refusal_record(db, &refusal, T0));
	assert_true(consent_withdrawn(db, id, "sms", "ad"));
	assert_false(refusal_record(db, &refusal, T0));
}

static void test_one_consent(void **state)
{
	int64_t id = person("+821011110008");
	struct refusal refusal = {id, NULL, T0 + 1, "web", "preferences", NULL, 0};
	(void)state;
	give(id, "sms", "ad", T0);
	give(id, "data", "ad", T0);
	assert_true(refusal_withdraw(db, &refusal, "data", "ad", T0 + 1));
	assert_true(consent_given(db, id, "sms", "ad"));
	assert_false(consent_given(db, id, "data", "ad"));
}

static void test_replies(void **state)
{
	static const struct {
		const char *text;
		bool said;
	} rows[] = {
	        {"수신거부", true},
	        {" 수신 거부 ", true},
	        {"수신거부!!", true},
	        {"\"수신거부\"", true},
	        {"STOP", true},
	        {"Stop.", true},
	        {"unsubscribe", true},
	        {"Opt-out", true},
	        {"해지", true},
	        {"거부합니다.", true},
	        {"그만 보내 주세요", true},
	        {"광고 보내지 마세요~", true},
	        {"수신거부　", true},
	        {"", false},
	        {"네", false},
	        {"stop by tomorrow", false},
	        {"수신거부 아니에요", false},
	        {"거부할 이유가 없죠", false},
	        {"해지하지 말고 그대로 두세요", false},
	        {"예약 취소할게요", false},
	        {"unsubscribe unsubscribe unsubscribe unsubscribe unsubscribe "
	         "unsubscribe",
	                false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (refusal_said(rows[i].text) != rows[i].said)
			fail_msg("%s", rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_medium_and_its_night),
	        cmocka_unit_test(test_every_medium),
	        cmocka_unit_test(test_again_is_no_new_history),
	        cmocka_unit_test(test_s08_of_a_family_one),
	        cmocka_unit_test(test_s46_given_again),
	        cmocka_unit_test(test_older_than_a_consent),
	        cmocka_unit_test(test_after_a_consent_of_the_future),
	        cmocka_unit_test(test_one_consent),
	        cmocka_unit_test(test_replies),
	};
	return cmocka_run_group_tests(tests, store_open, store_close);
}
