/* The window and the held customers of a forward. It posts nothing and ends no turn. */
#include "delivery/backlog.h"

#include <stdlib.h>
#include <string.h>
#include "base/backoff.h"
#include "base/clock.h"
#include "store/alias.h"

#define SCANNED 200       /* events looked at in one */
#define STEPS 64          /* events passed over before another turn is asked for */
#define COUNTED 20000     /* events counted for status */
#define COUNTED_HELD 2000 /* of one customer */

int64_t backlog_pause_ms(int tries)
{
	static const struct backoff pause = {MS_SECOND, 5 * MS_MINUTE, 2};

	return backoff_wait(&pause, tries);
}

static bool wants(const void *arg, const struct forwarded_event *event)
{
	const struct backlog *b = arg;

	return event->fit && forward_wants(b->events, b->n_events, event->type);
}

static bool too_old(const struct backlog *b, int64_t arrived, int64_t now)
{
	return arrived < now - b->keep_ms;
}

static void drop(struct backlog *b)
{
	b->row.dropped++;
	b->dirty = true;
}

/* ---- the window ---- */

static struct backlog_item *find_item(struct backlog *b, int64_t event)
{
	for (size_t i = 0; i < b->n_items; i++)
		if (b->items[i].event == event)
			return &b->items[i];
	return NULL;
}

static void remove_item(struct backlog *b, struct backlog_item *item)
{
	size_t at = (size_t)(item - b->items);

	memmove(item, item + 1, (b->n_items - at - 1) * sizeof *item);
	b->n_items--;
	b->dirty = true;
}

/* The first of its customer's in the window. */
static bool is_first(const struct backlog *b, const struct backlog_item *item)
{
	for (const struct backlog_item *other = b->items; other < item; other++)
		if (other->customer == item->customer)
			return false;
	return true;
}

/* ---- who is held ---- */

/* Where he stands, or would. */
static size_t place_of(const struct backlog *b, int64_t customer)
{
	size_t low = 0, high = b->n_holds;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->holds[middle].at.customer < customer)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct backlog_hold *find_hold(struct backlog *b, int64_t customer)
{
	size_t at = place_of(b, customer);

	return at < b->n_holds && b->holds[at].at.customer == customer ? &b->holds[at]
	                                                               : NULL;
}

static struct backlog_hold *hold_of_event(struct backlog *b, int64_t event)
{
	for (size_t i = 0; i < b->n_holds; i++)
		if (b->holds[i].away == event)
			return &b->holds[i];
	return NULL;
}

static void remove_hold(struct backlog *b, struct backlog_hold *hold)
{
	size_t at = (size_t)(hold - b->holds);
	int64_t *left = mem_grow(&b->left, b->n_left++, sizeof *left);

	*left = hold->at.customer;
	memmove(hold, hold + 1, (b->n_holds - at - 1) * sizeof *hold);
	b->n_holds--;
	b->dirty = true;
}

/* All that is behind it in the window is found from there. */
static void cover(struct backlog *b, int64_t customer)
{
	for (size_t i = b->n_items; i-- > 0;)
		if (b->items[i].customer == customer && !b->items[i].away)
			remove_item(b, &b->items[i]);
}

/* The caller knows that there is room, or that he has his place. */
static struct backlog_hold *hold_from(
        struct backlog *b, int64_t customer, int64_t event, int64_t arrived)
{
	size_t at = place_of(b, customer);
	struct backlog_hold *hold = find_hold(b, customer);

	if (!hold) {
		hold = &b->holds[at];
		memmove(hold + 1, hold, (b->n_holds - at) * sizeof *hold);
		b->n_holds++;
		*hold = (struct backlog_hold){
		        .at = {.customer = customer, .event = event, .arrived = arrived}};
	} else if (event < hold->at.event) {
		hold->at.event = event;
		hold->at.arrived = arrived;
	}
	hold->dirty = b->dirty = true;
	return hold;
}

/* He was merged: what he waits with is somebody else's now. */
static void follow(struct backlog *b, struct backlog_hold *hold, int64_t customer)
{
	struct forwarded_hold was = hold->at;

	remove_hold(b, hold);
	hold = hold_from(b, customer, was.event, was.arrived);
	if (!hold->at.due_at || was.due_at < hold->at.due_at)
		hold->at.due_at = was.due_at;
	cover(b, customer);
}

/* To the next one of his behind that; looked for when it is his turn. */
static void advance(struct backlog *b, struct backlog_hold *hold, int64_t now)
{
	hold->at.event++;
	hold->at.arrived = 0;
	hold->at.tries = 0;
	hold->at.due_at = now;
	hold->dirty = b->dirty = true;
}

/* Finds the event that he waits with. 1: it stands in hold; 0: he waits no more (or is
 * somebody else now) and hold is gone; -1: not found yet. */
static int resolve(struct backlog *b, struct backlog_hold *hold, int64_t now, int *steps)
{
	int64_t customer = hold->at.customer,
	        current = customer ? alias_current(b->db, customer) : 0;
	struct forwarded_event event;
	int found;

	if (current != customer) {
		follow(b, hold, current);
		return 0;
	}
	if (customer && !forwarded_knows(b->db, customer)) {
		remove_hold(b, hold);
		return 0;
	}
	while (--*steps > 0) {
		int64_t from = hold->at.event;
		found = forwarded_next(
		        b->db, customer, &from, b->row.cursor, wants, b, &event);
		hold->at.event = from;
		if (found == 0) {
			remove_hold(b, hold);
			return 0;
		}
		if (found < 0)
			continue;
		hold->at.arrived = event.arrived;
		if (!too_old(b, event.arrived, now))
			return 1;
		drop(b);
		advance(b, hold, now);
	}
	return -1;
}

/* ---- looking at events ---- */

/* True: the window or the list of the held is full, or this one is not too old yet. */
static bool take_in(struct backlog *b, const struct forwarded_event *event, bool old_only,
        int64_t now)
{
	bool old = too_old(b, event->arrived, now);

	if (!wants(b, event))
		return false;
	if (old) {
		drop(b);
		return false;
	}
	if (find_hold(b, event->customer))
		return false;
	if (old_only || b->n_items == FORWARDED_OPEN)
		return true;
	b->items[b->n_items++] = (struct backlog_item){.event = event->id,
	        .customer = event->customer,
	        .arrived = event->arrived};
	b->dirty = true;
	return false;
}

/* Moves the cursor. Returns how many were looked at. */
static int scan(struct backlog *b, bool old_only, int64_t now)
{
	struct forwarded_event events[SCANNED];
	int n = forwarded_scan(b->db, b->row.cursor, events, SCANNED);

	for (int i = 0; i < n; i++) {
		if (take_in(b, &events[i], old_only, now))
			return 0;
		b->row.cursor = events[i].id;
	}
	if (b->row.cursor - b->saved_cursor > 1000)
		b->dirty = true;
	return n;
}

/* ---- giving out ---- */

static struct backlog_hold *next_held(struct backlog *b, bool any, int64_t now)
{
	struct backlog_hold *best = NULL;

	for (size_t i = 0; i < b->n_holds; i++) {
		struct backlog_hold *hold = &b->holds[i];

		if (!hold->away && (any || hold->at.due_at <= now) &&
		        (!best || hold->at.due_at < best->at.due_at))
			best = hold;
	}
	return best;
}

static enum backlog_given give_held(
        struct backlog *b, bool any, int64_t now, int *steps, int64_t *event)
{
	struct backlog_hold *hold;

	while (*steps > 0 && (hold = next_held(b, any, now))) {
		int found = resolve(b, hold, now, steps);

		if (found < 0)
			return BACKLOG_MORE;
		if (!found)
			continue;
		*event = hold->away = hold->at.event;
		return BACKLOG_ONE;
	}
	return *steps > 0 ? BACKLOG_NONE : BACKLOG_MORE;
}

/* Whether it still is what it was when it was looked at; else it has left the window, or
 * its place in it. */
static bool still_stands(struct backlog *b, struct backlog_item *item, int64_t now)
{
	struct forwarded_event event;

	if (!forwarded_look(b->db, item->event, &event) || !event.fit) {
		remove_item(b, item);
		return false;
	}
	if (too_old(b, item->arrived, now)) {
		drop(b);
		remove_item(b, item);
		return false;
	}
	if (event.customer == item->customer)
		return true;
	item->customer = event.customer;
	if (find_hold(b, event.customer)) {
		hold_from(b, event.customer, item->event, item->arrived);
		remove_item(b, item);
	}
	return false;
}

static bool give_item(struct backlog *b, int64_t now, int *steps, int64_t *event)
{
	size_t i = 0;

	while (i<b->n_items && * steps> 0) {
		struct backlog_item *item = &b->items[i];

		if (item->away || !is_first(b, item) || find_hold(b, item->customer)) {
			i++;
			continue;
		}
		--*steps;
		if (!still_stands(b, item, now))
			continue;
		item->away = true;
		*event = item->event;
		return true;
	}
	return false;
}

enum backlog_given backlog_give(
        struct backlog *b, bool probing, int64_t now, int64_t *event)
{
	enum backlog_given given = BACKLOG_NONE;
	int steps = STEPS;

	if (!probing)
		given = give_held(b, false, now, &steps, event);
	if (given != BACKLOG_NONE)
		return given;
	if (give_item(b, now, &steps, event))
		return BACKLOG_ONE;
	if (steps <= 0)
		return BACKLOG_MORE;
	if (b->n_items < FORWARDED_OPEN && scan(b, false, now) > 0)
		return give_item(b, now, &steps, event) ? BACKLOG_ONE : BACKLOG_MORE;
	return probing ? give_held(b, true, now, &steps, event) : BACKLOG_NONE;
}

/* ---- what became of it ---- */

static void finish(struct backlog *b, int64_t event, int64_t now)
{
	struct backlog_hold *hold = hold_of_event(b, event);
	struct backlog_item *item = hold ? NULL : find_item(b, event);

	if (hold && hold->at.event == hold->away)
		advance(b, hold, now);
	if (hold)
		hold->away = 0;
	if (item)
		remove_item(b, item);
}

void backlog_took(struct backlog *b, int64_t event, int64_t now)
{
	finish(b, event, now);
	b->row.sent++;
	b->dirty = true;
}

void backlog_void(struct backlog *b, int64_t event, int64_t now)
{
	finish(b, event, now);
}

void backlog_back(struct backlog *b, int64_t event)
{
	struct backlog_hold *hold = hold_of_event(b, event);
	struct backlog_item *item = hold ? NULL : find_item(b, event);

	if (hold)
		hold->away = 0;
	if (item)
		item->away = false;
}

/* With no room for one more it stays in the window, which then stands. */
static struct backlog_hold *held_anew(struct backlog *b, struct backlog_item *item)
{
	struct backlog_item was = *item;

	if (b->n_holds == BACKLOG_HELD && !find_hold(b, was.customer)) {
		item->away = false;
		return NULL;
	}
	remove_item(b, item);
	cover(b, was.customer);
	return hold_from(b, was.customer, was.event, was.arrived);
}

void backlog_failed(struct backlog *b, int64_t event, int64_t now)
{
	struct backlog_hold *hold = hold_of_event(b, event);
	struct backlog_item *item = hold ? NULL : find_item(b, event);

	if (item)
		hold = held_anew(b, item);
	if (!hold)
		return;
	hold->away = 0;
	hold->at.tries++;
	hold->at.due_at = now + backlog_pause_ms(hold->at.tries);
	hold->dirty = b->dirty = true;
}

/* ---- by hand, and by age ---- */

void backlog_release(struct backlog *b, int64_t now)
{
	for (size_t i = 0; i < b->n_holds; i++)
		if (b->holds[i].at.due_at > now) {
			b->holds[i].at.due_at = now;
			b->holds[i].dirty = b->dirty = true;
		}
}

int64_t backlog_skip(struct backlog *b, int64_t now)
{
	int64_t n = 0;

	for (size_t i = 0; i < b->n_holds; i++) {
		struct backlog_hold *hold = &b->holds[i];

		if (hold->away || !hold->at.tries)
			continue;
		advance(b, hold, now);
		b->row.skipped++;
		n++;
	}
	return n;
}

bool backlog_expire(struct backlog *b, int64_t now)
{
	int steps = 8 * STEPS;

	for (size_t i = b->n_items; i-- > 0;)
		if (!b->items[i].away && too_old(b, b->items[i].arrived, now)) {
			drop(b);
			remove_item(b, &b->items[i]);
		}
	for (size_t i = b->n_holds; i-- > 0 && steps > 0;) {
		struct backlog_hold *hold = &b->holds[i];

		if (!hold->away &&
		        (!hold->at.arrived || too_old(b, hold->at.arrived, now)))
			resolve(b, hold, now, &steps);
		if (i > b->n_holds)
			i = b->n_holds;
	}
	return scan(b, true, now) == SCANNED || steps <= 0;
}

int64_t backlog_due(const struct backlog *b)
{
	int64_t due = 0;

	for (size_t i = 0; i < b->n_holds; i++)
		if (!b->holds[i].away && (!due || b->holds[i].at.due_at < due))
			due = b->holds[i].at.due_at ? b->holds[i].at.due_at : 1;
	return due;
}

/* ---- for the owner ---- */

static void older(int64_t *oldest, int64_t arrived)
{
	if (arrived && (!*oldest || arrived < *oldest))
		*oldest = arrived;
}

static int64_t held_waiting(struct backlog *b, bool *cut, int64_t *oldest)
{
	int64_t n = 0;

	for (size_t i = 0; i < b->n_holds; i++) {
		const struct forwarded_hold *at = &b->holds[i].at;

		older(oldest, at->arrived);
		if (n < COUNTED)
			n += forwarded_ahead(b->db, at->customer, at->event,
			        b->row.cursor, COUNTED_HELD, wants, b, cut);
	}
	*cut = *cut || n >= COUNTED;
	return n;
}

/* The first one behind the cursor, if it comes soon. */
static void oldest_behind(struct backlog *b, int64_t *oldest)
{
	struct forwarded_event events[SCANNED];
	int n = forwarded_scan(b->db, b->row.cursor, events, SCANNED);

	for (int i = 0; i < n; i++)
		if (wants(b, &events[i])) {
			older(oldest, events[i].arrived);
			return;
		}
}

int64_t backlog_waiting(struct backlog *b, bool *cut, int64_t *oldest)
{
	int64_t n = forwarded_behind(b->db, b->row.cursor, COUNTED, wants, b, cut);

	*oldest = 0;
	for (size_t i = 0; i < b->n_items; i++)
		older(oldest, b->items[i].arrived);
	n += (int64_t)b->n_items + held_waiting(b, cut, oldest);
	oldest_behind(b, oldest);
	return n;
}

/* ---- disk ---- */

static void open_items(struct backlog *b)
{
	struct forwarded_event event;

	for (size_t i = 0; i < b->row.n_open; i++) {
		if (!forwarded_look(b->db, b->row.open[i], &event) || !event.fit)
			continue;
		b->items[b->n_items++] = (struct backlog_item){.event = event.id,
		        .customer = event.customer,
		        .arrived = event.arrived};
	}
}

void backlog_open(struct backlog *b, const char *name, const char *place)
{
	struct forwarded_hold *holds = mem_alloc(BACKLOG_HELD * sizeof *holds);

	forwarded_get(b->db, name, place, &b->row);
	b->n_holds = forwarded_holds(b->db, b->row.id, holds, BACKLOG_HELD);
	for (size_t i = 0; i < b->n_holds; i++)
		b->holds[i] = (struct backlog_hold){.at = holds[i]};
	free(holds);
	open_items(b);
	b->saved_cursor = b->row.cursor;
}

void backlog_fini(struct backlog *b)
{
	free(b->left);
	b->left = NULL;
	b->n_left = 0;
}

void backlog_unsaved(struct backlog *b)
{
	b->dirty = b->whole = true;
}

void backlog_save(struct backlog *b)
{
	if (!b->dirty)
		return;
	for (size_t i = 0; i < b->n_items; i++)
		b->row.open[i] = b->items[i].event;
	b->row.n_open = b->n_items;
	forwarded_put(b->db, &b->row);
	if (b->whole)
		forwarded_holds_clear(b->db, b->row.id);
	for (size_t i = 0; i < b->n_left; i++)
		forwarded_hold_drop(b->db, b->row.id, b->left[i]);
	for (size_t i = 0; i < b->n_holds; i++) {
		if (b->holds[i].dirty || b->whole)
			forwarded_hold_put(b->db, b->row.id, &b->holds[i].at);
		b->holds[i].dirty = false;
	}
	b->n_left = 0;
	b->saved_cursor = b->row.cursor;
	b->dirty = b->whole = false;
}
