/* What dangold and dangol-mail say to each other over a pipe: frames of four bytes of
 * length and one of kind. Both ends are the same build; a frame that does not add up ends
 * the child. */
#ifndef DANGOL_WIRE_H
#define DANGOL_WIRE_H

#include <stdatomic.h>
#include "base/mem.h"
#include "delivery/bounce.h"
#include "delivery/channel.h"
#include "delivery/mailbox.h"

enum wire_kind {
	WIRE_SETUP = 'S',  /* to the child, first and once */
	WIRE_LETTER = 'L', /* to the child */
	WIRE_ANSWER = 'A', /* from the child */
	/* Of a child that reads bounces: */
	WIRE_BOX = 'B',    /* to it, first and once: the mailbox */
	WIRE_MAIL = 'M',   /* from it: a mail that it has begun to read */
	WIRE_REPORT = 'R', /* from it: what that mail says of one recipient */
	WIRE_SAID = 'D',   /* from it: that was all of that mail */
	WIRE_READ = 'E',   /* from it: all are read, or why not */
	WIRE_MARK = 'K',   /* to it: a mail that is ours and written down */
};
enum { WIRE_MOST = 16 * 1024 * 1024, WIRE_TIMED_OUT = 75 /* the child's exit status */ };

/* A page that both see, the child's descriptor WIRE_SHARED. What stands there outlives
 * the child and costs neither of them a word over the pipe. */
enum { WIRE_SHARED = 3, WIRE_LETTERS_MOST = 16 /* that a child has before it */ };
struct wire_shared {
	/* The messages whose end is about to leave or has left, and that are not answered
	 * yet: from there on nobody knows. 0: a free place. */
	_Atomic int64_t leaving[WIRE_LETTERS_MOST];
};

/* How a child sends. folder set: it writes files there instead. */
struct wire_setup {
	const char *folder, *server, *user, *password, *token; /* or NULL */
	int64_t port;
	int64_t tls; /* enum tls_mode */
};
struct wire_frame {
	enum wire_kind kind;
	const char *data; /* borrowed */
	size_t len;
};

/* The first whole frame of what was read. Bytes used; 0 when there is not one yet; -1
 * when it is none of ours. */
long wire_next(const char *data, size_t len, struct wire_frame *frame);

enum {
	WIRE_NAME = 256,       /* of a file, with its end */
	WIRE_MAILS_MOST = 200, /* that are read in one look at a mailbox */
};
/* Where bounces are read, and behind which mail. */
struct wire_box {
	struct mailbox box;
	const char *user, *password, *token; /* or NULL */
	const char
	        *after; /* Maildir: the name of the last one read; "": from the first */
	int64_t validity, uid; /* IMAP: of the last one read; 0: from the first */
};
/* A mail of the mailbox. */
struct wire_mail {
	char name[WIRE_NAME]; /* Maildir: its file's, without ":2,…"; else "" */
	int64_t validity, uid;
};
struct wire_read {
	bool more;       /* there are others behind the last one */
	char error[256]; /* in the owner's words, or "": it went well */
};

void wire_put_setup(struct buf *out, const struct wire_setup *setup);
void wire_put_letter(struct buf *out, const struct letter *letter);
void wire_put_answer(struct buf *out, int64_t message, const struct outcome *outcome);

/* false: malformed. */
bool wire_get_setup(
        const struct wire_frame *frame, struct arena *arena, struct wire_setup *setup);
struct letter *wire_get_letter(
        const struct wire_frame *frame); /* returns new, or NULL: malformed */
bool wire_get_answer(
        const struct wire_frame *frame, int64_t *message, struct outcome *outcome);

void wire_put_box(struct buf *out, const struct wire_box *box);
void wire_put_mail(
        struct buf *out, enum wire_kind kind, const struct wire_mail *mail); /* M, D, K */
void wire_put_report(struct buf *out, const struct bounce *bounce);
void wire_put_read(struct buf *out, const struct wire_read *read);
bool wire_get_box(
        const struct wire_frame *frame, struct arena *arena, struct wire_box *box);
bool wire_get_mail(const struct wire_frame *frame, struct wire_mail *mail);
bool wire_get_report(const struct wire_frame *frame, struct bounce *bounce);
bool wire_get_read(const struct wire_frame *frame, struct wire_read *read);

#endif
