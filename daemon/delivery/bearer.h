/* What a program that fetches an access token prints: the token alone, or the JSON of an
 * OAuth 2.0 answer. Sources: RFC 6749 5.1 (access_token, expires_in), RFC 6750 2.1 (what
 * a token is made of), RFC 4954 4 (what fits into AUTH). */
#ifndef DANGOL_BEARER_H
#define DANGOL_BEARER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BEARER_PRINTED_MOST = 16 * 1024, /* that is read of what it prints */
	BEARER_MOST = 8 * 1024, /* of a token: base64 in AUTH has 12,288 octets at most */
};
#define BEARER_LIFE_MOST \
	((int64_t)30 * 24 * 3600 * 1000) /* longer ones are cut to it \
	                                  */

struct bearer {
	char *token;     /* owned; a secret */
	int64_t life_ms; /* from now; 0: it does not say */
};

/* false: there is no token in it. White space around it is left out. */
bool bearer_read(const char *printed, size_t len, struct bearer *out);
void bearer_fini(struct bearer *bearer); /* clears, then frees */

#endif
