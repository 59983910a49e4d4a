/* What other rules would change, on a terminal: a line a message that is not the same,
 * then how many, and what it costs. */
#ifndef DANGOL_CTL_CHANGES_H
#define DANGOL_CTL_CHANGES_H

#include "ctl/table.h"
#include <jansson.h>
#include <stdbool.h>

struct changes {
	struct table rules, costs;
	bool any;
};
void changes_open(struct changes *changes);
/* A row of a comparison: a message's is printed at once, and nothing of it kept. */
void changes_take(struct changes *changes, json_t *row);
void changes_print(struct changes *changes); /* the rest */
void changes_close(struct changes *changes);

#endif
