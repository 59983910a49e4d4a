/* One block for short-lived JSON trees, and the heap for all others. */
#include "base/json_pool.h"

#include <jansson.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define SIZE (128 * 1024)

static alignas(max_align_t) char block[SIZE];
static size_t used, lent; /* bytes given since it began anew; pieces not yet back */
static _Thread_local bool open;

static void *take(size_t size)
{
	size_t whole = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *piece;

	if (!open || whole < size || whole > SIZE - used)
		return malloc(size);
	piece = block + used;
	used += whole;
	lent++;
	return piece;
}

static void give(void *piece)
{
	if ((uintptr_t)piece - (uintptr_t)block >= SIZE)
		free(piece);
	else if (--lent == 0)
		used = 0;
}

void json_pool_begin(void)
{
	static atomic_flag taken = ATOMIC_FLAG_INIT;
	static _Thread_local bool mine;

	if (!mine && !atomic_flag_test_and_set(&taken)) {
		json_set_alloc_funcs(take, give);
		mine = true;
	}
	open = mine;
}

void json_pool_end(void)
{
	open = false;
}
