/* Days, the shop's zone and the Korean lunar calendar; the only file that asks ICU about
 * time. Never asks what time it is. */
#include "base/calendar.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define DAY_MS INT64_C(86400000)
#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */
#define TIME_MIN (DAY_MIN * DAY_MS)
#define TIME_MAX ((DAY_MAX + 1) * DAY_MS - 1)

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
	return n < low ? low : n > high ? high : n;
}

/* ---- civil days ---- */

/* Years are counted from March, so that the leap day is a year's last, in eras of 400
 * years. */
int32_t calendar_day(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400;
	int of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct civil calendar_civil(int32_t day)
{
	int64_t z = (int64_t)day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = (int)(z - era * 146097);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	int month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){.year = (int)(yoe + era * 400) + (month <= 2),
	        .month = month,
	        .day = doy - (153 * mp + 2) / 5 + 1};
}

static bool leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_month_days(int year, int month)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	assert(month >= 1 && month <= 12);
	return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

bool calendar_valid(int year, int month, int day)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= calendar_month_days(year, month);
}

int calendar_weekday(int32_t day)
{
	int n = (day % 7 + 3) % 7; /* day 0 was a Thursday */

	return n < 0 ? n + 7 : n;
}

int32_t calendar_add_months(int32_t day, int months)
{
	struct civil c = calendar_civil(day);
	int64_t n =
	        clamp((int64_t)c.year * 12 + c.month - 1 + months, 12, 9999 * 12 + 11);
	int year = (int)(n / 12), month = (int)(n % 12) + 1;
	int most = calendar_month_days(year, month);

	return calendar_day(year, month, c.day < most ? c.day : most);
}

/* ---- zones ---- */

/* A stretch of time with one offset. All of a zone's are found when it is opened:
 * afterwards nothing but the hint is written, so that any thread may ask. */
struct span {
	int64_t from;   /* the next one's from is the end */
	int64_t offset; /* ms east of UTC */
};

struct zone {
	struct span *spans;
	size_t n;
	_Atomic size_t hint; /* where the last answer was found */
};

#define SPANS_MOST 2000

static int64_t icu_offset(UCalendar *cal, int64_t ms, UErrorCode *err)
{
	ucal_setMillis(cal, (double)ms, err);
	return (int64_t)ucal_get(cal, UCAL_ZONE_OFFSET, err) +
	       ucal_get(cal, UCAL_DST_OFFSET, err);
}

static void add_span(struct zone *zone, int64_t from, int64_t offset)
{
	struct span *span;

	if (zone->n && zone->spans[zone->n - 1].offset == offset)
		return;
	span = mem_grow(&zone->spans, zone->n, sizeof(*span));
	*span = (struct span){.from = from, .offset = offset};
	zone->n++;
}

/* Up to the year 2200; later instants have the last offset found. */
static int find_spans(struct zone *zone, UCalendar *cal)
{
	const int64_t end = calendar_day(2200, 1, 1) * DAY_MS;
	UErrorCode err = U_ZERO_ERROR;
	UDate next;

	add_span(zone, INT64_MIN,
	        icu_offset(cal, calendar_day(1800, 1, 1) * DAY_MS, &err));
	while (U_SUCCESS(err) && zone->n < SPANS_MOST &&
	        ucal_getTimeZoneTransitionDate(
	                cal, UCAL_TZ_TRANSITION_NEXT, &next, &err) &&
	        (int64_t)next < end)
		add_span(zone, (int64_t)next, icu_offset(cal, (int64_t)next, &err));
	return U_SUCCESS(err) ? 0 : -1;
}

/* ICU takes any word and answers with UTC: only a name of its own database will do. */
static bool known_name(const UChar *name)
{
	UChar canonical[128];
	UBool system_id = 0;
	UErrorCode err = U_ZERO_ERROR;
	static const UChar unknown[] = u"Etc/Unknown";

	ucal_getCanonicalTimeZoneID(name, -1, canonical, 128, &system_id, &err);
	return U_SUCCESS(err) && system_id && u_strcmp(canonical, unknown) != 0;
}

struct zone *zone_open(const char *name)
{
	UErrorCode err = U_ZERO_ERROR;
	UChar wide[128];
	UCalendar *cal;
	struct zone *zone;
	int failed;

	if (!name || !*name || strlen(name) >= 100)
		return NULL;
	u_strFromUTF8(wide, 128, NULL, name, -1, &err);
	if (U_FAILURE(err) || !known_name(wide))
		return NULL;
	cal = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &err);
	if (U_FAILURE(err))
		return NULL;
	zone = mem_alloc(sizeof(*zone));
	failed = find_spans(zone, cal);
	ucal_close(cal);
	if (failed) {
		zone_close(zone);
		return NULL;
	}
	zone->hint = zone->n - 1;
	return zone;
}

void zone_close(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->spans);
	free(zone);
}

static int64_t span_end(const struct zone *zone, size_t i)
{
	return i + 1 < zone->n ? zone->spans[i + 1].from : INT64_MAX;
}

static size_t find_span(struct zone *zone, int64_t ms)
{
	size_t low = atomic_load_explicit(&zone->hint, memory_order_relaxed);
	size_t high = zone->n;

	if (ms >= zone->spans[low].from && ms < span_end(zone, low))
		return low;
	low = 0;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (ms >= zone->spans[mid].from)
			low = mid;
		else
			high = mid;
	}
	atomic_store_explicit(&zone->hint, low, memory_order_relaxed);
	return low;
}

static int64_t zone_local(struct zone *zone, int64_t ms)
{
	ms = clamp(ms, TIME_MIN, TIME_MAX);
	return ms + zone->spans[find_span(zone, ms)].offset;
}

static int64_t day_of(int64_t local)
{
	return local >= 0 ? local / DAY_MS : (local + 1) / DAY_MS - 1;
}

int32_t zone_day(struct zone *zone, int64_t ms)
{
	return (int32_t)day_of(zone_local(zone, ms));
}

int zone_ms_of_day(struct zone *zone, int64_t ms)
{
	int64_t local = zone_local(zone, ms);

	return (int)(local - day_of(local) * DAY_MS);
}

int64_t zone_instant(struct zone *zone, int32_t day, int ms_of_day)
{
	int64_t local = day * DAY_MS + ms_of_day;
	/* No offset reaches a day: a span that ended a day before shows this time no
	 * more. */
	size_t i = find_span(zone, local - DAY_MS);

	for (;; i++) {
		int64_t ms = local - zone->spans[i].offset;

		if (ms < span_end(zone, i))
			return ms > zone->spans[i].from ? ms : zone->spans[i].from;
	}
}

int zone_offset_s(struct zone *zone, int64_t ms)
{
	return (int)(zone->spans[find_span(zone, ms)].offset / 1000);
}

/* ---- lunar ---- */

#define LUNAR_KEPT 512

static struct {
	pthread_mutex_t lock; /* ICU's calendars belong to one thread at a time */
	UCalendar *cal;
	struct {
		int32_t day;
		struct lunar lunar; /* month 0: an empty place */
	} kept[LUNAR_KEPT];
} lunar_calendar = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void set_lunar(int32_t day)
{
	UErrorCode err = U_ZERO_ERROR;

	ucal_setMillis(lunar_calendar.cal, (double)(day * DAY_MS + DAY_MS / 2), &err);
	if (U_FAILURE(err))
		log_die("ICU: %s", u_errorName(err));
}

static int lunar_field(UCalendarDateFields field)
{
	UErrorCode err = U_ZERO_ERROR;
	int value = ucal_get(lunar_calendar.cal, field, &err);

	if (U_FAILURE(err))
		log_die("ICU: %s", u_errorName(err));
	return value;
}

static void close_lunar(void)
{
	ucal_close(lunar_calendar.cal);
}

static void open_lunar(void)
{
	UErrorCode err = U_ZERO_ERROR;

	if (lunar_calendar.cal)
		return;
	lunar_calendar.cal =
	        ucal_open(u"Etc/GMT", -1, "ko_KR@calendar=dangi", UCAL_DEFAULT, &err);
	if (U_FAILURE(err) ||
	        strcmp(ucal_getType(lunar_calendar.cal, &err), "dangi") != 0)
		log_die(TR(
		        "ICU has no Korean lunar calendar: install the package libicu72",
		        "ICU에 음력 달력이 없습니다: libicu72 패키지를 설치해 주세요"));
	atexit(close_lunar);
}

static struct lunar ask_lunar(int32_t day)
{
	struct civil c = calendar_civil(day);
	struct lunar l;

	open_lunar();
	set_lunar(day);
	l.month = lunar_field(UCAL_MONTH) + 1;
	l.day = lunar_field(UCAL_DATE);
	l.leap = lunar_field(UCAL_IS_LEAP_MONTH) != 0;
	/* ICU's own maximum is unsure around leap months: look whether there is a
	 * thirtieth. */
	set_lunar(day - l.day + 30);
	l.month_days = lunar_field(UCAL_DATE) == 30 ? 30 : 29;
	/* The lunar year begins between 21 January and 21 February: before it, the
	 * eleventh and twelfth months are the old year's. ICU's extended year says the
	 * same with another epoch. */
	l.year = c.year - (l.month >= 11 && c.month <= 2);
	return l;
}

struct lunar calendar_lunar(int32_t day)
{
	struct lunar lunar;
	uint32_t place;

	day = (int32_t)clamp(day, DAY_MIN, DAY_MAX);
	place = (uint32_t)day % LUNAR_KEPT;
	pthread_mutex_lock(&lunar_calendar.lock);
	if (lunar_calendar.kept[place].day != day ||
	        !lunar_calendar.kept[place].lunar.month) {
		lunar_calendar.kept[place].lunar = ask_lunar(day);
		lunar_calendar.kept[place].day = day;
	}
	lunar = lunar_calendar.kept[place].lunar;
	pthread_mutex_unlock(&lunar_calendar.lock);
	return lunar;
}

int calendar_kept(int32_t day, struct kept kept[4])
{
	struct civil c = calendar_civil(day);
	struct lunar l = calendar_lunar(day);
	int n = 0;

	kept[n++] = (struct kept){.month_day = c.month * 100 + c.day, .year = c.year};
	if (c.month == 2 && c.day == 28 && !leap_year(c.year))
		kept[n++] = (struct kept){.month_day = 229, .year = c.year};
	if (l.leap)
		return n;
	kept[n++] = (struct kept){
	        .lunar = true, .month_day = l.month * 100 + l.day, .year = l.year};
	if (l.day == 29 && l.month_days == 29)
		kept[n++] = (struct kept){
		        .lunar = true, .month_day = l.month * 100 + 30, .year = l.year};
	return n;
}
