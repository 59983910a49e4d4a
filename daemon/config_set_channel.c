/* What the keys of a channel set. */
#include "config_set_inner.h"

#include <stdio.h>
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
CHANNEL_TEXT(profile)
CHANNEL_TEXT(service)
CHANNEL_TEXT(bounces)
CHANNEL_TEXT(bounces_user)

#define CHANNEL_SECRET(field) \
	void config_set_##field(reading *r, value *v, int n) \
	{ \
		config_add_secret( \
		        r, &r->channel->field, &r->channel->field##_name, &v[n - 1]); \
	}
CHANNEL_SECRET(secret)
CHANNEL_SECRET(password)
CHANNEL_SECRET(receipts)
CHANNEL_SECRET(bounces_password)

CHANNEL_SECRET(key)

void config_set_bearer(reading *r, value *v, int n)
{
	config_add_secret(r, &r->channel->token, &r->channel->token_name, &v[n - 1]);
}

void config_set_renew(reading *r, value *v, int n)
{
	struct diag_item *item;

	(void)n;
	if (v[0].text[0] == '/' && !strpbrk(v[0].text, " \t\r\n")) {
		r->channel->renew = config_keep(r, v[0].text);
		return;
	}
	item = config_mistake(r, v[0].token,
	        TR("'renew' is a program's whole path, without arguments",
	                "renew는 프로그램의 전체 경로이고, 인자는 적지 않습니다"));
	diag_hint(r->diag, item,
	        TR("what needs arguments goes into a small script: renew "
	           "\"/usr/local/bin/shop-token\"",
	                "인자가 필요하면 작은 스크립트로 만듭니다: renew "
	                "\"/usr/local/bin/shop-token\""));
}

/* The provider of that name; NULL after a mistake was told. */
static const char *provider_named(reading *r, value *v)
{
	const char *names[32];
	struct diag_item *item;
	const char *near;
	struct buf all = {0};
	size_t n = 0;

	for (; channel_providers[n]; n++) {
		names[n] = channel_providers[n]->provider;
		if (!strcmp(names[n], v->text))
			return names[n];
	}
	for (size_t i = 0; i < n; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	near = text_nearest(v->text, names, n);
	item = config_mistake(
	        r, v->token, TR("unknown provider '%s'", "모르는 사업자 '%s'"), v->text);
	if (near)
		diag_hint(r->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else
		diag_hint(r->diag, item, "%s", all.data);
	buf_free(&all);
	return NULL;
}

void config_set_provider(reading *r, value *v, int n)
{
	const char *provider = provider_named(r, &v[0]);

	(void)n;
	r->channel->provider = provider ? provider : "outbox";
}

/* From here on the block speaks of the provider that takes over. */
void config_set_fallback(reading *r, value *v, int n)
{
	const char *provider = provider_named(r, &v[n - 1]);
	struct channel_config *first = r->channel, *second;

	if (!provider)
		return;
	if (r->first) {
		config_mistake(r, v[0].token,
		        TR("one provider can take over, not two",
		                "예비 사업자는 하나뿐입니다"));
		return;
	}
	config_check_channel(r, v[0].token);
	second = arena_alloc(r->config->arena, sizeof *second);
	*second = (struct channel_config){
	        .name = first->name,
	        .provider = provider,
	        .tls = TLS_STARTTLS,
	        .sender = first->sender,
	        .refuse = first->refuse,
	        .from = first->from,
	};
	first->fallback = second;
	r->first = first;
	r->channel = second;
	config_forget_seen(r, "channel");
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

/* What is wrong with a number as a sender, NULL: nothing. Source: the registration of
 * senders under the Telecommunications Business Act, Article 84-2: 8 to 11 digits, a land
 * line with its area code; that 050 numbers are refused is UNVERIFIED. */
static const char *bad_sender(const char *text)
{
	bool abroad = text[0] == '+';
	size_t length = digits(text + abroad);

	if (length < 8 || length > (abroad ? 15 : 11))
		return TR(
		        "the sender is the phone number registered for sending, 8 to 11 "
		        "digits: \"02-1234-5678\"",
		        "발신번호는 사전 등록한 전화번호이고 8~11자리입니다: "
		        "\"02-1234-5678\"");
	if (abroad)
		return NULL;
	if (!strncmp(text, "050", 3))
		return TR(
		        "a 050 number is no sender: it may not be registered for sending",
		        "050 번호는 발신번호로 등록할 수 없어 쓰지 못합니다");
	if (text[0] != '0' && (length != 8 || text[0] != '1'))
		return TR("a land line needs its area code: \"02-1234-5678\"",
		        "유선전화에는 지역번호가 필요합니다: \"02-1234-5678\"");
	return NULL;
}

void config_set_sender(reading *r, value *v, int n)
{
	const char *why = bad_sender(v[0].text);

	(void)n;
	if (why)
		config_mistake(r, v[0].token, "%s", why);
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

static struct budget *budget_of(const reading *r)
{
	struct shop *shop = &r->config->shop;

	for (size_t i = 0; i < shop->n_budgets; i++)
		if (!strcmp(shop->budgets[i].channel, r->channel->name))
			return &shop->budgets[i];
	return NULL;
}

void config_set_budget(reading *r, value *v, int n)
{
	struct shop *shop = &r->config->shop;
	struct budget budget = {.won = v[0].n};

	(void)n;
	if (budget_of(r)) {
		config_mistake(r, v[0].token,
		        TR("a channel has one budget, whoever carries its messages",
		                "예산은 사업자와 상관없이 채널마다 하나입니다"));
		return;
	}
	if (!config_period(r, &v[2], &budget.per) ||
	        shop->n_budgets == sizeof shop->budgets / sizeof shop->budgets[0])
		return; /* more of them than channels: those are a mistake already */
	snprintf(budget.channel, sizeof budget.channel, "%s", r->channel->name);
	shop->budgets[shop->n_budgets++] = budget;
}

/* Every kind has a price: what a message would add to a budget is never guessed. */
static bool wholly_priced(const struct channel_config *c)
{
	return c->price.said &&
	       (strcmp(c->name, "sms") != 0 || (c->price_lms.said && c->price_mms.said));
}

static int64_t least_price(const struct channel_config *c)
{
	const struct price *others[] = {&c->price_lms, &c->price_mms};
	int64_t least = c->price.won;

	for (int i = 0; i < 2; i++)
		if (others[i]->said && others[i]->won < least)
			least = others[i]->won;
	return least;
}

static void add_unpriced(reading *r, const struct token *at)
{
	bool sms = !strcmp(r->channel->name, "sms");
	struct diag_item *item = config_mistake(r, at,
	        sms ? TR("a budget needs the price of each kind, sms, lms and mms, of "
	                 "each provider",
	                      "예산에는 문자 종류(sms, lms, mms)마다 값이 필요합니다. "
	                      "사업자가 둘이면 둘 다 적습니다")
	            : TR("a budget needs a price, of each provider",
	                      "예산에는 값(price)이 필요합니다. 사업자가 둘이면 둘 다 "
	                      "적습니다"));

	diag_hint(r->diag, item, sms ? "price sms 9원 lms 30원 mms 60원" : "price 7원");
}

void config_check_budget(reading *r, const struct token *at)
{
	const struct token *seen = config_seen(r, "channel", "budget");
	const struct channel_config *c = r->channel, *first = r->first;
	struct budget *budget = budget_of(r);

	if (!budget)
		return;
	if (!wholly_priced(c) || (seen && first && !wholly_priced(first)))
		add_unpriced(r, seen ? seen : at);
	budget->least = least_price(c);
	if (first && least_price(first) < budget->least)
		budget->least = least_price(first);
}
