/* GET /v1/conflicts: customers who may be one, for the owner to look at; and his word
 * that they are two. The looking is done in slices. */
#include <stdlib.h>
#include "base/log.h"
#include "door/api.h"
#include "door/job.h"
#include "door/routes.h"
#include "store/conflict.h"

struct looking {
	struct call call;
	struct conflict_walk walk;
	json_t *list;
	int64_t after;
	size_t limit;
	bool more;
};

static void looking_free(struct looking *job)
{
	json_decref(job->list);
	free(job);
}

static bool slice(void *work, uint64_t until_ns)
{
	struct looking *job = work;
	while (job->more && json_array_size(job->list) < job->limit) {
		job->more =
		        conflict_step(job->call.db, &job->walk, job->list, job->limit);
		if (job_late(until_ns))
			break;
	}
	return !job->more || json_array_size(job->list) >= job->limit;
}

static void on_looked(void *work, enum db_status status)
{
	struct looking *job = work;
	if (status != DB_OK) {
		call_store_failed(job->call.ex, status);
	} else {
		json_t *json = json_pack("{s:O, s:o}", "conflicts", job->list, "next",
		        job->more ? json_integer(conflict_cursor(&job->walk))
		                  : json_null());
		call_read_list(&job->call, "conflicts.list", NULL, json, "conflicts",
		        job->after);
		call_json(&job->call, 200, json);
	}
	looking_free(job);
}

void api_conflicts_list(struct call *call)
{
	struct looking *job;
	int64_t after = 0;
	int limit;
	if (!call_limit(call, &limit) ||
	        !call_query_int(call, "after", 0, INT64_MAX, &after))
		return;
	job = mem_alloc(sizeof *job);
	*job = (struct looking){
	        .call = *call, .after = after, .limit = (size_t)limit, .more = true};
	job->call.arena = NULL;
	if (!conflict_walk_from(call->db, &job->walk, after, call->api->shop->zone)) {
		call_problem(call, 409, NULL,
		        TR("the list has changed since: begin it anew",
		                "그 사이 목록이 바뀌었습니다. 처음부터 다시 보세요"));
		free(job);
		return;
	}
	job->list = json_array();
	if (job_start(call->api->jobs, slice, on_looked, job))
		return;
	call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
	        TR("too many large calls are under way",
	                "처리 중인 큰 요청이 너무 많습니다"));
	looking_free(job);
}

/* ---- the owner's word ---- */

static int64_t one_of(struct call *call, json_t *two, size_t i)
{
	const char *ref = json_string_value(json_array_get(two, i));
	int64_t id = ref ? customer_find(call->db, ref) : 0;
	if (!id)
		call_problem(call, 422, i ? "/customers/1" : "/customers/0",
		        TR("there is no customer %s", "%s 고객이 없습니다"),
		        ref ? ref : "");
	return id;
}

void api_conflicts_dismiss(struct call *call)
{
	json_t *body = call_object(call, false),
	       *two = json_object_get(body, "customers");
	if (!body)
		return;
	bool good = json_array_size(two) == 2;
	if (!good)
		call_problem(call, 422, "/customers",
		        TR("must name two customers", "두 고객을 적어야 합니다"));
	int64_t a = good ? one_of(call, two, 0) : 0, b = a ? one_of(call, two, 1) : 0;
	if (b && a == b) {
		call_problem(call, 422, "/customers",
		        TR("they are one customer", "이미 같은 고객입니다"));
	} else if (b) {
		const char *first = json_string_value(json_array_get(two, 0)),
		           *second = json_string_value(json_array_get(two, 1));
		conflict_dismiss(call->db, a, b);
		call_audit(call, "conflict.dismiss", first, second);
		call_audit(call, "conflict.dismiss", second, first);
		call_json(
		        call, 200, json_pack("{s:O, s:b}", "customers", two, "apart", 1));
	}
	json_decref(body);
}
