/* What the keys of the shop and of its limits set. */
#include "config_set_inner.h"

#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

/* ---- shop ---- */

#define SHOP_TEXT(field) \
	void config_set_shop_##field(reading *r, value *v, int n) \
	{ \
		(void)n; \
		r->config->shop.field = config_keep(r, v[0].text); \
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
	r->config->shop.timezone = config_keep(r, v[0].text);
}

void config_set_language(reading *r, value *v, int n)
{
	(void)n;
	if (strlen(v[0].text) != 2 || v[0].text[0] < 'a' || v[0].text[0] > 'z')
		config_mistake(r, v[0].token,
		        TR("a language is two letters: ko, en, …",
		                "언어는 두 글자로 씁니다: ko, en, …"));
	r->config->shop.language = config_keep(r, v[0].text);
}

void config_set_currency(reading *r, value *v, int n)
{
	(void)n;
	if (strcmp(v[0].text, "KRW"))
		config_not_yet(r, v[0].token,
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
			shop->owner_sms = config_keep(r, text);
		else
			shop->owner_email = config_keep(r, text);
	}
}

void config_set_law(reading *r, value *v, int n)
{
	(void)n;
	r->config->shop.law_korea = !strcmp(v[0].text, "korea");
}

void config_set_exception(reading *r, value *v, int n)
{
	(void)n;
	r->config->shop.existing_customers = !strcmp(v[0].text, "purchase");
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
	enum schedule schedule;

	if (n == 1 && v[0].n) {
		config_mistake(r, v[0].token,
		        TR("in which time? write: ads %lld per day",
		                "얼마 동안인지 씁니다: ads %lld per day"),
		        (long long)v[0].n);
	} else if (n == 1 || !v[0].n) {
		shop->ads_off = true;
	} else if (!config_period(r, &v[2], &schedule)) {
		return;
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
	if (config_at_most(r, v, 0, 1000000))
		r->config->shop.guard = (int)v[0].n;
}
