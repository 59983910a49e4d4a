/* Sealing by libsodium. Holds the keys of the process, and gives none of them away. */
#include "base/seal.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include "base/log.h"

#define FORMAT 1
#define SIGN_BYTES 4
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define BEGIN_BYTES crypto_core_hchacha20_INPUTBYTES
#define HEAD_BYTES (1 + SIGN_BYTES + NONCE_BYTES)

_Static_assert(HEAD_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES == SEAL_OVERHEAD,
        "what a seal adds is written once");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SEAL_KEY_BYTES &&
                       crypto_kdf_KEYBYTES == SEAL_KEY_BYTES,
        "one size of keys");

/* One key's: that which seals, its sign, which tells it from others, and what the first
 * 16 bytes of a nonce of this process make of it. XChaCha20-Poly1305 is ChaCha20-Poly1305
 * under HChaCha20 of the key and those 16 bytes, with the last 8 as its nonce. Source:
 * draft-irtf-cfrg-xchacha, 2.3. */
struct key {
	uint8_t seals[SEAL_KEY_BYTES];
	uint8_t begun[SEAL_KEY_BYTES];
	uint8_t sign[SIGN_BYTES];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t guard = PTHREAD_RWLOCK_INITIALIZER;
static struct key *ring; /* SEAL_KEYS_MAX of them in locked memory, or NULL */
static atomic_size_t n_keys;
static uint8_t nonce_begin[BEGIN_BYTES];
static atomic_uint_fast64_t nonce_end;

static const char *const names[] = {
        [SEAL_PERSON] = "person.value",
        [SEAL_ATTRIBUTES] = "customer.attributes",
        [SEAL_EVENT] = "event.data",
        [SEAL_MESSAGE] = "message.data",
        [SEAL_ADDRESS] = "message.address",
        [SEAL_LETTER] = "letter.text",
        [SEAL_DETAIL] = "attempt.detail",
        [SEAL_ANSWER] = "idempotency.body",
        [SEAL_SUPPRESSION] = "suppression.shown",
        [SEAL_STORE] = "store.key",
        [SEAL_MERGED] = "merged.was",
        [SEAL_IMPORT] = "import_change.value",
};

const char *seal_purpose_name(enum seal_purpose purpose)
{
	return names[purpose];
}

static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int8_t values[256]; /* of letters; -1: none */

static void set_letters(void)
{
	memset(values, -1, sizeof values);
	for (int i = 0; letters[i]; i++)
		values[(uint8_t)letters[i]] = (int8_t)i;
}

static void set_up(void)
{
	if (sodium_init() < 0)
		log_die("libsodium does not start");
	randombytes_buf(nonce_begin, sizeof nonce_begin);
	set_letters();
}

/* ---- keys ---- */

static void derive(struct key *key, const uint8_t secret[SEAL_KEY_BYTES])
{
	uint8_t sign[crypto_kdf_BYTES_MIN];

	crypto_kdf_derive_from_key(key->seals, sizeof key->seals, 1, "dangseal", secret);
	crypto_kdf_derive_from_key(sign, sizeof sign, 2, "dangseal", secret);
	memcpy(key->sign, sign, sizeof key->sign);
	crypto_core_hchacha20(key->begun, nonce_begin, key->seals, NULL);
}

void seal_keys(const uint8_t (*keys)[SEAL_KEY_BYTES], size_t n)
{
	assert(n <= SEAL_KEYS_MAX);
	pthread_once(&once, set_up);
	pthread_rwlock_wrlock(&guard);
	if (n && !ring)
		ring = sodium_allocarray(SEAL_KEYS_MAX, sizeof *ring);
	if (n && !ring)
		log_die("out of memory");
	for (size_t i = 0; i < n; i++)
		derive(&ring[i], keys[i]);
	if (!n) {
		sodium_free(ring);
		ring = NULL;
	}
	n_keys = n;
	pthread_rwlock_unlock(&guard);
}

size_t seal_key_count(void)
{
	return n_keys;
}

static const struct key *key_of(const uint8_t *sealed)
{
	for (size_t i = 0; i < n_keys; i++)
		if (!memcmp(ring[i].sign, sealed + 1, SIGN_BYTES))
			return &ring[i];
	return NULL;
}

/* ---- values ---- */

static void next_nonce(uint8_t out[NONCE_BYTES])
{
	uint64_t n = atomic_fetch_add(&nonce_end, 1);

	memcpy(out, nonce_begin, sizeof nonce_begin);
	memcpy(out + sizeof nonce_begin, &n, sizeof n);
}

static void rest_of_nonce(
        const uint8_t *sealed, uint8_t out[crypto_aead_chacha20poly1305_ietf_NPUBBYTES])
{
	memset(out, 0, 4);
	memcpy(out + 4, sealed + 1 + SIGN_BYTES + BEGIN_BYTES, 8);
}

size_t seal_close(enum seal_purpose purpose, const void *data, size_t len, uint8_t *out)
{
	const char *name = names[purpose];
	uint8_t rest[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	unsigned long long sealed;

	pthread_rwlock_rdlock(&guard);
	assert(n_keys > 0);
	out[0] = FORMAT;
	memcpy(out + 1, ring[0].sign, SIGN_BYTES);
	next_nonce(out + 1 + SIGN_BYTES);
	rest_of_nonce(out, rest);
	crypto_aead_chacha20poly1305_ietf_encrypt(out + HEAD_BYTES, &sealed, data, len,
	        (const uint8_t *)name, strlen(name), NULL, rest, ring[0].begun);
	pthread_rwlock_unlock(&guard);
	return HEAD_BYTES + (size_t)sealed;
}

/* Mostly of this process; another's first bytes make a key of their own. */
static int open_by(const struct key *key, const char *name, const uint8_t *sealed,
        size_t len, char *out, unsigned long long *opened)
{
	const uint8_t *begin = sealed + 1 + SIGN_BYTES;
	uint8_t rest[crypto_aead_chacha20poly1305_ietf_NPUBBYTES], other[SEAL_KEY_BYTES];
	bool ours = !memcmp(begin, nonce_begin, BEGIN_BYTES);
	int rc;

	rest_of_nonce(sealed, rest);
	if (!ours)
		crypto_core_hchacha20(other, begin, key->seals, NULL);
	rc = crypto_aead_chacha20poly1305_ietf_decrypt((uint8_t *)out, opened, NULL,
	        sealed + HEAD_BYTES, len - HEAD_BYTES, (const uint8_t *)name,
	        strlen(name), rest, ours ? key->begun : other);
	if (!ours)
		sodium_memzero(other, sizeof other);
	return rc;
}

enum seal_opened seal_open(
        enum seal_purpose purpose, const uint8_t *sealed, size_t len, char *out)
{
	const struct key *key;
	unsigned long long opened = 0;
	int rc = -1;

	if (len < SEAL_OVERHEAD || sealed[0] != FORMAT)
		return SEAL_BROKEN;
	pthread_rwlock_rdlock(&guard);
	key = key_of(sealed);
	if (key)
		rc = open_by(key, names[purpose], sealed, len, out, &opened);
	pthread_rwlock_unlock(&guard);
	if (!key)
		return SEAL_UNKNOWN_KEY;
	out[rc ? 0 : opened] = '\0';
	return rc ? SEAL_BROKEN : SEAL_OPENED;
}

bool seal_is_current(const uint8_t *sealed, size_t len)
{
	bool current;

	if (len < SEAL_OVERHEAD || sealed[0] != FORMAT)
		return false;
	pthread_rwlock_rdlock(&guard);
	current = n_keys && !memcmp(ring[0].sign, sealed + 1, SIGN_BYTES);
	pthread_rwlock_unlock(&guard);
	return current;
}

/* ---- as text ---- */

/* What is sealed is no secret: tables may be looked into by it. */
static size_t put_letters(char *out, const uint8_t *in, size_t len)
{
	char *to = out;

	for (; len >= 3; len -= 3, in += 3) {
		*to++ = letters[in[0] >> 2];
		*to++ = letters[(in[0] << 4 | in[1] >> 4) & 63];
		*to++ = letters[(in[1] << 2 | in[2] >> 6) & 63];
		*to++ = letters[in[2] & 63];
	}
	if (len) {
		*to++ = letters[in[0] >> 2];
		*to++ = letters[(in[0] << 4 | (len > 1 ? in[1] >> 4 : 0)) & 63];
	}
	if (len > 1)
		*to++ = letters[in[1] << 2 & 63];
	*to = '\0';
	return (size_t)(to - out);
}

/* Writes len * 3 / 4 bytes; false for what is no letter, or for one too many. */
static bool read_letters(uint8_t *out, const char *in, size_t len)
{
	uint32_t bits = 0;
	int n = 0, bad = len % 4 == 1;

	for (size_t i = 0; i < len; i++) {
		int value = values[(uint8_t)in[i]];

		bad |= value < 0;
		bits = bits << 6 | (uint32_t)(value & 63);
		n += 6;
		if (n >= 8) {
			n -= 8;
			*out++ = (uint8_t)(bits >> n);
		}
	}
	return !bad;
}

/* The bytes stand behind where their letters go, until those are written. */
void seal_close_text(
        enum seal_purpose purpose, const void *data, size_t len, struct buf *out)
{
	size_t room = (len + SEAL_OVERHEAD) / 3 * 4 + 5, n;
	uint8_t *bytes;

	buf_reserve(out, room + len + SEAL_OVERHEAD);
	bytes = (uint8_t *)out->data + out->len + room;
	n = seal_close(purpose, data, len, bytes);
	out->len += put_letters(out->data + out->len, bytes, n);
}

enum seal_opened seal_open_text(
        enum seal_purpose purpose, const char *text, size_t len, struct buf *out)
{
	size_t n = len / 4 * 3 + len % 4 * 3 / 4;
	enum seal_opened opened;
	uint8_t *bytes;

	buf_reserve(out, 2 * n + 2);
	bytes = (uint8_t *)out->data + out->len + n + 1;
	if (!read_letters(bytes, text, len))
		return SEAL_BROKEN;
	opened = seal_open(purpose, bytes, n, out->data + out->len);
	if (opened == SEAL_OPENED)
		out->len += n - SEAL_OVERHEAD;
	else
		out->data[out->len] = '\0';
	return opened;
}

/* ---- what is made from a store's key ---- */

void seal_derive(const uint8_t key[SEAL_KEY_BYTES], const char name[8], uint64_t number,
        uint8_t out[SEAL_KEY_BYTES])
{
	pthread_once(&once, set_up);
	crypto_kdf_derive_from_key(out, SEAL_KEY_BYTES, number, name, key);
}

void seal_index(const uint8_t key[SEAL_KEY_BYTES], enum seal_purpose purpose,
        const char *text, size_t len, uint8_t out[SEAL_INDEX_BYTES])
{
	uint8_t own[SEAL_KEY_BYTES];

	seal_derive(key, "dangindx", (uint64_t)purpose, own);
	crypto_generichash(
	        out, SEAL_INDEX_BYTES, (const uint8_t *)text, len, own, sizeof own);
	sodium_memzero(own, sizeof own);
}

void seal_wipe(void *data, size_t len)
{
	sodium_memzero(data, len);
}

/* ---- signing ---- */

void seal_sign(const uint8_t seed[SEAL_KEY_BYTES], const void *data, size_t len,
        uint8_t signature[64])
{
	uint8_t open[crypto_sign_PUBLICKEYBYTES], own[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(open, own, seed);
	crypto_sign_detached(signature, NULL, data, len, own);
	sodium_memzero(own, sizeof own);
}

void seal_sign_key(const uint8_t seed[SEAL_KEY_BYTES], uint8_t out[32])
{
	uint8_t own[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(out, own, seed);
	sodium_memzero(own, sizeof own);
}
