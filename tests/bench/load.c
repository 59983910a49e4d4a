/* The other side of a measurement: `load events` posts events over keep-alive
 * connections, `load sink` is an HTTP server that answers 200 to everything and counts.
 * Both are epoll loops, cheap beside what they measure. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/un.h>
#include <unistd.h>
#include "peer.h"

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
		peer_die(where);
	if (!local)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
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
	static char body[PEER_IN];
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
	p->asked_at = peer_now();
	return true;
}

static void push(struct peer *p)
{
	while (p->out_at < p->out_len) {
		ssize_t n = write(p->fd, p->out + p->out_at, p->out_len - p->out_at);
		if (n < 0)
			peer_die("write");
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
	e->latency[e->n_latency++] = peer_now() - p->asked_at;
	e->done += e->batch;
	peer_drop(p, len);
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
	began = peer_now();
	for (int i = 0; i < n; i++) {
		struct peer *p = calloc(1, sizeof *p);
		struct epoll_event want = {.events = EPOLLIN, .data.ptr = p};
		p->fd = dial(where);
		p->in = malloc(PEER_IN + 1);
		p->out = malloc(PEER_IN + 1);
		epoll_ctl(poll, EPOLL_CTL_ADD, p->fd, &want);
		if (ask(e, p))
			push(p);
	}
	while (e->done < e->total) {
		int got = epoll_wait(poll, ready, 64, 30000);
		if (got <= 0)
			peer_die("no answer");
		for (int i = 0; i < got; i++) {
			struct peer *p = ready[i].data.ptr;
			ssize_t len = read(p->fd, p->in + p->in_len, PEER_IN - p->in_len);
			size_t message;
			if (len <= 0)
				peer_die("the server hung up");
			p->in_len += (size_t)len;
			while ((message = peer_whole(p->in, p->in_len)))
				answered(e, p, message);
		}
	}
	qsort(e->latency, (size_t)e->n_latency, sizeof *e->latency, ascending);
	printf("{\"events\": %ld, \"seconds\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": "
	       "%.3f}\n",
	        e->total, peer_now() - began, e->latency[e->n_latency / 2] * 1e3,
	        e->latency[e->n_latency * 99 / 100] * 1e3);
	return 0;
}

/* ---- sink ---- */

/* Counts what came; false when the peer has gone. */
static bool swallow(struct peer *p, long *count)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: "
	                             "application/json\r\nContent-Length: 2\r\n\r\n{}";
	ssize_t len = read(p->fd, p->in + p->in_len, PEER_IN - p->in_len);
	size_t message;

	if (len <= 0)
		return false;
	p->in_len += (size_t)len;
	while ((message = peer_whole(p->in, p->in_len))) {
		++*count;
		if (write(p->fd, answer, sizeof answer - 1) < 0)
			return false;
		peer_drop(p, message);
	}
	return true;
}

/* Prints when the count reached `expect`, or what it was at SIGTERM. */
static int run_sink(int port, long expect)
{
	struct epoll_event ready[256], want = {.events = EPOLLIN, .data.ptr = NULL};
	int poll = epoll_create1(0), listener = peer_listen(port);
	double first = 0, half = 0, last = 0;
	long count = 0, halfway = 0;

	peer_end_on_term();
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	puts("listening");
	fflush(stdout);
	while (!peer_ended && (!expect || count < expect)) {
		int got = epoll_wait(poll, ready, 256, 1000);
		for (int i = 0; i < got; i++) {
			struct peer *p = ready[i].data.ptr;
			if (!p) {
				peer_greet(poll, listener);
			} else if (!swallow(p, &count)) {
				peer_bye(p);
			}
		}
		if (count && !first)
			first = peer_now();
		if (count >= expect / 2 && !half) {
			half = peer_now();
			halfway = count;
		}
		if (got > 0)
			last = peer_now();
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
		t->took[i] = peer_now() - t->sent[i];
		t->arrived++;
	}
	p->in[message] = kept;
}

static void take_in(struct trip *t, struct peer *p, bool is_sink)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	ssize_t len = read(p->fd, p->in + p->in_len, PEER_IN - p->in_len);
	size_t message;

	if (len <= 0)
		return;
	p->in_len += (size_t)len;
	while ((message = peer_whole(p->in, p->in_len))) {
		if (is_sink) {
			note_arrival(t, p, message);
			if (write(p->fd, answer, sizeof answer - 1) < 0)
				peer_die("write");
		}
		peer_drop(p, message);
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

	t->sent[t->posted++] = peer_now();
	if (write(poster->fd, request, (size_t)all) != all)
		peer_die("write");
}

static int run_trip(const char *where, int sink_port, double rate, long n)
{
	struct trip t = {calloc((size_t)n, sizeof(double)),
	        calloc((size_t)n, sizeof(double)), n, 0, 0};
	struct peer posters[POSTERS] = {{0}};
	struct epoll_event ready[64], want = {.events = EPOLLIN, .data.ptr = NULL};
	int poll = epoll_create1(0), listener = peer_listen(sink_port);
	double began = peer_now();

	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &want);
	for (int i = 0; i < POSTERS; i++) {
		posters[i] = (struct peer){.fd = dial(where), .in = malloc(PEER_IN + 1)};
		want.data.ptr = &posters[i];
		epoll_ctl(poll, EPOLL_CTL_ADD, posters[i].fd, &want);
	}
	while (t.arrived < n && peer_now() < began + (double)n / rate + 30) {
		int got = epoll_wait(poll, ready, 64, 1);
		for (int i = 0; i < got; i++) {
			if (!ready[i].data.ptr)
				peer_greet(poll, listener);
			else
				take_in(&t, ready[i].data.ptr,
				        (struct peer *)ready[i].data.ptr < posters ||
				                (struct peer *)ready[i].data.ptr >=
				                        posters + POSTERS);
		}
		while (t.posted < n && peer_now() >= began + (double)t.posted / rate)
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
