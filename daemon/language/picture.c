/* Finds a picture and reads its measures from its own marks. What stands in the file is
 * not trusted. */
#include "language/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"

/* ---- the file's own words ---- */

static unsigned be16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* The mark that begins an image and its measures (ITU-T T.81, B.1.1.3): C0 to CF but for
 * DHT, JPG and DAC. */
static bool is_frame(unsigned mark)
{
	return mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 &&
	       mark != 0xcc;
}

static bool measure_jpeg(const unsigned char *data, size_t len, struct picture *out)
{
	for (size_t at = 2; at + 4 <= len;) {
		unsigned mark = data[at + 1];
		size_t size = be16(data + at + 2);

		if (data[at] != 0xff)
			return false;
		if (mark == 0xff) { /* filling */
			at++;
			continue;
		}
		if (size < 2 || mark == 0xd9 || mark == 0xda)
			return false;
		if (is_frame(mark)) {
			if (size < 8 || at + 9 > len)
				return false;
			out->height = be16(data + at + 5);
			out->width = be16(data + at + 7);
			out->progressive = mark != 0xc0;
			return out->width && out->height;
		}
		at += 2 + size;
	}
	return false;
}

/* The first chunk is IHDR (PNG, 5.6). */
static bool measure_png(const unsigned char *data, size_t len, struct picture *out)
{
	if (len < 24 || memcmp(data + 12, "IHDR", 4) != 0 || be16(data + 16) ||
	        be16(data + 20))
		return false;
	out->png = true;
	out->width = be16(data + 18);
	out->height = be16(data + 22);
	return out->width && out->height;
}

bool picture_measure(const unsigned char *data, size_t len, struct picture *out)
{
	*out = (struct picture){0};
	if (len >= 4 && data[0] == 0xff && data[1] == 0xd8)
		return measure_jpeg(data, len, out);
	if (len >= 8 && !memcmp(data, "\x89PNG\r\n\x1a\n", 8))
		return measure_png(data, len, out);
	return false;
}

/* ---- the file ---- */

static char *refuse(char why[256], const char *text)
{
	snprintf(why, 256, "%s", text);
	return NULL;
}

static bool leads_up(const char *name)
{
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strcspn(part, "/") == 2 && !strncmp(part, "..", 2))
			return true;
	}
	return *name == '/';
}

/* The real path behind every symbolic link, where it still lies inside. */
static char *inside(const char *folder, const char *name, char why[256])
{
	char *root = realpath(folder, NULL);
	char *path = mem_printf("%s/%s", folder, name);
	char *real = root && !leads_up(name) ? realpath(path, NULL) : NULL;
	size_t n = root ? strlen(root) : 0;
	int error = errno;

	free(path);
	if (leads_up(name) || (real && (strncmp(real, root, n) != 0 || real[n] != '/'))) {
		free(real);
		real = refuse(why,
		        TR("a picture lies in the folder of templates: write its name "
		           "alone",
		                "그림은 양식 폴더 안에 두고 그 이름만 쓰십시오"));
	} else if (!real) {
		snprintf(why, 256,
		        TR("there is no such picture in the folder of templates: %s",
		                "양식 폴더에 그런 그림이 없습니다: %s"),
		        strerror(error));
	}
	free(root);
	return real;
}

/* At most PICTURE_BYTES + 1 of a plain file, or NULL: it cannot be read. */
static unsigned char *slurp(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char *data = NULL;
	struct stat st;
	ssize_t n = 0;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		data = mem_alloc(PICTURE_BYTES + 1);
		for (*len = 0; *len <= PICTURE_BYTES; *len += (size_t)n) {
			n = read(fd, data + *len, PICTURE_BYTES + 1 - *len);
			if (n <= 0)
				break;
		}
	}
	if (fd >= 0)
		close(fd);
	if (n >= 0)
		return data;
	free(data);
	return NULL;
}

static bool takes(const unsigned char *data, size_t len, bool png, char why[256])
{
	struct picture picture;

	if (len > PICTURE_BYTES) {
		refuse(why, TR("this picture is over 200 KB: make it smaller",
		                    "그림이 200KB를 넘습니다. 줄이십시오"));
		return false;
	}
	if (!picture_measure(data, len, &picture) || (picture.png && !png)) {
		refuse(why, png ? TR("this is no JPEG or PNG, or it is not whole",
		                          "JPEG나 PNG가 아니거나 온전하지 않습니다")
		                : TR("this is no JPEG, or it is not whole: save it as "
		                     "JPEG",
		                          "JPEG가 아니거나 온전하지 않습니다. JPEG로 "
		                          "저장하십시오"));
		return false;
	}
	if (picture.progressive) {
		refuse(why,
		        TR("this JPEG is progressive, which phones may not show: save "
		           "it as baseline",
		                "프로그레시브 JPEG는 보이지 않을 수 있습니다. "
		                "베이스라인으로 저장하십시오"));
		return false;
	}
	if (picture.width > PICTURE_PIXELS || picture.height > PICTURE_PIXELS) {
		snprintf(why, 256,
		        TR("this picture has %ux%u pixels, %dx%d are taken",
		                "그림이 %ux%u 픽셀입니다. %dx%d까지입니다"),
		        picture.width, picture.height, PICTURE_PIXELS, PICTURE_PIXELS);
		return false;
	}
	return true;
}

char *picture_find(const char *folder, const char *name, bool png, char why[256])
{
	char *path = inside(folder, name, why);
	unsigned char *data = NULL;
	size_t len = 0;
	bool good = false;

	if (!path)
		return NULL;
	data = slurp(path, &len);
	if (data)
		good = takes(data, len, png, why);
	else
		refuse(why, TR("this picture cannot be read", "그림을 읽을 수 없습니다"));
	free(data);
	if (good)
		return path;
	free(path);
	return NULL;
}
