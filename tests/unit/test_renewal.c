/* Runs of programs that fetch an access token: good ones, and each way to fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/mem.h"
#include "delivery/renewal.h"

static char folder[64], script[128];

struct result {
	int told, closed;
	char *token, *why;
	int64_t life_ms;
};

static void on_done(void *arg, struct bearer *bearer, const char *why)
{
	struct result *result = arg;

	result->told++;
	result->why = mem_strdup(why);
	if (!bearer)
		return;
	result->token = bearer->token;
	result->life_ms = bearer->life_ms;
}

static void on_closed(void *arg)
{
	((struct result *)arg)->closed++;
}

static const char *write_script(const char *text, mode_t mode)
{
	FILE *file;

	unlink(script);
	file = fopen(script, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	assert_int_equal(chmod(script, mode), 0);
	return script;
}

static struct result run(const char *program, int limit_ms)
{
	struct result result = {0};
	struct renewal_plan plan = {.loop = uv_default_loop(),
	        .program = program,
	        .limit_ms = limit_ms,
	        .done = on_done,
	        .closed = on_closed,
	        .arg = &result};

	renewal_begin(&plan);
	uv_run(plan.loop, UV_RUN_DEFAULT);
	assert_int_equal(result.told, 1);
	assert_int_equal(result.closed, 1);
	return result;
}

/* The script fails, and what it printed is not quoted. */
static void fails(const char *text, int limit_ms, const char *says)
{
	struct result result = run(write_script(text, 0700), limit_ms);

	assert_null(result.token);
	assert_non_null(result.why);
	if (!strstr(result.why, says) || strstr(result.why, "s3cret"))
		fail_msg("%s: %s", text, result.why);
	free(result.why);
}

static void test_prints(void **state)
{
	struct result result = run(write_script("echo ya29.x", 0700), 30000);

	(void)state;
	assert_string_equal(result.token, "ya29.x");
	assert_null(result.why);
	free(result.token);
	result = run(
	        write_script("echo '{\"access_token\":\"t\",\"expires_in\":60}'", 0700),
	        30000);
	assert_string_equal(result.token, "t");
	assert_int_equal(result.life_ms, 60000);
	free(result.token);
}

static void test_fails(void **state)
{
	(void)state;
	fails("echo s3cret; exit 3", 30000, "status 3");
	fails("echo s3cret; kill -9 $$", 30000, "signal 9");
	fails("echo s3cret of two words", 30000, "no access token");
	fails("true", 30000, "no access token");
	fails("exec head -c 10000000 /dev/zero", 30000, "16 KiB");
	fails("while :; do echo s3crets3crets3cret; done", 30000, "16 KiB");
}

static void test_cannot_start(void **state)
{
	static const struct {
		mode_t mode;
		const char *program; /* NULL: the script */
	} rows[] = {{0600, NULL}, {0, "/nonexistent/shop-token"}, {0, "/tmp"}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct result result =
		        run(rows[i].program ? rows[i].program
		                            : write_script("echo t", rows[i].mode),
		                30000);

		assert_null(result.token);
		assert_non_null(strstr(result.why, "cannot be started"));
		free(result.why);
	}
}

static bool gone(const char *name)
{
	char path[128], word[32] = "";
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(word, sizeof word, file));
	fclose(file);
	for (int i = 0; i < 1000; i++) { /* a stray is reaped by init, in its own time */
		char stat[64], state = 'Z';

		snprintf(stat, sizeof stat, "/proc/%d/stat", atoi(word));
		file = fopen(stat, "r");
		if (!file)
			return true;
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 'Z';
		fclose(file);
		if (state == 'Z')
			return true;
		usleep(1000);
	}
	return false;
}

/* Killed with all of its group, whether it waits itself or for another. */
static void test_hangs(void **state)
{
	char text[256];

	(void)state;
	fails("exec sleep 600", 50, "within");
	snprintf(text, sizeof text, "sleep 600 & echo $! > %s/stray; wait", folder);
	fails(text, 1000, "within");
	assert_true(gone("stray"));
}

/* What it leaves behind with the pipe in its hand does not hold the token up. */
static void test_leaves_one_behind(void **state)
{
	struct result result;
	char text[256];

	(void)state;
	snprintf(text, sizeof text, "sleep 600 & echo $! > %s/stray; echo t", folder);
	result = run(write_script(text, 0700), 30000);
	assert_string_equal(result.token, "t");
	free(result.token);
	assert_true(gone("stray"));
}

/* It gets little of what is ours. */
static void test_surroundings(void **state)
{
	struct result result;

	(void)state;
	setenv("DANGOL_TEST_SECRET", "s3cret", 1);
	result = run(
	        write_script(
	                "test $# = 0 || exit 1; test \"$PWD\" = / || exit 2\n"
	                "test -z \"$(cat)\" || exit 3; echo s3cret >&2\n"
	                "test \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ || exit 4\n"
	                "env | grep -v '^PWD=\\|^_=\\|^SHLVL=\\|^OLDPWD=' | cut -d= -f1 |"
	                " sort | tr '\\n' ,",
	                0700),
	        30000);
	assert_null(result.why);
	assert_string_equal(result.token, "HOME,PATH,");
	free(result.token);
}

static void test_cancel(void **state)
{
	struct result result = {0};
	struct renewal_plan plan = {.loop = uv_default_loop(),
	        .program = write_script("exec sleep 600", 0700),
	        .limit_ms = 30000,
	        .done = on_done,
	        .closed = on_closed,
	        .arg = &result};

	(void)state;
	renewal_cancel(renewal_begin(&plan));
	uv_run(plan.loop, UV_RUN_DEFAULT);
	assert_int_equal(result.told, 0);
	assert_int_equal(result.closed, 1);
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/dglXXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(script, sizeof script, "%s/token", folder);
	return 0;
}

static int drop_folder(void **state)
{
	char stray[128];

	(void)state;
	snprintf(stray, sizeof stray, "%s/stray", folder);
	unlink(stray);
	unlink(script);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_prints),
	        cmocka_unit_test(test_fails),
	        cmocka_unit_test(test_cannot_start),
	        cmocka_unit_test(test_hangs),
	        cmocka_unit_test(test_leaves_one_behind),
	        cmocka_unit_test(test_surroundings),
	        cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
