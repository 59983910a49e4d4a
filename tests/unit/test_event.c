/* Events once each, and the table of standard types. */
#include "store.h"
#include "store/event.h"

static void test_once(void **state)
{
	static const struct {
		const char *source, *eid;
		bool fresh;
	} cases[] = {{"till1", "1", true}, {"till2", "1", true}, {"till1", "1", false},
	        {"till1", "2", true}, {"till2", "1", false}, {"TILL1", "1", true}};
	struct arena *arena = arena_new();
	struct event got;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct event event = {.source = cases[i].source,
		        .eid = cases[i].eid,
		        .type = "order.paid",
		        .customer = 3,
		        .time = T0 + (int64_t)i,
		        .arrived = T0,
		        .has_total = true,
		        .total = 23500,
		        .order = "A-1"};
		assert_int_equal(event_insert(db, &event), cases[i].fresh);
		assert_int_equal(event.id != 0, cases[i].fresh);
		assert_true(event_seen(db, cases[i].source, cases[i].eid));
		assert_int_equal(db_status(db), DB_OK);
	}
	assert_false(event_seen(db, "till3", "1"));
	assert_true(event_next_time(db, "order.paid", T0) == T0 + 1);
	assert_int_equal(event_next_time(db, "visit", 0), 0);
	assert_int_equal(event_ordinal(db, 3, "order.paid", INT64_MAX), 4);
	assert_true(event_next(db, 3, "order.paid", T0 + 1, 0, arena, &got));
	assert_string_equal(got.source, "till2");
	assert_string_equal(got.order, "A-1");
	assert_null(got.sku);
	assert_true(event_next(db, 3, "order.paid", T0 + 1, got.id, arena, &got));
	assert_string_equal(got.eid, "2");
	assert_true(
	        event_get(db, got.id, arena, &got) && got.total == 23500 && !got.data);
	assert_false(event_get(db, 4711, arena, &got));
	assert_false(event_next(db, 4, "order.paid", 0, 0, arena, &got));
	arena_free(arena);
}

static void test_counters(void **state)
{
	(void)state;
	assert_int_equal(event_counted(db, "accepted"), 0);
	event_count(db, "accepted", 3);
	event_count(db, "accepted", 4);
	event_count(db, "rejected", 0);
	assert_int_equal(event_counted(db, "accepted"), 7);
	assert_int_equal(event_counted(db, "rejected"), 0);
}

static void test_types(void **state)
{
	(void)state;
	const struct event_type *paid = event_type_find("주문.결제");
	assert_ptr_equal(paid, event_type_find("order.paid"));
	assert_string_equal(paid->fields[0].name, "order");
	assert_true(paid->fields[0].required && paid->fields[1].type == 'm' &&
	            !paid->fields[2].required);
	assert_null(paid->fields[4].name);
	assert_null(event_type_find("game.played"));
	for (const struct event_type *t = event_types; t->name; t++) {
		assert_true(event_type_wellformed(t->name));
		assert_ptr_equal(event_type_find(t->korean), t);
	}
}

static void test_wellformed(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} cases[] = {{"game.played", true}, {"visit", true}, {"a.b.c_2", true},
	        {"lesson", false}, {"", false}, {".a", false}, {"a.", false},
	        {"a..b", false}, {"Game.played", false}, {"game played.x", false},
	        {"1a.b", false}, {"a.1", false}, {"게임.시작", false},
	        {"a.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	                true},
	        {"a.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	                false}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (event_type_wellformed(cases[i].name) != cases[i].good)
			fail_msg("%s", cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_once),
	        STORE_TEST(test_counters), STORE_TEST(test_types),
	        STORE_TEST(test_wellformed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
