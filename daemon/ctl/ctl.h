/* What every verb of dangolctl is given, and the ways they all ask the daemon and answer
 * the owner. */
#ifndef DANGOL_CTL_H
#define DANGOL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "base/mem.h"

enum { CTL_DONE = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

#define ASK_OPTIONS_MAX 16

struct ask {
	bool json;
	int n; /* words behind the verb */
	char **args;
	struct {
		const char *name, *value; /* value "" for a flag */
	} options[ASK_OPTIONS_MAX];
	int n_options;
};
const char *ask_option(const struct ask *ask, const char *name); /* or NULL */

/* A path from its parts: "/v1/customers/", id, "/consents". Every second part is encoded.
 * Ends with NULL. New. */
char *ctl_path(const char *part, ...) __attribute__((sentinel));
/* Calls; takes body (or NULL). CTL_DONE with the answer in *out (or out NULL); else the
 * refusal has been told. */
int ctl_call(const struct ask *ask, const char *method, const char *path, json_t *body,
        json_t **out);
/* The same, keeping a refusal: *status and *out are the answer, whatever it is;
 * CTL_FAILED: nobody answered. */
int ctl_ask(
        const char *method, const char *path, json_t *body, int *status, json_t **out);
int ctl_refused(
        const struct ask *ask, json_t *problem); /* tells it; takes problem; CTL_FAILED */
/* {"id"|"phone"|"email": who}, by how it looks. Returns new. */
json_t *ctl_named(const char *who);
int ctl_print(json_t *json); /* takes it; one JSON value on stdout; CTL_DONE */
void ctl_say(const char *fmt, ...)
        __attribute__((format(printf, 1, 2))); /* a line on stderr, after our name */

/* Of an answer: text, or "" where there is none; a time as "2026-11-23 10:04"; a number
 * with commas. out 32 bytes. */
const char *ctl_text(json_t *object, const char *name);
char *ctl_time(json_t *object, const char *name, char *out);
char *ctl_number(json_t *object, const char *name, char *out);
char *ctl_size(json_t *message); /* "LMS, 113 bytes, 30원", "" when unknown; new */

/* Plans as sentences on stdout: whom each rule reaches, why not the others, the cost. */
void ctl_show_plans(json_t *plans);
/* How the store is sealed, as status and /v1/keys say it. */
void ctl_show_sealing(json_t *store);
/* The forwards of status; nothing where there are none. */
void ctl_show_forwards(json_t *forwards);
/* Mistakes and warnings as the API lists them, each with its place and its remedy. */
void ctl_show_places(json_t *list, FILE *out);

/* The verbs: CTL_DONE, CTL_FAILED or CTL_USAGE. */
int verb_status(const struct ask *ask);
int verb_key_status(const struct ask *ask);
int verb_key_backup(const struct ask *ask);
int verb_key_rotate(const struct ask *ask);
int verb_audit(const struct ask *ask);
int verb_audit_reason(const struct ask *ask);
int verb_backup(const struct ask *ask);
int verb_check(const struct ask *ask);
int verb_fmt(const struct ask *ask);
int verb_reload(const struct ask *ask);
int verb_rules(const struct ask *ask);
int verb_rule_on(const struct ask *ask);
int verb_rule_off(const struct ask *ask);
int verb_rule_pause(const struct ask *ask);
int verb_rule_resume(const struct ask *ask);
int verb_rule_plan(const struct ask *ask);
int verb_rule_approve(const struct ask *ask);
int verb_rule_drop(const struct ask *ask);
int verb_rule_skip(const struct ask *ask);
int verb_explain(const struct ask *ask);
int verb_report(const struct ask *ask);
int verb_preview(const struct ask *ask);
int verb_test_send(const struct ask *ask);
int verb_simulate(const struct ask *ask);
int verb_event(const struct ask *ask);
int verb_import(const struct ask *ask);
int verb_export(const struct ask *ask);
int verb_import_list(const struct ask *ask);
int verb_import_undo(const struct ask *ask);
/* What a dry run found, on stdout: counts and, of its first rows, what becomes of which
 * field. */
void ctl_show_difference(json_t *difference, json_t *rows);
int verb_customer_show(const struct ask *ask);
int verb_customer_export(const struct ask *ask);
int verb_customer_merge(const struct ask *ask);
int verb_customer_unmerge(const struct ask *ask);
int verb_customer_conflicts(const struct ask *ask);
int verb_customer_forget(const struct ask *ask);
int verb_consent_show(const struct ask *ask);
int verb_consent_give(const struct ask *ask);
int verb_consent_withdraw(const struct ask *ask);
int verb_consent_notices(const struct ask *ask);
int verb_suppression_list(const struct ask *ask);
int verb_suppression_add(const struct ask *ask);
int verb_suppression_remove(const struct ask *ask);
int verb_join_link(const struct ask *ask);
int verb_join_qr(const struct ask *ask);
int verb_join_revoke(const struct ask *ask);
int verb_queue_list(const struct ask *ask);
int verb_queue_hold(const struct ask *ask);
int verb_queue_release(const struct ask *ask);
int verb_queue_retry(const struct ask *ask);
int verb_queue_drop(const struct ask *ask);
int verb_message_show(const struct ask *ask);
int verb_forward_list(const struct ask *ask);
int verb_forward_retry(const struct ask *ask);
int verb_forward_skip(const struct ask *ask);
int verb_coupon_show(const struct ask *ask);
int verb_coupon_redeem(const struct ask *ask);
int verb_coupon_restore(const struct ask *ask);
int verb_coupon_offline(const struct ask *ask);
int verb_coupon_void(const struct ask *ask);

#endif
