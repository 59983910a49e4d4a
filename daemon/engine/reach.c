/* Reach: whom a rule would begin for. It begins nothing and writes nothing, and takes the
 * store as it is now: what will have changed within the week it cannot know. */
#include "engine/reach.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "engine/step.h"
#include "engine/trigger.h"
#include "language/cond.h"
#include "store/skip.h"
#include "store/walk.h"

#define BATCH 256
#define DAYS 7
#define REACHED 1
#define LEFT_OUT 2
#define NO_LEG (1 + REACH_LEGS)

/* The counting under way. */
struct counting {
	struct engine engine; /* a private one, on the reader */
	struct shop shop;
	struct rule_state state;
	const struct reach_question *question;
	const struct op *send; /* the first to customers; NULL: none */
	struct reach *out;
	struct reach_span *span;
	uint8_t *seen; /* by customer, in this span: REACHED, or LEFT_OUT and why */
	uint8_t *legs; /* by customer, in both spans: 1 + the leg that would go, or NO_LEG
	                  + why none; 0: not asked yet */
	int64_t room;  /* how many more `N in all` leaves, in this span */
	int64_t n_seen, until_mono;
};

const char *reach_reason(int reason)
{
	return reason == REACH_LIMIT  ? SKIP_LIMIT
	       : reason == REACH_BULK ? SKIP_BULK
	                              : reason_name((enum reason)reason);
}

/* ---- the question ---- */

static char *copy(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

struct reach_question *reach_question_new(
        const struct engine *engine, const struct rule *rule, int64_t now)
{
	struct reach_question *q = mem_alloc(sizeof *q);
	const struct op *send = rule_first_send(rule);

	*q = (struct reach_question){
	        .store = mem_strdup(db_path(engine->db)),
	        .rule = mem_strdup(rule->name),
	        .source = mem_strdup(rule->source),
	        .timezone = copy(engine->shop->timezone),
	        .owner_sms = copy(engine->shop->owner_sms),
	        .owner_email = copy(engine->shop->owner_email),
	        .shop = *engine->shop,
	        .now = now,
	};
	for (size_t i = 0; send && i < send->n_legs && i < REACH_LEGS; i++)
		q->purposes[i] = step_purpose(engine, send->legs[i].template,
		        send->legs[i].channel, rule->purpose);
	return q;
}

void reach_question_free(struct reach_question *q)
{
	if (!q)
		return;
	free(q->store);
	free(q->rule);
	free(q->source);
	free(q->timezone);
	free(q->owner_sms);
	free(q->owner_email);
	free(q);
}

/* ---- one customer ---- */

static bool patient(const struct counting *c)
{
	return !c->out->partial && clock_mono() < c->until_mono;
}

/* What would keep it for good; it may wait. */
static struct gate_answer refusal(
        struct counting *c, const struct gate_question *question)
{
	struct gate_answer answers[GATE_TOPICS];

	gate_ask_all(c->engine.db, &c->shop, question, c->question->now, answers);
	for (int i = 0; i < GATE_TOPICS; i++)
		if (answers[i].verdict == GATE_NEXT || answers[i].verdict == GATE_END)
			return answers[i];
	return (struct gate_answer){.verdict = GATE_GO};
}

/* The leg that would go, or -1 with why none does: the chain's end, else what kept the
 * first leg. */
static int choose_leg(struct counting *c, int64_t customer, int *why)
{
	struct arena *arena = arena_new();
	struct customer found;
	bool there = customer_get(c->engine.db, customer, arena, &found);
	int leg = 0;

	*why = REASON_ERASED;
	for (; there && leg < c->out->n_legs; leg++) {
		struct message message = {
		        .channel = c->out->channels[leg],
		        .purpose = c->question->purposes[leg],
		        .customer = customer,
		        .flags = c->send->by_day ? MESSAGE_BY_DAY : 0,
		};
		struct gate_question question = {
		        .message = &message,
		        .customer = &found,
		        .address = gate_address(&c->shop, message.channel, &found),
		        .rule = c->state.rule,
		        .rule_active = true,
		};
		struct gate_answer answer = refusal(c, &question);

		if (answer.verdict == GATE_GO)
			break;
		if (leg == 0 || answer.verdict == GATE_END)
			*why = (int)answer.reason;
		if (answer.verdict == GATE_END)
			there = false;
	}
	arena_free(arena);
	return there && leg < c->out->n_legs ? leg : -1;
}

/* The gate is asked as of now, in both spans: once a customer. */
static int leg_of(struct counting *c, int64_t customer, int *why)
{
	uint8_t *known = &c->legs[customer - 1];
	int leg;

	if (!*known) {
		leg = choose_leg(c, customer, why);
		*known = (uint8_t)(leg >= 0 ? 1 + leg : NO_LEG + *why);
	}
	if (*known < NO_LEG)
		return *known - 1;
	*why = *known - NO_LEG;
	return -1;
}

static void reached(struct counting *c, int64_t customer, int leg)
{
	struct reach *out = c->out;

	c->span->reached++;
	c->room--;
	if (c->send && c->span->legs[leg]++ == 0)
		c->span->first[leg] = customer;
	if (c->span == &out->now && out->n_sample < REACH_SAMPLE)
		walk_ref(c->engine.db, customer, out->sample[out->n_sample++],
		        sizeof out->sample[0]);
}

static int reason_number(const char *word)
{
	return !strcmp(word, SKIP_LIMIT)  ? REACH_LIMIT
	       : !strcmp(word, SKIP_BULK) ? REACH_BULK
	                                  : (int)reason_parse(word);
}

/* Trigger and condition have found him. Who was left out at one look may be reached by a
 * later one; why he was is told of the first. */
static void consider(
        struct counting *c, int64_t customer, const char *occasion, int64_t now)
{
	const char *bar;
	uint8_t *seen;
	int why = REASON_NONE, leg = 0;

	if (customer <= 0 || customer > c->n_seen)
		return;
	seen = &c->seen[customer - 1];
	if (*seen == REACHED)
		return;
	bar = trigger_bar(&c->engine, &c->state, customer, occasion, now);
	if (bar)
		why = reason_number(bar);
	else if (c->send)
		leg = leg_of(c, customer, &why);
	if (!bar && leg >= 0 && !c->room) {
		leg = -1;
		why = REACH_LIMIT;
	}
	if (!*seen)
		c->span->found++;
	if (!bar && leg >= 0) {
		if (*seen)
			c->span->left_out[*seen - LEFT_OUT]--;
		*seen = REACHED;
		reached(c, customer, leg);
	} else if (!*seen) {
		*seen = (uint8_t)(LEFT_OUT + why);
		c->span->left_out[why]++;
	}
}

/* ---- looks ---- */

static struct moment moment_at(const struct counting *c, int64_t now)
{
	return (struct moment){.db = c->engine.db, .zone = c->shop.zone, .now = now};
}

/* As a sweep of the rule for that instant would find them. */
static void look(struct counting *c, int64_t sweep_now)
{
	struct moment moment = moment_at(c, sweep_now);
	struct candidate found[BATCH];
	struct window window;
	char occasion[96];

	c->state.row.sweep_now = sweep_now;
	for (c->state.kept = 0; trigger_window(&c->engine, &c->state, &window);
	        c->state.kept++) {
		struct sweep sweep = {0};
		while (!sweep.done && patient(c)) {
			int n = rule_sweep(
			        c->state.rule, &moment, &window, &sweep, found, BATCH);
			for (int i = 0; i < n; i++) {
				trigger_occasion(&c->engine, &c->state, &found[i],
				        &window, occasion);
				consider(c, found[i].customer, occasion, sweep_now);
			}
		}
		if (!sweep.done)
			c->out->partial = true;
	}
	c->state.row.cursor = sweep_now;
}

/* Whoever meets the condition this minute, whatever would start the rule. */
static void everybody_now(struct counting *c)
{
	struct moment moment = moment_at(c, c->question->now);
	struct cond *cond = c->state.rule->cond;
	int64_t ids[BATCH], after = 0;
	int n;

	do {
		n = cond ? cond_members(cond, &moment, after, ids, BATCH)
		         : walk_customers(c->engine.db, after, ids, BATCH);
		for (int i = 0; i < n; i++)
			consider(c, ids[i], "", c->question->now);
		after = n ? ids[n - 1] : after;
	} while (n == BATCH && patient(c));
	if (n == BATCH)
		c->out->partial = true;
}

/* The coming week is taken to bring what the last one brought. */
static void last_weeks_events(struct counting *c)
{
	int64_t now = c->question->now, ids[BATCH];
	struct walk walk = {.time = now - DAYS * MS_DAY};
	struct moment moment = moment_at(c, now);
	struct arena *arena = arena_new();
	struct event event;
	int n;

	moment.event = &event;
	do {
		n = walk_events(
		        c->engine.db, c->state.rule->trigger.event, &walk, ids, BATCH);
		for (int i = 0; i < n; i++) {
			arena_reset(arena);
			if (!event_get(c->engine.db, ids[i], arena, &event) ||
			        !trigger_takes(c->state.rule, &moment))
				continue;
			c->out->times++;
			if (!c->out->owner)
				consider(c, event.customer, "", now);
		}
	} while (n == BATCH && patient(c));
	if (n == BATCH)
		c->out->partial = true;
	arena_free(arena);
}

/* The hours of the coming week; hours after an anchor are gathered day by day. */
static void coming_hours(struct counting *c)
{
	const struct trigger *trigger = &c->state.rule->trigger;
	bool clock = trigger->kind == TRIGGER_RELATIVE && !trigger->has_at;
	int64_t now = c->question->now, end = now + DAYS * MS_DAY, t = now;

	while (patient(c)) {
		t = clock ? t + MS_DAY : trigger_next(&c->engine, &c->state, t);
		if (!t || t > end)
			return;
		c->out->times++;
		if (!c->out->owner)
			look(c, t);
	}
	c->out->partial = true;
}

/* Who of them gets it is drawn when the rule's hour comes: here they are only counted. */
static int64_t room_in_all(const struct counting *c)
{
	const struct rule *rule = c->state.rule;
	int64_t room = INT64_MAX, left;

	for (size_t i = 0; i < rule->n_limits; i++) {
		if (rule->limits[i].kind != LIMIT_IN_ALL)
			continue;
		left = rule->limits[i].n -
		       run_count(c->engine.db, c->state.row.id, 0, 0, INT64_MAX);
		if (left < room)
			room = left > 0 ? left : 0;
	}
	return room;
}

static void begin_span(struct counting *c, struct reach_span *span)
{
	c->span = span;
	memset(c->seen, 0, (size_t)c->n_seen);
	c->state.row.cursor = c->question->now;
	c->room = room_in_all(c);
}

static void count_all(struct counting *c)
{
	const struct trigger *trigger = &c->state.rule->trigger;
	bool timed = trigger_is_timed(trigger);

	if (!c->out->owner) {
		begin_span(c, &c->out->now);
		if (timed && trigger->kind == TRIGGER_RELATIVE && !trigger->has_at)
			c->state.row.cursor -= MS_DAY;
		if (timed)
			look(c, c->question->now);
		else
			everybody_now(c);
	}
	begin_span(c, &c->out->week);
	if (timed)
		coming_hours(c);
	else if (trigger->kind == TRIGGER_EVENT)
		last_weeks_events(c);
}

/* ---- asking ---- */

static void name_legs(struct counting *c)
{
	struct reach *out = c->out;

	for (size_t i = 0; c->send && i < c->send->n_legs && i < REACH_LEGS; i++) {
		const struct leg *leg = &c->send->legs[i];
		snprintf(out->channels[i], sizeof out->channels[i], "%s", leg->channel);
		snprintf(
		        out->templates[i], sizeof out->templates[i], "%s", leg->template);
		out->n_legs = (int)i + 1;
	}
}

static void count(struct counting *c, const struct rule *rule)
{
	struct rule_row row = {0};
	struct stmt *snapshot = walk_hold(c->engine.db);

	c->state.rule = rule;
	rule_row_find(c->engine.db, c->question->rule, &row);
	row.active = true;
	row.since = c->question->now;
	c->state.row = row;
	c->out->owner = rule->to_owner_only;
	c->send = rule_first_send(rule);
	name_legs(c);
	c->n_seen = cond_last_customer(c->engine.db);
	c->seen = mem_alloc((size_t)c->n_seen + 1);
	c->legs = mem_alloc((size_t)c->n_seen + 1);
	count_all(c);
	free(c->seen);
	free(c->legs);
	stmt_done(snapshot);
}

bool reach_ask(
        const struct reach_question *question, int64_t until_mono, struct reach *out)
{
	struct counting c = {.question = question, .out = out, .until_mono = until_mono};
	struct program_file file = {.name = question->rule,
	        .text = question->source,
	        .len = strlen(question->source)};
	struct world world = {.older = true, .has_refuse = true, .has_public = true};
	struct program *program = NULL;
	struct diag diag;

	*out = (struct reach){0};
	c.shop = question->shop;
	c.shop.owner_sms = question->owner_sms;
	c.shop.owner_email = question->owner_email;
	world.zone = c.shop.zone = zone_open(question->timezone);
	world.today = zone_day(c.shop.zone, question->now);
	c.engine.shop = &c.shop;
	c.engine.db = db_open_reader(question->store);
	diag_init(&diag);
	if (c.engine.db)
		program = program_compile(&file, 1, &world, &diag);
	if (program && program->n_rules == 1)
		count(&c, &program->rules[0]);
	diag_fini(&diag);
	program_free(program);
	if (c.engine.db)
		db_close(c.engine.db);
	zone_close(c.shop.zone);
	return program != NULL;
}
