/* The survey of the living daemon: a thread of the pool reads rules and templates once
 * more, with the shop's data at hand, and leaves what it has to say. It changes nothing
 * that is in force. */
#include "service_inner.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "language/survey.h"

/* A call that reads anew waits for it, and nobody else. */
#define PATIENCE_MS (10 * MS_SECOND)

/* One on its way. Owns what it points to: the configuration may be exchanged meanwhile.
 */
struct surveying {
	uv_work_t work;
	struct service *service;
	struct arena *arena;
	const char *store, *rules, *templates, *timezone;
	struct world world;
	int64_t now, reading; /* which of the readings of rules it is about */
	atomic_bool stop;
	struct diag diag;
	json_t *findings, *figures;
	bool worked, good;
};

struct survey_waiter {
	void (*done)(void *arg);
	void *arg;
};

/* ---- in the pool ---- */

static void look(struct surveying *job, struct db *db)
{
	struct survey *survey = survey_new(
	        db, job->world.zone, job->now, clock_mono() + PATIENCE_MS, &job->stop);
	struct ruleset *rules;

	job->world.survey = survey;
	rules = ruleset_load(job->rules, job->templates, &job->world, &job->diag);
	job->good = rules != NULL;
	if (rules)
		survey_program(survey, rules->program, NULL);
	job->findings = diag_json(survey_findings(survey));
	ruleset_free(rules);
	job->figures = json_incref(survey_figures(survey));
	job->worked = true;
	survey_free(survey);
}

static void on_work(uv_work_t *work)
{
	struct surveying *job = work->data;
	struct db *db = db_open_reader(job->store);

	job->world.zone = zone_open(job->timezone);
	if (db && job->world.zone)
		look(job, db);
	db_close(db);
	zone_close(job->world.zone);
	mem_trim();
}

/* ---- on the loop ---- */

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static struct surveying *prepare(struct service *s)
{
	const struct config *config = s->config;
	struct surveying *job = mem_alloc(sizeof *job);
	struct arena *arena = arena_new();
	size_t n = 0;
	const char **channels;

	*job = (struct surveying){.service = s,
	        .arena = arena,
	        .store = copy(arena, db_path(s->db)),
	        .rules = copy(arena, config->rules),
	        .templates = copy(arena, config->templates),
	        .timezone = copy(arena, config->shop.timezone),
	        .world = config->world,
	        .now = clock_now(),
	        .reading = s->reading};
	while (config->world.channels[n])
		n++;
	channels = arena_alloc(arena, (n + 1) * sizeof *channels);
	for (size_t i = 0; i < n; i++)
		channels[i] = copy(arena, config->world.channels[i]);
	channels[n] = NULL;
	job->world.channels = channels;
	job->world.shop_name = copy(arena, config->world.shop_name);
	job->world.notices = copy(arena, config->world.notices);
	job->world.refuse = copy(arena, config->world.refuse);
	job->world.today = zone_day(config->shop.zone, job->now);
	job->work.data = job;
	diag_init(&job->diag);
	return job;
}

static void discard(struct surveying *job)
{
	diag_fini(&job->diag);
	json_decref(job->findings);
	json_decref(job->figures);
	arena_free(job->arena);
	free(job);
}

/* What it says stands beside the reading that it is about; files that changed meanwhile
 * are about to be read anew. */
static void take(struct service *s, struct surveying *job)
{
	char time[32];

	if (!job->worked || job->good == s->has_errors)
		return;
	diag_fini(&s->errors);
	s->errors = job->diag;
	diag_init(&job->diag);
	json_decref(s->findings);
	s->findings = json_incref(job->findings);
	json_decref(s->figures);
	s->figures = json_incref(job->figures);
	json_object_set_new(s->figures, "at",
	        json_string(zone_format(s->config->shop.zone, job->now, time)));
}

static void tell_waiters(struct service *s)
{
	struct survey_waiter *waiters = s->waiters;
	size_t n = s->n_waiters;

	s->waiters = NULL;
	s->n_waiters = 0;
	for (size_t i = 0; i < n; i++)
		waiters[i].done(waiters[i].arg);
	free(waiters);
}

static void on_done(uv_work_t *work, int status)
{
	struct surveying *job = work->data;
	struct service *s = job->service;
	bool stale = job->reading != s->reading;

	s->surveying = NULL;
	if (status == 0 && !stale)
		take(s, job);
	discard(job);
	if (stale && !s->stopping)
		service_survey(s);
	else
		tell_waiters(s);
	service_close_rest(s);
}

static void on_soon(uv_timer_t *timer)
{
	struct service *s = timer->data;

	if (s->surveying || s->stopping)
		return;
	s->surveyed_at = clock_now();
	s->surveying = prepare(s);
	if (uv_queue_work(&s->loop, &s->surveying->work, on_work, on_done)) {
		discard(s->surveying);
		s->surveying = NULL;
		tell_waiters(s);
	}
}

void service_survey_init(struct service *s)
{
	uv_timer_init(&s->loop, &s->survey);
	s->survey.data = s;
}

void service_survey(struct service *s)
{
	if (s->surveying && s->surveying->reading != s->reading)
		atomic_store(&s->surveying->stop, true);
	else if (!s->surveying && !s->stopping)
		uv_timer_start(&s->survey, on_soon, 0, 0);
}

void service_survey_anew(struct service *s)
{
	s->reading++;
	json_decref(s->findings);
	s->findings = NULL;
	service_survey(s);
}

void service_survey_daily(struct service *s)
{
	if (clock_now() - s->surveyed_at >= MS_DAY)
		service_survey(s);
}

void service_survey_stop(struct service *s)
{
	uv_timer_stop(&s->survey);
	if (s->surveying)
		atomic_store(&s->surveying->stop, true);
	else
		tell_waiters(s);
}

bool service_survey_wait(struct service *s, void (*done)(void *arg), void *arg)
{
	struct survey_waiter *waiter;

	if (s->stopping || (!s->surveying && !uv_is_active((uv_handle_t *)&s->survey)))
		return false;
	waiter = mem_grow(&s->waiters, s->n_waiters, sizeof *waiter);
	*waiter = (struct survey_waiter){done, arg};
	s->n_waiters++;
	return true;
}
