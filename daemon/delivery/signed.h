/* One POST signed after the Standard Webhooks specification (1.0.0, "Webhook headers",
 * "Signature scheme"): webhook-id, webhook-timestamp by the machine's clock,
 * webhook-signature. */
#ifndef DANGOL_SIGNED_H
#define DANGOL_SIGNED_H

#include "base/secret.h"
#include "delivery/httpc.h"

/* id: the same over retries. Without a secret there is no signature. Everything is
 * borrowed for the call; httpc has room. */
void signed_post(struct httpc *httpc, const struct secret *secret, const char *id,
        const char *url, const char *type, const char *body, httpc_done done, void *arg);

#endif
