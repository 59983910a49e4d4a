/* Keeps the smallest lots of a draw. Knows nothing of rules. */
#include "engine/draw.h"

#include <stdlib.h>
#include "base/mem.h"

static bool above(struct lot a, struct lot b)
{
	return a.number != b.number ? a.number > b.number : a.customer > b.customer;
}

static void swap(struct draw *d, size_t a, size_t b)
{
	struct lot lot = d->lots[a];

	d->lots[a] = d->lots[b];
	d->lots[b] = lot;
}

static void rise(struct draw *d, size_t at)
{
	for (; at && above(d->lots[at], d->lots[(at - 1) / 2]); at = (at - 1) / 2)
		swap(d, at, (at - 1) / 2);
}

static void sink(struct draw *d)
{
	for (size_t at = 0, child; (child = 2 * at + 1) < d->n; at = child) {
		if (child + 1 < d->n && above(d->lots[child + 1], d->lots[child]))
			child++;
		if (!above(d->lots[child], d->lots[at]))
			return;
		swap(d, at, child);
	}
}

void draw_begin(struct draw *draw, size_t places)
{
	draw_fini(draw);
	draw->places = places;
}

void draw_offer(struct draw *draw, struct lot lot)
{
	if (draw->n < draw->places) {
		struct lot *place = mem_grow(&draw->lots, draw->n, sizeof *place);
		*place = lot;
		rise(draw, draw->n++);
	} else if (draw->n && above(draw->lots[0], lot)) {
		draw->lots[0] = lot;
		sink(draw);
	}
}

bool draw_chose(const struct draw *draw, struct lot lot)
{
	return draw->n && !above(lot, draw->lots[0]);
}

int64_t draw_edge(const struct draw *draw)
{
	if (draw->n < draw->places)
		return DRAW_ALL;
	return draw->n ? (int64_t)draw->lots[0].number : -1;
}

void draw_fini(struct draw *draw)
{
	free(draw->lots);
	*draw = (struct draw){0};
}
