/* POST /v1/receipts/PROVIDER: what providers report of messages, verified, on disk before
 * it is answered. Over the public port it tells nothing to whom no secret vouches for. */
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/report.h"
#include "delivery/witness.h"
#include "door/api.h"
#include "door/job.h"
#include "door/routes.h"

#define BODY_MAX (1024 * 1024)
#define APART (64 * 1024)   /* a longer body would hold up the loop */
#define READINGS_MAX 4      /* such bodies at a time; one more is told 429 */
#define AT_ONCE 64          /* more reports than that are taken over several turns */
#define TELL_MS (MS_MINUTE) /* forged ones are told of in the log once in so long */

/* A call's reports, where we are in them, and what became of those before. */
struct batch {
	struct api *api;
	struct call call;
	struct report report;
	size_t next;
	int64_t early;
};

static void batch_fini(struct batch *batch)
{
	report_free(&batch->report);
}

static void settle_one(struct batch *batch)
{
	const struct report_item *item = &batch->report.items[batch->next++];
	enum receipt_end end = report_settle(batch->api->engine, item, batch->call.now);
	batch->early += end == RECEIPT_EARLY;
	if (item->refuses)
		call_audit(&batch->call, "suppression.add", NULL, batch->report.provider);
}

static void say_taken(const struct batch *batch)
{
	logbook_count(&batch->api->logbook, &batch->call.peer, batch->call.now,
	        "receipts", (int64_t)batch->report.n);
	call_json(&batch->call, 200,
	        json_pack("{s:I, s:I}", "taken", (json_int_t)batch->report.n, "early",
	                (json_int_t)batch->early));
}

static bool slice(void *arg, uint64_t until_ns)
{
	struct batch *batch = arg;
	batch->call.now = clock_now();
	while (batch->next < batch->report.n && db_status(batch->call.db) == DB_OK) {
		settle_one(batch);
		if (batch->next % 16 == 0 && job_late(until_ns))
			break;
	}
	return batch->next == batch->report.n;
}

static void on_done(void *arg, enum db_status status)
{
	struct batch *batch = arg;
	if (status == DB_OK)
		say_taken(batch);
	else
		call_store_failed(batch->call.ex, status);
	batch_fini(batch);
	free(batch);
}

/* In slices: ten thousand reports stop nothing else. */
static void settle_long(struct batch *batch)
{
	struct batch *kept = mem_alloc(sizeof *kept);
	*kept = *batch;
	kept->call.arena = NULL;
	if (job_start(kept->api->jobs, slice, on_done, kept))
		return;
	call_refuse(&batch->call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
	batch_fini(kept);
	free(kept);
}

static void settle_short(struct batch *batch)
{
	while (batch->next < batch->report.n)
		settle_one(batch);
	say_taken(batch);
	batch_fini(batch);
}

/* ---- refusals ---- */

/* Anybody may forge, so that the store is not written for it, nor the log for each. */
static void forged(const struct call *call)
{
	struct api *api = call->api;
	int64_t mono = clock_mono();
	api->forged++;
	if (!api->forged_told || mono - api->forged_told >= TELL_MS) {
		api->forged_told = mono;
		log_warn(
		        TR("a delivery report of provider %s was refused: its signature "
		           "or secret is not that of `receipts credential` (%lld so far)",
		                "사업자 %s의 도착 보고를 거절했습니다. 서명이나 비밀 "
		                "값이 `receipts credential`과 다릅니다 (지금까지 "
		                "%lld건)"),
		        call->args[0], (long long)api->forged);
	}
	call_deny(call, 401,
	        TR("the signature or the secret is not that of a channel's `receipts "
	           "credential`, or the machine's clock is off",
	                "서명이나 비밀 값이 채널의 `receipts credential`과 다르거나 이 "
	                "컴퓨터의 시계가 맞지 않습니다"));
}

static void refuse_end(const struct call *call, enum receipts_end end)
{
	switch (end) {
	case RECEIPTS_TAKEN:
		return;
	case RECEIPTS_FORGED:
		forged(call);
		return;
	case RECEIPTS_UNREADABLE:
		call_deny(call, 400,
		        TR("the body is no delivery report of this provider",
		                "이 사업자의 도착 보고가 아닌 본문입니다"));
		return;
	}
}

/* ---- the call ---- */

static const char *header(const struct receipts_call *call, const char *name)
{
	char lower[64];
	size_t n = 0;
	for (; name[n] && n < sizeof lower - 1; n++)
		lower[n] =
		        (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32 : name[n]);
	lower[n] = '\0';
	return http_header_get(call->head, lower);
}

static void take(struct call *call, struct report *report)
{
	struct batch batch = {.api = call->api, .call = *call, .report = *report};
	if (report->too_many) {
		call_deny(call, 413,
		        TR("a call has at most 10,000 reports",
		                "한 번에 10,000건까지 보낼 수 있습니다"));
		report_free(report);
	} else if (report->n <= AT_ONCE) {
		settle_short(&batch);
	} else {
		settle_long(&batch);
	}
}

/* What came of a reading. */
struct verdict {
	bool known; /* some channel has that provider */
	enum receipts_end end;
	struct report report;
};

static void conclude(struct call *call, struct verdict *verdict)
{
	if (!verdict->known)
		call_deny(call, 404,
		        TR("no channel has this provider, or it posts no reports",
		                "이 사업자를 쓰는 채널이 없거나 도착 보고를 보내지 않는 "
		                "사업자입니다"));
	else if (verdict->end == RECEIPTS_TAKEN)
		take(call, &verdict->report);
	else
		refuse_end(call, verdict->end);
}

/* ---- large bodies, read by a thread of the pool ---- */

struct reading {
	uv_work_t work;
	struct call call;
	struct receipts_call post; /* the request stays until it is answered */
	struct witnesses witnesses;
	char *provider, *url;
	struct verdict verdict;
};

static void on_work(uv_work_t *work)
{
	struct reading *r = work->data;
	r->verdict.known = report_read(r->provider, r->witnesses.configs, r->witnesses.n,
	        &r->post, r->call.now, &r->verdict.end, &r->verdict.report);
}

static void on_read(uv_work_t *work, int status)
{
	struct reading *r = work->data;
	struct api *api = r->call.api;
	bool taken = status == 0 && r->verdict.known && r->verdict.end == RECEIPTS_TAKEN;
	api->n_readings--;
	r->call.now = clock_now();
	if (status == 0 && api->jobs) {
		conclude(&r->call, &r->verdict);
	} else { /* the daemon ends */
		if (taken)
			report_free(&r->verdict.report);
		call_store_failed(r->call.ex, DB_BUSY);
	}
	witnesses_free(&r->witnesses);
	free(r->provider);
	free(r->url);
	free(r);
}

static void read_apart(const struct call *call, const struct receipts_call *post)
{
	struct api *api = call->api;
	struct reading *r = mem_alloc(sizeof *r);
	*r = (struct reading){.call = *call, .post = *post};
	r->provider = mem_strdup(call->args[0]);
	r->post.url = r->url = mem_strdup(post->url);
	r->call.args[0] = r->provider;
	r->call.arena = NULL;
	witnesses_copy(&r->witnesses, r->provider, api->channels, api->n_channels);
	r->work.data = r;
	api->n_readings++;
	uv_queue_work(api->loop, &r->work, on_work, on_read);
}

/* ---- */

/* Some providers sign the address that they were given, whole. */
static const char *posted_to(const struct call *call)
{
	const char *url = call->api->shop->public_url;
	return arena_printf(call->arena, "%s%s", url ? url : "", call->request->target);
}

static bool too_much(const struct call *call)
{
	bool large = call->request->body_len > BODY_MAX;
	if (large)
		call_deny(call, 413,
		        TR("delivery reports have at most 1 MiB",
		                "도착 보고는 1 MiB까지입니다"));
	else if (call->request->body_len > APART && call->api->n_readings >= READINGS_MAX)
		call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
		        TR("too many large calls are under way",
		                "처리 중인 큰 요청이 너무 많습니다"));
	else
		return false;
	return true;
}

void api_receipts_post(struct call *call)
{
	const struct api *api = call->api;
	struct receipts_call post = {.url = posted_to(call),
	        .header = header,
	        .head = call->request,
	        .body = call->request->body,
	        .len = call->request->body_len};
	struct verdict verdict;
	if (too_much(call))
		return;
	if (post.len > APART) {
		read_apart(call, &post);
		return;
	}
	verdict.known = report_read(call->args[0], api->channels, api->n_channels, &post,
	        call->now, &verdict.end, &verdict.report);
	conclude(call, &verdict);
}

json_t *api_receipts_figures(struct call *call)
{
	struct receipt_totals totals;
	receipt_totals(call->db, &totals);
	return json_pack("{s:I, s:I, s:I, s:I}", "taken", (json_int_t)totals.taken,
	        "early", (json_int_t)totals.early, "unmatched",
	        (json_int_t)totals.unmatched, "forged", (json_int_t)call->api->forged);
}
