/* /v1/notices: the ledger of the statutory notices, and what of them stands in status. It
 * changes nothing. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/duty.h"

void api_notices_list(struct call *call)
{
	char after[32] = "", late[8] = "";
	int limit;
	if (!call_limit(call, &limit))
		return;
	http_query(call->request, "after", after, sizeof after);
	http_query(call->request, "late", late, sizeof late);
	call_json(call, 200,
	        duty_list(call->db, late[0] && strcmp(late, "false") != 0,
	                strtoll(after, NULL, 10), limit, call->api->shop->zone,
	                call->now));
}

json_t *call_notices_json(struct call *call)
{
	struct duty_counts counts = {0};
	if (call->api->shop->law_korea)
		duty_count(call->db, call->now, &counts);
	return json_pack("{s:I, s:I, s:I}", "due", (json_int_t)counts.due, "late",
	        (json_int_t)counts.late, "told", (json_int_t)counts.told);
}

char *call_notices_why(struct call *call, const json_t *notices)
{
	json_int_t late = json_integer_value(json_object_get(notices, "late"));
	if (!late)
		return NULL;
	char *why = duty_why_late(call->db, call->now),
	     *text = mem_printf(
	             TR("%lld notices of consent that the law asks for are late (%s): "
	                "`dangolctl consent notices --late`.",
	                     "법에 따른 수신동의 안내 %lld건이 늦어지고 있습니다 (%s): "
	                     "`dangolctl consent notices --late`."),
	             (long long)late, why);
	free(why);
	return text;
}
