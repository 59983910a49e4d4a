/* JSON in which what is a person's stands sealed, each value in its place, and all else
 * stays readable to SQL. Changes nothing but those values; knows no table. */
#ifndef DANGOL_SEALED_JSON_H
#define DANGOL_SEALED_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"
#include "base/seal.h"

/* What is known of a member of the whole object by its name: nothing, so that its name
 * and its looks say (base/personal.h); that it is the shop's own, an order's number or a
 * product's name, whatever it looks like; that it is a person's. */
enum sealed_member { SEALED_ASK, SEALED_OWN, SEALED_PERSON };
typedef enum sealed_member (*sealed_json_member)(
        const void *arg, const char *name, size_t len);

/* Adds the text of valid JSON to out with its personal values sealed (base/personal.h):
 * texts and numbers under such a name, objects and lists as a whole, and any text that
 * looks like a number or an address. The members of "items" are goods: their "name" is
 * not. null, true and false stay. member may be NULL. Without a key nothing is sealed. */
void sealed_json_close(struct buf *out, const char *json, enum seal_purpose purpose,
        sealed_json_member member, const void *arg);
/* The same, with null in the place of each personal value: for eyes elsewhere. */
void sealed_json_bare(
        struct buf *out, const char *json, sealed_json_member member, const void *arg);
/* Adds the text as it was before. What does not open becomes null; false then. */
bool sealed_json_open(struct buf *out, const char *json, enum seal_purpose purpose);

#endif
