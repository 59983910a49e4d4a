/* Provider twilio against Twilio's own examples. */
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
        .provider = "twilio",
        .user = "AC00000000000000000000000000000001",
        .secret_name = "s",
        .secret = {(char *)"0123456789abcdef0123456789abcdef", 32},
        .sender = "+15005550006",
};

static void writes_the_request(void **state)
{
	struct told told = talk_of(&twilio_protocol, &config, "sms", 1);

	(void)state;
	told.letters[0].to = "+821012345678";
	told.letters[0].text = "안녕하세요 test";
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, "https://api.twilio.com/2010-04-01/Accounts/"
	                              "AC00000000000000000000000000000001/Messages.json");
	assert_string_equal(told.last.headers[0],
	        "authorization: Basic "
	        "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMTIzNDU2Nzg5YWJjZGVmMDEy"
	        "MzQ1Njc4OWFiY2RlZg==");
	assert_string_equal(told.last.body.data,
	        "To=%2B821012345678&From=%2B15005550006&Body="
	        "%EC%95%88%EB%85%95%ED%95%98%EC%84%B8%EC%9A%94%20test");
	told_fini(&told);
}

static void reads_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
		const char *id, *code;
	} cases[] = {
	        {201, "{\"sid\":\"SM1\",\"status\":\"queued\",\"error_code\":null}",
	                OUTCOME_ACCEPTED, "SM1", ""},
	        {201, "{\"sid\":\"SM1\",\"status\":\"failed\",\"error_code\":30005}",
	                OUTCOME_REFUSED, "", "30005"},
	        {201, "{\"sid\":7}", OUTCOME_UNKNOWN, "", ""},
	        {201, "[]", OUTCOME_UNKNOWN, "", ""},
	        {200, "<html>", OUTCOME_UNKNOWN, "", ""},
	        {400, "{\"code\":21211,\"status\":400}", OUTCOME_REFUSED, "", "21211"},
	        {400, "{\"code\":21610,\"status\":400}", OUTCOME_OPTED_OUT, "", "21610"},
	        {400, "{\"code\":21606}", OUTCOME_OPERATOR, "", "21606"},
	        {400, "{\"code\":99999}", OUTCOME_REFUSED, "", "99999"},
	        {401, "{\"code\":20003}", OUTCOME_OPERATOR, "", "20003"},
	        {429, "{\"code\":20429}", OUTCOME_LATER, "", "20429"},
	        {500, "{\"code\":20500}", OUTCOME_UNKNOWN, "", "20500"},
	        {0, "", OUTCOME_UNKNOWN, "", ""},
	        {-1, "", OUTCOME_NOT_SENT, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = talk_of(&twilio_protocol, &config, "sms", 1);

		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, cases[i].status, cases[i].body), TALK_DONE);
		if (told.talk.outcomes[0].kind != cases[i].kind ||
		        strcmp(told.talk.outcomes[0].provider_id, cases[i].id) != 0 ||
		        strcmp(told.talk.outcomes[0].code, cases[i].code) != 0)
			fail_msg("%d %s: %d %s", cases[i].status, cases[i].body,
			        told.talk.outcomes[0].kind, told.talk.outcomes[0].code);
		told_fini(&told);
	}
}

#define ROW(sid, text, time) \
	"{\"sid\":\"" sid "\",\"to\":\"+821000000000\",\"from\":\"+15005550006\"," \
	"\"body\":\"" text "\",\"status\":\"delivered\",\"date_created\":\"" time "\"}"
#define NOW "Mon, 23 Nov 2026 01:02:05 +0000"

static void looks_for_what_nobody_knows(void **state)
{
	static const struct {
		const char *body;
		size_t news;
		enum asked asked;
	} cases[] = {
	        {"{\"messages\":[" ROW("SM1", "글 0", NOW) "]}", 1, ASKED_WHOLE},
	        {"{\"messages\":[" ROW("SM1", "글 0", NOW) "," ROW(
	                 "SM2", "글 0", NOW) "]}",
	                0, ASKED_PART},
	        {"{\"messages\":[" ROW("SM1", "글 1", NOW) "," ROW(
	                 "SM2", "글 0", "Sun, 22 Nov 2026 01:02:05 +0000") "]}",
	                0, ASKED_WHOLE},
	        /* the same words, hours before: perhaps ours, by a clock that is wrong */
	        {"{\"messages\":[" ROW(
	                 "SM2", "글 0", "Mon, 23 Nov 2026 04:02:05 +0000") "]}",
	                0, ASKED_PART},
	        {"{\"messages\":[" ROW("SM2", "글 0", "yesterday") "]}", 0, ASKED_PART},
	        {"{\"messages\":[],\"next_page_uri\":\"/x\"}", 0, ASKED_PART},
	        {"{\"messages\":[7,{}]}", 0, ASKED_WHOLE},
	        {"{}", 0, ASKED_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = inquiry_of(&twilio_protocol, &config, NULL, 1, true);

		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_non_null(strstr(told.url,
		        "Messages.json?To=%2B821000000000&DateSent%3E=2026-11-22"));
		talk_hear(&told, 200, cases[i].body);
		if (told.talk.n_news != cases[i].news ||
		        told.talk.asked != cases[i].asked)
			fail_msg("%s: %zu %d", cases[i].body, told.talk.n_news,
			        told.talk.asked);
		told_fini(&told);
	}
}

static void asks_by_sid(void **state)
{
	struct told told = inquiry_of(&twilio_protocol, &config, "SM1", 1, false);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_non_null(strstr(told.url, "/Messages/SM1.json"));
	talk_hear(&told, 200,
	        "{\"sid\":\"SM1\",\"status\":\"undelivered\",\"error_code\":30003}");
	assert_int_equal(told.talk.n_news, 1);
	assert_int_equal(told.talk.news[0].kind, NEWS_FAILED);
	assert_string_equal(told.talk.news[0].code, "30003");
	told_fini(&told);
}

static const char *shown;

static const char *header(const struct receipts_call *call, const char *name)
{
	(void)call;
	return strcmp(name, "x-twilio-signature") ? NULL : shown;
}

static void on_item(void *arg, const struct receipts_item *item)
{
	*(struct receipts_item *)arg = *item;
	assert_string_equal(item->provider_id, "SM00000000000000000000000000000001");
}

static void verifies_reports(void **state)
{
	static const char body[] =
	        "MessageSid=SM00000000000000000000000000000001&MessageStatus=delivered&"
	        "To=%2B821012345678&AccountSid=AC00000000000000000000000000000001&"
	        "ApiVersion=2010-04-01&From=%2B15005550006";
	struct receipts_call call = {.config = &config,
	        .header = header,
	        .url = "https://shop.example.kr/hook/twilio?j=7",
	        .body = body,
	        .len = sizeof body - 1};
	struct receipts_item item = {0};

	(void)state;
	shown = "HF/maqtmAzPQb6LYpk5sU/vi04o=";
	assert_int_equal(twilio_protocol.receipts(&call, on_item, &item), RECEIPTS_TAKEN);
	assert_int_equal(item.kind, NEWS_DELIVERED);
	call.url = "https://shop.example.kr/hook/twilio?j=8";
	assert_int_equal(
	        twilio_protocol.receipts(&call, on_item, &item), RECEIPTS_FORGED);
	shown = NULL;
	assert_int_equal(
	        twilio_protocol.receipts(&call, on_item, &item), RECEIPTS_FORGED);
}

static void vendors_vector(void **state)
{
	static const char body[] = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&"
	                           "Digits=1234&From=%2B12349013030&To=%2B18005551212";
	struct channel_config own = config;
	struct receipts_call call = {.config = &own,
	        .header = header,
	        .url = "https://mycompany.com/myapp.php?foo=1&bar=2",
	        .body = body,
	        .len = sizeof body - 1};

	(void)state;
	own.secret = (struct secret){(char *)"12345", 5};
	shown = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";
	assert_int_equal(twilio_protocol.receipts(&call, on_item, NULL), RECEIPTS_TAKEN);
	/* An API key's secret signs nothing; the account's token does. */
	own.key = (struct secret){(char *)"SK1", 3};
	assert_int_equal(twilio_protocol.receipts(&call, on_item, NULL), RECEIPTS_FORGED);
	own.receipts = own.secret;
	own.secret = (struct secret){(char *)"other", 5};
	assert_int_equal(twilio_protocol.receipts(&call, on_item, NULL), RECEIPTS_TAKEN);
}

static void counts_segments(void **state)
{
	static const struct {
		const char *one;
		int times, segments;
	} rows[] = {
	        {"a", 0, 1},
	        {"a", 160, 1},
	        {"a", 161, 2},
	        {"a", 306, 2},
	        {"a", 307, 3},
	        {"{", 80, 1},
	        {"{", 81, 2},
	        {"가", 70, 1},
	        {"가", 71, 2},
	        {"가", 134, 2},
	        {"가", 135, 3},
	        {"😀", 35, 1},
	        {"😀", 36, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf text = {0};
		buf_adds(&text, "");
		for (int k = 0; k < rows[i].times; k++)
			buf_adds(&text, rows[i].one);
		char *whole = buf_take(&text);
		if (twilio_protocol.segments(whole) != rows[i].segments)
			fail_msg("%s * %d: %d", rows[i].one, rows[i].times,
			        twilio_protocol.segments(whole));
		free(whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(writes_the_request),
	        cmocka_unit_test(reads_answers),
	        cmocka_unit_test(looks_for_what_nobody_knows),
	        cmocka_unit_test(asks_by_sid),
	        cmocka_unit_test(verifies_reports),
	        cmocka_unit_test(vendors_vector),
	        cmocka_unit_test(counts_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
