/* Maildirs. Opens regular files alone, follows no link out of the folder, deletes
 * nothing, and moves a mail only where it is told to. */
#include "delivery/mail/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/log.h"

/* A name of the last seconds waits: another one of that second may still come in front of
 * it. */
#define YOUNG_S 30

/* ---- names ---- */

static long long born(const char *name)
{
	return strtoll(name, NULL, 10);
}

static int compare(const char *a, const char *b)
{
	long long one = born(a), two = born(b);

	return one != two ? (one < two ? -1 : 1) : strcmp(a, b);
}

/* The name without its flags; false: not one of a mail. */
static bool base_name(const char *file, char out[WIRE_NAME])
{
	size_t len = strcspn(file, ":");

	if (file[0] == '.' || !len || len + 1 > WIRE_NAME || strlen(file) + 1 > WIRE_NAME)
		return false;
	memcpy(out, file, len);
	out[len] = 0;
	return true;
}

/* ---- reading ---- */

struct listing {
	const char *after;
	struct maildir_mail *mails;
	int n, max;
	bool more;
	long long before; /* names from this second on wait */
};

/* In its place among the first ones; the last falls out where there is no room. */
static void insert(struct listing *list, const char *dir, const char *file)
{
	char name[WIRE_NAME];
	int at = list->n;

	if (!base_name(file, name) || born(name) >= list->before ||
	        (*list->after && compare(name, list->after) <= 0))
		return;
	while (at && compare(name, list->mails[at - 1].name) < 0)
		at--;
	list->more = list->more || list->n == list->max;
	if (at == list->max)
		return;
	list->n -= list->n == list->max;
	memmove(&list->mails[at + 1], &list->mails[at],
	        (size_t)(list->n - at) * sizeof list->mails[0]);
	list->n++;
	snprintf(list->mails[at].path, sizeof list->mails[at].path, "%s/%s", dir, file);
	strcpy(list->mails[at].name, name);
}

static bool list_dir(
        struct listing *list, const char *folder, const char *dir, char why[256])
{
	char *path = mem_printf("%s/%s", folder, dir);
	DIR *open = opendir(path);

	if (!open)
		snprintf(why, 256,
		        TR("%s: %s; it must be a Maildir that dangold's user may read",
		                "%s: %s. dangold 사용자가 읽을 수 있는 Maildir이어야 "
		                "합니다"),
		        path, strerror(errno));
	for (struct dirent *one; open && (one = readdir(open));)
		insert(list, dir, one->d_name);
	if (open)
		closedir(open);
	free(path);
	return open != NULL;
}

int maildir_list(const char *folder, const char *after, struct maildir_mail *out, int max,
        bool *more, char why[256])
{
	struct listing list = {.after = after,
	        .mails = out,
	        .max = max,
	        .before = (long long)time(NULL) - YOUNG_S};

	if (!list_dir(&list, folder, "new", why) || !list_dir(&list, folder, "cur", why))
		return -1;
	*more = list.more;
	return list.n;
}

bool maildir_read(
        const char *folder, const struct maildir_mail *mail, size_t most, struct buf *out)
{
	char *path = mem_printf("%s/%s", folder, mail->path);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool good = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode);
	ssize_t n = 1;

	free(path);
	buf_reset(out);
	buf_reserve(out, most + 1);
	while (good && n > 0 && out->len < most) {
		n = read(fd, out->data + out->len, most - out->len);
		good = n >= 0 || errno == EINTR;
		out->len += n > 0 ? (size_t)n : 0;
	}
	out->data[out->len] = 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* ---- marking ---- */

/* The flags of a name in cur with S among them, in the order of the alphabet. */
static void with_seen(const char *flags, char out[64])
{
	size_t n = 0;
	bool seen = false;

	for (; *flags && n < 60; flags++) {
		if (!seen && *flags >= 'S') {
			out[n++] = 'S';
			seen = true;
		}
		if (*flags != 'S')
			out[n++] = *flags;
	}
	if (!seen)
		out[n++] = 'S';
	out[n] = 0;
}

/* What that mail is called in cur now. Returns new, or NULL. */
static char *in_cur(const char *folder, const char *name)
{
	char *path = mem_printf("%s/cur", folder), *found = NULL, base[WIRE_NAME];
	DIR *open = opendir(path);

	for (struct dirent *one; open && !found && (one = readdir(open));)
		if (base_name(one->d_name, base) && !strcmp(base, name))
			found = mem_strdup(one->d_name);
	if (open)
		closedir(open);
	free(path);
	return found;
}

static bool move(const char *folder, const char *from_dir, const char *from,
        const char *name, const char *flags)
{
	char seen[64], *source = mem_printf("%s/%s/%s", folder, from_dir, from), *target;
	bool good;

	with_seen(flags, seen);
	target = mem_printf("%s/cur/%s:2,%s", folder, name, seen);
	good = !strcmp(source, target) ||
	       !renameat2(AT_FDCWD, source, AT_FDCWD, target, RENAME_NOREPLACE);
	free(source);
	free(target);
	return good;
}

bool maildir_mark(const char *folder, const char *name)
{
	char *there;
	const char *flags;
	bool good;

	if (move(folder, "new", name, name, ""))
		return true;
	there = in_cur(folder, name);
	flags = there ? strstr(there, ":2,") : NULL;
	good = there && move(folder, "cur", there, name, flags ? flags + 3 : "");
	free(there);
	return good;
}
