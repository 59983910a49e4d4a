/* The mail children of one channel. What a child was given it answers letter by letter; a
 * child that dies or hangs is replaced, and only a letter whose end had begun to leave is
 * unknown then. Never blocks, never queues a letter that no child has. */
#include "delivery/mailer.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/log.h"
#include "base/mem.h"
#include "delivery/outcome.h"
#include "delivery/wire.h"

#define WORK_US 2000000 /* what a child may have before it, in its own measured pace */
#define CONNECTIONS_MOST 16
#define SILENCE_MS 60000 /* with work before it: then it is killed */
#define IDLE_MS 60000    /* without: then it is sent home */
#define LEAVE_MS 10000   /* to go after its pipe was closed */

struct child {
	struct child *next;
	struct mailer *mailer;
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t timer;
	struct buf input;
	struct wire_shared *shared; /* with it alone */
	struct letter *tasks[WIRE_LETTERS_MOST];
	int n_tasks;
	uint64_t since_us; /* the last answer, or when it got work */
	uint64_t pace_us;  /* mean time a letter; 0: not known yet */
	bool retiring;     /* gets no more letters */
	bool hung_up, exited,
	        ended; /* its input closed; gone; its output read to the end */
	bool silent;   /* killed for it */
	int64_t status;
	int term_signal;
	int handles;
};

struct mailer {
	struct channel *channel;
	char *program;
	int connections;
	struct child *children;
	int corpses; /* children gone whose handles still close */
	uv_timer_t grace;
	bool closing;
	void (*freed)(struct channel *channel);
	struct channel *freed_arg;
};

static uint64_t now_us(void)
{
	return uv_hrtime() / 1000;
}

/* ---- where the program is ---- */

void mailer_program(char *path, size_t size)
{
	const char *folder = getenv("DANGOL_LIBEXEC");
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[n > 0 ? n : 0] = 0;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	snprintf(path, size, "%s/dangol-mail", folder && *folder ? folder : self);
	if ((folder && *folder) || !access(path, X_OK))
		return;
	snprintf(path, size, "%s/../libexec/dangol/dangol-mail", self);
}

/* ---- pace ---- */

static int window(const struct child *child)
{
	uint64_t n = child->pace_us ? WORK_US / child->pace_us : 1;

	return n < 1 ? 1 : n > WIRE_LETTERS_MOST ? WIRE_LETTERS_MOST : (int)n;
}

static int room_of(const struct child *child)
{
	int room = window(child) - child->n_tasks;

	return child->retiring || room < 0 ? 0 : room;
}

static void measure(struct child *child)
{
	uint64_t now = now_us(), took = now - child->since_us + 1;

	child->pace_us = child->pace_us ? (7 * child->pace_us + took + 7) / 8 : took;
	child->since_us = now;
}

static int living(const struct mailer *mailer)
{
	int n = 0;

	for (const struct child *child = mailer->children; child; child = child->next)
		n++;
	return n;
}

int mailer_room(const struct mailer *mailer)
{
	int room = mailer->connections - living(mailer);

	if (mailer->closing)
		return 0;
	room = room < 0 ? 0 : room;
	for (const struct child *child = mailer->children; child; child = child->next)
		room += room_of(child);
	return room;
}

/* ---- answers ---- */

static struct letter *take_task(struct child *child, int i)
{
	struct letter *letter = child->tasks[i];

	child->n_tasks--;
	memmove(&child->tasks[i], &child->tasks[i + 1],
	        (size_t)(child->n_tasks - i) * sizeof child->tasks[0]);
	return letter;
}

static int find_task(const struct child *child, int64_t message)
{
	for (int i = 0; i < child->n_tasks; i++)
		if (child->tasks[i]->message == message)
			return i;
	return -1;
}

static bool is_leaving(const struct child *child, const struct letter *letter)
{
	for (int i = 0; i < WIRE_LETTERS_MOST; i++)
		if (child->shared->leaving[i] == letter->message)
			return true;
	return false;
}

static struct outcome of_death(const struct child *child, const struct letter *letter)
{
	enum outcome_kind kind =
	        is_leaving(child, letter) ? OUTCOME_UNKNOWN : OUTCOME_NOT_SENT;

	if (child->mailer->closing)
		return outcome_make(kind, NULL, "%s",
		        TR("the daemon stopped meanwhile", "그사이 데몬이 멈추었습니다"));
	if (child->silent || child->status == WIRE_TIMED_OUT)
		return outcome_make(kind, "timeout", "%s",
		        TR("the mail server did not answer in time",
		                "메일 서버가 제때 답하지 않았습니다"));
	return outcome_make(kind, "child",
	        TR("the mail program ended before its answer (status %d, signal %d)",
	                "메일 프로그램이 답하기 전에 끝났습니다 (상태 %d, 신호 %d)"),
	        (int)child->status, child->term_signal);
}

static void bury_tasks(struct child *child)
{
	while (child->n_tasks) {
		struct outcome outcome = of_death(child, child->tasks[0]);
		channel_answer(child->mailer->channel, take_task(child, 0), &outcome);
	}
}

/* ---- a child's end ---- */

static void finish_mailer(struct mailer *mailer);

static void hang_up(struct child *child);

static void unlink_child(struct child *child)
{
	struct child **at = &child->mailer->children;

	while (*at != child)
		at = &(*at)->next;
	*at = child->next;
	child->mailer->corpses++;
}

static void on_child_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;
	struct mailer *mailer = child->mailer;

	if (--child->handles)
		return;
	munmap(child->shared, sizeof *child->shared);
	buf_free(&child->input);
	free(child);
	mailer->corpses--;
	finish_mailer(mailer);
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_child_closed);
}

static void close_all(struct child *child)
{
	close_handle(&child->in);
	close_handle(&child->out);
	close_handle(&child->timer);
	close_handle(&child->process);
}

/* Gone and read to its end: room grows, then its letters are answered. */
static void maybe_buried(struct child *child)
{
	struct mailer *mailer = child->mailer;

	if (!child->exited || !child->ended)
		return;
	if (!child->hung_up && !mailer->closing)
		log_warn(TR("a mail program ended by itself (status %d, signal %d)",
		                 "메일 프로그램이 스스로 끝났습니다 (상태 %d, 신호 %d)"),
		        (int)child->status, child->term_signal);
	unlink_child(child);
	bury_tasks(child);
	close_all(child);
	if (!mailer->closing)
		mailer->channel->wake(mailer->channel);
}

static void kill_child(struct child *child)
{
	if (!child->exited)
		uv_process_kill(&child->process, SIGKILL);
}

static void on_gone(uv_process_t *process, int64_t status, int term_signal)
{
	struct child *child = process->data;

	child->exited = true;
	child->status = status;
	child->term_signal = term_signal;
	maybe_buried(child);
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer)
{
	struct child *child = timer->data;

	if (child->hung_up || child->n_tasks) {
		child->silent = child->n_tasks > 0;
		kill_child(child);
		return;
	}
	hang_up(child);
}

static void set_timer(struct child *child)
{
	uint64_t ms = child->hung_up ? LEAVE_MS : child->n_tasks ? SILENCE_MS : IDLE_MS;

	if (!uv_is_closing((uv_handle_t *)&child->timer))
		uv_timer_start(&child->timer, on_timer, ms, 0);
}

/* Without work, its input is closed: it sees the end and goes. */
static void hang_up(struct child *child)
{
	child->retiring = true;
	if (child->n_tasks || child->hung_up)
		return;
	child->hung_up = true;
	close_handle(&child->in);
	set_timer(child);
}

/* ---- what a child says ---- */

static bool on_frame(struct child *child, const struct wire_frame *frame)
{
	struct outcome outcome;
	struct letter *letter;
	int64_t message;
	int i;

	if (frame->kind != WIRE_ANSWER || !wire_get_answer(frame, &message, &outcome) ||
	        (i = find_task(child, message)) < 0)
		return false;
	measure(child);
	letter = take_task(child, i);
	if (child->retiring)
		hang_up(child);
	channel_answer(child->mailer->channel, letter, &outcome);
	return true;
}

static void on_alloc(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	static char space[65536]; /* one loop, and read to its end in the callback */

	(void)handle, (void)wish;
	*buf = uv_buf_init(space, sizeof space);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct child *child = stream->data;
	struct wire_frame frame;
	size_t used = 0;
	long len;

	if (n == 0)
		return;
	if (n < 0) {
		uv_read_stop(stream);
		child->ended = true;
		kill_child(child); /* who answers no more has nothing more to do */
		maybe_buried(child);
		return;
	}
	buf_add(&child->input, buf->base, (size_t)n);
	while ((len = wire_next(
	                child->input.data + used, child->input.len - used, &frame)) > 0) {
		used += (size_t)len;
		if (!on_frame(child, &frame))
			len = -1;
		if (len < 0)
			break;
	}
	buf_drop(&child->input, used);
	if (len < 0)
		kill_child(child);
	set_timer(child);
}

/* ---- talking to a child ---- */

struct saying {
	uv_write_t write;
	uv_buf_t bytes;
};

static void on_said(uv_write_t *write, int status)
{
	struct saying *saying = write->data;

	(void)status; /* a broken pipe is a dying child: its exit tells */
	explicit_bzero(saying->bytes.base, saying->bytes.len);
	free(saying->bytes.base);
	free(saying);
}

/* Takes the buffer, which is cleared when it is said: a password may be in it. */
static void say(struct child *child, struct buf *frame)
{
	struct saying *saying = mem_alloc(sizeof *saying);
	size_t len = frame->len;

	saying->bytes = uv_buf_init(buf_take(frame), (unsigned)len);
	saying->write.data = saying;
	if (uv_write(&saying->write, (uv_stream_t *)&child->in, &saying->bytes, 1,
	            on_said))
		on_said(&saying->write, 0);
}

static void say_setup(struct child *child)
{
	const struct channel_config *config = child->mailer->channel->config;
	struct wire_setup setup = {
	        .server = config->server,
	        .user = config->user,
	        .password = config->password.data,
	        .port = config->port,
	        .tls = config->tls,
	};
	struct buf frame = {0};

	if (!strcmp(config->provider, "outbox"))
		setup = (struct wire_setup){.folder = config->outbox};
	wire_put_setup(&frame, &setup);
	say(child, &frame);
}

/* ---- a child's beginning ---- */

/* The child gets no more of our environment than what it needs: neither secrets' folders
 * nor somebody's mail settings. */
static char **environment(void)
{
	static const char *const kept[] = {"LANG", "LC_ALL", "LC_MESSAGES", "PATH",
	        "SSL_CERT_FILE", "SSL_CERT_DIR", "JOURNAL_STREAM"};
	char **env = mem_alloc((sizeof kept / sizeof kept[0] + 3) * sizeof *env);
	size_t n = 0;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (getenv(kept[i]))
			env[n++] = mem_printf("%s=%s", kept[i], getenv(kept[i]));
	env[n++] = mem_strdup("HOME=/nonexistent");
	env[n++] = mem_strdup("XDG_CONFIG_DIR=/nonexistent");
	return env;
}

/* A descriptor of the page that both see, or a libuv error. */
static int share(struct child *child)
{
	int fd = memfd_create("dangol-mail", MFD_CLOEXEC);

	if (fd < 0)
		return uv_translate_sys_error(errno);
	if (!ftruncate(fd, sizeof *child->shared))
		child->shared = mmap(NULL, sizeof *child->shared, PROT_READ | PROT_WRITE,
		        MAP_SHARED, fd, 0);
	if (child->shared && child->shared != MAP_FAILED)
		return fd;
	child->shared = NULL;
	close(fd);
	return UV_ENOMEM;
}

static int spawn(struct child *child, int page)
{
	uv_stdio_container_t stdio[WIRE_SHARED + 1] = {
	        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
	                .data.stream = (uv_stream_t *)&child->in},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&child->out},
	        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	        {.flags = UV_INHERIT_FD, .data.fd = page},
	};
	char *args[] = {child->mailer->program, NULL};
	uv_process_options_t options = {
	        .exit_cb = on_gone,
	        .file = child->mailer->program,
	        .args = args,
	        .env = environment(),
	        .stdio = stdio,
	        .stdio_count = WIRE_SHARED + 1,
	};
	int error = uv_spawn(child->mailer->channel->loop, &child->process, &options);

	for (char **at = options.env; *at; at++)
		free(*at);
	free(options.env);
	return error;
}

static struct child *child_new(struct mailer *mailer, int *error)
{
	struct child *child = mem_alloc(sizeof *child);
	uv_loop_t *loop = mailer->channel->loop;
	int page = share(child);

	if (page < 0) {
		*error = page;
		free(child);
		return NULL;
	}
	child->mailer = mailer;
	uv_pipe_init(loop, &child->in, 0);
	uv_pipe_init(loop, &child->out, 0);
	uv_timer_init(loop, &child->timer);
	child->in.data = child->out.data = child->timer.data = child->process.data =
	        child;
	child->handles = 4;
	child->next = mailer->children;
	mailer->children = child;
	*error = spawn(child, page);
	close(page);
	if (*error) {
		child->exited = child->ended = child->hung_up = true;
		unlink_child(child);
		close_all(child);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&child->out, on_alloc, on_read);
	say_setup(child);
	set_timer(child);
	return child;
}

/* An idle one; a new one while there may be more; else the one with the least to do. */
static struct child *pick(struct mailer *mailer, int *error)
{
	struct child *best = NULL;

	*error = 0;
	for (struct child *child = mailer->children; child; child = child->next)
		if (room_of(child) > 0 && (!best || child->n_tasks < best->n_tasks))
			best = child;
	if ((best && !best->n_tasks) || living(mailer) >= mailer->connections)
		return best;
	return child_new(mailer, error);
}

void mailer_send(struct mailer *mailer, struct letter *letter)
{
	struct outcome outcome;
	struct buf frame = {0};
	struct child *child;
	int error;

	child = pick(mailer, &error);
	if (error) {
		outcome = outcome_make(OUTCOME_OPERATOR, "child",
		        TR("dangol-mail cannot be started (%s): install it beside "
		           "dangold "
		           "or set DANGOL_LIBEXEC",
		                "dangol-mail을 시작할 수 없습니다 (%s). dangold 옆에 "
		                "설치하거나 DANGOL_LIBEXEC를 정하십시오"),
		        uv_strerror(error));
		channel_answer(mailer->channel, letter, &outcome);
		return;
	}
	assert(child && child->n_tasks < WIRE_LETTERS_MOST);
	wire_put_letter(&frame, letter);
	if (!child->n_tasks)
		child->since_us = now_us();
	child->tasks[child->n_tasks++] = letter;
	say(child, &frame);
	if (child->n_tasks == 1)
		set_timer(child);
}

/* ---- the mailer ---- */

struct mailer *mailer_new(struct channel *channel, const char *program)
{
	struct mailer *mailer = mem_alloc(sizeof *mailer);
	int wish = channel->config->connections;

	mailer->channel = channel;
	mailer->program = mem_strdup(program);
	mailer->connections = wish < 1                  ? 1
	                      : wish > CONNECTIONS_MOST ? CONNECTIONS_MOST
	                                                : wish;
	uv_timer_init(channel->loop, &mailer->grace);
	mailer->grace.data = mailer;
	return mailer;
}

void mailer_renew(struct mailer *mailer)
{
	for (struct child *child = mailer->children; child; child = child->next)
		hang_up(child);
}

static void on_mailer_closed(uv_handle_t *handle)
{
	struct mailer *mailer = handle->data;
	void (*freed)(struct channel *) = mailer->freed;
	struct channel *channel = mailer->freed_arg;

	free(mailer->program);
	free(mailer);
	freed(channel);
}

static void finish_mailer(struct mailer *mailer)
{
	if (mailer->closing && !mailer->children && !mailer->corpses &&
	        !uv_is_closing((uv_handle_t *)&mailer->grace))
		uv_close((uv_handle_t *)&mailer->grace, on_mailer_closed);
}

static void on_grace_over(uv_timer_t *timer)
{
	struct mailer *mailer = timer->data;

	for (struct child *child = mailer->children; child; child = child->next)
		kill_child(child);
}

void mailer_free(struct mailer *mailer, int grace_ms,
        void (*freed)(struct channel *channel), struct channel *channel)
{
	mailer->closing = true;
	mailer->freed = freed;
	mailer->freed_arg = channel;
	mailer_renew(mailer);
	uv_timer_start(&mailer->grace, on_grace_over, (uint64_t)grace_ms, 0);
	finish_mailer(mailer);
}
