/* Buttons and coupons of KakaoTalk, read and measured. What is filled in later is
 * measured then. */
#include "language/template_kakao.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/template_code.h"

#define TITLE_NAME 7 /* letters before " 무료 쿠폰" and " UP 쿠폰" */
#define COUPON_DESCRIPTION 12
#define COUPON_PARTS 3
#define WON_DIGITS 8

/* One part between the bars, without white space. */
struct part {
	size_t from, to;
};

static struct diag_item *mistake(const struct template_code *code, size_t from, size_t to,
        struct diag *diag, const char *text)
{
	const struct program_file *file = &code->file;

	return diag_error(diag, code_place(file, from, to, diag), file->text, "%s", text);
}

/* Parts of [from, to), at most `most`; returns how many there are. A bar inside of #{ }
 * is a filter's. */
static size_t split(
        const char *text, size_t from, size_t to, struct part *parts, size_t most)
{
	size_t n = 0, begin = from;
	int depth = 0;

	for (size_t at = from; at <= to; at++) {
		if (at < to && text[at] == '{')
			depth++;
		if (at < to && text[at] == '}')
			depth--;
		if (at < to && (text[at] != '|' || depth > 0))
			continue;
		if (n < most)
			parts[n] = (struct part){begin, at};
		n++;
		begin = at + 1;
	}
	for (size_t i = 0; i < n && i < most; i++) {
		while (parts[i].from < parts[i].to && strchr(" \t", text[parts[i].from]))
			parts[i].from++;
		while (parts[i].to > parts[i].from &&
		        strchr(" \t", text[parts[i].to - 1]))
			parts[i].to--;
	}
	return n;
}

static bool is_link(const char *text, const struct part *part)
{
	size_t len = part->to - part->from;

	return (len > 8 && !strncmp(text + part->from, "https://", 8)) ||
	       (len > 7 && !strncmp(text + part->from, "http://", 7)) ||
	       (len > 2 && !strncmp(text + part->from, "#{", 2));
}

static size_t chars(const char *text, const struct part *part)
{
	return text_chars(text + part->from, part->to - part->from);
}

static bool filled_in(const char *text, const struct part *part)
{
	for (size_t at = part->from; at + 1 < part->to; at++)
		if (text[at] == '#' && text[at + 1] == '{')
			return true;
	return false;
}

void template_button(struct template_code *code, struct arena *arena, size_t from,
        size_t to, struct diag *diag)
{
	const char *text = code->file.text;
	struct part parts[2];
	struct code_button *button;

	if (split(text, from, to, parts, 2) != 2 || parts[0].from == parts[0].to ||
	        !is_link(text, &parts[1])) {
		mistake(code, from, to, diag,
		        TR("a button reads 'Button: name | https://…'",
		                "버튼은 'Button: 이름 | https://…'로 씁니다"));
		return;
	}
	if (chars(text, &parts[0]) > KAKAO_NAME || filled_in(text, &parts[0]))
		mistake(code, parts[0].from, parts[0].to, diag,
		        TR("a button's name has at most 14 letters, and nothing is "
		           "filled "
		           "into it",
		                "버튼 이름은 14자까지이고 채워 넣는 값을 쓸 수 "
		                "없습니다"));
	if (code->n_buttons == KAKAO_BUTTONS) {
		mistake(code, from, to, diag,
		        TR("at most 5 buttons", "버튼은 5개까지입니다"));
		return;
	}
	button = &code->buttons[code->n_buttons++];
	button->name =
	        arena_strndup(arena, text + parts[0].from, parts[0].to - parts[0].from);
	button->url = code_parse(arena, &code->file, parts[1].from, parts[1].to, diag);
}

/* A number that does not begin with 0, at most that; its length, 0: there is none. */
static size_t number(const char *text, long most)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= WON_DIGITS && *text != '0' && strtol(text, NULL, 10) <= most ? n
	                                                                              : 0;
}

static bool named(const char *title, const char *ending)
{
	size_t len = strlen(title), tail = strlen(ending);
	size_t before = len > tail ? len - tail : 0;

	return before && !strcmp(title + before, ending) &&
	       text_chars(title, before) <= TITLE_NAME && !memchr(title, ' ', before);
}

bool template_coupon_title(const char *title)
{
	size_t won = number(title, 99999999), percent = number(title, 100);

	return !strcmp(title, "배송비 할인 쿠폰") ||
	       (won && !strcmp(title + won, "원 할인 쿠폰")) ||
	       (percent && !strcmp(title + percent, "% 할인 쿠폰")) ||
	       named(title, " 무료 쿠폰") || named(title, " UP 쿠폰");
}

static void check_title(
        const struct template_code *code, const struct part *part, struct diag *diag)
{
	const char *text = code->file.text;
	struct arena *arena = arena_new();
	struct diag_item *item;

	if (!filled_in(text, part) &&
	        !template_coupon_title(
	                arena_strndup(arena, text + part->from, part->to - part->from))) {
		item = mistake(code, part->from, part->to, diag,
		        TR("Kakao allows five titles of a coupon",
		                "카카오가 허용하는 쿠폰 제목은 다섯 가지입니다"));
		diag_hint(diag, item, "%s",
		        "3000원 할인 쿠폰 · 10% 할인 쿠폰 · 배송비 할인 쿠폰 · 음료 무료 "
		        "쿠폰 · 등급 UP 쿠폰");
	}
	arena_free(arena);
}

void template_coupon(struct template_code *code, struct arena *arena, size_t from,
        size_t to, struct diag *diag)
{
	const char *text = code->file.text;
	struct part parts[COUPON_PARTS];

	if (split(text, from, to, parts, COUPON_PARTS) != COUPON_PARTS ||
	        !is_link(text, &parts[2])) {
		mistake(code, from, to, diag,
		        TR("a coupon reads 'Coupon: 3000원 할인 쿠폰 | what for | "
		           "https://…'",
		                "쿠폰은 'Coupon: 3000원 할인 쿠폰 | 설명 | https://…'로 "
		                "씁니다"));
		return;
	}
	check_title(code, &parts[0], diag);
	if (!filled_in(text, &parts[1]) && chars(text, &parts[1]) > COUPON_DESCRIPTION)
		mistake(code, parts[1].from, parts[1].to, diag,
		        TR("a coupon's description has at most 12 letters",
		                "쿠폰 설명은 12자까지입니다"));
	for (size_t i = 0; i < COUPON_PARTS; i++)
		code->coupon[i] =
		        code_parse(arena, &code->file, parts[i].from, parts[i].to, diag);
}

void template_kakao_check(
        const struct template_code *code, const char *channel, struct diag *diag)
{
	bool brand = !strcmp(channel, "brandmessage"),
	     alimtalk = !strcmp(channel, "alimtalk");

	if (code->coupon[0] && !brand)
		mistake(code, 0, 0, diag,
		        TR("only a brandmessage carries a coupon",
		                "쿠폰은 브랜드메시지에만 답니다"));
	if (code->coupon[0] && code->n_buttons == KAKAO_BUTTONS)
		mistake(code, 0, 0, diag,
		        TR("with a coupon there is room for 4 buttons",
		                "쿠폰이 있으면 버튼은 4개까지입니다"));
	if (code->n_buttons && !brand && !alimtalk)
		diag_warn(diag, code_place(&code->file, 0, 0, diag), code->file.text,
		        "%s",
		        TR("only alimtalk and brandmessage show buttons",
		                "버튼은 알림톡과 브랜드메시지에만 보입니다"));
}
