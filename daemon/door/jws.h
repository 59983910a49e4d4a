/* JSON that is signed: JWS in its flattened form (RFC 7515, 7.2.2) with EdDSA (RFC 8037).
 */
#ifndef DANGOL_JWS_H
#define DANGOL_JWS_H

#include <jansson.h>
#include <stdint.h>

/* {"payload","protected","signature","header":{"jwk"}}: payload is borrowed. The same
 * payload under the same seed makes the same. Returns new. */
json_t *jws_make(const uint8_t seed[32], json_t *payload);

#endif
