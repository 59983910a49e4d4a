/* Provider twilio: text messages abroad. One message a request, and no key of ours stands
 * in it: what nobody knows is looked for by number, sender and text. Source: Twilio's
 * OpenAPI description and its documents on webhooks' security. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/courier.h"
#include "delivery/outcome.h"
#include "delivery/provider/twilio_inner.h"

#define BASE "https://api.twilio.com"
#define PAGE 200

/* ---- codes ---- */

/* Source: Twilio's error dictionary. */
static const struct code codes[] = {
        {"20003", OUTCOME_OPERATOR,
                "Twilio does not accept user or secret; put them right and send SIGHUP",
                "Twilio가 user나 secret을 받아들이지 않습니다. 고친 뒤 SIGHUP을 "
                "보내십시오"},
        {"20429", OUTCOME_LATER, "Twilio asks to go slower",
                "Twilio가 천천히 보내라고 합니다"},
        {"21211", OUTCOME_REFUSED, "the number is wrong", "잘못된 번호입니다"},
        {"21212", OUTCOME_OPERATOR, "the sender's number is wrong",
                "발신번호가 잘못되었습니다"},
        {"21408", OUTCOME_OPERATOR,
                "the account may not send to that country: allow it at Twilio",
                "계정이 그 나라로 보낼 수 없습니다. Twilio에서 허용하십시오"},
        {"21602", OUTCOME_REFUSED, "the text is empty", "내용이 없습니다"},
        {"21606", OUTCOME_OPERATOR, "the sender's number cannot send text messages",
                "문자를 보낼 수 없는 발신번호입니다"},
        {"21610", OUTCOME_OPTED_OUT, "the recipient refuses (STOP)",
                "수신자가 수신을 거부했습니다(STOP)"},
        {"21614", OUTCOME_REFUSED, "not a mobile number", "휴대폰 번호가 아닙니다"},
        {"21617", OUTCOME_REFUSED, "the text is too long", "내용이 너무 깁니다"},
        {"30002", OUTCOME_OPERATOR, "the account is suspended", "계정이 정지되었습니다"},
        {"30003", OUTCOME_REFUSED, "the phone cannot be reached", "전화에 닿지 않습니다"},
        {"30004", OUTCOME_REFUSED, "blocked by the recipient or the carrier",
                "수신자나 통신사가 막았습니다"},
        {"30005", OUTCOME_REFUSED, "no such number", "없는 번호입니다"},
        {"30006", OUTCOME_REFUSED, "a landline, or a carrier that cannot be reached",
                "유선 번호이거나 닿지 않는 통신사입니다"},
        {"30007", OUTCOME_REFUSED, "filtered as spam", "스팸으로 걸러졌습니다"},
        {"30008", OUTCOME_REFUSED, "failed for a reason that the carrier does not tell",
                "통신사가 까닭을 알려 주지 않은 실패입니다"},
};
#define CODES (sizeof codes / sizeof codes[0])

const char *twilio_meaning(const char *code)
{
	return code_text(codes, CODES, code);
}

static const char *field(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* A code comes as a number; "" where there is none. */
static const char *number_of(json_t *object, const char *name, char out[24])
{
	json_t *value = json_object_get(object, name);

	out[0] = '\0';
	if (json_is_integer(value))
		snprintf(out, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_string(value))
		snprintf(out, 24, "%s", json_string_value(value));
	return out;
}

static bool heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json)
{
	bool good = talk_heard(answer, outcome, json);
	const struct code *row;
	char code[24];

	if (good && json_is_object(*json))
		return true;
	row = code_find(codes, CODES, number_of(*json, "code", code));
	if (good)
		*outcome = outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		        TR("the answer is not Twilio's", "Twilio의 답이 아닙니다"));
	else if (row && outcome->kind != OUTCOME_UNKNOWN) {
		struct outcome named =
		        outcome_make(row->kind, code, "%s", TR(row->text, row->korean));
		named.retry_after_ms = outcome->retry_after_ms;
		*outcome = named;
	} else if (code[0]) {
		outcome_copy(outcome->code, sizeof outcome->code, code, strlen(code));
	}
	return false;
}

/* ---- requests ---- */

static void begin(struct request *out, const struct talk *talk, const char *method,
        const char *fmt, const char *rest)
{
	const struct channel_config *config = talk->config;
	const char *name = config->key.data ? config->key.data : config->user;
	char *both = mem_printf("%s:%s", name, config->secret.data);
	char *base64 = secret_base64(both, strlen(both));

	request_begin(out, method, config, BASE, fmt, config->user, rest);
	request_header(out, "authorization: Basic %s", base64);
	explicit_bzero(both, strlen(both));
	free(both);
	explicit_bzero(base64, strlen(base64));
	free(base64);
}

static const char *sender_of(const struct channel_config *config, char out[24])
{
	if (config->sender && text_phone(config->sender, out))
		snprintf(out, 24, "%.20s", config->sender);
	return config->sender ? out : NULL;
}

/* Where its reports go, with our key in it: Twilio keeps none of ours. */
static char *callback(const struct talk *talk, const struct letter *letter)
{
	if (!talk->config->public_url || !twilio_witness(talk->config))
		return NULL;
	return mem_printf(
	        "%s/v1/receipts/twilio?m=%s", talk->config->public_url, letter->key);
}

static enum talk_next write_letter(struct talk *talk, struct request *out)
{
	const struct letter *letter = talk->letters[0];
	char *back = callback(talk, letter);
	char from[24];

	begin(out, talk, "POST", "/2010-04-01/Accounts/%s/Messages.json%s", "");
	request_form(out, "To", letter->to);
	if (talk->config->service)
		request_form(out, "MessagingServiceSid", talk->config->service);
	else
		request_form(out, "From", sender_of(talk->config, from));
	request_form(out, "Body", letter->text);
	request_form(out, "StatusCallback", back);
	free(back);
	talk->step = 1;
	return TALK_REQUEST;
}

static struct outcome taken(json_t *json)
{
	const char *sid = field(json, "sid"), *status = field(json, "status");
	struct outcome outcome = outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	char code[24];

	number_of(json, "error_code", code);
	if (!sid || !status)
		return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		        TR("the answer names no message", "답에 메시지가 없습니다"));
	if (!strcmp(status, "failed") || !strcmp(status, "undelivered"))
		return outcome_make(OUTCOME_REFUSED, code, "%s",
		        twilio_meaning(code) ? twilio_meaning(code)
		                             : TR("Twilio refuses the message",
		                                       "Twilio가 메시지를 거절했습니다"));
	outcome_copy(outcome.provider_id, sizeof outcome.provider_id, sid, strlen(sid));
	return outcome;
}

static enum talk_next send_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->step == 0)
		return write_letter(talk, out);
	if (heard(answer, &outcome, &json))
		outcome = taken(json);
	json_decref(json);
	talk_outcome_all(talk, &outcome);
	return TALK_DONE;
}

/* ---- asking ---- */

enum news_kind twilio_news(const char *status, const char *code)
{
	const struct code *row = code_find(codes, CODES, code);

	if (!strcmp(status, "delivered") || !strcmp(status, "read"))
		return NEWS_DELIVERED;
	if (row && row->kind == OUTCOME_OPTED_OUT)
		return NEWS_OPTED_OUT;
	return !strcmp(status, "undelivered") || !strcmp(status, "failed") ||
	                       !strcmp(status, "canceled")
	               ? NEWS_FAILED
	               : NEWS_ACCEPTED;
}

static void tell(struct talk *talk, int64_t message, json_t *row)
{
	const char *status = field(row, "status");
	char code[24];

	number_of(row, "error_code", code);
	if (status)
		talk_tell(talk, message, twilio_news(status, code), field(row, "sid"),
		        code, twilio_meaning(code));
}

/* "Mon, 23 Nov 2026 01:02:03 +0000" in ms; 0: another form. */
static int64_t instant_of(const char *text)
{
	struct tm tm = {0};

	if (!text || !strptime(text, "%a, %d %b %Y %H:%M:%S", &tm))
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

#define BEFORE MS_MINUTE /* where both clocks are right */
#define AFTER (5 * MS_MINUTE)
#define SKEW \
	(12 * MS_HOUR) /* Twilio takes requests from a machine whose clock is wrong */

enum likeness { OTHER, ALIKE, OURS };

/* ALIKE: another of the same words, or ours by a clock that is wrong. */
static enum likeness likeness_of(const struct talk *talk, json_t *row)
{
	const struct inquiry_message *m = &talk->inquiry->messages[0];
	const char *to = field(row, "to"), *body = field(row, "body"),
	           *from = field(row, "from");
	int64_t at = instant_of(field(row, "date_created"));
	char sender[24];

	if (!to || !body || strcmp(to, m->to) != 0 || strcmp(body, m->text) != 0)
		return OTHER;
	if (!talk->config->service && talk->config->sender && from &&
	        strcmp(from, sender_of(talk->config, sender)) != 0)
		return OTHER;
	if (at >= talk->inquiry->at - BEFORE && at <= talk->inquiry->at + AFTER)
		return OURS;
	return !at || llabs(at - talk->inquiry->at) <= SKEW ? ALIKE : OTHER;
}

/* Exactly one that is ours in every respect. */
static enum asked read_list(struct talk *talk, json_t *json)
{
	json_t *list = json_object_get(json, "messages"), *row, *found = NULL;
	bool alike = field(json, "next_page_uri") != NULL;
	size_t i;

	if (!json_is_array(list))
		return ASKED_FAILED;
	json_array_foreach(list, i, row)
	{
		enum likeness likeness = likeness_of(talk, row);
		alike = alike || likeness == ALIKE;
		if (likeness != OURS)
			continue;
		if (found)
			return ASKED_PART;
		found = row;
	}
	if (found)
		tell(talk, talk->inquiry->messages[0].id, found);
	return alike && !found ? ASKED_PART : ASKED_WHOLE;
}

static enum talk_next write_search(struct talk *talk, struct request *out)
{
	struct buf query = {0};
	time_t day = (time_t)((talk->inquiry->at - SKEW) / 1000);
	char date[16];
	struct tm tm;

	gmtime_r(&day, &tm);
	strftime(date, sizeof date, "%Y-%m-%d", &tm);
	buf_adds(&query, "To=");
	request_encode(&query, talk->inquiry->messages[0].to);
	buf_printf(&query, "&DateSent%%3E=%s&PageSize=%d", date, PAGE);
	begin(out, talk, "GET", "/2010-04-01/Accounts/%s/Messages.json?%s", query.data);
	out->most = 65536 + PAGE * 4096;
	buf_free(&query);
	talk->step = 2;
	return TALK_REQUEST;
}

static enum talk_next ask_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	const struct inquiry_message *message = talk->inquiry->messages;
	const char *sid = talk->ref[0] ? talk->ref : message->provider_id;
	struct outcome outcome;
	json_t *json;

	if (!answer && sid) {
		begin(out, talk, "GET", "/2010-04-01/Accounts/%s/Messages/%s.json", sid);
		talk->step = 1;
		return TALK_REQUEST;
	}
	if (!answer)
		return write_search(talk, out);
	if (!heard(answer, &outcome, &json)) {
		talk->asked = ASKED_FAILED;
	} else if (talk->step == 2) {
		talk->asked = read_list(talk, json);
	} else {
		tell(talk, message->id, json);
		talk->asked = ASKED_WHOLE;
	}
	json_decref(json);
	return TALK_DONE;
}

/* ---- what the account has ---- */

static void take_numbers(struct talk *talk, json_t *json)
{
	json_t *list = json_object_get(json, "incoming_phone_numbers"), *row;
	size_t i;

	json_array_foreach(list, i, row)
	        senders_add(&talk->senders, field(row, "phone_number"), true);
	talk->senders.told = json_is_array(list) && !field(json, "next_page_uri");
}

static void say_numbers(struct talk *talk, json_t *json)
{
	struct buf all = {0};
	char ours[24];

	take_numbers(talk, json);
	senders_print(&talk->senders, &all);
	talk_say(talk, TR("numbers of the account: %s", "계정의 번호: %s"), all.data);
	buf_free(&all);
	if (!sender_of(talk->config, ours) ||
	        senders_ask(&talk->senders, ours) == REGISTERED_YES)
		return;
	talk->failed = true;
	talk_say(talk,
	        TR("the sender %s of dangol.conf is not among them",
	                "dangol.conf의 발신번호 %s이(가) 없습니다"),
	        ours);
}

static void ask_numbers(struct talk *talk, struct request *out)
{
	begin(out, talk, "GET",
	        "/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?PageSize=%s", "100");
	out->most = 65536 + 100 * 4096;
}

/* A Messaging Service sends by numbers of its own choice: nothing to be asked. */
static enum talk_next senders_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (talk->config->service || !talk->config->sender)
		return TALK_DONE;
	if (!answer) {
		ask_numbers(talk, out);
		return TALK_REQUEST;
	}
	talk->failed = !heard(answer, &outcome, &json);
	if (talk->failed)
		talk_say(talk, "%s", outcome.detail);
	else
		take_numbers(talk, json);
	json_decref(json);
	return TALK_DONE;
}

static enum talk_next examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	json_t *json;

	if (!answer) {
		begin(out, talk, "GET", "/2010-04-01/Accounts/%s/Balance.json%s", "");
		talk->step = 1;
		return TALK_REQUEST;
	}
	if (!heard(answer, &outcome, &json)) {
		talk->failed = true;
		talk_say(talk, "%s", outcome.detail);
	} else if (talk->step == 1) {
		const char *balance = field(json, "balance"),
		           *currency = field(json, "currency");
		talk_say(talk, TR("balance: %s %s", "잔액: %s %s"),
		        balance ? balance : "?", currency ? currency : "");
		json_decref(json);
		ask_numbers(talk, out);
		talk->step = 2;
		return TALK_REQUEST;
	} else {
		say_numbers(talk, json);
	}
	json_decref(json);
	return TALK_DONE;
}

/* ---- the provider ---- */

static const char *lacks(const struct channel_config *config)
{
	if (!config->user)
		return TR("user \"AC…\", the account's SID",
		        "계정 SID(user \"AC…\")가 필요합니다");
	if (!config->secret_name)
		return TR("secret credential \"…\", the account's token",
		        "계정 토큰(secret credential \"…\")이 필요합니다");
	if (!config->sender && !config->service)
		return TR("sender \"+1…\" or service \"MG…\"",
		        "sender \"+1…\"이나 service \"MG…\"가 필요합니다");
	return NULL;
}

/* Units of UTF-16, 67 a part beyond 70; letters of ASCII alone go in 7 bits, 153 a part
 * beyond 160, and those of GSM 03.38's extension count two. */
static int segments(const char *text)
{
	static const char twice[] = "^{}\\[~]|";
	size_t len = strlen(text);
	int units = 0, letters = 0;
	bool ascii = true;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		i += (size_t)text_decode(text + i, len - i, &cp);
		ascii = ascii && cp < 0x80 && cp != '`';
		units += cp > 0xffff ? 2 : 1;
		letters += cp < 0x80 && strchr(twice, (int)cp) ? 2 : 1;
	}
	if (ascii)
		return letters <= 160 ? 1 : (letters + 152) / 153;
	return units <= 70 ? 1 : (units + 66) / 67;
}

static const char *const channels[] = {"sms", NULL};

static const char *const sender_codes[] = {"21212", "21606", NULL};

const struct protocol twilio_protocol = {
        .provider = "twilio",
        .channels = channels,
        .batch = 1,
        .connections = 8,
        .lacks = lacks,
        .send = send_step,
        .ask = ask_step,
        .examine = examine,
        .senders = senders_step,
        .sender_codes = sender_codes,
        .receipts = twilio_receipts,
        .segments = segments,
        .code_text = twilio_meaning,
};

const struct channel_ops twilio_ops = COURIER_OPS("twilio", &twilio_protocol);
