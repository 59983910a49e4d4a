/* KakaoTalk through NHN: AlimTalk as full texts that are held against the approved
 * template first, Brand Messages to channel friends. NHN's own failover stays switched
 * off in each request: what goes out instead is the rule's to say. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/provider/approved.h"
#include "delivery/provider/nhn_inner.h"
#include "delivery/outcome.h"
#include "delivery/provider/words.h"

#define TEMPLATE_MOST (256 << 10)

/* ---- the approved template ---- */

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
static char *approved_content(const json_t *of)
{
	const char *text = json_string_value(json_object_get(of, "templateContent"));
	const char *extra = json_string_value(json_object_get(of, "templateExtra"));

	if (!text)
		return NULL;
	return mem_printf(
	        "%s%s%s", text, extra && extra[0] ? "\n" : "", extra ? extra : "");
}

/* False: not approved, and *outcome says so. What NHN does not show is not compared. */
static bool take_template(struct talk *talk, const json_t *of, struct outcome *outcome)
{
	const char *code = talk->letters[0]->template_code;
	char status[16], *text = approved_content(of);
	bool shown = nhn_word(json_object_get(of, "status"), status, sizeof status);
	bool good = !shown || !strcmp(status, "TSC03");

	if (good)
		approved_keep(talk, code, shown ? text : NULL);
	else
		*outcome = approved_not(code, status);
	free(text);
	return good;
}

bool nhn_template_take(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	json_t *json;
	bool good = nhn_heard(talk, answer, outcome, &json);

	if (good)
		good = take_template(talk, json_object_get(json, "templates"), outcome);
	else if (answer->result == HTTPC_ANSWERED && answer->status == 404)
		good = take_template(talk, NULL, outcome);
	json_decref(json);
	return good;
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
