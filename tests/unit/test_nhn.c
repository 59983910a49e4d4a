/* Provider nhn against the examples of NHN's own guides: what it is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "nhn.h"

static const char *header_of(const struct told *told, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; told->last.headers[i]; i++)
		if (!strncmp(told->last.headers[i], name, len))
			return told->last.headers[i] + len;
	return NULL;
}

/* ---- requests ---- */

static void sends_sms(void **state)
{
	struct told told = talk_of(&nhn_protocol, &sms, "sms", 2);

	(void)state;
	told.letters[1].text = told.letters[0].text;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.method, "POST");
	assert_string_equal(told.url, SMS "/sender/sms");
	assert_string_equal(header_of(&told, "X-Secret-Key: "), "testSecret01");
	assert_string_equal(
	        header_of(&told, "content-type: "), "application/json; charset=utf-8");
	assert_string_equal(told.last.body.data,
	        "{\"body\":\"글 0\",\"sendNo\":\"0212345678\","
	        "\"senderGroupingKey\":\"1a2b3c4d-b7\",\"recipientList\":["
	        "{\"recipientNo\":\"01000000000\","
	        "\"recipientGroupingKey\":\"1a2b3c4d-1\"},"
	        "{\"recipientNo\":\"01000000001\","
	        "\"recipientGroupingKey\":\"1a2b3c4d-2\"}]}");
	told_fini(&told);
}

static void sends_abroad(void **state)
{
	struct told told = talk_of(&nhn_protocol, &sms, "sms", 1);

	(void)state;
	told.letters[0].to = "+819012345678";
	talk_go(&told, NULL);
	assert_non_null(strstr(
	        told.last.body.data, "{\"internationalRecipientNo\":\"819012345678\","));
	told_fini(&told);
}

/* Path and title by kind, advertisement, subject and text. */
static void addresses(void **state)
{
	static const struct {
		const char *kind;
		bool ad;
		const char *subject, *text, *url, *title;
	} rows[] = {
	        {"SMS", true, NULL, "(광고)봄", SMS "/sender/ad-sms", NULL},
	        {"LMS", false, NULL, "첫 줄\n둘째 줄", SMS "/sender/mms", "\"첫 줄\""},
	        {"LMS", true, "봄맞이", "(광고)봄", SMS "/sender/ad-mms", "\"봄맞이\""},
	        /* 40 bytes: 19 syllables and two letters, or 20 syllables */
	        {"LMS", false, NULL, "a가나다라마바사아자차카타파하가나다라마바사",
	                SMS "/sender/mms", "\"a가나다라마바사아자차카타파하가나다라마\""},
	        {"LMS", false, NULL, "가나다라마바사아자차카타파하가나다라마바사",
	                SMS "/sender/mms",
	                "\"가나다라마바사아자차카타파하가나다라마바\""},
	        {"LMS", false, NULL, "\n  앞이 빈 글", SMS "/sender/mms",
	                "\"앞이 빈 글\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = talk_of(&nhn_protocol, &sms, "sms", 1);

		told.letters[0].kind = rows[i].kind;
		told.letters[0].ad = rows[i].ad;
		told.letters[0].subject = rows[i].subject;
		told.letters[0].text = rows[i].text;
		assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
		assert_string_equal(told.url, rows[i].url);
		if (rows[i].title && !strstr(told.last.body.data, rows[i].title))
			fail_msg("%zu: %s", i, told.last.body.data);
		if (!rows[i].title)
			assert_null(strstr(told.last.body.data, "\"title\""));
		told_fini(&told);
	}
}

static void url_gives_way(void **state)
{
	struct channel_config near = sms;
	struct told told;

	(void)state;
	near.url = "http://127.0.0.1:8080/ignored";
	near.key = (struct secret){(char *)"a/b?c", 5};
	told = talk_of(&nhn_protocol, &near, "sms", 1);
	talk_go(&told, NULL);
	assert_string_equal(
	        told.url, "http://127.0.0.1:8080/sms/v3.0/appKeys/a%2Fb%3Fc/sender/sms");
	told_fini(&told);
}

static void goes_together(void **state)
{
	struct letter a = {.channel = "sms", .kind = "LMS", .text = "글"}, b = a;
	struct letter c = {.channel = "alimtalk", .text = "1", .template_code = "t"},
	              d = c;

	(void)state;
	assert_true(nhn_protocol.together(&a, &b));
	b.subject = "제목";
	assert_false(nhn_protocol.together(&a, &b));
	b = a;
	b.text = "다른 글";
	assert_false(nhn_protocol.together(&a, &b));
	b = a;
	b.ad = true;
	assert_false(nhn_protocol.together(&a, &b));
	b = a;
	b.image = "/p.jpg";
	assert_false(nhn_protocol.together(&a, &b));
	d.text = "2";
	assert_true(nhn_protocol.together(&c, &d));
	d.template_code = "u";
	assert_false(nhn_protocol.together(&c, &d));
}

static void says_what_it_lacks(void **state)
{
	struct channel_config config = sms;

	(void)state;
	assert_null(nhn_protocol.lacks(&sms));
	assert_null(nhn_protocol.lacks(&alimtalk));
	config.sender = NULL;
	assert_non_null(nhn_protocol.lacks(&config));
	config = alimtalk;
	config.profile = "@shop";
	assert_non_null(nhn_protocol.lacks(&config));
	config = sms;
	config.key_name = NULL;
	assert_non_null(nhn_protocol.lacks(&config));
	config = sms;
	config.secret = (struct secret){(char *)"a\r\nb: c", 7};
	assert_non_null(nhn_protocol.lacks(&config));
}

/* ---- where it is asked ---- */

/* One whose answer was lost may be in another request than the one that is known. */
static void asks_by_time(void **state)
{
	struct told told = inquiry_of(&nhn_protocol, &sms, NULL, 1, true);
	struct inquiry_message *messages =
	        (struct inquiry_message *)told.inquiry.messages;

	(void)state;
	messages[0].kind = "LMS";
	talk_go(&told, NULL);
	assert_string_equal(told.url, SMS "/sender/mms?pageNum=1&pageSize=250"
	                                  "&startCreateDate=2026-11-23%2009%3A57%3A03"
	                                  "&endCreateDate=2026-11-23%2010%3A12%3A03"
	                                  "&senderGroupingKey=1a2b3c4d-b7");
	talk_hear(&told, 200, PAGE("0", ""));
	assert_int_equal(told.talk.asked, ASKED_WHOLE);
	assert_int_equal(told.talk.n_news, 0);
	told_fini(&told);
	told = inquiry_of(&nhn_protocol, &sms, "R1", 1, true);
	talk_go(&told, NULL);
	assert_non_null(strstr(told.url, "&senderGroupingKey=1a2b3c4d-b7"));
	told_fini(&told);
	told = inquiry_of(&nhn_protocol, &alimtalk, NULL, 1, true);
	talk_go(&told, NULL);
	assert_string_equal(told.url, ALIM "/messages?pageNum=1&pageSize=250"
	                                   "&startCreateDate=2026-11-23%2009%3A57"
	                                   "&endCreateDate=2026-11-23%2010%3A12"
	                                   "&senderGroupingKey=1a2b3c4d-b7");
	told_fini(&told);
	told = inquiry_of(&nhn_protocol, &brand, NULL, 1, true);
	talk_go(&told, NULL);
	assert_string_equal(told.url, BRAND "/messages?pageNum=1&pageSize=1000"
	                                    "&startRequestDate=2026-11-23%2009%3A57"
	                                    "&endRequestDate=2026-11-23%2010%3A12"
	                                    "&senderGroupingKey=1a2b3c4d-b7");
	told_fini(&told);
}

/* ---- pictures ---- */

static void write_picture(char path[32], const char *bytes, size_t len)
{
	int fd;

	strcpy(path, "/tmp/nhn-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void uploads_once(void **state)
{
	struct told told = talk_of(&nhn_protocol, &sms, "sms", 1);
	char path[32];

	(void)state;
	write_picture(path, "\xff\xd8\xff\xe0 jpeg", 9);
	told.letters[0].kind = "MMS";
	told.letters[0].image = path;
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, SMS "/attachfile/binaryUpload");
	assert_string_equal(told.last.body.data,
	        "{\"fileName\":\"picture.jpg\",\"createUser\":\"dangol\","
	        "\"fileBody\":\"/9j/4CBqcGVn\"}");
	assert_int_equal(
	        talk_hear(&told, 200, "{" OK ",\"body\":{\"data\":{\"fileId\":178576}}}"),
	        TALK_REQUEST);
	assert_string_equal(told.url, SMS "/sender/mms");
	assert_non_null(strstr(told.last.body.data, "\"attachFileIdList\":[178576]"));
	/* The next letter with the same bytes goes at once; until NHN has lost it. */
	told.talk.step = 0;
	told.talk.cursor[0] = '\0';
	assert_int_equal(talk_go(&told, NULL), TALK_REQUEST);
	assert_string_equal(told.url, SMS "/sender/mms");
	assert_int_equal(talk_hear(&told, 200, "{" NO("-2004") "}"), TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_LATER);
	told.talk.step = 0;
	talk_go(&told, NULL);
	assert_string_equal(told.url, SMS "/attachfile/binaryUpload");
	unlink(path);
	told_fini(&told);
}

/* A picture that cannot be had sends nothing; what nobody knows of it was not sent. */
static void uploads_fail(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
	} rows[] = {
	        {0, "", OUTCOME_NOT_SENT},
	        {-1, "", OUTCOME_NOT_SENT},
	        {500, "", OUTCOME_NOT_SENT},
	        {200, "<html>", OUTCOME_NOT_SENT},
	        {200, "{" OK "}", OUTCOME_NOT_SENT},
	        {200, "{" OK ",\"body\":{\"data\":{\"fileId\":\"x/1\"}}}",
	                OUTCOME_NOT_SENT},
	        {200, "{" OK ",\"body\":{\"data\":{\"fileId\":-1}}}", OUTCOME_NOT_SENT},
	        {200, "{" NO("-2005") "}", OUTCOME_REFUSED},
	        {200, "{" NO("-2009") "}", OUTCOME_LATER},
	        {200, "{" NO("-1000") "}", OUTCOME_OPERATOR},
	        {429, "", OUTCOME_LATER},
	};
	char path[32];

	(void)state;
	write_picture(path, "\xff\xd8\xff\xe0 jpeg", 9);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct told told = talk_of(&nhn_protocol, &sms, "sms", 1);

		told.letters[0].kind = "MMS";
		told.letters[0].image = path;
		talk_go(&told, NULL);
		assert_int_equal(
		        talk_hear(&told, rows[i].status, rows[i].body), TALK_DONE);
		if (told.talk.outcomes[0].kind != rows[i].kind)
			fail_msg("%zu: %d", i, told.talk.outcomes[0].kind);
		told_fini(&told);
	}
	unlink(path);
}

static void refuses_pictures(void **state)
{
	static char large[310 << 10] = "\xff\xd8\xff\xe0";
	const struct {
		const char *bytes;
		size_t len;
	} rows[] = {{"\x89PNG\r\n\x1a\n....", 12}, {"GIF89a", 6}, {large, sizeof large}};
	struct told told;
	char path[32];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		write_picture(path, rows[i].bytes, rows[i].len);
		told = talk_of(&nhn_protocol, &sms, "sms", 1);
		told.letters[0].kind = "MMS";
		told.letters[0].image = path;
		assert_int_equal(talk_go(&told, NULL), TALK_DONE);
		assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_REFUSED);
		unlink(path);
		told_fini(&told);
	}
	told = talk_of(&nhn_protocol, &sms, "sms", 1);
	told.letters[0].kind = "MMS";
	told.letters[0].image = "/nowhere/p.jpg";
	assert_int_equal(talk_go(&told, NULL), TALK_DONE);
	assert_int_equal(told.talk.outcomes[0].kind, OUTCOME_REFUSED);
	told_fini(&told);
}

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
	assert_string_equal(header_of(&told, "X-NC-API-IDEMPOTENCY-KEY: "),
	        "1a2b3c4d-b7-1a2b3c4d-1-1");
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
	        {200, "{" OK "}", OUTCOME_NOT_SENT},
	        {200, "{" OK ",\"templates\":[]}", OUTCOME_NOT_SENT},
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
	        "content-disposition: form-data; name=\"imageType\"\r\n\r\nIMAGE\r\n"
	        "--0123456789abcdef0123456789abcdef\r\n"
	        "content-disposition: form-data; name=\"image\"; "
	        "filename=\"picture.png\"\r\ncontent-type: image/png\r\n\r\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sends_sms),
	        cmocka_unit_test(sends_abroad),
	        cmocka_unit_test(addresses),
	        cmocka_unit_test(url_gives_way),
	        cmocka_unit_test(goes_together),
	        cmocka_unit_test(says_what_it_lacks),
	        cmocka_unit_test(asks_by_time),
	        cmocka_unit_test(uploads_once),
	        cmocka_unit_test(uploads_fail),
	        cmocka_unit_test(refuses_pictures),
	        cmocka_unit_test(sends_alimtalk),
	        cmocka_unit_test(compares_templates),
	        cmocka_unit_test(wants_a_code),
	        cmocka_unit_test(templates_fail),
	        cmocka_unit_test(repeats_are_unknown),
	        cmocka_unit_test(sends_brand),
	        cmocka_unit_test(uploads_for_brand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
