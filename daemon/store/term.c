/* The terms of the law on notices of consent. It reads no clock and no store. */
#include "store/term.h"

#include "base/calendar.h"
#include "base/clock.h"

#define KST (9 * MS_HOUR)
#define HOUR_OF_DAY (10 * MS_HOUR) /* by day, as courtesy: the law sets no hour */
#define PATIENCE MS_HOUR           /* several changes within it are told as one */
#define RESULT_ALARM_DAYS 4        /* before the term ends: day 10 of 14 */
#define CONFIRM_ALARM_DAYS TERM_ALARM_AHEAD

static int32_t day_of(int64_t ms)
{
	return (int32_t)((ms + KST) / MS_DAY);
}

static int64_t instant(int32_t day, int64_t of_day)
{
	return day * (int64_t)MS_DAY + of_day - KST;
}

int64_t term_result_due(int64_t since)
{
	int64_t due = instant(day_of(since + PATIENCE), HOUR_OF_DAY);

	return due < since + PATIENCE ? due + MS_DAY : due;
}

int64_t term_result_until(int64_t now)
{
	int64_t hour = instant(day_of(now), HOUR_OF_DAY);

	return (hour <= now ? hour : hour - MS_DAY) - PATIENCE;
}

int64_t term_result_by(int64_t said_at)
{
	return said_at + TERM_RESULT_DAYS * (int64_t)MS_DAY;
}

int64_t term_confirm_by(int64_t said_at, int64_t after)
{
	int32_t day = day_of(said_at);
	int64_t by;

	for (int n = 1;; n++) {
		by = instant(calendar_add_months(day, n * TERM_CONFIRM_MONTHS), 0);
		if (by > after)
			return by;
	}
}

int64_t term_confirm_from(int64_t by, int64_t customer)
{
	int32_t day = day_of(by) - TERM_CONFIRM_AHEAD +
	              (int32_t)(customer % TERM_CONFIRM_SPREAD);

	return instant(day, HOUR_OF_DAY);
}

int64_t term_result_alarm(int64_t by)
{
	return by - RESULT_ALARM_DAYS * (int64_t)MS_DAY;
}

int64_t term_confirm_alarm(int64_t by)
{
	return by - CONFIRM_ALARM_DAYS * (int64_t)MS_DAY;
}
