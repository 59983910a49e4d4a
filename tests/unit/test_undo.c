/* The journal of imports: what it keeps, and what undoing makes of it, a field at a time.
 * Rows of the table: what two imports wrote over each other, and in which order they are
 * undone. */
#include "store.h"
#include "store/imported.h"
#include "store/consent.h"
#include "store/journal.h"
#include "store/picture.h"
#include "store/retain.h"
#include "store/undo.h"

static int64_t make(const char *ref, const char *city)
{
	struct profile profile = {.ref = ref, .city = city};
	int64_t id;
	customer_upsert(db, &profile, T0, &id);
	return id;
}

/* As an import does: city NULL only names him. */
static int64_t tell(int64_t batch, const char *ref, const char *city)
{
	int64_t id = customer_find(db, ref);
	bool made = !id;
	json_t *before = id ? picture_customer(db, id) : NULL;
	id = make(ref, city);
	json_t *after = picture_customer(db, id);
	struct journal_entry entry = {.batch = batch,
	        .thing = JOURNAL_CUSTOMER,
	        .id = id,
	        .made = made,
	        .before = before,
	        .after = !made && json_equal(before, after) ? NULL : after};
	journal_note(db, &entry);
	json_decref(before);
	json_decref(after);
	return id;
}

static json_t *undo(int64_t batch)
{
	json_t *counts = json_object();
	imported_undo_begin(db, batch, T0);
	while (undo_step(db, batch, "x", counts, T0))
		;
	imported_undo_end(db, batch, T0);
	return counts;
}

static void drop_undo(int64_t batch)
{
	json_decref(undo(batch));
}

static void check_city(const char *ref, const char *city)
{
	int64_t id = customer_find(db, ref);
	json_t *is = id ? picture_customer(db, id) : NULL;
	const char *found = json_string_value(json_object_get(is, "city"));
	if ((city == NULL) != (found == NULL) || (city && strcmp(city, found) != 0))
		fail_msg("%s: %s, not %s", ref, found ? found : "-", city ? city : "-");
	json_decref(is);
}

static void fields_of_two_imports(void **state)
{
	static const struct {
		const char *was, *one, *two; /* what they tell */
		bool newer_first;
		const char *after, *last;
	} rows[] = {
	        {"a", "b", "c", false, "c", "a"},
	        {"a", "b", "c", true, "b", "a"},
	        {"a", "b", "b", false, "b", "a"},
	        {"a", "b", "b", true, "b", "a"},
	        {"a", "b", "a", false, "a", "a"},
	        {"a", "b", "a", true, "b", "a"},
	        {NULL, "b", "c", false, "c", NULL},
	        {NULL, "b", "c", true, "b", NULL},
	        {"a", "a", "b", false, "b", "a"},
	        {"a", "a", "b", true, "a", "a"},
	};
	char ref[16], name[16];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t batch[2];
		snprintf(ref, sizeof ref, "C%zu", i);
		make(ref, rows[i].was);
		for (int k = 0; k < 2; k++) {
			snprintf(name, sizeof name, "%zu-%d", i, k);
			batch[k] = imported_open(db, name, "customers", T0);
			tell(batch[k], ref, k ? rows[i].two : rows[i].one);
		}
		drop_undo(batch[rows[i].newer_first]);
		check_city(ref, rows[i].after);
		drop_undo(batch[!rows[i].newer_first]);
		check_city(ref, rows[i].last);
	}
	assert_int_equal(ask("SELECT count(*) FROM import_change"), 0);
}

static void one_row_a_customer(void **state)
{
	int64_t batch = imported_open(db, "b", "customers", T0);

	(void)state;
	make("C1", "a");
	tell(batch, "C1", "b");
	tell(batch, "C1", "c");
	tell(batch, "C1", "c");
	tell(batch, "N1", "c");
	assert_int_equal(ask("SELECT count(*) FROM import_change"), 2);
	assert_int_equal(ask("SELECT count(*) FROM import_change WHERE typeof(value) = "
	                     "'blob'"),
	        2);
	json_t *counts = undo(batch);
	assert_int_equal(
	        json_integer_value(json_object_get(counts, "customers_removed")), 1);
	assert_int_equal(
	        json_integer_value(json_object_get(counts, "fields_restored")), 1);
	json_decref(counts);
	check_city("C1", "a");
	assert_int_equal(customer_find(db, "N1"), 0);
}

static void what_is_told_again_writes_no_row(void **state)
{
	char name[16];

	(void)state;
	make("C1", "a");
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "b%d", i);
		tell(imported_open(db, name, "customers", T0), "C1", "b");
	}
	assert_int_equal(ask("SELECT count(*) FROM import_change"), 1);
	drop_undo(1);
	check_city("C1", "b");
}

static void batches(void **state)
{
	int64_t id = imported_open(db, "b", "customers", T0), again;
	struct imported batch;

	(void)state;
	assert_int_equal(imported_open(db, "b", "orders", T0 + 1), id);
	assert_int_equal(ask("SELECT kind = 'mixed' FROM import_batch"), 1);
	assert_true(imported_find(db, "b", T0 + 30 * DAY, &batch));
	assert_int_equal(batch.state, IMPORTED_OPEN);
	assert_true(imported_find(db, "b", T0 + 30 * DAY + 1, &batch));
	assert_int_equal(batch.state, IMPORTED_OLD);
	again = imported_open(db, "b", "orders", T0 + 31 * DAY);
	assert_true(again > id);
	imported_undo_begin(db, again, T0 + 31 * DAY);
	assert_int_equal(imported_open(db, "b", "orders", T0 + 31 * DAY), 0);
	assert_true(imported_find(db, "b", T0 + 31 * DAY, &batch));
	assert_int_equal(batch.state, IMPORTED_UNDOING);
	assert_false(imported_find(db, "c", T0, &batch));
}

static void old_changes_go(void **state)
{
	int64_t batch = imported_open(db, "b", "customers", T0);
	char ref[16];

	(void)state;
	for (int i = 0; i < 150; i++) {
		snprintf(ref, sizeof ref, "N%d", i);
		tell(batch, ref, "a");
	}
	assert_false(retain_imports(db, T0, 0));
	assert_true(retain_imports(db, T0 + 1, 0));
	assert_int_equal(ask("SELECT count(*) FROM import_change"), 150 - RETAIN_ROWS);
	while (retain_imports(db, T0 + 1, 0))
		;
	assert_int_equal(ask("SELECT count(*) FROM import_change"), 0);
	assert_int_equal(ask("SELECT count(*) FROM import_batch"), 1);
	while (retain_imports(db, T0 + 1, T0 + 1))
		;
	assert_int_equal(ask("SELECT count(*) FROM import_batch"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(fields_of_two_imports),
	        cmocka_unit_test_setup_teardown(
	                one_row_a_customer, store_open_sealed, store_close),
	        STORE_TEST(what_is_told_again_writes_no_row),
	        STORE_TEST(batches),
	        STORE_TEST(old_changes_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
