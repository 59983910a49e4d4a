/* What channels tell between two turns: news of messages, the end of an asking, names of
 * requests and things to keep. All of it is written down by the next turn, in the order
 * in which it came; what a turn that was undone had written is written again. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "delivery/dispatch_inner.h"
#include "delivery/settle.h"
#include "store/bundle.h"
#include "store/kept.h"
#include "store/suppression.h"

#define SETTLE_MS 6 /* of a turn */

static struct told *add(struct channel *channel, enum told_kind kind)
{
	struct dispatch *d = channel->owner;
	struct told *told = mem_alloc(sizeof *told);

	told->dispatch = d;
	told->line = dispatch_line_of(channel);
	told->kind = kind;
	told->serial = d->told_serial++;
	*d->told_end = told;
	d->told_end = &told->next;
	dispatch_wake(d);
	return told;
}

static void on_news(struct channel *channel, const struct news *news)
{
	add(channel, TOLD_NEWS)->news = *news;
}

static void on_asked(struct channel *channel, int64_t bundle, enum asked how)
{
	struct told *told = add(channel, TOLD_ASKED);

	told->bundle = bundle;
	told->how = how;
	told->line->asked_out = false;
}

static void on_note(struct channel *channel, int64_t bundle, const char *ref,
        void (*noted)(void *arg, bool kept), void *arg)
{
	struct dispatch *d = channel->owner;
	struct told *told;

	if (d->closing) { /* no turn will write it down any more */
		if (noted)
			noted(arg, false);
		return;
	}
	told = add(channel, TOLD_NOTE);
	told->bundle = bundle;
	told->text = mem_strdup(ref);
	told->noted = noted;
	told->arg = arg;
}

static void on_keep(
        struct channel *channel, const char *name, const char *value, int64_t until)
{
	struct told *told = add(channel, TOLD_KEEP);

	told->name = mem_strdup(name);
	told->text = mem_strdup(value);
	told->until = until;
}

void told_refusal(struct channel *channel, const char *address)
{
	add(channel, TOLD_REFUSAL)->text = mem_strdup(address);
}

void told_wire(struct dispatch *d, struct channel *channel)
{
	if (!d->told_end)
		d->told_end = &d->told;
	channel->tell = on_news;
	channel->asked = on_asked;
	channel->note = on_note;
	channel->keep = on_keep;
}

static void on_recalled(void *arg, const char *name, const char *value, int64_t until)
{
	struct channel *channel = arg;

	channel->ops->recall(channel, name, value, until);
}

void told_recall(struct dispatch *d, struct line *line)
{
	struct channel *channel = &line->channel;

	if (channel->ops && channel->ops->recall)
		kept_each(d->engine->db, line->name, line->account, clock_machine(),
		        on_recalled, channel);
}

static void told_free(struct told *told)
{
	free(told->name);
	free(told->text);
	free(told);
}

/* The turn was undone: what it had written is still to be written, in its own place: that
 * an asking has ended means nothing before its news. Or more of it is left than one turn
 * may take. */
static void put_back(struct told *told)
{
	struct dispatch *d = told->dispatch;
	struct told **at = &d->told;

	while (*at && (*at)->serial < told->serial)
		at = &(*at)->next;
	told->next = *at;
	*at = told;
	if (!told->next)
		d->told_end = &told->next;
	dispatch_wake(d);
}

static void on_written(void *arg, enum db_status status)
{
	struct told *told = arg;

	if (told->noted)
		told->noted(told->arg, status == DB_OK);
	if (status == DB_OK)
		told->after = told->left;
	if ((status == DB_OK && !told->left) || told->noted)
		told_free(told);
	else
		put_back(told);
}

static void write_down(struct told *told, int64_t now)
{
	struct dispatch *d = told->dispatch;
	struct db *db = d->engine->db;

	switch (told->kind) {
	case TOLD_NEWS:
		settle_news(d->engine, &told->news, now);
		break;
	case TOLD_ASKED:
		told->left = inquire_asked(d, told->bundle, told->how, told->after, now);
		break;
	case TOLD_NOTE:
		bundle_set_ref(db, told->bundle, told->text);
		break;
	case TOLD_REFUSAL:
		suppression_add(db, told->text, gate_medium(told->line->name),
		        "opted_out", told->line->config->provider, now);
		break;
	case TOLD_KEEP:
		kept_put(db, told->line->name, told->line->account, told->name,
		        told->text, told->until);
		break;
	}
	db_after(db, on_written, told);
}

void told_settle(struct dispatch *d, int64_t now)
{
	int64_t until = clock_mono() + SETTLE_MS;
	int n = 0;

	while (d->told && (++n % 32 || clock_mono() < until)) {
		struct told *told = d->told;
		d->told = told->next;
		if (!d->told)
			d->told_end = &d->told;
		told->next = NULL;
		write_down(told, now);
	}
	if (d->told)
		dispatch_wake(d);
}

void told_forget(struct dispatch *d)
{
	struct told *list = d->told;

	d->told = NULL;
	d->told_end = &d->told;
	while (list) {
		struct told *next = list->next;
		if (list->noted)
			list->noted(list->arg, false);
		told_free(list);
		list = next;
	}
}
