/* Conditions: does every name exist where it stands, and is every comparison between
 * things of one kind? */
#include <string.h>
#include "base/log.h"
#include "base/personal.h"
#include "language/check.h"
#include "store/event.h"

/* ---- names ---- */

static const char *type_word(enum field_type type)
{
	static const enum word words[] = {
	        W_NUMBER, W_MONEY, W_TEXT, W_DATE, W_DATE, W_YESNO};

	return word_name(words[type]);
}

/* "event.score" as it would be declared, or NULL: of no one type. */
static const char *declaration(
        struct check *check, const struct scope *scope, const char *path)
{
	const char *dot = strchr(path, '.');
	char *prefix = arena_strndup(check->arena, path, (size_t)(dot ? dot - path : 0));
	bool trigger = !strcmp(part_english(prefix), "trigger");
	const char *type = trigger ? scope->trigger : scope->event;

	if (!dot || (!trigger && strcmp(part_english(prefix), "event")) || !type)
		return NULL;
	return arena_printf(check->arena, "%s.%s", type, dot + 1);
}

/* A field of an event is there once it is declared: of a custom one it may be new, of a
 * standard one it must have been seen. What was seen is meant, whatever it is near to. */
static void unknown_field(struct check *check, const struct scope *scope,
        struct diag_item *item, const char *path, const char *nearest,
        const struct ast_value *value)
{
	const char *declared = declaration(check, scope, path);
	bool standard = declared && event_type_find(arena_strndup(check->arena, declared,
	                                    (size_t)(strrchr(declared, '.') - declared)));

	if (declared && check_declare(check, item, declared, declared, check_guess(value),
	                        nearest || standard))
		return;
	check_near(check, item, nearest);
}

static bool unknown_path(struct check *check, const struct scope *scope,
        const struct place *at, const char *path, enum names_found found,
        const char *nearest, const struct ast_value *value)
{
	struct diag_item *item;

	switch (found) {
	case NAMES_OK:
		return true;
	case NAMES_UNKNOWN:
		item = check_wrong(check, at,
		        TR("unknown field '%s'", "모르는 항목입니다: '%s'"), path);
		unknown_field(check, scope, item, path, nearest, value);
		return false;
	case NAMES_UNDECLARED:
		item = check_wrong(check, at,
		        TR("'%s' is not declared", "'%s'이(가) 항목들에 없습니다"), path);
		if (!check_declare(check, item, path, names_declared(check->arena, path),
		            check_guess(value), nearest))
			check_near(check, item, nearest);
		return false;
	case NAMES_NO_EVENT:
		check_wrong(check, at,
		        scope->in_segment
		                ? TR("'%s': a segment is asked without an event: ask it "
		                     "in "
		                     "the rule's own condition",
		                          "'%s': 고객군은 이벤트 없이 묻습니다. 규칙의 "
		                          "조건에 쓰십시오")
		                : TR("'%s': no event starts this rule, so there is none "
		                     "to ask",
		                          "'%s': 이벤트로 시작하는 규칙이 아니어서 물을 "
		                          "이벤트가 "
		                          "없습니다"),
		        path);
		return false;
	case NAMES_NO_ITEM:
		check_wrong(check, at,
		        TR("'%s' is asked inside of any item (…) alone",
		                "'%s'은(는) '상품 중 (…)' 안에서만 쓸 수 있습니다"),
		        path);
		return false;
	case NAMES_RESERVED:
		check_wrong(check, at,
		        TR("'%s' is reserved for later: leave it out",
		                "'%s'은(는) 나중을 위해 남겨 둔 말입니다. 빼십시오"),
		        path);
		return false;
	}
	return false;
}

/* What no event carries makes no rule run: told where the field stands. */
static void check_carried(struct check *check, const struct scope *scope,
        const struct place *at, const struct subject *s)
{
	const char *type = s->kind == SUBJECT_TRIGGER ? scope->trigger : scope->event;

	if (s->kind == SUBJECT_EVENT || s->kind == SUBJECT_TRIGGER)
		check_field_carried(check, at, type, s->field);
}

static bool path_of(struct check *check, const struct scope *scope,
        const struct ast_name *name, const struct ast_value *value, struct subject *out)
{
	const char *nearest = NULL;
	enum names_found found = names_path(scope, name->text, out, &nearest);

	return unknown_path(check, scope, &name->at, name->text, found, nearest, value);
}

const char *check_event(
        struct check *check, const struct scope *scope, const struct ast_event *event)
{
	const char *nearest = NULL,
	           *type = names_event(scope, event->type.text, &nearest);
	struct scope inner = *scope;
	struct diag_item *item;

	if (!type) {
		item = check_wrong(check, &event->type.at,
		        TR("unknown event '%s'", "모르는 이벤트입니다: '%s'"),
		        event->type.text);
		check_near(check, item, nearest);
		if (!nearest && names_korean(event->type.text))
			check_latin(check, item);
		return NULL;
	}
	if (nearest && !check->pinned) {
		item = check_warn(check, &event->type.at,
		        TR("no field of the event '%s' is declared",
		                "'%s' 이벤트의 항목이 하나도 선언되지 않았습니다"),
		        type);
		check_near(check, item, nearest);
	}
	inner.event = type;
	inner.has_event = true;
	inner.in_where = true;
	inner.in_item = false;
	if (event->where)
		check_cond(check, &inner, event->where);
	if (event->of_this_order) {
		struct subject a, b;
		const char *path = "event.order";
		enum names_found found = names_path(&inner, path, &a, &nearest);
		if (found == NAMES_OK)
			found = names_path(&inner, path = "trigger.order", &b, &nearest);
		unknown_path(check, &inner, &event->type.at, path, found, NULL, NULL);
	}
	return type;
}

static bool operand(struct check *check, const struct scope *scope,
        const struct ast_expr *e, struct subject *out)
{
	const struct ast_operand *o = &e->operand;
	const char *type, *nearest = NULL;
	struct ast_event event = o->event;
	struct diag_item *item;

	*out = (struct subject){.total = true, .type = FIELD_NUMBER, .path = ""};
	switch (o->kind) {
	case OPERAND_PATH:
		if (!path_of(check, scope, &o->path, e->values, out))
			return false;
		if (o->has_window && out->kind != SUBJECT_ORDERS) {
			check_wrong(check, &o->at,
			        TR("'in last' goes with orders.* alone, not with '%s'",
			                "'최근'은 주문.*에만 붙습니다. '%s'에는 붙지 "
			                "않습니다"),
			        o->path.text);
			return false;
		}
		if (e->kind != EXPR_KNOWN)
			check_carried(check, scope, &o->path.at, out);
		return true;
	case OPERAND_DATE:
		if (o->date.word == DATE_EVENT) {
			event.type = o->date.event;
			if (!check_event(check, scope, &event))
				return false;
		}
		names_date(scope, &o->date, out);
		return true;
	case OPERAND_COUNT:
		return check_event(check, scope, &event) != NULL;
	case OPERAND_SUM:
	case OPERAND_AVERAGE:
		if (!names_event_field(scope, o->path.text, &type, out, &nearest)) {
			item = check_wrong(check, &o->path.at,
			        TR("unknown field '%s'", "모르는 항목입니다: '%s'"),
			        o->path.text);
			check_event_field(
			        check, item, type, o->path.text, FIELD_NUMBER, nearest);
			return false;
		}
		event.type.text = type;
		event.type.at = o->path.at;
		out->total = o->kind == OPERAND_SUM;
		check_field_carried(check, &o->path.at, type, out->field);
		if (out->type == FIELD_NUMBER || out->type == FIELD_MONEY)
			return check_event(check, scope, &event) != NULL;
		check_wrong(check, &o->path.at,
		        TR("'%s' is no number: it cannot be added up",
		                "'%s'은(는) 수가 아니어서 더할 수 없습니다"),
		        o->path.text);
		return false;
	}
	return false;
}

/* ---- values ---- */

static const char *value_word(const struct ast_value *v)
{
	switch (v->kind) {
	case VALUE_MONEY:
		return TR("an amount", "금액");
	case VALUE_SHARE:
		return TR("a share", "비율");
	case VALUE_DURATION:
		return TR("a time span", "기간");
	case VALUE_DATE:
		return TR("a date", "날짜");
	case VALUE_STRING:
		return TR("a text", "글");
	case VALUE_YES:
	case VALUE_NO:
		return TR("yes or no", "예/아니오");
	case VALUE_NONE:
	case VALUE_NUMBER:
	case VALUE_PATH:
		break;
	}
	return TR("a number", "수");
}

static bool same_kind(enum field_type a, enum field_type b)
{
	bool na = a == FIELD_NUMBER || a == FIELD_MONEY,
	     nb = b == FIELD_NUMBER || b == FIELD_MONEY,
	     da = a == FIELD_DATE || a == FIELD_TIME,
	     db = b == FIELD_DATE || b == FIELD_TIME;

	return a == b || (na && nb) || (da && db);
}

static bool fits(const struct ast_value *v, enum field_type type)
{
	switch (type) {
	case FIELD_NUMBER:
		return v->kind == VALUE_NUMBER;
	case FIELD_MONEY:
		return v->kind == VALUE_NUMBER || v->kind == VALUE_MONEY;
	case FIELD_TEXT:
		return v->kind == VALUE_STRING;
	case FIELD_DATE:
	case FIELD_TIME:
		return v->kind == VALUE_DATE;
	case FIELD_YESNO:
		return v->kind == VALUE_YES || v->kind == VALUE_NO;
	}
	return false;
}

bool check_value(struct check *check, const struct scope *scope,
        const struct ast_value *value, const struct subject *subject)
{
	struct subject other;
	struct ast_name name = {.text = value->text, .at = value->at};

	if (value->kind != VALUE_PATH) {
		if (fits(value, subject->type))
			return true;
		check_wrong(check, &value->at,
		        TR("%s is compared with %s here: write a value of type %s",
		                "%s을(를) %s와(과) 견주고 있습니다. %s 값을 쓰십시오"),
		        type_word(subject->type), value_word(value),
		        type_word(subject->type));
		return false;
	}
	if (!path_of(check, scope, &name, NULL, &other))
		return false;
	check_carried(check, scope, &value->at, &other);
	if (!other.sealed && same_kind(subject->type, other.type))
		return true;
	check_wrong(check, &value->at,
	        TR("'%s' is %s, not %s: they cannot be compared",
	                "'%s'은(는) %s이고 %s이(가) 아니어서 견줄 수 없습니다"),
	        value->text, type_word(other.type), type_word(subject->type));
	return false;
}

/* ---- comparisons ---- */

static bool is_moment(const struct subject *s)
{
	return s->type == FIELD_DATE || s->type == FIELD_TIME;
}

static bool annual(struct check *check, const struct ast_expr *e, const struct subject *s)
{
	if (s->kind != SUBJECT_BIRTHDAY || e->kind == EXPR_THIS_MONTH ||
	        e->kind == EXPR_KNOWN)
		return true;
	check_wrong(check, &e->operand.at, "%s",
	        TR("a birthday comes every year: ask 'birthday this month', or start the "
	           "rule by it",
	                "생일은 해마다 옵니다. '생일 이번 달'이라고 묻거나 규칙을 생일로 "
	                "시작하십시오"));
	return false;
}

void check_sealed(struct check *check, const struct place *at, const struct subject *s)
{
	struct diag_item *item = check_wrong(check, at,
	        TR("'%s' is sealed: rules may only ask whether it is known",
	                "'%s'은(는) 봉인된 항목이라 있는지 없는지만 물을 수 있습니다"),
	        s->path);

	diag_hint(check->diag, item,
	        TR("ask '%s is known', or a tag, the grade, the city or a field of "
	           "another name",
	                "'%s 있음'이라고 묻거나 태그, 등급, 지역, 다른 이름의 항목으로 "
	                "물으십시오"),
	        s->path);
}

/* A number or an address is sealed wherever it stands among the shop's own fields, so
 * that nothing there is ever equal to one. */
static bool looks_sealed(struct check *check, const struct scope *scope,
        const struct ast_value *v, const struct subject *s)
{
	const char *type = s->kind == SUBJECT_TRIGGER ? scope->trigger : scope->event;
	bool event = s->kind == SUBJECT_EVENT || s->kind == SUBJECT_TRIGGER;
	struct diag_item *item;

	if (v->kind != VALUE_STRING || (!event && s->kind != SUBJECT_ATTRIBUTE) ||
	        !personal_text(v->text, strlen(v->text)))
		return false;
	if (event && type &&
	        event_field_is_own(event_type_find(type), s->field, strlen(s->field)))
		return false;
	item = check_wrong(check, &v->at, "%s",
	        TR("telephone numbers and e-mail addresses are sealed: no field can be "
	           "compared with one",
	                "전화번호와 이메일 주소는 봉인되므로 어떤 항목도 그것과 견줄 수 "
	                "없습니다"));
	diag_hint(check->diag, item, "%s",
	        TR("give the customer a tag and ask for the tag",
	                "고객에게 태그를 붙이고 태그로 물으십시오"));
	return true;
}

static bool sealed(struct check *check, const struct scope *scope,
        const struct ast_expr *e, const struct subject *s)
{
	if (e->kind == EXPR_KNOWN)
		return false;
	if (s->sealed) {
		check_sealed(check, &e->operand.at, s);
		return true;
	}
	for (size_t i = 0; i < e->n_values; i++)
		if (looks_sealed(check, scope, &e->values[i], s))
			return true;
	return false;
}

static void wrong_kind(struct check *check, const struct ast_expr *e, const char *english,
        const char *ko)
{
	check_wrong(check, &e->operand.at, "%s", TR(english, ko));
}

static void compare(struct check *check, const struct scope *scope,
        const struct ast_expr *e, const struct subject *s)
{
	bool ordered = s->type != FIELD_TEXT && s->type != FIELD_YESNO;

	for (size_t i = 0; i < e->n_values; i++)
		if (!check_value(check, scope, &e->values[i], s))
			return;
	if (!ordered && (e->kind == EXPR_BETWEEN ||
	                        (e->kind == EXPR_COMPARE && e->cmp != CMP_EQ &&
	                                e->cmp != CMP_NE)))
		wrong_kind(check, e, "texts and yes or no know only = and !=",
		        "글과 예아니오는 =와 !=로만 견줄 수 있습니다");
	else if ((e->kind == EXPR_COMPARE && e->cmp == CMP_NE) ||
	         (e->kind == EXPR_IN && e->negated))
		check_lacking(check, scope, &e->at, &e->operand, s);
}

static void comparison(
        struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	struct subject s;

	if (!operand(check, scope, e, &s) || !annual(check, e, &s) ||
	        sealed(check, scope, e, &s))
		return;
	switch ((int)e->kind) {
	case EXPR_COMPARE:
	case EXPR_BETWEEN:
	case EXPR_IN:
		compare(check, scope, e, &s);
		break;
	case EXPR_CONTAINS:
	case EXPR_STARTS:
		if (s.type != FIELD_TEXT)
			wrong_kind(check, e, "only a text contains or starts with a text",
			        "글만 '포함'을 물을 수 있습니다");
		break;
	case EXPR_KNOWN:
		if (s.total)
			wrong_kind(check, e,
			        "this is always known: compare it with a number",
			        "언제나 있는 값입니다. 수와 견주십시오");
		break;
	case EXPR_AGO:
	case EXPR_DATED:
		if (!is_moment(&s))
			wrong_kind(check, e, "this is no date", "날짜가 아닙니다");
		else if (s.type == FIELD_DATE && e->kind == EXPR_AGO &&
		         duration_is_clock(e->values[0].duration))
			wrong_kind(check, e, "a date is compared in days, not in hours",
			        "날짜는 시간이 아니라 날로 견줍니다");
		break;
	case EXPR_THIS_MONTH:
		if (!is_moment(&s) && s.kind != SUBJECT_BIRTHDAY)
			wrong_kind(check, e, "this is no date", "날짜가 아닙니다");
		break;
	}
}

/* ---- facts ---- */

static void unknown_name(struct check *check, const struct ast_name *name,
        const char *english, const char *ko, const char *nearest)
{
	struct diag_item *item =
	        check_wrong(check, &name->at, TR(english, ko), name->text);

	check_near(check, item, nearest);
}

static void declared(
        struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	const char *near = NULL;

	if (e->kind == EXPR_SEGMENT) {
		if (!names_segment(scope, e->name.text, &near))
			unknown_name(check, &e->name, "unknown segment '%s'",
			        "모르는 고객군입니다: '%s'", near);
	} else if (e->kind == EXPR_RECEIVED || e->kind == EXPR_CLICKED) {
		if (!names_rule(scope, e->name.text, &near) && !check->pinned)
			unknown_name(check, &e->name, "unknown rule '%s'",
			        "모르는 규칙입니다: '%s'", near);
	} else if (!names_coupon(scope, e->name.text, &near) && !check->pinned) {
		unknown_name(check, &e->name, "unknown coupon '%s'",
		        "모르는 쿠폰입니다: '%s'", near);
	}
}

static bool has_items(const char *type)
{
	const struct event_type *t = type ? event_type_find(type) : NULL;

	for (const struct event_field *f = t ? t->fields : NULL; f && f->name; f++)
		if (f->type == 'i')
			return true;
	return !t;
}

static void any_item(
        struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	struct scope inner = *scope;

	if (!scope->has_event)
		check_wrong(check, &e->at, "%s",
		        TR("no event starts this rule, so there are no items to ask",
		                "이벤트로 시작하는 규칙이 아니어서 물을 상품이 "
		                "없습니다"));
	else if (!has_items(scope->event))
		check_wrong(check, &e->at,
		        TR("the event %s has no items", "%s 이벤트에는 상품이 없습니다"),
		        scope->event);
	inner.in_item = true;
	check_cond(check, &inner, e->a);
}

static void part(
        struct check *check, const struct scope *scope, const struct ast_expr *e);

static void negation(
        struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	const struct ast_expr *a = e->a;
	const char *nearest;
	struct subject s;

	part(check, scope, a);
	if ((a->kind == EXPR_COMPARE || a->kind == EXPR_IN || a->kind == EXPR_CONTAINS ||
	            a->kind == EXPR_STARTS || a->kind == EXPR_BETWEEN) &&
	        a->operand.kind == OPERAND_PATH &&
	        names_path(scope, a->operand.path.text, &s, &nearest) == NAMES_OK)
		check_lacking(check, scope, &e->at, &a->operand, &s);
}

static void part(struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	switch (e->kind) {
	case EXPR_OR:
	case EXPR_AND:
		part(check, scope, e->a);
		part(check, scope, e->b);
		return;
	case EXPR_NOT:
		negation(check, scope, e);
		return;
	case EXPR_COMPARE:
	case EXPR_BETWEEN:
	case EXPR_IN:
	case EXPR_CONTAINS:
	case EXPR_STARTS:
	case EXPR_KNOWN:
	case EXPR_AGO:
	case EXPR_DATED:
	case EXPR_THIS_MONTH:
		comparison(check, scope, e);
		return;
	case EXPR_HAPPENED:
		check_event(check, scope, &e->operand.event);
		return;
	case EXPR_ANY_ITEM:
		any_item(check, scope, e);
		return;
	case EXPR_SEGMENT:
	case EXPR_RECEIVED:
	case EXPR_CLICKED:
	case EXPR_REDEEMED:
	case EXPR_HOLDS:
		declared(check, scope, e);
		return;
	case EXPR_TAG:
	case EXPR_BOUGHT:
	case EXPR_VIEWED:
		if (!e->name.text[0])
			check_wrong(check, &e->name.at, "%s",
			        TR("an empty text names nothing",
			                "빈 글입니다. 이름을 쓰십시오"));
		return;
	case EXPR_CONSENT:
	case EXPR_HAS:
	case EXPR_FRIEND:
	case EXPR_LEFT_IN_CART:
		return;
	}
}

void check_cond(struct check *check, const struct scope *scope, const struct ast_expr *e)
{
	const struct ast_expr *outer = check->cond;

	check->cond = e;
	part(check, scope, e);
	check->cond = outer;
}
