/* What the two halves of the survey share. */
#ifndef DANGOL_SURVEY_INNER_H
#define DANGOL_SURVEY_INNER_H

#include <stdatomic.h>
#include "base/diag.h"
#include "language/program.h"

#define SURVEY_DAYS 30 /* of events that are looked at */

struct survey_answer {
	const char *key;
	int64_t value;
};

struct survey {
	struct db *db;
	struct zone *zone;
	int64_t now, until_mono, share_until; /* the part's, of the whole time */
	bool cut;                             /* something was not looked at to its end */
	const atomic_bool *stop;
	struct arena *arena;
	struct survey_answer *answers;
	size_t n_answers;
	struct diag findings;
	json_t *figures;
};

/* What begins now may take half of the time that is left, or all of it. */
void survey_share(struct survey *survey, bool half);

#endif
