/* What each key of dangol.conf sets. A key that this version cannot serve is told so here
 * rather than read in silence; how a key is written is not known here. */
#include "config_set.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

typedef struct config_reading reading;
typedef const struct config_value value;

static const char *keep(reading *r, const char *text)
{
	return arena_strdup(r->config->arena, text);
}

/* A path of the file's folder, absolute. */
static const char *path_of(reading *r, const char *path)
{
	if (path[0] == '/')
		return keep(r, path);
	return arena_printf(r->config->arena, "%s/%s", r->config->folder, path);
}

static bool at_most(reading *r, value *v, int64_t low, int64_t high)
{
	if (v->n >= low && v->n <= high)
		return true;
	config_mistake(r, v->token,
	        TR("a number from %lld to %lld is expected",
	                "%lld에서 %lld까지의 수가 와야 합니다"),
	        (long long)low, (long long)high);
	return false;
}

static void not_yet(reading *r, const struct token *token, const char *what)
{
	config_mistake(r, token,
	        TR("not in this version: %s", "이 판에는 아직 없습니다: %s"), what);
}

/* ---- shop ---- */

#define SHOP_TEXT(field) \
	void config_set_shop_##field(reading *r, value *v, int n) \
	{ \
		(void)n; \
		r->config->shop.field = keep(r, v[0].text); \
	}
SHOP_TEXT(name)
SHOP_TEXT(phone)
SHOP_TEXT(address)

void config_set_timezone(reading *r, value *v, int n)
{
	struct zone *zone = zone_open(v[0].text);
	struct diag_item *item;

	(void)n;
	if (!zone) {
		item = config_mistake(r, v[0].token,
		        TR("unknown time zone '%s'", "모르는 시간대 '%s'"), v[0].text);
		diag_hint(r->diag, item, "timezone \"Asia/Seoul\"");
		return;
	}
	zone_close(r->config->shop.zone);
	r->config->shop.zone = zone;
	r->config->shop.timezone = keep(r, v[0].text);
}

void config_set_language(reading *r, value *v, int n)
{
	(void)n;
	if (strlen(v[0].text) != 2 || v[0].text[0] < 'a' || v[0].text[0] > 'z')
		config_mistake(r, v[0].token,
		        TR("a language is two letters: ko, en, …",
		                "언어는 두 글자로 씁니다: ko, en, …"));
	r->config->shop.language = keep(r, v[0].text);
}

void config_set_currency(reading *r, value *v, int n)
{
	(void)n;
	if (strcmp(v[0].text, "KRW"))
		not_yet(r, v[0].token,
		        TR("a currency other than KRW", "KRW가 아닌 통화"));
}

void config_set_owner(reading *r, value *v, int n)
{
	struct shop *shop = &r->config->shop;
	char text[320];

	for (int i = 0; i + 1 < n; i += 2) {
		bool sms = !strcmp(v[i].text, "sms");

		if (sms && text_phone(v[i + 1].text, text))
			config_mistake(r, v[i + 1].token,
			        TR("this is no phone number", "전화번호가 아닙니다"));
		else if (!sms && text_email(v[i + 1].text, text, sizeof(text)))
			config_mistake(r, v[i + 1].token,
			        TR("this is no e-mail address", "메일 주소가 아닙니다"));
		else if (sms)
			shop->owner_sms = keep(r, text);
		else
			shop->owner_email = keep(r, text);
	}
}

void config_set_law(reading *r, value *v, int n)
{
	(void)n;
	r->config->shop.law_korea = !strcmp(v[0].text, "korea");
}

void config_set_opens(reading *r, value *v, int n)
{
	(void)n;
	config_idle(r, v[0].token, "opens");
	r->config->shop.has_opens = true;
	r->config->shop.opens_ms = (int)v[0].n;
}

void config_set_closed(reading *r, value *v, int n)
{
	struct shop *shop = &r->config->shop;
	int most = (int)(sizeof(shop->closed) / sizeof(shop->closed[0]));

	config_idle(r, v[0].token, "closed");
	if (v[0].token->kind != TOKEN_DATE) {
		shop->closed_weekdays |= 1 << v[0].n;
		return;
	}
	if (shop->n_closed == most) {
		config_mistake(r, v[0].token,
		        TR("at most %d times away", "쉬는 날은 %d번까지 적습니다"), most);
		return;
	}
	if (n == 3 && v[2].n < v[0].n) {
		config_mistake(r, v[2].token,
		        TR("the end lies before the beginning",
		                "끝 날짜가 시작보다 앞섭니다"));
		return;
	}
	shop->closed[shop->n_closed].from = (int32_t)v[0].n;
	shop->closed[shop->n_closed].to = (int32_t)v[n == 3 ? 2 : 0].n;
	shop->n_closed++;
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

void config_set_keep(reading *r, value *v, int n)
{
	bool events = !strcmp(v[0].text, "events");
	int64_t *months = events ? &r->config->shop.keep_events_months
	                         : &r->config->shop.keep_messages_months;

	(void)n;
	config_idle(r, v[0].token, "keep");
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
	if (at_most(r, v, 0, 0777))
		r->config->listen.socket_mode = (int)v[0].n;
}

void config_set_group(reading *r, value *v, int n)
{
	(void)n;
	r->config->listen.socket_group = keep(r, v[0].text);
}

static bool address_good(const char *address)
{
	const char *colon = strrchr(address, ':');
	char *end;
	long port;

	if (!colon || colon == address || !colon[1])
		return false;
	port = strtol(colon + 1, &end, 10);
	return !*end && port >= 0 && port <= 65535;
}

void config_set_http(reading *r, value *v, int n)
{
	(void)n;
	if (!address_good(v[0].text))
		config_mistake(r, v[0].token,
		        TR("an address and a port are expected: \"127.0.0.1:8484\"",
		                "주소와 포트를 씁니다: \"127.0.0.1:8484\""));
	else if (!config_is_loopback(v[0].text) || !strncmp(v[0].text, "localhost", 9))
		config_mistake(r, v[0].token,
		        TR("the API listens on this machine only: 127.0.0.1 or [::1]",
		                "API는 이 컴퓨터에서만 엽니다: 127.0.0.1 또는 [::1]"));
	r->config->listen.address = keep(r, v[0].text);
}

static void add_secret(reading *r, struct secret *secret, const char **name, value *v)
{
	struct config *config = r->config;
	struct config_secret *slot =
	        mem_grow(&config->secrets, config->n_secrets, sizeof(*slot));
	struct diag_place at = token_place(&r->lexer, v->token);

	at.file = config->file;
	*slot = (struct config_secret){
	        .name = keep(r, v->text), .secret = secret, .at = at};
	config->n_secrets++;
	if (name)
		*name = slot->name;
}

void config_set_token(reading *r, value *v, int n)
{
	add_secret(r, &r->config->token, NULL, &v[n - 1]);
}

void config_set_public(reading *r, value *v, int n)
{
	(void)n;
	if (!address_good(v[0].text))
		config_mistake(r, v[0].token,
		        TR("an address and a port are expected: \"127.0.0.1:8485\"",
		                "주소와 포트를 씁니다: \"127.0.0.1:8485\""));
	else
		diag_warn(r->diag, token_place(&r->lexer, v[0].token), r->lexer.shown,
		        TR("not in this version: the public pages; nothing listens here, "
		           "'url' alone goes into messages",
		                "이 판에는 아직 없습니다: 공개 페이지. 이 포트는 열지 "
		                "않고, 'url'만 메시지에 들어갑니다"));
	r->config->public_listen = keep(r, v[0].text);
}

static bool url_good(reading *r, value *v)
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
	if (!url_good(r, v))
		return;
	url = arena_strdup(r->config->arena, v[0].text);
	while (url[strlen(url) - 1] == '/')
		url[strlen(url) - 1] = '\0';
	r->config->shop.public_url = url;
}

/* ---- limits ---- */

void config_set_quiet(reading *r, value *v, int n)
{
	struct shop *shop = &r->config->shop;

	shop->quiet = n == 3;
	shop->quiet_from_ms = n == 3 ? (int)v[0].n : 0;
	shop->quiet_to_ms = n == 3 ? (int)v[2].n : 0;
}

void config_set_margin(reading *r, value *v, int n)
{
	(void)n;
	if (v[0].months || v[0].days || v[0].ms > 6 * MS_HOUR)
		config_mistake(r, v[0].token,
		        TR("minutes are expected, at most 6 hours",
		                "분으로 씁니다. 6시간까지입니다"));
	else
		r->config->shop.margin_ms = v[0].ms;
}

void config_set_ads(reading *r, value *v, int n)
{
	struct shop *shop = &r->config->shop;
	int most = (int)(sizeof(shop->caps) / sizeof(shop->caps[0]));
	const char *unit = n == 3 ? v[2].text : "";
	enum schedule schedule = !strcmp(unit, "week")    ? SCHEDULE_WEEK
	                         : !strcmp(unit, "month") ? SCHEDULE_MONTH
	                                                  : SCHEDULE_DAY;

	if (n == 1 && v[0].n) {
		config_mistake(r, v[0].token,
		        TR("in which time? write: ads %lld per day",
		                "얼마 동안인지 씁니다: ads %lld per day"),
		        (long long)v[0].n);
	} else if (n == 1 || !v[0].n) {
		shop->ads_off = true;
	} else if (strcmp(unit, "day") && strcmp(unit, "week") && strcmp(unit, "month")) {
		config_mistake(r, v[2].token,
		        TR("per day, per week or per month",
		                "per day, per week, per month 가운데 하나"));
	} else if (shop->n_caps == most) {
		config_mistake(r, v[0].token,
		        TR("at most %d limits", "제한은 %d개까지입니다"), most);
	} else {
		shop->caps[shop->n_caps++] = (struct cap){.n = v[0].n, .unit = schedule};
	}
}

void config_set_hold(reading *r, value *v, int n)
{
	const struct config_value *d = &v[n - 1];

	if (d->months || d->days > 60)
		config_mistake(r, d->token,
		        TR("days are expected, at most 60",
		                "날로 씁니다. 60일까지입니다"));
	else
		r->config->shop.hold_max_ms = d->days * MS_DAY + d->ms;
}

void config_set_guard(reading *r, value *v, int n)
{
	(void)n;
	if (v[0].text) {
		r->config->shop.guard = -1;
		return;
	}
	config_idle(r, v[0].token, "guard");
	if (at_most(r, v, 0, 1000000))
		r->config->shop.guard = (int)v[0].n;
}

/* ---- channels ---- */

#define CHANNEL_TEXT(field) \
	void config_set_##field(reading *r, value *v, int n) \
	{ \
		(void)n; \
		r->channel->field = keep(r, v[0].text); \
	}
CHANNEL_TEXT(from)
CHANNEL_TEXT(user)

void config_set_profile(reading *r, value *v, int n)
{
	(void)n;
	config_idle(r, v[0].token, "profile");
	r->channel->profile = keep(r, v[0].text);
}

#define CHANNEL_SECRET(field) \
	void config_set_##field(reading *r, value *v, int n) \
	{ \
		add_secret(r, &r->channel->field, &r->channel->field##_name, &v[n - 1]); \
	}
CHANNEL_SECRET(secret)
CHANNEL_SECRET(password)

void config_set_key(reading *r, value *v, int n)
{
	config_idle(r, v[n - 1].token, "key");
	add_secret(r, &r->channel->key, &r->channel->key_name, &v[n - 1]);
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
	if (url_good(r, v))
		r->channel->url = keep(r, v[0].text);
}

void config_set_server(reading *r, value *v, int n)
{
	char *host = arena_strdup(r->config->arena, v[0].text),
	     *colon = strrchr(host, ':');
	bool bare = !colon || (host[0] == '[' && host[strlen(host) - 1] == ']');

	(void)n;
	if (strpbrk(host, " /\t\r\n") || strstr(host, "://") ||
	        (!bare && !address_good(host)) || !strcmp(colon ? colon : "", ":0")) {
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
	r->channel->sender = keep(r, v[0].text);
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
	r->channel->refuse = keep(r, v[0].text);
}

void config_set_connections(reading *r, value *v, int n)
{
	(void)n;
	if (at_most(r, v, 1, 64))
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
	if (!at_most(r, v, 1, 1000000))
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
		not_yet(r, v[0].token, TR(english, korean)); \
	}
LATER(budget, "a budget", "예산(budget)")
LATER(fallback, "a fallback provider", "예비 사업자(fallback provider)")
LATER(receipts, "delivery reports of providers", "사업자의 도착 보고(receipts)")
LATER(service, "the providers that have a service", "service를 쓰는 사업자")
