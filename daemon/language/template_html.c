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

enum {
	LINE = 1,   /* begins a line */
	GAP = 2,    /* and leaves one free before it */
	CLOSES = 4, /* its closing tag does so too */
	BULLET = 8,
	BREAK = 16,
	CELL = 32,
	LINK = 64,
	SILENT = 128 /* nothing in it is for reading */
};

struct tag {
	const char *name;
	int does;
};

/* The tag that begins at s, after its "<" and "/"; NULL when it is none that matters. */
static const struct tag *tag_at(const char *s)
{
	static const struct tag tags[] = {{"p", GAP | CLOSES}, {"br", BREAK}, {"a", LINK},
	        {"div", LINE | CLOSES}, {"td", CELL}, {"th", CELL}, {"tr", LINE | CLOSES},
	        {"table", LINE | CLOSES}, {"li", LINE | BULLET}, {"ul", LINE | CLOSES},
	        {"ol", LINE | CLOSES}, {"h1", GAP | CLOSES}, {"h2", GAP | CLOSES},
	        {"h3", GAP | CLOSES}, {"h4", GAP | CLOSES}, {"hr", GAP},
	        {"blockquote", LINE | CLOSES}, {"header", GAP | CLOSES},
	        {"footer", LINE | CLOSES}, {"section", LINE | CLOSES}, {"style", SILENT},
	        {"script", SILENT}, {"head", SILENT}, {"title", SILENT}};
	size_t len = strcspn(s, " \t\n\r>/");

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if ((s[0] | 0x20) == tags[i].name[0] &&
		        !strncasecmp(s, tags[i].name, len) && !tags[i].name[len])
			return &tags[i];
	return NULL;
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

static void on_tag(
        struct reader *r, const struct tag *tag, const char *text, const char *end)
{
	if (tag->does & (LINE | GAP))
		new_line(r, tag->does & GAP ? 2 : 1);
	if (tag->does & BULLET)
		add(r, "- ", 2);
	if (tag->does & CELL)
		r->space = true;
	if (tag->does & LINK)
		open_link(r, text, end);
	if (tag->does & BREAK) {
		r->space = false;
		buf_addc(&r->out, '\n');
		r->breaks++;
	}
}

static void on_closing(struct reader *r, const struct tag *tag)
{
	if (tag->does & CLOSES)
		new_line(r, tag->does & GAP ? 2 : 1);
	if (tag->does & LINK)
		close_link(r);
}

/* Behind the closing tag of what is silent, or at the end of it all. */
static const char *after_silent(const struct tag *tag, const char *s)
{
	size_t len = strlen(tag->name);

	while ((s = strstr(s, "</")) && strncasecmp(s + 2, tag->name, len))
		s += 2;
	s = s ? strchr(s, '>') : NULL;
	return s ? s + 1 : NULL;
}

/* What stands between "<" and end, its ">"; returns where reading goes on. */
static const char *read_tag(struct reader *r, const char *s, const char *end)
{
	const char *after = end + 1;
	const struct tag *tag = tag_at(s + (*s == '/'));

	if (!strncmp(s, "!--", 3)) {
		after = strstr(s, "-->");
		after = after ? after + 3 : NULL;
	} else if (tag && *s == '/') {
		on_closing(r, tag);
	} else if (tag && tag->does & SILENT) {
		after = after_silent(tag, after);
	} else if (tag) {
		on_tag(r, tag, s, end);
	}
	return after ? after : s + strlen(s);
}

char *template_html_to_text(struct arena *arena, const char *html)
{
	struct reader r = {.space = false};
	char *out;

	buf_reserve(&r.out, strlen(html) / 2);
	for (const char *s = html; *s;) {
		const char *end = *s == '<' ? strchr(s, '>') : NULL;

		if (*s == '<' && end &&
		        (s[1] == '/' || s[1] == '!' ||
		                ((s[1] | 32) >= 'a' && (s[1] | 32) <= 'z'))) {
			s = read_tag(&r, s + 1, end);
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
