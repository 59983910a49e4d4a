/* Senders as providers list them: what each answer says of our number, and what it does
 * not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "talk.h"

#define SECRET(text) \
	{ \
		(char *)text, sizeof text - 1 \
	}
static const struct channel_config shop = {.name = "sms",
        .provider = "any",
        .sender = "02-1234-5678",
        .user = "1234567890",
        .key_name = "k",
        .secret_name = "s",
        .key = SECRET("testAppKey01"),
        .secret = SECRET("bGlua2h1Yi1zZWNyZXQta2V5LTMyLWJ5dGVzLWxlbiE=")};
static const struct channel_config abroad = {.name = "sms",
        .provider = "twilio",
        .sender = "+15005550006",
        .user = "AC1",
        .secret_name = "s",
        .secret = SECRET("0123456789abcdef")};

/* ---- the list itself ---- */

static void one_number_in_many_spellings(void **state)
{
	static const struct {
		const char *ours, *theirs;
		enum registered is;
	} rows[] = {
	        {"02-1234-5678", "0212345678", REGISTERED_YES},
	        {"0212345678", "02 1234 5678", REGISTERED_YES},
	        {"0212345678", "+82212345678", REGISTERED_YES},
	        {"1588-1234", "15881234", REGISTERED_YES},
	        {"1588-1234", "+8215881234", REGISTERED_YES},
	        {"010-1234-5678", "+821012345678", REGISTERED_YES},
	        {"+15005550006", "+1 500 555 0006", REGISTERED_YES},
	        {"0212345678", "0212345679", REGISTERED_NO},
	        {"0212345678", "212345678", REGISTERED_NO},
	        {"0212345678", "02123456789", REGISTERED_NO},
	        {"0212345678", "kakao", REGISTERED_UNKNOWN},
	        {"0212345678", "", REGISTERED_UNKNOWN},
	        {"0212345678", NULL, REGISTERED_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct senders senders = {.told = true};

		senders_add(&senders, rows[i].theirs, true);
		if (senders_ask(&senders, rows[i].ours) != rows[i].is)
			fail_msg("%zu: %d", i, senders_ask(&senders, rows[i].ours));
		senders_free(&senders);
	}
}

/* Absence is believed of a whole list alone, presence of any. */
static void absence_needs_the_whole_list(void **state)
{
	struct senders senders = {0};
	struct buf out = {0};

	(void)state;
	assert_int_equal(senders_ask(&senders, "0212345678"), REGISTERED_UNKNOWN);
	senders_print(&senders, &out);
	assert_string_equal(out.data, "-");
	senders.told = true;
	assert_int_equal(senders_ask(&senders, "0212345678"), REGISTERED_NO);
	senders.strange = true;
	assert_int_equal(senders_ask(&senders, "0212345678"), REGISTERED_UNKNOWN);
	senders_add(&senders, "02-1234-5678", false);
	assert_int_equal(senders_ask(&senders, "0212345678"), REGISTERED_BLOCKED);
	senders_add(&senders, "0212345678", true);
	assert_int_equal(senders_ask(&senders, "0212345678"), REGISTERED_YES);
	buf_free(&out);
	senders_print(&senders, &out);
	assert_string_equal(out.data, "0212345678, 0212345678");
	buf_free(&out);
	senders_free(&senders);
}

static void keeps_so_many(void **state)
{
	struct senders senders = {.told = true};
	struct buf out = {0};
	char number[24];

	(void)state;
	for (int i = 0; i < 10001; i++) {
		snprintf(number, sizeof number, "021%07d", i);
		senders_add(&senders, number, true);
	}
	assert_int_equal(senders.n, 10000);
	assert_int_equal(senders_ask(&senders, "0210009999"), REGISTERED_YES);
	assert_int_equal(senders_ask(&senders, "0219999999"), REGISTERED_UNKNOWN);
	senders_print(&senders, &out);
	assert_true(out.len < 500);
	buf_free(&out);
	senders_free(&senders);
}

static void what_keeps_from_sending(void **state)
{
	struct registration r = {0};

	(void)state;
	assert_false(registration_shut(&r));
	r.is = REGISTERED_YES;
	assert_false(registration_shut(&r));
	r.is = REGISTERED_NO;
	assert_true(registration_shut(&r));
	r.is = REGISTERED_BLOCKED;
	assert_true(registration_shut(&r));
}

/* ---- each provider's answer ---- */

struct row {
	int status;
	const char *body;
	enum registered is;
	bool failed;
};

static void hold_against(const struct protocol *protocol,
        const struct channel_config *config, const char *url, const struct row *rows,
        size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct told told = told_begin(protocol, config, protocol->senders);
		struct talk *talk = &told.talk;

		memory_put(talk->memory, "token", "T0", talk->now + 1000);
		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_string_equal(told.method, "GET");
		assert_string_equal(told.url, url);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (senders_ask(&talk->senders, config->sender) != rows[i].is ||
		        talk->failed != rows[i].failed ||
		        talk->failed != (talk->n_lines > 0))
			fail_msg("%s %zu: is %d, failed %d", protocol->provider, i,
			        senders_ask(&talk->senders, config->sender),
			        talk->failed);
		told_fini(&told);
	}
}

#define HOLD(protocol, config, url, rows) \
	hold_against(&protocol, &config, url, rows, sizeof rows / sizeof rows[0])

static void solapi_lists(void **state)
{
	static const struct row rows[] = {
	        {200, "[\"0311112222\",\"0212345678\"]", REGISTERED_YES, false},
	        {200, "[\"02-1234-5678\"]", REGISTERED_YES, false},
	        {200, "{\"numbers\":[{\"phoneNumber\":\"0212345678\",\"id\":\"x\"}]}",
	                REGISTERED_YES, false},
	        {200, "[\"0311112222\"]", REGISTERED_NO, false},
	        {200, "{\"numbers\":[{\"phoneNumber\":\"15881234\"}]}", REGISTERED_NO,
	                false},
	        {200, "[]", REGISTERED_NO, false},
	        {200, "{\"numbers\":[]}", REGISTERED_NO, false},
	        /* what nobody can read says nothing */
	        {200, "{}", REGISTERED_UNKNOWN, false},
	        {200, "{\"numbers\":null}", REGISTERED_UNKNOWN, false},
	        {200, "[7,null]", REGISTERED_UNKNOWN, false},
	        {200, "[\"0311112222\",{\"id\":\"x\"}]", REGISTERED_UNKNOWN, false},
	        {200, "{\"numbers\":[\"0311112222\"],\"nextKey\":\"k\"}",
	                REGISTERED_UNKNOWN, false},
	        {200, "\"0212345678\"", REGISTERED_UNKNOWN, true},
	        {200, "[\"0212345678\"", REGISTERED_UNKNOWN, true},
	        {200, "<html>", REGISTERED_UNKNOWN, true},
	        {200, "{\"errorCode\":\"Forbidden\"}", REGISTERED_UNKNOWN, true},
	        {403, "{\"errorCode\":\"Forbidden\"}", REGISTERED_UNKNOWN, true},
	        {500, "", REGISTERED_UNKNOWN, true},
	        {0, "", REGISTERED_UNKNOWN, true},
	        {-1, "", REGISTERED_UNKNOWN, true},
	};

	(void)state;
	HOLD(solapi_protocol, shop, "https://api.solapi.com/senderid/v1/numbers/active",
	        rows);
}

#define NHN_URL "https://sms.api.nhncloudservice.com/sms/v3.0/appKeys/testAppKey01"
#define NHN(total, rows) \
	"{\"header\":{\"isSuccessful\":true,\"resultCode\":0,\"resultMessage\":\"\"}," \
	"\"body\":{\"pageNum\":1,\"pageSize\":1000,\"totalCount\":" total \
	",\"data\":" rows "}}"
#define NUMBER(number, use, block) \
	"{\"sendNo\":\"" number "\",\"useYn\":\"" use "\",\"blockYn\":\"" block "\"}"

static void nhn_lists(void **state)
{
	static const struct row rows[] = {
	        {200, NHN("1", "[" NUMBER("0212345678", "Y", "N") "]"), REGISTERED_YES,
	                false},
	        {200, NHN("1", "[" NUMBER("0212345678", "Y", "Y") "]"),
	                REGISTERED_BLOCKED, false},
	        {200, NHN("1", "[" NUMBER("0212345678", "N", "N") "]"),
	                REGISTERED_BLOCKED, false},
	        {200, NHN("1", "[{\"sendNo\":\"0212345678\"}]"), REGISTERED_YES, false},
	        {200, NHN("1", "[" NUMBER("0311112222", "Y", "N") "]"), REGISTERED_NO,
	                false},
	        {200, NHN("0", "[]"), REGISTERED_NO, false},
	        {200, NHN("null", "[]"), REGISTERED_NO, false},
	        {200, NHN("0", "null"), REGISTERED_UNKNOWN, false},
	        {200, NHN("3", "[]"), REGISTERED_UNKNOWN, false},
	        {200, NHN("1", "[7]"), REGISTERED_UNKNOWN, false},
	        {200, NHN("1", "[{\"sendNo\":null}]"), REGISTERED_UNKNOWN, false},
	        {200, "{\"header\":{\"isSuccessful\":true,\"resultCode\":0}}",
	                REGISTERED_UNKNOWN, false},
	        {200, "{\"header\":{\"isSuccessful\":false,\"resultCode\":-1000}}",
	                REGISTERED_UNKNOWN, true},
	        {200, "{", REGISTERED_UNKNOWN, true},
	        {401, "", REGISTERED_UNKNOWN, true},
	        {500, "", REGISTERED_UNKNOWN, true},
	        {0, "", REGISTERED_UNKNOWN, true},
	};

	(void)state;
	HOLD(nhn_protocol, shop, NHN_URL "/sendNos?pageNum=1&pageSize=1000", rows);
}

static void nhn_lists_on_pages(void **state)
{
	struct told told = told_begin(&nhn_protocol, &shop, nhn_protocol.senders);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_int_equal(
	        talk_hear(&told, 200, NHN("2", "[" NUMBER("0311112222", "Y", "N") "]")),
	        TALK_REQUEST);
	assert_string_equal(told.url, NHN_URL "/sendNos?pageNum=2&pageSize=1000");
	assert_int_equal(
	        talk_hear(&told, 200, NHN("2", "[" NUMBER("0212345678", "Y", "N") "]")),
	        TALK_DONE);
	assert_int_equal(told.talk.senders.n, 2);
	assert_true(told.talk.senders.told);
	assert_int_equal(senders_ask(&told.talk.senders, shop.sender), REGISTERED_YES);
	told_fini(&told);
}

static void popbill_lists(void **state)
{
	static const struct row rows[] = {
	        {200,
	                "[{\"number\":\"02-1234-5678\",\"representYN\":true,\"state\":1,"
	                "\"memo\":\"\"}]",
	                REGISTERED_YES, false},
	        {200, "[{\"number\":\"0212345678\",\"state\":0}]", REGISTERED_YES, false},
	        {200, "[{\"number\":\"0311112222\",\"state\":1}]", REGISTERED_NO, false},
	        {200, "[]", REGISTERED_NO, false},
	        {200, "{}", REGISTERED_UNKNOWN, false},
	        {200, "[{\"state\":1}]", REGISTERED_UNKNOWN, false},
	        {200, "[7]", REGISTERED_UNKNOWN, false},
	        {200, "[", REGISTERED_UNKNOWN, true},
	        {200, "{\"code\":-11000005,\"message\":\"\"}", REGISTERED_UNKNOWN, true},
	        {400, "{\"code\":-11000005,\"message\":\"\"}", REGISTERED_UNKNOWN, true},
	        {500, "", REGISTERED_UNKNOWN, true},
	        {0, "", REGISTERED_UNKNOWN, true},
	};

	(void)state;
	HOLD(popbill_protocol, shop, "https://popbill.linkhub.co.kr/Message/SenderNumber",
	        rows);
}

static void popbill_asks_for_a_token(void **state)
{
	struct told told = told_begin(&popbill_protocol, &shop, popbill_protocol.senders);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_non_null(strstr(told.url, "/Token"));
	assert_int_equal(talk_hear(&told, 200,
	                         "{\"session_token\":\"T1\",\"expiration\":"
	                         "\"2026-11-23T01:32:03.000Z\"}"),
	        TALK_REQUEST);
	assert_non_null(strstr(told.url, "/Message/SenderNumber"));
	assert_int_equal(talk_hear(&told, 200, "[]"), TALK_DONE);
	assert_int_equal(senders_ask(&told.talk.senders, shop.sender), REGISTERED_NO);
	told_fini(&told);
	told = told_begin(&popbill_protocol, &shop, popbill_protocol.senders);
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_int_equal(talk_hear(&told, 401, "{\"code\":-99010007}"), TALK_DONE);
	assert_true(told.talk.failed && told.talk.n_lines == 1);
	told_fini(&told);
}

#define TWILIO(rows, more) \
	"{\"incoming_phone_numbers\":[" rows "],\"next_page_uri\":" more "}"

static void twilio_lists(void **state)
{
	static const struct row rows[] = {
	        {200, TWILIO("{\"phone_number\":\"+15005550006\"}", "null"),
	                REGISTERED_YES, false},
	        {200, TWILIO("{\"phone_number\":\"+15005550006\"}", "\"/2010\""),
	                REGISTERED_YES, false},
	        {200, TWILIO("{\"phone_number\":\"+15005550001\"}", "null"),
	                REGISTERED_NO, false},
	        {200, TWILIO("", "null"), REGISTERED_NO, false},
	        {200, TWILIO("{\"phone_number\":\"+15005550001\"}", "\"/2010\""),
	                REGISTERED_UNKNOWN, false},
	        {200, TWILIO("{\"phone_number\":7}", "null"), REGISTERED_UNKNOWN, false},
	        {200, "{}", REGISTERED_UNKNOWN, false},
	        {200, "[]", REGISTERED_UNKNOWN, true},
	        {200, "no", REGISTERED_UNKNOWN, true},
	        {401, "{\"code\":20003}", REGISTERED_UNKNOWN, true},
	        {0, "", REGISTERED_UNKNOWN, true},
	};

	(void)state;
	HOLD(twilio_protocol, abroad,
	        "https://api.twilio.com/2010-04-01/Accounts/AC1/"
	        "IncomingPhoneNumbers.json?PageSize=100",
	        rows);
}

/* A Messaging Service chooses its numbers itself; the others have no such list. */
static void some_cannot_be_asked(void **state)
{
	struct channel_config service = abroad;
	struct told told;

	(void)state;
	service.service = "MG1";
	told = told_begin(&twilio_protocol, &service, twilio_protocol.senders);
	assert_int_equal(talk_go(&told, NULL), TALK_DONE);
	assert_false(told.talk.failed);
	assert_int_equal(
	        senders_ask(&told.talk.senders, service.sender), REGISTERED_UNKNOWN);
	told_fini(&told);
	assert_null(sens_protocol.senders);
	assert_null(aligo_protocol.senders);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_number_in_many_spellings),
	        cmocka_unit_test(absence_needs_the_whole_list),
	        cmocka_unit_test(keeps_so_many),
	        cmocka_unit_test(what_keeps_from_sending),
	        cmocka_unit_test(solapi_lists),
	        cmocka_unit_test(nhn_lists),
	        cmocka_unit_test(nhn_lists_on_pages),
	        cmocka_unit_test(popbill_lists),
	        cmocka_unit_test(popbill_asks_for_a_token),
	        cmocka_unit_test(twilio_lists),
	        cmocka_unit_test(some_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
