/* The other side of a measurement: `load events` posts events over keep-alive
 * connections, `load sink` is an HTTP server that answers 200 to everything and counts.
 * Both are epoll loops, cheap beside what they measure. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BUF (1 << 20)

struct peer {
	int fd;
	char *in, *out;
	size_t in_len, out_len, out_at;
	double asked_at;
};

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int dial(const char *where)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {
	        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool local = where[0] == '/';
	int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0), one = 1;

	if (local)
		snprintf(un.sun_path, sizeof un.sun_path, "%s", where);
	else
		in.sin_port = htons((uint16_t)atoi(where));
	if (connect(fd, local ? (void *)&un : (void *)&in, local ? sizeof un : sizeof in))
		die(where);
	if (!local)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

/* The length of the first whole HTTP message in the buffer, 0 when there is none yet. */
static size_t whole(char *data, size_t len)
{
	char *end, *field;
	size_t body = 0;

	data[len] = 0;
	end = strstr(data, "\r\n\r\n");
	if (!end)
		return 0;
	*end = 0;
	field = strcasestr(data, "\r\nContent-Length:");
	if (field)
		body = strtoul(field + 17, NULL, 10);
	*end = '\r';
	return (size_t)(end - data) + 4 + body <= len ? (size_t)(end - data) + 4 + body
	                                              : 0;
}

/* ---- events ---- */

struct events {
	long total, batch, sent, done;
	int customers;
	const char *type, *token, *prefix;
	double *latency;
	long n_latency;
};

static size_t one_event(const struct events *e, char *out, long i)
{
	return (size_t)sprintf(out,
	        "{\"id\":\"%s%ld\",\"type\":\"%s\",\"customer\":{\"id\":\"C%ld\","
	        "\"name\":\"김하늘\",\"phone\":\"010-%04ld-%04ld\"},"
	        "\"data\":{\"order\":\"%s%ld\",\"total\":23500,\"items\":[{\"sku\":\"B-"
	        "ETH\",\"name\":\"예가체프\",\"category\":\"원두\","
	        "\"quantity\":1,\"price\":18000}],\"note\":\"a till in the corner of a "
	        "shop that sells beans and cakes\"}}",
	        e->prefix, i, e->type, i % e->customers,
	        (i % e->customers) / 10000 + 1000, (i % e->customers) % 10000, e->prefix,
	        i);
}

static bool ask(struct events *e, struct peer *p)
{
	static char body[BUF];
	size_t len = 0;

	if (e->sent >= e->total)
		return false;
	for (long i = 0; i < e->batch && e->sent < e->total; i++) {
		len += one_event(e, body + len, e->sent++);
		if (e->batch > 1)
			body[len++] = '\n';
	}
	p->out_len = (size_t)sprintf(p->out,
	        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
	        "application/%s\r\n%s%s%s"
	        "Content-Length: %zu\r\n\r\n",
	        e->batch > 1 ? "x-ndjson" : "json",
	        e->token ? "Authorization: Bearer " : "", e->token ? e->token : "",
	        e->token ? "\r\n" : "", len);
	memcpy(p->out + p->out_len, body, len);
	p->out_len += len;
	p->out_at = 0;
	p->asked_at = now_s();
	return true;
}

static void push(struct peer *p)
{
	while (p->out_at < p->out_len) {
		ssize_t n = write(p->fd, p->out + p->out_at, p->out_len - p->out_at);
		if (n < 0)
			die("write");
		p->out_at += (size_t)n;
	}
}

static void answered(struct events *e, struct peer *p, size_t len)
{
	if (strncmp(p->in, "HTTP/1.1 202", 12) ||
	        !memmem(p->in, len, "\"rejected\":[]", 13)) {
		fprintf(stderr, "%.*s\n", (int)len, p->in);
		exit(1);
	}
	e->latency[e->n_latency++] = now_s() - p->asked_at;
	e->done += e->batch;
	memmove(p->in, p->in + len, p->in_len - len);
	p->in_len -= len;
	if (ask(e, p))
		push(p);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int run_events(const char *where, int n, struct events *e)
{
	struct epoll_event ready[64];
	int poll = epoll_create1(0);
	double began;

	e->latency = calloc((size_t)(e->total / e->batch + n + 1), sizeof *e->latency);
	began = now_s();
	for (int i = 0; i < n; i++) {
		struct peer *p = calloc(1, sizeof *p);
		struct epoll_event want = {.events = EPOLLIN, .data.ptr = p};
		p->fd = dial(where);
		p->in = malloc(BUF + 1);
		p->out = malloc(BUF + 1);
		epoll_ctl(poll, EPOLL_CTL_ADD, p->fd, &want);
		if (ask(e, p))
			push(p);
	}
	while (e->done < e->total) {
		int got = epoll_wait(poll, ready, 64, 30000);
		if (got <= 0)
			die("no answer");
		for (int i = 0; i < got; i++) {
			struct peer *p = ready[i].data.ptr;
			ssize_t len = read(p->fd, p->in + p->in_len, BUF - p->in_len);
			size_t message;
			if (len <= 0)
				die("the server hung up");
			p->in_len += (size_t)len;
			while ((message = whole(p->in, p->in_len)))
				answered(e, p, message);
		}
	}
	qsort(e->latency, (size_t)e->n_latency, sizeof *e->latency, ascending);
	printf("{\"events\": %ld, \"seconds\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": "
	       "%.3f}\n",
	        e->total, now_s() - began, e->latency[e->n_latency / 2] * 1e3,
	        e->latency[e->n_latency * 99 / 100] * 1e3);
	return 0;
}

/* ---- sink ---- */

static volatile sig_atomic_t stop;
static void on_term(int n)
{
	(void)n;
	stop = 1;
}

static int listen_on(int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	        .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (void *)&in, sizeof in) || listen(fd, 1024))
		die("listen");
	return fd;
}

static void greet(int poll, int listener)
{
	struct peer *p = calloc(1, sizeof *p);
	struct epoll_event want = {.events = EPOLLIN, .data.ptr = p};
	int one = 1;

	p->fd = accept(listener, NULL, NULL);
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	p->in = malloc(BUF + 1);
	epoll_ctl(poll, EPOLL_CTL_ADD, p->fd, &want);
}

/* Counts what came; false when the peer has gone. */
static bool swallow(struct peer *p, long *count)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: "
	                             "application/json\r\nContent-Length: 2\r\n\r\n{}";
	ssize_t len = read(p->fd, p->in + p->in_len, BUF - p->in_len);
	size_t message;

	if (len <= 0)
		return false;
	p->in_len += (size_t)len;
	while ((message = whole(p->in, p->in_len))) {
		++*count;
		if (write(p->fd, answer, sizeof answer - 1) < 0)
			return false;
		memmove(p->in, p->in + message, p->in_len - message);
		p->in_len -= message;
	}
	return true;
}

/* Prints when the count reached `expect`, or what it was at SIGTERM. */
static int run_sink(int port, long expect)
{
	struct epoll_event ready[256], want = {.events = EPOLLIN, .data.ptr = NULL};
	int poll = epoll_create1(0), listener = listen_on(port);
	double first = 0, half = 0, last = 0;
	long count = 0, halfway = 0;

	signal(SIGTERM, on_term);
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	puts("listening");
	fflush(stdout);
	while (!stop && (!expect || count < expect)) {
		int got = epoll_wait(poll, ready, 256, 1000);
		for (int i = 0; i < got; i++) {
			struct peer *p = ready[i].data.ptr;
			if (!p) {
				greet(poll, listener);
			} else if (!swallow(p, &count)) {
				close(p->fd);
				free(p->in);
				free(p);
			}
		}
		if (count && !first)
			first = now_s();
		if (count >= expect / 2 && !half) {
			half = now_s();
			halfway = count;
		}
		if (got > 0)
			last = now_s();
	}
	printf("{\"requests\": %ld, \"seconds\": %.4f, \"rate_behind_half\": %.0f}\n",
	        count, last - first, (double)(count - halfway) / (last - half));
	return 0;
}

/* ---- from an event to its message ---- */

#define POSTERS 32

/* Posts at a steady rate over 32 connections and is the sink as well; a message's text is
 * its event's order. */
struct trip {
	double *sent, *took;
	long n, posted, arrived;
};

static void note_arrival(struct trip *t, struct peer *p, size_t message)
{
	char *text = strstr(p->in, "\"text\":\"t"), kept = p->in[message];
	long i;

	p->in[message] = 0;
	if (text && (i = atol(text + 9)) >= 0 && i < t->n && t->took[i] == 0) {
		t->took[i] = now_s() - t->sent[i];
		t->arrived++;
	}
	p->in[message] = kept;
}

static void take_in(struct trip *t, struct peer *p, bool is_sink)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	ssize_t len = read(p->fd, p->in + p->in_len, BUF - p->in_len);
	size_t message;

	if (len <= 0)
		return;
	p->in_len += (size_t)len;
	while ((message = whole(p->in, p->in_len))) {
		if (is_sink) {
			note_arrival(t, p, message);
			if (write(p->fd, answer, sizeof answer - 1) < 0)
				die("write");
		}
		memmove(p->in, p->in + message, p->in_len - message);
		p->in_len -= message;
	}
}

static void post_one(struct trip *t, struct peer *poster)
{
	char body[512], request[1024];
	int len = sprintf(body,
	        "{\"id\":\"t%ld\",\"type\":\"order.paid\",\"customer\":{\"id\":\"C%ld\","
	        "\"phone\":\"010-2000-%04ld\"},"
	        "\"data\":{\"order\":\"t%ld\",\"total\":1000}}",
	        t->posted, t->posted % 1000, t->posted % 1000, t->posted);
	int all = sprintf(request,
	        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
	        "application/json\r\nContent-Length: %d\r\n\r\n%s",
	        len, body);

	t->sent[t->posted++] = now_s();
	if (write(poster->fd, request, (size_t)all) != all)
		die("write");
}

static int run_trip(const char *where, int sink_port, double rate, long n)
{
	struct trip t = {calloc((size_t)n, sizeof(double)),
	        calloc((size_t)n, sizeof(double)), n, 0, 0};
	struct peer posters[POSTERS] = {{0}};
	struct epoll_event ready[64], want = {.events = EPOLLIN, .data.ptr = NULL};
	int poll = epoll_create1(0), listener = listen_on(sink_port);
	double began = now_s();

	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	for (int i = 0; i < POSTERS; i++) {
		posters[i] = (struct peer){.fd = dial(where), .in = malloc(BUF + 1)};
		want.data.ptr = &posters[i];
		epoll_ctl(poll, EPOLL_CTL_ADD, posters[i].fd, &want);
	}
	while (t.arrived < n && now_s() < began + (double)n / rate + 30) {
		int got = epoll_wait(poll, ready, 64, 1);
		for (int i = 0; i < got; i++) {
			if (!ready[i].data.ptr)
				greet(poll, listener);
			else
				take_in(&t, ready[i].data.ptr,
				        (struct peer *)ready[i].data.ptr < posters ||
				                (struct peer *)ready[i].data.ptr >=
				                        posters + POSTERS);
		}
		while (t.posted < n && now_s() >= began + (double)t.posted / rate)
			post_one(&t, &posters[t.posted % POSTERS]);
	}
	qsort(t.took, (size_t)n, sizeof *t.took, ascending);
	printf("{\"messages\": %ld, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", t.arrived,
	        t.took[n / 2] * 1e3, t.took[n * 99 / 100] * 1e3);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "trip"))
		return run_trip(argv[2], atoi(argv[3]), atof(argv[4]), atol(argv[5]));
	if (argc >= 3 && !strcmp(argv[1], "sink"))
		return run_sink(atoi(argv[2]), argc > 3 ? atol(argv[3]) : 0);
	if (argc >= 7 && !strcmp(argv[1], "events")) {
		struct events e = {.total = atol(argv[4]),
		        .batch = atol(argv[5]),
		        .customers = atoi(argv[6]),
		        .type = argc > 7 ? argv[7] : "order.paid",
		        .prefix = argc > 8 ? argv[8] : "e"};
		return run_events(argv[2], atoi(argv[3]), &e);
	}
	fputs("usage: load events SOCKET|PORT CONNECTIONS TOTAL BATCH CUSTOMERS [TYPE "
	      "[PREFIX]] | load sink PORT [EXPECT] | load trip SOCKET SINK-PORT RATE N\n",
	        stderr);
	return 2;
}
