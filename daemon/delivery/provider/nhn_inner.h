/* What the files of the provider NHN share. Nobody else includes it. */
#ifndef DANGOL_NHN_INNER_H
#define DANGOL_NHN_INNER_H

#include "delivery/protocol.h"

/* NHN Cloud has three APIs, one for each of our channels: SMS v3.0, KakaoTalk Bizmessage
 * AlimTalk v2.3 and Brand Message v1.0. Source: its own guides, TOAST-DOCS/SMS and
 * TOAST-DOCS/Alimtalk, folder ko, of 2026-06-23. */
enum nhn_api { NHN_SMS, NHN_ALIMTALK, NHN_BRAND };
enum nhn_api nhn_api(const struct channel_config *config);

/* Method, address and secret; what follows the app key ("/sender/sms") is formatted. */
void nhn_begin(const struct talk *talk, struct request *out, const char *method,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* true: a whole answer whose header says success. Else *outcome is what it means of all
 * that it was about. *json is new either way, or NULL. */
bool nhn_heard(const struct talk *talk, const struct httpc_answer *answer,
        struct outcome *outcome, json_t **json);
/* A text, or a number where the guide has a text; false and "": neither, or longer than
 * size. */
bool nhn_word(const json_t *value, char *out, size_t size);
/* "requestId:recipientSeq" of a row, or "" where one of both is missing. */
void nhn_id(const json_t *row, const char *request_id, char out[128]);

/* nhn_codes.c: what a code means in that API; NULL: not in its table. */
extern const struct code nhn_sms_codes[], nhn_kakao_codes[];
extern const size_t nhn_n_sms_codes, nhn_n_kakao_codes;
const struct code *nhn_code(enum nhn_api api, const char *code);
struct outcome nhn_outcome(enum nhn_api api, const char *code);
const char *nhn_code_text(const char *code);
/* What a result says of a message. status as that API writes it, "" when it does not;
 * code may be "". false: it says nothing. */
bool nhn_news(enum nhn_api api, const char *status, const char *code,
        enum news_kind *kind, const char **detail);

/* nhn_send.c */
talk_step nhn_send;
json_t *nhn_recipient(const struct letter *letter); /* number and key. Returns new */

/* nhn_kakao.c: the approved template of the letters, asked for once an hour. */
void nhn_template_ask(const struct talk *talk, struct request *out);
bool nhn_template_take(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome);
void nhn_alimtalk(const struct talk *talk, struct request *out);
void nhn_brand(const struct talk *talk, struct request *out, const char *image_url);

/* nhn_read.c */
talk_step nhn_ask, nhn_examine, nhn_senders, nhn_refusals;
/* nhn_receipts.c */
receipts_reader nhn_receipts;

#endif
