/* Letters under way in a mail child. Decides what a broken connection means for each:
 * never sends one again whose end may have left. */
#include "delivery/mail/batch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "base/log.h"
#include "delivery/mail/desk.h"
#include "delivery/mail/mime.h"
#include "delivery/outcome.h"

#define HOLD_MOST_US 20000
#define TRIES_MOST 2 /* turns that a letter gets before it goes back to dangold */

struct job *batch_add(struct batch *batch, struct letter *letter)
{
	struct job *job = mem_alloc(sizeof *job);
	bool to = mime_is_bare(letter->to);
	struct outcome outcome;

	if (to)
		strcpy(job->to, letter->to);
	if (to && mime_address(letter->from, job->from)) {
		job->letter = letter;
		batch->jobs[batch->n++] = job;
		batch->open++;
		return job;
	}
	outcome = outcome_make(to ? OUTCOME_OPERATOR : OUTCOME_REFUSED, "address", "%s",
	        to ? TR("the sender (from) is no e-mail address",
	                     "보내는 사람(from)이 메일 주소가 아닙니다")
	           : TR("the address cannot be used for e-mail",
	                     "메일을 보낼 수 없는 주소입니다"));
	desk_answer(letter, &outcome);
	free(job);
	return NULL;
}

/* ---- the text ---- */

void batch_render(struct job *job)
{
	desk_check();
	if (!job->letter || job->rendered)
		return;
	job->rendered = true;
	job->text = mime_render(job->letter, &job->len);
}

/* ---- before the end ---- */

int64_t batch_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static bool gone(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 ||
	       (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool batch_hold(struct job *job, int fd, int64_t reply_us, struct job *next)
{
	int64_t until =
	        batch_now_us() + (reply_us < HOLD_MOST_US ? reply_us : HOLD_MOST_US);
	struct pollfd peer = {.fd = fd, .events = POLLIN | POLLRDHUP};

	if (next)
		batch_render(next);
	for (int64_t left; fd >= 0 && (left = until - batch_now_us()) > 0;) {
		struct timespec wait = {.tv_nsec = left * 1000};
		if (ppoll(&peer, 1, &wait, NULL) > 0)
			break;
	}
	if (fd >= 0 && gone(fd))
		return false;
	if (job->letter && !job->leaving)
		desk_leaving(job->letter);
	job->leaving = true;
	return true;
}

/* ---- answers ---- */

void batch_answer(struct batch *batch, struct job *job, const struct outcome *outcome)
{
	if (!job->letter)
		return;
	desk_answer(job->letter, outcome);
	job->letter = NULL;
	batch->open--;
}

void batch_reply(struct batch *batch, struct job *job, enum reply_stage stage,
        const struct reply *reply)
{
	struct outcome outcome;

	if (!job->letter)
		return;
	outcome = reply_outcome(stage, reply, job->letter->to);
	batch_answer(batch, job, &outcome);
}

static void settle(
        struct batch *batch, struct job *job, bool reached, const struct outcome *why)
{
	struct outcome lost;

	if (job->leaving) {
		lost = outcome_make(OUTCOME_UNKNOWN, why->code, "%s",
		        TR("the mail server did not answer the letter's end; it may have "
		           "arrived",
		                "메일을 다 보냈지만 메일 서버의 답이 없습니다. 도착했을 "
		                "수도 있습니다"));
		batch_answer(batch, job, &lost);
	} else if (!reached || job->tries >= TRIES_MOST) {
		batch_answer(batch, job, why);
	}
}

void batch_settle(struct batch *batch, bool reached, const struct outcome *why)
{
	int kept = 0;

	for (int i = 0; i < batch->n; i++) {
		struct job *job = batch->jobs[i];

		if (job->letter)
			settle(batch, job, reached, why);
		if (job->letter) {
			batch->jobs[kept++] = job;
			continue;
		}
		free(job->text);
		free(job);
	}
	batch->n = kept;
}
