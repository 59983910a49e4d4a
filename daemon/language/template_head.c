/* The keys that a template's head may have, each once but for buttons, and what each
 * sets. Knows nothing of the body. */
#include "language/template_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/text.h"
#include "language/picture.h"
#include "language/template_kakao.h"

#define mistake(r, from, to, ...) \
	diag_error((r)->diag, code_place(&(r)->code->file, from, to, (r)->diag), \
	        (r)->code->file.text, __VA_ARGS__)

#define REASON_LETTERS 10 /* of Not-Ad, at the least */

enum head {
	HEAD_SUBJECT,
	HEAD_FROM,
	HEAD_REPLY_TO,
	HEAD_TEXT,
	HEAD_IMAGE,
	HEAD_TEMPLATE_CODE,
	HEAD_BUTTON,
	HEAD_COUPON,
	HEAD_PURPOSE,
	HEAD_NOT_AD
};
static const char *const head_keys[] = {
        [HEAD_SUBJECT] = "Subject",
        [HEAD_FROM] = "From",
        [HEAD_REPLY_TO] = "Reply-To",
        [HEAD_TEXT] = "Text",
        [HEAD_IMAGE] = "Image",
        [HEAD_TEMPLATE_CODE] = "Template-Code",
        [HEAD_BUTTON] = "Button",
        [HEAD_COUPON] = "Coupon",
        [HEAD_PURPOSE] = "Purpose",
        [HEAD_NOT_AD] = "Not-Ad",
};
#define NOT_AD_KOREAN "광고아님"
#define N_HEADS (sizeof(head_keys) / sizeof(head_keys[0]))

struct head_line {
	size_t from, to; /* the line */
	size_t key_to;   /* its key's end; from: it has none */
	size_t value_from;
	enum head key;
	bool known;
};

static struct head_line head_line(const struct program_file *file, size_t pos)
{
	const char *text = file->text;
	const char *end = memchr(text + pos, '\n', file->len - pos);
	struct head_line line = {
	        .from = pos, .to = end ? (size_t)(end - text) : file->len, .key_to = pos};
	size_t at = pos;

	if (!strncmp(text + at, NOT_AD_KOREAN ":", strlen(NOT_AD_KOREAN ":")))
		at += strlen(NOT_AD_KOREAN);
	while (at < line.to &&
	        (text[at] == '-' || ((text[at] | 32) >= 'a' && (text[at] | 32) <= 'z')))
		at++;
	if (at == pos || at >= line.to || text[at] != ':')
		return line;
	line.key_to = at++;
	while (at < line.to && (text[at] == ' ' || text[at] == '\t'))
		at++;
	while (line.to > at && (text[line.to - 1] == ' ' || text[line.to - 1] == '\t'))
		line.to--;
	line.value_from = at;
	if (line.key_to - pos == strlen(NOT_AD_KOREAN) && text[pos] == NOT_AD_KOREAN[0]) {
		line.key = HEAD_NOT_AD;
		line.known = true;
	}
	for (size_t i = 0; i < N_HEADS; i++)
		if (strlen(head_keys[i]) == line.key_to - pos &&
		        !strncasecmp(head_keys[i], text + pos, line.key_to - pos)) {
			line.key = (enum head)i;
			line.known = true;
		}
	return line;
}

static void unknown_head(struct template_head_reading *r, const struct head_line *line)
{
	const char *key = arena_strndup(
	        r->arena, r->code->file.text + line->from, line->key_to - line->from);
	const char *near = *key ? text_nearest(key, head_keys, N_HEADS) : NULL;
	struct diag_item *item;

	if (!*key) {
		item = mistake(r, line->from, line->to,
		        TR("a line of the head reads 'Key: value'",
		                "머리 줄은 'Key: 값'으로 씁니다"));
		diag_hint(r->diag, item,
		        TR("an empty line ends the head", "머리는 빈 줄로 끝납니다"));
		return;
	}
	item = mistake(r, line->from, line->key_to,
	        TR("unknown head key '%s'", "모르는 머리 항목 '%s'"), key);
	if (near)
		diag_hint(r->diag, item, TR("did you mean '%s'?", "혹시 '%s'인가요?"),
		        near);
	else
		diag_hint(r->diag, item,
		        "Subject From Reply-To Text Image Template-Code Button Coupon "
		        "Purpose Not-Ad");
}

static void set_purpose(
        struct template_head_reading *r, const struct head_line *line, const char *value)
{
	r->code->purpose = (struct code_shown){.from = line->value_from, .to = line->to};
	if (!strcasecmp(value, "ad") || !strcmp(value, "광고"))
		r->out.purpose = "ad";
	else if (!strcasecmp(value, "info") || !strcmp(value, "정보"))
		r->out.purpose = "info";
	else
		mistake(r, line->value_from, line->to,
		        TR("Purpose is 'ad' or 'info'",
		                "Purpose에는 'ad'(광고)나 'info'(정보)를 씁니다"));
}

/* It stands as evidence of why the shop took this for information. */
static void set_not_ad(
        struct template_head_reading *r, const struct head_line *line, const char *value)
{
	r->code->not_ad = (struct code_shown){.from = line->value_from, .to = line->to};
	if (text_chars(value, strlen(value)) < REASON_LETTERS)
		mistake(r, line->value_from, line->to,
		        TR("a reason has %d letters at the least",
		                "까닭은 %d자 이상으로 적습니다"),
		        REASON_LETTERS);
	r->out.not_ad = value;
}

/* The file is looked at here, so that no message fails on it later. */
static void set_image(
        struct template_head_reading *r, const struct head_line *line, const char *value)
{
	const char *channel = r->channel;
	bool brand = !strcmp(channel, "brandmessage");
	char why[256], *path;

	if (!brand && strcmp(channel, "sms")) {
		mistake(r, line->from, line->key_to, "%s",
		        TR("only sms and brandmessage carry a picture",
		                "그림은 sms와 brandmessage만 보낼 수 있습니다"));
		return;
	}
	path = picture_find(r->folder, value, brand, why);
	if (path)
		r->out.image = arena_strdup(r->arena, path);
	else
		mistake(r, line->value_from, line->to, "%s", why);
	free(path);
}

static void set_head(struct template_head_reading *r, const struct head_line *line)
{
	struct template_head *t = &r->out;
	struct template_code *code = r->code;
	const char *value = arena_strndup(r->arena, r->code->file.text + line->value_from,
	        line->to - line->value_from);
	struct {
		const char **raw;
		struct node **list;
	} places[] = {
	        [HEAD_SUBJECT] = {&t->subject, &code->subject},
	        [HEAD_FROM] = {&t->from, &code->from},
	        [HEAD_REPLY_TO] = {&t->reply_to, &code->reply_to},
	        [HEAD_TEXT] = {&t->text, &code->text},
	        [HEAD_IMAGE] = {&t->image, NULL},
	        [HEAD_TEMPLATE_CODE] = {&t->template_code, NULL},
	        [HEAD_BUTTON] = {NULL, NULL},
	        [HEAD_COUPON] = {NULL, NULL},
	        [HEAD_PURPOSE] = {&t->purpose, NULL},
	        [HEAD_NOT_AD] = {&t->not_ad, NULL},
	};
	const char **raw = places[line->key].raw;

	if (line->value_from >= line->to)
		mistake(r, line->from, line->key_to,
		        TR("'%s' has no value", "'%s'에 값이 없습니다"),
		        head_keys[line->key]);
	else if (raw && *raw)
		mistake(r, line->from, line->key_to,
		        TR("'%s' stands twice", "'%s'이(가) 두 번 있습니다"),
		        head_keys[line->key]);
	else if (line->key == HEAD_PURPOSE)
		set_purpose(r, line, value);
	else if (line->key == HEAD_NOT_AD)
		set_not_ad(r, line, value);
	else if (line->key == HEAD_BUTTON)
		template_button(code, r->arena, line->value_from, line->to, r->diag);
	else if (line->key == HEAD_COUPON && code->coupon[0])
		mistake(r, line->from, line->key_to,
		        TR("'%s' stands twice", "'%s'이(가) 두 번 있습니다"),
		        head_keys[line->key]);
	else if (line->key == HEAD_COUPON)
		template_coupon(code, r->arena, line->value_from, line->to, r->diag);
	else if (line->key == HEAD_IMAGE)
		set_image(r, line, value);
	else
		*raw = value;
	if (places[line->key].list || line->key == HEAD_BUTTON ||
	        line->key == HEAD_COUPON)
		code_shows(code, line->value_from, line->to, false);
	if (places[line->key].list)
		*places[line->key].list = code_parse(
		        r->arena, &r->code->file, line->value_from, line->to, r->diag);
}

size_t template_head(struct template_head_reading *r)
{
	struct head_line line = head_line(&r->code->file, 0);
	size_t pos = 0;

	if (!line.known) {
		const char *key =
		        arena_strndup(r->arena, r->code->file.text, line.key_to);
		const char *near = *key ? text_nearest(key, head_keys, N_HEADS) : NULL;

		if (near)
			diag_warn(r->diag,
			        code_place(&r->code->file, 0, line.key_to, r->diag),
			        r->code->file.text,
			        TR("'%s' is no head key, so the whole file is the text; "
			           "did you mean '%s'?",
			                "'%s'은(는) 머리 항목이 아니어서 파일 전체를 "
			                "본문으로 읽습니다. 혹시 '%s'인가요?"),
			        key, near);
		return 0;
	}
	while (pos < r->code->file.len && r->code->file.text[pos] != '\n') {
		const char *end =
		        memchr(r->code->file.text + pos, '\n', r->code->file.len - pos);

		line = head_line(&r->code->file, pos);
		if (line.known)
			set_head(r, &line);
		else
			unknown_head(r, &line);
		pos = end ? (size_t)(end - r->code->file.text) + 1 : r->code->file.len;
	}
	return pos < r->code->file.len ? pos + 1 : pos;
}
