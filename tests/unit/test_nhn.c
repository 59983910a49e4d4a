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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
