/* Event types that are no standard ones and look like a slip of one: counted since the
 * ruleset was adopted, and said once each. The events are taken all the same. */
#ifndef DANGOL_MISNOMER_H
#define DANGOL_MISNOMER_H

#include <stdint.h>
#include "base/mem.h"
#include "language/ruleset.h"

#define MISNOMERS_MOST \
	64 /* types remembered, harmless ones too; others go unlooked at \
	    */

struct misnomer {
	char type[65];     /* as it was posted */
	const char *meant; /* the standard one, static; NULL: it looks like none */
	int64_t n;
};
struct misnomers {
	struct misnomer *items;
	size_t n;
};
/* An event of a custom type was taken. */
void misnomers_note(
        struct misnomers *misnomers, const struct ruleset *ruleset, const char *type);
void misnomers_clear(struct misnomers *misnomers);

#endif
