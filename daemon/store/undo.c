/* Puts back what an import did. Reads the journal, and never writes more than one thing
 * of it in a step. */
#include "store/undo.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "store/consent.h"
#include "store/erase.h"
#include "store/journal.h"
#include "store/picture.h"
#include "store/putback.h"

#define LATER 64 /* rows of one thing by later batches that are looked at */

const char *const undo_counts[] = {"customers_removed", "customers_kept",
        "customers_restored", "fields_restored", "fields_later", "consents_restored",
        "withdrawals_kept", "orders_removed", "orders_restored", "orders_kept",
        "products_removed", "products_restored", "products_kept", NULL};

/* One thing on its way back. */
struct undoing {
	struct db *db;
	const char *name; /* of the batch */
	json_t *counts;
	int64_t now;
	struct journal_row row;
	struct journal_row later[LATER]; /* the same thing's, by later batches */
	int n_later;
	json_t *is;   /* its picture now */
	json_t *back; /* fields that are put back */
};

static void count(struct undoing *u, const char *name, int64_t n)
{
	json_object_set_new(u->counts, name,
	        json_integer(json_integer_value(json_object_get(u->counts, name)) + n));
}

/* ---- fields ---- */

static const char *mark_of(const json_t *pair)
{
	const char *mark = json_string_value(json_array_get(pair, 1));

	return mark ? mark : "";
}

static bool is_marked(const json_t *value, const char *mark)
{
	char is[PICTURE_MARK + 1];

	return strcmp(picture_mark(value, is), mark) == 0;
}

static bool is_consent(const char *name)
{
	return strncmp(name, PICTURE_CONSENT, strlen(PICTURE_CONSENT)) == 0;
}

static bool given(const json_t *said)
{
	return json_integer_value(json_array_get(said, 0)) != 0;
}

/* The first later batch that wrote the field. */
static struct journal_row *next_of(struct undoing *u, const char *name)
{
	for (int i = 0; i < u->n_later; i++)
		if (json_object_get(journal_fields(&u->later[i]), name))
			return &u->later[i];
	return NULL;
}

/* Who wrote it next wrote over ours: undoing that one then brings back what was before
 * ours. */
static void pass_on(
        struct undoing *u, struct journal_row *next, const char *name, const json_t *pair)
{
	json_t *theirs = json_object_get(journal_fields(next), name),
	       *ours = json_array_get(theirs, 0);

	if (!is_marked(ours, mark_of(pair)))
		return;
	if (is_consent(name) && json_is_array(ours) && !given(ours))
		return; /* a withdrawal stays, also where it was lifted since */
	json_array_set(theirs, 0, json_array_get(pair, 0));
	journal_rewrite(u->db, next);
}

static void read_later(struct undoing *u)
{
	for (int i = 0; i < u->n_later; i++)
		journal_row_fini(&u->later[i]);
	u->n_later = journal_later(u->db, &u->row, u->later, LATER);
}

static bool is_back(const json_t *is, const json_t *old)
{
	return is ? json_equal(is, old) : !old || json_is_null(old);
}

/* True when it is to be put back. */
static bool undo_field(struct undoing *u, const char *name, json_t *pair)
{
	struct journal_row *next = next_of(u, name);
	int64_t heir = journal_heir(u->db, pair, 2);
	const json_t *is = json_object_get(u->is, name);

	if (heir && (!next || heir < next->batch)) {
		journal_give(u->db, &u->row, name, heir);
		read_later(u);
		return false;
	}
	if (!next && is_marked(is, mark_of(pair)))
		return true;
	if (next)
		pass_on(u, next, name, pair);
	return false;
}

/* ---- consents ---- */

/* name: "consent:sms:ad". */
static void undo_consent(struct undoing *u, const char *name, const json_t *old)
{
	char *channel = mem_strdup(name + strlen(PICTURE_CONSENT)),
	     *purpose = strchr(channel, ':'), *source = mem_printf("undo %s", u->name);
	struct consent_change before = {.customer = u->row.ref,
	        .channel = channel,
	        .given = given(old),
	        .time = json_integer_value(json_array_get(old, 1)),
	        .how = "import",
	        .source = source,
	        .told = true};

	if (!given(json_object_get(u->is, name))) {
		count(u, "withdrawals_kept", 1);
	} else if (purpose) {
		*purpose = '\0';
		before.purpose = purpose + 1;
		consent_put_back(u->db, &before, json_is_array(old), u->now);
		count(u, "consents_restored", 1);
	}
	free(source);
	free(channel);
}

/* ---- customers ---- */

/* Has anybody spoken of him but imports? */
static bool spoken(struct db *db, int64_t id)
{
	struct stmt *st = db_stmt(db,
	        "SELECT EXISTS (SELECT 1 FROM event INDEXED BY event_customer WHERE"
	        " customer = ?1) OR EXISTS (SELECT 1 FROM orders INDEXED BY"
	        " orders_customer WHERE customer = ?1 AND counted = 1) OR EXISTS"
	        " (SELECT 1 FROM orders INDEXED BY orders_uncounted WHERE customer = ?1"
	        " AND counted = 0) OR EXISTS (SELECT 1 FROM message INDEXED BY"
	        " message_customer WHERE customer = ?1) OR EXISTS (SELECT 1 FROM run"
	        " INDEXED BY run_key WHERE rule IN (SELECT id FROM rule) AND"
	        " customer = ?1) OR EXISTS (SELECT 1 FROM coupon INDEXED BY"
	        " coupon_customer WHERE customer = ?1) OR EXISTS (SELECT 1 FROM cart_item"
	        " WHERE customer = ?1) OR EXISTS (SELECT 1 FROM alias INDEXED BY"
	        " alias_customer WHERE customer = ?1) OR EXISTS (SELECT 1 FROM customer"
	        " WHERE id = ?1 AND (visits_count > 0 OR left_at IS NOT NULL))");

	stmt_int(st, 1, id);
	return stmt_single(st, 0) != 0;
}

/* Is all of it as the import made it, with nothing beside? */
static bool untouched(struct undoing *u)
{
	const char *name;
	json_t *value, *pair;

	json_object_foreach(u->is, name, value)
	{
		pair = json_object_get(journal_fields(&u->row), name);
		if (!pair || !is_marked(value, mark_of(pair)))
			return false;
	}
	json_object_foreach(journal_fields(&u->row), name, pair)
	{
		if (mark_of(pair)[0] && !json_object_get(u->is, name))
			return false;
	}
	return true;
}

/* Who told of it later has made it, then; false: nobody did. */
static bool pass_made(struct undoing *u)
{
	int64_t heir = journal_heir(u->db, json_object_get(u->row.value, "a"), 0);

	if (u->n_later && (!heir || u->later[0].batch < heir))
		heir = u->later[0].batch;
	if (!heir)
		return false;
	journal_give(u->db, &u->row, NULL, heir);
	read_later(u);
	return true;
}

static int64_t brought_withdrawals(struct undoing *u)
{
	const char *name;
	json_t *value;
	int64_t n = 0;

	json_object_foreach(u->is, name, value)
	{
		if (is_consent(name) && !given(value))
			n++;
	}
	return n;
}

/* Gathers what is to be put back; consents are at once. Returns how many fields. */
static int64_t undo_fields(struct undoing *u)
{
	const char *name;
	json_t *pair, *old;
	int64_t n = 0;

	json_object_foreach(journal_fields(&u->row), name, pair)
	{
		old = json_array_get(pair, 0);
		if (!undo_field(u, name, pair)) {
			if (!is_back(json_object_get(u->is, name), old) &&
			        u->row.thing != JOURNAL_ORDER)
				count(u, "fields_later", 1);
		} else if (is_consent(name)) {
			undo_consent(u, name, old);
		} else {
			json_object_set(u->back, name, old);
			n++;
		}
	}
	return n;
}

static void undo_customer(struct undoing *u)
{
	int64_t id = u->row.ref, n, said;
	bool made = journal_made(&u->row);

	if (made && !pass_made(u) && untouched(u) &&
	        consent_rows(u->db, id) == journal_said(&u->row) && !spoken(u->db, id)) {
		count(u, "withdrawals_kept", brought_withdrawals(u));
		customer_unmake(u->db, id, u->now);
		count(u, "customers_removed", 1);
		return;
	}
	said = consent_rows(u->db, id);
	n = undo_fields(u);
	said = consent_rows(u->db, id) - said;
	said += made ? 0 : journal_said(&u->row); /* else they were passed on */
	if (said)
		journal_say(u->db, &u->row, said);
	if (n)
		putback_customer(u->db, id, u->back);
	count(u, "fields_restored", n);
	if (made)
		count(u, "customers_kept", 1);
	else if (n)
		count(u, "customers_restored", 1);
}

/* ---- orders, products ---- */

static void undo_order(struct undoing *u)
{
	bool made = journal_made(&u->row) && !pass_made(u);
	json_t *old;

	if (!undo_fields(u)) {
		count(u, "orders_kept", 1);
		return;
	}
	old = json_object_get(u->back, PICTURE_WHOLE);
	if (made) {
		putback_no_order(u->db, u->row.ref);
		count(u, "orders_removed", 1);
	} else if (json_is_object(old)) {
		putback_order(u->db, u->row.ref, old);
		count(u, "orders_restored", 1);
	}
}

static void undo_product(struct undoing *u)
{
	bool made = journal_made(&u->row);
	int64_t n;

	if (made && !pass_made(u) && untouched(u)) {
		putback_no_product(u->db, u->row.sku);
		count(u, "products_removed", 1);
		return;
	}
	n = undo_fields(u);
	putback_product(u->db, u->row.sku, u->back, u->now);
	count(u, "fields_restored", n);
	if (made || !n)
		count(u, "products_kept", 1);
	else
		count(u, "products_restored", 1);
}

/* ---- a step ---- */

static json_t *picture_of(struct db *db, const struct journal_row *row)
{
	switch (row->thing) {
	case JOURNAL_CUSTOMER:
		return picture_customer(db, row->ref);
	case JOURNAL_ORDER:
		return picture_order(db, row->ref);
	case JOURNAL_PRODUCT:
		return picture_product(db, row->sku);
	}
	return NULL;
}

static void undo_thing(struct undoing *u)
{
	u->is = picture_of(u->db, &u->row);
	if (!u->is) /* it is gone */
		return;
	u->back = json_object();
	read_later(u);
	switch (u->row.thing) {
	case JOURNAL_CUSTOMER:
		undo_customer(u);
		break;
	case JOURNAL_ORDER:
		undo_order(u);
		break;
	case JOURNAL_PRODUCT:
		undo_product(u);
		break;
	}
	for (int i = 0; i < u->n_later; i++)
		journal_row_fini(&u->later[i]);
	json_decref(u->back);
	json_decref(u->is);
}

bool undo_step(
        struct db *db, int64_t batch, const char *name, json_t *counts, int64_t now)
{
	struct undoing u = {.db = db, .name = name, .counts = counts, .now = now};

	if (db_status(db) != DB_OK || !journal_last(db, batch, &u.row))
		return false;
	undo_thing(&u);
	journal_drop(db, &u.row);
	journal_row_fini(&u.row);
	return true;
}
