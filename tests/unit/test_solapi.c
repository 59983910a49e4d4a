/* Provider solapi against its own examples: signature, requests, answers. */
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
        .provider = "solapi",
        .sender = "02-1234-5678",
        .key_name = "k",
        .secret_name = "s",
        .key = {(char *)"NCSTESTKEY000001", 16},
        .secret = {(char *)"SOLAPITESTSECRET0123456789ABCDEF", 32},
        .receipts = {(char *)"test-secret", 11},
};

static void signs(void **state)
{
	struct told told = talk_of(&solapi_protocol, &config, "sms", 1);
	struct request out = {0};

	(void)state;
	told.talk.now = 1795395723000; /* 2026-11-23T01:02:03.000Z */
	told.talk.nonce = "0123456789abcdef0123456789abcdef";
	assert_int_equal(solapi_protocol.send(&told.talk, NULL, &out), TALK_REQUEST);
	assert_string_equal(out.method, "POST");
	assert_string_equal(
	        out.url, "https://api.solapi.com/messages/v4/send-many/detail");
	assert_string_equal(out.headers[0],
	        "authorization: HMAC-SHA256 apiKey=NCSTESTKEY000001, "
	        "date=2026-11-23T01:02:03.000Z, salt=0123456789abcdef0123456789abcdef, "
	        "signature="
	        "a0c5c448b677421ed56042a259b6d91b602362d091ae68883d756c7772a68bea");
	assert_string_equal(out.body.data,
	        "{\"messages\":[{\"to\":\"01000000000\",\"type\":\"SMS\","
	        "\"customFields\":{\"dangol\":\"1a2b3c4d-1\",\"bundle\":\"1a2b3c4d-b7\"},"
	        "\"from\":\"0212345678\",\"text\":\"글 0\"}],\"allowDuplicates\":true,"
	        "\"showMessageList\":true}");
	request_fini(&out);
	told_fini(&told);
}

static void url_gives_way(void **state)
{
	struct channel_config near = config;
	struct told told;
	struct request out = {0};

	(void)state;
	near.url = "http://127.0.0.1:8080/ignored";
	told = talk_of(&solapi_protocol, &near, "sms", 1);
	solapi_protocol.send(&told.talk, NULL, &out);
	assert_string_equal(
	        out.url, "http://127.0.0.1:8080/messages/v4/send-many/detail");
	request_fini(&out);
	told_fini(&told);
}

#define OK(key, to, id) \
	"{\"messageId\":\"" id "\",\"statusCode\":\"2000\",\"to\":\"" to "\"," \
	"\"customFields\":{\"dangol\":\"" key "\"}}"

/* What an answer to two messages means for each. */
static void reads_answers(void **state)
{
	static const struct {
		int status; /* 0: lost; -1: not sent */
		const char *body;
		enum outcome_kind first, second;
		const char *id, *code;
	} cases[] = {
	        {200,
	                "{\"groupInfo\":{\"groupId\":\"G4V1\"},\"failedMessageList\":[],"
	                "\"messageList\":[" OK("1a2b3c4d-2", "01000000001", "M2") "," OK(
	                        "1a2b3c4d-1", "01000000000", "M1") "]}",
	                OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, "M1", ""},
	        {200,
	                "{\"groupInfo\":{\"groupId\":\"G4V1\"},\"failedMessageList\":[{"
	                "\"to\":\"01000000000\",\"statusCode\":\"1061\"}],"
	                "\"messageList\":[" OK("1a2b3c4d-2", "01000000001", "M2") "]}",
	                OUTCOME_OPTED_OUT, OUTCOME_ACCEPTED, "", "1061"},
	        {200,
	                "{\"groupInfo\":{\"count\":{\"registeredSuccess\":2}},"
	                "\"failedMessageList\":[]}",
	                OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, "", ""},
	        {200,
	                "{\"groupInfo\":{\"count\":{\"registeredSuccess\":1}},"
	                "\"failedMessageList\":[{\"to\":\"01000000000\","
	                "\"statusCode\":\"1030\"}]}",
	                OUTCOME_OPERATOR, OUTCOME_ACCEPTED, "", "1030"},
	        {200, "{\"groupInfo\":{},\"failedMessageList\":[]}", OUTCOME_UNKNOWN,
	                OUTCOME_UNKNOWN, "", ""},
	        {200, "[]", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", ""},
	        {200, "{\"messageList\":{\"a\":1},\"failedMessageList\":7}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", ""},
	        {200, "<html>", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", ""},
	        {200, "{\"groupInfo\":", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", ""},
	        {403, "{\"errorCode\":\"SignatureDoesNotMatch\",\"errorMessage\":\"\"}",
	                OUTCOME_OPERATOR, OUTCOME_OPERATOR, "", "SignatureDoesNotMatch"},
	        {403, "{\"errorCode\":\"DuplicatedSignature\",\"errorMessage\":\"\"}",
	                OUTCOME_LATER, OUTCOME_LATER, "", "DuplicatedSignature"},
	        {400, "{\"errorCode\":\"ValidationError\",\"errorMessage\":\"\"}",
	                OUTCOME_REFUSED, OUTCOME_REFUSED, "", "ValidationError"},
	        {429, "{\"errorCode\":\"TooMany\",\"message\":\"\"}", OUTCOME_LATER,
	                OUTCOME_LATER, "", "TooMany"},
	        {500, "", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", "500"},
	        {0, "", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, "", ""},
	        {-1, "", OUTCOME_NOT_SENT, OUTCOME_NOT_SENT, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = talk_of(&solapi_protocol, &config, "sms", 2);

		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_int_equal(
		        talk_hear(&told, cases[i].status, cases[i].body), TALK_DONE);
		if (told.talk.outcomes[0].kind != cases[i].first ||
		        told.talk.outcomes[1].kind != cases[i].second ||
		        strcmp(told.talk.outcomes[0].provider_id, cases[i].id) != 0 ||
		        strcmp(told.talk.outcomes[0].code, cases[i].code) != 0)
			fail_msg("%s: %d %d %s %s", cases[i].body,
			        told.talk.outcomes[0].kind, told.talk.outcomes[1].kind,
			        told.talk.outcomes[0].provider_id,
			        told.talk.outcomes[0].code);
		assert_int_equal(told.talk.split, cases[i].status == 400);
		told_fini(&told);
	}
}

static char *added(size_t n)
{
	struct buf text = {0};

	buf_adds(&text, "{\"errorCount\":0,\"resultList\":[");
	for (size_t i = 0; i < n; i++)
		buf_printf(&text,
		        "%s{\"messageId\":\"M%zu\",\"statusCode\":\"%s\","
		        "\"customFields\":{\"dangol\":\"1a2b3c4d-%zu\"}}",
		        i ? "," : "", i, i == 3 ? "1062" : "2000", i + 1);
	buf_adds(&text, "]}");
	return buf_take(&text);
}

/* The talk up to the answer of the group's sending. */
static void up_to_sending(struct told *told, const char *answer)
{
	assert_int_equal(talk_go(told, NULL), TALK_REQUEST);
	assert_non_null(strstr(told->url, "/messages/v4/groups"));
	assert_int_equal(talk_hear(told, 200, "{\"groupId\":\"G4V77\"}"), TALK_NOTE);
	assert_string_equal(told->talk.ref, "G4V77");
	assert_int_equal(talk_go(told, NULL), TALK_REQUEST);
	assert_string_equal(told->method, "PUT");
	assert_non_null(strstr(told->url, "/messages/v4/groups/G4V77/messages"));
	assert_int_equal(talk_hear(told, 200, answer), TALK_REQUEST);
	assert_non_null(strstr(told->url, "/messages/v4/groups/G4V77/send"));
}

/* Many go as a group: its name is kept before it is sent. */
static void sends_groups(void **state)
{
	static const struct {
		const char *answer;
		enum outcome_kind kind;
	} cases[] = {
	        {"{\"groupId\":\"G4V77\",\"status\":\"SENDING\"}", OUTCOME_ACCEPTED},
	        {"{\"groupId\":\"G4V77\",\"status\":\"COMPLETE\"}", OUTCOME_ACCEPTED},
	        {"{\"groupId\":\"G4V77\",\"status\":\"PENDING\"}", OUTCOME_UNKNOWN},
	        {"{\"groupId\":\"G4V77\"}", OUTCOME_UNKNOWN},
	};
	char *answer = added(60);

	(void)state;
	for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
		struct told told = talk_of(&solapi_protocol, &config, "sms", 60);

		up_to_sending(&told, answer);
		assert_int_equal(talk_hear(&told, 200, cases[k].answer), TALK_DONE);
		for (size_t i = 0; i < 60; i++)
			assert_int_equal(told.talk.outcomes[i].kind,
			        i == 3 ? OUTCOME_OPERATOR : cases[k].kind);
		if (cases[k].kind == OUTCOME_ACCEPTED)
			assert_string_equal(told.talk.outcomes[0].provider_id, "M0");
		told_fini(&told);
	}
	free(answer);
}

/* Whatever breaks before the group is sent has sent nothing; after it, nobody knows. */
static void breaks_groups(void **state)
{
	char *answer = added(60);

	(void)state;
	for (int at = 0; at < 4; at++) {
		struct told told = talk_of(&solapi_protocol, &config, "sms", 60);
		enum talk_next next = talk_go(&told, NULL);

		if (at > 0) {
			talk_hear(&told, 200, "{\"groupId\":\"G4V77\"}");
			next = at == 1 ? TALK_NOTE : talk_go(&told, NULL);
		}
		if (at > 2)
			next = talk_hear(&told, 200, answer);
		assert_int_not_equal(next, TALK_DONE);
		assert_int_equal(talk_hear(&told, at == 1 ? -1 : 0, ""), TALK_DONE);
		assert_int_equal(told.talk.outcomes[0].kind,
		        at > 2 ? OUTCOME_UNKNOWN : OUTCOME_NOT_SENT);
		assert_int_equal(told.talk.outcomes[3].kind,
		        at > 2 ? OUTCOME_OPERATOR : OUTCOME_NOT_SENT);
		told_fini(&told);
	}
	free(answer);
}

static void asks_by_group(void **state)
{
	struct told told = inquiry_of(&solapi_protocol, &config, "G4V77", 2, true);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_non_null(strstr(told.url, "/messages/v4/groups/G4V77"));
	assert_int_equal(
	        talk_hear(&told, 200, "{\"groupId\":\"G4V77\",\"status\":\"SENDING\"}"),
	        TALK_REQUEST);
	assert_non_null(strstr(told.url, "groupId=G4V77"));
	assert_int_equal(
	        talk_hear(&told, 200,
	                "{\"nextKey\":\"K2\",\"messageList\":{\"M1\":{\"statusCode\":"
	                "\"4000\",\"customFields\":{\"dangol\":\"1a2b3c4d-1\"}}}}"),
	        TALK_REQUEST);
	assert_int_equal(told.talk.n_news, 1);
	assert_int_equal(told.talk.news[0].kind, NEWS_DELIVERED);
	assert_string_equal(told.talk.news[0].provider_id, "M1");
	assert_non_null(strstr(told.url, "startKey=K2"));
	assert_int_equal(
	        talk_hear(&told, 200,
	                "{\"nextKey\":null,\"messageList\":{\"M2\":{\"statusCode\":"
	                "\"3104\",\"customFields\":{\"dangol\":\"1a2b3c4d-2\"}},"
	                "\"M9\":{\"statusCode\":\"4000\"},\"M8\":7}}"),
	        TALK_DONE);
	assert_int_equal(told.talk.n_news, 2);
	assert_int_equal(told.talk.news[1].kind, NEWS_FAILED);
	assert_int_equal(told.talk.asked, ASKED_WHOLE);
	told_fini(&told);
}

/* A group that was never sent is taken away, and only then is it sure. */
static void takes_groups_away(void **state)
{
	struct told told = inquiry_of(&solapi_protocol, &config, "G4V77", 1, true);
	const char *pending = "{\"groupId\":\"G4V77\",\"status\":\"PENDING\"}";

	(void)state;
	told.talk.now = told.inquiry.at + 30000;
	talk_go(&told, NULL);
	assert_int_equal(talk_hear(&told, 200, pending), TALK_DONE);
	assert_int_equal(told.talk.asked, ASKED_FAILED);
	told_fini(&told);
	told = inquiry_of(&solapi_protocol, &config, "G4V77", 1, true);
	told.talk.now = told.inquiry.at + 200000;
	talk_go(&told, NULL);
	assert_int_equal(talk_hear(&told, 200, pending), TALK_REQUEST);
	assert_string_equal(told.method, "DELETE");
	assert_int_equal(talk_hear(&told, 200, pending), TALK_DONE);
	assert_int_equal(told.talk.asked, ASKED_NONE);
	told_fini(&told);
}

static void asks_by_key(void **state)
{
	struct told told = inquiry_of(&solapi_protocol, &config, NULL, 1, true);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_non_null(strstr(told.url, "to=01000000000"));
	assert_non_null(
	        strstr(told.url, "dateType=CREATED&startDate=2026-11-23T00%3A46"));
	assert_int_equal(
	        talk_hear(&told, 200,
	                "{\"messageList\":{\"M1\":{\"statusCode\":\"4000\","
	                "\"customFields\":{\"dangol\":\"1a2b3c4d-1\","
	                "\"bundle\":\"1a2b3c4d-b6\"}},\"M2\":{\"statusCode\":\"3000\","
	                "\"customFields\":{\"dangol\":\"1a2b3c4d-1\","
	                "\"bundle\":\"1a2b3c4d-b7\"}}}}"),
	        TALK_DONE);
	assert_int_equal(told.talk.n_news, 1);
	assert_int_equal(told.talk.news[0].kind, NEWS_ACCEPTED);
	assert_int_equal(told.talk.asked, ASKED_WHOLE);
	told_fini(&told);
}

/* What a list shows that does not show everything. */
static void believes_no_half_list(void **state)
{
	static const struct {
		const char *ref, *body;
		size_t news;
		enum asked asked;
	} cases[] = {
	        /* without our names: perhaps ours; in our own group surely */
	        {NULL, "{\"M1\":{\"to\":\"01000000001\",\"statusCode\":\"4000\"}}", 0,
	                ASKED_PART},
	        {NULL, "{\"M1\":{\"to\":\"01099999999\",\"statusCode\":\"4000\"}}", 0,
	                ASKED_WHOLE},
	        {"G4V77", "{\"M1\":{\"to\":\"01000000001\",\"statusCode\":\"4000\"}}", 1,
	                ASKED_WHOLE},
	        /* a code that cannot be read */
	        {NULL,
	                "{\"M1\":{\"statusCode\":4000,\"customFields\":{\"dangol\":"
	                "\"1a2b3c4d-2\"}}}",
	                1, ASKED_WHOLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told =
		        inquiry_of(&solapi_protocol, &config, cases[i].ref, 2, true);
		char *body = mem_printf("{\"messageList\":%s}", cases[i].body);

		talk_go(&told, NULL);
		if (cases[i].ref)
			talk_hear(&told, 200, "{\"status\":\"SENDING\"}");
		assert_int_equal(talk_hear(&told, 200, body), TALK_DONE);
		assert_int_equal(told.talk.n_news, cases[i].news);
		assert_int_equal(told.talk.asked, cases[i].asked);
		free(body);
		told_fini(&told);
	}
}

/* A next page that is the same again. */
static void leaves_a_list_that_turns_in_a_circle(void **state)
{
	struct told told = inquiry_of(&solapi_protocol, &config, NULL, 2, true);
	const char *page = "{\"messageList\":{},\"nextKey\":\"K\"}";

	(void)state;
	talk_go(&told, NULL);
	assert_int_equal(talk_hear(&told, 200, page), TALK_REQUEST);
	assert_int_equal(talk_hear(&told, 200, page), TALK_DONE);
	assert_int_equal(told.talk.asked, ASKED_PART);
	told_fini(&told);
}

static const char *shown;

static const char *header(const struct receipts_call *call, const char *name)
{
	(void)call;
	return strcmp(name, "x-solapi-secret") ? NULL : shown;
}

static void on_item(void *arg, const struct receipts_item *item)
{
	int *n = arg;

	assert_string_equal(item->provider_id, "M1");
	assert_int_equal(item->kind, NEWS_DELIVERED);
	(*n)++;
}

static void verifies_reports(void **state)
{
	const char *body = "[{\"messageId\":\"M1\",\"statusCode\":\"4000\"},7,{}]";
	struct receipts_call call = {
	        .config = &config, .header = header, .body = body, .len = strlen(body)};
	int n = 0;

	(void)state;
	shown = "fe1bae27cb7c1fb823f496f286e78f1d2ae87734";
	assert_int_equal(solapi_protocol.receipts(&call, on_item, &n), RECEIPTS_TAKEN);
	assert_int_equal(n, 1);
	shown = "ed5264a0dcab7473eca28cfd507de7b800884d1f";
	assert_int_equal(solapi_protocol.receipts(&call, on_item, &n), RECEIPTS_FORGED);
	shown = NULL;
	assert_int_equal(solapi_protocol.receipts(&call, on_item, &n), RECEIPTS_FORGED);
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(signs),
	        cmocka_unit_test(url_gives_way),
	        cmocka_unit_test(reads_answers),
	        cmocka_unit_test(sends_groups),
	        cmocka_unit_test(breaks_groups),
	        cmocka_unit_test(asks_by_group),
	        cmocka_unit_test(takes_groups_away),
	        cmocka_unit_test(asks_by_key),
	        cmocka_unit_test(believes_no_half_list),
	        cmocka_unit_test(leaves_a_list_that_turns_in_a_circle),
	        cmocka_unit_test(verifies_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
