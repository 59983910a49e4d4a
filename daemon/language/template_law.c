/* Each part of a template that somebody reads is held against what may stand there. */
#include "language/template_law.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/label.h"
#include "language/promotion.h"
#include "language/wording.h"

#define QUOTED 60 /* letters of a sentence that are shown */

/* One part under the eye. */
struct scrutiny {
	struct template *template;
	const struct code_shown *part;
	const struct law_use *use;
	char *words;
	size_t len;
	struct arena *arena;
	struct diag *diag;
	bool found; /* something promotes */
};

static struct diag_place place(const struct scrutiny *s, size_t from, size_t to)
{
	return code_place(&s->template->code->file, s->part->from + from,
	        s->part->from + to, s->diag);
}

static const char *text_of(const struct scrutiny *s)
{
	return s->template->code->file.text;
}

/* ---- the marks of an advertisement ---- */

static const char *what_stands(const struct template *t, enum label_kind kind)
{
	switch (kind) {
	case LABEL_AD:
		if (!strcmp(t->channel, "brandmessage"))
			return TR("Kakao shows '(광고)' at an advertisement itself",
			        "'(광고)'는 카카오가 광고에 자동으로 붙입니다");
		return TR("the daemon writes '(광고)' into an advertisement itself",
		        "'(광고)'은(는) 광고에 자동으로 들어갑니다");
	case LABEL_REFUSAL:
		if (!strcmp(t->channel, "email"))
			return TR("the daemon writes the link to refuse into an "
			          "advertisement itself",
			        "수신거부 링크는 광고에 자동으로 들어갑니다");
		if (!strcmp(t->channel, "brandmessage"))
			return TR("Kakao shows how to refuse at an advertisement itself",
			        "수신거부는 카카오가 광고에 자동으로 붙입니다");
		return TR("the daemon writes '무료수신거부' into an advertisement itself",
		        "'무료수신거부'은(는) 광고에 자동으로 들어갑니다");
	case LABEL_NUMBER:
		return TR("a free number at the end reads as the one to refuse, which "
		          "the daemon writes into an advertisement itself",
		        "끝에 있는 080 번호는 수신거부 번호로 읽힙니다. 수신거부 번호는 "
		        "광고에 자동으로 들어갑니다");
	}
	return "";
}

static void look_for_marks(struct scrutiny *s)
{
	const struct template *t = s->template;
	bool email = !strcmp(t->channel, "email"),
	     body = s->part->from == t->code->body_at;
	struct label_ask ask = {
	        .links = email && t->code->unsubscribes, .ends = body && !email};
	struct label label;

	for (size_t at = 0; label_find(s->words, s->len, at, &ask, &label);
	        at = label.to) {
		struct diag_item *item =
		        diag_error(s->diag, place(s, label.from, label.to), text_of(s),
		                "%s", what_stands(t, label.kind));
		diag_hint(s->diag, item, "%s",
		        email && label.kind == LABEL_REFUSAL
		                ? TR("take it out, or show the daemon's own link by "
		                     "#{unsubscribe}",
		                          "지우거나, #{수신거부}로 링크를 보이세요")
		                : TR("take it out of the template", "양식에서 지우세요"));
	}
}

/* ---- promotion in information ---- */

/* text[from, to) of the part on one line, at most QUOTED letters of it. */
static const char *quote(const struct scrutiny *s, size_t from, size_t to)
{
	const char *text = text_of(s) + s->part->from;
	size_t end = from, n = 0;
	uint32_t cp;
	char *out;

	while (end < to && n++ < QUOTED)
		end += (size_t)text_decode(text + end, to - end, &cp);
	out = arena_strndup(s->arena, text + from, end - from);
	for (char *c = out; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return end < to ? arena_printf(s->arena, "%s…", out) : out;
}

static void refuse(struct scrutiny *s, const struct promotion *p)
{
	struct diag_item *item = diag_error(s->diag, place(s, p->word_from, p->word_to),
	        text_of(s),
	        TR("'%s' promotes, and that makes the whole message an "
	           "advertisement by law: \"%s\"",
	                "'%s'은(는) 홍보입니다. 정보에 홍보가 섞이면 법으로 메시지 "
	                "전체가 광고입니다: \"%s\""),
	        quote(s, p->word_from, p->word_to), quote(s, p->from, p->to));

	diag_hint(s->diag, item, "%s",
	        TR("make the rule an advertisement ('purpose ad') or take it out; if it "
	           "is information all the same, say why in the head: 'Not-Ad: …'",
	                "규칙을 '목적 광고'로 바꾸거나 지우세요. 그래도 정보라면 머리에 "
	                "까닭을 적으세요: '광고아님: …'"));
}

static void overrule(struct scrutiny *s, const struct promotion *p)
{
	diag_warn(s->diag, place(s, p->word_from, p->word_to), text_of(s),
	        TR("goes as information although '%s' promotes, for your reason: \"%s\"",
	                "'%s'은(는) 홍보이지만 적으신 까닭에 따라 정보로 보냅니다: "
	                "\"%s\""),
	        quote(s, p->word_from, p->word_to), s->template->not_ad);
}

static void look_for_promotion(struct scrutiny *s)
{
	struct template *t = s->template;
	struct promotion p;

	if (s->found || !promotion_find(s->words, s->len, &p))
		return;
	s->found = true;
	if (t->not_ad)
		t->overruled = quote(s, p.from, p.to);
	else
		t->offers = quote(s, p.from, p.to);
	if (s->use->informs && t->not_ad)
		overrule(s, &p);
	else if (s->use->informs)
		refuse(s, &p);
}

/* Source: Kakao's rule for AlimTalk of 2026-04-01, korea.md 2.1. */
static void look_for_ground(struct scrutiny *s)
{
	struct promotion p;
	struct diag_item *item;
	bool given = promotion_gives(s->words, s->len, &p);

	if (!given || (s->use->earned && promotion_grounded(s->words, s->len)))
		return;
	item = diag_error(s->diag, place(s, p.word_from, p.word_to), text_of(s), "%s",
	        s->use->earned
	                ? TR("an AlimTalk tells of points or a coupon only with the "
	                     "ground on which they were given",
	                          "알림톡으로 포인트나 쿠폰을 알리려면 지급한 근거를 "
	                          "적어야 합니다")
	                : TR("an AlimTalk tells only of points or a coupon that the "
	                     "customer earned by an order or an act of their own, and "
	                     "this rule starts by something else",
	                          "알림톡으로는 고객이 주문이나 행동으로 얻은 포인트와 "
	                          "쿠폰만 알릴 수 있는데, 이 규칙은 다른 일로 "
	                          "시작합니다"));
	diag_hint(s->diag, item, "%s",
	        s->use->earned
	                ? TR("add a line such as '고객님의 유료 구매로 지급된 포인트 "
	                     "안내입니다'",
	                          "'고객님의 유료 구매로 지급된 포인트 안내입니다' 같은 "
	                          "줄을 "
	                          "더하세요")
	                : TR("send it as an advertisement over sms or brandmessage",
	                          "문자나 브랜드메시지 광고로 보내세요"));
}

/* ---- the head ---- */

static void warn_not_ad(struct scrutiny *s, const char *why)
{
	const struct code_shown *at = &s->template->code->not_ad;

	diag_warn(s->diag,
	        code_place(&s->template->code->file, at->from, at->to, s->diag),
	        text_of(s), "%s", why);
}

static void check_head(struct scrutiny *s)
{
	const struct template *t = s->template;
	const struct code_shown *purpose = &t->code->purpose;

	if (t->not_ad && s->use->ad && !s->use->informs)
		warn_not_ad(s, TR("Not-Ad changes nothing: this is an advertisement",
		                       "이 메시지는 광고여서 Not-Ad(광고아님)는 아무것도 "
		                       "바꾸지 않습니다"));
	else if (t->not_ad && !s->found)
		warn_not_ad(s, TR("Not-Ad is not needed: nothing here promotes",
		                       "홍보가 없어 Not-Ad(광고아님)가 필요 없습니다"));
	if (!strcmp(t->channel, "alimtalk") && t->purpose && !strcmp(t->purpose, "ad"))
		diag_error(s->diag,
		        code_place(&t->code->file, purpose->from, purpose->to, s->diag),
		        text_of(s), "%s",
		        TR("an advertisement may not go through alimtalk: make it a "
		           "brandmessage",
		                "알림톡으로는 광고를 보낼 수 없습니다. 브랜드메시지로 "
		                "만드세요"));
}

static bool marked(const char *channel)
{
	return !strcmp(channel, "sms") || !strcmp(channel, "email") ||
	       !strcmp(channel, "brandmessage");
}

static void look_at_part(struct scrutiny *s)
{
	const struct template *t = s->template;

	s->len = s->part->to - s->part->from;
	s->words = wording_new(text_of(s) + s->part->from, s->len, s->part->html);
	if (s->use->ad && marked(t->channel))
		look_for_marks(s);
	if (strcmp(t->channel, "brandmessage"))
		look_for_promotion(s);
	if (s->use->informs && !strcmp(t->channel, "alimtalk"))
		look_for_ground(s);
	free(s->words);
}

void law_check(struct template *template, struct arena *arena, const struct law_use *use,
        struct diag *diag)
{
	struct scrutiny scrutiny = {
	        .template = template, .use = use, .arena = arena, .diag = diag};

	template->offers = template->overruled = NULL;
	if (!strcmp(template->channel, "owner") || !strcmp(template->channel, "post"))
		return;
	for (size_t i = 0; i < template->code->n_shown; i++) {
		scrutiny.part = &template->code->shown[i];
		look_at_part(&scrutiny);
	}
	check_head(&scrutiny);
}
