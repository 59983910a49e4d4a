/* Secrets and what is made with them: credentials, HMAC, random bytes, base64,
 * constant-time comparison. No secret is ever logged, printed or put into a command line.
 */
#ifndef DANGOL_SECRET_H
#define DANGOL_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secret {
	char *data; /* NUL after len bytes */
	size_t len;
};

enum secret_error {
	SECRET_OK,
	SECRET_MISSING,
	SECRET_READABLE /* by group or others */,
	SECRET_FOLDER /* others may put files into its folder */,
	SECRET_EMPTY,
	SECRET_UNREADABLE,
	SECRET_BAD_NAME
};

/* Reads credential name from $CREDENTIALS_DIRECTORY/name, else dir/credentials/name. One
 * final line end is not part of it. path (at least 4096 bytes) is the file tried last. */
enum secret_error secret_load(
        const char *dir, const char *name, struct secret *out, char *path);
void secret_free(struct secret *secret); /* clears, then frees */
bool secret_equal(const char *a, size_t alen, const char *b,
        size_t blen); /* constant time in the content */

void secret_hmac_sha256(
        const void *key, size_t keylen, const void *data, size_t len, uint8_t out[32]);
/* SHA-1 only where a provider's own protocol has it. */
void secret_hmac_sha1(
        const void *key, size_t keylen, const void *data, size_t len, uint8_t out[20]);
void secret_sha1(const void *data, size_t len, uint8_t out[20]);
void secret_sha256(const void *data, size_t len, uint8_t out[32]);
void secret_random(
        void *out, size_t len); /* the system's generator; dies when there is none */
char *secret_hex(
        const uint8_t *data, size_t len, char *out);  /* out of 2 * len + 1 bytes */
char *secret_base64(const void *data, size_t len);    /* returns new */
char *secret_base64url(const void *data, size_t len); /* RFC 4648 5, unpadded; new */
/* Standard or URL alphabet, padding optional. Returns new bytes and their count, or NULL.
 */
uint8_t *secret_unbase64(const char *text, size_t len, size_t *out_len);

/* Standard Webhooks: "v1,BASE64" over "id.timestamp.body". key is the secret as written,
 * "whsec_…" or raw bytes. Returns new. Source: standard-webhooks specification,
 * "Signature scheme". */
char *secret_webhook_signature(const struct secret *key, const char *id,
        int64_t timestamp_s, const char *body, size_t len);

#endif
