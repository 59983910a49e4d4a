/* Asking providers about what is not settled: results of what they accepted, and whether
 * they have what nobody knows of. It believes that something is not there only when it
 * has been looked for several times and long enough. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "delivery/dispatch_inner.h"
#include "delivery/settle.h"
#include "store/bundle.h"
#include "store/message.h"

#define DUE_MOST 16               /* looked at in one turn … */
#define LOOKED_THROUGH 1024       /* … of so many that are due */
#define UNDER_WAY (2 * MS_MINUTE) /* not asked again while an asking may go on */
#define AGAIN MS_MINUTE           /* when there was no answer */
#define SLICE 64                  /* messages settled in one turn, of one asking */
/* Proven absent: not there at the third look, ten minutes after the hand-over; a provider
 * whose answer took five minutes has it by then. */
#define LOOKS_TO_BELIEVE 3
#define BELIEVE_AFTER (10 * MS_MINUTE)

/* From the hand-over; then what a kind may still take. Source: the providers' own waiting
 * times, 25 hours for SMS, 80 for LMS and MMS; Kakao's unconfirmed ones take three days.
 */
static const int64_t plan[] = {30 * MS_SECOND, 2 * MS_MINUTE, 10 * MS_MINUTE, MS_HOUR,
        6 * MS_HOUR, 24 * MS_HOUR};
#define PLAN (sizeof plan / sizeof plan[0])

static int64_t close_after(const struct bundle *bundle)
{
	if (bundle->kind && !strcmp(bundle->kind, "SMS"))
		return 25 * MS_HOUR;
	if (bundle->kind)
		return 80 * MS_HOUR;
	return 72 * MS_HOUR;
}

int64_t inquire_first(int64_t now)
{
	return now + plan[0];
}

/* The first instant of the plan that is still to come; 0: all are over. */
static int64_t next_poll(const struct bundle *bundle, int64_t now)
{
	int64_t last = bundle->handed_at + close_after(bundle);

	for (size_t i = 0; i < PLAN; i++)
		if (bundle->handed_at + plan[i] > now)
			return bundle->handed_at + plan[i];
	return last > now ? last : 0;
}

static bool is_of(const struct line *line, const struct bundle *bundle, bool account)
{
	return line && !strcmp(line->config->provider, bundle->provider) &&
	       (!account || !strcmp(line->account, bundle->account));
}

/* The line of that account; else of that provider. */
static struct line *asked_line(struct dispatch *d, const struct bundle *bundle)
{
	struct line *line = dispatch_line(d, bundle->channel),
	            *spare = line ? line->spare : NULL;

	if (is_of(line, bundle, true) || is_of(spare, bundle, true))
		return is_of(line, bundle, true) ? line : spare;
	if (is_of(line, bundle, false))
		return line;
	return is_of(spare, bundle, false) ? spare : NULL;
}

static struct inquiry_message *messages_of(
        struct dispatch *d, const struct bundle *bundle, struct arena *arena, size_t *n)
{
	struct bundle_message *open;
	struct inquiry_message *list;

	*n = bundle_open(d->engine->db, bundle->id, !bundle->ref, arena, &open);
	list = arena_alloc(arena, (*n + 1) * sizeof *list);
	for (size_t i = 0; i < *n; i++)
		list[i] = (struct inquiry_message){
		        .id = open[i].id,
		        .key = bundle_message_key(bundle, open[i].id, arena),
		        .to = open[i].address ? open[i].address : "",
		        .text = open[i].text ? open[i].text : "",
		        .kind = bundle->kind,
		        .provider_id = open[i].provider_id,
		        .unknown = open[i].unknown,
		};
	free(open);
	return list;
}

/* Nothing is to be learnt of it now; of what is still under way perhaps later. */
static void look_later(struct dispatch *d, const struct bundle *bundle, int64_t now)
{
	int64_t next = next_poll(bundle, now);

	if (!bundle_under_way(d->engine->db, bundle->id))
		next = 0;
	else if (!next)
		next = now + AGAIN;
	bundle_polled(d->engine->db, bundle->id, bundle->polls, next);
}

static void cannot_ask(struct dispatch *d, const struct bundle *bundle, int64_t now)
{
	int64_t after = 0;

	do
		after = inquire_asked(d, bundle->id, ASKED_PART, after, now);
	while (after && db_status(d->engine->db) == DB_OK);
}

/* As far as its channel has room for an asking now. */
static void ask_line(struct dispatch *d, struct line *line, const struct bundle *bundle,
        struct arena *arena, int64_t now)
{
	struct inquiry inquiry = {
	        .bundle = bundle->id,
	        .key = bundle_key(bundle, arena),
	        .ref = bundle->ref,
	        .at = bundle->machine_at,
	};

	inquiry.messages = messages_of(d, bundle, arena, &inquiry.n);
	if (!inquiry.n) {
		look_later(d, bundle, now);
		return;
	}
	line->asked_out = !line->channel.ops->ask(&line->channel, &inquiry);
	if (!line->asked_out)
		bundle_polled(d->engine->db, bundle->id, bundle->polls, now + UNDER_WAY);
}

static void ask(
        struct dispatch *d, const struct bundle *bundle, struct arena *arena, int64_t now)
{
	struct line *line = asked_line(d, bundle);

	if (!line || !line->channel.ops || !line->channel.ops->ask)
		cannot_ask(d, bundle, now); /* that provider is set up no more */
	else
		ask_line(d, line, bundle, arena, now);
}

/* Its line has no room for an asking: those of others are not to wait behind it. */
static bool waits(struct dispatch *d, const struct bundle_due *due)
{
	const struct line *line = dispatch_line(d, due->channel);
	const struct line *spare = line ? line->spare : NULL;

	if (spare && !strcmp(spare->account, due->account))
		return spare->asked_out;
	return line && line->asked_out;
}

static bool some_are_full(const struct dispatch *d)
{
	for (size_t i = 0; i < d->n_lines; i++)
		if (d->lines[i].asked_out ||
		        (d->lines[i].spare && d->lines[i].spare->asked_out))
			return true;
	return false;
}

static void ask_due(struct dispatch *d, int64_t now)
{
	struct bundle_due *due = mem_alloc(LOOKED_THROUGH * sizeof *due);
	int n = bundle_due(d->engine->db, now, due, LOOKED_THROUGH), asked = 0;

	for (int i = 0; i < n && asked < DUE_MOST; i++) {
		struct arena *arena;
		struct bundle bundle;
		if (waits(d, &due[i]))
			continue;
		asked++;
		arena = arena_new();
		if (bundle_get(d->engine->db, due[i].id, arena, &bundle))
			ask(d, &bundle, arena, now);
		arena_free(arena);
	}
	free(due);
}

int64_t inquire_run(struct dispatch *d, int64_t now)
{
	int64_t next = d->recorder ? 0 : bundle_next_due(d->engine->db);

	if (!next || next > now)
		return next;
	ask_due(d, now);
	next = bundle_next_due(d->engine->db);
	if (next && next <= now) /* the end of an asking wakes us */
		return some_are_full(d) ? now + MS_SECOND : now;
	return next;
}

/* Nobody can tell any more: as its rule says of what is unknown. */
static void give_up(struct engine *engine, int64_t id, int64_t now)
{
	struct arena *arena = arena_new();
	struct message message;

	if (message_get(engine->db, id, arena, &message))
		settle_unknown(engine, &message, now);
	arena_free(arena);
}

/* Returns after which to go on, 0: that was all. */
static int64_t each_unknown(struct dispatch *d, int64_t bundle, int64_t after,
        void (*fn)(struct engine *engine, int64_t id, int64_t now), int64_t now)
{
	int64_t ids[SLICE];
	int n = bundle_unknown(d->engine->db, bundle, after, ids, SLICE);

	for (int i = 0; i < n; i++)
		fn(d->engine, ids[i], now);
	return n == SLICE ? ids[n - 1] : 0;
}

static bool believed(const struct bundle *bundle, int64_t now)
{
	return bundle->polls + 1 >= LOOKS_TO_BELIEVE &&
	       now - bundle->handed_at >= BELIEVE_AFTER;
}

/* What another account does not show may well be there. */
static enum asked by_account(
        struct dispatch *d, const struct bundle *bundle, enum asked how)
{
	bool proves = how == ASKED_WHOLE || how == ASKED_NONE;

	return proves && !is_of(asked_line(d, bundle), bundle, true) ? ASKED_PART : how;
}

static int64_t asked(struct dispatch *d, struct bundle *bundle, enum asked how,
        int64_t after, int64_t now)
{
	void (*each)(struct engine *, int64_t, int64_t) = NULL;
	int64_t next = next_poll(bundle, now);

	switch (by_account(d, bundle, how)) {
	case ASKED_WHOLE:
		if (believed(bundle, now))
			each = settle_absent;
		bundle->polls++;
		break;
	case ASKED_PART: /* no look that proves an absence */
		break;
	case ASKED_FAILED:
		next = next ? now + AGAIN : 0;
		break;
	case ASKED_NONE:
		each = settle_absent;
		next = 0;
		break;
	case ASKED_CANNOT:
		next = 0;
		break;
	}
	if (!each && !next)
		each = give_up;
	after = each ? each_unknown(d, bundle->id, after, each, now) : 0;
	if (!after)
		bundle_polled(d->engine->db, bundle->id, bundle->polls, next);
	return after;
}

int64_t inquire_asked(
        struct dispatch *d, int64_t id, enum asked how, int64_t after, int64_t now)
{
	struct arena *arena = arena_new();
	struct bundle bundle;
	int64_t rest = 0;

	if (bundle_get(d->engine->db, id, arena, &bundle))
		rest = asked(d, &bundle, how, after, now);
	arena_free(arena);
	return rest;
}
