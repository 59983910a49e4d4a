/* Provider nhn: what its answers, its lists and its reports mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>
#include "nhn.h"

/* ---- answers ---- */

/* What an answer to two messages means for each. */
static void reads_answers(void **state)
{
	static const struct {
		int status; /* 0: lost; -1: not sent */
		const char *body;
		enum outcome_kind first, second;
		const char *id; /* the first's */
	} rows[] = {
	        {200, "{" OK DATA(KEYED(0, 1, "0") "," KEYED(1, 2, "0")) "}",
	                OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
	                "20180810100630ReZQ6KZzAH0:0"},
	        {200, "{" OK DATA(KEYED(1, 2, "0") "," KEYED(7, 1, "\"0\"")) "}",
	                OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
	                "20180810100630ReZQ6KZzAH0:7"},
	        {200, "{" OK DATA(ROW(0, "-2019") "," ROW(1, "0")) "}",
	                OUTCOME_BAD_ADDRESS, OUTCOME_ACCEPTED, ""},
	        {200, "{" OK DATA(ROW(0, "-6001") "," ROW(1, "-2021")) "}",
	                OUTCOME_OPTED_OUT, OUTCOME_LATER, ""},
	        {200, "{" OK DATA(ROW(0, "-2312") "," ROW(1, "-77777")) "}",
	                OUTCOME_OPERATOR, OUTCOME_REFUSED, ""},
	        /* not whole, not ours, not what the guide says */
	        {200, "{" OK DATA(ROW(0, "0")) "}", OUTCOME_ACCEPTED, OUTCOME_UNKNOWN,
	                "20180810100630ReZQ6KZzAH0:0"},
	        {200, "{" OK DATA(KEYED(0, 1, "0") "," KEYED(1, 1, "0")) "}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{" OK DATA(ROW(0, "null") ",7,[]") "}", OUTCOME_UNKNOWN,
	                OUTCOME_UNKNOWN, ""},
	        {200,
	                "{" OK DATA(
	                        "{\"recipientNo\":\"01000000000\",\"resultCode\":0}") "}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200,
	                "{" OK ",\"body\":{\"data\":{\"requestId\":\"a b\\n\","
	                "\"sendResultList\":[" ROW(0, "0") "]}}}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{" OK ",\"body\":null}", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{" OK ",\"body\":[1]}", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{\"header\":7}", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "[]", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "<html>", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{\"header\":", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        /* a header that contradicts itself, or its rows */
	        {200,
	                "{\"header\":{\"isSuccessful\":false,\"resultCode\":0}" DATA(
	                        ROW(0, "0")) "}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{\"header\":{\"isSuccessful\":true,\"resultCode\":-1000}}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {200, "{" NO("-1031") DATA(ROW(0, "0") "," ROW(1, "-2019")) "}",
	                OUTCOME_UNKNOWN, OUTCOME_BAD_ADDRESS, ""},
	        /* the whole */
	        {200, "{" NO("-1000") "}", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {200, "{" NO("-1008") "}", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {200, "{" NO("-2052") "}", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {200, "{" NO("-6003") "}", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {200, "{" NO("-2021") "}", OUTCOME_LATER, OUTCOME_LATER, ""},
	        {200, "{" NO("-9999") "}", OUTCOME_LATER, OUTCOME_LATER, ""},
	        {401, "{" NO("-1001") "}", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {401, "", OUTCOME_OPERATOR, OUTCOME_OPERATOR, ""},
	        {429, "", OUTCOME_LATER, OUTCOME_LATER, ""},
	        {500, "{" NO("-9999") "}", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {503, "<html>", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {0, "", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, ""},
	        {-1, "", OUTCOME_NOT_SENT, OUTCOME_NOT_SENT, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = talk_of(&nhn_protocol, &sms, "sms", 2);
		struct outcome *outcomes = told.talk.outcomes;

		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (outcomes[0].kind != rows[i].first ||
		        outcomes[1].kind != rows[i].second ||
		        strcmp(outcomes[0].provider_id, rows[i].id) != 0 ||
		        told.talk.split)
			fail_msg("%zu: %d %d %s %d", i, outcomes[0].kind,
			        outcomes[1].kind, outcomes[0].provider_id,
			        told.talk.split);
		told_fini(&told);
	}
}

static void keeps_the_request(void **state)
{
	struct told told = talk_of(&nhn_protocol, &sms, "sms", 1);

	(void)state;
	talk_go(&told, NULL);
	talk_hear(&told, 200, "{" OK DATA(ROW(0, "0")) "}");
	assert_string_equal(told.talk.ref, "20180810100630ReZQ6KZzAH0");
	told_fini(&told);
}

/* What one recipient alone can be is not said of all: each half is tried. */
static void splits(void **state)
{
	static const struct {
		const char *code;
		enum outcome_kind alone;
	} rows[] = {{"-2019", OUTCOME_BAD_ADDRESS}, {"-6001", OUTCOME_OPTED_OUT},
	        {"-2015", OUTCOME_REFUSED}};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t n = 1; n <= 2; n++) {
			struct told told = talk_of(&nhn_protocol, &sms, "sms", n);
			char body[128];

			snprintf(body, sizeof body,
			        "{\"header\":{\"isSuccessful\":false,\"resultCode\":%s}}",
			        rows[i].code);
			talk_go(&told, NULL);
			talk_hear(&told, 200, body);
			assert_int_equal(told.talk.split, n > 1);
			assert_int_equal(told.talk.outcomes[0].kind,
			        n > 1 ? OUTCOME_LATER : rows[i].alone);
			told_fini(&told);
		}
}

/* ---- asking ---- */

#define FOUND(seq, key, status, code) \
	"{\"requestId\":\"R1\",\"recipientSeq\":" #seq ",\"msgStatus\":" status \
	",\"resultCode\":" code ",\"senderGroupingKey\":\"1a2b3c4d-b7\"," \
	"\"recipientGroupingKey\":\"1a2b3c4d-" #key "\"}"

static void tells_states(void **state)
{
	static const struct {
		const char *row;
		bool told;
		enum news_kind kind;
		const char *code;
	} rows[] = {
	        {FOUND(1, 1, "\"3\"", "\"1000\""), true, NEWS_DELIVERED, "1000"},
	        {FOUND(1, 1, "3", "1000"), true, NEWS_DELIVERED, "1000"},
	        {FOUND(1, 1, "\"1\"", "null"), true, NEWS_ACCEPTED, ""},
	        {FOUND(1, 1, "\"2\"", "\"\""), true, NEWS_ACCEPTED, ""},
	        {FOUND(1, 1, "\"7\"", "\"E919\""), true, NEWS_ACCEPTED, "E919"},
	        {FOUND(1, 1, "\"0\"", "\"3001\""), true, NEWS_FAILED, "3001"},
	        {FOUND(1, 1, "\"0\"", "\"3005\""), true, NEWS_FAILED, "3005"},
	        {FOUND(1, 1, "\"0\"", "\"2000\""), true, NEWS_ACCEPTED, "2000"},
	        {FOUND(1, 1, "\"0\"", "\"9876\""), true, NEWS_FAILED, "9876"},
	        {FOUND(1, 1, "\"0\"", "\"1000\""), true, NEWS_FAILED, "1000"},
	        {FOUND(1, 1, "\"4\"", "null"), true, NEWS_FAILED, ""},
	        {FOUND(1, 1, "\"5\"", "\"E915\""), true, NEWS_ACCEPTED, "E915"},
	        {FOUND(1, 1, "\"6\"", "\"E919\""), true, NEWS_FAILED, "E919"},
	        {FOUND(1, 1, "\"9\"", "\"1000\""), false, 0, NULL},
	        {FOUND(1, 1, "{}", "[]"), false, 0, NULL},
	        {FOUND(1, 44, "\"3\"", "\"1000\""), false, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = inquiry_of(&nhn_protocol, &sms, "R1", 1, false);
		char body[1024];

		talk_go(&told, NULL);
		snprintf(body, sizeof body,
		        "{" OK ",\"body\":{\"totalCount\":1,\"data\":[%s]}}",
		        rows[i].row);
		assert_int_equal(talk_hear(&told, 200, body), TALK_DONE);
		if (told.talk.n_news != rows[i].told ||
		        (rows[i].told &&
		                (told.talk.news[0].kind != rows[i].kind ||
		                        strcmp(told.talk.news[0].code, rows[i].code))))
			fail_msg("%zu: %zu", i, told.talk.n_news);
		if (rows[i].told)
			assert_string_equal(told.talk.news[0].provider_id, "R1:1");
		told_fini(&told);
	}
}

static void asks_by_request(void **state)
{
	struct told told = inquiry_of(&nhn_protocol, &sms, "R1", 2, false);
	struct inquiry_message *messages =
	        (struct inquiry_message *)told.inquiry.messages;

	(void)state;
	messages[0].provider_id = "R1:1";
	messages[1].provider_id = "R1:2";
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.method, "GET");
	assert_string_equal(
	        told.url, SMS "/sender/sms?pageNum=1&pageSize=1000&requestId=R1");
	/* A second page, as NHN gives fewer than asked for. */
	assert_int_equal(
	        talk_hear(&told, 200, PAGE("2", FOUND(1, 1, "\"3\"", "\"1000\""))),
	        TALK_REQUEST);
	assert_string_equal(
	        told.url, SMS "/sender/sms?pageNum=2&pageSize=1000&requestId=R1");
	assert_int_equal(
	        talk_hear(&told, 200, PAGE("2", FOUND(2, 2, "\"0\"", "\"3001\""))),
	        TALK_DONE);
	assert_int_equal(told.talk.asked, ASKED_WHOLE);
	assert_int_equal(told.talk.n_news, 2);
	assert_int_equal(told.talk.news[1].message, 2);
	told_fini(&told);
}

/* When it is not sure that everything was seen, nobody is said not to be there. */
static void doubts(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum asked asked;
	} rows[] = {
	        {200, PAGE("0", ""), ASKED_WHOLE},
	        {200, PAGE("7", ""), ASKED_PART},
	        {200, PAGE("0", FOUND(1, 44, "\"3\"", "\"1000\"")), ASKED_PART},
	        {200, PAGE("1", "{\"msgStatus\":\"3\"}"), ASKED_PART},
	        {200, PAGE("1", "17"), ASKED_PART},
	        {200, PAGE("1", "{\"senderGroupingKey\":\"another\"}"), ASKED_WHOLE},
	        {200, PAGE("\"1\"", FOUND(1, 1, "\"3\"", "\"1000\"")), ASKED_WHOLE},
	        {200, "{" OK ",\"body\":{\"totalCount\":0,\"data\":null}}", ASKED_FAILED},
	        {200, "{" OK ",\"body\":{\"totalCount\":0,\"data\":{}}}", ASKED_FAILED},
	        {200, "{" NO("-1005") "}", ASKED_FAILED},
	        {200, "<html>", ASKED_FAILED},
	        {404, "", ASKED_FAILED},
	        {500, "", ASKED_FAILED},
	        {0, "", ASKED_FAILED},
	        {-1, "", ASKED_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = inquiry_of(&nhn_protocol, &sms, NULL, 1, true);

		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (told.talk.asked != rows[i].asked)
			fail_msg("%zu: %d", i, told.talk.asked);
		told_fini(&told);
	}
}

static void reads_so_many_pages(void **state)
{
	struct told told = inquiry_of(&nhn_protocol, &sms, NULL, 1, true);
	int pages = 1;

	(void)state;
	talk_go(&told, NULL);
	while (talk_hear(&told, 200, PAGE("99999", FOUND(1, 44, "\"3\"", "\"1000\""))) ==
	        TALK_REQUEST)
		assert_true(++pages < 100);
	assert_int_equal(pages, 16);
	assert_int_equal(told.talk.asked, ASKED_PART);
	told_fini(&told);
}

/* ---- the account ---- */

static void examines(void **state)
{
	static const struct {
		const struct channel_config *config;
		int status;
		const char *body;
		bool failed;
	} rows[] = {
	        {&sms, 200,
	                PAGE("1", "{\"sendNo\":\"0212345678\",\"useYn\":\"Y\","
	                          "\"blockYn\":\"N\"}"),
	                false},
	        {&sms, 200,
	                PAGE("1", "{\"sendNo\":\"0212345678\",\"useYn\":\"Y\","
	                          "\"blockYn\":\"Y\"}"),
	                true},
	        {&sms, 200, PAGE("1", "{\"sendNo\":\"0219999999\"},7"), true},
	        {&sms, 200, "{" OK "}", true},
	        {&sms, 200, "{" NO("-1000") "}", true},
	        {&sms, 401, "", true},
	        {&alimtalk, 200,
	                "{" OK ",\"sender\":{\"plusFriendId\":\"@shop\","
	                "\"kakaoStatus\":\"A\",\"block\":false,\"dormant\":false}}",
	                false},
	        {&brand, 200,
	                "{" OK ",\"sender\":{\"plusFriendId\":\"@shop\","
	                "\"block\":true}}",
	                true},
	        {&brand, 200, "{" OK ",\"sender\":null}", true},
	        {&alimtalk, 0, "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told =
		        told_begin(&nhn_protocol, rows[i].config, nhn_protocol.examine);

		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (told.talk.failed != rows[i].failed || !told.talk.n_lines)
			fail_msg("%zu", i);
		told_fini(&told);
	}
}

static void lists_refusals(void **state)
{
	struct told told = told_begin(&nhn_protocol, &sms, nhn_protocol.refusals);

	(void)state;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, SMS "/blockservice/recipients?pageNum=1"
	                                  "&pageSize=1000&unsubscribeNo=0801234567");
	assert_int_equal(talk_hear(&told, 200,
	                         PAGE("3", "{\"recipientNo\":\"01012345678\"},"
	                                   "{\"recipientNo\":7}")),
	        TALK_REQUEST);
	assert_non_null(strstr(told.url, "pageNum=2"));
	assert_int_equal(
	        talk_hear(&told, 200, PAGE("3", "{\"recipientNo\":\"01087654321\"}")),
	        TALK_DONE);
	assert_false(told.talk.failed);
	assert_int_equal(told.talk.n_lines, 2);
	assert_string_equal(told.talk.lines[0], "+821012345678");
	assert_string_equal(told.talk.lines[1], "+821087654321");
	told_fini(&told);
	told = told_begin(&nhn_protocol, &sms, nhn_protocol.refusals);
	talk_go(&told, NULL);
	assert_int_equal(talk_hear(&told, 200, "{" NO("-6000") "}"), TALK_DONE);
	assert_true(told.talk.failed);
	told_fini(&told);
}

/* ---- reports ---- */

struct heard {
	char text[1024];
	int n;
};

static void on_item(void *arg, const struct receipts_item *item)
{
	struct heard *heard = arg;
	size_t len = strlen(heard->text);

	heard->n++;
	snprintf(heard->text + len, sizeof heard->text - len, "%s %s %s %s %d %s %d;",
	        item->key ? item->key : "-", item->provider_id ? item->provider_id : "-",
	        item->ref ? item->ref : "-", item->to ? item->to : "-", (int)item->kind,
	        item->code ? item->code : "-", item->refusal);
}

static const char *signature(const struct receipts_call *call, const char *name)
{
	return strcasecmp(name, "X-Toast-Webhook-Signature") ? NULL : call->head;
}

static enum receipts_end post(const char *word, const char *body, struct heard *heard)
{
	struct receipts_call call = {.config = &sms,
	        .url = "https://shop.example.kr/hook",
	        .header = signature,
	        .head = word,
	        .body = body,
	        .len = strlen(body)};

	memset(heard, 0, sizeof *heard);
	return nhn_protocol.receipts(&call, on_item, heard);
}

#define HOOKS(event, hooks) \
	"{\"hooksId\":\"1\",\"productName\":\"SMS\",\"appKey\":\"testAppKey01\"," \
	"\"event\":\"" event "\",\"hooks\":[" hooks "]}"

static void reads_reports(void **state)
{
	static const struct {
		const char *body, *items;
		enum receipts_end end;
	} rows[] = {
	        {HOOKS("MESSAGE_RESULT_UPDATE",
	                 "{\"requestId\":\"R1\",\"recipientSeq\":1,"
	                 "\"recipientNo\":\"01012341234\","
	                 "\"messageStatus\":\"COMPLETED\",\"resultCode\":\"1000\","
	                 "\"recipientGroupingKey\":\"1a2b3c4d-1\"}"),
	                "1a2b3c4d-1 R1:1 R1 +821012341234 1 1000 0;", RECEIPTS_TAKEN},
	        {HOOKS("MESSAGE_RESULT_UPDATE",
	                 "{\"requestId\":\"R1\",\"recipientSeq\":2,"
	                 "\"messageStatus\":\"FAILED\",\"resultCode\":\"3001\","
	                 "\"recipientGropuingKey\":\"1a2b3c4d-2\"},"
	                 "{\"requestId\":\"R1\",\"recipientSeq\":3,"
	                 "\"messageStatus\":\"DUPLICATED\"}"),
	                "1a2b3c4d-2 R1:2 R1 - 2 3001 0;- R1:3 R1 - 0 - 0;",
	                RECEIPTS_TAKEN},
	        {HOOKS("MESSAGE_RESULT_UPDATE",
	                 "{\"kakaoMessageType\":\"ALIMTALK_NORMAL\","
	                 "\"requestId\":\"K1\",\"recipientSeq\":1,"
	                 "\"resultCode\":\"1000\"}"),
	                "- K1:1 K1 - 1 1000 0;", RECEIPTS_TAKEN},
	        {HOOKS("UNSUBSCRIBE", "{\"recipientNo\":\"01012341234\","
	                              "\"unsubscribeNo\":\"08012341234\"},"
	                              "{\"recipientNo\":\"nobody\"}"),
	                "- - - +821012341234 3 - 1;", RECEIPTS_TAKEN},
	        {HOOKS("INTERNATIONAL_DELIVERY_RECEIPT",
	                 "{\"requestId\":\"R1\",\"recipientSeq\":1,"
	                 "\"dlrStatus\":\"REJECTED\"}"),
	                "- R1:1 R1 - 2 REJECTED 0;", RECEIPTS_TAKEN},
	        {HOOKS("CONVERSION_BLOCK", "{\"countryCode\":\"1\"}"), "",
	                RECEIPTS_TAKEN},
	        {HOOKS("MESSAGE_RESULT_UPDATE", "{},7,null,{\"requestId\":[]}"), "",
	                RECEIPTS_TAKEN},
	        {"{\"event\":\"UNSUBSCRIBE\",\"hooks\":{}}", "", RECEIPTS_UNREADABLE},
	        {"{\"hooks\":[]}", "", RECEIPTS_UNREADABLE},
	        {"[]", "", RECEIPTS_UNREADABLE},
	        {"", "", RECEIPTS_UNREADABLE},
	};
	struct heard heard;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (post("hook-word-1", rows[i].body, &heard) != rows[i].end ||
		        strcmp(heard.text, rows[i].items) != 0)
			fail_msg("%zu: %s", i, heard.text);
		assert_int_equal(
		        post("hook-word-2", rows[i].body, &heard), RECEIPTS_FORGED);
		assert_int_equal(post(NULL, rows[i].body, &heard), RECEIPTS_FORGED);
		assert_int_equal(heard.n, 0);
	}
}

static void explains_codes(void **state)
{
	(void)state;
	assert_string_equal(nhn_protocol.code_text("3001"), "nobody has this number");
	assert_string_equal(nhn_protocol.code_text("1000"), "arrived");
	assert_non_null(strstr(nhn_protocol.code_text("-1005"), "of KakaoTalk: "));
	assert_null(nhn_protocol.code_text("31415"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_answers),
	        cmocka_unit_test(keeps_the_request),
	        cmocka_unit_test(splits),
	        cmocka_unit_test(tells_states),
	        cmocka_unit_test(asks_by_request),
	        cmocka_unit_test(doubts),
	        cmocka_unit_test(reads_so_many_pages),
	        cmocka_unit_test(examines),
	        cmocka_unit_test(lists_refusals),
	        cmocka_unit_test(reads_reports),
	        cmocka_unit_test(explains_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
