/* Deletes what provider outbox wrote of certain messages. It goes by the names that
 * parcel_stem gives, opens no file, and touches no other name. */
#include "delivery/leftover.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The key in "20261123T100400Z-KEY.CHANNEL.json", into out; false in any other name. */
static bool key_in(const char *name, char out[64])
{
	const char *dash = strchr(name, '-'), *dot = dash ? strchr(dash, '.') : NULL;

	if (!dot || dot - dash - 1 >= 64)
		return false;
	snprintf(out, 64, "%.*s", (int)(dot - dash - 1), dash + 1);
	return true;
}

size_t leftover_remove(const char *folder, char *const *keys, size_t n)
{
	DIR *dir = n ? opendir(folder) : NULL;
	const char **sorted;
	size_t removed = 0;
	char key[64];

	if (!dir)
		return 0;
	sorted = mem_alloc(n * sizeof *sorted);
	memcpy(sorted, keys, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_text);
	for (struct dirent *entry; (entry = readdir(dir));) {
		const char *wanted = key;
		if (key_in(entry->d_name, key) &&
		        bsearch(&wanted, sorted, n, sizeof *sorted, by_text) &&
		        unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			removed++;
	}
	if (removed)
		fsync(dirfd(dir));
	free(sorted);
	closedir(dir);
	return removed;
}
