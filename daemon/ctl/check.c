/* The verb check: asks dangold itself, which needs no daemon for it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "ctl/ctl.h"

/* dangold beside this program, else the one of the path. */
static void find_dangold(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 16);
	char *slash = NULL;
	if (n > 0) {
		out[n] = '\0';
		slash = strrchr(out, '/');
	}
	if (slash) {
		strcpy(slash + 1, "dangold");
		if (access(out, X_OK) == 0)
			return;
	}
	strcpy(out, "dangold");
}

static int run(const char *program, const char *config, const struct ask *ask)
{
	char *args[8] = {(char *)program, "--check"};
	int status, n = 2;
	if (ask->json)
		args[n++] = "--json";
	if (ask_option(ask, "online"))
		args[n++] = "--online";
	if (config) {
		args[n++] = "-c";
		args[n++] = (char *)config;
	}
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		execvp(program, args);
		ctl_say(TR("%s cannot be started: %s", "%s을(를) 실행할 수 없습니다: %s"),
		        program, strerror(errno));
		_exit(CTL_FAILED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return CTL_FAILED;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CTL_DONE : CTL_FAILED;
}

/* The configuration that a file belongs to: itself, or its folder's parent's; false when
 * the file is not there. */
static bool config_of(const char *file, char out[PATH_MAX])
{
	char real[PATH_MAX];
	if (!realpath(file, real)) {
		ctl_say("%s: %s", file, strerror(errno));
		return false;
	}
	size_t len = strlen(real);
	snprintf(out, PATH_MAX, "%s", real);
	if (len > 5 && strcmp(real + len - 5, ".conf") == 0)
		return true;
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(real, '/');
		if (slash)
			*slash = '\0';
	}
	int n = snprintf(out, PATH_MAX, "%s/dangol.conf", real);
	if (n >= PATH_MAX || access(out, R_OK))
		out[0] = '\0';
	return true;
}

int verb_check(const struct ask *ask)
{
	char program[PATH_MAX], config[PATH_MAX], last[PATH_MAX] = "";
	int worst = CTL_DONE;
	bool ran = false;
	find_dangold(program);
	if (ask->n == 0)
		return run(program, NULL, ask);
	for (int i = 0; i < ask->n; i++) {
		if (!config_of(ask->args[i], config)) {
			worst = CTL_FAILED;
			continue;
		}
		if (ran && strcmp(config, last) == 0)
			continue;
		strcpy(last, config);
		ran = true;
		if (run(program, config[0] ? config : NULL, ask))
			worst = CTL_FAILED;
	}
	return worst;
}
