/* Provider solapi: what its answers mean, and what is asked of it later. It believes no
 * HTTP success by itself: every message's own status code decides. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/solapi_inner.h"

/* ---- codes ---- */

/* Source: SOLAPI's message status codes. */
static const struct code codes[] = {
        {"1010", OUTCOME_REFUSED, "no recipient's number", "수신번호가 없습니다"},
        {"1011", OUTCOME_REFUSED, "no sender's number", "발신번호가 없습니다"},
        {"1013", OUTCOME_REFUSED, "the kind of message is wrong",
                "메시지 종류가 잘못되었습니다"},
        {"1014", OUTCOME_REFUSED, "the subject is too long", "제목이 너무 깁니다"},
        {"1020", OUTCOME_REFUSED, "the recipient's number is wrong",
                "수신번호 형식이 잘못되었습니다"},
        {"1023", OUTCOME_REFUSED, "the text is empty", "내용이 없습니다"},
        {"1025", OUTCOME_REFUSED, "the picture is not there", "이미지가 없습니다"},
        {"1026", OUTCOME_REFUSED, "the same number twice in one request",
                "한 요청에 같은 번호가 두 번 있습니다"},
        {"1028", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"1029", OUTCOME_REFUSED, "a character that a text message cannot carry",
                "문자로 보낼 수 없는 글자가 있습니다"},
        {"1030", OUTCOME_OPERATOR, "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
        {"1031", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"1034", OUTCOME_REFUSED, "the country is not served", "보낼 수 없는 국가입니다"},
        {"1041", OUTCOME_OPERATOR, "the profile (pfId) is not right",
                "프로필(pfId)이 맞지 않습니다"},
        {"1042", OUTCOME_REFUSED, "there is no such template", "그런 템플릿이 없습니다"},
        {"1043", OUTCOME_REFUSED, "the text is not that of the approved template",
                "승인된 템플릿과 글이 다릅니다"},
        {"1058", OUTCOME_OPERATOR, "no route to send by",
                "보낼 수 있는 발송 경로가 없습니다"},
        {"1060", OUTCOME_REFUSED, "the number is blocked", "차단된 번호입니다"},
        {"1061", OUTCOME_OPTED_OUT, "the recipient refuses (080)",
                "수신자가 080으로 수신을 거부했습니다"},
        {"1062", OUTCOME_OPERATOR, "the sender's number is not registered",
                "발신번호가 등록되어 있지 않습니다"},
        {"1064", OUTCOME_REFUSED, "blocked by KISA", "KISA가 차단한 번호입니다"},
        {"2024", OUTCOME_LATER, "SOLAPI's server failed", "SOLAPI 서버 오류입니다"},
        {"2060", OUTCOME_OPERATOR, "the account cannot send",
                "계정이 발송할 수 없는 상태입니다"},
        {"2063", OUTCOME_OPERATOR, "the account is blocked", "계정이 차단되었습니다"},
        {"2230", OUTCOME_OPERATOR, "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
        {"2254", OUTCOME_OPERATOR, "held as spam: ask SOLAPI",
                "스팸으로 멈추었습니다. SOLAPI에 문의하십시오"},
        {"3010", OUTCOME_REFUSED, "the number is wrong", "잘못된 번호입니다"},
        {"3012", OUTCOME_REFUSED, "an error on the way", "중계 과정에서 오류가 났습니다"},
        {"3013", OUTCOME_REFUSED, "the sender's number has a wrong form",
                "발신번호 형식이 잘못되었습니다"},
        {"3031", OUTCOME_REFUSED, "no such subscriber", "가입자가 없는 번호입니다"},
        {"3032", OUTCOME_REFUSED, "no such subscriber", "가입자가 없는 번호입니다"},
        {"3040", OUTCOME_UNKNOWN, "no result in time; it may have arrived",
                "결과가 제때 오지 않았습니다. 도착했을 수도 있습니다"},
        {"3041", OUTCOME_REFUSED, "the phone is busy", "상대가 통화 중입니다"},
        {"3042", OUTCOME_REFUSED, "the phone is out of reach", "음영 지역입니다"},
        {"3043", OUTCOME_REFUSED, "the phone is off", "전원이 꺼져 있습니다"},
        {"3044", OUTCOME_REFUSED, "the phone's storage is full",
                "단말의 저장 공간이 찼습니다"},
        {"3045", OUTCOME_REFUSED, "the number is suspended", "정지된 번호입니다"},
        {"3047", OUTCOME_REFUSED, "the phone refuses", "단말이 수신을 거부했습니다"},
        {"3053", OUTCOME_REFUSED, "the carrier's queue is full",
                "통신사 대기열이 가득 찼습니다"},
        {"3054", OUTCOME_REFUSED, "taken for spam", "스팸으로 처리되었습니다"},
        {"3055", OUTCOME_REFUSED, "taken for spam", "스팸으로 처리되었습니다"},
        {"3058", OUTCOME_REFUSED, "no route", "전송 경로가 없습니다"},
        {"3059", OUTCOME_REFUSED, "the sender's number is protected against forgery",
                "변작 방지로 막힌 발신번호입니다"},
        {"3101", OUTCOME_REFUSED, "the channel's key is wrong",
                "카카오 채널 키가 맞지 않습니다"},
        {"3102", OUTCOME_REFUSED, "not a friend of the channel", "채널 친구가 아닙니다"},
        {"3103", OUTCOME_REFUSED, "the text is not that of the approved template",
                "승인된 템플릿과 글이 다릅니다"},
        {"3104", OUTCOME_REFUSED, "no user of KakaoTalk",
                "카카오톡을 쓰지 않는 번호입니다"},
        {"3105", OUTCOME_REFUSED, "there is no such template", "그런 템플릿이 없습니다"},
        {"3106", OUTCOME_REFUSED, "the channel cannot send",
                "보낼 수 없는 카카오 채널입니다"},
        {"3107", OUTCOME_REFUSED, "not reached for 72 hours, or blocked",
                "72시간 안에 닿지 않았거나 차단되었습니다"},
        {"3108", OUTCOME_WINDOW, "outside of the hours of such messages",
                "보낼 수 있는 시간이 아닙니다"},
};

const struct code *solapi_code(const char *code)
{
	return code_find(codes, sizeof codes / sizeof codes[0], code);
}

const char *solapi_code_text(const char *code)
{
	return code_text(codes, sizeof codes / sizeof codes[0], code);
}

static bool is_taken(const char *code)
{
	return !strcmp(code, "2000") || !strcmp(code, "3000") || !strcmp(code, "4000");
}

struct outcome solapi_outcome(const char *code, const char *message)
{
	const struct code *row = solapi_code(code);

	if (is_taken(code))
		return outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	if (row)
		return outcome_make(row->kind, code, "%s", TR(row->text, row->korean));
	return outcome_make(OUTCOME_REFUSED, code,
	        TR("SOLAPI refuses the message: %s",
	                "SOLAPI가 메시지를 거절했습니다: %s"),
	        message ? message : code);
}

/* Errors of a whole request, by name. */
static const struct code errors[] = {
        {"DuplicatedSignature", OUTCOME_LATER,
                "the signature was used before: sent again with a new one",
                "이미 쓴 서명입니다. 새 서명으로 다시 보냅니다"},
        {"InvalidAPIKey", OUTCOME_OPERATOR,
                "SOLAPI does not know the key; put 'key' right and send SIGHUP",
                "SOLAPI에 없는 키입니다. key를 고친 뒤 SIGHUP을 보내십시오"},
        {"SignatureDoesNotMatch", OUTCOME_OPERATOR,
                "the secret does not belong to the key; put 'secret' right and send "
                "SIGHUP",
                "키와 맞지 않는 secret입니다. 고친 뒤 SIGHUP을 보내십시오"},
        {"RequestTimeTooSkewed", OUTCOME_OPERATOR,
                "this machine's clock is wrong by more than 15 minutes: set it",
                "이 컴퓨터의 시계가 15분 넘게 틀립니다. 시계를 맞추십시오"},
        {"NotEnoughBalance", OUTCOME_OPERATOR,
                "the balance is used up: top it up at SOLAPI",
                "잔액이 모자랍니다. SOLAPI에서 충전하십시오"},
};

bool solapi_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	bool heard = talk_heard(answer, outcome, json);
	const char *name = json_string_value(json_object_get(*json, "errorCode"));
	const struct code *row =
	        code_find(errors, sizeof errors / sizeof errors[0], name);

	if (heard && json_is_object(*json) && !name)
		return true;
	if (row)
		*outcome =
		        outcome_make(row->kind, name, "%s", TR(row->text, row->korean));
	else if (heard)
		*outcome = outcome_make(OUTCOME_UNKNOWN, name, "%s",
		        TR("the answer is not SOLAPI's", "SOLAPI의 답이 아닙니다"));
	else if (name)
		outcome_copy(outcome->code, sizeof outcome->code, name, strlen(name));
	return false;
}

/* ---- what a letter needs first ---- */

static void picture_name(const struct letter *letter, char out[160])
{
	snprintf(out, 160, "picture:%.140s", letter->image);
}

static void fail_letters_with(
        struct talk *talk, const char *image, struct outcome outcome)
{
	outcome = talk_before(outcome);
	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] || !talk->letters[i]->image ||
		        strcmp(talk->letters[i]->image, image) != 0)
			continue;
		talk->outcomes[i] = outcome;
		talk->settled[i] = true;
	}
}

static const struct letter *lacking(const struct talk *talk)
{
	char name[160];

	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] || !talk->letters[i]->image)
			continue;
		picture_name(talk->letters[i], name);
		if (!memory_get(talk->memory, name, talk->now))
			return talk->letters[i];
	}
	return NULL;
}

/* True: the upload stands in out. False: its id is known, or it cannot be read. */
static bool upload(struct talk *talk, const struct letter *letter, struct request *out)
{
	bool mms = !strcmp(letter->channel, "sms");
	char file[128], name[160], *base64;
	const char *id;

	base64 = request_picture(letter->image, mms ? "MMS" : "BMS", file);
	if (!base64) {
		fail_letters_with(talk, letter->image,
		        outcome_make(OUTCOME_REFUSED, "image", "%s",
		                TR("the picture cannot be read",
		                        "이미지 파일을 읽을 수 없습니다")));
		return false;
	}
	id = memory_get(talk->memory, file, talk->now);
	if (id) {
		picture_name(letter, name);
		memory_put(talk->memory, name, id, talk->now + MS_HOUR);
		free(base64);
		return false;
	}
	snprintf(talk->cursor, sizeof talk->cursor, "%s", letter->image);
	solapi_begin(out, talk, "POST", "/storage/v1/files");
	request_json(out, json_pack("{s:s, s:s, s:s}", "file", base64, "name",
	                          "image.jpg", "type", mms ? "MMS" : "BMS"));
	free(base64);
	return true;
}

bool solapi_needs(struct talk *talk, struct request *out)
{
	const struct letter *letter;

	while ((letter = lacking(talk)))
		if (upload(talk, letter, out))
			return true;
	return false;
}

void solapi_got(struct talk *talk, const struct httpc_answer *answer)
{
	const struct letter *letter = lacking(talk);
	struct outcome outcome;
	char file[128];
	json_t *json;
	const char *id = NULL;

	if (solapi_heard(answer, &outcome, &json)) {
		id = json_string_value(json_object_get(json, "fileId"));
		outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("the upload's answer names no file",
		                "올린 이미지의 이름이 답에 없습니다"));
	}
	if (id && letter) {
		free(request_picture(letter->image,
		        !strcmp(letter->channel, "sms") ? "MMS" : "BMS", file));
		memory_put(talk->memory, file, id, 0);
	} else if (letter) {
		fail_letters_with(talk, letter->image, outcome);
	}
	json_decref(json);
}

void solapi_compare(struct talk *talk)
{
	(void)talk;
}

/* ---- asking ---- */

static enum news_kind news_of(const char *code)
{
	const struct code *row = solapi_code(code);

	if (!strcmp(code, "4000"))
		return NEWS_DELIVERED;
	if (is_taken(code) || (row && row->kind == OUTCOME_UNKNOWN))
		return NEWS_ACCEPTED;
	return row && row->kind == OUTCOME_OPTED_OUT ? NEWS_OPTED_OUT : NEWS_FAILED;
}

static const char *field(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void take_row(struct talk *talk, const char *id, json_t *row)
{
	json_t *own = json_object_get(row, "customFields");
	const char *code = field(row, "statusCode"), *bundle = field(own, SOLAPI_BUNDLE);
	const struct inquiry_message *message = talk_by_key(talk, field(own, SOLAPI_KEY));

	if (!message)
		message = talk_by_id(talk, id);
	if (!message || !code)
		return;
	if (bundle && strcmp(bundle, talk->inquiry->key) != 0)
		return; /* the same message in an earlier request */
	talk_tell(talk, message->id, news_of(code), id, code, solapi_code_text(code));
}

static bool any_unknown(const struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->n; i++)
		if (inquiry->messages[i].unknown)
			return true;
	return false;
}

#define PAGE 500

static void iso(int64_t ms, char out[64])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(out, 64, "%Y-%m-%dT%H%%3A%M%%3A%S.000Z", &tm);
}

/* By the group where one is known; else by the time of the hand-over, and the number
 * where there is only one. */
static enum talk_next list(struct talk *talk, struct request *out)
{
	const struct inquiry *inquiry = talk->inquiry;
	struct buf query = {0};
	char from[64], to[64], number[24];

	buf_printf(&query, "limit=%d", PAGE);
	if (talk->ref[0]) {
		buf_adds(&query, "&groupId=");
		request_encode(&query, talk->ref);
	} else {
		iso(inquiry->at - 5 * MS_MINUTE, from);
		iso(inquiry->at + 15 * MS_MINUTE, to);
		buf_printf(&query, "&dateType=CREATED&startDate=%s&endDate=%s", from, to);
		if (inquiry->n == 1)
			buf_printf(&query, "&to=%s",
			        text_phone_national(inquiry->messages[0].to, number));
	}
	if (talk->cursor[0]) {
		buf_adds(&query, "&startKey=");
		request_encode(&query, talk->cursor);
	}
	solapi_begin(out, talk, "GET", "/messages/v4/list?%s", query.data);
	out->most = 65536 + PAGE * 4096;
	buf_free(&query);
	return TALK_REQUEST;
}

enum { FIRST, GROUP, REMOVED, LIST };

/* A group that was never sent is taken away, so that it cannot be sent later; only when
 * the request that might have sent it is surely over. */
#define SURELY_OVER (2 * MS_MINUTE)

static enum talk_next read_group(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;
	bool heard = solapi_heard(answer, &outcome, &json);
	const char *status = field(json, "status");
	bool pending = heard && status && !strcmp(status, "PENDING");

	json_decref(json);
	if (!heard) /* 404: there is no such group any more */
		talk->asked = answer->result == HTTPC_ANSWERED && answer->status == 404
		                      ? ASKED_WHOLE
		                      : ASKED_FAILED;
	if (!heard || (pending && talk->now - talk->inquiry->at < SURELY_OVER))
		return TALK_DONE;
	if (!pending) {
		talk->step = LIST;
		return list(talk, out);
	}
	solapi_begin(out, talk, "DELETE", "/messages/v4/groups/%s", talk->ref);
	talk->step = REMOVED;
	return TALK_REQUEST;
}

static enum talk_next read_list(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json, *row;
	const char *id, *next;

	if (!solapi_heard(answer, &outcome, &json) ||
	        !json_is_object(json_object_get(json, "messageList"))) {
		json_decref(json);
		talk->asked = ASKED_FAILED;
		return TALK_DONE;
	}
	json_object_foreach(json_object_get(json, "messageList"), id, row)
	        take_row(talk, id, row);
	next = field(json, "nextKey");
	snprintf(talk->cursor, sizeof talk->cursor, "%s", next ? next : "");
	json_decref(json);
	if (talk->cursor[0])
		return list(talk, out);
	talk->asked = ASKED_WHOLE;
	return TALK_DONE;
}

enum talk_next solapi_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	switch (talk->step) {
	case GROUP:
		return read_group(talk, answer, out);
	case REMOVED:
		talk->asked =
		        solapi_heard(answer, &outcome, &json) ? ASKED_NONE : ASKED_FAILED;
		json_decref(json);
		return TALK_DONE;
	case LIST:
		return read_list(talk, answer, out);
	default:
		break;
	}
	if (talk->ref[0] && any_unknown(talk->inquiry)) {
		solapi_begin(out, talk, "GET", "/messages/v4/groups/%s", talk->ref);
		talk->step = GROUP;
		return TALK_REQUEST;
	}
	talk->step = LIST;
	return list(talk, out);
}

/* ---- what the account has ---- */

static enum talk_next failed(struct talk *talk, const struct outcome *outcome)
{
	talk->failed = true;
	talk_say(talk, "%s", outcome->detail);
	return TALK_DONE;
}

/* Every text that is a phone number, wherever it stands: the shape is not documented. */
static void find_numbers(
        json_t *json, int depth, void (*fn)(void *, const char *), void *arg)
{
	const char *key;
	json_t *value;
	size_t i;

	if (depth > 6)
		return;
	json_array_foreach(json, i, value) find_numbers(value, depth + 1, fn, arg);
	if (json_is_object(json))
		json_object_foreach(json, key, value)
		        find_numbers(value, depth + 1, fn, arg);
	if (json_is_string(json))
		fn(arg, json_string_value(json));
}

struct senders {
	struct buf text;
	const char *ours;
	bool found;
};

static void add_sender(void *arg, const char *text)
{
	struct senders *senders = arg;
	size_t n = strspn(text, "0123456789-");
	char bare[20];

	if (text[n] || n < 8 || n > 14 || text[0] != '0' || senders->text.len > 400)
		return;
	talk_digits(text, bare);
	buf_printf(&senders->text, "%s%s", senders->text.len ? ", " : "", bare);
	if (senders->ours && !strcmp(bare, senders->ours))
		senders->found = true;
}

static enum talk_next say_senders(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	struct senders senders = {0};
	char ours[20];
	json_t *json;

	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	if (talk->config->sender)
		senders.ours = talk_digits(talk->config->sender, ours);
	find_numbers(json, 0, add_sender, &senders);
	talk_say(talk, TR("registered senders: %s", "등록된 발신번호: %s"),
	        senders.text.len ? senders.text.data : "-");
	if (senders.ours && !senders.found) {
		talk->failed = true;
		talk_say(talk,
		        TR("the sender %s of dangol.conf is not among them: register it "
		           "at SOLAPI",
		                "dangol.conf의 발신번호 %s이(가) 없습니다. SOLAPI에 "
		                "등록하십시오"),
		        senders.ours);
	}
	buf_free(&senders.text);
	json_decref(json);
	return TALK_DONE;
}

enum talk_next solapi_examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->step == 2)
		return say_senders(talk, answer);
	if (talk->step == 0) {
		solapi_begin(out, talk, "GET", "/cash/v1/balance");
		talk->step = 1;
		return TALK_REQUEST;
	}
	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	talk_say(talk, TR("balance: %.0f won, %.0f points", "잔액: %.0f원, 포인트 %.0f"),
	        json_number_value(json_object_get(json, "balance")),
	        json_number_value(json_object_get(json, "point")));
	json_decref(json);
	if (!talk->config->sender)
		return TALK_DONE;
	solapi_begin(out, talk, "GET", "/senderid/v1/numbers/active");
	talk->step = 2;
	return TALK_REQUEST;
}

/* ---- who refused by 080 ---- */

static enum talk_next ask_refusals(struct talk *talk, struct request *out)
{
	struct buf query = {0};
	char sender[20];

	buf_printf(&query, "type=DENIAL&limit=%d&senderNumber=%s", PAGE,
	        talk_digits(talk->config->sender ? talk->config->sender : "", sender));
	if (talk->cursor[0]) {
		buf_adds(&query, "&startKey=");
		request_encode(&query, talk->cursor);
	}
	solapi_begin(out, talk, "GET", "/iam/v1/black?%s", query.data);
	out->most = 65536 + PAGE * 1024;
	buf_free(&query);
	return TALK_REQUEST;
}

enum talk_next solapi_refusals(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json, *item;
	const char *next;
	char e164[24];
	size_t i;

	if (!answer)
		return ask_refusals(talk, out);
	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return failed(talk, &outcome);
	}
	json_array_foreach(json_object_get(json, "blackList"), i, item)
	{
		const char *number = field(item, "recipientNumber");
		if (number && !text_phone(number, e164))
			talk_say(talk, "%s", e164);
	}
	next = field(json, "nextKey");
	snprintf(talk->cursor, sizeof talk->cursor, "%s", next ? next : "");
	json_decref(json);
	return talk->cursor[0] ? ask_refusals(talk, out) : TALK_DONE;
}

/* ---- reports ---- */

/* The secret as it was set at SOLAPI, or its SHA-1 in hex, which SOLAPI shows. */
static bool is_theirs(const struct receipts_call *call)
{
	const struct secret *secret = &call->config->receipts;
	const char *shown = call->header(call, "x-solapi-secret");
	uint8_t digest[20];
	char hex[41];

	if (!shown || !secret->data)
		return false;
	secret_sha1(secret->data, secret->len, digest);
	secret_hex(digest, sizeof digest, hex);
	return secret_equal(shown, strlen(shown), hex, 40) ||
	       secret_equal(shown, strlen(shown), secret->data, secret->len);
}

static void read_report(json_t *report,
        void (*fn)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *data = json_object_get(report, "data");
	json_t *row = json_is_object(data) ? data : report;
	const char *code = field(row, "statusCode"), *id = field(row, "messageId");
	struct receipts_item item = {
	        .key = field(json_object_get(row, "customFields"), SOLAPI_KEY),
	        .provider_id = id,
	        .to = field(row, "to"),
	        .code = code,
	        .detail = solapi_code_text(code),
	};

	if (!code || (!id && !item.key))
		return;
	item.kind = news_of(code);
	fn(arg, &item);
}

enum receipts_end solapi_receipts(const struct receipts_call *call,
        void (*fn)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *json, *report;
	size_t i;

	if (!is_theirs(call))
		return RECEIPTS_FORGED;
	json = json_loadb(call->body, call->len, 0, NULL);
	if (!json_is_array(json)) {
		json_decref(json);
		return RECEIPTS_UNREADABLE;
	}
	json_array_foreach(json, i, report) read_report(report, fn, arg);
	json_decref(json);
	return RECEIPTS_TAKEN;
}
