/* Shuts the process's memory and files to others. It drops no right: that is systemd's.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "base/process.h"

void process_shut(void)
{
	static const struct rlimit none = {0, 0};
	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}
