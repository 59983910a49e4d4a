/* What an explanation says: the cause, everything that was looked at, and what has been.
 */
#ifndef DANGOL_EXPLANATION_H
#define DANGOL_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "language/program.h"
#include "store/message.h"

struct explain_check {
	const char *kind; /* rule customer trigger where condition holdout limit address
	                     inside step template contact suppression friend consent data
	                     age coupon cap hours */
	const char *what, *value; /* in the owner's language; value NULL: none */
	enum truth holds;
	int depth;          /* of a condition's part */
	enum reason reason; /* what a message would be stopped for, or REASON_NONE */
};
struct explain_entry {
	int64_t time;
	const char *what;   /* in the owner's language */
	const char *reason; /* a reason's or an ended run's word, or NULL */
	int64_t message;    /* 0: of the run itself */
};
struct explanation {
	const char *why; /* one sentence: the cause */
	bool fires;      /* nothing stands in the way for good */
	int64_t at;      /* the instant that the checks speak of */
	int64_t next;    /* when it begins or goes on; 0: not known, or never */
	struct explain_check *checks;
	size_t n_checks;
	struct explain_entry *history; /* newest first */
	size_t n_history;
};

#endif
