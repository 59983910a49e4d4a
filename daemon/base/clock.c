/* The engine's time: the machine's, a rehearsal's or a simulation's. Never goes back
 * while it is in one mode, and never waits. */
#include "base/clock.h"
#include "base/calendar.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE_MOST 1e6
#define KST_MS (9 * MS_HOUR)

enum mode { MACHINE, REHEARSAL, SIMULATION };

static enum mode mode;
/* The last answer; in a simulation, now. */
static _Atomic int64_t last = INT64_MIN;
static int64_t start, start_mono;
static double speed = 1;

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * MS_SECOND + ts.tv_nsec / 1000000;
}

int64_t clock_machine(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t rehearsed(void)
{
	return start + (int64_t)((double)(clock_mono() - start_mono) * speed);
}

int64_t clock_now(void)
{
	int64_t before = atomic_load(&last);
	int64_t now;

	if (mode == SIMULATION)
		return before;
	now = mode == MACHINE ? clock_machine() : rehearsed();
	while (now > before)
		if (atomic_compare_exchange_weak(&last, &before, now))
			return now;
	return before;
}

void clock_rehearse(int64_t start_ms, double rate)
{
	assert(rate > 0 && rate <= RATE_MOST);
	start = start_ms;
	start_mono = clock_mono();
	speed = rate;
	atomic_store(&last, start_ms);
	mode = REHEARSAL;
}

void clock_set(int64_t now_ms)
{
	assert(mode != SIMULATION || now_ms >= atomic_load(&last));
	atomic_store(&last, now_ms);
	mode = SIMULATION;
}

void clock_begin(int64_t now_ms)
{
	atomic_store(&last, now_ms);
	mode = SIMULATION;
}

bool clock_bent(void)
{
	return mode != MACHINE;
}

uint64_t clock_delay(int64_t due_ms)
{
	int64_t now = clock_now(), left;

	if (due_ms <= now)
		return 0;
	if (mode == SIMULATION)
		return MS_DAY;
	/* After the wall clock was put back, now stands still until the wall has caught
	 * up: count from the wall. */
	if (mode == MACHINE)
		now = clock_machine();
	if (due_ms >= now + (int64_t)(MS_DAY * speed))
		return MS_DAY;
	/* Rounded up: a timer that fires early has to be set again. */
	left = (int64_t)((double)(due_ms - now) / speed + 0.999);
	return left < MS_DAY ? left : MS_DAY;
}

/* ---- --clock ---- */

static int read_rate(const char *text, double *rate)
{
	size_t len = strlen(text);
	double value;
	char *end;

	if (!len || len > 12 || strspn(text, "0123456789.") != len || text[0] == '.')
		return -1;
	value = strtod(text, &end);
	if (*end || !(value > 0) || value > RATE_MOST)
		return -1;
	*rate = value;
	return 0;
}

/* YYYY-MM-DD[THH:MM[:SS]]: completed to RFC 3339 with Korea's offset. */
static int read_local(const char *text, int64_t *ms)
{
	char full[40] = "";
	size_t len = strlen(text);
	int32_t day;

	if (len == 10) {
		if (calendar_parse_date(text, &day) < 0)
			return -1;
		*ms = day * MS_DAY - KST_MS;
		return 0;
	}
	if (len != 16 && len != 19)
		return -1;
	strcpy(full, text);
	strcat(full, len == 16 ? ":00+09:00" : "+09:00");
	return calendar_parse_time(full, ms);
}

int clock_parse(const char *text, int64_t *start_ms, double *rate)
{
	const char *comma = strchr(text, ',');
	size_t len = comma ? (size_t)(comma - text) : strlen(text);
	char time[40];
	double speed_read = 1;
	int64_t ms;

	if (len >= sizeof(time))
		return -1;
	memcpy(time, text, len);
	time[len] = '\0';
	if (comma && read_rate(comma + 1, &speed_read) < 0)
		return -1;
	if (calendar_parse_time(time, &ms) < 0 && read_local(time, &ms) < 0)
		return -1;
	*start_ms = ms;
	*rate = speed_read;
	return 0;
}
