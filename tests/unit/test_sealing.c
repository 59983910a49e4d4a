/* A store and its key: what is old is sealed slice by slice, nothing of it is news, and
 * whatever key is missing is told. */
#include "store.h"

#include "base/clock.h"
#include "store/event.h"
#include "store/message.h"
#include "store/sealed.h"
#include "store/sealing.h"
#include "store/suppression.h"

static const uint8_t keys[2][SEAL_KEY_BYTES] = {"the new key", "the one before"};

static void fill(void)
{
	for (int i = 0; i < 100; i++) {
		char ref[16], phone[24];
		struct profile profile = {.ref = ref, .phone = phone, .name = "김하늘"};
		json_t *attributes = json_pack("{s:s, s:i}", "memo", "단골", "level", 3);
		int64_t id;

		snprintf(ref, sizeof ref, "C%d", i);
		snprintf(phone, sizeof phone, "+8210%08d", i);
		profile.attributes = attributes;
		customer_upsert(db, &profile, T0, &id);
		json_decref(attributes);
		struct event event = {.source = "api",
		        .eid = ref,
		        .type = "order.paid",
		        .customer = id,
		        .time = T0,
		        .arrived = T0,
		        .data = "{\"order\":\"01012345678\",\"memo\":\"문 앞\"}"};
		event_insert(db, &event);
		suppression_add(db, phone, "sms", "owner", "api", T0);
	}
	run_sql("INSERT INTO idempotency VALUES ('a b c', 'h', 200, '{}', 1)");
	run_sql("INSERT INTO message(id, run, step, leg, rule, customer, channel, "
	        "template,"
	        " purpose, state, planned_at) VALUES (1, 1, 1, 1, 'r', 1, 'sms', 't', "
	        "'ad',"
	        " 'failed', 1)");
	run_sql("INSERT INTO attempt VALUES (1, 1, 1, 'failed', 'x', '+821012345678'),"
	        " (1, 2, 1, 'failed', 'x', '+821012345678')");
	db_turn_end(db);
}

static int slices(void)
{
	int n = 1;

	while (sealing_slice(db, 1)) {
		n++;
		assert_int_equal(db_turn_end(db), DB_OK);
	}
	assert_int_equal(db_turn_end(db), DB_OK);
	return n;
}

static void reopen(void)
{
	char why[512];

	db_close(db);
	assert_int_equal(db_open(&db, test_path, false, why), DB_OPENED);
}

static bool under_way(void)
{
	struct sealing state;

	sealing_state(db, &state);
	return state.under_way;
}

static void all_reads(void)
{
	struct arena *arena = arena_new();
	struct customer c;
	struct event e;

	assert_true(customer_get(db, customer_find(db, "C42"), arena, &c));
	assert_string_equal(c.name, "김하늘");
	assert_string_equal(c.phone, "+821000000042");
	assert_string_equal(c.attributes, "{\"level\":3,\"memo\":\"단골\"}");
	assert_true(event_last(db, c.id, "order.paid", arena, &e));
	assert_string_equal(e.data, "{\"order\":\"01012345678\",\"memo\":\"문 앞\"}");
	assert_true(suppression_has(db, c.phone, "sms", 0, NULL));
	arena_free(arena);
}

static void all_sealed(void)
{
	assert_int_equal(
	        ask("SELECT count(*) FROM person WHERE typeof(value) <> 'blob'"), 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM customer WHERE instr(attributes, '단골')"), 0);
	assert_int_equal(ask("SELECT count(*) FROM event WHERE instr(data, '문') OR NOT"
	                     " instr(data, '\"order\":\"01012345678\"')"),
	        0);
	assert_int_equal(
	        ask("SELECT count(*) FROM suppression WHERE typeof(shown) <> 'blob'"), 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM attempt WHERE typeof(detail) <> 'blob'"), 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM idempotency WHERE typeof(body) <> 'blob'"), 0);
}

static void unsealed_is_sealed(void **state)
{
	(void)state;
	fill();
	run_sql("CREATE TRIGGER news AFTER UPDATE ON customer BEGIN INSERT INTO"
	        " segment_touched(customer, what, at) VALUES (new.id, 1, 0); END");
	assert_int_equal(
	        ask("SELECT count(*) FROM person WHERE instr(value, '+821000000042')"),
	        1);
	db_turn_end(db);
	seal_keys(keys + 1, 1);
	reopen();
	assert_true(under_way());
	all_reads();
	slices();
	assert_false(under_way());
	all_sealed();
	all_reads();
	assert_int_equal(ask("SELECT count(*) FROM segment_touched"), 0);
	assert_int_equal(ask("SELECT count(*) FROM meta WHERE key = 'store_key' AND"
	                     " typeof(value) = 'blob'"),
	        1);
}

static void from_key_to_key(void **state)
{
	char why[512];

	(void)state;
	seal_keys(keys + 1, 1);
	reopen();
	fill();
	slices();
	seal_keys(keys, 2);
	sealing_turn(db);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_true(under_way());
	sealing_slice(db, 0);
	reopen(); /* what was not committed begins again where it was */
	assert_true(under_way());
	all_reads();
	slices();
	seal_keys(keys, 1);
	reopen();
	assert_false(under_way());
	all_sealed();
	all_reads();
	db_close(db);
	db = NULL;
	seal_keys(keys + 1, 1);
	assert_int_equal(db_open(&db, test_path, false, why), DB_NO_KEY);
	assert_non_null(strstr(why, "another key"));
	seal_keys(NULL, 0);
	assert_int_equal(db_open(&db, test_path, false, why), DB_NO_KEY);
	assert_non_null(strstr(why, "no credential"));
	assert_null(db_open_reader(test_path));
}

static void the_store_key_stays(void **state)
{
	uint8_t before[32], after[32];

	(void)state;
	sealing_link_key(db, before);
	db_turn_end(db);
	seal_keys(keys, 1);
	reopen();
	sealing_link_key(db, after);
	assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                unsealed_is_sealed, store_open, store_close),
	        cmocka_unit_test_setup_teardown(from_key_to_key, store_open, store_close),
	        cmocka_unit_test_setup_teardown(
	                the_store_key_stays, store_open, store_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
