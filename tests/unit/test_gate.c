/* The gate's windows and questions, as tables: when a message of each kind may leave, and
 * why not. */
#include "store.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "engine/gate.h"
#include "store/consent.h"
#include "store/run.h"
#include "store/spent.h"
#include "store/suppression.h"

#define AT(h, m, s) \
	(INT64_C(1795359600000) + \
	        ((h)*3600 + (m)*60 + (s)) * INT64_C(1000)) /* 2026-11-23, Korea */

static struct shop shop = {
        .name = "단골커피",
        .law_korea = true,
        .margin_ms = 10 * MS_MINUTE,
        .hold_max_ms = 3 * MS_DAY,
};

static void test_law(void **state)
{
	static const struct {
		const char *channel;
		bool ad, night;
		int h, m, s;
		int64_t open;
		enum reason reason;
	} table[] = {
	        {"sms", true, false, 20, 49, 59, AT(20, 49, 59), REASON_NONE},
	        {"sms", true, false, 20, 50, 0, AT(32, 0, 0), REASON_LAW_HOURS},
	        {"sms", true, false, 23, 59, 59, AT(32, 0, 0), REASON_LAW_HOURS},
	        {"sms", true, false, 0, 0, 0, AT(8, 0, 0), REASON_LAW_HOURS},
	        {"sms", true, false, 7, 59, 59, AT(8, 0, 0), REASON_LAW_HOURS},
	        {"sms", true, false, 8, 0, 0, AT(8, 0, 0), REASON_NONE},
	        {"sms", true, true, 3, 0, 0, AT(3, 0, 0), REASON_NONE},
	        {"sms", false, false, 3, 0, 0, AT(3, 0, 0), REASON_NONE},
	        {"push", true, false, 21, 0, 0, AT(32, 0, 0), REASON_LAW_HOURS},
	        {"email", true, false, 23, 0, 0, AT(23, 0, 0), REASON_NONE},
	        {"brandmessage", true, false, 20, 39, 59, AT(20, 39, 59), REASON_NONE},
	        {"brandmessage", true, true, 20, 50, 0, AT(32, 0, 0),
	                REASON_PROVIDER_WINDOW},
	};
	static const char *const zones[] = {"Asia/Seoul", "America/New_York", "UTC"};

	(void)state;
	shop.quiet = false;
	for (size_t z = 0; z < 3; z++) {
		shop.zone = zone_open(zones[z]);
		for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
			enum reason reason;
			int64_t now = AT(table[i].h, table[i].m, table[i].s);
			assert_int_equal(gate_window(&shop, table[i].channel, table[i].ad,
			                         table[i].night, now, &reason),
			        table[i].open);
			assert_int_equal(reason, table[i].reason);
		}
		zone_close(shop.zone);
	}
}

static void test_quiet(void **state)
{
	static const struct {
		int from_h, to_h, h, m, s;
		int64_t open;
	} table[] = {
	        {21, 8, 20, 59, 59, AT(20, 59, 59)},
	        {21, 8, 21, 0, 0, AT(32, 0, 0)},
	        {21, 8, 7, 59, 59, AT(8, 0, 0)},
	        {21, 8, 8, 0, 0, AT(8, 0, 0)},
	        {12, 14, 11, 59, 59, AT(11, 59, 59)},
	        {12, 14, 12, 0, 0, AT(14, 0, 0)},
	        {12, 14, 14, 0, 0, AT(14, 0, 0)},
	        {9, 9, 9, 0, 0, AT(9, 0, 0)},
	};

	(void)state;
	shop.zone = zone_open("Asia/Seoul");
	shop.quiet = true;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		enum reason reason;
		shop.quiet_from_ms = (int)(table[i].from_h * MS_HOUR);
		shop.quiet_to_ms = (int)(table[i].to_h * MS_HOUR);
		assert_int_equal(gate_window(&shop, "email", true, false,
		                         AT(table[i].h, table[i].m, table[i].s), &reason),
		        table[i].open);
	}
	shop.quiet_from_ms = 0;
	shop.quiet_to_ms = (int)MS_DAY;
	enum reason reason;
	assert_true(gate_window(&shop, "email", true, false, AT(12, 0, 0), &reason) >
	            AT(12, 0, 0) + 30 * MS_DAY);
	assert_int_equal(reason, REASON_QUIET_HOURS);
	/* Both shut, the law first: the later opening, and the law is named. */
	shop.quiet_from_ms = (int)(22 * MS_HOUR);
	shop.quiet_to_ms = (int)(9 * MS_HOUR);
	assert_int_equal(gate_window(&shop, "sms", true, false, AT(21, 30, 0), &reason),
	        AT(33, 0, 0));
	assert_int_equal(reason, REASON_LAW_HOURS);
	zone_close(shop.zone);
}

static void agree(int64_t customer, const char *channel, bool given)
{
	struct consent_change change = {.customer = customer,
	        .channel = channel,
	        .purpose = "ad",
	        .given = given,
	        .time = T0};
	consent_record(db, &change, T0, false);
}

static void test_questions(void **state)
{
	int64_t id = add_customer("C1", "+821012345678");
	struct customer customer = {
	        .id = id, .ref = "C1", .phone = "+821012345678", .friend = -1};
	struct message message = {
	        .channel = "sms", .purpose = "ad", .planned_at = AT(12, 0, 0)};
	struct gate_question q = {.message = &message,
	        .customer = &customer,
	        .address = customer.phone,
	        .rule_active = true};
	struct gate_answer answer;
	int64_t now = AT(12, 0, 0);

	(void)state;
	shop.zone = zone_open("Asia/Seoul");
	shop.quiet = false;
#define EXPECT(v, r) \
	do { \
		answer = gate_ask(db, &shop, &q, now); \
		assert_int_equal(answer.verdict, v); \
		assert_string_equal(reason_name(answer.reason), reason_name(r)); \
	} while (0)
	EXPECT(GATE_NEXT, REASON_NO_CONSENT);
	agree(id, "sms", true);
	EXPECT(GATE_END, REASON_NO_MARKETING_CONSENT);
	agree(id, "data", true);
	EXPECT(GATE_GO, REASON_NONE);
	now = AT(22, 0, 0);
	EXPECT(GATE_WAIT, REASON_LAW_HOURS);
	message.purpose = "info";
	EXPECT(GATE_GO, REASON_NONE);
	message.flags = MESSAGE_BY_DAY;
	EXPECT(GATE_WAIT, REASON_LAW_HOURS);
	message.flags = 0;
	message.purpose = "ad";
	now = AT(12, 0, 0);
	customer.birth_year = 2015;
	customer.birth_md = 101;
	EXPECT(GATE_END, REASON_UNDER_AGE);
	customer.birth_year = 0;
	q.coupon_expires = now - 1;
	EXPECT(GATE_END, REASON_OFFER_EXPIRED);
	q.coupon_expires = 0;
	q.address = NULL;
	EXPECT(GATE_NEXT, REASON_NO_ADDRESS);
	q.address = "+8250512345678";
	EXPECT(GATE_NEXT, REASON_NO_ADDRESS);
	q.address = customer.phone;
	q.rule_paused = true;
	EXPECT(GATE_WAIT, REASON_RULE_PAUSED);
	q.rule_paused = false;
	q.rule_active = false;
	EXPECT(GATE_END, REASON_RULE_OFF);
	q.rule_active = true;
	message.expires_at = now - 1;
	EXPECT(GATE_END, REASON_LATE);
	message.expires_at = 0;
	suppression_add(db, customer.phone, "sms", "bounced", "test", T0);
	EXPECT(GATE_NEXT, REASON_NO_ADDRESS);
	suppression_remove(db, customer.phone, "sms");
	suppression_add(db, customer.phone, "all", "owner", "test", T0);
	EXPECT(GATE_END, REASON_OPTED_OUT);
	message.purpose = "info";
	EXPECT(GATE_GO, REASON_NONE);
#undef EXPECT
	zone_close(shop.zone);
}

/* Asked all at once, a no of one does not hide the others'. */
static void test_all_questions(void **state)
{
	int64_t id = add_customer("C1", "+821012345678"), ends;
	struct customer customer = {.id = id,
	        .ref = "C1",
	        .phone = "+821012345678",
	        .friend = 0,
	        .birth_year = 2020,
	        .birth_md = 101};
	struct message message = {.channel = "brandmessage", .purpose = "ad"};
	struct gate_question q = {.message = &message,
	        .customer = &customer,
	        .coupon_expired_or_void = true,
	        .rule_paused = true,
	        .rule_active = true};
	static const struct {
		enum gate_verdict verdict;
		enum reason reason;
	} expected[GATE_TOPICS] = {
	        [GATE_RULE] = {GATE_WAIT, REASON_RULE_PAUSED},
	        [GATE_ADDRESS] = {GATE_NEXT, REASON_NO_ADDRESS},
	        [GATE_SUPPRESSION] = {GATE_GO, REASON_NONE},
	        [GATE_KAKAO] = {GATE_NEXT, REASON_NOT_FRIEND},
	        [GATE_CONSENT] = {GATE_NEXT, REASON_NO_CONSENT},
	        [GATE_DATA] = {GATE_END, REASON_NO_MARKETING_CONSENT},
	        [GATE_AGE] = {GATE_END, REASON_UNDER_AGE},
	        [GATE_COUPON] = {GATE_END, REASON_OFFER_EXPIRED},
	        [GATE_CAP] = {GATE_GO, REASON_NONE},
	        [GATE_WINDOW] = {GATE_WAIT, REASON_PROVIDER_WINDOW},
	};
	struct gate_answer answers[GATE_TOPICS];

	(void)state;
	shop.zone = zone_open("Asia/Seoul");
	shop.quiet = false;
	gate_ask_all(db, &shop, &q, AT(22, 0, 0), answers);
	for (int i = 0; i < GATE_TOPICS; i++) {
		assert_int_equal(answers[i].verdict, expected[i].verdict);
		assert_int_equal(answers[i].reason, expected[i].reason);
	}
	q.customer = NULL;
	gate_ask_all(db, &shop, &q, AT(22, 0, 0), answers);
	assert_int_equal(answers[GATE_ADDRESS].reason, REASON_ERASED);
	assert_int_equal(gate_cap_used(db, &shop, &(struct cap){1, SCHEDULE_WEEK}, id,
	                         AT(22, 0, 0), &ends),
	        0);
	assert_int_equal(ends, AT(7 * 24, 0, 0));
	zone_close(shop.zone);
}

static void test_caps(void **state)
{
	int64_t id = add_customer("C1", "+821012345678");
	struct customer customer = {
	        .id = id, .ref = "C1", .phone = "+821012345678", .friend = -1};
	struct message message = {.channel = "sms",
	        .purpose = "ad",
	        .rule = "r",
	        .template = "t",
	        .customer = id,
	        .run = 1,
	        .planned_at = AT(12, 0, 0),
	        .due_at = AT(12, 0, 0)};
	struct gate_question q = {.message = &message,
	        .customer = &customer,
	        .address = customer.phone,
	        .rule_active = true};
	struct gate_answer answer;
	int64_t sent;

	(void)state;
	shop.zone = zone_open("Asia/Seoul");
	shop.n_caps = 2;
	shop.caps[0] = (struct cap){1, SCHEDULE_DAY};
	shop.caps[1] = (struct cap){0, SCHEDULE_WEEK}; /* 0: off */
	agree(id, "sms", true);
	agree(id, "data", true);
	sent = message_plan(db, &message);
	assert_int_equal(gate_ask(db, &shop, &q, AT(12, 0, 0)).verdict, GATE_GO);
	message_set_state(db, sent, MESSAGE_CLAIMED, REASON_NONE, 0, AT(12, 0, 0));
	message_set_state(db, sent, MESSAGE_HANDED, REASON_NONE, 0, AT(12, 0, 0));
	answer = gate_ask(db, &shop, &q, AT(13, 0, 0));
	assert_int_equal(answer.verdict, GATE_WAIT);
	assert_int_equal(answer.reason, REASON_CAP);
	assert_int_equal(answer.until,
	        AT(24, 0, 0)); /* the exact next slot; the law's window is asked then */
	message.held_at = AT(13, 0, 0) - 3 * MS_DAY;
	answer = gate_ask(db, &shop, &q, AT(13, 0, 0));
	assert_int_equal(answer.verdict, GATE_END);
	assert_int_equal(answer.reason, REASON_CAP);
	shop.n_caps = 0;
	zone_close(shop.zone);
}

/* An advertisement waits when its price would pass the budget, information never; what
 * counts is the shop's calendar. */
static void test_budget(void **state)
{
	static const struct {
		const char *purpose;
		enum schedule per;
		int64_t spent, price;
		int h;
		enum gate_verdict verdict;
		int64_t until;
	} table[] = {
	        {"ad", SCHEDULE_DAY, 91, 0, 12, GATE_GO, 0},
	        {"ad", SCHEDULE_DAY, 91, 9, 12, GATE_GO, 0},
	        {"ad", SCHEDULE_DAY, 91, 30, 12, GATE_WAIT, AT(24, 0, 0)},
	        {"ad", SCHEDULE_DAY, 92, 0, 12, GATE_WAIT, AT(24, 0, 0)},
	        {"ad", SCHEDULE_DAY, 120, 9, 36, GATE_GO, 0},
	        {"ad", SCHEDULE_WEEK, 120, 9, 36, GATE_WAIT, AT(7 * 24, 0, 0)},
	        {"ad", SCHEDULE_WEEK, 120, 9, 7 * 24 + 12, GATE_GO, 0},
	        {"ad", SCHEDULE_MONTH, 120, 9, 7 * 24, GATE_WAIT, AT(8 * 24, 0, 0)},
	        {"ad", SCHEDULE_MONTH, 120, 9, 8 * 24 + 12, GATE_GO, 0},
	        {"ad", SCHEDULE_DAY, 120, 9, -12, GATE_GO, 0}, /* a clock set back */
	        {"info", SCHEDULE_DAY, 120, 30, 12, GATE_GO, 0},
	};
	int64_t id = add_customer("C1", "+821012345678");
	struct customer customer = {
	        .id = id, .ref = "C1", .phone = "+821012345678", .friend = -1};
	struct message message = {.channel = "sms"};
	struct gate_question q = {.message = &message,
	        .customer = &customer,
	        .address = customer.phone,
	        .rule_active = true};
	struct gate_answer answer;

	(void)state;
	shop.zone = zone_open("Asia/Seoul");
	shop.n_budgets = 1;
	shop.hold_max_ms = 30 * MS_DAY;
	agree(id, "sms", true);
	agree(id, "data", true);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct spent_key key = {
		        zone_day(shop.zone, AT(12, 0, 0)), "sms", "outbox", "info"};
		int64_t now = AT(table[i].h, 0, 0);
		shop.budgets[0] = (struct budget){"sms", 100, 9, table[i].per};
		spent_add(db, &key,
		        table[i].spent - spent_sum(db, "sms", key.day, key.day + 1));
		message.purpose = table[i].purpose;
		q.price = table[i].price;
		answer = gate_ask_price(db, &shop, &q, now);
		assert_int_equal(answer.verdict, table[i].verdict);
		assert_int_equal(answer.until, table[i].until);
		if (table[i].h % 24 == 12) {
			answer = gate_ask(db, &shop, &q, now);
			assert_int_equal(answer.verdict, table[i].verdict);
		}
	}
	shop.budgets[0].per = SCHEDULE_DAY;
	message.purpose = "ad";
	message.held_at = AT(12, 0, 0) - 30 * MS_DAY;
	answer = gate_ask(db, &shop, &q, AT(12, 0, 0));
	assert_int_equal(answer.verdict, GATE_END);
	assert_int_equal(answer.reason, REASON_BUDGET);
	shop.n_budgets = 0;
	shop.hold_max_ms = 3 * MS_DAY;
	zone_close(shop.zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_law),
	        cmocka_unit_test(test_quiet),
	        STORE_TEST(test_questions),
	        STORE_TEST(test_all_questions),
	        STORE_TEST(test_caps),
	        STORE_TEST(test_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
