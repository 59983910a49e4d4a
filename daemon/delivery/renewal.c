/* A program that fetches an access token, run once. It never outlives its time, and
 * nothing of what it prints is kept beside the token. */
#include "delivery/renewal.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"

struct renewal {
	struct renewal_plan plan;
	uv_process_t process;
	uv_pipe_t out;
	uv_timer_t timer;
	bool started, exited, ended; /* ended: its output was read to the end */
	bool told;                   /* done was called, or is not to be */
	int64_t status;
	int term_signal, error, handles;
	char printed[BEARER_PRINTED_MOST + 1]; /* one more: it prints too much */
	size_t len;
};

/* ---- its end ---- */

static void on_closed(uv_handle_t *handle)
{
	struct renewal *renewal = handle->data;
	struct renewal_plan plan = renewal->plan;

	if (--renewal->handles)
		return;
	explicit_bzero(renewal, sizeof *renewal);
	free(renewal);
	plan.closed(plan.arg);
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* The program and whatever it started that stayed in its group. */
static void kill_group(const struct renewal *renewal)
{
	if (renewal->started)
		kill(-renewal->process.pid, SIGKILL);
}

/* A process is let go when it has exited: else nobody would ever reap it. */
static void let_go(struct renewal *renewal)
{
	close_handle(&renewal->out);
	close_handle(&renewal->timer);
	if (renewal->exited || !renewal->started)
		close_handle(&renewal->process);
	else
		kill_group(renewal);
}

static void tell(struct renewal *renewal, struct bearer *bearer, const char *why)
{
	if (renewal->told)
		return;
	renewal->told = true;
	let_go(renewal);
	renewal->plan.done(renewal->plan.arg, bearer, why);
}

/* ---- what became of it ---- */

static void judge(struct renewal *renewal)
{
	struct bearer bearer = {0};
	char why[160];

	if (renewal->term_signal || renewal->status) {
		snprintf(why, sizeof why,
		        TR("its program ended without success (status %d, signal %d)",
		                "프로그램이 실패로 끝났습니다 (상태 %d, 신호 %d)"),
		        (int)renewal->status, renewal->term_signal);
		tell(renewal, NULL, why);
	} else if (!bearer_read(renewal->printed, renewal->len, &bearer)) {
		tell(renewal, NULL,
		        TR("its program prints no access token: neither one word nor "
		           "JSON with access_token",
		                "프로그램이 접근 토큰을 내놓지 않았습니다: 한 단어나 "
		                "access_token이 든 JSON이어야 합니다"));
	} else {
		tell(renewal, &bearer, NULL);
	}
}

static void on_exit_of(uv_process_t *process, int64_t status, int term_signal)
{
	struct renewal *renewal = process->data;

	renewal->exited = true;
	renewal->status = status;
	renewal->term_signal = term_signal;
	kill_group(renewal); /* it has left nobody who holds the pipe open */
	if (renewal->told)
		close_handle(&renewal->process);
	else if (renewal->ended)
		judge(renewal);
}

static void on_limit(uv_timer_t *timer)
{
	struct renewal *renewal = timer->data;
	char why[160];

	if (renewal->error)
		snprintf(why, sizeof why,
		        TR("its program cannot be started (%s)",
		                "프로그램을 시작할 수 없습니다 (%s)"),
		        uv_strerror(renewal->error));
	else
		snprintf(why, sizeof why,
		        TR("its program did not end within %d seconds",
		                "프로그램이 %d초 안에 끝나지 않았습니다"),
		        renewal->plan.limit_ms / 1000);
	tell(renewal, NULL, why);
}

/* ---- what it prints ---- */

static void on_alloc(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	struct renewal *renewal = handle->data;

	(void)wish;
	*buf = uv_buf_init(renewal->printed + renewal->len,
	        (unsigned)(sizeof renewal->printed - renewal->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct renewal *renewal = stream->data;

	(void)buf;
	if (n < 0) {
		uv_read_stop(stream);
		renewal->ended = true;
		if (renewal->exited)
			judge(renewal);
		return;
	}
	renewal->len += (size_t)n;
	if (renewal->len == sizeof renewal->printed)
		tell(renewal, NULL,
		        TR("its program prints more than 16 KiB, which is no access "
		           "token",
		                "프로그램이 16KiB 넘게 내놓았습니다. 접근 토큰이 "
		                "아닙니다"));
}

/* ---- its beginning ---- */

static int start(struct renewal *renewal)
{
	const char *path = getenv("PATH"), *home = getenv("HOME");
	char *args[] = {(char *)(uintptr_t)renewal->plan.program, NULL};
	char *env[] = {
	        mem_printf("PATH=%s", path ? path : "/usr/local/bin:/usr/bin:/bin"),
	        mem_printf("HOME=%s", home ? home : "/"), NULL};
	uv_stdio_container_t stdio[3] = {
	        {.flags = UV_IGNORE}, /* that is /dev/null */
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&renewal->out},
	        {.flags = UV_IGNORE},
	};
	uv_process_options_t options = {
	        .exit_cb = on_exit_of,
	        .file = renewal->plan.program,
	        .args = args,
	        .env = env,
	        .cwd = "/",
	        .flags = UV_PROCESS_DETACHED, /* setsid */
	        .stdio = stdio,
	        .stdio_count = 3,
	};
	int error = uv_spawn(renewal->plan.loop, &renewal->process, &options);

	free(env[0]);
	free(env[1]);
	return error;
}

struct renewal *renewal_begin(const struct renewal_plan *plan)
{
	struct renewal *renewal = mem_alloc(sizeof *renewal);

	assert(plan->program[0] == '/');
	renewal->plan = *plan;
	renewal->handles = 3;
	uv_pipe_init(plan->loop, &renewal->out, 0);
	uv_timer_init(plan->loop, &renewal->timer);
	renewal->process.data = renewal->out.data = renewal->timer.data = renewal;
	renewal->error = start(renewal);
	renewal->started = !renewal->error;
	if (renewal->started)
		uv_read_start((uv_stream_t *)&renewal->out, on_alloc, on_read);
	uv_timer_start(&renewal->timer, on_limit,
	        renewal->error ? 0 : (uint64_t)plan->limit_ms, 0);
	return renewal;
}

void renewal_cancel(struct renewal *renewal)
{
	assert(!renewal->told);
	renewal->told = true;
	let_go(renewal);
}
