/* Output in columns, aligned by what a terminal shows: Hangul takes two places. */
#ifndef DANGOL_CTL_TABLE_H
#define DANGOL_CTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 8

struct table {
	size_t columns, n;
	char **cells; /* n times columns, owned */
};

int table_width(const char *text); /* places on a terminal */
/* The headings; ends with NULL. */
void table_init(struct table *table, const char *heading, ...) __attribute__((sentinel));
/* As many cells as there are headings, copied; NULL shows nothing. Control characters
 * become spaces. */
void table_add(struct table *table, ...);
void table_print(struct table *table, FILE *out); /* and empties it */
void table_drop(struct table *table);             /* without printing it */
char *table_plain(
        const char *text); /* a copy without line breaks and control characters; new */

#endif
