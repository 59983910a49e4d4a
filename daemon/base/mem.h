/* Memory that cannot run out quietly: checked allocation, an arena whose contents die
 * together, and a growing byte buffer. Out of memory ends the process with a line in the
 * log: no caller checks for NULL. */
#ifndef DANGOL_MEM_H
#define DANGOL_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Once, before the first thread: the heap keeps up to 2 MB for the next burst instead of
 * asking the kernel for it again and again. */
void mem_keep(void);
/* Gives the kernel back what is free, of all threads: after work that needed much and
 * does not come again soon. */
void mem_trim(void);

void *mem_alloc(size_t size);              /* returns new, zeroed; free() releases it */
void *mem_realloc(void *old, size_t size); /* takes old, returns new */
char *mem_strdup(const char *s);           /* returns new; NULL gives NULL */
char *mem_strndup(const char *s, size_t len);
char *mem_printf(const char *fmt, ...)
        __attribute__((format(printf, 1, 2))); /* returns new */

/* A set of allocations released in one go (parse trees, renderings). */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena);  /* takes NULL */
void arena_reset(struct arena *arena); /* empties it, keeps its first block */
void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
size_t arena_size(const struct arena *arena); /* bytes held */

/* Growing bytes, always followed by a NUL that len does not count. Zero-initialise; data
 * is NULL until the first byte. */
struct buf {
	char *data;
	size_t len, cap;
};
void buf_reserve(struct buf *buf, size_t more); /* so that so much fits in at once */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *s);
void buf_addc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
        __attribute__((format(printf, 2, 0)));
void buf_drop(struct buf *buf, size_t len); /* removes len bytes from the front */
void buf_reset(struct buf *buf);            /* len becomes 0, memory is kept */
void buf_free(struct buf *buf);             /* back to zero-initialised */
char *buf_take(struct buf *buf); /* returns new (never NULL), buf is empty afterwards */

/* Grows an array by one: *items of n elements of size bytes, capacity doubling from 8.
 * Returns the new, zeroed element. n is counted by the caller. */
void *mem_grow(void *items_ptr, size_t n, size_t size);

#endif
