/* The HTTP API: routes, the shapes that go in and out, and what each call does to the
 * house below. */
#ifndef DANGOL_API_H
#define DANGOL_API_H

#include <jansson.h>
#include "delivery/dispatch.h"
#include "delivery/forwarder.h"
#include "door/logbook.h"
#include "door/quota.h"
#include "door/server.h"
#include "engine/engine.h"

/* What the daemon lends to the API. */
struct api {
	uv_loop_t *loop;
	struct db *db;
	struct engine *engine;
	struct dispatch *dispatch;
	struct forwarder *forwarder;
	const struct shop *shop;
	const struct shop_text *shop_text;
	const struct channel_config *channels; /* in force: whose reports are taken */
	size_t n_channels;
	const struct hook_config *hooks; /* in force, of shop systems */
	size_t n_hooks;
	const char *folder; /* of dangol.conf, where the shop's key lies */
	const char *version, *config_file,
	        *program; /* dangold's own path, for simulations */
	int64_t started_mono;
	/* The daemon's: reads rules and templates anew; false with the mistakes (borrowed
	 * until the next reload). */
	bool (*reload)(void *arg, const struct diag **diag);
	const struct diag *(*rule_errors)(
	        void *arg); /* of the last reading, or NULL when it was good */
	const struct diag *(*config_errors)(
	        void *arg); /* of dangol.conf, when the last reading of it failed */
	/* Calls done(waiting) when the shop's data has been looked at for that reading;
	 * false, with nothing to come, when it is or never will be. */
	bool (*survey_wait)(void *arg, void (*done)(void *waiting), void *waiting);
	const struct diag *(*reading)(void *arg); /* the last one: warnings as well */
	json_t *(*findings)(void *arg);           /* what the data says against its rules;
	                                                   NULL     until it was looked at */
	json_t *(*figures)(void *arg);            /* of that look, or of an earlier one */
	json_t *(*more_status)(void *arg);        /* further members of status, or NULL */
	void (*resealed)(void *arg); /* the shop's key changed: the store follows */
	void (*end_turn)(void *arg); /* at once, and looks after what it wrote */
	void *arg;
	/* its own */
	struct arena *arena;                 /* of the call under way */
	struct bucket tokens[ROLE_POST + 1]; /* how often each token was used */
	struct logbook logbook;              /* what was read of people's data */
	struct jobs *jobs;                   /* calls that take more than a turn */
	struct simulation *simulations;      /* children under way */
	int n_simulations;
	int n_plans, n_explains, n_reports, n_readings, n_dossiers, n_exports,
	        n_audits;       /* in the pool */
	struct import_dry *dry; /* rehearsed imports that may go on */
	struct quota *joining;  /* how often the joining page was used, and by whom */
	int64_t forged, forged_told; /* delivery reports refused since the start, and when
	                                the log heard of it, clock_mono; 0: never */
	int64_t hooks_forged, hooks_told; /* the same of hooks' calls */
};

/* Closing answers calls under way with 503 and kills simulations, before or after the
 * server; the loop then runs until its handles are closed. */
void api_open(struct api *api);
void api_handle(struct exchange *ex, void *api); /* the server's handler */
void api_close(struct api *api);
/* Is this served on the public port? By the header alone. */
bool api_public(const struct http_request *request);

/* Every route, for the documentation and its test: ends with a NULL method. */
struct api_route {
	const char *method, *path;
	const char *what;
};
const struct api_route *api_routes(void);
/* Of the i-th of them: is it served on the public port as well, and does a token that may
 * only post open it? */
bool api_route_public(size_t i);
bool api_route_till(size_t i);

#endif
