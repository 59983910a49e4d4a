/* The words of a statutory notice. It knows no customer and no rule's text. */
#include "language/template_notice.h"

#include <string.h>
#include "base/log.h"
#include "language/builtin.h"
#include "language/template_code.h"

/* ---- what a template must show ---- */

static const struct fact {
	const char *variable, *english, *korean;
	uint64_t bits; /* any of them */
	bool result, confirm;
} facts[] = {
        {"shop.name", "who sends it", "보내는 가게", UINT64_C(1) << VAR_SHOP_NAME, true,
                true},
        {"consent.what", "what was given or withdrawn", "동의하거나 철회한 내용",
                UINT64_C(1) << VAR_CONSENT_WHAT, true, true},
        {"consent.date", "when", "그 날짜", UINT64_C(1) << VAR_CONSENT_DATE, true, true},
        {"consent.result", "the result", "처리 결과", UINT64_C(1) << VAR_CONSENT_RESULT,
                true, false},
        {"consent.how", "how to withdraw it", "철회하는 방법",
                UINT64_C(1) << VAR_CONSENT_HOW | UINT64_C(1) << VAR_UNSUBSCRIBE, true,
                true},
};

/* One mistake for all of them: they have one place. */
static void lacks(const struct template *t, const char *what, const char *variables,
        struct diag *diag)
{
	const struct program_file *file = &t->code->file;
	size_t from = t->code->body_at;
	struct diag_item *item;

	item = diag_error(diag, code_place(file, from, from + 1, diag), file->text,
	        TR("the law asks a notice of consent to tell %s; this does not",
	                "법에 따라 수신동의 안내에는 %s이(가) 있어야 하는데 없습니다"),
	        what);
	diag_hint(diag, item, TR("write %s into the text", "본문에 %s를 쓰세요"),
	        variables);
}

static bool asked_of(const struct fact *fact, const struct rule *rule)
{
	return strcmp(rule->name, BUILTIN_RESULT) ? fact->confirm : fact->result;
}

static void check_facts(
        const struct template *t, const struct rule *rule, struct diag *diag)
{
	struct buf what = {0}, variables = {0};

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		const struct fact *fact = &facts[i];

		if (!asked_of(fact, rule) || (t->code->shows & fact->bits))
			continue;
		buf_printf(&what, "%s%s", what.len ? ", " : "",
		        TR(fact->english, fact->korean));
		buf_printf(
		        &variables, "%s#{%s}", variables.len ? " " : "", fact->variable);
	}
	if (what.len)
		lacks(t, what.data, variables.data, diag);
	buf_free(&what);
	buf_free(&variables);
}

void template_notice_check(
        const struct template *t, const struct rule *rule, struct diag *diag)
{
	const struct program_file *file = &t->code->file;

	if (t->purpose && !strcmp(t->purpose, "ad"))
		diag_error(diag, code_place(file, 0, 1, diag), file->text, "%s",
		        TR("a notice that the law asks for is no advertisement: take "
		           "'Purpose: ad' and what promotes out of it",
		                "법에 따른 안내는 광고가 아닙니다. 'Purpose: ad'와 "
		                "홍보하는 말을 빼세요"));
	check_facts(t, rule, diag);
}

/* ---- what was said ---- */

static const char *text_in(json_t *change, const char *name)
{
	const char *text = json_string_value(json_object_get(change, name));

	return text ? text : "";
}

static int64_t time_in(json_t *change)
{
	return json_integer_value(json_object_get(change, "time"));
}

static const char *medium(const char *channel, bool korean)
{
	static const struct {
		const char *channel, *korean, *english;
	} media[] = {{"sms", "문자", "text message"}, {"kakao", "카카오톡", "KakaoTalk"},
	        {"email", "메일", "e-mail"}, {"push", "앱 알림", "app notification"}};

	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++)
		if (!strcmp(media[i].channel, channel))
			return korean ? media[i].korean : media[i].english;
	return "";
}

static void add_korean(struct buf *out, json_t *change, bool given)
{
	const char *channel = text_in(change, "channel");

	if (!strcmp(channel, "data"))
		buf_adds(out, "개인정보 마케팅 이용");
	else
		buf_printf(out, "%s %s광고 수신", medium(channel, true),
		        strcmp(text_in(change, "purpose"), "night") ? "" : "야간 ");
	buf_adds(out, given ? " 동의" : " 동의 철회");
}

static void add_english(struct buf *out, json_t *change, bool given)
{
	const char *channel = text_in(change, "channel");

	buf_adds(out, given ? "consent to " : "withdrawal of consent to ");
	if (!strcmp(channel, "data"))
		buf_adds(out, "marketing use of personal data");
	else
		buf_printf(out, "ads by %s%s", medium(channel, false),
		        strcmp(text_in(change, "purpose"), "night") ? "" : " at night");
}

static void add_day(struct buf *out, int32_t day, bool korean)
{
	char text[16];
	struct civil c = calendar_civil(day);

	if (korean)
		buf_printf(out, " (%d년 %d월 %d일)", c.year, c.month, c.day);
	else
		buf_printf(out, " (%s)", calendar_format_date(day, text));
}

int64_t template_notice_date(json_t *changes)
{
	json_t *change;
	int64_t last = 0;
	size_t i;

	json_array_foreach(changes, i, change)
	{
		if (time_in(change) > last)
			last = time_in(change);
	}
	return last;
}

const char *template_notice_what(
        struct arena *arena, json_t *changes, struct zone *zone, bool korean)
{
	int32_t last = zone_day(zone, template_notice_date(changes));
	struct buf out = {0};
	const char *text;
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change)
	{
		bool given = json_is_true(json_object_get(change, "given"));
		int32_t day = zone_day(zone, time_in(change));

		if (i)
			buf_adds(&out, ", ");
		if (korean)
			add_korean(&out, change, given);
		else
			add_english(&out, change, given);
		if (day != last)
			add_day(&out, day, korean);
	}
	text = out.len ? arena_strndup(arena, out.data, out.len) : NULL;
	buf_free(&out);
	return text;
}

/* ---- the way out ---- */

static bool any_given(json_t *changes)
{
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change)
	{
		if (json_is_true(json_object_get(change, "given")))
			return true;
	}
	return false;
}

static const char *ask(
        struct arena *arena, const struct notice_way *way, const char *word, bool korean)
{
	const char *whom = way->phone ? way->phone : korean ? "매장" : "the shop";

	return arena_printf(arena, "%s: %s", word, whom);
}

const char *template_notice_how(
        struct arena *arena, json_t *changes, const struct notice_way *way, bool korean)
{
	if (!any_given(changes))
		return ask(arena, way, korean ? "문의" : "Questions", korean);
	if (way->link)
		return arena_printf(
		        arena, korean ? "동의 철회: %s" : "To withdraw: %s", way->link);
	if (way->refuse)
		return arena_printf(arena,
		        korean ? "동의 철회(무료): %s" : "To withdraw (free): %s",
		        way->refuse);
	return ask(arena, way, korean ? "동의 철회" : "To withdraw", korean);
}
