/* Provider popbill: token, requests, answers, look-ups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "talk.h"

static const struct channel_config config = {
        .name = "sms",
        .provider = "popbill",
        .user = "123-45-67890",
        .service = "POPBILL_TEST",
        .sender = "02-1234-5678",
        .key_name = "k",
        .secret_name = "s",
        .key = {(char *)"TESTLINK", 8},
        .secret = {(char *)"bGlua2h1Yi1zZWNyZXQta2V5LTMyLWJ5dGVzLWxlbiE=", 44},
};

#define TOKEN \
	"{\"session_token\":\"T1\",\"expiration\":\"2026-11-23T01:32:03.000Z\"," \
	"\"serviceID\":\"POPBILL_TEST\"}"

static void asks_for_a_token(void **state)
{
	struct told told = talk_of(&popbill_protocol, &config, "sms", 1);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, "https://auth.linkhub.co.kr/POPBILL_TEST/Token");
	assert_string_equal(told.last.body.data,
	        "{\"access_id\":\"1234567890\",\"scope\":[\"member\",\"150\",\"151\","
	        "\"152\"]}");
	assert_string_equal(told.last.headers[1], "x-lh-date: 2026-11-23T01:02:03Z");
	assert_string_equal(told.last.headers[3], "x-lh-forwarded: *");
	assert_string_equal(told.last.headers[4],
	        "authorization: LINKHUB TESTLINK "
	        "WTPJI3joNcbONCvbIzvwy7wW3gUkSj5E6+F2cDT2M48=");
	assert_int_equal(talk_hear(&told, 200, TOKEN), TALK_REQUEST);
	assert_string_equal(told.url, "https://popbill-test.linkhub.co.kr/SMS");
	assert_string_equal(told.last.headers[0], "authorization: Bearer T1");
	assert_string_equal(told.last.body.data,
	        "{\"msgs\":[{\"rcv\":\"01000000000\",\"msg\":\"글 0\","
	        "\"interOPRefKey\":\"1a2b3c4d-1\",\"snd\":\"0212345678\"}],"
	        "\"requestnum\":\"1a2b3c4d-b7\",\"snd\":\"0212345678\",\"adsYN\":false}");
	assert_int_equal(
	        talk_hear(&told, 200, "{\"receiptNum\":\"0261123010203000001\"}"),
	        TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(told.talk.ref, "0261123010203000001");
	told_fini(&told);
}

/* A token that stands is used again, and not beyond its end. */
static void keeps_the_token(void **state)
{
	struct told told = talk_of(&popbill_protocol, &config, "sms", 1);

	(void)state;
	memory_put(told.talk.memory, "token", "T0", told.talk.now + 1000);
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.last.headers[0], "authorization: Bearer T0");
	assert_int_equal(talk_hear(&told, 401, "{\"code\":-99010007}"), TALK_REQUEST);
	assert_non_null(strstr(told.url, "/Token"));
	assert_int_equal(talk_hear(&told, 200, TOKEN), TALK_REQUEST);
	assert_int_equal(talk_hear(&told, 401, "{\"code\":-99010007}"), TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_OPERATOR);
	told_fini(&told);
}

static void reads_answers(void **state)
{
	static const struct {
		bool token; /* the answer is to the token's request */
		int status;
		const char *body;
		enum outcome_kind kind;
		const char *code;
		bool split;
	} cases[] = {
	        {true, 0, "", OUTCOME_NOT_SENT, "", false},
	        {true, 500, "", OUTCOME_NOT_SENT, "500", false},
	        {true, 200, "<html>", OUTCOME_NOT_SENT, "", false},
	        {true, 200, "{}", OUTCOME_NOT_SENT, "", false},
	        {true, 400, "{\"code\":-99000001,\"message\":\"x\"}", OUTCOME_OPERATOR,
	                "-99000001", false},
	        {false, 200, "{}", OUTCOME_UNKNOWN, "", false},
	        {false, 200, "{\"receiptNum\":7}", OUTCOME_UNKNOWN, "", false},
	        {false, 200, "{\"receiptNum\":\"\"}", OUTCOME_UNKNOWN, "", false},
	        {false, 400, "{\"code\":-10000014,\"message\":\"x\"}", OUTCOME_OPERATOR,
	                "-10000014", false},
	        {false, 400, "{\"code\":-99003008}", OUTCOME_OPERATOR, "-99003008",
	                false},
	        {false, 400, "{\"code\":-13000001}", OUTCOME_REFUSED, "-13000001", true},
	        {false, 200, "{\"code\":-1,\"message\":\"x\"}", OUTCOME_REFUSED, "-1",
	                true},
	        {false, 400, "{\"code\":-2,\"message\":\"포인트가 부족합니다\"}",
	                OUTCOME_OPERATOR, "-2", false},
	        {false, 400, "{\"code\":-3,\"message\":\"글이 너무 깁니다\"}",
	                OUTCOME_REFUSED, "-3", true},
	        /* of many, one may refuse; of the number to refuse by, nobody does */
	        {false, 400, "{\"code\":-4,\"message\":\"수신거부 고객입니다\"}",
	                OUTCOME_REFUSED, "-4", true},
	        /* nobody's verdict on a message, but for Popbill's own */
	        {false, 404, "<html>", OUTCOME_OPERATOR, "404", false},
	        {false, 404, "{\"code\":-7,\"message\":\"x\"}", OUTCOME_REFUSED, "-7",
	                true},
	        {false, 429, "", OUTCOME_LATER, "429", false},
	        {false, 503, "", OUTCOME_UNKNOWN, "503", false},
	        {false, 0, "", OUTCOME_UNKNOWN, "", false},
	        {false, -1, "", OUTCOME_NOT_SENT, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = talk_of(&popbill_protocol, &config, "sms", 2);

		talk_go(&told, NULL);
		if (!cases[i].token)
			talk_hear(&told, 200, TOKEN);
		assert_int_equal(
		        talk_hear(&told, cases[i].status, cases[i].body), TALK_DONE);
		if (told.talk.outcomes[1].kind != cases[i].kind ||
		        told.talk.split != cases[i].split ||
		        strcmp(told.talk.outcomes[1].code, cases[i].code) != 0)
			fail_msg("%d %s: %d %s", cases[i].status, cases[i].body,
			        told.talk.outcomes[1].kind, told.talk.outcomes[1].code);
		told_fini(&told);
	}
}

/* What the words of a refusal of one letter mean. */
static void tells_who_refuses(void **state)
{
	static const struct {
		const char *body;
		enum outcome_kind kind;
	} cases[] = {
	        {"{\"code\":-4,\"message\":\"수신거부 고객입니다\"}", OUTCOME_OPTED_OUT},
	        {"{\"code\":-5,\"message\":\"무료수신거부 번호가 빠졌습니다\"}",
	                OUTCOME_REFUSED},
	        {"{\"code\":-6,\"message\":\"080 수신거부 표기가 없습니다\"}",
	                OUTCOME_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = talk_of(&popbill_protocol, &config, "sms", 1);

		memory_put(told.talk.memory, "token", "T0", 0);
		talk_go(&told, NULL);
		talk_hear(&told, 400, cases[i].body);
		assert_int_equal(told.talk.outcomes[0].kind, cases[i].kind);
		told_fini(&told);
	}
}

static void looks_up_by_our_name(void **state)
{
	static const struct {
		const char *ref;
		int status;
		const char *body, *path;
		size_t news;
		enum news_kind kind;
		enum asked asked;
	} cases[] = {
	        {NULL, 200, "[{\"state\":1,\"interOPRefKey\":\"1a2b3c4d-2\"}]",
	                "/Message/Get/1a2b3c4d-b7", 1, NEWS_ACCEPTED, ASKED_WHOLE},
	        {NULL, 400, "{\"code\":-12000004,\"message\":\"없음\"}",
	                "/Message/Get/1a2b3c4d-b7", 0, NEWS_ACCEPTED, ASKED_WHOLE},
	        {NULL, 400, "{\"code\":-9,\"message\":\"점검 중입니다\"}",
	                "/Message/Get/1a2b3c4d-b7", 0, NEWS_ACCEPTED, ASKED_FAILED},
	        {"R1", 400, "{\"code\":-1,\"message\":\"x\"}", "/Message/R1", 0,
	                NEWS_ACCEPTED, ASKED_FAILED},
	        {"R1", 200,
	                "[{\"state\":2,\"result\":0,\"receiveNum\":\"01000000000\"},7]",
	                "/Message/R1", 1, NEWS_ACCEPTED, ASKED_WHOLE},
	        {"R1", 200,
	                "[{\"state\":3,\"result\":100,\"receiveNum\":\"01000000000\"}]",
	                "/Message/R1", 1, NEWS_DELIVERED, ASKED_WHOLE},
	        {"R1", 200,
	                "[{\"state\":2,\"result\":100,\"interOPRefKey\":\"1a2b3c4d-1\"}]",
	                "/Message/R1", 1, NEWS_DELIVERED, ASKED_WHOLE},
	        {"R1", 200, "[{\"state\":3,\"interOPRefKey\":\"1a2b3c4d-1\"}]",
	                "/Message/R1", 1, NEWS_ACCEPTED, ASKED_WHOLE},
	        {"R1", 200, "[{\"state\":4,\"interOPRefKey\":\"1a2b3c4d-1\"}]",
	                "/Message/R1", 1, NEWS_FAILED, ASKED_WHOLE},
	        {NULL, 400, "{\"code\":-13000001,\"message\":\"처리할 수 없습니다\"}",
	                "/Message/Get/1a2b3c4d-b7", 0, NEWS_ACCEPTED, ASKED_FAILED},
	        {NULL, 404, "<html>없음", "/Message/Get/1a2b3c4d-b7", 0, NEWS_ACCEPTED,
	                ASKED_FAILED},
	        {NULL, 400, "{\"code\":-10000014,\"message\":\"x\"}",
	                "/Message/Get/1a2b3c4d-b7", 0, NEWS_ACCEPTED, ASKED_FAILED},
	        {"R1", 200,
	                "[{\"state\":\"3\",\"result\":\"31\",\"interOPRefKey\":"
	                "\"1a2b3c4d-1\"}]",
	                "/Message/R1", 1, NEWS_FAILED, ASKED_WHOLE},
	        {"R1", 200, "{\"a\":1}", "/Message/R1", 0, NEWS_ACCEPTED, ASKED_FAILED},
	        {"R1", 500, "", "/Message/R1", 0, NEWS_ACCEPTED, ASKED_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told =
		        inquiry_of(&popbill_protocol, &config, cases[i].ref, 2, true);

		memory_put(told.talk.memory, "token", "T0", 0);
		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_non_null(strstr(told.url, cases[i].path));
		talk_hear(&told, cases[i].status, cases[i].body);
		if (told.talk.n_news != cases[i].news ||
		        told.talk.asked != cases[i].asked ||
		        (cases[i].news && told.talk.news[0].kind != cases[i].kind))
			fail_msg("%s: %zu %d", cases[i].body, told.talk.n_news,
			        told.talk.asked);
		told_fini(&told);
	}
}

static void reads_refusals(void **state)
{
	struct told told = talk_of(&popbill_protocol, &config, "sms", 1);

	(void)state;
	told.step = popbill_protocol.refusals;
	memory_put(told.talk.memory, "token", "T0", 0);
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	talk_hear(&told, 200, "[{\"number\":\"01012345678\"},{\"number\":7},{}]");
	assert_int_equal(told.talk.n_lines, 1);
	assert_string_equal(told.talk.lines[0], "+821012345678");
	told_fini(&told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(asks_for_a_token),
	        cmocka_unit_test(keeps_the_token),
	        cmocka_unit_test(reads_answers),
	        cmocka_unit_test(tells_who_refuses),
	        cmocka_unit_test(looks_up_by_our_name),
	        cmocka_unit_test(reads_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
