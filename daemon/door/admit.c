/* Decides from a request's header. It never says whether a path exists to somebody
 * without the token. Source: RFC 6750, and DNS rebinding: a page of a foreign site
 * reaches us with that site's name as its Host. */
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "door/admit.h"

static bool host_ours(const char *host)
{
	static const char *const ours[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		size_t len = strlen(ours[i]);
		if (strncasecmp(host, ours[i], len))
			continue;
		const char *port = host + len;
		if (!*port)
			return true;
		size_t digits = strspn(port + 1, "0123456789");
		return *port == ':' && digits && digits <= 5 && !port[1 + digits];
	}
	return false;
}

static bool is_token(const char *value, const struct secret *token)
{
	return token && token->len &&
	       secret_equal(value, strlen(value), token->data, token->len);
}

/* Both are compared, whichever it is: the time tells nothing. */
static enum role role_of(
        const struct http_request *request, const struct admit_tokens *tokens)
{
	const char *value = http_header_get(request, "authorization");
	if (!value || strncasecmp(value, "Bearer ", 7))
		return ROLE_NONE;
	value += 7 + strspn(value + 7, " ");
	bool all = is_token(value, tokens->all), post = is_token(value, tokens->post);
	return all ? ROLE_ALL : post ? ROLE_POST : ROLE_NONE;
}

int admit_request(const struct http_request *request, const struct admit_tokens *tokens,
        enum role *role, const char **why)
{
	*role = ROLE_NONE;
	const char *host = http_header_get(request, "host");
	if (host && !host_ours(host)) {
		*why = TR("the Host is not ours: call localhost, 127.0.0.1 or [::1]",
		        "Host가 이 서버의 이름이 아닙니다. localhost, 127.0.0.1, [::1]로 "
		        "부르세요");
		return 400;
	}
	if ((!strcmp(request->method, "GET") || !strcmp(request->method, "HEAD")) &&
	        !strcmp(request->path, "/healthz"))
		return 0;
	*role = role_of(request, tokens);
	if (*role != ROLE_NONE)
		return 0;
	*why = TR("send the API token: Authorization: Bearer TOKEN",
	        "API 토큰이 필요합니다. Authorization: Bearer 토큰");
	return 401;
}
