/* Dispatch: planned messages through the gate and out. It claims on disk before a byte
 * leaves, never queues behind `handed`, and learns what became of a letter only from its
 * channel. */
#include "delivery/dispatch.h"

#include <inttypes.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/bounces.h"
#include "delivery/errand.h"
#include "delivery/holdoff.h"
#include "delivery/purse.h"
#include "delivery/settle.h"
#include "delivery/provider/words.h"
#include "store/coupon.h"
#include "store/sealing.h"

#define SETTLE_MS 4
#define SETTLE_MOST_MS 3 /* of a turn: a request may carry hundreds of letters */
#define BATCH 64         /* messages looked at before the clock is asked again */

/* ---- small things ---- */

void dispatch_wake(struct dispatch *d)
{
	if (d->wake)
		d->wake(d->wake_arg);
}

struct line *dispatch_line(struct dispatch *d, const char *name)
{
	for (size_t i = 0; i < d->n_lines; i++)
		if (!strcmp(d->lines[i].name, name))
			return &d->lines[i];
	return NULL;
}

struct line *dispatch_owner_line(struct dispatch *d)
{
	const struct shop *shop = d->engine->shop;
	struct line *line = shop->owner_sms ? dispatch_line(d, "sms") : NULL;
	struct line *mail = shop->owner_email ? dispatch_line(d, "email") : NULL;

	if (line && mail && registration_shut(&line_way(line, clock_now())->registration))
		return mail; /* its sender is not registered: he would not hear of that */
	return line ? line : mail;
}

static void load_link_key(struct dispatch *d)
{
	sealing_link_key(d->engine->db, d->link_key);
	d->has_link_key = true;
}

/* ---- answers ---- */

static void forget(struct outcome_kept *kept)
{
	letter_free(kept->letter);
	free(kept);
}

static void again(struct outcome_kept *kept)
{
	struct dispatch *d = kept->dispatch;

	kept->next = NULL;
	*(d->again ? d->again_end : &d->again) = kept;
	d->again_end = &kept->next;
	d->n_again++;
}

static void on_settled(void *arg, enum db_status status)
{
	struct outcome_kept *kept = arg;

	if (status == DB_OK) {
		forget(kept);
		return;
	}
	if (kept->dispatch->heir && *kept->dispatch->heir)
		kept->dispatch = *kept->dispatch->heir;
	again(kept);
}

static void settle(struct outcome_kept *kept)
{
	struct dispatch *d = kept->dispatch;

	settle_outcome(d->engine, kept->letter, &kept->outcome, clock_now());
	db_after(d->engine->db, on_settled, kept);
}

/* What there is of them, or as many as a turn may take, in the order in which they came.
 */
static void settle_again(struct dispatch *d, bool all)
{
	int64_t until = clock_mono() + SETTLE_MOST_MS;
	int n = 0;

	while (d->again && (all || ++n % 16 || clock_mono() < until)) {
		struct outcome_kept *kept = d->again;
		d->again = kept->next;
		d->n_again--;
		settle(kept);
	}
	if (d->again)
		dispatch_wake(d);
}

static void on_rate(uv_timer_t *timer)
{
	dispatch_wake(timer->data);
}

/* Answers are written down many at a time, with the next hand-over in the same turn: a
 * commit costs what many do. None waits once its line has as much answered as under way.
 */
static void settle_soon(struct dispatch *d, const struct line *line)
{
	if (!d->wake)
		settle_again(d, true); /* closing: nobody runs it again */
	else if (d->n_again >= line->in_flight)
		dispatch_wake(d);
	else if (!uv_is_active((uv_handle_t *)d->rate_timer) ||
	         uv_timer_get_due_in(d->rate_timer) > SETTLE_MS)
		uv_timer_start(d->rate_timer, on_rate, SETTLE_MS, 0);
}

struct line *dispatch_line_of(const struct channel *channel)
{
	return (struct line *)((char *)channel - offsetof(struct line, channel));
}

static bool same_account(const struct channel_config *a, const struct channel_config *b)
{
	return !strcmp(a->provider, b->provider) && words_same(a->url, b->url) &&
	       words_same(a->server, b->server) && words_same(a->key_name, b->key_name) &&
	       words_same(a->user, b->user);
}

/* Whoever asks to go slower speaks for all channels of that account. */
static void slow_down_others(struct dispatch *d, const struct line *line)
{
	for (size_t i = 0; i < d->n_lines; i++) {
		struct line *others[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && others[k]; k++)
			if (same_account(others[k]->config, line->config) &&
			        others[k]->not_before_us < line->not_before_us)
				others[k]->not_before_us = line->not_before_us;
	}
}

static void on_answer(
        struct channel *channel, struct letter *letter, const struct outcome *outcome)
{
	struct line *line = dispatch_line_of(channel);
	struct outcome_kept *kept = mem_alloc(sizeof *kept);

	kept->dispatch = channel->owner;
	kept->letter = letter;
	kept->outcome = *outcome;
	line_outcome(line, letter, outcome, clock_now());
	holdoff_heard(line, letter->to, outcome, clock_now());
	if (outcome->kind == OUTCOME_OPERATOR)
		kept->outcome.sender = registration_doubt(line, outcome, clock_now());
	if (outcome->retry_after_ms > 0)
		slow_down_others(kept->dispatch, line);
	again(kept);
	settle_soon(kept->dispatch, line);
}

static void on_room(struct channel *channel)
{
	dispatch_wake(channel->owner);
}

/* ---- lines ---- */

/* Hands over what one queue has due and its line has room for. Returns false when the
 * budget is used up. */
static bool serve(struct dispatch *d, struct line *line, const char *queue, int64_t now,
        int64_t until_mono, uint64_t *real_ms)
{
	struct arena *arena = arena_new();
	struct line *way;
	int64_t ids[BATCH];
	bool in_time = true;
	int n, room;

	line->full = false;
	if (line->spare)
		line->spare->full = false;
	while (in_time && db_status(d->engine->db) == DB_OK &&
	        (room = line_room(way = line_way(line, now), now, real_ms)) > 0) {
		n = message_due(
		        d->engine->db, queue, now, ids, room < BATCH ? room : BATCH);
		for (int i = 0; i < n && !way->full && db_status(d->engine->db) == DB_OK;
		        i++) {
			errand_run(d, way, ids[i], now, arena);
			arena_reset(arena);
		}
		in_time = clock_mono() < until_mono;
		if (n < BATCH && n < room)
			break;
	}
	arena_free(arena);
	return in_time;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/* When a queue is to be looked at again: its next due message, or when its shut line may
 * try. */
static int64_t queue_next(
        struct dispatch *d, struct line *line, const char *queue, int64_t now)
{
	int64_t due = message_next_due(d->engine->db, queue), shut = line_wake(line);
	struct line *way = line_way(line, now);
	uint64_t real_ms;

	if (!due || due > now)
		return due;
	if (shut > now && way == line)
		return shut;
	if (way != line)
		shut = earlier(shut, line_wake(way));
	if (line_room(way, now, &real_ms) > 0)
		return now;
	return shut > now ? shut : 0; /* a full line wakes us itself */
}

/* Asked when every line was served: one may have planned a leg for one before it. */
static int64_t lines_next(struct dispatch *d, int64_t now)
{
	struct line *owner = dispatch_owner_line(d);
	int64_t next = owner ? queue_next(d, owner, DISPATCH_OWNER, now) : 0;

	for (size_t i = 0; i < d->n_lines; i++)
		next = earlier(next, queue_next(d, &d->lines[i], d->lines[i].name, now));
	return next;
}

/* ---- the rates, over a restart ---- */

static const char *pace_name(const struct line *line, char out[96])
{
	snprintf(out, 96, "pace:%s:%s", line->name, line->account);
	return out;
}

static void keep_pace(struct dispatch *d)
{
	char name[96];

	for (size_t i = 0; i < d->n_lines && !d->recorder; i++) {
		struct line *lines[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && lines[k]; k++) {
			if (!lines[k]->paced)
				continue;
			lines[k]->paced = false;
			db_meta_set_int(d->engine->db, pace_name(lines[k], name),
			        line_pace(lines[k]));
		}
	}
}

/* What the channels had before: the rate's next instant, and what they keep. */
static void resume_lines(struct dispatch *d)
{
	char name[96];

	for (size_t i = 0; i < d->n_lines && !d->recorder; i++) {
		struct line *lines[] = {&d->lines[i], d->lines[i].spare};
		for (int k = 0; k < 2 && lines[k]; k++) {
			line_resume(lines[k],
			        db_meta_int(d->engine->db, pace_name(lines[k], name), 0));
			told_recall(d, lines[k]);
		}
	}
}

int64_t dispatch_run(struct dispatch *d, int64_t now, int64_t budget_us)
{
	int64_t until = budget_us ? clock_mono() + budget_us / 1000 + 1 : INT64_MAX;
	uint64_t real_ms = 0, soonest = 0;
	struct line *owner;
	int64_t next;
	bool in_time = true, waking;

	settle_again(d, false);
	told_settle(d, now);
	next = earlier(inquire_run(d, now), refusals_run(d, now));
	next = earlier(next, registrations_run(d, now));
	next = earlier(next, bounces_run(d->bounces, now));
	if (!d->engine->ruleset || db_meta_int(d->engine->db, "queue_held", 0))
		return next;
	waking = purse_wake(d, now);
	owner = dispatch_owner_line(d);
	next = earlier(next, settle_overdue(d->engine, now));
	for (size_t i = 0; i <= d->n_lines && in_time; i++) {
		struct line *line = i < d->n_lines ? &d->lines[i] : owner;
		const char *queue = i < d->n_lines ? d->lines[i].name : DISPATCH_OWNER;
		if (!line)
			continue;
		in_time = serve(d, line, queue, now, until, &real_ms);
		if (real_ms && (!soonest || real_ms < soonest))
			soonest = real_ms;
	}
	keep_pace(d);
	next = earlier(next, lines_next(d, now));
	if (soonest && d->rate_timer)
		uv_timer_start(d->rate_timer, on_rate, soonest, 0);
	return in_time && !waking ? next : now;
}

/* ---- opening and closing ---- */

static const struct channel_config post = {.name = DISPATCH_POST, .provider = "post"};

static bool open_line(struct dispatch *d, struct line *line,
        const struct channel_config *config, char why[256])
{
	line_open(line, config, config->name);
	line->shared = config == &post;
	if (d->recorder)
		return true;
	line->channel = (struct channel){
	        .config = config,
	        .ops = line->shared ? &post_ops : channel_provider(config->provider),
	        .loop = d->loop,
	        .answer = on_answer,
	        .wake = on_room,
	        .owner = d,
	};
	told_wire(d, &line->channel);
	if (!line->channel.ops) {
		snprintf(why, 256,
		        TR("channel %s: there is no provider %s",
		                "%s 채널: %s 제공자가 없습니다"),
		        config->name, config->provider);
		return false;
	}
	if (!line->channel.ops->open(&line->channel, why)) {
		line->channel.ops = NULL;
		return false;
	}
	if (!config->fallback)
		return true;
	line->spare = mem_alloc(sizeof *line->spare);
	return open_line(d, line->spare, config->fallback, why);
}

struct dispatch *dispatch_new(struct engine *engine, uv_loop_t *loop,
        const struct channel_config *configs, size_t n, letter_recorder recorder,
        void *arg, char why[256])
{
	struct dispatch *d = mem_alloc(sizeof *d);

	d->engine = engine;
	d->loop = loop;
	d->recorder = recorder;
	d->recorder_arg = arg;
	d->registered = !recorder;
	d->lines = mem_alloc((n + 1) * sizeof *d->lines);
	for (d->n_lines = 0; d->n_lines <= n; d->n_lines++)
		if (!open_line(d, &d->lines[d->n_lines],
		            d->n_lines < n ? &configs[d->n_lines] : &post, why)) {
			d->n_lines++; /* its first provider may be open */
			dispatch_free(d, 0, NULL, NULL);
			return NULL;
		}
	if (loop) {
		d->rate_timer = mem_alloc(sizeof *d->rate_timer);
		uv_timer_init(loop, d->rate_timer);
		d->rate_timer->data = d;
		d->bounces = bounces_new(d);
	}
	return d;
}

static void one_closed(struct dispatch *d)
{
	if (--d->closing > 0)
		return;
	while (d->again) {
		struct outcome_kept *kept = d->again;
		d->again = kept->next;
		forget(kept);
	}
	told_forget(d);
	for (size_t i = 0; i < d->n_lines; i++)
		line_close(&d->lines[i]);
	if (d->freed)
		d->freed(d->freed_arg);
	free(d->lines);
	free(d);
}

static void on_channel_closed(struct channel *channel)
{
	one_closed(channel->owner);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct dispatch *d = handle->data;

	free(handle);
	one_closed(d);
}

static void close_line(struct dispatch *d, struct line *line, int grace_ms)
{
	struct channel *channel = &line->channel;

	if (!channel->ops || !channel->ops->close)
		return;
	d->closing++;
	channel->ops->close(channel, grace_ms, on_channel_closed);
}

void dispatch_retire(struct dispatch *d, struct dispatch *const *heir)
{
	d->heir = heir;
}

void dispatch_free(struct dispatch *d, int grace_ms, void (*freed)(void *arg), void *arg)
{
	settle_again(d, true);
	d->freed = freed;
	d->freed_arg = arg;
	d->closing = 2 + (d->rate_timer ? 1 : 0);
	d->wake = NULL;
	told_forget(d);
	for (size_t i = 0; i < d->n_lines; i++) {
		close_line(d, &d->lines[i], grace_ms);
		if (d->lines[i].spare)
			close_line(d, d->lines[i].spare, grace_ms);
	}
	bounces_free(d->bounces, one_closed, d);
	if (d->rate_timer)
		uv_close((uv_handle_t *)d->rate_timer, on_timer_closed);
	one_closed(d);
}

void dispatch_recover(struct dispatch *d, int64_t now)
{
	int64_t back, lost;

	load_link_key(d);
	resume_lines(d);
	message_recover(d->engine->db, now, &back, &lost);
	if (lost)
		log_warn(TR("%" PRId64 " messages were under way when the last run "
		            "ended: it is not known whether they arrived; "
		            "`dangolctl queue list --state unknown` shows them",
		                 "지난번 종료 때 보내던 메시지 %" PRId64
		                 "건은 도착했는지 알 수 없습니다. `dangolctl queue list "
		                 "--state unknown`으로 볼 수 있습니다"),
		        lost);
}

void dispatch_resume(struct dispatch *d)
{
	load_link_key(d);
	resume_lines(d);
}

void dispatch_on_wake(struct dispatch *d, void (*fn)(void *arg), void *arg)
{
	d->wake = fn;
	d->wake_arg = arg;
}

const uint8_t *dispatch_link_key(const struct dispatch *d)
{
	assert(d->has_link_key);
	return d->link_key;
}

struct letter *dispatch_preview(struct dispatch *d, const char *channel,
        const char *template, int64_t customer, const struct rule *rule, int64_t now,
        bool *made_up, char why[256])
{
	return errand_preview(d, channel, template, customer, rule, now, made_up, why);
}
