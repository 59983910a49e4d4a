/* Returned mails, from their mailbox into the store. A mail is marked when what it says
 * is on disk, and the store knows how far the mailbox was read: none is taken twice, and
 * what is nobody's business stays as it lies. */
#include "delivery/bounces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/dispatch_inner.h"
#include "delivery/mailer.h"
#include "delivery/reader.h"
#include "delivery/settle.h"
#include "store/tally.h"

#define EVERY (5 * MS_MINUTE)
#define SOON (5 * MS_SECOND) /* there is more in the mailbox */
#define AGAIN MS_MINUTE      /* the store could not take it */
#define SETTLE_MS 6          /* of a turn */

#define READ "bounces read"
#define OURS "bounces ours"
#define IGNORED "bounces ignored"

struct bounces {
	struct dispatch *dispatch;
	const struct line *line; /* of the channel */
	struct db *db;
	struct arena *arena; /* of box */
	struct mailbox box;
	struct reader *reader;        /* under way; or NULL */
	struct returned *list, **end; /* read, not written down yet */
	int unsure;                   /* written in a turn that has not ended yet */
	bool all;                     /* the reader has said all */
	bool well;                    /* and it went well: to be written down */
	bool soon;                    /* and there is more */
	bool spoilt;                  /* a turn was undone: the rest is read again */
	struct wire_mail died_at;     /* the mail that a reader died of */
	bool died;
	int64_t next_at;
	char error[256], why[512];
	bool closing;
	void (*freed)(struct dispatch *dispatch);
};

/* ---- what is dropped ---- */

static void drop_list(struct bounces *b)
{
	while (b->list) {
		struct returned *next = b->list->next;

		returned_free(b->list);
		b->list = next;
	}
	b->end = &b->list;
}

static void maybe_free(struct bounces *b)
{
	void (*freed)(struct dispatch * dispatch) = b->freed;
	struct dispatch *dispatch = b->dispatch;

	if (!b->closing || b->reader || b->unsure)
		return;
	drop_list(b);
	arena_free(b->arena);
	free(b);
	freed(dispatch);
}

/* Everything read is written down, and its turn ended: the child may mark and go. */
static void maybe_let_go(struct bounces *b)
{
	if (b->reader && b->all && !b->list && !b->unsure)
		reader_let_go(b->reader);
}

/* ---- from the child ---- */

static bool same_mail(const struct wire_mail *a, const struct wire_mail *b)
{
	return a->uid == b->uid && a->validity == b->validity &&
	       !strcmp(a->name, b->name);
}

static void on_mail(void *arg, struct returned *returned)
{
	struct bounces *b = arg;

	if (b->spoilt || b->closing) {
		returned_free(returned);
		return;
	}
	returned->owner = b;
	*b->end = returned;
	b->end = &returned->next;
	dispatch_wake(b->dispatch);
}

/* One line when it begins to fail, not one for each time. */
static void fail(struct bounces *b, const char *why)
{
	if (strcmp(b->error, why))
		log_warn(TR("the mailbox of bounces cannot be read: %s",
		                 "반송 메일함을 읽을 수 없습니다: %s"),
		        why);
	snprintf(b->error, sizeof b->error, "%s", why);
}

static void on_read(void *arg, const struct wire_read *read)
{
	struct bounces *b = arg;

	b->all = true;
	if (read->error[0]) {
		fail(b, read->error);
	} else {
		b->error[0] = 0;
		b->well = true;
		b->soon = read->more;
	}
	maybe_let_go(b);
	dispatch_wake(b->dispatch);
}

/* Read as one that says nothing: it ended its reader twice. */
static void pass_over(struct bounces *b, const struct wire_mail *at)
{
	struct returned *returned = mem_alloc(sizeof *returned);

	log_warn("%s", TR("a mail among the bounces ends the program that reads it, and "
	                  "is passed over",
	                       "반송 메일 하나가 읽는 프로그램을 끝내므로 건너뜁니다"));
	returned->place = *at;
	on_mail(b, returned);
}

static void on_gone(void *arg, const struct wire_mail *at, bool early, const char *why)
{
	struct bounces *b = arg;

	b->reader = NULL;
	if (early && !b->closing && !b->spoilt) {
		fail(b, why);
		if (at && b->died && same_mail(at, &b->died_at))
			pass_over(b, at);
		b->died = at != NULL;
		if (at)
			b->died_at = *at;
	}
	dispatch_wake(b->dispatch);
	maybe_free(b);
}

/* ---- how far it was read ---- */

/* Of another mailbox the old place says nothing. */
static bool same_place(struct bounces *b)
{
	char *place = db_meta_text(b->db, "bounces_place");
	bool same = place && !strcmp(place, b->line->config->bounces);

	free(place);
	return same;
}

static void keep_place(struct bounces *b, const struct wire_mail *mail)
{
	struct db *db = b->db;

	db_meta_set_text(db, "bounces_place", b->line->config->bounces);
	db_meta_set_text(db, "bounces_after", mail->name);
	db_meta_set_int(db, "bounces_validity", mail->validity);
	db_meta_set_int(db, "bounces_uid", mail->uid);
}

/* ---- a look ---- */

static const struct reader_ops reading = {
        .mail = on_mail,
        .read = on_read,
        .gone = on_gone,
};

/* The channel's own, as its mails leave by it; NULL: none, or none yet. */
static const char *channel_token(const struct bounces *b)
{
	return !strcmp(b->line->config->provider, "smtp")
	               ? mailer_token(b->line->channel.state)
	               : NULL;
}

/* As the channel does where nothing else is said. */
static void sign_in(const struct bounces *b, struct wire_box *box)
{
	const struct channel_config *c = b->line->config;
	bool own = c->bounces_user != NULL;

	box->user = own ? c->bounces_user : c->user;
	box->password = own ? c->bounces_password.data : c->password.data;
	box->token = own ? NULL : channel_token(b);
}

static void look(struct bounces *b)
{
	bool same = same_place(b);
	char *after = same ? db_meta_text(b->db, "bounces_after") : NULL, why[256];
	struct wire_box box = {.box = b->box, .after = after ? after : ""};

	if (!b->box.folder)
		sign_in(b, &box);
	if (same) {
		box.validity = db_meta_int(b->db, "bounces_validity", 0);
		box.uid = db_meta_int(b->db, "bounces_uid", 0);
	}
	b->all = b->well = b->soon = b->spoilt = false;
	b->reader = reader_new(b->dispatch->loop, &box, &reading, b, why);
	if (!b->reader)
		fail(b, why);
	free(after);
}

/* ---- into the store ---- */

static void on_written(void *arg, enum db_status status)
{
	struct returned *returned = arg;
	struct bounces *b = returned->owner;

	b->unsure--;
	if (status == DB_OK && returned->ours && b->reader)
		reader_mark(b->reader, &returned->place);
	if (status != DB_OK && !b->spoilt) {
		b->spoilt = true;
		drop_list(b);
		if (b->reader)
			reader_kill(b->reader);
	}
	returned_free(returned);
	maybe_let_go(b);
	if (!b->unsure && !b->reader && !b->closing)
		dispatch_wake(b->dispatch);
	maybe_free(b);
}

static void write_down(struct bounces *b, struct returned *returned, int64_t now)
{
	struct db *db = b->db;

	for (size_t i = 0; i < returned->n; i++)
		if (settle_bounce(b->dispatch->engine, b->dispatch->link_key,
		            &returned->bounces[i], now))
			returned->ours = true;
	tally_count(db, READ, 1);
	if (returned->ours)
		tally_count(db, OURS, 1);
	else if (returned->n)
		tally_count(db, IGNORED, 1);
	b->unsure++;
	db_after(db, on_written, returned);
}

/* As much as a turn may take. */
static void write_list(struct bounces *b, int64_t now)
{
	int64_t until = clock_mono() + SETTLE_MS;
	struct wire_mail place;
	bool any = false;

	while (b->list && (!any || clock_mono() < until)) {
		struct returned *returned = b->list;

		b->list = returned->next;
		if (!b->list)
			b->end = &b->list;
		place = returned->place;
		write_down(b, returned, now);
		any = true;
	}
	if (any)
		keep_place(b, &place);
}

/* A program still fetches what the channel signs in by. */
static bool must_wait(const struct bounces *b)
{
	const struct channel_config *c = b->line->config;

	return !b->box.folder && !c->bounces_user && c->renew && !channel_token(b);
}

int64_t bounces_run(struct bounces *b, int64_t now)
{
	if (!b)
		return 0;
	write_list(b, now);
	if (b->list)
		return now;
	if (b->well) {
		b->well = false;
		db_meta_set_int(b->db, "bounces_last", now);
	}
	if (b->reader || b->unsure)
		return 0;
	if (b->soon || b->spoilt) {
		b->next_at = now + (b->spoilt ? AGAIN : SOON);
		b->soon = b->spoilt = false;
	}
	if (now >= b->next_at && must_wait(b)) {
		b->next_at = now + SOON;
	} else if (now >= b->next_at) {
		b->next_at = now + EVERY;
		look(b);
	}
	return b->next_at;
}

/* ---- what is shown ---- */

json_t *bounces_status(const struct bounces *b)
{
	int64_t last = b ? db_meta_int(b->db, "bounces_last", 0) : 0;
	char time[40];

	if (!b)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:s?, s:s?}", "read",
	        (json_int_t)tally_counted(b->db, READ), "ours",
	        (json_int_t)tally_counted(b->db, OURS), "ignored",
	        (json_int_t)tally_counted(b->db, IGNORED), "last",
	        last ? zone_format(b->dispatch->engine->shop->zone, last, time) : NULL,
	        "error", b->error[0] ? b->error : NULL);
}

const char *bounces_why(struct bounces *b)
{
	if (!b || !b->error[0])
		return NULL;
	snprintf(b->why, sizeof b->why,
	        TR("The mailbox of bounces cannot be read: %s.",
	                "반송 메일함을 읽을 수 없습니다: %s."),
	        b->error);
	return b->why;
}

/* ---- its life ---- */

struct bounces *bounces_new(struct dispatch *d)
{
	struct bounces *b;
	char why[256];
	size_t i = 0;

	while (i < d->n_lines && !d->lines[i].config->bounces)
		i++;
	if (i == d->n_lines)
		return NULL;
	b = mem_alloc(sizeof *b);
	*b = (struct bounces){.dispatch = d,
	        .line = &d->lines[i],
	        .db = d->engine->db,
	        .arena = arena_new()};
	b->end = &b->list;
	if (!mailbox_parse(b->line->config->bounces, b->arena, &b->box, why))
		fail(b, why);
	return b;
}

void bounces_free(struct bounces *b, void (*freed)(struct dispatch *dispatch),
        struct dispatch *dispatch)
{
	if (!b) {
		freed(dispatch);
		return;
	}
	b->closing = true;
	b->freed = freed;
	drop_list(b);
	if (b->reader)
		reader_kill(b->reader);
	maybe_free(b);
}
