/* What would have begun the rule for this customer, left no run, and why: his last events
 * of its type, the hour that passed, and what was written down. The store keeps all that
 * an event's answer hangs on but what its condition was asked of then; so an event that
 * nothing else stopped was stopped by that. */
#include <stdio.h>
#include <string.h>
#include "engine/inquiry.h"
#include "engine/trigger.h"

#define EVENTS 20 /* that are looked back at */

static void add(
        struct inquiry *in, int64_t at, const char *occasion, const char *word, int64_t n)
{
	if (in->n_skipped == SKIPPED_MOST)
		return;
	in->skipped[in->n_skipped++] = (struct skipped){.at = at,
	        .occasion = arena_strdup(in->arena, occasion),
	        .word = word,
	        .n = n};
}

/* ---- events ---- */

static bool counts(const struct run *run)
{
	return run->planned > 0 || run->held_out;
}

/* By the events behind the runs: those of one call share their instants. */
static bool was_full(
        struct inquiry *in, const struct limit *limit, const struct event *event)
{
	int64_t from = trigger_limit_since(in->engine, limit, event->arrived), filled;
	int64_t n = 0, most = limit->kind == LIMIT_ONCE ? 1 : limit->n;

	if (limit->kind == LIMIT_PER_EVENT)
		return false;
	if (limit->kind == LIMIT_IN_ALL) {
		filled = trace_filled(in->engine->db, in->state->row.id, most);
		return filled && filled < event->id;
	}
	for (int i = 0; i < in->n_runs; i++)
		n += counts(&in->runs[i]) && in->runs[i].event < event->id &&
		     in->runs[i].started_at >= from;
	return n >= most;
}

static bool was_limited(struct inquiry *in, const struct event *event)
{
	const struct rule *rule = in->state->rule;

	for (size_t i = 0; i < rule->n_limits; i++)
		if (was_full(in, &rule->limits[i], event))
			return true;
	return false;
}

/* In the order in which it was decided. */
static const char *why_not(struct inquiry *in, const struct event *event)
{
	const struct rule *rule = in->state->rule;
	struct moment moment = {.db = in->engine->db,
	        .zone = in->engine->shop->zone,
	        .now = event->arrived,
	        .event = event};

	if (event->flags & EVENT_BULK)
		return SKIP_BULK;
	if (event->flags & EVENT_HISTORY)
		return SKIP_HISTORY;
	if (event->arrived - event->time > rule->late_ms)
		return reason_name(REASON_LATE);
	if (rule->trigger.where &&
	        cond_ask_event(rule->trigger.where, &moment, event) != TRUTH_YES)
		return SKIP_WHERE;
	if (!trigger_is_nth(&rule->trigger, &moment))
		return SKIP_NTH;
	return was_limited(in, event) ? SKIP_LIMIT : SKIP_CONDITION;
}

/* From when on it did not count because somebody had switched it off; 0: never. */
static int64_t switched_off(const struct inquiry *in)
{
	int64_t off = trace_switched(in->engine->db, "rule.off", in->state->rule->name);

	if (in->state->row.active && off > in->state->row.since)
		return 0;
	return off;
}

static void look_at_event(struct inquiry *in, const struct event *event, int64_t off)
{
	const struct rule_row *row = &in->state->row;
	bool on = row->active
	                  ? event->arrived >= row->since
	                  : off && event->arrived >= row->since && event->arrived < off;
	char occasion[96];

	trigger_event_occasion(event, occasion);
	if (inquiry_knows(in, occasion))
		return;
	if (on)
		add(in, event->arrived, occasion, why_not(in, event), 1);
	else if (off && event->arrived >= off)
		add(in, event->arrived, occasion, reason_name(REASON_RULE_OFF), 1);
}

static void events(struct inquiry *in)
{
	int64_t ids[EVENTS], off = switched_off(in);
	int n = trace_events(in->engine->db, in->customer->id,
	        in->state->rule->trigger.event, ids, EVENTS);
	struct event event;

	for (int i = 0; i < n; i++)
		if (event_get(in->engine->db, ids[i], in->arena, &event))
			look_at_event(in, &event, off);
}

/* ---- hours ---- */

/* Was everybody's hour slept through, or was he beaten in the draw? */
static const char *of_everybody(const struct inquiry *in)
{
	const struct rule_state *state = in->state;

	if (trace_switched(in->engine->db, "missed", state->rule->name) >= in->passed_at)
		return reason_name(REASON_MISSED);
	if (state->row.drawn_at != in->passed_at)
		return NULL;
	if (state->row.drawn_lot <= 0)
		return SKIP_LIMIT;
	return trigger_lot(in->engine, state, in->customer->id).number >
	                       state->row.drawn_lot
	               ? SKIP_NOT_DRAWN
	               : NULL;
}

static bool written_down(const struct inquiry *in, const char *occasion)
{
	for (size_t i = 0; i < in->n_skipped; i++)
		if (!strcmp(in->skipped[i].occasion, occasion))
			return true;
	return false;
}

/* A rule of every day is not told of each: its condition is asked anew. */
static const char *why_passed(const struct inquiry *in)
{
	enum trigger_kind kind = in->state->rule->trigger.kind;
	const char *word = NULL;

	if (trigger_whole_table(&in->state->rule->trigger))
		word = of_everybody(in);
	if (word || kind == TRIGGER_SCHEDULE)
		return word;
	return in->customer->created_at > in->passed_at ? reason_name(REASON_MISSED)
	                                                : SKIP_CONDITION;
}

static void hour(struct inquiry *in)
{
	const struct rule_row *row = &in->state->row;
	const char *word;

	if (!in->passed_at || in->passed_at < row->since || !row->active ||
	        inquiry_knows(in, in->passed) || written_down(in, in->passed))
		return;
	word = why_passed(in);
	if (word)
		add(in, in->passed_at, in->passed, word, 1);
}

/* ---- rows ---- */

static void rows(struct inquiry *in)
{
	struct skip found[SKIP_REASONS];
	int n = skip_of(in->engine->db, in->customer->id, in->state->row.id, found);

	for (int i = 0; i < n; i++)
		add(in, found[i].at, found[i].occasion,
		        arena_strdup(in->arena, found[i].reason), found[i].n);
}

static const struct skipped *last_skipped(const struct inquiry *in)
{
	const struct skipped *last = NULL;

	for (size_t i = 0; i < in->n_skipped; i++)
		if (!last || in->skipped[i].at > last->at)
			last = &in->skipped[i];
	return last;
}

static bool says_more(const char *word)
{
	return !strcmp(word, SKIP_LIMIT) || !strcmp(word, SKIP_NOT_DRAWN);
}

/* The last occasion came to nothing; nothing may be in the way of the next one. Of an
 * hour that passed more may be known than that. */
static void blame_last(struct inquiry *in)
{
	const struct skipped *last = last_skipped(in);

	if (!last || in->inside.id || (in->n_runs && in->runs[0].started_at >= last->at))
		return;
	if (in->missed && says_more(last->word) && !strcmp(last->occasion, in->passed))
		in->missed = explain_ended_because(last->word);
	if (in->missed ||
	        (!says_more(last->word) && strcmp(last->word, SKIP_CONDITION) != 0))
		return;
	in->missed = explain_ended_because(last->word);
	in->missed_verdict = EXPLAIN_PAST;
}

void explain_skipped(struct inquiry *in)
{
	rows(in);
	if (in->state->rule->trigger.kind == TRIGGER_EVENT)
		events(in);
	else
		hour(in);
	blame_last(in);
}
