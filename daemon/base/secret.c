/* Credentials, and what is computed with them; the only file of the daemon that asks
 * OpenSSL for a hash. Never logs, prints or leaves behind in freed memory what it was
 * given. */
#include "base/secret.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define SECRET_MOST 65536

/* ---- credentials ---- */

static bool good_name(const char *name)
{
	size_t len = strnlen(name, 101);

	if (!len || len > 100 || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		            (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return true;
}

static void take_line_end(struct secret *secret)
{
	if (secret->len && secret->data[secret->len - 1] == '\n')
		secret->len--;
	if (secret->len && secret->data[secret->len] == '\n' &&
	        secret->data[secret->len - 1] == '\r')
		secret->len--;
	secret->data[secret->len] = '\0';
}

static enum secret_error read_all(int fd, size_t size, struct secret *out)
{
	struct secret found = {.data = mem_alloc(size + 1)};

	while (found.len < size) {
		ssize_t n = read(fd, found.data + found.len, size - found.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			secret_free(&found);
			return SECRET_UNREADABLE;
		}
		if (n == 0)
			break;
		found.len += (size_t)n;
	}
	take_line_end(&found);
	if (!found.len) {
		secret_free(&found);
		return SECRET_EMPTY;
	}
	*out = found;
	return SECRET_OK;
}

/* forbidden: the mode's bits that others than the owner must not have. */
static enum secret_error read_file(const char *path, mode_t forbidden, struct secret *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum secret_error error = SECRET_UNREADABLE;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SECRET_MISSING
		                                           : SECRET_UNREADABLE;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SECRET_MOST) {
		if (st.st_mode & forbidden)
			error = SECRET_READABLE;
		else
			error = read_all(fd, (size_t)st.st_size, out);
	}
	close(fd);
	return error;
}

enum secret_error secret_load(
        const char *dir, const char *name, struct secret *out, char *path)
{
	const char *given = getenv("CREDENTIALS_DIRECTORY");
	enum secret_error error;
	struct stat folder;
	int len;

	path[0] = '\0';
	if (!good_name(name))
		return SECRET_BAD_NAME;
	if (given && *given) {
		len = snprintf(path, PATH_SIZE, "%s/%s", given, name);
		/* systemd lets the service's user in by an ACL, whose mask shows as the
		 * group's bits. */
		error = len < PATH_SIZE ? read_file(path, 07, out) : SECRET_UNREADABLE;
		if (error != SECRET_MISSING)
			return error;
	}
	len = snprintf(path, PATH_SIZE, "%s/credentials", dir);
	if (len >= PATH_SIZE)
		return SECRET_UNREADABLE;
	if (stat(path, &folder) == 0 && (folder.st_mode & 022))
		return SECRET_FOLDER;
	len = snprintf(path, PATH_SIZE, "%s/credentials/%s", dir, name);
	return len < PATH_SIZE ? read_file(path, 077, out) : SECRET_UNREADABLE;
}

void secret_free(struct secret *secret)
{
	if (secret->data)
		OPENSSL_cleanse(secret->data, secret->len);
	free(secret->data);
	*secret = (struct secret){0};
}

bool secret_equal(const char *a, size_t alen, const char *b, size_t blen)
{
	return alen == blen && (alen == 0 || CRYPTO_memcmp(a, b, alen) == 0);
}

/* ---- hashes ---- */

static EVP_MAC *hmac; /* looking the algorithm up costs more than using it */

static void fetch_hmac(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
}

static void hmac_with(const char *name, const void *key, size_t keylen, const void *data,
        size_t len, uint8_t *out, size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(
	                               OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)name, 0),
	        OSSL_PARAM_construct_end()};
	EVP_MAC_CTX *mac;
	size_t made = 0;

	pthread_once(&once, fetch_hmac);
	mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	/* OpenSSL takes a NULL key for the one before. */
	if (!mac || !EVP_MAC_init(mac, keylen ? key : "", keylen, digest) ||
	        !EVP_MAC_update(mac, data, len) ||
	        !EVP_MAC_final(mac, out, &made, size) || made != size)
		log_die(TR("OpenSSL cannot compute HMAC",
		        "OpenSSL이 HMAC을 계산하지 못합니다"));
	EVP_MAC_CTX_free(mac);
}

void secret_hmac_sha256(
        const void *key, size_t keylen, const void *data, size_t len, uint8_t out[32])
{
	hmac_with("SHA256", key, keylen, data, len, out, 32);
}

void secret_hmac_sha1(
        const void *key, size_t keylen, const void *data, size_t len, uint8_t out[20])
{
	hmac_with("SHA1", key, keylen, data, len, out, 20);
}

void secret_sha1(const void *data, size_t len, uint8_t out[20])
{
	if (!EVP_Digest(data, len, out, NULL, EVP_sha1(), NULL))
		log_die(TR("OpenSSL cannot compute SHA-1",
		        "OpenSSL이 SHA-1을 계산하지 못합니다"));
}

void secret_sha256(const void *data, size_t len, uint8_t out[32])
{
	if (!EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL))
		log_die(TR("OpenSSL cannot compute SHA-256",
		        "OpenSSL이 SHA-256을 계산하지 못합니다"));
}

void secret_random(void *out, size_t len)
{
	char *p = out;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			log_die(TR("the system gives no random bytes: %s",
			                "시스템이 난수를 주지 않습니다: %s"),
			        strerror(errno));
		p += n;
		len -= (size_t)n;
	}
}

/* ---- bytes as text ---- */

char *secret_hex(const uint8_t *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

char *secret_base64(const void *data, size_t len)
{
	char *out;

	assert(len <= INT_MAX / 2);
	out = mem_alloc((len + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
	return out;
}

char *secret_base64url(const void *data, size_t len)
{
	char *out = secret_base64(data, len);

	out[strcspn(out, "=")] = '\0';
	for (char *c = out; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	return out;
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* The length without padding, or -1 when there is padding that does not fit. */
static ptrdiff_t unpadded(const char *text, size_t len)
{
	size_t pads = 0;

	while (pads < 2 && len > pads && text[len - pads - 1] == '=')
		pads++;
	if ((pads && len % 4 != 0) || (len - pads) % 4 == 1)
		return -1;
	return (ptrdiff_t)(len - pads);
}

uint8_t *secret_unbase64(const char *text, size_t len, size_t *out_len)
{
	ptrdiff_t most = unpadded(text, len);
	uint32_t bits = 0;
	size_t n = 0;
	int held = 0;
	uint8_t *out;

	if (most < 0)
		return NULL;
	out = mem_alloc((size_t)most / 4 * 3 + 3);
	for (ptrdiff_t i = 0; i < most; i++) {
		int value = sextet(text[i]);

		if (value < 0) {
			OPENSSL_cleanse(out, n);
			free(out);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (uint8_t)(bits >> held);
		}
	}
	*out_len = n;
	return out;
}

/* ---- Standard Webhooks ---- */

/* The key's bytes; *made is what must be cleared and freed, or NULL. */
static const void *webhook_key(const struct secret *key, size_t *len, uint8_t **made)
{
	static const char mark[] = "whsec_";
	const size_t skip = sizeof(mark) - 1;

	*made = NULL;
	*len = key->len;
	if (key->len > skip && memcmp(key->data, mark, skip) == 0) {
		*made = secret_unbase64(key->data + skip, key->len - skip, len);
		if (!*made)
			*len = key->len;
	}
	return *made ? (const void *)*made : key->data;
}

char *secret_webhook_signature(const struct secret *key, const char *id,
        int64_t timestamp_s, const char *body, size_t len)
{
	struct buf text = {0};
	uint8_t mac[32], *made;
	size_t keylen;
	const void *bytes = webhook_key(key, &keylen, &made);
	char *base64, *out;

	buf_printf(&text, "%s.%lld.", id, (long long)timestamp_s);
	buf_add(&text, body, len);
	secret_hmac_sha256(bytes, keylen, text.data, text.len, mac);
	base64 = secret_base64(mac, sizeof(mac));
	out = mem_printf("v1,%s", base64);
	if (made)
		OPENSSL_cleanse(made, keylen);
	free(made);
	free(base64);
	buf_free(&text);
	return out;
}
