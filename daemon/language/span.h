/* Spans: the values of a mover's column that time passes over, from an instant up to now.
 */
#ifndef DANGOL_SPAN_H
#define DANGOL_SPAN_H

#include "language/cond.h"
#include "language/deps.h"

/* [from, to) of a mover's column; lunar where it is a birthday. */
struct span {
	int64_t from, to;
	bool lunar;
};

/* The part-th span of a mover; false: it has no more. */
bool span_of(const struct mover *mover, const struct moment *moment, int64_t from,
        int part, struct span *out);

#endif
