/* The living daemon: store, rules, channels and sockets tied to one loop whose turn is
 * the transaction. It decides nothing about customers or messages; it only calls who
 * does, in time. */
#include "service.h"
#include "service_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/seal.h"
#include "engine/click.h"
#include "engine/merging.h"
#include "engine/retention.h"
#include "store/audit.h"
#include "store/erase.h"
#include "store/receipt.h"
#include "store/unmerge.h"

#define ENGINE_BUDGET_US 2000
#define DISPATCH_BUDGET_US 5000 /* commit and requests cost as much again */
#define SOON_MS 20              /* how late the engine may look after a turn that wrote */
#define HOUSEKEEPING_MS 2000
#define RETAIN_MS 50 /* between two pieces of what is let go */
#define HTTP_GRACE_MS 3000
#define FORWARD_GRACE_MS 1000
#define CLOCK_BACK MS_HOUR

/* ---- work ---- */

static void on_due(uv_timer_t *timer);

void service_look_in(struct service *s, uint64_t ms)
{
	if (s->stopping)
		return;
	if (s->looking && ms == 0) {
		s->again = true;
		return;
	}
	if (uv_is_active((uv_handle_t *)&s->due) && uv_timer_get_due_in(&s->due) <= ms)
		return;
	uv_timer_start(&s->due, on_due, ms, 0);
}

void service_wake(void *arg)
{
	service_look_in(arg, 0);
}

static void on_planned(void *arg, const char *channel)
{
	(void)channel;
	service_wake(arg);
}

/* ---- the store's log ---- */

static void checkpoint_work(uv_work_t *work)
{
	struct service *s = work->data;

	db_checkpoint(db_path(s->db));
}

static void checkpoint_done(uv_work_t *work, int status)
{
	struct service *s = work->data;

	(void)status;
	s->checkpointing = false;
	s->checkpointed = true;
}

static void start_checkpoint(struct service *s)
{
	if (s->checkpointing || s->stopping)
		return;
	s->checkpoint.data = s;
	s->checkpointing = uv_queue_work(&s->loop, &s->checkpoint, checkpoint_work,
	                           checkpoint_done) == 0;
}

/* Between two turns: what the pool left is moved, and the pool set to work again. */
static void mind_log(struct service *s)
{
	if (s->checkpointed && !db_turn_open(s->db)) {
		db_checkpoint_rest(s->db);
		s->checkpointed = false;
	}
	if (db_log_is_long(s->db))
		start_checkpoint(s);
}

/* Ends the turn; a hook that wrote began another one, which ends as well. */
void service_end_turn(struct service *s)
{
	for (int i = 0; i < 8 && db_turn_open(s->db); i++) {
		s->wrote = true;
		if (db_turn_end(s->db) != DB_OK) {
			s->again = false; /* not at once: the disk needs time as well */
			if (!s->stopping)
				uv_timer_start(&s->due, on_due, 1000, 0);
			break;
		}
	}
	if (s->wrote) {
		s->committed = true;
		service_look_in(s, SOON_MS);
		mind_log(s);
	}
	s->wrote = false;
	if (db_turn_open(s->db))
		service_look_in(s, 0);
}

static bool too_early(const struct service *s, int64_t now)
{
	return !s->rehearsal &&
	       now < INT64_C(1767193200000); /* 2026-01-01 in Korea: the machine's clock
	                                        is not set */
}

/* A timer that is set to at once by its own callback would be called again before the
 * loop has looked at a socket and the turn has ended: the next round of the loop sets it.
 */
static void on_due(uv_timer_t *timer)
{
	struct service *s = timer->data;
	int64_t now = clock_now(), engine_next, next;

	if (s->stopping || too_early(s, now))
		return;
	s->looking = true;
	engine_next = engine_run(&s->engine, now, ENGINE_BUDGET_US);
	next = dispatch_run(s->dispatch, now, DISPATCH_BUDGET_US);
	if (!next || (engine_next && engine_next < next))
		next = engine_next;
	if (next)
		service_look_in(s, clock_delay(next));
	s->looking = false;
}

static void on_open(uv_idle_t *handle)
{
	(void)handle;
}

/* What the timers wrote waits for what the sockets have at hand: one commit for both. */
static void on_prepare(uv_prepare_t *handle)
{
	struct service *s = handle->data;

	if (db_turn_open(s->db) || s->again)
		uv_idle_start(&s->open, on_open);
}

/* Between two turns: what is committed may be told outside. */
static void look_out(struct service *s)
{
	int64_t now = clock_now();

	if (!s->forwarder || s->stopping || db_turn_open(s->db) || too_early(s, now))
		return;
	forwarder_run(s->forwarder, s->committed, now);
	s->committed = false;
}

static void on_check(uv_check_t *handle)
{
	struct service *s = handle->data;

	uv_idle_stop(&s->open);
	if (s->forwarder)
		forwarder_save(s->forwarder, clock_now());
	service_end_turn(s);
	look_out(s);
	if (s->again)
		service_look_in(s, 0);
	s->again = false;
}

/* ---- signals ---- */

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void service_close_rest(struct service *s)
{
	if (s->stopping && !s->dispatch && !s->forwarder && !s->retiring && !s->surveying)
		uv_walk(&s->loop, close_handle, NULL);
}

static void on_dispatch_freed(void *arg)
{
	struct service *s = arg;

	s->dispatch = NULL;
	service_close_rest(s);
}

static void on_forwarder_freed(void *arg)
{
	struct service *s = arg;

	s->forwarder = NULL;
	service_close_rest(s);
}

static void on_server_closed(void *arg)
{
	struct service *s = arg;

	api_close(&s->api);
	forwarder_free(s->forwarder, FORWARD_GRACE_MS, on_forwarder_freed, s);
	dispatch_free(s->dispatch, SERVICE_MAIL_GRACE_MS, on_dispatch_freed, s);
}

static void on_stop(uv_signal_t *signal, int number)
{
	struct service *s = signal->data;

	(void)number;
	if (s->stopping)
		return;
	log_info("%s", TR("stopping", "멈추는 중입니다"));
	sd_notify(0, "STOPPING=1");
	s->stopping = true;
	uv_timer_stop(&s->due);
	service_survey_stop(s);
	server_close(s->server, HTTP_GRACE_MS, on_server_closed, s);
}

static void on_hangup(uv_signal_t *signal, int number)
{
	struct service *s = signal->data;

	(void)number;
	if (s->stopping)
		return;
	sd_notify(0, "RELOADING=1");
	service_reload(s);
	sd_notify(0, "READY=1");
}

/* ---- housekeeping ---- */

static void on_retain(uv_timer_t *timer)
{
	struct service *s = timer->data;

	if (s->stopping || too_early(s, clock_now()) ||
	        !retention_slice(&s->engine, clock_now()))
		uv_timer_stop(timer);
}

/* What was erased leaves the log as well; a round later, when the pool has moved most of
 * it. */
static void wash_log(struct service *s)
{
	if (s->washing && !s->checkpointing)
		db_wash(s->db);
	s->washing = db_soiled(s->db);
}

static void on_housekeeping(uv_timer_t *timer)
{
	struct service *s = timer->data;
	int64_t now = clock_now();

	wash_log(s);
	service_mind_audit(s);
	if (!clock_bent() && now - db_meta_int(s->db, "clock_high", 0) > MS_MINUTE)
		db_meta_set_int(s->db, "clock_high", now);
	answer_forget(s->db, now - 8 * MS_DAY);
	receipt_forget(s->db, now - MS_DAY);
	click_judge(&s->engine, now);
	service_look_in(
	        s, SOON_MS); /* the machine may have slept, or its clock have jumped */
	start_checkpoint(s);
	if (!uv_is_active((uv_handle_t *)&s->retain))
		uv_timer_start(&s->retain, on_retain, RETAIN_MS, RETAIN_MS);
	service_survey_daily(s);
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	sd_notify(0, "WATCHDOG=1");
}

/* An earlier clock than the store has seen would decide again what was decided: the owner
 * is asked. */
static void look_at_clock(struct service *s)
{
	int64_t high = db_meta_int(s->db, "clock_high", 0);

	if (s->rehearsal || clock_now() >= high - CLOCK_BACK)
		return;
	db_meta_set_int(s->db, "queue_held", 1);
	log_warn("%s",
	        TR("the machine's clock is more than an hour behind what it was: nothing "
	           "is sent until you set it and say `dangolctl queue release`",
	                "컴퓨터 시계가 전보다 한 시간 넘게 뒤로 갔습니다. 시계를 맞추고 "
	                "`dangolctl queue release`를 하기 전에는 아무것도 보내지 "
	                "않습니다"));
}

/* ---- opening ---- */

static void start_timer(
        struct service *s, uv_timer_t *timer, uv_timer_cb callback, uint64_t ms)
{
	uv_timer_init(&s->loop, timer);
	timer->data = s;
	if (ms)
		uv_timer_start(timer, callback, ms, ms);
}

static void start_signal(
        struct service *s, uv_signal_t *handle, uv_signal_cb callback, int number)
{
	uv_signal_init(&s->loop, handle);
	handle->data = s;
	uv_signal_start(handle, callback, number);
}

static void start_loop(struct service *s)
{
	uint64_t watchdog_us = 0;

	uv_loop_init(&s->loop);
	uv_prepare_init(&s->loop, &s->prepare);
	uv_check_init(&s->loop, &s->check);
	uv_idle_init(&s->loop, &s->open);
	s->prepare.data = s->check.data = s;
	start_timer(s, &s->due, on_due, 0);
	service_watch_init(s);
	service_survey_init(s);
	start_timer(s, &s->retain, on_retain, RETAIN_MS);
	start_timer(s, &s->housekeeping, on_housekeeping, HOUSEKEEPING_MS);
	sd_watchdog_enabled(0, &watchdog_us);
	start_timer(s, &s->watchdog, on_watchdog, watchdog_us / 2000);
	start_signal(s, &s->term, on_stop, SIGTERM);
	start_signal(s, &s->interrupt, on_stop, SIGINT);
	start_signal(s, &s->hangup, on_hangup, SIGHUP);
}

static bool open_store(struct service *s)
{
	char why[512];

	if (!service_seal_load(s))
		return false;
	if (db_open(&s->db, s->config->store, s->rehearsal, why) != DB_OPENED) {
		log_error("%s", why);
		return false;
	}
	if (!s->rehearsal && db_meta_int(s->db, "rehearsal", 0))
		log_warn(TR("%s was made for rehearsals and is now opened for real: what "
		            "it has planned leaves; without --clock open the shop's own "
		            "store",
		                 "%s은(는) 연습용 저장소인데 실제로 열었습니다. 예정된 "
		                 "메시지가 정말로 나갑니다. --clock 없이는 가게의 진짜 "
		                 "저장소를 여세요"),
		        s->config->store);
	return true;
}

/* A backup that was put back forgets again whom the shop has forgotten since. */
static bool forget_again(struct service *s)
{
	int64_t n = erased_replay(s->db, clock_now());

	if (n) {
		audit_add(s->db, clock_now(), "daemon", "customer.erase", NULL, "again");
		log_warn(TR("%lld customers who had been erased were in the store again, "
		            "as in an older backup: they are erased once more",
		                 "지웠던 고객 %lld명이 저장소에 다시 있어(예전 백업처럼) "
		                 "한 번 더 지웠습니다"),
		        (long long)n);
	}
	return db_turn_end(s->db) == DB_OK;
}

/* Who was on his way into another when the daemon was stopped. */
static bool merge_on(struct service *s)
{
	s->merged = merge_replay(s->db) + unmerge_replay(s->db);
	if (s->merged)
		log_info(TR("%lld merges of customers, or undoings of one, that a stop "
		            "had "
		            "cut short are done",
		                 "중단됐던 고객 병합이나 되돌리기 %lld건을 마쳤습니다"),
		        (long long)s->merged);
	return db_turn_end(s->db) == DB_OK;
}

static bool open_dispatch(struct service *s)
{
	char why[256] = "";

	s->dispatch = dispatch_new(&s->engine, &s->loop, s->config->channels,
	        s->config->n_channels, NULL, NULL, why);
	if (!s->dispatch) {
		log_error("%s", why);
		return false;
	}
	dispatch_on_wake(s->dispatch, service_wake, s);
	dispatch_recover(s->dispatch, clock_now());
	return db_turn_end(s->db) == DB_OK;
}

static bool open_forwarder(struct service *s)
{
	s->forwarder = forwarder_new(&s->loop, s->db);
	service_set_forwards(s, s->config);
	return db_turn_end(s->db) == DB_OK;
}

static bool open_door(struct service *s)
{
	struct server_listen listen = s->config->listen;
	char why[256] = "";

	s->api = (struct api){
	        .loop = &s->loop,
	        .db = s->db,
	        .engine = &s->engine,
	        .dispatch = s->dispatch,
	        .forwarder = s->forwarder,
	        .shop = &s->config->shop,
	        .shop_text = &s->config->shop_text,
	        .channels = s->config->channels,
	        .n_channels = s->config->n_channels,
	        .hooks = s->config->hooks,
	        .n_hooks = s->config->n_hooks,
	        .version = DANGOL_VERSION,
	        .config_file = s->config->file,
	        .folder = s->boot->folder,
	        .program = s->program,
	        .started_mono = clock_mono(),
	};
	service_hook_api(s);
	api_open(&s->api);
	listen.serves = api_public;
	s->server = server_open(&s->loop, &listen, api_handle, &s->api, why);
	if (!s->server)
		log_error("%s", why);
	return s->server != NULL;
}

static void own_path(struct service *s, const char *argv0)
{
	ssize_t n = readlink("/proc/self/exe", s->program, sizeof s->program - 1);

	if (n <= 0)
		snprintf(s->program, sizeof s->program, "%s", argv0);
}

static int run(struct service *s)
{
	start_loop(s);
	if (!open_store(s) || !forget_again(s) || !merge_on(s))
		return 1;
	service_seal_start(s);
	look_at_clock(s);
	s->engine.on_planned = on_planned;
	s->engine.arg = s;
	engine_open(&s->engine, s->db, &s->config->shop, &s->config->world);
	if (!open_dispatch(s) || !open_forwarder(s) || !open_door(s))
		return 1;
	service_load_rules(s);
	if (s->merged)
		merging_settle(&s->engine, clock_now());
	service_watch(s);
	uv_prepare_start(&s->prepare, on_prepare);
	uv_check_start(&s->check, on_check);
	service_look_in(s, 0);
	service_open_audit(s);
	log_info(TR("dangold %s is ready", "dangold %s 준비되었습니다"), DANGOL_VERSION);
	sd_notify(0, "READY=1");
	uv_run(&s->loop, UV_RUN_DEFAULT);
	return 0;
}

/* A start that failed: what stands already is taken down in order. */
static void give_up(struct service *s)
{
	s->stopping = true;
	if (s->api.db)
		api_close(&s->api);
	if (s->forwarder)
		forwarder_free(s->forwarder, 0, on_forwarder_freed, s);
	if (s->dispatch)
		dispatch_free(s->dispatch, 0, on_dispatch_freed, s);
	else
		service_close_rest(s);
	uv_run(&s->loop, UV_RUN_DEFAULT);
}

int service_run(struct config *config, const char *program, bool rehearsal)
{
	struct service *s = mem_alloc(sizeof *s);
	int status;

	s->config = s->boot = config;
	s->rehearsal = rehearsal;
	diag_init(&s->errors);
	diag_init(&s->config_errors);
	own_path(s, program);
	status = run(s);
	if (status)
		give_up(s);
	if (s->db)
		db_turn_end(s->db);
	if (s->db && !status)
		service_keep_head(s);
	engine_close(&s->engine);
	ruleset_free(s->ruleset);
	db_close(s->db);
	seal_keys(NULL, 0);
	diag_fini(&s->errors);
	diag_fini(&s->config_errors);
	json_decref(s->findings);
	json_decref(s->figures);
	if (s->config != s->boot)
		config_free(s->config);
	config_free(s->boot);
	uv_loop_close(&s->loop);
	free(s);
	return status;
}
