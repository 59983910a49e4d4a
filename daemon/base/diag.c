/* What an owner did wrong in a file: collected, sorted and shown. Never prints by itself,
 * and never keeps more than a person reads. */
#include "base/diag.h"
#include "base/log.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MOST 1000
#define SOURCE_MOST 400 /* bytes of a line that are shown */
#define MESSAGE_MOST 1000

void diag_init(struct diag *diag)
{
	*diag = (struct diag){.arena = arena_new()};
}

void diag_fini(struct diag *diag)
{
	arena_free(diag->arena);
	*diag = (struct diag){0};
}

/* UTF-8 without control characters: what is quoted from a file reaches terminals and
 * JSON. A tab is one space. */
static char *clean(struct arena *arena, const char *s, size_t len, size_t most)
{
	struct buf buf = {0};
	uint32_t cp;
	char *out;

	for (size_t i = 0; i < len && buf.len < most;) {
		int n = text_decode(s + i, len - i, &cp);

		if (cp == '\n' || cp == '\t')
			buf_addc(&buf, ' ');
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
		         (cp == 0xfffd && n == 1))
			buf_adds(&buf, "\xef\xbf\xbd");
		else
			buf_add(&buf, s + i, (size_t)n);
		i += (size_t)n;
	}
	out = arena_strndup(arena, buf.data ? buf.data : "", buf.len);
	buf_free(&buf);
	return out;
}

static char *cut_line(struct arena *arena, const char *text, int line)
{
	const char *end;

	for (int i = 1; i < line; i++) {
		text = strchr(text, '\n');
		if (!text)
			return NULL;
		text++;
	}
	if (line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	end = text + strcspn(text, "\n");
	if (end > text && end[-1] == '\r')
		end--;
	return clean(arena, text, (size_t)(end - text), SOURCE_MOST);
}

static bool same_line(const struct diag_place *a, const struct diag_place *b)
{
	return a->line == b->line && a->line > 0 && strcmp(a->file, b->file) == 0;
}

/* Where an item goes, or NULL when it is not to be kept. An error takes a warning's place
 * rather than be lost. */
static struct diag_item *place(
        struct diag *diag, const struct diag_place *at, bool warning)
{
	for (size_t i = 0; i < diag->n; i++)
		if (same_line(&diag->items[i].at, at) &&
		        (!diag->several || diag->items[i].at.column == at->column))
			return diag->items[i].warning && !warning ? &diag->items[i]
			                                          : NULL;
	if (diag->n < KEPT_MOST) {
		/* All at once: an item that was given out stays where it is. */
		if (!diag->items)
			diag->items = arena_alloc(
			        diag->arena, KEPT_MOST * sizeof(*diag->items));
		return &diag->items[diag->n++];
	}
	diag->more++;
	for (size_t i = KEPT_MOST; i-- > 0 && !warning && !diag->errors;)
		if (diag->items[i].warning)
			return &diag->items[i];
	return NULL;
}

__attribute__((format(printf, 5, 0))) static struct diag_item *add(struct diag *diag,
        struct diag_place at, bool warning, const char *text, const char *fmt, va_list ap)
{
	struct diag_item *item;
	struct buf message = {0};

	diag->told += !warning;
	if (!at.file)
		at.file = "-";
	item = place(diag, &at, warning);
	if (!item)
		return NULL;
	if (at.width < 1)
		at.width = 1;
	buf_vprintf(&message, fmt, ap);
	*item = (struct diag_item){.at = at, .warning = warning};
	item->message = clean(diag->arena, message.data, message.len, MESSAGE_MOST);
	if (text && at.line > 0)
		item->source = cut_line(diag->arena, text, at.line);
	buf_free(&message);
	diag->errors += !warning;
	return item;
}

struct diag_item *diag_error(
        struct diag *diag, struct diag_place at, const char *text, const char *fmt, ...)
{
	struct diag_item *item;
	va_list ap;

	va_start(ap, fmt);
	item = add(diag, at, false, text, fmt, ap);
	va_end(ap);
	return item;
}

struct diag_item *diag_warn(
        struct diag *diag, struct diag_place at, const char *text, const char *fmt, ...)
{
	struct diag_item *item;
	va_list ap;

	va_start(ap, fmt);
	item = add(diag, at, true, text, fmt, ap);
	va_end(ap);
	return item;
}

void diag_hint(struct diag *diag, struct diag_item *item, const char *fmt, ...)
{
	struct buf hint = {0};
	va_list ap;

	if (!item)
		return;
	va_start(ap, fmt);
	buf_vprintf(&hint, fmt, ap);
	va_end(ap);
	item->hint = clean(diag->arena, hint.data, hint.len, MESSAGE_MOST);
	buf_free(&hint);
}

/* ---- showing ---- */

/* Columns of the characters first to last (from 1, last not included) of s. */
static int width(const char *s, int first, int last)
{
	size_t len = strlen(s), i = 0, from = 0;
	uint32_t cp;

	for (int c = 1; i < len && c < last; c++) {
		i += (size_t)text_decode(s + i, len - i, &cp);
		if (c < first)
			from = i;
	}
	return text_columns(s + from, i - from);
}

static void repeat(struct buf *out, char c, int n)
{
	while (n-- > 0)
		buf_addc(out, c);
}

static void print_source(const struct diag_item *item, struct buf *out)
{
	const char *source = item->source;
	int indent = (int)strspn(source, " ");
	int first = item->at.column < 1 ? 1 : item->at.column;
	int end = (int)text_chars(source, strlen(source)) + 1, last, marked;

	if (first > end) {
		/* Behind what is shown of a long line. */
		if (item->hint)
			buf_printf(out, "    %s\n", item->hint);
		return;
	}
	last = item->at.width < end - first ? first + item->at.width : end;
	marked = width(source, first, last);
	buf_printf(out, "    %s\n    ", source + indent);
	repeat(out, ' ', width(source, indent + 1, first));
	repeat(out, '^', marked > 0 ? marked : 1);
	if (item->hint)
		buf_printf(out, " %s", item->hint);
	buf_addc(out, '\n');
}

static void print_item(
        const struct diag *diag, const struct diag_item *item, struct buf *out)
{
	buf_adds(out, clean(diag->arena, item->at.file, strlen(item->at.file), 4096));
	if (item->at.line > 0)
		buf_printf(out, ":%d:%d", item->at.line,
		        item->at.column < 1 ? 1 : item->at.column);
	buf_printf(out, ": %s%s\n", item->warning ? TR("warning: ", "주의: ") : "",
	        item->message);
	if (item->source)
		print_source(item, out);
	else if (item->hint)
		buf_printf(out, "    %s\n", item->hint);
}

static int by_place(const void *a, const void *b)
{
	const struct diag_item *x = *(const struct diag_item *const *)a,
	                       *y = *(const struct diag_item *const *)b;
	int files = strcmp(x->at.file, y->at.file);

	if (files)
		return files;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return x < y ? -1 : x > y; /* as they came */
}

static size_t sorted(const struct diag *diag, const struct diag_item *items[KEPT_MOST])
{
	for (size_t i = 0; i < diag->n; i++)
		items[i] = &diag->items[i];
	qsort(items, diag->n, sizeof(*items), by_place);
	return diag->n;
}

void diag_unreadable(struct diag *diag, const char *file, int error, const char *why)
{
	struct diag_place at = {.file = arena_strdup(diag->arena, file),
	        .line = 1,
	        .column = 1,
	        .width = 1};
	struct diag_item *item;

	if (error == ENOENT)
		item = diag_error(
		        diag, at, NULL, "%s", TR("it is not there", "없습니다"));
	else
		item = diag_error(diag, at, NULL,
		        TR("cannot read it: %s", "읽을 수 없습니다: %s"),
		        error ? strerror(error) : why);
	if (error == ENOENT)
		diag_hint(diag, item, "%s",
		        TR("make it, or write its right place into dangol.conf",
		                "만들거나, dangol.conf에 바른 자리를 적으십시오"));
	else if (error == EACCES)
		diag_hint(diag, item, "%s",
		        TR("let the user that dangold runs as read it: chmod a+r, and "
		           "a+x on "
		           "its folders",
		                "dangold를 돌리는 사용자가 읽을 수 있게 하십시오: chmod "
		                "a+r, "
		                "폴더에는 a+x"));
}

void diag_print(const struct diag *diag, struct buf *out)
{
	const struct diag_item *items[KEPT_MOST];
	size_t n = sorted(diag, items);

	for (size_t i = 0; i < n; i++)
		print_item(diag, items[i], out);
	if (diag->more)
		buf_printf(out, TR("… and %zu more\n", "… 그 밖에 %zu개\n"), diag->more);
}

json_t *diag_json(const struct diag *diag)
{
	const struct diag_item *items[KEPT_MOST];
	size_t n = sorted(diag, items);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct diag_item *item = items[i];
		const char *file =
		        clean(diag->arena, item->at.file, strlen(item->at.file), 4096);

		json_array_append_new(
		        list, json_pack("{s:s, s:i, s:i, s:i, s:s, s:s?, s:s?, s:b}",
		                      "file", file, "line", item->at.line, "column",
		                      item->at.column, "width", item->at.width, "message",
		                      item->message, "hint", item->hint, "source",
		                      item->source, "warning", item->warning));
	}
	return list;
}
