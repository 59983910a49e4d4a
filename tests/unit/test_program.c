/* Programs: whom sweeps find, in pieces and by the right index, what pins a rule, and
 * what a coupon's days are. */
#include "store.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "language/program.h"
#include "store/dates.h"

static struct zone *zone;
static int64_t now;
static struct world world;

static int begin(void **state)
{
	if (store_open(state))
		return -1;
	zone = zone_open("Asia/Seoul");
	now = zone_instant(zone, calendar_day(2026, 11, 23), 11 * MS_HOUR);
	for (int i = 1; i <= 20; i++)
		run("INSERT INTO customer(id, ref, birth_md, joined_at, orders_count, "
		    "orders_last_at,"
		    " attributes, created_at, seen_at) VALUES (%d, 'C%d', %d, %lld, %d, "
		    "%lld,"
		    " '{\"opening\":\"2026-11-%02d\",\"meet\":\"2026-11-%02dT10:00:00+09:"
		    "00\"}', 0, 0)",
		        i * 9000, i, i % 2 ? 1130 : 101, (long long)(now - i * MS_DAY),
		        i % 3, (long long)(now - (i % 4) * MS_DAY), i, i);
	for (int i = 1; i <= 20; i++)
		run("INSERT INTO event(source, eid, type, customer, time, arrived, "
		    "flags, data) VALUES"
		    " ('s', 'a%d', 'cart.added', %d, %lld, 0, 0, NULL),"
		    " ('s', 'b%d', 'cart.added', %d, %lld, 0, %d, NULL)",
		        i, i * 9000, (long long)(now - 5 * MS_HOUR), i, i * 9000,
		        (long long)(now - (i % 2 ? 5 : 3) * MS_HOUR), i == 4);
	run("INSERT INTO event(source, eid, type, customer, time, arrived, data) VALUES"
	    " ('s', 'r1', 'reservation.made', 9000, 10, 0,"
	    "  '{\"reservation\":\"A\",\"at\":\"2026-11-24T10:00:00+09:00\"}'),"
	    " ('s', 'r2', 'reservation.changed', 9000, 20, 0,"
	    "  '{\"reservation\":\"A\",\"at\":\"2026-11-25T10:00:00+09:00\"}'),"
	    " ('s', 'r3', 'reservation.made', 18000, 10, 0,"
	    "  '{\"reservation\":\"B\",\"at\":\"2026-11-24T12:00:00+09:00\"}'),"
	    " ('s', 'r4', 'reservation.made', 27000, 10, 0,"
	    "  '{\"reservation\":\"C\",\"at\":\"2026-11-24T12:00:00+09:00\"}'),"
	    " ('s', 'r5', 'reservation.cancelled', 27000, 30, 0, "
	    "'{\"reservation\":\"C\"}')");
	run("UPDATE event SET time = time + %lld WHERE type LIKE 'reservation%%'",
	        (long long)(now - 9 * MS_DAY));
	run("INSERT INTO coupon(bare, code, coupon, customer, state, expires_at) VALUES"
	    " ('1', '1', 'k', 9000, 'issued', %lld), ('2', '2', 'k', 18000, 'redeemed', "
	    "%lld)",
	        (long long)(now + MS_DAY), (long long)(now + MS_DAY));
	return 0;
}

static int end(void **state)
{
	zone_close(zone);
	return store_close(state);
}

static struct program *compile(const char *text)
{
	struct program_file file = {.name = "f.rule", .text = text, .len = strlen(text)};
	struct program *program;
	struct buf out = {0};
	struct diag diag;

	log_set_korean(false);
	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	diag_print(&diag, &out);
	if (!program)
		fail_msg("%s", out.data);
	diag_fini(&diag);
	buf_free(&out);
	return program;
}

/* The dates that the store keeps for the program's rules, filled from the beginning. */
static void fill_dates(const struct program *program)
{
	struct dated_move moves[DATES_TAKEN];

	for (size_t i = 0; i < program->n_rules; i++) {
		const struct dates_set *set = rule_dates(&program->rules[i]);
		if (!set)
			continue;
		dates_need(db, &set, 1);
		while (dates_fill(db, set) || dates_take(db, set, moves) >= 0)
			;
	}
}

/* The customers' numbers that a sweep of max at a time finds. */
static char *swept(const char *text, struct window window, int max)
{
	struct program *program = compile(text);
	struct moment moment = {.db = db, .zone = zone, .now = now};
	struct sweep sweep = {0};
	struct candidate found[64];
	struct buf out = {0};

	fill_dates(program);
	while (!sweep.done) {
		int n = rule_sweep(
		        &program->rules[0], &moment, &window, &sweep, found, max);
		for (int i = 0; i < n; i++) {
			assert_true(found[i].holds);
			buf_printf(&out, "%d ", (int)(found[i].customer / 9000));
		}
	}
	program_free(program);
	buf_adds(&out, "");
	return buf_take(&out);
}

static void test_sweep(void **state)
{
#define REST " send sms \"x\" limit once }"
#define COUPON " coupon k { discount 5% }"
	int64_t day = MS_DAY,
	        midnight = zone_instant(zone, calendar_day(2026, 11, 20), 0);
	struct window none = {0}, birth = {.kept = {.month_day = 1130, .year = 2026}};
	struct window lunar = {.kept = {.lunar = true, .month_day = 1130, .year = 2026}};
	struct window two = {.from = now - 2 * day, .to = now - 2 * day + 1};
	struct window five = {.from = now - 5 * MS_HOUR, .to = now - 4 * MS_HOUR};
	struct window opening = {.from = midnight, .to = midnight + day};
	struct window ahead = {.from = now, .to = now + 36 * MS_HOUR};
	const struct {
		const char *text;
		struct window window;
		const char *found;
	} cases[] = {
	        {"rule a { when every day at 11:00 if orders.count = 2" REST, none,
	                "2 5 8 11 14 17 20 "},
	        {"rule a { when 2026-11-23 at 11:00" REST, none,
	                "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "},
	        {"rule a { when birthday at 11:00 if orders.count = 2" REST, birth,
	                "5 11 17 "},
	        {"rule a { when birthday at 11:00" REST, lunar, ""},
	        {"rule a { when 2 days after last order at 11:00 if orders.count = "
	         "2" REST,
	                two, "2 14 "},
	        {"rule a { when 2 days after joined at 11:00" REST, two, "2 "},
	        {"rule a { when 5 hours after last cart.added" REST, five,
	                "1 3 5 7 9 11 13 15 17 19 "},
	        {"rule a { when 5 hours after first cart.added if orders.count = 1" REST,
	                five, "1 4 7 10 13 16 19 "},
	        {"fields { customer.opening date } rule a { when 3 days after "
	         "customer.opening at"
	         " 11:00" REST,
	                opening, "20 "},
	        {"rule a { when 1 day before reservation.at at 11:00" REST, ahead, "2 "},
	        {"rule a { when 1 day before coupon k expires at 11:00" REST COUPON,
	                ahead, "1 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int max = 1; max <= 64; max *= 4) {
			char *found = swept(cases[i].text, cases[i].window, max);
			if (strcmp(found, cases[i].found))
				fail_msg("%s (%d at a time): %s", cases[i].text, max,
				        found);
			free(found);
		}
}

static void test_anchors(void **state)
{
	static const char text[] =
	        "fields { customer.meet time }"
	        "rule a { when 2 hours after last order send sms \"x\" }"
	        "rule b { when 2 hours after last cart.added send sms \"x\" }"
	        "rule c { when 2 hours before customer.meet send sms \"x\" }"
	        "rule d { when 2 hours before reservation.at send sms \"x\" }";
	struct program *p = compile(text);
	struct moment moment = {.db = db, .zone = zone, .now = now};
	int64_t ten = zone_instant(zone, calendar_day(2026, 11, 20), 10 * MS_HOUR);

	(void)state;
	fill_dates(p);
	assert_int_equal(rule_next_anchor(&p->rules[0], &moment, now - 3 * MS_DAY),
	        now - 2 * MS_DAY);
	assert_int_equal(rule_next_anchor(&p->rules[0], &moment, now), 0);
	assert_int_equal(rule_next_anchor(&p->rules[1], &moment, now - 4 * MS_HOUR),
	        now - 3 * MS_HOUR);
	assert_int_equal(rule_next_anchor(&p->rules[2], &moment, ten - 1), ten);
	assert_int_equal(rule_next_anchor(&p->rules[2], &moment, ten), 0);
	assert_int_equal(rule_anchor_of(&p->rules[0], &moment, 9000), now - MS_DAY);
	assert_int_equal(
	        rule_anchor_of(&p->rules[1], &moment, 2 * 9000), now - 3 * MS_HOUR);
	assert_int_equal(rule_anchor_of(&p->rules[1], &moment, 4 * 9000), 0);
	assert_int_equal(rule_anchor_of(&p->rules[3], &moment, 9000),
	        zone_instant(zone, calendar_day(2026, 11, 25), 10 * MS_HOUR));
	program_free(p);
}

/* A sweep goes by its index and sorts nothing. */
static void test_plans(void **state)
{
	static const struct {
		const char *text, *by;
	} cases[] = {
	        {"rule a { when every day at 11:00 if last order at least 90 days "
	         "ago" REST,
	                "c USING INTEGER PRIMARY KEY"},
	        {"rule a { when birthday at 11:00" REST, "customer_birth"},
	        {"rule a { when 2 days after last order at 11:00" REST,
	                "customer_last_order"},
	        {"rule a { when 2 days after first order at 11:00" REST,
	                "customer_first_order"},
	        {"rule a { when 2 days after joined at 11:00" REST, "customer_joined"},
	        {"rule a { when 5 hours after last cart.added" REST, "event_type"},
	        {"rule a { when 5 hours after last visit" REST, "event_type"},
	        {"rule a { when 1 day before coupon k expires at 11:00" REST COUPON,
	                "coupon_expires"},
	        {"fields { customer.opening date } rule a { when 3 days after "
	         "customer.opening at 11:00" REST,
	                "dated_at"},
	        {"rule a { when 2 hours before reservation.at" REST, "dated_at"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct program *p = compile(cases[i].text);
		char *plan = db_plan(db, rule_sweep_sql(&p->rules[0]));
		if (!strstr(plan, cases[i].by) || strstr(plan, "SCAN") ||
		        strstr(plan, "TEMP"))
			fail_msg("%s\n%s", cases[i].text, plan);
		free(plan);
		program_free(p);
	}
}

static void test_hash(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
	        {"rule a { when order.paid send sms \"x\" }",
	                "# why\nrule a\n{\n when order.paid # so\n send sms \"x\"\n}",
	                true},
	        {"rule a { when order.paid send sms \"x\" }",
	                "coupon k { discount 5% } rule a { when order.paid send sms "
	                "\"x\" }",
	                true},
	        {"rule a { when order.paid send sms \"x\" }",
	                "rule a { when order.paid send sms \"y\" }", false},
	        {"segment s { friend } rule a { when order.paid if in s send sms \"x\" }",
	                "segment s { left in cart } rule a { when order.paid if in s "
	                "send sms \"x\" }",
	                false},
	        {"segment s { friend } rule a { when order.paid send sms \"x\" }",
	                "segment s { left in cart } rule a { when order.paid send sms "
	                "\"x\" }",
	                true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct program *a = compile(cases[i].a), *b = compile(cases[i].b);
		assert_int_equal(
		        !strcmp(a->rules[0].hash, b->rules[0].hash), cases[i].same);
		program_free(a);
		program_free(b);
	}
}

/* The pinned text needs nothing else: no coupons, channels, or other rules. */
static void test_pinned(void **state)
{
	static const char *const none[] = {NULL};
	struct world poor = {.channels = none, .law_korea = true, .older = true};
	struct program *a = compile(
	        "fields { customer.points number } segment t { customer.points > 3 }"
	        "segment s { in t } coupon k { discount 5% }"
	        "rule r { when order.paid if in s and received q give coupon k send sms "
	        "\"x\" }"
	        "rule q { when order.paid send sms \"x\" }");
	struct program_file file = {.name = "r", .text = a->rules[0].source};
	struct program *b;
	struct diag diag;

	(void)state;
	diag_init(&diag);
	file.len = strlen(file.text);
	b = program_compile(&file, 1, &poor, &diag);
	assert_non_null(b);
	assert_int_equal(diag.n, 0);
	assert_int_equal(b->n_rules, 1);
	assert_int_equal(b->n_segments, 2);
	assert_int_equal(b->n_fields, 1);
	/* An owner's file that begins with the same words is checked like any other. */
	poor.older = false;
	assert_null(program_compile(&file, 1, &poor, &diag));
	assert_string_equal(a->rules[0].hash, b->rules[0].hash);
	assert_string_equal(cond_sql(a->rules[0].cond), cond_sql(b->rules[0].cond));
	program_free(a);
	program_free(b);
	diag_fini(&diag);
}

static void test_durations(void **state)
{
	static const struct {
		struct duration d;
		int sign;
		int y, m, day, hour;
	} cases[] = {
	        {{.days = 1}, 1, 2026, 11, 24, 11},
	        {{.days = 30}, -1, 2026, 10, 24, 11},
	        {{.months = 3}, 1, 2027, 2, 23, 11},
	        {{.months = 12, .days = 1}, -1, 2025, 11, 22, 11},
	        {{.ms = 3 * MS_HOUR}, 1, 2026, 11, 23, 14},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(duration_from(cases[i].d, zone, now, cases[i].sign),
		        zone_instant(zone,
		                calendar_day(cases[i].y, cases[i].m, cases[i].day),
		                cases[i].hour * MS_HOUR));
	/* What is finer than a second stays. */
	assert_int_equal(duration_from((struct duration){.days = 1}, zone, now + 123, 1),
	        now + MS_DAY + 123);
}

static void test_coupons(void **state)
{
	struct program *p = compile(
	        "coupon a { discount 10% } coupon b { discount 3,000원 valid 14 days }"
	        "coupon c { gift \"머그\" valid until 2026-12-24 uses 2 stock 9 }");

	(void)state;
	assert_int_equal(coupon_expiry(&p->coupons[0], zone, now), 0);
	assert_int_equal(coupon_expiry(&p->coupons[1], zone, now),
	        zone_instant(zone, calendar_day(2026, 12, 8), 0) - 1);
	assert_int_equal(coupon_expiry(&p->coupons[2], zone, now),
	        zone_instant(zone, calendar_day(2026, 12, 25), 0) - 1);
	assert_string_equal(program_coupon(p, "a")->discount, "10%");
	assert_string_equal(program_coupon(p, "b")->discount, "3,000원");
	assert_int_equal(program_coupon(p, "c")->uses, 2);
	assert_null(program_coupon(p, "d"));
	program_free(p);
}

static void test_paths(void **state)
{
	static const struct {
		const char *path, *event, *found, *near;
		enum field_type type;
	} cases[] = {
	        {"고객.이름", NULL, "customer.name", NULL, FIELD_TEXT},
	        {"customer.points", NULL, "customer.points", NULL, FIELD_NUMBER},
	        {"이벤트.금액", "order.paid", "event.total", NULL, FIELD_MONEY},
	        {"event.score", "game.played", "event.score", NULL, FIELD_NUMBER},
	        {"event.totl", "order.paid", NULL, "event.total", FIELD_TEXT},
	        {"상품.분류", NULL, "item.category", NULL, FIELD_TEXT},
	        {"주문.횟수", NULL, "orders.count", NULL, FIELD_NUMBER},
	        {"customer.citi", NULL, NULL, "customer.city", FIELD_TEXT},
	};
	struct program *p =
	        compile("fields { customer.points number game.played.score number }");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum field_type type = FIELD_TEXT;
		const char *near = NULL, *found = program_path(p, cases[i].path,
		                                 cases[i].event, &type, &near);
		if (!cases[i].found) {
			assert_null(found);
			assert_string_equal(near, cases[i].near);
			continue;
		}
		assert_non_null(found);
		assert_string_equal(found, cases[i].found);
		assert_int_equal(type, cases[i].type);
	}
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sweep),
	        cmocka_unit_test(test_anchors),
	        cmocka_unit_test(test_plans),
	        cmocka_unit_test(test_hash),
	        cmocka_unit_test(test_pinned),
	        cmocka_unit_test(test_durations),
	        cmocka_unit_test(test_coupons),
	        cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
