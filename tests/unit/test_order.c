/* What orders and carts make of a customer's counters. After every step the counters must
 * equal a recount. */
#include "store.h"
#include "store/order.h"

enum what { PLACE, PAY, CANCEL, REFUND, SHIP };

struct told {
	enum what what;
	const char *source, *ref;
	int hour;
	int64_t total; /* -1: not told */
	/* the counters afterwards */
	int64_t count, sum;
	int first, last; /* hours, -1: none */
};

static void apply(int64_t who, const struct told *t)
{
	struct order_change c = {.source = t->source,
	        .ref = t->ref,
	        .customer = who,
	        .time = T0 + t->hour * 3600000,
	        .has_total = t->total >= 0,
	        .total = t->total};
	switch (t->what) {
	case PLACE:
		order_place(db, &c);
		break;
	case PAY:
		order_pay(db, &c);
		break;
	case CANCEL:
		order_cancel(db, &c);
		break;
	case REFUND:
		order_refund(db, &c);
		break;
	case SHIP:
		order_ship(db, &c, true);
		break;
	}
}

static void read_counters(int64_t out[4])
{
	out[0] = ask("SELECT orders_count FROM customer");
	out[1] = ask("SELECT orders_total FROM customer");
	out[2] = ask("SELECT orders_first_at FROM customer");
	out[3] = ask("SELECT orders_last_at FROM customer");
}

static void check(int64_t who, const struct told *t, size_t i)
{
	int64_t now[4], again[4];
	int64_t first = t->first < 0 ? -1 : T0 + t->first * 3600000;
	int64_t last = t->last < 0 ? -1 : T0 + t->last * 3600000;
	read_counters(now);
	if (now[0] != t->count || now[1] != t->sum || now[2] != first || now[3] != last)
		fail_msg("step %zu: %lld %lld %lld %lld", i, (long long)now[0],
		        (long long)now[1], (long long)(now[2] - T0) / 3600000,
		        (long long)(now[3] - T0) / 3600000);
	order_recount(db, who);
	read_counters(again);
	assert_memory_equal(now, again, sizeof now);
}

static void test_counters(void **state)
{
	static const struct told story[] = {
	        {PLACE, "pos", "A", 1, 1000, 0, 0, -1, -1},
	        {PAY, "pos", "A", 2, 1000, 1, 1000, 2, 2},
	        {PAY, "pos", "A", 3, 1000, 1, 1000, 2, 2}, /* told twice */
	        {PAY, "web", "A", 4, 700, 2, 1700, 2, 4},  /* two tills, one number */
	        {PAY, "pos", "B", 9, 500, 3, 2200, 2, 9},
	        {PAY, "pos", "C", 1, 300, 4, 2500, 1, 9}, /* an older one comes later */
	        {REFUND, "pos", "B", 10, 200, 4, 2300, 1, 9},
	        {REFUND, "pos", "B", 11, 300, 3, 2000, 1,
	                4}, /* now all of it: the last moves back */
	        {CANCEL, "pos", "C", 12, -1, 2, 1700, 2, 4}, /* the first moves on */
	        {CANCEL, "pos", "C", 13, -1, 2, 1700, 2, 4},
	        {PAY, "pos", "C", 14, 300, 3, 2000, 2, 14},   /* paid anew */
	        {CANCEL, "pos", "D", 15, -1, 3, 2000, 2, 14}, /* never heard of */
	        {PAY, "pos", "D", 8, 900, 3, 2000, 2,
	                14}, /* its payment comes after its end */
	        {REFUND, "pos", "A", 16, -1, 2, 1000, 4, 14},
	        {SHIP, "pos", "C", 17, -1, 2, 1000, 4, 14},
	        {PLACE, "web", "E", 18, 800, 2, 1000, 4, 14},
	        {PAY, "pos", "E", 19, 800, 3, 1800, 4,
	                19}, /* the till tells of the web's order */
	        {CANCEL, "pos", "E", 20, 300, 3, 1500, 4, 19}, /* a part of it */
	        {PAY, "pos", "F", 21, 0, 4, 1500, 4, 21},
	        {REFUND, "pos", "F", 22, -1, 3, 1500, 4,
	                19}, /* nothing was paid, all is taken back */
	};
	(void)state;
	int64_t who = add_customer("C", NULL);
	for (size_t i = 0; i < sizeof story / sizeof story[0]; i++) {
		apply(who, &story[i]);
		check(who, &story[i], i);
	}
	/* pos and web told of E together. */
	assert_int_equal(ask("SELECT count(*) FROM orders WHERE ref = 'E'"), 1);
	assert_int_equal(ask("SELECT count(*) FROM orders WHERE ref = 'A'"), 2);
}

static void test_nobody(void **state)
{
	(void)state;
	int64_t who = add_customer("C", NULL);
	struct order_change c = {
	        .source = "pos", .ref = "A", .time = T0, .has_total = true, .total = 900};
	int64_t id = order_pay(db, &c);
	assert_int_equal(ask("SELECT orders_count FROM customer"), 0);
	/* Whose it was is learnt later. */
	c.customer = who;
	assert_int_equal(order_ship(db, &c, false), id);
	assert_int_equal(ask("SELECT orders_count FROM customer"), 1);
	assert_int_equal(ask("SELECT orders_total FROM customer"), 900);
}

static void test_items(void **state)
{
	static const struct order_item one = {"B", "원두", "원두", 2, true, 500},
	                               two = {"C", NULL, NULL, 1, false, 0};
	(void)state;
	struct order_change c = {.source = "import",
	        .ref = "A",
	        .time = T0,
	        .has_total = true,
	        .total = 900,
	        .items = &one,
	        .n_items = 1,
	        .batch = "b1"};
	order_pay(db, &c);
	c.items = &two;
	order_pay(db, &c);
	assert_int_equal(ask("SELECT count(*) FROM order_item"), 2);
	/* The same file again is another batch, and says it anew. */
	c.batch = "b2";
	order_pay(db, &c);
	assert_int_equal(ask("SELECT count(*) FROM order_item"), 1);
	c.items = &one;
	order_pay(db, &c);
	assert_int_equal(ask("SELECT count(*) FROM order_item"), 2);
	assert_int_equal(ask("SELECT sum(quantity) FROM order_item"), 3);
}

static void check_cart(int64_t count, int64_t total)
{
	assert_int_equal(ask("SELECT cart_count FROM customer"), count);
	assert_int_equal(ask("SELECT cart_total FROM customer"), total);
	assert_int_equal(ask("SELECT count(*) FROM cart_item"), count);
}

static void test_cart(void **state)
{
	static const struct order_item bought = {"A", NULL, NULL, 1, false, 0};
	(void)state;
	int64_t who = add_customer("C", NULL);
	cart_add(db, who, "A", 2, true, 1000, false, 0, T0);
	cart_add(db, who, "B", 1, true, 500, false, 0, T0);
	check_cart(2, 2500);
	cart_add(db, who, "A", 1, false, 0, true, 9000, T0);
	check_cart(2, 9000);
	cart_remove(db, who, "A", 1, false, 0);
	check_cart(2, 2500);
	cart_remove(db, who, "B", 0, false, 0);
	check_cart(1, 2000);
	cart_remove(db, who, "Z", 0, false, 0);
	struct order_change c = {.source = "pos",
	        .ref = "1",
	        .customer = who,
	        .time = T0 - 1,
	        .items = &bought,
	        .n_items = 1};
	/* An old order takes nothing out that was put in after it. */
	order_pay(db, &c);
	check_cart(1, 2000);
	c.ref = "2";
	c.time = T0 + 1;
	order_pay(db, &c);
	check_cart(1, 1000);
	c.ref = "3";
	c.n_items = 0;
	order_place(db, &c);
	check_cart(0, 0);
	cart_add(db, who, "A", 5, true, 10, false, 0, T0);
	cart_clear(db, who);
	check_cart(0, 0);
	cart_add(db, 4711, "A", 5, true, 10, false, 0, T0);
	assert_int_equal(ask("SELECT count(*) FROM cart_item"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORE_TEST(test_counters),
	        STORE_TEST(test_nobody), STORE_TEST(test_items), STORE_TEST(test_cart)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
