/* Is the sender of text messages registered at its provider? The provider is asked by the
 * daemon itself, on connections that send nothing. Where it says no, what would leave by
 * that number is held; where it does not answer, nothing changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/courier.h"
#include "delivery/dispatch.h"
#include "delivery/dispatch_inner.h"
#include "engine/notice.h"
#include "store/waiting.h"

#define EVERY MS_DAY
#define AGAIN (10 * MS_MINUTE) /* when there was no answer */
#define OFTEN MS_HOUR          /* while it is not known to be registered */
#define LASTS (3 * MS_HOUR)    /* the owner is told that it is not */
#define WOKEN_AT_ONCE 256

static const char *const words[] = {"", "registered", "absent", "blocked"};

/* ---- what outlives the daemon ---- */

static const char *meta_name(const struct line *line, char out[96])
{
	char digits[20];

	snprintf(out, 96, "sender:%s:%s", line->account,
	        talk_digits(line->config->sender, digits));
	return out;
}

static void keep(struct db *db, const struct line *line)
{
	const struct registration *r = &line->registration;
	char name[96], text[96];

	snprintf(text, sizeof text, "%s %lld %lld", words[r->is], (long long)r->asked_at,
	        (long long)r->since);
	db_meta_set_text(db, meta_name(line, name), text);
}

/* What that number was at that account when it was last told. */
static void recall(struct db *db, struct line *line)
{
	struct registration *r = &line->registration;
	char name[96], word[16], *text = db_meta_text(db, meta_name(line, name));
	long long asked_at, since;

	r->recalled = true;
	if (text && sscanf(text, "%15s %lld %lld", word, &asked_at, &since) == 3)
		for (int i = REGISTERED_YES; i <= REGISTERED_BLOCKED; i++)
			if (!strcmp(words[i], word)) {
				r->is = (enum registered)i;
				r->asked_at = asked_at;
				r->since = since;
			}
	free(text);
}

/* ---- asking ---- */

static bool can_be_asked(const struct line *line)
{
	const struct channel_ops *ops = line->channel.ops;

	return ops && ops->protocol && ops->protocol->senders && line->config->sender &&
	       !strcmp(line->name, "sms");
}

/* Said once, until it answers again. */
static void say_failed(const struct line *line, const struct talk *talk)
{
	const struct dispatch *d = line->channel.owner;

	if (line->registration.failed || d->closing)
		return;
	log_warn(TR("whether the sender of channel %s is registered at %s cannot be "
	            "had: %s",
	                 "%s 채널의 발신번호가 %s에 등록되어 있는지 알 수 없습니다: %s"),
	        line->name, line->config->provider,
	        talk->n_lines ? talk->lines[talk->n_lines - 1] : "-");
}

static void on_told(void *arg, const struct talk *talk)
{
	struct line *line = arg;
	struct registration *r = &line->registration;

	line->asked_out = false;
	if (talk->failed)
		say_failed(line, talk);
	r->heard = talk->failed ? REGISTERED_UNKNOWN
	                        : senders_ask(&talk->senders, line->config->sender);
	r->failed = talk->failed;
	r->looking = false;
	r->answered = true;
	dispatch_wake(line->channel.owner);
}

/* ---- what was told ---- */

/* Once a day. */
static void alarm_owner(
        struct dispatch *d, const struct line *line, const char *why, int64_t now)
{
	char about[64], since[40], *text;

	snprintf(about, sizeof about, "%.16s %.40s", line->config->provider,
	        line->config->sender);
	zone_format(d->engine->shop->zone, line->registration.since, since);
	text = mem_printf(TR("Channel %s has not worked since %s: %s. What goes by it "
	                     "waits.",
	                          "%s 채널이 %s부터 되지 않습니다: %s. 이 번호로 나갈 "
	                          "것은 기다립니다."),
	        line->name, since, why);
	notice_owner(d->engine, "sender", about, now, text);
	free(text);
}

/* At once in the journal; to the owner when it has lasted. */
static void say_shut(struct dispatch *d, struct line *line, int64_t now)
{
	struct registration *r = &line->registration;
	char why[256];

	if (!line_mute(line, why))
		return;
	if (!r->warned)
		log_warn(
		        TR("channel %s does not work: %s", "%s 채널이 되지 않습니다: %s"),
		        line->name, why);
	r->warned = true;
	if (now - r->since >= LASTS)
		alarm_owner(d, line, why, now);
}

static void is_registered(struct dispatch *d, const struct line *line)
{
	log_info(TR("channel %s: the sender is registered at %s now",
	                 "%s 채널: 발신번호가 이제 %s에 등록되어 있습니다"),
	        line->name, line->config->provider);
	d->registered = true;
	d->registered_to = 0;
}

/* In the turn under way. Where that is undone, the next look tells it again. */
static void take(struct dispatch *d, struct line *line, int64_t now)
{
	struct registration *r = &line->registration;
	bool was_shut = registration_shut(r);

	r->answered = false;
	r->look_at = now + (r->failed ? AGAIN : OFTEN);
	if (r->heard == REGISTERED_UNKNOWN)
		return;
	r->is = r->heard;
	r->asked_at = now;
	if (registration_shut(r)) {
		r->since = was_shut ? r->since : now;
		say_shut(d, line, now);
	} else {
		r->since = 0;
		r->warned = false;
		r->look_at = now + EVERY;
		if (was_shut)
			is_registered(d, line);
	}
	keep(d->engine->db, line);
}

static int64_t mind(struct dispatch *d, struct line *line, int64_t now)
{
	struct registration *r = &line->registration;

	if (!r->recalled)
		recall(d->engine->db, line);
	if (r->answered) {
		take(d, line, now);
		r->look_at = r->again ? now : r->look_at;
		r->again = false;
	}
	if (r->looking)
		return 0; /* its end wakes us */
	if (r->look_at > now)
		return r->look_at;
	if (!courier_consult(
	            &line->channel, line->channel.ops->protocol->senders, on_told, line))
		return now + MS_SECOND;
	r->looking = !r->answered;
	r->looked_at = now;
	return 0;
}

/* What waited for a sender is due, a slice in one turn: another may be set up now, or it
 * is registered. */
static bool wake(struct dispatch *d, int64_t now)
{
	if (d->registered)
		d->registered = waiting_wake(d->engine->db, MESSAGE_PLANNED,
		        REASON_SENDER_UNREGISTERED, &d->registered_to, WOKEN_AT_ONCE,
		        now);
	return d->registered;
}

int64_t registrations_run(struct dispatch *d, int64_t now)
{
	int64_t next = 0;

	for (size_t i = 0; i < d->n_lines && !d->recorder; i++) {
		struct line *lines[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && lines[k]; k++) {
			int64_t at = can_be_asked(lines[k]) ? mind(d, lines[k], now) : 0;
			if (at && (!next || at < next))
				next = at;
		}
	}
	return wake(d, now) ? now : next;
}

bool registration_doubt(struct line *line, const struct outcome *outcome, int64_t now)
{
	const struct protocol *protocol = line->channel.ops->protocol;
	struct registration *r = &line->registration;

	if (can_be_asked(line) && r->looked_at + AGAIN <= now)
		r->look_at = now;
	for (size_t i = 0;
	        protocol && protocol->sender_codes && protocol->sender_codes[i]; i++)
		if (!strcmp(outcome->code, protocol->sender_codes[i]))
			return true;
	return false;
}

/* What is under way may have asked before the owner mended it. */
static void look_again(struct registration *r)
{
	if (r->is == REGISTERED_YES)
		return;
	r->look_at = 0;
	r->again = r->looking;
}

void dispatch_look(struct dispatch *d)
{
	for (size_t i = 0; i < d->n_lines; i++) {
		struct line *lines[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && lines[k]; k++)
			look_again(&lines[k]->registration);
	}
	dispatch_wake(d);
}

/* ---- what waits ---- */

/* It is planned as what waits for a paused channel is; that it was held for a moment
 * stands in it, so that after an hour its conditions are asked again. */
bool registration_waits(
        struct db *db, struct line *line, const struct message *message, int64_t now)
{
	char why[256];

	if (!line_mute(line, why))
		return false;
	if (message->reason != REASON_SENDER_UNREGISTERED)
		message_attempt(db, message->id, now, "later", "sender", why);
	if (!message->held_at)
		message_set_state(db, message->id, MESSAGE_HELD,
		        REASON_SENDER_UNREGISTERED, now, now);
	message_set_state(db, message->id, MESSAGE_PLANNED, REASON_SENDER_UNREGISTERED,
	        now + OFTEN, now);
	return true;
}
