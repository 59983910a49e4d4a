/* Provider nhn over KakaoTalk: AlimTalk as it was approved, Brand Messages to friends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "nhn.h"

/* ---- AlimTalk ---- */

#define TEMPLATE(status, text) \
	"{" OK ",\"templates\":{\"templateCode\":\"order\",\"status\":\"" status \
	"\",\"templateContent\":\"" text "\"}}"

static struct told alimtalk_of(size_t n, const char *text)
{
	struct told told = talk_of(&nhn_protocol, &alimtalk, "alimtalk", n);

	for (size_t i = 0; i < n; i++) {
		told.letters[i].template_code = "order";
		told.letters[i].text = text;
	}
	return told;
}

static void sends_alimtalk(void **state)
{
	static const struct letter_button button = {"보기", "https://example.kr/1"};
	struct told told = alimtalk_of(1, "김하늘님, 3,500원입니다.");

	(void)state;
	told.letters[0].buttons = &button;
	told.letters[0].n_buttons = 1;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.method, "GET");
	assert_string_equal(told.url, ALIM "/senders/" PROFILE "/templates/order");
	assert_int_equal(
	        talk_hear(&told, 200, TEMPLATE("TSC03", "#{이름}님, #{금액}원입니다.")),
	        TALK_REQUEST);
	assert_string_equal(told.url, ALIM "/raw-messages");
	assert_string_equal(
	        header_of(&told, "X-NC-API-IDEMPOTENCY-KEY: "), "1a2b3c4d-b7");
	assert_string_equal(told.last.body.data,
	        "{\"senderKey\":\"" PROFILE "\",\"templateCode\":\"order\","
	        "\"senderGroupingKey\":\"1a2b3c4d-b7\",\"recipientList\":["
	        "{\"recipientNo\":\"01000000000\","
	        "\"recipientGroupingKey\":\"1a2b3c4d-1\","
	        "\"resendParameter\":{\"isResend\":false},"
	        "\"content\":\"김하늘님, 3,500원입니다.\","
	        "\"buttons\":[{\"type\":\"WL\",\"name\":\"보기\","
	        "\"linkMo\":\"https://example.kr/1\","
	        "\"linkPc\":\"https://example.kr/1\",\"ordering\":1}]}]}");
	assert_int_equal(talk_hear(&told, 200,
	                         "{" OK ",\"message\":{\"requestId\":\"K1\","
	                         "\"sendResults\":[" KEYED(1, 1, "0") "]}}"),
	        TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(told.talk.outcomes[0].provider_id, "K1:1");
	assert_string_equal(told.talk.ref, "K1");
	told_fini(&told);
}

static void compares_templates(void **state)
{
	struct told told = alimtalk_of(2, "김하늘님, 안녕하세요.");

	(void)state;
	told.letters[1].text = "김하늘님, 반갑습니다.";
	talk_go(&told, NULL);
	assert_int_equal(
	        talk_hear(&told, 200, TEMPLATE("TSC03", "#{이름}님, 안녕하세요.")),
	        TALK_REQUEST);
	assert_int_equal(told.talk.outcomes[1].kind, OUTCOME_REFUSED);
	assert_non_null(strstr(told.talk.outcomes[1].detail, "안녕하세요."));
	assert_null(strstr(told.talk.outcomes[1].detail, "김하늘"));
	assert_non_null(strstr(told.last.body.data, "1a2b3c4d-1"));
	assert_null(strstr(told.last.body.data, "반갑습니다"));
	/* Kept for an hour: no other look-up; who is left out alone sends nothing. */
	told.talk.step = 0;
	told.talk.settled[1] = false;
	told.letters[0].text = told.letters[1].text;
	assert_int_equal(talk_go(&told, NULL), TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_REFUSED);
	told.talk.step = 0;
	told.talk.settled[0] = false;
	told.talk.now += 3600 * 1000;
	talk_go(&told, NULL);
	assert_string_equal(told.method, "GET");
	told_fini(&told);
}

static void wants_a_code(void **state)
{
	struct told told = talk_of(&nhn_protocol, &alimtalk, "alimtalk", 2);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_DONE);
	assert_int_equal(told.talk.outcomes[1].kind, OUTCOME_REFUSED);
	assert_non_null(strstr(told.talk.outcomes[1].detail, "Template-Code"));
	told_fini(&told);
}

static void templates_fail(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
	} rows[] = {
	        {0, "", OUTCOME_NOT_SENT},
	        {-1, "", OUTCOME_NOT_SENT},
	        {500, "", OUTCOME_NOT_SENT},
	        {200, TEMPLATE("TSC02", "글"), OUTCOME_REFUSED},
	        {200, "{" NO("-3003") "}", OUTCOME_REFUSED},
	        {200, "{" NO("-1001") "}", OUTCOME_OPERATOR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = alimtalk_of(2, "글");

		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (told.talk.outcomes[1].kind != rows[i].kind)
			fail_msg("%zu: %d", i, told.talk.outcomes[1].kind);
		told_fini(&told);
	}
}

/* What NHN does not show is not compared. */
static void templates_not_shown(void **state)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
	        {404, ""},
	        {200, "{" OK "}"},
	        {200, "{" OK ",\"templates\":[]}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = alimtalk_of(2, "글");

		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_REQUEST);
		assert_string_equal(told.method, "POST");
		told_fini(&told);
	}
}

/* Proof that it came the first time: looked up, not sent again. */
static void repeats_are_unknown(void **state)
{
	struct told told = alimtalk_of(2, "글");

	(void)state;
	talk_go(&told, NULL);
	talk_hear(&told, 200, TEMPLATE("TSC03", "글"));
	talk_hear(&told, 200, "{" NO("-1005") "}");
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_UNKNOWN);
	assert_int_equal(told.talk.outcomes[1].kind, OUTCOME_UNKNOWN);
	assert_false(told.talk.split);
	told_fini(&told);
}

/* ---- Brand Messages ---- */

static void sends_brand(void **state)
{
	struct told told = talk_of(&nhn_protocol, &brand, "brandmessage", 1);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, BRAND "/freestyle-messages");
	assert_string_equal(told.last.body.data,
	        "{\"senderKey\":\"" PROFILE "\",\"chatBubbleType\":\"TEXT\","
	        "\"adult\":false,\"content\":\"글 0\","
	        "\"senderGroupingKey\":\"1a2b3c4d-b7\",\"recipientList\":["
	        "{\"recipientNo\":\"01000000000\","
	        "\"recipientGroupingKey\":\"1a2b3c4d-1\","
	        "\"resendParameter\":{\"isResend\":false},\"targeting\":\"I\"}]}");
	talk_hear(&told, 200,
	        "{" OK
	        ",\"message\":{\"requestId\":\"B1\",\"sendResults\":[" ROW(0, "0") "]}}");
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(told.talk.outcomes[0].provider_id, "B1:0");
	told_fini(&told);
}

static void uploads_for_brand(void **state)
{
	struct told told = talk_of(&nhn_protocol, &brand, "brandmessage", 1);
	char path[32];

	(void)state;
	write_picture(path, "\x89PNG\r\n\x1a\n\0\1", 10);
	told.letters[0].image = path;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, BRAND "/images");
	assert_string_equal(header_of(&told, "content-type: "),
	        "multipart/form-data; boundary=0123456789abcdef0123456789abcdef");
	static const char body[] =
	        "--0123456789abcdef0123456789abcdef\r\n"
	        "Content-Disposition: form-data; name=\"imageType\"\r\n\r\nIMAGE\r\n"
	        "--0123456789abcdef0123456789abcdef\r\n"
	        "Content-Disposition: form-data; name=\"image\"; "
	        "filename=\"picture.png\"\r\nContent-Type: image/png\r\n\r\n"
	        "\x89PNG\r\n\x1a\n\0\1\r\n--0123456789abcdef0123456789abcdef--\r\n";
	assert_int_equal(told.last.body.len, sizeof body - 1);
	assert_memory_equal(told.last.body.data, body, sizeof body - 1);
	assert_int_equal(talk_hear(&told, 200,
	                         "{" OK ",\"image\":{\"imageSeq\":1,"
	                         "\"imageUrl\":\"https://mud-kage.kakao.com/1.png\"}}"),
	        TALK_REQUEST);
	assert_non_null(strstr(told.last.body.data, "\"chatBubbleType\":\"IMAGE\""));
	assert_non_null(strstr(told.last.body.data,
	        "\"image\":{\"imageUrl\":\"https://mud-kage.kakao.com/1.png\"}"));
	unlink(path);
	told_fini(&told);
}

/* ---- results ---- */

static void tells_kakao_states(void **state)
{
	static const struct {
		const struct channel_config *config;
		const char *status, *code;
		bool told;
		enum news_kind kind;
	} rows[] = {
	        {&alimtalk, "\"COMPLETED\"", "\"1000\"", true, NEWS_DELIVERED},
	        {&alimtalk, "\"COMPLETED\"", "null", true, NEWS_ACCEPTED},
	        {&alimtalk, "\"COMPLETED\"", "\"3018\"", true, NEWS_FAILED},
	        {&alimtalk, "\"FAILED\"", "\"3018\"", true, NEWS_FAILED},
	        {&alimtalk, "\"FAILED\"", "\"7777\"", true, NEWS_FAILED},
	        {&alimtalk, "\"FAILED\"", "\"3005\"", true, NEWS_ACCEPTED},
	        {&alimtalk, "\"FAILED\"", "\"1000\"", true, NEWS_ACCEPTED},
	        {&alimtalk, "\"FAILED\"", "\"3020\"", true, NEWS_FAILED},
	        {&brand, "\"FAILED\"", "\"3020\"", true, NEWS_OPTED_OUT},
	        {&brand, "\"FAILED\"", "\"3022\"", true, NEWS_FAILED},
	        {&brand, "\"COMPLETED\"", "\"4161\"", true, NEWS_ACCEPTED},
	        {&alimtalk, "\"CANCEL\"", "null", true, NEWS_FAILED},
	        {&alimtalk, "\"WAITING\"", "null", false, 0},
	        {&alimtalk, "null", "null", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told =
		        inquiry_of(&nhn_protocol, rows[i].config, "R1", 1, false);
		char body[1024];

		talk_go(&told, NULL);
		snprintf(body, sizeof body,
		        "{" OK ",\"messageSearchResultResponse\":{\"totalCount\":1,"
		        "\"messages\":[{\"requestId\":\"R1\",\"recipientSeq\":1,"
		        "\"recipientGroupingKey\":\"1a2b3c4d-1\","
		        "\"messageStatus\":%s,\"resultCode\":%s}]}}",
		        rows[i].status, rows[i].code);
		assert_int_equal(talk_hear(&told, 200, body), TALK_DONE);
		if (told.talk.n_news != rows[i].told ||
		        (rows[i].told && told.talk.news[0].kind != rows[i].kind))
			fail_msg("%zu: %zu", i, told.talk.n_news);
		assert_int_equal(
		        told.talk.asked, rows[i].told ? ASKED_WHOLE : ASKED_PART);
		told_fini(&told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sends_alimtalk),
	        cmocka_unit_test(compares_templates),
	        cmocka_unit_test(wants_a_code),
	        cmocka_unit_test(templates_fail),
	        cmocka_unit_test(templates_not_shown),
	        cmocka_unit_test(repeats_are_unknown),
	        cmocka_unit_test(sends_brand),
	        cmocka_unit_test(uploads_for_brand),
	        cmocka_unit_test(tells_kakao_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
