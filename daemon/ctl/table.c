/* Columns of text on a terminal. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "ctl/table.h"

int table_width(const char *text)
{
	return text_columns(text, strlen(text));
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
