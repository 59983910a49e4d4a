/* What the names of events lend to names of everything. */
#ifndef DANGOL_NAMES_INNER_H
#define DANGOL_NAMES_INNER_H

#include <stdbool.h>
#include "language/choices.h"
#include "store/event.h"

struct scope;
struct subject;

/* A standard type, its parts in either language; or NULL. */
const struct event_type *names_type(const char *written);
/* A field of an event of that type (NULL: of any), by its written name. */
bool names_field_of(const struct scope *scope, const char *type, const char *written,
        struct subject *out);
void names_add_field(const struct scope *scope, struct choices *choices,
        const char *prefix, const char *field, bool korean);
/* What path may be a slip of, written as prefix.FIELD. */
const char *names_nearest_field(const struct scope *scope, const char *type,
        const char *prefix, const char *path);

#endif
