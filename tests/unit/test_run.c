/* Runs once per occasion, what is due, what limits count; and the rows of rules. */
#include <time.h>
#include "store.h"
#include "base/clock.h"
#include "store/customer.h"
#include "store/message.h"
#include "store/run.h"
#include "store/skip.h"
#include "store/trace.h"
#include "store/waiting.h"

static int64_t start(int64_t rule, int64_t who, const char *occasion, int64_t time)
{
	struct run run = {.rule = rule,
	        .customer = who,
	        .version = 1,
	        .started_at = time,
	        .due_at = time,
	        .goal_until = time + DAY};
	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	return run_start(db, &run);
}

static void test_once(void **state)
{
	struct run run;
	(void)state;
	int64_t id = start(1, 5, "2026", T0);
	assert_true(id > 0);
	assert_int_equal(start(1, 5, "2026", T0), 0);
	assert_true(start(1, 6, "2026", T0) && start(2, 5, "2026", T0) &&
	            start(1, 5, "2027", T0));
	assert_true(run_taken(db, 1, 5, "2026") && !run_taken(db, 1, 5, "2028"));
	assert_true(run_spend(db, 1, 5, "2028", 1, T0, "missed"));
	assert_false(run_spend(db, 1, 5, "2028", 1, T0, "missed"));
	assert_int_equal(start(1, 5, "2028", T0), 0);
	assert_true(run_get(db, id, &run));
	assert_int_equal(run.pc, 0);
	assert_true(run.due_at == T0);
	assert_string_equal(run.occasion, "2026");
	assert_string_equal(run.reason, "");
	assert_false(run_get(db, 4711, &run));
}

static void test_moving(void **state)
{
	struct run run, due[8];
	(void)state;
	assert_int_equal(run_next_due(db), 0);
	int64_t a = start(1, 5, "a", T0), b = start(1, 6, "b", T0 - 5),
	        c = start(1, 7, "c", T0 + 5);
	assert_int_equal(run_due(db, T0, due, 8), 2);
	assert_true(due[0].id == b && due[1].id == a);
	assert_int_equal(run_due(db, T0 + 9, due, 1), 1);
	run_move(db, b, 3, T0 + 100, T0);
	run_move(db, c, 1, 0, T0);
	assert_true(run_next_due(db) == T0);
	run_end(db, a, "done", T0 + 1);
	run_end(db, a, "erased", T0 + 2);
	run_move(db, a, 9, T0, T0);
	assert_true(run_get(db, a, &run));
	assert_string_equal(run.reason, "done");
	assert_int_equal(run.pc, 0);
	assert_true(run.ended_at == T0 + 1 && run.due_at == 0);
	assert_true(run_next_due(db) == T0 + 100);
	assert_int_equal(run_open(db, 1, 5), 0);
	assert_int_equal(run_open(db, 1, 6), b);
	assert_int_equal(run_open(db, 2, 6), 0);
	/* Open ones, and ended ones until their goal is over, met or not. */
	assert_int_equal(run_of_customer(db, 5, T0, due, 8), 1);
	run_goal(db, a, T0 + 3);
	run_goal(db, a, T0 + 4);
	assert_int_equal(run_of_customer(db, 5, T0 + DAY - 1, due, 8), 1);
	assert_true(due[0].goal_at == T0 + 3);
	assert_int_equal(run_of_customer(db, 5, T0 + DAY, due, 8), 0);
	assert_int_equal(run_of_customer(db, 6, T0 + 9 * DAY, due, 8), 1);
}

static void test_count(void **state)
{
	static const struct {
		int64_t rule, customer;
		int from, to;
		int64_t n;
	} cases[] = {{1, 5, 0, 10, 2}, {1, 5, 1, 10, 1}, {1, 5, 0, 2, 1},
	        {1, 0, 0, 10, 3}, {2, 5, 0, 10, 1}, {2, 0, 0, 10, 1}, {3, 5, 0, 10, 0}};
	(void)state;
	run_planned(db, start(1, 5, "a", T0));
	run_planned(db, start(1, 5, "b", T0 + 2));
	run_planned(db, start(1, 6, "c", T0));
	start(1, 5, "not planned", T0);
	run_spend(db, 1, 5, "spent", 1, T0, "missed");
	struct run held = {.rule = 2,
	        .customer = 5,
	        .version = 1,
	        .started_at = T0,
	        .held_out = true,
	        .occasion = "d"};
	run_start(db, &held);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (run_count(db, cases[i].rule, cases[i].customer, T0 + cases[i].from,
		            T0 + cases[i].to) != cases[i].n)
			fail_msg("case %zu", i);
}

static void test_address(void **state)
{
	(void)state;
	int64_t a = add_customer("A", "+821011112222"),
	        b = add_customer("B", "+821011112222");
	int64_t c = add_customer("C", NULL), d = add_customer("D", NULL);
	start(1, a, "x", T0);
	start(1, c, "x", T0);
	assert_true(run_address_taken(db, 1, b, "x"));
	assert_false(
	        run_address_taken(db, 1, a, "x") || run_address_taken(db, 1, b, "y") ||
	        run_address_taken(db, 2, b, "x") || run_address_taken(db, 1, d, "x"));
	run_spend(db, 1, b, "z", 1, T0, "missed");
	assert_false(run_address_taken(db, 1, a, "z"));
	run_sql("UPDATE customer SET email_key = x'01' WHERE phone_key IS NULL");
	assert_true(run_address_taken(db, 1, d, "x"));
}

/* All that waits of a rule; returns in how many slices. A kill between two of them loses
 * how far it came. */
static int end_rule(int64_t rule, int effort)
{
	struct ending ending = {.rule = rule};
	int slices = 1, left = effort;

	waiting_begin(db, rule, T0 + 1);
	while (waiting_slice(db, &ending, &left, T0 + 1)) {
		assert_int_equal(waiting_endings(db, &(int64_t){0}, 1), 1);
		assert_int_equal(db_turn_end(db), DB_OK);
		left = effort;
		if (slices++ == 7)
			ending = (struct ending){.rule = rule};
	}
	assert_int_equal(waiting_endings(db, &(int64_t){0}, 1), 0);
	return slices;
}

static void test_end_rule(void **state)
{
	struct rule_row row;
	(void)state;
	rule_row_get(db, "r", T0, &row);
	for (int i = 0; i < 300; i++) {
		int64_t run = start(row.id, i + 1, "x", T0);
		message_plan(db, &(struct message){.run = run,
		                         .rule = "r",
		                         .customer = i + 1,
		                         .channel = "sms",
		                         .template = "t",
		                         .purpose = "ad",
		                         .planned_at = T0});
	}
	start(row.id + 1, 1, "x", T0);
	assert_int_equal(end_rule(row.id, 1000000), 1);
	assert_int_equal(waiting_ended(db, row.id).runs, 300);
	assert_int_equal(waiting_ended(db, row.id).messages, 300);
	end_rule(row.id, 1000000);
	assert_int_equal(waiting_ended(db, row.id).runs, 0);
	assert_int_equal(ask("SELECT count(*) FROM message WHERE state = 'dropped' AND "
	                     "reason = 'rule_off'"),
	        300);
	assert_int_equal(ask("SELECT count(*) FROM run WHERE ended_at IS NULL"), 1);
	assert_int_equal(message_waiting(db, "sms"), 0);
}

#define CROWD 20000

/* Very many open runs, half of them of another rule, some with a code and a message: in
 * slices that are short, to the last one, with true totals. */
/* Of this process: what others do on the machine is no turn of ours. */
static int64_t cpu_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

static void test_end_in_slices(void **state)
{
	struct rule_row row, other;
	int64_t began, longest = 0;
	struct ending ending;
	bool more = true;

	(void)state;
	rule_row_get(db, "r", T0, &row);
	rule_row_get(db, "s", T0, &other);
	for (int i = 1; i <= CROWD; i++)
		start(i % 2 ? row.id : other.id, i / 2, "x", T0);
	run("INSERT INTO coupon(bare, code, coupon, run, state) SELECT id, id, 'c', id,"
	    " 'reserved' FROM run WHERE rule = %d AND customer %% 3 = 0",
	        (int)row.id);
	for (int i = 0; i < 300; i++)
		message_plan(db, &(struct message){.run = ask("SELECT max(id) FROM run") -
		                                          1 - 2 * i,
		                         .rule = "r",
		                         .channel = "sms",
		                         .template = "t",
		                         .purpose = "ad",
		                         .planned_at = T0});
	db_turn_end(db);
	waiting_begin(db, row.id, T0);
	for (ending = (struct ending){.rule = row.id}; more;) {
		int effort = ENDING_EFFORT;
		began = cpu_ms();
		more = waiting_slice(db, &ending, &effort, T0);
		db_turn_end(db);
		if (cpu_ms() - began > longest)
			longest = cpu_ms() - began;
	}
	assert_in_range(longest, 0, 20);
	assert_int_equal(waiting_ended(db, row.id).runs, CROWD / 2);
	assert_int_equal(waiting_ended(db, row.id).messages, 300);
	assert_int_equal(waiting_ended(db, row.id).coupons,
	        ask("SELECT count(*) FROM coupon WHERE state = 'void'"));
	assert_int_equal(
	        ask("SELECT count(*) FROM run WHERE ended_at IS NULL"), CROWD / 2);
	assert_int_equal(
	        ask("SELECT count(*) FROM run WHERE reason = 'rule_off'"), CROWD / 2);
	assert_int_equal(message_waiting(db, "sms"), 0);
}

/* Undone slices, or a process that was killed, begin again with what is left. */
static void test_end_again(void **state)
{
	struct rule_row row;

	(void)state;
	rule_row_get(db, "r", T0, &row);
	for (int i = 1; i <= 1000; i++)
		start(row.id, i, "x", T0);
	assert_true(end_rule(row.id, 100) > 50);
	assert_int_equal(waiting_ended(db, row.id).runs, 1000);
	assert_int_equal(ask("SELECT count(*) FROM run WHERE ended_at IS NULL"), 0);
}

static void count_rows(void *arg, const char *name, const struct rule_row *row)
{
	struct rule_row again;
	assert_true(rule_row_find(db, name, &again) && again.id == row->id);
	(*(int *)arg)++;
}

static void test_rows(void **state)
{
	struct rule_row row;
	int n = 0;
	(void)state;
	assert_false(rule_row_find(db, "r", &row));
	rule_row_get(db, "r", T0, &row);
	int64_t id = row.id;
	assert_true(row.since == T0 && row.cursor == T0 && !row.active);
	rule_row_activate(db, id, true, T0 + 5);
	rule_row_activate(db, id, true, T0 + 9);
	rule_row_set_cursor(db, id, T0 + 7);
	rule_row_set_sweep(db, id, T0 + 6, 0, 2);
	rule_row_set_off(db, id, true);
	rule_row_set_paused(db, id, true);
	rule_row_set_version(db, id, 3, false, T0 + 9);
	rule_row_get(db, "r", T0 + 100, &row);
	assert_true(row.id == id && row.active && row.owner_off && row.paused &&
	            row.since == T0 + 5 && row.cursor == T0 + 7 &&
	            row.sweep_now == T0 + 6 && row.sweep_version == 2 &&
	            row.version == 3);
	rule_row_set_version(db, id, 4, true, T0 + 9);
	rule_row_set_off(db, id, false);
	assert_true(rule_row_find(db, "r", &row));
	assert_true(row.since == T0 + 9 && row.cursor == T0 + 9 && !row.sweep_now &&
	            row.version == 4 && !row.owner_off);
	rule_row_activate(db, id, false, T0 + 10);
	rule_row_remove(db, id, T0 + 11);
	assert_true(
	        rule_row_find(db, "r", &row) && row.removed_at == T0 + 11 && !row.active);
	rule_row_get(db, "r", T0 + 12, &row);
	assert_true(row.removed_at == 0 && row.since == T0 + 9);
	/* A new name takes the old one's messages and figures along; a taken one is
	 * refused. */
	rule_row_get(db, "other", T0, &row);
	assert_false(
	        rule_row_rename(db, "r", "other") || rule_row_rename(db, "none", "s"));
	message_plan(db, &(struct message){.run = 1,
	                         .rule = "r",
	                         .customer = 1,
	                         .channel = "sms",
	                         .template = "t",
	                         .purpose = "ad",
	                         .planned_at = T0});
	assert_true(rule_row_rename(db, "r", "s"));
	assert_true(rule_row_find(db, "s", &row) && row.id == id);
	assert_int_equal(
	        ask("SELECT n FROM tally WHERE rule = 's' AND state = 'planned'"), 1);
	assert_int_equal(ask("SELECT count(*) FROM tally WHERE rule = 'r'"), 0);
	rule_each(db, count_rows, &n);
	assert_int_equal(n, 2);
	int64_t version = rule_version_get(db, id, "h1", "text", T0);
	assert_int_equal(rule_version_get(db, id, "h1", "text", T0), version);
	assert_true(rule_version_get(db, id, "h2", "text2", T0) != version);
	char *source = rule_version_source(db, version), *name = rule_row_name(db, id);
	assert_string_equal(source, "text");
	assert_string_equal(name, "s");
	free(source);
	free(name);
	assert_null(rule_version_source(db, 4711));
}

static void test_skips(void **state)
{
	struct skip found[SKIP_REASONS];
	struct profile who = {.ref = "C1"};
	int64_t id;
	(void)state;
	customer_upsert(db, &who, T0, &id);
	skip_note(db, id, 1, SKIP_LIMIT, "a", T0);
	skip_note(db, id, 1, SKIP_LIMIT, "b", T0 + 1);
	skip_note(db, id, 1, SKIP_LIMIT, "b", T0 + 2); /* a sweep that was made again */
	skip_note(db, id, 1, SKIP_CONDITION, "c", T0);
	skip_note(db, id, 2, SKIP_LIMIT, "a", T0);
	skip_note(db, 0, 1, SKIP_LIMIT, "a", T0);
	skip_note(db, id + 1, 1, SKIP_LIMIT, "a", T0); /* nobody's */
	assert_int_equal(ask("SELECT count(*) FROM skip"), 3);
	assert_int_equal(skip_of(db, id, 1, found), 2);
	assert_string_equal(found[0].reason, SKIP_CONDITION);
	assert_string_equal(found[1].occasion, "b");
	assert_true(found[1].n == 2 && found[1].at == T0 + 2);
	assert_true(customer_erase(db, id, T0));
	assert_int_equal(ask("SELECT count(*) FROM skip"), 0);
	assert_null(skip_text("done"));
	assert_non_null(skip_text(SKIP_NTH));
}

/* Who began and counts, in the order in which they began. */
static void test_filled(void **state)
{
	(void)state;
	for (int i = 1; i <= 4; i++) {
		struct run run = {.rule = 1,
		        .customer = i,
		        .event = 10 + i,
		        .started_at = T0,
		        .planned = i != 2};
		snprintf(run.occasion, sizeof run.occasion, "o");
		run_start(db, &run);
	}
	assert_int_equal(trace_filled(db, 1, 1), 11);
	assert_int_equal(trace_filled(db, 1, 2), 13);
	assert_int_equal(trace_filled(db, 1, 3), 14);
	assert_int_equal(trace_filled(db, 1, 4), 0);
	assert_int_equal(trace_filled(db, 2, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_once), STORE_TEST(test_moving),
	        STORE_TEST(test_count), STORE_TEST(test_address),
	        STORE_TEST(test_end_rule), STORE_TEST(test_end_in_slices),
	        STORE_TEST(test_end_again), STORE_TEST(test_rows), STORE_TEST(test_skips),
	        STORE_TEST(test_filled)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
