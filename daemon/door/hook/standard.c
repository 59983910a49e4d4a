/* Standard Webhooks: whatever system speaks it in our own words. The id is signed, so it
 * names the event. Source: Standard Webhooks specification 1.0.0. */
#include "door/hook/hook.h"

static void read(struct hook_call *call)
{
	const char *type = hook_text(call, call->json, "/type");
	json_t *data = hook_at(call->json, "/data"), *event;

	if (!type || !json_is_object(data)) {
		hook_ignore(call);
		return;
	}
	event = hook_event(call, type, hook_time(call, call->json, "/timestamp", NULL),
	        "%s", call->header(call, "webhook-id"));
	json_object_update(hook_data(event), data);
	hook_copy(event, "customer", data, "/customer");
	json_object_del(hook_data(event), "customer");
}

const struct hook_kind hook_standard_kind = {
        .name = "standard", .verify = hook_standard, .read = read};
