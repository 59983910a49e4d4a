/* What the keys of a channel set. */
#include "config_set_inner.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define CHANNEL_TEXT(field) \
	void config_set_##field(reading *r, value *v, int n) \
	{ \
		(void)n; \
		r->channel->field = config_keep(r, v[0].text); \
	}
CHANNEL_TEXT(from)
CHANNEL_TEXT(user)

void config_set_profile(reading *r, value *v, int n)
{
	(void)n;
	config_idle(r, v[0].token, "profile");
	r->channel->profile = config_keep(r, v[0].text);
}

#define CHANNEL_SECRET(field) \
	void config_set_##field(reading *r, value *v, int n) \
	{ \
		config_add_secret( \
		        r, &r->channel->field, &r->channel->field##_name, &v[n - 1]); \
	}
CHANNEL_SECRET(secret)
CHANNEL_SECRET(password)
CHANNEL_SECRET(receipts)

void config_set_key(reading *r, value *v, int n)
{
	config_idle(r, v[n - 1].token, "key");
	config_add_secret(r, &r->channel->key, &r->channel->key_name, &v[n - 1]);
}

void config_set_provider(reading *r, value *v, int n)
{
	static const char *const names[] = {"outbox", "webhook", "smtp"};
	static const char *const later[] = {"solapi", "aligo", "nhn", "sens", "bizm",
	        "bizppurio", "kakao", "popbill", "twilio", "ppurio", "coolsms"};
	struct diag_item *item;
	const char *near;

	(void)n;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], v[0].text)) {
			r->channel->provider = names[i];
			return;
		}
	r->channel->provider = "outbox";
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (!strcmp(later[i], v[0].text)) {
			item = config_mistake(r, v[0].token,
			        TR("not in this version: provider %s",
			                "이 판에는 아직 없습니다: provider %s"),
			        v[0].text);
			diag_hint(r->diag, item,
			        TR("provider webhook hands each message to a program of "
			           "yours",
			                "provider webhook은 메시지를 정하신 프로그램에 "
			                "건넵니다"));
			return;
		}
	near = text_nearest(v[0].text, names, sizeof(names) / sizeof(names[0]));
	item = config_mistake(r, v[0].token,
	        TR("unknown provider '%s'", "모르는 사업자 '%s'"), v[0].text);
	if (near)
		diag_hint(r->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else
		diag_hint(r->diag, item, "outbox, webhook, smtp");
}

void config_set_url(reading *r, value *v, int n)
{
	(void)n;
	if (config_url_good(r, v))
		r->channel->url = config_keep(r, v[0].text);
}

void config_set_server(reading *r, value *v, int n)
{
	char *host = arena_strdup(r->config->arena, v[0].text),
	     *colon = strrchr(host, ':');
	bool bare = !colon || (host[0] == '[' && host[strlen(host) - 1] == ']');

	(void)n;
	if (strpbrk(host, " /\t\r\n") || strstr(host, "://") ||
	        (!bare && !config_address_good(host)) ||
	        !strcmp(colon ? colon : "", ":0")) {
		config_mistake(r, v[0].token,
		        TR("a mail server reads \"smtp.example.com:587\"",
		                "메일 서버는 \"smtp.example.com:587\"처럼 씁니다"));
		return;
	}
	r->channel->port = bare ? 0 : (int)strtol(colon + 1, NULL, 10);
	if (!bare)
		*colon = '\0';
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	}
	r->channel->server = host;
}

void config_set_tls(reading *r, value *v, int n)
{
	(void)n;
	r->channel->tls_said = true;
	r->channel->tls = !strcmp(v[0].text, "none")       ? TLS_NONE
	                  : !strcmp(v[0].text, "implicit") ? TLS_IMPLICIT
	                                                   : TLS_STARTTLS;
}

static size_t digits(const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text >= '0' && *text <= '9')
			n++;
		else if (*text != '-' && *text != ' ')
			return 0;
	}
	return n;
}

void config_set_sender(reading *r, value *v, int n)
{
	size_t length = digits(v[0].text);

	(void)n;
	if (length < 8 || length > 12)
		config_mistake(r, v[0].token,
		        TR("the sender is the phone number registered for sending: "
		           "\"02-1234-5678\"",
		                "발신번호는 사전 등록한 전화번호입니다: "
		                "\"02-1234-5678\""));
	r->channel->sender = config_keep(r, v[0].text);
}

void config_set_refuse(reading *r, value *v, int n)
{
	size_t length = digits(v[0].text);

	(void)n;
	if (length < 9 || length > 11 || strncmp(v[0].text, "080", 3))
		config_mistake(r, v[0].token,
		        TR("refusing must be free of charge: a number that begins with "
		           "080",
		                "수신거부는 무료여야 합니다: 080으로 시작하는 번호"));
	r->channel->refuse = config_keep(r, v[0].text);
}

void config_set_connections(reading *r, value *v, int n)
{
	(void)n;
	if (config_at_most(r, v, 1, 64))
		r->channel->connections = (int)v[0].n;
}

void config_set_rate(reading *r, value *v, int n)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"second", MS_SECOND}, {"minute", MS_MINUTE}, {"hour", MS_HOUR},
	        {"day", MS_DAY}};

	(void)n;
	if (!config_at_most(r, v, 1, 1000000))
		return;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].unit, v[2].text)) {
			r->channel->rate_n = v[0].n;
			r->channel->rate_ms = units[i].ms;
			return;
		}
	config_mistake(r, v[2].token,
	        TR("per second, minute, hour or day",
	                "per second, minute, hour, day 가운데 하나"));
}

void config_set_price(reading *r, value *v, int n)
{
	struct channel_config *c = r->channel;
	struct price *kinds[] = {&c->price, &c->price_lms, &c->price_mms};
	bool by_kind = !strcmp(c->name, "sms");
	struct diag_item *item;

	if (by_kind != (n > 1)) {
		item = config_mistake(r, v[0].token,
		        by_kind ? TR("text messages have a price for each kind",
		                          "문자는 종류마다 값을 적습니다")
		                : TR("only text messages have kinds: one price here",
		                          "종류가 있는 것은 문자뿐입니다. 여기에는 값 "
		                          "하나만 적습니다"));
		diag_hint(r->diag, item,
		        by_kind ? "price sms 9원 lms 30원 mms 60원" : "price 9원");
		return;
	}
	if (!by_kind)
		c->price = (struct price){true, v[0].n};
	for (int i = 0; 2 * i + 1 < n; i++)
		*kinds[i] = (struct price){true, v[2 * i + 1].n};
}

#define LATER(name, english, korean) \
	void config_later_##name(reading *r, value *v, int n) \
	{ \
		(void)n; \
		config_not_yet(r, v[0].token, TR(english, korean)); \
	}
LATER(budget, "a budget", "예산(budget)")
LATER(fallback, "a fallback provider", "예비 사업자(fallback provider)")
LATER(service, "the providers that have a service", "service를 쓰는 사업자")
