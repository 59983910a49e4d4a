/* From a message and its rendered template to a letter. Writes what the law demands of an
 * advertisement itself, so that no template can forget it; never decides whether it may
 * leave. */
#include "delivery/letter.h"

#include "delivery/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "base/text.h"
#include "language/template_kakao.h"
#include "language/template_size.h"

#define KAKAO_LINES 99 /* breaks in a Brand Message */

bool letter_is_mail(const struct letter_parts *parts)
{
	const char *channel = parts->message->channel;

	return !strcmp(channel, "email") ||
	       (strcmp(channel, "post") && strchr(parts->to, '@'));
}

/* "(광고)단골커피\n … \n무료수신거부 080-123-4567" (Decree, Annex 6). */
static const char *sms_text(
        struct arena *arena, const struct letter_parts *parts, bool ad)
{
	const char *refuse = parts->channel->refuse;

	if (!ad)
		return arena_strdup(arena, parts->rendered->body);
	return arena_printf(arena, AD_LABEL "%s\n%s%s%s", parts->shop->name,
	        parts->rendered->body, refuse ? "\n" AD_REFUSAL : "",
	        refuse ? refuse : "");
}

static bool fits(const char *text, enum reason *reason, char why[256])
{
	uint32_t bad = 0;
	long len = text_cp949_len(text, &bad);

	if (len < 0) {
		*reason = REASON_BAD_CONTENT;
		snprintf(why, 256,
		        TR("a text message cannot carry the character U+%04X",
		                "문자로 보낼 수 없는 글자가 있습니다: U+%04X"),
		        bad);
		return false;
	}
	if (len > LMS_BYTES) {
		*reason = REASON_TOO_LONG;
		snprintf(why, 256,
		        TR("the text has %ld bytes, a long text message holds %d",
		                "글이 %ld바이트입니다. 장문 문자는 %d바이트까지입니다"),
		        len, LMS_BYTES);
		return false;
	}
	return true;
}

/* Name, phone, address and the way out, in Korean and in English: what stands behind an
 * advertisement by e-mail. */
static const char *mail_footer(struct arena *arena, const struct letter_parts *parts)
{
	const struct shop *shop = parts->shop;
	struct buf buf = {0};
	const char *footer;

	buf_printf(&buf, "%s", shop->name);
	if (shop->phone)
		buf_printf(&buf, " | %s", shop->phone);
	if (shop->address)
		buf_printf(&buf, " | %s", shop->address);
	if (parts->channel->from)
		buf_printf(&buf, "\n%s", parts->channel->from);
	if (parts->unsubscribe)
		buf_printf(&buf, "\n무료 수신거부 / Unsubscribe: %s", parts->unsubscribe);
	footer = arena_strdup(arena, buf.data);
	buf_free(&buf);
	return footer;
}

static void add_lines(struct buf *out, const char *text)
{
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		template_escape(out, text, len);
		if (text[len] == '\n')
			buf_adds(out, "<br>\n");
	}
}

/* The footer goes before </body>, at the end where there is none. */
static const char *html_with(struct arena *arena, const char *html, const char *footer)
{
	const char *end = NULL, *text;
	struct buf buf = {0};

	for (const char *at = html; (at = strcasestr(at, "</body>")); at++)
		end = at;
	if (!end)
		end = html + strlen(html);
	buf_add(&buf, html, (size_t)(end - html));
	buf_adds(&buf, "\n<hr><p style=\"font-size:small\">");
	add_lines(&buf, footer);
	buf_adds(&buf, "</p>\n");
	buf_adds(&buf, end);
	text = arena_strdup(arena, buf.data);
	buf_free(&buf);
	return text;
}

static const char *text_with(struct arena *arena, const char *text, const char *footer)
{
	struct buf buf = {0};
	const char *whole;

	buf_adds(&buf, text);
	buf_adds(&buf, "\n\n-- \n");
	buf_adds(&buf, footer);
	buf_addc(&buf, '\n');
	whole = arena_strndup(arena, buf.data, buf.len);
	buf_free(&buf);
	return whole;
}

/* Code, buttons, coupon and what was filled in, for KakaoTalk. */
static void write_kakao(struct letter *letter, const struct letter_parts *parts)
{
	const struct rendered *rendered = parts->rendered;
	struct arena *arena = letter->arena;
	struct letter_button *buttons =
	        arena_alloc(arena, (rendered->n_buttons + 1) * sizeof *buttons);
	struct letter_variable *variables =
	        arena_alloc(arena, (rendered->n_variables + 1) * sizeof *variables);

	letter->template_code = parts->template_code;
	for (size_t i = 0; i < rendered->n_buttons; i++)
		buttons[i] = (struct letter_button){
		        arena_strdup(arena, rendered->buttons[i].name),
		        arena_strdup(arena, rendered->buttons[i].url)};
	for (size_t i = 0; i < rendered->n_variables; i++)
		variables[i] = (struct letter_variable){
		        arena_strdup(arena, rendered->variables[i].name),
		        arena_strdup(arena, rendered->variables[i].value)};
	letter->buttons = buttons;
	letter->n_buttons = rendered->n_buttons;
	letter->variables = variables;
	letter->n_variables = rendered->n_variables;
	letter->coupon_title = rendered->coupon[0];
	letter->coupon_text = rendered->coupon[1];
	letter->coupon_url = rendered->coupon[2];
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* What Kakao takes; what is approved is the provider's to say. */
static bool fits_kakao(const struct letter *letter, enum reason *reason, char why[256])
{
	bool brand = !strcmp(letter->channel, "brandmessage");
	size_t most = brand ? BRANDMESSAGE_CHARS : ALIMTALK_CHARS;
	size_t chars = text_chars(letter->text, strlen(letter->text));

	*reason = REASON_TOO_LONG;
	if (chars > most || (brand && lines_of(letter->text) > KAKAO_LINES)) {
		snprintf(why, 256,
		        TR("the text has %zu characters in %zu lines; this channel takes "
		           "%zu",
		                "글이 %zu자, %zu줄입니다. 이 채널은 %zu자까지입니다"),
		        chars, lines_of(letter->text) + 1, most);
		return false;
	}
	*reason = REASON_BAD_CONTENT;
	if (letter->coupon_title && !template_coupon_title(letter->coupon_title)) {
		snprintf(why, 256, "%s",
		        TR("what is filled into the coupon's title makes one that Kakao "
		           "does not allow",
		                "채워 넣은 쿠폰 제목이 카카오가 허용하는 형식이 "
		                "아닙니다"));
		return false;
	}
	return true;
}

static void write_mail(struct letter *letter, const struct letter_parts *parts)
{
	const struct rendered *rendered = parts->rendered;
	const char *subject = rendered->subject ? rendered->subject : parts->shop->name;
	const char *footer;

	letter->from = rendered->from ? rendered->from : parts->channel->from;
	letter->reply_to = rendered->reply_to;
	letter->subject = letter->ad
	                          ? arena_printf(letter->arena, AD_LABEL " %s", subject)
	                          : subject;
	letter->text = rendered->text;
	letter->html = rendered->html ? rendered->body : NULL;
	letter->unsubscribe = letter->ad ? parts->unsubscribe : NULL;
	letter->mark = parts->mark;
	if (!letter->ad)
		return;
	footer = mail_footer(letter->arena, parts);
	letter->text = text_with(letter->arena, rendered->text, footer);
	if (letter->html)
		letter->html = html_with(letter->arena, rendered->body, footer);
}

/* What was borrowed for the making is copied: the letter outlives the turn. */
static void keep(struct letter *letter, const char **field)
{
	*field = *field ? arena_strdup(letter->arena, *field) : NULL;
}

static void keep_all(struct letter *letter)
{
	const char **fields[] = {&letter->key, &letter->channel, &letter->to,
	        &letter->from, &letter->reply_to, &letter->subject, &letter->text,
	        &letter->html, &letter->rule, &letter->customer, &letter->template,
	        &letter->coupon, &letter->purpose, &letter->unsubscribe, &letter->mark,
	        &letter->image, &letter->template_code, &letter->coupon_title,
	        &letter->coupon_text, &letter->coupon_url};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		keep(letter, fields[i]);
}

static bool is_kakao(const char *channel)
{
	return !strcmp(channel, "alimtalk") || !strcmp(channel, "brandmessage");
}

/* False with the reason: its channel cannot carry it. */
static bool write_by_channel(struct letter *letter, const struct letter_parts *parts,
        enum reason *reason, char why[256])
{
	if (letter_is_mail(parts)) {
		write_mail(letter, parts);
		return true;
	}
	letter->from = parts->channel->sender;
	if (!strcmp(parts->channel->name, "sms")) {
		letter->text = sms_text(letter->arena, parts, letter->ad);
		return fits(letter->text, reason, why);
	}
	letter->text = parts->rendered->body;
	if (!is_kakao(letter->channel))
		return true;
	write_kakao(letter, parts);
	return fits_kakao(letter, reason, why);
}

static int segments_of(const struct channel_config *channel, const char *text)
{
	const struct channel_ops *ops = channel_provider(channel->provider);

	return ops && ops->protocol && ops->protocol->segments
	               ? ops->protocol->segments(text)
	               : 1;
}

struct letter *letter_new(
        const struct letter_parts *parts, enum reason *reason, char why[256])
{
	struct arena *arena = arena_new();
	struct letter *letter = arena_alloc(arena, sizeof *letter);
	const struct message *message = parts->message;

	*letter = (struct letter){
	        .arena = arena,
	        .message = message->id,
	        .key = parts->key,
	        .channel = message->channel,
	        .to = parts->to,
	        .rule = message->rule,
	        .customer = parts->customer,
	        .template = message->template,
	        .coupon = parts->coupon,
	        .purpose = message->purpose,
	        .time = parts->now,
	        .image = parts->image,
	        .tries = message->tries,
	        .ad = !strcmp(message->purpose, "ad"),
	        .alone = (message->flags & MESSAGE_ALONE) != 0,
	};
	if (!write_by_channel(letter, parts, reason, why)) {
		arena_free(arena);
		return NULL;
	}
	letter->segments = segments_of(parts->channel, letter->text);
	if (!letter_is_mail(parts))
		letter->kind = letter_kind(parts->channel, letter->text, letter->image);
	letter->price = letter_price(parts->channel, letter->kind);
	keep_all(letter);
	return letter;
}

const char *letter_kind(
        const struct channel_config *channel, const char *text, const char *image)
{
	if (strcmp(channel->name, "sms"))
		return NULL;
	if (image)
		return "MMS";
	return text_cp949_len(text, NULL) > SMS_BYTES ? "LMS" : "SMS";
}

struct price letter_price(const struct channel_config *channel, const char *kind)
{
	if (kind && !strcmp(kind, "MMS"))
		return channel->price_mms;
	return kind && !strcmp(kind, "LMS") ? channel->price_lms : channel->price;
}
