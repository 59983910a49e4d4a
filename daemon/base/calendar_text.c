/* Days and instants as text and back. Never takes a time whose zone is not said, nor a
 * date that does not exist. */
#include "base/calendar.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */
#define TIME_MIN (DAY_MIN * DAY_MS)
#define TIME_MAX ((DAY_MAX + 1) * DAY_MS - 1)

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
	return n < low ? low : n > high ? high : n;
}

static int64_t day_of(int64_t local)
{
	return local >= 0 ? local / DAY_MS : (local + 1) / DAY_MS - 1;
}

static char *put(char *out, int64_t n, int digits)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + digits;
}

char *calendar_format_date(int32_t day, char *out)
{
	struct civil c = calendar_civil((int32_t)clamp(day, DAY_MIN, DAY_MAX));
	char *p = put(out, c.year, 4);

	*p++ = '-';
	p = put(p, c.month, 2);
	*p++ = '-';
	p = put(p, c.day, 2);
	*p = '\0';
	return out;
}

static char *put_clock(char *p, int64_t ms)
{
	p = put(p, ms / 3600000, 2);
	*p++ = ':';
	p = put(p, ms / 60000 % 60, 2);
	*p++ = ':';
	p = put(p, ms / 1000 % 60, 2);
	if (ms % 1000) {
		*p++ = '.';
		p = put(p, ms % 1000, 3);
	}
	return p;
}

char *zone_format(struct zone *zone, int64_t ms, char *out)
{
	int offset, minutes;
	int64_t local;
	char *p;

	ms = clamp(ms, TIME_MIN + DAY_MS, TIME_MAX - DAY_MS);
	offset = zone_offset_s(zone, ms);
	minutes = offset / 60; /* RFC 3339 has no seconds there; local mean times had */
	local = ms + minutes * INT64_C(60000);
	calendar_format_date((int32_t)day_of(local), out);
	p = out + 10;
	*p++ = 'T';
	p = put_clock(p, local - day_of(local) * DAY_MS);
	*p++ = minutes < 0 ? '-' : '+';
	p = put(p, abs(minutes) / 60, 2);
	*p++ = ':';
	p = put(p, abs(minutes) % 60, 2);
	*p = '\0';
	return out;
}

/* Exactly count digits, or -1. */
static int digits(const char **s, int count)
{
	int n = 0;

	for (int i = 0; i < count; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return -1;
		n = n * 10 + (*s)[i] - '0';
	}
	*s += count;
	return n;
}

static bool skip(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int read_date(const char **s, int32_t *day)
{
	int year = digits(s, 4), month, of_month;
	bool dashes;

	if (year < 0)
		return -1;
	dashes = skip(s, '-');
	month = digits(s, 2);
	if (month < 0 || (dashes && !skip(s, '-')))
		return -1;
	of_month = digits(s, 2);
	if (!calendar_valid(year, month, of_month))
		return -1;
	*day = calendar_day(year, month, of_month);
	return 0;
}

int calendar_parse_date(const char *text, int32_t *day)
{
	int32_t found;

	if (read_date(&text, &found) < 0 || *text)
		return -1;
	*day = found;
	return 0;
}

static int read_fraction(const char **s, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (!skip(s, '.'))
		return 0;
	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		*ms += (**s - '0') * scale;
	return 0;
}

static int read_clock(const char **s, int64_t *ms)
{
	int hour = digits(s, 2), minute, second, fraction;

	if (hour < 0 || hour > 23 || !skip(s, ':'))
		return -1;
	minute = digits(s, 2);
	if (minute < 0 || minute > 59 || !skip(s, ':'))
		return -1;
	second = digits(s, 2); /* a leap second is the next minute's first */
	if (second < 0 || second > 60 || read_fraction(s, &fraction) < 0)
		return -1;
	*ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
	return 0;
}

static int read_offset(const char **s, int64_t *ms)
{
	int sign, hour, minute;

	*ms = 0;
	if (skip(s, 'Z') || skip(s, 'z'))
		return 0;
	sign = **s == '-' ? -1 : 1;
	if (!skip(s, '+') && !skip(s, '-'))
		return -1;
	hour = digits(s, 2);
	if (hour < 0 || hour > 23 || !skip(s, ':'))
		return -1;
	minute = digits(s, 2);
	if (minute < 0 || minute > 59)
		return -1;
	*ms = sign * (hour * 60 + minute) * INT64_C(60000);
	return 0;
}

int calendar_parse_time(const char *text, int64_t *ms)
{
	int64_t of_day, offset;
	int32_t day;

	if (strnlen(text, 11) < 11 || text[4] != '-' || read_date(&text, &day) < 0)
		return -1;
	if (!skip(&text, 'T') && !skip(&text, 't') && !skip(&text, ' '))
		return -1;
	if (read_clock(&text, &of_day) < 0 || read_offset(&text, &offset) < 0 || *text)
		return -1;
	*ms = day * DAY_MS + of_day - offset;
	return 0;
}
