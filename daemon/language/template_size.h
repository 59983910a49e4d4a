/* How long a text may be on its way, and what the law adds to an advertisement: known
 * when templates are read and again when letters are written. */
#ifndef DANGOL_TEMPLATE_SIZE_H
#define DANGOL_TEMPLATE_SIZE_H

#include "language/template.h"

#define AD_LABEL "(광고)"
#define AD_REFUSAL "무료수신거부 "
#define SMS_BYTES 90            /* CP949; over it an LMS (providers.md 1.1) */
#define LMS_BYTES 2000          /* CP949 */
#define ALIMTALK_CHARS 1000     /* providers.md 2 */
#define BRANDMESSAGE_CHARS 1300 /* providers.md 2 */

/* What a text will be at the least and with values of ordinary length, of names the
 * longest that the shop has where a survey knows it: too long for its channel at the
 * least or a character that it cannot carry is a mistake, what is too long when filled in
 * and an SMS that goes out as LMS a warning. After templates_link, which finds the
 * advertisements. False with a mistake. */
bool templates_measure(
        const struct templates *templates, const struct world *world, struct diag *diag);

#endif
