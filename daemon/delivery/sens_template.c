/* AlimTalk's approved templates, as SENS shows them: a text that Kakao would refuse is
 * not sent. What SENS does not show is not compared: Kakao compares it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/outcome.h"
#include "delivery/sens_inner.h"
#include "delivery/words.h"

#define KEPT MS_HOUR
#define ANSWER_MOST (256 << 10)

const char *sens_template_code(const struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++)
		if (!talk->settled[i])
			return talk->letters[i]->template_code;
	return NULL;
}

static char *memory_name(const struct talk *talk, char out[128])
{
	snprintf(out, 128, "template:%.100s", sens_template_code(talk));
	return out;
}

bool sens_template_known(const struct talk *talk)
{
	char name[128];

	return memory_get(talk->memory, memory_name(talk, name), talk->now) != NULL;
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

/* Kept without carriage returns, which no letter has; "": SENS does not show it. */
static void keep(struct talk *talk, const char *content)
{
	char name[128];
	struct buf text = {0};

	for (; *content; content++)
		if (*content != '\r')
			buf_addc(&text, *content);
	memory_put(talk->memory, memory_name(talk, name), text.data ? text.data : "",
	        talk->now + KEPT);
	buf_free(&text);
}

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

	if (heard)
		content = content_of(json, sens_template_code(talk));
	if (heard || outcome->kind == OUTCOME_REFUSED)
		keep(talk, content ? content : "");
	json_decref(json);
	return heard || outcome->kind == OUTCOME_REFUSED;
}

/* ---- comparing ---- */

/* A template's extra information stands below its text. */
static bool ends_there(const char *text)
{
	return !*text || *text == '\n';
}

/* Do the fixed parts of what was approved stand in the text, one after the other? What
 * stands in place of #{…} may be anything. */
static bool fits(const char *approved, const char *text)
{
	for (bool first = true;; first = false) {
		const char *open = strstr(approved, "#{");
		size_t len = open ? (size_t)(open - approved) : strlen(approved);
		char *part = mem_strndup(approved, len);
		const char *at = strstr(text, part);

		if (first && at != text)
			at = NULL;
		while (at && !open && !ends_there(at + len))
			at = first ? NULL : strstr(at + 1, part);
		free(part);
		if (!at || !open)
			return at != NULL;
		text = at + len;
		approved = strchr(open, '}');
		if (!approved)
			return true; /* no place that has a name */
		approved++;
	}
}

void sens_template_compare(struct talk *talk)
{
	char name[128];
	const char *approved =
	        memory_get(talk->memory, memory_name(talk, name), talk->now);

	for (size_t i = 0; approved && *approved && i < talk->n; i++) {
		if (talk->settled[i] || fits(approved, talk->letters[i]->text))
			continue;
		talk->settled[i] = true;
		talk->outcomes[i] = outcome_make(OUTCOME_REFUSED, "template",
		        TR("the text is not that of template %s as SENS shows it",
		                "글이 SENS에 등록된 템플릿 %s과(와) 다릅니다"),
		        talk->letters[i]->template_code);
	}
}
