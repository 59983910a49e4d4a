/* The log: one line on stderr per thing worth telling, with the journal's priority prefix
 * under systemd. Ids only: no customer's name, phone, address or text, and no secret, is
 * ever an argument. */
#ifndef DANGOL_LOG_H
#define DANGOL_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* max: the least important level still printed. The prefix "<3>" is written when
 * JOURNAL_STREAM names stderr; otherwise a line begins with the machine's local time.
 * name stands before each message. */
void log_open(const char *name, enum log_level max);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Says why and ends the process (exit 70). For a broken store and our own broken belief,
 * never for input. */
void log_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The language of what an owner reads: Korean when LC_ALL, else LC_MESSAGES, else LANG
 * begins with "ko", also where that locale is not installed. Decided once, at the first
 * call, from the environment. */
bool log_korean(void);
void log_set_korean(bool korean); /* for tests and --lang */
/* Picks between an English and a Korean literal with the same conversions in the same
 * order. */
#define TR(en, ko) (log_korean() ? (ko) : (en))

#endif
