/* What the owner does to the queue by hand, and what he is shown of the channels. */
#include "delivery/dispatch.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "delivery/bounces.h"
#include "delivery/dispatch_inner.h"
#include "delivery/holdoff.h"
#include "delivery/settle.h"
#include "store/message.h"
#include "store/spent.h"

/* ---- the owner's hands ---- */

static bool owners_message(struct dispatch *d, int64_t id, struct arena *arena,
        struct message *out, char why[256])
{
	if (message_get(d->engine->db, id, arena, out))
		return true;
	snprintf(why, 256, TR("there is no such message", "그런 메시지가 없습니다"));
	return false;
}

static bool not_possible(const struct message *message, char why[256])
{
	snprintf(why, 256,
	        TR("the message is %s: that cannot be done to it now",
	                "메시지가 %s 상태라 지금은 그렇게 할 수 없습니다"),
	        message_state_name(message->state));
	return false;
}

bool dispatch_hold(
        struct dispatch *d, int64_t id, bool hold_it, int64_t now, char why[256])
{
	struct arena *arena;
	struct message message;
	bool done = false;

	if (!id) {
		db_meta_set_int(d->engine->db, "queue_held", hold_it);
		dispatch_wake(d);
		return true;
	}
	arena = arena_new();
	if (!owners_message(d, id, arena, &message, why))
		goto out;
	done = message.state == MESSAGE_PLANNED || message.state == MESSAGE_HELD;
	if (!done) {
		not_possible(&message, why);
		goto out;
	}
	message_set_flags(d->engine->db, id,
	        hold_it ? message.flags | MESSAGE_OWNER_HELD
	                : message.flags & ~MESSAGE_OWNER_HELD);
	message_set_state(d->engine->db, id, hold_it ? MESSAGE_HELD : MESSAGE_PLANNED,
	        REASON_NONE, hold_it ? 0 : now, now);
	dispatch_wake(d);
out:
	arena_free(arena);
	return done;
}

bool dispatch_retry(
        struct dispatch *d, int64_t id, bool may_duplicate, int64_t now, char why[256])
{
	struct arena *arena = arena_new();
	struct message message;
	bool done = false;

	if (!owners_message(d, id, arena, &message, why))
		goto out;
	if (message.state == MESSAGE_UNKNOWN && !may_duplicate) {
		snprintf(why, 256,
		        TR("nobody knows whether it arrived: sending again may write "
		           "twice; say --may-duplicate to do it",
		                "도착했는지 알 수 없어 두 번 갈 수 있습니다. 그래도 "
		                "보내려면 --may-duplicate를 붙이세요"));
		goto out;
	}
	done = message.state == MESSAGE_UNKNOWN || message.state == MESSAGE_FAILED ||
	       message.state == MESSAGE_DROPPED || message.state == MESSAGE_EXPIRED;
	if (!done) {
		not_possible(&message, why);
		goto out;
	}
	message_extend(d->engine->db, id, now + d->engine->shop->hold_max_ms);
	if (message.state == MESSAGE_UNKNOWN)
		spent_stands(d->engine->db, id);
	message_set_state(d->engine->db, id, MESSAGE_PLANNED, REASON_NONE, now, now);
	dispatch_wake(d);
out:
	arena_free(arena);
	return done;
}

bool dispatch_drop(struct dispatch *d, int64_t id, int64_t now, char why[256])
{
	struct arena *arena = arena_new();
	struct message message;
	bool done = false;

	if (!owners_message(d, id, arena, &message, why))
		goto out;
	done = message.state == MESSAGE_PLANNED || message.state == MESSAGE_HELD ||
	       message.state == MESSAGE_UNKNOWN;
	if (!done) {
		not_possible(&message, why);
		goto out;
	}
	settle_refused(d->engine, &message, REASON_NONE, false, now);
out:
	arena_free(arena);
	return done;
}

/* ---- what the owner sees ---- */

json_t *dispatch_status(struct dispatch *d, int64_t now)
{
	json_t *json = json_object();

	for (size_t i = 0; i < d->n_lines; i++) {
		const struct line *line = &d->lines[i];
		int64_t waiting = message_waiting(d->engine->db, line->name);
		if (waiting || line->state != LINE_OK ||
		        strcmp(line->name, DISPATCH_POST))
			json_object_set_new(json, line->name,
			        line_json(line, d->engine->shop->zone, waiting, now));
	}
	return json;
}

static bool silent(const struct line *line)
{
	return registration_shut(&line->registration);
}

static const char *shut_sentence(const struct line *line)
{
	if (line->spare && line->spare->state == LINE_OK && !silent(line->spare))
		return TR("channel %s: %s has not worked since %s: %s. %s sends in its "
		          "place",
		        "%s 채널의 %s이(가) %s부터 되지 않습니다: %s. 그동안 %s이(가) "
		        "대신 "
		        "보냅니다");
	if (line->state == LINE_PAUSED || silent(line))
		return TR("channel %s (%s) has not worked since %s: %s",
		        "%s 채널(%s)이 %s부터 되지 않습니다: %s");
	return TR("channel %s (%s) has not worked since %s: %s. Nothing is lost, and it "
	          "is tried again by itself",
	        "%s 채널(%s)이 %s부터 되지 않습니다: %s. 잃는 것은 없고, 저절로 다시 "
	        "시도합니다");
}

static const char *why_shut(struct dispatch *d, const struct line *line)
{
	char since[40], why[256];
	bool mute = line_mute(line, why);

	snprintf(d->why, sizeof d->why, shut_sentence(line), line->name,
	        line->config->provider,
	        zone_format(d->engine->shop->zone,
	                mute ? line->registration.since : line->since, since),
	        mute ? why : line->reason,
	        line->spare ? line->spare->config->provider : "");
	return d->why;
}

/* The one that would take over could not. */
static bool why_spare(struct dispatch *d, const struct line *line)
{
	char why[256];

	if (!line->spare || !line_mute(line->spare, why))
		return false;
	snprintf(d->why, sizeof d->why,
	        TR("channel %s: %s could not take over: %s",
	                "%s 채널의 예비 사업자 %s은(는) 대신 보낼 수 없습니다: %s"),
	        line->name, line->spare->config->provider, why);
	return true;
}

const char *dispatch_why(struct dispatch *d, int64_t now)
{
	if (db_meta_int(d->engine->db, "queue_held", 0))
		return TR("the owner holds the whole queue: `dangolctl queue release` "
		          "lets it go",
		        "사장님이 대기열 전체를 멈췄습니다. `dangolctl queue release`로 "
		        "다시 보냅니다");
	for (size_t i = 0; i < d->n_lines; i++)
		if (d->lines[i].state != LINE_OK || silent(&d->lines[i]))
			return why_shut(d, &d->lines[i]);
	for (size_t i = 0; i < d->n_lines; i++)
		if (why_spare(d, &d->lines[i]) ||
		        holdoff_why(&d->lines[i], d->engine->shop->zone, now, d->why,
		                sizeof d->why))
			return d->why;
	return bounces_why(d->bounces);
}

json_t *dispatch_bounces(struct dispatch *d)
{
	return bounces_status(d->bounces);
}
