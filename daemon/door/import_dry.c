/* Dry runs as tables of digests, the latest first. Knows nothing of what they are of. */
#include "door/import_dry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"

#define RUNS_MAX 2         /* dry runs remembered; the older one goes */
#define SEEN_MAX (1 << 19) /* things of one; what is beyond counts as never told */

struct seen {
	uint64_t thing, words;
};

struct import_dry {
	struct import_dry *next;
	char batch[65];
	int shown;
	struct seen *seen; /* thing 0: free */
	size_t size, n;
};

static void free_one(struct import_dry *dry)
{
	free(dry->seen);
	free(dry);
}

void import_dry_free(struct import_dry *all)
{
	while (all) {
		struct import_dry *next = all->next;
		free_one(all);
		all = next;
	}
}

struct import_dry *import_dry_of(struct import_dry **all, const char *batch)
{
	struct import_dry **at = all, *dry;
	int n = 0;
	while (*at && strcmp((*at)->batch, batch) != 0 && ++n < RUNS_MAX)
		at = &(*at)->next;
	dry = *at;
	if (dry)
		*at = dry->next;
	if (dry && strcmp(dry->batch, batch) != 0) {
		free_one(dry);
		dry = NULL;
	}
	if (!dry) {
		dry = mem_alloc(sizeof *dry);
		snprintf(dry->batch, sizeof dry->batch, "%s", batch);
	}
	dry->next = *all;
	*all = dry;
	return dry;
}

int *import_dry_shown(struct import_dry *dry)
{
	return &dry->shown;
}

static struct seen *place(struct seen *seen, size_t size, uint64_t thing)
{
	size_t at = thing & (size - 1);
	while (seen[at].thing && seen[at].thing != thing)
		at = (at + 1) & (size - 1);
	return &seen[at];
}

static void grow(struct import_dry *dry)
{
	size_t size = dry->size ? dry->size * 2 : 1024;
	struct seen *seen = mem_alloc(size * sizeof *seen);
	for (size_t i = 0; i < dry->size; i++)
		if (dry->seen[i].thing)
			*place(seen, size, dry->seen[i].thing) = dry->seen[i];
	free(dry->seen);
	dry->seen = seen;
	dry->size = size;
}

enum dry_seen import_dry_see(
        struct import_dry *dry, const char *name, const char *id, uint64_t words)
{
	char *both = mem_printf("%s %s", name, id);
	uint64_t thing = text_hash(both, strlen(both)) | 1;
	free(both);
	if (dry->n * 2 >= dry->size && dry->size < 2 * SEEN_MAX)
		grow(dry);
	struct seen *at = place(dry->seen, dry->size, thing);
	enum dry_seen is = !at->thing           ? DRY_NEW
	                   : at->words == words ? DRY_SAME
	                                        : DRY_OTHER;
	if (!at->thing && dry->n >= SEEN_MAX)
		return DRY_NEW;
	dry->n += !at->thing;
	*at = (struct seen){thing, words};
	return is;
}
