/* SMTP by libcurl, one letter after the other over a kept connection. Judges by the
 * server's replies, not by libcurl's result; never lets a letter's end leave unannounced.
 */
#include "delivery/mail/submit.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/outcome.h"

struct exchange {
	struct job *job;
	size_t read;
	enum reply_stage stage;
	int64_t wrote_us, reply_us; /* last command; how long its reply took */
	int code;                   /* of the last reply */
	char words[320];            /* its text */
};

static CURL *easy;
static struct outcome
        refused; /* the token was, with these words, and is not shown again */
static bool token_refused;
static int socket_fd = -1;

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg, (void)purpose;
	socket_fd = fd;
	return CURL_SOCKOPT_OK;
}

static size_t on_want(char *to, size_t size, size_t n, void *arg)
{
	struct exchange *exchange = arg;
	struct job *job = exchange->job;
	size_t left = job->len - exchange->read, most = size * n;

	if (left > most)
		left = most;
	if (!left && !batch_hold(job, socket_fd, exchange->reply_us, NULL))
		return CURL_READFUNC_ABORT;
	memcpy(to, job->text + exchange->read, left);
	exchange->read += left;
	return left;
}

/* Replies come here a line at a time. */
static size_t on_reply(char *line, size_t size, size_t n, void *arg)
{
	struct exchange *exchange = arg;
	size_t len = size * n;

	exchange->reply_us = batch_now_us() - exchange->wrote_us;
	exchange->code = 0;
	for (size_t i = 0; i < 3 && i < len && line[i] >= '0' && line[i] <= '9'; i++)
		exchange->code = exchange->code * 10 + line[i] - '0';
	outcome_copy(exchange->words, sizeof exchange->words, line + (len > 4 ? 4 : len),
	        len > 4 ? len - 4 : 0);
	return len;
}

/* Our own commands tell how far we are. A reply counts for the command after which it
 * came. */
static int on_traffic(CURL *handle, curl_infotype type, char *data, size_t len, void *arg)
{
	static const struct {
		const char *word;
		enum reply_stage stage;
	} words[] = {{"EHLO", REPLY_GREETING}, {"HELO", REPLY_GREETING},
	        {"STARTTLS", REPLY_GREETING}, {"AUTH", REPLY_AUTH},
	        {"AUTH XOAUTH2", REPLY_TOKEN}, {"MAIL", REPLY_MAIL}, {"RCPT", REPLY_RCPT},
	        {"DATA", REPLY_DATA}};
	struct exchange *exchange = arg;

	(void)handle;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	exchange->wrote_us = batch_now_us();
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (len >= strlen(words[i].word) &&
		        !strncmp(data, words[i].word, strlen(words[i].word))) {
			exchange->stage = words[i].stage;
			exchange->code = 0;
			exchange->words[0] = 0;
		}
	return 0;
}

static void set_up(
        const struct wire_setup *setup, struct exchange *exchange, struct curl_slist *to)
{
	char url[400];
	bool six = strchr(setup->server, ':') != NULL;

	snprintf(url, sizeof url, "%s://%s%s%s:%d",
	        setup->tls == TLS_IMPLICIT ? "smtps" : "smtp", six ? "[" : "",
	        setup->server, six ? "]" : "", (int)setup->port);
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)BATCH_CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)BATCH_LETTER_S);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (setup->tls != TLS_NONE)
		curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (getenv("SSL_CERT_FILE"))
		curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
	if (getenv("SSL_CERT_DIR"))
		curl_easy_setopt(easy, CURLOPT_CAPATH, getenv("SSL_CERT_DIR"));
	if (setup->token) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, setup->user);
		curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, setup->token);
	} else if (setup->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, setup->user);
		curl_easy_setopt(
		        easy, CURLOPT_PASSWORD, setup->password ? setup->password : "");
	}
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, exchange->job->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_want);
	curl_easy_setopt(easy, CURLOPT_READDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_reply);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_traffic);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, exchange);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

static struct outcome why_not(CURLcode code, enum reply_stage stage)
{
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
		return outcome_make(OUTCOME_NOT_SENT, "tls",
		        TR("no trusted encrypted connection to the mail server: %s",
		                "메일 서버와 믿을 수 있는 암호화 연결을 맺지 못했습니다: "
		                "%s"),
		        curl_easy_strerror(code));
	case CURLE_USE_SSL_FAILED:
		return outcome_make(OUTCOME_OPERATOR, "tls", "%s",
		        TR("the mail server offers no encryption",
		                "메일 서버가 암호화를 지원하지 않습니다"));
	case CURLE_LOGIN_DENIED:
		return reply_outcome(stage == REPLY_TOKEN ? stage : REPLY_AUTH,
		        &(struct reply){535, NULL}, NULL);
	case CURLE_OPERATION_TIMEDOUT:
		return outcome_make(OUTCOME_NOT_SENT, "timeout", "%s",
		        TR("the mail server did not answer in time",
		                "메일 서버가 제때 답하지 않았습니다"));
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return outcome_make(OUTCOME_NOT_SENT, "dropped", "%s",
		        TR("the mail server closed the connection",
		                "메일 서버가 연결을 끊었습니다"));
	default:
		return outcome_make(OUTCOME_NOT_SENT, "connect",
		        TR("the mail server cannot be reached: %s",
		                "메일 서버에 연결할 수 없습니다: %s"),
		        curl_easy_strerror(code));
	}
}

/* A refusal is the server's word; anything else that went wrong is a broken connection.
 */
static void judge(struct batch *batch, struct exchange *exchange, CURLcode code)
{
	struct reply reply = {exchange->code, exchange->words};
	struct outcome why = why_not(code, exchange->stage);

	if (code == CURLE_LOGIN_DENIED && exchange->stage == REPLY_TOKEN &&
	        reply.code / 100 != 4) {
		token_refused = true;
		refused = why;
	}
	if (code == CURLE_OK || (reply.code >= 400 && reply.code < 600)) {
		if (code == CURLE_OK && reply.code / 100 != 2)
			reply.code = 250;
		batch_reply(batch, exchange->job, exchange->stage, &reply);
	}
	batch_settle(batch, false, &why);
}

void submit_run(const struct wire_setup *setup, struct letter *letter)
{
	struct batch batch = {0};
	struct job *job = batch_add(&batch, letter);
	struct exchange exchange = {.job = job};
	struct curl_slist *to;
	CURLcode code;

	if (!job)
		return;
	if (token_refused) {
		batch_settle(&batch, false, &refused);
		return;
	}
	if (!easy &&
	        (curl_global_init(CURL_GLOBAL_DEFAULT) || !(easy = curl_easy_init())))
		log_die("libcurl does not start");
	to = curl_slist_append(NULL, job->to);
	batch_render(job);
	set_up(setup, &exchange, to);
	code = curl_easy_perform(easy);
	curl_slist_free_all(to);
	judge(&batch, &exchange, code);
}

void submit_rest(void)
{
	if (easy)
		curl_easy_cleanup(easy);
	easy = NULL;
}
