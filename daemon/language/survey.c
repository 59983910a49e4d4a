/* The survey's answers to the check: each question is put to the store once. */
#include "language/survey.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "language/cond.h"
#include "language/survey_inner.h"
#include "store/facts.h"

#define BATCH 4096

struct survey *survey_new(struct db *db, struct zone *zone, int64_t now,
        int64_t until_mono, const atomic_bool *stop)
{
	struct survey *s = mem_alloc(sizeof *s);

	*s = (struct survey){.db = db,
	        .zone = zone,
	        .now = now,
	        .until_mono = until_mono,
	        .stop = stop,
	        .arena = arena_new(),
	        .figures = json_object()};
	diag_init(&s->findings);
	s->findings.several = true;
	survey_share(s, true);
	return s;
}

void survey_free(struct survey *s)
{
	if (!s)
		return;
	diag_fini(&s->findings);
	json_decref(s->figures);
	arena_free(s->arena);
	free(s->answers);
	free(s);
}

void survey_share(struct survey *s, bool half)
{
	int64_t now = clock_mono(), left = s->until_mono - now;

	s->share_until = half && left > 0 ? now + left / 2 : s->until_mono;
}

bool survey_late(struct survey *s)
{
	if (clock_mono() < s->share_until && !(s->stop && atomic_load(s->stop)))
		return false;
	s->cut = true;
	return true;
}

struct diag *survey_findings(struct survey *s)
{
	return &s->findings;
}

json_t *survey_figures(struct survey *s)
{
	return s->figures;
}

/* ---- questions, once each ---- */

/* A new one has value -1. */
static struct survey_answer *answer_to(
        struct survey *s, const char *kind, const char *what, bool *fresh)
{
	char *key = arena_printf(s->arena, "%s %s", kind, what);
	struct survey_answer *answer;

	*fresh = false;
	for (size_t i = 0; i < s->n_answers; i++)
		if (!strcmp(s->answers[i].key, key))
			return &s->answers[i];
	*fresh = true;
	answer = mem_grow(&s->answers, s->n_answers, sizeof *answer);
	*answer = (struct survey_answer){.key = key, .value = -1};
	s->n_answers++;
	return answer;
}

int64_t survey_customers(struct survey *s)
{
	bool fresh;
	struct survey_answer *answer = answer_to(s, "customers", "", &fresh);

	if (fresh && !survey_late(s))
		answer->value = facts_customers(s->db);
	return answer->value > 0 ? answer->value : 0;
}

long survey_longest_name(struct survey *s)
{
	bool fresh;
	struct survey_answer *answer = answer_to(s, "name", "", &fresh);

	if (fresh && !survey_late(s))
		answer->value = facts_longest_name(s->db);
	return answer->value > 0 ? (long)answer->value : 0;
}

/* -1 when the deadline comes before the end. */
static int64_t count_members(struct survey *s, struct cond *cond)
{
	struct moment moment = {.db = s->db, .zone = s->zone, .now = s->now};
	int64_t *ids = mem_alloc(BATCH * sizeof *ids), after = 0, total = 0;
	int n;

	do {
		n = cond_members(cond, &moment, after, ids, BATCH);
		total += n;
		after = n ? ids[n - 1] : after;
	} while (n == BATCH && !survey_late(s));
	free(ids);
	return n == BATCH ? -1 : total;
}

int64_t survey_lacking(
        struct survey *s, const struct scope *scope, const struct ast_operand *operand)
{
	struct ast_expr unknown = {.kind = EXPR_KNOWN,
	        .negated = true,
	        .at = operand->at,
	        .operand = *operand};
	struct survey_answer *answer;
	struct subject subject;
	const char *near;
	struct cond *cond;
	bool fresh;

	if (operand->kind == OPERAND_DATE)
		names_date(scope, &operand->date, &subject);
	else if (names_path(scope, operand->path.text, &subject, &near) != NAMES_OK)
		return -1;
	answer = answer_to(s, "lacking", subject.path, &fresh);
	if (!fresh || survey_late(s))
		return answer->value;
	cond = cond_new(s->arena, scope, &unknown);
	answer->value = count_members(s, cond);
	cond_free(cond);
	return answer->value;
}

/* What more than half of the values are; a text is all that is left. */
static enum field_type shape_of(
        const struct facts_shapes *seen, enum field_type wanted, int64_t half)
{
	if (wanted == FIELD_YESNO && seen->yesno + seen->bits > half)
		return FIELD_YESNO;
	if (seen->number > half)
		return wanted == FIELD_MONEY ? FIELD_MONEY : FIELD_NUMBER;
	if (wanted == FIELD_DATE && seen->date + seen->time > half)
		return FIELD_DATE;
	if (seen->time > half)
		return FIELD_TIME;
	if (seen->date > half)
		return FIELD_DATE;
	return seen->yesno > half ? FIELD_YESNO : FIELD_TEXT;
}

bool survey_seen(
        struct survey *s, const char *path, enum field_type wanted, enum field_type *out)
{
	const char *dot = strrchr(path, '.');
	char *owner = arena_strndup(s->arena, path, (size_t)(dot - path));
	struct facts_shapes seen;
	int64_t total;

	if (survey_late(s))
		return false;
	if (!strcmp(owner, "customer"))
		facts_attribute(s->db, dot + 1, &seen);
	else
		facts_event_field(s->db, owner, dot + 1, &seen);
	total = seen.number + seen.date + seen.time + seen.yesno + seen.text;
	if (!total)
		return false;
	*out = shape_of(&seen, wanted, total / 2);
	return true;
}

/* ---- what events carry ---- */

static enum survey_carried carried(struct survey *s, const char *type, const char *field)
{
	int64_t month_ago = s->now - SURVEY_DAYS * MS_DAY;
	int64_t since = facts_since(s->db), of_type = facts_event_since(s->db, type);

	if (of_type && of_type < since)
		since = of_type;
	if (!since || since > month_ago || facts_carried(s->db, type, field, month_ago))
		return SURVEY_CARRIED;
	return facts_carried(s->db, type, NULL, month_ago) ? SURVEY_NOT_CARRIED
	                                                   : SURVEY_NO_EVENT;
}

enum survey_carried survey_carried(struct survey *s, const char *type, const char *field)
{
	bool fresh;
	struct survey_answer *answer = answer_to(
	        s, "carried", arena_printf(s->arena, "%s.%s", type, field), &fresh);

	if (fresh && !survey_late(s))
		answer->value = carried(s, type, field);
	return answer->value < 0 ? SURVEY_CARRIED : (enum survey_carried)answer->value;
}
