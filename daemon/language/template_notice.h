/* What a statutory notice says of a consent, in words, and what its template must show.
 * Source: Decree of the Act on Promotion of Information and Communications Network
 * Utilization, Articles 62-2 (sender, the fact and date of the consent or its withdrawal,
 * the result) and 62-3 (sender, the fact and date, how to keep or withdraw it). */
#ifndef DANGOL_TEMPLATE_NOTICE_H
#define DANGOL_TEMPLATE_NOTICE_H

#include <jansson.h>
#include "language/template.h"

/* A template that one of the built-in rules uses: each fact that it does not show is a
 * mistake, and so is `Purpose: ad`. */
void template_notice_check(
        const struct template *t, const struct rule *rule, struct diag *diag);

/* changes: [{"channel","purpose","given","time":ms}] of the event, or NULL. */
/* "문자 광고 수신 동의, 야간 …"; a change of another day than the last has its date. NULL
 * without any. In the arena. */
const char *template_notice_what(
        struct arena *arena, json_t *changes, struct zone *zone, bool korean);
int64_t template_notice_date(json_t *changes); /* of the last change; 0: none */
/* The ways out that the shop has; each may be NULL. */
struct notice_way {
	const char *link, *refuse, *phone;
};
/* How to withdraw; where nothing was given, whom to ask. In the arena. */
const char *template_notice_how(
        struct arena *arena, json_t *changes, const struct notice_way *way, bool korean);

#endif
