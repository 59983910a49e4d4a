/* The language of whoever reads a public page: his own, not the owner's. */
#ifndef DANGOL_TONGUE_H
#define DANGOL_TONGUE_H

enum tongue { TONGUE_KO, TONGUE_EN };
#define TONGUES 2

const char *tongue_code(enum tongue tongue); /* "ko", "en" */
/* Of a language's code: "ko-KR" is Korean, another one than Korean or English is read in
 * English. */
enum tongue tongue_of(const char *code);
/* The first of: what was chosen on the page, the customer's, what the browser asks for
 * (Accept-Language, RFC 9110 section 12.5.4), the shop's. Each may be NULL. */
enum tongue tongue_choose(
        const char *chosen, const char *customer, const char *accepted, const char *shop);

#endif
