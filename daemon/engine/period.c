/* Periods of the calendar. Knows nothing of what is counted in them. */
#include "engine/period.h"

#include "base/calendar.h"

int32_t period_start(enum schedule unit, int32_t day)
{
	struct civil civil = calendar_civil(day);

	switch (unit) {
	case SCHEDULE_DAY:
		return day;
	case SCHEDULE_WEEK:
		return day - calendar_weekday(day);
	case SCHEDULE_MONTH:
		return calendar_day(civil.year, civil.month, 1);
	}
	return day;
}

int32_t period_end(enum schedule unit, int32_t start)
{
	switch (unit) {
	case SCHEDULE_DAY:
		return start + 1;
	case SCHEDULE_WEEK:
		return start + 7;
	case SCHEDULE_MONTH:
		return calendar_add_months(start, 1);
	}
	return start + 1;
}

const char *period_name(enum schedule unit)
{
	switch (unit) {
	case SCHEDULE_DAY:
		return "day";
	case SCHEDULE_WEEK:
		return "week";
	case SCHEDULE_MONTH:
		return "month";
	}
	return "";
}
