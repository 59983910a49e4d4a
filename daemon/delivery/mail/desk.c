/* The two pipes of a mail child. Reads whole frames, writes whole frames, and decides
 * nothing. */
#include "delivery/mail/desk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/log.h"

static struct buf input;
static struct wire_shared *shared;

/* One read's worth. false: nothing came in time. */
static bool fill(int wait_ms)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	char space[65536];
	ssize_t n;

	if (poll(&fd, 1, wait_ms) <= 0)
		return false;
	n = read(STDIN_FILENO, space, sizeof space);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0)
		_exit(0);
	buf_add(&input, space, (size_t)n);
	return true;
}

/* The next frame, borrowed until `used` bytes are dropped. 0: none yet. */
static long next(struct wire_frame *frame)
{
	long used = wire_next(input.data, input.len, frame);

	if (used < 0)
		log_die("what came in is no frame of dangold's");
	return used;
}

void desk_open(struct arena *arena, struct wire_setup *setup)
{
	struct wire_frame frame;
	long used;

	shared = mmap(
	        NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, WIRE_SHARED, 0);
	if (shared == MAP_FAILED)
		log_die("%s", TR("dangol-mail is started by dangold, not by hand",
		                      "dangol-mail은 dangold가 시작합니다"));
	close(WIRE_SHARED);
	while (!(used = next(&frame)))
		fill(-1);
	if (frame.kind != WIRE_SETUP || !wire_get_setup(&frame, arena, setup))
		log_die("the first frame does not say how to send");
	buf_drop(&input, (size_t)used);
}

void desk_open_box(struct arena *arena, struct wire_box *box)
{
	struct wire_frame frame;
	long used;

	while (!(used = next(&frame)))
		fill(-1);
	if (frame.kind != WIRE_BOX || !wire_get_box(&frame, arena, box))
		log_die("the first frame does not say where to read");
	buf_drop(&input, (size_t)used);
}

void desk_take_mark(struct wire_mail *mail)
{
	struct wire_frame frame;
	long used;

	while (!(used = next(&frame)))
		fill(-1);
	if (frame.kind != WIRE_MARK || !wire_get_mail(&frame, mail))
		log_die("what came in names no mail");
	buf_drop(&input, (size_t)used);
}

struct letter *desk_take(int wait_ms)
{
	struct wire_frame frame;
	struct letter *letter;
	long used;

	while (!(used = next(&frame)))
		if (!fill(wait_ms) && wait_ms >= 0)
			return NULL;
	letter = frame.kind == WIRE_LETTER ? wire_get_letter(&frame) : NULL;
	if (!letter)
		log_die("what came in is no letter");
	buf_drop(&input, (size_t)used);
	return letter;
}

void desk_check(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};

	if (poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)))
		_exit(0);
}

void desk_say(struct buf *frame)
{
	size_t done = 0;

	while (done < frame->len) {
		ssize_t n = write(STDOUT_FILENO, frame->data + done, frame->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(0); /* nobody listens */
		done += (size_t)n;
	}
	buf_reset(frame);
}

static void replace(int64_t old, int64_t new)
{
	for (int i = 0; i < WIRE_LETTERS_MOST; i++)
		if (shared->leaving[i] == old) {
			shared->leaving[i] = new;
			return;
		}
}

void desk_leaving(const struct letter *letter)
{
	replace(0, letter->message);
}

void desk_answer(struct letter *letter, const struct outcome *outcome)
{
	static struct buf frame;

	wire_put_answer(&frame, letter->message, outcome);
	desk_say(&frame);
	replace(letter->message, 0);
	letter_free(letter);
}
