/* The mail children: one dangol-mail process per connection, fed over a pipe with at most
 * two seconds of work, replaced when it dies or hangs. What it had not answered is then
 * unknown from the message under way on. */
#ifndef DANGOL_MAILER_H
#define DANGOL_MAILER_H

#include <stddef.h>
#include <uv.h>
#include "delivery/channel.h"

struct mailer;
/* dangol-mail's path: where DANGOL_LIBEXEC says, else beside dangold, else in
 * ../libexec/dangol. */
void mailer_program(char *path, size_t size);
/* Children send by SMTP, or write the outbox's files where the channel's provider is
 * "outbox". The password reaches a child over its pipe, never by argv or environment. */
struct mailer *mailer_new(struct channel *channel, const char *program);
int mailer_room(const struct mailer *mailer);
void mailer_send(struct mailer *mailer, struct letter *letter);
/* The token by which its children sign in; NULL: none, or none yet. Borrowed. */
const char *mailer_token(const struct mailer *mailer);
void mailer_free(struct mailer *mailer, int grace_ms,
        void (*freed)(struct channel *channel), struct channel *channel);

#endif
