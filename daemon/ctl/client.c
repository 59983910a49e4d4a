/* Speaks to the daemon over its socket. It knows bytes and headers, and no call of the
 * API. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/log.h"
#include "ctl/client.h"

#define ANSWER_S 600 /* the longest silence, a backup's */
#define HEAD_MAX (64 * 1024)
#define BODY_MAX (256 * 1024 * 1024)

static const char *told;

void client_use(const char *socket_path)
{
	told = socket_path;
}

const char *client_socket(void)
{
	const char *env = getenv("DANGOL_SOCKET");
	if (told)
		return told;
	return env && env[0] ? env : "/run/dangol/dangol.sock";
}

static void unreachable(char why[512], int error)
{
	const char *path = client_socket();
	if (error == EACCES || error == EPERM)
		snprintf(why, 512,
		        TR("you may not use the daemon's socket %s: run this as a member "
		           "of its group, or as "
		           "root",
		                "데몬의 소켓 %s을(를) 쓸 권한이 없습니다. 그 그룹의 "
		                "사용자나 root로 실행해 주세요"),
		        path);
	else
		snprintf(why, 512,
		        TR("no daemon answers on %s (%s); start it with `systemctl start "
		           "dangold` or `dangold -c "
		           "dangol.conf`, or name its socket with -s",
		                "%s에서 답하는 데몬이 없습니다 (%s). `systemctl start "
		                "dangold`이나 `dangold -c dangol.conf`로 시작하거나 -s로 "
		                "소켓을 알려 주세요"),
		        path, strerror(error));
}

static int dial(char why[512])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = client_socket();
	if (strlen(path) >= sizeof address.sun_path) {
		snprintf(why, 512,
		        TR("the socket's path is too long: %s",
		                "소켓 경로가 너무 깁니다: %s"),
		        path);
		return -1;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
		unreachable(why, errno);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	struct timeval patience = {.tv_sec = ANSWER_S};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

/* A daemon that refuses answers before it has read all: what it says is read all the
 * same. */
static void send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

static void send_request(int fd, const struct client_request *request)
{
	struct buf head = {0};
	buf_printf(&head, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
	        request->method, request->target);
	if (request->type)
		buf_printf(&head, "Content-Type: %s\r\n", request->type);
	if (request->type || strcmp(request->method, "GET") != 0)
		buf_printf(&head, "Content-Length: %zu\r\n", request->len);
	buf_adds(&head, "\r\n");
	send_all(fd, head.data, head.len);
	if (request->len)
		send_all(fd, request->body, request->len);
	buf_free(&head);
}

/* What has been read and not used yet. */
struct reader {
	int fd;
	struct buf in;
	bool ended, failed;
};

static bool more(struct reader *r)
{
	char chunk[65536];
	if (r->ended)
		return false;
	ssize_t n;
	do
		n = recv(r->fd, chunk, sizeof chunk, 0);
	while (n < 0 && errno == EINTR);
	r->failed = n < 0;
	r->ended = n <= 0;
	if (n > 0)
		buf_add(&r->in, chunk, (size_t)n);
	return n > 0;
}

/* A line up to most bytes, without its CRLF; NULL at the end. New. */
static char *read_line(struct reader *r, size_t most)
{
	for (;;) {
		char *end = r->in.len ? memchr(r->in.data, '\n', r->in.len) : NULL;
		if (end) {
			size_t len = (size_t)(end - r->in.data),
			       keep = len > 0 && end[-1] == '\r' ? len - 1 : len;
			char *line = mem_strndup(r->in.data, keep);
			buf_drop(&r->in, len + 1);
			return line;
		}
		if (r->in.len > most || !more(r))
			return NULL;
	}
}

struct head {
	int status;
	bool chunked, has_length;
	size_t length;
};

static bool read_head(struct reader *r, struct head *head)
{
	*head = (struct head){0};
	char *line = read_line(r, HEAD_MAX);
	bool good = line && sscanf(line, "HTTP/1.%*1[01] %3d", &head->status) == 1;
	free(line);
	line = NULL;
	while (good && (line = read_line(r, HEAD_MAX)) && line[0]) {
		if (strncasecmp(line, "content-length:", 15) == 0) {
			head->has_length = true;
			head->length = strtoull(line + 15, NULL, 10);
		} else if (strncasecmp(line, "transfer-encoding:", 18) == 0) {
			head->chunked = strstr(line, "chunked") != NULL;
		}
		free(line);
		line = NULL;
	}
	good = good && line;
	free(line);
	return good;
}

/* Where a body goes: whole lines to their taker, or all of it into the answer. */
struct sink {
	const struct client_request *request;
	struct client_answer *answer;
};

static void give_lines(struct sink *sink, bool last)
{
	struct buf *body = &sink->answer->body;
	size_t used = 0;
	for (char *end; used < body->len &&
	                (end = memchr(body->data + used, '\n', body->len - used));) {
		size_t len = (size_t)(end - body->data) - used;
		sink->request->line(sink->request->arg, body->data + used, len);
		used += len + 1;
	}
	if (last && used < body->len) {
		sink->request->line(
		        sink->request->arg, body->data + used, body->len - used);
		used = body->len;
	}
	buf_drop(body, used);
}

static void give(struct sink *sink, const char *data, size_t len)
{
	buf_add(&sink->answer->body, data, len);
	if (sink->request->line && sink->answer->status < 300)
		give_lines(sink, false);
}

/* Moves len bytes from the reader to the sink; false when they do not come. */
static bool move(struct reader *r, struct sink *sink, size_t len)
{
	while (len > 0) {
		if (r->in.len == 0 && !more(r))
			return false;
		size_t n = r->in.len < len ? r->in.len : len;
		give(sink, r->in.data, n);
		buf_drop(&r->in, n);
		len -= n;
		if (sink->answer->body.len > BODY_MAX)
			return false;
	}
	return true;
}

static bool read_chunks(struct reader *r, struct sink *sink)
{
	for (;;) {
		char *line = read_line(r, 1024), *end = NULL;
		size_t len = line ? strtoull(line, &end, 16) : 0;
		bool good = line && end != line;
		free(line);
		if (!good)
			return false;
		if (len == 0)
			return true;
		if (!move(r, sink, len))
			return false;
		free(read_line(r, 16));
	}
}

static bool read_body(struct reader *r, const struct head *head, struct sink *sink)
{
	if (head->status == 204 || head->status == 304)
		return true;
	if (head->chunked)
		return read_chunks(r, sink);
	if (head->has_length)
		return move(r, sink, head->length);
	do {
		give(sink, r->in.data, r->in.len);
		buf_reset(&r->in);
	} while (more(r));
	return !r->failed;
}

static bool receive(
        struct reader *r, const struct client_request *request, struct client_answer *out)
{
	struct head head;
	struct sink sink = {request, out};
	do
		if (!read_head(r, &head))
			return false;
	while (head.status < 200);
	out->status = head.status;
	bool good = read_body(r, &head, &sink);
	if (request->line && out->status < 300)
		give_lines(&sink, true);
	return good;
}

int client_call(
        const struct client_request *request, struct client_answer *out, char why[512])
{
	*out = (struct client_answer){0};
	struct reader reader = {.fd = dial(why)};
	if (reader.fd < 0)
		return -1;
	send_request(reader.fd, request);
	bool good = receive(&reader, request, out);
	close(reader.fd);
	buf_free(&reader.in);
	if (good)
		return 0;
	buf_free(&out->body);
	snprintf(why, 512,
	        TR("the daemon on %s broke off its answer; look at `journalctl -u "
	           "dangol`",
	                "%s의 데몬이 답하다가 끊었습니다. `journalctl -u dangol`을 "
	                "살펴봐 주세요"),
	        client_socket());
	return -1;
}

void client_escape(struct buf *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		             (*p >= '0' && *p <= '9') || strchr("-_.~", *p);
		if (plain)
			buf_addc(out, (char)*p);
		else
			buf_printf(out, "%%%02X", *p);
	}
}
