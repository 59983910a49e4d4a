/* An access token as it is printed. Never quotes what it reads: that may be a secret even
 * where it is no token. */
#include "delivery/bearer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"

static bool good_token(const char *token, size_t len)
{
	if (!len || len > BEARER_MOST)
		return false;
	for (size_t i = 0; i < len; i++)
		if (token[i] <= ' ' || token[i] > '~')
			return false;
	return true;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Some write the number as a text. */
static int64_t life_of(const json_t *seconds)
{
	const int64_t most = BEARER_LIFE_MOST / 1000;
	double value = json_is_string(seconds) ? strtod(json_string_value(seconds), NULL)
	                                       : json_number_value(seconds);

	if (!(value > 0))
		return 0;
	return (value < (double)most ? (int64_t)value : most) * 1000;
}

static bool read_json(const char *text, size_t len, struct bearer *out)
{
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL),
	       *token = json_object_get(json, "access_token");
	bool good = json_is_string(token) &&
	            good_token(json_string_value(token), json_string_length(token));

	if (good)
		*out = (struct bearer){
		        .token = mem_strdup(json_string_value(token)),
		        .life_ms = life_of(json_object_get(json, "expires_in")),
		};
	json_decref(json);
	return good;
}

bool bearer_read(const char *printed, size_t len, struct bearer *out)
{
	while (len && blank(printed[len - 1]))
		len--;
	while (len && blank(*printed)) {
		printed++;
		len--;
	}
	if (len && *printed == '{')
		return read_json(printed, len, out);
	if (!good_token(printed, len))
		return false;
	*out = (struct bearer){.token = mem_strndup(printed, len)};
	return true;
}

void bearer_fini(struct bearer *bearer)
{
	if (bearer->token)
		explicit_bzero(bearer->token, strlen(bearer->token));
	free(bearer->token);
	*bearer = (struct bearer){0};
}
