/* See cloud.h. */
#include "door/cloud.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "base/mem.h"

static bool is_attribute(const struct http_header *header)
{
	return !strncmp(header->name, "ce-", 3) && header->name[3];
}

bool cloud_is_binary(const struct http_request *request)
{
	static const char structured[] = "application/cloudevents";
	const char *type = http_header_get(request, "content-type");

	if (type && !strncasecmp(type, structured, strlen(structured)))
		return false;
	for (size_t i = 0; i < request->n_headers; i++)
		if (is_attribute(&request->headers[i]))
			return true;
	return false;
}

/* ---- values ---- */

/* "\"a \\\" b\"" is a " b. Appends to out. */
static void unquote(struct buf *out, const char *value)
{
	size_t len = strlen(value);
	bool quoted = len >= 2 && value[0] == '"' && value[len - 1] == '"';

	for (size_t i = quoted; i < len - quoted; i++) {
		if (quoted && value[i] == '\\' && i + 1 < len - 1)
			i++;
		buf_add(out, &value[i], 1);
	}
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static void percent_decode(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%' && i + 2 < len && isxdigit((unsigned char)text[i + 1]) &&
		        isxdigit((unsigned char)text[i + 2])) {
			c = (char)(hex(text[i + 1]) << 4 | hex(text[i + 2]));
			i += 2;
		}
		buf_add(out, &c, 1);
	}
}

/* Returns new, or NULL: not UTF-8, or it holds a NUL. */
static json_t *decode(const char *value)
{
	struct buf plain = {0}, out = {0};
	json_t *text = NULL;

	unquote(&plain, value);
	if (plain.len)
		percent_decode(&out, plain.data, plain.len);
	if (!out.len)
		text = json_string("");
	else if (!memchr(out.data, 0, out.len))
		text = json_stringn(out.data, out.len);
	buf_free(&plain);
	buf_free(&out);
	return text;
}

/* ---- attributes ---- */

static json_t *read_headers(const struct http_request *request, const char **attribute)
{
	json_t *cloud = json_object();

	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		json_t *value;

		if (!is_attribute(header) || !strncmp(header->name, "ce-data", 7))
			continue;
		value = decode(header->value);
		*attribute = header->name + 3;
		if (!value || json_object_get(cloud, *attribute)) {
			json_decref(value);
			json_decref(cloud);
			return NULL;
		}
		if (!strcmp(*attribute, "history")) {
			bool history = !strcmp(json_string_value(value), "true");
			json_decref(value);
			value = json_boolean(history);
		}
		json_object_set_new(cloud, *attribute, value);
	}
	return cloud;
}

json_t *cloud_attributes(const struct http_request *request, const char **attribute)
{
	static const char *const needed[] = {"specversion", "id", "source", "type"};
	json_t *cloud = read_headers(request, attribute);

	for (size_t i = 0; cloud && i < sizeof needed / sizeof needed[0]; i++)
		if (!json_object_get(cloud, needed[i])) {
			*attribute = needed[i];
			json_decref(cloud);
			return NULL;
		}
	return cloud;
}
