/* Returned mails, from their mailbox into the store. A mail is marked when what it says
 * is on disk, and the store knows how far the mailbox was read: none is taken twice, and
 * what is nobody's business stays as it lies. */
#include "delivery/bounces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
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
	struct engine *engine;
	uv_loop_t *loop;
	const struct channel_config *config;
	const uint8_t *link_key;
	struct arena *arena;
	struct mailbox box;
	void (*wake)(void *arg);
	void *wake_arg;
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
	void (*freed)(void *arg);
	void *freed_arg;
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
	void (*freed)(void *arg) = b->freed;
	void *arg = b->freed_arg;

	if (!b->closing || b->reader || b->unsure)
		return;
	drop_list(b);
	arena_free(b->arena);
	free(b);
	freed(arg);
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
	b->wake(b->wake_arg);
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
	b->wake(b->wake_arg);
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
	maybe_free(b);
	if (!b->closing)
		b->wake(b->wake_arg);
}

/* ---- how far it was read ---- */

/* Of another mailbox the old place says nothing. */
static bool same_place(struct bounces *b)
{
	char *place = db_meta_text(b->engine->db, "bounces_place");
	bool same = place && !strcmp(place, b->config->bounces);

	free(place);
	return same;
}

static void keep_place(struct bounces *b, const struct wire_mail *mail)
{
	struct db *db = b->engine->db;

	db_meta_set_text(db, "bounces_place", b->config->bounces);
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

static void look(struct bounces *b)
{
	const struct channel_config *c = b->config;
	bool same = same_place(b), own = c->bounces_user != NULL;
	char *after = same ? db_meta_text(b->engine->db, "bounces_after") : NULL,
	     why[256];
	struct wire_box box = {
	        .box = b->box,
	        .user = own ? c->bounces_user : c->user,
	        .password = own ? c->bounces_password.data : c->password.data,
	        .token = own ? NULL : c->token.data,
	        .after = after ? after : "",
	};

	if (same) {
		box.validity = db_meta_int(b->engine->db, "bounces_validity", 0);
		box.uid = db_meta_int(b->engine->db, "bounces_uid", 0);
	}
	b->all = b->well = b->soon = b->spoilt = false;
	b->reader = reader_new(b->loop, &box, &reading, b, why);
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
		b->wake(b->wake_arg);
	maybe_free(b);
}

static void write_down(struct bounces *b, struct returned *returned, int64_t now)
{
	struct db *db = b->engine->db;

	for (size_t i = 0; i < returned->n; i++)
		if (settle_bounce(b->engine, b->link_key, &returned->bounces[i], now))
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

int64_t bounces_run(struct bounces *b, int64_t now)
{
	write_list(b, now);
	if (b->list)
		return now;
	if (b->well) {
		b->well = false;
		db_meta_set_int(b->engine->db, "bounces_last", now);
	}
	if (b->reader || b->unsure)
		return 0;
	if (b->soon || b->spoilt) {
		b->next_at = now + (b->spoilt ? AGAIN : SOON);
		b->soon = b->spoilt = false;
	}
	if (now >= b->next_at) {
		b->next_at = now + EVERY;
		look(b);
	}
	return b->next_at;
}

/* ---- what is shown ---- */

json_t *bounces_status(const struct bounces *b)
{
	struct db *db = b->engine->db;
	int64_t last = db_meta_int(db, "bounces_last", 0);
	char time[40];

	return json_pack("{s:I, s:I, s:I, s:s?, s:s?}", "read",
	        (json_int_t)tally_counted(db, READ), "ours",
	        (json_int_t)tally_counted(db, OURS), "ignored",
	        (json_int_t)tally_counted(db, IGNORED), "last",
	        last ? zone_format(b->engine->shop->zone, last, time) : NULL, "error",
	        b->error[0] ? b->error : NULL);
}

const char *bounces_why(struct bounces *b)
{
	if (!b->error[0])
		return NULL;
	snprintf(b->why, sizeof b->why,
	        TR("The mailbox of bounces cannot be read: %s.",
	                "반송 메일함을 읽을 수 없습니다: %s."),
	        b->error);
	return b->why;
}

/* ---- its life ---- */

struct bounces *bounces_new(struct engine *engine, uv_loop_t *loop,
        const struct channel_config *configs, size_t n, const uint8_t *link_key,
        void (*wake)(void *arg), void *arg)
{
	struct bounces *b;
	char why[256];
	size_t i = 0;

	while (i < n && !configs[i].bounces)
		i++;
	if (i == n)
		return NULL;
	b = mem_alloc(sizeof *b);
	*b = (struct bounces){.engine = engine,
	        .loop = loop,
	        .config = &configs[i],
	        .link_key = link_key,
	        .arena = arena_new(),
	        .wake = wake,
	        .wake_arg = arg};
	b->end = &b->list;
	if (!mailbox_parse(configs[i].bounces, b->arena, &b->box, why))
		fail(b, why);
	return b;
}

void bounces_free(struct bounces *b, void (*freed)(void *arg), void *arg)
{
	b->closing = true;
	b->freed = freed;
	b->freed_arg = arg;
	drop_list(b);
	if (b->reader)
		reader_kill(b->reader);
	maybe_free(b);
}
