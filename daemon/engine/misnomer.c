/* Remembers what custom event types look like. It refuses none: a shop names its own
 * events as it likes. */
#include "engine/misnomer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/names.h"

/* What a rule or `fields` speaks of is meant. */
static const char *looks_like(const struct ruleset *ruleset, const char *type)
{
	return ruleset && ruleset_mentions(ruleset, type) ? NULL : names_standard(type);
}

static struct misnomer *get(
        struct misnomers *m, const struct ruleset *ruleset, const char *type)
{
	struct misnomer *one;

	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->items[i].type, type))
			return &m->items[i];
	if (m->n == MISNOMERS_MOST)
		return NULL;
	one = mem_grow(&m->items, m->n, sizeof *one);
	m->n++;
	*one = (struct misnomer){.meant = looks_like(ruleset, type)};
	snprintf(one->type, sizeof one->type, "%s", type);
	if (one->meant)
		log_warn(TR("event type %s is not known and is taken as the shop's own; "
		            "did you mean %s? If not, declare it in `fields`",
		                 "이벤트 %s은(는) 모르는 이름이라 가게의 것으로 "
		                 "받았습니다. %s을(를) 뜻하셨나요? 아니라면 `항목들`에 "
		                 "적어 주세요"),
		        type, one->meant);
	return one;
}

void misnomers_note(struct misnomers *m, const struct ruleset *ruleset, const char *type)
{
	struct misnomer *one = get(m, ruleset, type);

	if (one)
		one->n++;
}

void misnomers_clear(struct misnomers *m)
{
	free(m->items);
	*m = (struct misnomers){0};
}
