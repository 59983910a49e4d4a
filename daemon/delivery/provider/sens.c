/* Provider sens (Naver Cloud SENS): who may speak to it, and what its gateway says. Posts
 * no delivery reports and tells no balance: everything is asked for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/courier.h"
#include "delivery/outcome.h"
#include "delivery/provider/sens_inner.h"
#include "delivery/provider/words.h"

#define BATCH 100
#define EXAMINED MS_MINUTE

enum sens_api sens_api(const struct channel_config *config)
{
	if (!strcmp(config->name, "sms"))
		return SENS_SMS;
	return strcmp(config->name, "alimtalk") ? SENS_BRAND : SENS_ALIMTALK;
}

/* ---- requests ---- */

/* Source: "Simple & Easy Notification Service overview", request headers. */
static void sign(struct request *out, const struct talk *talk)
{
	const struct channel_config *config = talk->config;
	char *words = mem_printf("%s %s\n%lld\n%s", out->method, request_path(out),
	        (long long)talk->now, config->key.data);
	uint8_t mac[32];
	char *base64;

	secret_hmac_sha256(
	        config->secret.data, config->secret.len, words, strlen(words), mac);
	base64 = secret_base64(mac, sizeof mac);
	request_header(out, "x-ncp-apigw-timestamp: %lld", (long long)talk->now);
	request_header(out, "x-ncp-iam-access-key: %s", config->key.data);
	request_header(out, "x-ncp-apigw-signature-v2: %s", base64);
	free(base64);
	free(words);
}

void sens_begin(struct request *out, const struct talk *talk, const char *method,
        const char *fmt, ...)
{
	static const char *const apis[] = {"sms", "alimtalk", "brandmessage"};
	struct buf path = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&path, fmt, ap);
	va_end(ap);
	request_begin(out, method, talk->config, SENS_BASE, "/%s/v2/services/%s%s",
	        apis[sens_api(talk->config)], talk->config->service, path.data);
	buf_free(&path);
	sign(out, talk);
}

void sens_hours(struct buf *query, const struct talk *talk, int64_t from, int64_t to)
{
	static const char format[] = "%Y-%m-%d%%20%H%%3A%M%%3A%S";
	char first[40], last[40];

	buf_printf(query, "requestStartTime=%s&requestEndTime=%s",
	        talk_korea(from, format, first), talk_korea(to, format, last));
	if (sens_api(talk->config) != SENS_SMS) {
		buf_adds(query, "&plusFriendId=");
		request_encode(query, talk->config->profile);
	}
}

/* ---- answers ---- */

bool sens_heard(const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	const struct code *row;
	int64_t wait;
	char code[32], both[48];

	if (talk_heard(answer, outcome, json)) {
		if (json_is_object(*json) || json_is_array(*json))
			return true;
		*outcome = outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		        TR("the answer is not SENS's", "SENS의 답이 아닙니다"));
		return false;
	}
	if (answer->result != HTTPC_ANSWERED || !words_of(json_object_get(*json, "error"),
	                                                "errorCode", code, sizeof code))
		return false;
	snprintf(both, sizeof both, "%d.%s", answer->status, code);
	row = sens_gateway_code(both);
	if (!row)
		return false;
	wait = outcome->retry_after_ms;
	*outcome = outcome_make(row->kind, both, "%s", TR(row->text, row->korean));
	outcome->retry_after_ms = wait;
	return false;
}

/* ---- what the account has ---- */

static enum talk_next failed(struct talk *talk, const struct outcome *outcome)
{
	talk->failed = true;
	talk_say(talk, "%s", outcome->detail);
	return TALK_DONE;
}

enum talk_next sens_examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct buf hours = {0};
	struct outcome outcome;
	json_t *json;
	bool good;

	if (!answer) {
		sens_hours(&hours, talk, talk->now - EXAMINED, talk->now);
		sens_begin(out, talk, "GET", "/messages?%s&pageSize=1", hours.data);
		buf_free(&hours);
		out->most = 65536 + SENS_ROW;
		return TALK_REQUEST;
	}
	/* 404 without a word: nothing was sent in that minute */
	good = sens_heard(answer, &outcome, &json) ||
	       (answer->result == HTTPC_ANSWERED && answer->status == 404 && !json);
	json_decref(json);
	if (!good)
		return failed(talk, &outcome);
	talk_say(talk, "%s",
	        TR("SENS accepts keys and service; it tells no balance: the bill comes "
	           "each month",
	                "SENS가 키와 서비스를 받아들입니다. 잔액은 알려 주지 않고 매달 "
	                "청구합니다"));
	return TALK_DONE;
}

/* ---- who refused by 080 ---- */

static enum talk_next next_refusals(struct talk *talk, struct request *out)
{
	sens_begin(out, talk, "GET", "/unsubscribes?pageSize=%d&pageIndex=%d", SENS_PAGE,
	        talk->step++);
	return TALK_REQUEST;
}

enum talk_next sens_refusals(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json, *row;
	char number[32], e164[24];
	size_t n, i;
	bool heard, none;

	if (sens_api(talk->config) != SENS_SMS)
		return TALK_DONE;
	if (!answer)
		return next_refusals(talk, out);
	heard = sens_heard(answer, &outcome, &json);
	none = answer->result == HTTPC_ANSWERED && answer->status == 404 && !json;
	if (heard && !json_is_array(json))
		outcome = outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		        TR("the answer is no list of numbers",
		                "답이 번호 목록이 아닙니다"));
	if (!none && (!heard || !json_is_array(json))) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	n = json_array_size(json);
	json_array_foreach(json, i, row)
	{
		if (words_of(row, "clientTelNo", number, sizeof number) &&
		        !text_phone(number, e164))
			talk_say(talk, "%s", e164);
	}
	json_decref(json);
	return n >= SENS_PAGE ? next_refusals(talk, out) : TALK_DONE;
}

/* ---- the provider ---- */

static const char *lacks(const struct channel_config *config)
{
	if (!config->key_name)
		return TR("key credential \"…\", the access key",
		        "key credential \"…\"(액세스 키)이(가) 필요합니다");
	if (!config->secret_name)
		return TR("secret credential \"…\", the secret key",
		        "secret credential \"…\"(시크릿 키)이(가) 필요합니다");
	if (!config->service)
		return TR("service, the project's service id (ncp:…)",
		        "프로젝트의 서비스 ID(service \"ncp:…\")가 필요합니다");
	if (sens_api(config) == SENS_SMS && !config->sender)
		return TR("sender, the registered number",
		        "등록한 발신번호(sender)가 필요합니다");
	if (sens_api(config) != SENS_SMS && !config->profile)
		return TR("profile, the KakaoTalk channel (@…)",
		        "카카오톡 채널(profile \"@…\")이 필요합니다");
	return NULL;
}

/* Kind, advertisement, picture and template are said once for a whole request. */
static bool together(const struct letter *a, const struct letter *b)
{
	return a->ad == b->ad && words_same(a->kind, b->kind) &&
	       words_same(a->image, b->image) &&
	       words_same(a->template_code, b->template_code);
}

static const char *const channels[] = {"sms", "alimtalk", "brandmessage", NULL};

const struct protocol sens_protocol = {
        .provider = "sens",
        .channels = channels,
        .batch = BATCH,
        .distinct = true,
        .together = together,
        .lacks = lacks,
        .send = sens_send,
        .ask = sens_ask,
        .examine = sens_examine,
        .refusals = sens_refusals,
        .code_text = sens_code_text,
};

const struct channel_ops sens_ops = COURIER_OPS("sens", &sens_protocol);
