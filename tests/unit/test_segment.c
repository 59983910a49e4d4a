/* Borders of segments: after whatever changes and whatever time that passes, who is
 * written down as inside is who a look at everybody would find. */
#include "store.h"
#include <sys/stat.h>
#include "base/calendar.h"
#include "base/clock.h"
#include "engine/border.h"
#include "engine/engine.h"
#include "language/cond.h"
#include "language/deps.h"
#include "language/ruleset.h"

#define CUSTOMERS 40
#define ROUNDS 400

static struct zone *zone;
static struct shop shop;
static struct engine engine;
static struct ruleset *set;
static int64_t now;
static unsigned seed;

static const char rules[] =
        "fields { customer.opening date customer.points number }\n"
        "coupon k { discount 10% code \"K-######\" valid 3 days }\n"
        "segment tagged { tag \"VIP\" or consent sms }\n"
        "segment recent { orders.count in last 30 days >= 2 }\n"
        "segment away { last order at least 10 days ago }\n"
        "segment near { joined within 20 days and not last visit within 5 days }\n"
        "segment busy { count of visit in last 36 hours >= 2 }\n"
        "segment quiet { no visit in last 7 days and no cart.added in last 2 months }\n"
        "segment buyer { bought \"S1\" in last 3 weeks or bought category \"C1\" }\n"
        "segment grown { customer.age >= 30 }\n"
        "segment feast { birthday this month }\n"
        "segment opens { customer.opening within 30 days }\n"
        "segment month { last order this month or first visit this month }\n"
        "segment holder { holds k }\n"
        "segment told { received r in last 4 days }\n"
        "segment viewer { viewed category \"C1\" in last 5 days }\n"
        "segment both { in recent and not in tagged }\n"
        "segment hours { last order at least 3 hours ago and average of order.paid.total "
        "in last 1 month > 100 }\n"
        "segment long { last order before 12 days ago and not last visit at least 9 days "
        "ago }\n"
        "segment young { joined after 8 days ago or first visit within 6 days }\n"
        "segment apart { not (in away and last visit within 4 days) }\n"
        "segment rows { count of visit where (event.time within 3 days) >= 1 }\n";

static int draw(int n)
{
	seed = seed * 1103515245 + 12345;
	return (int)(seed / 65536 % (unsigned)n);
}

static void put(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", test_folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

/* The segments and, for each, a rule that waits at its border. */
static void load(void)
{
	static const char *const channels[] = {"sms", "owner", NULL};
	static struct world world;
	char *folder = mem_printf("%s/rules", test_folder);
	struct buf text = {0};
	struct diag diag;

	world = (struct world){.channels = channels, .zone = zone};
	buf_adds(&text, rules);
	for (const char *s = strstr(rules, "\nsegment "); s;
	        s = strstr(s + 1, "\nsegment ")) {
		const char *name = s + strlen("\nsegment ");
		int len = (int)strcspn(name, " ");
		buf_printf(&text, "rule at-%.*s { when enters %.*s tag \"in\" }\n", len,
		        name, len, name);
	}
	buf_adds(&text, "rule r { when customer.joined tag \"x\" }\n");
	assert_int_equal(mkdir(folder, 0700), 0);
	put("rules/a.rule", text.data);
	buf_free(&text);
	diag_init(&diag);
	set = ruleset_load(folder, folder, &world, &diag);
	if (!set)
		fail_msg("%s", diag.n ? diag.items[0].message : "no rules");
	diag_fini(&diag);
	free(folder);
	shop.zone = zone;
	engine_open(&engine, db, &shop, &world);
	engine_adopt(&engine, set, now);
}

static int begin(void **state)
{
	if (store_open(state))
		return -1;
	zone = zone_open("Asia/Seoul");
	if (!now) /* simulated time only goes forward */
		now = zone_instant(zone, calendar_day(2026, 1, 20), 11 * MS_HOUR);
	seed = 7;
	clock_set(now);
	load();
	return db_turn_end(db) == DB_OK ? 0 : -1;
}

static int end(void **state)
{
	engine_close(&engine);
	engine = (struct engine){0};
	ruleset_free(set);
	zone_close(zone);
	return store_close(state);
}

/* ---- what happens ---- */

static long long past(int days)
{
	return (long long)(now - draw(days) * MS_DAY - draw(24) * MS_HOUR);
}

static void somebody_new(void)
{
	run("INSERT INTO customer(ref, joined_at, birth_year, birth_md, birth_lunar, "
	    "attributes, created_at, seen_at) VALUES ('R%d-%lld', %lld, %d, %d, %d, "
	    "'{\"opening\":\"2026-%02d-%02d\"}', 1, 1)",
	        draw(1000000), (long long)now + draw(100000), past(60) + draw(5) * MS_DAY,
	        1990 + draw(8), (draw(12) + 1) * 100 + draw(29) + 1, draw(2),
	        draw(12) + 1, draw(28) + 1);
}

static void an_event(int id)
{
	static const char *const types[] = {
	        "visit", "visit", "cart.added", "product.viewed", "order.paid"};
	const char *type = types[draw(5)];
	long long time = draw(3) ? (long long)now : draw(2) ? past(10) : now + 200000;

	run("INSERT INTO event(source, eid, type, customer, time, arrived, total, sku) "
	    "VALUES ('t', hex(randomblob(12)), '%s', %d, %lld, %lld, %d, 'S%d')",
	        type, id, time, (long long)now, draw(300), draw(3));
	if (!strcmp(type, "visit"))
		run("UPDATE customer SET visits_first_at = min(coalesce(visits_first_at, "
		    "%lld), %lld), visits_last_at = max(coalesce(visits_last_at, 0), "
		    "%lld) WHERE id = %d",
		        time, time, time, id);
}

static void count_orders(int id)
{
	run("UPDATE customer SET (orders_count, orders_total, orders_first_at, "
	    "orders_last_at) = (SELECT count(*), coalesce(sum(total), 0), min(paid_at), "
	    "max(paid_at) FROM orders WHERE customer = %d AND counted = 1) WHERE id = %d",
	        id, id);
}

static void an_order(int id)
{
	run("INSERT INTO orders(source, ref, customer, paid_at, total, counted) VALUES "
	    "('t', hex(randomblob(12)), %d, %lld, %d, 1)",
	        id, draw(2) ? (long long)now : past(40), draw(9999));
	run("INSERT INTO order_item(order_id, line, sku, category) SELECT max(id), 0, "
	    "'S%d', %s FROM orders",
	        draw(3), draw(2) ? "'C1'" : "NULL");
	count_orders(id);
}

static void something(void)
{
	int id = draw(CUSTOMERS) + 1;

	switch (draw(13)) {
	case 0:
		somebody_new();
		return;
	case 1:
		run("INSERT OR IGNORE INTO customer_tag VALUES (%d, 'VIP')", id);
		return;
	case 2:
		run("DELETE FROM customer_tag WHERE customer = %d", id);
		return;
	case 3:
		run("INSERT INTO consent(customer, channel, purpose, given, time) VALUES "
		    "(%d, 'sms', 'ad', %d, 1) ON "
		    "CONFLICT DO UPDATE SET given = excluded.given",
		        id, draw(2));
		return;
	case 4:
	case 5:
		an_order(id);
		return;
	case 6:
		run("UPDATE orders SET counted = 0 WHERE id = (SELECT max(id) FROM "
		    "orders WHERE customer = %d)",
		        id);
		count_orders(id);
		return;
	case 7:
		run("INSERT INTO coupon(bare, code, coupon, customer, state, issued_at, "
		    "expires_at) VALUES (hex(randomblob(9)), 'c', 'k', %d, 'issued', "
		    "%lld, %lld)",
		        id, (long long)now, (long long)(now + draw(4) * MS_DAY));
		return;
	case 8:
		run("INSERT INTO message(run, step, leg, rule, customer, channel, "
		    "template, purpose, state, planned_at) VALUES (abs(random()), 0, 0, "
		    "'r', %d, 'sms', 't', 'ad', 'planned', 1)",
		        id);
		run("UPDATE message SET state = 'accepted', sent_at = %lld WHERE state "
		    "= 'planned'",
		        (long long)now);
		return;
	case 9:
		run("UPDATE customer SET birth_year = %d, attributes = NULL WHERE id = "
		    "%d",
		        1990 + draw(8), id);
		return;
	case 10:
		if (draw(8) == 0)
			run("INSERT INTO product(sku, category, changed_at) VALUES "
			    "('S%d', 'C%d', 1) ON CONFLICT DO UPDATE SET category = "
			    "excluded.category",
			        draw(3), draw(3));
		return;
	default:
		an_event(id);
		return;
	}
}

/* ---- as a look at everybody finds it ---- */

static void compare(int round)
{
	struct moment moment = {.db = db, .zone = zone, .now = now};

	for (size_t i = 0; i < engine.n_borders; i++) {
		const struct border *b = &engine.borders[i];
		for (int64_t id = 1; id <= CUSTOMERS; id++)
			if ((cond_ask(b->segment->cond, &moment, id) == TRUTH_YES) !=
			        segment_inside(db, b->row.id, id))
				fail_msg("round %d: customer %d and segment %s", round,
				        (int)id, b->segment->name);
	}
}

static void pass_to(int64_t then)
{
	now = then;
	clock_set(now);
	engine_run(&engine, now, 0);
	assert_int_equal(db_turn_end(db), DB_OK);
}

static void test_as_a_rebuild_would(void **state)
{
	(void)state;
	for (int i = 0; i < CUSTOMERS; i++)
		somebody_new();
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = draw(12); i > 0; i--) {
			something();
			border_settle(&engine, draw(3) ? now : 0, now);
		}
		if (draw(2)) { /* some hours */
			pass_to(now + draw(300) * MS_MINUTE);
			continue;
		}
		pass_to(zone_instant(
		        zone, zone_day(zone, now) + 1 + draw(3) * draw(3), 0));
		compare(round);
	}
	assert_true(ask("SELECT count(*) FROM segment_member WHERE entries > 1") > 20);
	assert_int_equal(ask("SELECT count(DISTINCT segment) FROM segment_member"),
	        engine.n_borders);
}

/* No window reads a table through. */
static void test_windows_have_indexes(void **state)
{
	(void)state;
	for (size_t i = 0; i < engine.n_borders; i++) {
		const struct segment *segment = engine.borders[i].segment;
		const char *sql;
		for (size_t w = 0; (sql = segment_window_sql(segment, w)); w++) {
			char *plan;
			if (segment->deps->movers[w / 4].kind == MOVES_ANYBODY)
				continue;
			plan = db_plan(db, sql);
			for (char *line = strtok(plan, "\n"); line;
			        line = strtok(NULL, "\n"))
				if (strstr(line, "SCAN") && !strstr(line, "json_each") &&
				        !strstr(line, "CONSTANT ROW") &&
				        !strstr(line, "SUBQUERY") &&
				        !strstr(line, "(subquery"))
					fail_msg("%s: %s", segment->name, line);
			free(plan);
		}
	}
}

/* A condition that the store could not take in has no border until the next reload: its
 * members are those of another. */
static void test_an_adoption_that_was_undone(void **state)
{
	size_t n = engine.n_borders;

	(void)state;
	segment_row_reset(db, engine.borders[0].row.id, "another", now);
	assert_int_equal(db_turn_end(db), DB_OK);
	engine_adopt(&engine, set, now);
	db_fail_next_commit(db, DB_FULL);
	assert_int_equal(db_turn_end(db), DB_FULL);
	assert_int_equal(engine.n_borders, n - 1);
	assert_string_equal(engine.borders[0].row.hash, engine.borders[0].segment->hash);
	engine_adopt(&engine, set, now);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(engine.n_borders, n);
	assert_int_equal(engine.borders[0].row.seed, 0);
}

/* A product says something new of everybody by its category, and by nothing else. */
static void test_a_product_moves_by_its_category(void **state)
{
	static const char touched[] =
	        "SELECT count(*) FROM segment_touched WHERE customer = 0";

	(void)state;
	border_settle(&engine, now, now);
	run("INSERT INTO product(sku, name, stock, changed_at) VALUES ('P1', 'n', 1, 0)");
	run("UPDATE product SET stock = 2 WHERE sku = 'P1'");
	assert_int_equal(ask(touched), 0);
	run("UPDATE product SET category = 'C1' WHERE sku = 'P1'");
	assert_int_equal(ask(touched), 1);
	run("INSERT INTO product(sku, category, changed_at) VALUES ('P2', 'C1', 0)");
	assert_int_equal(ask(touched), 2);
}

/* Where no rule waits the store has no trigger and notes nobody. */
static void test_nothing_is_noted_for_nobody(void **state)
{
	(void)state;
	assert_true(
	        ask("SELECT count(*) FROM sqlite_master WHERE name GLOB 'touch_*'") > 10);
	engine.n_borders = 0;
	segment_triggers(db, NULL, 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM sqlite_master WHERE name GLOB 'touch_*'"), 0);
	an_event(1);
	assert_int_equal(ask("SELECT count(*) FROM segment_touched"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_as_a_rebuild_would),
	        TEST(test_a_product_moves_by_its_category),
	        TEST(test_windows_have_indexes),
	        TEST(test_an_adoption_that_was_undone),
	        TEST(test_nothing_is_noted_for_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
