/* A line: one channel's rate and circuit. The rate is smoothed, so that what was handed
 * before a restart needs no memory but the last hand-over; the circuit opens alone and
 * closes by a single letter that tries. */
#include "delivery/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"

#define FAILURES_TO_OPEN 2
#define OPEN_FIRST (10 * MS_SECOND)
#define OPEN_LONGEST (5 * MS_MINUTE)
#define PAUSE (10 * MS_MINUTE)
#define LOOK_AT 1024    /* letters in one turn, where none leaves */
#define BURST_US 100000 /* what may go at once is a tenth of a second's worth */

static int64_t mono_us(void)
{
	return clock_mono() * 1000;
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

static void digest_account(const struct channel_config *config, char out[17])
{
	char *words = mem_printf("%s|%s|%s|%s|%s", config->provider, or_none(config->url),
	        or_none(config->user), or_none(config->service),
	        or_none(config->key.data));
	uint8_t digest[32];

	secret_sha256(words, strlen(words), digest);
	secret_hex(digest, 8, out);
	explicit_bzero(words, strlen(words));
	free(words);
}

void line_open(struct line *line, const struct channel_config *config, const char *name)
{
	memset(line, 0, sizeof *line);
	line->name = name;
	line->config = config;
	digest_account(config, line->account);
}

static int64_t interval_us(const struct line *line)
{
	return line->config->rate_n > 0
	               ? line->config->rate_ms * 1000 / line->config->rate_n
	               : 0;
}

void line_close(struct line *line)
{
	domains_free(line->domains);
	if (line->spare)
		line_close(line->spare);
	free(line->spare);
}

/* Letters that the rate lets go now. */
static int allowance(struct line *line, uint64_t *real_ms)
{
	int64_t now = mono_us(), step = interval_us(line), ahead;

	if (line->not_before_us > now) {
		*real_ms = (uint64_t)(line->not_before_us - now) / 1000 + 1;
		return 0;
	}
	if (!step)
		return 1 << 20;
	if (line->free_at_us < now - BURST_US)
		line->free_at_us = now - BURST_US;
	ahead = now - line->free_at_us;
	if (ahead >= 0)
		return (int)(ahead / step) + 1;
	*real_ms = (uint64_t)-ahead / 1000 + 1;
	return 0;
}

void line_resume(struct line *line, int64_t machine_ms)
{
	int64_t ahead = machine_ms - clock_machine(), most = line->config->rate_ms;

	if (line->config->rate_n > 0 && ahead > 0)
		line->free_at_us = mono_us() + (ahead < most ? ahead : most) * 1000;
}

int64_t line_pace(const struct line *line)
{
	return clock_machine() + (line->free_at_us - mono_us()) / 1000;
}

static bool mute(const struct line *line)
{
	return registration_shut(&line->registration);
}

struct line *line_way(struct line *line, int64_t now)
{
	uint64_t real_ms;

	if (!line->spare || mute(line->spare))
		return line;
	if (!mute(line) && (line->state == LINE_OK || line_room(line, now, &real_ms) > 0))
		return line;
	return line->spare;
}

bool line_mute(const struct line *line, char out[256])
{
	bool blocked = line->registration.is == REGISTERED_BLOCKED;

	if (!mute(line))
		return false;
	snprintf(out, 256,
	        blocked ? TR("the sender %s is registered at %s but blocked or switched "
	                     "off there: have it opened, or change 'sender' in "
	                     "dangol.conf and send SIGHUP",
	                          "발신번호 %s이(가) %s에 등록되어 있지만 차단되었거나 "
	                          "꺼져 있습니다. 거기서 풀거나 dangol.conf의 sender를 "
	                          "고친 뒤 SIGHUP을 보내십시오")
	                : TR("the sender %s is not registered at %s: register it there "
	                     "and say `dangolctl reload`, or change 'sender' in "
	                     "dangol.conf and send SIGHUP",
	                          "발신번호 %s이(가) %s에 등록되어 있지 않습니다. "
	                          "등록한 뒤 `dangolctl reload`를 하거나 dangol.conf의 "
	                          "sender를 고친 뒤 SIGHUP을 보내십시오"),
	        line->config->sender, line->config->provider);
	return true;
}

/* A provider that finds places for letters counts those that are claimed itself. */
static int channel_room(struct line *line)
{
	const struct channel_ops *ops = line->channel.ops;

	return ops->room(&line->channel) - (ops->place ? 0 : line->claimed);
}

int line_room(struct line *line, int64_t now, uint64_t *real_ms)
{
	int room, rate;

	*real_ms = 0;
	if (line->full)
		return 0;
	if (mute(line))
		return LOOK_AT;
	if (line->state != LINE_OK && (line->probe || now < line->probe_at))
		return 0;
	room = line->channel.ops ? channel_room(line) : 1 << 20;
	if (room <= 0)
		return 0;
	rate = allowance(line, real_ms);
	if (rate < room)
		room = rate;
	return room > 0 && line->state != LINE_OK ? 1 : room;
}

void line_left(struct line *line, const struct letter *letter, bool sent)
{
	line->claimed--;
	if (sent)
		return;
	line->in_flight--;
	if (line->probe == letter->message)
		line->probe = 0;
}

void line_claimed(struct line *line, const struct letter *letter)
{
	line->claimed++;
	line->free_at_us += interval_us(line) * letter->segments;
	line->paced = line->config->rate_n > 0;
	line->in_flight++;
	if (line->state != LINE_OK)
		line->probe = letter->message;
}

static void shut(struct line *line, enum line_state state, const struct outcome *outcome,
        int64_t now, int64_t pause)
{
	if (line->state != state) {
		line->since = now;
		log_warn(
		        TR("channel %s does not work: %s", "%s 채널이 되지 않습니다: %s"),
		        line->name, outcome->detail);
	}
	line->state = state;
	line->probe_at = now + pause;
	snprintf(line->reason, sizeof line->reason, "%s", outcome->detail);
}

/* Those that left before it shut tell nothing new: only the letter that tries does. */
static void failed(struct line *line, const struct letter *letter, bool tried,
        const struct outcome *outcome, int64_t now)
{
	int64_t pause = OPEN_FIRST;

	if (line->state != LINE_OK && !tried)
		return;
	if (letter->bundle && letter->bundle == line->failed_in)
		return;
	line->failed_in = letter->bundle;
	line->failures++;
	for (int i = FAILURES_TO_OPEN; i < line->failures && pause < OPEN_LONGEST; i++)
		pause *= 2;
	if (line->failures >= FAILURES_TO_OPEN || line->state != LINE_OK)
		shut(line, LINE_OPEN, outcome, now,
		        pause < OPEN_LONGEST ? pause : OPEN_LONGEST);
	else
		snprintf(line->reason, sizeof line->reason, "%s", outcome->detail);
}

static void worked(struct line *line)
{
	if (line->state != LINE_OK)
		log_info(TR("channel %s works again", "%s 채널이 다시 됩니다"),
		        line->name);
	line->state = LINE_OK;
	line->failures = 0;
	line->reason[0] = 0;
	line->since = 0;
}

/* Whoever answers, works; what the owner has to mend is not mended by an answer. */
static void put_off(struct line *line, bool tried, int64_t now)
{
	if (line->state != LINE_PAUSED)
		worked(line);
	else if (tried)
		line->probe_at = now + OPEN_FIRST;
}

static void slow_down(struct line *line, int64_t ms)
{
	int64_t until = mono_us() + ms * 1000;

	if (ms > 0 && until > line->not_before_us)
		line->not_before_us = until;
}

void line_outcome(struct line *line, const struct letter *letter,
        const struct outcome *outcome, int64_t now)
{
	bool tried = line->probe && line->probe == letter->message;

	line->in_flight--;
	if (tried)
		line->probe = 0;
	if (line->shared)
		return;
	slow_down(line, outcome->retry_after_ms);
	switch (outcome->kind) {
	case OUTCOME_ACCEPTED:
	case OUTCOME_REFUSED:
	case OUTCOME_BAD_ADDRESS:
	case OUTCOME_OPTED_OUT:
	case OUTCOME_WINDOW:
		worked(line);
		break;
	case OUTCOME_LATER:
		put_off(line, tried, now);
		break;
	case OUTCOME_NOT_SENT:
	case OUTCOME_UNKNOWN:
		failed(line, letter, tried, outcome, now);
		break;
	case OUTCOME_OPERATOR:
		shut(line, LINE_PAUSED, outcome, now, PAUSE);
		break;
	}
}

int64_t line_wake(const struct line *line)
{
	return line->state == LINE_OK || mute(line) ? 0 : line->probe_at;
}

static json_t *time_json(struct zone *zone, int64_t at)
{
	char text[40];

	return at ? json_string(zone_format(zone, at, text)) : json_null();
}

/* null: nobody can tell, or not yet. */
static json_t *sender_json(const struct line *line, struct zone *zone)
{
	const struct registration *r = &line->registration;
	json_t *is = r->is == REGISTERED_UNKNOWN ? json_null()
	                                         : json_boolean(r->is == REGISTERED_YES);

	return json_pack("{s:s?, s:o, s:o}", "number", line->config->sender, "registered",
	        is, "asked", time_json(zone, r->asked_at));
}

json_t *line_json(
        const struct line *line, struct zone *zone, int64_t waiting, int64_t now)
{
	static const char *const states[] = {"ok", "open", "paused"};
	json_t *json = json_object();
	char why[256];
	bool silent = line_mute(line, why);
	const char *reason = silent ? why : line->reason;

	json_object_set_new(json, "provider", json_string(line->config->provider));
	json_object_set_new(
	        json, "state", json_string(states[silent ? LINE_PAUSED : line->state]));
	json_object_set_new(
	        json, "reason", reason[0] ? json_string(reason) : json_null());
	json_object_set_new(json, "since",
	        time_json(zone, silent ? line->registration.since : line->since));
	json_object_set_new(json, "waiting", json_integer(waiting));
	if (!strcmp(line->name, "sms"))
		json_object_set_new(json, "sender", sender_json(line, zone));
	if (!strcmp(line->name, "email"))
		json_object_set_new(
		        json, "domains", domains_json(line->domains, zone, now));
	if (line->spare) {
		json_t *spare = line_json(line->spare, zone, 0, now);
		json_object_del(spare, "waiting");
		json_object_set_new(json, "fallback", spare);
	}
	return json;
}
