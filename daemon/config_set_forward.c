/* What the keys of a forward's block set, and what the block must be once it is read. */
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config_set_inner.h"
#include "store/event.h"

#define STANDARD_MOST 128

void config_set_forward_url(reading *r, value *v, int n)
{
	(void)n;
	if (config_url_good(r, v))
		r->forward->url = config_keep(r, v[0].text);
}

void config_set_forward_secret(reading *r, value *v, int n)
{
	config_add_secret(r, &r->forward->secret, &r->forward->secret_name, &v[n - 1]);
}

void config_set_forward_with(reading *r, value *v, int n)
{
	(void)v, (void)n;
	r->forward->with_customer = true;
}

void config_set_forward_keep(reading *r, value *v, int n)
{
	int64_t ms = v[0].days * MS_DAY + v[0].ms;

	(void)n;
	if (v[0].months || ms < MS_DAY || ms > 28 * MS_DAY)
		config_mistake(r, v[0].token,
		        TR("1 to 28 days are expected: keep 7 days",
		                "1일에서 28일 사이로 씁니다: keep 7 days"));
	else
		r->forward->keep_ms = ms;
}

/* ---- events ---- */

/* A standard type that the word is a slip of; NULL: a type of the shop's own. */
static const char *meant(const char *word)
{
	const char *names[STANDARD_MOST];
	size_t n = 0;

	for (const struct event_type *t = event_types; t->name && n + 2 < STANDARD_MOST;
	        t++) {
		names[n++] = t->name;
		names[n++] = t->korean;
	}
	return text_nearest(word, names, n);
}

static bool is_family(const char *word)
{
	size_t len = strlen(word);
	char type[80];

	if (!strcmp(word, "*"))
		return true;
	if (len < 3 || len > 64 || strcmp(word + len - 2, ".*"))
		return false;
	memcpy(type, word, len - 1); /* "order.*" is good where "order.x" is */
	memcpy(type + len - 1, "x", 2);
	return event_type_wellformed(type);
}

static void add_event(reading *r, const struct token *token, const char *name)
{
	struct forward_config *forward = r->forward;

	if (forward->n_events == CONFIG_EVENTS)
		config_mistake(r, token,
		        TR("a forward takes %d types: write \"order.*\" for several",
		                "전달 하나에 %d종류까지입니다. 여럿이면 \"order.*\"처럼 "
		                "쓰세요"),
		        CONFIG_EVENTS);
	else
		forward->events[forward->n_events++] = config_keep(r, name);
}

static void set_event(reading *r, const struct token *token)
{
	const char *word = token->kind == TOKEN_STRING ? token->string : token->text;
	const struct event_type *type = event_type_find(word);
	const char *near = type ? NULL : meant(word);
	struct diag_item *item;

	if (!type && !is_family(word) && !event_type_wellformed(word)) {
		item = config_mistake(r, token,
		        TR("'%s' is no type of event",
		                "'%s'은(는) 이벤트 종류가 아닙니다"),
		        word);
		diag_hint(r->diag, item,
		        TR("such as order.paid, \"message.*\", or \"*\" for all",
		                "order.paid, \"message.*\", 모두면 \"*\"처럼 씁니다"));
		return;
	}
	if (near && !is_family(word))
		diag_warn(r->diag, token_place(&r->lexer, token), r->lexer.shown,
		        TR("'%s' is taken as a type of the shop's own; did you mean "
		           "'%s'?",
		                "'%s'은(는) 가게가 정한 종류로 봅니다. 혹시 '%s'인가요?"),
		        word, near);
	add_event(r, token, type ? type->name : word);
}

void config_set_forward_events(reading *r, value *v, int n)
{
	(void)n;
	for (int64_t i = 0; i < v[0].n; i++)
		set_event(r, v[0].token + i);
}

/* ---- the whole ---- */

static void lacks(reading *r, const struct token *at, const char *what, const char *write)
{
	struct diag_item *item = config_mistake(r, at,
	        TR("forward '%s' lacks its %s", "전달 '%s'에 %s이(가) 없습니다"),
	        r->forward->name, what);

	diag_hint(r->diag, item, TR("write: %s", "이렇게 씁니다: %s"), write);
}

void config_check_forward(reading *r, const struct token *at)
{
	if (!config_seen(r, "forward", "url"))
		lacks(r, at, "url", "url \"https://…\"");
	if (!config_seen(r, "forward", "secret"))
		lacks(r, at, "secret", "secret credential \"…\"");
	if (!config_seen(r, "forward", "events"))
		lacks(r, at, "events", "events order.paid \"message.*\"");
}
