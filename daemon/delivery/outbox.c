/* Provider outbox: each message becomes a file beside the database, so that the whole
 * program runs with no account anywhere. Writing and syncing happen on the loop's pool,
 * e-mail in a mail child, which alone knows MIME; the loop itself never waits for the
 * disk. */
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/channel.h"
#include "delivery/mailer.h"
#include "delivery/outcome.h"
#include "delivery/parcel.h"

#define ROOM 256 /* letters written or waiting for it; beyond, they stay planned */

struct outbox {
	struct channel *channel;
	struct mailer *mailer;            /* channel email; NULL elsewhere */
	struct parcel *waiting, *writing; /* grown as needed, at most ROOM in both */
	size_t n_waiting, n_writing;
	uv_work_t work;
	void (*closed)(struct channel *channel);
};

static void start(struct outbox *outbox);

static void finish(struct outbox *outbox)
{
	struct channel *channel = outbox->channel;
	void (*closed)(struct channel *) = outbox->closed;

	free(outbox->waiting);
	free(outbox);
	channel->state = NULL;
	closed(channel);
}

static void on_work(uv_work_t *work)
{
	struct outbox *outbox = work->data;

	parcel_write(outbox->channel->config->outbox, outbox->writing, outbox->n_writing);
}

static void settle(struct outbox *outbox, struct parcel *parcel)
{
	struct letter *letter = parcel->owner;

	parcel_fini(parcel);
	channel_answer(outbox->channel, letter, &parcel->outcome);
}

static void on_written(uv_work_t *work, int status)
{
	struct outbox *outbox = work->data;
	size_t n = outbox->n_writing;

	(void)status;
	outbox->n_writing = 0; /* room grows before the answers are told */
	for (size_t i = 0; i < n; i++)
		settle(outbox, &outbox->writing[i]);
	free(outbox->writing);
	outbox->writing = NULL;
	if (outbox->closed)
		finish(outbox);
	else
		start(outbox);
}

static void start(struct outbox *outbox)
{
	if (outbox->writing || !outbox->n_waiting)
		return;
	outbox->writing = outbox->waiting;
	outbox->n_writing = outbox->n_waiting;
	outbox->waiting = NULL;
	outbox->n_waiting = 0;
	outbox->work.data = outbox;
	if (uv_queue_work(outbox->channel->loop, &outbox->work, on_work, on_written))
		log_die("the pool takes no work");
}

/* ---- the provider ---- */

static bool open_outbox(struct channel *channel, char why[256])
{
	struct outbox *outbox = mem_alloc(sizeof *outbox);
	char program[4096];

	(void)why;
	outbox->channel = channel;
	if (!strcmp(channel->config->name, "email")) {
		mailer_program(program, sizeof program);
		outbox->mailer = mailer_new(channel, program);
	}
	channel->state = outbox;
	return true;
}

static int room(struct channel *channel)
{
	struct outbox *outbox = channel->state;

	if (outbox->mailer)
		return mailer_room(outbox->mailer);
	return ROOM - (int)(outbox->n_waiting + outbox->n_writing);
}

static void send_letter(struct channel *channel, struct letter *letter)
{
	struct outbox *outbox = channel->state;
	struct parcel *parcel;

	if (outbox->mailer) {
		mailer_send(outbox->mailer, letter);
		return;
	}
	parcel = mem_grow(&outbox->waiting, outbox->n_waiting++, sizeof *parcel);
	*parcel = (struct parcel){.json = parcel_json(letter), .owner = letter};
	parcel_stem(letter, parcel->stem);
	start(outbox);
}

static void on_mailer_freed(struct channel *channel)
{
	finish(channel->state);
}

/* What the pool has is written to its end, in milliseconds; what waits is not begun. */
static void close_outbox(
        struct channel *channel, int grace_ms, void (*closed)(struct channel *channel))
{
	struct outbox *outbox = channel->state;
	size_t n = outbox->n_waiting;

	outbox->closed = closed;
	outbox->n_waiting = 0;
	for (size_t i = 0; i < n; i++) {
		outbox->waiting[i].outcome = outcome_make(OUTCOME_NOT_SENT, NULL, "%s",
		        TR("the daemon stops", "데몬이 멈춥니다"));
		settle(outbox, &outbox->waiting[i]);
	}
	if (outbox->mailer)
		mailer_free(outbox->mailer, grace_ms, on_mailer_freed, channel);
	else if (!outbox->writing)
		finish(outbox);
}

const struct channel_ops outbox_ops = {
        .provider = "outbox",
        .open = open_outbox,
        .room = room,
        .send = send_letter,
        .close = close_outbox,
};
