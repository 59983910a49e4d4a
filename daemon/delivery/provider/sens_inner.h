/* What the files of provider sens share: not for others. Source of all:
 * api.ncloud-docs.com, "sens-*". */
#ifndef DANGOL_SENS_INNER_H
#define DANGOL_SENS_INNER_H

#include "delivery/protocol.h"

#define SENS_BASE "https://sens.apigw.ntruss.com"
#define SENS_PAGE 100 /* rows of a list, at most */
#define SENS_ROW 8192 /* bytes of one: a long text and what is said of it */

enum sens_api { SENS_SMS, SENS_ALIMTALK, SENS_BRAND };
enum sens_api sens_api(const struct channel_config *config);

/* Method and path below the service ("/messages?…"), signed for talk's instant. The path
 * is signed byte for byte as it is asked for. */
void sens_begin(struct request *out, const struct talk *talk, const char *method,
        const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* As talk_heard, with the gateway's own codes in words. */
bool sens_heard(
        const struct httpc_answer *answer, struct outcome *outcome, json_t **json);
/* "requestStartTime=…&requestEndTime=…" (ms) of a list; KakaoTalk's lists want the
 * channel beside it. */
void sens_hours(struct buf *query, const struct talk *talk, int64_t from, int64_t to);

/* The meaning of a code of that API; NULL: not in its table. */
const struct code *sens_code(enum sens_api api, const char *code);
const char *sens_code_text(const char *code);
/* The gateway's "STATUS.CODE", or NULL. */
const struct code *sens_gateway_code(const char *code);

/* The approved template of a talk's letters: its code, the request for it, its answer
 * (false: *outcome is what it means). */
const char *sens_template_code(const struct talk *talk);
void sens_template_ask(const struct talk *talk, struct request *out);
bool sens_template_take(
        struct talk *talk, const struct httpc_answer *answer, struct outcome *outcome);

talk_step sens_send, sens_ask, sens_examine, sens_refusals;

#endif
