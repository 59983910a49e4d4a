/* Any bytes through the parser and the formatter: what reads is formatted, and what was
 * formatted stays as it is. */
#include "fuzz.h"
#include "language/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_file file = fuzz_file(data, size), again = {.name = "f.rule"};
	struct diag diag;
	char *once, *twice;
	size_t len;

	diag_init(&diag);
	once = format_text(&file, &diag, &again.len);
	assert(!once == (diag.errors > 0));
	if (once) {
		again.text = once;
		twice = format_text(&again, &diag, &len);
		assert(twice && len == again.len && !memcmp(once, twice, len));
		free(twice);
	}
	free(once);
	diag_fini(&diag);
	free((char *)file.text);
	return 0;
}
