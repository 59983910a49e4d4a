/* /v1/join-links: the owner's links to the joining page. They are made and not kept; all
 * of them end at once when he says so. */
#include "base/log.h"
#include "base/calendar.h"
#include "delivery/token.h"
#include "door/api.h"
#include "door/routes.h"

/* A day of days since 1970 as "2027-11-23". */
static json_t *day_json(int32_t day)
{
	char date[16];
	return json_string(calendar_format_date(day, date));
}

static bool read_days(struct call *call, int64_t *days)
{
	json_t *body = call_object(call, true), *value;
	if (!body)
		return false;
	value = json_object_get(body, "days");
	bool good = !value || (json_is_integer(value) && json_integer_value(value) >= 1 &&
	                              json_integer_value(value) <= TOKEN_DAYS_MAX);
	if (value && good)
		*days = json_integer_value(value);
	json_decref(body);
	if (!good)
		call_problem(call, 422, "/days",
		        TR("a link is good for 1 to %d days",
		                "링크의 기한은 1일에서 %d일까지입니다"),
		        TOKEN_DAYS_MAX);
	return good;
}

void api_join_links_post(struct call *call)
{
	const char *base = call->api->shop->public_url;
	int64_t days = TOKEN_JOIN_DAYS;
	char text[TOKEN_SIZE];
	if (!base) {
		call_problem(call, 409, NULL,
		        TR("there is no public address to join at: write `public "
		           "\"127.0.0.1:8485\" url \"https://…\"` into `listen` of "
		           "dangol.conf",
		                "가입 화면을 열 공개 주소가 없습니다. dangol.conf의 "
		                "`listen`에 `public \"127.0.0.1:8485\" url "
		                "\"https://…\"`를 적어 주세요"));
		return;
	}
	if (!read_days(call, &days))
		return;
	struct token token = {.kind = TOKEN_JOIN,
	        .subject = db_meta_int(call->db, "join_epoch", 0),
	        .until = token_until(call->now, (int)days)};
	token_make(dispatch_link_key(call->api->dispatch), &token, text);
	call_json(call, 201,
	        json_pack("{s:o, s:o}", "url", json_sprintf("%s/j/%s", base, text),
	                "until", day_json(token.until)));
}

void api_join_links_delete(struct call *call)
{
	db_meta_set_int(
	        call->db, "join_epoch", db_meta_int(call->db, "join_epoch", 0) + 1);
	call_audit(call, "join.revoke", NULL, NULL);
	call_json(call, 200, json_pack("{s:b}", "revoked", 1));
}
