/* The blast guard: how many a rule may start, as a table; what it holds, lets go, drops;
 * and what waits of a rule that ends. */
#include "store.h"
#include "base/clock.h"
#include "engine/guard.h"
#include "engine/trigger.h"
#include "store/guarded.h"
#include "store/waiting.h"

#define HOUR INT64_C(3600000)
#define NOW (T0 / HOUR * HOUR)

static struct shop shop;
static struct engine engine;
static struct rule_state states[1];
static struct leg leg = {.channel = "sms", .template = "t"};
static struct op ops[] = {{.kind = OP_SEND, .legs = &leg, .n_legs = 1}, {.kind = OP_END}};
static struct rule rule = {
        .name = "r", .purpose = PURPOSE_AD, .late_ms = 2 * HOUR, .ops = ops, .n_ops = 2};

static void new_rule(int floor)
{
	static struct zone *zone;
	if (!zone)
		zone = zone_open("Asia/Seoul");
	shop = (struct shop){.guard = floor, .zone = zone};
	shop.hold_max_ms = DAY;
	engine =
	        (struct engine){.db = db, .shop = &shop, .states = states, .n_states = 1};
	states[0] = (struct rule_state){.rule = &rule};
	rule_row_get(db, "r", NOW - DAY, &states[0].row);
}

static void started(int64_t hours_ago, int n)
{
	for (int i = 0; i < n; i++)
		guarded_count(db, states[0].row.id, NOW / HOUR - hours_ago, 0);
}

static int64_t may(void)
{
	return guard_look(&engine, &states[0], NOW).allowed;
}

static void test_allowance(void **state)
{
	static const struct {
		const char *what;
		int floor;
		struct {
			int hours_ago, n;
		} history[4];
		bool approved;
		int up_to;
		int64_t allowed, started;
	} cases[] = {
	        {"nothing known", 50, {{0}}, false, 0, 50, 0},
	        {"never approved, whatever it started", 50, {{48, 40}}, false, 0, 50, 0},
	        {"approved: three times the most", 50, {{48, 40}}, true, 0, 120, 0},
	        {"at least the floor", 50, {{48, 5}}, true, 0, 50, 0},
	        {"two hours of one day add up", 10, {{50, 8}, {30, 7}}, true, 0, 45, 0},
	        {"24 hours apart they do not", 10, {{54, 8}, {30, 7}}, true, 0, 24, 0},
	        {"the last day itself is not the measure", 10, {{23, 90}}, true, 0, 10,
	                90},
	        {"a day ago it is", 10, {{24, 90}}, true, 0, 270, 0},
	        {"60 days back", 10, {{24 * 60 + 23, 90}}, true, 0, 270, 0},
	        {"no further", 10, {{24 * 60 + 24, 90}}, true, 0, 10, 0},
	        {"a number that was approved", 10, {{48, 5}}, true, 700, 700, 0},
	        {"takes nothing away", 10, {{48, 300}}, true, 700, 900, 0},
	        {"no floor: nothing goes unasked", 0, {{48, 300}}, false, 0, 0, 0},
	        {"none: no say", -1, {{48, 300}}, true, 0, -1, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		db_turn_end(db);
		int mark = db_mark(db);
		new_rule(cases[i].floor);
		for (int h = 0; h < 4 && cases[i].history[h].n; h++)
			started(cases[i].history[h].hours_ago, cases[i].history[h].n);
		if (cases[i].approved)
			guard_approve(&engine, &states[0], cases[i].up_to, NOW);
		struct guard_figures it = guard_look(&engine, &states[0], NOW);
		if (it.allowed != cases[i].allowed || it.started != cases[i].started)
			fail_msg("%s: %lld allowed, %lld started", cases[i].what,
			        (long long)it.allowed, (long long)it.started);
		db_mark_undo(db, mark);
	}
}

/* As a trigger begins a run of one message. */
static enum guard_verdict begin(int64_t customer)
{
	enum guard_verdict verdict = guard_ask(&engine, &states[0], NOW);
	struct run run = {.rule = states[0].row.id,
	        .customer = customer,
	        .started_at = NOW,
	        .ended_at = NOW,
	        .planned = 1,
	        .occasion = "x",
	        .reason = "done"};
	struct message message = {.rule = "r",
	        .customer = customer,
	        .channel = "sms",
	        .template = "t",
	        .purpose = "ad",
	        .planned_at = NOW,
	        .due_at = NOW};
	if (verdict == GUARD_DROP)
		return verdict;
	message.run = run_start(db, &run);
	guard_began(&engine, &states[0], verdict, message.run, NOW);
	guard_message(&engine, &rule, message.run, message_plan(db, &message), NOW);
	return verdict;
}

#define HELD "SELECT count(*) FROM message WHERE state = 'held' AND due_at IS NULL"
#define PLANNED "SELECT count(*) FROM message WHERE state = 'planned' AND rule = 'r'"
#define DROPPED "SELECT count(*) FROM message WHERE state = 'dropped'"

static void test_hold_and_release(void **state)
{
	(void)state;
	new_rule(3);
	for (int i = 1; i <= 10; i++)
		assert_int_equal(begin(i), i <= 3 ? GUARD_GO : GUARD_HOLD);
	assert_int_equal(ask(HELD), 7);
	assert_int_equal(guard_release(&engine, &states[0], false, 32, NOW), 0);
	guard_approve(&engine, &states[0], 5, NOW);
	assert_int_equal(guard_release(&engine, &states[0], false, 32, NOW), 2);
	assert_int_equal(ask(PLANNED), 5);
	assert_int_equal(
	        ask("SELECT min(customer) FROM message WHERE state = 'held'"), 6);
	guard_approve(&engine, &states[0], 0, NOW);
	assert_int_equal(guard_release(&engine, &states[0], true, 4, NOW), 4);
	assert_int_equal(guard_release(&engine, &states[0], true, 4, NOW), 1);
	assert_int_equal(guard_release(&engine, &states[0], true, 4, NOW), 0);
	guard_released_all(&engine, &states[0], NOW);
	assert_int_equal(ask(PLANNED), 10);
	assert_int_equal(may(), 30);
	assert_int_equal(begin(11), GUARD_GO);
	guarded_changed(db, states[0].row.id);
	states[0].guard_hour = 0;
	assert_int_equal(may(), 3);
}

/* A plain word of approval takes no number back; another number does. */
static void test_a_number_stands(void **state)
{
	(void)state;
	new_rule(3);
	guard_approve(&engine, &states[0], 700, NOW);
	guard_approve(&engine, &states[0], 0, NOW);
	assert_int_equal(may(), 700);
	guard_released_all(&engine, &states[0], NOW);
	assert_int_equal(may(), 700);
	guard_approve(&engine, &states[0], 20, NOW);
	assert_int_equal(may(), 20);
}

static void test_drop_skip_expire(void **state)
{
	(void)state;
	new_rule(1);
	for (int i = 1; i <= 4; i++)
		begin(i);
	assert_int_equal(guard_next_due(&engine), NOW + rule.late_ms);
	assert_int_equal(guard_expire(&engine, 64, NOW + rule.late_ms - 1), 0);
	states[0].row.paused = true;
	assert_int_equal(guard_expire(&engine, 64, NOW + rule.late_ms), 3);
	assert_int_equal(guarded_held(db, states[0].row.id), 3);
	states[0].row.paused = false;
	assert_int_equal(guard_drop(&engine, &states[0], 2, NOW), 2);
	assert_int_equal(guard_expire(&engine, 64, NOW + 9 * HOUR), 1);
	assert_int_equal(ask(DROPPED " AND reason = 'blast_guard'"), 3);
	assert_int_equal(guard_next_due(&engine), 0);
	assert_true(guard_skip(&engine, &states[0], NOW) > NOW);
	assert_int_equal(begin(5), GUARD_DROP);
	guard_approve(&engine, &states[0], 0, NOW);
	assert_int_equal(begin(6), GUARD_HOLD);
}

/* However a run ends, nothing of it stays behind that no word could move. */
static void test_ended_meanwhile(void **state)
{
	int64_t first;
	(void)state;
	new_rule(0);
	for (int i = 1; i <= 4; i++)
		begin(i);
	first = ask("SELECT min(run) FROM guarded");
	run_cancel(db, first, REASON_GOAL_MET, NULL, NOW);
	assert_int_equal(guarded_held(db, states[0].row.id), 3);
	ask("UPDATE run SET reason = 'no_coupon' RETURNING 1");
	guard_approve(&engine, &states[0], 1, NOW);
	assert_int_equal(guard_release(&engine, &states[0], false, 32, NOW), 1);
	assert_int_equal(ask(PLANNED), 1);
	assert_int_equal(guard_expire(&engine, 64, NOW + rule.late_ms), 2);
	assert_int_equal(ask(HELD), 0);
}

/* As a trigger begins a run of several steps; returns it. */
static int64_t begin_open(int64_t customer, const char *occasion)
{
	enum guard_verdict verdict = guard_ask(&engine, &states[0], NOW);
	struct run run = {.rule = states[0].row.id,
	        .customer = customer,
	        .started_at = NOW,
	        .due_at = NOW + HOUR};

	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	run.id = run_start(db, &run);
	guard_began(&engine, &states[0], verdict, run.id, NOW);
	return run.id;
}

/* A run that ends before it has planned anything is held no longer; one whose message is,
 * is. */
static void test_ended_before_its_message(void **state)
{
	int64_t run;
	(void)state;
	new_rule(0);
	run_end(db, begin_open(1, "x"), "unless", NOW);
	assert_int_equal(guarded_held(db, states[0].row.id), 0);
	run = begin_open(2, "x");
	message_set_state(db,
	        message_plan(db, &(struct message){.run = run,
	                                 .rule = "r",
	                                 .channel = "sms",
	                                 .template = "t",
	                                 .purpose = "ad",
	                                 .planned_at = NOW}),
	        MESSAGE_HELD, REASON_BLAST_GUARD, 0, NOW);
	run_end(db, run, "done", NOW);
	assert_int_equal(guarded_held(db, states[0].row.id), 1);
}

/* `again restarts`: what the guard drops takes nobody's place. */
static void test_restart_is_asked_first(void **state)
{
	struct rule again = rule;
	int64_t run;
	(void)state;
	again.again = true;
	new_rule(1);
	states[0].rule = &again;
	run = begin_open(1, "x");
	guard_skip(&engine, &states[0], NOW);
	assert_false(trigger_start(&engine, &states[0], 1, "y", NULL, NOW, NOW));
	assert_int_equal(run_open(db, states[0].row.id, 1), run);
	assert_int_equal(ask("SELECT count(*) FROM run WHERE reason = 'blast_guard'"), 1);
}

static void test_waiting(void **state)
{
	(void)state;
	new_rule(2);
	for (int i = 1; i <= 150; i++)
		begin(i);
	struct ending ending = {.rule = states[0].row.id};
	int effort = 1000000;
	waiting_begin(db, ending.rule, NOW);
	assert_false(waiting_slice(db, &ending, &effort, NOW));
	assert_int_equal(waiting_ended(db, ending.rule).runs, 0);
	assert_int_equal(waiting_ended(db, ending.rule).messages, 150);
	assert_int_equal(ask(DROPPED " AND reason = 'rule_off'"), 150);
	assert_int_equal(guarded_held(db, states[0].row.id), 0);
	assert_int_equal(message_waiting(db, "sms"), 0);
	waiting_begin(db, ending.rule, NOW);
	assert_int_equal(waiting_ended(db, ending.rule).messages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_allowance),
	        STORE_TEST(test_hold_and_release), STORE_TEST(test_a_number_stands),
	        STORE_TEST(test_drop_skip_expire), STORE_TEST(test_ended_meanwhile),
	        STORE_TEST(test_ended_before_its_message),
	        STORE_TEST(test_restart_is_asked_first), STORE_TEST(test_waiting)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
