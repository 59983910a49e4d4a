/* The gate: may this message leave now? Asked at the moment of sending, at every leg and
 * retry. Source of the law's part: Act on Promotion of Information and Communications
 * Network Utilization, Article 50, and its Decree (Articles 61 to 62-3); Personal
 * Information Protection Act for the use of data. */
#ifndef DANGOL_GATE_H
#define DANGOL_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/calendar.h"
#include "engine/budget.h"
#include "language/program.h"
#include "store/customer.h"
#include "store/db.h"
#include "store/message.h"

/* What dangol.conf says of the shop; borrowed from the configuration. */
struct cap {
	int64_t n;
	enum schedule unit;
};
struct shop {
	const char *name, *phone, *address, *language, *currency;
	const char *timezone;
	struct zone *zone;
	const char *owner_sms, *owner_email; /* E.164 and e-mail, or NULL */
	bool law_korea;
	bool existing_customers; /* the exception of Article 50(1)1 is made use of */
	bool has_opens;
	int opens_ms;        /* shown to customers; no gate of its own */
	int closed_weekdays; /* bit 0 Monday */
	struct {
		int32_t from, to;
	} closed[32];
	int n_closed;
	const char *public_url; /* or NULL */
	/* limits */
	bool quiet;
	int quiet_from_ms, quiet_to_ms; /* of the shop's day; from == to: never closed */
	int64_t margin_ms;
	struct cap caps[8]; /* ads N per UNIT; n 0: off */
	int n_caps;
	bool ads_off;             /* ads 0 */
	int64_t hold_max_ms;      /* hold at most */
	struct budget budgets[8]; /* of the channels that have one */
	size_t n_budgets;
	int guard; /* the blast guard's floor, -1 none */
	int64_t keep_events_months, keep_messages_months;
};

enum gate_verdict {
	GATE_GO,
	GATE_WAIT, /* this leg, at `until`: held, with the reason */
	GATE_NEXT, /* this leg never: the next one */
	GATE_END,  /* the whole chain ends here */
};
struct gate_answer {
	enum gate_verdict verdict;
	enum reason reason;
	int64_t until;
};

struct gate_question {
	const struct message *message;
	const struct customer *customer; /* NULL: the owner */
	const char *address;             /* NULL: none known for this channel */
	const struct rule *rule; /* of the run's version; NULL: the pseudo-rule api */
	bool rule_active, rule_paused;
	const struct run *run;  /* or NULL */
	int64_t coupon_expires; /* 0: no coupon or for ever */
	bool coupon_expired_or_void;
	int64_t price; /* what it costs, won; 0: free, or not known yet */
};
/* What is asked, in this order; the first that says no wins, and all is asked again when
 * what it says has passed. RULE is ended run, rule off, paused, too late; ADDRESS also a
 * customer who is gone; KAKAO whether he is a friend of the channel, and that AlimTalk
 * carries no advertisement; CONSENT, DATA, AGE, CAP and BUDGET are asked of
 * advertisements, WINDOW (the law's, then quiet hours) of what keeps to the day as well.
 */
enum gate_topic {
	GATE_RULE,
	GATE_ADDRESS,
	GATE_SUPPRESSION,
	GATE_KAKAO,
	GATE_CONSENT,
	GATE_DATA,
	GATE_WINDOW,
	GATE_AGE,
	GATE_COUPON,
	GATE_CAP,
	GATE_BUDGET
};
#define GATE_TOPICS 11
struct gate_answer gate_ask(struct db *db, const struct shop *shop,
        const struct gate_question *question, int64_t now);
/* BUDGET once more, when it is written and its price known. */
struct gate_answer gate_ask_price(struct db *db, const struct shop *shop,
        const struct gate_question *question, int64_t now);
/* What the budget of a channel has come to in its period around now; false where it has
 * none. */
bool gate_budget(struct db *db, const struct shop *shop, const char *channel, int64_t now,
        struct budget_state *out);
/* Advertisements that count for a cap in its period around now, and when that ends. */
int64_t gate_cap_used(struct db *db, const struct shop *shop, const struct cap *cap,
        int64_t customer, int64_t now, int64_t *ends);
/* The same questions, each asked whatever the others say: for telling, never for
 * deciding. */
void gate_ask_all(struct db *db, const struct shop *shop,
        const struct gate_question *question, int64_t now,
        struct gate_answer answers[GATE_TOPICS]);

/* The next instant at or after now when both windows are open for such a message; now
 * itself if they are. reason is which one is shut first. consent_night: the customer gave
 * night consent for this medium. */
int64_t gate_window(const struct shop *shop, const char *channel, bool ad,
        bool consent_night, int64_t now, enum reason *reason);
/* Until when the exception for existing customers lets an advertisement of the rule go to
 * him without consent to the medium; 0: it does not hold. Nothing is stored of it: he
 * paid for goods of a category that the rule names (`purpose ad "…"`), refused nothing,
 * and the medium is sms or email; until the end of the same day six calendar months on,
 * in Korea. Source: Article 50(1)1 of the Act, Article 61(1) of the Decree. */
int64_t gate_exception(struct db *db, const struct shop *shop, const struct rule *rule,
        int64_t customer, const char *medium);
/* The medium of a channel, as consents name it: sms; kakao for alimtalk and brandmessage;
 * email; push. */
const char *gate_medium(const char *channel);
/* A customer's address on a channel: the phone's, the e-mail's; NULL when unknown. For
 * the owner: the shop's. */
const char *gate_address(
        const struct shop *shop, const char *channel, const struct customer *customer);

#endif
