/* A box to tick on a public page: which consents it gives, in which words. */
#ifndef DANGOL_CHOICE_H
#define DANGOL_CHOICE_H

#include "door/page.h"
#include "door/wording.h"

#define CHOICE_CHANNELS 4
#define CHOICES_MAX 6

struct choice {
	const char *name; /* of the field */
	enum wording_kind kind;
	const char *channels[CHOICE_CHANNELS]; /* consent's: sms kakao email push data */
	size_t n;
	const char *text; /* the wording, as it is shown */
};

/* Does the shop advertise by that medium? By the channels of dangol.conf. */
bool choice_offered(const struct call *call, const char *medium);
/* Of those media (n of them) for ads or night; none for data. The wording is the page's.
 */
struct choice choice_make(const struct page *page, const char *name,
        enum wording_kind kind, const char *const *media, size_t n);
const char *choice_purpose(const struct choice *choice); /* ad night */
/* The box with its label; note (may be NULL) stands below, plain text. */
void choice_box(
        struct page *page, const struct choice *choice, bool ticked, const char *note);
bool choice_ticked(const struct form *form, const struct choice *choice);
/* What was agreed to and what not, as lists of headings; ticked holds n truths. */
void choice_tell(
        struct page *page, const struct choice *choices, const bool *ticked, size_t n);

#endif
