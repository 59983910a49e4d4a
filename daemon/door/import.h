/* A CSV file on its way in, a chunk a call: its headings, the row under way, and what was
 * refused. What a row means is its kind's, in a file of its own. */
#ifndef DANGOL_IMPORT_H
#define DANGOL_IMPORT_H

#include "base/csv.h"
#include "door/api.h"
#include "door/call.h"
#include "door/heading.h"
#include "door/import_dry.h"
#include "door/past.h"
#include "store/consent.h"
#include "store/product.h"

struct import;
struct import_kind {
	const char *name;
	const struct import_field *fields;  /* ends with a NULL name */
	void (*row)(struct import *import); /* takes the record under way */
	void (*end)(struct import *import); /* after the last one; or NULL */
	bool others; /* a column of any other name is told as well */
};
extern const struct import_kind import_customers, import_orders, import_products,
        import_consents;

/* The customer under way: what of him the row changes. */
struct trail {
	int64_t customer; /* 0: none */
	bool made;
	json_t *before; /* his picture; NULL: nothing of his profile changes */
	json_t *held;   /* consents that changed: what held before, or null */
	int said;       /* rows that were added to the history of consents */
	const char *consents[16][2]; /* those that the row tells, and their purposes */
	int n_consents;
};

/* How many rows do what. */
struct difference {
	int64_t made, changed, same;
	int64_t customers; /* new ones that rows of something else name */
};

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
	int64_t batch_id; /* 0: a dry run */
	bool dry_run;
	bool undone;            /* the batch was undone meanwhile: the rest stays out */
	struct import_dry *dry; /* what was said before in this dry run */
	struct trail trail;
	struct difference difference;
	json_t *rows;              /* of a dry run: what changes */
	int64_t accepted, counted; /* counted: rows that the batch knows of */
	json_t *rejected;
	json_t *restored; /* lines of phone numbers that had lost their zero */
	json_t *unknown;  /* headings that are no column: {heading, nearest, becomes} */
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
/* A phone number in E.164, also one that lost its zero to a spreadsheet: *restored then.
 * 0 or -1. */
int import_phone(const char *text, char out[24], bool *restored);
void import_restored(struct import *import, int line); /* says so, once a line */
/* Is a column of that name an attribute that the shop declared? */
const struct field_decl *import_declared(struct import *import, const char *heading);
/* Whom a cell names: an id that is known, else a phone number or e-mail address, else a
 * new id when make. 0: nobody; the row was refused then. */
int64_t import_customer(struct import *import, const char *cell, int line, bool make);

/* ---- what a row changes (import_trail.c) ---- */

/* Notes it for undoing and counts it; in a dry run it is compared only. */
/* Whom the profile names, made where there is nobody; 0: it names nobody. */
int64_t import_upsert(struct import *import, const struct profile *profile);
/* The customer of the consent is the one under way, or becomes it. */
void import_consent(struct import *import, const struct consent_change *change,
        bool never_over_withdrawal);
/* The row's customer is done with. told: the file's words for him, or NULL. */
void import_customer_end(struct import *import, json_t *told);
/* An order names a customer that it made. */
void import_customer_named(struct import *import);
void import_order(struct import *import, enum past_status status,
        const struct order_change *change, int line, int rows);
void import_product(struct import *import, const struct product *product);

#endif
