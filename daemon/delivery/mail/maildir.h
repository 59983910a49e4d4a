/* A Maildir, read and marked. Source: the Maildir page of qmail and of Dovecot: names
 * begin with the second of delivery; ":2," and flags stand behind them in cur. */
#ifndef DANGOL_MAIL_MAILDIR_H
#define DANGOL_MAIL_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"
#include "delivery/wire.h"

struct maildir_mail {
	char path[WIRE_NAME + 8]; /* "new/…" or "cur/…:2,S", inside the folder */
	char name[WIRE_NAME];     /* without the flags: the same wherever it lies */
};
/* The first ones behind that name ("": of all), in order of delivery, at most max.
 * Returns how many, *more: there are others; -1 and why (256): it cannot be read. */
int maildir_list(const char *folder, const char *after, struct maildir_mail *out, int max,
        bool *more, char why[256]);
/* At most so many bytes of it. false: it is not there any more, or may not be read. */
bool maildir_read(const char *folder, const struct maildir_mail *mail, size_t most,
        struct buf *out);
/* Seen: into cur, with the flag S. false: it cannot be. */
bool maildir_mark(const char *folder, const char *name);

#endif
