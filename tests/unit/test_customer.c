/* Who a customer is: reading a profile, finding by id, visitor, phone and e-mail,
 * changing, and erasing. */
#include "store.h"
#include <jansson.h>
#include "store/bulk.h"
#include "store/consent.h"
#include "store/customer.h"
#include "store/event.h"
#include "store/message.h"
#include "store/order.h"
#include "store/receipt.h"
#include "store/run.h"
#include "store/suppression.h"

static struct arena *arena;

static bool read_profile(
        const char *text, struct profile *out, struct profile_error *error)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(json);
	bool good = customer_read(json, arena, out, error);
	if (!good || (!out->tags && !out->attributes))
		json_decref(json);
	return good;
}

static int64_t upsert_at(const char *text, int64_t now, int *flags)
{
	struct profile p;
	struct profile_error error;
	int64_t id;
	json_t *json = json_loads(text, 0, NULL);
	assert_true(customer_read(json, arena, &p, &error));
	int found = customer_upsert(db, &p, now, &id);
	if (flags)
		*flags = found;
	json_decref(json);
	return id;
}

static int64_t upsert(const char *text)
{
	return upsert_at(text, T0, NULL);
}

static void test_read_errors(void **state)
{
	static const struct {
		const char *json, *pointer; /* NULL: good */
	} cases[] = {
	        {"{}", NULL},
	        {"[]", ""},
	        {"{\"id\":\"C1\",\"name\":\"김하늘\",\"other\":[1]}", NULL},
	        {"{\"id\":17}", NULL},
	        {"{\"id\":{}}", "/id"},
	        {"{\"phone\":\"전화\"}", "/phone"},
	        {"{\"phone\":\"010-****-5678\"}", NULL},
	        {"{\"phone\":\"\",\"email\":null}", NULL},
	        {"{\"email\":\"nobody\"}", "/email"},
	        {"{\"birthday\":\"1990-13-01\"}", "/birthday"},
	        {"{\"birthday\":\"1990-02-30\"}", "/birthday"},
	        {"{\"birthday\":\"1990-02-30\",\"birthday_calendar\":\"lunar\"}", NULL},
	        {"{\"birthday\":\"--05-05\",\"birthday_calendar\":\"mayan\"}",
	                "/birthday_calendar"},
	        {"{\"gender\":\"여\"}", NULL},
	        {"{\"gender\":\"x\"}", "/gender"},
	        {"{\"friend\":\"yes\"}", "/friend"},
	        {"{\"friend\":null}", NULL},
	        {"{\"joined\":\"2026-01-02T10:00:00+09:00\"}", NULL},
	        {"{\"joined\":\"yesterday\"}", "/joined"},
	        {"{\"tags\":\"VIP\"}", "/tags"},
	        {"{\"tags\":[\"VIP\",3]}", "/tags/1"},
	        {"{\"attributes\":[]}", "/attributes"},
	        {"{\"name\":\"a\\u0007b\"}", "/name"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct profile p;
		struct profile_error error = {"", ""};
		bool good = read_profile(cases[i].json, &p, &error);
		if (good != !cases[i].pointer)
			fail_msg("%s: %s %s", cases[i].json, error.pointer, error.detail);
		if (!good)
			assert_string_equal(error.pointer, cases[i].pointer);
	}
}

static void test_identity(void **state)
{
	int flags;
	(void)state;
	assert_int_equal(upsert("{\"name\":\"이름뿐\"}"), 0);
	assert_int_equal(upsert("{\"phone\":\"0507-1234-5678\"}"), 0);
	int64_t a = upsert_at("{\"id\":\"A\",\"phone\":\"010-1111-2222\"}", T0, &flags);
	assert_int_equal(flags, CUSTOMER_CREATED);
	/* An id always wins, and merges nobody. */
	int64_t b =
	        upsert_at("{\"id\":\"B\",\"phone\":\"01011112222\"}", T0 + 1000, &flags);
	assert_int_equal(flags, CUSTOMER_CREATED);
	assert_true(a != b);
	/* A phone of several finds the one seen last. */
	assert_int_equal(
	        upsert_at("{\"phone\":\"+82 10-1111-2222\"}", T0 + 2000, &flags), b);
	assert_int_equal(flags, CUSTOMER_FOUND | CUSTOMER_SHARED);
	upsert_at("{\"id\":\"A\"}", T0 + 100 * DAY, &flags);
	assert_int_equal(upsert_at("{\"phone\":\"010-1111-2222\"}", T0, NULL), a);
	/* A phone of one alone is not shared; e-mails are found in any case. */
	int64_t c = upsert("{\"phone\":\"010-3333-4444\",\"email\":\"Me@Example.COM\"}");
	assert_int_equal(upsert_at("{\"phone\":\"010-3333-4444\"}", T0, &flags), c);
	assert_int_equal(flags, CUSTOMER_FOUND);
	assert_int_equal(upsert("{\"email\":\"me@example.com\"}"), c);
	char ref[24];
	snprintf(ref, sizeof ref, "~%lld", (long long)c);
	assert_int_equal(customer_find(db, ref), c);
	/* A browser that tells who it is takes its row along; one that is somebody
	 * already does not. */
	int64_t v = upsert("{\"visitor\":\"v1\"}");
	assert_int_equal(upsert("{\"id\":\"V\",\"visitor\":\"v1\"}"), v);
	assert_int_equal(customer_find(db, "V"), v);
	assert_true(upsert("{\"id\":\"W\",\"visitor\":\"v1\"}") != v);
	/* Nobody makes a name of ours. */
	assert_int_equal(upsert("{\"id\":\"~999\"}"), 0);
}

static void test_fields(void **state)
{
	struct customer c;
	(void)state;
	int64_t id = upsert(
	        "{\"id\":\"C\",\"name\":\"김하늘\",\"birthday\":\"1990-05-05\","
	        "\"birthday_calendar\":\"lunar\",\"friend\":true,\"gender\":\"f\","
	        "\"tags\":[\"b\",\"a\",\"a\"],\"attributes\":{\"점수\":3,\"x\":1}}");
	upsert("{\"id\":\"C\",\"name\":\"\",\"birthday\":\"05-05\",\"attributes\":{\"x\":"
	       "null,\"y\":\"z\"}}");
	assert_true(customer_get(db, id, arena, &c));
	assert_string_equal(c.name, "김하늘");
	assert_string_equal(c.attributes, "{\"y\":\"z\",\"점수\":3}");
	/* The day told again without its year and calendar keeps both; another day is
	 * solar. */
	assert_int_equal(c.birth_year, 1990);
	assert_int_equal(c.birth_md, 505);
	assert_true(c.birth_lunar);
	upsert("{\"id\":\"C\",\"birthday\":\"05-06\"}");
	assert_true(customer_get(db, id, arena, &c));
	assert_int_equal(c.birth_year, 0);
	assert_false(c.birth_lunar);
	assert_int_equal(c.friend, 1);
	assert_int_equal(ask("SELECT count(*) FROM customer_tag"), 2);
	/* PUT clears what it does not tell, but tags. */
	struct profile p;
	struct profile_error error;
	assert_true(read_profile("{\"id\":\"C\",\"city\":\"서울\"}", &p, &error));
	customer_replace(db, id, &p, T0);
	assert_true(customer_get(db, id, arena, &c));
	assert_null(c.name);
	assert_null(c.attributes);
	assert_string_equal(c.city, "서울");
	assert_int_equal(c.birth_md, 0);
	assert_int_equal(c.friend, -1);
	assert_int_equal(ask("SELECT count(*) FROM customer_tag"), 2);
	customer_untag(db, id, "a");
	customer_tag(db, id, "c");
	customer_tag(db, id, "c");
	struct zone *zone = zone_open("Asia/Seoul");
	json_t *json = customer_json(db, id, zone);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
	        "{\"attributes\":{},\"birthday\":null,\"birthday_calendar\":\"solar\","
	        "\"birthday_leap_month\":false,"
	        "\"city\":\"서울\",\"consents\":{\"data\":{\"ad\":false},\"email\":{"
	        "\"ad\":false,\"night\":false},"
	        "\"kakao\":{\"ad\":false,\"night\":false},\"push\":{\"ad\":false,"
	        "\"night\":false},"
	        "\"sms\":{\"ad\":false,\"night\":false}},\"email\":null,\"friend\":null,"
	        "\"gender\":null,\"grade\":null,"
	        "\"id\":\"C\",\"joined\":null,\"language\":null,\"name\":null,"
	        "\"orders\":{\"count\":0,\"first\":null,\"last\":null,\"total\":0},"
	        "\"phone\":null,\"tags\":[\"b\",\"c\"]}");
	free(text);
	json_decref(json);
	zone_close(zone);
}

/* What is known already is not written again, but for the instant once a minute. */
static void test_no_write(void **state)
{
	static const char told[] =
	        "{\"id\":\"C\",\"name\":\"김\",\"phone\":\"010-1234-5678\",\"city\":"
	        "\"서울\","
	        "\"birthday\":\"1990-05-05\",\"friend\":true,\"attributes\":{\"a\":1}}";
	(void)state;
	upsert_at(told, T0, NULL);
	assert_int_equal(db_turn_end(db), DB_OK);
	upsert_at(told, T0 + 59999, NULL);
	assert_false(db_turn_open(db));
	upsert_at(told, T0 + 60000, NULL);
	assert_true(db_turn_open(db));
	assert_true(ask("SELECT seen_at FROM customer") == T0 + 60000);
}

static void test_list(void **state)
{
	(void)state;
	struct zone *zone = zone_open("Asia/Seoul");
	for (int i = 0; i < 5; i++)
		upsert((const char *[]){"{\"id\":\"a\"}", "{\"id\":\"b\"}",
		        "{\"id\":\"c\"}", "{\"id\":\"d\"}", "{\"id\":\"e\"}"}[i]);
	int64_t after = 0, seen = 0;
	for (int page = 0; page < 3; page++) {
		json_t *list = customer_list(db, after, 2, zone);
		seen += (int64_t)json_array_size(json_object_get(list, "customers"));
		json_t *next = json_object_get(list, "next");
		assert_int_equal(json_is_null(next), page == 2);
		after = json_integer_value(next);
		json_decref(list);
	}
	assert_int_equal(seen, 5);
	zone_close(zone);
}

static void test_busy(void **state)
{
	(void)state;
	int64_t id = upsert("{\"id\":\"till\"}");
	for (int i = 1; i <= 501; i++)
		assert_int_equal(bulk_count(db, id, 100), i > 500);
	assert_true(bulk_count(db, id, 101));
	int64_t other = upsert("{\"id\":\"person\"}");
	for (int day = 0; day < 3; day++)
		for (int i = 0; i < 300; i++)
			assert_false(bulk_count(db, other, day));
}

static int64_t somebody(const char *ref)
{
	char *text = mem_printf("{\"id\":\"%s\",\"name\":\"김하늘\",\"phone\":\"010-1234-"
	                        "5678\",\"email\":\"h@example.com\","
	                        "\"tags\":[\"VIP\"]}",
	        ref);
	int64_t id = upsert(text);
	free(text);
	consent_record(db,
	        &(struct consent_change){
	                .customer = id, .channel = "sms", .purpose = "ad", .time = T0},
	        T0, false);
	struct event event = {.source = "api",
	        .eid = ref,
	        .type = "visit",
	        .customer = id,
	        .time = T0,
	        .arrived = T0,
	        .data = "{\"who\":\"김하늘\"}"};
	assert_true(event_insert(db, &event));
	order_pay(db, &(struct order_change){.source = "api",
	                      .ref = ref,
	                      .customer = id,
	                      .time = T0,
	                      .has_total = true,
	                      .total = 5000});
	struct rule_row row, other;
	rule_row_get(db, "r", T0, &row);
	rule_row_get(db, "other", T0, &other);
	run_spend(db, other.id, id, "same", 1, T0, "missed");
	struct run run = {.rule = row.id,
	        .customer = id,
	        .version = 1,
	        .started_at = T0,
	        .occasion = "same"};
	int64_t run_id = run_start(db, &run);
	for (int step = 0; step < 2; step++) {
		int64_t m = message_plan(db, &(struct message){.run = run_id,
		                                     .step = step,
		                                     .rule = "r",
		                                     .customer = id,
		                                     .channel = "sms",
		                                     .template = "t",
		                                     .purpose = "ad",
		                                     .planned_at = T0});
		struct message known = {.id = m, .rule = "r", .channel = "sms"};
		message_hand(db, &known,
		        &(struct message_leaving){.address = "+821012345678",
		                .text = "김하늘님",
		                .provider = "outbox"},
		        T0);
		message_set_state(db, m, step == 0 ? MESSAGE_ACCEPTED : MESSAGE_PLANNED,
		        REASON_NONE, T0, T0);
	}
	return id;
}

/* Of two with one number the one who is erased speaks for himself, and for who comes
 * after. */
static void test_erase_shared(void **state)
{
	int64_t stays = upsert("{\"id\":\"A\",\"phone\":\"01055556666\"}"), leaves, comes;
	(void)state;
	leaves = upsert("{\"id\":\"B\",\"phone\":\"01055556666\"}");
	consent_record(db,
	        &(struct consent_change){.customer = leaves,
	                .channel = "sms",
	                .purpose = "ad",
	                .time = T0},
	        T0, false);
	assert_true(customer_erase(db, leaves, T0 + DAY));
	comes = upsert_at("{\"id\":\"B\",\"phone\":\"01055556666\"}", T0 + 2 * DAY, NULL);
	assert_false(suppression_has(db, "+821055556666", "sms", stays, NULL));
	assert_false(suppression_has(db, "+821055556666", "sms", 0, NULL));
	assert_true(suppression_has(db, "+821055556666", "sms", comes, NULL));
	assert_false(suppression_has(db, "+821055556666", "kakao", comes, NULL));
}

/* A report that nothing was known of yet is named by the number's index. */
static void test_erase_early_report(void **state)
{
	struct receipt early = {.provider = "p",
	        .ref = "R1",
	        .number = "+821077778888",
	        .state = "failed",
	        .time = T0};
	int64_t message;
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(receipt_add(db, &early, T0, &message), RECEIPT_EARLY);
		early.number = "+821000000001";
	}
	customer_erase(db, upsert("{\"id\":\"E\",\"phone\":\"01077778888\"}"), T0);
	assert_int_equal(ask("SELECT count(*) FROM receipt"), 1);
}

static void test_erase(void **state)
{
	static const char *const tables[] = {"customer", "customer_tag", "consent",
	        "consent_log", "event", "orders", "run", "message", "suppression",
	        "attempt", "idempotency"};
	(void)state;
	assert_false(customer_erase(db, 77, T0));
	for (int i = 0; i < 2; i++) {
		int64_t id = somebody(i ? "C2" : "C1");
		assert_false(suppression_has(db, "h@example.com", "email", 0, NULL));
		assert_true(customer_erase(db, id, T0 + DAY));
		assert_int_equal(customer_find(db, i ? "C2" : "C1"), 0);
	}
	assert_int_equal(db_turn_end(db), DB_OK);
	assert_int_equal(ask("SELECT count(*) FROM customer"), 0);
	assert_int_equal(
	        ask("SELECT count(*) FROM event WHERE customer IS NULL AND data IS NULL"),
	        2);
	assert_int_equal(ask("SELECT sum(total) FROM orders WHERE customer < 0"), 10000);
	assert_int_equal(ask("SELECT count(DISTINCT customer) FROM run WHERE reason = "
	                     "'erased' AND customer < 0"),
	        2);
	assert_int_equal(ask("SELECT count(*) FROM run WHERE customer < 0"), 4);
	assert_int_equal(ask("SELECT count(*) FROM run"), 4);
	assert_int_equal(
	        ask("SELECT n FROM tally WHERE rule = 'r' AND state = 'accepted'"), 2);
	assert_int_equal(
	        ask("SELECT n FROM tally WHERE rule = 'r' AND state = 'dropped'"), 2);
	/* He who had opted out is still not written to. */
	const char *reason;
	assert_true(suppression_has(db, "+821012345678", "sms", 0, &reason));
	assert_string_equal(reason, "opted_out");
	assert_false(suppression_has(db, "+821012345678", "email", 0, NULL));
	assert_false(suppression_has(db, "+821000000000", "sms", 0, NULL));
	/* The event stays known, and no column anywhere holds the person. */
	assert_true(event_seen(db, "api", "C1"));
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		char *sql = mem_printf("SELECT * FROM %s", tables[i]), why[256];
		struct stmt *st = stmt_new(db, sql, why);
		while (stmt_row(st))
			for (int col = 0; col < 8; col++) {
				const char *text = stmt_get_text(st, col);
				if (text && (strstr(text, "김하늘") ||
				                    strstr(text, "12345678") ||
				                    strstr(text, "h@ex")))
					fail_msg("%s: %s", tables[i], text);
			}
		stmt_free(st);
		free(sql);
	}
	/* His id is free, and whoever takes it is another. */
	int flags;
	int64_t anew = upsert_at("{\"id\":\"C1\"}", T0, &flags);
	assert_int_equal(flags, CUSTOMER_CREATED);
	assert_true(anew > 2);
}

static int open_both(void **state)
{
	arena = arena_new();
	return store_open(state);
}

static int close_both(void **state)
{
	arena_free(arena);
	return store_close(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_both, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_read_errors), TEST(test_identity),
	        TEST(test_fields), TEST(test_no_write), TEST(test_list), TEST(test_busy),
	        TEST(test_erase_shared), TEST(test_erase_early_report), TEST(test_erase)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
