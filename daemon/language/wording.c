/* A text read as its reader sees it. What the writer's program hides (bytes without
 * width, tags, another alphabet's letters) hides nothing here. */
#include "language/wording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"
#include "base/text.h"

struct fold {
	const char *text;
	char *out;
	size_t len;
	bool html;
};

static void fill(struct fold *f, size_t from, size_t to, char first)
{
	for (size_t i = from; i < to; i++)
		f->out[i] = i == from ? first : WORDING_NOTHING;
}

/* ---- letters ---- */

static bool unseen(uint32_t cp)
{
	return cp == 0xad || cp == 0x34f || cp == 0x61c || cp == 0x115f || cp == 0x1160 ||
	       (cp >= 0x180b && cp <= 0x180f) || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
	       cp == 0x3164 || (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff ||
	       cp == 0xffa0 || (cp < 0x20 && cp != '\n' && cp != '\t');
}

/* The ASCII character that it looks like, 0: none. */
static char twin(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		char ascii;
	} twins[] = {{0xa0, ' '}, {0x1680, ' '}, {0x202f, ' '}, {0x205f, ' '},
	        {0x3000, ' '}, {0xab, '['}, {0xbb, ']'}, {0x2018, '\''}, {0x2019, '\''},
	        {0x201c, '"'}, {0x201d, '"'}, {0x2039, '['}, {0x203a, ']'}, {0xb7, '-'},
	        {0x2022, '-'}, {0x2212, '-'}, {0x30fb, '-'}, {0x318d, '-'}, {0x3002, '.'},
	        {0x27e8, '['}, {0x27e9, ']'}, {0x27ea, '['}, {0x27eb, ']'}, {0x2768, '('},
	        {0x2769, ')'}, {0xfe59, '('}, {0xfe5a, ')'}, {0xff5f, '('},
	        {0xff60, ')'}};

	if (cp >= 'A' && cp <= 'Z')
		return (char)(cp | 32);
	if (cp >= 0xff01 && cp <= 0xff5e)
		return twin(cp - 0xfee0) ? twin(cp - 0xfee0) : (char)(cp - 0xfee0);
	if (cp >= 0x2000 && cp <= 0x200a)
		return ' ';
	if (cp >= 0x2010 && cp <= 0x2015)
		return '-';
	if ((cp >= 0x3008 && cp <= 0x3011) || (cp >= 0x3014 && cp <= 0x301b))
		return cp & 1 ? ']' : '[';
	for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
		if (twins[i].cp == cp)
			return twins[i].ascii;
	return 0;
}

/* One code point at its place; [from, to) is all that it may fill. */
static void put(struct fold *f, size_t from, size_t to, uint32_t cp)
{
	const char *hanja = cp == 0x5ee3 || cp == 0x5e83 ? "광"
	                    : cp == 0x544a               ? "고"
	                                                 : "";
	char ascii = twin(cp);

	if (unseen(cp)) {
		fill(f, from, to, WORDING_NOTHING);
	} else if (ascii || cp < 0x80) {
		fill(f, from, to, ascii ? ascii : (char)cp);
		if (f->html && cp == '\n')
			f->out[from] = ' ';
	} else if (*hanja) {
		fill(f, from, to, WORDING_NOTHING);
		memcpy(f->out + from, hanja, 3);
	} else if (f->text[from] != '&') {
		memcpy(f->out + from, f->text + from, to - from);
	} else {
		fill(f, from, to, WORDING_NOTHING);
		f->out[from] = (char)(0xe0 | (cp >> 12 & 15));
		f->out[from + 1] = (char)(0x80 | (cp >> 6 & 63));
		f->out[from + 2] = (char)(0x80 | (cp & 63));
	}
}

/* ---- what stands for something else ---- */

/* Behind the #{…} at `at`. */
static size_t tag_end(const struct fold *f, size_t at)
{
	bool quoted = false;

	for (; at < f->len; at++) {
		if (f->text[at] == '"')
			quoted = !quoted;
		if (f->text[at] == '}' && !quoted)
			return at + 1;
	}
	return f->len;
}

static bool is_block(const char *inside)
{
	static const char *const words[] = {
	        "if", "만약", "else", "아니면", "end", "끝", "for", "반복", NULL};
	size_t n;

	inside += strspn(inside, " \t");
	n = strcspn(inside, " \t}");
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == n && !strncmp(inside, words[i], n))
			return true;
	return false;
}

static size_t fold_filled(struct fold *f, size_t at)
{
	size_t end = tag_end(f, at), from, to;
	const char *given = memmem(f->text + at, end - at, "default", 7);
	const char *open = given ? strchr(given, '"') : NULL;

	fill(f, at, end, is_block(f->text + at + 2) ? WORDING_NOTHING : WORDING_VALUE);
	from = open ? (size_t)(open - f->text) + 1 : end;
	to = from + strcspn(f->text + from, "\"");
	if (from < end && to < end)
		memcpy(f->out + from, f->text + from, to - from);
	return end;
}

static size_t fold_address(struct fold *f, size_t at)
{
	size_t end = at + strcspn(f->text + at, " \t\n\"'<>|");

	fill(f, at, end, WORDING_VALUE);
	return end;
}

static bool starts_address(const char *text)
{
	return !strncasecmp(text, "http://", 7) || !strncasecmp(text, "https://", 8);
}

/* The text of one attribute inside the tag [at, end) is read as a line. */
static void fold_attribute(struct fold *f, size_t at, size_t end, const char *name)
{
	size_t n = strlen(name);

	for (; at + n < end; at++) {
		size_t to;
		if (strncasecmp(f->text + at, name, n) || !strchr("\"'", f->text[at + n]))
			continue;
		to = at + n + 1;
		while (to < end && f->text[to] != f->text[at + n])
			to++;
		memcpy(f->out + at + n + 1, f->text + at + n + 1, to - at - n - 1);
		f->out[at + n] = f->out[to < end ? to : end - 1] = '\n';
		at = to;
	}
}

static bool breaks(const char *tag)
{
	static const char *const names[] = {"br", "p", "div", "tr", "td", "th", "li",
	        "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "title",
	        "body", NULL};
	size_t n;

	tag += 1 + (tag[1] == '/');
	n = strcspn(tag, " \t\n/>");
	for (size_t i = 0; names[i]; i++)
		if (strlen(names[i]) == n && !strncasecmp(tag, names[i], n))
			return true;
	return false;
}

static bool starts_tag(const char *text)
{
	const char *name = text + 1 + (text[1] == '/');

	return text[0] == '<' &&
	       (text[1] == '!' || ((*name | 32) >= 'a' && (*name | 32) <= 'z'));
}

static size_t fold_tag(struct fold *f, size_t at)
{
	const char *close = memchr(f->text + at, '>', f->len - at);
	size_t end = close ? (size_t)(close - f->text) + 1 : f->len;

	fill(f, at, end, breaks(f->text + at) ? '\n' : WORDING_NOTHING);
	fold_attribute(f, at, end, " alt=");
	fold_attribute(f, at, end, " title=");
	return end;
}

/* A reference at `at`; 0: it is a mere "&". */
static size_t fold_reference(struct fold *f, size_t at)
{
	static const struct {
		const char *name;
		char ascii;
	} names[] = {{"&nbsp;", ' '}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
	        {"&amp;", '&'}, {"&lpar;", '('}, {"&rpar;", ')'}, {"&lsqb;", '['},
	        {"&rsqb;", ']'}, {"&apos;", '\''}};
	const char *text = f->text + at;
	bool hex = (text[2] | 32) == 'x';
	unsigned long cp;
	char *end;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strncmp(text, names[i].name, strlen(names[i].name))) {
			fill(f, at, at + strlen(names[i].name), names[i].ascii);
			return at + strlen(names[i].name);
		}
	if (text[1] != '#' || !strchr("0123456789abcdefABCDEF", text[2 + hex]))
		return 0;
	cp = strtoul(text + 2 + hex, &end, hex ? 16 : 10);
	if (*end != ';' || cp == 0 || cp > 0xffff || (size_t)(end - f->text) >= f->len)
		return 0;
	put(f, at, (size_t)(end - f->text) + 1, (uint32_t)cp);
	return (size_t)(end - f->text) + 1;
}

static size_t fold_one(struct fold *f, size_t at)
{
	const char *text = f->text + at;
	size_t end = 0;
	uint32_t cp;

	if (text[0] == '#' && at + 1 < f->len && text[1] == '{')
		return fold_filled(f, at);
	if (starts_address(text))
		return fold_address(f, at);
	if (f->html && starts_tag(text))
		return fold_tag(f, at);
	if (f->html && text[0] == '&')
		end = fold_reference(f, at);
	if (end)
		return end;
	end = at + (size_t)text_decode(text, f->len - at, &cp);
	put(f, at, end, cp);
	return end;
}

char *wording_new(const char *text, size_t len, bool html)
{
	char *copy = mem_strndup(text, len);
	struct fold f = {
	        .text = copy, .out = mem_alloc(len + 1), .len = len, .html = html};

	for (size_t at = 0; at < len;)
		at = fold_one(&f, at);
	f.out[len] = '\0';
	free(copy);
	return f.out;
}

/* ---- phrases ---- */

size_t wording_seen(const char *words, size_t at, size_t len)
{
	while (at < len && words[at] == WORDING_NOTHING)
		at++;
	return at;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t number_end(const char *words, size_t at, size_t len)
{
	size_t end = at;

	while (end < len && (is_digit(words[end]) ||
	                            (end > at && words[end] == ',' && end + 1 < len &&
	                                    is_digit(words[end + 1]))))
		end++;
	return end;
}

static size_t blanks_end(const char *words, size_t at, size_t len)
{
	while (at < len &&
	        (words[at] == ' ' || words[at] == '\t' || words[at] == WORDING_NOTHING))
		at++;
	return at;
}

size_t wording_match(const char *words, size_t at, size_t len, const char *phrase)
{
	for (; *phrase; phrase++) {
		size_t next = wording_seen(words, at, len), number;
		if (*phrase == ' ') {
			at = blanks_end(words, at, len);
			continue;
		}
		if (next >= len)
			return 0;
		number = number_end(words, next, len);
		if (*phrase == '@' && words[next] == WORDING_VALUE)
			at = next + 1;
		else if ((*phrase == '#' || *phrase == '@') && number > next)
			at = number;
		else if (words[next] == *phrase && *phrase != '#' && *phrase != '@')
			at = next + 1;
		else
			return 0;
	}
	return at;
}
