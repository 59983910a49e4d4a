/* The verb fmt: puts rule files into the house style, each in one step or not at all. It
 * asks no daemon, and a file with a mistake stays as it is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "language/format.h"

#define FILE_MOST (16 << 20) /* bytes; far beyond any rule file */

struct fmt {
	const char *path; /* as it was named */
	struct buf text;
	char *formatted;
	size_t len;
	bool differs;
	struct diag diag;
};

/* ---- reading and writing ---- */

static int failed(const char *path)
{
	ctl_say("%s: %s", path, strerror(errno));
	return CTL_FAILED;
}

static int read_all(int fd, struct buf *out)
{
	char part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0) {
		buf_add(out, part, (size_t)n);
		if (out->len > FILE_MOST) {
			errno = EFBIG;
			return -1;
		}
	}
	buf_reserve(out, 1);
	return n < 0 ? -1 : 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Beside the file, under a name that is no rule file's, so that a daemon that watches the
 * folder reads the old file or the new one. Mode and, where it may, owner stay. What the
 * owner may not write is not replaced either, though the folder would allow it. */
static int replace(const char *real, const struct fmt *fmt)
{
	char temporary[PATH_MAX + 8];
	struct stat is;
	int fd;

	snprintf(temporary, sizeof temporary, "%s.XXXXXX", real);
	if (access(real, W_OK) || stat(real, &is))
		return -1;
	if (!(is.st_mode & 0222)) { /* nobody is to write it, not even root */
		errno = EACCES;
		return -1;
	}
	fd = mkstemp(temporary);
	if (fd < 0)
		return -1;
	if ((fchown(fd, is.st_uid, is.st_gid) && errno != EPERM) ||
	        fchmod(fd, is.st_mode & 07777) ||
	        write_all(fd, fmt->formatted, fmt->len) || fsync(fd)) {
		close(fd);
		unlink(temporary);
		return -1;
	}
	if (close(fd) || rename(temporary, real)) {
		unlink(temporary);
		return -1;
	}
	return 0;
}

/* ---- one file ---- */

static int format(struct fmt *fmt)
{
	struct program_file file = {.name = fmt->path,
	        .text = fmt->text.data ? fmt->text.data : "",
	        .len = fmt->text.len};

	fmt->formatted = format_text(&file, &fmt->diag, &fmt->len);
	if (!fmt->formatted)
		return CTL_FAILED;
	fmt->differs =
	        fmt->len != file.len || memcmp(fmt->formatted, file.text, file.len);
	return CTL_DONE;
}

static int standard_input(struct fmt *fmt, bool check, bool json)
{
	fmt->path = TR("standard input", "표준 입력");
	if (read_all(STDIN_FILENO, &fmt->text))
		return failed(fmt->path);
	if (format(fmt))
		return CTL_FAILED;
	if (!check && !json)
		fwrite(fmt->formatted, 1, fmt->len, stdout);
	return check && fmt->differs ? CTL_FAILED : CTL_DONE;
}

static int in_place(struct fmt *fmt, bool check)
{
	char real[PATH_MAX];
	int fd, bad;

	if (!realpath(fmt->path, real))
		return failed(fmt->path);
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(fmt->path);
	bad = read_all(fd, &fmt->text);
	close(fd);
	if (bad)
		return failed(fmt->path);
	if (format(fmt))
		return CTL_FAILED;
	if (check)
		return fmt->differs ? CTL_FAILED : CTL_DONE;
	return fmt->differs && replace(real, fmt) ? failed(fmt->path) : CTL_DONE;
}

/* ---- telling ---- */

static json_t *as_json(const struct fmt *fmt, bool piped)
{
	json_t *one = json_pack("{s:s, s:b, s:o}", "file", fmt->path, "changed",
	        fmt->differs, "mistakes", diag_json(&fmt->diag));

	if (piped && fmt->formatted)
		json_object_set_new(one, "text", json_stringn(fmt->formatted, fmt->len));
	return one;
}

static void tell(const struct fmt *fmt, bool check)
{
	struct buf said = {0};

	diag_print(&fmt->diag, &said);
	if (said.len)
		fwrite(said.data, 1, said.len, stderr);
	buf_free(&said);
	if (check && fmt->differs)
		printf(TR("%s is not in the house style\n", "%s: 정돈되지 않았습니다\n"),
		        fmt->path);
}

int verb_fmt(const struct ask *ask)
{
	bool check = ask_option(ask, "check");
	json_t *list = json_array();
	int worst = CTL_DONE;

	for (int i = 0; i < ask->n; i++) {
		struct fmt fmt = {.path = ask->args[i]};
		bool piped = !strcmp(fmt.path, "-");
		diag_init(&fmt.diag);
		if (piped ? standard_input(&fmt, check, ask->json)
		          : in_place(&fmt, check))
			worst = CTL_FAILED;
		tell(&fmt, check && !ask->json);
		json_array_append_new(list, as_json(&fmt, piped && !check));
		diag_fini(&fmt.diag);
		free(fmt.formatted);
		buf_free(&fmt.text);
	}
	if (ask->json)
		ctl_print(json_incref(list));
	json_decref(list);
	return worst;
}
