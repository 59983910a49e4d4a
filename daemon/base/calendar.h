/* Days, zones and the Korean lunar calendar. A day is an int32 count of days since
 * 1970-01-01 in the civil (proleptic Gregorian) calendar; a zone turns it into instants
 * and back. ICU stands behind zones and lunar. */
#ifndef DANGOL_CALENDAR_H
#define DANGOL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct civil {
	int year, month, day; /* month 1 to 12, day 1 to 31 */
};

int32_t calendar_day(int year, int month, int day); /* of a valid date */
struct civil calendar_civil(int32_t day);
bool calendar_valid(int year, int month, int day); /* years 1 to 9999 */
int calendar_month_days(int year, int month);
int calendar_weekday(int32_t day); /* 0 Monday to 6 Sunday */
int32_t calendar_add_months(
        int32_t day, int months); /* the last day of the month where the day is missing */

/* The shop's zone. */
struct zone;
struct zone *zone_open(
        const char *name);          /* an IANA name; NULL when ICU does not know it */
void zone_close(struct zone *zone); /* takes NULL */
int32_t zone_day(struct zone *zone, int64_t ms); /* the date there at that instant */
int zone_ms_of_day(struct zone *zone,
        int64_t ms); /* what the clock on the wall shows there, 0 to 86399999 */
/* The instant when the wall clock there shows ms_of_day on day. A time that a DST change
 * skips gives the first instant after the gap; one that happens twice gives the first. */
int64_t zone_instant(struct zone *zone, int32_t day, int ms_of_day);
int zone_offset_s(struct zone *zone, int64_t ms); /* seconds east of UTC */
/* RFC 3339 with the zone's offset, seconds (milliseconds when there are some):
 * "2026-11-23T10:04:00+09:00". out of at least 32 bytes. */
char *zone_format(struct zone *zone, int64_t ms, char *out);

/* RFC 3339 with an offset or Z; -1 when malformed or the date does not exist. Zone-less
 * forms are refused. */
int calendar_parse_time(const char *text, int64_t *ms);
int calendar_parse_date(const char *text, int32_t *day); /* YYYY-MM-DD or YYYYMMDD */
char *calendar_format_date(
        int32_t day, char *out); /* "2026-11-23", out of at least 16 bytes */

/* The Korean lunar calendar (ICU's dangi; agrees with KASI's table from 2018 to 2050). */
struct lunar {
	int year;       /* the solar year in which the lunar year begins */
	int month, day; /* 1 to 12, 1 to 30 */
	bool leap;
	int month_days; /* 29 or 30: length of this month */
};
struct lunar calendar_lunar(
        int32_t day); /* cached per day: the first call for a day costs about 0.1 ms */

/* Which birthdays are kept on a given day. month_day is month * 100 + day. */
struct kept {
	bool lunar;
	int month_day;
	int year; /* the calendar's own year on that day: the occasion's year */
};
/* Fills kept (room for 4) and returns how many: the solar date; 29 February too on 28
 * February of a common year; the lunar date unless it lies in a leap month; lunar day 30
 * too on day 29 of a month of 29. */
int calendar_kept(int32_t day, struct kept kept[4]);

#endif
