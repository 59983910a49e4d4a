/* Personal values of JSON, sealed in place and opened again, on the text itself: events
 * come by the thousand, and a tree of each would cost more than the sealing. Trusts what
 * was parsed before to be JSON, and never reads beyond its end. */
#include "store/sealed_json.h"

#include <stdint.h>
#include <string.h>
#include "base/personal.h"

/* A personal value's place, and the member behind all others that holds them, one NUL
 * after each; what is no object is sealed as a whole, behind the mark. */
#define PLACE "\"~\""
#define MEMBER "\"~\":\""
#define WHOLE "\"~sealed:"
#define NAME "~"
#define WORD_MAX 256  /* a longer name or text is nobody's number */
#define DEPTH_MAX 256 /* what lies deeper is sealed as a whole */

struct walk {
	struct buf *out;
	struct buf values; /* what is taken out */
	sealed_json_member member;
	const void *arg;
	bool bare; /* they go, and nothing is kept of them */
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
	while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
		p++;
	return p;
}

/* From its quote to behind its other quote. */
static const char *string_end(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : p;
}

static bool ends_value(char c)
{
	return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\r' ||
	       c == '\n';
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
	} while (*p && (depth > 0 || !ends_value(*p)));
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

/* The same as it stands there, or in room when it has escapes. */
static const char *word_of(
        const char *from, const char *to, char room[WORD_MAX], size_t *n)
{
	*n = (size_t)(to - from);
	if (*n < WORD_MAX && !memchr(from, '\\', *n))
		return from;
	*n = plain(from, to, room);
	return room;
}

/* ---- closing ---- */

static void put_sealed(struct walk *w, const char *from, const char *to)
{
	if (w->bare) {
		buf_adds(w->out, "null");
		return;
	}
	buf_adds(w->out, PLACE);
	buf_add(&w->values, from, (size_t)(to - from));
	buf_addc(&w->values, '\0');
}

/* Nothing but a place looks like one. */
static bool is_place(const char *p, const char *end)
{
	return (size_t)(end - p) == strlen(PLACE) && !memcmp(p, PLACE, strlen(PLACE));
}

static const char *put_string(struct walk *w, const char *p, const struct stand *at)
{
	const char *end = string_end(p);
	char room[WORD_MAX];
	const char *word;
	size_t n;

	word = word_of(p + 1, end > p + 1 ? end - 1 : end, room, &n);
	if (at->own)
		n = 0;
	if (at->named || is_place(p, end) || (n && personal_text(word, n)))
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

/* Ours is the last of that name. */
static bool is_member(const char *word, size_t n)
{
	return n == strlen(NAME) && !memcmp(word, NAME, n);
}

/* What stands under that name. */
static struct stand below(
        const struct walk *w, const struct stand *at, const char *from, const char *to)
{
	struct stand in = {.depth = at->depth + 1, .goods = at->goods};
	enum sealed_member told;
	char room[WORD_MAX];
	size_t n;
	const char *word = word_of(from, to, room, &n);

	if (!n)
		return in;
	told = at->depth == 0 && w->member ? w->member(w->arg, word, n) : SEALED_ASK;
	in.own = told == SEALED_OWN || (at->goods && is_of_goods(word, n));
	in.named = told == SEALED_PERSON || is_member(word, n) ||
	           (!in.own && personal_name(word, n));
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

static void put_values(struct walk *w, enum seal_purpose purpose)
{
	if (w->out->len && w->out->data[w->out->len - 1] == '}')
		w->out->len--;
	buf_adds(w->out, "," MEMBER);
	seal_close_text(purpose, w->values.data, w->values.len, w->out);
	buf_adds(w->out, "\"}");
}

static void put_whole(struct buf *out, const char *text, enum seal_purpose purpose)
{
	buf_adds(out, WHOLE);
	seal_close_text(purpose, text, strlen(text), out);
	buf_addc(out, '"');
}

void sealed_json_close(struct buf *out, const char *json, enum seal_purpose purpose,
        sealed_json_member member, const void *arg)
{
	struct walk w = {.out = out, .member = member, .arg = arg};
	struct stand top = {0};
	const char *begin = blank(json);

	if (!seal_key_count()) {
		buf_adds(out, json);
	} else if (*begin != '{') {
		put_whole(out, json, purpose);
	} else {
		put_value(&w, begin, &top);
		if (w.values.len)
			put_values(&w, purpose);
	}
	if (w.values.data)
		seal_wipe(w.values.data, w.values.cap);
	buf_free(&w.values);
}

void sealed_json_bare(
        struct buf *out, const char *json, sealed_json_member member, const void *arg)
{
	struct walk w = {.out = out, .member = member, .arg = arg, .bare = true};
	struct stand top = {0};
	const char *begin = blank(json);

	if (*begin == '{')
		put_value(&w, begin, &top);
	else
		buf_adds(out, "null");
}

/* ---- opening ---- */

/* Our member at the end of an object: where it begins, at its comma; NULL: nothing is
 * sealed. *text and *len: the sealed values. */
static const char *find_member(const char *json, const char **text, size_t *len)
{
	size_t n = strlen(json);
	const char *end, *p;

	if (json[0] != '{' || n < strlen("{,}" MEMBER) || strcmp(json + n - 2, "\"}"))
		return NULL;
	p = end = json + n - 2;
	while (p > json && p[-1] != '"')
		p--;
	if ((size_t)(p - json) <= strlen("," MEMBER) ||
	        memcmp(p - strlen("," MEMBER), "," MEMBER, strlen("," MEMBER)))
		return NULL;
	*text = p;
	*len = (size_t)(end - p);
	return p - strlen("," MEMBER);
}

/* The next place: between two quotes, and no name. A quote behind a backslash begins
 * none. */
static const char *next_place(const char *from, const char *end)
{
	const char *at = from;

	while ((at = memmem(at, (size_t)(end - at), PLACE, strlen(PLACE)))) {
		if (at[strlen(PLACE)] != ':' && at[-1] != '\\')
			return at;
		at++;
	}
	return NULL;
}

/* values NULL: they did not open. */
static void put_back(
        struct buf *out, const char *from, const char *end, const struct buf *values)
{
	const char *value = values ? values->data : NULL,
	           *last = values ? values->data + values->len : NULL, *at;

	while ((at = next_place(from, end))) {
		buf_add(out, from, (size_t)(at - from));
		buf_adds(out, value && value < last ? value : "null");
		if (value && value < last)
			value += strlen(value) + 1;
		from = at + strlen(PLACE);
	}
	buf_add(out, from, (size_t)(end - from));
	buf_addc(out, '}');
}

static bool open_whole(struct buf *out, const char *json, enum seal_purpose purpose)
{
	size_t len = strlen(json), before = strlen(WHOLE);

	return len > before && seal_open_text(purpose, json + before, len - before - 1,
	                               out) == SEAL_OPENED;
}

bool sealed_json_open(struct buf *out, const char *json, enum seal_purpose purpose)
{
	const char *text, *end;
	struct buf values = {0};
	size_t len;
	bool whole = true;

	if (seal_key_count() && !strncmp(json, WHOLE, strlen(WHOLE)))
		return open_whole(out, json, purpose);
	end = seal_key_count() ? find_member(json, &text, &len) : NULL;
	if (!end) {
		buf_adds(out, json);
		return true;
	}
	whole = seal_open_text(purpose, text, len, &values) == SEAL_OPENED;
	put_back(out, json, end, whole ? &values : NULL);
	if (values.data)
		seal_wipe(values.data, values.cap);
	buf_free(&values);
	return whole;
}
