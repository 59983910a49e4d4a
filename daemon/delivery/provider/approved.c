/* Approved templates in a channel's memory. Sends nothing and asks for nothing. */
#include "delivery/provider/approved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/provider/kakao.h"
#include "delivery/outcome.h"

#define KEPT MS_HOUR

static char *name_of(const char *code, char out[160])
{
	snprintf(out, 160, "template:%.120s", code);
	return out;
}

/* "" stands for one that is not shown. */
static const char *kept(const struct talk *talk, const char *code)
{
	char name[160];

	return memory_get(talk->memory, name_of(code, name), talk->now);
}

const struct letter *approved_lacking(const struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++) {
		const struct letter *letter = talk->letters[i];
		if (!talk->settled[i] && letter->template_code &&
		        !kept(talk, letter->template_code))
			return letter;
	}
	return NULL;
}

void approved_keep(struct talk *talk, const char *code, const char *content)
{
	char name[160];

	memory_put(talk->memory, name_of(code, name), content ? content : "",
	        talk->now + KEPT);
}

const char *approved_text(const struct talk *talk, const struct letter *letter)
{
	const char *content =
	        letter->template_code ? kept(talk, letter->template_code) : NULL;

	return content && *content ? content : NULL;
}

void approved_fail(struct talk *talk, const char *code, const struct outcome *outcome)
{
	for (size_t i = 0; i < talk->n; i++) {
		const char *its = talk->letters[i]->template_code;
		if (talk->settled[i] || !its || strcmp(its, code) != 0)
			continue;
		talk->outcomes[i] = *outcome;
		talk->settled[i] = true;
	}
}

struct outcome approved_not(const char *code, const char *state)
{
	return outcome_make(OUTCOME_REFUSED, "template",
	        TR("the template %s is not approved (%s)",
	                "템플릿 %s이(가) 승인되지 않았습니다 (%s)"),
	        code, state);
}

/* A template's extra information, which stands elsewhere or is not shown at all, is in
 * the lines below its text. */
static bool same(const char *approved, const char *text, char why[256])
{
	char *longer, other[256];
	bool good = kakao_match(approved, text, NULL, NULL, why);

	if (good)
		return true;
	longer = mem_printf("%s\n#{}", approved);
	good = kakao_match(longer, text, NULL, NULL, other);
	free(longer);
	return good;
}

void approved_compare(struct talk *talk)
{
	for (size_t i = 0; i < talk->n; i++) {
		const char *approved = approved_text(talk, talk->letters[i]);
		char why[256];

		if (talk->settled[i] || !approved ||
		        same(approved, talk->letters[i]->text, why))
			continue;
		talk->outcomes[i] = outcome_make(OUTCOME_REFUSED, "template", "%s", why);
		talk->settled[i] = true;
	}
}
