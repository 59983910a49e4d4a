/* What the keys of dangol.conf set that say where things are: folders, the store, where
 * the daemon is spoken to. A key that this version cannot serve is told so here rather
 * than read in silence; how a key is written is not known here. */
#include "config_set_inner.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"

const char *config_keep(reading *r, const char *text)
{
	return arena_strdup(r->config->arena, text);
}

/* A path of the file's folder, absolute. */
static const char *path_of(reading *r, const char *path)
{
	if (path[0] == '/')
		return config_keep(r, path);
	return arena_printf(r->config->arena, "%s/%s", r->config->folder, path);
}

bool config_at_most(reading *r, value *v, int64_t low, int64_t high)
{
	if (v->n >= low && v->n <= high)
		return true;
	config_mistake(r, v->token,
	        TR("a number from %lld to %lld is expected",
	                "%lld에서 %lld까지의 수가 와야 합니다"),
	        (long long)low, (long long)high);
	return false;
}

bool config_period(reading *r, value *v, enum schedule *out)
{
	static const char *const names[] = {"day", "week", "month"};

	for (int i = 0; i < 3; i++)
		if (!strcmp(v->text, names[i])) {
			*out = (enum schedule)i;
			return true;
		}
	config_mistake(r, v->token,
	        TR("per day, per week or per month",
	                "per day, per week, per month 가운데 하나"));
	return false;
}

void config_not_yet(reading *r, const struct token *token, const char *what)
{
	config_mistake(r, token,
	        TR("not in this version: %s", "이 판에는 아직 없습니다: %s"), what);
}

/* ---- folders, store ---- */

void config_set_rules(reading *r, value *v, int n)
{
	(void)n;
	r->config->rules = path_of(r, v[0].text);
}

void config_set_templates(reading *r, value *v, int n)
{
	(void)n;
	r->config->templates = path_of(r, v[0].text);
}

void config_set_store(reading *r, value *v, int n)
{
	(void)n;
	r->config->store = path_of(r, v[0].text);
}

#define KEEP_ADS_MONTHS 6 /* Enforcement Decree of the E-Commerce Act, Art. 6 */

void config_set_keep(reading *r, value *v, int n)
{
	bool events = !strcmp(v[0].text, "events");
	int64_t *months = events ? &r->config->shop.keep_events_months
	                         : &r->config->shop.keep_messages_months;

	(void)n;
	if (*months)
		config_mistake(r, v[0].token,
		        TR("'keep %s' stands twice", "'keep %s'이(가) 두 번 있습니다"),
		        v[0].text);
	else if (v[1].days || v[1].ms || !v[1].months)
		config_mistake(r, v[1].token,
		        TR("months or years are expected: keep %s 3 years",
		                "달이나 해로 씁니다: keep %s 3 years"),
		        v[0].text);
	else
		*months = v[1].months;
	if (!events && *months && *months < KEEP_ADS_MONTHS)
		diag_warn(r->diag, token_place(&r->lexer, v[1].token), r->lexer.shown,
		        TR("records of advertisements are kept for 6 months all the "
		           "same, "
		           "as the law bids",
		                "표시·광고 기록은 법에 따라 그래도 6개월 동안 "
		                "보관합니다"));
}

/* ---- listen ---- */

void config_set_socket(reading *r, value *v, int n)
{
	const char *path = path_of(r, v[0].text);

	(void)n;
	if (strlen(path) > 107)
		config_mistake(r, v[0].token,
		        TR("a socket's path has at most 107 bytes; this one is '%s'",
		                "소켓 경로는 107바이트까지입니다. 지금 경로: '%s'"),
		        path);
	r->config->listen.socket_path = path;
}

void config_set_mode(reading *r, value *v, int n)
{
	(void)n;
	if (config_at_most(r, v, 0, 0777))
		r->config->listen.socket_mode = (int)v[0].n;
}

void config_set_group(reading *r, value *v, int n)
{
	(void)n;
	r->config->listen.socket_group = config_keep(r, v[0].text);
}

bool config_address_good(const char *address)
{
	const char *colon = strrchr(address, ':');
	char *end;
	long port;

	if (!colon || colon == address || !colon[1])
		return false;
	port = strtol(colon + 1, &end, 10);
	return !*end && port >= 0 && port <= 65535;
}

static bool local_port(const char *address)
{
	return config_is_loopback(address) && strncmp(address, "localhost", 9) != 0;
}

void config_set_http(reading *r, value *v, int n)
{
	(void)n;
	if (!config_address_good(v[0].text))
		config_mistake(r, v[0].token,
		        TR("an address and a port are expected: \"127.0.0.1:8484\"",
		                "주소와 포트를 씁니다: \"127.0.0.1:8484\""));
	else if (!local_port(v[0].text))
		config_mistake(r, v[0].token,
		        TR("the API listens on this machine only: 127.0.0.1 or [::1]",
		                "API는 이 컴퓨터에서만 엽니다: 127.0.0.1 또는 [::1]"));
	r->config->listen.address = config_keep(r, v[0].text);
}

void config_add_secret(reading *r, struct secret *secret, const char **name, value *v)
{
	struct config *config = r->config;
	struct config_secret *slot =
	        mem_grow(&config->secrets, config->n_secrets, sizeof(*slot));
	struct diag_place at = token_place(&r->lexer, v->token);

	at.file = config->file;
	*slot = (struct config_secret){
	        .name = config_keep(r, v->text), .secret = secret, .at = at};
	config->n_secrets++;
	if (name)
		*name = slot->name;
}

void config_set_token(reading *r, value *v, int n)
{
	config_add_secret(r, &r->config->token, NULL, &v[n - 1]);
}

void config_set_post_token(reading *r, value *v, int n)
{
	config_add_secret(r, &r->config->post_token, NULL, &v[n - 1]);
}

void config_set_public(reading *r, value *v, int n)
{
	(void)n;
	if (!config_address_good(v[0].text))
		config_mistake(r, v[0].token,
		        TR("an address and a port are expected: \"127.0.0.1:8485\"",
		                "주소와 포트를 씁니다: \"127.0.0.1:8485\""));
	else if (!local_port(v[0].text))
		config_mistake(r, v[0].token,
		        TR("the public port is one of this machine, 127.0.0.1 or [::1]: "
		           "a "
		           "proxy with TLS (nginx, caddy) stands before it",
		                "공개 포트도 이 컴퓨터에서만 엽니다: 127.0.0.1 또는 "
		                "[::1]. 밖에서는 TLS 프록시(nginx, caddy)를 거칩니다"));
	r->config->listen.public_address = config_keep(r, v[0].text);
}

void config_set_proxy(reading *r, value *v, int n)
{
	(void)n;
	r->config->listen.proxied = !strcmp(v[0].text, "yes");
}

bool config_url_good(reading *r, value *v)
{
	const char *url = v->text, *host = strstr(url, "://");

	if ((strncmp(url, "https://", 8) && strncmp(url, "http://", 7)) || !host[3] ||
	        strpbrk(url, " \t\r\n\"<>"))
		config_mistake(r, v->token,
		        TR("an address begins with https://",
		                "주소는 https://로 시작합니다"));
	else if (!strncmp(url, "http://", 7) && !config_is_loopback(url))
		config_mistake(r, v->token,
		        TR("http:// is for this machine alone; write https://",
		                "http://는 이 컴퓨터 안에서만 쓸 수 있습니다. https://로 "
		                "쓰세요"));
	else
		return true;
	return false;
}

void config_set_public_url(reading *r, value *v, int n)
{
	char *url;

	(void)n;
	if (!config_url_good(r, v))
		return;
	url = arena_strdup(r->config->arena, v[0].text);
	while (url[strlen(url) - 1] == '/')
		url[strlen(url) - 1] = '\0';
	r->config->shop.public_url = url;
}
