/* Fills a template in for one customer. Every value is escaped where the body is HTML. It
 * decides nothing: who gets the message was settled before. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "language/template.h"
#include "language/template_code.h"
#include "language/template_value.h"

#define MOST \
	(1024 * 1024) /* bytes of one rendering; a text of that size is an attack, not a \
	                 message */

struct render {
	const struct template_code *code;
	struct value_source source;
	void (*escape)(struct buf *out, const char *text, size_t len); /* or NULL */
	struct buf out;
	struct rendered_variable *seen; /* collected while `collect` */
	size_t n_seen;
	bool collect;
};

/* ---- output ---- */

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void template_escape(struct buf *out, const char *text, size_t len)
{
	for (const char *end = text + len; text < end;) {
		size_t same = 0;

		while (text + same < end && !memchr("&<>\"'", text[same], 5))
			same++;
		buf_add(out, text, same);
		text += same;
		if (text < end)
			buf_adds(out, escape_of(*text++));
	}
}

/* As it stands between the quotes of a JSON string. */
static void escape_json(struct buf *out, const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	if (quoted)
		buf_add(out, quoted + 1, strlen(quoted) - 2);
	free(quoted);
	json_decref(string);
}

static void fill_list(struct render *r, const struct node *list);

/* Each name once, with its first value. */
static void see(struct render *r, const struct node *node, const char *text)
{
	const char *name = arena_printf(r->source.arena, "#{%s}", node->written);
	struct rendered_variable *slot;

	for (size_t i = 0; i < r->n_seen; i++)
		if (!strcmp(r->seen[i].name, name))
			return;
	slot = mem_grow(&r->seen, r->n_seen++, sizeof *r->seen);
	*slot = (struct rendered_variable){name, arena_strdup(r->source.arena, text)};
}

static void fill_value(struct render *r, const struct node *node)
{
	const char *text = template_value(&r->source, node);

	if (r->collect && node->written)
		see(r, node, text);
	if (r->escape)
		r->escape(&r->out, text, strlen(text));
	else
		buf_adds(&r->out, text);
}

static void fill_for(struct render *r, const struct node *node)
{
	json_t *list = template_value_list(&r->source, node);
	json_t *before = r->source.items[node->loop];

	for (size_t i = 0; i < json_array_size(list) && r->out.len <= MOST; i++) {
		r->source.items[node->loop] = json_array_get(list, i);
		fill_list(r, node->body);
	}
	r->source.items[node->loop] = before;
}

static void fill_if(struct render *r, const struct node *node)
{
	const struct customer *customer = r->source.in->customer;
	int64_t id = customer ? customer->id : CUSTOMER_OWNER;
	bool yes = node->cond && cond_ask(node->cond, &r->source.moment, id) == TRUTH_YES;

	fill_list(r, yes ? node->body : node->otherwise);
}

static void fill_list(struct render *r, const struct node *list)
{
	for (const struct node *node = list; node && r->out.len <= MOST;
	        node = node->next)
		switch (node->kind) {
		case NODE_TEXT:
			buf_add(&r->out, r->code->file.text + node->from,
			        node->to - node->from);
			break;
		case NODE_VALUE:
			fill_value(r, node);
			break;
		case NODE_IF:
			fill_if(r, node);
			break;
		case NODE_FOR:
			fill_for(r, node);
			break;
		}
}

static const char *fill(struct render *r, const struct node *list,
        void (*escape)(struct buf *out, const char *text, size_t len))
{
	buf_reset(&r->out);
	r->escape = escape;
	fill_list(r, list);
	return arena_strndup(r->source.arena, r->out.data ? r->out.data : "", r->out.len);
}

/* NULL with why where a value brought a line break into a header. */
static const char *header(struct render *r, const struct node *list, const char *key,
        bool *good, char why[256])
{
	const char *text = list ? fill(r, list, NULL) : NULL;

	if (!text || !strpbrk(text, "\r\n"))
		return text;
	*good = false;
	snprintf(why, 256,
	        TR("a line break in %s: a value it is filled with has one",
	                "%s에 줄바꿈이 있습니다: 채워 넣은 값에 줄바꿈이 들어 있습니다"),
	        key);
	return NULL;
}

static void fill_kakao(
        struct render *r, const struct template *template, struct rendered *out)
{
	const struct template_code *code = template->code;
	struct rendered_button *buttons =
	        arena_alloc(r->source.arena, (code->n_buttons + 1) * sizeof *buttons);

	for (size_t i = 0; i < code->n_buttons; i++)
		buttons[i] = (struct rendered_button){
		        code->buttons[i].name, fill(r, code->buttons[i].url, NULL)};
	out->buttons = buttons;
	out->n_buttons = code->n_buttons;
	for (int i = 0; i < 3 && code->coupon[0]; i++)
		out->coupon[i] = fill(r, code->coupon[i], NULL);
	out->variables =
	        arena_alloc(r->source.arena, (r->n_seen + 1) * sizeof *out->variables);
	if (r->n_seen)
		memcpy((void *)(uintptr_t)out->variables, r->seen,
		        r->n_seen * sizeof *out->variables);
	out->n_variables = r->n_seen;
	free(r->seen);
	r->seen = NULL;
}

static bool is_kakao(const struct template *template)
{
	return !strcmp(template->channel, "alimtalk") ||
	       !strcmp(template->channel, "brandmessage");
}

static bool fill_all(struct render *r, const struct template *template,
        struct rendered *out, char why[256])
{
	const struct template_code *code = template->code;
	bool good = true;
	size_t len;
	char *body;

	out->html = template->html;
	out->subject = header(r, code->subject, "Subject", &good, why);
	out->from = good ? header(r, code->from, "From", &good, why) : NULL;
	out->reply_to = good ? header(r, code->reply_to, "Reply-To", &good, why) : NULL;
	if (!good)
		return false;
	r->collect = is_kakao(template);
	body = arena_strdup(r->source.arena, fill(r, code->body,
	                                             template->html   ? template_escape
	                                             : template->json ? escape_json
	                                                              : NULL));
	r->collect = false;
	fill_kakao(r, template, out);
	len = strlen(body);
	if (code->trim_end && len && body[len - 1] == '\n')
		body[len - 1] = '\0';
	out->body = body;
	if (len > MOST) {
		snprintf(why, 256,
		        TR("the filled-in text is over %d bytes",
		                "채운 글이 %d바이트를 넘습니다"),
		        MOST);
		return false;
	}
	if (code->text)
		out->text = fill(r, code->text, NULL);
	else
		out->text = template->html ? template_html_to_text(r->source.arena, body)
		                           : body;
	return true;
}

bool template_render(const struct template *template, const struct rendering *in,
        struct arena *arena, struct rendered *out, char why[256])
{
	const char *language =
	        template->language ? template->language : in->shop->language;
	struct render r = {.code = template->code,
	        .source = {.in = in,
	                .arena = arena,
	                .moment = *in->moment,
	                .korean = !language || !strncmp(language, "ko", 2)}};
	struct event told = {
	        .time = in->moment->now, .type = "", .source = "", .eid = ""};
	char *data = NULL;
	bool good;

	assert(in->moment && in->shop);
	/* What comes with a message of the API stands in for an event, also in
	 * conditions. */
	if (!r.source.moment.event && in->data) {
		data = json_dumps(in->data, JSON_COMPACT);
		told.data = data;
		r.source.moment.event = &told;
	}
	good = fill_all(&r, template, out, why);
	buf_free(&r.out);
	template_value_fini(&r.source);
	free(data);
	return good;
}
