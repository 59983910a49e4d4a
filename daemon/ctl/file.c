/* New files, and what is said when there is none. */
#include "ctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"

FILE *file_create(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

void file_complain(const char *name)
{
	if (errno == EEXIST)
		ctl_say(TR("%s is there already: nothing is overwritten",
		                "%s: 이미 있는 파일입니다. 덮어쓰지 않습니다"),
		        name);
	else
		ctl_say("%s: %s", name, strerror(errno));
}
