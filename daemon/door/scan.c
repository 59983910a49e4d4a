/* Looks over JSON before it is parsed: syntax, depth, and the places of the items in it.
 * It keeps no value and never recurses, whatever a peer nests. Source: RFC 8259. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "door/scan.h"

#define STACK 1000

enum { BAD = -1, TOO_DEEP = -2 };

struct cursor {
	const char *p, *end;
	const char *key; /* the last member's name, with its quotes */
	struct scan_item *item;
};

static void space(struct cursor *c)
{
	while (c->p < c->end &&
	        (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool digits(struct cursor *c)
{
	const char *from = c->p;
	while (c->p < c->end && digit(*c->p))
		c->p++;
	return c->p > from;
}

static bool hex4(const char *p)
{
	for (int i = 0; i < 4; i++)
		if (!strchr("0123456789abcdefABCDEF", p[i]) || !p[i])
			return false;
	return true;
}

/* p stands on the backslash; moves to the escape's last byte. */
static bool escape(struct cursor *c)
{
	if (c->end - c->p < 2)
		return false;
	c->p++;
	if (*c->p != 'u')
		return *c->p && strchr("\"\\/bfnrt", *c->p);
	if (c->end - c->p < 5 || !hex4(c->p + 1))
		return false;
	c->p += 4;
	return true;
}

static bool string(struct cursor *c)
{
	if (c->p == c->end || *c->p != '"')
		return false;
	for (c->p++; c->p < c->end; c->p++) {
		unsigned char byte = (unsigned char)*c->p;
		if (byte == '"') {
			c->p++;
			return true;
		}
		if (byte < 0x20 || (byte == '\\' && !escape(c)))
			return false;
	}
	return false;
}

static bool number(struct cursor *c)
{
	if (*c->p == '-')
		c->p++;
	if (c->p < c->end && *c->p == '0')
		c->p++;
	else if (!digits(c))
		return false;
	if (c->p < c->end && *c->p == '.') {
		c->p++;
		if (!digits(c))
			return false;
	}
	if (c->p == c->end || (*c->p != 'e' && *c->p != 'E'))
		return true;
	c->p++;
	if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
		c->p++;
	return digits(c);
}

static bool word(struct cursor *c, const char *text)
{
	size_t len = strlen(text);
	if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

static bool scalar(struct cursor *c)
{
	switch (*c->p) {
	case '"':
		return string(c);
	case 't':
		return word(c, "true");
	case 'f':
		return word(c, "false");
	case 'n':
		return word(c, "null");
	default:
		return (*c->p == '-' || digit(*c->p)) && number(c);
	}
}

static bool member(struct cursor *c)
{
	space(c);
	c->key = c->p;
	if (!string(c))
		return false;
	space(c);
	return c->p < c->end && *c->p++ == ':';
}

/* A member of the outermost object begins or has ended: where its data stands. */
static void data_begins(struct cursor *c)
{
	static const char name[] = "\"data\"";

	if (c->p - c->key < (ptrdiff_t)sizeof name ||
	        memcmp(c->key, name, sizeof name - 1) != 0)
		return;
	space(c);
	c->item->data = c->p;
}

static void data_ends(struct cursor *c, const char *end)
{
	if (c->item->data && !c->item->data_len)
		c->item->data_len = (size_t)(end - c->item->data);
}

static char closer(char open)
{
	return open == '{' ? '}' : ']';
}

/* Reads one value; its depth, BAD or TOO_DEEP. */
static int value(struct cursor *c)
{
	char open[STACK];
	int depth = 0, deepest = 0;
	for (;;) {
		space(c);
		if (c->p == c->end)
			return BAD;
		if (*c->p == '{' || *c->p == '[') {
			if (depth == STACK)
				return TOO_DEEP;
			open[depth++] = *c->p++;
			deepest = depth > deepest ? depth : deepest;
			space(c);
			bool empty = c->p < c->end && *c->p == closer(open[depth - 1]);
			if (!empty && open[depth - 1] == '{' && !member(c))
				return BAD;
			if (depth == 1 && !empty && open[0] == '{')
				data_begins(c);
			if (!empty)
				continue;
		} else if (!scalar(c)) {
			return BAD;
		}
		for (;;) {
			if (depth == 0)
				return deepest;
			space(c);
			if (c->p == c->end)
				return BAD;
			char next = *c->p++;
			if (depth == 1)
				data_ends(c, c->p - 1);
			if (next == ',') {
				if (open[depth - 1] == '{' && !member(c))
					return BAD;
				if (depth == 1 && open[0] == '{')
					data_begins(c);
				break;
			}
			if (next != closer(open[depth - 1]))
				return BAD;
			depth--;
		}
	}
}

static void add(struct scan *scan, const struct scan_item *found)
{
	struct scan_item *item = mem_grow(&scan->items, scan->n, sizeof *item);
	*item = *found;
	scan->n++;
}

/* Reads the value that stands at the cursor. */
static struct scan_item look(struct cursor *c)
{
	struct scan_item item = {.text = c->p};
	c->item = &item;
	item.depth = value(c);
	item.len = (size_t)(c->p - item.text);
	c->item = NULL;
	return item;
}

static enum scan_result refuse(struct scan *scan, int depth)
{
	scan_fini(scan);
	return depth == TOO_DEEP ? SCAN_DEEP : SCAN_BAD;
}

static enum scan_result whole(struct cursor *c, struct scan *out)
{
	space(c);
	struct scan_item item = look(c);
	space(c);
	if (item.depth < 0 || c->p != c->end)
		return refuse(out, item.depth);
	add(out, &item);
	return SCAN_OK;
}

enum scan_result scan_one(const char *text, size_t len, struct scan *out)
{
	*out = (struct scan){0};
	if (len == 0 || !text_valid_utf8(text, len))
		return SCAN_BAD;
	struct cursor c = {.p = text, .end = text + len};
	return whole(&c, out);
}

/* The elements, up to the bracket that closes them; BAD, TOO_DEEP, or how many beyond
 * most there are. */
static enum scan_result elements(struct cursor *c, size_t most, struct scan *out)
{
	size_t n = 0;
	c->p++;
	space(c);
	if (c->p < c->end && *c->p == ']') {
		c->p++;
		return SCAN_OK;
	}
	for (;; n++) {
		space(c);
		struct scan_item item = look(c);
		if (item.depth < 0)
			return refuse(out, item.depth);
		if (n < most)
			add(out, &item);
		space(c);
		if (c->p == c->end || (*c->p != ',' && *c->p != ']'))
			return refuse(out, BAD);
		if (*c->p++ == ']')
			return n < most ? SCAN_OK : SCAN_MANY;
	}
}

enum scan_result scan_items(const char *text, size_t len, size_t most, struct scan *out)
{
	*out = (struct scan){0};
	if (len == 0 || !text_valid_utf8(text, len))
		return SCAN_BAD;
	struct cursor c = {.p = text, .end = text + len};
	space(&c);
	if (c.p == c.end || *c.p != '[')
		return whole(&c, out);
	enum scan_result result = elements(&c, most, out);
	space(&c);
	if (result != SCAN_BAD && result != SCAN_DEEP && c.p != c.end)
		return refuse(out, BAD);
	return result;
}

/* A line that is no JSON is an item as well. */
static struct scan_item line(struct cursor *c)
{
	struct scan_item item = {.text = c->p, .depth = BAD};
	if (text_valid_utf8(c->p, (size_t)(c->end - c->p)))
		item = look(c);
	space(c);
	if (item.depth == TOO_DEEP)
		item.depth = STACK;
	else if (c->p != c->end)
		item.depth = BAD;
	item.len = (size_t)(c->end - item.text);
	return item;
}

enum scan_result scan_lines(const char *text, size_t len, size_t most, struct scan *out)
{
	*out = (struct scan){0};
	const char *end = text + len;
	size_t good = 0;
	for (const char *p = text, *next; p < end; p = next) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		next = eol ? eol + 1 : end;
		struct cursor c = {.p = p, .end = eol ? eol : end};
		space(&c);
		if (c.p == c.end)
			continue;
		if (out->n == most)
			return SCAN_MANY;
		struct scan_item item = line(&c);
		good += item.depth >= 0;
		add(out, &item);
	}
	return good ? SCAN_OK : refuse(out, BAD);
}

void scan_fini(struct scan *scan)
{
	free(scan->items);
	*scan = (struct scan){0};
}

/* Integers of 19 digits and more get a fraction, so that they are read as reals. */
static void widen(const struct scan_item *item, struct buf *out)
{
	struct cursor c = {.p = item->text, .end = item->text + item->len};
	while (c.p < c.end) {
		const char *from = c.p;
		if (*c.p == '"') {
			string(&c);
		} else if (digit(*c.p)) {
			digits(&c);
			bool whole_number = c.p == c.end || !strchr(".eE", *c.p);
			if (whole_number && c.p - from >= 19 && c.p - from <= 300) {
				buf_add(out, from, (size_t)(c.p - from));
				buf_adds(out, ".0");
				continue;
			}
			while (c.p < c.end && (digit(*c.p) || strchr("+-.eE", *c.p)))
				c.p++;
		} else {
			c.p++;
		}
		buf_add(out, from, (size_t)(c.p - from));
	}
}

/* Names with escapes in them are not found by their words. */
static bool has_escape(const struct scan_item *item)
{
	return memchr(item->data, '\\', item->data_len) != NULL;
}

json_t *scan_load(struct scan_item *item, char why[160])
{
	const size_t flags = JSON_DECODE_ANY;
	json_error_t error;
	json_t *json =
	        json_loadb(item->text, item->len, flags | JSON_REJECT_DUPLICATES, &error);
	if (!json || (item->data && has_escape(item)))
		item->data = NULL;
	if (!json && json_error_code(&error) == json_error_duplicate_key)
		json = json_loadb(item->text, item->len, flags, &error);
	if (!json && json_error_code(&error) == json_error_numeric_overflow) {
		struct buf wide = {0};
		widen(item, &wide);
		json = json_loadb(wide.data, wide.len, flags, &error);
		buf_free(&wide);
	}
	if (json)
		return json;
	bool range = json_error_code(&error) == json_error_numeric_overflow;
	snprintf(why, 160, "%s",
	        range ? TR("a number in it is out of all range", "숫자가 너무 큽니다")
	              : TR("it is no JSON that can be kept (a NUL or half a surrogate "
	                   "pair in its text)",
	                        "보관할 수 없는 JSON입니다 (글자에 NUL이나 짝 없는 "
	                        "서로게이트가 있습니다)"));
	return NULL;
}
