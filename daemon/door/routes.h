/* The calls of the API, one function each; api.c's table says which path leads where. */
#ifndef DANGOL_ROUTES_H
#define DANGOL_ROUTES_H

#include "door/call.h"
#include "language/program.h"

void api_events_post(struct call *call);

void api_customers_list(struct call *call);
void api_customers_get(struct call *call);
void api_customers_put(struct call *call);
void api_customers_patch(struct call *call);
void api_customers_delete(struct call *call);
void api_customers_forget(struct call *call);
void api_customers_merge(struct call *call);
void api_customers_unmerge(struct call *call);
void api_conflicts_list(struct call *call);
void api_conflicts_dismiss(struct call *call);
struct merge_counts;
/* How many rows came over; new. */
json_t *call_merge_counts(const struct merge_counts *counts);
void api_customers_export(struct call *call);
void api_exports_get(struct call *call);
void api_customers_export_of(struct call *call);
void api_consents_get(struct call *call);
void api_consents_post(struct call *call);
void api_notices_list(struct call *call);

void api_messages_post(struct call *call);
void api_messages_list(struct call *call);
void api_messages_get(struct call *call);
void api_messages_hold(struct call *call);
void api_messages_release(struct call *call);
void api_messages_retry(struct call *call);
void api_messages_drop(struct call *call);
void api_messages_hold_all(struct call *call);
void api_messages_release_all(struct call *call);

void api_coupons_offline(struct call *call);
void api_coupons_get(struct call *call);
void api_coupons_redeem(struct call *call);
void api_coupons_void(struct call *call);
void api_coupons_restore(struct call *call);

/* The rule in force of the path's first variable; NULL after 404 was answered. */
const struct rule *call_rule(struct call *call);
/* A rule in force as the API shows it, and what the blast guard has to say of it, null
 * where it has no say. Return new. */
json_t *call_rule_json(struct call *call, const struct rule *rule);
json_t *call_guard_json(struct call *call, const struct rule *rule);
void api_rules_list(struct call *call);
void api_rules_get(struct call *call);
void api_rules_on(struct call *call);
void api_rules_off(struct call *call);
void api_rules_pause(struct call *call);
void api_rules_resume(struct call *call);
void api_rules_plan(struct call *call);
void api_rules_approve(struct call *call);
void api_rules_drop(struct call *call);
void api_rules_skip(struct call *call);
void api_reload(struct call *call);
void api_explain(struct call *call);
void api_report(struct call *call);
void api_preview(struct call *call);
void api_test_sends_post(struct call *call);

void api_imports_post(struct call *call);
void api_imports_list(struct call *call);
void api_imports_delete(struct call *call);
void api_orders_put(struct call *call);
void api_products_put(struct call *call);

void api_receipts_post(struct call *call);
json_t *api_receipts_figures(
        struct call *call); /* how many were taken, forged, … Returns new */

void api_suppressions_list(struct call *call);
void api_suppressions_post(struct call *call);
void api_suppressions_delete(struct call *call);

void api_join_links_post(struct call *call);
void api_join_links_delete(struct call *call);

void api_backups_post(struct call *call);
/* The store of status: its size, what was let go by age, erasures, backups. Returns new.
 */
json_t *call_store_json(struct call *call);
void api_audit_list(struct call *call);
void api_keys_get(struct call *call);
void api_keys_backup(struct call *call);
void api_keys_rotate(struct call *call);
/* {"sealed":true,"sealing":{"done":…,"total":…} or null,"advice":null or what to do}.
 * Returns new. */
json_t *call_sealing_json(struct call *call);
void api_audit_review(struct call *call);
void api_audit_reviewed(struct call *call);
void api_audit_check(struct call *call);
void api_audit_reason(struct call *call);
json_t *api_audit_figures(struct call *call); /* for status */
void api_hooks_post(struct call *call);
json_t *api_hooks_figures(struct call *call); /* for status. Returns new. */
/* Servers that are told of events. call_forwards_json: for status. Returns new. */
void api_forwards_list(struct call *call);
void api_forwards_retry(struct call *call);
void api_forwards_skip(struct call *call);
json_t *call_forwards_json(struct call *call);
void api_status_get(struct call *call);
/* What is no mistake, and what the shop's data says of the rules. Returns new. */
json_t *api_warnings(struct call *call);
/* What was spent today and this month, and of budgets, by channel: those of channels
 * (status's) and those that had anything. Returns new. */
json_t *call_spent_json(struct call *call, json_t *channels);
/* A sentence when a budget keeps advertisements from going out, or NULL. Returns new. */
char *call_budget_why(struct call *call);
/* The statutory notices: their counts, and a sentence where of those some are late, or
 * NULL. Return new. */
json_t *call_notices_json(struct call *call);
char *call_notices_why(struct call *call, const json_t *notices);
/* The budget of a channel when advertisements of that cost, won, pass it, or NULL.
 * Returns new. */
json_t *call_budget_json(struct call *call, const char *channel, int64_t cost);
void api_health_get(struct call *call);
void api_openapi_get(struct call *call);
void api_metrics_get(struct call *call);

void api_simulate(struct call *call);
void api_simulate_stop(struct api *api); /* kills what is under way and answers it */

#endif
