/* DELETE /v1/customers/ID and POST /v1/customers/forget: erasing people for good, whoever
 * has that id, phone number or e-mail address. What erasing means is the store's to say;
 * this file finds whom it is about, and takes the outbox's files along. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>
#include "base/log.h"
#include "delivery/leftover.h"
#include "door/api.h"
#include "door/job.h"
#include "door/person.h"
#include "door/routes.h"
#include "store/alias.h"
#include "store/audit.h"
#include "store/customer.h"
#include "store/erase.h"
#include "store/message.h"

#define BACKUPS 20 /* looked at, the newest ones */

struct forgetting {
	struct call call;
	char *path_id; /* the path's, or NULL */
	int64_t ids[PERSON_MOST];
	int n, at;
	struct erasing erasing; /* of ids[at] */
	bool open;              /* it is under way */
	struct erasure_counts counts;
	json_t *refs, *backups;
	uv_work_t work;
	char **keys; /* of messages whose files may be left */
	size_t n_keys, files;
	char **folders;
	size_t n_folders;
};

static void forgetting_free(struct forgetting *job)
{
	for (size_t i = 0; i < job->n_keys; i++)
		free(job->keys[i]);
	for (size_t i = 0; i < job->n_folders; i++)
		free(job->folders[i]);
	if (job->open)
		erasing_fini(&job->erasing);
	free(job->keys);
	free(job->folders);
	free(job->path_id);
	json_decref(job->refs);
	json_decref(job->backups);
	free(job);
}

/* ---- the answer ---- */

static void add_counts(struct erasure_counts *sum, const struct erasure_counts *one)
{
	sum->events += one->events;
	sum->messages += one->messages;
	sum->texts += one->texts;
	sum->orders += one->orders;
	sum->coupons += one->coupons;
	sum->consents += one->consents;
	sum->runs += one->runs;
	sum->suppressed += one->suppressed;
}

static json_t *counts_json(const struct forgetting *job)
{
	const struct erasure_counts *c = &job->counts;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "events",
	        (json_int_t)c->events, "messages", (json_int_t)c->messages, "texts",
	        (json_int_t)c->texts, "orders", (json_int_t)c->orders, "coupons",
	        (json_int_t)c->coupons, "consents", (json_int_t)c->consents, "runs",
	        (json_int_t)c->runs, "suppressed", (json_int_t)c->suppressed, "files",
	        (json_int_t)job->files);
}

static void answer(struct forgetting *job, bool erased)
{
	json_t *json = json_object();
	if (job->path_id)
		json_object_set_new(json, "id", json_string(job->path_id));
	json_object_set_new(json, "erased", json_boolean(erased));
	json_object_set(json, "customers", job->refs);
	json_object_set_new(json, "counts", counts_json(job));
	json_object_set(json, "backups", job->backups);
	call_json(&job->call, 200, json);
}

/* ---- erasing, slice by slice ---- */

static void note_keys(struct forgetting *job)
{
	char key[40];
	for (size_t i = 0; i < job->erasing.n_messages; i++) {
		char **at = mem_grow(&job->keys, job->n_keys++, sizeof *at);
		*at = mem_strdup(
		        message_key(job->call.db, job->erasing.messages[i], key));
	}
}

static void end_one(struct forgetting *job)
{
	note_keys(job);
	add_counts(&job->counts, &job->erasing.counts);
	erasing_fini(&job->erasing);
	job->open = false;
	job->at++;
}

/* He may have been merged into another since he was named. */
static bool begin_one(struct forgetting *job)
{
	int64_t *id = &job->ids[job->at];
	*id = alias_current(job->call.db, *id);
	return erasing_init(job->call.db, &job->erasing, *id);
}

static bool slice(void *work, uint64_t until_ns)
{
	struct forgetting *job = work;
	struct db *db = job->call.db;
	do {
		if (!job->open && job->at < job->n)
			job->open = begin_one(job);
		if (!job->open)
			job->at++;
		else if (erasing_step(db, &job->erasing, job->call.now))
			end_one(job);
	} while (job->at < job->n && !job_late(until_ns));
	return job->at >= job->n;
}

static void on_work(uv_work_t *work)
{
	struct forgetting *job = work->data;
	for (size_t i = 0; i < job->n_folders; i++)
		job->files += leftover_remove(job->folders[i], job->keys, job->n_keys);
}

static void on_worked(uv_work_t *work, int status)
{
	struct forgetting *job = work->data;
	(void)status;
	answer(job, true);
	forgetting_free(job);
}

/* The list outside the store is written before anybody hears that he is gone. */
static void on_erased(void *work, enum db_status status)
{
	struct forgetting *job = work;
	if (status != DB_OK) {
		call_store_failed(job->call.ex, status);
		forgetting_free(job);
		return;
	}
	erased_publish(job->call.db);
	for (int i = 0; i < job->n; i++) {
		char target[32];
		snprintf(target, sizeof target, "#%lld", (long long)job->ids[i]);
		call_audit(&job->call, "customer.erase", target, NULL);
	}
	job->work.data = job;
	if (uv_queue_work(job->call.api->loop, &job->work, on_work, on_worked))
		log_die("the pool takes no work");
}

/* ---- the call ---- */

static void note_folders(struct forgetting *job)
{
	const struct api *api = job->call.api;
	for (size_t i = 0; i < api->n_channels; i++) {
		const char *folder = api->channels[i].outbox;
		size_t known = 0;
		while (known < job->n_folders && strcmp(job->folders[known], folder))
			known++;
		if (known < job->n_folders)
			continue;
		char **at = mem_grow(&job->folders, job->n_folders++, sizeof *at);
		*at = mem_strdup(folder);
	}
}

/* Copies of the store that were made here and are still there. */
static json_t *backups_json(struct db *db)
{
	struct backup_made *made = mem_alloc(BACKUPS * sizeof *made);
	size_t n = backup_list(db, made, BACKUPS);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		if (access(made[i].file, F_OK) == 0)
			json_array_append_new(list, json_string(made[i].file));
		else
			backup_forget(db, made[i].file);
	}
	free(made);
	return list;
}

static void forget(
        struct call *call, const char *path_id, const int64_t *ids, int n, bool dry_run)
{
	struct forgetting *job = mem_alloc(sizeof *job);
	job->call = *call;
	job->call.arena = NULL;
	job->path_id = path_id ? mem_strdup(path_id) : NULL;
	memcpy(job->ids, ids, (size_t)n * sizeof *ids);
	job->n = n;
	job->refs = person_refs(call->db, ids, n);
	job->backups = backups_json(call->db);
	note_folders(job);
	for (int i = 0; dry_run && i < n; i++) {
		struct erasure_counts one;
		erasing_count(call->db, ids[i], &one);
		add_counts(&job->counts, &one);
	}
	if (!dry_run && job_start(call->api->jobs, slice, on_erased, job))
		return;
	if (dry_run)
		answer(job, false);
	else
		call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
		        TR("too many large calls are under way",
		                "처리 중인 큰 요청이 너무 많습니다"));
	forgetting_free(job);
}

void api_customers_delete(struct call *call)
{
	int64_t id = call_customer(call);
	if (id)
		forget(call, call->args[0], &id, 1, false);
}

void api_customers_forget(struct call *call)
{
	json_t *body = call_object(call, false);
	int64_t ids[PERSON_MOST];
	bool all = false, dry_run = false;
	int n = -1;
	if (body && call_member_bool(call, body, "all", &all) &&
	        call_member_bool(call, body, "dry_run", &dry_run))
		n = person_meant(call, body, ids);
	json_decref(body);
	if (n > 1 && !all && !dry_run)
		person_several(call, ids, n);
	else if (n > 0)
		forget(call, NULL, ids, n, dry_run);
}
