/* The rows that did not go in. It overwrites nothing, and leaves no half a file. */
#include "ctl/refused.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/file.h"

#define NAMES_MAX 1000

/* ---- which rows ---- */

struct refusal {
	int line;
	const char *detail;
};

static int by_line(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;
	return (x->line > y->line) - (x->line < y->line);
}

static struct refusal *sorted(json_t *rejected, size_t *n)
{
	struct refusal *all = mem_alloc((json_array_size(rejected) + 1) * sizeof *all);
	json_t *one;
	size_t i;
	*n = json_array_size(rejected);
	json_array_foreach(rejected, i, one)
	{
		const char *detail = json_string_value(json_object_get(one, "detail"));
		all[i].line = (int)json_integer_value(json_object_get(one, "line"));
		all[i].detail = detail ? detail : "";
	}
	qsort(all, *n, sizeof *all, by_line);
	return all;
}

/* ---- rows that belong together ---- */

struct writing {
	FILE *out;
	struct refusal *all;
	size_t n, at;    /* refusals, and the next one to come */
	struct buf rows; /* of the order under way */
	char *group;
	bool wanted; /* one of them was refused */
};

static void flush(struct writing *w)
{
	if (w->wanted && w->rows.len)
		fwrite(w->rows.data, 1, w->rows.len, w->out);
	buf_reset(&w->rows);
	w->wanted = false;
}

static void put_reasons(struct writing *w, int line)
{
	struct buf reasons = {0};
	for (; w->at < w->n && w->all[w->at].line <= line; w->at++) {
		buf_printf(
		        &reasons, "%s%s", reasons.len ? "; " : "", w->all[w->at].detail);
		w->wanted = true;
	}
	csv_cell(&w->rows, reasons.data ? reasons.data : "");
	buf_free(&reasons);
}

static void put_row(struct writing *w, const struct csv *csv, int line, const bool *ours,
        size_t n_ours)
{
	buf_printf(&w->rows, "%d,", line);
	put_reasons(w, line);
	for (size_t i = 0; i < csv->n; i++) {
		if (i < n_ours && ours[i])
			continue;
		buf_addc(&w->rows, ',');
		csv_cell(&w->rows, csv->cells[i]);
	}
	buf_adds(&w->rows, "\r\n");
}

static bool goes_on(struct writing *w, const struct csv *csv, int group)
{
	const char *value = group >= 0 && (size_t)group < csv->n ? csv->cells[group] : "";
	bool same = value[0] && w->group && strcmp(value, w->group) == 0;
	free(w->group);
	w->group = mem_strdup(value);
	return same;
}

static bool *own_columns(const struct csv *csv)
{
	bool *ours = mem_alloc(csv->n + 1);
	for (size_t i = 0; i < csv->n; i++) {
		char *name = mem_strdup(csv->cells[i]);
		ours[i] = sheet_aside(text_trim(name));
		free(name);
	}
	return ours;
}

static void put_headings(struct writing *w, const struct csv *csv, const bool *ours)
{
	fprintf(w->out, "\xef\xbb\xbf%s,%s", TR(sheet_asides[0][0], sheet_asides[0][1]),
	        TR(sheet_asides[1][0], sheet_asides[1][1]));
	for (size_t i = 0; i < csv->n; i++) {
		struct buf cell = {0};
		if (ours[i])
			continue;
		csv_cell(&cell, csv->cells[i]);
		fprintf(w->out, ",%s", cell.data ? cell.data : "");
		buf_free(&cell);
	}
	fputs("\r\n", w->out);
}

static void write_rows(struct writing *w, const struct sheet *sheet)
{
	struct csv csv;
	int line;
	csv_init(&csv, sheet->text.data, sheet->text.len, sheet->csv.separator, 1);
	if (csv_next(&csv, &line) == 1) {
		size_t n = csv.n;
		bool *ours = own_columns(&csv);
		put_headings(w, &csv, ours);
		while (csv_next(&csv, &line) == 1) {
			if (!goes_on(w, &csv, sheet->group))
				flush(w);
			put_row(w, &csv, line, ours, n);
		}
		flush(w);
		free(ours);
	}
	csv_fini(&csv);
	buf_free(&w->rows);
	free(w->group);
}

/* ---- the file ---- */

static size_t without(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);
	return len > n && strncasecmp(name + len - n, end, n) == 0 ? len - n : len;
}

/* customers.csv: customers.refused.csv, customers.refused-2.csv and so on. */
static FILE *create_beside(const char *source, char **name)
{
	static const char *const ends[] = {".csv", ".tsv", ".txt", ".xlsx"};
	size_t len = strlen(source);
	for (int i = 0; i < 4; i++)
		len = without(source, len, ends[i]);
	len = without(source, len, ".refused");
	for (int i = 1; i < NAMES_MAX; i++) {
		char number[16] = "";
		if (i > 1)
			snprintf(number, sizeof number, "-%d", i);
		*name = mem_printf("%.*s.refused%s.csv", (int)len, source, number);
		FILE *out = file_create(*name);
		if (out || errno != EEXIST)
			return out;
		free(*name);
	}
	*name = NULL;
	return NULL;
}

char *refused_write(const struct sheet *sheet, json_t *rejected, const char *source,
        const char *wanted)
{
	char *name = wanted ? mem_strdup(wanted) : NULL;
	struct writing w = {
	        .out = wanted ? file_create(wanted) : create_beside(source, &name)};
	if (w.out) {
		w.all = sorted(rejected, &w.n);
		write_rows(&w, sheet);
		free(w.all);
		bool good = !ferror(w.out);
		if (fclose(w.out) == 0 && good)
			return name;
		unlink(name);
	}
	free(name);
	return NULL;
}
