/* HTTP requests under construction. Knows no provider and sends nothing. */
#include "delivery/request.h"

#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/secret.h"

#define PICTURE_MOST (1 << 20)

void request_fini(struct request *request)
{
	for (size_t i = 0; request->headers[i]; i++) {
		explicit_bzero(request->headers[i], strlen(request->headers[i]));
		free(request->headers[i]);
	}
	if (request->body.data)
		explicit_bzero(request->body.data, request->body.len);
	buf_free(&request->body);
	free(request->url);
	memset(request, 0, sizeof *request);
}

/* Scheme, host and port of an address: up to its path. */
static size_t origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : strlen(url);
}

void request_begin(struct request *request, const char *method,
        const struct channel_config *config, const char *base, const char *fmt, ...)
{
	struct buf url = {0};
	va_list ap;

	if (config->url) {
		buf_add(&url, config->url, origin_len(config->url));
		base += origin_len(base);
	}
	buf_adds(&url, base);
	va_start(ap, fmt);
	buf_vprintf(&url, fmt, ap);
	va_end(ap);
	request->method = method;
	request->url = buf_take(&url);
}

const char *request_path(const struct request *request)
{
	return request->url + origin_len(request->url);
}

void request_header(struct request *request, const char *fmt, ...)
{
	struct buf line = {0};
	va_list ap;
	size_t n = 0;

	while (request->headers[n])
		n++;
	assert(n < REQUEST_HEADERS);
	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	request->headers[n] = buf_take(&line);
}

static int add_bytes(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void request_json(struct request *request, json_t *json)
{
	request_header(request, "content-type: application/json; charset=utf-8");
	json_dump_callback(json, add_bytes, &request->body, JSON_COMPACT);
	json_decref(json);
}

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void request_encode(struct buf *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char part[256];
	size_t n = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (n > sizeof part - 3) {
			buf_add(out, part, n);
			n = 0;
		}
		if (is_plain(*at)) {
			part[n++] = (char)*at;
			continue;
		}
		part[n++] = '%';
		part[n++] = hex[*at >> 4];
		part[n++] = hex[*at & 15];
	}
	buf_add(out, part, n);
}

void request_form(struct request *request, const char *name, const char *value)
{
	if (!value)
		return;
	if (!request->body.len)
		request_header(request, "content-type: application/x-www-form-urlencoded"
		                        "; charset=utf-8");
	else
		buf_addc(&request->body, '&');
	request_encode(&request->body, name);
	buf_addc(&request->body, '=');
	request_encode(&request->body, value);
}

bool request_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char part[16384];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && out->len <= PICTURE_MOST) {
		n = read(fd, part, sizeof part);
		if (n > 0)
			buf_add(out, part, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	return n == 0 && out->len > 0;
}

char *request_picture(const char *path, const char *kind, char out[128])
{
	struct buf bytes = {0};
	uint8_t digest[32];
	char hex[65], *base64 = NULL;

	if (request_file(path, &bytes)) {
		secret_sha256(bytes.data, bytes.len, digest);
		snprintf(out, 128, "file:%s:%s", kind,
		        secret_hex(digest, sizeof digest, hex));
		base64 = secret_base64(bytes.data, bytes.len);
	}
	buf_free(&bytes);
	return base64;
}
