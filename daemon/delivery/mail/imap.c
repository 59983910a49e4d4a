/* Speaks IMAP over a connection of libcurl's. Believes no length that it reads; a server
 * that talks nonsense is left. */
#include "delivery/mail/imap.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "base/log.h"

#define CONNECT_S 20L
#define SIGN_IN_S 30L
#define ANSWER_MS 20000
#define LINE_MOST ((size_t)1 << 20) /* of a list of 100,000 mails */
#define LITERAL_MOST ((size_t)1 << 20)
#define SINCE_S ((time_t)30 * 86400)

struct imap {
	CURL *easy;
	const char *folder; /* borrowed */
	struct buf in;      /* what came and was not read yet */
	struct buf line;    /* the last one, without its end */
	int64_t validity;
	int tag;
	bool selected; /* to write */
};

/* ---- bytes ---- */

static bool wait_for(struct imap *imap, short events)
{
	struct pollfd fd = {.fd = -1, .events = events};
	curl_socket_t socket = CURL_SOCKET_BAD;

	curl_easy_getinfo(imap->easy, CURLINFO_ACTIVESOCKET, &socket);
	fd.fd = (int)socket;
	return socket != CURL_SOCKET_BAD && poll(&fd, 1, ANSWER_MS) > 0;
}

static bool fill(struct imap *imap)
{
	char space[16384];
	size_t n = 0;
	CURLcode code;

	while ((code = curl_easy_recv(imap->easy, space, sizeof space, &n)) ==
	        CURLE_AGAIN)
		if (!wait_for(imap, POLLIN))
			return false;
	if (code != CURLE_OK || !n)
		return false;
	buf_add(&imap->in, space, n);
	return true;
}

static bool say(struct imap *imap, const char *text)
{
	size_t done = 0, len = strlen(text), n;

	while (done < len) {
		CURLcode code = curl_easy_send(imap->easy, text + done, len - done, &n);

		if (code == CURLE_AGAIN && wait_for(imap, POLLOUT))
			continue;
		if (code != CURLE_OK)
			return false;
		done += n;
	}
	return true;
}

/* ---- lines ---- */

static bool read_line(struct imap *imap)
{
	char *end;
	size_t len;

	while (!imap->in.len || !(end = memchr(imap->in.data, '\n', imap->in.len)))
		if (imap->in.len > LINE_MOST || !fill(imap))
			return false;
	len = (size_t)(end - imap->in.data);
	buf_reset(&imap->line);
	buf_add(&imap->line, imap->in.data,
	        len && imap->in.data[len - 1] == '\r' ? len - 1 : len);
	buf_drop(&imap->in, len + 1);
	return true;
}

/* "{123}" at the line's end: so many bytes follow. -1: none do. */
static long literal_len(const struct imap *imap)
{
	const char *text = imap->line.data, *open = text ? strrchr(text, '{') : NULL;
	char *end;
	long n;

	if (!open || open[1] < '0' || open[1] > '9')
		return -1;
	n = strtol(open + 1, &end, 10);
	return end[0] == '}' && !end[1] ? n : -1;
}

/* Into out, or away. */
static bool read_literal(struct imap *imap, size_t len, struct buf *out)
{
	if (len > LITERAL_MOST)
		return false;
	while (imap->in.len < len)
		if (!fill(imap))
			return false;
	if (out)
		buf_add(out, imap->in.data, len);
	buf_drop(&imap->in, len);
	return true;
}

/* ---- commands ---- */

enum ended { ENDED_OK, ENDED_NO, ENDED_BROKEN };

static enum ended end_of(const char *word)
{
	if (!strncasecmp(word, "OK", 2))
		return ENDED_OK;
	return !strncasecmp(word, "NO", 2) || !strncasecmp(word, "BAD", 3) ? ENDED_NO
	                                                                   : ENDED_BROKEN;
}

/* Says it and reads up to its end. Lines that begin with "* " go to on_line, with what a
 * literal of theirs held (or NULL). */
static enum ended command(struct imap *imap, const char *words,
        void (*on_line)(
                struct imap *imap, const char *line, struct buf *literal, void *arg),
        void *arg)
{
	char tag[16], *text = mem_printf("D%d %s\r\n", ++imap->tag, words);
	int tag_len = snprintf(tag, sizeof tag, "D%d ", imap->tag);
	enum ended ended = ENDED_BROKEN;
	bool going = say(imap, text);

	free(text);
	while (going && read_line(imap)) {
		struct buf literal = {0};
		long len = literal_len(imap);
		char *line = mem_strdup(imap->line.data ? imap->line.data : "");

		if (!strncmp(line, tag, (size_t)tag_len)) {
			ended = end_of(line + tag_len);
			going = false;
		} else if (len >= 0 && !read_literal(imap, (size_t)len, &literal)) {
			going = false;
		} else if (on_line && !strncmp(line, "* ", 2)) {
			on_line(imap, line + 2, len >= 0 ? &literal : NULL, arg);
		}
		free(line);
		buf_free(&literal);
	}
	return ended;
}

static void no_sense(char why[256])
{
	snprintf(why, 256, "%s",
	        TR("the IMAP server did not answer in time, or not as one",
	                "IMAP 서버가 제때, 또는 바르게 답하지 않았습니다"));
}

/* ---- the folder ---- */

static void on_select(struct imap *imap, const char *line, struct buf *literal, void *arg)
{
	const char *at = strcasestr(line, "[UIDVALIDITY ");

	(void)literal, (void)arg;
	if (at)
		imap->validity = (int64_t)strtoul(at + 13, NULL, 10);
}

static enum ended look_at(struct imap *imap, const char *verb)
{
	char *words = mem_printf("%s \"%s\"", verb, imap->folder);
	enum ended ended = command(imap, words, on_select, NULL);

	free(words);
	return ended;
}

int64_t imap_validity(const struct imap *imap)
{
	return imap->validity;
}

struct uids {
	int64_t after, *items;
	int n, max;
	bool more;
};

/* In its place among the lowest ones; the highest falls out where there is no room. */
static void add_uid(struct uids *uids, int64_t uid)
{
	int at = uids->n;

	if (uid <= uids->after)
		return;
	while (at && uids->items[at - 1] > uid)
		at--;
	if (at && uids->items[at - 1] == uid)
		return;
	uids->more = uids->more || uids->n == uids->max;
	if (at == uids->max)
		return;
	uids->n -= uids->n == uids->max;
	memmove(&uids->items[at + 1], &uids->items[at],
	        (size_t)(uids->n - at) * sizeof uids->items[0]);
	uids->items[at] = uid;
	uids->n++;
}

static void on_search(struct imap *imap, const char *line, struct buf *literal, void *arg)
{
	char *end;

	(void)imap, (void)literal;
	if (strncasecmp(line, "SEARCH", 6))
		return;
	for (line += 6; *line; line = end) {
		unsigned long uid = strtoul(line, &end, 10);

		if (end == line)
			break;
		if (uid && uid <= UINT32_MAX)
			add_uid(arg, (int64_t)uid);
	}
}

int imap_list(struct imap *imap, int64_t after, int64_t *out, int max, bool *more,
        char why[256])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct uids uids = {.after = after, .items = out, .max = max};
	time_t since = time(NULL) - SINCE_S;
	char words[80];
	struct tm tm;

	gmtime_r(&since, &tm);
	snprintf(words, sizeof words, "UID SEARCH UID %" PRId64 ":* SINCE %d-%.3s-%d",
	        after + 1, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900);
	if (command(imap, words, on_search, &uids) != ENDED_OK) {
		no_sense(why);
		return -1;
	}
	*more = uids.more;
	return uids.n;
}

static void on_fetch(struct imap *imap, const char *line, struct buf *literal, void *arg)
{
	struct buf *out = arg;

	(void)imap;
	if (literal && strcasestr(line, " FETCH ") && strcasestr(line, "BODY[]") &&
	        !out->len)
		buf_add(out, literal->data, literal->len);
}

bool imap_read(
        struct imap *imap, int64_t uid, size_t most, struct buf *out, char why[256])
{
	char words[80];

	buf_reset(out);
	snprintf(words, sizeof words, "UID FETCH %" PRId64 " (BODY.PEEK[]<0.%zu>)", uid,
	        most);
	if (command(imap, words, on_fetch, out) == ENDED_BROKEN) {
		no_sense(why);
		return false;
	}
	if (out->len > most)
		out->len = most;
	return true;
}

bool imap_mark(struct imap *imap, int64_t uid)
{
	int64_t was = imap->validity;
	char words[80];

	if (!imap->selected) {
		imap->selected = look_at(imap, "SELECT") == ENDED_OK;
		if (!imap->selected || imap->validity != was)
			return false;
	}
	snprintf(
	        words, sizeof words, "UID STORE %" PRId64 " +FLAGS.SILENT (\\Seen)", uid);
	return command(imap, words, NULL, NULL) == ENDED_OK;
}

/* ---- signing in ---- */

static void set_up(CURL *easy, const struct wire_box *box, const char *url)
{
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, SIGN_IN_S);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (getenv("SSL_CERT_FILE"))
		curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
	if (getenv("SSL_CERT_DIR"))
		curl_easy_setopt(easy, CURLOPT_CAPATH, getenv("SSL_CERT_DIR"));
	curl_easy_setopt(easy, CURLOPT_USERNAME, box->user);
	if (box->token) {
		curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, box->token);
	} else {
		curl_easy_setopt(
		        easy, CURLOPT_PASSWORD, box->password ? box->password : "");
	}
}

static void why_not(CURLcode code, char why[256])
{
	if (code == CURLE_LOGIN_DENIED)
		snprintf(why, 256, "%s",
		        TR("the IMAP server refuses user, password or token of bounces; "
		           "put them right and send SIGHUP",
		                "IMAP 서버가 bounces의 사용자, 비밀번호나 토큰을 "
		                "거절했습니다. "
		                "고친 뒤 SIGHUP을 보내십시오"));
	else
		snprintf(why, 256,
		        TR("the IMAP server cannot be reached: %s",
		                "IMAP 서버에 연결할 수 없습니다: %s"),
		        curl_easy_strerror(code));
}

static bool sign_in(struct imap *imap, const struct wire_box *box, char why[256])
{
	bool six = strchr(box->box.server, ':') != NULL;
	char *url = mem_printf("%s://%s%s%s:%d/", box->box.tls ? "imaps" : "imap",
	        six ? "[" : "", box->box.server, six ? "]" : "", box->box.port);
	CURLcode code;

	set_up(imap->easy, box, url);
	code = curl_easy_perform(imap->easy);
	free(url);
	if (code != CURLE_OK)
		why_not(code, why);
	return code == CURLE_OK;
}

static bool examine(struct imap *imap, char why[256])
{
	enum ended ended = look_at(imap, "EXAMINE");

	if (ended == ENDED_OK && imap->validity)
		return true;
	if (ended == ENDED_NO)
		snprintf(why, 256,
		        TR("the IMAP server has no folder %s",
		                "IMAP 서버에 %s 폴더가 없습니다"),
		        imap->folder);
	else
		no_sense(why);
	return false;
}

struct imap *imap_open(const struct wire_box *box, char why[256])
{
	struct imap *imap = mem_alloc(sizeof *imap);

	imap->folder = box->box.name;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) || !(imap->easy = curl_easy_init()))
		log_die("libcurl does not start");
	if (sign_in(imap, box, why) && examine(imap, why))
		return imap;
	curl_easy_cleanup(imap->easy);
	buf_free(&imap->in);
	buf_free(&imap->line);
	free(imap);
	return NULL;
}
