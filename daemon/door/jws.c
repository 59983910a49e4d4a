/* Signs JSON. It judges no signature. */
#include "door/jws.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/seal.h"
#include "base/secret.h"

static json_t *jwk(const uint8_t seed[32])
{
	uint8_t key[32];
	seal_sign_key(seed, key);
	char *x = secret_base64url(key, sizeof key);
	json_t *json =
	        json_pack("{s:s, s:s, s:s}", "kty", "OKP", "crv", "Ed25519", "x", x);
	free(x);
	return json;
}

json_t *jws_make(const uint8_t seed[32], json_t *payload)
{
	static const char head[] = "{\"alg\":\"EdDSA\"}";
	uint8_t signature[64];
	char *plain = json_dumps(payload, JSON_COMPACT);
	char *protected = secret_base64url(head, sizeof head - 1),
	     *body = secret_base64url(plain, strlen(plain));
	char *input = mem_printf("%s.%s", protected, body);
	seal_sign(seed, input, strlen(input), signature);
	char *signed_by = secret_base64url(signature, sizeof signature);
	json_t *json = json_pack("{s:s, s:s, s:s, s:{s:o}}", "payload", body, "protected",
	        protected, "signature", signed_by, "header", "jwk", jwk(seed));
	free(signed_by);
	free(input);
	free(body);
	free(protected);
	free(plain);
	return json;
}
