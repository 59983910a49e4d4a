/* POST /v1/hooks/NAME: the webhooks of shop systems, verified raw, before they are read,
 * and on disk before they are answered. Over the public port it tells nothing to whom no
 * secret vouches for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/hook/hook.h"
#include "door/job.h"
#include "door/routes.h"
#include "door/scan.h"
#include "engine/intake.h"
#include "store/event.h"

#define BODY_MAX (1024 * 1024)
#define AT_ONCE 64 /* more events than that are taken over several turns */

/* A call's events, where we are in them, and what became of those before. */
struct batch {
	struct call call;
	char source[64];
	json_t *events, *rejected;
	size_t next;
	int64_t accepted, duplicate, ignored;
};

/* ---- taking in ---- */

static void reject(struct batch *batch, const struct profile_error *error)
{
	json_array_append_new(batch->rejected,
	        json_pack("{s:I, s:s, s:s}", "index", (json_int_t)batch->next, "pointer",
	                error->pointer, "detail", error->detail));
}

static bool step(struct batch *batch)
{
	struct profile_error error = {.pointer = ""};
	json_t *event = json_array_get(batch->events, batch->next);

	switch (intake_event(batch->call.api->engine, event, NULL, 0, batch->source,
	        batch->call.now, &error)) {
	case INTAKE_ACCEPTED:
		batch->accepted++;
		break;
	case INTAKE_DUPLICATE:
		batch->duplicate++;
		break;
	case INTAKE_REJECTED:
		reject(batch, &error);
		break;
	case INTAKE_STORE:
		return false;
	}
	batch->next++;
	return true;
}

static void count(const struct batch *batch, const char *what, int64_t n)
{
	char name[96];

	snprintf(name, sizeof name, "%s/%s", batch->source, what);
	if (n)
		event_count(batch->call.db, name, n);
}

static void answer(struct batch *batch)
{
	int64_t rejected = (int64_t)json_array_size(batch->rejected);

	count(batch, "accepted", batch->accepted);
	count(batch, "duplicate", batch->duplicate);
	count(batch, "rejected", rejected);
	count(batch, "ignored", batch->ignored);
	logbook_count(&batch->call.api->logbook, &batch->call.peer, batch->call.now,
	        "hooks", batch->accepted);
	if (rejected)
		log_info(TR("%lld events of %s were refused: %s",
		                 "이벤트 %lld건(%s)을 거절했습니다: %s"),
		        (long long)rejected, batch->source,
		        json_string_value(json_object_get(
		                json_array_get(batch->rejected, 0), "pointer")));
	call_json(&batch->call, 200,
	        json_pack("{s:I, s:I, s:O, s:I}", "accepted", (json_int_t)batch->accepted,
	                "duplicate", (json_int_t)batch->duplicate, "rejected",
	                batch->rejected, "ignored", (json_int_t)batch->ignored));
}

static void batch_fini(struct batch *batch)
{
	json_decref(batch->events);
	json_decref(batch->rejected);
}

static bool slice(void *arg, uint64_t until_ns)
{
	struct batch *batch = arg;
	size_t n = json_array_size(batch->events);

	batch->call.now = clock_now();
	while (batch->next < n && step(batch))
		if (batch->next % 8 == 0 && job_late(until_ns))
			break;
	return batch->next == n;
}

static void on_done(void *arg, enum db_status status)
{
	struct batch *batch = arg;

	if (status == DB_OK)
		answer(batch);
	else
		call_store_failed(batch->call.ex, status);
	batch_fini(batch);
	free(batch);
}

static void take_long(struct batch *batch)
{
	struct batch *kept = mem_alloc(sizeof *kept);

	*kept = *batch;
	kept->call.arena = NULL;
	if (job_start(kept->call.api->jobs, slice, on_done, kept))
		return;
	call_refuse(&batch->call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
	batch_fini(kept);
	free(kept);
}

/* Takes what read made. */
static void take(struct call *call, struct hook_call *post)
{
	struct batch batch = {.call = *call,
	        .events = post->events,
	        .rejected = json_array(),
	        .ignored = post->ignored};

	snprintf(batch.source, sizeof batch.source, "hook:%s", post->config->name);
	if (json_array_size(batch.events) > AT_ONCE) {
		take_long(&batch);
		return;
	}
	while (batch.next < json_array_size(batch.events) && step(&batch))
		;
	answer(&batch); /* of a spoilt turn the caller hears 507 or 503 instead */
	batch_fini(&batch);
}

/* ---- verifying ---- */

/* Anybody may forge, so that the store is not written for it, nor the log for each. */
static void forged(const struct call *call, int status)
{
	struct api *api = call->api;
	int64_t mono = clock_mono();

	api->hooks_forged++;
	if (!api->hooks_told || mono - api->hooks_told >= MS_MINUTE) {
		api->hooks_told = mono;
		log_warn(TR("a call of hook %s was refused: its signature or key is not "
		            "that of the block's `secret`, or the machine's clock is off "
		            "(%lld so far)",
		                 "%s 훅의 요청을 거절했습니다. 서명이나 키가 `secret`과 "
		                 "다르거나 이 컴퓨터의 시계가 맞지 않습니다 (지금까지 "
		                 "%lld건)"),
		        call->args[0], (long long)api->hooks_forged);
	}
	call_deny(call, status,
	        TR("the signature or the key is not that of the block's `secret`, or the "
	           "machine's clock is off",
	                "서명이나 키가 `secret`과 다르거나 이 컴퓨터의 시계가 맞지 "
	                "않습니다"));
}

/* False after the refusal was answered. */
static bool verified(const struct call *call, const struct hook_call *post)
{
	switch (post->config->kind->verify(post)) {
	case HOOK_GOOD:
		return true;
	case HOOK_UNSIGNED:
		if (!post->stranger)
			return true;
		/* fall through */
	case HOOK_FORGED:
		forged(call, 401);
		return false;
	case HOOK_DENIED:
		forged(call, 403);
		return false;
	case HOOK_MALFORMED:
		break;
	}
	call_deny(call, 400,
	        TR("a header of the signature is not as it has to be",
	                "서명 헤더의 꼴이 맞지 않습니다"));
	return false;
}

/* ---- the call ---- */

static const char *header(const struct hook_call *call, const char *name)
{
	return http_header_get(call->head, name);
}

static const struct hook_config *find(const struct call *call)
{
	const struct api *api = call->api;

	for (size_t i = 0; i < api->n_hooks; i++)
		if (!strcmp(api->hooks[i].name, call->args[0]))
			return &api->hooks[i];
	return NULL;
}

/* The body as JSON no deeper than events may be; NULL: it means nothing to us. */
static json_t *parse(const struct hook_call *post)
{
	struct scan scan = {0};
	json_t *json = NULL;
	char why[160];

	if (scan_one(post->body, post->len, &scan) == SCAN_OK &&
	        scan.items[0].depth <= SCAN_DEPTH_MAX)
		json = scan_load(&scan.items[0], why);
	scan_fini(&scan);
	return json;
}

static void read_and_take(struct call *call, struct hook_call *post)
{
	post->events = json_array();
	post->json = parse(post);
	if (post->json)
		post->config->kind->read(post);
	else
		hook_ignore(post);
	take(call, post);
	json_decref(post->json);
}

void api_hooks_post(struct call *call)
{
	struct hook_call post = {.config = find(call),
	        .header = header,
	        .head = call->request,
	        .body = call->request->body,
	        .len = call->request->body_len,
	        .now = clock_machine(),
	        .stranger = call_stranger(call),
	        .arena = call->arena};

	if (!post.config)
		call_deny(call, 404,
		        TR("dangol.conf has no such hook: hook NAME { secret credential "
		           "\"…\" }",
		                "dangol.conf에 이런 훅이 없습니다: hook 이름 { secret "
		                "credential \"…\" }"));
	else if (post.len > BODY_MAX)
		call_deny(call, 413,
		        TR("a hook's body has at most 1 MiB",
		                "훅의 본문은 1 MiB까지입니다"));
	else if (verified(call, &post))
		read_and_take(call, &post);
}

/* ---- figures ---- */

json_t *api_hooks_figures(struct call *call)
{
	static const char *const figures[] = {
	        "accepted", "duplicate", "rejected", "ignored"};
	json_t *hooks = json_object(), *one;
	char name[96];

	for (size_t i = 0; i < call->api->n_hooks; i++) {
		json_object_set_new(hooks, call->api->hooks[i].name, one = json_object());
		for (size_t f = 0; f < sizeof figures / sizeof figures[0]; f++) {
			snprintf(name, sizeof name, "hook:%s/%s",
			        call->api->hooks[i].name, figures[f]);
			json_object_set_new(one, figures[f],
			        json_integer(event_counted(call->db, name)));
		}
	}
	return hooks;
}
