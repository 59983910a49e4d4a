/* The references: the same work by the bare libraries, done as well as they allow, for
 * dangol to be measured against. Each prints one JSON line. `ingest N BATCH FILE`:
 * SQLite; `ingest-orders` the same with an order each. `http-in PORT`: libuv, llhttp and
 * Jansson behind a socket. `http-out PORT N FLIGHT
 * [BYTES]`: libcurl multi on libuv. `sweep FILE
 * SQL...`: hand-written questions over a store. */
#include <curl/curl.h>
#include <jansson.h>
#include <llhttp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

static double wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double cpu(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6 +
	       (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec / 1e6;
}

static void report(long n, double wall_s, double cpu_s)
{
	printf("{\"n\": %ld, \"seconds\": %.4f, \"cpu_us\": %.3f}\n", n, wall_s,
	        cpu_s * 1e6 / (double)n);
	fflush(stdout);
}

/* ---- durable ingest ---- */

static void sql(sqlite3 *db, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(db, text, NULL, NULL, &why)) {
		fprintf(stderr, "%s: %s\n", text, why);
		exit(1);
	}
}

/* What an order adds to its event: itself, its line, its customer's counters. */
struct order_rows {
	sqlite3_stmt *order, *item, *counters;
};

static void open_orders(sqlite3 *db, struct order_rows *rows)
{
	sql(db, "CREATE TABLE orders(id INTEGER PRIMARY KEY, source TEXT, ref TEXT, "
	        "customer INTEGER, paid_at INTEGER, total INTEGER);"
	        "CREATE UNIQUE INDEX orders_key ON orders(ref, source);"
	        "CREATE INDEX orders_customer ON orders(customer, paid_at);"
	        "CREATE TABLE order_item(order_id INTEGER, line INTEGER, sku TEXT, "
	        "category TEXT, quantity INTEGER, price INTEGER, "
	        "PRIMARY KEY(order_id, line)) WITHOUT ROWID;"
	        "ALTER TABLE customer ADD total INTEGER; "
	        "ALTER TABLE customer ADD last_at INTEGER;"
	        "CREATE INDEX customer_last ON customer(last_at) "
	        "WHERE last_at IS NOT NULL");
	sqlite3_prepare_v2(db,
	        "INSERT OR IGNORE INTO orders(source, ref, customer, paid_at, total) "
	        "VALUES('api', ?1, ?2, ?3, 23500)",
	        -1, &rows->order, NULL);
	sqlite3_prepare_v2(db,
	        "INSERT INTO order_item VALUES(?1, 1, 'B-ETH', 'beans', 1, 18000)", -1,
	        &rows->item, NULL);
	sqlite3_prepare_v2(db,
	        "UPDATE customer SET total = coalesce(total, 0) + 23500, last_at = ?2 "
	        "WHERE id = ?1",
	        -1, &rows->counters, NULL);
}

static void step(sqlite3_stmt *st)
{
	sqlite3_step(st);
	sqlite3_reset(st);
}

static void add_order(sqlite3 *db, struct order_rows *rows, const char *ref,
        int64_t customer, int64_t time)
{
	sqlite3_bind_text(rows->order, 1, ref, -1, SQLITE_STATIC);
	sqlite3_bind_int64(rows->order, 2, customer);
	sqlite3_bind_int64(rows->order, 3, time);
	step(rows->order);
	sqlite3_bind_int64(rows->item, 1, sqlite3_last_insert_rowid(db));
	step(rows->item);
	sqlite3_bind_int64(rows->counters, 1, customer);
	sqlite3_bind_int64(rows->counters, 2, time);
	step(rows->counters);
}

static int ingest(long n, long batch, const char *file, bool orders)
{
	struct order_rows rows;
	static const char data[] =
	        "{\"order\":\"e1\",\"total\":23500,\"items\":[{\"sku\":\"B-ETH\","
	        "\"category\":\"beans\",\"quantity\":1,\"price\":18000}]}";
	sqlite3_stmt *event, *customer;
	sqlite3 *db;
	double at, used;

	sqlite3_open(file, &db);
	sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	        "CREATE TABLE customer(id INTEGER PRIMARY KEY, ref TEXT UNIQUE, name "
	        "TEXT, phone TEXT, seen INTEGER, n INTEGER);"
	        "CREATE TABLE event(id INTEGER PRIMARY KEY, source TEXT, eid TEXT, type "
	        "TEXT, customer INTEGER, time INTEGER, data TEXT);"
	        "CREATE UNIQUE INDEX event_key ON event(source, eid); CREATE INDEX "
	        "event_customer ON event(customer, type, time);"
	        "CREATE INDEX event_type ON event(type, time)");
	sqlite3_prepare_v2(db,
	        "INSERT INTO customer(ref, name, phone, seen, n) VALUES(?1, ?2, ?3, ?4, "
	        "1) ON CONFLICT(ref) DO UPDATE "
	        "SET seen = excluded.seen, n = n + 1 RETURNING id",
	        -1, &customer, NULL);
	sqlite3_prepare_v2(db,
	        "INSERT OR IGNORE INTO event(source, eid, type, customer, time, data) "
	        "VALUES('api', ?1, 'order.paid', ?2, ?3, ?4)",
	        -1, &event, NULL);
	if (orders)
		open_orders(db, &rows);
	at = wall();
	used = cpu();
	for (long i = 0; i < n; i++) {
		char id[32], ref[32];
		int64_t known, now = 1795392900000 + i;
		if (i % batch == 0)
			sql(db, "BEGIN IMMEDIATE");
		snprintf(id, sizeof id, "e%ld", i);
		snprintf(ref, sizeof ref, "C%ld", i % 10000);
		sqlite3_bind_text(customer, 1, ref, -1, SQLITE_STATIC);
		sqlite3_bind_text(customer, 2, "김하늘", -1, SQLITE_STATIC);
		sqlite3_bind_text(customer, 3, "+821012345678", -1, SQLITE_STATIC);
		sqlite3_bind_int64(customer, 4, now);
		sqlite3_step(customer);
		known = sqlite3_column_int64(customer, 0);
		sqlite3_bind_text(event, 1, id, -1, SQLITE_STATIC);
		sqlite3_bind_int64(event, 2, known);
		sqlite3_bind_int64(event, 3, now);
		sqlite3_bind_text(event, 4, data, -1, SQLITE_STATIC);
		step(event);
		sqlite3_step(customer);
		sqlite3_reset(customer);
		if (orders)
			add_order(db, &rows, id, known, now);
		if (i % batch == batch - 1)
			sql(db, "COMMIT");
	}
	report(n, wall() - at, cpu() - used);
	return 0;
}

static long ask(sqlite3 *db, const char *question)
{
	sqlite3_stmt *st;
	long rows = 0;

	if (sqlite3_prepare_v2(db, question, -1, &st, NULL)) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		exit(1);
	}
	while (sqlite3_step(st) == SQLITE_ROW)
		rows++;
	sqlite3_finalize(st);
	return rows;
}

/* All questions one after another: once to have the file in memory, then measured, after
 * a pause: a daemon's hour comes on a cold processor too. */
static int sweep(const char *file, char *const *questions, int n)
{
	sqlite3 *db;
	double at, used;
	long rows = 0;

	sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL);
	for (int i = 0; i < n; i++)
		ask(db, questions[i]);
	sleep(2);
	at = wall();
	used = cpu();
	for (int i = 0; i < n; i++)
		rows += ask(db, questions[i]);
	printf("{\"n\": %ld, \"seconds\": %.6f, \"cpu_s\": %.6f}\n", rows, wall() - at,
	        cpu() - used);
	return 0;
}

/* ---- HTTP in ---- */

struct connection {
	uv_tcp_t tcp;
	llhttp_t parser;
	char body[65536], in[65536];
	size_t len;
};

static const char answer[] = "HTTP/1.1 202 Accepted\r\nContent-Type: "
                             "application/json\r\nContent-Length: 43\r\n\r\n"
                             "{\"accepted\":1,\"duplicate\":0,\"rejected\":[]}\n";
static llhttp_settings_t settings;
static long requests;

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct connection *c = parser->data;

	if (c->len + len < sizeof c->body)
		memcpy(c->body + c->len, at, len);
	c->len += len;
	return 0;
}

static int on_complete(llhttp_t *parser)
{
	struct connection *c = parser->data;
	json_t *json = json_loadb(c->body, c->len, 0, NULL);
	uv_buf_t out = uv_buf_init((char *)answer, sizeof answer - 1);

	requests += json_is_string(json_object_get(json, "id"));
	json_decref(json);
	c->len = 0;
	uv_try_write((uv_stream_t *)&c->tcp, &out, 1);
	return 0;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct connection *c = handle->data;

	(void)size;
	*buf = uv_buf_init(c->in, sizeof c->in);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct connection *c = stream->data;

	if (n < 0)
		uv_close((uv_handle_t *)stream, NULL);
	else
		llhttp_execute(&c->parser, buf->base, (size_t)n);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct connection *c = calloc(1, sizeof *c);

	(void)status;
	uv_tcp_init(server->loop, &c->tcp);
	c->tcp.data = c;
	uv_accept(server, (uv_stream_t *)&c->tcp);
	uv_tcp_nodelay(&c->tcp, 1);
	llhttp_init(&c->parser, HTTP_REQUEST, &settings);
	c->parser.data = c;
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
}

static double used_before;
static void on_term(uv_signal_t *handle, int number)
{
	(void)number;
	report(requests ? requests : 1, 0, cpu() - used_before);
	uv_stop(handle->loop);
}

static int http_in(int port)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in where;
	uv_signal_t term;
	uv_tcp_t server;

	llhttp_settings_init(&settings);
	settings.on_body = on_body;
	settings.on_message_complete = on_complete;
	uv_tcp_init(loop, &server);
	uv_ip4_addr("127.0.0.1", port, &where);
	uv_tcp_bind(&server, (struct sockaddr *)&where, 0);
	if (uv_listen((uv_stream_t *)&server, 512, on_connection))
		return 1;
	uv_signal_init(loop, &term);
	uv_signal_start(&term, on_term, SIGTERM);
	used_before = cpu();
	puts("listening");
	fflush(stdout);
	return uv_run(loop, UV_RUN_DEFAULT);
}

/* ---- HTTP out ---- */

struct out {
	CURLM *multi;
	uv_timer_t timer;
	long left, done, total;
	struct curl_slist *headers;
	char url[128], *body;
};
struct watch {
	uv_poll_t poll;
	struct out *out;
	curl_socket_t fd;
};

static size_t drop(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static void one_more(struct out *o, CURL *easy)
{
	if (!easy) {
		easy = curl_easy_init();
		curl_easy_setopt(easy, CURLOPT_URL, o->url);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, o->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(o->body));
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, o->headers);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	}
	o->left--;
	curl_multi_add_handle(o->multi, easy);
}

static void collect(struct out *o)
{
	CURLMsg *message;
	int waiting;

	while ((message = curl_multi_info_read(o->multi, &waiting))) {
		CURL *easy = message->easy_handle;
		curl_multi_remove_handle(o->multi, easy);
		o->done++;
		if (o->left > 0)
			one_more(o, easy);
		else
			curl_easy_cleanup(easy);
	}
	if (o->done == o->total)
		uv_stop(o->timer.loop);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	int running, flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
	                     (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

	(void)status;
	curl_multi_socket_action(w->out->multi, w->fd, flags, &running);
	collect(w->out);
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of)
{
	struct out *o = arg;
	struct watch *w = of;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			uv_close((uv_handle_t *)&w->poll, on_poll_closed);
		curl_multi_assign(o->multi, fd, NULL);
		return 0;
	}
	if (!w) {
		w = calloc(1, sizeof *w);
		w->out = o;
		w->fd = fd;
		uv_poll_init_socket(o->timer.loop, &w->poll, fd);
		w->poll.data = w;
		curl_multi_assign(o->multi, fd, w);
	}
	uv_poll_start(&w->poll,
	        (what & CURL_POLL_IN ? UV_READABLE : 0) |
	                (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
	        on_poll);
	return 0;
}

static void on_timeout(uv_timer_t *timer)
{
	struct out *o = timer->data;
	int running;

	curl_multi_socket_action(o->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(o);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct out *o = arg;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&o->timer);
	else
		uv_timer_start(&o->timer, on_timeout, (uint64_t)ms, 0);
	return 0;
}

static int http_out(int port, long n, long flight, size_t bytes)
{
	struct out o = {.left = n, .total = n};
	double at, used;

	curl_global_init(CURL_GLOBAL_ALL);
	snprintf(o.url, sizeof o.url, "http://127.0.0.1:%d/hook", port);
	o.body = calloc(1, bytes + 1);
	memset(o.body, 'x', bytes);
	o.headers = curl_slist_append(NULL, "Content-Type: application/json");
	o.headers = curl_slist_append(o.headers, "Expect:");
	o.multi = curl_multi_init();
	curl_multi_setopt(o.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(o.multi, CURLMOPT_SOCKETDATA, &o);
	curl_multi_setopt(o.multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(o.multi, CURLMOPT_TIMERDATA, &o);
	curl_multi_setopt(o.multi, CURLMOPT_MAXCONNECTS, flight);
	uv_timer_init(uv_default_loop(), &o.timer);
	o.timer.data = &o;
	at = wall();
	used = cpu();
	for (long i = 0; i < flight && o.left > 0; i++)
		one_more(&o, NULL);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	report(n, wall() - at, cpu() - used);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "ingest"))
		return ingest(atol(argv[2]), atol(argv[3]), argv[4], false);
	if (argc == 5 && !strcmp(argv[1], "ingest-orders"))
		return ingest(atol(argv[2]), atol(argv[3]), argv[4], true);
	if (argc == 3 && !strcmp(argv[1], "http-in"))
		return http_in(atoi(argv[2]));
	if (argc >= 5 && !strcmp(argv[1], "http-out"))
		return http_out(atoi(argv[2]), atol(argv[3]), atol(argv[4]),
		        argc > 5 ? (size_t)atol(argv[5]) : 600);
	if (argc >= 4 && !strcmp(argv[1], "sweep"))
		return sweep(argv[2], argv + 3, argc - 3);
	fputs("usage: reference ingest[-orders] N BATCH FILE | http-in PORT | http-out "
	      "PORT N "
	      "FLIGHT [BYTES] | sweep FILE SQL\n",
	        stderr);
	return 2;
}
