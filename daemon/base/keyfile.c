/* The file of the shop's key. Whatever is cut off in the middle, a whole one lies there:
 * the old or the new. */
#include "base/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/seal.h"
#include "base/secret.h"

#define NAME "store-key"

struct keys {
	uint8_t keys[SEAL_KEYS_MAX][SEAL_KEY_BYTES];
	size_t n;
	char path[PATH_MAX];
};

static void forget(struct keys *k)
{
	seal_wipe(k, sizeof *k);
}

/* ---- reading ---- */

static bool read_line(const char *line, size_t len, uint8_t out[SEAL_KEY_BYTES])
{
	size_t n = 0;
	uint8_t *bytes = secret_unbase64(line, len, &n);
	bool good = bytes && n == SEAL_KEY_BYTES;

	if (good)
		memcpy(out, bytes, SEAL_KEY_BYTES);
	if (bytes)
		seal_wipe(bytes, n);
	free(bytes);
	return good;
}

static bool parse(const char *text, struct keys *out)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");

		if (out->n == SEAL_KEYS_MAX || !read_line(text, len, out->keys[out->n]))
			return false;
		out->n++;
		text += len + strspn(text + len, "\r\n");
	}
	return out->n > 0;
}

static void explain(enum secret_error error, const char *path, char why[512])
{
	if (error == SECRET_READABLE)
		snprintf(why, 512,
		        TR("%s: others may read the key of the store: chmod 600 %s",
		                "%s: 저장소의 열쇠를 남이 읽을 수 있습니다: chmod 600 "
		                "%s"),
		        path, path);
	else if (error == SECRET_UNREADABLE)
		snprintf(why, 512,
		        TR("%s: the key of the store cannot be read: give the file to "
		           "the user that dangold runs as",
		                "%s: 저장소의 열쇠를 읽을 수 없습니다. dangold를 돌리는 "
		                "사용자가 파일을 가지게 하세요"),
		        path);
	else
		snprintf(why, 512,
		        TR("%s is no key: it has one line of 32 bytes in base64, or two "
		           "while a key is changed. Put the backup of the key in its "
		           "place",
		                "%s은(는) 열쇠가 아닙니다. base64로 적은 32바이트 한 줄, "
		                "열쇠를 "
		                "바꾸는 동안은 두 줄입니다. 백업해 둔 열쇠로 되돌리세요"),
		        path);
}

static enum keyfile read_keys(const char *dir, struct keys *out, char why[512])
{
	struct secret secret = {0};
	enum secret_error error;

	*out = (struct keys){0};
	error = secret_load(dir, NAME, &secret, out->path);
	if (error == SECRET_MISSING) {
		snprintf(why, 512,
		        TR("there is no credential " NAME,
		                "자격 증명 " NAME "가 없습니다"));
		return KEYFILE_NONE;
	}
	if (error == SECRET_OK && !parse(secret.data, out))
		error = SECRET_EMPTY;
	secret_free(&secret);
	if (error == SECRET_OK)
		return KEYFILE_LOADED;
	explain(error, out->path, why);
	forget(out);
	return KEYFILE_WRONG;
}

enum keyfile keyfile_load(const char *dir, char why[512])
{
	struct keys k;
	enum keyfile found = read_keys(dir, &k, why);

	if (found == KEYFILE_LOADED)
		seal_keys((const uint8_t(*)[SEAL_KEY_BYTES])k.keys, k.n);
	forget(&k);
	return found;
}

/* ---- writing ---- */

static void sync_folder_of(const char *path)
{
	char *folder = mem_strdup(path), *slash = strrchr(folder, '/');
	int fd;

	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* Into a new file that is ours alone from its first byte. */
static bool write_new(const char *path, const struct keys *k)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0;
	int error;

	for (size_t i = 0; good && i < k->n; i++) {
		char *line = secret_base64(k->keys[i], SEAL_KEY_BYTES);
		good = write_all(fd, line, strlen(line)) && write_all(fd, "\n", 1);
		seal_wipe(line, strlen(line));
		free(line);
	}
	good = good && fsync(fd) == 0;
	error = errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !good)
		unlink(path);
	errno = error;
	return good;
}

static int cannot_write(const char *path, char why[512])
{
	snprintf(why, 512, TR("%s cannot be written: %s", "%s 파일을 쓸 수 없습니다: %s"),
	        path, strerror(errno));
	return -1;
}

/* over: in the place of the one that is there; else only where there is none. */
static int put(const char *path, const struct keys *k, bool over, char why[512])
{
	char *fresh = mem_printf("%s.new", path);
	int rc = 0;

	unlink(fresh);
	if (!write_new(fresh, k) || (over ? rename(fresh, path) : link(fresh, path)) != 0)
		rc = cannot_write(path, why);
	unlink(fresh);
	sync_folder_of(path);
	free(fresh);
	return rc;
}

int keyfile_create(const char *dir, char why[512])
{
	char *folder = mem_printf("%s/credentials", dir),
	     *path = mem_printf("%s/" NAME, folder);
	struct keys k = {.n = 1};
	int rc;

	if (mkdir(folder, 0700) == 0)
		sync_folder_of(folder);
	secret_random(k.keys[0], SEAL_KEY_BYTES);
	rc = put(path, &k, false, why);
	forget(&k);
	if (rc == 0 && keyfile_load(dir, why) != KEYFILE_LOADED)
		rc = -1;
	free(folder);
	free(path);
	return rc;
}

/* The keys, when their file is ours to write. */
static int read_ours(const char *dir, struct keys *out, char why[512])
{
	char *ours = mem_printf("%s/credentials/" NAME, dir);
	int rc = read_keys(dir, out, why) == KEYFILE_LOADED ? 0 : -1;

	if (rc == 0 && strcmp(out->path, ours)) {
		snprintf(why, 512,
		        TR("the key is passed by systemd and cannot be changed from "
		           "here: write a new key (openssl rand -base64 32) as the first "
		           "line of the file that LoadCredential names, leave the old "
		           "one "
		           "as the second, and restart dangold",
		                "열쇠를 systemd가 건네므로 여기서 바꿀 수 없습니다. "
		                "LoadCredential에 적은 파일의 첫 줄에 새 열쇠(openssl "
		                "rand "
		                "-base64 32)를 적고 옛 열쇠는 둘째 줄에 둔 채 dangold를 "
		                "다시 "
		                "시작하세요"));
		rc = -1;
	}
	if (rc)
		forget(out);
	free(ours);
	return rc;
}

int keyfile_turn(const char *dir, char why[512])
{
	struct keys k;
	int rc = read_ours(dir, &k, why);

	if (rc)
		return rc;
	memcpy(k.keys[1], k.keys[0], SEAL_KEY_BYTES);
	secret_random(k.keys[0], SEAL_KEY_BYTES);
	k.n = 2;
	rc = put(k.path, &k, true, why);
	forget(&k);
	if (rc == 0 && keyfile_load(dir, why) != KEYFILE_LOADED)
		rc = -1;
	return rc;
}

bool keyfile_changing(const char *dir)
{
	struct keys k;
	char why[512];
	bool two = read_keys(dir, &k, why) == KEYFILE_LOADED && k.n > 1;

	forget(&k);
	return two;
}

int keyfile_settle(const char *dir, char why[512])
{
	struct keys k;
	int rc = read_ours(dir, &k, why);

	if (rc)
		return rc;
	k.n = 1;
	rc = put(k.path, &k, true, why);
	forget(&k);
	return rc;
}

int keyfile_backup(const char *dir, const char *target, char why[512])
{
	struct keys k;
	int rc = read_keys(dir, &k, why) == KEYFILE_LOADED ? 0 : -1;

	if (rc == 0 && !write_new(target, &k))
		rc = cannot_write(target, why);
	if (rc == 0)
		sync_folder_of(target);
	forget(&k);
	return rc;
}
