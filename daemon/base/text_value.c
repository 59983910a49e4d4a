/* Addresses, birthdays and amounts as people write them. Never guesses: what has two
 * readings is refused. */
#include "base/text.h"
#include "base/calendar.h"

#include <stdio.h>
#include <string.h>

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ---- addresses ---- */

static bool alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool local_part(const char *s, size_t len)
{
	if (!len || len > 64 || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && s[i - 1] == '.')
			return false;
		if (!alnum(s[i]) && (!s[i] || !strchr("!#$%&'*+-/=?^_`{|}~.", s[i])))
			return false;
	}
	return true;
}

static bool label(const char *s, size_t len)
{
	if (!len || len > 63 || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

static bool domain(const char *s, size_t len)
{
	const char *end = s + len, *dot;
	int labels = 0;

	if (len > 253)
		return false;
	for (;; s = dot + 1, labels++) {
		dot = memchr(s, '.', (size_t)(end - s));
		if (!label(s, (size_t)((dot ? dot : end) - s)))
			return false;
		if (!dot)
			return labels > 0;
	}
}

int text_email(const char *s, char *out, size_t size)
{
	size_t len = strnlen(s, 400), local;
	const char *at;

	while (len && blank(*s))
		s++, len--;
	while (len && blank(s[len - 1]))
		len--;
	at = memchr(s, '@', len);
	if (!at || len > 254 || len >= size)
		return -1;
	local = (size_t)(at - s);
	if (!local_part(s, local) || !domain(at + 1, len - local - 1))
		return -1;
	memcpy(out, s, len);
	out[len] = '\0';
	for (size_t i = local; i < len; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] += 'a' - 'A';
	return 0;
}

/* ---- birthdays ---- */

/* Between least and most digits into *n; false when there are fewer. A further digit is
 * the caller's mistake. */
static bool number(const char **s, int least, int most, int *n)
{
	int count = 0;

	*n = 0;
	for (; count < most && **s >= '0' && **s <= '9'; count++, (*s)++)
		*n = *n * 10 + **s - '0';
	return count >= least;
}

static bool month_day(const char **s, char separator, int *month, int *day)
{
	int digits = separator ? 1 : 2;

	if (!number(s, digits, 2, month))
		return false;
	if (separator && *(*s)++ != separator)
		return false;
	return number(s, digits, 2, day);
}

static bool read_birthday(const char **s, int *year, int *month, int *day)
{
	const char *p = *s;
	char separator;

	*year = 0;
	if (strncmp(p, "--", 2) == 0) {
		*s += 2;
		return month_day(s, '-', month, day);
	}
	if (number(&p, 4, 4, year)) {
		separator = *p && strchr("-./", *p) ? *p++ : '\0';
		*s = p;
		return month_day(s, separator, month, day);
	}
	*year = 0;
	return month_day(s, '-', month, day);
}

static bool birthday_exists(int year, int month, int day, bool lunar)
{
	if (lunar)
		return month >= 1 && month <= 12 && day >= 1 && day <= 30;
	return calendar_valid(year ? year : 2000, month, day);
}

int text_birthday(const char *s, bool lunar, struct birthday *out)
{
	int year, month, day;

	while (blank(*s))
		s++;
	if (!read_birthday(&s, &year, &month, &day))
		return -1;
	while (blank(*s))
		s++;
	if (*s || !birthday_exists(year, month, day, lunar))
		return -1;
	*out = (struct birthday){.year = year, .month_day = month * 100 + day};
	return 0;
}

char *text_birthday_format(const struct birthday *b, char *out)
{
	unsigned year = (unsigned)b->year % 10000;
	unsigned month = (unsigned)(b->month_day / 100) % 100,
	         day = (unsigned)(b->month_day % 100) % 100;

	if (year)
		snprintf(out, 16, "%04u-%02u-%02u", year, month, day);
	else
		snprintf(out, 16, "--%02u-%02u", month, day);
	return out;
}

/* ---- amounts ---- */

static bool starts(const char **s, const char *with)
{
	size_t len = strlen(with);

	if (strncmp(*s, with, len) != 0)
		return false;
	*s += len;
	return true;
}

/* The marks of won in front; a backslash is how CP949 fonts write it. */
static void skip_won(const char **s)
{
	if (!starts(s, "₩") && !starts(s, "￦") && !starts(s, "\\"))
		starts(s, "KRW");
	while (**s == ' ')
		(*s)++;
}

/* Digits with commas either nowhere or at every third place. At most 15, which is a
 * thousand trillion. */
static int read_digits(const char **s, int64_t *won)
{
	int digits = 0, group = 0;
	bool commas = false;

	*won = 0;
	for (;; (*s)++) {
		if (**s >= '0' && **s <= '9') {
			*won = *won * 10 + **s - '0';
			group++;
			if (++digits > 15)
				return -1;
		} else if (**s == ',') {
			if (commas ? group != 3 : group < 1 || group > 3)
				return -1;
			commas = true;
			group = 0;
		} else {
			return digits && (!commas || group == 3) ? 0 : -1;
		}
	}
}

int text_money(const char *s, int64_t *won)
{
	bool negative;
	int64_t n;

	while (blank(*s))
		s++;
	negative = starts(&s, "-");
	skip_won(&s);
	if (!negative)
		negative = starts(&s, "-");
	if (read_digits(&s, &n) < 0)
		return -1;
	if (*s == '.') {
		size_t zeros = strspn(s + 1, "0");

		if (!zeros)
			return -1;
		s += 1 + zeros;
	}
	while (*s == ' ')
		s++;
	if (!starts(&s, "원"))
		starts(&s, "KRW");
	while (blank(*s))
		s++;
	if (*s)
		return -1;
	*won = negative ? -n : n;
	return 0;
}

char *text_number(int64_t n, char *out)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char digits[32], *p = digits + sizeof(digits);
	int count = 0;

	*--p = '\0';
	do {
		if (count && count % 3 == 0)
			*--p = ',';
		*--p = (char)('0' + left % 10);
		count++;
	} while (left /= 10);
	if (n < 0)
		*--p = '-';
	return strcpy(out, p);
}
