/* A draw: of all who may, the few with the smallest lots. The same lots for the same
 * words, so that a rehearsal, a plan and the day itself choose alike. */
#ifndef DANGOL_DRAW_H
#define DANGOL_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lot {
	uint32_t number;
	int64_t customer; /* tells equal numbers apart */
};
struct draw {
	struct lot *lots; /* a heap with the greatest on top */
	size_t n, places; /* fewer, once the chosen begin to take theirs */
};

void draw_begin(struct draw *draw, size_t places); /* frees what was before */
void draw_offer(struct draw *draw, struct lot lot);
bool draw_chose(const struct draw *draw, struct lot lot);
int64_t draw_edge(const struct draw *draw); /* the greatest number that was chosen;
                                              DRAW_ALL: there was room for everybody */
#define DRAW_ALL INT64_MAX
void draw_fini(struct draw *draw);

#endif
