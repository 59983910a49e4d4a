/* Provider NHN Cloud Notification: SMS, LMS and MMS, AlimTalk and Brand Messages. This
 * file knows how its three APIs are addressed and how the outside of their answers is
 * read; what is sent and what is asked stands in nhn_send.c and nhn_read.c. Never shows
 * the secret anywhere but in its header. */
#include "delivery/protocol.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "delivery/courier.h"
#include "delivery/provider/nhn_inner.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define BATCH 1000
#define CONNECTIONS 4

static const char *const channels[] = {"sms", "alimtalk", "brandmessage", NULL};

/* ---- requests ---- */

enum nhn_api nhn_api(const struct channel_config *config)
{
	if (!strcmp(config->name, "alimtalk"))
		return NHN_ALIMTALK;
	return strcmp(config->name, "brandmessage") ? NHN_SMS : NHN_BRAND;
}

/* The guides write appKeys for SMS and appkeys for KakaoTalk. */
void nhn_begin(const struct talk *talk, struct request *out, const char *method,
        const char *fmt, ...)
{
	static const char kakao[] =
	        "https://kakaotalk-bizmessage.api.nhncloudservice.com";
	static const struct {
		const char *base, *path;
	} apis[] = {
	        [NHN_SMS] = {"https://sms.api.nhncloudservice.com", "/sms/v3.0/appKeys/"},
	        [NHN_ALIMTALK] = {kakao, "/alimtalk/v2.3/appkeys/"},
	        [NHN_BRAND] = {kakao, "/brand-message/v1.0/appkeys/"},
	};
	enum nhn_api api = nhn_api(talk->config);
	struct buf path = {0};
	va_list ap;

	buf_adds(&path, apis[api].path);
	request_encode(&path, talk->config->key.data);
	va_start(ap, fmt);
	buf_vprintf(&path, fmt, ap);
	va_end(ap);
	request_begin(out, method, talk->config, apis[api].base, "%s", path.data);
	buf_free(&path);
	request_header(out, "X-Secret-Key: %s", talk->config->secret.data);
}

/* ---- answers ---- */

bool nhn_word(const json_t *value, char *out, size_t size)
{
	int len = -1;

	if (json_is_string(value))
		len = snprintf(out, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		len = snprintf(
		        out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (len >= 0 && (size_t)len < size)
		return true;
	out[0] = '\0';
	return false;
}

void nhn_id(const json_t *row, const char *request_id, char out[128])
{
	char seq[24];

	out[0] = '\0';
	if (request_id && request_id[0] && strlen(request_id) < 96 &&
	        nhn_word(json_object_get(row, "recipientSeq"), seq, sizeof seq))
		snprintf(out, 128, "%s:%s", request_id, seq);
}

static struct outcome unreadable(void)
{
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        TR("NHN's answer is not as its guide says",
	                "NHN의 답이 안내서와 다릅니다"));
}

/* HTTP 200 is also what a refusal has: the header tells, and a header that contradicts
 * itself tells nothing. */
static bool header_good(enum nhn_api api, const json_t *json, struct outcome *outcome)
{
	const json_t *header = json_object_get(json, "header");
	const json_t *good = json_object_get(header, "isSuccessful");
	char code[16];

	if (!nhn_word(json_object_get(header, "resultCode"), code, sizeof code) ||
	        (good && !json_is_boolean(good)) ||
	        (good && json_is_true(good) != !strcmp(code, "0"))) {
		*outcome = unreadable();
		return false;
	}
	if (!strcmp(code, "0"))
		return true;
	*outcome = nhn_outcome(api, code);
	return false;
}

bool nhn_heard(const struct talk *talk, const struct httpc_answer *answer,
        struct outcome *outcome, json_t **json)
{
	enum nhn_api api = nhn_api(talk->config);
	struct outcome told;

	if (talk_heard(answer, outcome, json))
		return header_good(api, *json, outcome);
	/* A code of its own says more than a status of refusal; never than one of
	 * failure, which is nobody's word that nothing was taken. */
	if (*json && answer->status >= 400 && answer->status < 500 &&
	        answer->status != 429 && !header_good(api, *json, &told) &&
	        nhn_code(api, told.code))
		*outcome = told;
	return false;
}

/* ---- what it takes ---- */

/* A request has one text; only AlimTalk has one a recipient. */
static bool together(const struct letter *a, const struct letter *b)
{
	if (!strcmp(a->channel, "alimtalk"))
		return words_same(a->template_code, b->template_code);
	return a->ad == b->ad && words_same(a->kind, b->kind) &&
	       words_same(a->text, b->text) && words_same(a->subject, b->subject) &&
	       words_same(a->image, b->image) && words_same_below(a, b);
}

/* It goes into an address or a header as it is. */
static bool is_plain(const struct secret *secret)
{
	for (size_t i = 0; i < secret->len; i++)
		if (!isgraph((unsigned char)secret->data[i]))
			return false;
	return true;
}

static const char *lacks(const struct channel_config *config)
{
	if (!config->key_name)
		return TR("key credential \"…\", NHN's app key",
		        "NHN 앱키를 담은 key credential \"…\"이(가) 필요합니다");
	if (!config->secret_name)
		return TR("secret credential \"…\", NHN's secret key",
		        "NHN 비밀 키를 담은 secret credential \"…\"이(가) 필요합니다");
	if (!is_plain(&config->key) || !is_plain(&config->secret))
		return TR("a key and a secret of one line, without blanks",
		        "빈칸 없이 한 줄로 된 key와 secret이 필요합니다");
	if (nhn_api(config) == NHN_SMS)
		return config->sender ? NULL
		                      : TR("sender, the number registered at NHN",
		                                "NHN에 등록한 발신번호(sender)가 "
		                                "필요합니다");
	if (!config->profile || config->profile[0] == '@')
		return TR("profile, the sender key of 40 characters, not the channel's "
		          "@name",
		        "채널의 @이름이 아니라 40자 발신 키(profile)가 필요합니다");
	return NULL;
}

static const char *const sender_codes[] = {"-2312", "-2313", NULL};

const struct protocol nhn_protocol = {
        .provider = "nhn",
        .channels = channels,
        .batch = BATCH,
        .connections = CONNECTIONS,
        /* A Brand Message's answer tells its recipients apart by number alone. */
        .distinct = true,
        .together = together,
        .lacks = lacks,
        .send = nhn_send,
        .ask = nhn_ask,
        .examine = nhn_examine,
        .senders = nhn_senders,
        .sender_codes = sender_codes,
        .refusals = nhn_refusals,
        .receipts = nhn_receipts,
        .code_text = nhn_code_text,
};

const struct channel_ops nhn_ops = COURIER_OPS("nhn", &nhn_protocol);
