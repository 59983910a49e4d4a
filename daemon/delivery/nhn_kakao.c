/* KakaoTalk through NHN: AlimTalk as full texts that are held against the approved
 * template first, Brand Messages to channel friends. NHN's own failover stays switched
 * off in each request: what goes out instead is the rule's to say. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/kakao.h"
#include "delivery/nhn_inner.h"
#include "delivery/outcome.h"
#include "delivery/words.h"

#define TEMPLATE_KEPT MS_HOUR
#define TEMPLATE_MOST (256 << 10)

/* ---- the approved template ---- */

static char *template_name(const struct talk *talk, char out[128])
{
	snprintf(out, 128, "nhn template %.100s", talk->letters[0]->template_code);
	return out;
}

static const char *template_of(const struct talk *talk)
{
	char name[128];

	return memory_get(talk->memory, template_name(talk, name), talk->now);
}

bool nhn_template_known(const struct talk *talk)
{
	return template_of(talk) != NULL;
}

void nhn_template_ask(const struct talk *talk, struct request *out)
{
	struct buf path = {0};

	request_encode(&path, talk->config->profile);
	buf_adds(&path, "/templates/");
	request_encode(&path, talk->letters[0]->template_code);
	nhn_begin(talk, out, "GET", "/senders/%s", path.data);
	buf_free(&path);
	out->most = TEMPLATE_MOST;
}

/* What a template with extra information shows is its text, a line end and that. */
static char *approved_text(const json_t *of)
{
	const char *text = json_string_value(json_object_get(of, "templateContent"));
	const char *extra = json_string_value(json_object_get(of, "templateExtra"));

	if (!text)
		return NULL;
	return mem_printf(
	        "%s%s%s", text, extra && extra[0] ? "\n" : "", extra ? extra : "");
}

static struct outcome not_approved(const struct talk *talk, const char *status)
{
	return outcome_make(OUTCOME_REFUSED, "-3005",
	        TR("template %s is not approved at NHN (%s)",
	                "템플릿 %s이(가) NHN에서 승인된 상태가 아닙니다 (%s)"),
	        talk->letters[0]->template_code, status);
}

static bool take_template(struct talk *talk, const json_t *of, struct outcome *outcome)
{
	char status[16], name[128], *text = approved_text(of);

	if (!text || !nhn_word(json_object_get(of, "status"), status, sizeof status)) {
		free(text);
		*outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("NHN's answer does not show the template",
		                "NHN의 답에 템플릿이 없습니다"));
		return false;
	}
	if (!strcmp(status, "TSC03"))
		memory_put(talk->memory, template_name(talk, name), text,
		        talk->now + TEMPLATE_KEPT);
	else
		*outcome = not_approved(talk, status);
	free(text);
	return !strcmp(status, "TSC03");
}

bool nhn_template_take(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	json_t *json;
	bool good = nhn_heard(talk, answer, outcome, &json);

	if (good)
		good = take_template(talk, json_object_get(json, "templates"), outcome);
	json_decref(json);
	return good;
}

void nhn_template_compare(struct talk *talk)
{
	const char *approved = template_of(talk);
	char why[256];

	assert(approved);
	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] ||
		        kakao_match(approved, talk->letters[i]->text, NULL, NULL, why))
			continue;
		talk->settled[i] = true;
		talk->outcomes[i] = outcome_make(OUTCOME_REFUSED, "template", "%s", why);
	}
}

/* ---- messages ---- */

static json_t *buttons_of(const struct letter *letter, bool ordered)
{
	json_t *list = json_array();

	for (size_t i = 0; i < letter->n_buttons; i++) {
		const struct letter_button *button = &letter->buttons[i];
		json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "type", "WL", "name",
		        button->name, "linkMo", button->url, "linkPc", button->url);

		if (ordered)
			json_object_set_new(
			        one, "ordering", json_integer((json_int_t)i + 1));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *recipient_of(const struct letter *letter)
{
	json_t *recipient = nhn_recipient(letter);

	json_object_set_new(
	        recipient, "resendParameter", json_pack("{s:b}", "isResend", 0));
	return recipient;
}

void nhn_alimtalk(const struct talk *talk, struct request *out)
{
	json_t *list = json_array(), *one;

	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i])
			continue;
		one = recipient_of(talk->letters[i]);
		json_object_set_new(one, "content", json_string(talk->letters[i]->text));
		if (talk->letters[i]->n_buttons)
			json_object_set_new(
			        one, "buttons", buttons_of(talk->letters[i], true));
		json_array_append_new(list, one);
	}
	nhn_begin(talk, out, "POST", "/raw-messages");
	request_header(out, "X-NC-API-IDEMPOTENCY-KEY: %s", talk->key);
	request_json(
	        out, json_pack("{s:s,s:s,s:s,s:o}", "senderKey", talk->config->profile,
	                     "templateCode", talk->letters[0]->template_code,
	                     "senderGroupingKey", talk->key, "recipientList", list));
}

/* I: those of the recipients who are friends of the channel. */
static json_t *friends(const struct talk *talk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < talk->n; i++) {
		json_t *one = recipient_of(talk->letters[i]);
		json_object_set_new(one, "targeting", json_string("I"));
		json_array_append_new(list, one);
	}
	return list;
}

void nhn_brand(const struct talk *talk, struct request *out, const char *image_url)
{
	const struct letter *letter = talk->letters[0];
	json_t *body = json_pack("{s:s,s:s,s:b,s:s,s:s,s:o}", "senderKey",
	        talk->config->profile, "chatBubbleType", image_url ? "IMAGE" : "TEXT",
	        "adult", 0, "content", letter->text, "senderGroupingKey", talk->key,
	        "recipientList", friends(talk));

	if (image_url)
		json_object_set_new(
		        body, "image", json_pack("{s:s}", "imageUrl", image_url));
	if (letter->n_buttons)
		json_object_set_new(body, "buttons", buttons_of(letter, false));
	if (letter->coupon_title)
		json_object_set_new(
		        body, "coupon", words_coupon(letter, "linkMo", "linkPc"));
	nhn_begin(talk, out, "POST", "/freestyle-messages");
	request_json(out, body);
}
