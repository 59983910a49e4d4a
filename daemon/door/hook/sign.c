/* How webhooks are signed. Every comparison takes the same time whatever is compared. */
#include <stdlib.h>
#include <string.h>
#include "door/hook/hook.h"

#define TOLERANCE_S 300 /* Standard Webhooks: reference libraries take 5 minutes */

static bool same(const char *a, const char *b)
{
	return secret_equal(a, strlen(a), b, strlen(b));
}

/* The HMAC by one of the block's secrets. */
static void hmac(const struct hook_call *call, const struct secret *secret,
        const char *prefix, uint8_t out[32])
{
	struct buf signed_text = {0};

	buf_adds(&signed_text, prefix ? prefix : "");
	buf_add(&signed_text, call->body, call->len);
	secret_hmac_sha256(
	        secret->data, secret->len, signed_text.data, signed_text.len, out);
	buf_free(&signed_text);
}

static bool signed_by(const struct hook_call *call, const struct secret *secret,
        const char *prefix, const char *said, bool hex)
{
	uint8_t digest[32];
	char text[65], *base64;
	bool good;

	if (!secret->data || !secret->len)
		return false;
	hmac(call, secret, prefix, digest);
	if (hex)
		return same(said, secret_hex(digest, sizeof digest, text));
	base64 = secret_base64(digest, sizeof digest);
	good = same(said, base64);
	free(base64);
	return good;
}

bool hook_hmac_base64(const struct hook_call *call, const char *prefix, const char *said)
{
	return said &&
	       (signed_by(call, &call->config->secret, prefix, said, false) ||
	               signed_by(call, &call->config->old_secret, prefix, said, false));
}

bool hook_hmac_hex(const struct hook_call *call, const char *prefix, const char *said)
{
	return said &&
	       (signed_by(call, &call->config->secret, prefix, said, true) ||
	               signed_by(call, &call->config->old_secret, prefix, said, true));
}

static bool is_secret(const struct secret *secret, const char *said)
{
	return secret->len && secret_equal(said, strlen(said), secret->data, secret->len);
}

bool hook_key(const struct hook_call *call, const char *said)
{
	return said && (is_secret(&call->config->secret, said) ||
	                       is_secret(&call->config->old_secret, said));
}

/* ---- Standard Webhooks ---- */

/* Digits alone: no sign, no space, no point. */
static bool read_seconds(const char *text, int64_t *out)
{
	size_t len = strlen(text);

	if (!len || len > 12 || strspn(text, "0123456789") != len)
		return false;
	*out = strtoll(text, NULL, 10);
	return true;
}

static bool listed(const char *list, const char *signature)
{
	bool found = false;

	for (const char *one = list; *one; one += strspn(one, " ")) {
		size_t len = strcspn(one, " ");

		found |= secret_equal(one, len, signature, strlen(signature));
		one += len;
	}
	return found;
}

static bool vouches(const struct hook_call *call, const struct secret *secret,
        const char *id, int64_t seconds, const char *list)
{
	char *signature;
	bool good;

	if (!secret->len)
		return false;
	signature = secret_webhook_signature(secret, id, seconds, call->body, call->len);
	good = signature && listed(list, signature);
	free(signature);
	return good;
}

enum hook_verdict hook_standard(const struct hook_call *call)
{
	const char *id = call->header(call, "webhook-id"),
	           *stamp = call->header(call, "webhook-timestamp"),
	           *list = call->header(call, "webhook-signature");
	int64_t seconds, now = call->now / 1000;

	if (!id || !stamp || !list)
		return HOOK_FORGED;
	if (!*id || !read_seconds(stamp, &seconds))
		return HOOK_MALFORMED;
	if (!vouches(call, &call->config->secret, id, seconds, list) &&
	        !vouches(call, &call->config->old_secret, id, seconds, list))
		return HOOK_FORGED;
	return seconds < now - TOLERANCE_S || seconds > now + TOLERANCE_S ? HOOK_FORGED
	                                                                  : HOOK_GOOD;
}
