/* AlimTalk's approved templates, as SENS shows them: a text that Kakao would refuse is
 * not sent. What SENS does not show is not compared: Kakao compares it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "delivery/provider/approved.h"
#include "delivery/provider/sens_inner.h"

#define ANSWER_MOST (256 << 10)

const char *sens_template_code(const struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			return talk->letters[i]->template_code;
	return NULL;
}

void sens_template_ask(const struct talk *talk, struct request *out)
{
	struct buf query = {0};

	buf_adds(&query, "/templates?channelId=");
	request_encode(&query, talk->config->profile);
	buf_adds(&query, "&templateCode=");
	request_encode(&query, sens_template_code(talk));
	sens_begin(out, talk, "GET", "%s", query.data);
	out->most = ANSWER_MOST;
	buf_free(&query);
}

/* ---- the answer ---- */

/* A list, or one by itself. */
static const char *content_of(const json_t *json, const char *code)
{
	const json_t *row;
	size_t i;

	if (json_is_object(json)) {
		const char *its =
		        json_string_value(json_object_get(json, "templateCode"));
		return its && !strcmp(its, code)
		               ? json_string_value(json_object_get(json, "content"))
		               : NULL;
	}
	json_array_foreach(json, i, row)
	{
		const char *found = json_is_object(row) ? content_of(row, code) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

bool sens_template_take(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome)
{
	const char *content = NULL;
	json_t *json;
	bool heard = sens_heard(answer, outcome, &json);
	bool answered = heard || outcome->kind == OUTCOME_REFUSED ||
	                (answer->result == HTTPC_ANSWERED && answer->status == 404);

	if (heard)
		content = content_of(json, sens_template_code(talk));
	if (answered)
		approved_keep(talk, sens_template_code(talk), content);
	json_decref(json);
	return answered;
}
