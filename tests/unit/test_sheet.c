/* A spreadsheet's file cut into chunks: separators, quotes, line numbers, groups, maps;
 * and columns on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../daemon/ctl/sheet.c"
#include "../../daemon/ctl/table.c"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static void open_text(
        struct sheet *sheet, const char *text, const char *map, const char *group)
{
	struct buf in = {0};
	char why[256];

	buf_adds(&in, text);
	assert_true(sheet_open(sheet, &in, map, group, why));
}

static void one_chunk(void **state)
{
	static const struct {
		const char *in, *map, *out;
		int line;
	} rows[] = {
	        {"id,name\n1,a\n2,b\n", NULL, "id,name\n1,a\n2,b\n", 2},
	        {"id\tname\r\n1\ta,b\r\n", NULL, "id,name\n1,\"a,b\"\n", 2},
	        {"id;name\n1;\"x;\"\"y\"\"\"\n", NULL, "id,name\n1,\"x;\"\"y\"\"\"\n", 2},
	        {"id,note\n\n\n1,\"a\nb\"\n\n2,c\n", NULL, "id,note\n1,\"a\nb\"\n\n2,c\n",
	                4},
	        {"번호,이름\n1,김\n", "번호 = id\n# 이름 = x\n", "id,이름\n1,김\n", 2},
	        {"번호,메모,이름\n1,비밀,김\n", "메모 =\n", "번호,이름\n1,김\n", 2},
	        {"id\n=1+2\n'=x\n", NULL, "id\n=1+2\n'=x\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct sheet sheet;
		struct buf out = {0};
		int line;

		open_text(&sheet, rows[i].in, rows[i].map, NULL);
		assert_true(sheet_chunk(&sheet, &out, &line));
		assert_string_equal(out.data, rows[i].out);
		assert_int_equal(line, rows[i].line);
		assert_false(sheet_chunk(&sheet, &out, &line));
		assert_int_equal(sheet.bad_line, 0);
		sheet_close(&sheet);
		buf_free(&out);
	}
}

/* Every record is in exactly one chunk, on the line where it stood in the file, and no
 * order is torn. */
static void chunks_keep_lines_and_orders_together(void **state)
{
	struct buf text = {0}, out = {0};
	struct sheet sheet;
	int line, chunks = 0, seen = 0;
	char last[32] = "";

	(void)state;
	buf_adds(&text, "주문번호,line,filler\n");
	for (int i = 0; i < 30000; i++) {
		buf_printf(&text, "A%d,%d,\"%s\"\n", i / 7, i + 2 + i / 100,
		        "some text that fills the row, so that it grows");
		if (i % 100 == 99)
			buf_adds(&text, "\n");
	}
	open_text(&sheet, text.data, NULL, "order|주문번호");
	while (sheet_chunk(&sheet, &out, &line)) {
		struct csv csv;
		int at;

		chunks++;
		assert_true(out.len <= SHEET_CHUNK + 4096);
		csv_init(&csv, out.data, out.len, ',', 1);
		assert_int_equal(csv_next(&csv, &at), 1);
		csv.line = line;
		for (bool first = true; csv_next(&csv, &at) == 1; first = false, seen++) {
			assert_int_equal(atoi(csv.cells[1]), at);
			if (first)
				assert_string_not_equal(csv.cells[0], last);
			snprintf(last, sizeof last, "%s", csv.cells[0]);
		}
		csv_fini(&csv);
	}
	assert_int_equal(seen, 30000);
	assert_true(chunks > 3);
	sheet_close(&sheet);
	buf_free(&text);
	buf_free(&out);
}

static void a_quote_that_never_closes_is_named(void **state)
{
	struct sheet sheet;
	struct buf out = {0};
	int line;

	(void)state;
	open_text(&sheet, "id,name\n1,a\n2,\"b\n3,c\n", NULL, NULL);
	assert_true(sheet_chunk(&sheet, &out, &line));
	assert_string_equal(out.data, "id,name\n1,a\n");
	assert_false(sheet_chunk(&sheet, &out, &line));
	assert_int_equal(sheet.bad_line, 3);
	sheet_close(&sheet);
	buf_free(&out);
}

static void width_on_a_terminal(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {{"", 0}, {"abc", 3}, {"김하늘", 6}, {"a가b", 4}, {"（광고）", 8},
	        {"₩1", 2}, {"é", 1}, {"e\xcc\x81", 1}};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		assert_int_equal(table_width(rows[i].text), rows[i].width);
}

static void columns_are_aligned(void **state)
{
	struct table table;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	table_init(&table, "이름", "n", NULL);
	table_add(&table, "a", "1");
	table_add(&table, "김하늘\x1b[2J", "line\nbreak");
	table_print(&table, out);
	fclose(out);
	assert_string_equal(
	        text, "이름        n\na           1\n김하늘 [2J  line break\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_chunk),
	        cmocka_unit_test(chunks_keep_lines_and_orders_together),
	        cmocka_unit_test(a_quote_that_never_closes_is_named),
	        cmocka_unit_test(width_on_a_terminal),
	        cmocka_unit_test(columns_are_aligned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
