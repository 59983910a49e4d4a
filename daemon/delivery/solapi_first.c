/* Provider solapi: what a letter needs before it can leave: its picture uploaded once,
 * its text held against the approved template. Whatever fails here has sent nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/kakao.h"
#include "delivery/outcome.h"
#include "delivery/solapi_inner.h"

#define TEMPLATE_KEPT MS_HOUR

/* ---- pictures ---- */

/* By the whole of its path, however long that is. */
char *solapi_picture(const struct letter *letter, char out[80])
{
	uint8_t digest[32];
	char hex[65];

	secret_sha256(letter->image, strlen(letter->image), digest);
	snprintf(out, 80, "picture:%s", secret_hex(digest, sizeof digest, hex));
	return out;
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
	char name[80];

	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] || !talk->letters[i]->image)
			continue;
		solapi_picture(talk->letters[i], name);
		if (!memory_get(talk->memory, name, talk->now))
			return talk->letters[i];
	}
	return NULL;
}

/* True: the upload stands in out. False: its id is known, or it cannot be read. */
static bool upload(struct talk *talk, const struct letter *letter, struct request *out)
{
	bool mms = !strcmp(letter->channel, "sms");
	char file[128], name[80], *base64;
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
		memory_put(talk->memory, solapi_picture(letter, name), id,
		        talk->now + MS_HOUR);
		free(base64);
		return false;
	}
	solapi_begin(out, talk, "POST", "/storage/v1/files");
	request_json(out, json_pack("{s:s, s:s, s:s}", "file", base64, "name",
	                          "image.jpg", "type", mms ? "MMS" : "BMS"));
	free(base64);
	return true;
}

static void got_picture(
        struct talk *talk, const struct letter *letter, const struct httpc_answer *answer)
{
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
	if (id) {
		free(request_picture(letter->image,
		        !strcmp(letter->channel, "sms") ? "MMS" : "BMS", file));
		memory_put(talk->memory, file, id, 0);
	} else {
		fail_letters_with(talk, letter->image, outcome);
	}
	json_decref(json);
}

/* ---- approved templates ---- */

static void template_name(const struct letter *letter, char out[160])
{
	snprintf(out, 160, "template:%.120s", letter->template_code);
}

static const struct letter *without_template(const struct talk *talk)
{
	char name[160];

	for (size_t i = 0; i < talk->n; i++) {
		if (talk->settled[i] || !talk->letters[i]->template_code)
			continue;
		template_name(talk->letters[i], name);
		if (!memory_get(talk->memory, name, talk->now))
			return talk->letters[i];
	}
	return NULL;
}

static void fail_template(struct talk *talk, const char *code, struct outcome outcome)
{
	for (size_t i = 0; i < talk->n; i++) {
		const char *its = talk->letters[i]->template_code;
		if (talk->settled[i] || !its || strcmp(its, code) != 0)
			continue;
		talk->outcomes[i] = outcome;
		talk->settled[i] = true;
	}
}

static struct outcome not_approved(const struct letter *letter, const char *status)
{
	return outcome_make(OUTCOME_REFUSED, "template",
	        TR("the template %s is not approved (%s)",
	                "템플릿 %s이(가) 승인되지 않았습니다 (%s)"),
	        letter->template_code, status);
}

/* "" is kept where SOLAPI shows no such template: it then decides itself. */
static void got_template(
        struct talk *talk, const struct letter *letter, const struct httpc_answer *answer)
{
	struct outcome outcome;
	char name[160];
	json_t *json;
	const char *content = NULL, *status = NULL;

	if (solapi_heard(answer, &outcome, &json)) {
		content = json_string_value(json_object_get(json, "content"));
		status = json_string_value(json_object_get(json, "status"));
	} else if (answer->result != HTTPC_ANSWERED || answer->status != 404) {
		fail_template(talk, letter->template_code, talk_before(outcome));
		json_decref(json);
		return;
	}
	if (content && status && strcmp(status, "APPROVED") != 0) {
		fail_template(talk, letter->template_code, not_approved(letter, status));
	} else {
		template_name(letter, name);
		memory_put(talk->memory, name, content ? content : "",
		        talk->now + TEMPLATE_KEPT);
	}
	json_decref(json);
}

const char *solapi_template(const struct talk *talk, const struct letter *letter)
{
	const char *content;
	char name[160];

	template_name(letter, name);
	content = memory_get(talk->memory, name, talk->now);
	return content && *content ? content : NULL;
}

void solapi_compare(struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++) {
		const struct letter *letter = talk->letters[i];
		const char *approved;
		char why[256];

		if (talk->settled[i] || !letter->template_code)
			continue;
		approved = solapi_template(talk, letter);
		if (!approved || kakao_match(approved, letter->text, NULL, NULL, why))
			continue;
		talk->outcomes[i] = outcome_make(OUTCOME_REFUSED, "template", "%s", why);
		talk->settled[i] = true;
	}
}

/* ---- one after the other ---- */

bool solapi_needs(struct talk *talk, struct request *out)
{
	const struct letter *letter;

	while ((letter = lacking(talk)))
		if (upload(talk, letter, out))
			return true;
	letter = without_template(talk);
	if (!letter)
		return false;
	solapi_begin(
	        out, talk, "GET", "/kakao/v2/templates/%.120s", letter->template_code);
	return true;
}

void solapi_got(struct talk *talk, const struct httpc_answer *answer)
{
	const struct letter *letter = lacking(talk);

	if (letter)
		got_picture(talk, letter, answer);
	else if ((letter = without_template(talk)))
		got_template(talk, letter, answer);
}
