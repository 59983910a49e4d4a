/* Checked memory, arenas and buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void zeroed_and_copied(void **state)
{
	char *zero = mem_alloc(100), *none = mem_alloc(0), *text;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(zero[i], 0);
	assert_non_null(none);
	free(none);
	free(zero);
	assert_null(mem_strdup(NULL));
	text = mem_strndup("단골커피", 6);
	assert_string_equal(text, "단골");
	free(text);
	text = mem_printf("%s-%d", "a", 7);
	assert_string_equal(text, "a-7");
	free(text);
}

static void arrays_grow(void **state)
{
	int *items = NULL;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		int *item = mem_grow(&items, (size_t)n, sizeof(*items));

		assert_ptr_equal(item, items + n);
		assert_int_equal(*item, 0);
		*item = n;
	}
	for (int n = 0; n < 1000; n++)
		assert_int_equal(items[n], n);
	free(items);
}

static void arenas_hold_any_size(void **state)
{
	struct arena *arena = arena_new();
	size_t empty = arena_size(arena);
	char *first = arena_strdup(arena, "first");

	(void)state;
	for (size_t size = 0; size < 300000; size = size * 2 + 1) {
		unsigned char *p = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	assert_string_equal(first, "first");
	assert_true(arena_size(arena) > 500000);
	arena_reset(arena);
	assert_int_equal(arena_size(arena), empty);
	assert_int_equal(*(char *)arena_alloc(arena, 64), 0);
	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
	arena_free(arena);
	arena_free(NULL);
}

static void arenas_print(void **state)
{
	struct arena *arena = arena_new();
	char *text;

	(void)state;
	assert_string_equal(arena_printf(arena, "%d%%", 20), "20%");
	text = arena_printf(arena, "%0*d|%s", 5000, 7, "end");
	assert_int_equal(strlen(text), 5004);
	assert_string_equal(text + 5000 - 1, "7|end");
	for (int width = 250; width < 260; width++)
		assert_int_equal(strlen(arena_printf(arena, "%*d", width, 1)), width);
	arena_free(arena);
}

static void buffers(void **state)
{
	struct buf buf = {0};
	char *taken;

	(void)state;
	taken = buf_take(&buf);
	assert_string_equal(taken, "");
	free(taken);
	buf_reset(&buf);
	buf_drop(&buf, 0);
	buf_adds(&buf, "");
	assert_string_equal(buf.data, "");
	for (int i = 0; i < 500; i++) {
		buf_addc(&buf, 'a');
		buf_printf(&buf, "%d,", i);
		assert_int_equal(strlen(buf.data), buf.len);
	}
	buf_drop(&buf, strlen("a0,a1,"));
	assert_memory_equal(buf.data, "a2,a3,", 6);
	buf_reset(&buf);
	buf_printf(&buf, "%0*d", 3000, 1);
	assert_int_equal(buf.len, 3000);
	buf_drop(&buf, 2999);
	assert_string_equal(buf.data, "1");
	buf_add(&buf, "\0x", 2);
	assert_int_equal(buf.len, 3);
	taken = buf_take(&buf);
	assert_memory_equal(taken, "1\0x", 4);
	assert_null(buf.data);
	free(taken);
	buf_adds(&buf, "again");
	buf_free(&buf);
	assert_true(!buf.data && !buf.len && !buf.cap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(zeroed_and_copied),
	        cmocka_unit_test(arrays_grow),
	        cmocka_unit_test(arenas_hold_any_size),
	        cmocka_unit_test(arenas_print),
	        cmocka_unit_test(buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
