/* CSV as Excel and shop systems write it (RFC 4180 and its cousins): quotes, line breaks
 * inside quotes, CRLF, a BOM. Reads from memory, a record at a time; knows no meaning of
 * the cells. */
#ifndef DANGOL_CSV_H
#define DANGOL_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv {
	const char *data;
	size_t len, pos;
	int line; /* where the next record starts, from 1 */
	char separator;
	char **cells; /* of the last record; valid until the next csv_next */
	size_t n, cap;
	char *scratch;
	size_t scratch_cap;
};

void csv_init(
        struct csv *csv, const char *data, size_t len, char separator, int first_line);
void csv_fini(struct csv *csv);
char csv_guess_separator(
        const char *data, size_t len); /* comma, tab or semicolon, by the first line */
/* 1: a record (empty lines are skipped), *line is where it starts; 0: the end; -1: a
 * quote never closes. */
int csv_next(struct csv *csv, int *line);
/* The longest prefix of data that ends at a record's end: where a chunk may be cut. */
size_t csv_cut(const char *data, size_t len, size_t most);

struct buf;
void csv_cell(struct buf *out,
        const char *cell); /* quoted where needed; = + - @ at the start escaped by ' */

#endif
