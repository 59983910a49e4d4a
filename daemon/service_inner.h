/* The parts of the living daemon, between service.c and service_reload.c. */
#ifndef DANGOL_SERVICE_INNER_H
#define DANGOL_SERVICE_INNER_H

#include <uv.h>
#include "config.h"
#include "delivery/dispatch.h"
#include "delivery/forwarder.h"
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
	struct forwarder *forwarder;
	struct server *server;
	struct api api;
	struct diag errors;        /* of the last reading of rules */
	struct diag config_errors; /* of the last reading of dangol.conf */
	bool has_errors, has_config_errors, rehearsal, stopping, wrote;
	bool committed; /* since events were last looked at for what goes back out */
	bool looking;   /* what is due is being done, … */
	bool again;     /* … and more of it is to be done in the next round */
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t open; /* runs while a turn is, or again: the loop does not sleep then */
	uv_timer_t due, settle, housekeeping, watchdog, sealing, retain;
	uv_signal_t term, interrupt, hangup;
	uv_fs_event_t watch[2];
	/* The survey: under way, asked for by, and what the last one said of the rules as
	 * they were read last. */
	uv_timer_t survey;
	struct surveying *surveying;
	struct survey_waiter *waiters;
	size_t n_waiters;
	int64_t reading; /* number of the last reading of rules */
	int64_t surveyed_at;
	json_t *findings, *figures; /* NULL: there was none yet */
	uv_work_t checkpoint;
	bool checkpointing, checkpointed; /* by the pool */
	bool washing;                     /* what was erased is in the log still */
	int64_t merged;                   /* merges that the start had to finish */
	/* The access log's end, as it stands outside the store. */
	int64_t head, head_mono;
	int32_t audit_day; /* of the last look at what is old */
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
/* A survey of the rules as they were read last, soon; once a day; no more. */
void service_survey_init(struct service *s);
void service_survey(struct service *s);
void service_survey_anew(struct service *s); /* they were read: the last one is past */
void service_survey_daily(struct service *s);
void service_survey_stop(struct service *s);
/* Calls done when the survey of the last reading is at its end; false: none is awaited.
 */
bool service_survey_wait(struct service *s, void (*done)(void *arg), void *arg);
/* The shop's key, before the store opens; false when it is there and no good: told. */
bool service_seal_load(struct service *s);
/* Once the store is open: what is not sealed with the first key follows. */
void service_seal_start(struct service *s);
void service_seal_fields(struct service *s); /* as the rules in force declare them */
void service_seal_wake(
        void *arg); /* the same, after the key changed; arg is the service */
/* The access log: its end is compared with what was kept outside, then kept there now and
 * then, and what is old goes, a slice at a time. */
void service_open_audit(struct service *s);
void service_mind_audit(struct service *s);
void service_keep_head(struct service *s); /* between two turns */
/* Those of that configuration are in force; in a turn. */
void service_set_forwards(struct service *s, const struct config *config);
/* What the API asks of readings. */
void service_hook_api(struct service *s);

#endif
