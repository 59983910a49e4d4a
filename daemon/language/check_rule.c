/* The check of a rule's clauses: its trigger, purpose, limits and goal. Steps are
 * check_step's. */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "language/check.h"
#include "store/event.h"

/* ---- what a rule is ---- */

static const struct scope nothing;

struct scope check_scope(const struct check *check, const struct ast_rule *rule)
{
	struct scope scope = nothing;
	const struct ast_trigger *t = &rule->trigger;
	const char *near;

	scope.ast = check->ast;
	scope.arena = check->arena;
	scope.pinned = check->pinned;
	if (!t->at.file || (t->kind != TRIGGER_EVENT && t->kind != TRIGGER_STOCK))
		return scope;
	scope.has_event = scope.has_trigger = true;
	scope.event = scope.trigger =
	        t->kind == TRIGGER_STOCK ? "stock.changed"
	                                 : names_event(&scope, t->event.type.text, &near);
	return scope;
}

void check_each_step(const struct ast_block *block,
        void (*fn)(const struct ast_step *step, void *arg), void *arg)
{
	for (size_t i = 0; block && i < block->n; i++) {
		const struct ast_step *step = &block->steps[i];
		fn(step, arg);
		check_each_step(step->yes, fn, arg);
		check_each_step(step->no, fn, arg);
		for (size_t j = 0; j < step->n_sides; j++)
			check_each_step(step->sides[j].block, fn, arg);
	}
}

struct traits {
	bool speaks, customer, gives, brand, posts;
};

static void look(const struct ast_step *step, void *arg)
{
	struct traits *t = arg;

	for (size_t i = 0; i < step->n_legs; i++) {
		t->speaks = true;
		t->customer |= step->legs[i].channel != W_OWNER;
		t->brand |= step->legs[i].channel == W_BRANDMESSAGE;
	}
	t->posts |= step->kind == STEP_POST;
	t->gives |= step->kind == STEP_GIVE;
	t->customer |= step->kind == STEP_GIVE || step->kind == STEP_TAG ||
	               step->kind == STEP_UNTAG || step->kind == STEP_SET;
}

static struct traits traits_of(const struct ast_rule *rule)
{
	struct traits t = {0};

	check_each_step(&rule->body, look, &t);
	return t;
}

bool check_owner_only(const struct ast_rule *rule)
{
	struct traits t = traits_of(rule);

	return (t.speaks || t.posts) && !t.customer;
}

/* ---- the trigger ---- */

static void need_at(struct check *check, const struct ast_trigger *t, bool wanted)
{
	if (t->has_at == wanted)
		return;
	if (wanted)
		check_wrong(check, &t->at, "%s",
		        TR("at what time? add 'at 10:00'",
		                "몇 시입니까? '10:00'처럼 시각을 쓰십시오"));
	else
		check_wrong(check, &t->at, "%s",
		        TR("hours are counted from the moment itself: leave the time out",
		                "시간은 그 순간부터 셉니다. 시각을 빼십시오"));
}

static bool is_date_field(enum field_type type)
{
	return type == FIELD_DATE || type == FIELD_TIME;
}

/* A family of types, as reservation.at of reservation.made and reservation.changed. */
static bool family(const char *path)
{
	return name_is(path, "reservation.at", "예약.일시");
}

/* A day has no hours to count from; a moment has. */
static void anchor_hours(
        struct check *check, const struct ast_trigger *t, const struct subject *s)
{
	if (s->type == FIELD_DATE && duration_is_clock(t->offset))
		check_wrong(check, &t->at,
		        TR("'%s' is a day without an hour: count in days and add 'at "
		           "10:00'",
		                "'%s'은(는) 시각이 없는 날짜입니다. 날로 세고 "
		                "'10:00'처럼 "
		                "시각을 쓰십시오"),
		        t->name.text);
}

static void anchor_path(
        struct check *check, const struct scope *scope, const struct ast_trigger *t)
{
	const char *near = NULL, *type;
	enum field_type wanted = duration_is_clock(t->offset) ? FIELD_TIME : FIELD_DATE;
	struct diag_item *item;
	struct subject s;
	enum names_found found = names_path(scope, t->name.text, &s, &near);

	if (found == NAMES_OK && s.sealed) {
		check_sealed(check, &t->name.at, &s);
		return;
	}
	if (found == NAMES_OK && s.kind == SUBJECT_ATTRIBUTE && is_date_field(s.type)) {
		anchor_hours(check, t, &s);
		return;
	}
	if (family(t->name.text))
		return;
	if (found == NAMES_OK || found == NAMES_NO_EVENT) {
		check_wrong(check, &t->name.at,
		        TR("'%s' is no date that a rule can start from",
		                "'%s'은(는) 규칙이 기준으로 삼을 날짜가 아닙니다"),
		        t->name.text);
		return;
	}
	if (names_event_field(scope, t->name.text, &type, &s, &near)) {
		if (s.sealed)
			check_sealed(check, &t->name.at, &s);
		else if (!is_date_field(s.type))
			check_wrong(check, &t->name.at,
			        TR("'%s' is no date that a rule can start from",
			                "'%s'은(는) 규칙이 기준으로 삼을 날짜가 "
			                "아닙니다"),
			        t->name.text);
		else
			anchor_hours(check, t, &s);
		check_field_carried(check, &t->name.at, type, s.field);
		return;
	}
	item = check_wrong(check, &t->name.at,
	        found == NAMES_UNDECLARED
	                ? TR("'%s' is not declared", "'%s'이(가) 항목들에 없습니다")
	                : TR("unknown field '%s'", "모르는 항목입니다: '%s'"),
	        t->name.text);
	if (found == NAMES_UNDECLARED)
		check_declare(check, item, t->name.text,
		        names_declared(check->arena, t->name.text), wanted, false);
	else
		check_event_field(check, item, type, t->name.text, wanted, near);
}

static void anchor(
        struct check *check, const struct scope *scope, const struct ast_trigger *t)
{
	const char *near = NULL;
	struct ast_event event = {.type = t->date_word.event};

	switch (t->anchor) {
	case AST_ANCHOR_DATE:
		if (t->date_word.word == DATE_EVENT)
			check_event(check, scope, &event);
		break;
	case AST_ANCHOR_COUPON:
		if (!names_coupon(scope, t->name.text, &near) && !check->pinned)
			check_near(check,
			        check_wrong(check, &t->name.at,
			                TR("unknown coupon '%s'",
			                        "모르는 쿠폰입니다: '%s'"),
			                t->name.text),
			        near);
		break;
	case AST_ANCHOR_PATH:
		anchor_path(check, scope, t);
		break;
	}
	need_at(check, t, !duration_is_clock(t->offset));
}

static void birthday(struct check *check, const struct ast_trigger *t)
{
	if (t->has_offset && duration_is_clock(t->offset))
		check_wrong(check, &t->at, "%s",
		        TR("a birthday is a day: count in days",
		                "생일은 하루입니다. 날로 세십시오"));
	else
		need_at(check, t, true);
}

static void trigger(
        struct check *check, const struct scope *scope, const struct ast_trigger *t)
{
	struct diag_item *item;
	const char *near = NULL;

	switch (t->kind) {
	case TRIGGER_EVENT:
		check_event(check, scope, &t->event);
		if (t->event.where)
			check_possible(check, scope, t->event.where);
		return;
	case TRIGGER_BIRTHDAY:
		birthday(check, t);
		return;
	case TRIGGER_RELATIVE:
		anchor(check, scope, t);
		return;
	case TRIGGER_SCHEDULE:
		need_at(check, t, true);
		return;
	case TRIGGER_DATE:
		need_at(check, t, true);
		if (check->world && !check->pinned && t->date < check->world->today)
			check_warn(check, &t->at, "%s",
			        TR("this day is past: the rule does nothing any more",
			                "이미 지난 날이어서 더는 실행되지 않습니다"));
		return;
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		if (names_segment(scope, t->name.text, &near))
			return;
		item = check_wrong(check, &t->name.at,
		        TR("unknown segment '%s'", "모르는 고객군입니다: '%s'"),
		        t->name.text);
		check_near(check, item, near);
		return;
	case TRIGGER_STOCK:
		return;
	}
}

/* ---- purpose ---- */

static bool starts(const char *type, const char *prefix)
{
	return type && !strncmp(type, prefix, strlen(prefix));
}

static bool informs(const char *type)
{
	return starts(type, "order.") || starts(type, "reservation.") ||
	       starts(type, "consent.") ||
	       (type && (!strcmp(type, "coupon.redeemed") ||
	                        !strcmp(type, "stock.changed")));
}

/* A date in an event informs as its event does. */
static bool path_informs(const struct scope *scope, const char *path)
{
	const char *type = NULL, *near;
	struct subject s;

	if (family(path))
		return true;
	return names_event_field(scope, path, &type, &s, &near) && informs(type);
}

/* May what starts this rule be answered by information? */
static bool informational(struct check *check, const struct ast_rule *rule)
{
	const struct ast_trigger *t = &rule->trigger;
	struct scope scope = check_scope(check, rule);
	const char *near;

	switch (t->kind) {
	case TRIGGER_EVENT:
		return informs(scope.trigger);
	case TRIGGER_STOCK:
		return true;
	case TRIGGER_RELATIVE:
		if (t->anchor == AST_ANCHOR_PATH)
			return path_informs(&scope, t->name.text);
		if (t->anchor == AST_ANCHOR_COUPON)
			return false;
		if (t->date_word.word == DATE_EVENT)
			return informs(
			        names_event(&scope, t->date_word.event.text, &near));
		return t->date_word.word == DATE_ORDER;
	case TRIGGER_BIRTHDAY:
	case TRIGGER_SCHEDULE:
	case TRIGGER_DATE:
	case TRIGGER_ENTERS:
	case TRIGGER_LEAVES:
		return false;
	}
	return false;
}

static void purpose(
        struct check *check, const struct ast_rule *rule, struct traits traits)
{
	if (rule->notice && !check_built_in(check, &rule->name))
		check_wrong(check, &rule->purpose_at, "%s",
		        TR("notices that the law asks for are the daemon's own: write "
		           "'purpose ad' or 'purpose info'",
		                "법에 따른 안내는 단골이 스스로 보냅니다. '목적 광고'나 "
		                "'목적 정보'로 쓰십시오"));
	if (!rule->info || check_owner_only(rule))
		return;
	if (traits.gives)
		check_wrong(check, &rule->purpose_at, "%s",
		        TR("a rule that gives a coupon is advertising, not information: "
		           "write 'purpose ad'",
		                "쿠폰을 주는 규칙은 정보가 아니라 광고입니다. '목적 "
		                "광고'로 쓰십시오"));
	else if (traits.brand)
		check_wrong(check, &rule->purpose_at, "%s",
		        TR("a brandmessage is always advertising: write 'purpose ad', or "
		           "send "
		           "by alimtalk or sms",
		                "브랜드메시지는 언제나 광고입니다. '목적 광고'로 쓰거나 "
		                "알림톡이나 "
		                "문자로 보내십시오"));
	else if (!informational(check, rule))
		check_wrong(check, &rule->purpose_at, "%s",
		        TR("only an order, a reservation, a consent or a used coupon "
		           "starts "
		           "information; by law this is advertising: write 'purpose ad'",
		                "주문, 예약, 동의, 쿠폰 사용으로 시작하는 규칙만 "
		                "정보입니다. 법으로 "
		                "광고이니 '목적 광고'로 쓰십시오"));
}

/* ---- the other clauses ---- */

static void limits(
        struct check *check, const struct ast_rule *rule, const struct scope *scope)
{
	bool owner = check_owner_only(rule), event = rule->trigger.kind == TRIGGER_EVENT;
	const char *near;

	for (size_t i = 0; i < rule->n_limits; i++) {
		const struct ast_limit *l = &rule->limits[i];
		const char *type = NULL;
		if (l->limit.kind != LIMIT_PER_EVENT)
			continue;
		if (l->event.type.text)
			type = names_event(scope, l->event.type.text, &near);
		if (!event || (l->event.type.text && scope->trigger &&
		                      (!type || strcmp(type, scope->trigger))))
			check_wrong(check, &l->at, "%s",
			        TR("'once per event' means the event that starts the "
			           "rule",
			                "'이벤트 마다'는 규칙을 시작하는 이벤트를 "
			                "말합니다"));
	}
	if (rule->trigger.kind == TRIGGER_SCHEDULE && rule->n_limits == 0 && !owner &&
	        !rule->broken)
		check_wrong(check, &rule->trigger.at, "%s",
		        TR("this rule comes again and again: add a limit, such as 'limit "
		           "once "
		           "per 30 days'",
		                "되풀이되는 규칙입니다. '제한 30일에 1번'처럼 제한을 "
		                "쓰십시오"));
}

static void goal(
        struct check *check, const struct ast_rule *rule, const struct scope *scope)
{
	if (!rule->goal.event.type.text)
		return;
	check_event(check, scope, &rule->goal.event);
	if (rule->goal.event.where)
		check_possible(check, scope, rule->goal.event.where);
}

static void holdout(struct check *check, const struct ast_rule *rule)
{
	const struct ast_value *v = &rule->holdout;

	if (!rule->has_holdout || v->kind == VALUE_NONE)
		return;
	if (v->scale || v->number < 1 || v->number > 99)
		check_wrong(check, &v->at, "%s",
		        TR("a holdout is a whole share from 1% to 99%",
		                "비교군은 1%부터 99%까지의 정수 비율입니다"));
}

static void clauses(
        struct check *check, const struct ast_rule *rule, const struct scope *scope)
{
	const char *near;

	if (rule->on && rule->off)
		check_wrong(check, &rule->off_at, "%s",
		        TR("'on' and 'off' in one rule: leave one out",
		                "'켬'과 '끔'이 함께 있습니다. 하나를 지우십시오"));
	if (rule->was.text && names_rule(scope, rule->was.text, &near))
		check_wrong(check, &rule->was.at,
		        TR("rule '%s' is still there: 'was' names one that was renamed",
		                "규칙 '%s'이(가) 아직 있습니다. '옛이름'에는 없어진 "
		                "이름을 씁니다"),
		        rule->was.text);
	if (rule->resend_unknown && !rule->info)
		check_wrong(check, &rule->resend_at, "%s",
		        TR("an advertisement is never sent twice: leave 'resend unknown' "
		           "out",
		                "광고는 두 번 보내지 않습니다. '재발송 미확인'을 "
		                "빼십시오"));
}

static void about_messages(struct check *check, const struct ast_rule *rule,
        const struct scope *scope, struct traits traits)
{
	bool message = starts(scope->trigger, "message.");

	if (traits.customer && message)
		check_wrong(check, &rule->trigger.at, "%s",
		        TR("message.* starts only rules that speak to the owner or post",
		                "메시지.* 이벤트는 사장님에게 보내거나 알리는 규칙만 "
		                "시작합니다"));
	if (traits.customer && rule->trigger.kind == TRIGGER_STOCK)
		check_wrong(check, &rule->trigger.at, "%s",
		        TR("stock has no customer: only 'send owner' and 'post' go with "
		           "it",
		                "재고에는 고객이 없습니다. 사장님에게 보내거나 알리기만 "
		                "하십시오"));
}

void check_rule(struct check *check, const struct ast_rule *rule)
{
	struct scope scope = check_scope(check, rule);
	struct traits traits = traits_of(rule);
	bool timed = rule->trigger.kind == TRIGGER_SCHEDULE ||
	             rule->trigger.kind == TRIGGER_DATE;

	check->off = rule->off;
	if (!rule->trigger.set && !rule->broken) {
		check_wrong(check, &rule->name.at,
		        TR("rule '%s' never starts: add 'when …'",
		                "규칙 '%s'이(가) 시작할 때가 없습니다. '언제 …'를 "
		                "쓰십시오"),
		        rule->name.text);
		return;
	}
	if (!rule->trigger.at.file)
		return; /* the trigger could not be read and was told of */
	trigger(check, &scope, &rule->trigger);
	if (rule->body.n == 0 && !rule->broken)
		check_wrong(check, &rule->name.at,
		        TR("rule '%s' does nothing: add a step such as 'send'",
		                "규칙 '%s'에 할 일이 없습니다. '보내기' 같은 할 일을 "
		                "쓰십시오"),
		        rule->name.text);
	if (rule->cond) {
		check_whole(check, &scope, rule->cond);
		if (timed && check_owner_only(rule))
			check_wrong(check, &rule->cond_at, "%s",
			        TR("this rule runs once, without a customer to ask "
			           "about: leave "
			           "'if' out",
			                "고객 없이 한 번 실행되는 규칙이라 물을 고객이 "
			                "없습니다. 조건을 "
			                "빼십시오"));
	}
	purpose(check, rule, traits);
	about_messages(check, rule, &scope, traits);
	limits(check, rule, &scope);
	goal(check, rule, &scope);
	holdout(check, rule);
	clauses(check, rule, &scope);
	check_steps(check, rule, &scope);
}
