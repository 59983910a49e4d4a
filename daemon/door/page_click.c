/* /c/TOKEN: from a link of a message to where it leads. It leads only to addresses that
 * templates have, and shows nobody's data; whether it counts is the engine's. */
#include <stdio.h>
#include <string.h>
#include "base/secret.h"
#include "door/api.h"
#include "door/page.h"
#include "engine/border.h"
#include "engine/click.h"
#include "store/link.h"

/* The same for the same browser at the same address; who that is cannot be told. */
static void digest_client(const struct call *call, uint8_t out[CLICK_CLIENT])
{
	const char *agent = http_header_get(call->request, "user-agent");
	const char *text = arena_printf(
	        call->arena, "click %s %s", call->peer.address, agent ? agent : "");
	uint8_t digest[32];
	secret_hmac_sha256(dispatch_link_key(call->api->dispatch), 32,
	        (const uint8_t *)text, strlen(text), digest);
	memcpy(out, digest, CLICK_CLIENT);
}

/* As a header may hold it: what is no visible ASCII is percent-encoded (RFC 3986 2.1). */
static const char *encoded(const struct call *call, const char *url)
{
	char *out = arena_alloc(call->arena, strlen(url) * 3 + 1), *at = out;
	for (; *url; url++) {
		unsigned char c = (unsigned char)*url;
		if (c > ' ' && c < 0x7f)
			*at++ = *url;
		else
			at += sprintf(at, "%%%02X", c);
	}
	*at = 0;
	return out;
}

/* Sources: RFC 9110 15.4.3; Cache-Control: no-store is every answer's. */
static void lead_on(const struct call *call, const char *url)
{
	struct buf nothing = {0};
	const char *extra = arena_printf(call->arena,
	        "Location: %s\r\nReferrer-Policy: no-referrer\r\n"
	        "X-Robots-Tag: noindex, nofollow\r\n",
	        encoded(call, url));
	call_text_with(call, 302, NULL, extra, &nothing, NULL);
}

void page_click(struct call *call, const char *text)
{
	struct click click = {.at = call->now};
	bool counts = strcmp(call->request->method, "HEAD") != 0;
	const char *url = NULL;
	if (token_read_click(dispatch_link_key(call->api->dispatch), text, &click.message,
	            &click.link))
		url = link_url(call->db, click.link, call->arena);
	if (!url) {
		page_gone(call);
		return;
	}
	digest_client(call, click.client);
	/* Before it is counted: whoever follows a link gets there also when the disk is
	 * full. */
	lead_on(call, url);
	if (!counts)
		return;
	click_opened(call->api->engine, &click);
	border_settle(call->api->engine, call->now, call->now);
}
