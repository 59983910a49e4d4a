/* Whatever a spreadsheet's file holds: it is read in bounds, cut at records' ends into
 * the same records, and what is written of a cell reads back as that cell. */
#include "fuzz.h"

#include "base/csv.h"
#include "base/text.h"

static const char separators[] = {',', '\t', ';'};

/* Digest and number of the records; *ended: none was left open. */
static size_t read_all(const char *data, size_t len, char separator, uint64_t *words)
{
	struct csv csv;
	size_t n = 0;
	int line, last = 0, got;

	csv_init(&csv, data, len, separator, 1);
	while ((got = csv_next(&csv, &line)) == 1) {
		assert(line > last && csv.n > 0);
		last = line;
		for (size_t i = 0; i < csv.n; i++)
			*words = *words * 31 +
			         text_hash(csv.cells[i], strlen(csv.cells[i]));
		*words = *words * 37 + csv.n;
		n++;
	}
	assert(csv.pos <= csv.len);
	csv_fini(&csv);
	return n;
}

/* Cells as they are written and read again: the apostrophe alone is more. */
static void there_and_back(const char *data, size_t len, char separator)
{
	struct buf out = {0};
	struct csv csv, back;
	int line;

	csv_init(&csv, data, len, separator, 1);
	if (csv_next(&csv, &line) == 1) {
		for (size_t i = 0; i < csv.n; i++) {
			if (i)
				buf_addc(&out, ',');
			csv_cell(&out, csv.cells[i]);
		}
		if (!out.len)
			buf_adds(&out, "\"\"");
		buf_addc(&out, '\n');
		csv_init(&back, out.data, out.len, ',', 1);
		if (memcmp(out.data, "\xef\xbb\xbf", out.len < 3 ? out.len : 3) != 0) {
			assert(csv_next(&back, &line) == 1 && back.n == csv.n);
			for (size_t i = 0; i < csv.n; i++) {
				const char *cell = back.cells[i];
				bool escaped = csv.cells[i][0] &&
				               strchr("=+-@\t\r", csv.cells[i][0]);
				assert(!escaped || *cell == '\'');
				assert(strcmp(cell + escaped, csv.cells[i]) == 0);
			}
		}
		csv_fini(&back);
	}
	csv_fini(&csv);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t words = 0;

	if (size < 2)
		return 0;
	char separator = separators[data[0] % 3];
	size_t most = data[1] * 8;
	char *text = mem_alloc(size - 1);
	memcpy(text, data + 2, size - 2);
	size -= 2;
	read_all(text, size, separator, &words);
	csv_guess_separator(text, size);
	size_t cut = csv_cut(text, size, most);
	assert(cut <= size && (cut <= most || size <= most));
	there_and_back(text, size, separator);
	free(text);
	return 0;
}
