/* The gate: may this message leave now? It decides from what stands in the store at this
 * instant and writes nothing; whoever asked writes down the answer. */
#include "engine/gate.h"

#include <assert.h>
#include <string.h>
#include "base/clock.h"
#include "base/text.h"
#include "store/consent.h"
#include "store/run.h"

#define KST_OFFSET \
	(9 * MS_HOUR) /* Korea keeps no summer time: the law's hours are a fixed offset \
	               */
#define LAW_CLOSES (21 * MS_HOUR)
#define BRAND_CLOSES (20 * MS_HOUR + 50 * MS_MINUTE)
#define LAW_OPENS (8 * MS_HOUR)
#define NEVER (366 * MS_DAY)
#define ADULT_ENOUGH 14 /* under it a guardian would have to agree */

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
	int64_t t = now;

	*reason = REASON_NONE;
	for (int i = 0; ad && i < 16; i++) {
		enum reason shut = REASON_NONE;
		int64_t next = shop->law_korea ? law_opening(shop, channel, consent_night,
		                                         t, &shut)
		                               : t;

		next = quiet_opening(shop, next, &shut);
		if (first == REASON_NONE)
			first = shut;
		*reason = first;
		if (next == t)
			return t;
		t = next;
	}
	return ad ? now + NEVER : now;
}

/* ---- caps ---- */

static int32_t period_start(const struct shop *shop, enum schedule unit, int32_t day)
{
	struct civil civil = calendar_civil(day);

	(void)shop;
	switch (unit) {
	case SCHEDULE_DAY:
		return day;
	case SCHEDULE_WEEK:
		return day - calendar_weekday(day);
	case SCHEDULE_MONTH:
		return calendar_day(civil.year, civil.month, 1);
	}
	return day;
}

static int32_t period_end(enum schedule unit, int32_t start)
{
	switch (unit) {
	case SCHEDULE_DAY:
		return start + 1;
	case SCHEDULE_WEEK:
		return start + 7;
	case SCHEDULE_MONTH:
		return calendar_add_months(start, 1);
	}
	return start + 1;
}

/* The instant of the next free slot: now when every cap has room. */
static int64_t cap_opening(
        struct db *db, const struct shop *shop, int64_t customer, int64_t now)
{
	int32_t today = zone_day(shop->zone, now);
	int64_t free_at = now;

	for (int i = 0; i < shop->n_caps; i++) {
		const struct cap *cap = &shop->caps[i];
		int32_t start = period_start(shop, cap->unit, today);
		int64_t end = zone_instant(shop->zone, period_end(cap->unit, start), 0);

		if (cap->n <= 0 ||
		        message_ads(db, customer, zone_instant(shop->zone, start, 0),
		                end) < cap->n)
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
	struct civil today = calendar_civil(zone_day(shop->zone, now));
	int age;

	if (customer->birth_year <= 0)
		return false;
	age = today.year - customer->birth_year;
	if (today.month * 100 + today.day < customer->birth_md)
		age--;
	return age < ADULT_ENOUGH;
}

/* What does not depend on who it goes to. */
static struct gate_answer ask_rule(const struct gate_question *q, int64_t now)
{
	const struct message *message = q->message;

	if (q->run && q->run->ended_at && strcmp(q->run->reason, "done") &&
	        strcmp(q->run->reason, "stopped")) {
		enum reason reason = reason_parse(q->run->reason);
		return end(reason == REASON_NONE ? REASON_NO_LONGER : reason);
	}
	if (!q->rule_active)
		return end(REASON_RULE_OFF);
	if (q->rule_paused)
		return wait_until(REASON_RULE_PAUSED, now + MS_MINUTE);
	if (message->expires_at && now > message->expires_at)
		return end(REASON_LATE);
	return go();
}

static struct gate_answer ask_address(
        struct db *db, const struct gate_question *q, const char *medium, bool ad)
{
	const char *why = NULL;

	if (!q->address || (ad && text_phone_virtual(q->address)))
		return next(REASON_NO_ADDRESS);
	if (suppression_has(db, q->address, medium, &why)) {
		if (why && !strcmp(why, "bounced"))
			return next(REASON_NO_ADDRESS);
		if (ad)
			return end(REASON_OPTED_OUT);
	}
	if (!strcmp(q->message->channel, "brandmessage") && q->customer->friend == 0)
		return next(REASON_NOT_FRIEND);
	return go();
}

static struct gate_answer ask_consent(struct db *db, const struct shop *shop,
        const struct gate_question *q, const char *medium, int64_t now)
{
	int64_t customer = q->customer->id;

	if (!consent_given(db, customer, medium, "ad"))
		return next(consent_withdrawn(db, customer, medium, "ad")
		                    ? REASON_OPTED_OUT
		                    : REASON_NO_CONSENT);
	if (shop->law_korea && !consent_given(db, customer, "data", "ad"))
		return end(REASON_NO_MARKETING_CONSENT);
	if (under_age(shop, q->customer, now))
		return end(REASON_UNDER_AGE);
	return go();
}

static struct gate_answer ask_cap(struct db *db, const struct shop *shop,
        const struct gate_question *q, int64_t now)
{
	int64_t free_at = cap_opening(db, shop, q->customer->id, now);
	int64_t since = q->message->held_at ? q->message->held_at : now;
	int64_t deadline = since + shop->hold_max_ms;

	if (shop->ads_off)
		return end(REASON_CAP);
	if (free_at <= now)
		return go();
	if (now >= deadline)
		return end(REASON_CAP);
	return wait_until(REASON_CAP, free_at < deadline ? free_at : deadline);
}

static struct gate_answer ask_window(struct db *db, const struct shop *shop,
        const struct gate_question *q, const char *medium, bool ad, int64_t now)
{
	enum reason reason;
	int64_t open = gate_window(shop, q->message->channel, true, false, now, &reason);

	if (open > now && ad && consent_given(db, q->customer->id, medium, "night"))
		open = gate_window(shop, q->message->channel, true, true, now, &reason);
	return open <= now ? go() : wait_until(reason, open);
}

struct gate_answer gate_ask(struct db *db, const struct shop *shop,
        const struct gate_question *q, int64_t now)
{
	bool ad = !strcmp(q->message->purpose, "ad");
	const char *medium = gate_medium(q->message->channel);
	struct gate_answer answer = ask_rule(q, now);

	if (answer.verdict != GATE_GO)
		return answer;
	if (!strcmp(q->message->channel, "owner") || !strcmp(q->message->channel, "post"))
		return q->address ? go() : next(REASON_NO_ADDRESS);
	if (!q->customer)
		return end(REASON_ERASED);
	answer = ask_address(db, q, medium, ad);
	if (answer.verdict == GATE_GO && ad)
		answer = ask_consent(db, shop, q, medium, now);
	if (answer.verdict == GATE_GO &&
	        (q->coupon_expired_or_void ||
	                (q->coupon_expires && now > q->coupon_expires)))
		return end(REASON_OFFER_EXPIRED);
	if (answer.verdict == GATE_GO && ad)
		answer = ask_cap(db, shop, q, now);
	if (answer.verdict == GATE_GO && (ad || (q->message->flags & MESSAGE_BY_DAY)))
		answer = ask_window(db, shop, q, medium, ad, now);
	return answer;
}
