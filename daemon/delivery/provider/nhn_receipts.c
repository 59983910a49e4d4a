/* The reports that NHN posts: of text messages and of KakaoTalk in the same envelope. Its
 * signature is a fixed word that the owner set in its console; nothing is read of a call
 * that does not show it. Source: TOAST-DOCS/SMS ko/webhook.md, TOAST-DOCS/Alimtalk
 * ko/webhook-api-guide.md. */
#include <string.h>
#include "base/text.h"
#include "delivery/provider/nhn_inner.h"

struct hook {
	char request[96], id[128], status[16], code[16], number[24];
};

static bool is_signed(const struct receipts_call *call)
{
	const struct secret *ours = &call->config->receipts;
	const char *said = call->header(call, "X-Toast-Webhook-Signature");

	return said && ours->data && ours->len &&
	       secret_equal(said, strlen(said), ours->data, ours->len);
}

static const char *text_of(const json_t *hook, const char *name)
{
	return json_string_value(json_object_get(hook, name));
}

static void read_hook(struct hook *to, const json_t *hook)
{
	const char *number = text_of(hook, "recipientNo");

	nhn_word(json_object_get(hook, "requestId"), to->request, sizeof to->request);
	nhn_id(hook, to->request, to->id);
	nhn_word(json_object_get(hook, "messageStatus"), to->status, sizeof to->status);
	nhn_word(json_object_get(hook, "resultCode"), to->code, sizeof to->code);
	if (!number || text_phone(number, to->number))
		to->number[0] = '\0';
}

static const char *said(const char *text)
{
	return text[0] ? text : NULL;
}

/* The guide's own example spells the key in another way than its table. */
static const char *key_of(const json_t *hook)
{
	const char *key = text_of(hook, "recipientGroupingKey");

	return key ? key : text_of(hook, "recipientGropuingKey");
}

static enum nhn_api api_of(const json_t *hook)
{
	const char *type = text_of(hook, "kakaoMessageType");

	if (!type)
		return NHN_SMS;
	return strncmp(type, "BRAND", 5) ? NHN_ALIMTALK : NHN_BRAND;
}

static bool read_result(
        struct receipts_item *item, const struct hook *read, const json_t *hook)
{
	item->key = key_of(hook);
	item->provider_id = said(read->id);
	item->ref = said(read->request);
	item->to = said(read->number);
	item->code = said(read->code);
	return (item->key || item->provider_id) &&
	       nhn_news(api_of(hook), read->status, read->code, &item->kind,
	               &item->detail);
}

static bool read_refusal(struct receipts_item *item, const struct hook *read)
{
	item->to = said(read->number);
	item->kind = NEWS_OPTED_OUT;
	item->refusal = true;
	return item->to != NULL;
}

/* What a phone abroad says: ACCEPTED and BUFFERED are no result yet. */
static bool read_abroad(
        struct receipts_item *item, const struct hook *read, const json_t *hook)
{
	const char *status = text_of(hook, "dlrStatus");

	item->provider_id = said(read->id);
	item->ref = said(read->request);
	item->code = status;
	if (!status || !item->provider_id)
		return false;
	if (!strcmp(status, "DELIVERED"))
		item->kind = NEWS_DELIVERED;
	else if (!strcmp(status, "FAILED") || !strcmp(status, "REJECTED") ||
	         !strcmp(status, "EXPIRED"))
		item->kind = NEWS_FAILED;
	else
		item->kind = NEWS_ACCEPTED;
	return true;
}

static bool read_item(
        const char *event, struct receipts_item *item, struct hook *read, json_t *hook)
{
	read_hook(read, hook);
	if (!strcmp(event, "MESSAGE_RESULT_UPDATE"))
		return read_result(item, read, hook);
	if (!strcmp(event, "UNSUBSCRIBE"))
		return read_refusal(item, read);
	if (!strcmp(event, "INTERNATIONAL_DELIVERY_RECEIPT"))
		return read_abroad(item, read, hook);
	return false;
}

enum receipts_end nhn_receipts(const struct receipts_call *call,
        void (*item)(void *arg, const struct receipts_item *item), void *arg)
{
	json_t *json, *hooks, *hook;
	const char *event;
	size_t i;

	if (!is_signed(call))
		return RECEIPTS_FORGED;
	json = json_loadb(call->body, call->len, JSON_REJECT_DUPLICATES, NULL);
	event = text_of(json, "event");
	hooks = json_object_get(json, "hooks");
	if (!event || !json_is_array(hooks)) {
		json_decref(json);
		return RECEIPTS_UNREADABLE;
	}
	json_array_foreach(hooks, i, hook)
	{
		struct receipts_item one = {0};
		struct hook read;
		if (read_item(event, &one, &read, hook))
			item(arg, &one);
	}
	json_decref(json);
	return RECEIPTS_TAKEN;
}
