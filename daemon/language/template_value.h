/* One value of a template for one customer: found, put through its filters, as text.
 * Escapes nothing. */
#ifndef DANGOL_TEMPLATE_VALUE_H
#define DANGOL_TEMPLATE_VALUE_H

#include "language/template.h"
#include "language/template_code.h"

/* Where values come from; zero but for in, moment, arena and korean at the beginning. */
struct value_source {
	const struct rendering *in;
	struct moment moment;
	struct arena *arena;
	bool korean;                   /* how dates, yes and no are written */
	json_t *items[TEMPLATE_LOOPS]; /* what each open loop stands at; borrowed */
	/* its own: read from their text at the first need */
	json_t *event, *attributes;
	bool event_read, attributes_read;
};

/* Never NULL: a missing value is "". In the arena or borrowed from what it came from. */
const char *template_value(struct value_source *source, const struct node *node);
json_t *template_value_list(struct value_source *source,
        const struct node *loop); /* borrowed; NULL: no such list */
void template_value_fini(struct value_source *source);

#endif
