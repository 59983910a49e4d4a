/* Rewrites a spreadsheet's file chunk by chunk. It keeps every record on the line where
 * it stood, so that what the daemon says of a line is true of the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/sheet.h"

const char *const sheet_asides[2][2] = {
        {"refused_line", "거절된_줄"}, {"refused_reason", "거절_이유"}};

bool sheet_aside(const char *heading)
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(heading, sheet_asides[i][0]) ||
		        !strcmp(heading, sheet_asides[i][1]))
			return true;
	return false;
}

/* ---- the map ---- */

/* What the map calls a heading: NULL where it says nothing; "" where the column is left
 * out. New. */
static char *mapped(const char *map, const char *heading)
{
	for (const char *p = map; p && *p;
	        p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n')) {
		char *line = mem_strndup(p, strcspn(p, "\r\n")),
		     *equals = strchr(line, '=');
		if (!equals || *text_trim(line) == '#') {
			free(line);
			continue;
		}
		*equals = '\0';
		char *name = mem_strdup(text_trim(line)),
		     *field = mem_strdup(text_trim(equals + 1));
		bool same = strcmp(name, heading) == 0;
		free(name);
		free(line);
		if (same)
			return field;
		free(field);
	}
	return NULL;
}

/* ---- records ---- */

static void put_cell(struct buf *out, const char *cell)
{
	if (!cell[strcspn(cell, ",\"\r\n")]) {
		buf_adds(out, cell);
		return;
	}
	buf_addc(out, '"');
	for (; *cell; cell++) {
		if (*cell == '"')
			buf_addc(out, '"');
		buf_addc(out, *cell);
	}
	buf_addc(out, '"');
}

/* A record of a single empty cell would be an empty line, which is no record. */
static void put_record(struct sheet *sheet, struct buf *out)
{
	bool first = true;
	size_t from = out->len;
	for (size_t i = 0; i < sheet->csv.n; i++) {
		if (i < sheet->n_columns && sheet->dropped[i])
			continue;
		if (!first)
			buf_addc(out, ',');
		put_cell(out, sheet->csv.cells[i]);
		first = false;
	}
	if (out->len == from)
		buf_adds(out, "\"\"");
	buf_addc(out, '\n');
}

static bool spelt(const char *spellings, const char *heading)
{
	char plain[128];
	size_t n = 0;
	for (const char *p = heading; *p && n + 1 < sizeof plain; p++)
		if (!strchr(" _-.", *p))
			plain[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	plain[n] = '\0';
	for (const char *p = spellings; *p;
	        p += strcspn(p, "|") + (p[strcspn(p, "|")] == '|'))
		if (n > 0 && strcspn(p, "|") == n && memcmp(p, plain, n) == 0)
			return true;
	return false;
}

static void read_heading(struct sheet *sheet, const char *map, const char *group)
{
	bool first = true;
	sheet->n_columns = sheet->csv.n;
	sheet->dropped = mem_alloc((sheet->n_columns + 1) * sizeof *sheet->dropped);
	for (size_t i = 0; i < sheet->csv.n; i++) {
		char *name = mem_strdup(text_trim(sheet->csv.cells[i])),
		     *other = mapped(map, name);
		const char *heading = other ? other : name;
		sheet->dropped[i] = (other && !other[0]) || sheet_aside(name);
		if (!sheet->dropped[i]) {
			if (!first)
				buf_addc(&sheet->heading, ',');
			put_cell(&sheet->heading, heading);
			first = false;
		}
		if (group && sheet->group < 0 && spelt(group, heading))
			sheet->group = (int)i;
		free(name);
		free(other);
	}
	buf_addc(&sheet->heading, '\n');
}

bool sheet_open(struct sheet *sheet, struct buf *text, const char *map, const char *group,
        char why[256])
{
	int line;
	*sheet = (struct sheet){.text = *text, .group = -1};
	*text = (struct buf){0};
	csv_init(&sheet->csv, sheet->text.data, sheet->text.len,
	        csv_guess_separator(sheet->text.data, sheet->text.len), 1);
	if (csv_next(&sheet->csv, &line) == 1) {
		read_heading(sheet, map, group);
		return true;
	}
	snprintf(why, 256, "%s",
	        TR("there is no row of headings in it", "제목 줄이 없습니다"));
	sheet_close(sheet);
	return false;
}

/* Reads the next record into kept; its group's value replaces the last one's. */
static bool fetch(struct sheet *sheet, bool *same_group)
{
	*same_group = false;
	if (sheet->ended)
		return false;
	int got = csv_next(&sheet->csv, &sheet->kept_line);
	if (got != 1) {
		sheet->ended = true;
		sheet->bad_line = got < 0 ? sheet->kept_line : 0;
		return false;
	}
	put_record(sheet, &sheet->kept);
	if (sheet->group < 0 || (size_t)sheet->group >= sheet->csv.n)
		return true;
	const char *value = sheet->csv.cells[sheet->group];
	*same_group = sheet->group_value && strcmp(value, sheet->group_value) == 0;
	free(sheet->group_value);
	sheet->group_value = mem_strdup(value);
	return true;
}

bool sheet_chunk(struct sheet *sheet, struct buf *out, int *line)
{
	bool same;
	buf_reset(out);
	if (!sheet->kept.len && !fetch(sheet, &same))
		return false;
	buf_add(out, sheet->heading.data, sheet->heading.len);
	*line = sheet->kept_line;
	for (int at = sheet->kept_line;;) {
		for (; at < sheet->kept_line; at++)
			buf_addc(out, '\n');
		buf_add(out, sheet->kept.data, sheet->kept.len);
		at = sheet->csv.line;
		buf_reset(&sheet->kept);
		if (!fetch(sheet, &same))
			return true;
		bool full = out->len + sheet->kept.len > SHEET_CHUNK;
		bool far_too_full = out->len + sheet->kept.len > 8 * SHEET_CHUNK;
		if (far_too_full || (full && !same))
			return true;
	}
}

size_t sheet_done(const struct sheet *sheet)
{
	return sheet->csv.pos;
}

void sheet_close(struct sheet *sheet)
{
	csv_fini(&sheet->csv);
	buf_free(&sheet->text);
	buf_free(&sheet->heading);
	buf_free(&sheet->kept);
	free(sheet->dropped);
	free(sheet->group_value);
	*sheet = (struct sheet){0};
}
