/* What the files of provider solapi share: not for others. Source of all: SOLAPI's
 * developer documents, and its Node SDK for names and shapes. */
#ifndef DANGOL_SOLAPI_INNER_H
#define DANGOL_SOLAPI_INNER_H

#include "delivery/protocol.h"

#define SOLAPI_BASE "https://api.solapi.com"
/* Where our names stand in customFields. */
#define SOLAPI_KEY "dangol"
#define SOLAPI_BUNDLE "bundle"

/* Method and path, signed afresh: the same signature twice is refused. */
void solapi_begin(struct request *out, const struct talk *talk, const char *method,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* As talk_heard, with SOLAPI's own errors in words. */
bool solapi_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json);
/* A message's status code, as an outcome of sending it. */
struct outcome solapi_outcome(const char *code, const char *message);
bool solapi_taken(const char *code);
/* The meaning of a code; NULL: not in the table. */
const struct code *solapi_code(const char *code);
const char *solapi_code_text(const char *code);
/* One message as the API wants it. Returns new. */
json_t *solapi_message(const struct talk *talk, const struct letter *letter);
/* Under what the id of a letter's picture is remembered. Returns out. */
char *solapi_picture(const struct letter *letter, char out[80]);
/* An upload or a template that a letter needs first: true with the request in out. */
bool solapi_needs(struct talk *talk, struct request *out);
/* Its answer; what could not be had settles the letters that need it. */
void solapi_got(struct talk *talk, const struct httpc_answer *answer);

talk_step solapi_ask, solapi_examine, solapi_senders, solapi_refusals;
receipts_reader solapi_receipts;

#endif
