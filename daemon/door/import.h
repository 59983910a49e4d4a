/* A CSV file on its way in, a chunk a call: its headings, the row under way, and what was
 * refused. What a row means is its kind's, in a file of its own. */
#ifndef DANGOL_IMPORT_H
#define DANGOL_IMPORT_H

#include "base/csv.h"
#include "door/api.h"
#include "door/call.h"

struct import_field {
	const char *name;      /* the English heading */
	const char *spellings; /* others, '|' between: lower case, without spaces, '_' and
	                          '-' */
};

struct import;
struct import_kind {
	const char *name;
	const struct import_field *fields;  /* ends with a NULL name */
	void (*row)(struct import *import); /* takes the record under way */
	void (*end)(struct import *import); /* after the last one; or NULL */
};
extern const struct import_kind import_customers, import_orders, import_products,
        import_consents;

struct import {
	struct call call;
	struct db *db;
	struct zone *zone;
	const struct import_kind *kind;
	struct csv csv;
	int line;              /* where the row under way starts in the file */
	int *columns;          /* of each cell: the field's index, or -1 */
	const char **headings; /* as they stand in the file */
	size_t n_columns;
	char batch[65];
	bool dry_run;
	int64_t accepted;
	json_t *rejected;
	struct arena *arena; /* the import's */
	struct arena *row;   /* emptied after each row */
	void *state;         /* the kind's, in arena */
};

/* The row's cell of a field: trimmed, the apostrophe of an export undone, in the row's
 * arena; NULL when there is none or it is empty. */
const char *import_cell(struct import *import, int field);
const char *import_unnamed(
        struct import *import, size_t column); /* of a column that is no field; or NULL */
void import_refuse(struct import *import, int line, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* "birthday: what is wrong": the field is left out, the row goes in. */
void import_leave_out(struct import *import, int field, const char *detail);

/* 1, 0, or -1 for a word that is neither. */
int import_yes(const char *word);
/* A number that a spreadsheet has spoilt: 1.01E+09. */
bool import_spoilt(const char *cell);
/* RFC 3339, or YYYY-MM-DD[ HH:MM[:SS]] (also with dots or slashes) on the shop's clock. 0
 * or -1. */
int import_time(struct import *import, const char *text, int64_t *ms);
/* A phone number in E.164, also one that lost its zero to a spreadsheet. 0 or -1. */
int import_phone(const char *text, char out[24]);
/* Whom a cell names: an id that is known, else a phone number or e-mail address, else a
 * new id when make. 0: nobody; the row was refused then. */
int64_t import_customer(struct import *import, const char *cell, int line, bool make);

#endif
