/* Two customers who become one: what comes over, what ends, what is found again. */
#include "store.h"
#include "store/alias.h"
#include "store/bulk.h"
#include "store/cart.h"
#include "store/consent.h"
#include "store/coupon.h"
#include "store/erase.h"
#include "store/event.h"
#include "store/merge.h"
#include "store/message.h"
#include "store/order.h"
#include "store/run.h"
#include "store/segment.h"
#include "store/skip.h"
#include "store/suppression.h"

#define OLD_PHONE "+821011112222"
#define NEW_PHONE "+821033334444"

static int64_t from, into;
static struct merge_counts counts;

static void two(void)
{
	from = add_customer("OLD", OLD_PHONE);
	into = add_customer("NEW", NEW_PHONE);
}

static void join(const struct merge_judge *judge)
{
	merge_begin(db, from, into, judge, T0, &counts);
	while (!merge_step(db, from, &counts))
		;
	assert_int_equal(db_turn_end(db), DB_OK);
}

static int64_t start(int64_t who, const char *rule, const char *occasion, bool open)
{
	struct rule_row row;
	struct run run = {.customer = who, .version = 1, .started_at = T0 - DAY};
	rule_row_get(db, rule, T0 - DAY, &row);
	run.rule = row.id;
	run.due_at = open ? T0 + DAY : 0;
	run.ended_at = open ? 0 : T0 - 1;
	run.planned = !open;
	snprintf(run.reason, sizeof run.reason, "done");
	snprintf(run.occasion, sizeof run.occasion, "%s", occasion);
	return run_start(db, &run);
}

static int64_t plan(int64_t run, int64_t who)
{
	const struct message message = {.run = run,
	        .rule = "r",
	        .customer = who,
	        .channel = "sms",
	        .template = "t",
	        .purpose = "ad",
	        .planned_at = T0 - 1,
	        .due_at = T0 + DAY};
	return message_plan(db, &message);
}

static const char *end_of(int64_t id)
{
	static struct run run;
	assert_true(run_get(db, id, &run));
	assert_true(run.customer == into);
	return run.reason;
}

/* ---- who is who ---- */

static void test_ids(void **state)
{
	struct profile by_phone = {.phone = OLD_PHONE}, by_ref = {.ref = "OLDEST"};
	int64_t oldest = add_customer("OLDEST", "+821055556666"), id;
	(void)state;
	two();
	merge_begin(db, oldest, from, NULL, T0, &counts);
	join(NULL);
	assert_true(customer_find(db, "OLD") == into);
	assert_true(customer_find(db, "OLDEST") == into);
	assert_true(alias_current(db, oldest) == into && alias_current(db, into) == into);
	assert_true(customer_of_phone(db, "+821055556666") == into);
	assert_int_equal(customer_upsert(db, &by_phone, T0, &id), CUSTOMER_FOUND);
	assert_true(id == into);
	assert_int_equal(customer_upsert(db, &by_ref, T0, &id), CUSTOMER_FOUND);
	assert_true(id == into);
	assert_true(customer_of_phone(db, NEW_PHONE) == into);
	assert_int_equal(ask("SELECT count(*) FROM customer"), 1);
	json_t *refs = alias_refs(db, into);
	assert_int_equal(json_array_size(refs), 2);
	json_decref(refs);
	assert_true(merge_pending(db, into) == oldest); /* was never stepped */
	assert_int_equal(merge_replay(db), 1);
	assert_int_equal(merge_pending(db, 0), 0);
}

/* What somebody has now is his before what another one once had. */
static void test_a_number_that_went_on(void **state)
{
	(void)state;
	two();
	join(NULL);
	int64_t heir = add_customer("HEIR", OLD_PHONE);
	assert_true(heir != into);
	assert_true(customer_of_phone(db, OLD_PHONE) == heir);
}

/* ---- consents ---- */

static void tell(int64_t who, int given, int64_t time)
{
	struct consent_change change = {.customer = who,
	        .channel = "sms",
	        .purpose = "ad",
	        .given = given > 0,
	        .time = time,
	        .source = "test",
	        .told = true};
	if (given)
		consent_record(db, &change, T0, false);
}

/* + gave it, - took it back, 0 said nothing; both orders of time. */
static void test_consents(void **state)
{
	char ref[64];
	(void)state;
	for (int a = -1; a <= 1; a++)
		for (int b = -1; b <= 1; b++)
			for (int later = 0; later < 2; later++) {
				snprintf(ref, sizeof ref, "f%d%d%d", a, b, later);
				from = add_customer(ref, NULL);
				snprintf(ref, sizeof ref, "i%d%d%d", a, b, later);
				into = add_customer(ref, NULL);
				tell(from, a, T0 - DAY + later);
				tell(into, b, T0 - DAY + 1 - later);
				join(NULL);
				bool refused = a < 0 || b < 0;
				bool given = !refused && (a > 0 || b > 0);
				if (consent_given(db, into, "sms", "ad") != given ||
				        consent_withdrawn(db, into, "sms", "ad") !=
				                refused)
					fail_msg("%d %d %d", a, b, later);
				int64_t since = consent_since(db, into, "sms", "ad");
				if (a > 0 && b > 0)
					assert_true(since == T0 - DAY);
				else if (a && b)
					assert_true(since == T0 - DAY + 1);
			}
}

/* Who is told of after an erased one with his number is not written to, and is not as
 * part of somebody older either. */
static void test_a_number_of_somebody_erased(void **state)
{
	struct profile old = {.ref = "OLD", .phone = OLD_PHONE};
	(void)state;
	into = add_customer("NEW", NULL);
	suppression_remember(db, OLD_PHONE, "sms", "opted_out", true, T0 - DAY);
	customer_upsert(db, &old, T0, &from);
	assert_true(suppression_has(db, OLD_PHONE, "sms", from, NULL));
	assert_false(suppression_has(db, OLD_PHONE, "sms", into, NULL));
	join(NULL);
	assert_true(suppression_has(db, OLD_PHONE, "sms", into, NULL));
}

static void test_confirmations(void **state)
{
	(void)state;
	two();
	tell(from, 1, T0 - 300 * DAY);
	tell(into, 1, T0 - 100 * DAY);
	int64_t first = ask("SELECT min(confirm_by) FROM consent");
	join(NULL);
	assert_true(ask("SELECT confirm_by FROM consent") == first);
}

/* ---- runs ---- */

static void test_runs(void **state)
{
	(void)state;
	two();
	int64_t both_old = start(from, "both", "a", true),
	        both_new = start(into, "both", "b", true);
	int64_t one = start(from, "one", "a", true);
	int64_t done_old = start(from, "twice", "2026", false),
	        done_new = start(into, "twice", "2026", false);
	int64_t spent_old = start(from, "again", "2026", true);
	start(into, "again", "2026", false);
	int64_t message = plan(one, from), gone = plan(both_old, from);
	join(NULL);
	assert_int_equal(counts.ended, 2);
	assert_string_equal(end_of(both_old), "merged");
	assert_string_equal(end_of(both_new), "");
	assert_string_equal(end_of(one), "");
	assert_string_equal(end_of(done_old), "done");
	assert_string_equal(end_of(done_new), "done");
	assert_string_equal(end_of(spent_old), "merged");
	struct arena *arena = arena_new();
	struct message m;
	assert_true(message_get(db, message, arena, &m));
	assert_true(m.customer == into && m.state == MESSAGE_PLANNED);
	assert_true(message_get(db, gone, arena, &m));
	assert_true(m.customer == into && m.state == MESSAGE_DROPPED &&
	            m.reason == REASON_MERGED);
	arena_free(arena);
	struct rule_row row;
	rule_row_get(db, "twice", T0, &row);
	assert_true(run_taken(db, row.id, into, "2026"));
	assert_int_equal(run_count(db, row.id, into, 0, INT64_MAX), 2);
	assert_int_equal(ask("SELECT count(*) FROM merged_row WHERE part = 0"), 4);
}

static enum merge_rule say(void *arg, int64_t rule, int64_t customer)
{
	(void)rule;
	assert_true(customer == into);
	return *(enum merge_rule *)arg;
}

/* What a rule has to say decides of those with something ahead alone. */
static void test_the_judge(void **state)
{
	enum merge_rule word;
	struct merge_judge judge = {say, &word};
	(void)state;
	two();
	word = MERGE_RULE_FULL;
	int64_t untold = start(from, "a", "1", true), told = start(from, "b", "1", true),
	        past = start(from, "c", "1", false), waits = start(from, "d", "1", false);
	int64_t message = plan(told, from);
	plan(waits, from);
	message_set_state(db, message, MESSAGE_CLAIMED, REASON_NONE, 0, T0);
	message_set_state(db, message, MESSAGE_HANDED, REASON_NONE, 0, T0);
	join(&judge);
	assert_int_equal(counts.ended, 2);
	assert_string_equal(end_of(untold), "merged");
	assert_string_equal(end_of(told), "");
	assert_string_equal(end_of(past), "done");
	assert_int_equal(ask("SELECT count(*) FROM message WHERE state = 'dropped'"), 1);

	int64_t third = add_customer("THIRD", NULL);
	int64_t law = start(into, "law", "1", true);
	from = into;
	into = third;
	start(into, "law", "2", true);
	word = MERGE_RULE_LAW;
	join(&judge);
	assert_int_equal(counts.ended, 0);
	assert_string_equal(end_of(law), "");
}

/* ---- what stands beside ---- */

static void test_profile(void **state)
{
	(void)state;
	two();
	run("UPDATE customer SET city = '부산', birth_md = 505, birth_year = 1990, "
	    "visits_count = 2, visits_first_at = 5, visits_last_at = 9, visitor = 'v1' "
	    "WHERE id = %lld",
	        (long long)from);
	run("UPDATE customer SET city = '서울', birth_year = 7, visits_count = 1, "
	    "visits_first_at = 7, visits_last_at = 7 WHERE id = %lld",
	        (long long)into);
	cart_add(db, from, "S1", 2, true, 100, false, 0, T0);
	cart_add(db, into, "S1", 1, true, 100, false, 0, T0 - 1);
	customer_tag(db, from, "단골");
	skip_note(db, from, 3, "limit", "x", T0);
	skip_note(db, into, 3, "limit", "y", T0 - 5);
	segment_move(db, 7, from, true, T0, false);
	segment_move(db, 7, from, false, T0, false);
	segment_move(db, 7, into, true, T0 - 9, false);
	join(NULL);
	assert_int_equal(ask("SELECT city = '서울' AND birth_md = 505 AND birth_year = "
	                     "1990 AND visits_count = 3 AND visits_first_at = 5 AND "
	                     "visits_last_at = 9 AND visitor = 'v1' FROM customer"),
	        1);
	assert_int_equal(
	        ask("SELECT cart_count * 1000 + cart_total FROM customer"), 1300);
	assert_int_equal(ask("SELECT count(*) FROM customer_tag"), 1);
	assert_int_equal(ask("SELECT n FROM skip WHERE occasion = 'x'"), 2);
	struct segment_member member;
	segment_member(db, 7, into, &member);
	assert_true(member.inside && member.entries == 2 && member.exits == 1);
	assert_true(member.since == T0 - 9);
}

static void test_attributes(void **state)
{
	struct profile a = {.ref = "OLD", .phone = OLD_PHONE}, b = {.ref = "NEW"};
	struct arena *arena = arena_new();
	struct customer c;
	(void)state;
	a.attributes = json_pack("{s:s, s:i}", "memo", "old", "size", 3);
	b.attributes = json_pack("{s:s}", "memo", "new");
	customer_upsert(db, &a, 1, &from);
	customer_upsert(db, &b, 1, &into);
	join(NULL);
	assert_true(customer_get(db, into, arena, &c));
	assert_string_equal(c.attributes, "{\"memo\":\"new\",\"size\":3}");
	assert_string_equal(c.phone, OLD_PHONE);
	struct merge_self *selves;
	assert_int_equal(merge_selves(db, into, arena, &selves), 1);
	assert_string_equal(selves[0].ref, "OLD");
	assert_string_equal(selves[0].person.phone, OLD_PHONE);
	arena_free(arena);
	json_decref(a.attributes);
	json_decref(b.attributes);
}

/* No more than a profile holds, so that it can be read back. */
static void test_a_full_profile(void **state)
{
	struct profile a = {.ref = "OLD", .attributes = json_object()},
	               b = {.ref = "NEW", .attributes = json_object()};
	struct arena *arena = arena_new();
	struct customer c;
	char key[24];
	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof key, "old%d", i);
		json_object_set_new(a.attributes, key, json_integer(i));
		snprintf(key, sizeof key, "new%d", i);
		json_object_set_new(b.attributes, key, json_integer(i));
	}
	customer_upsert(db, &a, 1, &from);
	customer_upsert(db, &b, 1, &into);
	for (int i = 0; i < 70; i++) {
		snprintf(key, sizeof key, "t%d", i);
		customer_tag(db, from, key);
		snprintf(key, sizeof key, "t%d", i + 35);
		customer_tag(db, into, key);
	}
	join(NULL);
	assert_true(customer_get(db, into, arena, &c));
	json_t *all = json_loads(c.attributes, 0, NULL);
	assert_int_equal(json_object_size(all), CUSTOMER_ATTRIBUTES);
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof key, "new%d", i);
		assert_int_equal(json_integer_value(json_object_get(all, key)), i);
	}
	assert_int_equal(ask("SELECT count(*) FROM customer_tag"), CUSTOMER_TAGS);
	json_decref(all);
	json_decref(a.attributes);
	json_decref(b.attributes);
	arena_free(arena);
}

/* A machine's events make a machine of both, also of who was counted before. */
static void test_a_machine(void **state)
{
	(void)state;
	two();
	assert_false(bulk_count(db, into, 20000));
	run("UPDATE customer SET bulk = 1 WHERE id = %lld", (long long)from);
	join(NULL);
	assert_true(bulk_count(db, into, 20000));
}

static void pay(int64_t who, const char *ref, int64_t total, int64_t time)
{
	const struct order_change change = {.source = "api",
	        .ref = ref,
	        .customer = who,
	        .time = time,
	        .has_total = true,
	        .total = total};
	order_pay(db, &change);
}

/* The figures are whole from the first turn on, and what a recount gives at the end. */
static void test_orders(void **state)
{
	(void)state;
	two();
	for (int i = 0; i < 200; i++) {
		char ref[24];
		snprintf(ref, sizeof ref, "o%d", i);
		pay(i < 150 ? from : into, ref, 10, T0 - i);
	}
	merge_begin(db, from, into, NULL, T0, &counts);
	assert_int_equal(ask("SELECT orders_count FROM customer"), 200);
	assert_true(ask("SELECT orders_last_at FROM customer") == T0);
	assert_true(ask("SELECT orders_first_at FROM customer") == T0 - 199);
	assert_int_equal(merge_pending(db, into), from);
	order_recount(db, into); /* somebody counts in between */
	while (!merge_step(db, from, &counts))
		;
	assert_int_equal(counts.parts[MERGE_ORDERS], 150);
	assert_int_equal(
	        ask("SELECT orders_count * 10000 + orders_total FROM customer"), 2002000);
	assert_int_equal(ask("SELECT count(DISTINCT customer) FROM orders"), 1);
}

static void test_coupons(void **state)
{
	const struct coupon_terms terms = {
	        .name = "ten", .discount = "10%", .uses = 2, .pattern = "T-######"};
	struct arena *arena = arena_new();
	int64_t remaining;
	(void)state;
	two();
	int64_t run = start(from, "r", "1", false);
	const char *code = coupon_reserve(db, &terms, run, from, 0, T0, arena);
	coupon_issue(db, code, T0);
	assert_int_equal(
	        coupon_redeem(db, code, from, "A", 100, T0, &remaining), COUPON_REDEEMED);
	join(NULL);
	assert_int_equal(
	        coupon_redeem(db, code, into, "B", 100, T0, &remaining), COUPON_REDEEMED);
	assert_int_equal(ask("SELECT count(DISTINCT customer) FROM redemption"), 1);
	arena_free(arena);
}

/* ---- in between, and the end ---- */

static void many_events(int n)
{
	for (int i = 0; i < n; i++) {
		char eid[24];
		snprintf(eid, sizeof eid, "e%d", i);
		struct event event = {.source = "api",
		        .eid = eid,
		        .type = "visit",
		        .customer = from,
		        .time = T0 - i,
		        .arrived = T0};
		event_insert(db, &event);
	}
}

static void test_a_stop_in_between(void **state)
{
	(void)state;
	two();
	many_events(3000);
	merge_begin(db, from, into, NULL, T0, &counts);
	assert_int_equal(counts.parts[MERGE_EVENTS], 1000);
	merge_step(db, from, NULL);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(merge_replay(db), 1);
	assert_int_equal(merge_replay(db), 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM event WHERE customer = (SELECT id FROM "
	            "customer)"),
	        3000);
	assert_int_equal(ask("SELECT count(*) FROM merged_row WHERE part = 5"), 3000);
}

static void test_erasing(void **state)
{
	struct consent_change no = {.customer = 0,
	        .channel = "sms",
	        .purpose = "ad",
	        .time = T0,
	        .source = "x"};
	(void)state;
	two();
	no.customer = from;
	consent_record(db, &no, T0, false);
	many_events(2000);
	merge_begin(db, from, into, NULL, T0, &counts);
	assert_true(customer_erase(db, into, T0));
	assert_int_equal(
	        ask("SELECT (SELECT count(*) FROM customer) + (SELECT count(*) "
	            "FROM merged) + (SELECT count(*) FROM merged_row) + (SELECT "
	            "count(*) FROM alias) + (SELECT count(*) FROM consent_log) + "
	            "(SELECT count(*) FROM event WHERE customer IS NOT NULL)"),
	        0);
	assert_int_equal(ask("SELECT count(*) FROM erased"), 2);
	assert_true(suppression_has(db, OLD_PHONE, "sms", 0, NULL));
	assert_true(suppression_has(db, NEW_PHONE, "sms", 0, NULL));
	assert_int_equal(customer_find(db, "OLD"), 0);
	assert_int_equal(customer_of_phone(db, OLD_PHONE), 0);
}

static void test_counting(void **state)
{
	struct merge_counts would;
	(void)state;
	two();
	many_events(70);
	start(from, "r", "1", false);
	merge_count(db, from, &would);
	assert_int_equal(would.parts[MERGE_EVENTS], 70);
	assert_int_equal(would.parts[MERGE_RUNS], 1);
	join(NULL);
	assert_memory_equal(would.parts, counts.parts, sizeof would.parts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(test_ids),
	        STORE_TEST(test_a_number_that_went_on),
	        STORE_TEST(test_consents),
	        STORE_TEST(test_a_number_of_somebody_erased),
	        STORE_TEST(test_confirmations),
	        STORE_TEST(test_runs),
	        STORE_TEST(test_the_judge),
	        STORE_TEST(test_profile),
	        STORE_TEST(test_attributes),
	        STORE_TEST(test_a_full_profile),
	        STORE_TEST(test_a_machine),
	        STORE_TEST(test_orders),
	        STORE_TEST(test_coupons),
	        STORE_TEST(test_a_stop_in_between),
	        STORE_TEST(test_erasing),
	        STORE_TEST(test_counting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
