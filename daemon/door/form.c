/* Forms as browsers and mail programs post them. It knows no page and no field. */
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "door/form.h"

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

static enum form_error add(struct form *form, char *name, char *value, size_t len)
{
	if (form->n == FORM_FIELDS_MAX)
		return FORM_LARGE;
	if (!text_valid_utf8(name, strlen(name)) || !text_valid_utf8(value, len))
		return FORM_BAD;
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < ' ' && !strchr("\t\r\n", *c))
			return FORM_BAD;
	form->fields[form->n].name = name;
	form->fields[form->n++].value = value;
	return FORM_OK;
}

/* ---- application/x-www-form-urlencoded ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; the length, or -1. */
static long unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++) {
		if (*from != '%') {
			*to++ = (char)(*from == '+' ? ' ' : *from);
			continue;
		}
		int high = hex(from[1]), low = high < 0 ? -1 : hex(from[2]);
		if (low < 0 || high + low == 0 /* no NUL */)
			return -1;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	return to - text;
}

static enum form_error read_pairs(char *body, struct form *out)
{
	char *rest = body, *pair;
	while ((pair = strsep(&rest, "&"))) {
		if (!*pair)
			continue;
		char *equals = strchr(pair, '='), *value = pair + strlen(pair);
		if (equals) {
			*equals = '\0';
			value = equals + 1;
		}
		long name_len = unescape(pair), len = unescape(value);
		if (name_len < 0 || len < 0)
			return FORM_BAD;
		enum form_error error = add(out, pair, value, (size_t)len);
		if (error)
			return error;
	}
	return FORM_OK;
}

/* ---- multipart/form-data ---- */

/* "--" and the boundary; NULL: the type names none that may stand. */
static const char *delimiter_of(const char *type, struct arena *arena)
{
	const char *at = strcasestr(type, "boundary=");
	size_t len;
	if (!at)
		return NULL;
	at += strlen("boundary=");
	at += *at == '"';
	len = strcspn(at, "\"; \t");
	return len && len <= BOUNDARY_MAX ? arena_printf(arena, "--%.*s", (int)len, at)
	                                  : NULL;
}

/* The name in `Content-Disposition: form-data; name="x"`, cut out in place. */
static char *name_in(char *head)
{
	char *line = strcasestr(head, "content-disposition:"), *name, *end;
	name = line ? strcasestr(line, "name=\"") : NULL;
	if (!name || memchr(line, '\n', (size_t)(name - line)))
		return NULL;
	name += strlen("name=\"");
	end = strpbrk(name, "\"\r\n");
	if (!end || *end != '"')
		return NULL;
	*end = '\0';
	return name;
}

static enum form_error read_part(char *part, struct form *out)
{
	char *value = strstr(part, "\r\n\r\n"), *name;
	if (!value)
		return FORM_BAD;
	*value = '\0';
	value += 4;
	name = name_in(part);
	return name ? add(out, name, value, strlen(value)) : FORM_BAD;
}

static enum form_error read_parts(
        char *body, const char *delimiter, struct arena *arena, struct form *out)
{
	const char *between = arena_printf(arena, "\r\n%s", delimiter);
	char *part = strstr(body, delimiter), *end;
	if (!part)
		return FORM_BAD;
	for (part += strlen(delimiter); strncmp(part, "--", 2); part = end) {
		end = strstr(part, between);
		if (strncmp(part, "\r\n", 2) || !end)
			return FORM_BAD;
		*end = '\0';
		end += strlen(between);
		enum form_error error = read_part(part, out);
		if (error)
			return error;
	}
	return FORM_OK;
}

/* ---- */

static bool is_type(const char *type, const char *wanted)
{
	size_t len = strlen(wanted);
	return !strncasecmp(type, wanted, len) &&
	       (!type[len] || strchr("; \t", type[len]));
}

enum form_error form_read(
        const struct http_request *request, struct arena *arena, struct form *out)
{
	const char *type = http_header_get(request, "content-type"), *delimiter = NULL;
	out->n = 0;
	if (!type)
		return FORM_TYPE;
	if (request->body_len > FORM_BYTES_MAX)
		return FORM_LARGE;
	if (is_type(type, "multipart/form-data")) {
		delimiter = delimiter_of(type, arena);
		if (!delimiter)
			return FORM_BAD;
	} else if (!is_type(type, "application/x-www-form-urlencoded")) {
		return FORM_TYPE;
	}
	if (request->body_len && memchr(request->body, 0, request->body_len))
		return FORM_BAD;
	char *body = arena_strndup(
	        arena, request->body_len ? request->body : "", request->body_len);
	return delimiter ? read_parts(body, delimiter, arena, out)
	                 : read_pairs(body, out);
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (!strcmp(form->fields[i].name, name))
			return form->fields[i].value;
	return NULL;
}
