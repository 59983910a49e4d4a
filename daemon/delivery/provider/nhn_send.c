/* Sending through NHN: what has to be there first (an approved template, a picture), then
 * one request for the whole bundle, then what its answer says of each letter. Never
 * guesses: a letter that the answer does not name is unknown, and is looked up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "delivery/provider/words.h"
#include "delivery/provider/approved.h"
#include "delivery/provider/multipart.h"
#include "delivery/provider/nhn_inner.h"
#include "delivery/outcome.h"

#define TITLE_BYTES 40 /* CP949, providers.md 1.1 */
#define MMS_MOST (300 << 10)
#define ANSWER_MOST (1 << 20)

enum step { BEGUN, TEMPLATE, PICTURE, HANDED };

/* ---- outcomes ---- */

static enum talk_next before(struct talk *talk, struct outcome outcome)
{
	outcome = talk_before(outcome);
	talk_outcome_all(talk, &outcome);
	return TALK_DONE;
}

static struct outcome not_told(void)
{
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        TR("NHN's answer does not tell of this message",
	                "NHN의 답에 이 메시지의 결과가 없습니다"));
}

/* ---- the picture ---- */

static bool has_picture(const struct talk *talk)
{
	return talk->letters[0]->image && nhn_api(talk->config) != NHN_ALIMTALK;
}

/* The cursor holds the memory's name of the picture. */
static const char *picture_id(const struct talk *talk)
{
	return memory_get(talk->memory, talk->cursor, talk->now);
}

/* How a JPEG and a PNG begin, in base64. */
static bool is_jpeg(const char *base64)
{
	return !strncmp(base64, "/9j/", 4);
}

static bool is_png(const char *base64)
{
	return !strncmp(base64, "iVBORw0KGg", 10);
}

/* The file's own name stays here: it may tell something, and NHN takes 45 characters. */
static void upload_mms(const struct talk *talk, struct request *out, const char *base64)
{
	nhn_begin(talk, out, "POST", "/attachfile/binaryUpload");
	request_json(out, json_pack("{s:s,s:s,s:s}", "fileName", "picture.jpg",
	                          "createUser", "dangol", "fileBody", base64));
}

static void upload_brand(const struct talk *talk, struct request *out, const char *base64)
{
	const char *mark = talk->nonce;
	bool png = is_png(base64);
	size_t len = 0;
	uint8_t *bytes = secret_unbase64(base64, strlen(base64), &len);

	nhn_begin(talk, out, "POST", "/images");
	multipart_begin(out, mark);
	multipart_field(out, mark, "imageType", "IMAGE");
	multipart_file(out, mark, "image", png ? "picture.png" : "picture.jpg",
	        png ? "image/png" : "image/jpeg", bytes, len);
	multipart_end(out, mark);
	free(bytes);
}

static const char *picture_wrong(const char *base64, bool sms)
{
	if (!base64)
		return TR("the picture cannot be read, or is larger than 1 MB",
		        "그림 파일을 읽을 수 없거나 1MB보다 큽니다");
	if (sms && !is_jpeg(base64))
		return TR("an MMS takes a JPEG picture only",
		        "MMS에는 JPEG 그림만 넣을 수 있습니다");
	if (sms && strlen(base64) > MMS_MOST / 3 * 4)
		return TR("the picture of an MMS may have 300 KB at most",
		        "MMS의 그림은 300KB까지입니다");
	if (!is_jpeg(base64) && !is_png(base64))
		return TR("the picture is neither a JPEG nor a PNG",
		        "그림이 JPEG도 PNG도 아닙니다");
	return NULL;
}

/* The upload is written where the picture's id is not known. */
static bool upload(struct talk *talk, struct request *out, struct outcome *outcome)
{
	bool sms = nhn_api(talk->config) == NHN_SMS;
	char name[128] = "", *base64 = request_picture(talk->letters[0]->image,
	                             sms ? "nhn-mms" : "nhn-brand", name);
	const char *wrong = picture_wrong(base64, sms);

	snprintf(talk->cursor, sizeof talk->cursor, "%s", name);
	if (wrong)
		*outcome = outcome_make(OUTCOME_REFUSED, "image", "%s", wrong);
	else if (!picture_id(talk) && sms)
		upload_mms(talk, out, base64);
	else if (!picture_id(talk))
		upload_brand(talk, out, base64);
	free(base64);
	return !wrong;
}

static bool is_id(enum nhn_api api, const char *id)
{
	if (api == NHN_BRAND)
		return !strncmp(id, "https://", 8) || !strncmp(id, "http://", 7);
	return id[0] && !id[strspn(id, "0123456789")] && strlen(id) < 19;
}

static bool uploaded(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	enum nhn_api api = nhn_api(talk->config);
	bool sms = api == NHN_SMS, good = false;
	char id[1024];
	json_t *json, *of;

	if (nhn_heard(talk, answer, outcome, &json)) {
		of = sms ? json_object_get(json_object_get(json, "body"), "data")
		         : json_object_get(json, "image");
		nhn_word(json_object_get(of, sms ? "fileId" : "imageUrl"), id, sizeof id);
		good = is_id(api, id);
		*outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("NHN's answer does not name the picture",
		                "NHN의 답에 올린 그림의 이름이 없습니다"));
	}
	if (good)
		memory_put(talk->memory, talk->cursor, id, 0);
	json_decref(json);
	return good;
}

/* ---- text messages ---- */

/* A number abroad has a field of its own in SMS alone. */
json_t *nhn_recipient(const struct letter *letter)
{
	bool ours = !strncmp(letter->to, "+82", 3);
	const char *field = ours || strcmp(letter->channel, "sms") != 0
	                            ? "recipientNo"
	                            : "internationalRecipientNo";
	char number[24], digits[20];

	return json_pack("{s:s,s:s}", field,
	        ours ? text_phone_national(letter->to, number)
	             : talk_digits(letter->to, digits),
	        "recipientGroupingKey", letter->key);
}

static json_t *recipients(const struct talk *talk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < talk->n; i++)
		json_array_append_new(list, nhn_recipient(talk->letters[i]));
	return list;
}

static bool is_sms(const struct letter *letter)
{
	return letter->kind && !strcmp(letter->kind, "SMS");
}

static void hand_sms(const struct talk *talk, struct request *out)
{
	const struct letter *letter = talk->letters[0];
	const char *picture = has_picture(talk) ? picture_id(talk) : NULL;
	char title[TITLE_BYTES * 3 + 1], sender[20];
	json_t *body = json_object();

	nhn_begin(talk, out, "POST", "/sender/%s%s", letter->ad ? "ad-" : "",
	        is_sms(letter) ? "sms" : "mms");
	if (!is_sms(letter))
		json_object_set_new(body, "title",
		        json_string(words_title(letter, TITLE_BYTES, title)));
	json_object_set_new(body, "body", json_string(letter->text));
	json_object_set_new(
	        body, "sendNo", json_string(talk_digits(talk->config->sender, sender)));
	json_object_set_new(body, "senderGroupingKey", json_string(talk->key));
	json_object_set_new(body, "recipientList", recipients(talk));
	if (picture)
		json_object_set_new(body, "attachFileIdList",
		        json_pack("[I]", (json_int_t)strtoll(picture, NULL, 10)));
	request_json(out, body);
}

/* ---- what the answer says ---- */

static json_t *results_of(enum nhn_api api, json_t *json, char request_id[96])
{
	json_t *of = api == NHN_SMS
	                     ? json_object_get(json_object_get(json, "body"), "data")
	                     : json_object_get(json, "message");

	if (!nhn_word(json_object_get(of, "requestId"), request_id, 96) ||
	        request_id[strspn(request_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
	                                      "nopqrstuvwxyz0123456789-_.")])
		request_id[0] = '\0';
	return json_object_get(of, api == NHN_SMS ? "sendResultList" : "sendResults");
}

static void index_add(json_t *index, const char *name, json_t *row)
{
	if (!name)
		return;
	/* Told twice: nobody knows which of both is meant. */
	if (json_object_get(index, name))
		json_object_set_new(index, name, json_null());
	else
		json_object_set(index, name, row);
}

/* The rows by our key, and by number where they have none. */
static json_t *index_of(json_t *rows)
{
	json_t *index = json_object(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *key =
		        json_string_value(json_object_get(row, "recipientGroupingKey"));
		const char *number =
		        json_string_value(json_object_get(row, "recipientNo"));
		char e164[24];

		if (key)
			index_add(index, key, row);
		else if (number && !text_phone(number, e164))
			index_add(index, e164, row);
	}
	return index;
}

static struct outcome outcome_of(
        enum nhn_api api, const json_t *row, const char *request_id, bool whole)
{
	char code[16], id[128];
	struct outcome outcome;

	if (!nhn_word(json_object_get(row, "resultCode"), code, sizeof code))
		return not_told();
	if (strcmp(code, "0") != 0)
		return nhn_outcome(api, code);
	nhn_id(row, request_id, id);
	if (!whole || !id[0])
		return not_told();
	outcome = outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	outcome_copy(outcome.provider_id, sizeof outcome.provider_id, id, strlen(id));
	return outcome;
}

/* The whole was refused: perhaps for the sake of one. What only one of them can be is not
 * said of all. */
static void refused(struct talk *talk, struct outcome told)
{
	talk->split = talk_left(talk) > 1 && talk_left(talk) == talk->n &&
	              (told.kind == OUTCOME_REFUSED || told.kind == OUTCOME_BAD_ADDRESS ||
	                      told.kind == OUTCOME_OPTED_OUT);
	if (talk->split)
		told.kind = OUTCOME_LATER;
	talk_outcome_all(talk, &told);
}

/* false: a row says that it was taken while the header says that nothing was. */
static bool take_rows(struct talk *talk, json_t *json, bool whole)
{
	enum nhn_api api = nhn_api(talk->config);
	char request_id[96];
	json_t *rows = results_of(api, json, request_id);
	json_t *index = index_of(rows);
	bool agrees = true;

	if (request_id[0])
		snprintf(talk->ref, sizeof talk->ref, "%s", request_id);
	for (size_t i = 0; i < talk->n; i++) {
		const struct letter *letter = talk->letters[i];
		json_t *row = json_object_get(index, letter->key);

		if (!row)
			row = json_object_get(index, letter->to);
		if (talk->settled[i] || !json_is_object(row))
			continue;
		talk->outcomes[i] = outcome_of(api, row, request_id, whole);
		talk->settled[i] = true;
		agrees = agrees && (whole || talk->outcomes[i].code[0]);
	}
	json_decref(index);
	return agrees;
}

/* An id that NHN no longer knows must not be used again. */
static void forget_picture(struct talk *talk)
{
	for (size_t i = 0; has_picture(talk) && i < talk->n; i++)
		if (!strcmp(talk->outcomes[i].code, "-2004") ||
		        !strcmp(talk->outcomes[i].code, "-8002")) {
			memory_put(talk->memory, talk->cursor, NULL, 0);
			return;
		}
}

static enum talk_next take_answer(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome told;
	json_t *json;
	bool whole = nhn_heard(talk, answer, &told, &json);

	if (answer->result == HTTPC_ANSWERED && answer->status / 100 == 2 && json &&
	        (!take_rows(talk, json, whole) || whole))
		told = not_told();
	refused(talk, told);
	forget_picture(talk);
	json_decref(json);
	return TALK_DONE;
}

/* ---- step by step ---- */

static enum talk_next hand(struct talk *talk, struct request *out)
{
	talk->step = HANDED;
	switch (nhn_api(talk->config)) {
	case NHN_SMS:
		hand_sms(talk, out);
		break;
	case NHN_ALIMTALK:
		approved_compare(talk);
		if (!talk_left(talk))
			return TALK_DONE;
		nhn_alimtalk(talk, out);
		break;
	case NHN_BRAND:
		nhn_brand(talk, out, has_picture(talk) ? picture_id(talk) : NULL);
		break;
	}
	out->most = ANSWER_MOST;
	return TALK_REQUEST;
}

static enum talk_next begin(struct talk *talk, struct request *out)
{
	bool alimtalk = nhn_api(talk->config) == NHN_ALIMTALK;
	struct outcome outcome;

	if (alimtalk && !talk->letters[0]->template_code)
		return before(talk,
		        outcome_make(OUTCOME_REFUSED, "template", "%s",
		                TR("the template's file lacks the line Template-Code, as "
		                   "it is approved",
		                        "템플릿 파일에 승인된 Template-Code 줄이 "
		                        "없습니다")));
	if (alimtalk && approved_lacking(talk)) {
		talk->step = TEMPLATE;
		nhn_template_ask(talk, out);
		return TALK_REQUEST;
	}
	if (!has_picture(talk))
		return hand(talk, out);
	if (!upload(talk, out, &outcome))
		return before(talk, outcome);
	if (!out->url)
		return hand(talk, out);
	talk->step = PICTURE;
	return TALK_REQUEST;
}

enum talk_next nhn_send(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct outcome outcome;

	switch ((enum step)talk->step) {
	case BEGUN:
		break;
	case TEMPLATE:
		if (!nhn_template_take(talk, answer, &outcome))
			return before(talk, outcome);
		return hand(talk, out);
	case PICTURE:
		if (!uploaded(talk, answer, &outcome))
			return before(talk, outcome);
		return hand(talk, out);
	case HANDED:
		return take_answer(talk, answer);
	}
	return begin(talk, out);
}
