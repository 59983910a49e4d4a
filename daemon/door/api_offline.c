/* GET /v1/coupons/offline: what a till may redeem while it cannot ask, by page, each page
 * signed. It holds no code but its hash, and nobody's name. */
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/seal.h"
#include "base/secret.h"
#include "door/api.h"
#include "door/jws.h"
#include "door/routes.h"
#include "store/offline.h"

#define PAGE 1000
#define HASH 32 /* hexadecimal digits: 128 bits of SHA-256 */
#define SALT 16

struct list {
	const struct call *call;
	char salt[2 * SALT + 1];
	json_t *coupons;
};

static json_t *time_or_null(const struct call *call, int64_t time)
{
	char out[32];
	return time ? json_string(zone_format(call->api->shop->zone, time, out))
	            : json_null();
}

static void add(void *arg, const struct offline_coupon *coupon)
{
	struct list *list = arg;
	uint8_t digest[32];
	char hex[65];
	char *input = mem_printf("%s:%s", list->salt, coupon->bare);
	secret_sha256(input, strlen(input), digest);
	free(input);
	secret_hex(digest, sizeof digest, hex);
	hex[HASH] = '\0';
	json_array_append_new(list->coupons,
	        json_pack("{s:s, s:s, s:I, s:I, s:o}", "hash", hex, "discount",
	                coupon->discount, "minimum", (json_int_t)coupon->minimum,
	                "remaining", (json_int_t)coupon->remaining, "expires",
	                time_or_null(list->call, coupon->expires_at)));
}

/* It names the day and no time, so that a day's answers are the same while no coupon
 * changes; it is good through the shop's next day. */
static json_t *payload_of(const struct call *call, int64_t after, const uint8_t seed[32])
{
	struct zone *zone = call->api->shop->zone;
	struct list list = {.call = call, .coupons = json_array()};
	uint8_t salt[32];
	int32_t day = zone_day(zone, call->now);
	char date[16];
	seal_derive(seed, "cpn-salt", 1, salt);
	secret_hex(salt, SALT, list.salt);
	int64_t next = offline_walk(call->db, after, PAGE, call->now, add, &list);
	return json_pack("{s:s, s:o, s:s, s:I, s:o, s:o}", "day",
	        calendar_format_date(day, date), "until",
	        time_or_null(call, zone_instant(zone, day + 2, 0) - 1), "salt", list.salt,
	        "after", (json_int_t)after, "next",
	        next ? json_integer(next) : json_null(), "coupons", list.coupons);
}

static void answer(const struct call *call, json_t *jws, json_t *payload)
{
	const char *known = http_header_get(call->request, "if-none-match"),
	           *signature = json_string_value(json_object_get(jws, "signature"));
	char *tag = mem_printf("\"%.43s\"", signature);
	char *extra = mem_printf("ETag: %s\r\n", tag);
	struct buf out = {0};
	if (known && strstr(known, tag)) {
		call_text_with(call, 304, NULL, extra, &out, NULL);
	} else {
		char *text = json_dumps(jws, JSON_COMPACT);
		buf_adds(&out, text);
		free(text);
		call_read(call, "coupon.offline", NULL, NULL,
		        (int64_t)json_array_size(json_object_get(payload, "coupons")));
		call_text_with(call, 200, "application/json", extra, &out, NULL);
	}
	free(extra);
	free(tag);
}

void api_coupons_offline(struct call *call)
{
	int64_t after = 0;
	uint8_t seed[32];
	if (!call_query_int(call, "after", 0, INT64_MAX, &after))
		return;
	seal_derive(dispatch_link_key(call->api->dispatch), "coupons ", 1, seed);
	json_t *payload = payload_of(call, after, seed), *jws = jws_make(seed, payload);
	answer(call, jws, payload);
	seal_wipe(seed, sizeof seed);
	json_decref(jws);
	json_decref(payload);
}
