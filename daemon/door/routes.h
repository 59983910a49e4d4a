/* The calls of the API, one function each; api.c's table says which path leads where. */
#ifndef DANGOL_ROUTES_H
#define DANGOL_ROUTES_H

#include "door/call.h"

void api_events_post(struct call *call);

void api_customers_list(struct call *call);
void api_customers_get(struct call *call);
void api_customers_put(struct call *call);
void api_customers_patch(struct call *call);
void api_customers_delete(struct call *call);
void api_consents_get(struct call *call);
void api_consents_post(struct call *call);

void api_messages_post(struct call *call);
void api_messages_list(struct call *call);
void api_messages_get(struct call *call);
void api_messages_hold(struct call *call);
void api_messages_release(struct call *call);
void api_messages_retry(struct call *call);
void api_messages_drop(struct call *call);
void api_messages_hold_all(struct call *call);
void api_messages_release_all(struct call *call);

void api_coupons_get(struct call *call);
void api_coupons_redeem(struct call *call);
void api_coupons_void(struct call *call);
void api_coupons_restore(struct call *call);

void api_rules_list(struct call *call);
void api_rules_get(struct call *call);
void api_rules_on(struct call *call);
void api_rules_off(struct call *call);
void api_rules_pause(struct call *call);
void api_rules_resume(struct call *call);
void api_reload(struct call *call);
void api_explain(struct call *call);
void api_preview(struct call *call);

void api_imports_post(struct call *call);
void api_orders_put(struct call *call);
void api_products_put(struct call *call);

void api_suppressions_list(struct call *call);
void api_suppressions_post(struct call *call);
void api_suppressions_delete(struct call *call);

void api_backups_post(struct call *call);
void api_audit_list(struct call *call);
void api_status_get(struct call *call);
void api_health_get(struct call *call);
void api_metrics_get(struct call *call);

void api_simulate(struct call *call);
void api_simulate_stop(struct api *api); /* kills what is under way and answers it */

#endif
