/* CSV as it comes from spreadsheets, whole and in chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/mem.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Records as "line:cell|cell\n"; "!line" where a quote never closes. */
static void show(
        struct buf *out, const char *data, size_t len, char separator, int first_line)
{
	struct csv csv;
	int line, got;

	csv_init(&csv, data, len, separator, first_line);
	while ((got = csv_next(&csv, &line)) == 1) {
		buf_printf(out, "%d:", line);
		for (size_t i = 0; i < csv.n; i++)
			buf_printf(out, "%s%s", i ? "|" : "", csv.cells[i]);
		buf_addc(out, '\n');
	}
	if (got < 0)
		buf_printf(out, "!%d", line);
	assert_int_equal(csv_next(&csv, &line), 0);
	csv_fini(&csv);
}

static const struct {
	const char *data;
	char separator;
	const char *shown;
} files[] = {
        {"", ',', ""},
        {"\n\r\n\r", ',', ""},
        {"a,b\nc,d", ',', "1:a|b\n2:c|d\n"},
        {"a,b\r\nc,d\r\n", ',', "1:a|b\n2:c|d\n"},
        {"a,b\rc,d\r", ',', "1:a|b\n2:c|d\n"},
        {"\xef\xbb\xbf"
         "이름,휴대폰\r\n김하늘,010-1234-5678\r\n",
                ',', "1:이름|휴대폰\n2:김하늘|010-1234-5678\n"},
        {"\xef\xbb\xbf\"이름\";b\n", ';', "1:이름|b\n"},
        {"a\tb,c\td\n", '\t', "1:a|b,c|d\n"},
        {"\"a,b\",\"c\"\"d\"\n", ',', "1:a,b|c\"d\n"},
        {"a,\"서울\r\n강남\",c\nd\n", ',', "1:a|서울\r\n강남|c\n3:d\n"},
        {"\"x\n\n\ny\"\nz\n", ',', "1:x\n\n\ny\n5:z\n"},
        {"a,,\n,\n", ',', "1:a||\n2:|\n"},
        {"a\n\n\nb\n", ',', "1:a\n4:b\n"},
        {"5\" pipe,say \"hi\"\n", ',', "1:5\" pipe|say \"hi\"\n"},
        {"\"a\"b,c\n", ',', "1:ab|c\n"},
        {"\"\",\"\"\"\"\n", ',', "1:|\"\n"},
        {"a\n\"b,c\nd\n", ',', "1:a\n!2"},
        {"\"", ',', "!1"},
        {"a,\"", ',', "!1"},
        {"\"a\"", ',', "1:a\n"},
        {",", ',', "1:|\n"},
};

static void records(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(files); i++) {
		size_t len = strlen(files[i].data);
		char *copy = malloc(
		        len +
		        1); /* of its very length: the sanitizer sees a step beyond */
		char *exact = realloc(copy, len ? len : 1);
		struct buf out = {0};

		assert_non_null(exact);
		memcpy(exact, files[i].data, len);
		buf_adds(&out, "");
		show(&out, exact, len, files[i].separator, 1);
		assert_string_equal(out.data, files[i].shown);
		buf_free(&out);
		free(exact);
	}
}

static void a_nul_is_seen(void **state)
{
	struct buf out = {0};

	(void)state;
	show(&out, "a\0b,\"\0\"\n", 8, ',', 7);
	assert_string_equal(out.data, "7:a?b|?\n");
	buf_free(&out);
}

static void separators(void **state)
{
	static const struct {
		const char *data;
		char separator;
	} table[] = {
	        {"", ','},
	        {"a", ','},
	        {"a,b;c", ','},
	        {"a;b;c,d\n,,,,,,", ';'},
	        {"a\tb\tc\n", '\t'},
	        {"\"a,b,c,d\";e\n", ';'},
	        {"\"a\n,,,\";e;f\n", ';'},
	        {"a\r;;;;", ','},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++)
		assert_int_equal(
		        csv_guess_separator(table[i].data, strlen(table[i].data)),
		        table[i].separator);
}

static void cuts(void **state)
{
	static const struct {
		const char *data;
		size_t most, cut;
	} table[] = {
	        {"a,b\nc,d\n", 100, 8},
	        {"a,b\nc,d\n", 8, 8},
	        {"a,b\nc,d\n", 7, 4},
	        {"a,b\nc,d\n", 3, 0},
	        {"a\r\nb\r\n", 5, 3},
	        {"a\r\nb\r\n", 2, 0},
	        {"\"a\nb\"\nc\nd", 5, 0},
	        {"\"a\nb\"\nc\nd", 6, 6},
	        {"a\n\"b\nc", 5, 2},
	        {"5\"\nb\nc\n", 5, 5},
	        {"a,\"b\n\"\"\n\"\nc\nd\n", 12, 12},
	        {"\xef\xbb\xbf\"a\nb\"\nc\nd\n", 9, 9},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++)
		assert_int_equal(
		        csv_cut(table[i].data, strlen(table[i].data), table[i].most),
		        table[i].cut);
}

/* Cut anywhere, a file gives the same records at the same lines. */
static void chunks_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(files); i++)
		for (size_t most = 1; most < 40; most++) {
			const char *data = files[i].data;
			size_t left = strlen(data);
			struct buf out = {0};
			int line = 1;

			buf_adds(&out, "");
			while (left) {
				size_t cut = csv_cut(data, left, most);

				cut = cut ? cut : left;
				show(&out, data, cut, files[i].separator, line);
				for (size_t b = 0; b < cut; b++)
					line += data[b] == '\n' ||
					        (data[b] == '\r' && data[b + 1] != '\n');
				data += cut;
				left -= cut;
			}
			assert_string_equal(out.data, files[i].shown);
			buf_free(&out);
		}
}

static void written_cells(void **state)
{
	static const struct {
		const char *cell, *written;
	} table[] = {
	        {"", ""},
	        {"김하늘", "김하늘"},
	        {"a,b", "\"a,b\""},
	        {"a\"b", "\"a\"\"b\""},
	        {"a\nb", "\"a\nb\""},
	        {" a", "\" a\""},
	        {"=1+1", "'=1+1"},
	        {"+82", "'+82"},
	        {"-5", "'-5"},
	        {"@x", "'@x"},
	        {"=\"a\",b", "\"'=\"\"a\"\",b\""},
	        {"1-2", "1-2"},
	        {"\tx", "\"'\tx\""},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		struct buf out = {0};

		buf_adds(&out, "");
		csv_cell(&out, table[i].cell);
		assert_string_equal(out.data, table[i].written);
		buf_free(&out);
	}
}

static void a_wide_record(void **state)
{
	struct buf data = {0};
	struct csv csv;
	int line;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_printf(&data, "%s\"%d\"", i ? "," : "", i);
	csv_init(&csv, data.data, data.len, ',', 1);
	assert_int_equal(csv_next(&csv, &line), 1);
	assert_int_equal(csv.n, 5000);
	assert_string_equal(csv.cells[4999], "4999");
	assert_int_equal(csv_next(&csv, &line), 0);
	csv_fini(&csv);
	buf_free(&data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(records),
	        cmocka_unit_test(a_nul_is_seen),
	        cmocka_unit_test(separators),
	        cmocka_unit_test(cuts),
	        cmocka_unit_test(chunks_say_the_same),
	        cmocka_unit_test(written_cells),
	        cmocka_unit_test(a_wide_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
