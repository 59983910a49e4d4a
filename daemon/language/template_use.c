/* Which rules use which templates, and what must not stand in a template because of it: a
 * variable that the rule cannot fill, and in an advertisement the marks that the daemon
 * writes itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/template.h"
#include "language/template_code.h"
#include "language/template_notice.h"

/* Does that operation render the template? */
static bool op_uses(const struct op *op, const struct template *t)
{
	for (size_t i = 0; op->kind == OP_SEND && i < op->n_legs; i++)
		if (!strcmp(op->legs[i].template, t->name) &&
		        !strcmp(op->legs[i].channel, t->channel))
			return true;
	return false;
}

static bool rule_uses(const struct rule *rule, const struct template *t)
{
	for (size_t i = 0; i < rule->n_ops; i++)
		if (op_uses(&rule->ops[i], t))
			return true;
	return false;
}

/* ---- has a coupon been given by then? ---- */

/* On the ways that lead to an operation. */
struct ways {
	bool with, without;
};

static void lead(struct ways *ways, size_t to, struct ways from)
{
	ways[to].with |= from.with;
	ways[to].without |= from.without;
}

/* Operations lead forward alone, so that one pass sees every way. */
static void follow(const struct rule *rule, struct ways *ways)
{
	ways[0].without = true;
	for (size_t i = 0; i + 1 < rule->n_ops; i++) {
		const struct op *op = &rule->ops[i];
		struct ways on = ways[i];

		if (op->kind == OP_GIVE)
			on = (struct ways){.with = on.with || on.without};
		if (op->kind == OP_IF || op->kind == OP_JUMP || op->kind == OP_WAIT_FOR)
			lead(ways, (size_t)op->target, on);
		for (size_t k = 0; k < op->n_shares; k++)
			lead(ways, (size_t)op->targets[k], on);
		if (op->kind != OP_JUMP && op->kind != OP_STOP && op->kind != OP_SPLIT)
			lead(ways, i + 1, on);
	}
}

/* Over all sends of the template; one that is never reached says nothing. */
static enum code_coupon coupon_of(const struct rule *rule, const struct template *t)
{
	struct ways *ways = mem_alloc(rule->n_ops * sizeof *ways), all = {0};

	memset(ways, 0, rule->n_ops * sizeof *ways);
	follow(rule, ways);
	for (size_t i = 0; i < rule->n_ops; i++)
		if (op_uses(&rule->ops[i], t))
			lead(&all, 0, ways[i]);
	free(ways);
	return !all.without ? COUPON_ALWAYS : all.with ? COUPON_SOMETIMES : COUPON_NEVER;
}

/* ---- the marks of an advertisement ---- */

static size_t skip(const char *text, size_t at, const char *const *marks)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; marks[i]; i++)
			if (!strncmp(text + at, marks[i], strlen(marks[i]))) {
				at += strlen(marks[i]);
				more = true;
			}
	}
	return at;
}

static size_t one_of(const char *text, const char *const *marks)
{
	for (size_t i = 0; marks[i]; i++)
		if (!strncmp(text, marks[i], strlen(marks[i])))
			return strlen(marks[i]);
	return 0;
}

/* Length of "(광고)" at text in any of the spellings that shops use, 0: none stands
 * there. */
static size_t label_at(const char *text)
{
	static const char *const open[] = {
	        "(", "[", "<", "{", "（", "［", "【", "〔", NULL};
	static const char *const close[] = {
	        ")", "]", ">", "}", "）", "］", "】", "〕", NULL};
	static const char *const between[] = {
	        " ", "\t", "/", ".", "-", "\"", "'", "·", "　", NULL};
	static const char *const letters[] = {"광", "고", NULL};
	size_t at = one_of(text, open);

	for (size_t i = 0; at && letters[i]; i++) {
		at = skip(text, at, between);
		at = strncmp(text + at, letters[i], strlen(letters[i]))
		             ? 0
		             : at + strlen(letters[i]);
	}
	if (!at)
		return 0;
	at = skip(text, at, between);
	return one_of(text + at, close) ? at + one_of(text + at, close) : 0;
}

static size_t refusal_at(const char *text)
{
	static const char *const blank[] = {" ", "\t", "　", NULL};
	static const char *const middle[] = {"수신", NULL};
	size_t at = strlen("무료");

	if (strncmp(text, "무료", at))
		return 0;
	at = skip(text, at, blank);
	at = skip(text, at, middle);
	at = skip(text, at, blank);
	return strncmp(text + at, "거부", strlen("거부")) ? 0 : at + strlen("거부");
}

static void check_marks(const struct template *t, struct diag *diag)
{
	const struct program_file *file = &t->code->file;
	bool email = !strcmp(t->channel, "email");

	if (strcmp(t->channel, "sms") && !email && strcmp(t->channel, "brandmessage"))
		return;
	for (size_t i = 0; i < file->len; i++) {
		size_t label = label_at(file->text + i),
		       refusal = refusal_at(file->text + i);
		struct diag_item *item;

		if (!label && !refusal)
			continue;
		item = diag_error(diag, code_place(file, i, i + label + refusal, diag),
		        file->text,
		        TR("the daemon writes '%s' into an advertisement itself",
		                "'%s'은(는) 광고에 자동으로 들어갑니다"),
		        label ? "(광고)" : "무료수신거부");
		diag_hint(diag, item,
		        TR("take it out of the template", "양식에서 지우세요"));
		i += label + refusal - 1;
	}
}

/* ---- linking ---- */

static void warn_looser(
        const struct template *t, const struct rule *rule, struct diag *diag)
{
	const struct program_file *file = &t->code->file;
	const char *line = strcasestr(file->text, "purpose");
	size_t at = line ? (size_t)(line - file->text) : 0;

	diag_warn(diag, code_place(file, at, at + strlen("purpose"), diag), file->text,
	        TR("rule '%s' makes this an advertisement all the same: a template may "
	           "only be stricter",
	                "규칙 '%s'이(가) 광고이므로 이 메시지도 광고입니다. 양식은 더 "
	                "엄격하게만 정할 수 있습니다"),
	        rule->name);
}

static void link_one(struct templates *templates, struct template *t,
        struct program *program, struct diag *diag)
{
	struct code_use anybody = {.program = program,
	        .has_event = true,
	        .notice = true,
	        .coupon = COUPON_ALWAYS};
	bool ad = t->purpose && !strcmp(t->purpose, "ad");

	for (size_t i = 0; i < program->n_rules; i++) {
		const struct rule *rule = &program->rules[i];
		bool event = rule->trigger.kind == TRIGGER_EVENT ||
		             rule->trigger.kind == TRIGGER_STOCK;
		struct code_use use = {.program = program,
		        .rule = rule->name,
		        .has_event = event,
		        .notice = rule->built_in,
		        .coupon = coupon_of(rule, t)};

		if (!rule_uses(rule, t))
			continue;
		t->used = true;
		use.event_type = rule->trigger.kind == TRIGGER_STOCK
		                         ? "stock.changed"
		                         : rule->trigger.event;
		if (!event)
			use.event_type = NULL;
		code_link(t->code, templates->arena, &use, diag);
		if (rule->purpose == PURPOSE_AD && t->purpose && !ad &&
		        strcmp(t->channel, "owner"))
			warn_looser(t, rule, diag);
		ad = ad || rule->purpose == PURPOSE_AD;
		if (rule->built_in)
			template_notice_check(t, rule, diag);
	}
	if (!t->used)
		code_link(t->code, templates->arena, &anybody, diag);
	t->ad = ad;
	if (ad)
		check_marks(t, diag);
}

bool templates_link(
        struct templates *templates, struct program *program, struct diag *diag)
{
	size_t told = diag->told;

	for (size_t i = 0; i < templates->n; i++)
		link_one(templates, &templates->items[i], program, diag);
	return diag->told == told;
}
