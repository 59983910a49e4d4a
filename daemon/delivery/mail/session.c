/* SMTP by libesmtp. The library reports success where there was none, has no deadline for
 * connecting and checks certificates by the wrong name; so only statuses and our own
 * marks count here, a clock cuts every wait off, and OpenSSL checks the certificate. One
 * recipient a message, always. */
#include "delivery/mail/session.h"

#include <auth-client.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <libesmtp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/log.h"
#include "delivery/mail/desk.h"
#include "delivery/outcome.h"

#define DESCRIPTORS 64
#define LEAVE_S 5 /* for QUIT and the end of TLS */

struct session {
	const struct wire_setup *setup;
	struct batch *batch;
	smtp_session_t smtp;
	enum reply_stage stage;
	bool connected, reached; /* a socket; the server talked about letters */
	bool spoke_starttls, tls_begun, tls_stands, no_tls, injected;
	int turns;                  /* letters whose MAIL was written */
	int64_t wrote_us, reply_us; /* last command; how long the quickest reply took */
	struct reply
	        refused; /* greeting's or login's reply that ended it; text in words */
	char words[256];
};

/* What the clock may touch. */
static volatile sig_atomic_t socket_fd = -1, timed_out;
static char tls_error[128];
static bool tls_too_new; /* the server wants more than TLS 1.2 */

/* ---- the clock ---- */

/* Shuts the socket down under libesmtp, which then ends as if it had been dropped. A
 * connect is interrupted. Where that does not help, the process ends: dangold knows what
 * it had. */
static void on_alarm(int signal)
{
	int saved = errno;

	(void)signal;
	if (timed_out)
		_exit(WIRE_TIMED_OUT);
	timed_out = 1;
	if (socket_fd >= 0)
		shutdown(socket_fd, SHUT_RDWR);
	alarm(LEAVE_S);
	errno = saved;
}

static void set_clock(unsigned seconds)
{
	timed_out = 0;
	alarm(seconds);
}

static void start_clock(void)
{
	struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */

	sigaction(SIGALRM, &action, NULL);
}

/* ---- the socket ---- */

/* libesmtp does not tell its descriptor; it is the only network socket of this process.
 */
static int find_socket(void)
{
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS; fd++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof peer;

		if (!getpeername(fd, (struct sockaddr *)&peer, &len) &&
		        (peer.ss_family == AF_INET || peer.ss_family == AF_INET6))
			return fd;
	}
	return -1;
}

static void tune_socket(struct session *session)
{
	int on = 1;

	socket_fd = find_socket();
	session->connected = true;
	session->stage = REPLY_GREETING;
	if (socket_fd >= 0)
		setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* A letter leaves in as few packets as it fits into; what was kept back leaves when it is
 * let go. libesmtp itself writes 2 KB at a time. */
static void gather(bool on)
{
	int value = on;

	if (socket_fd >= 0)
		setsockopt(socket_fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

static void cut(void)
{
	if (socket_fd >= 0)
		shutdown(socket_fd, SHUT_RDWR);
}

/* ---- TLS ---- */

static const char *server_name; /* of the context below */

static bool is_address(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	return inet_pton(AF_INET, host, &four) == 1 ||
	       inet_pton(AF_INET6, host, &six) == 1;
}

static int on_verify(int good, X509_STORE_CTX *store)
{
	if (!good)
		snprintf(tls_error, sizeof tls_error, "%s",
		        X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
	return good;
}

/* libesmtp sends no server name, without which some servers show another certificate. */
static void on_handshake(const SSL *ssl, int where, int ret)
{
	(void)ret;
	if ((where & SSL_CB_HANDSHAKE_START) && !is_address(server_name))
		SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl, server_name);
}

static SSL_CTX *make_context(const char *host)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	X509_VERIFY_PARAM *verify = context ? SSL_CTX_get0_param(context) : NULL;

	/* Not 1.3: its tickets, when they come before the next command is flushed, make
	 * libesmtp wait for an answer to what it has not said. */
	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	        !SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) ||
	        !SSL_CTX_set_default_verify_paths(context) ||
	        !(is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(verify, host)
	                           : X509_VERIFY_PARAM_set1_host(verify, host, 0)))
		log_die("OpenSSL does not start");
	X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
	SSL_CTX_set_info_callback(context, on_handshake);
	server_name = host;
	return context;
}

/* ---- events of libesmtp ---- */

static smtp_message_t add_job(struct session *session, struct job *job);

/* More letters join while the connection stands: it is worth more than a new one. */
static void take_more(struct session *session, int wait_ms)
{
	struct batch *batch = session->batch;
	struct letter *letter;
	struct job *job;

	while (batch->n < BATCH_MOST && (letter = desk_take(wait_ms))) {
		wait_ms = 0;
		job = batch_add(batch, letter);
		if (job)
			add_job(session, job);
	}
}

static struct reply reply_of(const smtp_status_t *status, char words[320])
{
	if (!status || !status->code)
		return (struct reply){0};
	if (status->enh_class)
		snprintf(words, 320, "%d.%d.%d %.280s", status->enh_class,
		        status->enh_subject, status->enh_detail,
		        status->text ? status->text : "");
	else
		snprintf(words, 320, "%.300s", status->text ? status->text : "");
	return (struct reply){status->code, words};
}

static void on_status(struct session *session, struct job *job, enum reply_stage stage,
        const smtp_status_t *status)
{
	char words[320];
	struct reply reply = reply_of(status, words);

	if (!reply.code || (stage != REPLY_DATA && reply.code / 100 == 2))
		return;
	batch_reply(session->batch, job, stage, &reply);
}

static void on_turn(struct session *session, struct job *job, const smtp_status_t *status)
{
	set_clock(BATCH_LETTER_S);
	on_status(session, job, REPLY_MAIL, status);
	take_more(session, 0);
}

static void on_sent(struct session *session, struct job *job, const smtp_status_t *status)
{
	on_status(session, job, REPLY_DATA, status);
	take_more(session, session->batch->open ? 0 : BATCH_LINGER_MS);
	set_clock(session->batch->open ? BATCH_LETTER_S : LEAVE_S);
}

static void on_event(smtp_session_t smtp, int event, void *arg, ...)
{
	struct session *session = arg;
	smtp_recipient_t recipient;
	smtp_message_t message;
	struct job *job;
	va_list ap;
	int *ok;

	(void)smtp;
	va_start(ap, arg);
	switch (event) {
	case SMTP_EV_CONNECT:
		tune_socket(session);
		break;
	case SMTP_EV_MAILSTATUS:
		(void)va_arg(ap, const char *);
		message = va_arg(ap, smtp_message_t);
		on_turn(session, smtp_message_get_application_data(message),
		        smtp_reverse_path_status(message));
		break;
	case SMTP_EV_RCPTSTATUS:
		(void)va_arg(ap, const char *);
		recipient = va_arg(ap, smtp_recipient_t);
		job = smtp_recipient_get_application_data(recipient);
		on_status(session, job, REPLY_RCPT, smtp_recipient_status(recipient));
		break;
	case SMTP_EV_MESSAGESENT:
		message = va_arg(ap, smtp_message_t);
		on_sent(session, smtp_message_get_application_data(message),
		        smtp_message_transfer_status(message));
		break;
	case SMTP_EV_STARTTLS_OK:
		session->tls_stands = true;
		break;
	case SMTP_EV_EXTNA_STARTTLS:
		session->no_tls = true;
		break;
	case SMTP_EV_WRONG_PEER_CERTIFICATE:
		ok = va_arg(ap,
		        int *); /* OpenSSL has checked the name, by the name we know */
		*ok = 1;
		break;
	case SMTP_EV_DISCONNECT:
		socket_fd = -1;
		break;
	default:
		break;
	}
	va_end(ap);
}

/* ---- what goes over the wire, watched ---- */

static void keep_refusal(struct session *session, const char *data, int len)
{
	int code = len >= 3 ? atoi((char[4]){data[0], data[1], data[2], 0}) : 0;

	if (code < 400 || code > 599)
		return;
	outcome_copy(session->words, sizeof session->words, data + 3,
	        strcspn(data + 3, "\r\n"));
	session->refused = (struct reply){code, session->words + 1};
	if (session->stage == REPLY_AUTH)
		cut(); /* libesmtp would go on without having logged in */
}

/* MAIL begins the next letter's turn, alone or behind a RSET. */
static void on_mail(struct session *session)
{
	session->reached = true;
	session->stage = REPLY_MAIL;
	if (session->turns < session->batch->n)
		session->batch->jobs[session->turns++]->tries++;
}

static void on_written(struct session *session, const char *data, int len)
{
	if (len >= 5 && !strncmp(data, "AUTH ", 5))
		session->stage = REPLY_AUTH;
	else if (memmem(data, (size_t)len, "MAIL FROM:<", 11))
		on_mail(session);
	session->spoke_starttls = len >= 8 && !strncmp(data, "STARTTLS", 8);
	session->tls_begun |= session->spoke_starttls;
}

/* The quickest is the way there and back; the rest is the server's own time. */
static void note_reply(struct session *session, int64_t took_us)
{
	if (!session->reply_us || took_us < session->reply_us)
		session->reply_us = took_us;
}

/* Only replies before the first letter matter here; later ones have statuses. What stands
 * behind the answer to STARTTLS was put there by somebody in between. */
static void on_traffic(const char *data, int len, int writing, void *arg)
{
	struct session *session = arg;
	char line[512];
	const char *end;

	if (writing) {
		session->wrote_us = batch_now_us();
		on_written(session, data, len);
		return;
	}
	note_reply(session, batch_now_us() - session->wrote_us);
	snprintf(line, sizeof line, "%.*s", len < 500 ? len : 500, data);
	end = strchr(line, '\n');
	if (session->spoke_starttls && end && end + 1 - line < len) {
		session->injected = true;
		cut();
	}
	if (!session->reached)
		keep_refusal(session, line, (int)strlen(line));
}

/* ---- a session ---- */

struct reading {
	bool done;
};

static struct session *current; /* libesmtp's callback has room for the letter only */

static struct job *job_after(const struct batch *batch, const struct job *job)
{
	for (int i = 0; i + 1 < batch->n; i++)
		if (batch->jobs[i] == job)
			return batch->jobs[i + 1];
	return NULL;
}

/* libesmtp asks for the message: len NULL rewinds, no bytes end it. Its end is told to
 * dangold before libesmtp can send it. */
static const char *on_want(void **context, int *len, void *arg)
{
	struct job *job = arg;
	struct reading *reading = *context;

	if (!reading)
		reading = *context = mem_alloc(sizeof *reading); /* freed by libesmtp */
	if (!len) {
		reading->done = false;
		batch_render(job);
		return NULL;
	}
	*len = 0;
	if (!job->letter || !job->text)
		return NULL;
	if (reading->done) {
		gather(false);
		if (!batch_hold(job, socket_fd, current->reply_us,
		            job_after(current->batch, job)))
			cut();
		errno = 0; /* libesmtp would take it for an error of ours */
		return NULL;
	}
	gather(true);
	reading->done = true;
	*len = (int)job->len;
	return job->text;
}

static smtp_message_t add_job(struct session *session, struct job *job)
{
	smtp_message_t message = smtp_add_message(session->smtp);
	smtp_recipient_t recipient;

	if (!message || !(recipient = smtp_add_recipient(message, job->to)) ||
	        !smtp_set_reverse_path(message, job->from))
		log_die("out of memory");
	smtp_set_messagecb(message, on_want, job);
	smtp_message_set_application_data_release(message, job, NULL);
	smtp_recipient_set_application_data_release(recipient, job, NULL);
	return message;
}

static int on_interact(
        auth_client_request_t request, char **result, int fields, void *arg)
{
	const struct wire_setup *setup = arg;

	for (int i = 0; i < fields; i++)
		result[i] =
		        (char *)(uintptr_t)(request[i].flags & AUTH_PASS ? setup->password
		                                                         : setup->user);
	return 1;
}

/* Later than our own clock, which knows what it cuts off. */
static void set_timeouts(smtp_session_t smtp)
{
	static const struct {
		int which;
		long ms;
	} waits[] = {{Timeout_GREETING, 30000}, {Timeout_ENVELOPE, 60000},
	        {Timeout_DATA, 60000}, {Timeout_TRANSFER, 60000}, {Timeout_DATA2, 60000}};

	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		smtp_set_timeout(smtp, waits[i].which | Timeout_OVERRIDE_RFC2822_MINIMUM,
		        waits[i].ms);
}

/* A machine's name that is no host name would be refused in EHLO. */
static void set_our_name(smtp_session_t smtp)
{
	struct utsname name;

	if (uname(&name) ||
	        strspn(name.nodename, "abcdefghijklmnopqrstuvwxyz"
	                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-.") != strlen(name.nodename))
		smtp_set_hostname(smtp, "localhost");
}

static void open_session(struct session *session, SSL_CTX *tls)
{
	const struct wire_setup *setup = session->setup;
	char server[300];

	session->smtp = smtp_create_session();
	if (!session->smtp)
		log_die("out of memory");
	snprintf(server, sizeof server, "%s:%d", setup->server, (int)setup->port);
	smtp_set_server(session->smtp, server);
	set_our_name(session->smtp);
	set_timeouts(session->smtp);
	smtp_set_eventcb(session->smtp, on_event, session);
	smtp_set_monitorcb(session->smtp, on_traffic, session, 0);
	if (tls) {
		smtp_starttls_enable(session->smtp, Starttls_REQUIRED);
		smtp_starttls_set_ctx(session->smtp, tls);
	}
	for (int i = 0; i < session->batch->n; i++)
		add_job(session, session->batch->jobs[i]);
}

/* Why nothing went. */
static struct outcome why_not(const struct session *session, int error)
{
	char buf[128];

	if (timed_out)
		return outcome_make(OUTCOME_NOT_SENT, "timeout", "%s",
		        TR("the mail server did not answer in time",
		                "메일 서버가 제때 답하지 않았습니다"));
	if (tls_error[0] || session->injected)
		return outcome_make(OUTCOME_NOT_SENT, "tls",
		        TR("the mail server's certificate is not to be trusted: %s",
		                "메일 서버 인증서를 믿을 수 없습니다: %s"),
		        session->injected ? "STARTTLS" : tls_error);
	if (session->no_tls)
		return outcome_make(OUTCOME_OPERATOR, "tls", "%s",
		        TR("the mail server offers no encryption (STARTTLS)",
		                "메일 서버가 암호화(STARTTLS)를 지원하지 않습니다"));
	if (session->refused.code)
		return reply_outcome(session->stage, &session->refused, NULL);
	if (session->tls_begun && !session->tls_stands)
		return outcome_make(OUTCOME_NOT_SENT, "tls", "%s",
		        TR("no encrypted connection (TLS) came about",
		                "암호화 연결(TLS)을 맺지 못했습니다"));
	if (session->connected)
		return outcome_make(OUTCOME_NOT_SENT, "dropped", "%s",
		        TR("the mail server closed the connection",
		                "메일 서버가 연결을 끊었습니다"));
	return outcome_make(OUTCOME_NOT_SENT, "connect",
	        TR("the mail server cannot be reached: %s",
	                "메일 서버에 연결할 수 없습니다: %s"),
	        smtp_strerror(error, buf, sizeof buf) ? buf : "");
}

static void run_once(struct session *session, SSL_CTX *tls)
{
	auth_context_t login = NULL;
	struct outcome why;
	int error = 0;

	open_session(session, tls);
	if (session->setup->user) {
		login = auth_create_context();
		auth_set_mechanism_flags(login, AUTH_PLUGIN_PLAIN, 0);
		auth_set_interact_cb(
		        login, on_interact, (void *)(uintptr_t)session->setup);
		smtp_auth_set_context(session->smtp, login);
	}
	current = session;
	tls_error[0] = 0;
	set_clock(BATCH_CONNECT_S);
	if (!smtp_start_session(session->smtp))
		error = smtp_errno();
	alarm(0);
	socket_fd = -1;
	why = why_not(session, error);
	tls_too_new |= !strcmp(why.code, "tls") && !tls_error[0] && session->tls_begun;
	smtp_destroy_session(session->smtp);
	if (login)
		auth_destroy_context(login);
	batch_settle(session->batch, session->reached, &why);
}

bool session_can(const struct wire_setup *setup)
{
	return !tls_too_new && !setup->token && setup->tls != TLS_IMPLICIT &&
	       !strchr(setup->server, ':');
}

void session_run(const struct wire_setup *setup, struct letter *first)
{
	static SSL_CTX *tls; /* each session takes a reference of its own */
	static bool begun;
	struct batch batch = {0};

	if (!begun) {
		auth_client_init();
		start_clock();
		tls = setup->tls == TLS_STARTTLS ? make_context(setup->server) : NULL;
		begun = true;
	}
	batch_add(&batch, first);
	while (batch.open) {
		struct session session = {.setup = setup, .batch = &batch};
		run_once(&session, tls);
	}
	batch_settle(&batch, false, &(struct outcome){.kind = OUTCOME_NOT_SENT});
}
