/* Provider solapi (SOLAPI, CoolSMS): how letters leave. A few go in one request; many go
 * as a group, whose name is on disk before it is sent, so that a break in the middle
 * leaves nothing unknown. Never lets SOLAPI send in our place another way (disableSms).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/provider/approved.h"
#include "delivery/courier.h"
#include "delivery/provider/kakao.h"
#include "delivery/outcome.h"
#include "delivery/provider/solapi_inner.h"
#include "delivery/provider/words.h"

#define GROUP_FROM 50 /* letters: from here on as a group */
#define ANSWER_EACH 2048

/* ---- the signature ---- */

static void instant(int64_t ms, char out[40])
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 40 - n, ".%03dZ", (int)(ms % 1000));
}

void solapi_begin(struct request *out, const struct talk *talk, const char *method,
        const char *fmt, ...)
{
	const struct channel_config *config = talk->config;
	char date[40], hex[65], path[1024];
	uint8_t mac[32];
	char *words;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof path, fmt, ap);
	va_end(ap);
	instant(talk->now, date);
	words = mem_printf("%s%s", date, talk->nonce);
	secret_hmac_sha256(
	        config->secret.data, config->secret.len, words, strlen(words), mac);
	free(words);
	request_begin(out, method, config, SOLAPI_BASE, "%s", path);
	request_header(out,
	        "authorization: HMAC-SHA256 apiKey=%s, date=%s, salt=%s, signature=%s",
	        config->key.data, date, talk->nonce, secret_hex(mac, sizeof mac, hex));
}

/* ---- one message ---- */

static json_t *buttons_of(const struct letter *letter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < letter->n_buttons; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s, s:s, s:s}", "name", letter->buttons[i].name,
		                "linkType", "WL", "linkMobile", letter->buttons[i].url,
		                "linkPc", letter->buttons[i].url));
	return list;
}

static void on_variable(void *arg, const char *name, const char *value)
{
	json_object_set_new(arg, name, json_string(value));
}

/* By the names that were approved; where those are not shown, by the file's own. */
static json_t *variables_of(const struct talk *talk, const struct letter *letter)
{
	const char *approved = approved_text(talk, letter);
	json_t *all = json_object();
	char why[256];

	if (approved && kakao_match(approved, letter->text, on_variable, all, why))
		return all;
	for (size_t i = 0; i < letter->n_variables; i++)
		on_variable(all, letter->variables[i].name, letter->variables[i].value);
	return all;
}

static const char *picture_of(const struct talk *talk, const struct letter *letter)
{
	char name[80];

	return memory_get(talk->memory, solapi_picture(letter, name), talk->now);
}

static json_t *kakao_of(const struct talk *talk, const struct letter *letter)
{
	bool brand = !strcmp(letter->channel, "brandmessage");
	json_t *options =
	        json_pack("{s:s, s:b}", "pfId", talk->config->profile, "disableSms", 1);
	json_t *bms;

	if (!brand) {
		json_object_set_new(
		        options, "templateId", json_string(letter->template_code));
		json_object_set_new(options, "variables", variables_of(talk, letter));
		return options;
	}
	bms = json_pack("{s:s, s:s, s:b}", "targeting", "I", "chatBubbleType",
	        letter->image ? "IMAGE" : "TEXT", "adult", 0);
	if (letter->image)
		json_object_set_new(
		        bms, "imageId", json_string(picture_of(talk, letter)));
	if (letter->n_buttons)
		json_object_set_new(bms, "buttons", buttons_of(letter));
	if (letter->coupon_title)
		json_object_set_new(
		        bms, "coupon", words_coupon(letter, "linkMobile", "linkPc"));
	json_object_set_new(options, "bms", bms);
	return options;
}

static const char *type_of(const struct letter *letter)
{
	if (!strcmp(letter->channel, "alimtalk"))
		return "ATA";
	return !strcmp(letter->channel, "brandmessage") ? "BMS_FREE" : letter->kind;
}

json_t *solapi_message(const struct talk *talk, const struct letter *letter)
{
	bool sms = !strcmp(letter->channel, "sms");
	char to[24], from[20];
	json_t *message = json_pack("{s:s, s:s, s:{s:s, s:s}}", "to",
	        text_phone_national(letter->to, to), "type", type_of(letter),
	        "customFields", SOLAPI_KEY, letter->key, SOLAPI_BUNDLE, talk->key);

	if (talk->config->sender)
		json_object_set_new(message, "from",
		        json_string(talk_digits(talk->config->sender, from)));
	if (sms || !letter->template_code)
		json_object_set_new(message, "text", json_string(letter->text));
	if (sms && letter->image)
		json_object_set_new(
		        message, "imageId", json_string(picture_of(talk, letter)));
	if (!sms)
		json_object_set_new(message, "kakaoOptions", kakao_of(talk, letter));
	return message;
}

/* ---- requests ---- */

static json_t *messages_of(const struct talk *talk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			json_array_append_new(
			        list, solapi_message(talk, talk->letters[i]));
	return list;
}

static void write_send(const struct talk *talk, struct request *out)
{
	solapi_begin(out, talk, "POST", "/messages/v4/send-many/detail");
	out->most = 65536 + talk_left(talk) * ANSWER_EACH;
	request_json(out, json_pack("{s:o, s:b, s:b}", "messages", messages_of(talk),
	                          "allowDuplicates", 1, "showMessageList", 1));
}

static void write_group(const struct talk *talk, struct request *out)
{
	solapi_begin(out, talk, "POST", "/messages/v4/groups");
	request_json(out, json_pack("{s:b, s:{s:s}}", "allowDuplicates", 1,
	                          "customFields", SOLAPI_BUNDLE, talk->key));
}

static void write_add(const struct talk *talk, struct request *out)
{
	solapi_begin(out, talk, "PUT", "/messages/v4/groups/%s/messages", talk->ref);
	out->most = 65536 + talk_left(talk) * ANSWER_EACH;
	request_json(out, json_pack("{s:o}", "messages", messages_of(talk)));
}

static void write_go(const struct talk *talk, struct request *out)
{
	solapi_begin(out, talk, "POST", "/messages/v4/groups/%s/send", talk->ref);
}

/* ---- what came of each ---- */

/* Answers keep the order of what was sent, mostly: so the search begins at `from`. */
static ssize_t letter_of(const struct talk *talk, json_t *item, size_t from)
{
	const char *key = json_string_value(
	        json_object_get(json_object_get(item, "customFields"), SOLAPI_KEY));
	const char *to = json_string_value(json_object_get(item, "to"));
	ssize_t found = -1;
	char own[24];

	for (size_t k = 0; k < talk->n; k++) {
		size_t i = (from + k) % talk->n;
		if (talk->settled[i])
			continue;
		if (key && !strcmp(talk->letters[i]->key, key))
			return (ssize_t)i;
		if (key || !to ||
		        strcmp(text_phone_national(talk->letters[i]->to, own), to) != 0)
			continue;
		if (found >= 0)
			return -1; /* two with one number: which is not said */
		found = (ssize_t)i;
	}
	return found;
}

static void take_item(struct talk *talk, json_t *item, size_t from)
{
	ssize_t i = letter_of(talk, item, from);
	const char *code = json_string_value(json_object_get(item, "statusCode")),
	           *said = json_string_value(json_object_get(item, "statusMessage")),
	           *id = json_string_value(json_object_get(item, "messageId"));

	if (i < 0 || !code)
		return;
	talk->outcomes[i] = solapi_outcome(code, said);
	if (id && talk->outcomes[i].kind == OUTCOME_ACCEPTED)
		outcome_copy(talk->outcomes[i].provider_id,
		        sizeof talk->outcomes[i].provider_id, id, strlen(id));
	talk->settled[i] = true;
}

static void take_list(struct talk *talk, json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) take_item(talk, item, i);
}

/* Those that no list names: by the sums of an answer that is whole. */
static struct outcome by_sum(json_t *json, size_t left)
{
	json_t *count = json_object_get(json_object_get(json, "groupInfo"), "count");
	json_t *taken = json_object_get(count, "registeredSuccess");

	if (json_is_integer(taken) && json_integer_value(taken) == (json_int_t)left)
		return outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	if (json_is_integer(taken) && json_integer_value(taken) == 0)
		return outcome_make(OUTCOME_REFUSED, NULL, "%s",
		        TR("SOLAPI took nothing of it",
		                "SOLAPI가 하나도 받지 않았습니다"));
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        TR("the answer does not name the message", "답에 이 메시지가 없습니다"));
}

static void take_rest(struct talk *talk, json_t *json)
{
	size_t left = talk_left(talk);
	bool named = json_array_size(json_object_get(json, "messageList")) > 0;
	struct outcome outcome;

	if (!left)
		return;
	outcome = by_sum(named ? NULL : json, left);
	talk_outcome_all(talk, &outcome);
}

static void keep_ref(struct talk *talk, json_t *group)
{
	const char *id = json_string_value(json_object_get(group, "groupId"));

	if (id)
		outcome_copy(talk->ref, sizeof talk->ref, id, strlen(id));
}

/* A whole that was refused, perhaps for what one of its messages is. */
static void refused(struct talk *talk, const struct outcome *outcome)
{
	talk->split = outcome->kind == OUTCOME_REFUSED && talk_left(talk) > 1 &&
	              talk_left(talk) == talk->n;
	talk_outcome_all(talk, outcome);
}

static void read_send(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	json_t *json;

	if (solapi_heard(answer, &outcome, &json)) {
		keep_ref(talk, json_object_get(json, "groupInfo"));
		take_list(talk, json_object_get(json, "failedMessageList"));
		take_list(talk, json_object_get(json, "messageList"));
		take_rest(talk, json);
	} else {
		refused(talk, &outcome);
	}
	json_decref(json);
}

/* ---- the talk ---- */

enum { BEGIN, NEEDED, SENT, CREATED, NOTED, ADDED, GONE };

static enum talk_next give_up(struct talk *talk, struct outcome outcome)
{
	outcome = talk_before(outcome);
	refused(talk, &outcome);
	talk->ref[0] = '\0';
	return TALK_DONE;
}

static enum talk_next begin(struct talk *talk, struct request *out)
{
	if (solapi_needs(talk, out)) {
		talk->step = NEEDED;
		return TALK_REQUEST;
	}
	approved_compare(talk);
	if (!talk_left(talk))
		return TALK_DONE;
	if (talk_left(talk) < GROUP_FROM) {
		write_send(talk, out);
		talk->step = SENT;
	} else {
		write_group(talk, out);
		talk->step = CREATED;
	}
	return TALK_REQUEST;
}

static enum talk_next created(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	json_t *json;
	bool heard = solapi_heard(answer, &outcome, &json);

	if (heard)
		keep_ref(talk, json);
	json_decref(json);
	if (heard && !talk->ref[0])
		outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("the answer names no group", "답에 그룹이 없습니다"));
	if (!talk->ref[0])
		return give_up(talk, outcome);
	talk->step = NOTED;
	return TALK_NOTE;
}

/* Those refused are settled, the others have their id. Returns how many were named. */
static size_t take_registered(struct talk *talk, json_t *list)
{
	json_t *item;
	size_t i, named = 0;

	json_array_foreach(list, i, item)
	{
		ssize_t at = letter_of(talk, item, i);
		const char *id = json_string_value(json_object_get(item, "messageId"));

		if (at < 0 || !json_is_string(json_object_get(item, "statusCode")))
			continue;
		named++;
		take_item(talk, item, i);
		if (talk->outcomes[at].kind != OUTCOME_ACCEPTED)
			continue;
		talk->settled[at] = false; /* in the group, and not sent yet */
		if (!id)
			talk->outcomes[at].provider_id[0] = '\0';
	}
	return named;
}

/* In the group: those refused there are settled; nothing has left yet. */
static enum talk_next added(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;
	size_t expected = talk_left(talk);
	json_t *json;
	bool whole;

	if (!solapi_heard(answer, &outcome, &json)) {
		json_decref(json);
		return give_up(talk, outcome);
	}
	whole = take_registered(talk, json_object_get(json, "resultList")) == expected;
	json_decref(json);
	if (!whole) {
		outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("the answer does not name every message",
		                "답에 빠진 메시지가 있습니다"));
		return give_up(talk, outcome);
	}
	if (!talk_left(talk))
		return TALK_DONE;
	write_go(talk, out);
	talk->step = GONE;
	return TALK_REQUEST;
}

/* A group that an answer shows as still waiting has not left, whatever its HTTP status.
 */
static bool has_left(json_t *group)
{
	const char *status = json_string_value(json_object_get(group, "status"));

	return status && (!strcmp(status, "SENDING") || !strcmp(status, "COMPLETE"));
}

static enum talk_next gone(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	json_t *json;
	bool heard = solapi_heard(answer, &outcome, &json);

	if (heard && !has_left(json))
		outcome = outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
		        TR("the answer does not say that the group left",
		                "그룹을 발송했다는 말이 답에 없습니다"));
	if (!heard || !has_left(json))
		talk_outcome_all(talk, &outcome);
	json_decref(json);
	return TALK_DONE; /* else as they were registered: accepted, with their ids */
}

static enum talk_next send_step(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	switch (talk->step) {
	case NEEDED:
		solapi_got(talk, answer);
		return begin(talk, out);
	case SENT:
		read_send(talk, answer);
		return TALK_DONE;
	case CREATED:
		return created(talk, answer);
	case NOTED:
		if (answer) { /* its name is not on disk */
			struct outcome outcome =
			        outcome_make(OUTCOME_NOT_SENT, NULL, "%s", answer->why);
			return give_up(talk, outcome);
		}
		write_add(talk, out);
		talk->step = ADDED;
		return TALK_REQUEST;
	case ADDED:
		return added(talk, answer, out);
	case GONE:
		return gone(talk, answer);
	default:
		return begin(talk, out);
	}
}

/* ---- the provider ---- */

static const char *lacks(const struct channel_config *config)
{
	if (!config->key_name)
		return TR(
		        "key credential \"…\"", "key credential \"…\"이(가) 필요합니다");
	if (!config->secret_name)
		return TR("secret credential \"…\"",
		        "secret credential \"…\"이(가) 필요합니다");
	if (!strcmp(config->name, "sms") && !config->sender)
		return TR("sender, the registered number",
		        "등록한 발신번호(sender)가 필요합니다");
	if (strcmp(config->name, "sms") != 0 && !config->profile)
		return TR("profile, the KakaoTalk channel's pfId",
		        "카카오톡 채널의 pfId(profile)가 필요합니다");
	return NULL;
}

static const char *const channels[] = {"sms", "alimtalk", "brandmessage", NULL};

static const char *const sender_codes[] = {"1062", NULL};

const struct protocol solapi_protocol = {
        .provider = "solapi",
        .channels = channels,
        .batch = 10000,
        .lacks = lacks,
        .send = send_step,
        .ask = solapi_ask,
        .examine = solapi_examine,
        .senders = solapi_senders,
        .sender_codes = sender_codes,
        .refusals = solapi_refusals,
        .receipts = solapi_receipts,
        .code_text = solapi_code_text,
};

const struct channel_ops solapi_ops = COURIER_OPS("solapi", &solapi_protocol);
