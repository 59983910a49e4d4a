/* A mail child's desk: letters come in from dangold, answers go out. Ends the process
 * when dangold is gone. */
#ifndef DANGOL_MAIL_DESK_H
#define DANGOL_MAIL_DESK_H

#include "delivery/channel.h"
#include "delivery/wire.h"

/* Waits for the first frame, which says how to send. arena keeps its strings. */
void desk_open(struct arena *arena, struct wire_setup *setup);
/* The next letter, waiting at most wait_ms for one (-1: for ever). NULL: none yet. The
 * caller's. */
struct letter *desk_take(int wait_ms);
/* Ends the process when dangold has gone: what it had handed over and is not under way is
 * not sent. */
void desk_check(void);
void desk_leaving(const struct letter *letter);
/* Of a child that reads bounces, which has no letters: the mailbox; mails to mark, one by
 * one, up to the end. */
void desk_open_box(struct arena *arena, struct wire_box *box);
void desk_take_mark(struct wire_mail *mail);
void desk_say(struct buf *frames); /* empties it */
/* Takes the letter. */
void desk_answer(struct letter *letter, const struct outcome *outcome);

#endif
