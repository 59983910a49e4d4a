/* The parts of the living daemon, between service.c and service_reload.c. */
#ifndef DANGOL_SERVICE_INNER_H
#define DANGOL_SERVICE_INNER_H

#include <uv.h>
#include "config.h"
#include "delivery/dispatch.h"
#include "door/api.h"
#include "door/server.h"
#include "engine/engine.h"
#include "language/ruleset.h"

#define SERVICE_MAIL_GRACE_MS 5000 /* for letters that are under way */

struct service {
	uv_loop_t loop;
	struct config *config; /* in force */
	struct config *boot;   /* the one that the sockets were opened by */
	int retiring;          /* dispatches of earlier configurations that still end */
	struct db *db;
	struct engine engine;
	struct ruleset *ruleset;
	struct dispatch *dispatch;
	struct server *server;
	struct api api;
	struct diag errors;        /* of the last reading of rules */
	struct diag config_errors; /* of the last reading of dangol.conf */
	bool has_errors, has_config_errors, rehearsal, stopping, wrote;
	bool looking; /* what is due is being done, … */
	bool again;   /* … and more of it is to be done in the next round */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t open; /* runs while a turn is, or again: the loop does not sleep then */
	uv_timer_t due, settle, housekeeping, watchdog;
	uv_signal_t term, interrupt, hangup;
	uv_fs_event_t watch[2];
	uv_work_t checkpoint;
	bool checkpointing, checkpointed; /* by the pool */
	char program[4096];
};

/* Work is looked at in so many milliseconds at the latest. */
void service_look_in(struct service *s, uint64_t ms);
void service_wake(void *arg); /* the same, at once; arg is the service */
void service_end_turn(struct service *s);
/* Ends the loop once it stops and nothing is under way any more. */
void service_close_rest(struct service *s);

/* Reads rules and templates anew; false with s->errors, and the last good ones go on. */
bool service_load_rules(struct service *s);
/* Reads the configuration, credentials, rules and templates anew. A mistake anywhere
 * changes nothing of its kind. */
void service_reload(struct service *s);
/* Before the loop runs; then, after each reading of the configuration, its folders. */
void service_watch_init(struct service *s);
void service_watch(struct service *s);
/* What the API asks of readings. */
void service_hook_api(struct service *s);

#endif
