/* One line on stderr per thing worth telling, and the language that the owner reads.
 * Never writes a file, never waits, and is given ids only: it cannot tell a name from a
 * word. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MOST 2048

static char program[32];
static enum log_level most = LOG_LEVEL_INFO;
static bool journal;

/* systemd names the device and inode of the stream that it reads: stderr may have been
 * redirected since. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void log_open(const char *name, enum log_level max)
{
	snprintf(program, sizeof(program), "%s", name ? name : "");
	most = max;
	journal = is_journal();
}

static size_t prefix(char *line, size_t size, enum log_level level)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	if (journal) {
		len = snprintf(line, size, "<%d>", (int)level);
	} else {
		/* Not clock's: a rehearsal bends that, and clock stands above the log. */
		clock_gettime(CLOCK_REALTIME, &now);
		localtime_r(&now.tv_sec, &tm);
		len = strftime(line, size, "%Y-%m-%d %H:%M:%S ", &tm);
	}
	if (program[0])
		len += snprintf(line + len, size - len, "%s: ", program);
	if (!journal && level <= LOG_LEVEL_WARN)
		len += snprintf(line + len, size - len, "%s: ",
		        level == LOG_LEVEL_ERROR ? TR("error", "오류")
		                                 : TR("warning", "경고"));
	return len;
}

/* One line stays one line, and no terminal obeys what a file or a peer put into it. */
static void flatten(char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			s[i] = ' ';
}

static size_t whole_chars(const char *s, size_t len)
{
	while (len && ((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

__attribute__((format(printf, 2, 0))) static void say(
        enum log_level level, const char *fmt, va_list ap)
{
	char line[LINE_MOST];
	size_t len, room;
	int n;

	if (level > most)
		return;
	len = prefix(line, sizeof(line), level);
	room = sizeof(line) - len - sizeof("…\n");
	n = vsnprintf(line + len, room, fmt, ap);
	if (n < 0)
		return;
	if ((size_t)n < room) {
		flatten(line + len, n);
		len += n;
	} else {
		flatten(line + len, room - 1);
		/* vsnprintf's NUL stands in the last place: look at the character before
		 * it. */
		len += whole_chars(line + len, room - 4);
		memcpy(line + len, "…", strlen("…"));
		len += strlen("…");
	}
	line[len++] = '\n';
	/* A single write, so that lines of several threads do not mix; nobody is left to
	 * tell of a failure. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

#define SAY(level) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		say(level, fmt, ap); \
		va_end(ap); \
	} while (0)

void log_error(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR);
}

void log_warn(const char *fmt, ...)
{
	SAY(LOG_LEVEL_WARN);
}

void log_info(const char *fmt, ...)
{
	SAY(LOG_LEVEL_INFO);
}

void log_debug(const char *fmt, ...)
{
	SAY(LOG_LEVEL_DEBUG);
}

void log_die(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR);
	/* No exit handlers: whatever is broken must not run on. */
	_exit(70);
}

/* ---- language ---- */

static atomic_int korean = -1;

static bool environment_korean(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strncasecmp(value, "ko", 2) == 0;
	}
	return false;
}

bool log_korean(void)
{
	int known = atomic_load_explicit(&korean, memory_order_relaxed);

	if (known < 0) {
		known = environment_korean();
		atomic_store_explicit(&korean, known, memory_order_relaxed);
	}
	return known;
}

void log_set_korean(bool yes)
{
	atomic_store_explicit(&korean, yes, memory_order_relaxed);
}
