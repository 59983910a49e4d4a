/* Names to what they mean. The candidates for "did you mean" are exactly the names that
 * would have been taken. */
#include "language/names.h"

#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "language/slips.h"
#include "store/event.h"

struct choices {
	const char **names;
	size_t n;
};

static void add(struct choices *c, const char *name)
{
	const char **slot = mem_grow(&c->names, c->n, sizeof *c->names);

	*slot = name;
	c->n++;
}

static bool share_letter(const char *a, const char *b)
{
	for (size_t len; *a; a += len) {
		for (len = 1; ((unsigned char)a[len] & 0xc0) == 0x80;)
			len++;
		if (memmem(b, strlen(b), a, len))
			return true;
	}
	return false;
}

/* The nearest lives as long as the candidate it is: in the arena or in a table. */
static const char *nearest_of(struct choices *c, const char *word)
{
	const char *near = text_nearest(word, c->names, c->n);
	const char *own = strrchr(word, '.'), *theirs = near ? strrchr(near, '.') : NULL;

	free(c->names);
	*c = (struct choices){0};
	/* two fields of one thing are not alike for being of it */
	if (own && theirs && own - word == theirs - near &&
	        !strncmp(word, near, (size_t)(own - word)) &&
	        !share_letter(own + 1, theirs + 1))
		return NULL;
	return near;
}

bool names_korean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return true;
	return false;
}

/* ---- events ---- */

/* Also when the parts are written in different languages, which only rules may. A type of
 * one word has one spelling in each, and was found whole. */
static const struct event_type *type_find(const char *written)
{
	const struct event_type *type = event_type_find(written);

	for (const struct event_type *t = event_types; !type && t->name; t++)
		if (name_is(written, t->name, t->korean))
			type = t;
	return type;
}

static const char *custom_type(const struct ast *ast, const char *type)
{
	size_t n = strlen(type);

	for (size_t i = 0; i < ast->n_fields; i++)
		if (!strncmp(ast->fields[i].path.text, type, n) &&
		        ast->fields[i].path.text[n] == '.')
			return type;
	return NULL;
}

/* A type in both spellings, and in the two that mix them. */
static void add_type(const struct scope *scope, struct choices *c,
        const struct event_type *type, bool mixed)
{
	const char *dot = strchr(type->name, '.'), *ko = strchr(type->korean, '.');

	if (!mixed) {
		add(c, type->name);
		add(c, type->korean);
	} else if (dot && ko) {
		add(c, arena_printf(scope->arena, "%.*s%s", (int)(dot - type->name),
		               type->name, ko));
		add(c, arena_printf(scope->arena, "%.*s%s", (int)(ko - type->korean),
		               type->korean, dot));
	}
}

/* The types that declared fields speak of. */
static const char *nearest_custom(const struct scope *scope, const char *written)
{
	struct choices c = {0};

	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const char *path =
		        names_declared(scope->arena, scope->ast->fields[i].path.text);
		if (path && strncmp(path, "customer.", 9))
			add(&c, arena_strndup(scope->arena, path,
			                (size_t)(strrchr(path, '.') - path)));
	}
	return nearest_of(&c, written);
}

static const char *nearest_type(const struct scope *scope, const char *written)
{
	struct choices c = {0};

	for (int mixed = 0; mixed < 2; mixed++)
		for (const struct event_type *type = event_types; type->name; type++)
			add_type(scope, &c, type, mixed);
	return nearest_of(&c, written);
}

/* visit.booked is a type of the shop's own, not a slip of visit. */
static bool is_below(const char *type, const char *standard)
{
	size_t n = strlen(standard);

	return !strncmp(type, standard, n) && type[n] == '.';
}

const char *names_standard(const char *type)
{
	struct choices c = {0};
	const char *near;

	for (const struct event_type *known = event_types; known->name; known++) {
		add(&c, known->name);
		add(&c, known->korean);
	}
	near = nearest_of(&c, type);
	return near && !is_below(type, near) ? near : NULL;
}

const char *names_event(
        const struct scope *scope, const char *written, const char **nearest)
{
	const struct event_type *type = type_find(written);
	const char *near, *meant;

	*nearest = NULL;
	if (type)
		return type->name;
	if (event_type_wellformed(written) &&
	        (scope->pinned || custom_type(scope->ast, written)))
		return written;
	meant = slips_path(scope->arena, written);
	if (meant && !type_find(meant))
		meant = NULL;
	near = nearest_type(scope, written);
	if (near && is_below(written, near))
		near = NULL;
	*nearest = meant ? meant : near ? near : nearest_custom(scope, written);
	return !near && event_type_wellformed(written) ? written : NULL;
}

static enum field_type type_of(char c)
{
	switch (c) {
	case 'n':
		return FIELD_NUMBER;
	case 'm':
		return FIELD_MONEY;
	case 't':
		return FIELD_TIME;
	case 'b':
		return FIELD_YESNO;
	}
	return FIELD_TEXT;
}

static bool standard_field(
        const struct event_type *type, const char *field, struct subject *out)
{
	for (const struct event_field *f = type->fields; f->name; f++) {
		if (strcmp(f->name, field) || f->type == 'i')
			continue;
		out->type = type_of(f->type);
		out->field = f->name;
		return true;
	}
	return false;
}

static bool declared_field(const struct scope *scope, const char *type, const char *field,
        struct subject *out)
{
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const struct ast_field *f = &scope->ast->fields[i];
		const char *path = names_declared(scope->arena, f->path.text), *dot;
		if (!path || !strncmp(path, "customer.", 9))
			continue;
		dot = strrchr(path, '.');
		if (strcmp(dot + 1, field) ||
		        (type && (strncmp(path, type, strlen(type)) ||
		                         strlen(type) != (size_t)(dot - path))))
			continue;
		out->type = f->type;
		out->sealed = f->sealed;
		out->field = dot + 1;
		return true;
	}
	return false;
}

static bool event_field(const struct scope *scope, const char *type, const char *written,
        struct subject *out)
{
	const char *field = field_english(written);

	if (declared_field(scope, type, written, out))
		return true;
	if (!strcmp(field, "time") || !strcmp(field, "id")) {
		out->type = strcmp(field, "id") ? FIELD_TIME : FIELD_TEXT;
		out->field = field;
		return true;
	}
	for (const struct event_type *t = event_types; t->name; t++)
		if ((!type || !strcmp(t->name, type)) && standard_field(t, field, out))
			return true;
	/* What an order's later events carry may be asked of the order's number alone. */
	return false;
}

static void add_field(const struct scope *scope, struct choices *c, const char *prefix,
        const char *field, bool ko)
{
	const char *name = field;

	for (const struct name_row *row = field_rows; ko && row->english; row++)
		if (!strcmp(row->english, field))
			name = row->korean;
	add(c, arena_printf(scope->arena, "%s.%s", prefix, name));
}

static const char *nearest_field(
        const struct scope *scope, const char *type, const char *prefix, const char *path)
{
	struct choices c = {0};
	bool ko = names_korean(path);

	add_field(scope, &c, prefix, "time", ko);
	add_field(scope, &c, prefix, "id", ko);
	for (const struct event_type *t = event_types; t->name; t++) {
		if (type && strcmp(t->name, type))
			continue;
		for (const struct event_field *f = t->fields; f->name; f++)
			if (f->type != 'i')
				add_field(scope, &c, prefix, f->name, ko);
	}
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const char *declared =
		        names_declared(scope->arena, scope->ast->fields[i].path.text);
		const char *dot = declared ? strrchr(declared, '.') : NULL;
		if (dot && (!type || (!strncmp(declared, type, strlen(type)) &&
		                             strlen(type) == (size_t)(dot - declared))))
			add_field(scope, &c, prefix, dot + 1, false);
	}
	return nearest_of(&c, path);
}

bool names_event_field(const struct scope *scope, const char *path, const char **type,
        struct subject *out, const char **nearest)
{
	const char *dot = strrchr(path, '.');
	char *prefix = arena_strndup(scope->arena, path, (size_t)(dot - path));

	*nearest = NULL;
	*out = (struct subject){.kind = SUBJECT_EVENT};
	*type = names_event(scope, prefix, nearest);
	if (!*type) {
		if (*nearest)
			*nearest = arena_printf(scope->arena, "%s%s", *nearest, dot);
		return false;
	}
	out->path = arena_printf(scope->arena, "%s.%s", *type, field_english(dot + 1));
	if (event_field(scope, *type, dot + 1, out))
		return true;
	*nearest = nearest_field(scope, *type, prefix, path);
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
	type = type_find(first);
	if (type)
		return arena_printf(arena, "%s.%s", type->name, last + 1);
	return event_type_wellformed(first) ? path : NULL;
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
		out->sealed = f->sealed;
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
			add(&c, row->english + 9);
			add(&c, strchr(row->korean, '.') + 1);
		}
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const char *path =
		        names_declared(scope->arena, scope->ast->fields[i].path.text);
		if (path && !strncmp(path, "customer.", 9))
			add(&c, path + 9);
	}
	near = nearest_of(&c, field);
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
	if (event_field(scope, type, field, out))
		return NAMES_OK;
	*nearest = nearest_field(scope, type, prefix, path);
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
		add_field(scope, &c, prefix, fields[i], names_korean(path));
	}
	*nearest = nearest_of(&c, path);
	return NAMES_UNKNOWN;
}

static const char *nearest_path(const struct scope *scope, const char *path)
{
	struct choices c = {0};

	for (const struct name_row *row = name_rows; row->english; row++) {
		add(&c, row->english);
		add(&c, row->korean);
	}
	for (size_t i = 0; i < scope->ast->n_fields; i++)
		add(&c, scope->ast->fields[i].path.text);
	return nearest_of(&c, path);
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
		add(&c, scope->ast->list[i].name.text); \
	} \
	*nearest = nearest_of(&c, name); \
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
