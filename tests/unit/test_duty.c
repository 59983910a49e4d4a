/* The ledger of the statutory notices follows its messages: told when one is accepted,
 * not told when that fails after all, told by the next leg, and closed for good by a
 * withdrawal. */
#include "store.h"
#include "store/consent.h"
#include "store/duty.h"
#include "store/message.h"
#include "store/run.h"

#define EVENT 77

static void say(int64_t who, const char *channel, bool given, bool told)
{
	struct consent_change change = {.customer = who,
	        .channel = channel,
	        .purpose = "ad",
	        .given = given,
	        .time = T0 + ask("SELECT count(*) FROM consent_log"),
	        .told = told};

	consent_record(db, &change, T0, false);
}

static int64_t plan(int64_t run, int64_t who, int leg)
{
	struct message message = {.run = run,
	        .leg = leg,
	        .rule = DUTY_RESULT_RULE,
	        .customer = who,
	        .channel = leg ? "email" : "sms",
	        .template = DUTY_RESULT_RULE,
	        .purpose = "notice",
	        .planned_at = T0,
	        .due_at = T0};

	return message_plan(db, &message);
}

static int64_t begin(int64_t who)
{
	struct rule_row row;
	struct run run = {.customer = who, .event = EVENT, .occasion = "o"};

	rule_row_get(db, DUTY_RESULT_RULE, T0, &row);
	run.rule = row.id;
	duty_results_begin(db, who, INT64_MAX, EVENT, T0);
	return run_start(db, &run);
}

static void go(int64_t message, enum message_state to)
{
	message_set_state(db, message, to, REASON_NONE, 0, T0 + 5);
}

static void accept(int64_t message)
{
	go(message, MESSAGE_CLAIMED);
	go(message, MESSAGE_HANDED);
	go(message, MESSAGE_ACCEPTED);
}

static void test_what_is_owed(void **state)
{
	int64_t who = add_customer("c", NULL);
	struct arena *arena = arena_new();
	struct duty owed[8];

	(void)state;
	say(who, "sms", true, false);
	say(who, "sms", true, false); /* nothing new */
	say(who, "email", true, true);
	say(who, "data", false, false);
	say(who, CONSENT_GUARDIAN, true, false);
	assert_int_equal(duty_results(db, who, arena, owed, 8), 2);
	assert_string_equal(owed[0].channel, "sms");
	assert_true(owed[0].given);
	assert_string_equal(owed[1].channel, "data");
	assert_false(owed[1].given);
	assert_int_equal(owed[0].by, T0 + 14 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM consent WHERE confirm_from > 0"), 2);
	assert_int_equal(duty_oldest(db), T0);
	assert_int_equal(duty_next_customer(db, T0), who);
	assert_int_equal(duty_next_customer(db, T0 - 1), 0);
	arena_free(arena);
}

static void test_told_by_the_leg_that_arrives(void **state)
{
	int64_t who = add_customer("c", NULL), run, first, second;

	(void)state;
	say(who, "sms", true, false);
	run = begin(who);
	first = plan(run, who, 0);
	assert_int_equal(ask("SELECT message FROM duty"), first);
	accept(first);
	assert_int_equal(ask("SELECT told_at FROM duty"), T0 + 5);
	go(first, MESSAGE_FAILED);
	assert_int_equal(ask("SELECT told_at IS NULL AND ended_at = 1795000000005 AND"
	                     " reason = 'failed' FROM duty"),
	        1);
	second = plan(run, who, 1);
	assert_int_equal(ask("SELECT ended_at IS NULL AND reason IS NULL FROM duty"), 1);
	accept(second);
	go(second, MESSAGE_DELIVERED);
	assert_int_equal(ask("SELECT told_at FROM duty"), T0 + 5);
	assert_int_equal(ask("SELECT message FROM duty"), second);
}

static void test_others_messages_tell_nothing(void **state)
{
	int64_t who = add_customer("c", NULL), other = add_customer("d", NULL);
	struct run run = {.rule = 1, .customer = other, .occasion = "o"};

	(void)state;
	say(who, "sms", true, false);
	begin(who);
	accept(plan(run_start(db, &run), other, 0));
	assert_int_equal(ask("SELECT told_at IS NULL FROM duty"), 1);
}

static void test_taken_back_before_it_was_told(void **state)
{
	int64_t who = add_customer("c", NULL);
	struct arena *arena = arena_new();
	struct duty due;
	int64_t from;

	(void)state;
	say(who, "sms", true, true);
	from = duty_next_confirm(db);
	assert_false(duty_confirm_due(db, from - 1, arena, &due));
	assert_true(duty_confirm_due(db, from, arena, &due));
	duty_confirm_begin(db, &due, EVENT, from);
	assert_true(duty_next_confirm(db) > from + 700 * DAY);
	assert_true(duty_stands(db, EVENT));
	say(who, "sms", false, true);
	assert_false(duty_stands(db, EVENT));
	assert_int_equal(duty_next_confirm(db), 0);
	assert_int_equal(ask("SELECT count(*) FROM duty WHERE reason = 'taken_back'"), 1);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(test_what_is_owed),
	        STORE_TEST(test_told_by_the_leg_that_arrives),
	        STORE_TEST(test_others_messages_tell_nothing),
	        STORE_TEST(test_taken_back_before_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
