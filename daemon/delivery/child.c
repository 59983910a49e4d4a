/* A mail child: what it was given it answers letter by letter; one that dies or hangs is
 * killed, and only a letter whose end had begun to leave is unknown then. */
#include "delivery/spawned.h"
#include "delivery/child.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/log.h"
#include "delivery/outcome.h"

#define WORK_US 2000000  /* what a child may have before it, in its own measured pace */
#define SILENCE_MS 60000 /* with work before it: then it is killed */
#define IDLE_MS 60000    /* without: then it is sent home */
#define LEAVE_MS 10000   /* to go after its pipe was closed */

static uint64_t now_us(void)
{
	return uv_hrtime() / 1000;
}

/* ---- pace ---- */

static int window(const struct child *child)
{
	uint64_t n = child->pace_us ? WORK_US / child->pace_us : 1;

	return n < 1 ? 1 : n > WIRE_LETTERS_MOST ? WIRE_LETTERS_MOST : (int)n;
}

int child_room(const struct child *child)
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

	if (child->home->closing)
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
		channel_answer(child->home->channel, take_task(child, 0), &outcome);
	}
}

/* ---- its end ---- */

static void on_child_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;
	const struct child_home *home = child->home;

	if (--child->handles)
		return;
	munmap(child->shared, sizeof *child->shared);
	buf_free(&child->input);
	free(child);
	home->closed(home->arg);
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
	const struct child_home *home = child->home;

	if (!child->exited || !child->ended)
		return;
	if (!child->hung_up && !home->closing)
		log_warn(TR("a mail program ended by itself (status %d, signal %d)",
		                 "메일 프로그램이 스스로 끝났습니다 (상태 %d, 신호 %d)"),
		        (int)child->status, child->term_signal);
	home->gone(home->arg, child);
	bury_tasks(child);
	close_all(child);
	if (!home->closing)
		home->channel->wake(home->channel);
}

void child_kill(struct child *child)
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
		child_kill(child);
		return;
	}
	child_hang_up(child);
}

static void set_timer(struct child *child)
{
	uint64_t ms = child->hung_up ? LEAVE_MS : child->n_tasks ? SILENCE_MS : IDLE_MS;

	if (!uv_is_closing((uv_handle_t *)&child->timer))
		uv_timer_start(&child->timer, on_timer, ms, 0);
}

/* Without work, its input is closed: it sees the end and goes. */
void child_hang_up(struct child *child)
{
	child->retiring = true;
	if (child->n_tasks || child->hung_up)
		return;
	child->hung_up = true;
	close_handle(&child->in);
	set_timer(child);
}

/* ---- what it says ---- */

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
	pass_judge(child->home->pass, child->round, &outcome);
	if (child->retiring)
		child_hang_up(child);
	channel_answer(child->home->channel, letter, &outcome);
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
		child_kill(child); /* who answers no more has nothing more to do */
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
		child_kill(child);
	set_timer(child);
}

/* ---- talking to it ---- */

static void say_setup(struct child *child)
{
	const struct channel_config *config = child->home->channel->config;
	struct wire_setup setup = {
	        .server = config->server,
	        .user = config->user,
	        .password = config->password.data,
	        .token = pass_token(child->home->pass),
	        .port = config->port,
	        .tls = config->tls,
	};
	struct buf frame = {0};

	if (!strcmp(config->provider, "outbox"))
		setup = (struct wire_setup){.folder = config->outbox};
	child->round = pass_round(child->home->pass);
	wire_put_setup(&frame, &setup);
	spawned_say(&child->in, &frame);
}

/* ---- its beginning ---- */

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
	char *args[] = {child->home->program, NULL};
	uv_process_options_t options = {
	        .exit_cb = on_gone,
	        .file = child->home->program,
	        .args = args,
	        .env = spawned_environment(),
	        .stdio = stdio,
	        .stdio_count = WIRE_SHARED + 1,
	};
	int error = uv_spawn(child->home->channel->loop, &child->process, &options);

	spawned_environment_free(options.env);
	return error;
}

struct child *child_new(const struct child_home *home, int *error)
{
	struct child *child = mem_alloc(sizeof *child);
	uv_loop_t *loop = home->channel->loop;
	int page = share(child);

	if (page < 0) {
		*error = page;
		free(child);
		return NULL;
	}
	child->home = home;
	uv_pipe_init(loop, &child->in, 0);
	uv_pipe_init(loop, &child->out, 0);
	uv_timer_init(loop, &child->timer);
	child->in.data = child->out.data = child->timer.data = child->process.data =
	        child;
	child->handles = 4;
	*error = spawn(child, page);
	close(page);
	if (*error) {
		child->exited = child->ended = child->hung_up = true;
		home->gone(home->arg, child);
		close_all(child);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&child->out, on_alloc, on_read);
	say_setup(child);
	set_timer(child);
	return child;
}

void child_send(struct child *child, struct letter *letter)
{
	struct buf frame = {0};

	assert(child->n_tasks < WIRE_LETTERS_MOST);
	wire_put_letter(&frame, letter);
	if (!child->n_tasks)
		child->since_us = now_us();
	child->tasks[child->n_tasks++] = letter;
	spawned_say(&child->in, &frame);
	if (child->n_tasks == 1)
		set_timer(child);
}
