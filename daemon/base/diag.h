/* What an owner did wrong in a file, collected: where, what was found, what to do.
 * Modules never print; they add here, and the program that asked decides how to show it.
 */
#ifndef DANGOL_DIAG_H
#define DANGOL_DIAG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"

struct diag_place {
	const char *file; /* as the owner named it; borrowed, must outlive the diag (or be
	                     in its arena) */
	int line, column; /* from 1; columns count characters */
	int width;        /* characters under the carets, at least 1 */
};

struct diag_item {
	struct diag_place at;
	bool warning;
	char *message;
	char *hint;   /* what to do, or NULL */
	char *source; /* the line of the file, or NULL */
};

struct diag {
	struct arena *arena;
	struct diag_item *items;
	size_t n, errors; /* warnings count in n alone */
	size_t told; /* mistakes, kept or not: what was told of may not be gone on with */
	size_t more; /* were not kept because there were too many */
	bool several; /* one a place is kept, not one a line */
};

void diag_init(struct diag *diag);
void diag_fini(struct diag *diag);
/* Adds a mistake; at most one a line of a file is kept (the first), and 1,000 in all.
 * source_line is the whole text of the file or NULL: the line is cut out of it. The
 * message is in the owner's language: use TR(). Returns the item, or NULL when it was not
 * kept. */
struct diag_item *diag_error(struct diag *diag, struct diag_place at, const char *text,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
struct diag_item *diag_warn(struct diag *diag, struct diag_place at, const char *text,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_hint(struct diag *diag, struct diag_item *item, const char *fmt, ...)
        __attribute__((format(printf, 3, 4))); /* item may be NULL */

/* A file or folder that cannot be read, by errno, or in words where error is 0; and what
 * to do about it. */
void diag_unreadable(struct diag *diag, const char *file, int error, const char *why);
/* "FILE:LINE:COL: message", the line, carets, the hint; items sorted by file, line and
 * column. */
void diag_print(const struct diag *diag, struct buf *out);
json_t *diag_json(const struct
        diag *diag); /* [{"file","line","column","width","message","hint","source","warning"}]
                        returns new */

#endif
