/* What the files of provider aligo share: not for others. Source of all: Aligo's pages
 * spec.html and alimapi.html at smartsms.aligo.in. */
#ifndef DANGOL_ALIGO_INNER_H
#define DANGOL_ALIGO_INNER_H

#include "delivery/protocol.h"

bool aligo_is_kakao(const struct channel_config *config);
/* A POST to that path of the channel's API ("/send/"). */
void aligo_begin(struct request *out, const struct talk *talk, const char *path);
/* The names under which each API wants the key and the account. */
const char *aligo_key_field(const struct channel_config *config);
const char *aligo_user_field(const struct channel_config *config);
/* Both, as the first fields of a form. */
void aligo_account(struct request *out, const struct talk *talk);
/* As talk_heard; true only when the code inside says that it went well. HTTP is 200 even
 * where it did not. */
bool aligo_heard(const struct talk *talk, const struct httpc_answer *answer,
        struct outcome *outcome, json_t **json);
/* A text of Aligo's for the owner's eyes; NULL when it is missing or holds a long number,
 * which may be a customer's. */
const char *aligo_text(const json_t *object, const char *name);
const char *aligo_code_text(const char *code);

talk_step aligo_send, aligo_ask;

#endif
