/* CSV as Excel and shop systems write it: records of cells, from memory. Never knows what
 * a cell means. */
#include "base/csv.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char bom[] = "\xef\xbb\xbf";

static size_t bom_len(const char *data, size_t len)
{
	return len >= 3 && memcmp(data, bom, 3) == 0 ? 3 : 0;
}

void csv_init(
        struct csv *csv, const char *data, size_t len, char separator, int first_line)
{
	*csv = (struct csv){
	        .data = data, .len = len, .line = first_line, .separator = separator};
	csv->pos = bom_len(data, len);
}

void csv_fini(struct csv *csv)
{
	free(csv->cells);
	free(csv->scratch);
	*csv = (struct csv){0};
}

/* ---- where things end ---- */

/* Bytes of the line end at pos: CRLF, LF or an old CR; 0: there is none. */
static size_t line_end(const char *data, size_t len, size_t pos)
{
	if (pos >= len)
		return 0;
	if (data[pos] == '\n')
		return 1;
	if (data[pos] != '\r')
		return 0;
	return pos + 1 < len && data[pos + 1] == '\n' ? 2 : 1;
}

char csv_guess_separator(const char *data, size_t len)
{
	static const char separators[] = {',', '\t', ';'};
	size_t counts[3] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = bom_len(data, len); i < len; i++) {
		if (data[i] == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (line_end(data, len, i))
			break;
		for (size_t s = 0; s < 3; s++)
			counts[s] += data[i] == separators[s];
	}
	for (size_t s = 1; s < 3; s++)
		if (counts[s] > counts[best])
			best = s;
	return separators[best];
}

/* The place behind the quoted text that opens at pos, or len + 1 when it never closes. */
static size_t skip_quoted(const char *data, size_t len, size_t pos)
{
	for (pos++;;) {
		const char *quote = pos < len ? memchr(data + pos, '"', len - pos) : NULL;

		if (!quote)
			return len + 1;
		pos = (size_t)(quote - data) + 1;
		if (pos >= len || data[pos] != '"')
			return pos;
		pos++;
	}
}

/* A file has one separator, which is not known here: a quote behind any of the three
 * opens. */
static bool cell_starts(const char *data, size_t from, size_t pos)
{
	return pos == from || data[pos - 1] == ',' || data[pos - 1] == ';' ||
	       data[pos - 1] == '\t' || data[pos - 1] == '\n' || data[pos - 1] == '\r';
}

size_t csv_cut(const char *data, size_t len, size_t most)
{
	size_t cut = 0, from = bom_len(data, len);

	if (len <= most)
		return len;
	for (size_t pos = from; pos < len;) {
		size_t end = line_end(data, len, pos);

		if (data[pos] == '"' && cell_starts(data, from, pos)) {
			pos = skip_quoted(data, len, pos);
			continue;
		}
		pos += end ? end : 1;
		if (pos > most)
			break;
		if (end)
			cut = pos;
	}
	return cut;
}

/* ---- records ---- */

static void count_lines(struct csv *csv, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (csv->data[i] == '\n' ||
		        (csv->data[i] == '\r' &&
		                (i + 1 >= csv->len || csv->data[i + 1] != '\n')))
			csv->line++;
}

static void skip_empty_lines(struct csv *csv)
{
	size_t end;

	while ((end = line_end(csv->data, csv->len, csv->pos))) {
		csv->pos += end;
		csv->line++;
	}
}

/* The place of the record's line end, or of the data's end; len + 1 when a quote never
 * closes. */
static size_t record_end(const struct csv *csv)
{
	size_t pos = csv->pos;
	bool start = true;

	while (pos < csv->len) {
		if (start && csv->data[pos] == '"') {
			pos = skip_quoted(csv->data, csv->len, pos);
			start = false;
			continue;
		}
		if (csv->data[pos] == '\n' || csv->data[pos] == '\r')
			return pos;
		start = csv->data[pos++] == csv->separator;
	}
	return pos;
}

static void add_cell(struct csv *csv, char *cell)
{
	if (csv->n == csv->cap) {
		csv->cap = csv->cap ? csv->cap * 2 : 16;
		csv->cells = mem_realloc(csv->cells, csv->cap * sizeof(*csv->cells));
	}
	csv->cells[csv->n++] = cell;
}

/* A NUL would end the cell for whoever reads it. */
static char plain(char c)
{
	return c ? c : '?';
}

/* Copies one cell to out; *pos ends at the separator or at end. Returns the place behind
 * the copy. */
static char *copy_cell(const struct csv *csv, size_t *pos, size_t end, char *out)
{
	const char *data = csv->data;
	size_t i = *pos;

	if (i < end && data[i] == '"') {
		size_t close = skip_quoted(data, end, i) - 1;

		for (i++; i < close; i++) {
			*out++ = plain(data[i]);
			if (data[i] == '"')
				i++;
		}
		i = close + 1;
	}
	/* Behind a closing quote too: careless programs go on there. */
	for (; i < end && data[i] != csv->separator; i++)
		*out++ = plain(data[i]);
	*pos = i;
	*out++ = '\0';
	return out;
}

static void split(struct csv *csv, size_t end)
{
	/* Every cell is shorter than its place in the record by the separator that its
	 * NUL replaces. */
	size_t need = end - csv->pos + 1;
	char *out;

	if (need > csv->scratch_cap) {
		csv->scratch_cap = need < 1024 ? 1024 : need * 2;
		csv->scratch = mem_realloc(csv->scratch, csv->scratch_cap);
	}
	out = csv->scratch;
	csv->n = 0;
	for (size_t pos = csv->pos;; pos++) {
		add_cell(csv, out);
		out = copy_cell(csv, &pos, end, out);
		if (pos >= end)
			return;
	}
}

int csv_next(struct csv *csv, int *line)
{
	size_t end;

	csv->n = 0;
	skip_empty_lines(csv);
	*line = csv->line;
	if (csv->pos >= csv->len)
		return 0;
	end = record_end(csv);
	if (end > csv->len) {
		csv->pos = csv->len;
		return -1;
	}
	split(csv, end);
	count_lines(csv, csv->pos, end);
	csv->pos = end;
	end = line_end(csv->data, csv->len, csv->pos);
	csv->pos += end;
	csv->line += end > 0;
	return 1;
}

/* ---- writing ---- */

void csv_cell(struct buf *out, const char *cell)
{
	size_t len = strlen(cell);
	/* A spreadsheet runs what begins so. */
	bool formula = len && strchr("=+-@\t\r", cell[0]);
	bool quote = strpbrk(cell, ",;\t\"\r\n") ||
	             (len && (cell[0] == ' ' || cell[len - 1] == ' '));

	if (quote)
		buf_addc(out, '"');
	if (formula)
		buf_addc(out, '\'');
	for (const char *p = cell; *p; p++) {
		if (*p == '"')
			buf_addc(out, '"');
		buf_addc(out, *p);
	}
	if (quote)
		buf_addc(out, '"');
}
