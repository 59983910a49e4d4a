/* The texts of the daemon's own rules and of their templates. It compiles none of them.
 */
#include "language/builtin.h"

#include <string.h>
#include "base/mem.h"

bool builtin_is(const char *name)
{
	return !strcmp(name, BUILTIN_RESULT) || !strcmp(name, BUILTIN_CONFIRM);
}

/* The title is the shop's language, not that of who started the daemon: it is part of
 * what tells one version of a rule from another. */
bool builtin_korean(const char *language)
{
	return strncmp(language, "en", 2) != 0;
}

/* ---- rules ---- */

static bool has(const struct world *world, const char *channel)
{
	for (const char *const *c = world->channels; c && *c; c++)
		if (!strcmp(*c, channel))
			return true;
	return false;
}

static bool has_alimtalk(const struct world *world, const char *name)
{
	return has(world, "alimtalk") && world->template_exists &&
	       world->template_exists(world->arg, name, "alimtalk", NULL);
}

/* Over the first of the channels that the shop has, over the others when that fails. */
static void add_send(struct buf *out, const struct world *world, const char *name,
        const char *const *channels)
{
	const char *word = "send";

	for (; *channels; channels++) {
		bool there = strcmp(*channels, "alimtalk") ? has(world, *channels)
		                                           : has_alimtalk(world, name);

		if (!there)
			continue;
		buf_printf(out, " %s %s \"%s\"", word, *channels, name);
		word = "else";
	}
	buf_adds(out, " by day");
}

/* A notice goes over the medium of its consent. */
static void add_rule(struct buf *out, const struct world *world, const char *name,
        const char *title, const char *kind)
{
	static const char *const by_email[] = {"email", "sms", NULL},
	                         *const by_kakao[] = {"alimtalk", "sms", "email", NULL},
	                         *const by_sms[] = {"sms", "email", NULL};

	buf_printf(out, "rule %s \"%s\" {\n    purpose notice\n", name, title);
	buf_printf(out, "    when " BUILTIN_EVENT " where (event.kind = \"%s\")\n", kind);
	buf_adds(out, "    if event.medium = \"email\" {");
	add_send(out, world, name, by_email);
	buf_adds(out, " }\n    else if event.medium = \"kakao\" {");
	add_send(out, world, name, by_kakao);
	buf_adds(out, " }\n    else {");
	add_send(out, world, name, by_sms);
	buf_adds(out, " }\n}\n");
}

char *builtin_source(const struct world *world)
{
	struct buf out = {0};

	if (!has(world, "sms") && !has(world, "email"))
		return NULL;
	buf_adds(&out, "fields { " BUILTIN_EVENT ".kind text  " BUILTIN_EVENT
	               ".medium text }\n");
	add_rule(&out, world, BUILTIN_RESULT,
	        builtin_korean(world->notices)
	                ? "수신동의·철회 처리 결과 안내 (14일 안에)"
	                : "the result of a consent or its withdrawal, within 14 days",
	        "result");
	add_rule(&out, world, BUILTIN_CONFIRM,
	        builtin_korean(world->notices) ? "수신동의 확인 안내 (2년마다)"
	                                       : "a consent confirmed, every two years",
	        "confirm");
	return buf_take(&out);
}

/* ---- templates ---- */

#define RESULT_KO \
	"#{consent.what}\n일자: #{consent.date|date}\n결과: #{consent.result}\n" \
	"#{consent.how}\n"
#define RESULT_EN \
	"#{consent.what}\nDate: #{consent.date|date}\nResult: #{consent.result}\n" \
	"#{consent.how}\n"
#define CONFIRM_KO \
	"#{consent.what}\n일자: #{consent.date|date}\n" \
	"그대로 두시면 동의가 유지됩니다.\n#{consent.how}\n"
#define CONFIRM_EN \
	"#{consent.what}\nDate: #{consent.date|date}\n" \
	"Your consent stays as it is unless you withdraw it.\n#{consent.how}\n"

const struct builtin_template builtin_templates[] = {
        {BUILTIN_RESULT, "sms", "ko", "[#{shop.name}] 수신동의 처리 결과\n" RESULT_KO},
        {BUILTIN_RESULT, "sms", "en", "[#{shop.name}] Your consent\n" RESULT_EN},
        {BUILTIN_RESULT, "email", "ko",
                "Subject: [#{shop.name}] 수신동의 처리 결과 안내\n\n"
                "#{shop.name}에서 알려 드립니다.\n\n" RESULT_KO},
        {BUILTIN_RESULT, "email", "en",
                "Subject: [#{shop.name}] What became of your consent\n\n"
                "#{shop.name} lets you know:\n\n" RESULT_EN},
        {BUILTIN_CONFIRM, "sms", "ko", "[#{shop.name}] 수신동의 확인\n" CONFIRM_KO},
        {BUILTIN_CONFIRM, "sms", "en", "[#{shop.name}] Your consent\n" CONFIRM_EN},
        {BUILTIN_CONFIRM, "email", "ko",
                "Subject: [#{shop.name}] 수신동의 확인 안내\n\n"
                "#{shop.name}에서 알려 드립니다.\n\n" CONFIRM_KO},
        {BUILTIN_CONFIRM, "email", "en",
                "Subject: [#{shop.name}] The consent that you gave us\n\n"
                "#{shop.name} lets you know:\n\n" CONFIRM_EN},
        {NULL, NULL, NULL, NULL},
};

bool builtin_has_template(const char *name, const char *channel)
{
	for (const struct builtin_template *t = builtin_templates; t->name; t++)
		if (!strcmp(t->name, name) && !strcmp(t->channel, channel))
			return true;
	return false;
}
