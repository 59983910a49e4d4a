/* Credentials, hashes and signatures, against published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* ---- hashes ---- */

static void sha256(void **state)
{
	uint8_t out[32];
	char hex[65];

	(void)state;
	secret_sha256("abc", 3, out);
	assert_string_equal(secret_hex(out, 32, hex),
	        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	secret_sha256("", 0, out);
	assert_string_equal(secret_hex(out, 32, hex),
	        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(secret_hex(out, 0, hex), "");
}

static void hmac(void **state)
{
	static const struct {
		const char *key, *data, *hex;
	} table[] = {
	        /* RFC 4231, cases 2 and 6 */
	        {"Jefe", "what do ya want for nothing?",
	                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384"
	                "3"},
	        {"", "",
	                "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5a"
	                "d"},
	        {"secret", "{\"id\":727,\"status\":\"processing\"}",
	                "aec3335df5651b22c7b0b23e8af14a58631b941ea87cac8f364080ddb046473"
	                "6"},
	        {"hush",
	                "{\"id\":820982911946154508,\"email\":\"jon@example.com\","
	                "\"created_at\":\"2026-11-23T09:15:00+09:00\","
	                "\"total_price\":\"38500\",\"currency\":\"KRW\",\"name\":\"#"
	                "1001\"}",
	                "30d8260bd293794f44e21da062b2fdbfd1fe7bf7c89c0f0c153a5e3a4de6324"
	                "f"},
	};
	uint8_t out[32], key[131];
	char hex[65];

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		secret_hmac_sha256(table[i].key, strlen(table[i].key), table[i].data,
		        strlen(table[i].data), out);
		assert_string_equal(secret_hex(out, 32, hex), table[i].hex);
	}
	memset(key, 0xaa, sizeof(key));
	secret_hmac_sha256(key, sizeof(key),
	        "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
	assert_string_equal(secret_hex(out, 32, hex),
	        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void webhook_signatures(void **state)
{
	static const struct {
		const char *key, *id;
		int64_t timestamp;
		const char *body, *signature;
	} table[] = {
	        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
	                1614265330, "{\"test\": 2432232314}",
	                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	        {"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
	                "msg_2zSoGgTest0001", 1795392900,
	                "{\"type\":\"order.created\",\"timestamp\":\"2026-11-23T00:15:00."
	                "000Z\",\"data\":{\"order_id\":"
	                "\"20261123-0000012\",\"customer\":{\"name\":\"김민지\","
	                "\"phone\":\"+821012345678\"},\"total\":38500,"
	                "\"currency\":\"KRW\"}}",
	                "v1,HqWuog6mIiyOhkO1GcRqT80b6xwcplqQazSkqeP83U0="},
	        {"whsec_pzQGE83cSIRKM4/WH5QY+g==", "dummy-webhook-id", 1714039200,
	                "{\"type\":\"Transaction.Paid\",\"timestamp\":\"2024-04-25T10:00:"
	                "00.000Z\",\"data\":{\"paymentId\":"
	                "\"example-payment-id\",\"transactionId\":\"55451513-9763-4a7a-"
	                "bb43-78a4c65be843\",\"storeId\":"
	                "\"store-ae356798-3d20-4969-b739-14c6b0e1a667\"}}",
	                "v1,oyINbN2GObmWyVCmzXOqB0Dyr0X4wyI8cOIVmQaTwTw="},
	};

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		struct secret key = {(char *)table[i].key, strlen(table[i].key)};
		char *made = secret_webhook_signature(&key, table[i].id,
		        table[i].timestamp, table[i].body, strlen(table[i].body));

		assert_string_equal(made, table[i].signature);
		free(made);
	}
}

/* A key without the prefix, or whose rest is no base64, is taken as it stands. */
static void raw_webhook_keys(void **state)
{
	static const char *const keys[] = {"raw bytes", "whsec_not base64!", "whsec_"};

	(void)state;
	for (size_t i = 0; i < LEN(keys); i++) {
		struct secret key = {(char *)keys[i], strlen(keys[i])};
		char *made = secret_webhook_signature(&key, "id", 5, "body", 4), *base64;
		uint8_t mac[32];

		secret_hmac_sha256(keys[i], strlen(keys[i]), "id.5.body", 9, mac);
		base64 = secret_base64(mac, 32);
		assert_string_equal(made + 3, base64);
		free(base64);
		free(made);
	}
}

/* ---- bytes as text ---- */

static void base64(void **state)
{
	static const struct {
		const char *bytes, *text;
	} table[] = {
	        {"", ""},
	        {"f", "Zg=="},
	        {"fo", "Zm8="},
	        {"foo", "Zm9v"},
	        {"foob", "Zm9vYg=="},
	        {"fooba", "Zm9vYmE="},
	        {"foobar", "Zm9vYmFy"},
	        {"\xfb\xff\xfe", "+//+"},
	};
	static const char *const bad[] = {"Z", "Zg=", "Zg===", "=",
	        "====", "Z===", "Zm9v====", "Zm 9v", "Zm9v\n", "Zg==Zg==", "단골!"};
	size_t len;
	uint8_t *bytes;

	(void)state;
	for (size_t i = 0; i < LEN(table); i++) {
		char *text = secret_base64(table[i].bytes, strlen(table[i].bytes));

		assert_string_equal(text, table[i].text);
		bytes = secret_unbase64(text, strlen(text), &len);
		assert_int_equal(len, strlen(table[i].bytes));
		assert_memory_equal(bytes, table[i].bytes, len);
		free(bytes);
		bytes = secret_unbase64(text, strcspn(text, "="), &len);
		assert_int_equal(len, strlen(table[i].bytes));
		free(bytes);
		free(text);
	}
	bytes = secret_unbase64("-__-", 4, &len);
	assert_memory_equal(bytes, "\xfb\xff\xfe", 3);
	free(bytes);
	for (size_t i = 0; i < LEN(bad); i++)
		assert_null(secret_unbase64(bad[i], strlen(bad[i]), &len));
}

static void equality(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", 3, "abc", 3));
	assert_true(secret_equal("", 0, "", 0));
	assert_true(secret_equal(NULL, 0, NULL, 0));
	assert_false(secret_equal("abc", 3, "abd", 3));
	assert_false(secret_equal("abc", 3, "ab", 2));
	assert_false(secret_equal("a\0b", 3, "a\0c", 3));
}

static void randomness(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	secret_random(a, sizeof(a));
	secret_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	secret_random(a, 0);
}

/* ---- credentials ---- */

struct home {
	char dir[64], given[80];
};

static int make_home(void **state)
{
	static struct home home;
	char path[128];

	strcpy(home.dir, "/tmp/dangol-secret-XXXXXX");
	if (!mkdtemp(home.dir))
		return -1;
	snprintf(path, sizeof(path), "%s/credentials", home.dir);
	snprintf(home.given, sizeof(home.given), "%s/given", home.dir);
	*state = &home;
	return mkdir(path, 0700) || mkdir(home.given, 0700);
}

static int remove_home(void **state)
{
	static const char *const files[] = {"credentials/key", "given/key",
	        "credentials/dir", "credentials", "given", ""};
	struct home *home = *state;
	char path[128];

	for (size_t i = 0; i < LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", home->dir, files[i]);
		remove(path);
	}
	unsetenv("CREDENTIALS_DIRECTORY");
	return access(home->dir, F_OK) == 0;
}

static void put(const struct home *home, const char *where, const char *data, size_t len,
        mode_t mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/key", home->dir, where);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void credential_files(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		mode_t mode;
		enum secret_error error;
		const char *secret;
	} table[] = {
	        {"abc", 3, 0600, SECRET_OK, "abc"},
	        {"abc\n", 4, 0400, SECRET_OK, "abc"},
	        {"abc\r\n", 5, 0600, SECRET_OK, "abc"},
	        {"abc\n\n", 5, 0600, SECRET_OK, "abc\n"},
	        {"a b ", 4, 0600, SECRET_OK, "a b "},
	        {"", 0, 0600, SECRET_EMPTY, NULL},
	        {"\n", 1, 0600, SECRET_EMPTY, NULL},
	        {"\r\n", 2, 0600, SECRET_EMPTY, NULL},
	        {"abc", 3, 0640, SECRET_READABLE, NULL},
	        {"abc", 3, 0604, SECRET_READABLE, NULL},
	};
	struct home *home = *state;
	char path[4096], expected[128];

	snprintf(expected, sizeof(expected), "%s/credentials/key", home->dir);
	for (size_t i = 0; i < LEN(table); i++) {
		struct secret secret = {0};

		put(home, "credentials", table[i].data, table[i].len, table[i].mode);
		assert_int_equal(
		        secret_load(home->dir, "key", &secret, path), table[i].error);
		assert_string_equal(path, expected);
		if (table[i].secret) {
			assert_string_equal(secret.data, table[i].secret);
			assert_int_equal(secret.len, strlen(table[i].secret));
		} else {
			assert_null(secret.data);
		}
		secret_free(&secret);
		assert_null(secret.data);
		remove(expected);
	}
}

static void credential_places(void **state)
{
	struct home *home = *state;
	struct secret secret = {0};
	char path[4096], name[300], expected[128];

	assert_int_equal(secret_load(home->dir, "key", &secret, path), SECRET_MISSING);
	assert_int_equal(
	        secret_load("/nowhere/at/all", "key", &secret, path), SECRET_MISSING);
	setenv("CREDENTIALS_DIRECTORY", home->given, 1);
	put(home, "credentials", "own", 3, 0600);
	assert_int_equal(secret_load(home->dir, "key", &secret, path), SECRET_OK);
	assert_string_equal(secret.data, "own");
	secret_free(&secret);
	put(home, "given", "systemd", 7, 0440);
	assert_int_equal(secret_load(home->dir, "key", &secret, path), SECRET_OK);
	assert_string_equal(secret.data, "systemd");
	snprintf(expected, sizeof(expected), "%s/key", home->given);
	assert_string_equal(path, expected);
	secret_free(&secret);
	unsetenv("CREDENTIALS_DIRECTORY");
	snprintf(expected, sizeof(expected), "%s/credentials", home->dir);
	for (mode_t mode = 0702; mode <= 0720; mode += 016) {
		assert_int_equal(chmod(expected, mode), 0);
		assert_int_equal(
		        secret_load(home->dir, "key", &secret, path), SECRET_FOLDER);
		assert_string_equal(path, expected);
	}
	assert_int_equal(chmod(expected, 0755), 0);
	assert_int_equal(secret_load(home->dir, "key", &secret, path), SECRET_OK);
	secret_free(&secret);
	snprintf(expected, sizeof(expected), "%s/credentials/dir", home->dir);
	assert_int_equal(mkdir(expected, 0700), 0);
	assert_int_equal(secret_load(home->dir, "dir", &secret, path), SECRET_UNREADABLE);
	memset(name, 'a', sizeof(name));
	name[299] = '\0';
	assert_int_equal(secret_load(home->dir, name, &secret, path), SECRET_BAD_NAME);
	assert_int_equal(secret_load(home->dir, "", &secret, path), SECRET_BAD_NAME);
	assert_int_equal(secret_load(home->dir, "..", &secret, path), SECRET_BAD_NAME);
	assert_int_equal(secret_load(home->dir, "a/b", &secret, path), SECRET_BAD_NAME);
	assert_int_equal(secret_load(home->dir, "열쇠", &secret, path), SECRET_BAD_NAME);
	assert_null(secret.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sha256),
	        cmocka_unit_test(hmac),
	        cmocka_unit_test(webhook_signatures),
	        cmocka_unit_test(raw_webhook_keys),
	        cmocka_unit_test(base64),
	        cmocka_unit_test(equality),
	        cmocka_unit_test(randomness),
	        cmocka_unit_test_setup_teardown(credential_files, make_home, remove_home),
	        cmocka_unit_test_setup_teardown(
	                credential_places, make_home, remove_home),
	};

	unsetenv("CREDENTIALS_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
