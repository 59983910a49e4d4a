/* Names to what they mean. The candidates for "did you mean" are exactly the names that
 * would have been taken. */
#include "language/names.h"

#include <stdlib.h>
#include <string.h>
#include "language/names_inner.h"
#include "language/slips.h"

bool names_korean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return true;
	return false;
}

/* ---- paths ---- */

const char *names_declared(struct arena *arena, const char *path)
{
	const char *dot = strchr(path, '.'), *last = strrchr(path, '.');
	const struct event_type *type;
	char *first;

	if (!dot)
		return NULL;
	first = arena_strndup(arena, path, (size_t)(dot - path));
	if (!strcmp(part_english(first), "customer"))
		return strchr(dot + 1, '.') ? NULL
		                            : arena_printf(arena, "customer.%s", dot + 1);
	first = arena_strndup(arena, path, (size_t)(last - path));
	type = names_type(first);
	if (type)
		return arena_printf(arena, "%s.%s", type->name, last + 1);
	return event_type_wellformed(first) ? path : NULL;
}

bool names_is_sealed(const struct scope *scope, const struct ast_field *field)
{
	const char *path = names_declared(scope->arena, field->path.text), *dot;

	if (field->sealed || !path)
		return field->sealed;
	dot = strrchr(path, '.');
	return event_field_personal(
	        arena_strndup(scope->arena, path, (size_t)(dot - path)), dot + 1);
}

/* The column that is NULL where a sealed one is not known. */
static const char *known_by(const char *field)
{
	return !strcmp(field, "name")    ? "named"
	       : !strcmp(field, "phone") ? "phone_key"
	                                 : "email_key";
}

static enum names_found builtin(const struct name_row *row, struct subject *out)
{
	const char *dot = strchr(row->english, '.');

	out->path = row->english;
	out->field = dot + 1;
	out->type = row->type == NAME_NUMBER    ? FIELD_NUMBER
	            : row->type == NAME_MONEY   ? FIELD_MONEY
	            : row->type == NAME_INSTANT ? FIELD_TIME
	            : row->type == NAME_YESNO   ? FIELD_YESNO
	                                        : FIELD_TEXT;
	out->sealed = row->type == NAME_SEALED;
	if (!strncmp(row->english, "orders.", 7)) {
		out->kind = SUBJECT_ORDERS;
		out->total = !strcmp(out->field, "count") || !strcmp(out->field, "total");
	} else if (!strncmp(row->english, "cart.", 5)) {
		out->kind = SUBJECT_COLUMN;
		out->field = strcmp(out->field, "total") ? "cart_count" : "cart_total";
		out->total = true;
	} else if (out->sealed) {
		out->field = known_by(out->field);
	} else if (!strcmp(out->field, "age")) {
		out->kind = SUBJECT_AGE;
	}
	return NAMES_OK;
}

static enum names_found attribute(
        const struct scope *scope, const char *field, struct subject *out)
{
	out->kind = SUBJECT_ATTRIBUTE;
	out->field = field;
	out->path = arena_printf(scope->arena, "customer.%s", field);
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const struct ast_field *f = &scope->ast->fields[i];
		const char *declared = names_declared(scope->arena, f->path.text);
		if (!declared || strcmp(declared, out->path))
			continue;
		out->type = f->type;
		out->sealed = names_is_sealed(scope, f);
		return NAMES_OK;
	}
	return NAMES_UNDECLARED;
}

/* By the field alone: the common beginning would make strangers look alike. */
static const char *nearest_attribute(const struct scope *scope, const char *field)
{
	struct choices c = {0};
	const char *near;

	for (const struct name_row *row = name_rows; row->english; row++)
		if (!strncmp(row->english, "customer.", 9)) {
			choices_add(&c, row->english + 9);
			choices_add(&c, strchr(row->korean, '.') + 1);
		}
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const char *path =
		        names_declared(scope->arena, scope->ast->fields[i].path.text);
		if (path && !strncmp(path, "customer.", 9))
			choices_add(&c, path + 9);
	}
	near = choices_nearest(&c, field);
	return near ? arena_printf(scope->arena, "%s.%s",
	                      names_korean(near) ? "고객" : "customer", near)
	            : NULL;
}

static enum names_found of_event(const struct scope *scope, enum subject_kind kind,
        const char *path, const char *prefix, struct subject *out, const char **nearest)
{
	bool trigger = kind == SUBJECT_TRIGGER;
	const char *type = trigger ? scope->trigger : scope->event;
	const char *field = path + strlen(prefix) + 1;

	out->kind = kind;
	if (trigger ? !scope->has_trigger : !scope->has_event)
		return NAMES_NO_EVENT;
	out->path = arena_printf(
	        scope->arena, "%s.%s", part_english(prefix), field_english(field));
	if (names_field_of(scope, type, field, out))
		return NAMES_OK;
	*nearest = names_nearest_field(scope, type, prefix, path);
	return NAMES_UNKNOWN;
}

static enum names_found of_item(const struct scope *scope, const char *path,
        const char *prefix, struct subject *out, const char **nearest)
{
	static const char *const fields[] = {
	        "sku", "name", "category", "quantity", "price"};
	const char *field = field_english(path + strlen(prefix) + 1);
	struct choices c = {0};

	out->kind = SUBJECT_ITEM;
	if (!scope->in_item)
		return NAMES_NO_ITEM;
	for (int i = 0; i < 5; i++) {
		if (!strcmp(fields[i], field)) {
			out->field = fields[i];
			out->path = arena_printf(scope->arena, "item.%s", field);
			out->type = i == 3   ? FIELD_NUMBER
			            : i == 4 ? FIELD_MONEY
			                     : FIELD_TEXT;
			free(c.names);
			return NAMES_OK;
		}
		names_add_field(scope, &c, prefix, fields[i], names_korean(path));
	}
	*nearest = choices_nearest(&c, path);
	return NAMES_UNKNOWN;
}

static const char *nearest_path(const struct scope *scope, const char *path)
{
	struct choices c = {0};

	for (const struct name_row *row = name_rows; row->english; row++) {
		choices_add(&c, row->english);
		choices_add(&c, row->korean);
	}
	for (size_t i = 0; i < scope->ast->n_fields; i++)
		choices_add(&c, scope->ast->fields[i].path.text);
	return choices_nearest(&c, path);
}

static enum names_found path_of(const struct scope *scope, const char *path,
        struct subject *out, const char **nearest)
{
	const struct name_row *row = name_find(path);
	const char *dot = strchr(path, '.'), *part;
	enum names_found found = NAMES_UNKNOWN;
	char *prefix;

	*nearest = NULL;
	*out = (struct subject){.path = path};
	if (row)
		return builtin(row, out);
	if (!dot)
		return NAMES_UNKNOWN;
	prefix = arena_strndup(scope->arena, path, (size_t)(dot - path));
	part = part_english(prefix);
	if (!strcmp(part, "event"))
		return of_event(scope, SUBJECT_EVENT, path, prefix, out, nearest);
	if (!strcmp(part, "trigger"))
		return of_event(scope, SUBJECT_TRIGGER, path, prefix, out, nearest);
	if (!strcmp(part, "item"))
		return of_item(scope, path, prefix, out, nearest);
	if (!strcmp(part, "rfm"))
		return NAMES_RESERVED;
	if (!strcmp(part, "customer") && !strchr(dot + 1, '.'))
		found = attribute(scope, dot + 1, out);
	if (found == NAMES_UNDECLARED)
		*nearest = nearest_attribute(scope, dot + 1);
	else if (found != NAMES_OK)
		*nearest = nearest_path(scope, path);
	return found;
}

/* Other people's words first: 도시 looks like none of ours. */
enum names_found names_path(const struct scope *scope, const char *path,
        struct subject *out, const char **nearest)
{
	enum names_found found = path_of(scope, path, out, nearest);
	const char *meant, *ignored;
	struct subject other;

	if (found != NAMES_UNKNOWN && found != NAMES_UNDECLARED)
		return found;
	meant = slips_path(scope->arena, path);
	if (meant && path_of(scope, meant, &other, &ignored) == NAMES_OK)
		*nearest = meant;
	return found;
}

void names_date(
        const struct scope *scope, const struct ast_date *date, struct subject *out)
{
	const char *nearest;

	*out = (struct subject){.type = FIELD_TIME, .first = date->first};
	switch (date->word) {
	case DATE_BIRTHDAY:
		out->kind = SUBJECT_BIRTHDAY;
		out->path = "birthday";
		break;
	case DATE_JOINED:
		out->kind = SUBJECT_COLUMN;
		out->field = "joined_at";
		out->path = "joined";
		break;
	case DATE_ORDER:
		out->kind = SUBJECT_COLUMN;
		out->field = date->first ? "orders_first_at" : "orders_last_at";
		out->path = date->first ? "first order" : "last order";
		break;
	case DATE_VISIT:
		out->kind = SUBJECT_COLUMN;
		out->field = date->first ? "visits_first_at" : "visits_last_at";
		out->path = date->first ? "first visit" : "last visit";
		break;
	case DATE_EVENT:
		out->kind = SUBJECT_HAPPENED;
		out->event = names_event(scope, date->event.text, &nearest);
		out->path = arena_printf(scope->arena, "%s %s",
		        date->first ? "first" : "last",
		        out->event ? out->event : date->event.text);
		break;
	}
}

enum word names_type_word(enum field_type type)
{
	static const enum word words[] = {
	        W_NUMBER, W_MONEY, W_TEXT, W_DATE, W_TIME, W_YESNO};

	return words[type];
}

/* ---- declarations ---- */

#define FIND(list, count) \
	struct choices c = {0}; \
	*nearest = NULL; \
	for (size_t i = 0; i < scope->ast->count; i++) { \
		if (!strcmp(scope->ast->list[i].name.text, name)) { \
			free(c.names); \
			return &scope->ast->list[i]; \
		} \
		choices_add(&c, scope->ast->list[i].name.text); \
	} \
	*nearest = choices_nearest(&c, name); \
	return NULL

const struct ast_rule *names_rule(
        const struct scope *scope, const char *name, const char **nearest)
{
	FIND(rules, n_rules);
}

const struct ast_segment *names_segment(
        const struct scope *scope, const char *name, const char **nearest)
{
	FIND(segments, n_segments);
}

const struct ast_coupon *names_coupon(
        const struct scope *scope, const char *name, const char **nearest)
{
	FIND(coupons, n_coupons);
}
