/* Memory that cannot run out quietly, arenas and growing buffers. Never returns NULL to a
 * caller, and never knows what the bytes mean. */
#include "base/mem.h"
#include "base/log.h"

#include <assert.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FIRST 4096
#define BLOCK_MOST (256 * 1024)

static void *checked(void *p, size_t size)
{
	if (!p)
		log_die(TR("out of memory (%zu bytes asked for): the machine needs more "
		           "of it",
		                "메모리가 모자랍니다(%zu바이트 요청): 컴퓨터의 메모리를 "
		                "늘려 주세요"),
		        size);
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1), size);
}

void *mem_realloc(void *old, size_t size)
{
	return checked(realloc(old, size ? size : 1), size);
}

char *mem_strndup(const char *s, size_t len)
{
	char *copy = checked(malloc(len + 1), len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_printf(const char *fmt, ...)
{
	struct buf buf = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	return buf_take(&buf);
}

void mem_keep(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 2 << 20);
	mallopt(M_TOP_PAD, 256 << 10);
}

void mem_trim(void)
{
	malloc_trim(0);
}

void *mem_grow(void *items_ptr, size_t n, size_t size)
{
	char *items;

	memcpy(&items, items_ptr, sizeof(items));
	/* Full exactly at 8, 16, 32…: the count tells the capacity. */
	if (n == 0 || (n >= 8 && (n & (n - 1)) == 0)) {
		size_t cap = n ? n * 2 : 8;

		assert(size && cap <= SIZE_MAX / size);
		items = mem_realloc(items, cap * size);
		memcpy(items_ptr, &items, sizeof(items));
	}
	return memset(items + n * size, 0, size);
}

/* ---- arena ---- */

struct block {
	struct block *next;
	size_t cap, used;
	max_align_t data[];
};

struct arena {
	struct block *top, *first;
	size_t held;
};

static struct block *add_block(struct arena *arena, size_t cap)
{
	struct block *block;

	assert(cap <= SIZE_MAX - sizeof(*block));
	block = checked(malloc(sizeof(*block) + cap), cap);
	block->next = arena->top;
	block->cap = cap;
	block->used = 0;
	arena->top = block;
	arena->held += sizeof(*block) + cap;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = mem_alloc(sizeof(*arena));

	arena->first = add_block(arena, BLOCK_FIRST);
	return arena;
}

void arena_reset(struct arena *arena)
{
	struct block *block = arena->top;

	while (block != arena->first) {
		struct block *next = block->next;

		arena->held -= sizeof(*block) + block->cap;
		free(block);
		block = next;
	}
	arena->top = arena->first;
	arena->first->used = 0;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena->first);
	free(arena);
}

/* Bytes, aligned, not cleared. */
static void *carve(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct block *block = arena->top;
	void *p;

	assert(size <= SIZE_MAX / 2);
	size = size ? (size + align - 1) / align * align : align;
	if (size > block->cap - block->used) {
		size_t cap = block->cap * 2 < BLOCK_MOST ? block->cap * 2 : BLOCK_MOST;

		block = add_block(arena, size > cap ? size : cap);
	}
	p = (char *)block->data + block->used;
	block->used += size;
	return p;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(carve(arena, size), 0, size);
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *copy = carve(arena, len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	char small[256];
	va_list ap, again;
	int len;
	char *s;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	assert(len >= 0);
	if ((size_t)len < sizeof(small)) {
		s = arena_strndup(arena, small, len);
	} else {
		s = carve(arena, (size_t)len + 1);
		vsnprintf(s, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	return s;
}

size_t arena_size(const struct arena *arena)
{
	return arena->held;
}

/* ---- buffer ---- */

void buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 64;

	assert(more < SIZE_MAX / 4 && buf->len < SIZE_MAX / 4);
	if (buf->len + more + 1 <= buf->cap)
		return;
	while (cap < buf->len + more + 1)
		cap *= 2;
	buf->data = mem_realloc(buf->data, cap);
	buf->data[buf->len] = '\0';
	buf->cap = cap;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_addc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	buf_reserve(buf, 63);
	len = vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, ap);
	assert(len >= 0);
	if ((size_t)len >= buf->cap - buf->len) {
		buf_reserve(buf, len);
		vsnprintf(buf->data + buf->len, buf->cap - buf->len, fmt, again);
	}
	va_end(again);
	buf->len += len;
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

void buf_drop(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (!len)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : mem_strndup("", 0);

	*buf = (struct buf){0};
	return data;
}
