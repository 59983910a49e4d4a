/* The heads that only KakaoTalk has: buttons and a Brand Message's coupon. Source:
 * Kakao's limits, as the sending services document them. */
#ifndef DANGOL_TEMPLATE_KAKAO_H
#define DANGOL_TEMPLATE_KAKAO_H

#include "language/template_code.h"

enum { KAKAO_BUTTONS = 5, KAKAO_NAME = 14, KAKAO_LINK = 1000, KAKAO_VARIABLES = 40 };

/* "name | https://…" and "title | description | https://…", which stand at [from, to) of
 * the file. Mistakes go to diag. */
void template_button(struct template_code *code, struct arena *arena, size_t from,
        size_t to, struct diag *diag);
void template_coupon(struct template_code *code, struct arena *arena, size_t from,
        size_t to, struct diag *diag);
/* What must fit together once all of the head is read. */
void template_kakao_check(
        const struct template_code *code, const char *channel, struct diag *diag);
/* Does it keep to one of the five titles that Kakao allows? */
bool template_coupon_title(const char *title);

#endif
