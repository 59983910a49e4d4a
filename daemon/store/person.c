/* Persons as rows of their own: one seal each. */
#include "store/person.h"

#include <string.h>
#include "store/sealed.h"

#define BETWEEN '\x1f' /* stands in no address, and is taken out of names */

static struct stmt *row_of(struct db *db, int64_t customer)
{
	struct stmt *st = db_stmt(db, "SELECT value FROM person WHERE customer = ?1");

	stmt_int(st, 1, customer);
	return stmt_row(st) ? st : NULL;
}

/* The next part of the value, *len bytes; *value moves behind it. */
static const char *part(const char **value, size_t *len)
{
	const char *begin = *value;

	*len = strcspn(begin, (char[]){BETWEEN, '\0'});
	*value = begin + *len + (begin[*len] == BETWEEN);
	return begin;
}

static const char *kept(struct arena *arena, const char **value)
{
	size_t len;
	const char *begin = part(value, &len);

	return len ? arena_strndup(arena, begin, len) : NULL;
}

void person_get(struct db *db, int64_t customer, struct arena *arena, struct person *out)
{
	struct stmt *st = row_of(db, customer);
	const char *value = st ? sealed_get(st, 0, SEAL_PERSON, customer) : NULL;

	*out = (struct person){0};
	if (value) {
		out->name = kept(arena, &value);
		out->phone = kept(arena, &value);
		out->email = kept(arena, &value);
	}
	if (st)
		stmt_done(st);
}

static bool differs(const char **value, const char *told)
{
	size_t len;
	const char *begin = part(value, &len);

	return told && (strlen(told) != len || memcmp(begin, told, len) != 0);
}

bool person_differs(struct db *db, int64_t customer, const struct person *told)
{
	struct stmt *st;
	const char *value;
	bool other;

	if (!told->name && !told->phone && !told->email)
		return false;
	st = row_of(db, customer);
	value = st ? sealed_get(st, 0, SEAL_PERSON, customer) : NULL;
	other = !value;
	if (value) {
		other = differs(&value, told->name);
		other |= differs(&value, told->phone);
		other |= differs(&value, told->email);
	}
	if (st)
		stmt_done(st);
	return other;
}

static void add(struct buf *out, const char *told, const char *known)
{
	const char *text = told ? told : known;

	for (; text && *text; text++)
		buf_addc(out, *text == BETWEEN ? ' ' : *text);
}

void person_put(struct db *db, int64_t customer, const struct person *told, bool whole)
{
	static const char sql[] = "INSERT INTO person(customer, value) VALUES (?1, ?2)"
	                          " ON CONFLICT(customer) DO UPDATE SET value ="
	                          " excluded.value";
	struct arena *arena = arena_new();
	struct person known = {0};
	struct buf value = {0};
	struct stmt *st;

	if (!whole)
		person_get(db, customer, arena, &known);
	add(&value, told->name, known.name);
	buf_addc(&value, BETWEEN);
	add(&value, told->phone, known.phone);
	buf_addc(&value, BETWEEN);
	add(&value, told->email, known.email);
	st = db_stmt(db, sql);
	stmt_int(st, 1, customer);
	sealed_text(st, 2, SEAL_PERSON, value.data);
	stmt_exec(st);
	seal_wipe(value.data, value.cap);
	buf_free(&value);
	arena_free(arena);
}
