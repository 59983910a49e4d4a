/* Sending through SENS: a picture is uploaded first where there is one, then one request
 * carries up to 100 letters. SMS answers with one name for all of them, AlimTalk and
 * Brand Message with one for each. Never lets SENS send in our place another way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/provider/approved.h"
#include "delivery/provider/multipart.h"
#include "delivery/outcome.h"
#include "delivery/provider/sens_inner.h"
#include "delivery/provider/words.h"

#define SUBJECT_BYTES 40
/* Pictures of text messages are kept six days, those of Brand Messages a year: asked for
 * anew while they surely still stand. */
#define MMS_KEPT (5 * MS_DAY)
#define BRAND_KEPT (300 * MS_DAY)

enum step { BEGUN, TEMPLATED, UPLOADED, HANDED };

static enum talk_next end(struct talk *talk, const struct outcome *outcome)
{
	talk_outcome_all(talk, outcome);
	return TALK_DONE;
}

/* ---- the request ---- */

static json_t *buttons_of(const struct letter *letter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < letter->n_buttons; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "type",
		                                    "WL", "name", letter->buttons[i].name,
		                                    "linkMobile", letter->buttons[i].url,
		                                    "linkPc", letter->buttons[i].url));
	return list;
}

static json_t *message_of(
        const struct talk *talk, const struct letter *letter, const char *picture)
{
	enum sens_api api = sens_api(talk->config);
	char to[24], title[SUBJECT_BYTES * 3 + 1];
	json_t *message = json_pack("{s:s, s:s}", "to",
	        text_phone_national(letter->to, to), "content", letter->text);

	if (api == SENS_SMS) {
		if (letter->kind && strcmp(letter->kind, "SMS") != 0 &&
		        words_title(letter, SUBJECT_BYTES, title)[0])
			json_object_set_new(message, "subject", json_string(title));
		return message;
	}
	json_object_set_new(message, "countryCode", json_string("82"));
	json_object_set_new(message, "useSmsFailover", json_false());
	if (letter->n_buttons)
		json_object_set_new(message, "buttons", buttons_of(letter));
	if (api == SENS_BRAND && letter->coupon_title)
		json_object_set_new(
		        message, "coupon", words_coupon(letter, "linkMobile", "linkPc"));
	if (api == SENS_ALIMTALK && letter->subject)
		json_object_set_new(message, "title", json_string(letter->subject));
	if (api == SENS_BRAND && picture)
		json_object_set_new(
		        message, "image", json_pack("{s:s}", "imageId", picture));
	return message;
}

static json_t *messages_of(const struct talk *talk, const char *picture)
{
	json_t *list = json_array();

	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			json_array_append_new(
			        list, message_of(talk, talk->letters[i], picture));
	return list;
}

static json_t *sms_of(const struct talk *talk, const char *picture)
{
	const struct letter *letter = talk->letters[0];
	char from[20];
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type",
	        letter->kind ? letter->kind : "SMS", "contentType",
	        letter->ad ? "AD" : "COMM", "countryCode", "82", "from",
	        talk_digits(talk->config->sender, from), "content", letter->text);

	if (picture)
		json_object_set_new(
		        body, "files", json_pack("[{s:s}]", "fileId", picture));
	return body;
}

static json_t *kakao_of(const struct talk *talk, const char *picture)
{
	json_t *body = json_pack("{s:s}", "plusFriendId", talk->config->profile);

	if (sens_api(talk->config) == SENS_ALIMTALK) {
		json_object_set_new(
		        body, "templateCode", json_string(sens_template_code(talk)));
		return body;
	}
	json_object_set_new(body, "messageType", json_string(picture ? "IMAGE" : "TEXT"));
	json_object_set_new(body, "targeting", json_string("I"));
	json_object_set_new(body, "isAdult", json_false());
	return body;
}

static enum talk_next hand(struct talk *talk, struct request *out, const char *picture)
{
	json_t *body = sens_api(talk->config) == SENS_SMS ? sms_of(talk, picture)
	                                                  : kakao_of(talk, picture);

	json_object_set_new(body, "messages", messages_of(talk, picture));
	sens_begin(out, talk, "POST", "/messages");
	out->most = 65536 + talk_left(talk) * SENS_ROW;
	request_json(out, body);
	talk->step = HANDED;
	return TALK_REQUEST;
}

/* ---- the picture ---- */

static void upload(const struct talk *talk, struct request *out, const char *base64)
{
	uint8_t *bytes;
	char name[40];
	size_t len;

	/* SENS takes a file of the same name and size for one that it has, with what is
	 * left of its six days: so no two names are alike. */
	snprintf(name, sizeof name, "%.32s.jpg", talk->nonce);
	if (sens_api(talk->config) == SENS_SMS) {
		sens_begin(out, talk, "POST", "/files");
		request_json(out,
		        json_pack("{s:s, s:s}", "fileName", name, "fileBody", base64));
		return;
	}
	bytes = secret_unbase64(base64, strlen(base64), &len);
	sens_begin(out, talk, "POST", "/images");
	multipart_begin(out, talk->nonce);
	multipart_field(out, talk->nonce, "imageType", "BASIC");
	multipart_file(out, talk->nonce, "imageFile", name, "image/jpeg", bytes, len);
	multipart_end(out, talk->nonce);
	free(bytes);
}

/* The cursor keeps the memory's name of the picture until its id is there. */
static enum talk_next picture_first(struct talk *talk, struct request *out)
{
	bool mms = sens_api(talk->config) == SENS_SMS;
	struct outcome outcome;
	const char *id;
	char *base64;

	base64 = request_picture(
	        talk->letters[0]->image, mms ? "sens" : "sens-brand", talk->cursor);
	if (!base64) {
		outcome = outcome_make(OUTCOME_REFUSED, "image", "%s",
		        TR("the picture cannot be read, or is larger than 1 MB",
		                "이미지 파일을 읽을 수 없거나 1MB보다 큽니다"));
		return end(talk, &outcome);
	}
	id = memory_get(talk->memory, talk->cursor, talk->now);
	if (!id) {
		upload(talk, out, base64);
		talk->step = UPLOADED;
	}
	free(base64);
	return id ? hand(talk, out, id) : TALK_REQUEST;
}

static enum talk_next uploaded(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	bool mms = sens_api(talk->config) == SENS_SMS, good = false;
	struct outcome outcome;
	char id[200];
	json_t *json;

	if (sens_heard(answer, &outcome, &json)) {
		good = words_of(json, mms ? "fileId" : "imageId", id, sizeof id);
		outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("the upload's answer names no file",
		                "올린 이미지의 이름이 답에 없습니다"));
	}
	json_decref(json);
	if (!good) {
		outcome = talk_before(outcome);
		return end(talk, &outcome);
	}
	memory_put(talk->memory, talk->cursor, id,
	        talk->now + (mms ? MMS_KEPT : BRAND_KEPT));
	return hand(talk, out, id);
}

/* ---- what came of each ---- */

static struct outcome not_named(void)
{
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        TR("SENS's answer does not tell of this message",
	                "SENS의 답에 이 메시지의 결과가 없습니다"));
}

static struct outcome of_request_code(const char *code)
{
	const struct code *row = sens_code(SENS_ALIMTALK, code);

	if (!strcmp(code, "A000"))
		return outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	return outcome_make(row ? row->kind : OUTCOME_REFUSED, code, "%s",
	        row ? TR(row->text, row->korean)
	            : TR("SENS does not take this message",
	                      "SENS가 이 메시지를 받지 않았습니다"));
}

static void take_row(struct talk *talk, const json_t *row)
{
	char number[32], code[32], id[128], e164[24];

	if (!words_of(row, "to", number, sizeof number) || text_phone(number, e164) ||
	        !words_of(row, "requestStatusCode", code, sizeof code))
		return;
	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] || strcmp(talk->letters[i]->to, e164) != 0)
			continue;
		talk->outcomes[i] = of_request_code(code);
		if (talk->outcomes[i].kind == OUTCOME_ACCEPTED &&
		        words_of(row, "messageId", id, sizeof id))
			outcome_copy(talk->outcomes[i].provider_id,
			        sizeof talk->outcomes[i].provider_id, id, strlen(id));
		talk->settled[i] = true;
		return;
	}
}

static void take_kakao(struct talk *talk, const json_t *json)
{
	struct outcome rest = not_named();
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(json, "messages"), i, row) take_row(talk, row);
	talk_outcome_all(talk, &rest);
}

static bool says(const json_t *json, const char *name, const char *word)
{
	char is[16];

	return !json_object_get(json, name) ||
	       (words_of(json, name, is, sizeof is) && !strcmp(is, word));
}

/* One outcome for all of them; where a refusal may be for the sake of one, each is to be
 * tried alone. */
static void take_all(struct talk *talk, const struct outcome *outcome)
{
	size_t left = talk_left(talk);

	talk->split = outcome->kind == OUTCOME_REFUSED && left > 1 && left == talk->n;
	talk_outcome_all(talk, outcome);
}

/* SMS: one word for all. statusCode follows the statuses of HTTP, and statusName is
 * success or fail (api.ncloud-docs.com, "sens-sms-send"): a failure in the 400s was
 * refused, anything else but the documented success is looked up. */
static void take_sms(struct talk *talk, const json_t *json)
{
	struct outcome outcome = not_named();
	char code[16];

	words_of(json, "statusCode", code, sizeof code);
	if (code[0] == '4' && strlen(code) == 3 && json_object_get(json, "statusName") &&
	        says(json, "statusName", "fail"))
		outcome = outcome_make(OUTCOME_REFUSED, code, "%s",
		        TR("SENS does not take this message",
		                "SENS가 이 메시지를 받지 않았습니다"));
	else if (talk->ref[0] && says(json, "statusCode", "202") &&
	         says(json, "statusName", "success"))
		outcome = outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	take_all(talk, &outcome);
}

static enum talk_next handed(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	json_t *json;

	if (!sens_heard(answer, &outcome, &json)) {
		take_all(talk, &outcome);
	} else {
		words_of(json, "requestId", talk->ref, sizeof talk->ref);
		if (sens_api(talk->config) == SENS_SMS)
			take_sms(talk, json);
		else
			take_kakao(talk, json);
	}
	json_decref(json);
	return TALK_DONE;
}

/* ---- the talk ---- */

/* Its one countryCode is Korea's; and AlimTalk has no text of its own. */
static void settle_unfit(struct talk *talk)
{
	bool alimtalk = sens_api(talk->config) == SENS_ALIMTALK;

	for (size_t i = 0; i < talk->n; i++) {
		const char *why = NULL;

		if (strncmp(talk->letters[i]->to, "+82", 3) != 0)
			why = TR("SENS is used for Korean numbers only",
			        "SENS로는 국내 번호에만 보냅니다");
		else if (alimtalk && !talk->letters[i]->template_code)
			why = TR("AlimTalk needs an approved template's code "
			         "(Template-Code in the template's head)",
			        "알림톡에는 승인된 템플릿 코드가 필요합니다 (템플릿 "
			        "머리의 Template-Code)");
		if (!why)
			continue;
		talk->outcomes[i] = outcome_make(OUTCOME_REFUSED, NULL, "%s", why);
		talk->settled[i] = true;
	}
}

/* What has to be there first, then the letters. */
static enum talk_next go_on(struct talk *talk, struct request *out)
{
	bool alimtalk = sens_api(talk->config) == SENS_ALIMTALK;

	if (!talk_left(talk))
		return TALK_DONE;
	if (alimtalk && approved_lacking(talk)) {
		sens_template_ask(talk, out);
		talk->step = TEMPLATED;
		return TALK_REQUEST;
	}
	if (alimtalk)
		approved_compare(talk);
	if (!talk_left(talk))
		return TALK_DONE;
	return talk->letters[0]->image && !alimtalk ? picture_first(talk, out)
	                                            : hand(talk, out, NULL);
}

static enum talk_next templated(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;

	if (sens_template_take(talk, answer, &outcome))
		return go_on(talk, out);
	outcome = talk_before(outcome);
	return end(talk, &outcome);
}

enum talk_next sens_send(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	switch (talk->step) {
	case TEMPLATED:
		return templated(talk, answer, out);
	case UPLOADED:
		return uploaded(talk, answer, out);
	case HANDED:
		return handed(talk, answer);
	default:
		settle_unfit(talk);
		return go_on(talk, out);
	}
}
