/* HTTP as bytes: tables of good and smuggled requests, each cut at every byte boundary
 * with the same result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "door/admit.h"
#include "door/chunk.h"
#include "door/http.h"

#define H "Host: x\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct bytes {
	const char *data;
	size_t len;
};
#define BYTES(s) \
	{ \
		s, sizeof(s) - 1 \
	}

/* What became of a connection's bytes, as text: "GET /path [body];" a request, "400;" a
 * refusal, "..." a request that has begun. */
static enum http_state take(struct http *http, enum http_state state, struct buf *out)
{
	const char *why = NULL;
	while (state == HTTP_REQUEST) {
		const struct http_request *request = http_get(http);
		buf_printf(out, "%s %s", request->method, request->path);
		if (*request->query)
			buf_printf(out, "?%s", request->query);
		if (request->body_len)
			buf_printf(out, " [%.*s]", (int)request->body_len, request->body);
		assert_int_equal(request->body[request->body_len], '\0');
		buf_adds(out, request->keep_alive ? ";" : " close;");
		state = http_next(http);
	}
	if (state == HTTP_REFUSED) {
		buf_printf(out, "%d;", http_refusal(http, &why));
		assert_true(why && *why);
	}
	return state;
}

static void read_in(
        struct buf *out, const char *data, size_t len, size_t cut, size_t step)
{
	struct http *http = http_new();
	enum http_state state = HTTP_MORE;
	size_t at = 0;
	while (at < len && state != HTTP_REFUSED) {
		size_t n = at < cut ? cut - at : step;
		n = n < len - at ? n : len - at;
		/* A copy of its own, so that a read beyond it is seen. */
		char *piece = malloc(n);
		memcpy(piece, data + at, n);
		state = take(http, http_feed(http, piece, n), out);
		free(piece);
		at += n;
	}
	if (!out->len || out->data[out->len - 1] != ';' || http_in_header(http) ||
	        http_in_body(http))
		buf_adds(out, "...");
	http_free(http);
}

static void same_at_every_cut(const char *data, size_t len, const char *expected)
{
	struct buf out = {.len = 0};
	for (size_t cut = 0; cut <= len; cut++) {
		buf_reset(&out);
		buf_adds(&out, "");
		read_in(&out, data, len, cut, len);
		if (strcmp(out.data, expected))
			print_error("cut at %zu of: %s\n", cut, data);
		assert_string_equal(out.data, expected);
	}
	buf_reset(&out);
	read_in(&out, data, len, 0, 1);
	assert_string_equal(out.data, expected);
	buf_free(&out);
}

static void test_requests(void **state)
{
	(void)state;
	static const struct {
		struct bytes in;
		const char *expected;
	} table[] = {
	        /* plain */
	        {BYTES(GET H "\r\n"), "GET /;"},
	        {BYTES("\r\n" GET H "\r\n"), "GET /;"},
	        {BYTES("\r\n\r\n" GET H "\r\n"), "400;"},
	        {BYTES(GET H "\r"), "..."},
	        {BYTES(GET H "Connection: close\r\n\r\n"), "GET / close;"},
	        {BYTES(GET H "Connection: TE ,\tClose\r\n\r\n"), "GET / close;"},
	        {BYTES(GET H "Connection: closed\r\n\r\n"), "GET /;"},
	        {BYTES("GET / HTTP/1.0\r\n\r\n"), "GET / close;"},
	        {BYTES("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
	                "GET / close;"},
	        {BYTES(GET H "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" GET H "\r\n"),
	                "GET /;GET /;"},
	        {BYTES(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: "
	                    "2\r\n\r\nab"),
	                "POST / [ab];"},
	        {BYTES(POST "Content-Length: 3\r\n\r\nabc"), "POST / [abc];"},
	        {BYTES(POST "Content-Length: 3\r\n\r\nab"), "..."},
	        {BYTES(POST "Content-Length: 0\r\n\r\n"), "POST /;"},
	        {BYTES(POST "content-LENGTH:\t003 \r\n\r\nabc"), "POST / [abc];"},
	        {BYTES("PATCH /x HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nz" GET H
	               "\r\n"),
	                "PATCH /x [z];GET /;"},
	        {BYTES(GET H "Content-Length: 2\r\n\r\nab" GET H "\r\n" GET),
	                "GET / [ab];GET /;..."},
	        {BYTES(GET H "X-Name: \xea\xb9\x80\r\n\r\n"), "GET /;"},
	        /* chunks */
	        {BYTES(CHUNKED "3\r\nabc\r\n0\r\n\r\n"), "POST / [abc];"},
	        {BYTES(CHUNKED "1\r\na\r\n0002;x=y\r\nbc\r\n0\r\n\r\n" GET H "\r\n"),
	                "POST / [abc];GET /;"},
	        {BYTES(CHUNKED "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
	                "POST / [01234567890123456789a];"},
	        {BYTES(CHUNKED "0\r\n\r\n" CHUNKED "1\r\nz\r\n0\r\n\r\n"),
	                "POST /;POST / [z];"},
	        {BYTES(CHUNKED "3\r\nabc\r\n0\r\n"), "..."},
	        {BYTES(CHUNKED "0\r\nX-Trailer: 1\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "0\r\n\n"), "400;"},
	        {BYTES(CHUNKED "3\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "3\r\nabcd\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "3\r\nab\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "3\r\nabc0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED " 3\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "3 \r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "+3\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "-1\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED ";x\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n"), "400;"},
	        {BYTES(CHUNKED "100000000\r\n"), "400;"},
	        {BYTES(CHUNKED "ffffffff\r\n"), "413;"},
	        {BYTES(CHUNKED "800001\r\n"), "413;"},
	        /* framing that two readers could read differently */
	        {BYTES(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
	                "400;"},
	        {BYTES(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: 3, 3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: +3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: -3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: 0x3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: 3 3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length:\r\n\r\n"), "400;"},
	        {BYTES(POST "Content-Length : 3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length\t: 3\r\n\r\nabc"), "400;"},
	        {BYTES(POST "Content-Length: 8388609\r\n\r\n"), "413;"},
	        {BYTES(POST "Content-Length: 18446744073709551617\r\n\r\n"), "413;"},
	        {BYTES(POST "Content-Length: "
	                    "99999999999999999999999999999999999999999\r\n\r\n"),
	                "413;"},
	        {BYTES(POST "Content-Length: 3\r\nTransfer-Encoding: "
	                    "chunked\r\n\r\n0\r\n\r\n"),
	                "400;"},
	        {BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: "
	                    "3\r\n\r\n0\r\n\r\n"),
	                "400;"},
	        {BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
	                    "chunked\r\n\r\n"),
	                "400;"},
	        {BYTES(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding: identity\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding:\r\n\r\n"), "501;"},
	        {BYTES(POST "Transfer-Encoding: CHUNKED \r\n\r\n0\r\n\r\n"), "POST /;"},
	        {BYTES(POST "Transfer-Encoding : chunked\r\n\r\n"), "400;"},
	        {BYTES(POST "Transfer-Encoding: \vchunked\r\n\r\n"), "400;"},
	        {BYTES(POST " Transfer-Encoding: chunked\r\n\r\n"), "400;"},
	        {BYTES(POST "Transfer-Encoding:\r\n chunked\r\n\r\n"), "501;"},
	        {BYTES(POST "X: y\r\n chunked\r\n\r\n"), "400;"},
	        {BYTES(POST "X: y\r\n\tchunked\r\n\r\n"), "400;"},
	        {BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	                "400;"},
	        /* line ends and control characters */
	        {BYTES("GET / HTTP/1.1\n" H "\r\n"), "400;"},
	        {BYTES(GET "Host: x\n\r\n"), "400;"},
	        {BYTES(GET H "\n"), "400;"},
	        {BYTES(GET H "X: a\rb\r\n\r\n"), "400;"},
	        {BYTES(GET H "X: a\rContent-Length: 3\r\n\r\n"), "400;"},
	        {BYTES(GET H "X: a\r\r\n\r\n"), "400;"},
	        {BYTES(GET H "X: a\0b\r\n\r\n"), "400;"},
	        {BYTES(GET H "X\0: b\r\n\r\n"), "400;"},
	        {BYTES("GET /\0 HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES(GET H "X: a\x01\r\n\r\n"), "400;"},
	        {BYTES(GET H "X: a\x7f\r\n\r\n"), "400;"},
	        {BYTES(GET H ": b\r\n\r\n"), "400;"},
	        {BYTES(GET H "no colon\r\n\r\n"), "400;"},
	        {BYTES(GET H "X y: b\r\n\r\n"), "400;"},
	        {BYTES(GET H "\xea\xb9\x80: b\r\n\r\n"), "400;"},
	        {BYTES(GET H "(x): b\r\n\r\n"), "400;"},
	        /* the host */
	        {BYTES(GET "\r\n"), "400;"},
	        {BYTES(GET H H "\r\n"), "400;"},
	        {BYTES(GET "Host: a b\r\n\r\n"), "400;"},
	        {BYTES(GET "Host: a,b\r\n\r\n"), "400;"},
	        {BYTES(GET "Host: a@b\r\n\r\n"), "400;"},
	        {BYTES(GET "Host: a/b\r\n\r\n"), "400;"},
	        {BYTES("GET / HTTP/1.0\r\n" H H "\r\n"), "400;"},
	        /* the request line */
	        {BYTES("GET / HTTP/1.2\r\n" H "\r\n"), "505;"},
	        {BYTES("GET / HTTP/2.0\r\n" H "\r\n"), "505;"},
	        {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505;"},
	        {BYTES("GET / HTTP/0.9\r\n" H "\r\n"), "505;"},
	        {BYTES("GET /\r\n"), "400;"},
	        {BYTES("GET / http/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET / HTTP/1.10\r\n" H "\r\n"), "400;"},
	        {BYTES("GET / HTTP/1.1 \r\n" H "\r\n"), "400;"},
	        {BYTES("GET  / HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /  HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET\t/ HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES(" GET / HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a b HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /#a HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET http://x/ HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("OPTIONS * HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("CONNECT x:443 HTTP/1.1\r\n" H "\r\n"), "501;"},
	        {BYTES("get / HTTP/1.1\r\n" H "\r\n"), "501;"},
	        {BYTES("TRACE / HTTP/1.1\r\n" H "\r\n"), "501;"},
	        {BYTES("G(T / HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("\x16\x03\x01\x02\x00\x01\n"), "400;"},
	        /* paths */
	        {BYTES("GET /v1/%EA%B9%80?a=%41&b HTTP/1.1\r\n" H "\r\n"),
	                "GET /v1/\xea\xb9\x80?a=%41&b;"},
	        {BYTES("GET /v1/\xea\xb9\x80 HTTP/1.1\r\n" H "\r\n"),
	                "GET /v1/\xea\xb9\x80;"},
	        {BYTES("GET /v1/\xea\xb9 HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /%ff HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a%00b HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a%4 HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a%zz HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a% HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a/../b HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a/.. HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /./a HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /a..%2f..%2fb HTTP/1.1\r\n" H "\r\n"), "400;"},
	        {BYTES("GET /.a/..b/c. HTTP/1.1\r\n" H "\r\n"), "GET /.a/..b/c.;"},
	        {BYTES("GET /a?../.. HTTP/1.1\r\n" H "\r\n"), "GET /a?../..;"},
	        /* what follows a refusal is never a request */
	        {BYTES(POST
	                 "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" GET H
	                 "\r\n"),
	                "400;"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		same_at_every_cut(table[i].in.data, table[i].in.len, table[i].expected);
}

static void fill(struct buf *out, size_t lines, size_t value)
{
	buf_reset(out);
	buf_adds(out, GET H);
	for (size_t i = 1; i < lines; i++)
		buf_printf(out, "X%zu: y\r\n", i);
	buf_adds(out, "Y: ");
	for (size_t i = 0; i < value; i++)
		buf_addc(out, 'y');
}

/* Sizes at their bound and one over it. */
static void test_bounds(void **state)
{
	(void)state;
	struct buf in = {.len = 0}, out = {.len = 0};
	static const struct {
		size_t lines, block;
		const char *end, *expected;
	} table[] = {
	        {62, 0, "\r\n\r\n", "GET /;"},
	        {63, 0, "\r\n\r\n", "GET /;"},
	        {64, 0, "\r\n\r\n", "431;"},
	        {1, HTTP_HEADER_MAX, "\r\n\r\n", "GET /;"},
	        {1, HTTP_HEADER_MAX + 1, "\r\n\r\n", "431;"},
	        {1, 3 * HTTP_HEADER_MAX, "\r\n\r\n", "431;"},
	        {1, HTTP_HEADER_MAX - 1, "", "..."},
	        {1, HTTP_HEADER_MAX, "", "431;"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		fill(&in, table[i].lines, 0);
		size_t end = strlen(table[i].end);
		if (table[i].block)
			fill(&in, table[i].lines, table[i].block - in.len - end);
		buf_adds(&in, table[i].end);
		static const size_t steps[] = {1, 7, 4096, 65536};
		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			buf_reset(&out);
			read_in(&out, in.data, in.len, 0, steps[j]);
			assert_string_equal(out.data, table[i].expected);
		}
	}
	buf_free(&in);
	buf_free(&out);
}

static void test_extensions_bounded(void **state)
{
	(void)state;
	struct buf in = {.len = 0}, out = {.len = 0};
	for (int over = 0; over <= 1; over++) {
		buf_reset(&in);
		buf_adds(&in, CHUNKED);
		for (int chunk = 0; chunk < 4; chunk++) {
			buf_adds(&in, "1;");
			for (int i = 0; i < CHUNK_EXTENSIONS_MAX / 4 + over; i++)
				buf_addc(&in, 'e');
			buf_adds(&in, "\r\na\r\n");
		}
		buf_adds(&in, "0\r\n\r\n");
		buf_reset(&out);
		read_in(&out, in.data, in.len, 0, 1000);
		assert_string_equal(out.data, over ? "400;" : "POST / [aaaa];");
	}
	buf_free(&in);
	buf_free(&out);
}

/* The largest body, by length and in chunks, with another request behind it. */
static void test_large_bodies(void **state)
{
	(void)state;
	static const char behind[] = GET H "\r\n";
	for (int chunked = 0; chunked <= 1; chunked++) {
		struct http *http = http_new();
		struct buf in = {.len = 0};
		if (chunked)
			buf_adds(&in, CHUNKED);
		else
			buf_printf(&in, POST "Content-Length: %d\r\n\r\n", HTTP_BODY_MAX);
		for (int sent = 0; sent < HTTP_BODY_MAX; sent += 4096) {
			if (chunked)
				buf_adds(&in, "1000\r\n");
			for (int i = 0; i < 4096; i++)
				buf_addc(&in, (char)('a' + (sent / 4096 + i) % 26));
			if (chunked)
				buf_adds(&in, "\r\n");
		}
		buf_printf(&in, "%s%s", chunked ? "0\r\n\r\n" : "", behind);
		enum http_state result = HTTP_MORE;
		for (size_t at = 0; at < in.len; at += 65536)
			result = http_feed(http, in.data + at,
			        in.len - at < 65536 ? in.len - at : 65536);
		assert_int_equal(result, HTTP_REQUEST);
		struct http_request *request = http_get(http);
		assert_int_equal(request->body_len, HTTP_BODY_MAX);
		for (int at = 0; at < HTTP_BODY_MAX; at += 997)
			assert_int_equal(
			        request->body[at], 'a' + (at / 4096 + at % 4096) % 26);
		assert_string_equal(http_header_get(request, "host"), "x");
		assert_int_equal(http_waiting(http), sizeof behind - 1);
		assert_int_equal(http_next(http), HTTP_REQUEST);
		assert_int_equal(http_get(http)->body_len, 0);
		assert_int_equal(http_next(http), HTTP_MORE);
		assert_true(http_idle(http));
		buf_free(&in);
		http_free(http);
	}
}

static void test_request_stands_while_more_comes(void **state)
{
	(void)state;
	struct http *http = http_new();
	static const char first[] = "POST /a?b=c HTTP/1.1\r\nHOST: Seoul "
	                            "\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nhi";
	assert_int_equal(http_feed(http, first, sizeof first - 1), HTTP_REQUEST);
	struct http_request *request = http_get(http);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(http_feed(http, GET H "\r\n", sizeof(GET H "\r\n") - 1),
		        HTTP_REQUEST);
	assert_ptr_equal(http_get(http), request);
	assert_string_equal(request->target, "/a?b=c");
	assert_string_equal(request->path, "/a");
	assert_string_equal(request->query, "b=c");
	assert_string_equal(request->body, "hi");
	assert_string_equal(http_header_get(request, "host"), "Seoul");
	assert_string_equal(http_header_get(request, "x-empty"), "");
	assert_null(http_header_get(request, "absent"));
	assert_int_equal(http_waiting(http), 3000 * (sizeof(GET H "\r\n") - 1));
	for (int i = 0; i < 3000; i++)
		assert_int_equal(http_next(http), HTTP_REQUEST);
	assert_int_equal(http_next(http), HTTP_MORE);
	assert_int_equal(http_held(http), 0);
	http_free(http);
}

static void test_continue(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		enum http_state expected;
	} table[] = {
	        {POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", HTTP_CONTINUE},
	        {POST "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n",
	                HTTP_CONTINUE},
	        {POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nh", HTTP_MORE},
	        {POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
	                HTTP_REQUEST},
	        {POST "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n", HTTP_REQUEST},
	        {POST "Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n",
	                HTTP_REFUSED},
	        {POST "Expect: the unexpected\r\nContent-Length: 2\r\n\r\n", HTTP_MORE},
	        {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
	                HTTP_MORE},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct http *http = http_new();
		enum http_state got = http_feed(http, table[i].in, strlen(table[i].in));
		assert_int_equal(got, table[i].expected);
		if (got == HTTP_CONTINUE) {
			assert_true(http_in_body(http));
			assert_string_equal(http_get(http)->path, "/");
			assert_int_equal(http_feed(http, "", 0), HTTP_MORE);
		}
		http_free(http);
	}
}

static void test_phases(void **state)
{
	(void)state;
	struct http *http = http_new();
	assert_true(http_idle(http) && !http_in_header(http) && !http_in_body(http));
	http_feed(http, "P", 1);
	assert_true(!http_idle(http) && http_in_header(http) && !http_in_body(http));
	static const char rest[] = "OST / HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\n";
	http_feed(http, rest, sizeof rest - 1);
	assert_true(!http_idle(http) && !http_in_header(http) && http_in_body(http));
	assert_int_equal(http_feed(http, "xGET", 4), HTTP_REQUEST);
	assert_int_equal(http_waiting(http), 3);
	assert_int_equal(http_next(http), HTTP_MORE);
	assert_true(http_in_header(http));
	http_free(http);
}

static void test_query(void **state)
{
	(void)state;
	static const struct {
		const char *query, *name, *expected;
	} table[] = {
	        {"a=1&b=2", "a", "1"},
	        {"a=1&b=2", "b", "2"},
	        {"a=1&b=2", "c", NULL},
	        {"ab=1&b=2", "b", "2"},
	        {"a=1&a=2", "a", "1"},
	        {"a", "a", ""},
	        {"a=", "a", ""},
	        {"&&a=x", "a", "x"},
	        {"a=x=y", "a", "x=y"},
	        {"a=x+y%20z", "a", "x y z"},
	        {"a=%2B", "a", "+"},
	        {"a=%EB%8B%A8%EA%B3%A8", "a", "단골"},
	        {"a=1234567", "a", "1234567"},
	        {"a=단골", "a", "단골"},
	        {"a=12345678", "a", NULL},
	        {"a=%4", "a", NULL},
	        {"a=%zz", "a", NULL},
	        {"a=%", "a", NULL},
	        {"a=%00", "a", NULL},
	        {"a=%ff", "a", NULL},
	        {"a=%4&b=1", "a", NULL},
	        {"", "a", NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct http_request request = {.query = mem_strdup(table[i].query)};
		char out[8];
		bool got = http_query(&request, table[i].name, out, sizeof out);
		assert_int_equal(got, table[i].expected != NULL);
		if (got)
			assert_string_equal(out, table[i].expected);
		free(request.query);
	}
}

static void test_responses(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *type, *extra, *body;
		bool keep_alive, head_only;
		const char *expected;
	} table[] = {
	        {200, "text/plain", NULL, "hi", true, false,
	                "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: "
	                "text/plain\r\n"
	                "Content-Length: 2\r\n\r\nhi"},
	        {200, "text/plain", NULL, "hi", true, true,
	                "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: "
	                "text/plain\r\n"
	                "Content-Length: 2\r\n\r\n"},
	        {429, NULL, "Retry-After: 1\r\n", "", false, false,
	                "HTTP/1.1 429 Too Many Requests\r\nCache-Control: no-store\r\n"
	                "Connection: close\r\nContent-Length: 0\r\nRetry-After: "
	                "1\r\n\r\n"},
	        {204, NULL, NULL, "", true, false,
	                "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n\r\n"},
	};
	struct buf out = {.len = 0};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		buf_reset(&out);
		http_respond(&out, table[i].status, table[i].type, table[i].extra,
		        table[i].body, strlen(table[i].body), table[i].keep_alive,
		        table[i].head_only);
		assert_string_equal(out.data, table[i].expected);
	}
	buf_reset(&out);
	http_respond_stream(&out, 200, "text/csv", true, true);
	assert_string_equal(out.data,
	        "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: text/csv\r\n"
	        "Transfer-Encoding: chunked\r\n\r\n");
	buf_free(&out);
}

#define AUTH(s) "Authorization: " s "\r\n"
static void test_admission(void **state)
{
	(void)state;
	static const struct {
		const char *line, *headers;
		int expected;
	} table[] = {
	        {"GET /healthz", "Host: localhost\r\n", 0},
	        {"GET /healthz?x=1", "Host: 127.0.0.1:8484\r\n", 0},
	        {"POST /healthz", "Host: localhost\r\n", 401},
	        {"GET /healthz/", "Host: localhost\r\n", 401},
	        {"GET /healthz", "Host: evil.example\r\n", 400},
	        {"GET /nothing", "Host: localhost\r\n", 401},
	        {"GET /", "Host: [::1]:1\r\n" AUTH("Bearer secret"), 0},
	        {"GET /", "Host: LOCALHOST:80\r\n" AUTH("bearer  secret"), 0},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer till"), 0},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer tills"), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer secre"), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer secrets"), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer "), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("Bearer"), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("Basic secret"), 401},
	        {"GET /", "Host: localhost\r\n" AUTH("secret"), 401},
	        {"GET /", "Host: localhost.evil\r\n" AUTH("Bearer secret"), 400},
	        {"GET /", "Host: localhost:\r\n" AUTH("Bearer secret"), 400},
	        {"GET /", "Host: localhost:80x\r\n" AUTH("Bearer secret"), 400},
	        {"GET /", "Host: 127.0.0.1.evil:80\r\n" AUTH("Bearer secret"), 400},
	        {"GET /", "Host:\r\n" AUTH("Bearer secret"), 400},
	};
	char data[] = "secret";
	char post_data[] = "till";
	struct secret token = {data, 6}, empty = {data, 0}, post = {post_data, 4};
	const struct admit_tokens tokens = {&token, &post}, no_tokens = {&empty, NULL};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct http *http = http_new();
		char *in = mem_printf(
		        "%s HTTP/1.1\r\n%s\r\n", table[i].line, table[i].headers);
		assert_int_equal(http_feed(http, in, strlen(in)), HTTP_REQUEST);
		const char *why = NULL;
		enum role role = ROLE_ALL;
		assert_int_equal(admit_request(http_get(http), &tokens, &role, &why),
		        table[i].expected);
		bool shown = table[i].expected == 0 && strstr(in, "Authorization");
		assert_int_equal(role, !shown               ? ROLE_NONE
		                       : strstr(in, "till") ? ROLE_POST
		                                            : ROLE_ALL);
		assert_int_equal(why != NULL, table[i].expected != 0);
		if (strstr(in, "Bearer \r\n"))
			assert_int_equal(
			        admit_request(http_get(http), &no_tokens, &role, &why),
			        401);
		free(in);
		http_free(http);
	}
}

int main(void)
{
	log_set_korean(false);
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_requests),
	        cmocka_unit_test(test_bounds),
	        cmocka_unit_test(test_extensions_bounded),
	        cmocka_unit_test(test_large_bodies),
	        cmocka_unit_test(test_request_stands_while_more_comes),
	        cmocka_unit_test(test_continue),
	        cmocka_unit_test(test_phases),
	        cmocka_unit_test(test_query),
	        cmocka_unit_test(test_responses),
	        cmocka_unit_test(test_admission),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
