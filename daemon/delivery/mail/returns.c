/* One look through the mailbox of returned mails. Marks nothing by itself: what is ours,
 * dangold knows, and says so when it is written down. */
#include "delivery/mail/returns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "delivery/mail/desk.h"
#include "delivery/mail/dsn.h"
#include "delivery/mail/imap.h"
#include "delivery/mail/maildir.h"

#define MAIL_MOST ((size_t)256 * 1024)

static struct buf frame;

/* It is told of first: should it end us, dangold knows which one it was. */
static void tell_mail(const struct wire_mail *mail, const struct buf *text)
{
	static struct bounce bounces[BOUNCES_MOST];
	size_t n;

	wire_put_mail(&frame, WIRE_MAIL, mail);
	desk_say(&frame);
	n = text->len ? dsn_read(text->data, text->len, bounces) : 0;
	for (size_t i = 0; i < n; i++)
		wire_put_report(&frame, &bounces[i]);
	wire_put_mail(&frame, WIRE_SAID, mail);
	desk_say(&frame);
}

static void tell_end(const struct wire_read *read)
{
	wire_put_read(&frame, read);
	desk_say(&frame);
}

static void look_through_folder(const struct wire_box *box, struct wire_read *read)
{
	static struct maildir_mail mails[WIRE_MAILS_MOST];
	int n = maildir_list(box->box.folder, box->after, mails, WIRE_MAILS_MOST,
	        &read->more, read->error);
	struct buf text = {0};

	for (int i = 0; i < n; i++) {
		struct wire_mail mail = {0};

		strcpy(mail.name, mails[i].name);
		if (!maildir_read(box->box.folder, &mails[i], MAIL_MOST, &text))
			buf_reset(&text);
		tell_mail(&mail, &text);
	}
	buf_free(&text);
}

static struct imap *look_through_server(
        const struct wire_box *box, struct wire_read *read)
{
	struct imap *imap = imap_open(box, read->error);
	int64_t validity = imap ? imap_validity(imap) : 0,
	        after = validity == box->validity ? box->uid : 0, uids[WIRE_MAILS_MOST];
	struct buf text = {0};
	int n;

	n = imap ? imap_list(imap, after, uids, WIRE_MAILS_MOST, &read->more, read->error)
	         : 0;
	for (int i = 0; i < n; i++) {
		struct wire_mail mail = {.validity = validity, .uid = uids[i]};

		if (!imap_read(imap, uids[i], MAIL_MOST, &text, read->error))
			break;
		tell_mail(&mail, &text);
	}
	buf_free(&text);
	return imap;
}

static bool mark(
        const struct wire_box *box, struct imap *imap, const struct wire_mail *mail)
{
	return box->box.folder ? maildir_mark(box->box.folder, mail->name)
	                       : imap && imap_mark(imap, mail->uid);
}

void returns_run(void)
{
	struct arena *arena = arena_new();
	struct wire_read read = {0};
	struct wire_box box;
	struct wire_mail mail;
	struct imap *imap = NULL;

	desk_open_box(arena, &box);
	if (box.box.folder)
		look_through_folder(&box, &read);
	else
		imap = look_through_server(&box, &read);
	tell_end(&read);
	for (bool told = false;;) {
		desk_take_mark(&mail);
		if (mark(&box, imap, &mail) || told)
			continue;
		told = true;
		log_warn("%s", TR("bounces cannot be marked as seen where they lie; they "
		                  "are written down and not read again",
		                       "반송 메일에 읽음 표시를 하지 못했습니다. 기록은 "
		                       "되었고 다시 읽지 않습니다"));
	}
}
