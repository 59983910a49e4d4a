/* What a customer agrees to on a page, word for word: the same text is shown, kept in the
 * ledger, which counts its version by the digest. Sources: Network Act Art. 50 (1), (3):
 * advertisements and night apart; PIPA Art. 15 (2): purpose, items, period, the right to
 * refuse and its effect; Art. 22: each by itself, and that it is for promotion plainly
 * said. */
#ifndef DANGOL_DOOR_WORDING_H
#define DANGOL_DOOR_WORDING_H

#include "base/mem.h"
#include "door/tongue.h"

enum wording_kind { WORDING_AD, WORDING_NIGHT, WORDING_DATA };
#define WORDINGS 3

/* "HEADING: what it is." media: by what it comes, in the reader's words; not used of
 * WORDING_DATA. Lives in arena. */
const char *wording_text(enum wording_kind kind, enum tongue tongue, const char *shop,
        const char *media, struct arena *arena);

#endif
