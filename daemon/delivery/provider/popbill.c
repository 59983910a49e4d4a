/* Provider popbill (Linkhub): text messages and AlimTalk. Each request carries our own
 * name, which Popbill takes only once: what nobody knows is asked for by it. Source:
 * Linkhub's Python SDKs for the token, the paths and the fields. */
#include "delivery/provider/approved.h"
#include "delivery/provider/popbill_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/courier.h"
#include "delivery/provider/multipart.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define AUTH "https://auth.linkhub.co.kr"
#define TOKEN_LEAST (20 * MS_MINUTE) /* when the answer tells no end */
#define TOKEN_EARLY MS_MINUTE        /* before its end it counts as over */

static const char *service_of(const struct talk *talk)
{
	return talk->config->service ? talk->config->service : "POPBILL";
}

const char *popbill_host(const struct talk *talk)
{
	return strcmp(service_of(talk), "POPBILL_TEST")
	               ? "https://popbill.linkhub.co.kr"
	               : "https://popbill-test.linkhub.co.kr";
}

/* ---- the token ---- */

static void instant(int64_t ms, char out[32])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static char *digest_of(const struct request *out)
{
	uint8_t digest[32];

	secret_sha256(out->body.data, out->body.len, digest);
	return secret_base64(digest, sizeof digest);
}

/* HMAC-SHA256 by the decoded secret key over method, body's digest, date, "*" (any
 * address of ours), version and path. */
static void sign(struct request *out, const struct talk *talk, const char *date)
{
	const struct channel_config *config = talk->config;
	char *digest = digest_of(out), *base64, *words;
	uint8_t mac[32], *key;
	size_t len = 0;

	key = secret_unbase64(config->secret.data, config->secret.len, &len);
	words = mem_printf("POST\n%s\n%s\n*\n2.0\n%s", digest, date, request_path(out));
	secret_hmac_sha256(
	        key ? (const void *)key : "", key ? len : 0, words, strlen(words), mac);
	base64 = secret_base64(mac, sizeof mac);
	request_header(out, "x-lh-date: %s", date);
	request_header(out, "x-lh-version: 2.0");
	request_header(out, "x-lh-forwarded: *");
	request_header(out, "authorization: LINKHUB %s %s", config->key.data, base64);
	if (key)
		explicit_bzero(key, len);
	free(key);
	free(base64);
	free(words);
	free(digest);
}

static void write_token(struct talk *talk, struct request *out)
{
	bool sms = !strcmp(talk->config->name, "sms");
	char date[32], user[20];

	instant(talk->now, date);
	request_begin(out, "POST", talk->config, AUTH, "/%s/Token", service_of(talk));
	request_json(out,
	        json_pack("{s:s, s:[s,s,s,s]}", "access_id",
	                talk_digits(talk->config->user, user), "scope", "member",
	                sms ? "150" : "153", sms ? "151" : "154", sms ? "152" : "155"));
	sign(out, talk, date);
}

bool popbill_needs_token(struct talk *talk, struct request *out)
{
	if (memory_get(talk->memory, "token", talk->now))
		return false;
	write_token(talk, out);
	return true;
}

static int64_t end_of(const char *text, int64_t now)
{
	struct tm tm = {0};
	int64_t end = 0;

	if (text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		end = (int64_t)timegm(&tm) * 1000 - TOKEN_EARLY;
	return end > now ? end : now + TOKEN_LEAST;
}

bool popbill_got_token(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	json_t *json;
	const char *token = NULL;

	if (popbill_heard(answer, outcome, &json)) {
		token = json_string_value(json_object_get(json, "session_token"));
		*outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("Linkhub's answer holds no token",
		                "링크허브의 답에 토큰이 없습니다"));
	} else if (outcome->kind == OUTCOME_REFUSED) {
		outcome->kind =
		        OUTCOME_OPERATOR; /* of a token nothing else can be wrong */
	}
	if (token)
		memory_put(talk->memory, "token", token,
		        end_of(json_string_value(json_object_get(json, "expiration")),
		                talk->now));
	*outcome = talk_before(*outcome);
	json_decref(json);
	return token != NULL;
}

bool popbill_token_is_over(struct talk *talk, const struct httpc_answer *answer)
{
	if (answer->result != HTTPC_ANSWERED || answer->status != 401)
		return false;
	memory_put(talk->memory, "token", NULL, 0);
	return true;
}

void popbill_begin(struct request *out, const struct talk *talk, const char *method,
        const char *path)
{
	const char *token = memory_get(talk->memory, "token", talk->now);

	request_begin(out, method, talk->config, popbill_host(talk), "%s", path);
	request_header(out, "authorization: Bearer %s", token ? token : "");
	request_header(out, "x-pb-version: 1.0");
}

/* ---- answers ---- */

static bool speaks_of(const char *text, const char *const *words)
{
	for (; text && *words; words++)
		if (strstr(text, *words))
			return true;
	return false;
}

/* -100…: the member, its address or its token; -990…: its points. Source: the error pages
 * of Popbill's other services. */
static bool is_of_the_account(json_int_t code)
{
	return code / 100000 == -100 || code / 100000 == -990;
}

/* The codes of messages are not documented: what the shop must mend is known by the
 * words. */
static enum outcome_kind kind_of(
        json_int_t code, const char *message, enum outcome_kind otherwise)
{
	static const char *const operators[] = {
	        "포인트", "잔액", "발신번호", "가입", "권한", "인증", "토큰", NULL};
	static const char *const refusals[] = {"수신거부", NULL};
	static const char *const numbers[] = {"080", "무료", NULL}; /* to refuse by */

	if (otherwise != OUTCOME_REFUSED)
		return otherwise;
	if (speaks_of(message, refusals) && !speaks_of(message, numbers))
		return OUTCOME_OPTED_OUT;
	return is_of_the_account(code) || speaks_of(message, operators) ? OUTCOME_OPERATOR
	                                                                : otherwise;
}

bool popbill_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	bool heard = talk_heard(answer, outcome, json);
	json_t *code = json_object_get(*json, "code");
	const char *message = json_string_value(json_object_get(*json, "message"));
	char text[24];

	if (heard && !(json_is_integer(code) && json_integer_value(code) < 0))
		return true;
	if (!json_is_integer(code))
		return heard;
	snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(code));
	if (heard)
		outcome->kind = OUTCOME_REFUSED;
	*outcome = outcome_make(kind_of(json_integer_value(code), message, outcome->kind),
	        text, TR("Popbill says: %s", "팝빌: %s"), message ? message : text);
	return false;
}

/* ---- requests ---- */

static bool is_kakao(const struct letter *letter)
{
	return !strcmp(letter->channel, "alimtalk");
}

static bool together(const struct letter *a, const struct letter *b)
{
	return words_same(a->kind, b->kind) && a->ad == b->ad &&
	       words_same(a->image, b->image) &&
	       words_same(a->template_code, b->template_code) && words_same_below(a, b);
}

static json_t *message_of(const struct talk *talk, const struct letter *letter)
{
	char to[24], from[20], title[128];
	json_t *message =
	        json_pack("{s:s, s:s, s:s}", "rcv", text_phone_national(letter->to, to),
	                "msg", letter->text, "interOPRefKey", letter->key);

	if (is_kakao(letter))
		return message;
	json_object_set_new(
	        message, "snd", json_string(talk_digits(talk->config->sender, from)));
	if (letter->kind && strcmp(letter->kind, "SMS") != 0)
		json_object_set_new(
		        message, "sjt", json_string(words_title(letter, 40, title)));
	return message;
}

static json_t *buttons_of(const struct letter *letter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < letter->n_buttons; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s, s:s, s:s}", "n", letter->buttons[i].name,
		                "t", "WL", "u1", letter->buttons[i].url, "u2",
		                letter->buttons[i].url));
	return list;
}

/* The field of our name, as Linkhub's SDKs spell it. */
static const char *name_field(const struct letter *first)
{
	return !is_kakao(first) && first->image ? "requestNum" : "requestnum";
}

static json_t *body_of(const struct talk *talk)
{
	const struct letter *first = talk->letters[0];
	json_t *list = json_array(), *body;
	char from[20];

	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			json_array_append_new(list, message_of(talk, talk->letters[i]));
	body = json_pack("{s:o, s:s, s:s}", "msgs", list, name_field(first), talk->key,
	        "snd", talk_digits(talk->config->sender, from));
	if (!is_kakao(first)) {
		json_object_set_new(body, "adsYN", json_boolean(first->ad));
		return body;
	}
	json_object_set_new(body, "templateCode", json_string(first->template_code));
	if (first->n_buttons)
		json_object_set_new(body, "btns", buttons_of(first));
	return body;
}

/* A form with the JSON and the picture. False: it cannot be read. */
static bool write_mms(const struct talk *talk, struct request *out)
{
	struct buf picture = {0};
	char *json;

	if (!request_file(talk->letters[0]->image, &picture)) {
		buf_free(&picture);
		return false;
	}
	popbill_begin(out, talk, "POST", "/MMS");
	multipart_begin(out, talk->nonce);
	json_t *body = body_of(talk);
	json = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	multipart_field(out, talk->nonce, "form", json);
	multipart_file(out, talk->nonce, "file", "image.jpg", "image/jpeg", picture.data,
	        picture.len);
	multipart_end(out, talk->nonce);
	free(json);
	buf_free(&picture);
	return true;
}

enum { BEGIN, TOKEN, TEMPLATE, SENT };

static enum talk_next end_all(struct talk *talk, struct outcome outcome)
{
	talk_outcome_all(talk, &outcome);
	return TALK_DONE;
}

static enum talk_next write_send(struct talk *talk, struct request *out)
{
	const struct letter *first = talk->letters[0];
	bool mms = !is_kakao(first) && first->image;

	if (mms && !write_mms(talk, out))
		return end_all(talk, outcome_make(OUTCOME_REFUSED, "image", "%s",
		                             TR("the picture cannot be read",
		                                     "이미지 파일을 읽을 수 없습니다")));
	if (!mms) {
		popbill_begin(out, talk, "POST",
		        is_kakao(first)               ? "/ATS"
		        : !strcmp(first->kind, "LMS") ? "/LMS"
		                                      : "/SMS");
		request_json(out, body_of(talk));
	}
	talk->step = SENT;
	return TALK_REQUEST;
}

static enum talk_next ask_template(struct talk *talk, struct request *out)
{
	popbill_begin(out, talk, "GET", "/KakaoTalk/ListATSTemplate");
	out->most = 2 << 20;
	talk->step = TEMPLATE;
	return TALK_REQUEST;
}

/* The list holds approved ones alone; what it does not show is not compared. False: it
 * could not be had. */
static bool take_templates(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	const char *code = talk->letters[0]->template_code;
	json_t *json, *row;
	bool heard = popbill_heard(answer, outcome, &json);
	size_t i;

	if (heard || outcome->kind == OUTCOME_REFUSED)
		approved_keep(talk, code, NULL);
	json_array_foreach(json, i, row)
	{
		const char *its = json_string_value(json_object_get(row, "templateCode"));
		if (its && !strcmp(its, code))
			approved_keep(talk, code,
			        json_string_value(json_object_get(row, "template")));
	}
	json_decref(json);
	*outcome = talk_before(*outcome);
	return heard || outcome->kind == OUTCOME_REFUSED;
}

/* With a token: the template first, then the letters. */
static enum talk_next go_on(struct talk *talk, struct request *out)
{
	if (is_kakao(talk->letters[0]) && !talk->letters[0]->template_code)
		return end_all(talk,
		        outcome_make(OUTCOME_REFUSED, "template", "%s",
		                TR("the template's file lacks the line Template-Code, as "
		                   "it is approved",
		                        "템플릿 파일에 승인된 Template-Code 줄이 "
		                        "없습니다")));
	if (approved_lacking(talk))
		return ask_template(talk, out);
	approved_compare(talk);
	return talk_left(talk) ? write_send(talk, out) : TALK_DONE;
}

static enum talk_next read_send(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	const char *receipt = NULL;
	json_t *json;
	bool heard = popbill_heard(answer, &outcome, &json);

	if (heard)
		receipt = json_string_value(json_object_get(json, "receiptNum"));
	if (receipt && !*receipt)
		receipt = NULL;
	if (receipt)
		outcome_copy(talk->ref, sizeof talk->ref, receipt, strlen(receipt));
	if (heard)
		outcome = receipt ? outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "")
		                  : outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		                            TR("the answer names no request",
		                                    "답에 접수번호가 없습니다"));
	if (outcome.kind == OUTCOME_OPTED_OUT && talk_left(talk) > 1)
		outcome.kind = OUTCOME_REFUSED; /* one of them, and which is not said */
	talk->split = outcome.kind == OUTCOME_REFUSED && talk_left(talk) > 1;
	json_decref(json);
	return end_all(talk, outcome);
}

/* With a new token, once: when that one is refused as well, the key is wrong. */
static enum talk_next begin_again(struct talk *talk, struct request *out)
{
	snprintf(talk->cursor, sizeof talk->cursor, "again");
	popbill_needs_token(talk, out);
	talk->step = TOKEN;
	return TALK_REQUEST;
}

static enum talk_next send_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;

	switch (talk->step) {
	case TOKEN:
		if (!popbill_got_token(talk, answer, &outcome))
			return end_all(talk, outcome);
		return go_on(talk, out);
	case TEMPLATE:
		if (popbill_token_is_over(talk, answer) && !talk->cursor[0])
			return begin_again(talk, out);
		if (!take_templates(talk, answer, &outcome))
			return end_all(talk, outcome);
		return go_on(talk, out);
	case SENT:
		if (popbill_token_is_over(talk, answer) && !talk->cursor[0])
			return begin_again(talk, out);
		return read_send(talk, answer);
	default:
		if (!popbill_needs_token(talk, out))
			return go_on(talk, out);
		talk->step = TOKEN;
		return TALK_REQUEST;
	}
}

/* ---- the provider ---- */

static const char *lacks(const struct channel_config *config)
{
	if (!config->user)
		return TR("user \"…\", the shop's business number",
		        "사업자번호(user \"…\")가 필요합니다");
	if (!config->key_name)
		return TR("key credential \"…\", the LinkID",
		        "링크아이디(key credential \"…\")가 필요합니다");
	if (!config->secret_name)
		return TR("secret credential \"…\", the SecretKey",
		        "비밀키(secret credential \"…\")가 필요합니다");
	if (!config->sender)
		return TR("sender, the registered number",
		        "등록한 발신번호(sender)가 필요합니다");
	return NULL;
}

static const char *const channels[] = {"sms", "alimtalk", NULL};

const struct protocol popbill_protocol = {
        .provider = "popbill",
        .channels = channels,
        .batch = 1000,
        .together = together,
        .lacks = lacks,
        .send = send_step,
        .ask = popbill_ask,
        .examine = popbill_examine,
        .senders = popbill_senders,
        .refusals = popbill_refusals,
};

const struct channel_ops popbill_ops = COURIER_OPS("popbill", &popbill_protocol);
