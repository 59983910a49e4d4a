/* /v1/suppressions: the addresses that get no advertisement. */
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/consent.h"
#include "store/suppression.h"

#define ADDRESS_MAX 320

void api_suppressions_list(struct call *call)
{
	char after[ADDRESS_MAX + 32] = "";
	int limit;
	if (!call_limit(call, &limit))
		return;
	http_query(call->request, "after", after, sizeof after);
	json_t *list = suppression_list(
	        call->db, after[0] ? after : NULL, limit, call->api->shop->zone);
	call_read_list(call, "suppressions.list", NULL, list, "suppressions", 0);
	call_json(call, 200, list);
}

/* As it is kept: E.164, or an e-mail address. */
static bool canonical(const char *text, char out[ADDRESS_MAX])
{
	if (strchr(text, '@'))
		return text_email(text, out, ADDRESS_MAX) == 0;
	return strlen(text) < 64 && text_phone(text, out) == 0;
}

/* To be taken off the list: also what the list shows of an erased customer. */
static bool listed(const char *text, char out[ADDRESS_MAX])
{
	if (!suppression_is_hidden(text))
		return canonical(text, out);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool medium_known(const char *channel)
{
	return strcmp(channel, "all") == 0 ||
	       (consent_channel_known(channel) && strcmp(channel, "data") != 0);
}

struct named {
	char address[ADDRESS_MAX];
	const char *channel;
};

/* What the call names, its address there already when good; false after the refusal was
 * answered. */
static bool check(struct call *call, bool good, const char *channel, struct named *out)
{
	if (!good) {
		call_problem(call, 422, "/address",
		        TR("this is neither a phone number nor an e-mail address",
		                "전화번호도 메일 주소도 아닙니다"));
		return false;
	}
	out->channel = channel && channel[0] ? channel : "all";
	if (medium_known(out->channel))
		return true;
	call_problem(call, 422, "/channel",
	        TR("a channel here is sms, kakao, email, push or all",
	                "채널은 sms, kakao, email, push, all 가운데 하나입니다"));
	return false;
}

void api_suppressions_post(struct call *call)
{
	json_t *body = call_object(call, false);
	const char *address = NULL, *channel = NULL, *reason = "owner";
	struct named named;
	if (body && call_member_text(call, body, "address", true, &address) &&
	        call_member_text(call, body, "channel", false, &channel) &&
	        call_member_text(call, body, "reason", false, &reason) &&
	        check(call, canonical(address, named.address), channel, &named)) {
		suppression_add(call->db, named.address, named.channel, reason, call->who,
		        call->now);
		call_audit(call, "suppression.add", NULL, named.channel);
		call_json(call, 201,
		        json_pack("{s:s, s:s, s:s}", "address", named.address, "channel",
		                named.channel, "reason", reason));
	}
	json_decref(body);
}

static void drop(struct call *call, const char *address, const char *channel)
{
	struct named named;
	if (!check(call, listed(address, named.address), channel, &named))
		return;
	if (!suppression_remove(call->db, named.address, named.channel)) {
		call_problem(call, 404, NULL,
		        TR("this address is not on the list for that channel",
		                "그 채널의 목록에 없는 주소입니다"));
		return;
	}
	call_audit(call, "suppression.remove", NULL, named.channel);
	call_json(call, 200,
	        json_pack("{s:s, s:s, s:b}", "address", named.address, "channel",
	                named.channel, "removed", 1));
}

/* By the query, or by a body. */
void api_suppressions_delete(struct call *call)
{
	char address[ADDRESS_MAX], channel[32] = "";
	if (http_query(call->request, "address", address, sizeof address)) {
		http_query(call->request, "channel", channel, sizeof channel);
		drop(call, address, channel);
		return;
	}
	json_t *body = call_object(call, true);
	const char *told = NULL, *medium = NULL;
	if (body && call_member_text(call, body, "address", true, &told) &&
	        call_member_text(call, body, "channel", false, &medium))
		drop(call, told, medium);
	json_decref(body);
}
