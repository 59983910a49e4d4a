/* Codes: distinct, checked, given once, redeemed once. */
#include "store.h"
#include "store/code.h"
#include "store/coupon.h"

static struct arena *arena;

static const char *reserve(const char *pattern, int64_t run, int64_t stock, bool pooled)
{
	struct coupon_terms terms = {.name = "c",
	        .pattern = pattern,
	        .pooled = pooled,
	        .discount = "10%",
	        .uses = 1,
	        .stock = stock};
	return coupon_reserve(db, &terms, run, run, T0 + 30 * DAY, T0, arena);
}

static void test_patterns(void **state)
{
	static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
	static const struct {
		const char *pattern;
		int n; /* codes that it yields, of 40 asked for */
	} cases[] = {{"BD-######", 40}, {NULL, 40}, {"X-##", 31}, {"Y#", 1}, {"ONCE", 0},
	        {"단골-####", 40}, {"Z-###", 40}};
	int64_t run = 1;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *pattern = cases[i].pattern ? cases[i].pattern : "########";
		int n = 0;
		for (int k = 0; k < 40; k++) {
			const char *code = reserve(cases[i].pattern, run++, 0, false);
			if (!code)
				continue;
			n++;
			assert_int_equal(strlen(code), strlen(pattern));
			for (size_t p = 0; pattern[p]; p++)
				if (pattern[p] == '#' ? !strchr(signs, code[p])
				                      : code[p] != pattern[p])
					fail_msg("%s for %s", code, pattern);
		}
		if (n != cases[i].n)
			fail_msg("%s: %d", pattern, n);
	}
	assert_int_equal(ask("SELECT count(*) - count(DISTINCT bare) FROM coupon"), 0);
}

/* One wrong sign, or two neighbours swapped, never make another good code. */
static void test_check_sign(void **state)
{
	static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
	(void)state;
	for (int64_t run = 1; run <= 20; run++) {
		char code[16];
		int sum = 0;
		snprintf(code, sizeof code, "%s", reserve("########", run, 0, false));
		for (int i = 0; i < 7; i++)
			sum += (int)(strchr(signs, code[i]) - signs) * (i + 1);
		assert_int_equal((sum + (strchr(signs, code[7]) - signs)) % 31, 0);
	}
}

/* Every single wrong sign and every two neighbours, at every length that a pattern has;
 * and what no code has at all. */
static void test_mistyped(void **state)
{
	static const char signs[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
	static const char *const others[] = {
	        "BD-0AAAAA", "bd 1aaaaa", "BD-AAAAIA", "BD-LAAAAA", "BD-OAAAAA"};
	char pattern[40], code[40];
	(void)state;
	for (int n = 5; n <= 32; n++) {
		memset(pattern, '#', (size_t)n);
		pattern[n] = '\0';
		const char *good = code_fresh(db, pattern, arena);
		assert_false(code_mistyped(pattern, good));
		for (int i = 0; i < n; i++) {
			for (int k = 0; signs[k]; k++) {
				strcpy(code, good);
				code[i] = signs[k];
				assert_int_equal(code_mistyped(pattern, code),
				        signs[k] != good[i]);
			}
			strcpy(code, good);
			if (i + 1 < n && good[i] != good[i + 1]) {
				code[i] = good[i + 1];
				code[i + 1] = good[i];
				assert_true(code_mistyped(pattern, code));
			}
		}
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_true(code_mistyped("BD-######", others[i]));
	assert_false(code_mistyped("BD-######", "XX-222222"));
	assert_false(code_mistyped("BD-######", "BD-2222223"));
	assert_false(code_mistyped("BD-######", ""));
}

static void test_reserving(void **state)
{
	static const char *const codes[] = {"AA-11", "BB 22", "aa11", "", "CC33"};
	int64_t expires = 0;
	(void)state;
	assert_null(reserve(NULL, 1, 0, true));
	assert_int_equal(coupon_pool_add(db, "c", codes, 5), 3);
	assert_int_equal(coupon_pool_add(db, "c", codes, 5), 0);
	assert_int_equal(coupon_left(db, "c"), 3);
	assert_string_equal(reserve(NULL, 1, 0, true), "AA-11");
	assert_string_equal(reserve(NULL, 1, 0, true), "AA-11");
	assert_string_equal(reserve(NULL, 2, 0, true), "BB 22");
	assert_int_equal(coupon_left(db, "c"), 1);
	assert_string_equal(coupon_of_run(db, 2, arena, &expires), "BB 22");
	assert_true(expires == T0 + 30 * DAY);
	/* A sending that failed uses up none; what was issued stays. */
	coupon_release(db, 1);
	assert_null(coupon_of_run(db, 1, arena, &expires));
	assert_int_equal(coupon_left(db, "c"), 2);
	coupon_issue(db, "BB 22", T0);
	coupon_release(db, 2);
	assert_string_equal(coupon_of_run(db, 2, arena, NULL), "BB 22");
	assert_string_equal(reserve(NULL, 3, 0, true), "AA-11");
	assert_string_equal(reserve(NULL, 4, 0, true), "CC33");
	assert_null(reserve(NULL, 5, 0, true));
}

static void test_stock(void **state)
{
	(void)state;
	assert_non_null(reserve(NULL, 1, 2, false));
	assert_non_null(reserve(NULL, 2, 2, false));
	assert_null(reserve(NULL, 3, 2, false));
	assert_non_null(reserve(NULL, 2, 2, false));
	coupon_release(db, 1);
	assert_non_null(reserve(NULL, 3, 2, false));
	assert_null(reserve(NULL, 1, 2, false));
}

enum act { REDEEM, RESTORE, VOID, ISSUE };

static void test_counter(void **state)
{
	static const struct {
		enum act act;
		const char *code;
		int64_t customer, amount;
		int day;
		enum coupon_verdict want;
		int64_t left;
		const char *state;
	} story[] = {
	        {REDEEM, "NONE", 0, 9000, 0, COUPON_UNKNOWN, -1, NULL},
	        {REDEEM, "GOOD-1", 0, 9000, 0, COUPON_NOT_ISSUED, -1, "reserved"},
	        {ISSUE, "good1", 0, 0, 0, COUPON_REDEEMED, -1, "issued"},
	        {RESTORE, "GOOD1", 0, 0, 0, COUPON_NOT_REDEEMED, -1, "issued"},
	        {REDEEM, "GOOD-1", 0, -1, 0, COUPON_BELOW_MINIMUM, -1, "issued"},
	        {REDEEM, "GOOD-1", 0, 4999, 0, COUPON_BELOW_MINIMUM, -1, "issued"},
	        {REDEEM, "GOOD-1", 8, 9000, 0, COUPON_ANOTHERS, -1, "issued"},
	        {REDEEM, "GOOD-1", 7, 9000, 31, COUPON_EXPIRED, -1, "expired"},
	        {REDEEM, " go od 1", 7, 9000, 30, COUPON_REDEEMED, 1, "issued"},
	        {REDEEM, "g-o-o-d-1", 0, 5000, 0, COUPON_REDEEMED, 0, "redeemed"},
	        {REDEEM, "GOOD-1", 7, 9000, 0, COUPON_USED, -1, "redeemed"},
	        {VOID, "GOOD-1", 0, 0, 0, COUPON_USED, -1, "redeemed"},
	        {RESTORE, "GOOD-1", 0, 0, 0, COUPON_REDEEMED, -1, "issued"},
	        {REDEEM, "GOOD-1", 0, 9000, 0, COUPON_REDEEMED, 0, "redeemed"},
	        {RESTORE, "GOOD-1", 0, 0, 0, COUPON_REDEEMED, -1, "issued"},
	        {RESTORE, "GOOD-1", 0, 0, 0, COUPON_REDEEMED, -1, "issued"},
	        {RESTORE, "GOOD-1", 0, 0, 0, COUPON_NOT_REDEEMED, -1, "issued"},
	        {VOID, "GOOD-1", 0, 0, 0, COUPON_REDEEMED, -1, "void"},
	        {REDEEM, "GOOD-1", 0, 9000, 0, COUPON_VOID, -1, "void"},
	};
	static const char *const codes[] = {"GOOD-1"};
	(void)state;
	coupon_pool_add(db, "c", codes, 1);
	struct coupon_terms terms = {.name = "c",
	        .pooled = true,
	        .discount = "10%",
	        .minimum = 5000,
	        .uses = 2};
	coupon_reserve(db, &terms, 1, 7, T0 + 30 * DAY, T0, arena);
	for (size_t i = 0; i < sizeof story / sizeof story[0]; i++) {
		int64_t left = -1, now = T0 + story[i].day * DAY;
		enum coupon_verdict got = COUPON_REDEEMED;
		struct coupon c = {.state = NULL};
		if (story[i].act == REDEEM)
			got = coupon_redeem(db, story[i].code, story[i].customer, "A-1",
			        story[i].amount, now, &left);
		else if (story[i].act == RESTORE)
			got = coupon_restore(db, story[i].code, now);
		else if (story[i].act == VOID)
			got = coupon_void(db, story[i].code, now);
		else
			coupon_issue(db, story[i].code, now);
		coupon_find(db, story[i].code, now, arena, &c);
		if (got != story[i].want || left != story[i].left)
			fail_msg("step %zu: %d, %lld left", i, got, (long long)left);
		if (story[i].state)
			assert_string_equal(c.state, story[i].state);
		assert_true(strlen(coupon_verdict_text(got)) > 5);
	}
}

static void test_json(void **state)
{
	(void)state;
	struct zone *zone = zone_open("Asia/Seoul");
	int64_t who = add_customer("C123", NULL);
	struct coupon_terms terms = {.name = "birthday10",
	        .pattern = "BD-######",
	        .discount = "10%",
	        .uses = 1};
	const char *code =
	        coupon_reserve(db, &terms, 1, who, INT64_C(1767193199000), T0, arena);
	json_t *json = coupon_json(db, code, T0, zone);
	assert_string_equal(json_string_value(json_object_get(json, "customer")), "C123");
	assert_string_equal(
	        json_string_value(json_object_get(json, "coupon")), "birthday10");
	assert_string_equal(json_string_value(json_object_get(json, "expires")),
	        "2025-12-31T23:59:59+09:00");
	assert_true(json_is_null(json_object_get(json, "issued")));
	assert_int_equal(json_object_size(json), 8);
	json_decref(json);
	coupon_issue(db, code, T0);
	json = coupon_json(db, code, INT64_C(1767193199000), zone);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "issued");
	json_decref(json);
	json = coupon_json(db, code, INT64_C(1767193199001), zone);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "expired");
	json_decref(json);
	assert_null(coupon_json(db, "NONE", T0, zone));
	zone_close(zone);
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
	const struct CMUnitTest tests[] = {TEST(test_patterns), TEST(test_check_sign),
	        TEST(test_mistyped), TEST(test_reserving), TEST(test_stock),
	        TEST(test_counter), TEST(test_json)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
