/* SENS: its documented signatures byte by byte, what is asked of it, and what each answer
 * means. */
#include "provider.h"

#include <unistd.h>
#include "base/clock.h"
#include "delivery/provider/sens_inner.h"

#define NOW INT64_C(1795395723000) /* 2026-11-23T10:02:03 in Korea */
#define SMS_ID "ncp:sms:kr:123456789012:myproj"
#define BASE "https://sens.apigw.ntruss.com/sms/v2/services/" SMS_ID
#define ONE "+821012345678"
#define TWO "+821087654321"

static void begin(struct stage *stage, const char *channel)
{
	static char key[] = "testAccessKey0000001",
	            secret[] = "testSecretKeyABCDEFGHIJKLMNOPQRSTUVWXYZ01";

	stage_begin(stage, channel, NOW);
	stage->config.key_name = "k";
	stage->config.secret_name = "s";
	stage->config.key = (struct secret){key, strlen(key)};
	stage->config.secret = (struct secret){secret, strlen(secret)};
	stage->config.service = SMS_ID;
	stage->config.sender = "02-1234-5678";
	stage->config.profile = "@dangol";
}

/* The body that is sent is that JSON, whatever the order of its members. */
static void assert_body(const struct stage *stage, const char *expected)
{
	json_t *want = json_loads(expected, 0, NULL);
	json_t *is = json_loadb(stage->out.body.data, stage->out.body.len, 0, NULL);

	assert_non_null(want);
	if (!json_equal(want, is))
		fail_msg("body: %s", stage->out.body.data);
	json_decref(want);
	json_decref(is);
}

/* ---- the signature ---- */

static void test_vectors(void **state)
{
	static const struct {
		const char *channel, *service, *method, *path, *signature;
	} rows[] = {
	        {"sms", SMS_ID, "POST", "/messages",
	                "dfDBu/3cp4hF6gx45HZWCyei9oYStBXsUDq2812kS7A="},
	        {"sms", SMS_ID, "GET", "/messages?requestId=VORSSA-1234",
	                "7zZ2e7dQwDOeYm9C27yzl7LE++qsZTTnvgz07ZftQQ4="},
	        {"sms", "ncp%3Asms%3Akr%3A123456789012%3Amyproj", "GET",
	                "/messages?requestId=VORSSA-1234",
	                "9ab+SEVyoeUZNBoDgLSVcUcdK5ltNY1A3JrEnkuX0RQ="},
	        {"alimtalk", "ncp:kkobizmsg:kr:1234567:myproj", "POST", "/messages",
	                "18Bvf+9TeMdfQJOsuMQLOfNQyCQwLJda8814ACj2gPk="},
	};
	struct stage stage;
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, rows[i].channel);
		stage.config.service = rows[i].service;
		sens_begin(&stage.out, &stage.talk, rows[i].method, "%s", rows[i].path);
		snprintf(line, sizeof line, "x-ncp-apigw-signature-v2: %s",
		        rows[i].signature);
		if (!has_header(&stage, line))
			fail_msg("row %zu: %s", i, stage.out.headers[2]);
		assert_true(has_header(&stage, "x-ncp-apigw-timestamp: 1795395723000"));
		assert_true(
		        has_header(&stage, "x-ncp-iam-access-key: testAccessKey0000001"));
		stage_end(&stage);
	}
}

/* ---- what is sent ---- */

static void test_sms(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, ONE, "안녕")->kind = "SMS";
	stage_letter(&stage, TWO, "하나")->kind = "SMS";
	assert_int_equal(stage_step(&stage, sens_send, 0, NULL), TALK_REQUEST);
	assert_string_equal(stage.out.method, "POST");
	assert_string_equal(stage.out.url, BASE "/messages");
	assert_body(&stage,
	        "{\"type\":\"SMS\",\"contentType\":\"COMM\",\"countryCode\":\"82\","
	        "\"from\":\"0212345678\",\"content\":\"안녕\",\"messages\":["
	        "{\"to\":\"01012345678\",\"content\":\"안녕\"},"
	        "{\"to\":\"01087654321\",\"content\":\"하나\"}]}");
	assert_int_equal(stage_step(&stage, sens_send, 202,
	                         "{\"requestId\":\"VORSSA-1\",\"statusCode\":\"202\","
	                         "\"statusName\":\"success\"}"),
	        TALK_DONE);
	assert_string_equal(stage.talk.ref, "VORSSA-1");
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_int_equal(stage.outcomes[1].kind, OUTCOME_ACCEPTED);
	assert_string_equal(stage.outcomes[0].provider_id, "");
	stage_end(&stage);
}

static void test_long_advertisement(void **state)
{
	struct letter *letter;
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	letter = stage_letter(&stage, ONE, "(광고)단골커피\n봄맞이");
	letter->kind = "LMS";
	letter->ad = true;
	stage_step(&stage, sens_send, 0, NULL);
	assert_body(&stage,
	        "{\"type\":\"LMS\",\"contentType\":\"AD\",\"countryCode\":\"82\","
	        "\"from\":\"0212345678\",\"content\":\"(광고)단골커피\\n봄맞이\","
	        "\"messages\":[{\"to\":\"01012345678\",\"subject\":\"(광고)단골커피\","
	        "\"content\":\"(광고)단골커피\\n봄맞이\"}]}");
	stage_end(&stage);
}

static void test_alimtalk(void **state)
{
	static const struct letter_button button = {
	        "배송조회", "https://m.example.com/1"};
	struct letter *letter;
	struct stage stage;

	(void)state;
	begin(&stage, "alimtalk");
	letter = stage_letter(&stage, ONE, "김하늘 님");
	letter->template_code = "order01";
	letter->buttons = &button;
	letter->n_buttons = 1;
	stage_letter(&stage, TWO, "코드 없음");
	assert_int_equal(stage_step(&stage, sens_send, 0, NULL), TALK_REQUEST);
	assert_string_equal(stage.out.method, "GET");
	assert_non_null(strstr(
	        stage.out.url, "/templates?channelId=%40dangol&templateCode=order01"));
	stage_step(&stage, sens_send, 200,
	        "[{\"templateCode\":\"order01\",\"content\":\"#{이름} 님\"}]");
	assert_body(&stage,
	        "{\"plusFriendId\":\"@dangol\",\"templateCode\":\"order01\",\"messages\":"
	        "[{\"to\":\"01012345678\",\"content\":\"김하늘 님\",\"countryCode\":"
	        "\"82\",\"useSmsFailover\":false,\"buttons\":[{\"type\":\"WL\",\"name\":"
	        "\"배송조회\",\"linkMobile\":\"https://m.example.com/1\",\"linkPc\":"
	        "\"https://m.example.com/1\"}]}]}");
	stage_step(&stage, sens_send, 202,
	        "{\"requestId\":\"R-1\",\"messages\":[{\"to\":\"01012345678\","
	        "\"messageId\":\"M-1\",\"requestStatusCode\":\"A000\"}]}");
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_ACCEPTED);
	assert_string_equal(stage.outcomes[0].provider_id, "M-1");
	assert_int_equal(stage.outcomes[1].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

/* ---- pictures ---- */

static char *picture(void)
{
	static char path[] = "/tmp/dangol-sens-XXXXXX";
	int fd;

	strcpy(path + sizeof path - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_int_equal(write(fd, "\xff\xd8\xff picture", 11), 11);
	close(fd);
	return path;
}

static void with_picture(struct stage *stage, const char *channel, const char *path)
{
	struct letter *letter;

	begin(stage, channel);
	letter = stage_letter(stage, ONE, "봄");
	letter->image = path;
	letter->kind = strcmp(channel, "sms") ? NULL : "MMS";
}

static void test_picture_once(void **state)
{
	char *path = picture();
	struct stage stage;

	(void)state;
	with_picture(&stage, "sms", path);
	assert_int_equal(stage_step(&stage, sens_send, 0, NULL), TALK_REQUEST);
	assert_string_equal(stage.out.url, BASE "/files");
	assert_body(&stage, "{\"fileName\":\"" NONCE ".jpg\",\"fileBody\":"
	                    "\"/9j/IHBpY3R1cmU=\"}");
	assert_int_equal(
	        stage_step(&stage, sens_send, 200, "{\"fileId\":\"F-1\"}"), TALK_REQUEST);
	assert_string_equal(stage.out.url, BASE "/messages");
	assert_non_null(strstr(stage.out.body.data, "\"files\":[{\"fileId\":\"F-1\"}]"));
	/* the next one knows its id, five days long */
	stage.talk.step = 0;
	stage_step(&stage, sens_send, 0, NULL);
	assert_string_equal(stage.out.url, BASE "/messages");
	stage.talk.step = 0;
	stage.talk.now += 5 * MS_DAY;
	stage_step(&stage, sens_send, 0, NULL);
	assert_string_equal(stage.out.url, BASE "/files");
	stage_end(&stage);
	unlink(path);
}

static void test_brand_picture(void **state)
{
	char *path = picture();
	struct stage stage;

	(void)state;
	with_picture(&stage, "brandmessage", path);
	stage_step(&stage, sens_send, 0, NULL);
	assert_true(
	        has_header(&stage, "content-type: multipart/form-data; boundary=" NONCE));
	assert_string_equal(stage.out.body.data,
	        "--" NONCE "\r\nContent-Disposition: form-data; name=\"imageType\"\r\n"
	        "\r\nBASIC\r\n--" NONCE "\r\nContent-Disposition: form-data; "
	        "name=\"imageFile\"; filename=\"" NONCE ".jpg\"\r\n"
	        "Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff picture\r\n--" NONCE
	        "--\r\n");
	stage_step(&stage, sens_send, 200, "{\"imageId\":\"I-1\"}");
	assert_body(&stage,
	        "{\"plusFriendId\":\"@dangol\",\"messageType\":\"IMAGE\",\"targeting\":"
	        "\"I\",\"isAdult\":false,\"messages\":[{\"to\":\"01012345678\","
	        "\"content\":\"봄\",\"countryCode\":\"82\",\"useSmsFailover\":false,"
	        "\"image\":{\"imageId\":\"I-1\"}}]}");
	stage_end(&stage);
	unlink(path);
}

static void test_picture_fails(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
	} rows[] = {
	        {200, "{}", OUTCOME_NOT_SENT},
	        {200, "[]", OUTCOME_NOT_SENT},
	        {200, "<html>", OUTCOME_NOT_SENT},
	        {200, "{\"fileId\":{}}", OUTCOME_NOT_SENT},
	        {500, "", OUTCOME_NOT_SENT},
	        {-1, NULL, OUTCOME_NOT_SENT},
	        {-2, NULL, OUTCOME_NOT_SENT},
	        {400, "{}", OUTCOME_REFUSED},
	        {401, "{}", OUTCOME_OPERATOR},
	        {429, "{}", OUTCOME_LATER},
	};
	char *path = picture();
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with_picture(&stage, "sms", path);
		stage_step(&stage, sens_send, 0, NULL);
		assert_int_equal(
		        stage_step(&stage, sens_send, rows[i].status, rows[i].body),
		        TALK_DONE);
		if (stage.outcomes[0].kind != rows[i].kind)
			fail_msg("row %zu: %d", i, stage.outcomes[0].kind);
		stage_end(&stage);
	}
	unlink(path);
	with_picture(&stage, "sms", path);
	assert_int_equal(stage_step(&stage, sens_send, 0, NULL), TALK_DONE);
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

/* ---- answers to a sending ---- */

static void test_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum outcome_kind kind;
		const char *code;
	} rows[] = {
	        {202, "{\"requestId\":\"R\",\"statusCode\":\"202\"}", OUTCOME_ACCEPTED,
	                ""},
	        {202, "{\"requestId\":\"R\",\"statusCode\":202}", OUTCOME_ACCEPTED, ""},
	        {202, "{\"requestId\":\"R\"}", OUTCOME_ACCEPTED, ""},
	        {202, "{\"requestId\":\"R\",\"statusCode\":\"500\"}", OUTCOME_UNKNOWN,
	                ""},
	        {202, "{\"requestId\":\"R\",\"statusCode\":[]}", OUTCOME_UNKNOWN, ""},
	        {202, "{\"requestId\":\"R\",\"statusName\":\"fail\"}", OUTCOME_UNKNOWN,
	                ""},
	        {202,
	                "{\"requestId\":\"R\",\"statusCode\":\"400\","
	                "\"statusName\":\"fail\"}",
	                OUTCOME_REFUSED, "400"},
	        {202, "{\"statusCode\":430,\"statusName\":\"fail\"}", OUTCOME_REFUSED,
	                "430"},
	        {202,
	                "{\"requestId\":\"R\",\"statusCode\":\"500\","
	                "\"statusName\":\"fail\"}",
	                OUTCOME_UNKNOWN, ""},
	        {202, "{\"requestId\":\"R\",\"statusCode\":\"400\"}", OUTCOME_UNKNOWN,
	                ""},
	        {202, "{\"statusCode\":\"202\"}", OUTCOME_UNKNOWN, ""},
	        {202, "{\"requestId\":{},\"statusCode\":\"202\"}", OUTCOME_UNKNOWN, ""},
	        {202, "[]", OUTCOME_UNKNOWN, ""},
	        {202, "7", OUTCOME_UNKNOWN, ""},
	        {202, "", OUTCOME_UNKNOWN, ""},
	        {202, "<html>", OUTCOME_UNKNOWN, ""},
	        {202, "{\"requestId\":\"R\",", OUTCOME_UNKNOWN, ""},
	        {400, "{\"status\":400}", OUTCOME_REFUSED, "400"},
	        {401, "{\"error\":{\"errorCode\":\"200\"}}", OUTCOME_OPERATOR, "401.200"},
	        {401, "{\"error\":{\"errorCode\":210}}", OUTCOME_OPERATOR, "401.210"},
	        {401, "{\"error\":7}", OUTCOME_OPERATOR, "401"},
	        {403, "", OUTCOME_OPERATOR, "403"},
	        {404, "", OUTCOME_OPERATOR, "404"},
	        {413, "{\"error\":{\"errorCode\":\"430\"}}", OUTCOME_REFUSED, "413.430"},
	        {429, "{\"error\":{\"errorCode\":\"400\"}}", OUTCOME_LATER, "429.400"},
	        {429, "{\"error\":{\"errorCode\":\"410\"}}", OUTCOME_LATER, "429.410"},
	        {429, "{\"error\":{\"errorCode\":\"420\"}}", OUTCOME_LATER, "429.420"},
	        {429, "<html>", OUTCOME_LATER, "429"},
	        {500, "{}", OUTCOME_UNKNOWN, "500"},
	        {503, "", OUTCOME_UNKNOWN, "503"},
	        {301, "", OUTCOME_OPERATOR, "301"},
	        {-1, NULL, OUTCOME_NOT_SENT, ""},
	        {-2, NULL, OUTCOME_UNKNOWN, ""},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "sms");
		stage_letter(&stage, ONE, "안녕")->kind = "SMS";
		stage_letter(&stage, TWO, "안녕")->kind = "SMS";
		stage_step(&stage, sens_send, 0, NULL);
		assert_int_equal(
		        stage_step(&stage, sens_send, rows[i].status, rows[i].body),
		        TALK_DONE);
		for (size_t k = 0; k < 2; k++)
			if (stage.outcomes[k].kind != rows[i].kind ||
			        strcmp(stage.outcomes[k].code, rows[i].code) != 0)
				fail_msg("row %zu: %d %s", i, stage.outcomes[k].kind,
				        stage.outcomes[k].code);
		assert_int_equal(stage.talk.split, rows[i].kind == OUTCOME_REFUSED);
		stage_end(&stage);
	}
}

static void test_alimtalk_answers(void **state)
{
	static const struct {
		const char *body;
		enum outcome_kind one, two;
	} rows[] = {
	        {"{\"requestId\":\"R\",\"messages\":[{\"to\":\"01087654321\","
	         "\"messageId\":\"2\",\"requestStatusCode\":\"A000\"},{\"to\":"
	         "\"01012345678\",\"messageId\":\"1\",\"requestStatusCode\":\"A000\"}]}",
	                OUTCOME_ACCEPTED, OUTCOME_ACCEPTED},
	        {"{\"requestId\":\"R\",\"messages\":[{\"to\":\"821012345678\","
	         "\"requestStatusCode\":\"B004\"},{\"to\":\"01087654321\","
	         "\"requestStatusCode\":\"B999\"}]}",
	                OUTCOME_OPERATOR, OUTCOME_REFUSED},
	        {"{\"requestId\":\"R\",\"messages\":[{\"to\":\"01012345678\","
	         "\"requestStatusCode\":\"A000\"},{\"to\":\"01099999999\","
	         "\"requestStatusCode\":\"A000\"}]}",
	                OUTCOME_ACCEPTED, OUTCOME_UNKNOWN},
	        {"{\"requestId\":\"R\",\"messages\":[7,null,{\"to\":[]},{\"to\":"
	         "\"01012345678\"},{\"to\":\"01087654321\",\"requestStatusCode\":{}}]}",
	                OUTCOME_UNKNOWN, OUTCOME_UNKNOWN},
	        {"{\"requestId\":\"R\",\"messages\":{}}", OUTCOME_UNKNOWN,
	                OUTCOME_UNKNOWN},
	        {"{\"requestId\":\"R\"}", OUTCOME_UNKNOWN, OUTCOME_UNKNOWN},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "alimtalk");
		stage_letter(&stage, ONE, "a")->template_code = "t";
		stage_letter(&stage, TWO, "b")->template_code = "t";
		stage_step(&stage, sens_send, 0, NULL);
		stage_step(&stage, sens_send, 404, "");
		stage_step(&stage, sens_send, 202, rows[i].body);
		if (stage.outcomes[0].kind != rows[i].one ||
		        stage.outcomes[1].kind != rows[i].two)
			fail_msg("row %zu: %d %d", i, stage.outcomes[0].kind,
			        stage.outcomes[1].kind);
		stage_end(&stage);
	}
}

/* ---- approved templates ---- */

static void test_templates(void **state)
{
	static const struct {
		const char *approved, *text;
		bool fits;
	} rows[] = {
	        {"#{이름} 님, 주문 #{번호}번", "김하늘 님, 주문 7번", true},
	        {"#{이름} 님, 주문 #{번호}번", "김하늘 님 주문 7번", false},
	        {"#{이름} 님, 주문 #{번호}번", "님, 주문 7번", false},
	        {"안녕 #{이름}", "안녕 김하늘\n그리고 더", true},
	        {"안녕 #{이름}", "잘 가 김하늘", false},
	        {"안녕\\r\\n#{이름} 끝", "안녕\n가 끝 나 끝", true},
	        {"안녕", "안녕", true},
	        {"안녕", "안녕!", false},
	        {"안녕", "안녕\n덧붙인 글", true},
	        {"#{a}#{b}", "", true},
	        {"", "무엇이든", true},
	};
	struct stage stage;
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "alimtalk");
		stage_letter(&stage, ONE, rows[i].text)->template_code = "t";
		stage_step(&stage, sens_send, 0, NULL);
		snprintf(body, sizeof body,
		        "[7,{\"templateCode\":\"u\",\"content\":\"x\"},"
		        "{\"templateCode\":\"t\",\"content\":\"%s\"}]",
		        rows[i].approved);
		if (stage_step(&stage, sens_send, 200, body) !=
		        (rows[i].fits ? TALK_REQUEST : TALK_DONE))
			fail_msg("row %zu", i);
		assert_int_equal(stage.settled[0], !rows[i].fits);
		/* asked for once an hour */
		stage.talk.step = 0;
		stage.settled[0] = false;
		stage_step(&stage, sens_send, 0, NULL);
		assert_true(!rows[i].fits || !strcmp(stage.out.method, "POST"));
		stage_end(&stage);
	}
}

/* What SENS does not show is not compared; what it could not be asked is not sent. */
static void test_template_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		bool goes;
		enum outcome_kind kind;
	} rows[] = {
	        {404, "", true, OUTCOME_ACCEPTED},
	        {400, "{}", true, OUTCOME_ACCEPTED},
	        {200, "[]", true, OUTCOME_ACCEPTED},
	        {200, "{}", true, OUTCOME_ACCEPTED},
	        {200, "[[{\"templateCode\":\"t\",\"content\":\"x\"}]]", true,
	                OUTCOME_ACCEPTED},
	        {200, "[{\"templateCode\":\"t\",\"content\":7}]", true, OUTCOME_ACCEPTED},
	        {200, "{\"templateCode\":\"t\",\"content\":\"a\"}", true,
	                OUTCOME_ACCEPTED},
	        {200, "{\"templateCode\":\"t\",\"content\":\"b\"}", false,
	                OUTCOME_REFUSED},
	        {200, "<html>", false, OUTCOME_NOT_SENT},
	        {401, "", false, OUTCOME_OPERATOR},
	        {429, "", false, OUTCOME_LATER},
	        {500, "", false, OUTCOME_NOT_SENT},
	        {-1, NULL, false, OUTCOME_NOT_SENT},
	        {-2, NULL, false, OUTCOME_NOT_SENT},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "alimtalk");
		stage_letter(&stage, ONE, "a")->template_code = "t";
		stage_step(&stage, sens_send, 0, NULL);
		if (stage_step(&stage, sens_send, rows[i].status, rows[i].body) !=
		        (rows[i].goes ? TALK_REQUEST : TALK_DONE))
			fail_msg("row %zu", i);
		if (stage.outcomes[0].kind != rows[i].kind)
			fail_msg("row %zu: %d", i, stage.outcomes[0].kind);
		stage_end(&stage);
	}
}

static void test_abroad(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_letter(&stage, "+12025550123", "hello")->kind = "SMS";
	assert_int_equal(stage_step(&stage, sens_send, 0, NULL), TALK_DONE);
	assert_int_equal(stage.outcomes[0].kind, OUTCOME_REFUSED);
	stage_end(&stage);
}

/* ---- asking ---- */

static void ask_begin(struct stage *stage, const char *channel, const char *ref)
{
	begin(stage, channel);
	stage->inquiry.ref = ref;
	snprintf(stage->talk.ref, sizeof stage->talk.ref, "%s", ref ? ref : "");
	stage->talk.asked = ASKED_FAILED;
}

static void test_results(void **state)
{
	static const struct {
		const char *channel, *row;
		int news; /* -1: none */
		const char *code;
	} rows[] = {
	        {"sms", "\"status\":\"READY\"", NEWS_ACCEPTED, ""},
	        {"sms", "\"status\":\"PROCESSING\",\"statusName\":\"success\"",
	                NEWS_ACCEPTED, ""},
	        {"sms",
	                "\"status\":\"COMPLETED\",\"statusName\":\"success\","
	                "\"statusCode\":\"0\"",
	                NEWS_DELIVERED, "0"},
	        {"sms", "\"status\":\"COMPLETED\",\"statusCode\":0", NEWS_DELIVERED, "0"},
	        {"sms",
	                "\"status\":\"COMPLETED\",\"statusName\":\"fail\","
	                "\"statusCode\":\"3001\"",
	                NEWS_FAILED, "3001"},
	        {"sms",
	                "\"status\":\"COMPLETED\",\"statusName\":\"fail\","
	                "\"statusCode\":\"2000\"",
	                NEWS_ACCEPTED, "2000"},
	        {"sms", "\"status\":\"COMPLETED\"", NEWS_ACCEPTED, ""},
	        {"sms", "\"status\":[]", NEWS_ACCEPTED, ""},
	        {"alimtalk", "\"requestStatusCode\":\"A000\"", NEWS_ACCEPTED, ""},
	        {"alimtalk", "\"requestStatusCode\":\"B001\"", NEWS_FAILED, "B001"},
	        {"alimtalk",
	                "\"requestStatusCode\":\"A000\",\"messageStatusCode\":\"0000\"",
	                NEWS_DELIVERED, "0000"},
	        {"alimtalk",
	                "\"messageStatusCode\":\"3019\",\"messageStatusName\":\"fail\"",
	                NEWS_FAILED, "3019"},
	        {"alimtalk", "\"messageStatusCode\":\"3005\"", NEWS_ACCEPTED, "3005"},
	        {"alimtalk",
	                "\"messageStatusCode\":\"1\",\"messageStatusName\":"
	                "\"processing\"",
	                NEWS_ACCEPTED, "1"},
	};
	struct stage stage;
	char body[512];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask_begin(&stage, rows[i].channel, "R-1");
		stage_asked(&stage, ONE, "안녕");
		stage_step(&stage, sens_ask, 0, NULL);
		snprintf(body, sizeof body,
		        "{\"messages\":[{\"messageId\":\"M-1\",\"to\":\"01012345678\",%s}"
		        "]}",
		        rows[i].row);
		assert_int_equal(stage_step(&stage, sens_ask, 200, body), TALK_DONE);
		assert_int_equal(stage.talk.asked, ASKED_WHOLE);
		assert_int_equal(stage.talk.n_news, 1);
		if ((int)stage.talk.news[0].kind != rows[i].news ||
		        strcmp(stage.talk.news[0].code, rows[i].code) != 0)
			fail_msg("row %zu: %d %s", i, stage.talk.news[0].kind,
			        stage.talk.news[0].code);
		assert_string_equal(stage.talk.news[0].provider_id, "M-1");
		stage_end(&stage);
	}
}

static void test_pages(void **state)
{
	struct stage stage;

	(void)state;
	ask_begin(&stage, "sms", "VORSSA-1234");
	stage_asked(&stage, ONE, "안녕");
	stage_asked(&stage, TWO, "안녕")->provider_id = "M-2";
	stage_step(&stage, sens_ask, 0, NULL);
	assert_string_equal(
	        stage.out.url, BASE "/messages?requestId=VORSSA-1234&pageSize=100");
	assert_int_equal(stage_step(&stage, sens_ask, 200,
	                         "{\"nextToken\":\"a b+\",\"messages\":[{\"messageId\":"
	                         "\"M-1\",\"to\":\"01012345678\"}]}"),
	        TALK_REQUEST);
	assert_string_equal(stage.out.url, BASE "/messages?requestId=VORSSA-1234&pageSize"
	                                        "=100&nextToken=a%20b%2B");
	/* by its id, whatever number it shows; and the same token does not turn for ever
	 */
	assert_int_equal(stage_step(&stage, sens_ask, 200,
	                         "{\"nextToken\":\"a b+\",\"messages\":[{\"messageId\":"
	                         "\"M-2\",\"to\":\"01000000000\"}]}"),
	        TALK_DONE);
	assert_int_equal(stage.talk.n_news, 2);
	assert_int_equal(stage.talk.news[1].message, 2);
	assert_int_equal(stage.talk.asked, ASKED_WHOLE);
	stage_end(&stage);
}

static void test_no_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum asked asked;
	} rows[] = {
	        {404, "", ASKED_WHOLE},
	        {404, "{\"error\":{\"errorCode\":\"300\"}}", ASKED_FAILED},
	        {200, "{\"messages\":[]}", ASKED_WHOLE},
	        {200, "{\"messages\":[7,null,[],{}]}", ASKED_PART},
	        {200, "{\"messages\":{}}", ASKED_FAILED},
	        {200, "{}", ASKED_FAILED},
	        {200, "[]", ASKED_FAILED},
	        {200, "<html>", ASKED_FAILED},
	        {401, "", ASKED_FAILED},
	        {429, "", ASKED_FAILED},
	        {500, "", ASKED_FAILED},
	        {-1, NULL, ASKED_FAILED},
	        {-2, NULL, ASKED_FAILED},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		ask_begin(&stage, "sms", i % 2 ? "R" : NULL);
		stage_asked(&stage, ONE, "안녕");
		stage_step(&stage, sens_ask, 0, NULL);
		assert_int_equal(stage_step(&stage, sens_ask, rows[i / 2].status,
		                         rows[i / 2].body),
		        TALK_DONE);
		assert_int_equal(stage.talk.n_news, 0);
		if (stage.talk.asked != rows[i / 2].asked)
			fail_msg("row %zu: %d", i / 2, stage.talk.asked);
		stage_end(&stage);
	}
}

static void test_looked_for(void **state)
{
#define ROW(to, text) "{\"messageId\":\"M\",\"to\":\"" to "\",\"content\":\"" text "\"}"
	static const struct {
		const char *rows;
		size_t news;
		enum asked asked;
	} rows[] = {
	        {ROW("01012345678", "안녕"), 1, ASKED_WHOLE},
	        {ROW("01012345678", "다른 글"), 0, ASKED_WHOLE},
	        {ROW("01099999999", "안녕"), 0, ASKED_WHOLE},
	        {ROW("01012345678", "안녕") "," ROW("01012345678", "다른 글"), 1,
	                ASKED_WHOLE},
	        {ROW("01012345678", "안녕") "," ROW("01012345678", "안녕"), 0,
	                ASKED_PART},
	        {"{\"to\":\"01012345678\",\"messageId\":\"M\"}", 0, ASKED_PART},
	        {"{\"to\":\"01012345678\",\"content\":\"안녕\",\"from\":\"021111\"}", 0,
	                ASKED_WHOLE},
	};
#undef ROW
	struct stage stage;
	char body[512];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask_begin(&stage, "sms", NULL);
		stage_asked(&stage, ONE, "안녕")->unknown = true;
		stage_step(&stage, sens_ask, 0, NULL);
		assert_string_equal(stage.out.url,
		        BASE "/messages?requestStartTime=2026-11-23%2009%3A57%3A03"
		             "&requestEndTime=2026-11-23%2010%3A12%3A03&to=01012345678"
		             "&pageSize=100");
		snprintf(body, sizeof body, "{\"messages\":[%s]}", rows[i].rows);
		assert_int_equal(stage_step(&stage, sens_ask, 200, body), TALK_DONE);
		if (stage.talk.n_news != rows[i].news ||
		        stage.talk.asked != rows[i].asked)
			fail_msg("row %zu: %zu %d", i, stage.talk.n_news,
			        stage.talk.asked);
		stage_end(&stage);
	}
}

/* Another text to the same number is another message where SENS shows texts as they were
 * sent; of KakaoTalk's nobody says so. */
static void test_another_text_of_kakao_proves_nothing(void **state)
{
	struct stage stage;

	(void)state;
	ask_begin(&stage, "alimtalk", NULL);
	stage_asked(&stage, ONE, "a")->unknown = true;
	stage_step(&stage, sens_ask, 0, NULL);
	stage_step(&stage, sens_ask, 200,
	        "{\"messages\":[{\"to\":\"01012345678\",\"content\":\"#{a}\"}]}");
	assert_int_equal(stage.talk.n_news, 0);
	assert_int_equal(stage.talk.asked, ASKED_PART);
	stage_end(&stage);
}

/* What a request's list does not show and nobody knows of is looked for by itself. */
static void test_unknown_in_a_known_request(void **state)
{
	struct stage stage;

	(void)state;
	ask_begin(&stage, "alimtalk", "R-1");
	stage_asked(&stage, ONE, "a");
	stage_asked(&stage, TWO, "b")->unknown = true;
	stage_step(&stage, sens_ask, 0, NULL);
	assert_int_equal(stage_step(&stage, sens_ask, 404, ""), TALK_REQUEST);
	assert_non_null(strstr(stage.out.url, "&plusFriendId=%40dangol&to=01087654321&"));
	assert_int_equal(stage_step(&stage, sens_ask, 404, ""), TALK_DONE);
	assert_int_equal(stage.talk.asked, ASKED_WHOLE);
	stage_end(&stage);
}

/* ---- the account ---- */

static void test_examine(void **state)
{
	static const struct {
		int status;
		const char *body;
		bool failed;
	} rows[] = {
	        {404, "", false},
	        {200, "{\"messages\":[]}", false},
	        {404, "{\"error\":{\"errorCode\":\"300\"}}", true},
	        {401, "{\"error\":{\"errorCode\":\"200\"}}", true},
	        {-1, NULL, true},
	};
	struct stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		begin(&stage, "sms");
		stage_step(&stage, sens_examine, 0, NULL);
		stage_step(&stage, sens_examine, rows[i].status, rows[i].body);
		assert_int_equal(stage.talk.n_lines, 1);
		assert_int_equal(stage.talk.failed, rows[i].failed);
		stage_end(&stage);
	}
	for (int i = 0; i < 3; i++) { /* KakaoTalk's lists want the channel named */
		static const char *const channels[] = {"sms", "alimtalk", "brandmessage"};
		begin(&stage, channels[i]);
		stage_step(&stage, sens_examine, 0, NULL);
		assert_int_equal(!!strstr(request_path(&stage.out),
		                         "&plusFriendId=%40dangol&pageSize=1"),
		        i > 0);
		stage_end(&stage);
	}
}

static void test_refusals(void **state)
{
	struct buf body = {0};
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	stage_step(&stage, sens_refusals, 0, NULL);
	assert_string_equal(stage.out.url, BASE "/unsubscribes?pageSize=100&pageIndex=0");
	for (int i = 0; i < 100; i++)
		buf_printf(
		        &body, "%s{\"clientTelNo\":\"0101234%04d\"}", i ? "," : "[", i);
	buf_adds(&body, "]");
	assert_int_equal(stage_step(&stage, sens_refusals, 200, body.data), TALK_REQUEST);
	buf_free(&body);
	assert_string_equal(stage.out.url, BASE "/unsubscribes?pageSize=100&pageIndex=1");
	assert_int_equal(stage_step(&stage, sens_refusals, 200,
	                         "[{\"clientTelNo\":\"010-9999-0000\"},{},7]"),
	        TALK_DONE);
	assert_int_equal(stage.talk.n_lines, 101);
	assert_string_equal(stage.talk.lines[100], "+821099990000");
	assert_false(stage.talk.failed);
	stage_end(&stage);
	begin(&stage, "sms");
	stage_step(&stage, sens_refusals, 0, NULL);
	stage_step(&stage, sens_refusals, 200, "{}");
	assert_true(stage.talk.failed);
	stage_end(&stage);
}

static void test_lacks(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, "sms");
	assert_null(sens_protocol.lacks(&stage.config));
	stage.config.sender = NULL;
	assert_non_null(sens_protocol.lacks(&stage.config));
	stage.config.name = "alimtalk";
	assert_null(sens_protocol.lacks(&stage.config));
	stage.config.profile = NULL;
	assert_non_null(sens_protocol.lacks(&stage.config));
	stage.config.service = NULL;
	assert_non_null(sens_protocol.lacks(&stage.config));
	stage_end(&stage);
}

static void test_together(void **state)
{
	struct letter a = {.kind = "SMS"}, b = {.kind = "SMS"};

	(void)state;
	assert_true(sens_protocol.together(&a, &b));
	b.ad = true;
	assert_false(sens_protocol.together(&a, &b));
	b = (struct letter){.kind = "LMS"};
	assert_false(sens_protocol.together(&a, &b));
	b = (struct letter){.kind = "SMS", .image = "/a.jpg"};
	assert_false(sens_protocol.together(&a, &b));
	b = (struct letter){.kind = "SMS", .template_code = "t"};
	assert_false(sens_protocol.together(&a, &b));
}

static void test_code_texts(void **state)
{
	(void)state;
	assert_non_null(strstr(sens_protocol.code_text("3018"), "KakaoTalk"));
	assert_non_null(sens_protocol.code_text("429.410"));
	assert_non_null(sens_protocol.code_text("3022"));
	assert_null(sens_protocol.code_text("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_vectors),
	        cmocka_unit_test(test_sms),
	        cmocka_unit_test(test_long_advertisement),
	        cmocka_unit_test(test_alimtalk),
	        cmocka_unit_test(test_picture_once),
	        cmocka_unit_test(test_brand_picture),
	        cmocka_unit_test(test_picture_fails),
	        cmocka_unit_test(test_answers),
	        cmocka_unit_test(test_alimtalk_answers),
	        cmocka_unit_test(test_templates),
	        cmocka_unit_test(test_template_answers),
	        cmocka_unit_test(test_abroad),
	        cmocka_unit_test(test_results),
	        cmocka_unit_test(test_pages),
	        cmocka_unit_test(test_no_answers),
	        cmocka_unit_test(test_looked_for),
	        cmocka_unit_test(test_another_text_of_kakao_proves_nothing),
	        cmocka_unit_test(test_unknown_in_a_known_request),
	        cmocka_unit_test(test_examine),
	        cmocka_unit_test(test_refusals),
	        cmocka_unit_test(test_lacks),
	        cmocka_unit_test(test_together),
	        cmocka_unit_test(test_code_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
