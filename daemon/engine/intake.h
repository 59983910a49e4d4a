/* Intake: an event as somebody posted it, checked, stored once, applied to its customer,
 * and shown to the engine; all in the turn under way. The same for the door, for hooks
 * and for a simulation's assumed events. */
#ifndef DANGOL_INTAKE_H
#define DANGOL_INTAKE_H

#include <jansson.h>
#include "engine/engine.h"
#include "store/customer.h"

enum intake {
	INTAKE_ACCEPTED,
	INTAKE_DUPLICATE,
	INTAKE_REJECTED,
	INTAKE_STORE /* the turn is spoilt */
};

/* json is borrowed; data, of data_len bytes, is the text of its member "data" where that
 * is at hand word for word, or NULL. default_source: "api", "hook:NAME". On
 * INTAKE_REJECTED nothing was written and *error says where (a JSON pointer into the
 * event) and why. */
enum intake intake_event(struct engine *engine, json_t *json, const char *data,
        size_t data_len, const char *default_source, int64_t now,
        struct profile_error *error);
/* One consent, from the API or an event's data. false with *error. */
bool intake_consent(struct engine *engine, int64_t customer, json_t *json, int64_t event,
        int64_t now, struct profile_error *error);

#endif
