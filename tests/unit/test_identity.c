/* Who is who: aliases, browsers, what two share, and merges that are taken apart. */
#include "store.h"
#include "store/alias.h"
#include "store/claim.h"
#include "store/conflict.h"
#include "store/consent.h"
#include "store/erase.h"
#include "store/event.h"
#include "store/order.h"
#include "store/person.h"
#include "store/run.h"
#include "store/unmerge.h"
#include "store/visitor.h"

#define OLD_PHONE "+821011112222"
#define NEW_PHONE "+821033334444"

static int64_t from, into;
static struct merge_counts counts;

static int64_t tell(const struct profile *profile)
{
	int64_t id;
	customer_upsert(db, profile, T0, &id);
	return id;
}

static int64_t browse(const char *ref, const char *visitor)
{
	const struct profile profile = {.ref = ref, .visitor = visitor};
	return tell(&profile);
}

static int64_t alias(const char *ref, const char *name)
{
	const char *names[] = {name};
	const struct profile profile = {.ref = ref, .aliases = names, .n_aliases = 1};
	return tell(&profile);
}

static void two(void)
{
	from = add_customer("OLD", OLD_PHONE);
	into = add_customer("NEW", NEW_PHONE);
}

static void join(void)
{
	merge_begin(db, from, into, NULL, T0, &counts);
	while (!merge_step(db, from, &counts))
		;
	assert_int_equal(db_turn_end(db), DB_OK);
}

static enum unmerge_state state_at(int64_t now)
{
	struct unmerge found;
	unmerge_find(db, "OLD", now, &found);
	return found.state;
}

static void part(void)
{
	assert_int_equal(state_at(T0), UNMERGE_CAN);
	unmerge_begin(db, from, T0, &counts);
	while (!unmerge_step(db, from, &counts))
		;
	assert_int_equal(db_turn_end(db), DB_OK);
}

/* ---- aliases ---- */

static void test_aliases(void **state)
{
	(void)state;
	int64_t a = alias(NULL, "x:1");
	assert_true(a && alias(NULL, "x:1") == a && customer_find(db, "x:1") == a);
	assert_true(alias("A", "x:1") == a && customer_find(db, "A") == a);
	int64_t b = alias("B", "x:1");
	assert_true(b != a && customer_find(db, "x:1") == a);
	assert_int_equal(ask("SELECT count(*) FROM alias_claim"), 1);
	alias("B", "x:1");
	assert_int_equal(ask("SELECT count(*) FROM alias_claim"), 1);
	assert_true(alias("A", "B") == a && customer_find(db, "B") == b);
	assert_int_equal(ask("SELECT count(*) FROM alias_claim"), 2);
	assert_int_equal(ask("SELECT count(*) FROM alias"), 1);
	customer_erase(db, a, T0);
	alias("B", "x:1");
	assert_true(customer_find(db, "x:1") == b);
	assert_int_equal(ask("SELECT count(*) FROM alias_claim"), 0);
}

static void test_no_more_than_so_many(void **state)
{
	char name[16];
	(void)state;
	for (int i = 0; i < 2 * CLAIM_MOST; i++) {
		snprintf(name, sizeof name, "x:%d", i);
		alias("A", name);
		alias("B", name);
	}
	assert_int_equal(
	        ask("SELECT count(*) FROM alias WHERE customer = 1"), CLAIM_MOST);
	assert_int_equal(ask("SELECT count(*) FROM alias_claim"), CLAIM_MOST);
}

/* ---- browsers ---- */

static void test_who_is_nobody(void **state)
{
	const char *names[] = {"x:1"};
	(void)state;
	int64_t nobody = browse(NULL, "v");
	assert_true(visitor_anonymous(db, "v") == nobody);
	const struct profile named = {.visitor = "n", .name = "n"},
	                     called = {.visitor = "p", .phone = OLD_PHONE},
	                     mailed = {.visitor = "m", .email = "a@b.kr"},
	                     known = {.visitor = "a", .aliases = names, .n_aliases = 1};
	tell(&named);
	tell(&called);
	tell(&mailed);
	tell(&known);
	browse("A", "i");
	int64_t agreed = browse(NULL, "c"), busy = browse(NULL, "b");
	const struct consent_change change = {.customer = agreed,
	        .channel = "sms",
	        .purpose = "ad",
	        .given = true,
	        .time = T0};
	consent_record(db, &change, T0, false);
	run("UPDATE customer SET bulk = 1 WHERE id = %d", (int)busy);
	for (const char *v = "npmaicb"; *v; v++) {
		const char visitor[2] = {*v, 0};
		if (visitor_anonymous(db, visitor) || !visitor_find(db, visitor))
			fail_msg("%s", visitor);
	}
}

static void test_whose_a_browser_is(void **state)
{
	(void)state;
	int64_t nobody = browse(NULL, "v"), a = browse("A", "w"), b = browse("B", "w");
	assert_true(visitor_find(db, "w") == b);
	browse("A", "w");
	assert_true(visitor_find(db, "w") == a);
	browse("A", "v");
	assert_true(visitor_anonymous(db, "v") == nobody); /* engine joins it */
	assert_true(visitor_fits(db, a, OLD_PHONE, NULL));
	const struct profile called = {.ref = "A", .phone = OLD_PHONE, .email = "a@b.kr"};
	tell(&called);
	assert_true(visitor_fits(db, a, OLD_PHONE, "c@d.kr"));
	assert_false(visitor_fits(db, a, NEW_PHONE, "a@b.kr"));
	assert_true(visitor_fits(db, a, NULL, "a@b.kr"));
	assert_false(visitor_fits(db, a, NULL, "c@d.kr"));
}

/* ---- taken apart ---- */

static void some_events(int n)
{
	char eid[32];
	for (int i = 0; i < n; i++) {
		struct event event = {.source = "t",
		        .eid = eid,
		        .type = "page.viewed",
		        .customer = from,
		        .time = T0,
		        .arrived = T0};
		snprintf(eid, sizeof eid, "e%d", i);
		event_insert(db, &event);
	}
}

static void test_apart(void **state)
{
	(void)state;
	two();
	int64_t since = ask("SELECT created_at FROM customer WHERE ref = 'OLD'");
	some_events(1500);
	join();
	int64_t events = counts.parts[MERGE_EVENTS];
	part();
	assert_true(counts.parts[MERGE_EVENTS] == events && events == 1500);
	assert_true(customer_find(db, "OLD") == from && customer_find(db, "NEW") == into);
	assert_true(customer_of_phone(db, OLD_PHONE) == from);
	assert_true(customer_of_phone(db, NEW_PHONE) == into);
	assert_true(ask("SELECT created_at FROM customer WHERE ref = 'OLD'") == since);
	assert_int_equal(ask("SELECT count(*) FROM merged_row"), 0);
	assert_int_equal(state_at(T0), UNMERGE_DONE);
	join();
	assert_int_equal(ask("SELECT count(*) FROM parted"), 0);
}

static void test_a_stop_in_between(void **state)
{
	(void)state;
	two();
	some_events(3000);
	join();
	unmerge_begin(db, from, T0, &counts);
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_true(unmerge_pending(db, into) == from && unmerge_pending(db, 0) == from);
	assert_true(ask("SELECT count(*) FROM event WHERE customer = 2") > 0);
	assert_int_equal(unmerge_replay(db), 1);
	assert_int_equal(ask("SELECT count(*) FROM event WHERE customer = 2"), 0);
	assert_int_equal(unmerge_pending(db, 0), 0);
	assert_int_equal(unmerge_replay(db), 0);
}

static void test_who_may(void **state)
{
	struct unmerge found;
	(void)state;
	two();
	assert_int_equal(state_at(T0), UNMERGE_NONE);
	join();
	assert_int_equal(state_at(T0 + UNMERGE_DAYS * DAY), UNMERGE_CAN);
	assert_int_equal(state_at(T0 + UNMERGE_DAYS * DAY + 1), UNMERGE_OLD);
	int64_t third = add_customer("THIRD", NULL), old = from;
	from = into;
	into = third;
	join();
	unmerge_find(db, "OLD", T0, &found);
	assert_int_equal(found.state, UNMERGE_ON);
	assert_string_equal(found.first, "NEW");
	unmerge_begin(db, from, T0, &counts);
	while (!unmerge_step(db, from, NULL))
		;
	into = from;
	from = old;
	part();
	assert_int_equal(ask("SELECT count(*) FROM customer"), 3);
	assert_true(customer_of_phone(db, OLD_PHONE) == from);
	assert_int_equal(ask("SELECT count(*) FROM customer WHERE phone_key IS NULL AND "
	                     "ref = 'THIRD'"),
	        1);
}

static void agree(int64_t who, bool given, int64_t time)
{
	const struct consent_change change = {.customer = who,
	        .channel = "sms",
	        .purpose = "ad",
	        .given = given,
	        .time = time,
	        .told = true};
	consent_record(db, &change, T0, false);
}

static void test_consents(void **state)
{
	(void)state;
	two();
	agree(from, true, T0 - 300 * DAY);
	agree(into, true, T0 - 100 * DAY);
	int64_t old = ask("SELECT confirm_by FROM consent WHERE customer = 1"),
	        new = ask("SELECT confirm_by FROM consent WHERE customer = 2");
	join();
	assert_true(consent_since(db, into, "sms", "ad") == T0 - 300 * DAY);
	part();
	assert_true(consent_since(db, into, "sms", "ad") == T0 - 100 * DAY);
	assert_true(consent_since(db, from, "sms", "ad") == T0 - 300 * DAY);
	assert_true(ask("SELECT confirm_by FROM consent WHERE customer = 1") == old);
	assert_true(ask("SELECT confirm_by FROM consent WHERE customer = 2") == new);
	join();
	agree(into, false, T0 - DAY);
	part();
	assert_true(consent_withdrawn(db, from, "sms", "ad"));
	assert_true(consent_withdrawn(db, into, "sms", "ad"));
	assert_int_equal(
	        ask("SELECT count(*) FROM consent_log WHERE customer = 1 AND source"
	            " = 'unmerge' AND given = 0"),
	        1);
	assert_int_equal(ask("SELECT count(*) FROM consent WHERE customer = 1 AND"
	                     " confirm_by IS NULL"),
	        1);
}

static void test_runs(void **state)
{
	struct rule_row row;
	struct run mine = {.version = 1, .started_at = T0 - DAY, .ended_at = T0 - 1}, got;
	(void)state;
	two();
	rule_row_get(db, "r", T0 - DAY, &row);
	mine.rule = row.id;
	snprintf(mine.reason, sizeof mine.reason, "done");
	snprintf(mine.occasion, sizeof mine.occasion, "2026 #1");
	mine.customer = into;
	run_start(db, &mine);
	mine.customer = from;
	int64_t id = run_start(db, &mine);
	join();
	assert_true(run_get(db, id, &got) && got.customer == into);
	assert_string_not_equal(got.occasion, "2026 #1");
	part();
	assert_true(run_get(db, id, &got) && got.customer == from);
	assert_string_equal(got.occasion, "2026 #1");
}

static void test_persons(void **state)
{
	const struct profile bare = {.ref = "NEW"},
	                     full = {.ref = "OLD", .phone = OLD_PHONE, .name = "n"};
	struct arena *arena = arena_new();
	struct person person;
	(void)state;
	from = tell(&full);
	into = tell(&bare);
	join();
	assert_true(customer_of_phone(db, OLD_PHONE) == into);
	part();
	assert_true(customer_of_phone(db, OLD_PHONE) == from);
	assert_false(customer_shares(db, from, false));
	person_get(db, into, arena, &person);
	assert_true(!person.phone && !person.name);
	person_get(db, from, arena, &person);
	assert_string_equal(person.phone, OLD_PHONE);
	arena_free(arena);
}

static void test_erasing_amid(void **state)
{
	(void)state;
	two();
	some_events(3000);
	join();
	unmerge_begin(db, from, T0, &counts);
	customer_erase(db, into, T0);
	assert_int_equal(ask("SELECT count(*) FROM event WHERE customer = 1"), 3000);
	assert_int_equal(
	        ask("SELECT (SELECT count(*) FROM parted) + (SELECT count(*) FROM"
	            " merged_row) + (SELECT count(*) FROM customer)"),
	        1);
}

static void test_forgetting(void **state)
{
	int64_t cursor = 0;
	(void)state;
	two();
	some_events(700);
	join();
	while (unmerge_forget(db, T0, &cursor))
		;
	assert_int_equal(ask("SELECT count(*) FROM merged_row"), 700);
	cursor = 0;
	while (unmerge_forget(db, T0 + 1, &cursor))
		;
	assert_int_equal(ask("SELECT count(*) FROM merged_row"), 0);
	assert_true(customer_find(db, "OLD") == into);
}

/* ---- conflicts ---- */

static size_t found(size_t most, int64_t *cursor)
{
	struct conflict_walk walk;
	struct zone *zone = zone_open("Asia/Seoul");
	json_t *list = json_array();
	bool more = true;
	assert_true(conflict_walk_from(db, &walk, *cursor, zone));
	while (more && json_array_size(list) < most)
		more = conflict_step(db, &walk, list, most);
	*cursor = more ? conflict_cursor(&walk) : -1;
	size_t n = json_array_size(list);
	json_decref(list);
	zone_close(zone);
	return n;
}

static void test_conflicts(void **state)
{
	char ref[16];
	int64_t cursor = 0;
	size_t n = 0;
	(void)state;
	for (int i = 0; i < 600; i++) {
		snprintf(ref, sizeof ref, "C%d", i);
		add_customer(ref, i < 400 ? OLD_PHONE : NEW_PHONE);
	}
	assert_int_equal(found(10000, &cursor), 399 + 199);
	for (cursor = 0; cursor >= 0;)
		n += found(7, &cursor);
	assert_int_equal(n, 399 + 199);
	conflict_dismiss(db, 2, 1);
	conflict_dismiss(db, 1, 2);
	cursor = 0;
	assert_int_equal(found(10000, &cursor), 399 + 198);
	customer_erase(db, 1, T0);
	cursor = 0;
	assert_int_equal(found(10000, &cursor), 398 + 199);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(test_aliases),
	        STORE_TEST(test_no_more_than_so_many),
	        STORE_TEST(test_who_is_nobody),
	        STORE_TEST(test_whose_a_browser_is),
	        STORE_TEST(test_apart),
	        STORE_TEST(test_a_stop_in_between),
	        STORE_TEST(test_who_may),
	        STORE_TEST(test_consents),
	        STORE_TEST(test_runs),
	        STORE_TEST(test_persons),
	        STORE_TEST(test_erasing_amid),
	        STORE_TEST(test_forgetting),
	        STORE_TEST(test_conflicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
