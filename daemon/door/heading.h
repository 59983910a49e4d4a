/* Headings of a spreadsheet: which column of ours is meant, in English, in Korean or in a
 * shop system's word. Knows no cells. */
#ifndef DANGOL_HEADING_H
#define DANGOL_HEADING_H

struct import_field {
	const char *name;      /* the English heading */
	const char *spellings; /* others, '|' between: lower case, without spaces, '_' and
	                          '-'; the first is the Korean heading */
};

/* The field's index in a list that ends with a NULL name; -1: none is called so. Case,
 * spaces, '_', '-', dots and brackets do not count. */
int heading_find(const struct import_field *fields, const char *heading);
/* What somebody most likely meant, as it is spelt in the list; NULL: nothing is near.
 * Borrowed until the next call. */
const char *heading_nearest(const struct import_field *fields, const char *heading);
/* How it is written in the owner's language. */
const char *heading_title(const struct import_field *field);

#endif
