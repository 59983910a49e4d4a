/* The journal's rows: written while an import runs, read while it is undone. Decides
 * nothing of what is put back. */
#include "store/journal.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/picture.h"
#include "store/sealed.h"

#define NEWEST 8    /* rows of one thing that are looked at, the newest ones */
#define AGAIN_MAX 8 /* batches noted as having told the same */

/* ---- rows ---- */

#define COLUMNS "SELECT id, batch, what, ref, value FROM import_change "

/* Most fields were nothing before, and nobody told them again. */
static void widen(json_t *value)
{
	json_t *fields = json_object_get(value, "f"), *pair;
	const char *name;
	void *next;

	json_object_foreach_safe(fields, next, name, pair)
	{
		if (json_is_string(pair))
			json_object_set_new(fields, name, json_pack("[n, O]", pair));
	}
}

static json_t *narrow(const json_t *value)
{
	json_t *out = json_copy((json_t *)value), *fields = json_object(), *pair;
	const char *name;

	json_object_foreach(json_object_get(value, "f"), name, pair)
	{
		bool plain = json_array_size(pair) == 2 &&
		             json_is_null(json_array_get(pair, 0));
		json_object_set(fields, name, plain ? json_array_get(pair, 1) : pair);
	}
	json_object_set_new(out, "f", fields);
	return out;
}

static void read_row(struct stmt *st, struct journal_row *out)
{
	const char *text;

	*out = (struct journal_row){.id = stmt_get(st, 0),
	        .batch = stmt_get(st, 1),
	        .thing = (enum journal_thing)stmt_get(st, 2)};
	if (out->thing == JOURNAL_PRODUCT)
		out->sku = mem_strdup(stmt_get_text(st, 3));
	else
		out->ref = stmt_get(st, 3);
	text = sealed_get(st, 4, SEAL_IMPORT, out->id);
	out->value = text ? json_loads(text, 0, NULL) : NULL;
	if (!out->value) /* it does not open: nothing is known of before */
		out->value = json_object();
	widen(out->value);
}

static void bind_ref(struct stmt *st, int i, int64_t id, const char *sku)
{
	if (sku)
		stmt_text(st, i, sku);
	else
		stmt_int(st, i, id);
}

static void insert(struct db *db, const struct journal_entry *e, const char *text)
{
	struct stmt *st = db_stmt(db, "INSERT INTO import_change(batch, what, ref, value)"
	                              " VALUES (?1, ?2, ?3, ?4)");

	stmt_int(st, 1, e->batch);
	stmt_int(st, 2, e->thing);
	bind_ref(st, 3, e->id, e->sku);
	sealed_text(st, 4, SEAL_IMPORT, text);
	stmt_exec(st);
}

static char *text_of(const struct journal_row *row)
{
	json_t *narrowed = narrow(row->value);
	char *text = json_dumps(narrowed, JSON_COMPACT);

	json_decref(narrowed);
	return text;
}

void journal_rewrite(struct db *db, const struct journal_row *row)
{
	struct stmt *st =
	        db_stmt(db, "UPDATE import_change SET value = ?2 WHERE id = ?1");
	char *text = text_of(row);

	stmt_int(st, 1, row->id);
	sealed_text(st, 2, SEAL_IMPORT, text);
	stmt_exec(st);
	free(text);
}

void journal_drop(struct db *db, const struct journal_row *row)
{
	struct stmt *st = db_stmt(db, "DELETE FROM import_change WHERE id = ?1");

	stmt_int(st, 1, row->id);
	stmt_exec(st);
}

void journal_row_fini(struct journal_row *row)
{
	free(row->sku);
	json_decref(row->value);
	*row = (struct journal_row){0};
}

static int read_rows(struct stmt *st, struct journal_row *out, int max)
{
	int n = 0;

	while (n < max && stmt_row(st))
		read_row(st, &out[n++]);
	stmt_done(st);
	return n;
}

static void free_rows(struct journal_row *rows, int n)
{
	for (int i = 0; i < n; i++)
		journal_row_fini(&rows[i]);
}

static struct stmt *bind_thing(
        struct stmt *st, enum journal_thing thing, int64_t id, const char *sku)
{
	stmt_int(st, 1, thing);
	bind_ref(st, 2, id, sku);
	return st;
}

bool journal_last(struct db *db, int64_t batch, struct journal_row *out)
{
	struct stmt *st =
	        db_stmt(db, COLUMNS "INDEXED BY import_change_batch WHERE batch = ?1"
	                            " ORDER BY what DESC, id DESC LIMIT 1");

	stmt_int(st, 1, batch);
	if (!stmt_row(st))
		return false;
	read_row(st, out);
	stmt_done(st);
	return true;
}

int journal_later(
        struct db *db, const struct journal_row *row, struct journal_row *out, int max)
{
	struct stmt *st = db_stmt(db,
	        COLUMNS "INDEXED BY import_change_of WHERE what = ?1 AND ref = ?2 AND"
	                " batch > ?3 ORDER BY batch LIMIT ?4");

	bind_thing(st, row->thing, row->ref, row->sku);
	stmt_int(st, 3, row->batch);
	stmt_int(st, 4, max);
	return read_rows(st, out, max);
}

bool journal_made(const struct journal_row *row)
{
	return json_integer_value(json_object_get(row->value, "m")) != 0;
}

int64_t journal_said(const struct journal_row *row)
{
	return json_integer_value(json_object_get(row->value, "l"));
}

json_t *journal_fields(const struct journal_row *row)
{
	json_t *fields = json_object_get(row->value, "f");

	if (!fields) {
		fields = json_object();
		json_object_set_new(row->value, "f", fields);
	}
	return fields;
}

/* ---- noting ---- */

/* One field: what it was stays as it was noted first, what it became is the last. */
static void note(json_t *fields, const char *name, json_t *old, json_t *new)
{
	json_t *had = json_object_get(fields, name);
	char mark[PICTURE_MARK + 1];

	picture_mark(new, mark);
	if (!had) {
		had = json_array();
		json_array_append(had, old ? old : json_null());
		json_array_append_new(had, json_string(mark));
		json_object_set_new(fields, name, had);
	} else {
		json_array_set_new(had, 1, json_string(mark));
		while (json_array_size(had) > 2) /* those told what it was */
			json_array_remove(had, 2);
	}
}

static bool same(const json_t *a, const json_t *b)
{
	return a && b ? json_equal(a, b) : a == b;
}

static bool note_changes(json_t *fields, const struct journal_entry *e)
{
	const char *name;
	json_t *value, *old;
	bool any = false;

	json_object_foreach(e->after, name, value)
	{
		old = json_object_get(e->before, name);
		if (!same(old, value)) {
			note(fields, name, old, value);
			any = true;
		}
	}
	json_object_foreach(e->before, name, old)
	{
		if (!json_object_get(e->after, name)) {
			note(fields, name, old, NULL);
			any = true;
		}
	}
	return any;
}

/* ---- told again ---- */

static bool add_batch(json_t *list, size_t from, int64_t batch)
{
	size_t n = json_array_size(list);

	if (n > from && json_integer_value(json_array_get(list, n - 1)) == batch)
		return false;
	if (n - from >= AGAIN_MAX)
		json_array_remove(list, from);
	return json_array_append_new(list, json_integer(batch)) == 0;
}

static bool is_told(const struct journal_entry *e, const char *name)
{
	return !e->told || e->told(e->arg, name);
}

/* Fields of an earlier batch that this one tells as they are. */
static bool note_again(const struct journal_entry *e, const struct journal_row *other,
        const json_t *is, json_t *seen)
{
	char mark[PICTURE_MARK + 1];
	const char *name;
	json_t *pair;
	bool any = false;

	json_object_foreach(journal_fields(other), name, pair)
	{
		const json_t *value = json_object_get(is, name);
		if (json_object_get(seen, name))
			continue;
		json_object_set(seen, name, json_true());
		picture_mark(value, mark);
		if (is_told(e, name) &&
		        !strcmp(mark, json_string_value(json_array_get(pair, 1))))
			any |= add_batch(pair, 2, e->batch);
	}
	return any;
}

static bool name_again(const struct journal_entry *e, const struct journal_row *other)
{
	json_t *list = json_object_get(other->value, "a");

	if (!journal_made(other))
		return false;
	if (!list) {
		list = json_array();
		json_object_set_new(other->value, "a", list);
	}
	return add_batch(list, 0, e->batch);
}

static json_t *picture_of(struct db *db, const struct journal_entry *e)
{
	switch (e->thing) {
	case JOURNAL_CUSTOMER:
		return picture_customer(db, e->id);
	case JOURNAL_ORDER:
		return picture_order(db, e->id);
	case JOURNAL_PRODUCT:
		return picture_product(db, e->sku);
	}
	return NULL;
}

/* rows: the newest first. Ours hides those behind it. */
static void note_others(struct db *db, const struct journal_entry *e,
        struct journal_row *rows, int n, const struct journal_row *mine)
{
	json_t *is = e->after ? json_incref(e->after) : picture_of(db, e);
	json_t *seen = json_copy(journal_fields(mine));

	for (int i = 0; i < n; i++) {
		if (rows[i].batch == e->batch)
			continue;
		bool changed = note_again(e, &rows[i], is, seen);
		changed |= name_again(e, &rows[i]);
		if (changed)
			journal_rewrite(db, &rows[i]);
	}
	json_decref(seen);
	json_decref(is);
}

int64_t journal_heir(struct db *db, const json_t *batches, size_t from)
{
	for (size_t i = from; i < json_array_size(batches); i++) {
		int64_t batch = json_integer_value(json_array_get(batches, i));
		struct stmt *st = db_stmt(db,
		        "SELECT 1 FROM import_batch WHERE id = ?1 AND undoing_at IS NULL"
		        " AND cut_at IS NULL");
		stmt_int(st, 1, batch);
		if (stmt_single(st, 0))
			return batch;
	}
	return 0;
}

/* ---- rows of a batch ---- */

static struct journal_row row_of(struct db *db, const struct journal_entry *e)
{
	struct stmt *st =
	        db_stmt(db, COLUMNS "INDEXED BY import_change_of WHERE what = ?1 AND"
	                            " ref = ?2 AND batch = ?3");
	struct journal_row row = {0};

	bind_thing(st, e->thing, e->id, e->sku);
	stmt_int(st, 3, e->batch);
	if (!read_rows(st, &row, 1))
		row.value = json_object();
	return row;
}

static void save(
        struct db *db, const struct journal_entry *e, const struct journal_row *row)
{
	char *text;

	if (row->id) {
		journal_rewrite(db, row);
		return;
	}
	text = text_of(row);
	insert(db, e, text);
	free(text);
}

/* The batches behind that one in a list, as its own list: who told it after him. */
static void drop_through(json_t *list, size_t from, int64_t batch)
{
	while (json_array_size(list) > from) {
		int64_t first = json_integer_value(json_array_get(list, from));
		json_array_remove(list, from);
		if (first == batch)
			return;
	}
}

void journal_give(
        struct db *db, const struct journal_row *row, const char *name, int64_t batch)
{
	const struct journal_entry e = {
	        .batch = batch, .thing = row->thing, .id = row->ref, .sku = row->sku};
	struct journal_row heir = row_of(db, &e);
	json_t *what;

	if (name && !json_object_get(journal_fields(&heir), name)) {
		what = json_deep_copy(json_object_get(journal_fields(row), name));
		drop_through(what, 2, batch);
		json_object_set_new(journal_fields(&heir), name, what);
	} else if (!name) {
		what = json_deep_copy(json_object_get(row->value, "a"));
		drop_through(what, 0, batch);
		json_object_set_new(heir.value, "a", what ? what : json_array());
		json_object_set_new(heir.value, "m", json_integer(1));
		json_object_set_new(heir.value, "l",
		        json_integer(journal_said(&heir) + journal_said(row)));
	}
	save(db, &e, &heir);
	journal_row_fini(&heir);
}

void journal_say(struct db *db, const struct journal_row *row, int64_t n)
{
	struct stmt *st = db_stmt(db,
	        COLUMNS "INDEXED BY import_change_of WHERE what = ?1 AND ref = ?2 AND"
	                " batch <> ?3 ORDER BY batch LIMIT 1");
	struct journal_row first = {0};

	bind_thing(st, row->thing, row->ref, row->sku);
	stmt_int(st, 3, row->batch);
	if (read_rows(st, &first, 1) && journal_made(&first)) {
		json_object_set_new(
		        first.value, "l", json_integer(journal_said(&first) + n));
		journal_rewrite(db, &first);
	}
	journal_row_fini(&first);
}

/* ---- a row's worth of change ---- */

/* Every new customer of a file comes by here: the row is made as it is stored. */
static void note_made(struct db *db, const struct journal_entry *e)
{
	json_t *value = json_object(), *fields = json_object(), *is;
	char mark[PICTURE_MARK + 1], *text;
	const char *name;

	json_object_foreach(e->after, name, is)
	{
		json_object_set_new(fields, name, json_string(picture_mark(is, mark)));
	}
	json_object_set_new(value, "m", json_integer(1));
	if (e->said)
		json_object_set_new(value, "l", json_integer(e->said));
	json_object_set_new(value, "f", fields);
	text = json_dumps(value, JSON_COMPACT);
	insert(db, e, text);
	free(text);
	json_decref(value);
}

static void note_known(
        struct db *db, const struct journal_entry *e, struct journal_row *rows, int n)
{
	struct journal_row none = {0}, *mine = &none;
	bool changed = false;

	for (int i = 0; i < n; i++)
		if (rows[i].batch == e->batch)
			mine = &rows[i];
	if (!mine->id)
		mine->value = json_object();
	if (e->after)
		changed = note_changes(journal_fields(mine), e);
	if (e->said)
		json_object_set_new(
		        mine->value, "l", json_integer(journal_said(mine) + e->said));
	if (changed || e->said)
		save(db, e, mine);
	if (n > (mine->id != 0))
		note_others(db, e, rows, n, mine);
	if (!mine->id)
		journal_row_fini(mine);
}

void journal_note(struct db *db, const struct journal_entry *e)
{
	struct journal_row rows[NEWEST];
	struct stmt *st;
	int n;

	if (e->made) {
		note_made(db, e);
		return;
	}
	st = db_stmt(db, COLUMNS "INDEXED BY import_change_of WHERE what = ?1 AND"
	                         " ref = ?2 ORDER BY batch DESC LIMIT ?3");
	bind_thing(st, e->thing, e->id, e->sku);
	stmt_int(st, 3, NEWEST);
	n = read_rows(st, rows, NEWEST);
	if (n || e->after || e->said)
		note_known(db, e, rows, n);
	free_rows(rows, n);
}
