/* What all providers of KakaoTalk have in common: an approved template against what we
 * wrote. Source: Kakao's rule that an AlimTalk equals its approved template character by
 * character but for the variables. */
#ifndef DANGOL_KAKAO_H
#define DANGOL_KAKAO_H

#include <stdbool.h>

/* Is rendered what comes of the approved text, its `#{…}` filled in? Line ends of either
 * kind are one; a name that stands twice has one value. True: variable (may be NULL) is
 * called with each name as it is approved ("#{이름}") and its value, in order, each once;
 * where several ways fit, the leftmost and shortest. False: why (256) names the place
 * where they part, in the owner's language. */
bool kakao_match(const char *approved, const char *rendered,
        void (*variable)(void *arg, const char *name, const char *value), void *arg,
        char why[256]);

#endif
