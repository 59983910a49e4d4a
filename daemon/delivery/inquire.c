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

#define DUE_MOST 16
#define UNDER_WAY (2 * MS_MINUTE) /* not asked again while an asking may go on */
#define AGAIN MS_MINUTE           /* when there was no answer */
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

static struct line *asked_line(struct dispatch *d, const struct bundle *bundle)
{
	struct line *line = dispatch_line(d, bundle->channel);

	if (line && line->spare &&
	        !strcmp(line->spare->config->provider, bundle->provider))
		line = line->spare;
	return line && !strcmp(line->config->provider, bundle->provider) ? line : NULL;
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
		        .key = message_key(
		                d->engine->db, open[i].id, arena_alloc(arena, 40)),
		        .to = open[i].address ? open[i].address : "",
		        .text = open[i].text ? open[i].text : "",
		        .kind = bundle->kind,
		        .provider_id = open[i].provider_id,
		        .unknown = open[i].unknown,
		};
	free(open);
	return list;
}

/* False: its channel has no room for an asking now. */
static bool ask(
        struct dispatch *d, const struct bundle *bundle, struct arena *arena, int64_t now)
{
	struct line *line = asked_line(d, bundle);
	struct inquiry inquiry = {
	        .bundle = bundle->id,
	        .key = bundle_key(d->engine->db, bundle->id, arena_alloc(arena, 48)),
	        .ref = bundle->ref,
	        .at = bundle->machine_at,
	};
	bool asked;

	inquiry.messages = messages_of(d, bundle, arena, &inquiry.n);
	if (!inquiry.n) {
		bool handed = bundle_under_way(d->engine->db, bundle->id);
		int64_t next = next_poll(bundle, now);
		bundle_polled(d->engine->db, bundle->id, bundle->polls,
		        !handed ? 0
		        : next  ? next
		                : now + AGAIN);
		return true;
	}
	if (!line || !line->channel.ops || !line->channel.ops->ask) {
		inquire_asked(d, bundle->id, ASKED_PART, now);
		return true; /* that provider is set up no more */
	}
	asked = line->channel.ops->ask(&line->channel, &inquiry);
	if (asked)
		bundle_polled(d->engine->db, bundle->id, bundle->polls, now + UNDER_WAY);
	return asked;
}

int64_t inquire_run(struct dispatch *d, int64_t now)
{
	int64_t ids[DUE_MOST];
	int n = d->recorder ? 0 : bundle_due(d->engine->db, now, ids, DUE_MOST);
	struct arena *arena;
	bool room = true;
	int64_t next;

	for (int i = 0; i < n && room; i++) {
		struct bundle bundle;
		arena = arena_new();
		room = !bundle_get(d->engine->db, ids[i], arena, &bundle) ||
		       ask(d, &bundle, arena, now);
		arena_free(arena);
	}
	next = d->recorder ? 0 : bundle_next_due(d->engine->db);
	return next && next <= now ? (room ? now : now + MS_SECOND) : next;
}

static void absent(struct dispatch *d, const struct bundle *bundle, int64_t now)
{
	int64_t ids[256];
	int n;

	do {
		n = bundle_unknown(d->engine->db, bundle->id, ids, 256);
		for (int i = 0; i < n; i++)
			settle_absent(d->engine, ids[i], now);
	} while (n == 256 && db_status(d->engine->db) == DB_OK);
}

/* Nobody can tell any more: as their rules say of what is unknown. */
static void given_up(struct dispatch *d, const struct bundle *bundle, int64_t now)
{
	struct arena *arena = arena_new();
	int64_t ids[256];
	struct message message;
	int n = bundle_unknown(d->engine->db, bundle->id, ids, 256);

	for (int i = 0; i < n; i++)
		if (message_get(d->engine->db, ids[i], arena, &message))
			settle_unknown(d->engine, &message, now);
	arena_free(arena);
}

void inquire_asked(struct dispatch *d, int64_t id, enum asked how, int64_t now)
{
	struct arena *arena = arena_new();
	struct bundle bundle;
	int64_t next;

	if (!bundle_get(d->engine->db, id, arena, &bundle))
		goto out;
	next = next_poll(&bundle, now);
	switch (how) {
	case ASKED_WHOLE:
		if (bundle.polls + 1 >= LOOKS_TO_BELIEVE &&
		        now - bundle.handed_at >= BELIEVE_AFTER)
			absent(d, &bundle, now);
		bundle.polls++;
		break;
	case ASKED_PART: /* no look that proves an absence */
		break;
	case ASKED_FAILED:
		next = next ? now + AGAIN : 0;
		break;
	case ASKED_NONE:
		absent(d, &bundle, now);
		next = 0;
		break;
	case ASKED_CANNOT:
		next = 0;
		break;
	}
	if (!next)
		given_up(d, &bundle, now);
	bundle_polled(d->engine->db, id, bundle.polls, next);
out:
	arena_free(arena);
}
