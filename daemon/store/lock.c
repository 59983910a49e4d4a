/* The lock of a store. Never trusts the file's being there, only the kernel's lock on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "store/lock.h"

static void make_folder(const char *path)
{
	char *copy = mem_strdup(path);
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(copy, 0700);
		*p = '/';
	}
	free(copy);
}

static void write_pid(int fd)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	/* The pid is for the owner's eyes: a lock without it is as good. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		log_debug("the lock's pid could not be written");
}

static long read_pid(int fd)
{
	char text[24];
	ssize_t len = pread(fd, text, sizeof text - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	return strtol(text, NULL, 10);
}

int lock_take(const char *path, char why[512])
{
	make_folder(path);
	char *name = mem_printf("%s.lock", path);
	/* Close-on-exec: a child that kept the description would keep the lock. */
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(why, 512,
		        TR("%s cannot be made: %s. Give the daemon's user a folder it "
		           "may write to.",
		                "%s 파일을 만들 수 없습니다: %s. 데몬 사용자가 쓸 수 "
		                "있는 폴더로 바꾸세요."),
		        name, strerror(errno));
		free(name);
		return -2;
	}
	free(name);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
		snprintf(why, 512,
		        TR("The store %s is in use by process %ld. Stop that one first.",
		                "%s 저장소는 프로세스 %ld이(가) 쓰고 있습니다. 그 "
		                "프로세스를 먼저 멈추세요."),
		        path, read_pid(fd));
		close(fd);
		return -1;
	}
	write_pid(fd);
	return fd;
}

void lock_drop(int fd)
{
	if (fd >= 0)
		close(fd);
}
