/* The parts of a condition: what each says, its present value and its truth. They are
 * asked of the store in the same words as the whole, and and, or, not are joined there as
 * well: nothing is worked out a second time in another way. */
#ifndef DANGOL_COND_PART_H
#define DANGOL_COND_PART_H

#include "language/program.h"

enum part_kind { PART_LEAF, PART_AND, PART_OR, PART_NOT, PART_SEGMENT };
struct cond_part {
	enum part_kind kind;
	int depth;        /* parts of depth 0 must all be true; those of an or, a not or a
	                     segment stand behind it, one deeper */
	const char *text; /* as the owner wrote it, on one line */
	const char *value; /* of a leaf, in the owner's language; NULL: none to show */
	enum truth truth;
};
/* As cond_ask (looked_at NULL) or cond_ask_event. Returns how many parts, in the order
 * written; *out lives in arena;
 * *whole is the truth of all together. A sealed value (names and addresses are) is told
 * as known or not. */
size_t cond_parts(struct cond *cond, const struct moment *moment, int64_t customer,
        const struct event *looked_at, struct arena *arena, struct cond_part **out,
        enum truth *whole);

#endif
