/* The mail children of one channel: who gets a letter, how many there are. Never blocks,
 * never queues a letter that no child has. */
#include "delivery/mailer.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "delivery/child.h"
#include "delivery/outcome.h"

#define CONNECTIONS_MOST 16

struct mailer {
	struct child_home home;
	int connections;
	struct child *children;
	int corpses; /* children gone whose handles still close, and the pass */
	uv_timer_t grace;
	void (*freed)(struct channel *channel);
	struct channel *freed_arg;
};

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

/* ---- who is there ---- */

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

	if (mailer->home.closing)
		return 0;
	if (!pass_ready(mailer->home.pass))
		return pass_room(mailer->home.pass);
	room = room < 0 ? 0 : room;
	for (const struct child *child = mailer->children; child; child = child->next)
		room += child_room(child);
	return room;
}

static void finish_mailer(struct mailer *mailer);

static void on_gone(void *arg, struct child *child)
{
	struct mailer *mailer = arg;

	for (struct child **at = &mailer->children; *at; at = &(*at)->next)
		if (*at == child) {
			*at = child->next;
			break;
		}
	mailer->corpses++;
}

static void on_closed(void *arg)
{
	struct mailer *mailer = arg;

	mailer->corpses--;
	finish_mailer(mailer);
}

/* An idle one; a new one while there may be more; else the one with the least to do. */
static struct child *pick(struct mailer *mailer, int *error)
{
	struct child *best = NULL;

	*error = 0;
	for (struct child *child = mailer->children; child; child = child->next)
		if (child_room(child) > 0 && (!best || child->n_tasks < best->n_tasks))
			best = child;
	if ((best && !best->n_tasks) || living(mailer) >= mailer->connections)
		return best;
	best = child_new(&mailer->home, error);
	if (best) {
		best->next = mailer->children;
		mailer->children = best;
	}
	return best;
}

void mailer_send(struct mailer *mailer, struct letter *letter)
{
	struct outcome outcome;
	struct child *child;
	int error;

	if (!pass_ready(mailer->home.pass)) {
		outcome = pass_answer(mailer->home.pass);
		channel_answer(mailer->home.channel, letter, &outcome);
		return;
	}
	child = pick(mailer, &error);
	if (error) {
		outcome = outcome_make(OUTCOME_OPERATOR, "child",
		        TR("dangol-mail cannot be started (%s): install it beside "
		           "dangold "
		           "or set DANGOL_LIBEXEC",
		                "dangol-mail을 시작할 수 없습니다 (%s). dangold 옆에 "
		                "설치하거나 DANGOL_LIBEXEC를 정하십시오"),
		        uv_strerror(error));
		channel_answer(mailer->home.channel, letter, &outcome);
		return;
	}
	assert(child);
	child_send(child, letter);
}

/* ---- the mailer ---- */

static void hang_up(struct mailer *mailer)
{
	for (struct child *child = mailer->children; child; child = child->next)
		child_hang_up(child);
}

static void on_pass(void *arg)
{
	struct mailer *mailer = arg;

	hang_up(mailer);
	mailer->home.channel->wake(mailer->home.channel);
}

struct mailer *mailer_new(struct channel *channel, const char *program)
{
	struct mailer *mailer = mem_alloc(sizeof *mailer);
	int wish = channel->config->connections;

	mailer->home = (struct child_home){.channel = channel,
	        .program = mem_strdup(program),
	        .arg = mailer,
	        .gone = on_gone,
	        .closed = on_closed};
	mailer->connections = wish < 1                  ? 1
	                      : wish > CONNECTIONS_MOST ? CONNECTIONS_MOST
	                                                : wish;
	mailer->home.pass = pass_new(
	        channel, &(struct pass_home){
	                         .changed = on_pass, .closed = on_closed, .arg = mailer});
	uv_timer_init(channel->loop, &mailer->grace);
	mailer->grace.data = mailer;
	return mailer;
}

const char *mailer_token(const struct mailer *mailer)
{
	return pass_token(mailer->home.pass);
}

static void on_mailer_closed(uv_handle_t *handle)
{
	struct mailer *mailer = handle->data;
	void (*freed)(struct channel *) = mailer->freed;
	struct channel *channel = mailer->freed_arg;

	free(mailer->home.program);
	free(mailer);
	freed(channel);
}

/* The pass goes when no child can ask for it any more. */
static void finish_mailer(struct mailer *mailer)
{
	struct pass *pass = mailer->home.pass;

	if (!mailer->home.closing || mailer->children || mailer->corpses)
		return;
	mailer->home.pass = NULL;
	if (pass) {
		mailer->corpses++;
		pass_free(pass);
	} else if (!uv_is_closing((uv_handle_t *)&mailer->grace)) {
		uv_close((uv_handle_t *)&mailer->grace, on_mailer_closed);
	}
}

static void on_grace_over(uv_timer_t *timer)
{
	struct mailer *mailer = timer->data;

	for (struct child *child = mailer->children; child; child = child->next)
		child_kill(child);
}

void mailer_free(struct mailer *mailer, int grace_ms,
        void (*freed)(struct channel *channel), struct channel *channel)
{
	mailer->home.closing = true;
	mailer->freed = freed;
	mailer->freed_arg = channel;
	hang_up(mailer);
	uv_timer_start(&mailer->grace, on_grace_over, (uint64_t)grace_ms, 0);
	finish_mailer(mailer);
}
