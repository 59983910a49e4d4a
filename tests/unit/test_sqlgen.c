/* Conditions as SQL: what each means for a customer, the same answer from both frames,
 * and an index under every subquery. */
#include "crowd.h"
#include "language/cond_part.h"
#include "language/program.h"
#include "store/event.h"

#define CUSTOMERS 80

static const char fields[] =
        "fields { customer.points number customer.opening date customer.vip yesno"
        " customer.appointment time customer.note text game.played.score number }\n"
        "segment loyal { orders.count >= 2 and not tag \"staff\" }\n"
        "rule r { when order.paid send sms \"x\" }\n"
        "coupon k { discount 10% }\n";

static struct program *program;
static struct diag diag;

static int begin(void **state)
{
	static struct program_file file = {.name = "f.rule", .text = fields};
	static struct world world;

	if (store_open(state))
		return -1;
	file.len = strlen(fields);
	zone = zone_open("Asia/Seoul");
	now = zone_instant(zone, calendar_day(2026, 11, 23), 11 * MS_HOUR);
	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	return program ? 0 : -1;
}

static int end(void **state)
{
	program_free(program);
	diag_fini(&diag);
	zone_close(zone);
	return store_close(state);
}

static struct cond *condition(const char *text)
{
	struct program_file file = {.name = "c", .text = text, .len = strlen(text)};
	struct cond *cond;
	struct buf out = {0};

	cond = program_condition(program, &file, 0, file.len, true, NULL, &diag);
	if (!cond) {
		diag_print(&diag, &out);
		fail_msg("%s\n%s", text, out.data);
	}
	return cond;
}

/* Its parts together say what the whole says; and the parts of a list, or the one of a
 * not, decide it. */
static void parts_agree(struct cond *cond, const struct moment *moment, int64_t customer)
{
	struct arena *arena = arena_new();
	enum truth whole = TRUTH_YES, told, asked = cond_ask(cond, moment, customer);
	struct cond_part *parts;
	size_t n = cond_parts(cond, moment, customer, NULL, arena, &parts, &told);

	assert_true(n > 0);
	assert_int_equal(told, asked);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].depth == 0 && parts[i].truth == TRUTH_NO)
			whole = TRUTH_NO;
		if (parts[i].depth == 0 && parts[i].truth == TRUTH_UNKNOWN &&
		        whole == TRUTH_YES)
			whole = TRUTH_UNKNOWN;
		if (parts[i].kind == PART_NOT)
			assert_int_equal(
			        parts[i].truth, parts[i + 1].truth == TRUTH_UNKNOWN
			                                ? TRUTH_UNKNOWN
			                                : !parts[i + 1].truth);
	}
	if (whole != asked)
		fail_msg("%s: the parts say %d, the whole %d", cond_text(cond), whole,
		        asked);
	arena_free(arena);
}

/* ---- what each means ---- */

static int64_t at(int year, int month, int day, int hour)
{
	return zone_instant(zone, calendar_day(year, month, day), hour * MS_HOUR);
}

static void one_customer(void)
{
	run("DELETE FROM customer");
	run("INSERT INTO customer(id, ref, phone_key, birth_year, birth_md, city, "
	    "gender, "
	    "friend,"
	    " joined_at, attributes, created_at, seen_at, orders_count, orders_total,"
	    " orders_first_at, orders_last_at, cart_count, cart_total)"
	    " VALUES (1, 'C1', '+821012345678', 1990, 1124, '서울 마포', 'f', NULL, %lld,"
	    " '{\"points\":\"1,200\",\"opening\":\"2026-11-20\",\"vip\":true,\"note\":7,"
	    "\"appointment\":\"2026-11-23T10:00:00+09:00\"}',"
	    " 0, 0, 3, 60000, %lld, %lld, 1, 25000)",
	        (long long)at(2026, 1, 1, 12), (long long)at(2026, 2, 1, 12),
	        (long long)at(2026, 8, 25, 23));
	run("INSERT INTO customer_tag VALUES (1, 'VIP')");
	run("INSERT INTO consent(customer, channel, purpose, given, time) VALUES (1, "
	    "'sms', 'ad', 1, 0)");
	run("INSERT INTO orders(id, source, ref, customer, paid_at, total, refunded, "
	    "counted)"
	    " VALUES (1, 's', 'A', 1, %lld, 20000, 5000, 1), (2, 's', 'B', 1, %lld, "
	    "90000, 90000, 0)",
	        (long long)at(2026, 11, 20, 12), (long long)at(2026, 11, 21, 12));
	run("INSERT INTO order_item VALUES (1, 0, 'BEAN', 'x', NULL, 1, 1), (2, 0, "
	    "'CUP', 'x', '잔', 1, 1)");
	run("INSERT INTO product(sku, category, changed_at) VALUES ('BEAN', '원두', 0)");
	run("INSERT INTO event(source, eid, type, customer, time, arrived, sku, data) "
	    "VALUES"
	    " ('s', '1', 'product.viewed', 1, %lld, 0, 'BEAN', '{\"sku\":\"BEAN\"}'),"
	    " ('s', '2', 'game.played', 1, %lld, 0, NULL, '{\"score\":4}'),"
	    " ('s', '3', 'game.played', 1, %lld, 0, NULL, '{\"score\":\"many\"}')",
	        (long long)at(2026, 11, 16, 12), (long long)at(2026, 11, 22, 12),
	        (long long)at(2026, 11, 22, 13));
	run("INSERT INTO coupon(bare, code, coupon, customer, state, issued_at, "
	    "expires_at)"
	    " VALUES ('1', '1', 'k', 1, 'issued', 1, %lld)",
	        (long long)now);
}

static void test_meaning(void **state)
{
	static const struct {
		const char *text;
		enum truth truth;
	} cases[] = {
	        {"orders.count >= 3", TRUTH_YES},
	        {"주문.횟수 3회 초과", TRUTH_NO},
	        {"orders.total between 6만원 and 7만원", TRUTH_YES},
	        {"orders.average = 20_000", TRUTH_YES},
	        {"orders.total in last 90 days = 15,000원", TRUTH_YES},
	        {"최근 90일 주문.횟수 1회 이상", TRUTH_YES},
	        {"orders.average in last 1 day > 1", TRUTH_UNKNOWN},
	        {"orders.count in last 1 day = 0", TRUTH_YES},
	        /* 2026-08-25 is 90 days before 2026-11-23. */
	        {"last order at least 90 days ago", TRUTH_YES},
	        {"last order at least 91 days ago", TRUTH_NO},
	        {"last order within 90 days", TRUTH_YES},
	        {"last order within 89 days", TRUTH_NO},
	        {"마지막 주문 90일 이전", TRUTH_NO},
	        {"last order after 90 days ago", TRUTH_NO},
	        {"last visit at least 1 day ago", TRUTH_UNKNOWN},
	        {"last visit is unknown", TRUTH_YES},
	        {"joined after 2026-01-01", TRUTH_NO},
	        {"joined = 2026-01-01", TRUTH_YES},
	        {"joined before 2026-01-02", TRUTH_YES},
	        {"joined != 2026-01-01", TRUTH_NO},
	        {"customer.age = 35", TRUTH_YES}, /* 36 tomorrow */
	        {"birthday this month", TRUTH_YES},
	        {"customer.points = 1200", TRUTH_YES},
	        {"customer.vip = yes", TRUTH_YES},
	        {"customer.note = \"7\"", TRUTH_UNKNOWN},
	        {"customer.note is unknown", TRUTH_YES},
	        {"customer.opening at least 3 days ago", TRUTH_YES},
	        {"customer.opening at least 4 days ago", TRUTH_NO},
	        {"customer.opening this month", TRUTH_YES},
	        {"customer.appointment at least 1 hour ago", TRUTH_YES},
	        {"customer.appointment at least 2 hours ago", TRUTH_NO},
	        {"customer.grade = \"VIP\"", TRUTH_UNKNOWN},
	        {"not customer.grade = \"VIP\"", TRUTH_UNKNOWN},
	        {"customer.grade = \"VIP\" or tag \"VIP\"", TRUTH_YES},
	        {"customer.city contains \"마포\"", TRUTH_YES},
	        {"customer.city starts with \"마포\"", TRUTH_NO},
	        {"customer.city in (\"부산\", \"서울 마포\")", TRUTH_YES},
	        {"tag \"VIP\" 없음", TRUTH_NO},
	        {"in loyal", TRUTH_YES},
	        {"consent sms and not consent sms night", TRUTH_YES},
	        {"has phone and not has email", TRUTH_YES},
	        {"friend", TRUTH_UNKNOWN},
	        {"left in cart and cart.total >= 20_000원", TRUTH_YES},
	        {"bought \"BEAN\"", TRUTH_YES},
	        {"bought \"CUP\"", TRUTH_NO},
	        {"bought category \"원두\" in last 7 days", TRUTH_YES},
	        {"최근 2일 \"BEAN\" 구매", TRUTH_NO},
	        {"viewed category \"원두\"", TRUTH_YES},
	        {"viewed \"BEAN\" in last 7 days", TRUTH_YES},
	        {"viewed \"BEAN\" in last 6 days", TRUTH_NO},
	        {"count of product.viewed in last 7 days = 1", TRUTH_YES},
	        {"count of product.viewed where (event.sku = \"CUP\") = 0", TRUTH_YES},
	        {"sum of game.played.score = 4", TRUTH_YES},
	        {"average of game.played.score where (event.score > 9) > 1",
	                TRUTH_UNKNOWN},
	        {"no game.played in last 1 day", TRUTH_NO},
	        {"최근 1시간 game.played 없음", TRUTH_YES},
	        {"last game.played within 22 hours", TRUTH_YES},
	        {"last game.played within 21 hours", TRUTH_NO},
	        {"holds k", TRUTH_YES},
	        {"redeemed k", TRUTH_NO},
	        {"received r or clicked r", TRUTH_NO},
	};

	(void)state;
	one_customer();
	struct moment moment = {.db = db, .zone = zone, .now = now};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cond *cond = condition(cases[i].text);
		enum truth found = cond_ask(cond, &moment, 1);
		if (found != cases[i].truth)
			fail_msg("%s: %d", cases[i].text, found);
		parts_agree(cond, &moment, 1);
	}
}

static void test_values(void **state)
{
	static const struct {
		const char *text, *parts; /* depth text = value: truth; … */
	} cases[] = {
	        {"orders.count >= 4", "0 orders.count >= 4 = 3: 0; "},
	        {"orders.total > 1만원 and cart.total > 30_000원",
	                "0 orders.total > 1만원 = 60,000 won: 1; "
	                "0 cart.total > 30_000원 = 25,000 won: 0; "},
	        {"tag \"A\" or orders.average > 5 or in loyal",
	                "0 tag \"A\" or orders.average > 5 or in loyal = -: 1; "
	                "1 tag \"A\" = -: 0; 1 orders.average > 5 = 20,000 won: 1; "
	                "1 in loyal = -: 1; 2 orders.count >= 2 = 3: 1; "
	                "2 not tag \"staff\" = -: 1; 3 tag \"staff\" = -: 0; "},
	        {"last order at least 90 days ago",
	                "0 last order at least 90 days ago = 2026-08-25 23:00: 1; "},
	        {"birthday this month", "0 birthday this month = 11-24: 1; "},
	        {"customer.opening within 30 days",
	                "0 customer.opening within 30 days = 2026-11-20: 1; "},
	        {"customer.grade = \"VIP\"",
	                "0 customer.grade = \"VIP\" = not known: 2; "},
	        {"customer.vip = yes", "0 customer.vip = yes = yes: 1; "},
	        {"customer.phone is known", "0 customer.phone is known = known: 1; "},
	        {"최근 2일 game.played 있음", "0 최근 2일 game.played 있음 = 2: 1; "},
	        {"not\n  (friend\tand friend)",
	                "0 not (friend and friend) = -: 2; 1 (friend and friend) = -: 2; "
	                "2 friend = -: 2; 2 friend = -: 2; "},
	};
	struct moment moment = {.db = db, .zone = zone, .now = now};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new();
		struct cond_part *parts;
		struct buf told = {0};
		enum truth whole;
		size_t n = cond_parts(condition(cases[i].text), &moment, 1, NULL, arena,
		        &parts, &whole);
		for (size_t k = 0; k < n; k++)
			buf_printf(&told, "%d %s = %s: %d; ", parts[k].depth,
			        parts[k].text, parts[k].value ? parts[k].value : "-",
			        (int)parts[k].truth);
		assert_string_equal(told.data, cases[i].parts);
		buf_free(&told);
		arena_free(arena);
	}
}

static void test_event(void **state)
{
	static const struct {
		const char *text;
		enum truth truth;
	} cases[] = {
	        {"event.total = 23,500원", TRUTH_YES},
	        {"trigger.order = \"A\"", TRUTH_YES},
	        {"any item (item.category = \"원두\" and item.quantity >= 2)", TRUTH_YES},
	        {"상품 중 (상품.분류 = \"잔\")", TRUTH_NO},
	        {"event.coupon is unknown", TRUTH_YES},
	        {"count of order.cancelled where (event.order = trigger.order) = 1",
	                TRUTH_YES},
	        {"count of order.cancelled of this order = 1", TRUTH_YES},
	        {"이 주문의 주문.취소 횟수 1회 이상", TRUTH_YES},
	};
	struct event event = {.type = "order.paid",
	        .source = "s",
	        .eid = "9",
	        .customer = 1,
	        .time = now,
	        .has_total = true,
	        .total = 23500,
	        .order = "A",
	        .data = "{\"items\":[\"x\",3,{\"category\":\"원두\",\"quantity\":2}]}"};

	(void)state;
	run("INSERT INTO event(source, eid, type, customer, time, arrived, order_ref) "
	    "VALUES"
	    " ('s', 'c1', 'order.cancelled', 1, 5, 5, 'A'), ('s', 'c2', "
	    "'order.cancelled', 1, 5, 5, 'B')");
	struct moment moment = {.db = db, .zone = zone, .now = now, .event = &event};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cond *cond = condition(cases[i].text);
		enum truth found = cond_ask(cond, &moment, 1);
		if (found != cases[i].truth)
			fail_msg("%s: %d", cases[i].text, found);
		parts_agree(cond, &moment, 1);
	}
	/* Nobody's event: facts are no, fields unknown, the event itself is still there.
	 */
	assert_int_equal(cond_ask(condition("event.total > 3"), &moment, 0), TRUTH_YES);
}

/* ---- both frames ---- */

static const char *const asked[] = {
        "orders.count >= 2",
        "orders.count in last 30 days >= 1 or customer.city = \"서울\"",
        "orders.average > 20000",
        "not orders.average > 20000",
        "orders.total in last 60 days between 1만원 and 10만원",
        "orders.last in last 60 days at least 10 days ago",
        "last order at least 20 days ago",
        "last order within 20 days and first order before 2026-11-01",
        "joined after 2026-06-01",
        "customer.age >= 30 and customer.gender = \"f\"",
        "birthday this month",
        "customer.points >= 50",
        "not customer.points >= 50",
        "customer.points != 50 or customer.points is unknown",
        "customer.opening within 30 days",
        "customer.city in (\"서울\", \"부산\") and not tag \"VIP\"",
        "tag \"VIP\" 있음",
        "in loyal",
        "not in loyal",
        "consent sms",
        "consent email night 없음",
        "friend",
        "not friend",
        "has phone",
        "bought \"S1\"",
        "bought category \"C1\" in last 40 days",
        "viewed \"S2\"",
        "viewed category \"C0\" in last 10 days",
        "count of product.viewed >= 3",
        "count of product.viewed where (event.sku = \"S1\" or event.category = \"C2\") "
        ">= 1",
        "sum of game.played.score in last 30 days > 10",
        "average of game.played.score > 5",
        "no product.viewed in last 20 days",
        "최근 20일 game.played 있음",
        "last game.played within 15 days",
        "first product.viewed at least 30 days ago",
        "left in cart and cart.total > 1만원",
        "received r",
        "received r in last 10 days",
        "clicked r",
        "holds k",
        "redeemed k in last 30 days",
};
#define ASKED (sizeof asked / sizeof asked[0])

static void test_frames_agree(void **state)
{
	struct moment moment = {.db = db, .zone = zone, .now = now};
	int64_t members[CUSTOMERS];
	bool some = false;

	(void)state;
	for (int id = 100; id < 100 + CUSTOMERS; id++)
		random_customer(id * 700); /* beyond one range of keys */
	random_products();
	for (size_t i = 0; i < ASKED; i++) {
		struct cond *cond = condition(asked[i]);
		int n = cond_members(cond, &moment, 1, members, CUSTOMERS), k = 0;
		some |= n > 0 && n < CUSTOMERS;
		for (int id = 100; id < 100 + CUSTOMERS; id++) {
			bool in = k < n && members[k] == id * 700;
			k += in;
			if ((cond_ask(cond, &moment, id * 700) == TRUTH_YES) != in)
				fail_msg("%s: customer %d", asked[i], id * 700);
			parts_agree(cond, &moment, id * 700);
		}
		assert_int_equal(k, n);
	}
	assert_true(some);
}

/* Taken in small pieces the members are the same. */
static void test_members_in_pieces(void **state)
{
	struct moment moment = {.db = db, .zone = zone, .now = now};
	struct cond *cond = condition("orders.count >= 1");
	int64_t all[CUSTOMERS], piece[3], after = 0;
	int n = cond_members(cond, &moment, 0, all, CUSTOMERS), k = 0, got;

	(void)state;
	while ((got = cond_members(cond, &moment, after, piece, 3)) > 0) {
		for (int i = 0; i < got; i++)
			assert_int_equal(piece[i], all[k++]);
		after = piece[got - 1];
	}
	assert_int_equal(k, n);
}

/* ---- indexes ---- */

static const char *const lets_through[] = {
        "event.total >= 9000",
        "event.total >= 9000 or event.order = \"A\"",
        "not event.order = \"A\"",
        "event.order is unknown and customer.grade is unknown",
        "any item (item.sku = \"S1\" and item.quantity >= 2)",
        "event.time within 30 days",
        "count of cart.added where (event.sku = \"S1\") >= 1 and event.total = 9000",
        "orders.count >= 1",
        "count of order.cancelled where (event.order = trigger.order) = 0",
};
#define N_LETS (sizeof lets_through / sizeof lets_through[0])

static struct program *every_nth(void)
{
	static const char *const channels[] = {"sms", NULL};
	struct world world = {
	        .channels = channels, .has_refuse = true, .law_korea = true};
	struct program_file file = {.name = "n"};
	struct program *made;
	struct diag mistakes;
	struct buf text = {0}, out = {0};

	for (size_t i = 0; i < N_LETS; i++)
		buf_printf(&text,
		        "rule r%zu { when every 3rd order.paid where (%s) send sms "
		        "\"t\" }\n",
		        i, lets_through[i]);
	file.text = text.data;
	file.len = text.len;
	diag_init(&mistakes);
	made = program_compile(&file, 1, &world, &mistakes);
	diag_print(&mistakes, &out);
	if (!made)
		fail_msg("%s", out.data);
	diag_fini(&mistakes);
	buf_free(&out);
	buf_free(&text);
	return made;
}

struct asked_each {
	struct cond *where;
	struct moment moment;
	int64_t last, n;
};

static void ask_one(void *arg, const struct event *event)
{
	struct asked_each *each = arg;

	each->moment.event = event;
	each->n += event->id <= each->last &&
	           cond_ask_event(each->where, &each->moment, event) == TRUTH_YES;
}

/* One count in the store finds as many as asking of each. */
static void test_counted_at_once(void **state)
{
	struct program *rules = every_nth();
	int64_t found = 0;

	(void)state;
	for (int id = 200000; id < 200200; id++)
		random_customer(id);
	for (int id = 200000; id < 200200; id++) {
		struct event last = {.customer = id, .type = "order.paid"};
		last.id = ask("SELECT max(id) FROM event") - draw(200);
		for (size_t i = 0; i < N_LETS; i++) {
			struct asked_each each = {.where = rules->rules[i].trigger.where,
			        .moment = {.db = db, .zone = zone, .now = now},
			        .last = last.id};
			event_each(db, id, last.type, ask_one, &each);
			each.moment.event = &last; /* those that were read are gone */
			if (strstr(lets_through[i], "trigger."))
				each.n = -1; /* each is its own trigger */
			if (cond_count(each.where, &each.moment, &last) != each.n)
				fail_msg("%s: %lld", lets_through[i], (long long)each.n);
			found += each.n > 0;
		}
	}
	assert_true(found > 50);
	program_free(rules);
}

static void test_plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ASKED; i++) {
		struct buf sql = {0};
		char *plan;
		buf_printf(&sql, "SELECT %s FROM customer c WHERE c.id = ?1",
		        cond_sql(condition(asked[i])));
		plan = db_plan(db, sql.data);
		for (char *line = strtok(plan, "\n"); line; line = strtok(NULL, "\n"))
			if (strstr(line, "SCAN") && !strstr(line, "CONSTANT ROW") &&
			        !strstr(line, "json_each") && !strstr(line, "SUBQUERY") &&
			        !strstr(line, "subquery"))
				fail_msg("%s: %s", asked[i], line);
		free(plan);
		buf_free(&sql);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_meaning),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_event),
	        cmocka_unit_test(test_frames_agree),
	        cmocka_unit_test(test_members_in_pieces),
	        cmocka_unit_test(test_plans),
	        cmocka_unit_test(test_counted_at_once),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
