/* Spans, by the shop's calendar: a day is passed at its beginning, a birthday's by month
 * and day, an instant when it comes. */
#include "language/span.h"

#include "base/clock.h"

#define LAST_MD 1399 /* behind every month * 100 + day */

static int32_t month_start(int32_t day, int months)
{
	struct civil c = calendar_civil(day);

	return calendar_add_months(calendar_day(c.year, c.month, 1), months);
}

static int month_day(int32_t day, bool lunar)
{
	struct civil c = calendar_civil(day);

	return lunar ? calendar_lunar(day).month * 100 + calendar_lunar(day).day
	             : c.month * 100 + c.day;
}

/* Birthdays that come after the first day up to the last: in two parts where the year's
 * end lies between. Lunar months may be leap: a little more does no harm. */
static bool birthdays(int32_t first, int32_t last, int part, struct span *out)
{
	bool lunar = part >= 2, behind = part % 2;
	int from = month_day(first, lunar), to = month_day(last, lunar);

	if (first == last || part > 3)
		return false;
	out->lunar = lunar;
	if (last - first > 300)
		*out = (struct span){behind ? LAST_MD : 0, LAST_MD, lunar};
	else if (from <= to)
		*out = (struct span){behind ? LAST_MD : from, to + 1, lunar};
	else
		*out = behind ? (struct span){0, to + 1, lunar}
		              : (struct span){from, LAST_MD, lunar};
	return true;
}

/* Everybody who was born in the month that ended or in the one that began, and all lunar
 * birthdays. */
static bool birth_months(int32_t first, int32_t last, int part, struct span *out)
{
	int from = month_day(first, false) / 100, to = month_day(last, false) / 100;

	if (month_start(first, 0) == month_start(last, 0) || part > 2)
		return false;
	if (part == 2 || month_start(last, -1) != month_start(first, 0))
		*out = (struct span){part == 1 ? LAST_MD : 0, LAST_MD, part == 2};
	else
		*out = (struct span){
		        (part ? to : from) * 100, (part ? to : from) * 100 + 99, false};
	return true;
}

static int32_t days_back(const struct mover *m, int32_t day)
{
	return calendar_add_months(day, -m->duration.months) - m->duration.days -
	       m->before;
}

static int64_t begins(const struct mover *m, struct zone *zone, int32_t day)
{
	return m->bare ? day * MS_DAY : zone_instant(zone, day, 0);
}

/* A day is crossed at its beginning, an instant when it comes. */
static bool dates(const struct mover *m, struct zone *zone, int64_t from, int64_t to,
        int part, struct span *out)
{
	int32_t first = zone_day(zone, from), last = zone_day(zone, to);

	if (part > 0 || (m->days && first == last))
		return false;
	if (m->month)
		*out = (struct span){begins(m, zone, month_start(first, 0)),
		        begins(m, zone, month_start(last, 1)), false};
	else if (m->days)
		*out = (struct span){begins(m, zone, days_back(m, first) + 1),
		        begins(m, zone, days_back(m, last) + 1), false};
	else
		*out = (struct span){duration_from(m->duration, zone, from, -1),
		        duration_from(m->duration, zone, to, -1) + 1, false};
	return !m->month || month_start(first, 0) != month_start(last, 0);
}

bool span_of(const struct mover *m, const struct moment *moment, int64_t from, int part,
        struct span *out)
{
	int32_t first = zone_day(moment->zone, from),
	        last = zone_day(moment->zone, moment->now);

	switch (m->kind) {
	case MOVES_COLUMN:
	case MOVES_EVENTS:
	case MOVES_ORDERS:
	case MOVES_KEPT:
		return dates(m, moment->zone, from, moment->now, part, out);
	case MOVES_COUPON:
		*out = (struct span){from, moment->now + 1, false};
		return part == 0;
	case MOVES_BIRTHDAY:
		return birthdays(first, last, part, out);
	case MOVES_MONTH:
		return birth_months(first, last, part, out);
	case MOVES_ANYBODY:
		*out = (struct span){0};
		return part == 0;
	}
	return false;
}
