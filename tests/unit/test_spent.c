/* Spending: whatever becomes of messages, the rows are the sum of their prices. */
#include "store.h"
#include "store/message.h"
#include "store/spent.h"

#define TODAY 20780

static int64_t plan_one(int64_t run, const char *purpose)
{
	return message_plan(db, &(struct message){.run = run,
	                                .rule = "r",
	                                .customer = 1,
	                                .channel = "sms",
	                                .template = "t",
	                                .purpose = purpose,
	                                .planned_at = T0});
}

static void hand(int64_t id, int64_t won, int32_t day)
{
	struct arena *arena = arena_new();
	struct message m;

	assert_true(message_get(db, id, arena, &m));
	message_hand(db, &m,
	        &(struct message_leaving){.address = "+821012345678",
	                .provider = "outbox",
	                .priced = won >= 0,
	                .won = won,
	                .by = m.channel,
	                .day = day},
	        T0);
	arena_free(arena);
}

static void in_balance(int64_t won)
{
	assert_int_equal(spent_sum(db, "sms", TODAY, TODAY + 31), won);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(spent_sum(db, "sms", TODAY, TODAY + 31), won);
	assert_int_equal(ask("SELECT coalesce(sum(won), 0) FROM spent"), won);
	assert_int_equal(ask("SELECT sum(coalesce(price, 0) + coalesce(sunk, 0))"
	                     " FROM message"),
	        won);
	assert_int_equal(ask("SELECT coalesce(sum(n), 0) FROM spent"),
	        ask("SELECT count(price) + count(sunk) FROM message"));
}

static void move(int64_t id, enum message_state to)
{
	message_set_state(db, id, to, REASON_NONE, T0, T0);
}

static void test_states(void **state)
{
	int64_t ids[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		ids[i] = plan_one(i + 1, i % 2 ? "info" : "ad");
		hand(ids[i], 10, TODAY + i % 3);
	}
	in_balance(60);
	move(ids[0], MESSAGE_ACCEPTED);
	move(ids[1], MESSAGE_ACCEPTED);
	move(ids[1], MESSAGE_DELIVERED);
	move(ids[2], MESSAGE_UNKNOWN);
	in_balance(60);
	move(ids[0], MESSAGE_FAILED); /* a receipt said so */
	in_balance(50);
	move(ids[3], MESSAGE_PLANNED); /* it was not taken */
	in_balance(40);
	move(ids[2], MESSAGE_PLANNED); /* it is not there */
	in_balance(30);
	hand(ids[3], 9, TODAY + 5);
	move(ids[4], MESSAGE_FAILED);
	move(ids[4], MESSAGE_PLANNED);
	in_balance(29);
	hand(ids[4], -1, TODAY); /* nobody says what it costs */
	in_balance(29);
}

static void test_unknown_stands(void **state)
{
	int64_t again = plan_one(1, "info"), dropped = plan_one(2, "info");

	(void)state;
	hand(again, 9, TODAY);
	move(again, MESSAGE_UNKNOWN);
	spent_stands(db, again);
	move(again, MESSAGE_PLANNED);
	in_balance(9);
	hand(again, 30, TODAY + 1);
	in_balance(39);
	move(again, MESSAGE_FAILED);
	in_balance(9);
	hand(dropped, 9, TODAY);
	move(dropped, MESSAGE_UNKNOWN);
	move(dropped, MESSAGE_DROPPED);
	move(dropped, MESSAGE_PLANNED);
	hand(dropped, 9, TODAY);
	in_balance(27);
}

/* What a turn or a part of it had added is gone with it, and so are the rows it made. */
static void test_undone(void **state)
{
	int64_t id = plan_one(1, "ad"), other = plan_one(2, "ad");
	int mark;

	(void)state;
	assert_int_equal(db_turn_end(db), DB_OK);
	hand(id, 9, TODAY);
	assert_int_equal(spent_sum(db, "sms", TODAY, TODAY + 1), 9);
	db_fail_next_commit(db, DB_FULL);
	assert_int_equal(db_turn_end(db), DB_FULL);
	in_balance(0);
	hand(id, 9, TODAY);
	mark = db_mark(db);
	hand(other, 30, TODAY + 1);
	assert_int_equal(spent_sum(db, "sms", TODAY, TODAY + 31), 39);
	db_mark_undo(db, mark);
	in_balance(9);
	hand(other, 30, TODAY + 1);
	in_balance(39);
}

static void add_name(void *arg, const char *channel, int64_t won)
{
	char *said = arg;

	sprintf(said + strlen(said), "%s %lld ", channel, (long long)won);
}

/* More rows in a turn than are kept in mind, and each channel's own sum. */
static void test_many(void **state)
{
	char said[128] = "";
	struct spent_key key = {.provider = "outbox", .purpose = "ad"};

	(void)state;
	for (int i = 0; i < 400; i++) {
		key.day = TODAY + i / 2;
		key.channel = i % 2 ? "sms" : "push";
		spent_add(db, &key, i % 2 ? 9 : 1);
		assert_int_equal(spent_sum(db, "push", TODAY, TODAY + 31),
		        (i < 62 ? i : 61) / 2 + 1);
	}
	spent_each(db, TODAY, TODAY + 31, add_name, said);
	assert_string_equal(said, "push 31 sms 279 ");
	assert_int_equal(ask("SELECT count(*) FROM spent"), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_states, store_open, store_close),
	        cmocka_unit_test_setup_teardown(
	                test_unknown_stands, store_open, store_close),
	        cmocka_unit_test_setup_teardown(test_undone, store_open, store_close),
	        cmocka_unit_test_setup_teardown(test_many, store_open, store_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
