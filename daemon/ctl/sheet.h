/* A spreadsheet's file in the one form that the daemon takes: UTF-8, commas, chunks that
 * end where a record ends. */
#ifndef DANGOL_CTL_SHEET_H
#define DANGOL_CTL_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include "base/csv.h"
#include "base/mem.h"

#define SHEET_CHUNK (512 * 1024)

struct sheet {
	struct buf text; /* UTF-8 without a byte order mark */
	struct csv csv;
	struct buf heading; /* the heading row as it is sent */
	bool *dropped;      /* columns that the map leaves out */
	size_t n_columns;
	int group; /* the column whose equal neighbours stay in one chunk; -1: none */
	char *group_value; /* of the record kept back */
	struct buf kept;   /* a record read, not yet sent */
	int kept_line;
	bool ended;
	int bad_line; /* where a quotation mark opens that never closes; 0: nowhere */
};

/* text: the file in UTF-8 (taken). map: lines "heading = field", or NULL. group: headings
 * (plain spelling, '|' between) of the column that keeps records together, or NULL. false
 * and why (256). */
bool sheet_open(struct sheet *sheet, struct buf *text, const char *map, const char *group,
        char why[256]);
/* The next chunk, its heading row first; *line is where its first record stands in the
 * file. False at the end. */
bool sheet_chunk(struct sheet *sheet, struct buf *out, int *line);
size_t sheet_done(const struct sheet *sheet); /* bytes of text read so far */
void sheet_close(struct sheet *sheet);

/* The headings of the columns that a file of refused rows has beside its own, in English
 * and Korean: where and why. Such columns are left out. */
extern const char *const sheet_asides[2][2];
bool sheet_aside(const char *heading);

#endif
