/* The headers that prove a POST. It judges no answer and repeats nothing. */
#include "delivery/signed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/mem.h"

void signed_post(struct httpc *httpc, const struct secret *secret, const char *id,
        const char *url, const char *type, const char *body, httpc_done done, void *arg)
{
	int64_t now_s = clock_machine() / 1000;
	size_t len = strlen(body);
	char *kind = mem_printf("content-type: %s", type);
	char *name = mem_printf("webhook-id: %s", id);
	char *stamp = mem_printf("webhook-timestamp: %" PRId64, now_s);
	char *mac = secret->data ? secret_webhook_signature(secret, id, now_s, body, len)
	                         : NULL;
	char *signature = mac ? mem_printf("webhook-signature: %s", mac) : NULL;
	const char *headers[] = {kind, name, stamp, signature, NULL};

	httpc_ask(httpc, &(struct httpc_request){"POST", url, headers, body, len, 0},
	        done, arg);
	free(signature);
	free(mac);
	free(stamp);
	free(name);
	free(kind);
}
