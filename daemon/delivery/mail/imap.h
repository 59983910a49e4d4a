/* A folder of an IMAP server: looked through without a trace, and marked where it is told
 * to. Source: RFC 3501. libcurl connects, encrypts and signs in; the verbs are ours: what
 * it has for FETCH would mark every mail as seen. */
#ifndef DANGOL_MAIL_IMAP_H
#define DANGOL_MAIL_IMAP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/mem.h"
#include "delivery/wire.h"

struct imap;
/* Signs in and looks at the folder (EXAMINE: not even \Recent changes). NULL and why
 * (256). */
struct imap *imap_open(const struct wire_box *box, char why[256]);
int64_t imap_validity(const struct imap *imap); /* RFC 3501 2.3.1.1 */
/* The first ones behind that UID that came in the last 30 days, at most max. Returns how
 * many, *more: there are others; -1 and why. */
int imap_list(struct imap *imap, int64_t after, int64_t *uids, int max, bool *more,
        char why[256]);
/* At most so many bytes of it; none: it is not there any more. false and why: the server
 * does not answer, or makes no sense. */
bool imap_read(
        struct imap *imap, int64_t uid, size_t most, struct buf *out, char why[256]);
bool imap_mark(struct imap *imap, int64_t uid); /* \Seen */

#endif
