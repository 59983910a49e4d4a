/* Simulation: what a span of days would bring, message by message, counted, or beside
 * other rules. Shows, and keeps nothing of it. */
#include "simulate.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "simulate_diff.h"
#include "simulate_line.h"
#include "simulate_sum.h"
#include "simulate_world.h"

#define DAYS_UNLESS_SAID 30

static bool read_span(
        struct sim_span *span, const struct config *config, const struct simulation *s)
{
	struct zone *zone = config->shop.zone;
	int64_t now = clock_now();
	int32_t from = zone_day(zone, now), to;

	if (s->from && calendar_parse_date(s->from, &from)) {
		fprintf(stderr,
		        TR("--from %s: write a date such as 2026-12-01\n",
		                "--from %s: 2026-12-01처럼 날짜를 적어 주세요\n"),
		        s->from);
		return false;
	}
	to = from + DAYS_UNLESS_SAID - 1;
	if (s->to && (calendar_parse_date(s->to, &to) || to < from)) {
		fprintf(stderr,
		        TR("--to %s: write a date that is not before --from\n",
		                "--to %s: --from보다 이르지 않은 날짜를 적어 주세요\n"),
		        s->to);
		return false;
	}
	span->from = zone_instant(zone, from, 0);
	span->end = zone_instant(zone, to + 1, 0) - 1;
	span->start = span->from < now ? span->from : now;
	return true;
}

static void print_line(
        void *arg, const struct message *message, int64_t time, const char *customer)
{
	sim_line_print(sim_line_json(arg, message, time, customer));
}

static int show_one(const struct config *config, const struct simulation *s,
        const struct sim_span *span, const struct sim_events *events)
{
	struct sim_world world = {
	        .config = config, .span = span, .keeps_texts = !s->summary};
	bool good = sim_world_read(&world, s->rules) && sim_world_run(&world, events);

	if (good && s->summary)
		sim_sum_print(&world);
	else if (good)
		message_each(world.db, span->from, span->end, print_line, &world);
	sim_world_close(&world);
	return good && !fflush(stdout) ? 0 : 1;
}

static int show_both(const struct config *config, const struct simulation *s,
        const struct sim_span *span, const struct sim_events *events)
{
	struct sim_world before = {.config = config, .span = span, .keeps_texts = true},
	                 after = before;
	bool good;

	after.slot = 1;
	good = sim_world_read(&before, s->rules) && sim_world_read(&after, s->diff) &&
	       sim_world_run(&before, events) && sim_world_run(&after, events);
	if (good)
		sim_diff_print(&before, &after);
	sim_world_close(&before);
	sim_world_close(&after);
	return good && !fflush(stdout) ? 0 : 1;
}

int simulate_run(const struct config *config, const struct simulation *simulation)
{
	struct sim_events events = {0};
	struct sim_span span;
	int status = 1;

	if (read_span(&span, config, simulation) &&
	        sim_events_read(&events, simulation->events, span.from))
		status = simulation->diff ? show_both(config, simulation, &span, &events)
		                          : show_one(config, simulation, &span, &events);
	sim_events_free(&events);
	return status;
}
