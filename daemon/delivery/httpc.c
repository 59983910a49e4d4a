/* HTTP out, on libcurl's multi interface. Never resolves, connects or waits on the loop,
 * follows no redirect, and never sends a request a second time by itself. */
#include "delivery/httpc.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"

#define CONNECT_MS 10000L
#define WHOLE_MS 30000L
#define ANSWER_MOST ((size_t)64 * 1024)
#define RETRY_AFTER_MOST_S 3600

struct post {
	struct post *next, **at; /* in httpc->posts */
	struct httpc *httpc;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	struct buf answer;
	size_t most; /* bytes of it */
	bool too_long;
	httpc_done done;
	void *arg;
};

struct httpc {
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t timer, grace;
	int connections, in_flight, handles;
	struct post *posts;
	struct watch *kept; /* the sockets of connections */
	CURL **spare;       /* easy handles to use again, at most `connections` */
	int n_spare;
	bool closing, busy;
	void (*freed)(void *arg);
	void *freed_arg;
};

/* One socket of libcurl's in the loop. A connection's own stays in it from one request to
 * the next: joining and leaving would cost as much as the request. */
struct watch {
	struct watch *next; /* in httpc->kept */
	uv_poll_t poll;
	struct httpc *httpc;
	curl_socket_t fd;
	int events; /* asked of the loop */
	bool idle;  /* libcurl does not want it now */
};

/* ---- addresses ---- */

static bool loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (!strcasecmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool httpc_allowed(const char *url)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *bare;
	bool good = false;

	if (!parts)
		log_die("out of memory");
	if (!curl_url_set(parts, CURLUPART_URL, url, 0) &&
	        !curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) &&
	        !curl_url_get(parts, CURLUPART_HOST, &host, 0)) {
		bare = host[0] == '[' ? host + 1 : host;
		bare[strcspn(bare, "]")] = 0;
		good = !strcmp(scheme, "https") ||
		       (!strcmp(scheme, "http") && loopback(bare));
	}
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return good;
}

/* ---- libcurl in the loop ---- */

static void check_done(struct httpc *httpc);
static void watch_stop(struct watch *watch);

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct httpc *httpc = watch->httpc;

	free(watch);
	httpc->handles--;
	check_done(httpc);
}

static void on_timeout(uv_timer_t *timer)
{
	struct httpc *httpc = timer->data;
	int running;

	curl_multi_socket_action(httpc->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_done(httpc);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct httpc *httpc = watch->httpc;
	int flags = 0, running;

	if (watch->idle) {
		watch_stop(watch); /* the other side has hung up, or speaks unasked */
		return;
	}
	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(httpc->multi, watch->fd, flags, &running);
	check_done(httpc);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
	struct httpc *httpc = arg;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&httpc->timer);
	else
		uv_timer_start(&httpc->timer, on_timeout, (uint64_t)ms, 0);
	return 0;
}

static int watch_for(struct watch *watch, int events)
{
	watch->idle = false;
	if (watch->events == events)
		return 0;
	watch->events = events;
	return uv_poll_start(&watch->poll, events, on_ready);
}

static void watch_stop(struct watch *watch)
{
	watch->events = 0;
	uv_poll_stop(&watch->poll);
}

static struct watch **find_kept(struct httpc *httpc, curl_socket_t fd)
{
	struct watch **at = &httpc->kept;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	return at;
}

static struct watch *watch_new(struct httpc *httpc, curl_socket_t fd)
{
	struct watch *watch = mem_alloc(sizeof *watch);

	watch->httpc = httpc;
	watch->fd = fd;
	watch->poll.data = watch;
	if (uv_poll_init_socket(httpc->loop, &watch->poll, fd)) {
		free(watch);
		return NULL;
	}
	httpc->handles++;
	return watch;
}

static void watch_close(struct watch *watch)
{
	watch_stop(watch);
	uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *peer)
{
	struct httpc *httpc = arg;
	curl_socket_t fd =
	        socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
	struct watch *watch = fd < 0 ? NULL : watch_new(httpc, fd);

	(void)purpose;
	if (watch) {
		watch->idle = true;
		watch->next = httpc->kept;
		httpc->kept = watch;
	}
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_close(void *arg, curl_socket_t fd)
{
	struct watch **at = find_kept(arg, fd), *watch = *at;

	if (watch) {
		*at = watch->next;
		watch_close(watch);
	}
	return close(fd);
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
	struct httpc *httpc = arg;
	struct watch *kept = *find_kept(httpc, fd), *watch = kept ? kept : own;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE && kept) {
		kept->idle = true;
		return 0;
	}
	if (what == CURL_POLL_REMOVE) {
		if (watch) {
			watch_close(watch);
			curl_multi_assign(httpc->multi, fd, NULL);
		}
		return 0;
	}
	if (!watch) {
		watch = watch_new(httpc, fd);
		if (!watch)
			return -1;
		curl_multi_assign(httpc->multi, fd, watch);
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	return watch_for(watch, events) ? -1 : 0;
}

/* ---- one request ---- */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct post *post = arg;

	if (post->answer.len + size * n > post->most) {
		post->too_long = true;
		return 0;
	}
	buf_add(&post->answer, data, size * n);
	return size * n;
}

static bool bytes_left(CURL *easy)
{
	long size = 0;

	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &size);
	return size > 0;
}

/* libcurl repeats a request whose kept connection died under it; whether the first one
 * was taken nobody knows, so there is no second one. */
static int on_before_request(
        void *arg, char *their_ip, char *our_ip, int their_port, int our_port)
{
	struct post *post = arg;

	(void)their_ip, (void)our_ip, (void)their_port, (void)our_port;
	return bytes_left(post->easy) ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* What is the same for every request. */
static CURL *easy_new(struct httpc *httpc)
{
	CURL *easy = curl_easy_init();
	const char *file = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");

	if (!easy)
		log_die("out of memory");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, httpc);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, httpc);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_request);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, WHOLE_MS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* never joins a resolver */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "dangol/" DANGOL_VERSION);
	if (file && *file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	if (folder && *folder)
		curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
	return easy;
}

static void set_up(struct post *post, const struct httpc_request *request)
{
	CURL *easy = post->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, post);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
	if (post->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post->body);
		curl_easy_setopt(
		        easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, post);
}

/* Nothing of a request stays in the handle that the next one uses. */
static void clear(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, NULL);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, NULL);
}

static const char *why_failed(const struct post *post, CURLcode code)
{
	if (post->too_long)
		return TR("the answer is too long", "답이 너무 깁니다");
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return TR("the server's name cannot be resolved",
		        "서버 이름을 찾을 수 없습니다");
	case CURLE_COULDNT_CONNECT:
		return TR("the server cannot be reached", "서버에 연결할 수 없습니다");
	case CURLE_OPERATION_TIMEDOUT:
		return TR("the server did not answer in time",
		        "서버가 제때 답하지 않았습니다");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return TR("the server's certificate is not to be trusted",
		        "서버 인증서를 믿을 수 없습니다");
	case CURLE_SSL_CONNECT_ERROR:
		return TR("no encrypted connection (TLS 1.2 or later) came about",
		        "암호화 연결(TLS 1.2 이상)을 맺지 못했습니다");
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return TR("the connection broke before the answer",
		        "답이 오기 전에 연결이 끊겼습니다");
	case CURLE_PARTIAL_FILE:
		return TR("the answer broke off", "답이 도중에 끊겼습니다");
	default:
		return curl_easy_strerror(code);
	}
}

/* Room grows before the answer is told: who is told may ask for it. */
static void leave(struct post *post)
{
	*post->at = post->next;
	if (post->next)
		post->next->at = post->at;
	post->httpc->in_flight--;
	curl_multi_remove_handle(post->httpc->multi, post->easy);
}

/* Keys stand in the headers, tokens in answers, people in both bodies. */
static void wipe(struct post *post)
{
	for (struct curl_slist *line = post->headers; line; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	if (post->body)
		explicit_bzero(post->body, strlen(post->body));
	if (post->answer.data)
		explicit_bzero(post->answer.data, post->answer.len);
}

static void post_free(struct post *post)
{
	struct httpc *httpc = post->httpc;

	clear(post->easy);
	if (httpc->n_spare < httpc->connections && !httpc->closing)
		httpc->spare[httpc->n_spare++] = post->easy;
	else
		curl_easy_cleanup(post->easy);
	wipe(post);
	curl_slist_free_all(post->headers);
	free(post->body);
	buf_free(&post->answer);
	free(post);
}

static void answer(struct post *post, CURLcode code)
{
	struct httpc_answer answer = {.result = HTTPC_ANSWERED};
	curl_off_t retry_after = 0;
	long status = 0;

	curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &retry_after);
	if (retry_after > RETRY_AFTER_MOST_S)
		retry_after = RETRY_AFTER_MOST_S;
	if (code != CURLE_OK) {
		answer.result = bytes_left(post->easy) ? HTTPC_LOST : HTTPC_NOT_SENT;
		answer.why = why_failed(post, code);
	} else {
		answer.status = (int)status;
		answer.retry_after_ms = (int64_t)retry_after * 1000;
	}
	answer.body = post->answer.data ? post->answer.data : "";
	answer.body_len = post->answer.len;
	leave(post);
	post->done(post->arg, &answer);
	post_free(post);
}

void httpc_ask(struct httpc *httpc, const struct httpc_request *request, httpc_done done,
        void *arg)
{
	struct post *post = mem_alloc(sizeof *post);

	assert(httpc_room(httpc) > 0 && !httpc->closing);
	post->httpc = httpc;
	post->done = done;
	post->arg = arg;
	post->most = request->most ? request->most : ANSWER_MOST;
	post->body = request->body ? mem_strndup(request->body, request->len) : NULL;
	post->headers = curl_slist_append(NULL, "Expect:");
	for (const char *const *line = request->headers; *line; line++)
		post->headers = curl_slist_append(post->headers, *line);
	post->easy = httpc->n_spare ? httpc->spare[--httpc->n_spare] : easy_new(httpc);
	if (!post->headers)
		log_die("out of memory");
	post->next = httpc->posts;
	post->at = &httpc->posts;
	if (post->next)
		post->next->at = &post->next;
	httpc->posts = post;
	httpc->in_flight++;
	set_up(post, request);
	if (curl_multi_add_handle(httpc->multi, post->easy))
		log_die("libcurl takes no request");
}

int httpc_in_flight(const struct httpc *httpc)
{
	return httpc->in_flight;
}

int httpc_room(const struct httpc *httpc)
{
	return httpc->closing ? 0 : httpc->connections - httpc->in_flight;
}

/* ---- beginning and end ---- */

struct httpc *httpc_new(uv_loop_t *loop, int connections)
{
	static bool begun;
	struct httpc *httpc = mem_alloc(sizeof *httpc);

	if (!begun && curl_global_init(CURL_GLOBAL_DEFAULT))
		log_die("libcurl does not start");
	begun = true;
	httpc->loop = loop;
	httpc->connections = connections;
	httpc->spare = mem_alloc((size_t)connections * sizeof *httpc->spare);
	httpc->multi = curl_multi_init();
	if (!httpc->multi)
		log_die("out of memory");
	curl_multi_setopt(httpc->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
	curl_multi_setopt(httpc->multi, CURLMOPT_SOCKETDATA, httpc);
	curl_multi_setopt(httpc->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl_multi_setopt(httpc->multi, CURLMOPT_TIMERDATA, httpc);
	curl_multi_setopt(httpc->multi, CURLMOPT_MAXCONNECTS, (long)connections);
	uv_timer_init(loop, &httpc->timer);
	uv_timer_init(loop, &httpc->grace);
	httpc->timer.data = httpc->grace.data = httpc;
	return httpc;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct httpc *httpc = handle->data;

	httpc->handles--;
	check_done(httpc);
}

static void shut(struct httpc *httpc)
{
	while (httpc->n_spare)
		curl_easy_cleanup(httpc->spare[--httpc->n_spare]);
	httpc->handles += 2;
	curl_multi_cleanup(httpc->multi); /* takes its sockets out of the loop */
	httpc->multi = NULL;
	uv_close((uv_handle_t *)&httpc->timer, on_timer_closed);
	uv_close((uv_handle_t *)&httpc->grace, on_timer_closed);
}

/* What has been answered is told; once closing and empty, everything is shut. */
static void check_done(struct httpc *httpc)
{
	CURLMsg *message;
	int left;

	if (httpc->busy)
		return;
	httpc->busy = true;
	while (httpc->multi && (message = curl_multi_info_read(httpc->multi, &left))) {
		struct post *post;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
		answer(post, message->data.result);
	}
	httpc->busy = false;
	if (!httpc->closing || httpc->in_flight)
		return;
	if (httpc->multi) {
		shut(httpc);
	} else if (!httpc->handles) {
		if (httpc->freed)
			httpc->freed(httpc->freed_arg);
		free(httpc->spare);
		free(httpc);
	}
}

static void on_grace_over(uv_timer_t *timer)
{
	struct httpc *httpc = timer->data;

	while (httpc->posts)
		answer(httpc->posts, CURLE_OPERATION_TIMEDOUT);
	check_done(httpc);
}

void httpc_free(struct httpc *httpc, int grace_ms, void (*freed)(void *arg), void *arg)
{
	httpc->closing = true;
	httpc->freed = freed;
	httpc->freed_arg = arg;
	uv_timer_start(&httpc->grace, on_grace_over, (uint64_t)grace_ms, 0);
	if (!httpc->in_flight)
		uv_timer_start(&httpc->grace, on_grace_over, 0, 0);
}
