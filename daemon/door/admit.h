/* Who may come in over the loopback port: a Host of ours, and the bearer token for
 * everything but GET /healthz. */
#ifndef DANGOL_ADMIT_H
#define DANGOL_ADMIT_H

#include "base/secret.h"
#include "door/http.h"
#include "door/peer.h"

struct admit_tokens {
	const struct secret *all;  /* lets do everything */
	const struct secret *post; /* lets post alone (enum role); NULL or empty: none */
};

/* 0 and what the caller may do, or the status of the refusal and why, in the owner's
 * language. Looks at the header alone. */
int admit_request(const struct http_request *request, const struct admit_tokens *tokens,
        enum role *role, const char **why);

#endif
