/* Frames between dangold and dangol-mail. Trusts no length that it reads. */
#include "delivery/wire.h"

#include <stdint.h>
#include <string.h>

#define HEAD 5
#define ABSENT UINT32_MAX

/* ---- writing ---- */

static void put_u32(struct buf *out, uint32_t n)
{
	buf_add(out, &n, sizeof n);
}

static void put_int(struct buf *out, int64_t n)
{
	buf_add(out, &n, sizeof n);
}

static void put_text(struct buf *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	put_u32(out, text ? (uint32_t)len : ABSENT);
	buf_add(out, text ? text : "", len);
}

static size_t begin(struct buf *out, enum wire_kind kind)
{
	size_t at = out->len;

	put_u32(out, 0);
	buf_addc(out, (char)kind);
	return at;
}

static void end(struct buf *out, size_t at)
{
	uint32_t len = (uint32_t)(out->len - at - HEAD);

	memcpy(out->data + at, &len, sizeof len);
}

/* ---- reading ---- */

struct reader {
	const char *at;
	size_t left;
	bool bad;
};

static void get_bytes(struct reader *reader, void *to, size_t len)
{
	if (reader->bad || reader->left < len) {
		reader->bad = true;
		memset(to, 0, len);
		return;
	}
	memcpy(to, reader->at, len);
	reader->at += len;
	reader->left -= len;
}

static int64_t get_int(struct reader *reader)
{
	int64_t n;

	get_bytes(reader, &n, sizeof n);
	return n;
}

static const char *get_text(struct reader *reader, struct arena *arena)
{
	uint32_t len;
	const char *text;

	get_bytes(reader, &len, sizeof len);
	if (reader->bad || len == ABSENT)
		return NULL;
	if (len > reader->left) {
		reader->bad = true;
		return NULL;
	}
	text = arena_strndup(arena, reader->at, len);
	reader->at += len;
	reader->left -= len;
	return text;
}

static void get_copy(struct reader *reader, char *out, size_t size)
{
	uint32_t len;

	get_bytes(reader, &len, sizeof len);
	if (reader->bad || len >= size)
		reader->bad = true;
	else
		get_bytes(reader, out, len);
	out[reader->bad ? 0 : len] = 0;
}

static struct reader reader_of(const struct wire_frame *frame)
{
	return (struct reader){.at = frame->data, .left = frame->len};
}

static bool whole(const struct reader *reader)
{
	return !reader->bad && !reader->left;
}

long wire_next(const char *data, size_t len, struct wire_frame *frame)
{
	uint32_t body;

	if (len < HEAD)
		return 0;
	memcpy(&body, data, sizeof body);
	if (body > WIRE_MOST)
		return -1;
	if (len < HEAD + (size_t)body)
		return 0;
	*frame = (struct wire_frame){(enum wire_kind)data[4], data + HEAD, body};
	return HEAD + (long)body;
}

/* ---- the frames ---- */

void wire_put_setup(struct buf *out, const struct wire_setup *setup)
{
	size_t at = begin(out, WIRE_SETUP);

	put_text(out, setup->folder);
	put_text(out, setup->server);
	put_text(out, setup->user);
	put_text(out, setup->password);
	put_text(out, setup->token);
	put_int(out, setup->port);
	put_int(out, setup->tls);
	end(out, at);
}

bool wire_get_setup(
        const struct wire_frame *frame, struct arena *arena, struct wire_setup *setup)
{
	struct reader reader = reader_of(frame);

	setup->folder = get_text(&reader, arena);
	setup->server = get_text(&reader, arena);
	setup->user = get_text(&reader, arena);
	setup->password = get_text(&reader, arena);
	setup->token = get_text(&reader, arena);
	setup->port = get_int(&reader);
	setup->tls = get_int(&reader);
	return whole(&reader);
}

void wire_put_letter(struct buf *out, const struct letter *letter)
{
	const char *texts[] = {letter->key, letter->channel, letter->to, letter->from,
	        letter->reply_to, letter->subject, letter->text, letter->html,
	        letter->rule, letter->customer, letter->template, letter->coupon,
	        letter->purpose, letter->unsubscribe, letter->mark};
	size_t at = begin(out, WIRE_LETTER);

	buf_reserve(out, 1024 + strlen(letter->text ? letter->text : "") +
	                         strlen(letter->html ? letter->html : ""));
	put_int(out, letter->message);
	put_int(out, letter->time);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_text(out, texts[i]);
	end(out, at);
}

struct letter *wire_get_letter(const struct wire_frame *frame)
{
	struct reader reader = reader_of(frame);
	struct arena *arena = arena_new();
	struct letter *letter = arena_alloc(arena, sizeof *letter);
	const char **texts[] = {&letter->key, &letter->channel, &letter->to,
	        &letter->from, &letter->reply_to, &letter->subject, &letter->text,
	        &letter->html, &letter->rule, &letter->customer, &letter->template,
	        &letter->coupon, &letter->purpose, &letter->unsubscribe, &letter->mark};

	letter->arena = arena;
	letter->message = get_int(&reader);
	letter->time = get_int(&reader);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = get_text(&reader, arena);
	if (whole(&reader) && letter->key && letter->to && letter->channel)
		return letter;
	arena_free(arena);
	return NULL;
}

void wire_put_answer(struct buf *out, int64_t message, const struct outcome *outcome)
{
	size_t at = begin(out, WIRE_ANSWER);

	put_int(out, message);
	put_int(out, outcome->kind);
	put_int(out, outcome->retry_after_ms);
	put_int(out, outcome->domain);
	put_text(out, outcome->code);
	put_text(out, outcome->detail);
	put_text(out, outcome->provider_id);
	end(out, at);
}

bool wire_get_answer(
        const struct wire_frame *frame, int64_t *message, struct outcome *outcome)
{
	struct reader reader = reader_of(frame);
	int64_t kind;

	*outcome = (struct outcome){0};
	*message = get_int(&reader);
	kind = get_int(&reader);
	outcome->retry_after_ms = get_int(&reader);
	outcome->domain = get_int(&reader) == 1;
	get_copy(&reader, outcome->code, sizeof outcome->code);
	get_copy(&reader, outcome->detail, sizeof outcome->detail);
	get_copy(&reader, outcome->provider_id, sizeof outcome->provider_id);
	outcome->kind = (enum outcome_kind)kind;
	return whole(&reader) && kind >= OUTCOME_ACCEPTED && kind <= OUTCOME_UNKNOWN;
}

/* ---- of bounces ---- */

void wire_put_box(struct buf *out, const struct wire_box *box)
{
	const char *texts[] = {box->box.folder, box->box.server, box->box.name, box->user,
	        box->password, box->token, box->after};
	size_t at = begin(out, WIRE_BOX);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_text(out, texts[i]);
	put_int(out, box->box.port);
	put_int(out, box->box.tls);
	put_int(out, box->validity);
	put_int(out, box->uid);
	end(out, at);
}

bool wire_get_box(
        const struct wire_frame *frame, struct arena *arena, struct wire_box *box)
{
	const char **texts[] = {&box->box.folder, &box->box.server, &box->box.name,
	        &box->user, &box->password, &box->token, &box->after};
	struct reader reader = reader_of(frame);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = get_text(&reader, arena);
	box->box.port = (int)get_int(&reader);
	box->box.tls = get_int(&reader) != 0;
	box->validity = get_int(&reader);
	box->uid = get_int(&reader);
	return whole(&reader) && box->after &&
	       (box->box.folder || (box->box.server && box->box.name));
}

void wire_put_mail(struct buf *out, enum wire_kind kind, const struct wire_mail *mail)
{
	size_t at = begin(out, kind);

	put_text(out, mail->name);
	put_int(out, mail->validity);
	put_int(out, mail->uid);
	end(out, at);
}

bool wire_get_mail(const struct wire_frame *frame, struct wire_mail *mail)
{
	struct reader reader = reader_of(frame);

	get_copy(&reader, mail->name, sizeof mail->name);
	mail->validity = get_int(&reader);
	mail->uid = get_int(&reader);
	return whole(&reader);
}

void wire_put_report(struct buf *out, const struct bounce *b)
{
	const char *texts[] = {
	        b->name, b->recipient, b->original, b->action, b->status, b->words};
	size_t at = begin(out, WIRE_REPORT);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_text(out, texts[i]);
	put_int(out, b->strange);
	end(out, at);
}

bool wire_get_report(const struct wire_frame *frame, struct bounce *b)
{
	struct reader reader = reader_of(frame);

	get_copy(&reader, b->name, sizeof b->name);
	get_copy(&reader, b->recipient, sizeof b->recipient);
	get_copy(&reader, b->original, sizeof b->original);
	get_copy(&reader, b->action, sizeof b->action);
	get_copy(&reader, b->status, sizeof b->status);
	get_copy(&reader, b->words, sizeof b->words);
	b->strange = get_int(&reader) != 0;
	return whole(&reader);
}

void wire_put_read(struct buf *out, const struct wire_read *read)
{
	size_t at = begin(out, WIRE_READ);

	put_int(out, read->more);
	put_text(out, read->error);
	end(out, at);
}

bool wire_get_read(const struct wire_frame *frame, struct wire_read *read)
{
	struct reader reader = reader_of(frame);

	read->more = get_int(&reader) != 0;
	get_copy(&reader, read->error, sizeof read->error);
	return whole(&reader);
}
