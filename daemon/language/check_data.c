/* What the check says of the shop's data: the type that an undeclared field should have,
 * how many customers lack one, what events no longer bring. Without a survey it says what
 * can be said of any shop. */
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/check.h"
#include "language/parse.h"
#include "language/survey.h"
#include "store/event.h"

static struct survey *survey_of(const struct check *check)
{
	return check->world ? check->world->survey : NULL;
}

/* ---- declarations ---- */

/* The type to declare: what it is compared with says it best. */
enum field_type check_guess(const struct ast_value *value)
{
	switch (value ? value->kind : VALUE_NONE) {
	case VALUE_MONEY:
		return FIELD_MONEY;
	case VALUE_STRING:
		return FIELD_TEXT;
	case VALUE_DATE:
	case VALUE_DURATION:
		return FIELD_DATE;
	case VALUE_YES:
	case VALUE_NO:
		return FIELD_YESNO;
	case VALUE_NONE:
	case VALUE_NUMBER:
	case VALUE_SHARE:
	case VALUE_PATH:
		return FIELD_NUMBER;
	}
	return FIELD_NUMBER;
}

bool check_declare(struct check *check, struct diag_item *item, const char *shown,
        const char *path, enum field_type wanted, bool only_seen)
{
	struct survey *survey = survey_of(check);
	bool seen = survey && survey_seen(survey, path, wanted, &wanted);

	if (only_seen && !seen)
		return false;
	diag_hint(check->diag, item,
	        TR("add: fields { %s %s }", "추가하십시오: 항목들 { %s %s }"), shown,
	        word_name(names_type_word(wanted)));
	return true;
}

void check_event_field(struct check *check, struct diag_item *item, const char *type,
        const char *path, enum field_type wanted, const char *nearest)
{
	const char *declared =
	        type ? arena_printf(check->arena, "%s%s", type, strrchr(path, '.'))
	             : NULL;

	if (!declared || !check_declare(check, item, declared, declared, wanted,
	                         nearest || event_type_find(type)))
		check_near(check, item, nearest);
}

/* ---- what events bring ---- */

void check_field_carried(
        struct check *check, const struct place *at, const char *type, const char *field)
{
	struct survey *survey = survey_of(check);
	struct diag_place where = parse_diag_place(at);
	enum survey_carried carried;
	struct diag_item *item;

	if (!survey || !type || check->off || at->file->built_in ||
	        !strcmp(field, "time") || !strcmp(field, "id"))
		return;
	carried = survey_carried(survey, type, field);
	if (carried == SURVEY_CARRIED)
		return;
	item = diag_warn(survey_findings(survey), where, at->file->shown,
	        carried == SURVEY_NO_EVENT
	                ? TR("no '%s' came in the last 30 days, so none brought '%s'",
	                          "지난 30일 동안 '%s' 이벤트가 오지 않아 '%s'도 "
	                          "없었습니다")
	                : TR("no '%s' of the last 30 days brought '%s'",
	                          "지난 30일 동안 온 '%s' 이벤트 가운데 '%s'이(가) "
	                          "있는 것이 없습니다"),
	        type, field);
	diag_hint(survey_findings(survey), item, "%s",
	        TR("look at what sends it, or whether the name is still right",
	                "보내는 쪽을 보거나 이름이 아직 맞는지 보십시오"));
}

/* ---- who lacks a field ---- */

/* Does the condition ask somewhere whether that field is known? */
static bool asks_known(
        const struct scope *scope, const struct ast_expr *e, const struct subject *s)
{
	const char *near;
	struct subject other;

	if (!e)
		return false;
	if (e->kind == EXPR_KNOWN && e->operand.kind == OPERAND_PATH &&
	        names_path(scope, e->operand.path.text, &other, &near) == NAMES_OK &&
	        !strcmp(other.path, s->path))
		return true;
	return asks_known(scope, e->a, s) || asks_known(scope, e->b, s);
}

static bool about(
        const struct scope *scope, const struct ast_operand *o, const struct subject *s)
{
	const char *near;
	struct subject other;

	if (o->kind == OPERAND_DATE)
		names_date(scope, &o->date, &other);
	else if (o->kind != OPERAND_PATH || o->has_window ||
	         names_path(scope, o->path.text, &other, &near) != NAMES_OK)
		return false;
	return !strcmp(other.path, s->path);
}

/* Only who has the field can make that true, and says so: `city = "서울"`. */
static bool demands(
        const struct scope *scope, const struct ast_expr *e, const struct subject *s)
{
	switch ((int)e->kind) {
	case EXPR_AND:
		return demands(scope, e->a, s) || demands(scope, e->b, s);
	case EXPR_OR:
		return demands(scope, e->a, s) && demands(scope, e->b, s);
	case EXPR_COMPARE:
		return e->cmp != CMP_NE && about(scope, &e->operand, s);
	case EXPR_IN:
		return !e->negated && about(scope, &e->operand, s);
	case EXPR_BETWEEN:
	case EXPR_CONTAINS:
	case EXPR_STARTS:
	case EXPR_AGO:
	case EXPR_DATED:
	case EXPR_THIS_MONTH:
		return about(scope, &e->operand, s);
	}
	return false;
}

static bool stands_in(const struct ast_expr *e, const struct ast_operand *o)
{
	return e && (&e->operand == o || stands_in(e->a, o) || stands_in(e->b, o));
}

/* Is it joined by `and` to what demands the field? */
static bool demanded_beside(const struct scope *scope, const struct ast_expr *e,
        const struct ast_operand *o, const struct subject *s)
{
	bool left;

	if (e->kind != EXPR_AND && e->kind != EXPR_OR)
		return false;
	left = stands_in(e->a, o);
	return (e->kind == EXPR_AND && demands(scope, left ? e->b : e->a, s)) ||
	       demanded_beside(scope, left ? e->a : e->b, o, s);
}

/* How many lack it, -1: not known; a shop without customers says nothing. */
static int64_t lacking_of(struct check *check, const struct scope *scope,
        const struct ast_operand *o, int64_t *all)
{
	struct survey *survey = survey_of(check);

	*all = survey ? survey_customers(survey) : 0;
	return *all ? survey_lacking(survey, scope, o) : -1;
}

void check_lacking(struct check *check, const struct scope *scope, const struct place *at,
        const struct ast_operand *o, const struct subject *s)
{
	const char *path = o->kind == OPERAND_PATH ? o->path.text : s->path;
	struct diag_item *item;
	int64_t lacking, all;

	if (s->total || check->pinned)
		return;
	if (s->kind != SUBJECT_COLUMN && s->kind != SUBJECT_AGE &&
	        s->kind != SUBJECT_ATTRIBUTE)
		return;
	if (asks_known(scope, check->cond, s) ||
	        demanded_beside(scope, check->cond, o, s))
		return;
	lacking = lacking_of(check, scope, o, &all);
	if (lacking == 0)
		return;
	if (lacking > 0)
		item = check_warn(check, at,
		        TR("%s of %s customers have no '%s' and are left out here",
		                "고객 %2$s명 가운데 %1$s명은 '%3$s'이(가) 없어 여기서 "
		                "빠집니다"),
		        text_number(lacking, (char[32]){0}),
		        text_number(all, (char[32]){0}), path);
	else
		item = check_warn(check, at,
		        TR("customers without '%s' are left out here",
		                "'%s'이(가) 없는 고객은 여기서 빠집니다"),
		        path);
	diag_hint(check->diag, item,
	        TR("to take them in add: or %s is unknown", "넣으려면: 또는 %s 없음"),
	        path);
}
