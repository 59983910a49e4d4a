/* /v1/forwards: servers of the shop's that are told of events, and the owner's two words
 * about one that fails. */
#include <stdio.h>
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"

json_t *call_forwards_json(struct call *call)
{
	return forwarder_status(call->api->forwarder, call->now);
}

void api_forwards_list(struct call *call)
{
	json_t *list = json_array(), *all = call_forwards_json(call), *one;
	const char *name;
	json_object_foreach(all, name, one)
	{
		json_t *shown = json_pack("{s:s}", "name", name);
		json_object_update(shown, one);
		json_array_append_new(list, shown);
	}
	json_decref(all);
	call_json(call, 200, json_pack("{s:o, s:n}", "forwards", list, "next"));
}

/* False after 404 was answered. */
static bool known(struct call *call)
{
	if (forwarder_has(call->api->forwarder, call->args[0]))
		return true;
	call_problem(call, 404, NULL,
	        TR("there is no forward of that name in dangol.conf",
	                "dangol.conf에 그런 이름의 전달이 없습니다"));
	return false;
}

static void say(struct call *call, int64_t skipped)
{
	json_t *all = call_forwards_json(call),
	       *shown = json_pack("{s:s}", "name", call->args[0]);
	json_object_update(shown, json_object_get(all, call->args[0]));
	if (skipped >= 0)
		json_object_set_new(shown, "skipped_now", json_integer(skipped));
	json_decref(all);
	call_json(call, 200, shown);
}

void api_forwards_retry(struct call *call)
{
	if (!known(call))
		return;
	forwarder_retry(call->api->forwarder, call->args[0], call->now);
	call_audit(call, "forward.retry", call->args[0], NULL);
	say(call, -1);
}

void api_forwards_skip(struct call *call)
{
	char detail[48];
	if (!known(call))
		return;
	int64_t n = forwarder_skip(call->api->forwarder, call->args[0], call->now);
	snprintf(detail, sizeof detail, "%lld", (long long)n);
	call_audit(call, "forward.skip", call->args[0], detail);
	say(call, n);
}
