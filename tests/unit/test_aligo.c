/* Aligo: the forms it is sent, byte by byte, and what each of its answers means. */
#include "provider.h"

#include <unistd.h>
#include "base/clock.h"
#include "delivery/provider/aligo_inner.h"

#define NOW INT64_C(1795395723000) /* 2026-11-23T10:02:03 in Korea */
#define KEY "testkey00000000000000000000000000"
#define ONE "+821012345678"
#define TWO "+821087654321"

static void begin(struct stage *stage, const char *channel)
{
	static char key[] = KEY;

	stage_begin(stage, channel, NOW);
	stage->config.key_name = "k";
	stage->config.key = (struct secret){key, strlen(key)};
	stage->config.user = "testid";
	stage->config.sender = "02-1234-5678";
	stage->config.profile = "profile0";
}

/* ---- what is sent ---- */

/* The documented vector, as %20 for a blank: both forms decode the same. */
static void test_one(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, ONE, "안녕 50% & 100+원")->kind = "SMS";
	assert_int_equal(stage_step(&stage, aligo_send, 0, NULL), TALK_REQUEST);
	assert_string_equal(stage.out.method, "POST");
	assert_string_equal(stage.out.url, "https://apis.aligo.in/send/");
	assert_string_equal(stage.out.body.data,
	        "key=" KEY "&user_id=testid&sender=0212345678&receiver=01012345678&msg="
	        "%EC%95%88%EB%85%95%2050%25%20%26%20100%2B%EC%9B%90&msg_type=SMS");
	stage_step(&stage, aligo_send, 200,
	        "{\"result_code\":\"1\",\"message\":\"success\",\"msg_id\":\"123\","
	        "\"success_cnt\":1,\"error_cnt\":0,\"msg_type\":\"SMS\"}");
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(stage.talk.ref, "123");
	stage_end(&stage);
}

static void test_many(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, ONE, "a")->kind = "LMS";
	stage_letter(&stage, "+12025550123", "a")->kind = "LMS";
	stage_letter(&stage, TWO, "a\nb")->kind = "LMS";
	stage_step(&stage, aligo_send, 0, NULL);
	assert_string_equal(stage.out.url, "https://apis.aligo.in/send_mass/");
	assert_string_equal(stage.out.body.data,
	        "key=" KEY "&user_id=testid&sender=0212345678&rec_1=01012345678&msg_1=a"
	        "&rec_2=01087654321&msg_2=a%0Ab&cnt=2&msg_type=LMS&title=a");
	assert_int_equal(stage.outcomes[1].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

/* Texts that begin differently have no title in common. */
static void test_no_common_title(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, ONE, "a")->kind = "LMS";
	stage_letter(&stage, TWO, "b")->kind = "LMS";
	stage_step(&stage, aligo_send, 0, NULL);
	assert_null(strstr(stage.out.body.data, "title"));
	stage_end(&stage);
}

#define APPROVED(code, text, state) \
	"{\"code\":0,\"list\":[{\"templtCode\":\"" code "\",\"templtContent\":\"" text \
	"\",\"inspStatus\":\"" state "\"}]}"

static void test_picture(void **state)
{
	char path[] = "/tmp/dangol-aligo-XXXXXX";
	struct letter *letter;
	struct stage stage;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "GIF89a", 6), 6);
	close(fd);
	begin(&stage, "sms");
	letter = stage_letter(&stage, ONE, "봄");
	letter->kind = "MMS";
	letter->image = path;
	stage_step(&stage, aligo_send, 0, NULL);
#define PART(name) "--" NONCE "\r\nContent-Disposition: form-data; name=\"" name "\""
	assert_string_equal(stage.out.body.data,
	        PART("key") "\r\n\r\n" KEY
	                    "\r\n" PART("user_id") "\r\n\r\ntestid\r\n" PART("sender") "\r\n\r\n0212345678\r\n" PART("receiver") "\r\n\r\n01012345678\r\n" PART(
	                            "msg") "\r\n\r\n봄\r\n" PART("msg_type") "\r\n\r\nMMS"
	                                                                     "\r\n" PART("title") "\r\n\r\n봄\r\n" PART(
	                                                                             "ima"
	                                                                             "ge"
	                                                                             "1") "; filename=\"image.gif\"\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n"
	                                                                                  "--" NONCE
	                                                                                  "--\r\n");
#undef PART
	assert_true(
	        has_header(&stage, "content-type: multipart/form-data; boundary=" NONCE));
	unlink(path);
	stage.talk.step = 0;
	assert_int_equal(stage_step(&stage, aligo_send, 0, NULL), TALK_DONE);
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

static void test_alimtalk(void **state)
{
	static const struct letter_button button = {"배송조회", "https://m.example.kr/1"};
	struct letter *letter;
	struct stage stage;

	(void)state;
	begin(&stage, "alimtalk");
	letter = stage_letter(&stage, ONE, "a b");
	letter->template_code = "T1";
	letter->buttons = &button;
	letter->n_buttons = 1;
	stage_step(&stage, aligo_send, 0, NULL);
	assert_string_equal(
	        stage.out.url, "https://kakaoapi.aligo.in/akv10/template/list/");
	assert_int_equal(
	        stage_step(&stage, aligo_send, 200, APPROVED("T1", "a #{나}", "APR")),
	        TALK_REQUEST);
	assert_string_equal(
	        stage.out.url, "https://kakaoapi.aligo.in/akv10/alimtalk/send/");
	assert_string_equal(stage.out.body.data,
	        "apikey=" KEY "&userid=testid&senderkey=profile0&tpl_code=T1&sender="
	        "0212345678&receiver_1=01012345678&subject_1=a%20b&message_1=a%20b"
	        "&button_1=%7B%22button%22%3A%5B%7B%22name%22%3A%22%EB%B0%B0%EC%86%A1%EC"
	        "%A1%B0%ED%9A%8C%22%2C%22linkType%22%3A%22WL%22%2C%22linkTypeName%22%3A"
	        "%22%EC%9B%B9%EB%A7%81%ED%81%AC%22%2C%22linkMo%22%3A%22https%3A%2F%2Fm."
	        "example.kr%2F1%22%2C%22linkPc%22%3A%22https%3A%2F%2Fm.example.kr%2F1%22"
	        "%7D%5D%7D&failover=N");
	stage_step(&stage, aligo_send, 200,
	        "{\"code\":0,\"message\":\"ok\",\"info\":{\"mid\":77,\"scnt\":1,"
	        "\"fcnt\":0}}");
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(stage.talk.ref, "77");
	stage_end(&stage);
	begin(&stage, "alimtalk");
	stage_letter(&stage, ONE, "a");
	assert_int_equal(stage_step(&stage, aligo_send, 0, NULL), TALK_DONE);
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

/* ---- answers ---- */

static void test_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
		const char *code;
	} rows[] = {
	        {200, "{\"result_code\":1,\"success_cnt\":2}", OUTCOME_ACCEPTED, ""},
	        {200, "{\"result_code\":\"1\",\"success_cnt\":\"2\"}", OUTCOME_ACCEPTED,
	                ""},
	        {200, "{\"result_code\":1,\"success_cnt\":1,\"error_cnt\":1}",
	                OUTCOME_UNKNOWN, ""},
	        {200, "{\"result_code\":1,\"success_cnt\":3}", OUTCOME_UNKNOWN, ""},
	        {200, "{\"result_code\":1,\"success_cnt\":[2]}", OUTCOME_UNKNOWN, ""},
	        {200, "{\"result_code\":1}", OUTCOME_UNKNOWN, ""},
	        {200, "{\"result_code\":1,\"success_cnt\":0}", OUTCOME_REFUSED, ""},
	        {200, "{\"result_code\":-101}", OUTCOME_OPERATOR, "-101"},
	        {200, "{\"result_code\":\"-102\"}", OUTCOME_OPERATOR, "-102"},
	        {200, "{\"result_code\":-201}", OUTCOME_OPERATOR, "-201"},
	        {200, "{\"result_code\":\"-301\"}", OUTCOME_OPERATOR, "-301"},
	        {200, "{\"result_code\":-804,\"message\":\"x\"}", OUTCOME_REFUSED,
	                "-804"},
	        {200, "{\"result_code\":0}", OUTCOME_UNKNOWN, "0"},
	        {200, "{\"result_code\":\"-\"}", OUTCOME_UNKNOWN, "-"},
	        {200, "{\"result_code\":{}}", OUTCOME_UNKNOWN, ""},
	        {200, "{}", OUTCOME_UNKNOWN, ""},
	        {200, "[]", OUTCOME_UNKNOWN, ""},
	        {200, "7", OUTCOME_UNKNOWN, ""},
	        {200, "", OUTCOME_UNKNOWN, ""},
	        {200, "<html>", OUTCOME_UNKNOWN, ""},
	        {200, "{\"result_code\":1,", OUTCOME_UNKNOWN, ""},
	        {400, "", OUTCOME_REFUSED, "400"},
	        {403, "", OUTCOME_OPERATOR, "403"},
	        {429, "", OUTCOME_LATER, "429"},
	        {500, "", OUTCOME_UNKNOWN, "500"},
	        {-1, NULL, OUTCOME_NOT_SENT, ""},
	        {-2, NULL, OUTCOME_UNKNOWN, ""},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "sms");
		stage_letter(&stage, ONE, "a")->kind = "SMS";
		stage_letter(&stage, TWO, "b")->kind = "SMS";
		stage_step(&stage, aligo_send, 0, NULL);
		assert_int_equal(
		        stage_step(&stage, aligo_send, rows[i].status, rows[i].body),
		        TALK_DONE);
		for (size_t k = 0; k < 2; k++)
			if (stage.outcomes[k].kind != rows[i].kind ||
			        strcmp(stage.outcomes[k].code, rows[i].code) != 0)
				fail_msg("row %zu: %d %s", i, stage.outcomes[k].kind,
				        stage.outcomes[k].code);
		assert_false(stage.talk.split);
		stage_end(&stage);
	}
}

static void test_alimtalk_answers(void **state)
{
	static const struct {
		const char *body;
		enum outcome_kind kind;
	} rows[] = {
	        {"{\"code\":0,\"info\":{\"mid\":1,\"scnt\":\"1\"}}", OUTCOME_ACCEPTED},
	        {"{\"code\":\"0\",\"info\":{\"scnt\":1}}", OUTCOME_ACCEPTED},
	        {"{\"code\":0,\"info\":{\"scnt\":0,\"fcnt\":1}}", OUTCOME_REFUSED},
	        {"{\"code\":0,\"info\":[]}", OUTCOME_UNKNOWN},
	        {"{\"code\":0}", OUTCOME_UNKNOWN},
	        {"{\"code\":509,\"message\":\"x\"}", OUTCOME_REFUSED},
	        {"{\"code\":-101}", OUTCOME_OPERATOR},
	        {"{\"code\":null}", OUTCOME_UNKNOWN},
	        {"{\"result_code\":1,\"success_cnt\":1}", OUTCOME_UNKNOWN},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "alimtalk");
		stage_letter(&stage, ONE, "a")->template_code = "t";
		stage_step(&stage, aligo_send, 0, NULL);
		stage_step(&stage, aligo_send, 200, "{\"code\":0,\"list\":[]}");
		stage_step(&stage, aligo_send, 200, rows[i].body);
		if (stage.outcomes[0].kind != rows[i].kind)
			fail_msg("row %zu: %d", i, stage.outcomes[0].kind);
		stage_end(&stage);
	}
}

static void test_templates(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind; /* ACCEPTED: it goes on */
	} rows[] = {
	        {200, APPROVED("t", "a", "APR"), OUTCOME_ACCEPTED},
	        {200, APPROVED("t", "b", "APR"), OUTCOME_REFUSED},
	        {200, APPROVED("t", "a", "REJ"), OUTCOME_REFUSED},
	        {200, APPROVED("other", "b", "APR"), OUTCOME_ACCEPTED},
	        {200, "{\"code\":0,\"list\":7}", OUTCOME_ACCEPTED},
	        {200, "{\"code\":509}", OUTCOME_ACCEPTED},
	        {200, "{\"code\":-101}", OUTCOME_OPERATOR},
	        {200, "<html>", OUTCOME_NOT_SENT},
	        {500, "", OUTCOME_NOT_SENT},
	        {-2, "", OUTCOME_NOT_SENT},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum talk_next next;
		begin(&stage, "alimtalk");
		stage_letter(&stage, ONE, "a")->template_code = "t";
		stage_step(&stage, aligo_send, 0, NULL);
		next = stage_step(&stage, aligo_send, rows[i].status, rows[i].body);
		if ((next == TALK_REQUEST) != (rows[i].kind == OUTCOME_ACCEPTED) ||
		        (next == TALK_DONE && stage.outcomes[0].kind != rows[i].kind))
			fail_msg("row %zu: %d", i, stage.outcomes[0].kind);
		stage_end(&stage);
	}
}

/* What Aligo says stands in the owner's log, but no number that may be a customer's. */
static void test_no_numbers_told(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, ONE, "a")->kind = "SMS";
	stage_step(&stage, aligo_send, 0, NULL);
	stage_step(&stage, aligo_send, 200,
	        "{\"result_code\":-5,\"message\":\"010-1234-5678 is wrong\"}");
	assert_null(strstr(stage.outcomes[0].detail, "1234"));
	stage_end(&stage);
}

/* ---- asking ---- */

static void ask_begin(struct stage *stage, const char *channel, const char *ref)
{
	begin(stage, channel);
	stage->inquiry.ref = ref;
	snprintf(stage->talk.ref, sizeof stage->talk.ref, "%s", ref ? ref : "");
	stage->talk.asked = ASKED_FAILED;
	stage_asked(stage, ONE, "a")->kind = strcmp(channel, "sms") ? NULL : "SMS";
}

static void test_results(void **state)
{
	static const struct {
		const char *channel, *row;
		enum news_kind news;
		const char *code;
	} rows[] = {
	        {"sms", "\"sms_state\":\"발송완료\"", NEWS_DELIVERED, ""},
	        {"sms", "\"sms_state\":\"전송완료\"", NEWS_DELIVERED, ""},
	        {"sms", "\"sms_state\":\"발송실패\"", NEWS_FAILED, ""},
	        {"sms", "\"sms_state\":\"전송완료(실패)\"", NEWS_FAILED, ""},
	        {"sms", "\"sms_state\":\"전송중\"", NEWS_ACCEPTED, ""},
	        {"sms", "\"sms_state\":\"무엇\"", NEWS_ACCEPTED, ""},
	        {"sms", "\"sms_state\":1", NEWS_ACCEPTED, ""},
	        {"sms", "\"type\":\"SMS\"", NEWS_ACCEPTED, ""},
	        {"alimtalk", "\"rslt\":\"0\"", NEWS_DELIVERED, "0"},
	        {"alimtalk", "\"rslt\":0", NEWS_DELIVERED, "0"},
	        {"alimtalk", "\"rslt\":\"3018\",\"rslt_message\":\"x\"", NEWS_FAILED,
	                "3018"},
	        {"alimtalk", "\"rslt\":\"3005\"", NEWS_ACCEPTED, "3005"},
	        {"alimtalk", "\"rslt\":\"\"", NEWS_ACCEPTED, ""},
	        {"alimtalk", "\"rslt\":\"U\"", NEWS_ACCEPTED, "U"},
	        {"alimtalk", "\"status\":\"실패\"", NEWS_FAILED, ""},
	};
	struct stage stage;
	char body[512];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool sms = !strcmp(rows[i].channel, "sms");

		ask_begin(&stage, rows[i].channel, "123");
		stage_step(&stage, aligo_ask, 0, NULL);
		snprintf(body, sizeof body,
		        "{\"%s\":%d,\"list\":[{\"%s\":\"9\",\"%s\":\"01012345678\",%s}]}",
		        sms ? "result_code" : "code", sms, sms ? "mdid" : "msgid",
		        sms ? "receiver" : "phone", rows[i].row);
		assert_int_equal(stage_step(&stage, aligo_ask, 200, body), TALK_DONE);
		assert_int_equal(stage.talk.asked, ASKED_WHOLE);
		assert_int_equal(stage.talk.n_news, 1);
		if (stage.talk.news[0].kind != rows[i].news ||
		        strcmp(stage.talk.news[0].code, rows[i].code) != 0)
			fail_msg("row %zu: %d %s", i, stage.talk.news[0].kind,
			        stage.talk.news[0].code);
		assert_string_equal(stage.talk.news[0].provider_id, "9");
		stage_end(&stage);
	}
}

static void test_pages(void **state)
{
	struct stage stage;

	(void)state;
	ask_begin(&stage, "sms", "123");
	stage_step(&stage, aligo_ask, 0, NULL);
	assert_string_equal(stage.out.url, "https://apis.aligo.in/sms_list/");
	assert_string_equal(stage.out.body.data,
	        "key=" KEY "&user_id=testid&mid=123&page=1&page_size=500");
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"result_code\":1,\"list\":[],\"next_yn\":\"Y\"}"),
	        TALK_REQUEST);
	assert_non_null(strstr(stage.out.body.data, "&page=2&"));
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"result_code\":1,\"list\":[],\"next_yn\":\"N\"}"),
	        TALK_DONE);
	assert_int_equal(stage.talk.asked, ASKED_WHOLE);
	stage_end(&stage);
	ask_begin(&stage, "alimtalk", "77");
	stage_step(&stage, aligo_ask, 0, NULL);
	assert_string_equal(stage.out.body.data,
	        "apikey=" KEY "&userid=testid&mid=77&page=1&limit=500");
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"code\":0,\"list\":[],\"totalPage\":\"2\"}"),
	        TALK_REQUEST);
	assert_non_null(strstr(stage.out.body.data, "&page=2&"));
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"code\":0,\"list\":[],\"totalPage\":2}"),
	        TALK_DONE);
	stage_end(&stage);
}

static void test_no_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum asked asked;
	} rows[] = {
	        {200, "{\"result_code\":1,\"list\":[]}", ASKED_WHOLE},
	        {200, "{\"result_code\":1,\"list\":[7,null,[],{}]}", ASKED_PART},
	        {200, "{\"result_code\":1,\"list\":{}}", ASKED_FAILED},
	        {200, "{\"result_code\":1}", ASKED_FAILED},
	        {200, "{\"result_code\":-101,\"list\":[]}", ASKED_FAILED},
	        {200, "[]", ASKED_FAILED},
	        {200, "<html>", ASKED_FAILED},
	        {404, "", ASKED_FAILED},
	        {500, "", ASKED_FAILED},
	        {-1, NULL, ASKED_FAILED},
	        {-2, NULL, ASKED_FAILED},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask_begin(&stage, "sms", "123");
		stage_step(&stage, aligo_ask, 0, NULL);
		assert_int_equal(
		        stage_step(&stage, aligo_ask, rows[i].status, rows[i].body),
		        TALK_DONE);
		assert_int_equal(stage.talk.n_news, 0);
		if (stage.talk.asked != rows[i].asked)
			fail_msg("row %zu: %d", i, stage.talk.asked);
		stage_end(&stage);
	}
}

/* ---- a request without a name ---- */

#define FOUND(mid, sender, type, count, date, msg) \
	"{\"mid\":" mid ",\"sender\":\"" sender "\",\"type\":\"" type \
	"\",\"sms_count\":" count ",\"reg_date\":\"" date "\",\"msg\":\"" msg "\"}"
#define OURS FOUND("123", "0212345678", "SMS", "\"1\"", "2026-11-23 10:02:40", "a")

static void test_looked_for(void **state)
{
	static const struct {
		const char *rows;
		bool found;
	} rows[] = {
	        {OURS, true},
	        {OURS "," FOUND(
	                 "5", "0212345678", "SMS", "1", "2026-11-23 10:02:40", "b"),
	                true},
	        {FOUND("5", "02-1234-5678", "SMS", "1", "2026-11-23 10:01:01", "a"),
	                true},
	        {OURS "," FOUND(
	                 "5", "0212345678", "SMS", "1", "2026-11-23 10:02:41", "a"),
	                false},
	        {FOUND("5", "0200000000", "SMS", "1", "2026-11-23 10:02:40", "a"), false},
	        {FOUND("5", "0212345678", "LMS", "1", "2026-11-23 10:02:40", "a"), false},
	        {FOUND("5", "0212345678", "SMS", "2", "2026-11-23 10:02:40", "a"), false},
	        {FOUND("5", "0212345678", "SMS", "1", "2026-11-23 10:09:40", "a"), false},
	        {FOUND("5", "0212345678", "SMS", "1", "2026-11-23 10:02:40", "b"), false},
	        {"7,null,{}", false},
	};
	struct stage stage;
	char body[1024];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask_begin(&stage, "sms", NULL);
		stage_step(&stage, aligo_ask, 0, NULL);
		assert_string_equal(stage.out.url, "https://apis.aligo.in/list/");
		assert_string_equal(stage.out.body.data,
		        "key=" KEY "&user_id=testid&page=1&page_size=500&start_date="
		        "20261123&limit_day=1");
		snprintf(body, sizeof body, "{\"result_code\":1,\"list\":[%s]}",
		        rows[i].rows);
		if (stage_step(&stage, aligo_ask, 200, body) !=
		        (rows[i].found ? TALK_REQUEST : TALK_DONE))
			fail_msg("row %zu", i);
		if (!rows[i].found)
			assert_int_equal(stage.talk.asked, ASKED_CANNOT);
		stage_end(&stage);
	}
}

/* Only the rows of that one request tell whose number it was. */
static void test_found(void **state)
{
	struct stage stage;

	(void)state;
	ask_begin(&stage, "sms", NULL);
	stage_step(&stage, aligo_ask, 0, NULL);
	stage_step(&stage, aligo_ask, 200,
	        "{\"result_code\":1,\"next_yn\":\"Y\",\"list\":[" OURS "]}");
	assert_non_null(strstr(stage.out.body.data, "&page=2&"));
	stage_step(&stage, aligo_ask, 200, "{\"result_code\":1,\"list\":[]}");
	assert_non_null(strstr(stage.out.body.data, "&mid=123&"));
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"result_code\":1,\"list\":[{\"mdid\":\"9\","
	                         "\"receiver\":\"01012345678\"}]}"),
	        TALK_DONE);
	assert_int_equal(stage.talk.n_news, 1);
	assert_int_equal(stage.talk.news[0].kind, NEWS_ACCEPTED);
	assert_int_equal(stage.talk.asked, ASKED_PART);
	stage_end(&stage);
	ask_begin(&stage, "alimtalk", NULL);
	stage_step(&stage, aligo_ask, 0, NULL);
	assert_string_equal(
	        stage.out.url, "https://kakaoapi.aligo.in/akv10/history/list/");
	assert_non_null(
	        strstr(stage.out.body.data, "&startdate=20261123&enddate=20261123"));
	assert_int_equal(stage_step(&stage, aligo_ask, 200,
	                         "{\"code\":0,\"list\":[{\"mid\":\"7\",\"sender\":"
	                         "\"0212345678\",\"msg_count\":1,\"mbody\":\"a\","
	                         "\"regdate\":\"2026-11-23 10:02:04\"}]}"),
	        TALK_REQUEST);
	assert_non_null(strstr(stage.out.body.data, "&mid=7&"));
	stage_end(&stage);
}

/* ---- the account ---- */

static void test_examine(void **state)
{
	static const struct {
		const char *channel, *url, *body, *line;
		bool failed;
	} rows[] = {
	        {"sms", "https://apis.aligo.in/remain/",
	                "{\"result_code\":1,\"SMS_CNT\":10,\"LMS_CNT\":\"3\",\"MMS_CNT\":"
	                "0}",
	                "SMS 10, LMS 3, MMS 0", false},
	        {"alimtalk", "https://kakaoapi.aligo.in/akv10/heartinfo/",
	                "{\"code\":0,\"list\":{\"ALT_CNT\":5}}", "ALT 5", false},
	        {"sms", "https://apis.aligo.in/remain/", "{\"result_code\":1}", "-",
	                false},
	        {"sms", "https://apis.aligo.in/remain/", "{\"result_code\":-301}",
	                "address", true},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, rows[i].channel);
		stage_step(&stage, aligo_protocol.examine, 0, NULL);
		assert_string_equal(stage.out.url, rows[i].url);
		stage_step(&stage, aligo_protocol.examine, 200, rows[i].body);
		assert_int_equal(stage.talk.n_lines, 1);
		assert_non_null(strstr(stage.talk.lines[0], rows[i].line));
		assert_int_equal(stage.talk.failed, rows[i].failed);
		stage_end(&stage);
	}
}

static void test_lacks(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "alimtalk");
	assert_null(aligo_protocol.lacks(&stage.config));
	stage.config.profile = NULL;
	assert_non_null(aligo_protocol.lacks(&stage.config));
	stage.config.name = "sms";
	assert_null(aligo_protocol.lacks(&stage.config));
	stage.config.sender = NULL;
	assert_non_null(aligo_protocol.lacks(&stage.config));
	stage.config.user = NULL;
	assert_non_null(aligo_protocol.lacks(&stage.config));
	stage_end(&stage);
}

static void test_together(void **state)
{
	struct letter a = {.kind = "SMS"}, b = {.kind = "SMS", .ad = true};

	(void)state;
	assert_true(aligo_protocol.together(&a, &b));
	b = (struct letter){.kind = "LMS"};
	assert_false(aligo_protocol.together(&a, &b));
	b = (struct letter){.kind = "SMS", .subject = "s"};
	assert_false(aligo_protocol.together(&a, &b));
	b = (struct letter){.kind = "SMS", .image = "/a.jpg"};
	assert_false(aligo_protocol.together(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_one),
	        cmocka_unit_test(test_many),
	        cmocka_unit_test(test_no_common_title),
	        cmocka_unit_test(test_picture),
	        cmocka_unit_test(test_alimtalk),
	        cmocka_unit_test(test_answers),
	        cmocka_unit_test(test_alimtalk_answers),
	        cmocka_unit_test(test_templates),
	        cmocka_unit_test(test_no_numbers_told),
	        cmocka_unit_test(test_results),
	        cmocka_unit_test(test_pages),
	        cmocka_unit_test(test_no_answers),
	        cmocka_unit_test(test_looked_for),
	        cmocka_unit_test(test_found),
	        cmocka_unit_test(test_examine),
	        cmocka_unit_test(test_lacks),
	        cmocka_unit_test(test_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
