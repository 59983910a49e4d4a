/* Provider twilio: delivery reports that it posts. It believes none whose signature is
 * not over our own public address. Source: Twilio's document on webhooks' security. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "delivery/provider/twilio_inner.h"

const struct secret *twilio_witness(const struct channel_config *config)
{
	if (config->receipts.data)
		return &config->receipts;
	return config->secret.data && !config->key.data ? &config->secret : NULL;
}

#define FIELDS 64

struct pair {
	char *name, *value;
};

static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned int byte;
		if (*text == '+') {
			*to++ = ' ';
		} else if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1 && byte &&
		           text[2]) {
			*to++ = (char)byte;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Splits a form in place; -1: too many fields. */
static int split_form(char *form, struct pair pairs[FIELDS])
{
	int n = 0;
	char *rest = form;

	for (char *part; (part = strsep(&rest, "&"));) {
		char *equal = strchr(part, '=');
		if (!*part)
			continue;
		if (n == FIELDS)
			return -1;
		pairs[n].value = equal ? equal + 1 : part + strlen(part);
		if (equal)
			*equal = '\0';
		pairs[n].name = part;
		decode(pairs[n].name);
		decode(pairs[n].value);
		n++;
	}
	return n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

/* Base64 of HMAC-SHA1 over the address and every name and value, in order of names. */
static bool is_theirs(const struct receipts_call *call, struct pair *pairs, int n)
{
	const char *shown = call->header(call, "x-twilio-signature");
	const struct secret *secret = twilio_witness(call->config);
	struct buf words = {0};
	uint8_t mac[20];
	char *ours;
	bool same;

	if (!shown || !secret)
		return false;
	qsort(pairs, (size_t)n, sizeof *pairs, by_name);
	buf_adds(&words, call->url);
	for (int i = 0; i < n; i++) {
		buf_adds(&words, pairs[i].name);
		buf_adds(&words, pairs[i].value);
	}
	secret_hmac_sha1(secret->data, secret->len, words.data, words.len, mac);
	ours = secret_base64(mac, sizeof mac);
	same = secret_equal(shown, strlen(shown), ours, strlen(ours));
	free(ours);
	buf_free(&words);
	return same;
}

static const char *value_of(const struct pair *pairs, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(pairs[i].name, name))
			return pairs[i].value;
	return NULL;
}

enum receipts_end twilio_receipts(const struct receipts_call *call,
        void (*fn)(void *arg, const struct receipts_item *item), void *arg)
{
	char *form = mem_strndup(call->body, call->len), *key;
	const char *query = strstr(call->url, "?m="), *status, *code;
	struct pair pairs[FIELDS];
	int n = split_form(form, pairs);
	enum receipts_end end = RECEIPTS_TAKEN;

	key = query ? mem_strndup(query + 3, strcspn(query + 3, "&#")) : NULL;
	if (n < 0) {
		end = RECEIPTS_UNREADABLE;
	} else if (!is_theirs(call, pairs, n)) {
		end = RECEIPTS_FORGED;
	} else if ((status = value_of(pairs, n, "MessageStatus"))) {
		code = value_of(pairs, n, "ErrorCode");
		fn(arg, &(struct receipts_item){
		                .key = key,
		                .provider_id = value_of(pairs, n, "MessageSid"),
		                .to = value_of(pairs, n, "To"),
		                .kind = twilio_news(status, code ? code : ""),
		                .code = code,
		                .detail = twilio_meaning(code),
		        });
	}
	free(key);
	free(form);
	return end;
}
