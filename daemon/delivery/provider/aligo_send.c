/* Sending through Aligo: one letter by itself, or many of one kind in one request. The
 * answer counts and names nobody: fewer than were asked for means that nobody knows
 * which, until the list of that request is read. Never lets Aligo send in our place
 * another way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "delivery/provider/approved.h"
#include "delivery/provider/aligo_inner.h"
#include "delivery/provider/multipart.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define TITLE_BYTES 44

/* ---- fields ---- */

/* A form under construction: with a picture it is one of parts. */
struct form {
	struct request *out;
	const char *boundary; /* NULL: percent-encoded */
};

static void add(const struct form *form, const char *name, const char *value)
{
	if (form->boundary)
		multipart_field(form->out, form->boundary, name, value);
	else
		request_form(form->out, name, value);
}

/* name_1, name_2 … */
static void add_nth(
        const struct form *form, const char *name, size_t n, const char *value)
{
	char numbered[32];

	snprintf(numbered, sizeof numbered, "%s_%zu", name, n);
	add(form, numbered, value);
}

static void add_image(const struct form *form, const char *base64)
{
	size_t len;
	uint8_t *bytes = secret_unbase64(base64, strlen(base64), &len);
	bool png = len > 3 && !memcmp(bytes + 1, "PNG", 3),
	     gif = len > 3 && !memcmp(bytes, "GIF", 3);

	multipart_file(form->out, form->boundary, "image1",
	        png   ? "image.png"
	        : gif ? "image.gif"
	              : "image.jpg",
	        png   ? "image/png"
	        : gif ? "image/gif"
	              : "image/jpeg",
	        bytes, len);
	multipart_end(form->out, form->boundary);
	free(bytes);
}

/* ---- text messages ---- */

/* One title for all: their subject, else their first line where it is the same. */
static const char *title_of(const struct talk *talk, char out[TITLE_BYTES * 3 + 1])
{
	char other[TITLE_BYTES * 3 + 1];

	words_title(talk->letters[0], TITLE_BYTES, out);
	for (size_t i = 1; i < talk->n; i++)
		if (strcmp(out, words_title(talk->letters[i], TITLE_BYTES, other)) != 0)
			return NULL;
	return out[0] ? out : NULL;
}

static void add_one(const struct form *form, const struct letter *letter)
{
	char to[24];

	add(form, "receiver", text_phone_national(letter->to, to));
	add(form, "msg", letter->text);
}

static void add_many(const struct form *form, const struct talk *talk)
{
	char to[24], count[16];
	size_t n = 0;

	for (size_t i = 0; i < talk->n; i++) {
		const struct letter *letter = talk->letters[i];
		if (talk->settled[i])
			continue;
		n++;
		add_nth(form, "rec", n, text_phone_national(letter->to, to));
		add_nth(form, "msg", n, letter->text);
	}
	snprintf(count, sizeof count, "%zu", n);
	add(form, "cnt", count);
}

static void write_sms(const struct talk *talk, struct request *out, const char *base64)
{
	const struct letter *letter = talk->letters[0];
	const struct form form = {out, base64 ? talk->nonce : NULL};
	bool is_long = letter->kind && strcmp(letter->kind, "SMS") != 0;
	char title[TITLE_BYTES * 3 + 1], sender[20];

	aligo_begin(out, talk, talk->n == 1 ? "/send/" : "/send_mass/");
	if (base64)
		multipart_begin(out, form.boundary);
	add(&form, aligo_key_field(talk->config), talk->config->key.data);
	add(&form, aligo_user_field(talk->config), talk->config->user);
	add(&form, "sender", talk_digits(talk->config->sender, sender));
	if (talk->n == 1)
		add_one(&form, letter);
	else
		add_many(&form, talk);
	add(&form, "msg_type", letter->kind ? letter->kind : "SMS");
	if (is_long)
		add(&form, "title", title_of(talk, title));
	if (base64)
		add_image(&form, base64);
}

/* ---- AlimTalk ---- */

/* {"button":[…]}, new; NULL: it has none. */
static char *buttons_of(const struct letter *letter)
{
	json_t *list, *json;
	char *text;

	if (!letter->n_buttons)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < letter->n_buttons; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s, s:s, s:s, s:s}", "name",
		                letter->buttons[i].name, "linkType", "WL", "linkTypeName",
		                "웹링크", "linkMo", letter->buttons[i].url, "linkPc",
		                letter->buttons[i].url));
	json = json_pack("{s:o}", "button", list);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static void write_kakao(const struct talk *talk, struct request *out)
{
	const struct form form = {out, NULL};
	char to[24], title[TITLE_BYTES * 3 + 1], sender[20], *buttons;
	size_t n = 0;

	aligo_begin(out, talk, "/akv10/alimtalk/send/");
	aligo_account(out, talk);
	add(&form, "senderkey", talk->config->profile);
	add(&form, "tpl_code", talk->letters[0]->template_code);
	add(&form, "sender", talk_digits(talk->config->sender, sender));
	for (size_t i = 0; i < talk->n; i++) {
		const struct letter *letter = talk->letters[i];
		if (talk->settled[i])
			continue;
		n++;
		buttons = buttons_of(letter);
		add_nth(&form, "receiver", n, text_phone_national(letter->to, to));
		add_nth(&form, "subject", n, words_title(letter, TITLE_BYTES, title));
		add_nth(&form, "message", n, letter->text);
		add_nth(&form, "button", n, buttons);
		free(buttons);
	}
	add(&form, "failover", "N");
}

/* ---- the answer ---- */

static struct outcome counted(const json_t *object, const char *name, size_t asked)
{
	char count[24], all[24];

	words_of(object, name, count, sizeof count);
	snprintf(all, sizeof all, "%zu", asked);
	if (!strcmp(count, all))
		return outcome_make(OUTCOME_ACCEPTED, NULL, "%s", "");
	if (!strcmp(count, "0"))
		return outcome_make(OUTCOME_REFUSED, NULL, "%s",
		        TR("Aligo took none of the messages",
		                "알리고가 메시지를 하나도 받지 않았습니다"));
	return outcome_make(OUTCOME_UNKNOWN, NULL, "%s",
	        TR("Aligo took only some of the messages and does not say which",
	                "알리고가 메시지 일부만 받았고, 어느 것인지 알려 주지 "
	                "않았습니다"));
}

static enum talk_next handed(struct talk *talk, const struct httpc_answer *answer)
{
	bool kakao = aligo_is_kakao(talk->config);
	struct outcome outcome;
	const json_t *info;
	json_t *json;

	if (aligo_heard(talk, answer, &outcome, &json)) {
		info = kakao ? json_object_get(json, "info") : json;
		outcome = counted(info, kakao ? "scnt" : "success_cnt", talk_left(talk));
		words_of(info, kakao ? "mid" : "msg_id", talk->ref, sizeof talk->ref);
	}
	talk_outcome_all(talk, &outcome);
	json_decref(json);
	return TALK_DONE;
}

/* ---- the approved template ---- */

static void ask_template(const struct talk *talk, struct request *out)
{
	const struct form form = {out, NULL};

	aligo_begin(out, talk, "/akv10/template/list/");
	aligo_account(out, talk);
	add(&form, "senderkey", talk->config->profile);
	add(&form, "tpl_code", talk->letters[0]->template_code);
	out->most = 256 << 10;
}

static void take_row(struct talk *talk, const json_t *row)
{
	const char *code = talk->letters[0]->template_code;
	const char *its = json_string_value(json_object_get(row, "templtCode")),
	           *state = json_string_value(json_object_get(row, "inspStatus"));
	struct outcome outcome;

	if (!its || strcmp(its, code) != 0)
		return;
	approved_keep(
	        talk, code, json_string_value(json_object_get(row, "templtContent")));
	if (!state || !strcmp(state, "APR"))
		return;
	outcome = approved_not(code, state);
	approved_fail(talk, code, &outcome);
}

/* What Aligo does not show is not compared. */
static void take_template(struct talk *talk, const struct httpc_answer *answer)
{
	struct outcome outcome;
	json_t *json, *row;
	size_t i;

	if (aligo_heard(talk, answer, &outcome, &json) ||
	        outcome.kind == OUTCOME_REFUSED) {
		approved_keep(talk, talk->letters[0]->template_code, NULL);
		json_array_foreach(json_object_get(json, "list"), i, row)
		        take_row(talk, row);
	} else {
		outcome = talk_before(outcome);
		talk_outcome_all(talk, &outcome);
		for (i = 0; i < talk->n; i++)
			talk->settled[i] = true;
	}
	json_decref(json);
}

/* ---- the talk ---- */

static void settle_unfit(struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++) {
		const char *why = NULL;

		if (strncmp(talk->letters[i]->to, "+82", 3) != 0)
			why = TR("Aligo is used for Korean numbers only",
			        "알리고로는 국내 번호에만 보냅니다");
		else if (aligo_is_kakao(talk->config) && !talk->letters[i]->template_code)
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

static enum talk_next hand_sms(struct talk *talk, struct request *out)
{
	const char *image = talk->letters[0]->image;
	struct outcome outcome;
	char name[128], *base64 = NULL;

	if (image)
		base64 = request_picture(image, "aligo", name);
	if (image && !base64) {
		outcome = outcome_make(OUTCOME_REFUSED, "image", "%s",
		        TR("the picture cannot be read, or is larger than 1 MB",
		                "이미지 파일을 읽을 수 없거나 1MB보다 큽니다"));
		talk_outcome_all(talk, &outcome);
		return TALK_DONE;
	}
	write_sms(talk, out, base64);
	free(base64);
	return TALK_REQUEST;
}

enum { BEGUN, TEMPLATED, HANDED };

enum talk_next aligo_send(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	if (talk->step == HANDED)
		return handed(talk, answer);
	if (talk->step == TEMPLATED)
		take_template(talk, answer);
	else
		settle_unfit(talk);
	if (talk_left(talk) && aligo_is_kakao(talk->config) && approved_lacking(talk)) {
		ask_template(talk, out);
		talk->step = TEMPLATED;
		return TALK_REQUEST;
	}
	approved_compare(talk);
	if (!talk_left(talk))
		return TALK_DONE;
	talk->step = HANDED;
	if (!aligo_is_kakao(talk->config))
		return hand_sms(talk, out);
	write_kakao(talk, out);
	return TALK_REQUEST;
}
