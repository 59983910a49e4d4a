/* Pictures: what their own marks say, and which of them a template may name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "language/picture.h"

#define BASELINE "\xff\xc0\x00\x11\x08"
#define REST "\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

static void measures(void **state)
{
#define ROW(bytes) bytes, sizeof(bytes) - 1
	static const struct {
		const char *data;
		size_t len;
		bool good, progressive, png;
		unsigned width, height;
	} table[] = {
	        {ROW("\xff\xd8" BASELINE "\x01\x02\x03\x04" REST), true, false, false,
	                0x304, 0x102},
	        {ROW("\xff\xd8\xff\xe0\x00\x04xx\xff" BASELINE "\0\1\0\2" REST), true,
	                false, false, 2, 1},
	        {ROW("\xff\xd8\xff\xc2\x00\x11\x08\0\1\0\2" REST), true, true, false, 2,
	                1},
	        {ROW("\xff\xd8\xff\xc4\x00\x04xx" BASELINE "\0\1\0\2" REST), true, false,
	                false, 2, 1},
	        {ROW(PNG "\0\0\x02\x58\0\0\x01\x90"), true, false, true, 600, 400},
	        {ROW(PNG "\0\1\x02\x58\0\0\x01\x90"), false, false, false, 0, 0},
	        {ROW("\xff\xd8" BASELINE "\0\0\0\2" REST), false, false, false, 0, 0},
	        {ROW("\xff\xd8" BASELINE "\0\1\0"), false, false, false, 0, 0},
	        {ROW("\xff\xd8\xff\xe0\xff\xff"), false, false, false, 0, 0},
	        {ROW("\xff\xd8\xff\xe0\x00\x00\x00\x00"), false, false, false, 0, 0},
	        {ROW("\xff\xd8\xff\xff\xff\xff\xff\xff"), false, false, false, 0, 0},
	        {ROW("\xff\xd8\xff\xda\x00\x04xx" BASELINE "\0\1\0\2" REST), false, false,
	                false, 0, 0},
	        {ROW("\xff\xd8"), false, false, false, 0, 0},
	        {ROW("\xff\xd8\xff\xd9"), false, false, false, 0, 0},
	        {ROW("GIF89a"), false, false, false, 0, 0},
	        {ROW(""), false, false, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct picture out;
		unsigned char *own = malloc(table[i].len + 1);

		assert_non_null(own);
		memcpy(own, table[i].data, table[i].len);
		if (picture_measure(own, table[i].len, &out) != table[i].good)
			fail_msg("row %zu", i);
		free(own);
		if (!table[i].good)
			continue;
		assert_int_equal(out.progressive, table[i].progressive);
		assert_int_equal(out.png, table[i].png);
		assert_int_equal(out.width, table[i].width);
		assert_int_equal(out.height, table[i].height);
	}
}

static void write_picture(const char *path, const char *head, size_t n, long len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(head, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(truncate(path, len), 0);
}

static void finds(void **state)
{
	static const struct {
		const char *name;
		bool png, good;
		const char *why;
	} table[] = {
	        {"good.jpg", false, true, ""},
	        {"good.jpg", true, true, ""},
	        {"in/good.jpg", false, true, ""},
	        {"edge.jpg", false, true, ""},
	        {"over.jpg", false, false, "this picture is over 200 KB"},
	        {"wide.jpg", false, false, "this picture has 1001x1 pixels"},
	        {"progressive.jpg", false, false, "this JPEG is progressive"},
	        {"good.png", false, false, "this is no JPEG, or"},
	        {"good.png", true, true, ""},
	        {"link.jpg", false, false, "a picture lies in the folder"},
	        {"../outside.jpg", false, false, "a picture lies in the folder"},
	        {"in/../good.jpg", false, false, "a picture lies in the folder"},
	        {"/etc/passwd", false, false, "a picture lies in the folder"},
	        {"none.jpg", false, false, "there is no such picture"},
	        {"in", false, false, "this picture cannot be read"},
	};
#define JPEG(size) "\xff\xd8" BASELINE size REST
	char root[] = "/tmp/dangol-picture-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	assert_int_equal(mkdir("t", 0700) || mkdir("t/in", 0700), 0);
	write_picture("outside.jpg", ROW(JPEG("\0\1\0\2")), 100);
	write_picture("t/good.jpg", ROW(JPEG("\x03\xe8\x03\xe8")), 100);
	write_picture("t/in/good.jpg", ROW(JPEG("\0\1\0\2")), 100);
	write_picture("t/edge.jpg", ROW(JPEG("\0\1\0\2")), PICTURE_BYTES);
	write_picture("t/over.jpg", ROW(JPEG("\0\1\0\2")), PICTURE_BYTES + 1);
	write_picture("t/wide.jpg", ROW(JPEG("\0\1\x03\xe9")), 100);
	write_picture("t/progressive.jpg",
	        ROW("\xff\xd8\xff\xc2\x00\x11\x08\0\1\0\2" REST), 100);
	write_picture("t/good.png", ROW(PNG "\0\0\0\2\0\0\0\2"), 100);
	assert_int_equal(symlink("../outside.jpg", "t/link.jpg"), 0);
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		char why[256] = "", *path;

		path = picture_find("t", table[i].name, table[i].png, why);
		if (!path != !table[i].good ||
		        strncmp(why, table[i].why, strlen(table[i].why)) != 0)
			fail_msg("%s: %s", table[i].name, why);
		assert_true(!path || *path == '/');
		free(path);
	}
	assert_int_equal(system("rm -rf t outside.jpg"), 0);
	assert_int_equal(chdir("/") || rmdir(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(measures),
	        cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
