/* Provider aligo (알리고): its two APIs, one for text messages and one for AlimTalk, what
 * their answers say, and what is left to spend. Believes no HTTP success: a code inside
 * decides. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "delivery/provider/aligo_inner.h"
#include "delivery/courier.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define SMS_BASE "https://apis.aligo.in"
#define KAKAO_BASE "https://kakaoapi.aligo.in"
#define BATCH 500
#define LONG_NUMBER 7 /* digits */

bool aligo_is_kakao(const struct channel_config *config)
{
	return strcmp(config->name, "sms") != 0;
}

/* ---- requests ---- */

void aligo_begin(struct request *out, const struct talk *talk, const char *path)
{
	request_begin(out, "POST", talk->config,
	        aligo_is_kakao(talk->config) ? KAKAO_BASE : SMS_BASE, "%s", path);
}

const char *aligo_key_field(const struct channel_config *config)
{
	return aligo_is_kakao(config) ? "apikey" : "key";
}

const char *aligo_user_field(const struct channel_config *config)
{
	return aligo_is_kakao(config) ? "userid" : "user_id";
}

void aligo_account(struct request *out, const struct talk *talk)
{
	const struct channel_config *config = talk->config;

	request_form(out, aligo_key_field(config), config->key.data);
	request_form(out, aligo_user_field(config), config->user);
}

/* ---- codes ---- */

/* Source: Aligo's samples; its whole table was not to be had. 3005 is Kakao's. */
static const struct code codes[] = {
        {"-101", OUTCOME_OPERATOR,
                "Aligo does not accept key or user: put them right and send SIGHUP",
                "알리고가 key나 user를 받아들이지 않습니다. 고친 뒤 SIGHUP을 보내십시오"},
        {"-102", OUTCOME_OPERATOR, "the sender is not registered at Aligo",
                "알리고에 등록되지 않은 발신번호입니다"},
        {"-201", OUTCOME_OPERATOR, "the balance is used up: top it up at Aligo",
                "잔액이 모자랍니다. 알리고에서 충전하십시오"},
        {"-301", OUTCOME_OPERATOR,
                "this machine's address is not on Aligo's list: add it there",
                "이 컴퓨터의 IP 주소가 알리고에 등록되어 있지 않습니다. 등록하십시오"},
        {"3005", OUTCOME_UNKNOWN, "sent and not confirmed; it may arrive within 3 days",
                "보냈지만 확인되지 않았습니다. 3일 안에 도착할 수 있습니다"},
};

const char *aligo_code_text(const char *code)
{
	return code_text(codes, sizeof codes / sizeof codes[0], code);
}

/* ---- answers ---- */

const char *aligo_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t run = 0;

	for (const char *at = text; at && *at; at++) {
		if (*at >= '0' && *at <= '9')
			run++;
		else if (*at != '-')
			run = 0;
		if (run >= LONG_NUMBER)
			return NULL;
	}
	return text && *text ? text : NULL;
}

static bool is_number(const char *text)
{
	text += *text == '-';
	return *text && !text[strspn(text, "0123456789")];
}

static struct outcome refused(const char *code, const json_t *json)
{
	const struct code *row = code_find(codes, sizeof codes / sizeof codes[0], code);
	const char *said = aligo_text(json, "message");

	if (row)
		return outcome_make(row->kind, code, "%s", TR(row->text, row->korean));
	if (!said)
		return outcome_make(OUTCOME_REFUSED, code, "%s",
		        TR("Aligo refuses the message", "알리고가 거절했습니다"));
	return outcome_make(OUTCOME_REFUSED, code,
	        TR("Aligo refuses the message: %s", "알리고가 거절했습니다: %s"), said);
}

bool aligo_heard(const struct talk *talk, const struct httpc_answer *answer,
        struct outcome *outcome, json_t **json)
{
	bool kakao = aligo_is_kakao(talk->config);
	char code[32];

	if (!talk_heard(answer, outcome, json))
		return false;
	words_of(*json, kakao ? "code" : "result_code", code, sizeof code);
	if (!strcmp(code, kakao ? "0" : "1"))
		return true;
	if (is_number(code) && (kakao || code[0] == '-'))
		*outcome = refused(code, *json);
	else
		*outcome = outcome_make(OUTCOME_UNKNOWN, code, "%s",
		        TR("the answer is not Aligo's", "알리고의 답이 아닙니다"));
	return false;
}

/* ---- what is left ---- */

static void say_rest(struct talk *talk, const json_t *json)
{
	static const char *const names[] = {"SMS_CNT", "LMS_CNT", "MMS_CNT", "ALT_CNT"};
	const json_t *list = json_object_get(json, "list");
	struct buf text = {0};
	char count[32];

	for (size_t i = 0; i < 4; i++) {
		if (!words_of(json, names[i], count, sizeof count) &&
		        !words_of(list, names[i], count, sizeof count))
			continue;
		buf_printf(&text, "%s%.3s %s", text.len ? ", " : "", names[i], count);
	}
	talk_say(talk, TR("messages left: %s", "남은 건수: %s"),
	        text.len ? text.data : "-");
	buf_free(&text);
}

static enum talk_next examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (!answer) {
		aligo_begin(out, talk,
		        aligo_is_kakao(talk->config) ? "/akv10/heartinfo/" : "/remain/");
		aligo_account(out, talk);
		return TALK_REQUEST;
	}
	talk->failed = !aligo_heard(talk, answer, &outcome, &json);
	if (talk->failed)
		talk_say(talk, "%s", outcome.detail);
	else
		say_rest(talk, json);
	json_decref(json);
	return TALK_DONE;
}

/* ---- the provider ---- */

static const char *lacks(const struct channel_config *config)
{
	if (!config->key_name)
		return TR(
		        "key credential \"…\"", "key credential \"…\"이(가) 필요합니다");
	if (!config->user)
		return TR("user, the account's name", "계정 아이디(user)가 필요합니다");
	if (!config->sender)
		return TR("sender, the registered number",
		        "등록한 발신번호(sender)가 필요합니다");
	if (aligo_is_kakao(config) && !config->profile)
		return TR("profile, the KakaoTalk channel's sender key",
		        "카카오톡 채널의 발신 프로필 키(profile)가 필요합니다");
	return NULL;
}

/* Kind, subject, picture and template are said once for a whole request. */
static bool together(const struct letter *a, const struct letter *b)
{
	return words_same(a->kind, b->kind) && words_same(a->subject, b->subject) &&
	       words_same(a->image, b->image) &&
	       words_same(a->template_code, b->template_code);
}

static const char *const channels[] = {"sms", "alimtalk", NULL};

static const char *const sender_codes[] = {"-102", NULL};

const struct protocol aligo_protocol = {
        .provider = "aligo",
        .channels = channels,
        .batch = BATCH,
        .distinct = true,
        .together = together,
        .lacks = lacks,
        .send = aligo_send,
        .ask = aligo_ask,
        .examine = examine,
        .sender_codes = sender_codes,
        .code_text = aligo_code_text,
};

const struct channel_ops aligo_ops = COURIER_OPS("aligo", &aligo_protocol);
