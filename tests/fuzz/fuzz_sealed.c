/* Whatever an event holds: sealed and opened it is what it was, and nothing that only
 * looks like a seal opens, or is read beyond its end. */
#include "fuzz.h"

#include <jansson.h>
#include "base/seal.h"
#include "store/sealed_json.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const uint8_t key[1][SEAL_KEY_BYTES] = {"a key to try with"};

	(void)argc;
	(void)argv;
	seal_keys(key, 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct buf closed = {0}, opened = {0};
	json_t *before = json_loads(text, 0, NULL), *after;

	sealed_json_open(&opened, text, SEAL_EVENT);
	buf_reset(&opened);
	sealed_json_close(&closed, text, SEAL_EVENT, NULL, NULL);
	assert(sealed_json_open(&opened, closed.data, SEAL_EVENT) || !before);
	if (before) {
		after = json_loads(opened.data, 0, NULL);
		assert(json_equal(before, after));
		json_decref(after);
	}
	json_decref(before);
	buf_free(&closed);
	buf_free(&opened);
	free(text);
	return 0;
}
