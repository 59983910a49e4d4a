/* The setters of dangol.conf's keys: each gets the values that its key's signature
 * caught. */
#ifndef DANGOL_CONFIG_SET_H
#define DANGOL_CONFIG_SET_H

#include "config_keys.h"

/* Puts the values into reading->config or reading->channel; a mistake goes to
 * reading->diag and sets nothing. */
typedef void config_setter(
        struct config_reading *reading, const struct config_value *values, int n);
config_setter config_set_receipts, config_set_renew, config_set_fallback,
        config_set_service, config_set_bounces, config_set_bounces_user,
        config_set_bounces_password, config_set_ads, config_set_bearer, config_set_budget,
        config_set_closed, config_set_connections, config_set_currency, config_set_from,
        config_set_group, config_set_guard, config_set_hold, config_set_http,
        config_set_exception, config_set_keep, config_set_key, config_set_language,
        config_set_law, config_set_margin, config_set_mode, config_set_opens,
        config_set_owner, config_set_password, config_set_price, config_set_profile,
        config_set_provider, config_set_public, config_set_public_url, config_set_quiet,
        config_set_rate, config_set_refuse, config_set_rules, config_set_secret,
        config_set_sender, config_set_server, config_set_shop_address,
        config_set_shop_name, config_set_shop_phone, config_set_socket, config_set_store,
        config_set_templates, config_set_timezone, config_set_tls, config_set_token,
        config_set_url, config_set_user;
config_setter config_set_post_token, config_set_proxy;
config_setter config_set_forward_events, config_set_forward_keep,
        config_set_forward_secret, config_set_forward_url, config_set_forward_with;
config_setter config_set_hook_old_secret, config_set_hook_secret, config_set_hook_url,
        config_set_hook_wording;

#endif
