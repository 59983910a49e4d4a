/* What is told of a message after it left: posted by its provider, or answered when that
 * was asked. It believes the first word and keeps the others. */
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/settle.h"
#include "delivery/settle_inner.h"
#include "engine/message_event.h"

#define LATE_FAILURE MS_DAY /* a failure told within a day opens the next leg */

/* What came first stands. */
static bool settled(const struct message *message)
{
	return message->state != MESSAGE_ACCEPTED && message->state != MESSAGE_UNKNOWN;
}

/* A run whose message was to be sent again waits for it no longer. */
static void go_on(struct engine *engine, const struct message *message, int64_t now)
{
	if (message->state == MESSAGE_UNKNOWN)
		engine_message_left(engine, message, now);
}

static void became(struct engine *engine, const struct message *message,
        enum message_state to, int64_t now)
{
	message_set_state(engine->db, message->id, to, REASON_NONE, 0, now);
	message_event_raise(engine, message, to, REASON_NONE, now);
	go_on(engine, message, now);
}

/* Long after it was handed over a failure changes what is known, not what is done. */
static void lost(struct engine *engine, const struct message *message, enum reason reason,
        int64_t now)
{
	int64_t left = message->sent_at ? message->sent_at : message->handed_at;
	bool next_leg = reason != REASON_OPTED_OUT && now - left <= LATE_FAILURE;

	settle_failed(engine, message, reason, now);
	if (!next_leg || !engine_next_leg(engine, message->id, now))
		go_on(engine, message, now);
}

/* A report of this message, the first time that it is heard. */
static void heard(struct engine *engine, const struct message *message, const char *state,
        int64_t now)
{
	bool opted_out = !strcmp(state, "opted_out");

	if (opted_out)
		settle_suppress(engine, message, "opted_out", now);
	if (settled(message))
		return;
	if (!strcmp(state, "delivered"))
		became(engine, message, MESSAGE_DELIVERED, now);
	else
		lost(engine, message,
		        opted_out ? REASON_OPTED_OUT : REASON_REFUSED_BY_PROVIDER, now);
}

static void hear(struct engine *engine, int64_t id, const char *state, int64_t now)
{
	struct arena *arena = arena_new();
	struct message message;

	if (message_get(engine->db, id, arena, &message))
		heard(engine, &message, state, now);
	arena_free(arena);
}

void settle_early(struct engine *engine, int64_t message, const struct outcome *outcome,
        int64_t now)
{
	const char *provider_id = outcome->provider_id[0] ? outcome->provider_id : NULL;
	struct receipt_early early;

	while (receipt_match(engine->db, message, provider_id, &early))
		hear(engine, message, early.state, now);
}

/* ---- posted ---- */

/* The provider has it: news only where nobody knew. */
static void was_taken(struct engine *engine, const struct receipt *receipt, int64_t now)
{
	int64_t id = receipt_message(engine->db, receipt);
	struct arena *arena = arena_new();
	struct message message;

	if (id && message_get(engine->db, id, arena, &message) &&
	        message.state == MESSAGE_UNKNOWN) {
		if (receipt->provider_id && !message.provider_id)
			message_set_provider_id(engine->db, id, receipt->provider_id);
		became(engine, &message, MESSAGE_ACCEPTED, now);
	}
	arena_free(arena);
}

enum receipt_end settle_receipt(
        struct engine *engine, const struct receipt *receipt, int64_t now)
{
	enum receipt_end end;
	int64_t id;

	if (!strcmp(receipt->state, "accepted")) {
		was_taken(engine, receipt, now);
		return RECEIPT_REPEATED;
	}
	end = receipt_add(engine->db, receipt, now, &id);
	if (end == RECEIPT_NEW)
		hear(engine, id, receipt->state, now);
	return end;
}

/* ---- asked for ---- */

const char *settle_state(enum news_kind kind)
{
	switch (kind) {
	case NEWS_ACCEPTED:
		return "accepted";
	case NEWS_DELIVERED:
		return "delivered";
	case NEWS_FAILED:
		return "failed";
	case NEWS_OPTED_OUT:
		return "opted_out";
	}
	return "failed";
}

/* The report stands with the message, as one that the provider would have posted. */
static void take_news(struct engine *engine, const struct message *message,
        const struct news *news, int64_t now)
{
	char key[40];
	struct receipt receipt = {
	        .provider = message->provider,
	        .key = message_key(engine->db, message->id, key),
	        .state = settle_state(news->kind),
	        .code = news->code[0] ? news->code : NULL,
	        .detail = news->detail[0] ? news->detail : NULL,
	        .time = now,
	};

	if (news->provider_id[0] && !message->provider_id)
		message_set_provider_id(engine->db, message->id, news->provider_id);
	settle_receipt(engine, &receipt, now);
}

/* Of an earlier request, which the message left behind; or found by its words, and known
 * already as another message. */
static bool of_another(
        struct engine *engine, const struct message *message, const struct news *news)
{
	return (news->bundle && news->bundle != message->bundle) ||
	       (news->provider_id[0] &&
	               message_other_has(engine->db, message, news->provider_id));
}

void settle_news(struct engine *engine, const struct news *news, int64_t now)
{
	struct arena *arena = arena_new();
	struct message message;

	if (message_get(engine->db, news->message, arena, &message) &&
	        !settled(&message) && !of_another(engine, &message, news))
		take_news(engine, &message, news, now);
	arena_free(arena);
}

void settle_absent(struct engine *engine, int64_t id, int64_t now)
{
	message_attempt(engine->db, id, now, "absent", NULL,
	        TR("the provider does not have it: it is sent again",
	                "사업자에게 없는 메시지라 다시 보냅니다"));
	message_set_state(engine->db, id, MESSAGE_PLANNED, REASON_NONE, now, now);
}
