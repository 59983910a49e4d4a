/* Slices long calls over the loop's turns, one slice of one call a turn. It ends no turn
 * itself and answers nobody. */
#include <stdlib.h>
#include "base/mem.h"
#include "door/job.h"

#define SLICE_NS (5 * UINT64_C(1000000))

struct job {
	struct jobs *jobs;
	struct job *next;
	job_slice slice;
	job_done done;
	void *work;
	bool committing; /* its last slice is in a turn that has not ended */
	bool finished;   /* that slice was the last */
	bool orphan;     /* the jobs are gone; the hook only frees */
};

struct jobs {
	uv_idle_t idle;
	struct db *db;
	struct job *first;
	int n;
};

static void unlink_job(struct jobs *jobs, struct job *job)
{
	struct job **at = &jobs->first;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	jobs->n--;
	if (!jobs->first)
		uv_idle_stop(&jobs->idle);
}

static void append(struct jobs *jobs, struct job *job)
{
	struct job **at = &jobs->first;
	while (*at)
		at = &(*at)->next;
	job->next = NULL;
	*at = job;
	jobs->n++;
}

static void on_slice_ended(void *arg, enum db_status status)
{
	struct job *job = arg;
	job->committing = false;
	if (job->orphan) {
		free(job);
		return;
	}
	if (status == DB_OK && !job->finished)
		return;
	unlink_job(job->jobs, job);
	job->done(job->work, status);
	free(job);
}

static void run(struct job *job)
{
	job->committing = true;
	job->finished = job->slice(job->work, uv_hrtime() + SLICE_NS);
	db_after(job->jobs->db, on_slice_ended, job);
}

/* The one that waited longest; it then goes behind the others. */
static void on_idle(uv_idle_t *idle)
{
	struct jobs *jobs = idle->data;
	for (struct job *job = jobs->first; job; job = job->next) {
		if (job->committing)
			continue;
		unlink_job(jobs, job);
		append(jobs, job);
		uv_idle_start(&jobs->idle, on_idle);
		run(job);
		return;
	}
}

struct jobs *jobs_new(uv_loop_t *loop, struct db *db)
{
	struct jobs *jobs = mem_alloc(sizeof *jobs);
	jobs->db = db;
	uv_idle_init(loop, &jobs->idle);
	jobs->idle.data = jobs;
	return jobs;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void jobs_free(struct jobs *jobs)
{
	while (jobs->first) {
		struct job *job = jobs->first;
		unlink_job(jobs, job);
		job->done(job->work, DB_BUSY);
		if (job->committing)
			job->orphan = true;
		else
			free(job);
	}
	uv_close((uv_handle_t *)&jobs->idle, on_closed);
}

bool jobs_full(const struct jobs *jobs)
{
	return jobs->n >= JOB_MAX;
}

bool job_start(struct jobs *jobs, job_slice slice, job_done done, void *work)
{
	if (jobs_full(jobs))
		return false;
	struct job *job = mem_alloc(sizeof *job);
	*job = (struct job){.jobs = jobs, .slice = slice, .done = done, .work = work};
	append(jobs, job);
	uv_idle_start(&jobs->idle, on_idle);
	run(job);
	return true;
}

bool job_late(uint64_t until_ns)
{
	return uv_hrtime() >= until_ns;
}
