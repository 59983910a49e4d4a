/* The child that reads returned mails. What it says is bounded and believed to be nothing
 * but frames; it sees no store. */
#include "delivery/spawned.h"
#include "delivery/reader.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/mailer.h"

#define LIFE_MS 60000

struct reader {
	const struct reader_ops *ops;
	void *arg;
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t timer;
	struct buf input;
	struct returned *mail; /* that it reads now */
	int n_mails;
	bool said_all, let_go, exited, ended, late;
	bool bad; /* it said what is no frame of ours */
	int64_t status;
	int term_signal;
	int handles;
};

void returned_free(struct returned *returned)
{
	if (!returned)
		return;
	free(returned->bounces);
	free(returned);
}

/* ---- its end ---- */

static const char *why_early(const struct reader *r, char why[256])
{
	if (r->late)
		snprintf(why, 256, "%s",
		        TR("reading the mailbox took more than a minute",
		                "편지함을 읽는 데 1분이 넘게 걸렸습니다"));
	else
		snprintf(why, 256,
		        TR("the program that reads it ended by itself (status %d, signal "
		           "%d)",
		                "편지함을 읽는 프로그램이 스스로 끝났습니다 (상태 %d, "
		                "신호 "
		                "%d)"),
		        (int)r->status, r->term_signal);
	return why;
}

static void on_closed(uv_handle_t *handle)
{
	struct reader *r = handle->data;
	struct returned *at = r->mail;
	char why[256];

	if (--r->handles)
		return;
	r->ops->gone(r->arg, at ? &at->place : NULL, !r->said_all, why_early(r, why));
	returned_free(at);
	buf_free(&r->input);
	free(r);
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

static void maybe_over(struct reader *r)
{
	if (!r->exited || !r->ended)
		return;
	close_handle(&r->in);
	close_handle(&r->out);
	close_handle(&r->timer);
	close_handle(&r->process);
}

void reader_kill(struct reader *r)
{
	if (!r->exited)
		uv_process_kill(&r->process, SIGKILL);
}

static void on_gone(uv_process_t *process, int64_t status, int term_signal)
{
	struct reader *r = process->data;

	r->exited = true;
	r->status = status;
	r->term_signal = term_signal;
	maybe_over(r);
}

static void on_late(uv_timer_t *timer)
{
	struct reader *r = timer->data;

	r->late = true;
	reader_kill(r);
}

void reader_let_go(struct reader *r)
{
	r->let_go = true;
	close_handle(&r->in);
}

/* ---- what it says ---- */

static bool on_mail(struct reader *r, const struct wire_frame *frame)
{
	if (r->mail || r->n_mails++ == WIRE_MAILS_MOST)
		return false;
	r->mail = mem_alloc(sizeof *r->mail);
	return wire_get_mail(frame, &r->mail->place);
}

static bool on_report(struct reader *r, const struct wire_frame *frame)
{
	struct returned *mail = r->mail;
	struct bounce *bounce;

	if (!mail || mail->n == BOUNCES_MOST)
		return false;
	bounce = mem_grow(&mail->bounces, mail->n, sizeof *bounce);
	mail->n++;
	return wire_get_report(frame, bounce);
}

static bool on_said(struct reader *r)
{
	struct returned *mail = r->mail;

	r->mail = NULL;
	if (mail)
		r->ops->mail(r->arg, mail);
	return mail != NULL;
}

static bool on_all(struct reader *r, const struct wire_frame *frame)
{
	struct wire_read read;

	if (r->mail || !wire_get_read(frame, &read))
		return false;
	r->said_all = true;
	r->ops->read(r->arg, &read);
	return true;
}

static bool on_frame(struct reader *r, const struct wire_frame *frame)
{
	if (r->said_all)
		return false;
	switch (frame->kind) {
	case WIRE_MAIL:
		return on_mail(r, frame);
	case WIRE_REPORT:
		return on_report(r, frame);
	case WIRE_SAID:
		return on_said(r);
	case WIRE_READ:
		return on_all(r, frame);
	case WIRE_SETUP:
	case WIRE_LETTER:
	case WIRE_ANSWER:
	case WIRE_BOX:
	case WIRE_MARK:
		break;
	}
	return false;
}

static void on_alloc(uv_handle_t *handle, size_t wish, uv_buf_t *buf)
{
	static char space[65536]; /* one loop, and read to its end in the callback */

	(void)handle, (void)wish;
	*buf = uv_buf_init(space, sizeof space);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct reader *r = stream->data;
	struct wire_frame frame;
	size_t used = 0;
	long len = 0;

	if (n < 0) {
		uv_read_stop(stream);
		r->ended = true;
		reader_kill(r);
		maybe_over(r);
		return;
	}
	buf_add(&r->input, buf->base, (size_t)n);
	while ((len = wire_next(r->input.data + used, r->input.len - used, &frame)) > 0) {
		used += (size_t)len;
		r->bad = r->bad || !on_frame(r, &frame);
	}
	buf_drop(&r->input, used);
	if (len < 0 || r->bad)
		reader_kill(r);
}

/* ---- talking to it ---- */

void reader_mark(struct reader *r, const struct wire_mail *mail)
{
	struct buf frame = {0};

	if (r->exited || r->let_go)
		return;
	wire_put_mail(&frame, WIRE_MARK, mail);
	spawned_say(&r->in, &frame);
}

/* ---- its beginning ---- */

static int spawn(struct reader *r, uv_loop_t *loop)
{
	char program[4096], word[] = "bounces";
	uv_stdio_container_t stdio[] = {
	        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
	                .data.stream = (uv_stream_t *)&r->in},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&r->out},
	        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	char *args[] = {program, word, NULL};
	uv_process_options_t options = {
	        .exit_cb = on_gone,
	        .file = program,
	        .args = args,
	        .env = spawned_environment(),
	        .stdio = stdio,
	        .stdio_count = sizeof stdio / sizeof stdio[0],
	};
	int error;

	mailer_program(program, sizeof program);
	error = uv_spawn(loop, &r->process, &options);
	spawned_environment_free(options.env);
	return error;
}

static void gone_unseen(
        void *arg, const struct wire_mail *at, bool early, const char *why)
{
	(void)arg, (void)at, (void)early, (void)why;
}

struct reader *reader_new(uv_loop_t *loop, const struct wire_box *box,
        const struct reader_ops *ops, void *arg, char why[256])
{
	static const struct reader_ops unseen = {.gone = gone_unseen};
	struct reader *r = mem_alloc(sizeof *r);
	struct buf frame = {0};
	int error;

	r->ops = ops;
	r->arg = arg;
	uv_pipe_init(loop, &r->in, 0);
	uv_pipe_init(loop, &r->out, 0);
	uv_timer_init(loop, &r->timer);
	r->in.data = r->out.data = r->timer.data = r->process.data = r;
	r->handles = 4;
	error = spawn(r, loop);
	if (error) {
		snprintf(why, 256,
		        TR("dangol-mail cannot be started (%s)",
		                "dangol-mail을 시작할 수 없습니다 (%s)"),
		        uv_strerror(error));
		r->ops = &unseen;
		r->exited = r->ended = true;
		maybe_over(r);
		return NULL;
	}
	uv_read_start((uv_stream_t *)&r->out, on_alloc, on_read);
	uv_timer_start(&r->timer, on_late, LIFE_MS, 0);
	wire_put_box(&frame, box);
	spawned_say(&r->in, &frame);
	return r;
}
