/* What a line of the log looks like, how the process ends, and whose language is spoken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Runs say in a process whose stderr is caught in out; its exit status. */
static int caught(void (*say)(void), char *out, size_t size)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		say();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void say_levels(void)
{
	log_set_korean(false);
	log_open("dangold", LOG_LEVEL_INFO);
	log_error("rule %d", 1);
	log_warn("two\nlines\x1b[31m");
	log_info("three");
	log_debug("never");
}

static void say_levels_to_journal(void)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
	        (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	say_levels();
}

static void say_levels_elsewhere(void)
{
	setenv("JOURNAL_STREAM", "1:1", 1);
	say_levels();
}

static void lines(void **state)
{
	char out[4096], again[4096];

	(void)state;
	assert_int_equal(caught(say_levels_to_journal, out, sizeof(out)), 0);
	assert_string_equal(out,
	        "<3>dangold: rule 1\n<4>dangold: two lines [31m\n<6>dangold: three\n");
	assert_int_equal(caught(say_levels_elsewhere, again, sizeof(again)), 0);
	assert_non_null(strstr(again, " dangold: error: rule 1\n20"));
	assert_non_null(strstr(again, " dangold: warning: two lines [31m\n20"));
	assert_non_null(strstr(again, " dangold: three\n"));
	assert_null(strstr(again, "never"));
}

static void say_too_much(void)
{
	char text[9000];

	for (size_t i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\xea\xb0\x80", 3);
	log_open(NULL, LOG_LEVEL_INFO);
	log_info("%.*s", (int)sizeof(text), text);
}

static void long_lines(void **state)
{
	char out[4096];
	size_t len;

	(void)state;
	caught(say_too_much, out, sizeof(out));
	len = strlen(out);
	assert_in_range(len, 1900, 2048);
	assert_string_equal(out + len - 10, "\xea\xb0\x80\xea\xb0\x80…\n");
}

static void say_the_end(void)
{
	log_open("x", LOG_LEVEL_ERROR);
	log_warn("not told");
	log_die("store %s", "broken");
}

static void the_end(void **state)
{
	char out[256];

	(void)state;
	assert_int_equal(caught(say_the_end, out, sizeof(out)), 70);
	assert_non_null(strstr(out, "store broken\n"));
	assert_null(strstr(out, "not told"));
}

static void say_language(void)
{
	log_open(NULL, LOG_LEVEL_INFO);
	log_info("%s", TR("[english]", "[한국어]"));
}

static void language(void **state)
{
	static const struct {
		const char *all, *messages, *lang;
		bool korean;
	} table[] = {
	        {NULL, NULL, NULL, false},
	        {NULL, NULL, "ko_KR.UTF-8", true},
	        {NULL, "en_US", "ko_KR", false},
	        {NULL, "ko", "en_US", true},
	        {"C", "ko_KR", "ko_KR", false},
	        {"ko_KR", "C", "C", true},
	        {"", "", "ko_KR", true},
	        {"C.UTF-8", NULL, NULL, false},
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		unsetenv("LC_ALL");
		unsetenv("LC_MESSAGES");
		unsetenv("LANG");
		if (table[i].all)
			setenv("LC_ALL", table[i].all, 1);
		if (table[i].messages)
			setenv("LC_MESSAGES", table[i].messages, 1);
		if (table[i].lang)
			setenv("LANG", table[i].lang, 1);
		caught(say_language, out, sizeof(out));
		assert_non_null(strstr(out, table[i].korean ? "[한국어]" : "[english]"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines),
	        cmocka_unit_test(long_lines),
	        cmocka_unit_test(the_end),
	        cmocka_unit_test(language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
