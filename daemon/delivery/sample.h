/* What a preview and a test message put in place of what is not there: a coupon's code,
 * an event. */
#ifndef DANGOL_SAMPLE_H
#define DANGOL_SAMPLE_H

#include "engine/engine.h"
#include "store/coupon.h"

/* The first rule in force that sends this template over this channel; NULL: none does. */
const struct rule *sample_rule(
        const struct engine *engine, const char *channel, const char *template);
/* What the rule gives, with a code that is in no pool; false: it gives nothing. Of rule
 * NULL nothing is known but that there may be a code. Texts are the ruleset's. */
bool sample_coupon(const struct engine *engine, const struct rule *rule, int64_t now,
        struct coupon *out);
/* The customer's last event of the type that starts the rule; where there was none, one
 * made up of its type's fields, with id 0. False: no event starts it. In the arena. */
bool sample_event(const struct engine *engine, const struct rule *rule, int64_t customer,
        int64_t now, struct arena *arena, struct event *out);

#endif
