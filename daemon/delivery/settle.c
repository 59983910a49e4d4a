/* What became of a letter, written down. It never guesses: what nobody knows is `unknown`
 * and stays so. */
#include "delivery/settle.h"

#include <stdlib.h>
#include <string.h>
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "engine/message_event.h"
#include "delivery/settle_inner.h"
#include "store/coupon.h"
#include "store/spent.h"
#include "store/suppression.h"

#define OVERDUE_MOST 64 /* looked at in one turn */
#define RESEND_AFTER (30 * MS_SECOND)
#define KOREA_MS (9 * MS_HOUR)
#define MORNING_MS (8 * MS_HOUR)

static const struct backoff retry = {5 * MS_SECOND, 10 * MS_MINUTE, 3};

void settle_chain(
        struct engine *engine, const struct message *message, bool next_leg, int64_t now)
{
	if (!next_leg || !engine_next_leg(engine, message->id, now))
		engine_message_left(engine, message, now);
}

void settle_refused(struct engine *engine, const struct message *message,
        enum reason reason, bool next_leg, int64_t now)
{
	enum message_state to = MESSAGE_DROPPED;

	if (reason == REASON_LATE)
		to = MESSAGE_EXPIRED;
	if (reason == REASON_BAD_CONTENT || reason == REASON_TOO_LONG)
		to = MESSAGE_FAILED;
	message_set_state(engine->db, message->id, to, reason, 0, now);
	message_event_raise(engine, message, to, reason, now);
	settle_chain(engine, message, next_leg, now);
}

void settle_suppress(struct engine *engine, const struct message *message,
        const char *why, int64_t now)
{
	if (message->address)
		suppression_add(engine->db, message->address,
		        gate_medium(message->channel), why, message->provider, now);
}

static void take_accepted(struct engine *engine, const struct message *message,
        const struct letter *letter, const struct outcome *outcome, int64_t now)
{
	message_accept(engine->db, message,
	        outcome->provider_id[0] ? outcome->provider_id : NULL,
	        letter->after_ms ? now + letter->after_ms : 0, now);
}

/* What most letters come to: nothing hangs on it, and nothing is read again. */
static bool simply_accepted(struct engine *engine, const struct letter *letter,
        const struct outcome *outcome, int64_t now)
{
	struct message message = {
	        .id = letter->message,
	        .rule = letter->rule,
	        .channel = letter->channel,
	        .state = MESSAGE_HANDED,
	        .tries = letter->tries,
	};

	if (outcome->kind != OUTCOME_ACCEPTED || !letter->last || letter->coupon ||
	        message_event_wanted(engine))
		return false;
	take_accepted(engine, &message, letter, outcome, now);
	settle_early(engine, message.id, outcome, now);
	return true;
}

static void accepted(struct engine *engine, const struct message *message,
        const struct letter *letter, const struct outcome *outcome, int64_t now)
{
	take_accepted(engine, message, letter, outcome, now);
	if (message->coupon)
		coupon_issue(engine->db, message->coupon, now);
	message_event_raise(engine, message, MESSAGE_ACCEPTED, REASON_NONE, now);
	engine_message_left(engine, message, now);
	settle_early(engine, message->id, outcome, now);
}

static bool asked_about(const struct message *message)
{
	return message->bundle != 0;
}

static bool may_resend(const struct message *message)
{
	return (message->flags & MESSAGE_RESEND_UNKNOWN) &&
	       !(message->flags & MESSAGE_RESENT) && strcmp(message->purpose, "ad") != 0;
}

/* It may have arrived, and its coupon with it: its run goes on. Where its provider can be
 * asked, that comes before sending it again. */
static void unknown(struct engine *engine, const struct message *message, int64_t now)
{
	bool again = may_resend(message);

	message_set_state(engine->db, message->id, MESSAGE_UNKNOWN, REASON_NONE,
	        again && !asked_about(message) ? now + RESEND_AFTER : 0, now);
	if (message->coupon)
		coupon_issue(engine->db, message->coupon, now);
	if (!again)
		engine_message_left(engine, message, now);
}

void settle_unknown(struct engine *engine, const struct message *message, int64_t now)
{
	if (may_resend(message)) {
		message_set_flags(
		        engine->db, message->id, message->flags | MESSAGE_RESENT);
		spent_stands(engine->db, message->id);
		message_set_state(
		        engine->db, message->id, MESSAGE_PLANNED, REASON_NONE, now, now);
		return;
	}
	message_set_due(engine->db, message->id, 0);
	if (message->coupon)
		coupon_issue(engine->db, message->coupon, now);
	engine_message_left(engine, message, now);
}

static const char *result_name(enum outcome_kind kind)
{
	switch (kind) {
	case OUTCOME_ACCEPTED:
		return "accepted";
	case OUTCOME_REFUSED:
	case OUTCOME_BAD_ADDRESS:
		return "refused";
	case OUTCOME_OPTED_OUT:
		return "opted_out";
	case OUTCOME_LATER:
		return "later";
	case OUTCOME_NOT_SENT:
		return "not_sent";
	case OUTCOME_WINDOW:
		return "window";
	case OUTCOME_OPERATOR:
		return "operator";
	case OUTCOME_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

/* When the providers' own hours begin again: at eight in Korea. */
static int64_t next_morning(int64_t now)
{
	int64_t since = (now + KOREA_MS) % MS_DAY - MORNING_MS;

	return now - since + (since >= 0 ? MS_DAY : 0);
}

void settle_failed(struct engine *engine, const struct message *message,
        enum reason reason, int64_t now)
{
	message_set_state(engine->db, message->id, MESSAGE_FAILED, reason, 0, now);
	message_event_raise(engine, message, MESSAGE_FAILED, reason, now);
}

static void apply(struct engine *engine, const struct message *message,
        const struct letter *letter, const struct outcome *outcome, int64_t now)
{
	switch (outcome->kind) {
	case OUTCOME_ACCEPTED:
		accepted(engine, message, letter, outcome, now);
		break;
	case OUTCOME_BAD_ADDRESS:
		settle_suppress(engine, message, "bounced", now);
		/* fall through */
	case OUTCOME_REFUSED:
		settle_failed(engine, message, REASON_REFUSED_BY_PROVIDER, now);
		settle_chain(engine, message, true, now);
		break;
	case OUTCOME_OPTED_OUT:
		settle_suppress(engine, message, "opted_out", now);
		settle_failed(engine, message, REASON_OPTED_OUT, now);
		settle_chain(engine, message, false, now);
		break;
	case OUTCOME_LATER:
	case OUTCOME_NOT_SENT:
		if (outcome->alone)
			message_set_flags(
			        engine->db, message->id, message->flags | MESSAGE_ALONE);
		message_set_state(engine->db, message->id, MESSAGE_PLANNED, REASON_NONE,
		        now + (outcome->alone ? 0 : backoff_wait(&retry, message->tries)),
		        now);
		break;
	case OUTCOME_WINDOW:
		message_set_state(engine->db, message->id, MESSAGE_PLANNED,
		        REASON_PROVIDER_WINDOW, next_morning(now), now);
		break;
	case OUTCOME_OPERATOR:
		message_set_state(engine->db, message->id, MESSAGE_PLANNED,
		        outcome->sender ? REASON_SENDER_UNREGISTERED : REASON_NONE, now,
		        now);
		break;
	case OUTCOME_UNKNOWN:
		unknown(engine, message, now);
		settle_early(engine, message->id, outcome, now);
		break;
	}
}

static void settle(struct engine *engine, const struct message *message,
        const struct letter *letter, const struct outcome *outcome, int64_t now)
{
	const char *result = result_name(outcome->kind),
	           *code = outcome->code[0] ? outcome->code : NULL;

	if (outcome->kind != OUTCOME_ACCEPTED) {
		message_attempt(engine->db, message->id, now, result, code,
		        outcome->detail[0] ? outcome->detail : NULL);
		log_info(TR("message %lld was not taken (%s): %s",
		                 "메시지 %lld이(가) 나가지 못했습니다 (%s): %s"),
		        (long long)message->id, code ? code : result, outcome->detail);
	}
	apply(engine, message, letter, outcome, now);
}

void settle_outcome(struct engine *engine, const struct letter *letter,
        const struct outcome *outcome, int64_t now)
{
	struct arena *arena;
	struct message message;

	if (simply_accepted(engine, letter, outcome, now))
		return;
	arena = arena_new();
	if (message_get(engine->db, letter->message, arena, &message) &&
	        message.state == MESSAGE_HANDED)
		settle(engine, &message, letter, outcome, now);
	arena_free(arena);
}

int64_t settle_overdue(struct engine *engine, int64_t now)
{
	int64_t ids[OVERDUE_MOST];
	int n = message_overdue(engine->db, now, ids, OVERDUE_MOST);

	for (int i = 0; i < n; i++) {
		message_set_due(engine->db, ids[i], 0);
		engine_next_leg(engine, ids[i], now);
	}
	return message_next_overdue(engine->db);
}
