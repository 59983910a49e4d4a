/* Provider solapi: what a letter needs before it can leave: its picture uploaded once,
 * its text held against the approved template. Whatever fails here has sent nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/provider/approved.h"
#include "delivery/outcome.h"
#include "delivery/provider/solapi_inner.h"

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

static void got_template(
        struct talk *talk, const struct letter *letter, const struct httpc_answer *answer)
{
	const char *code = letter->template_code;
	struct outcome outcome;
	json_t *json;
	const char *content = NULL, *status = NULL;

	if (solapi_heard(answer, &outcome, &json)) {
		content = json_string_value(json_object_get(json, "content"));
		status = json_string_value(json_object_get(json, "status"));
	} else if (answer->result != HTTPC_ANSWERED || answer->status != 404) {
		outcome = talk_before(outcome);
		approved_fail(talk, code, &outcome);
		json_decref(json);
		return;
	}
	if (content && status && strcmp(status, "APPROVED") != 0) {
		outcome = approved_not(code, status);
		approved_fail(talk, code, &outcome);
	} else {
		approved_keep(talk, code, content);
	}
	json_decref(json);
}

/* ---- one after the other ---- */

bool solapi_needs(struct talk *talk, struct request *out)
{
	const struct letter *letter;

	while ((letter = lacking(talk)))
		if (upload(talk, letter, out))
			return true;
	letter = approved_lacking(talk);
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
	else if ((letter = approved_lacking(talk)))
		got_template(talk, letter, answer);
}
