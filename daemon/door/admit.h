/* Who may come in over the loopback port: a Host of ours, and the bearer token for
 * everything but GET /healthz. */
#ifndef DANGOL_ADMIT_H
#define DANGOL_ADMIT_H

#include "base/secret.h"
#include "door/http.h"

/* 0, or the status of the refusal and why, in the owner's language. Looks at the header
 * alone. */
int admit_request(
        const struct http_request *request, const struct secret *token, const char **why);

#endif
