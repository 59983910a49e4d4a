/* Reads what the owner's own sending program reports. It looks into no body before its
 * signature is good, and keeps nothing. */
#include "delivery/webhook_receipts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/text.h"

#define TOLERANCE (5 * MS_MINUTE) /* of the timestamp, either way */

/* ---- who says so ---- */

static bool read_stamp(const char *text, int64_t *stamp_s)
{
	char *end;

	if (!text || strspn(text, "0123456789") != strlen(text) || !*text ||
	        strlen(text) > 12)
		return false;
	*stamp_s = strtoll(text, &end, 10);
	return true;
}

/* Signatures of several secrets may stand side by side: "v1,AAAA v1,BBBB". */
static bool among(const char *header, const char *expected)
{
	size_t wanted = strlen(expected);
	bool found = false;

	while (*header) {
		size_t len = strcspn(header, " ");
		found |= secret_equal(header, len, expected, wanted);
		header += len;
		header += strspn(header, " ");
	}
	return found;
}

static bool signed_well(const struct receipts_call *call)
{
	const struct secret *secret = &call->config->receipts;
	const char *id = call->header(call, "webhook-id"),
	           *stamp = call->header(call, "webhook-timestamp"),
	           *signature = call->header(call, "webhook-signature");
	int64_t stamp_s;
	char *expected;
	bool good;

	if (!secret->data || !id || !*id || !signature || !read_stamp(stamp, &stamp_s))
		return false;
	if (llabs(call->now - stamp_s * MS_SECOND) > TOLERANCE)
		return false;
	expected = secret_webhook_signature(secret, id, stamp_s, call->body, call->len);
	good = among(signature, expected);
	free(expected);
	return good;
}

/* ---- what is said ---- */

static bool kind_of(const char *state, enum news_kind *kind)
{
	static const struct {
		const char *state;
		enum news_kind kind;
	} kinds[] = {{"accepted", NEWS_ACCEPTED}, {"delivered", NEWS_DELIVERED},
	        {"failed", NEWS_FAILED}, {"opted_out", NEWS_OPTED_OUT}};

	for (size_t i = 0; state && i < sizeof kinds / sizeof kinds[0]; i++)
		if (!strcmp(kinds[i].state, state)) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

/* Text, or a number written out in room (24 bytes); NULL: neither. */
static const char *word(json_t *object, const char *name, char room[24])
{
	json_t *value = json_object_get(object, name);

	if (json_is_integer(value)) {
		snprintf(room, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return room;
	}
	return json_string_value(value);
}

/* False: it is no report. Whoever refuses without a message of ours is named by `to`. */
static bool tell(json_t *object,
        void (*item)(void *arg, const struct receipts_item *item), void *arg)
{
	char id_room[24], code_room[24];
	const char *id = word(object, "id", id_room);
	struct receipts_item one = {
	        .key = id,
	        .provider_id = id,
	        .to = json_string_value(json_object_get(object, "to")),
	        .code = word(object, "code", code_room),
	        .detail = json_string_value(json_object_get(object, "detail")),
	};

	if (!kind_of(json_string_value(json_object_get(object, "state")), &one.kind))
		return false;
	one.refusal = !id && one.to && one.kind == NEWS_OPTED_OUT;
	if ((!id || !*id) && !one.refusal)
		return false;
	item(arg, &one);
	return true;
}

enum receipts_end webhook_receipts(const struct receipts_call *call,
        void (*item)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *body, *one;
	bool good = true;
	size_t i;

	if (!signed_well(call))
		return RECEIPTS_FORGED;
	body = json_loadb(call->body, call->len, 0, NULL);
	if (!json_is_array(body))
		good = json_is_object(body) && tell(body, item, arg);
	json_array_foreach(body, i, one) good = good && tell(one, item, arg);
	json_decref(body);
	return good ? RECEIPTS_TAKEN : RECEIPTS_UNREADABLE;
}
