/* The plain-text part of an HTML mail, for readers that show no HTML. It does not try to
 * draw the page. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "language/template.h"

struct reader {
	struct buf out;
	bool space;       /* white space waits for the next word */
	int breaks;       /* line ends at the end of out */
	char link[512];   /* of the <a> that is open */
	size_t link_from; /* where its text begins */
};

static void new_line(struct reader *r, int wanted)
{
	r->space = false;
	if (!r->out.len)
		return;
	for (; r->breaks < wanted; r->breaks++)
		buf_addc(&r->out, '\n');
}

static void add(struct reader *r, const char *text, size_t len)
{
	if (r->space && r->out.len && !r->breaks)
		buf_addc(&r->out, ' ');
	r->space = false;
	r->breaks = 0;
	buf_add(&r->out, text, len);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t utf8(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 63));
		out[2] = (char)(0x80 | (cp & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 63));
	out[2] = (char)(0x80 | (cp >> 6 & 63));
	out[3] = (char)(0x80 | (cp & 63));
	return 4;
}

/* Bytes of s that stand for themselves. */
static size_t plain(const char *s)
{
	return *s == '<' ? 1 : strcspn(s, "<& \t\n\r");
}

/* Reads &…; at s into out; returns its bytes, 1 where it is a mere "&". */
static size_t entity(const char *s, char out[4], size_t *out_len)
{
	static const struct {
		const char *name, *text;
	} names[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""},
	        {"&apos;", "'"}, {"&nbsp;", " "}, {"&copy;", "©"}, {"&middot;", "·"}};
	unsigned long cp;
	char *end;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(s, names[i].name, strlen(names[i].name))) {
			*out_len = strlen(names[i].text);
			memcpy(out, names[i].text, *out_len);
			return strlen(names[i].name);
		}
	if (s[1] == '#') {
		bool hex = s[2] == 'x' || s[2] == 'X';

		cp = strtoul(s + (hex ? 3 : 2), &end, hex ? 16 : 10);
		if (*end == ';' && cp >= 32 && cp < 0x110000 &&
		        (cp < 0xd800 || cp > 0xdfff)) {
			*out_len = utf8((uint32_t)cp, out);
			return (size_t)(end - s) + 1;
		}
	}
	out[0] = '&';
	*out_len = 1;
	return 1;
}

/* Is it the tag of that name, opening or (with "/") closing? s stands after "<". */
static bool tag_is(const char *s, const char *name)
{
	size_t len;

	if ((s[0] | 0x20) != (name[0] | 0x20) ||
	        (name[1] && (s[1] | 0x20) != (name[1] | 0x20)))
		return false;
	len = strlen(name);
	return !strncasecmp(s, name, len) &&
	       (is_space(s[len]) || s[len] == '>' || s[len] == '/');
}

static void open_link(struct reader *r, const char *tag, const char *end)
{
	const char *href = tag;
	size_t len;
	char quote;

	r->link[0] = '\0';
	r->link_from = r->out.len;
	while (href + 6 < end && strncasecmp(href, "href=", 5))
		href++;
	if (href + 6 >= end)
		return;
	quote = href[5];
	if (quote != '"' && quote != '\'')
		return;
	href += 6;
	for (len = 0;
	        href + len < end && href[len] != quote && len + 5 < sizeof(r->link);)
		len++;
	if (href + len >= end || href[len] != quote || strncasecmp(href, "http", 4))
		return;
	for (size_t i = 0, n = 0; i < len;) {
		char c[4] = {href[i]};
		size_t c_len = 1;

		i += href[i] == '&' ? entity(href + i, c, &c_len) : 1;
		memcpy(r->link + n, c, c_len);
		n += c_len;
		r->link[n] = '\0';
	}
}

static void close_link(struct reader *r)
{
	bool same = r->out.data && strstr(r->out.data + r->link_from, r->link);
	bool alone = r->out.len == r->link_from;

	if (r->link[0] && alone) {
		add(r, r->link, strlen(r->link));
	} else if (r->link[0] && !same) {
		r->space = true;
		add(r, "(", 1);
		add(r, r->link, strlen(r->link));
		add(r, ")", 1);
	}
	r->link[0] = '\0';
}

static void on_tag(struct reader *r, const char *tag, const char *end)
{
	static const char *const blocks[] = {"p", "/p", "div", "/div", "tr", "/tr",
	        "table", "/table", "ul", "/ul", "ol", "/ol", "li", "h1", "/h1", "h2",
	        "/h2", "h3", "/h3", "h4", "/h4", "hr", "blockquote", "/blockquote",
	        "header", "/header", "footer", "/footer", "section", "/section"};

	if (tag_is(tag, "br")) {
		r->space = false;
		buf_addc(&r->out, '\n');
		r->breaks++;
	} else if (tag_is(tag, "a")) {
		open_link(r, tag, end);
	} else if (tag_is(tag, "/a")) {
		close_link(r);
	} else if (tag_is(tag, "td") || tag_is(tag, "th")) {
		r->space = true;
	}
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (tag_is(tag, blocks[i])) {
			bool far = blocks[i][0] == 'p' || blocks[i][0] == 'h' ||
			           !strncmp(blocks[i], "/p", 2) ||
			           !strncmp(blocks[i], "/h", 2);
			new_line(r, far ? 2 : 1);
		}
	if (tag_is(tag, "li"))
		add(r, "- ", 2);
}

/* After <style>, <script>, <head>, <title> or a comment: where it ends; else where the
 * tag ends. */
static const char *after_tag(const char *tag, const char *end)
{
	static const char *const silent[] = {"style", "script", "head", "title"};

	if (!strncmp(tag, "!--", 3)) {
		const char *close = strstr(tag, "-->");
		return close ? close + 3 : tag + strlen(tag);
	}
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		const char *close = end;
		size_t len = strlen(silent[i]);

		if (!tag_is(tag, silent[i]))
			continue;
		while ((close = strstr(close, "</")) &&
		        strncasecmp(close + 2, silent[i], len))
			close += 2;
		close = close ? strchr(close, '>') : NULL;
		return close ? close + 1 : tag + strlen(tag);
	}
	return end;
}

char *template_html_to_text(struct arena *arena, const char *html)
{
	struct reader r = {.space = false};
	char *out;

	for (const char *s = html; *s;) {
		const char *end = *s == '<' ? strchr(s, '>') : NULL;

		if (*s == '<' && end &&
		        (s[1] == '/' || s[1] == '!' ||
		                ((s[1] | 32) >= 'a' && (s[1] | 32) <= 'z'))) {
			on_tag(&r, s + 1, end);
			s = after_tag(s + 1, end + 1);
		} else if (is_space(*s)) {
			r.space = true;
			s++;
		} else if (*s == '&') {
			char c[4];
			size_t len;

			s += entity(s, c, &len);
			if (len == 1 && c[0] == ' ')
				r.space = true;
			else
				add(&r, c, len);
		} else {
			size_t len = plain(s);

			add(&r, s, len);
			s += len;
		}
	}
	while (r.out.len &&
	        (r.out.data[r.out.len - 1] == '\n' || r.out.data[r.out.len - 1] == ' '))
		r.out.data[--r.out.len] = '\0';
	out = arena_strndup(arena, r.out.data ? r.out.data : "", r.out.len);
	buf_free(&r.out);
	return out;
}
