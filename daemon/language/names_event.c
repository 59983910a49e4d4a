/* Event types and their fields: the standard ones, those that `fields` declares, and what
 * comes nearest to what is neither. */
#include "language/names.h"

#include <string.h>
#include "language/names_inner.h"
#include "language/slips.h"

/* Also when the parts are written in different languages, which only rules may. A type of
 * one word has one spelling in each, and was found whole. */
const struct event_type *names_type(const char *written)
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
		choices_add(c, type->name);
		choices_add(c, type->korean);
	} else if (dot && ko) {
		choices_add(c, arena_printf(scope->arena, "%.*s%s",
		                       (int)(dot - type->name), type->name, ko));
		choices_add(c, arena_printf(scope->arena, "%.*s%s",
		                       (int)(ko - type->korean), type->korean, dot));
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
			choices_add(&c, arena_strndup(scope->arena, path,
			                        (size_t)(strrchr(path, '.') - path)));
	}
	return choices_nearest(&c, written);
}

static const char *nearest_type(const struct scope *scope, const char *written)
{
	struct choices c = {0};

	for (int mixed = 0; mixed < 2; mixed++)
		for (const struct event_type *type = event_types; type->name; type++)
			add_type(scope, &c, type, mixed);
	return choices_nearest(&c, written);
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
		choices_add(&c, known->name);
		choices_add(&c, known->korean);
	}
	near = choices_nearest(&c, type);
	return near && !is_below(type, near) ? near : NULL;
}

const char *names_event(
        const struct scope *scope, const char *written, const char **nearest)
{
	const struct event_type *type = names_type(written);
	const char *near, *meant;

	*nearest = NULL;
	if (type)
		return type->name;
	if (event_type_wellformed(written) &&
	        (scope->pinned || custom_type(scope->ast, written)))
		return written;
	meant = slips_path(scope->arena, written);
	if (meant && !names_type(meant))
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
		out->sealed = names_is_sealed(scope, f);
		out->field = dot + 1;
		return true;
	}
	return false;
}

bool names_field_of(const struct scope *scope, const char *type, const char *written,
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

void names_add_field(const struct scope *scope, struct choices *c, const char *prefix,
        const char *field, bool ko)
{
	const char *name = field;

	for (const struct name_row *row = field_rows; ko && row->english; row++)
		if (!strcmp(row->english, field))
			name = row->korean;
	choices_add(c, arena_printf(scope->arena, "%s.%s", prefix, name));
}

const char *names_nearest_field(
        const struct scope *scope, const char *type, const char *prefix, const char *path)
{
	struct choices c = {0};
	bool ko = names_korean(path);

	names_add_field(scope, &c, prefix, "time", ko);
	names_add_field(scope, &c, prefix, "id", ko);
	for (const struct event_type *t = event_types; t->name; t++) {
		if (type && strcmp(t->name, type))
			continue;
		for (const struct event_field *f = t->fields; f->name; f++)
			if (f->type != 'i')
				names_add_field(scope, &c, prefix, f->name, ko);
	}
	for (size_t i = 0; i < scope->ast->n_fields; i++) {
		const char *declared =
		        names_declared(scope->arena, scope->ast->fields[i].path.text);
		const char *dot = declared ? strrchr(declared, '.') : NULL;
		if (dot && (!type || (!strncmp(declared, type, strlen(type)) &&
		                             strlen(type) == (size_t)(dot - declared))))
			names_add_field(scope, &c, prefix, dot + 1, false);
	}
	return choices_nearest(&c, path);
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
	if (names_field_of(scope, *type, dot + 1, out))
		return true;
	*nearest = names_nearest_field(scope, *type, prefix, path);
	return false;
}
