/* An errand: one message on its way through the gate to its channel. It claims on disk
 * before a byte leaves, and what it decides is written in the turn under way. */
#include "delivery/errand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/holdoff.h"
#include "delivery/mark.h"
#include "delivery/purse.h"
#include "delivery/sample.h"
#include "delivery/settle.h"
#include "delivery/token.h"
#include "delivery/tracking.h"
#include "engine/notice.h"
#include "engine/message_event.h"
#include "engine/step.h"
#include "engine/tell.h"
#include "store/bundle.h"
#include "store/coupon.h"
#include "store/suppression.h"

#define RECHECK_AFTER \
	MS_HOUR /* a hold longer than this has its conditions asked again \
	         */

static const char *owner_address(const struct shop *shop, const struct line *line)
{
	return !strcmp(line->name, "email") ? shop->owner_email : shop->owner_sms;
}

/* Everything that a decision about one message needs. */
struct errand {
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
	struct event event; /* what is told of, where it is not the run's */
	bool has_event;
	int64_t price; /* won, once it is written */
	struct tracking tracking;
	int64_t now;
};

/* As `customer` would read it, with samples for what a run would have brought. */
static void take_samples(struct errand *c, int64_t customer, const struct rule *rule)
{
	struct engine *engine = c->dispatch->engine;

	c->has_customer = customer_get(engine->db, customer, c->arena, &c->customer);
	c->has_coupon = sample_coupon(engine, rule, c->now, &c->coupon);
	c->has_event = sample_event(engine, rule, customer, c->now, c->arena, &c->event);
}

static bool prepare(struct errand *c, int64_t id)
{
	struct engine *engine = c->dispatch->engine;
	const char *code;
	int64_t expires;
	char name[80];

	if (!message_get(engine->db, id, c->arena, &c->message))
		return false;
	c->has_run = run_get(engine->db, c->message.run, &c->run);
	if (c->message.flags & MESSAGE_TEST) {
		take_samples(c, c->has_run ? c->run.customer : 0,
		        sample_rule(engine, c->message.channel, c->message.template));
		return true;
	}
	c->rule = c->has_run ? engine_rule_of(engine, &c->run, name) : NULL;
	c->has_customer =
	        c->message.customer > 0 &&
	        customer_get(engine->db, c->message.customer, c->arena, &c->customer);
	code = c->has_run && (!c->rule || step_gives(c->rule))
	               ? coupon_of_run(engine->db, c->run.id, c->arena, &expires)
	               : NULL;
	c->has_coupon =
	        code && coupon_find(engine->db, code, c->now, c->arena, &c->coupon);
	return true;
}

/* The customer's own way out of this medium. */
static const char *unsubscribe_link(struct errand *c)
{
	const struct dispatch *d = c->dispatch;
	const char *base = d->engine->shop->public_url;
	struct token token = {TOKEN_UNSUBSCRIBE, c->message.customer,
	        gate_medium(c->message.channel),
	        token_until(c->now, TOKEN_UNSUBSCRIBE_DAYS)};
	char text[TOKEN_SIZE];

	if (!base || !d->has_link_key)
		return NULL;
	token_make(d->link_key, &token, text);
	return arena_printf(c->arena, "%s/u/%s", base, text);
}

/* The coupon's page; a sample's leads nowhere. */
static const char *coupon_link(struct errand *c)
{
	const struct dispatch *d = c->dispatch;
	const char *base = d->engine->shop->public_url;
	struct token token = {TOKEN_COUPON, c->coupon.id, NULL,
	        token_until(c->coupon.expires_at ? c->coupon.expires_at : c->now,
	                c->coupon.expires_at ? TOKEN_COUPON_AFTER : TOKEN_COUPON_DAYS)};
	char text[TOKEN_SIZE];

	if (!base || !d->has_link_key)
		return NULL;
	token_make(d->link_key, &token, text);
	return arena_printf(c->arena, "%s/k/%s", base, text);
}

/* Only who has the mail can tell of its return. */
static const char *mark(struct errand *c, const char *key)
{
	char *out = arena_alloc(c->arena, MARK_SIZE);

	if (!c->dispatch->has_link_key)
		return NULL;
	mark_make(c->dispatch->link_key, key, out);
	return out;
}

static const struct op *sending(const struct errand *c)
{
	const struct op *op = c->rule && (size_t)c->message.step < c->rule->n_ops
	                              ? &c->rule->ops[c->message.step]
	                              : NULL;

	return op && op->kind == OP_SEND ? op : NULL;
}

static const char *address_of(const struct errand *c)
{
	const struct shop *shop = c->dispatch->engine->shop;
	const struct op *op = sending(c);

	if (!strcmp(c->message.channel, DISPATCH_POST))
		return op ? op->legs[0].url : NULL;
	if (c->message.flags & MESSAGE_TEST)
		return c->message.address;
	if (!strcmp(c->message.channel, DISPATCH_OWNER))
		return owner_address(shop, c->line);
	return c->has_customer ? gate_address(shop, c->message.channel, &c->customer)
	                       : NULL;
}

/* A test goes to whoever the owner named, and to nobody who has refused: the address
 * alone is asked. */
static struct gate_answer ask_test(struct errand *c)
{
	const char *why = NULL;

	if (!c->has_customer)
		return (struct gate_answer){GATE_END, REASON_ERASED, 0};
	if (c->message.expires_at && c->now > c->message.expires_at)
		return (struct gate_answer){GATE_END, REASON_LATE, 0};
	if (!suppression_has(c->dispatch->engine->db, c->message.address,
	            gate_medium(c->message.channel), c->message.customer, &why))
		return (struct gate_answer){.verdict = GATE_GO};
	return (struct gate_answer){GATE_END,
	        why && !strcmp(why, "bounced") ? REASON_NO_ADDRESS : REASON_OPTED_OUT, 0};
}

static struct gate_question question_of(const struct errand *c, const char *address)
{
	return (struct gate_question){
	        .message = &c->message,
	        .customer = c->has_customer ? &c->customer : NULL,
	        .address = address,
	        .rule = c->rule,
	        .run = c->has_run ? &c->run : NULL,
	        .coupon_expires = c->has_coupon ? c->coupon.expires_at : 0,
	        .coupon_expired_or_void =
	                c->has_coupon && (!strcmp(c->coupon.state, "expired") ||
	                                         !strcmp(c->coupon.state, "void")),
	        .price = c->price,
	};
}

static struct gate_answer ask(struct errand *c, const char *address)
{
	struct engine *engine = c->dispatch->engine;
	struct gate_question question = question_of(c, address);

	if (c->message.flags & MESSAGE_TEST)
		return ask_test(c);
	question.rule_active =
	        engine_rule_live(engine, c->message.rule, &question.rule_paused);
	if (c->has_run && !tell_stands(engine, c->rule, &c->run))
		return (struct gate_answer){
		        .verdict = GATE_END, .reason = REASON_NO_LONGER};
	if (c->message.held_at && c->now - c->message.held_at > RECHECK_AFTER &&
	        c->rule && c->has_run &&
	        !engine_still_holds(engine, &c->message, &c->run, c->rule, c->now))
		return (struct gate_answer){
		        .verdict = GATE_END, .reason = REASON_NO_LONGER};
	return gate_ask(engine->db, engine->shop, &question, c->now);
}

/* The least price was asked with before; a long text costs more. */
static struct gate_answer ask_price(struct errand *c, const struct letter *letter)
{
	struct engine *engine = c->dispatch->engine;
	struct gate_question question;

	if (!letter->price.said || (c->message.flags & MESSAGE_TEST))
		return (struct gate_answer){.verdict = GATE_GO};
	c->price = letter->price.won;
	question = question_of(c, letter->to);
	return gate_ask_price(engine->db, engine->shop, &question, c->now);
}

/* What `else after` gives the receipt of this leg, ms; 0: the next leg waits for none. */
static int64_t next_leg_after(const struct errand *c)
{
	const struct op *op = sending(c);
	size_t next = (size_t)c->message.leg + 1;

	if (!op || next >= op->n_legs || !op->legs[next].has_after)
		return 0;
	return duration_from(
	               op->legs[next].after, c->dispatch->engine->shop->zone, c->now, 1) -
	       c->now;
}

/* What the text tells of: a sample, or the event that started the run; or NULL. */
static const struct event *told_of(struct errand *c)
{
	if (!c->has_event && c->has_run && c->run.event)
		c->has_event = event_get(
		        c->dispatch->engine->db, c->run.event, c->arena, &c->event);
	return c->has_event ? &c->event : NULL;
}

/* Free of charge, whatever the medium. */
static const char *refuse_number(const struct errand *c)
{
	const struct line *sms = dispatch_line(c->dispatch, "sms");

	return sms && sms->config ? sms->config->refuse : NULL;
}

static bool render(struct errand *c, const struct template *template,
        const char *unsubscribe, struct rendered *out, char why[256])
{
	struct engine *engine = c->dispatch->engine;
	struct shop_text shop = {engine->shop->name, engine->shop->phone,
	        engine->shop->address, engine->shop->language, engine->shop->public_url};
	struct moment moment = {.db = engine->db,
	        .zone = engine->shop->zone,
	        .now = c->now,
	        .event = told_of(c)};
	struct rendering rendering = {
	        .moment = &moment,
	        .customer = c->has_customer ? &c->customer : NULL,
	        .shop = &shop,
	        .unsubscribe = unsubscribe,
	        .refuse = refuse_number(c),
	        .data = c->message.data ? json_loads(c->message.data, 0, NULL) : NULL,
	};
	bool good;

	if (tracking_begin(&c->tracking, c->dispatch, &c->message, c->arena)) {
		rendering.track = tracking_link;
		rendering.track_arg = &c->tracking;
	}
	if (c->has_coupon) {
		rendering.coupon_code = c->coupon.code;
		rendering.coupon_discount = c->coupon.discount;
		rendering.coupon_expires = c->coupon.expires_at;
		rendering.coupon_minimum = c->coupon.minimum;
		rendering.coupon_url = coupon_link(c);
	}
	good = template_render(template, &rendering, c->arena, out, why);
	json_decref(rendering.data);
	return good;
}

static struct letter_parts parts_of(
        struct errand *c, const char *address, const struct rendered *rendered)
{
	struct letter_parts parts = {
	        .message = &c->message,
	        .rendered = rendered,
	        .channel = c->line->config,
	        .shop = c->dispatch->engine->shop,
	        .to = address,
	        .customer = c->has_customer ? c->customer.ref : DISPATCH_OWNER,
	        .coupon = c->has_coupon ? c->coupon.code : NULL,
	        .key = message_key(c->dispatch->engine->db, c->message.id,
	                arena_alloc(c->arena, 40)),
	        .now = c->now,
	};

	if (letter_is_mail(&parts))
		parts.mark = mark(c, parts.key);
	return parts;
}

/* Renders and makes the letter; NULL with the reason. */
static struct letter *write_letter(
        struct errand *c, const char *address, enum reason *reason, char why[256])
{
	const struct template *template = template_find(
	        c->dispatch->engine->ruleset->templates, c->message.template,
	        c->message.channel, c->has_customer ? c->customer.language : NULL);
	struct rendered rendered = {0};
	struct letter_parts parts = parts_of(c, address, &rendered);
	struct letter *letter;

	*reason = REASON_NO_TEMPLATE;
	snprintf(why, 256,
	        TR("there is no template %s.%s", "템플릿 %s.%s이(가) 없습니다"),
	        c->message.template, c->message.channel);
	if (!template)
		return NULL;
	if (template_unsubscribes(template) || letter_is_mail(&parts))
		parts.unsubscribe = unsubscribe_link(c);
	parts.image = template->image;
	parts.template_code = template->template_code;
	*reason = REASON_BAD_CONTENT;
	if (!render(c, template, parts.unsubscribe, &rendered, why))
		return NULL;
	letter = letter_new(&parts, reason, why);
	if (letter) {
		letter->links = c->tracking.n;
		letter->last = c->has_run && c->run.ended_at;
		letter->after_ms = next_leg_after(c);
	}
	return letter;
}

/* What the daemon itself says to the owner has no template. */
static struct letter *write_notice(
        struct errand *c, const char *address, enum reason *reason, char why[256])
{
	const char *text = c->message.data ? c->message.data : "";
	struct rendered rendered = {.body = text, .text = text};
	struct letter_parts parts = parts_of(c, address, &rendered);

	return letter_new(&parts, reason, why);
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
	line_left(line, letter, status == DB_OK);
	if (status == DB_OK) {
		line->channel.ops->send(&line->channel, letter);
	} else {
		if (line->channel.ops->unplace)
			line->channel.ops->unplace(&line->channel, letter);
		letter_free(letter);
		line->told_near = 0; /* that was undone as well */
	}
	if (!line->claimed && line->channel.ops->flush)
		line->channel.ops->flush(&line->channel);
}

static struct message_leaving leaving_of(
        const struct errand *c, const struct letter *letter)
{
	/* A test's words are a customer's and its row is not: they are not kept. */
	bool test = c->message.flags & MESSAGE_TEST;

	return (struct message_leaving){
	        .address = letter->to,
	        .text = test ? NULL : letter->text,
	        .provider = c->line->config->provider,
	        .coupon = test ? NULL : letter->coupon,
	        .bundle = letter->bundle,
	        .links = letter->links,
	        .priced = letter->price.said,
	        .won = letter->price.won,
	        .by = c->line->name,
	        .day = zone_day(c->dispatch->engine->shop->zone, c->now),
	};
}

/* What an acceptance would come to, without anybody who accepts. */
static void record(struct errand *c, struct letter *letter)
{
	struct dispatch *d = c->dispatch;
	struct engine *engine = d->engine;
	struct message_leaving leaving = leaving_of(c, letter);

	if (!d->recorder(d->recorder_arg, &c->message, letter))
		leaving.text = NULL;
	message_record(engine->db, &c->message, &leaving,
	        letter->after_ms ? c->now + letter->after_ms : 0, c->now);
	message_event_raise(engine, &c->message, MESSAGE_ACCEPTED, REASON_NONE, c->now);
	if (letter->coupon)
		coupon_issue(engine->db, letter->coupon, c->now);
	if (!letter->last || letter->coupon)
		engine_message_left(engine, &c->message, c->now);
	letter_free(letter);
}

/* Where its channel takes many letters in one request: one that still has a place. False:
 * none has, it waits. */
static bool find_place(struct errand *c, struct letter *letter)
{
	struct channel *channel = &c->line->channel;
	const char *provider = c->line->config->provider;
	int64_t *bundle;

	if (!channel->ops->place)
		return true;
	bundle = channel->ops->place(channel, letter);
	if (!bundle)
		return false;
	if (!*bundle)
		*bundle = bundle_add(c->dispatch->engine->db, c->line->name, provider,
		        c->line->account, letter->kind, c->now, clock_machine(),
		        inquire_first(c->now));
	letter->bundle = *bundle;
	return true;
}

static void hand_over(struct errand *c, struct letter *letter)
{
	struct dispatch *d = c->dispatch;
	struct db *db = d->engine->db;
	struct message_leaving leaving;
	struct departure *departure;

	if (d->recorder) {
		record(c, letter);
		return;
	}
	if (!find_place(c, letter)) {
		c->line->full = true;
		letter_free(letter);
		return;
	}
	leaving = leaving_of(c, letter);
	message_hand(db, &c->message, &leaving, c->now);
	if (leaving.priced)
		purse_spent(d, c->line, c->now);
	departure = mem_alloc(sizeof *departure);
	*departure = (struct departure){c->line, letter};
	line_claimed(c->line, letter);
	db_after(db, on_claimed, departure);
}

/* Does as the gate says; true: it may go. */
static bool obey(struct errand *c, const struct gate_answer *answer)
{
	struct engine *engine = c->dispatch->engine;

	if (answer->verdict == GATE_GO)
		return true;
	if (answer->reason == REASON_BUDGET)
		purse_holds(c->dispatch, c->message.channel, c->now);
	if (answer->verdict == GATE_WAIT)
		message_set_state(engine->db, c->message.id, MESSAGE_HELD, answer->reason,
		        answer->until, c->now);
	else
		settle_refused(engine, &c->message, answer->reason,
		        answer->verdict == GATE_NEXT, c->now);
	return false;
}

static void consider(struct errand *c)
{
	struct engine *engine = c->dispatch->engine;
	const char *address = address_of(c);
	struct gate_answer answer;
	struct letter *letter;
	enum reason reason;
	char why[256];

	if (c->message.state == MESSAGE_UNKNOWN) {
		settle_unknown(engine, &c->message, c->now);
		return;
	}
	answer = ask(c, address);
	if (!obey(c, &answer) ||
	        registration_waits(engine->db, c->line, &c->message, c->now) ||
	        holdoff_waits(engine->db, c->line, &c->message, address, c->now))
		return;
	letter = notice_is(&c->message) ? write_notice(c, address, &reason, why)
	                                : write_letter(c, address, &reason, why);
	if (!letter) {
		message_attempt(engine->db, c->message.id, c->now, "refused",
		        reason_name(reason), why);
		settle_refused(engine, &c->message, reason, true, c->now);
		return;
	}
	answer = ask_price(c, letter);
	if (obey(c, &answer))
		hand_over(c, letter);
	else
		letter_free(letter);
}

void errand_run(struct dispatch *d, struct line *line, int64_t message, int64_t now,
        struct arena *arena)
{
	struct errand c = {.dispatch = d, .line = line, .arena = arena, .now = now};

	if (prepare(&c, message))
		consider(&c);
}

struct letter *errand_preview(struct dispatch *d, const char *channel,
        const char *template, int64_t customer, const struct rule *rule, int64_t now,
        bool *made_up, char why[256])
{
	bool owner = !strcmp(channel, DISPATCH_OWNER);
	const struct rule *as = rule ? rule : sample_rule(d->engine, channel, template);
	struct errand c = {
	        .dispatch = d,
	        .line = owner ? dispatch_owner_line(d) : dispatch_line(d, channel),
	        .arena = arena_new(),
	        .message = {.rule = as ? as->name : "api",
	                .customer = customer,
	                .channel = channel,
	                .template = template,
	                .purpose = owner ? "info"
	                                 : step_purpose(d->engine, template, channel,
	                                           as ? as->purpose : PURPOSE_INFO)},
	        .now = now,
	};
	struct letter *letter = NULL;
	enum reason reason;
	const char *address;

	snprintf(why, 256,
	        TR("no channel %s is set up", "%s 채널이 설정되어 있지 않습니다"),
	        channel);
	if (!d->engine->ruleset)
		snprintf(why, 256, "%s",
		        TR("no rules are in force: `dangolctl status` tells why",
		                "쓰이고 있는 규칙이 없습니다. 까닭은 `dangolctl "
		                "status`에 있습니다"));
	if (!c.line || !d->engine->ruleset)
		goto out;
	take_samples(&c, customer, as);
	if (made_up)
		*made_up = c.has_event && !c.event.id;
	address = address_of(&c);
	letter = write_letter(&c, address ? address : "", &reason, why);
out:
	arena_free(c.arena);
	return letter;
}
