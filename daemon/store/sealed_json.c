/* Personal values of JSON, sealed in place and opened again, on the text itself: events
 * come by the thousand, and a tree of each would cost more than the sealing. Trusts what
 * was parsed before to be JSON, and never reads beyond its end. */
#include "store/sealed_json.h"

#include <stdint.h>
#include <string.h>
#include "base/personal.h"

#define MARK "~sealed:" /* what a sealed value begins with */
#define WORD_MAX 256    /* a longer name or text is nobody's number */
#define DEPTH_MAX 256   /* what lies deeper is sealed as a whole */

struct walk {
	struct buf *out;
	enum seal_purpose purpose;
	sealed_json_member member;
	const void *arg;
};

/* Where a value stands. */
struct stand {
	int depth;
	bool named; /* under a person's name */
	bool own;   /* the shop's own */
	bool goods; /* somewhere in "items" */
};

/* ---- text ---- */

static const char *blank(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* From its quote to behind its other quote. */
static const char *string_end(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

static const char *value_end(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"') {
			p = string_end(p);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		if (*p)
			p++;
	} while (*p && (depth > 0 || !strchr(",]} \t\r\n", *p)));
	return p;
}

static int hex4(const char *p)
{
	int n = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int digit = c >= '0' && c <= '9'                 ? c - '0'
		            : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
		                                                 : -1;
		if (digit < 0)
			return -1;
		n = n * 16 + digit;
	}
	return n;
}

static size_t put_utf8(char *out, uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | cp >> 12);
	out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[2] = (char)(0x80 | (cp & 0x3f));
	return 3;
}

/* The text between two quotes, without its escapes; 0 when it is too long. Beyond the
 * first plane there are no names of ours: half of a pair stays half. */
static size_t plain(const char *from, const char *to, char out[WORD_MAX])
{
	size_t n = 0;

	while (from < to && n < WORD_MAX - 4) {
		int cp;

		if (*from != '\\') {
			out[n++] = *from++;
		} else if (from[1] == 'u' && to - from >= 6 &&
		           (cp = hex4(from + 2)) > 0) {
			n += put_utf8(out + n, (uint32_t)cp);
			from += 6;
		} else {
			out[n++] = from[1];
			from += 2;
		}
	}
	return from < to ? 0 : n;
}

/* ---- closing ---- */

static void put_sealed(struct walk *w, const char *from, const char *to)
{
	buf_adds(w->out, "\"" MARK);
	seal_close_text(w->purpose, from, (size_t)(to - from), w->out);
	buf_addc(w->out, '"');
}

static bool begins_marked(const char *p)
{
	return !strncmp(p, "\"" MARK, sizeof MARK);
}

static const char *put_string(struct walk *w, const char *p, const struct stand *at)
{
	const char *end = string_end(p);
	char word[WORD_MAX];
	size_t n = at->own || end - p < 2 ? 0 : plain(p + 1, end - 1, word);

	if (at->named || begins_marked(p) || (n && personal_text(word, n)))
		put_sealed(w, p, end);
	else
		buf_add(w->out, p, (size_t)(end - p));
	return end;
}

static const char *put_value(struct walk *w, const char *p, const struct stand *at);

/* What rules ask of goods, however it looks. */
static bool is_of_goods(const char *word, size_t n)
{
	return personal_is_name(word, n) || (n == 3 && !memcmp(word, "sku", 3)) ||
	       (n == 8 && !memcmp(word, "category", 8));
}

static bool is_goods(const char *word, size_t n)
{
	return n == 5 && !memcmp(word, "items", 5);
}

/* What stands under that name. */
static struct stand below(
        const struct walk *w, const struct stand *at, const char *from, const char *to)
{
	struct stand in = {.depth = at->depth + 1, .goods = at->goods};
	enum sealed_member told;
	char word[WORD_MAX];
	size_t n = plain(from, to, word);

	if (!n)
		return in;
	told = at->depth == 0 && w->member ? w->member(w->arg, word, n) : SEALED_ASK;
	in.own = told == SEALED_OWN || (at->goods && is_of_goods(word, n));
	in.named = told == SEALED_PERSON || (!in.own && personal_name(word, n));
	in.goods = at->goods || is_goods(word, n);
	return in;
}

/* An object or a list: what stands between its values is copied as it is. */
static const char *put_inside(struct walk *w, const char *p, const struct stand *at)
{
	bool object = *p == '{';
	struct stand in = {.depth = at->depth + 1, .goods = at->goods};

	buf_addc(w->out, *p++);
	for (p = blank(p); *p && *p != '}' && *p != ']'; p = blank(p)) {
		if (*p == ',' || *p == ':') {
			buf_addc(w->out, *p++);
			continue;
		}
		if (object) {
			const char *end = string_end(p);
			in = below(w, at, p + 1, end > p + 1 ? end - 1 : end);
			buf_add(w->out, p, (size_t)(end - p));
			p = blank(end);
			if (*p == ':')
				buf_addc(w->out, *p++);
			p = blank(p);
		}
		p = put_value(w, p, &in);
	}
	if (*p)
		buf_addc(w->out, *p++);
	return p;
}

static const char *put_value(struct walk *w, const char *p, const struct stand *at)
{
	const char *end;

	if (*p == '"')
		return put_string(w, p, at);
	if ((*p == '{' || *p == '[') && !at->named && at->depth < DEPTH_MAX)
		return put_inside(w, p, at);
	end = value_end(p);
	if (end == p)
		return p + strlen(p);
	if (*p == '{' || *p == '[' || (at->named && !strchr("ntf", *p)))
		put_sealed(w, p, end);
	else
		buf_add(w->out, p, (size_t)(end - p));
	return end;
}

void sealed_json_close(struct buf *out, const char *json, enum seal_purpose purpose,
        sealed_json_member member, const void *arg)
{
	struct walk w = {.out = out, .purpose = purpose, .member = member, .arg = arg};
	struct stand top = {0};

	if (seal_key_count())
		put_value(&w, blank(json), &top);
	else
		buf_adds(out, json);
}

/* ---- opening ---- */

/* The next sealed value, at its quote. A quote behind a backslash begins none. */
static const char *next_mark(const char *json, const char *from)
{
	const char *at = from;

	while ((at = strstr(at, "\"" MARK)))
		if (at == json || at[-1] != '\\')
			return at;
		else
			at++;
	return NULL;
}

bool sealed_json_open(struct buf *out, const char *json, enum seal_purpose purpose)
{
	const char *from = json, *at;
	bool whole = true;

	if (!seal_key_count()) {
		buf_adds(out, json);
		return true;
	}
	while ((at = next_mark(json, from))) {
		const char *text = at + sizeof MARK, *end = string_end(at);
		buf_add(out, from, (size_t)(at - from));
		from = end;
		if (end - text < 1 ||
		        seal_open_text(purpose, text, (size_t)(end - 1 - text), out)) {
			buf_adds(out, "null");
			whole = false;
		}
	}
	buf_adds(out, from);
	return whole;
}
