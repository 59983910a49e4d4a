/* What the setters of dangol.conf's keys share. */
#ifndef DANGOL_CONFIG_SET_INNER_H
#define DANGOL_CONFIG_SET_INNER_H

#include "config_set.h"

typedef struct config_reading reading;
typedef const struct config_value value;

/* A copy that lives with the configuration. */
const char *config_keep(reading *r, const char *text);
/* Where the credential of that name goes when it is read; its name is kept in *name,
 * unless name is NULL. */
void config_add_secret(reading *r, struct secret *secret, const char **name, value *v);
bool config_address_good(const char *address); /* "host:port" */

/* False after a mistake was told. */
bool config_at_most(reading *r, value *v, int64_t low, int64_t high);
bool config_url_good(reading *r, value *v);
bool config_period(reading *r, value *v, enum schedule *out); /* day, week, month */

void config_not_yet(reading *r, const struct token *token, const char *what);

#endif
