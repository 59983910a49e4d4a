/* The gate: may this message leave now? It decides from what stands in the store at this
 * instant and writes nothing; whoever asked writes down the answer. */
#include "engine/gate.h"

#include <assert.h>
#include <string.h>
#include "base/clock.h"
#include "base/text.h"
#include "engine/period.h"
#include "store/consent.h"
#include "store/order.h"
#include "store/run.h"
#include "store/suppression.h"

#define KST_OFFSET \
	(9 * MS_HOUR) /* Korea keeps no summer time: the law's hours are a fixed offset \
	               */
#define LAW_CLOSES (21 * MS_HOUR)
#define BRAND_CLOSES (20 * MS_HOUR + 50 * MS_MINUTE)
#define LAW_OPENS (8 * MS_HOUR)
#define NEVER (366 * MS_DAY)
#define ADULT_ENOUGH 14 /* under it a guardian has to agree */
#define LUNAR_LAG 2     /* months by which a lunar date lies at most behind its number */
#define EXCEPTION_MONTHS 6

const char *gate_medium(const char *channel)
{
	if (!strcmp(channel, "alimtalk") || !strcmp(channel, "brandmessage"))
		return "kakao";
	return channel;
}

const char *gate_address(
        const struct shop *shop, const char *channel, const struct customer *customer)
{
	bool mail = !strcmp(channel, "email");

	if (!customer)
		return mail ? shop->owner_email : shop->owner_sms;
	if (!strcmp(channel, "push"))
		return customer->ref;
	return mail ? customer->email : customer->phone;
}

/* ---- windows ---- */

/* The first instant at or after t at which the law lets an advertisement be handed over.
 */
static int64_t law_opening(const struct shop *shop, const char *channel, bool night,
        int64_t t, enum reason *reason)
{
	bool brand = !strcmp(channel, "brandmessage");
	int64_t of_day = (t + KST_OFFSET) % MS_DAY;
	int64_t closes = (brand ? BRAND_CLOSES : LAW_CLOSES) - shop->margin_ms;

	if (!brand && (night || !strcmp(channel, "email")))
		return t;
	if (of_day >= LAW_OPENS && of_day < closes)
		return t;
	*reason = brand ? REASON_PROVIDER_WINDOW : REASON_LAW_HOURS;
	return t - of_day + LAW_OPENS + (of_day >= LAW_OPENS ? MS_DAY : 0);
}

static int64_t quiet_opening(const struct shop *shop, int64_t t, enum reason *reason)
{
	int from = shop->quiet_from_ms, to = shop->quiet_to_ms;
	int32_t day = zone_day(shop->zone, t);
	int of_day = zone_ms_of_day(shop->zone, t);
	bool over_midnight = from > to;
	bool shut = over_midnight ? of_day >= from || of_day < to
	                          : of_day >= from && of_day < to;

	if (!shop->quiet || from == to || !shut)
		return t;
	*reason = REASON_QUIET_HOURS;
	if (to >= MS_DAY)
		return zone_instant(shop->zone, day + 1, 0);
	return zone_instant(
	        shop->zone, over_midnight && of_day >= from ? day + 1 : day, to);
}

int64_t gate_window(const struct shop *shop, const char *channel, bool ad,
        bool consent_night, int64_t now, enum reason *reason)
{
	enum reason first = REASON_NONE;
	bool brand =
	        !strcmp(channel, "brandmessage"); /* Kakao's hours, whatever the law */
	int64_t t = now;

	*reason = REASON_NONE;
	for (int i = 0; ad && i < 16; i++) {
		enum reason law = REASON_NONE, quiet = REASON_NONE;
		int64_t next = shop->law_korea || brand ? law_opening(shop, channel,
		                                                  consent_night, t, &law)
		                                        : t;

		next = quiet_opening(shop, next, &quiet);
		if (first == REASON_NONE)
			first = law != REASON_NONE ? law : quiet;
		*reason = first;
		if (next == t)
			return t;
		t = next;
	}
	return ad ? now + NEVER : now;
}

/* ---- caps ---- */

int64_t gate_cap_used(struct db *db, const struct shop *shop, const struct cap *cap,
        int64_t customer, int64_t now, int64_t *ends)
{
	int32_t start = period_start(cap->unit, zone_day(shop->zone, now));

	*ends = zone_instant(shop->zone, period_end(cap->unit, start), 0);
	return message_ads(db, customer, zone_instant(shop->zone, start, 0), *ends);
}

bool gate_budget(struct db *db, const struct shop *shop, const char *channel, int64_t now,
        struct budget_state *out)
{
	return budget_look(
	        db, shop->budgets, shop->n_budgets, shop->zone, channel, now, out);
}

/* The instant of the next free slot: now when every cap has room. */
static int64_t cap_opening(
        struct db *db, const struct shop *shop, int64_t customer, int64_t now)
{
	int64_t free_at = now, end;

	for (int i = 0; i < shop->n_caps; i++) {
		const struct cap *cap = &shop->caps[i];

		if (cap->n <= 0 ||
		        gate_cap_used(db, shop, cap, customer, now, &end) < cap->n)
			continue;
		if (end > free_at)
			free_at = end;
	}
	return free_at;
}

/* ---- the questions, in order ---- */

static struct gate_answer go(void)
{
	return (struct gate_answer){.verdict = GATE_GO};
}
static struct gate_answer end(enum reason reason)
{
	return (struct gate_answer){.verdict = GATE_END, .reason = reason};
}
static struct gate_answer next(enum reason reason)
{
	return (struct gate_answer){.verdict = GATE_NEXT, .reason = reason};
}
static struct gate_answer wait_until(enum reason reason, int64_t until)
{
	return (struct gate_answer){
	        .verdict = GATE_WAIT, .reason = reason, .until = until};
}

static bool under_age(
        const struct shop *shop, const struct customer *customer, int64_t now)
{
	int32_t day = zone_day(shop->zone, now);
	struct civil today = calendar_civil(
	        customer->birth_lunar ? calendar_add_months(day, -LUNAR_LAG) : day);
	int age;

	if (customer->birth_year <= 0)
		return false;
	age = today.year - customer->birth_year;
	if (today.month * 100 + today.day < customer->birth_md)
		age--;
	return age < ADULT_ENOUGH;
}

/* One message before the gate: what each topic is asked with. */
struct asking {
	struct db *db;
	const struct shop *shop;
	const struct gate_question *q;
	const char *medium;
	bool ad, owner;
	int64_t now;
};

/* It waited for room and found none: that is what it is dropped for. */
static bool held_too_long(const struct message *message)
{
	return message->state == MESSAGE_HELD &&
	       (message->reason == REASON_CAP || message->reason == REASON_BUDGET);
}

/* The last instant of that day, some months on, in Korea. */
static int64_t months_on(int64_t instant, int months)
{
	int32_t day = (int32_t)((instant + KST_OFFSET) / MS_DAY);

	return (calendar_add_months(day, months) + INT64_C(1)) * MS_DAY - KST_OFFSET - 1;
}

int64_t gate_exception(struct db *db, const struct shop *shop, const struct rule *rule,
        int64_t customer, const char *medium)
{
	int64_t last = 0;

	if (!shop->existing_customers || !rule || !rule->n_goods ||
	        (strcmp(medium, "sms") != 0 && strcmp(medium, "email") != 0))
		return 0;
	for (size_t i = 0; i < rule->n_goods; i++) {
		int64_t bought = order_bought(db, customer, rule->goods[i]);
		last = bought > last ? bought : last;
	}
	return last && !consent_refused(db, customer) ? months_on(last, EXCEPTION_MONTHS)
	                                              : 0;
}

/* What does not depend on who it goes to. */
static struct gate_answer ask_rule(const struct asking *a)
{
	const struct gate_question *q = a->q;
	const struct message *message = q->message;

	if (q->run && q->run->ended_at && strcmp(q->run->reason, "done") &&
	        strcmp(q->run->reason, "stopped")) {
		enum reason reason = reason_parse(q->run->reason);
		return end(reason == REASON_NONE ? REASON_NO_LONGER : reason);
	}
	if (!q->rule_active)
		return end(REASON_RULE_OFF);
	if (q->rule_paused)
		return wait_until(REASON_RULE_PAUSED, a->now + MS_MINUTE);
	if (message->expires_at && a->now > message->expires_at)
		return end(held_too_long(message) ? message->reason : REASON_LATE);
	return go();
}

static struct gate_answer ask_address(const struct asking *a)
{
	if (!a->owner && !a->q->customer)
		return end(REASON_ERASED);
	if (!a->q->address || (a->ad && text_phone_virtual(a->q->address)))
		return next(REASON_NO_ADDRESS);
	return go();
}

static struct gate_answer ask_suppression(const struct asking *a)
{
	const char *why = NULL;

	if (!a->q->address || !suppression_has(a->db, a->q->address, a->medium,
	                              a->q->message->customer, &why))
		return go();
	if (why && !strcmp(why, "bounced"))
		return next(REASON_NO_ADDRESS);
	return a->ad ? end(REASON_OPTED_OUT) : go();
}

static struct gate_answer ask_kakao(const struct asking *a)
{
	if (a->ad && !strcmp(a->q->message->channel, "alimtalk"))
		return next(REASON_BAD_CONTENT);
	if (!strcmp(a->q->message->channel, "brandmessage") &&
	        a->q->customer->friend == 0)
		return next(REASON_NOT_FRIEND);
	return go();
}

static struct gate_answer ask_consent(const struct asking *a)
{
	int64_t customer = a->q->customer->id;

	if (!a->ad || consent_given(a->db, customer, a->medium, "ad") ||
	        gate_exception(a->db, a->shop, a->q->rule, customer, a->medium) >= a->now)
		return go();
	return next(consent_withdrawn(a->db, customer, a->medium, "ad")
	                    ? REASON_OPTED_OUT
	                    : REASON_NO_CONSENT);
}

static struct gate_answer ask_data(const struct asking *a)
{
	if (a->ad && a->shop->law_korea &&
	        !consent_given(a->db, a->q->customer->id, "data", "ad"))
		return end(REASON_NO_MARKETING_CONSENT);
	return go();
}

static struct gate_answer ask_age(const struct asking *a)
{
	if (a->ad && under_age(a->shop, a->q->customer, a->now) &&
	        !consent_given(a->db, a->q->customer->id, CONSENT_GUARDIAN, "ad"))
		return end(REASON_UNDER_AGE);
	return go();
}

static struct gate_answer ask_coupon(const struct asking *a)
{
	if (a->q->coupon_expired_or_void ||
	        (a->q->coupon_expires && a->now > a->q->coupon_expires))
		return end(REASON_OFFER_EXPIRED);
	return go();
}

/* Held until then, or until `hold at most` drops it. */
static struct gate_answer hold(const struct asking *a, enum reason reason, int64_t until)
{
	int64_t since = a->q->message->held_at ? a->q->message->held_at : a->now;
	int64_t deadline = since + a->shop->hold_max_ms;

	if (a->now >= deadline)
		return end(reason);
	return wait_until(reason, until < deadline ? until : deadline);
}

static struct gate_answer ask_cap(const struct asking *a)
{
	int64_t free_at;

	if (!a->ad)
		return go();
	if (a->shop->ads_off)
		return end(REASON_CAP);
	free_at = cap_opening(a->db, a->shop, a->q->customer->id, a->now);
	return free_at <= a->now ? go() : hold(a, REASON_CAP, free_at);
}

static struct gate_answer ask_budget(const struct asking *a)
{
	struct budget_state state;

	if (!a->ad ||
	        !gate_budget(a->db, a->shop, a->q->message->channel, a->now, &state))
		return go();
	return budget_has_room(&state, a->q->price) ? go()
	                                            : hold(a, REASON_BUDGET, state.ends);
}

static struct gate_answer ask_window(const struct asking *a)
{
	const char *channel = a->q->message->channel;
	enum reason reason;
	int64_t open;

	if (!a->ad && !(a->q->message->flags & MESSAGE_BY_DAY))
		return go();
	open = gate_window(a->shop, channel, true, false, a->now, &reason);
	if (open > a->now && a->ad &&
	        consent_given(a->db, a->q->customer->id, a->medium, "night"))
		open = gate_window(a->shop, channel, true, true, a->now, &reason);
	return open <= a->now ? go() : wait_until(reason, open);
}

static struct gate_answer (*const topics[GATE_TOPICS])(const struct asking *a) = {
        [GATE_RULE] = ask_rule,
        [GATE_ADDRESS] = ask_address,
        [GATE_SUPPRESSION] = ask_suppression,
        [GATE_KAKAO] = ask_kakao,
        [GATE_CONSENT] = ask_consent,
        [GATE_DATA] = ask_data,
        [GATE_WINDOW] = ask_window,
        [GATE_AGE] = ask_age,
        [GATE_COUPON] = ask_coupon,
        [GATE_CAP] = ask_cap,
        [GATE_BUDGET] = ask_budget,
};

static struct asking asking_of(struct db *db, const struct shop *shop,
        const struct gate_question *q, int64_t now)
{
	return (struct asking){
	        .db = db,
	        .shop = shop,
	        .q = q,
	        .medium = gate_medium(q->message->channel),
	        .ad = !strcmp(q->message->purpose, "ad"),
	        .owner = !strcmp(q->message->channel, "owner") ||
	                 !strcmp(q->message->channel, "post"),
	        .now = now,
	};
}

/* The owner, or a machine of his, is asked for an address only: they keep no consents. */
static int topics_of(const struct asking *a)
{
	return a->owner ? GATE_ADDRESS + 1 : GATE_TOPICS;
}

struct gate_answer gate_ask(struct db *db, const struct shop *shop,
        const struct gate_question *q, int64_t now)
{
	struct asking a = asking_of(db, shop, q, now);
	int n = topics_of(&a);

	for (int i = 0; i < n; i++) {
		struct gate_answer answer = topics[i](&a);
		if (answer.verdict != GATE_GO)
			return answer;
	}
	return go();
}

struct gate_answer gate_ask_price(struct db *db, const struct shop *shop,
        const struct gate_question *q, int64_t now)
{
	struct asking a = asking_of(db, shop, q, now);

	return a.owner ? go() : ask_budget(&a);
}

void gate_ask_all(struct db *db, const struct shop *shop, const struct gate_question *q,
        int64_t now, struct gate_answer answers[GATE_TOPICS])
{
	struct asking a = asking_of(db, shop, q, now);
	int n = topics_of(&a);

	for (int i = 0; i < GATE_TOPICS; i++)
		answers[i] = i < n && (a.owner || q->customer || i <= GATE_ADDRESS)
		                     ? topics[i](&a)
		                     : go();
}
