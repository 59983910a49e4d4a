/* The gate against the oracle: every combination of medium, class, consents, purchase,
 * suppression, age, time and leg. */
#include "store.h"
#include "base/clock.h"
#include "engine/gate.h"
#include "oracle.h"
#include "store/consent.h"
#include "store/order.h"
#include "store/suppression.h"

#define MIDNIGHT INT64_C(1795359600000) /* 2026-11-23 in Korea */
#define PHONE "+821012345678"
#define MAIL "h@example.com"

static const char *const media[] = {"sms", "alimtalk", "brandmessage", "email", "push"},
                         *const classes[] = {"ad", "info", "notice"};
/* 20:49:59, 20:50:00, 20:59:59, 21:00:00, 07:59:59, 08:00:00 and Kakao's margin */
static const int seconds[] = {
        74999, 75000, 75599, 75600, 28799, 28800, 74399, 74400, 0, 43200};

static struct shop shop = {.name = "단골커피",
        .law_korea = true,
        .margin_ms = MARGIN * INT64_C(1000),
        .hold_max_ms = 3 * MS_DAY};
static const char *goods[] = {"원두"};
static const struct rule rule = {.name = "r", .goods = goods, .n_goods = 1};

static void say(
        int64_t customer, const char *channel, const char *purpose, enum said what)
{
	struct consent_change change = {.customer = customer,
	        .channel = channel,
	        .purpose = purpose,
	        .given = what == SAID_YES,
	        .time = T0};

	if (what != SAID_NOTHING)
		assert_true(consent_record(db, &change, T0, false) || what == SAID_NO);
}

static void buy(int64_t customer, const char *category, int64_t at)
{
	struct order_item item = {
	        .sku = "A", .category = category, .quantity = 1, .has_price = true};
	static int bought;
	char ref[16];
	struct order_change change = {.source = "pos",
	        .ref = ref,
	        .customer = customer,
	        .time = at,
	        .has_total = true,
	        .total = 1000,
	        .items = &item,
	        .n_items = 1};

	snprintf(ref, sizeof ref, "A-%d", ++bought);
	assert_true(order_pay(db, &change) > 0);
}

/* One customer for each way to have bought and to have said things. */
static int64_t make(const struct case_of_law *c)
{
	static int made;
	static const int64_t last_day = INT64_C(1779462000000); /* 2026-05-23, 00:00 */
	char ref[16];
	int64_t id;
	const char *medium = gate_medium(media[c->medium]);

	snprintf(ref, sizeof ref, "C%d", ++made);
	id = add_customer(ref, NULL);
	if (c->bought == BOUGHT_OTHER_GOODS)
		buy(id, "디저트", last_day);
	else
		buy(id, "원두",
		        c->bought == BOUGHT_TOO_LONG_AGO ? last_day - 1 : last_day);
	say(id, medium, "ad", c->consent);
	say(id, medium, "night", c->night);
	say(id, "data", "ad", c->data);
	if (c->age == AGE_CHILD_GUARDED)
		say(id, CONSENT_GUARDIAN, "ad", SAID_YES);
	return id;
}

static void list(const struct case_of_law *c)
{
	const char *medium = gate_medium(media[c->medium]),
	           *address = c->medium == EMAIL ? MAIL : PHONE;

	suppression_remove(db, address, "all");
	if (c->listed != LISTED_NOT)
		suppression_add(db, address, c->listed == LISTED_ALL ? "all" : medium,
		        c->listed == LISTED_DEAD ? "bounced" : "opted_out", "test", T0);
}

static enum ruling ruling_of(const struct gate_answer *answer)
{
	static const enum ruling rulings[] = {[GATE_GO] = MAY_GO,
	        [GATE_WAIT] = NOT_BEFORE_EIGHT,
	        [GATE_NEXT] = NOT_THIS_WAY,
	        [GATE_END] = NEVER};

	return rulings[answer->verdict];
}

static void tell(const struct case_of_law *c, const char *got, const char *wanted)
{
	fail_msg("%s %s consent %d data %d night %d bought %d listed %d age %d second %d "
	         "leg %d: '%s' instead of '%s'",
	        media[c->medium], classes[c->class], c->consent, c->data, c->night,
	        c->bought, c->listed, c->age, c->second, c->leg, got, wanted);
}

static void compare(const struct case_of_law *c, int64_t id)
{
	struct customer customer = {.id = id,
	        .ref = "C",
	        .phone = PHONE,
	        .email = MAIL,
	        .friend = 1,
	        .birth_year = c->age == AGE_ADULT ? 1990 : 2015,
	        .birth_md = 101};
	struct message message = {
	        .channel = media[c->medium], .purpose = classes[c->class], .leg = c->leg};
	struct gate_question q = {.message = &message,
	        .customer = &customer,
	        .address = c->medium == EMAIL ? MAIL : PHONE,
	        .rule = &rule,
	        .rule_active = true};
	int64_t now = MIDNIGHT + c->second * INT64_C(1000);
	struct gate_answer got = gate_ask(db, &shop, &q, now);
	struct answer_of_law wanted = oracle(c);
	const char *reason = got.reason == REASON_NONE ? "" : reason_name(got.reason);
	bool eight = (got.until + 9 * MS_HOUR) % MS_DAY == 8 * MS_HOUR &&
	             got.until > now && got.until <= now + MS_DAY;

	if (ruling_of(&got) != wanted.ruling || strcmp(reason, wanted.reason) != 0)
		tell(c, reason, wanted.reason);
	if (got.verdict == GATE_WAIT && !eight)
		tell(c, "another hour", "08:00");
}

static int moments(struct case_of_law c, int64_t id)
{
	int n = 0;

	for (c.class = ADVERTISEMENT; c.class <= NOTICE; c.class ++)
		for (size_t s = 0; s < sizeof seconds / sizeof seconds[0]; s++)
			for (c.leg = 0; c.leg < 2; c.leg++, n++) {
				c.second = seconds[s];
				compare(&c, id);
			}
	return n;
}

static int lists(struct case_of_law c)
{
	int64_t id = make(&c);
	int n = 0;

	shop.existing_customers = c.bought != BOUGHT_UNUSED;
	for (c.listed = LISTED_NOT; c.listed <= LISTED_DEAD; c.listed++) {
		list(&c);
		n += moments(c, id);
	}
	return n;
}

static int sayings(struct case_of_law c)
{
	int n = 0;

	for (c.consent = SAID_NOTHING; c.consent <= SAID_NO; c.consent++)
		for (c.data = SAID_NOTHING; c.data <= SAID_NO; c.data++)
			for (c.night = SAID_NOTHING; c.night <= SAID_NO; c.night++)
				n += lists(c);
	return n;
}

static void test_every_combination(void **state)
{
	struct case_of_law c = {.medium = SMS};
	int n = 0;

	(void)state;
	shop.zone = zone_open("America/New_York"); /* the law's hours are Korea's */
	for (c.medium = SMS; c.medium <= PUSH; c.medium++)
		for (c.bought = BOUGHT_UNUSED; c.bought <= BOUGHT_OTHER_GOODS; c.bought++)
			for (c.age = AGE_ADULT; c.age <= AGE_CHILD_GUARDED; c.age++)
				n += sayings(c);
	assert_int_equal(n, 5 * 4 * 3 * 27 * 4 * 3 * 10 * 2);
	zone_close(shop.zone);
}

/* The last instant of the exception is the end of the same day six calendar months on. */
static void test_six_months(void **state)
{
	static const struct {
		int64_t paid, ends; /* Korea: */
	} table[] = {
	        {INT64_C(1779462000000), INT64_C(1795445999999)}, /* 05-23 00:00, 11-23 */
	        {INT64_C(1779548399999), INT64_C(1795445999999)}, /* 05-23 23:59:59.999 */
	        {INT64_C(1788188400000),
	                INT64_C(1803913199999)}, /* 2026-09-01, 2027-03-01 */
	        {INT64_C(1788102000000), INT64_C(1803826799999)}, /* 08-31, 02-28 */
	};

	(void)state;
	shop.existing_customers = true;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char ref[16];
		snprintf(ref, sizeof ref, "M%zu", i);
		int64_t id = add_customer(ref, NULL);
		buy(id, "원두", table[i].paid);
		assert_int_equal(
		        gate_exception(db, &shop, &rule, id, "sms"), table[i].ends);
		assert_int_equal(gate_exception(db, &shop, &rule, id, "kakao"), 0);
		say(id, "email", "ad", SAID_NO);
		assert_int_equal(gate_exception(db, &shop, &rule, id, "sms"), 0);
	}
	shop.existing_customers = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                test_every_combination, store_open, store_close),
	        cmocka_unit_test_setup_teardown(test_six_months, store_open, store_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
