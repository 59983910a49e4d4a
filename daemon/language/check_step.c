/* The check of steps: channels and templates that are there, waits that wait for
 * something, shares that add up. */
#include <string.h>
#include "base/log.h"
#include "language/check.h"

struct steps {
	struct check *check;
	const struct ast_rule *rule;
	const struct scope *scope;
};

static const char *channel_name(enum word word)
{
	for (const struct word_row *row = word_rows; row->word; row++)
		if (row->word == word)
			return row->english;
	return "";
}

/* ---- sending ---- */

static bool set_up(const struct check *check, const char *channel)
{
	if (!check->world || !check->world->channels)
		return true;
	for (const char *const *c = check->world->channels; *c; c++)
		if (!strcmp(*c, channel))
			return true;
	return false;
}

/* What must stand in an advertisement and only dangol.conf can say. Source: Network Act,
 * Article 50 (4) and (6); the e-mail's list of Annex 6 is UNVERIFIED, so that all of it
 * is asked for. */
static bool lawful(struct check *check, const struct ast_leg *leg)
{
	const struct world *world = check->world;
	const char *lacks = NULL;

	if (leg->channel == W_SMS && !world->has_refuse)
		lacks = TR("an advertisement by sms needs the free number to refuse it: "
		           "add "
		           "'refuse \"080-…\"' to the channel sms in dangol.conf",
		        "문자 광고에는 무료 수신거부 번호가 있어야 합니다. "
		        "dangol.conf의 sms "
		        "채널에 'refuse \"080-…\"'을 쓰십시오");
	else if (leg->channel == W_EMAIL && !world->has_public)
		lacks = TR("an advertisement by e-mail needs a page to unsubscribe: add "
		           "'public \"…\"' to listen in dangol.conf",
		        "메일 광고에는 수신거부 페이지가 있어야 합니다. "
		        "dangol.conf의 listen에 "
		        "'public \"…\"'을 쓰십시오");
	else if (leg->channel == W_EMAIL && world->lacks_address)
		lacks = TR("an advertisement by e-mail needs the shop's phone and postal "
		           "address: add 'phone \"…\"' and 'address \"…\"' to shop in "
		           "dangol.conf",
		        "메일 광고에는 가게의 전화번호와 주소가 있어야 합니다. "
		        "dangol.conf의 shop에 'phone \"…\"'과 'address \"…\"'를 "
		        "쓰십시오");
	if (lacks)
		check_wrong(check, &leg->at, "%s", lacks);
	return !lacks;
}

static bool channel(
        struct check *check, const struct ast_rule *rule, const struct ast_leg *leg)
{
	const char *name = channel_name(leg->channel);
	bool ad = !rule->info && !rule->notice && leg->channel != W_OWNER;
	const struct world *world = check->world;

	if (ad && leg->channel == W_ALIMTALK) {
		check_wrong(check, &leg->at, "%s",
		        TR("an advertisement may not go through alimtalk: send it as "
		           "brandmessage, or write 'purpose info' if it is information",
		                "알림톡으로는 광고를 보낼 수 없습니다. 브랜드메시지로 "
		                "보내거나, "
		                "정보라면 '목적 정보'를 쓰십시오"));
		return false;
	}
	if (check->pinned)
		return true;
	if (!set_up(check, name)) {
		if (leg->channel == W_OWNER)
			check_wrong(check, &leg->at, "%s",
			        TR("dangol.conf gives no address of the owner: add "
			           "'owner sms \"…\"'",
			                "dangol.conf에 사장님의 주소가 없습니다. 'owner "
			                "sms \"…\"'를 "
			                "쓰십시오"));
		else
			check_wrong(check, &leg->at,
			        TR("the channel %s is not set up: add 'channel %s { … }' "
			           "to dangol.conf",
			                "%s 채널이 없습니다. dangol.conf에 'channel %s { "
			                "… }'을 "
			                "쓰십시오"),
			        word_name(leg->channel), name);
		return false;
	}
	return !ad || !world || !world->law_korea || lawful(check, leg);
}

static void template(struct check *check, const struct ast_name *wanted, const char *name)
{
	const struct world *world = check->world;
	const char *near = NULL;
	struct diag_item *item;

	if (check->pinned || !world || !world->template_exists ||
	        world->template_exists(world->arg, wanted->text, name, &near))
		return;
	item = check_wrong(check, &wanted->at,
	        TR("there is no template '%s.%s' in the templates folder",
	                "서식 폴더에 '%s.%s'이(가) 없습니다"),
	        wanted->text, name);
	check_near(check, item, near);
}

static void send(struct steps *s, const struct ast_step *step)
{
	struct check *check = s->check;

	for (size_t i = 0; i < step->n_legs; i++) {
		const struct ast_leg *leg = &step->legs[i];
		if (channel(check, s->rule, leg))
			template(check, &leg->template, channel_name(leg->channel));
		if (leg->has_after && !s->rule->info)
			check_wrong(check, &leg->at, "%s",
			        TR("'else after' may arrive twice: it is for information "
			           "alone",
			                "'아니면 … 뒤'는 두 번 도착할 수 있어 정보에만 "
			                "씁니다"));
		else if (leg->has_after && !check->pinned)
			check_warn(check, &leg->at, "%s",
			        TR("this message may arrive twice",
			                "이 메시지는 두 번 도착할 수 있습니다"));
	}
}

/* ---- the others ---- */

static void give(struct steps *s, const struct ast_step *step)
{
	const char *near = NULL;
	struct diag_item *item;

	if (s->check->pinned || names_coupon(s->scope, step->name.text, &near))
		return;
	item = check_wrong(s->check, &step->name.at,
	        TR("unknown coupon '%s'", "모르는 쿠폰입니다: '%s'"), step->name.text);
	check_near(s->check, item, near);
}

static void tag(struct steps *s, const struct ast_step *step)
{
	size_t n = strlen(step->name.text);

	if (n < 1 || n > 64)
		check_wrong(s->check, &step->name.at, "%s",
		        TR("a tag has 1 to 64 bytes",
		                "태그는 1바이트부터 64바이트까지입니다"));
}

static void set(struct steps *s, const struct ast_step *step)
{
	struct check *check = s->check;
	struct subject subject;
	const char *near = NULL;
	enum names_found found = names_path(s->scope, step->name.text, &subject, &near);
	struct diag_item *item;

	if (found == NAMES_OK && subject.kind == SUBJECT_ATTRIBUTE) {
		if (step->value.kind == VALUE_PATH)
			check_wrong(check, &step->value.at, "%s",
			        TR("'set' takes a fixed value, not a name",
			                "'정하기'에는 이름이 아니라 정해진 값을 씁니다"));
		else if (subject.type == FIELD_TIME && step->value.kind == VALUE_DATE)
			check_wrong(check, &step->value.at,
			        TR("'%s' is a moment with an hour, and a date has none: "
			           "declare it as date",
			                "'%s'은(는) 시각이 있는 항목인데 날짜에는 시각이 "
			                "없습니다. 항목을 날짜로 선언하십시오"),
			        step->name.text);
		else
			check_value(check, s->scope, &step->value, &subject);
		return;
	}
	item = check_wrong(check, &step->name.at,
	        TR("'%s' is no field of the shop's own: only those can be set",
	                "'%s'은(는) 가게가 추가한 항목이 아니어서 정할 수 없습니다"),
	        step->name.text);
	if (found != NAMES_UNDECLARED ||
	        !check_declare(check, item, step->name.text,
	                names_declared(check->arena, step->name.text),
	                check_guess(&step->value), near))
		check_near(check, item, found == NAMES_OK ? NULL : near);
}

static void post(struct steps *s, const struct ast_step *step)
{
	const char *url = step->name.text;

	if (strncmp(url, "https://", 8) && strncmp(url, "http://127.0.0.1", 16) &&
	        strncmp(url, "http://localhost", 16))
		check_wrong(s->check, &step->name.at, "%s",
		        TR("an address to post to begins with https://",
		                "알릴 주소는 https://로 시작합니다"));
	template(s->check, &step->template, "post");
}

static void split(struct steps *s, const struct ast_step *step)
{
	int64_t sum = 0;

	for (size_t i = 0; i < step->n_sides; i++) {
		const struct ast_side *side = &step->sides[i];
		if (side->share.scale || side->share.number < 1) {
			check_wrong(s->check, &side->share.at, "%s",
			        TR("a share is a whole number of per cent, 1 at least",
			                "비율은 1% 이상의 정수입니다"));
			return;
		}
		sum += side->share.number;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(step->sides[j].label.text, side->label.text)) {
				check_wrong(s->check, &side->label.at,
				        TR("two sides are called \"%s\"",
				                "\"%s\"이(가) 두 번 있습니다"),
				        side->label.text);
				return;
			}
	}
	if (sum != 100)
		check_wrong(s->check, &step->sides[0].share.at,
		        TR("the shares add up to %lld%%, not to 100%%",
		                "비율의 합이 100%%가 아니라 %lld%%입니다"),
		        (long long)sum);
}

static void condition(struct steps *s, const struct ast_step *step)
{
	if (step->cond)
		check_whole(s->check, s->scope, step->cond);
}

static void on_step(const struct ast_step *step, void *arg)
{
	struct steps *s = arg;

	condition(s, step);
	if (step->has_event) {
		check_event(s->check, s->scope, &step->event);
		if (step->event.where)
			check_possible(s->check, s->scope, step->event.where);
	}
	switch (step->kind) {
	case STEP_SEND:
		send(s, step);
		break;
	case STEP_GIVE:
		give(s, step);
		break;
	case STEP_TAG:
	case STEP_UNTAG:
		tag(s, step);
		break;
	case STEP_SET:
		set(s, step);
		break;
	case STEP_POST:
		post(s, step);
		break;
	case STEP_SPLIT:
		split(s, step);
		break;
	case STEP_WAIT:
	case STEP_WAIT_UNTIL:
	case STEP_WAIT_FOR:
	case STEP_IF:
	case STEP_STOP:
		break;
	}
}

/* ---- order ---- */

static bool always_stops(const struct ast_block *block);

static bool stops(const struct ast_step *step)
{
	bool all = step->n_sides > 0;

	if (step->kind == STEP_STOP)
		return step->cond == NULL;
	if (step->kind == STEP_SPLIT) {
		for (size_t i = 0; i < step->n_sides; i++)
			all = all && always_stops(step->sides[i].block);
		return all;
	}
	return (step->kind == STEP_IF || step->kind == STEP_WAIT_FOR) && step->no &&
	       always_stops(step->yes) && always_stops(step->no);
}

static bool always_stops(const struct ast_block *block)
{
	return block->n > 0 && stops(&block->steps[block->n - 1]);
}

static void order(struct check *check, const struct ast_block *block, bool more)
{
	for (size_t i = 0; block && i < block->n; i++) {
		const struct ast_step *step = &block->steps[i];
		bool last = i + 1 == block->n, follows = !last || more;

		if ((step->kind == STEP_WAIT || step->kind == STEP_WAIT_UNTIL) &&
		        !follows)
			check_wrong(check, &step->at, "%s",
			        TR("nothing comes after this wait: leave it out or add a "
			           "step",
			                "기다린 뒤에 할 일이 없습니다. 지우거나 할 일을 "
			                "쓰십시오"));
		if (!last && stops(step))
			check_wrong(check, &block->steps[i + 1].at, "%s",
			        TR("this is never reached: the rule stops before it",
			                "앞에서 멈추므로 여기에는 이르지 않습니다"));
		order(check, step->yes, follows);
		order(check, step->no, follows);
		for (size_t j = 0; j < step->n_sides; j++)
			order(check, step->sides[j].block, follows);
	}
}

void check_steps(
        struct check *check, const struct ast_rule *rule, const struct scope *scope)
{
	struct steps s = {.check = check, .rule = rule, .scope = scope};

	check_each_step(&rule->body, on_step, &s);
	order(check, &rule->body, rule->broken);
	check_flow(check, rule, scope);
}
