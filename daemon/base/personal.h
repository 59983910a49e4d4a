/* Which values are a person's: by the name that they stand under, or by how they look.
 * Says so the same for everybody, with a key or without one; seals nothing. */
#ifndef DANGOL_PERSONAL_H
#define DANGOL_PERSONAL_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"

/* "phone", "Receiver", "buyer_email", "우편번호": the name of a value that tells of a
 * person. "name" is one: where goods have names, whoever asks knows it. */
bool personal_name(const char *name, size_t len);
bool personal_is_name(const char *name, size_t len); /* "name" or "이름" itself */
/* A text that is, as a whole, a telephone number or an e-mail address. A number counts
 * when it begins with a zero or a plus: others may well be an order's. */
bool personal_text(const char *text, size_t len);

/* What the shop declared sealed beside these, a path a line in paths: "customer.메모",
 * "game.played.who". Of this process, from now on; takes paths. */
void personal_declare(struct buf *paths);
bool personal_declared(const char *owner, const char *name, size_t len);

#endif
