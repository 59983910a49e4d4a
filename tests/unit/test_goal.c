/* Which run an order is credited to, and what takes a goal back. */
#include "store.h"
#include "base/clock.h"
#include "store/goal.h"
#include "store/order.h"
#include "store/report.h"
#include "store/run.h"

#define H INT64_C(3600000)

static int64_t who;

/* A run of a rule that began at that hour; goals are open for a week. */
static int64_t begin(int64_t rule, int hour, bool held_out)
{
	struct run run = {.rule = rule,
	        .customer = who,
	        .version = 1,
	        .started_at = T0 + hour * H,
	        .goal_until = T0 + hour * H + 7 * DAY,
	        .held_out = held_out};
	snprintf(run.occasion, sizeof run.occasion, "%d", hour);
	return run_start(db, &run);
}

static void write_to(
        int64_t id, int step, const char *channel, const char *state, int hour)
{
	run("INSERT INTO message(run, step, leg, rule, customer, channel, template, "
	    "purpose,"
	    " state, planned_at, sent_at) VALUES (%lld, %d, 0, 'r', %lld, '%s', 't', "
	    "'ad',"
	    " '%s', %lld, %lld)",
	        (long long)id, step, (long long)who, channel, state,
	        (long long)(T0 + hour * H), (long long)(T0 + hour * H));
}

static struct order_change sale(const char *ref, int hour, int64_t total)
{
	return (struct order_change){.source = "pos",
	        .ref = ref,
	        .customer = who,
	        .time = T0 + hour * H,
	        .has_total = total >= 0,
	        .total = total};
}

static struct event told(const char *type, const char *ref, int hour)
{
	return (struct event){.id = 1,
	        .source = "pos",
	        .eid = "e",
	        .type = type,
	        .customer = who,
	        .time = T0 + hour * H,
	        .order = ref};
}

/* Runs in the order they are listed; the order was paid at hour 10 and meets the goals of
 * all of them. */
struct candidate {
	int began;
	bool held_out;
	const char *channel, *state; /* of its message; NULL: none */
	int sent;
};

static void test_credit(void **state)
{
	static const struct {
		const char *what;
		struct candidate runs[3];
		int credited; /* which of them; -1: none */
	} cases[] = {
	        {"one", {{1, false, "sms", "accepted", 1}}, 0},
	        {"delivered is accepted", {{1, false, "sms", "delivered", 1}}, 0},
	        {"at that very instant", {{1, false, "sms", "accepted", 10}}, 0},
	        {"the later to begin",
	                {{1, false, "sms", "accepted", 1},
	                        {2, false, "sms", "accepted", 2}},
	                1},
	        {"whatever the order of the rows",
	                {{2, false, "sms", "accepted", 2},
	                        {1, false, "sms", "accepted", 1}},
	                0},
	        {"to begin, not to be written",
	                {{2, false, "sms", "accepted", 3},
	                        {1, false, "sms", "accepted", 9}},
	                0},
	        {"at once: the one put down later",
	                {{2, false, "sms", "accepted", 3},
	                        {2, false, "sms", "accepted", 3}},
	                1},
	        {"not written to before the order",
	                {{1, false, "sms", "accepted", 1},
	                        {2, false, "sms", "accepted", 11}},
	                0},
	        {"failed since",
	                {{1, false, "sms", "accepted", 1},
	                        {2, false, "sms", "failed", 2}},
	                0},
	        {"nobody knows", {{2, false, "sms", "unknown", 2}}, -1},
	        {"no message",
	                {{1, false, "email", "accepted", 1}, {2, false, NULL, NULL, 0}},
	                0},
	        {"a message to the owner is none",
	                {{1, false, "sms", "accepted", 1},
	                        {2, false, "owner", "accepted", 2}},
	                0},
	        {"nor is one to a machine", {{2, false, "post", "accepted", 2}}, -1},
	        {"held out", {{1, false, "sms", "accepted", 1}, {2, true, NULL, NULL, 0}},
	                0},
	        {"nobody but the held out", {{2, true, NULL, NULL, 0}}, -1},
	};
	(void)state;
	who = add_customer("C", NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char ref[16];
		int64_t ids[3] = {0}, order, credited;
		snprintf(ref, sizeof ref, "A%zu", i);
		struct order_change paid = sale(ref, 10, 1000);
		struct event event = told("order.paid", ref, 10);
		order = order_pay(db, &paid);
		for (int k = 0; k < 3 && cases[i].runs[k].began; k++) {
			const struct candidate *c = &cases[i].runs[k];
			ids[k] = begin((int64_t)i * 10 + k, c->began, c->held_out);
			if (c->state)
				write_to(ids[k], 0, c->channel, c->state, c->sent);
			assert_true(goal_meet(db, ids[k], &event));
		}
		credited = goal_credited(db, order);
		if (credited != (cases[i].credited < 0 ? 0 : ids[cases[i].credited]))
			fail_msg("%s: run %lld", cases[i].what, (long long)credited);
	}
}

static bool stands(int64_t id)
{
	struct arena *arena = arena_new();
	struct goal_met met[8];
	bool found = false;
	for (int n = goal_of_run(db, id, arena, met, 8); n-- > 0;)
		found = found || !met[n].taken_back;
	arena_free(arena);
	return found;
}

static void test_taken_back(void **state)
{
	(void)state;
	who = add_customer("C", NULL);
	int64_t id = begin(1, 1, false);
	struct event event = told("order.paid", "A", 3),
	             later = told("order.paid", "A", 4),
	             other = told("order.paid", "B", 5), visit = told("visit", NULL, 6);
	struct order_change paid = sale("A", 3, 1000), part = sale("A", 5, 400),
	                    rest = sale("A", 6, 600), all = sale("B", 4, -1),
	                    second = sale("B", 5, 700);
	assert_false(stands(id));
	order_pay(db, &paid);
	assert_true(goal_meet(db, id, &event));
	assert_true(stands(id));
	/* The same payment told again at a later time is no second one. */
	order_pay(db, &paid);
	assert_false(goal_meet(db, id, &later));
	assert_int_equal(ask("SELECT count(*) FROM goal"), 1);
	order_refund(db, &part);
	assert_true(stands(id));
	order_refund(db, &rest);
	assert_false(stands(id));
	/* Cancelled before its payment was told of: never met. */
	all.time = T0 + 8 * H;
	order_cancel(db, &all);
	order_pay(db, &second);
	assert_false(goal_meet(db, id, &other));
	assert_false(stands(id));
	/* Paid anew it stands again. */
	second.time = other.time = T0 + 9 * H;
	order_pay(db, &second);
	assert_true(goal_meet(db, id, &other));
	assert_true(stands(id));
	/* What is no order cannot be taken back. */
	int64_t another = begin(2, 1, false);
	assert_true(goal_meet(db, another, &visit) && stands(another));
	visit.time += H;
	assert_true(goal_meet(db, another, &visit));
	assert_int_equal(ask("SELECT count(*) FROM goal WHERE order_id IS NULL"), 1);
	assert_int_equal(goal_credited(db, 4711), 0);
}

static void test_sure(void **state)
{
	static const struct {
		struct report_side written, kept;
		bool sure;
	} cases[] = {
	        {{1000, 100, 0}, {1000, 50, 0}, true},
	        {{1000, 50, 0}, {1000, 100, 0}, true}, /* it may do harm */
	        {{1000, 60, 0}, {1000, 50, 0}, false},
	        {{5, 5, 0}, {1, 0, 0}, false}, /* too few for anything */
	        {{900, 90, 0}, {100, 1, 0}, true},
	        {{900, 90, 0}, {40, 0, 0}, false},
	        {{900, 0, 0}, {100, 0, 0}, false},
	        {{900, 900, 0}, {100, 100, 0}, false},
	        {{0, 0, 0}, {0, 0, 0}, false},
	        {{100, 10, 0}, {0, 0, 0}, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct report_rule rule = {
		        .written = cases[i].written, .kept = cases[i].kept};
		if (report_sure(&rule) != cases[i].sure)
			fail_msg("case %zu", i);
	}
}

/* One rule's figures, begun from hour `from` on. */
static struct report_rule figures(const char *name, int from)
{
	struct report report;
	struct report_rule rule = {0};
	assert_true(report_ask(db, name, T0 + from * H, INT64_MAX, T0 + DAY,
	        clock_mono() + 60000, &report));
	assert_int_equal(report.n, 1);
	rule = report.rules[0];
	report_fini(&report);
	return rule;
}

static void test_figures(void **state)
{
	struct rule_row row, other;
	struct report report;
	(void)state;
	who = add_customer("C", NULL);
	rule_row_get(db, "a", T0, &row);
	rule_row_set_version(db, row.id, 1, true, T0);
	rule_row_get(db, "b", T0, &other);
	rule_row_set_version(db, other.id, 1, true, T0);
	rule_row_get(db, "api", T0, &(struct rule_row){0});
	struct order_change paid = sale("A", 3, 1000), part = sale("A", 5, 400);
	struct event event = told("order.paid", "A", 3);
	order_pay(db, &paid);
	int64_t first = begin(row.id, 1, false), second = begin(other.id, 2, false),
	        kept = begin(row.id, 2, true);
	write_to(first, 0, "sms", "delivered", 1);
	write_to(first, 1, "sms", "accepted", 2);
	write_to(first, 2, "email", "dropped", 2);
	write_to(second, 0, "sms", "accepted", 2);
	run_spend(db, row.id, who, "spent", 1, T0 + H, "missed");
	for (int64_t ids[] = {first, second, kept}, *id = ids; id < ids + 3; id++) {
		assert_true(goal_meet(db, *id, &event));
		run_goal(db, *id, event.time);
	}
	order_refund(db, &part);
	struct report_rule a = figures("a", 0), b = figures("b", 0);
	assert_true(a.runs == 2 && a.held_out == 1 && !a.removed);
	assert_true(a.written.runs == 1 && a.written.met == 1 && a.written.open == 1);
	assert_true(a.kept.runs == 1 && a.kept.met == 1);
	assert_true(a.orders == 0 && a.revenue == 0);
	assert_true(a.n_channels == 1 && a.channels[0].accepted == 2 &&
	            a.channels[0].delivered == 1);
	assert_string_equal(a.channels[0].name, "sms");
	assert_true(b.orders == 1 && b.revenue == 600 && b.written.met == 1);
	a = figures("a", 2);
	assert_true(a.runs == 1 && a.held_out == 1 && a.n_channels == 0);
	/* What the daemon sends for itself is no rule's; a removed rule is told of where
	 * it began something. */
	rule_row_remove(db, other.id, T0 + DAY);
	assert_true(
	        report_ask(db, NULL, T0, INT64_MAX, T0, clock_mono() + 60000, &report));
	assert_true(report.n == 2 && report.rules[1].removed);
	report_fini(&report);
	assert_true(report_ask(
	        db, NULL, T0 + DAY, INT64_MAX, T0, clock_mono() + 60000, &report));
	assert_int_equal(report.n, 1);
	report_fini(&report);
	assert_true(report_knows(db, "b") && !report_knows(db, "api") &&
	            !report_knows(db, "none"));
	assert_false(report_ask(db, NULL, T0, INT64_MAX, T0, clock_mono() - 1, &report));
	report_fini(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_credit),
	        STORE_TEST(test_taken_back), STORE_TEST(test_sure),
	        STORE_TEST(test_figures)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
