/* Columns of text on a terminal. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "ctl/table.h"

/* Unicode's East Asian Width W and F, as far as names and messages go; emoji too. */
static int places(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
	} wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff},
	        {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xa960, 0xa97c},
	        {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60},
	        {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff},
	        {0x20000, 0x3fffd}};
	if ((cp >= 0x300 && cp <= 0x36f) || (cp >= 0x200b && cp <= 0x200d) ||
	        (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0x1160 && cp <= 0x11ff))
		return 0;
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		if (cp >= wide[i].from && cp <= wide[i].to)
			return 2;
	return 1;
}

int table_width(const char *text)
{
	int width = 0;
	uint32_t cp;
	for (size_t len = strlen(text); len > 0;) {
		int n = text_decode(text, len, &cp);
		width += places(cp);
		text += n;
		len -= (size_t)n;
	}
	return width;
}

char *table_plain(const char *text)
{
	char *copy = mem_strdup(text ? text : "");
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return copy;
}

static void add(struct table *table, const char *text)
{
	size_t size = (table->n + 1) * sizeof *table->cells;
	table->cells = mem_realloc(table->cells, size);
	table->cells[table->n++] = table_plain(text);
}

void table_init(struct table *table, const char *heading, ...)
{
	va_list ap;
	*table = (struct table){0};
	va_start(ap, heading);
	for (; heading && table->columns < TABLE_COLUMNS_MAX;
	        heading = va_arg(ap, const char *)) {
		add(table, heading);
		table->columns++;
	}
	va_end(ap);
}

void table_add(struct table *table, ...)
{
	va_list ap;
	va_start(ap, table);
	for (size_t i = 0; i < table->columns; i++)
		add(table, va_arg(ap, const char *));
	va_end(ap);
}

void table_print(struct table *table, FILE *out)
{
	int widths[TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->n; i++) {
		int width = table_width(table->cells[i]);
		int *most = &widths[i % table->columns];
		*most = width > *most ? width : *most;
	}
	for (size_t i = 0; i < table->n; i++) {
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns;
		fputs(table->cells[i], out);
		if (last)
			fputc('\n', out);
		else
			fprintf(out, "%*s",
			        widths[column] - table_width(table->cells[i]) + 2, "");
		free(table->cells[i]);
	}
	free(table->cells);
	*table = (struct table){0};
}

void table_drop(struct table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){0};
}
