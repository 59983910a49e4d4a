/* Leads each call of the API to its function, by one table. It holds no shape and no rule
 * of what a call does. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/import_dry.h"
#include "door/job.h"
#include "door/pages.h"
#include "door/routes.h"

struct route {
	struct api_route shown;
	void (*handle)(struct call *call);
	int kind; /* of enum kind, together */
};

enum kind {
	OPEN = 1, /* on the public port as well: the call proves itself who it is from */
	TILL = 2, /* for a token that may only post, too */
	MANY = 8, /* comes as often as the store keeps up with, by whatever token */
	PEOPLE = 4, /* shows people's data: none where the access log cannot be written */
};

static const struct route routes[] = {
        {{"POST", "/v1/events", "one event, an array, NDJSON, CloudEvents"},
                api_events_post, TILL | MANY},
        {{"GET", "/v1/customers", "all customers, by page"}, api_customers_list, PEOPLE},
        {{"GET", "/v1/customers/{id}", "one customer"}, api_customers_get, PEOPLE},
        {{"PUT", "/v1/customers/{id}", "makes or replaces a customer"}, api_customers_put,
                0},
        {{"PATCH", "/v1/customers/{id}", "changes a customer (merge patch)"},
                api_customers_patch, 0},
        {{"DELETE", "/v1/customers/{id}", "erases a customer for good"},
                api_customers_delete, 0},
        {{"POST", "/v1/customers/forget", "erases whoever has an id, phone or e-mail"},
                api_customers_forget, PEOPLE},
        {{"POST", "/v1/customers/{id}/merge", "makes two customers one"},
                api_customers_merge, 0},
        {{"POST", "/v1/customers/{id}/unmerge", "takes two apart who were merged"},
                api_customers_unmerge, 0},
        {{"GET", "/v1/conflicts", "customers who may be one"}, api_conflicts_list,
                PEOPLE},
        {{"POST", "/v1/conflicts/dismiss", "says that they are two"},
                api_conflicts_dismiss, 0},
        {{"POST", "/v1/customers/export",
                 "all that is held about whoever has an id, phone or e-mail"},
                api_customers_export_of, PEOPLE},
        {{"GET", "/v1/customers/{id}/export", "all that is held about a customer"},
                api_customers_export, PEOPLE},
        {{"GET", "/v1/customers/{id}/consents", "a customer's history of consent"},
                api_consents_get, PEOPLE},
        {{"POST", "/v1/customers/{id}/consents", "records a consent or its withdrawal"},
                api_consents_post, 0},
        {{"GET", "/v1/notices", "the notices of consent that the law asks for"},
                api_notices_list, PEOPLE},
        {{"POST", "/v1/messages", "sends one template to one customer"},
                api_messages_post, 0},
        {{"GET", "/v1/messages", "messages, newest first"}, api_messages_list, PEOPLE},
        {{"POST", "/v1/messages/hold", "holds everything that waits"},
                api_messages_hold_all, 0},
        {{"POST", "/v1/messages/release", "releases everything that was held"},
                api_messages_release_all, 0},
        {{"GET", "/v1/messages/{id}", "one message with its attempts"}, api_messages_get,
                PEOPLE},
        {{"POST", "/v1/messages/{id}/hold", "holds a message"}, api_messages_hold, 0},
        {{"POST", "/v1/messages/{id}/release", "releases a held message"},
                api_messages_release, 0},
        {{"POST", "/v1/messages/{id}/retry", "tries a failed message again"},
                api_messages_retry, 0},
        {{"POST", "/v1/messages/{id}/drop", "drops a waiting message"}, api_messages_drop,
                0},
        {{"GET", "/v1/coupons/offline", "what a till may redeem off line, signed"},
                api_coupons_offline, TILL},
        {{"GET", "/v1/coupons/{code}", "one coupon"}, api_coupons_get, TILL | PEOPLE},
        {{"POST", "/v1/coupons/{code}/redeem", "redeems a coupon at the counter"},
                api_coupons_redeem, TILL},
        {{"POST", "/v1/coupons/{code}/void", "makes a coupon void"}, api_coupons_void, 0},
        {{"POST", "/v1/coupons/{code}/restore", "takes a redemption back"},
                api_coupons_restore, 0},
        {{"GET", "/v1/rules", "the rules in force"}, api_rules_list, 0},
        {{"GET", "/v1/rules/{name}", "one rule"}, api_rules_get, 0},
        {{"POST", "/v1/rules/{name}/on", "turns a rule on, from now"}, api_rules_on, 0},
        {{"POST", "/v1/rules/{name}/off", "turns a rule off and drops what waits"},
                api_rules_off, 0},
        {{"POST", "/v1/rules/{name}/pause", "pauses a rule, losing nothing"},
                api_rules_pause, 0},
        {{"POST", "/v1/rules/{name}/resume", "resumes a paused rule"}, api_rules_resume,
                0},
        {{"GET", "/v1/rules/{name}/plan",
                 "whom a rule would reach, why not, what it costs"},
                api_rules_plan, PEOPLE},
        {{"POST", "/v1/rules/{name}/approve", "lets go what the blast guard holds"},
                api_rules_approve, 0},
        {{"POST", "/v1/rules/{name}/drop", "drops what the blast guard holds"},
                api_rules_drop, 0},
        {{"POST", "/v1/rules/{name}/skip", "drops it, and what follows today"},
                api_rules_skip, 0},
        {{"POST", "/v1/reload", "reads rules and templates anew"}, api_reload, 0},
        {{"GET", "/v1/explain", "why a rule reaches a customer, or why not"}, api_explain,
                PEOPLE},
        {{"GET", "/v1/report", "what rules came to: runs, messages, goals, revenue"},
                api_report, 0},
        {{"POST", "/v1/preview", "renders a rule or template for a customer"},
                api_preview, PEOPLE},
        {{"POST", "/v1/test-sends", "sends a template to an address of the owner's"},
                api_test_sends_post, 0},
        {{"POST", "/v1/simulate", "what would be sent, as NDJSON"}, api_simulate, PEOPLE},
        {{"POST", "/v1/imports/{kind}", "customers, orders, products or consents as CSV"},
                api_imports_post, 0},
        {{"GET", "/v1/imports", "what was imported, newest first"}, api_imports_list, 0},
        {{"DELETE", "/v1/imports/{batch}", "takes back what an import did"},
                api_imports_delete, 0},
        {{"GET", "/v1/exports/{kind}",
                 "customers, orders, products, consents, messages or coupons as CSV"},
                api_exports_get, PEOPLE},
        {{"PUT", "/v1/orders/{id}", "an order of the past; triggers nothing"},
                api_orders_put, 0},
        {{"PUT", "/v1/products/{sku}", "a product"}, api_products_put, 0},
        {{"GET", "/v1/suppressions", "addresses that get no advertisement"},
                api_suppressions_list, PEOPLE},
        {{"POST", "/v1/suppressions", "adds an address"}, api_suppressions_post, 0},
        {{"DELETE", "/v1/suppressions", "removes an address"}, api_suppressions_delete,
                0},
        {{"POST", "/v1/backups", "copies the store into a new file"}, api_backups_post,
                PEOPLE},
        {{"GET", "/v1/keys", "how the store is sealed"}, api_keys_get, 0},
        {{"POST", "/v1/keys/backup", "writes the shop's key into a new file"},
                api_keys_backup, 0},
        {{"POST", "/v1/keys/rotate", "a new key; the store goes to it while it runs"},
                api_keys_rotate, 0},
        {{"GET", "/v1/audit", "who read or changed what, newest first"}, api_audit_list,
                0},
        {{"GET", "/v1/audit/review", "a month of it, and the downloads"},
                api_audit_review, 0},
        {{"POST", "/v1/audit/review", "says that a month was looked over"},
                api_audit_reviewed, 0},
        {{"GET", "/v1/audit/check", "is the chain whole"}, api_audit_check, 0},
        {{"POST", "/v1/audit/{id}/reason", "why a download was made"}, api_audit_reason,
                0},
        {{"POST", "/v1/join-links", "a link to the joining page"}, api_join_links_post,
                0},
        {{"DELETE", "/v1/join-links", "ends every link to the joining page"},
                api_join_links_delete, 0},
        {{"POST", "/v1/receipts/{provider}", "a provider's delivery reports"},
                api_receipts_post, OPEN},
        {{"POST", "/v1/hooks/{name}", "a shop system's own webhook"}, api_hooks_post,
                OPEN | MANY},
        {{"GET", "/v1/openapi.json", "this API in OpenAPI 3.1"}, api_openapi_get, TILL},
        {{"GET", "/v1/forwards", "servers that are told of events"}, api_forwards_list,
                0},
        {{"POST", "/v1/forwards/{name}/retry", "tries what waits for it at once"},
                api_forwards_retry, 0},
        {{"POST", "/v1/forwards/{name}/skip", "gives up what does not get through"},
                api_forwards_skip, 0},
        {{"GET", "/v1/status", "how the daemon is"}, api_status_get, 0},
        {{"GET", "/healthz", "liveness"}, api_health_get, TILL},
        {{"GET", "/metrics", "figures for Prometheus"}, api_metrics_get, 0},
};
#define API_TOKEN_RATE 500 /* calls a second by each token, and at once after a pause */
#define API_TOKEN_BURST 1000
#define ROUTES (sizeof routes / sizeof routes[0])

const struct api_route *api_routes(void)
{
	static struct api_route shown[ROUTES + 1];
	for (size_t i = 0; i < ROUTES; i++)
		shown[i] = routes[i].shown;
	return shown;
}

bool api_route_public(size_t i)
{
	return (routes[i].kind & OPEN) != 0;
}

bool api_route_till(size_t i)
{
	return (routes[i].kind & (TILL | OPEN)) != 0;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef",
	           *at = c ? strchr(digits, c | 0x20) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Decodes one segment of the target; "" where it is malformed. */
static const char *decode(struct arena *arena, const char *raw, size_t len)
{
	char *out = arena_alloc(arena, len + 1), *to = out;
	for (size_t i = 0; i < len; i++) {
		if (raw[i] != '%') {
			*to++ = raw[i];
			continue;
		}
		int high = i + 2 < len ? hex(raw[i + 1]) : -1,
		    low = i + 2 < len ? hex(raw[i + 2]) : -1;
		if (high < 0 || low < 0 || high + low == 0)
			return "";
		*to++ = (char)(high * 16 + low);
		i += 2;
	}
	*to = '\0';
	return out;
}

/* A variable of a path, as it was sent. */
struct span {
	const char *at;
	size_t len;
};

/* Segment by segment, so that an encoded slash stays inside its variable. */
static bool match(const char *path, const char *target, struct span args[2])
{
	size_t n = 0;
	for (;;) {
		if (*path++ != '/' || *target++ != '/')
			return false;
		size_t plen = strcspn(path, "/"), tlen = strcspn(target, "/?#");
		if (path[0] == '{') {
			assert(n < 2);
			args[n++] = (struct span){target, tlen};
		} else if (plen != tlen || memcmp(path, target, plen) != 0) {
			return false;
		}
		path += plen;
		target += tlen;
		bool path_ends = !*path,
		     target_ends = !*target || *target == '?' || *target == '#';
		if (path_ends || target_ends)
			return path_ends && target_ends;
	}
}

static bool leads(struct call *call, const struct route *route, const char *target)
{
	struct span args[2] = {{NULL, 0}, {NULL, 0}};
	if (!match(route->shown.path, target, args))
		return false;
	for (int i = 0; i < 2 && args[i].at; i++) {
		call->args[i] = decode(call->arena, args[i].at, args[i].len);
		if (!call->args[i][0])
			return false;
	}
	return true;
}

static const char *target_of(const struct http_request *request)
{
	return request->target[0] == '/' ? request->target : request->path;
}

bool api_public(const struct http_request *request)
{
	struct span args[2];
	if (page_is(request))
		return true;
	for (size_t i = 0; i < ROUTES; i++)
		if ((routes[i].kind & OPEN) &&
		        !strcmp(request->method, routes[i].shown.method) &&
		        match(routes[i].shown.path, target_of(request), args))
			return true;
	return false;
}

static const struct route *find(struct call *call, struct buf *allow)
{
	const char *method = call->request->method, *target = target_of(call->request);
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < ROUTES; i++) {
		if (!leads(call, &routes[i], target))
			continue;
		if (strcmp(method, routes[i].shown.method) == 0)
			return &routes[i];
		buf_printf(allow, "%s%s", allow->len ? ", " : "", routes[i].shown.method);
	}
	return NULL;
}

static void lost(const struct call *call, const struct buf *allow)
{
	if (!allow->len) {
		call_problem(call, 404, NULL,
		        TR("there is nothing under this path",
		                "이 주소에는 아무것도 없습니다"));
		return;
	}
	struct buf extra = {0};
	buf_printf(&extra, "Allow: %s\r\n", allow->data);
	call_refuse(call, 405, extra.data, NULL, NULL,
	        TR("this path does not take that method",
	                "이 주소는 그 메서드를 받지 않습니다"));
	buf_free(&extra);
}

/* Over http alone: on the socket the owner's own tools may ask as they like. */
static bool in_time(const struct call *call)
{
	static const struct rate rate = {API_TOKEN_RATE, API_TOKEN_BURST};
	return call->peer.role == ROLE_NONE ||
	       bucket_take(&call->api->tokens[call->peer.role], &rate,
	               uv_now(call->api->loop));
}

/* False after the refusal was answered. */
static bool may(const struct call *call, const struct route *route)
{
	if (call->peer.role == ROLE_POST && !(route->kind & (TILL | OPEN))) {
		call_problem(call, 403, NULL,
		        TR("this token may only post: events, and coupons at the "
		           "counter. "
		           "The token that may do everything is the one behind `token` "
		           "in "
		           "dangol.conf",
		                "이 토큰으로는 이벤트와 계산대의 쿠폰만 보낼 수 "
		                "있습니다. 모든 것을 할 수 있는 것은 dangol.conf의 "
		                "`token` 토큰입니다"));
		return false;
	}
	if (!(route->kind & MANY) && !in_time(call)) {
		call_refuse(call, 429, "Retry-After: 1\r\n", NULL, NULL,
		        TR("too many calls with this token: wait a second",
		                "이 토큰으로 부르는 일이 너무 잦습니다. 1초 뒤에 다시 "
		                "부르세요"));
		return false;
	}
	if (!(route->kind & PEOPLE) || !logbook_full(&call->api->logbook))
		return true;
	call_refuse(call, 503, "Retry-After: 60\r\n", NULL, NULL,
	        TR("the access log cannot be written, so that nobody may read: make room "
	           "on the disk",
	                "접속기록을 쓸 수 없어 아무것도 보여 줄 수 없습니다. 디스크 "
	                "공간을 비워 주세요"));
	return false;
}

static void lead(struct call *call)
{
	struct buf allow = {0};
	const struct route *route = find(call, &allow);
	if (!route)
		lost(call, &allow);
	else if (may(call, route))
		route->handle(call);
	buf_free(&allow);
}

void api_open(struct api *api)
{
	api->arena = arena_new();
	api->jobs = jobs_new(api->loop, api->db);
	logbook_open(&api->logbook, api->loop, api->db);
	api->simulations = NULL;
	api->n_simulations = 0;
	api->dry = NULL;
	api->joining = mem_alloc(sizeof *api->joining);
}

void api_handle(struct exchange *ex, void *arg)
{
	struct api *api = arg;
	const struct http_request *request = exchange_request(ex);
	assert(exchange_origin(ex) != ORIGIN_PUBLIC || api_public(request));
	if (!strcmp(request->method, "GET") || !strcmp(request->method, "HEAD"))
		api->end_turn(api->arg); /* who reads waits for no write, nor fails with
		                            it */
	struct call call = {
	        .api = api,
	        .db = api->db,
	        .ex = ex,
	        .request = request,
	        .logbook = &api->logbook,
	        .peer = *exchange_peer(ex),
	        .who = peer_door(exchange_peer(ex)),
	        .now = clock_now(),
	        .arena = api->arena,
	};
	if (exchange_origin(ex) == ORIGIN_PUBLIC && page_is(request))
		page_handle(&call);
	else
		lead(&call);
	arena_reset(api->arena);
}

void api_close(struct api *api)
{
	api_simulate_stop(api);
	logbook_close(&api->logbook);
	jobs_free(api->jobs);
	free(api->joining);
	import_dry_free(api->dry);
	arena_free(api->arena);
	api->jobs = NULL;
	api->arena = NULL;
}
