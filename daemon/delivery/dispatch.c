/* Dispatch: planned messages through the gate and out. It claims on disk before a byte
 * leaves, never queues behind `handed`, and learns what became of a letter only from its
 * channel. */
#include "delivery/dispatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/letter.h"
#include "delivery/line.h"
#include "delivery/settle.h"
#include "store/coupon.h"

#define BATCH 64              /* messages looked at before the clock is asked again */
#define RECHECK_AFTER MS_HOUR /* a hold longer than this has its conditions asked again \
	                       */
#define SHUT_LOOK (10 * MS_SECOND)
#define OWNER "owner"

/* An outcome whose turn was undone: written again in a later one. */
struct outcome_kept {
	struct outcome_kept *next;
	struct dispatch *dispatch;
	int64_t message;
	struct outcome outcome;
};

struct dispatch {
	struct engine *engine;
	struct line *lines;
	size_t n_lines;
	struct line owner; /* no channel of its own: what goes to the owner waits under
	                      this name */
	uv_loop_t *loop;
	uv_timer_t *rate_timer;
	dispatch_recorder recorder;
	void *recorder_arg;
	void (*wake)(void *arg);
	void *wake_arg;
	struct outcome_kept *again;
	uint8_t link_key[32];
	bool has_link_key;
	int closing; /* channels still to close, and the timer */
	void (*freed)(void *arg);
	void *freed_arg;
	char why[512];
};

/* ---- small things
 * ------------------------------------------------------------------------------------------------------
 */

static void wake(struct dispatch *d)
{
	if (d->wake)
		d->wake(d->wake_arg);
}

static struct line *line_of(struct dispatch *d, const char *name)
{
	for (size_t i = 0; i < d->n_lines; i++)
		if (!strcmp(d->lines[i].name, name))
			return &d->lines[i];
	return NULL;
}

/* The way to the owner: by text message where that is set up, else by e-mail. */
static struct line *owner_line(struct dispatch *d)
{
	const struct shop *shop = d->engine->shop;
	struct line *line = shop->owner_sms ? line_of(d, "sms") : NULL;

	return line ? line : shop->owner_email ? line_of(d, "email") : NULL;
}

static const char *owner_address(const struct shop *shop, const struct line *line)
{
	return !strcmp(line->name, "email") ? shop->owner_email : shop->owner_sms;
}

/* The customer's own way out: unguessable, signed with the store's key. */
static const char *unsubscribe_link(
        struct dispatch *d, struct arena *arena, int64_t customer, const char *channel)
{
	const char *base = d->engine->shop->public_url;
	uint8_t mac[32];
	char hex[65], words[64];
	int n;

	if (!base || !d->has_link_key)
		return NULL;
	n = snprintf(
	        words, sizeof words, "u|%" PRId64 "|%s", customer, gate_medium(channel));
	secret_hmac_sha256(d->link_key, sizeof d->link_key, words, (size_t)n, mac);
	return arena_printf(arena, "%s/u/%" PRId64 "-%.1s-%.32s", base, customer,
	        gate_medium(channel), secret_hex(mac, sizeof mac, hex));
}

static void load_link_key(struct dispatch *d)
{
	struct db *db = d->engine->db;
	char *stored = db_meta_text(db, "link_key");
	uint8_t fresh[32];
	char hex[65];

	if (!stored) {
		secret_random(fresh, sizeof fresh);
		stored = mem_strdup(secret_hex(fresh, sizeof fresh, hex));
		db_meta_set_text(db, "link_key", stored);
	}
	secret_sha256(stored, strlen(stored), d->link_key);
	d->has_link_key = true;
	free(stored);
}

/* ---- answers
 * ------------------------------------------------------------------------------------------------------------
 */

static void on_settled(void *arg, enum db_status status)
{
	struct outcome_kept *kept = arg;

	if (status == DB_OK) {
		free(kept);
		return;
	}
	kept->next = kept->dispatch->again;
	kept->dispatch->again = kept;
}

static void settle(struct outcome_kept *kept)
{
	struct dispatch *d = kept->dispatch;

	settle_outcome(d->engine, kept->message, &kept->outcome, clock_now());
	db_after(d->engine->db, on_settled, kept);
}

static void on_answer(
        struct channel *channel, struct letter *letter, const struct outcome *outcome)
{
	struct line *line =
	        (struct line *)((char *)channel - offsetof(struct line, channel));
	struct outcome_kept *kept = mem_alloc(sizeof *kept);

	kept->dispatch = channel->owner;
	kept->message = letter->message;
	kept->outcome = *outcome;
	line_outcome(line, outcome, clock_now());
	settle(kept);
	wake(kept->dispatch);
}

static void on_room(struct channel *channel)
{
	wake(channel->owner);
}

static void settle_again(struct dispatch *d)
{
	struct outcome_kept *list = d->again;

	d->again = NULL;
	while (list) {
		struct outcome_kept *next = list->next;
		settle(list);
		list = next;
	}
}

/* ---- one message
 * ---------------------------------------------------------------------------------------------------------
 */

/* Everything that a decision about one message needs. */
struct case_file {
	struct dispatch *dispatch;
	struct line *line; /* the way it would take */
	struct arena *arena;
	struct message message;
	struct run run;
	bool has_run;
	const struct rule *rule;
	struct customer customer;
	bool has_customer;
	struct coupon coupon;
	bool has_coupon;
	int64_t now;
};

static bool open_case(struct case_file *c, int64_t id)
{
	struct engine *engine = c->dispatch->engine;
	const char *code;
	int64_t expires;
	char name[80];

	if (!message_get(engine->db, id, c->arena, &c->message))
		return false;
	c->has_run = run_get(engine->db, c->message.run, &c->run);
	c->rule = c->has_run ? engine_rule_of(engine, &c->run, name) : NULL;
	c->has_customer =
	        c->message.customer > 0 &&
	        customer_get(engine->db, c->message.customer, c->arena, &c->customer);
	code = c->has_run ? coupon_of_run(engine->db, c->run.id, c->arena, &expires)
	                  : NULL;
	c->has_coupon =
	        code && coupon_find(engine->db, code, c->now, c->arena, &c->coupon);
	return true;
}

static const char *address_of(const struct case_file *c)
{
	const struct shop *shop = c->dispatch->engine->shop;

	if (!strcmp(c->message.channel, OWNER))
		return owner_address(shop, c->line);
	return c->has_customer ? gate_address(shop, c->message.channel, &c->customer)
	                       : NULL;
}

static struct gate_answer ask(struct case_file *c, const char *address)
{
	struct engine *engine = c->dispatch->engine;
	struct gate_question question = {
	        .message = &c->message,
	        .customer = c->has_customer ? &c->customer : NULL,
	        .address = address,
	        .rule = c->rule,
	        .run = c->has_run ? &c->run : NULL,
	        .coupon_expires = c->has_coupon ? c->coupon.expires_at : 0,
	        .coupon_expired_or_void =
	                c->has_coupon && (!strcmp(c->coupon.state, "expired") ||
	                                         !strcmp(c->coupon.state, "void")),
	};

	question.rule_active =
	        engine_rule_live(engine, c->message.rule, &question.rule_paused);
	if (c->message.held_at && c->now - c->message.held_at > RECHECK_AFTER &&
	        c->rule && c->has_run &&
	        !engine_still_holds(engine, &c->message, &c->run, c->rule, c->now))
		return (struct gate_answer){
		        .verdict = GATE_END, .reason = REASON_NO_LONGER};
	return gate_ask(engine->db, engine->shop, &question, c->now);
}

/* Renders and makes the letter; NULL with the reason. */
static struct letter *write_letter(
        struct case_file *c, const char *address, enum reason *reason, char why[256])
{
	struct engine *engine = c->dispatch->engine;
	struct shop_text shop = {engine->shop->name, engine->shop->phone,
	        engine->shop->address, engine->shop->language, engine->shop->public_url};
	struct moment moment = {
	        .db = engine->db, .zone = engine->shop->zone, .now = c->now};
	const char *link = unsubscribe_link(
	        c->dispatch, c->arena, c->message.customer, c->message.channel);
	const char *language = c->has_customer ? c->customer.language : NULL;
	const struct template *template = template_find(engine->ruleset->templates,
	        c->message.template, c->message.channel, language);
	struct rendered rendered;
	struct event event;
	char key[40];
	struct rendering rendering = {
	        .moment = &moment,
	        .customer = c->has_customer ? &c->customer : NULL,
	        .shop = &shop,
	        .coupon_code = c->has_coupon ? c->coupon.code : NULL,
	        .coupon_discount = c->has_coupon ? c->coupon.discount : NULL,
	        .coupon_expires = c->has_coupon ? c->coupon.expires_at : 0,
	        .coupon_minimum = c->has_coupon ? c->coupon.minimum : 0,
	        .unsubscribe = link,
	};
	struct letter_parts parts = {
	        .message = &c->message,
	        .rendered = &rendered,
	        .channel = c->line->config,
	        .shop = engine->shop,
	        .to = address,
	        .customer = c->has_customer ? c->customer.ref : OWNER,
	        .coupon = rendering.coupon_code,
	        .unsubscribe = link,
	        .now = c->now,
	};
	struct letter *letter;
	bool good;

	*reason = REASON_NO_TEMPLATE;
	snprintf(why, 256,
	        TR("there is no template %s.%s", "템플릿 %s.%s이(가) 없습니다"),
	        c->message.template, c->message.channel);
	if (!template)
		return NULL;
	if (c->has_run && c->run.event &&
	        event_get(engine->db, c->run.event, c->arena, &event))
		moment.event = &event;
	rendering.data = c->message.data ? json_loads(c->message.data, 0, NULL) : NULL;
	*reason = REASON_BAD_CONTENT;
	good = template_render(template, &rendering, c->arena, &rendered, why);
	json_decref(rendering.data);
	if (!good)
		return NULL;
	parts.key = message_key(engine->db, c->message.id, key);
	letter = letter_new(&parts, reason, why);
	return letter;
}

/* A letter that waits for its claim to be on disk. */
struct departure {
	struct line *line;
	struct letter *letter;
};

static void on_claimed(void *arg, enum db_status status)
{
	struct departure *departure = arg;
	struct line *line = departure->line;
	struct letter *letter = departure->letter;

	free(departure);
	if (status == DB_OK) {
		line->channel.ops->send(&line->channel, letter);
		return;
	}
	line->in_flight--;
	line->probing = false;
	letter_free(letter);
}

static void record(struct case_file *c, struct letter *letter)
{
	struct dispatch *d = c->dispatch;
	struct outcome outcome = {.kind = OUTCOME_ACCEPTED};

	c->message.coupon = letter->coupon;
	d->recorder(d->recorder_arg, &c->message, letter);
	settle_outcome(d->engine, c->message.id, &outcome, c->now);
	letter_free(letter);
}

static void hand_over(struct case_file *c, struct letter *letter)
{
	struct dispatch *d = c->dispatch;
	struct db *db = d->engine->db;
	struct departure *departure;

	message_hand(db, &c->message, letter->to, letter->text, c->line->config->provider, letter->coupon, c->now);
	if (d->recorder) {
		record(c, letter);
		return;
	}
	departure = mem_alloc(sizeof *departure);
	*departure = (struct departure){c->line, letter};
	line_handed(c->line, letter->segments);
	db_after(db, on_claimed, departure);
}

static void hold(struct case_file *c, const struct gate_answer *answer)
{
	message_set_state(c->dispatch->engine->db, c->message.id, MESSAGE_HELD,
	        answer->reason, answer->until, c->now);
}

/* Decides about one message; true when it was handed over. */
static bool consider(struct case_file *c)
{
	struct engine *engine = c->dispatch->engine;
	const char *address = address_of(c);
	struct gate_answer answer;
	struct letter *letter;
	enum reason reason;
	char why[256];

	if (c->message.state == MESSAGE_UNKNOWN) {
		settle_unknown(engine, &c->message, c->now);
		return false;
	}
	answer = ask(c, address);
	switch (answer.verdict) {
	case GATE_WAIT:
		hold(c, &answer);
		return false;
	case GATE_NEXT:
	case GATE_END:
		settle_refused(engine, &c->message, answer.reason,
		        answer.verdict == GATE_NEXT, c->now);
		return false;
	case GATE_GO:
		break;
	}
	letter = write_letter(c, address, &reason, why);
	if (!letter) {
		message_attempt(engine->db, c->message.id, c->now, "refused",
		        reason_name(reason), why);
		settle_refused(engine, &c->message, reason, true, c->now);
		return false;
	}
	hand_over(c, letter);
	return true;
}

/* ---- lines
 * -----------------------------------------------------------------------------------------------------------------
 */

static void on_rate(uv_timer_t *timer)
{
	wake(timer->data);
}

/* Hands over what one queue has due and its line has room for. Returns false when the
 * budget is used up. */
static bool serve(struct dispatch *d, struct line *line, const char *queue, int64_t now,
        int64_t until_mono, uint64_t *real_ms)
{
	struct arena *arena = arena_new();
	int64_t ids[BATCH];
	bool in_time = true;
	int n, room;

	while (in_time && db_status(d->engine->db) == DB_OK &&
	        (room = line_room(line, now, real_ms)) > 0) {
		n = message_due(
		        d->engine->db, queue, now, ids, room < BATCH ? room : BATCH);
		for (int i = 0; i < n && db_status(d->engine->db) == DB_OK; i++) {
			struct case_file c = {
			        .dispatch = d, .line = line, .arena = arena, .now = now};
			if (open_case(&c, ids[i]))
				consider(&c);
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
	uint64_t real_ms;

	if (!due || due > now)
		return due;
	if (shut > now)
		return shut;
	return line_room(line, now, &real_ms) > 0 ? now
	                                          : 0; /* a full line wakes us itself */
}

int64_t dispatch_run(struct dispatch *d, int64_t now, int64_t budget_us)
{
	int64_t until = budget_us ? clock_mono() + budget_us / 1000 + 1 : INT64_MAX;
	struct line *owner = owner_line(d);
	uint64_t real_ms = 0, soonest = 0;
	int64_t next = 0;
	bool in_time = true;

	settle_again(d);
	if (!d->engine->ruleset || db_meta_int(d->engine->db, "queue_held", 0))
		return 0;
	for (size_t i = 0; i <= d->n_lines && in_time; i++) {
		struct line *line = i < d->n_lines ? &d->lines[i] : owner;
		const char *queue = i < d->n_lines ? d->lines[i].name : OWNER;
		if (!line)
			continue;
		in_time = serve(d, line, queue, now, until, &real_ms);
		if (real_ms && (!soonest || real_ms < soonest))
			soonest = real_ms;
		next = earlier(next, queue_next(d, line, queue, now));
	}
	if (soonest && d->rate_timer)
		uv_timer_start(d->rate_timer, on_rate, soonest, 0);
	return in_time ? next : now;
}

/* ---- opening and closing
 * -------------------------------------------------------------------------------------------------------
 */

static bool open_line(struct dispatch *d, struct line *line,
        const struct channel_config *config, char why[256])
{
	line_open(line, config, config->name);
	if (d->recorder)
		return true;
	line->channel = (struct channel){
	        .config = config,
	        .ops = channel_provider(config->provider),
	        .loop = d->loop,
	        .answer = on_answer,
	        .wake = on_room,
	        .owner = d,
	};
	if (!line->channel.ops) {
		snprintf(why, 256,
		        TR("channel %s: there is no provider %s",
		                "%s 채널: %s 제공자가 없습니다"),
		        config->name, config->provider);
		return false;
	}
	return line->channel.ops->open(&line->channel, why);
}

struct dispatch *dispatch_new(struct engine *engine, uv_loop_t *loop,
        const struct channel_config *configs, size_t n, dispatch_recorder recorder,
        void *arg, char why[256])
{
	struct dispatch *d = mem_alloc(sizeof *d);

	d->engine = engine;
	d->loop = loop;
	d->recorder = recorder;
	d->recorder_arg = arg;
	d->lines = mem_alloc((n + 1) * sizeof *d->lines);
	for (d->n_lines = 0; d->n_lines < n; d->n_lines++)
		if (!open_line(d, &d->lines[d->n_lines], &configs[d->n_lines], why)) {
			dispatch_free(d, 0, NULL, NULL);
			return NULL;
		}
	if (loop) {
		d->rate_timer = mem_alloc(sizeof *d->rate_timer);
		uv_timer_init(loop, d->rate_timer);
		d->rate_timer->data = d;
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
		free(kept);
	}
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

void dispatch_free(struct dispatch *d, int grace_ms, void (*freed)(void *arg), void *arg)
{
	d->freed = freed;
	d->freed_arg = arg;
	d->closing = 1 + (int)d->n_lines + (d->rate_timer ? 1 : 0);
	d->wake = NULL;
	for (size_t i = 0; i < d->n_lines; i++) {
		struct channel *channel = &d->lines[i].channel;
		if (channel->ops)
			channel->ops->close(channel, grace_ms, on_channel_closed);
		else
			d->closing--;
	}
	if (d->rate_timer)
		uv_close((uv_handle_t *)d->rate_timer, on_timer_closed);
	one_closed(d);
}

void dispatch_recover(struct dispatch *d, int64_t now)
{
	int64_t back, lost;

	load_link_key(d);
	message_recover(d->engine->db, now, &back, &lost);
	if (lost)
		log_warn(TR("%" PRId64 " messages were under way when the last run "
		                       "ended: it is not known whether they arrived",
		                 "지난번 종료 때 보내던 메시지 %" PRId64
		                 "건은 도착했는지 알 수 없습니다"),
		        lost);
}

void dispatch_resume(struct dispatch *d)
{
	load_link_key(d);
}

void dispatch_on_wake(struct dispatch *d, void (*fn)(void *arg), void *arg)
{
	d->wake = fn;
	d->wake_arg = arg;
}

void dispatch_receipt(struct dispatch *d, const struct receipt *receipt, int64_t now)
{
	settle_receipt(d->engine, receipt, now);
}

void dispatch_renew(struct dispatch *d)
{
	for (size_t i = 0; i < d->n_lines; i++) {
		struct line *line = &d->lines[i];
		if (line->channel.ops && line->channel.ops->renew)
			line->channel.ops->renew(&line->channel);
		line_renew(line);
	}
	wake(d);
}

/* ---- the owner's hands
 * -----------------------------------------------------------------------------------------------------------
 */

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
		wake(d);
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
	wake(d);
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
	message_set_state(d->engine->db, id, MESSAGE_PLANNED, REASON_NONE, now, now);
	wake(d);
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

/* ---- what the owner sees
 * ------------------------------------------------------------------------------------------------------------
 */

json_t *dispatch_status(struct dispatch *d, int64_t now)
{
	json_t *json = json_object();

	(void)now;
	for (size_t i = 0; i < d->n_lines; i++)
		json_object_set_new(json, d->lines[i].name,
		        line_json(&d->lines[i], d->engine->shop->zone,
		                message_waiting(d->engine->db, d->lines[i].name)));
	return json;
}

const char *dispatch_why(struct dispatch *d, int64_t now)
{
	char since[40];

	(void)now;
	if (db_meta_int(d->engine->db, "queue_held", 0))
		return TR("the owner holds the whole queue: `dangolctl queue release` "
		          "lets it go",
		        "사장님이 대기열 전체를 멈췄습니다. `dangolctl queue release`로 "
		        "다시 보냅니다");
	for (size_t i = 0; i < d->n_lines; i++) {
		const struct line *line = &d->lines[i];
		if (line->state == LINE_OK)
			continue;
		snprintf(d->why, sizeof d->why,
		        TR("channel %s has not worked since %s: %s",
		                "%s 채널이 %s부터 되지 않습니다: %s"),
		        line->name,
		        zone_format(d->engine->shop->zone, line->since, since),
		        line->reason);
		return d->why;
	}
	return NULL;
}

struct letter *dispatch_preview(struct dispatch *d, const char *channel,
        const char *template, int64_t customer, const struct rule *rule, int64_t now,
        char why[256])
{
	bool owner = !strcmp(channel, OWNER);
	struct case_file c = {
	        .dispatch = d,
	        .line = owner ? owner_line(d) : line_of(d, channel),
	        .arena = arena_new(),
	        .message = {.rule = rule ? rule->name : "api",
	                .customer = customer,
	                .channel = channel,
	                .template = template,
	                .purpose = rule && !owner ? purpose_name(rule->purpose) : "info"},
	        .now = now,
	};
	struct letter *letter = NULL;
	enum reason reason;
	const char *address;

	snprintf(why, 256,
	        TR("no channel %s is set up", "%s 채널이 설정되어 있지 않습니다"),
	        channel);
	if (!c.line || !d->engine->ruleset)
		goto out;
	c.has_customer = customer_get(d->engine->db, customer, c.arena, &c.customer);
	for (size_t i = 0; rule && i < rule->n_ops && !c.has_coupon; i++) {
		const struct coupon_decl *decl =
		        rule->ops[i].kind == OP_GIVE
		                ? state_coupon(d->engine, rule->ops[i].name)
		                : NULL;
		if (!decl)
			continue;
		c.has_coupon = true;
		c.coupon = (struct coupon){.code = "TEST-2345678",
		        .name = decl->name,
		        .state = "reserved",
		        .discount = decl->discount,
		        .minimum = decl->minimum,
		        .expires_at = coupon_expiry(decl, d->engine->shop->zone, now)};
	}
	address = address_of(&c);
	letter = write_letter(&c, address ? address : "", &reason, why);
out:
	arena_free(c.arena);
	return letter;
}
