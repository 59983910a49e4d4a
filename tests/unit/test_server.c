/* The server on a loop of its own, spoken to over real sockets: order, bounds, who may
 * come in, opening and closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "door/conn.h"
#include "door/listener.h"
#include "door/server.h"

#define H "Host: localhost\r\n"
#define SLOW_MAX 64

static uv_loop_t loop;
static char folder[] = "/tmp/test_server.XXXXXX", path[64];
static struct secret token = {(char[]){"secret"}, 6};
static struct server *server;
static bool closed;
static unsigned handled;
/* Exchanges whose answer the test gives itself. */
static struct exchange *slow[SLOW_MAX];
static unsigned n_slow;
static unsigned drained;

static void on_drain(struct exchange *ex, void *arg)
{
	(void)arg;
	drained++;
	if (exchange_gone(ex))
		exchange_end(ex);
}

static void stream(struct exchange *ex)
{
	static const char block[65536] = "x";
	exchange_on_drain(ex, on_drain, NULL);
	exchange_stream(ex, 200, "text/plain");
	while (exchange_chunk(ex, block, sizeof block))
		;
}

static void on_request(struct exchange *ex, void *arg)
{
	(void)arg;
	const struct http_request *request = exchange_request(ex);
	handled++;
	if (!strcmp(request->path, "/slow")) {
		assert_true(n_slow < SLOW_MAX);
		slow[n_slow++] = ex;
	} else if (!strcmp(request->path, "/stream"))
		stream(ex);
	else if (!strcmp(request->path, "/chunks")) {
		exchange_stream(ex, 200, "text/plain");
		exchange_chunk(ex, "abc", 3);
		exchange_chunk(ex, "", 0);
		exchange_chunk(ex, "0123456789", 10);
		exchange_end(ex);
	} else if (!strcmp(request->path, "/problem"))
		exchange_problem(ex, 422, "T", "a \"word\"", "/data/total", NULL);
	else
		exchange_answer(
		        ex, 200, NULL, NULL, request->path, strlen(request->path));
}

static void on_closed(void *arg)
{
	(void)arg;
	closed = true;
}

static struct server_listen both(void)
{
	return (struct server_listen){.socket_path = path,
	        .socket_mode = 0620,
	        .address = "127.0.0.1:0",
	        .token = &token};
}

static int set_up(void **state)
{
	(void)state;
	char why[256];
	struct server_listen listen = both();
	handled = n_slow = drained = 0;
	closed = false;
	server = server_open(&loop, &listen, on_request, NULL, why);
	return server ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	if (!closed)
		server_close(server, 0, on_closed, NULL);
	while (!closed)
		uv_run(&loop, UV_RUN_ONCE);
	return uv_run(&loop, UV_RUN_NOWAIT);
}

/* ---- a peer ---- */

static int connect_local(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	strcpy(to.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int connect_tcp(void)
{
	struct sockaddr_in to = {
	        .sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(server))};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void say(int fd, const char *text)
{
	size_t len = strlen(text);
	while (len) {
		ssize_t n = write(fd, text, len);
		assert_true(n > 0 || errno == EAGAIN);
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
		if (len)
			uv_run(&loop, UV_RUN_NOWAIT);
	}
}

/* Runs the loop until the peer has read text, or (NULL) the end. */
static void hear(int fd, struct buf *in, const char *text)
{
	char piece[4096];
	for (;;) {
		ssize_t n = read(fd, piece, sizeof piece);
		if (n > 0)
			buf_add(in, piece, (size_t)n);
		else if (n == 0 && !text)
			return;
		else
			assert_true(n < 0 && errno == EAGAIN);
		if (text && in->data && strstr(in->data, text))
			return;
		if (n < 0)
			uv_run(&loop, UV_RUN_ONCE);
	}
}

static unsigned count(const struct buf *in, const char *text)
{
	unsigned n = 0;
	for (const char *s = in->data; s && (s = strstr(s, text)); s++)
		n++;
	return n;
}

/* ---- the tests ---- */

static void test_pipeline_in_order(void **state)
{
	(void)state;
	struct buf in = {.len = 0};
	int fd = connect_local();
	say(fd, "GET /a HTTP/1.1\r\n" H "\r\nGET /slow HTTP/1.1\r\n" H
	        "\r\nGET /b HTTP/1.1\r\n" H "\r\nGET /c HTTP/1.1\r\n" H
	        "Connection: close\r\n\r\nGET /d HTTP/1.1\r\n" H "\r\n");
	hear(fd, &in, "/a");
	while (!n_slow)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(handled, 2);
	exchange_answer(slow[0], 202, NULL, NULL, "late", 4);
	/* The answer itself never starts the next one. */
	assert_int_equal(handled, 2);
	hear(fd, &in, NULL);
	assert_int_equal(handled, 4);
	const char *a = strstr(in.data, "/a"), *late = strstr(in.data, "late"),
	           *b = strstr(in.data, "/b"), *c = strstr(in.data, "/c");
	assert_true(a && a < late && late < b && b < c);
	assert_null(strstr(in.data, "/d"));
	assert_int_equal(count(&in, "Connection: close"), 1);
	buf_free(&in);
	close(fd);
}

/* A thousand requests at once, and the end of the peer's side behind them: all are
 * answered. */
static void test_many_then_end(void **state)
{
	(void)state;
	struct buf in = {.len = 0};
	int fd = connect_local();
	for (int i = 0; i < 1000; i++)
		say(fd, "GET /many HTTP/1.1\r\n" H "\r\n");
	shutdown(fd, SHUT_WR);
	hear(fd, &in, NULL);
	assert_int_equal(count(&in, "HTTP/1.1 200 OK"), 1000);
	buf_free(&in);
	close(fd);
}

static void test_reading_stops(void **state)
{
	(void)state;
	static char noise[256 * 1024];
	int fd = connect_local();
	say(fd, "GET /slow HTTP/1.1\r\n" H "\r\n");
	while (!n_slow)
		uv_run(&loop, UV_RUN_ONCE);
	memset(noise, 'x', sizeof noise);
	size_t sent = 0;
	/* Until neither side can go on: what the server took, and what the socket holds.
	 */
	for (int quiet = 0; quiet < 50; quiet++) {
		ssize_t n = write(fd, noise, sizeof noise);
		if (n > 0) {
			sent += (size_t)n;
			quiet = 0;
		}
		assert_true(sent < 8 * 1024 * 1024);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	exchange_answer(slow[0], 200, NULL, NULL, "", 0);
	close(fd);
}

static void test_streams(void **state)
{
	(void)state;
	static const struct {
		const char *line, *expected;
	} table[] = {
	        {"GET /chunks HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
	                "Transfer-Encoding: "
	                "chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"},
	        {"GET /chunks HTTP/1.0\r\n\r\n",
	                "Connection: close\r\n\r\nabc0123456789"},
	        {"HEAD /chunks HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
	                "Transfer-Encoding: chunked\r\n\r\n"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf in = {.len = 0};
		int fd = connect_local();
		say(fd, table[i].line);
		hear(fd, &in, NULL);
		size_t len = strlen(table[i].expected);
		assert_true(in.len > len);
		assert_string_equal(in.data + in.len - len, table[i].expected);
		buf_free(&in);
		close(fd);
	}
}

/* The producer hears of a peer that went, and of one that never asked for its answer. */
static void test_peer_goes(void **state)
{
	(void)state;
	int fd = connect_local();
	say(fd, "GET /stream HTTP/1.1\r\n" H "\r\n");
	while (!handled)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(drained, 0);
	close(fd);
	while (!drained)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(drained, 1);

	fd = connect_local();
	say(fd, "GET /slow HTTP/1.1\r\n" H "\r\n");
	while (!n_slow)
		uv_run(&loop, UV_RUN_ONCE);
	server_close(server, 0, on_closed, NULL);
	while (!closed)
		uv_run(&loop, UV_RUN_ONCE);
	assert_true(exchange_gone(slow[0]));
	assert_string_equal(exchange_request(slow[0])->path, "/slow");
	exchange_answer(slow[0], 200, NULL, NULL, "nobody", 6);
	close(fd);
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		bool tcp;
		const char *request, *status;
	} table[] = {
	        {false, "GET / HTTP/1.1\n", "HTTP/1.1 400 "},
	        {false, "BREW / HTTP/1.1\r\n", "HTTP/1.1 501 "},
	        {false, "POST / HTTP/1.1\r\n" H "Content-Length: 9000000\r\n\r\n",
	                "HTTP/1.1 413 "},
	        {true, "GET / HTTP/1.1\r\n" H "\r\n", "HTTP/1.1 401 "},
	        /* before a byte of the body has come */
	        {true, "POST / HTTP/1.1\r\n" H "Content-Length: 5000000\r\n\r\n",
	                "HTTP/1.1 401 "},
	        {true,
	                "POST / HTTP/1.1\r\n" H
	                "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	                "HTTP/1.1 401 "},
	        {true, "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
	                "HTTP/1.1 400 "},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf in = {.len = 0};
		int fd = table[i].tcp ? connect_tcp() : connect_local();
		say(fd, table[i].request);
		hear(fd, &in, NULL);
		assert_int_equal(
		        strncmp(in.data, table[i].status, strlen(table[i].status)), 0);
		assert_non_null(
		        strstr(in.data, "Content-Type: application/problem+json\r\n"));
		assert_non_null(strstr(in.data, "Connection: close\r\n"));
		bool challenged = strstr(in.data, "WWW-Authenticate: Bearer") != NULL;
		assert_int_equal(challenged, strstr(table[i].status, "401") != NULL);
		buf_free(&in);
		close(fd);
	}
	assert_int_equal(handled, 0);
}

static void test_tcp_with_token(void **state)
{
	(void)state;
	struct buf in = {.len = 0};
	int fd = connect_tcp();
	say(fd, "GET /healthz HTTP/1.1\r\n" H "\r\n");
	hear(fd, &in, "/healthz");
	say(fd, "GET /problem HTTP/1.1\r\n" H "Authorization: Bearer secret\r\n\r\n");
	hear(fd, &in, "total\"}");
	assert_non_null(strstr(in.data, "{\"title\":\"T\",\"status\":422,\"detail\":\"a "
	                                "\\\"word\\\"\",\"pointer\":\"/data/total\"}"));
	/* Each request shows its own token. */
	say(fd, "GET /problem HTTP/1.1\r\n" H "\r\n");
	hear(fd, &in, "HTTP/1.1 401 ");
	buf_free(&in);
	close(fd);
}

/* What has begun is finished, with a close; the socket file is gone. */
static void test_close(void **state)
{
	(void)state;
	struct buf in = {.len = 0};
	int fd = connect_local(), idle = connect_local();
	say(fd, "GET /slow HTTP/1.1\r\n" H "\r\nGET /never HTTP/1.1\r\n" H "\r\n");
	while (!n_slow)
		uv_run(&loop, UV_RUN_ONCE);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	server_close(server, 60000, on_closed, NULL);
	assert_int_equal(stat(path, &st), -1);
	hear(idle, &in, NULL);
	assert_int_equal(in.len, 0);
	exchange_answer(slow[0], 200, NULL, NULL, "done", 4);
	hear(fd, &in, NULL);
	assert_non_null(strstr(in.data, "done"));
	assert_non_null(strstr(in.data, "Connection: close"));
	assert_int_equal(handled, 1);
	assert_false(closed);
	close(fd);
	close(idle);
	while (!closed)
		uv_run(&loop, UV_RUN_ONCE);
	buf_free(&in);
}

static void refused(struct server_listen listen, const char *expected)
{
	char why[256] = "";
	assert_null(server_open(&loop, &listen, on_request, NULL, why));
	if (!strstr(why, expected))
		print_error("%s\n", why);
	assert_non_null(strstr(why, expected));
	uv_run(&loop, UV_RUN_NOWAIT);
}

static void test_opening(void **state)
{
	(void)state;
	char file[80], taken[32];
	snprintf(file, sizeof file, "%s/file", folder);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	snprintf(taken, sizeof taken, "127.0.0.1:%d", server_port(server));
	refused(both(), "is served already, by process");
	refused((struct server_listen){.socket_path = file}, "is a file, not a socket");
	refused((struct server_listen){.socket_path = "/tmp/no such/folder"},
	        "cannot open");
	refused((struct server_listen){.socket_path = file,
	                .socket_group = "no such group"},
	        "there is no group");
	refused((struct server_listen){.address = taken, .token = &token},
	        "another program");
	refused((struct server_listen){.address = "127.0.0.1:0"}, "needs a token");
	static const char *const bad[] = {"0.0.0.0:8484", "192.168.0.2:1", "[::]:8484",
	        "localhost:8484", "127.0.0.1", ":8484", "127.0.0.1:", "127.0.0.1:65536",
	        "127.0.0.1:-1", "::1:8484", "[]:1", "[:1", "[127.0.0.1]:1",
	        "127.0.0.1: 1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused((struct server_listen){.address = bad[i], .token = &token},
		        "no loopback address");
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	unlink(file);
}

static void test_stale_socket(void **state)
{
	(void)state;
	char why[256], stale[80];
	snprintf(stale, sizeof stale, "%s/stale", folder);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	strcpy(at.sun_path, stale);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	close(fd);
	struct listener listener = {.fd = -1};
	assert_true(listener_unix(&listener, stale, 0600, NULL, why));
	/* Another's file at our path is not ours to remove. */
	struct listener other = {.fd = -1};
	assert_true(listener_unix(&other, stale, 0600, NULL, why));
	listener_close(&listener);
	struct stat st;
	assert_int_equal(stat(stale, &st), 0);
	listener_close(&other);
	assert_int_equal(stat(stale, &st), -1);
}

static void test_deadlines(void **state)
{
	(void)state;
	static const struct {
		enum deadline_kind kind;
		uint64_t span_ms;
	} table[] = {{DEADLINE_HEADER, 30000}, {DEADLINE_BODY, 60000},
	        {DEADLINE_IDLE, 75000}, {DEADLINE_ANSWER, 60000},
	        {DEADLINE_LINGER, 5000}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct deadlines all;
		struct deadline first = {.kind = DEADLINE_NONE},
		                second = {.kind = DEADLINE_NONE};
		deadline_init(&all);
		deadline_set(&all, &first, table[i].kind, 1000);
		deadline_set(&all, &second, table[i].kind, 2000);
		/* Said again, it stays where it was. */
		deadline_set(&all, &first, table[i].kind, 9000);
		assert_null(deadline_due(&all, 999 + table[i].span_ms));
		assert_ptr_equal(deadline_due(&all, 1000 + table[i].span_ms), &first);
		deadline_set(&all, &first, DEADLINE_NONE, 0);
		assert_null(deadline_due(&all, 1999 + table[i].span_ms));
		assert_ptr_equal(deadline_due(&all, 2000 + table[i].span_ms), &second);
		deadline_set(&all, &second, DEADLINE_TURN, 0);
		assert_null(deadline_due(&all, UINT64_MAX));
		assert_int_equal(deadline_count(&all, DEADLINE_TURN), 1);
	}
}

#define ON_SERVER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	log_set_korean(false);
	alarm(60);
	uv_loop_init(&loop);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/socket", folder);
	const struct CMUnitTest tests[] = {
	        ON_SERVER(test_pipeline_in_order),
	        ON_SERVER(test_many_then_end),
	        ON_SERVER(test_reading_stops),
	        ON_SERVER(test_streams),
	        ON_SERVER(test_peer_goes),
	        ON_SERVER(test_refusals),
	        ON_SERVER(test_tcp_with_token),
	        ON_SERVER(test_close),
	        ON_SERVER(test_opening),
	        cmocka_unit_test(test_stale_socket),
	        cmocka_unit_test(test_deadlines),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed + (uv_loop_close(&loop) != 0);
}
