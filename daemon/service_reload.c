/* Reading anew while the daemon lives: rules and templates when a file changes, the
 * configuration with all that stands on it by SIGHUP. It never takes over half of a
 * reading: what has a mistake stays as it was. */
#include "service_inner.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/coupon.h"

#define SETTLE_MS 200 /* saved files are read when they have been still for so long */

/* ---- rules ---- */

static void fill_pools(struct service *s)
{
	struct program *program = s->ruleset->program;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < program->n_coupons; i++) {
		const char *const *codes;
		long n = program->coupons[i].codes
		                 ? ruleset_codes(s->ruleset, &program->coupons[i], arena,
		                           &codes)
		                 : 0;
		if (n > 0)
			coupon_pool_add(
			        s->db, program->coupons[i].name, codes, (size_t)n);
	}
	arena_free(arena);
}

static void tell_errors(const struct diag *errors)
{
	struct buf out = {0};
	char *save = NULL;

	diag_print(errors, &out);
	for (char *line = out.data ? strtok_r(out.data, "\n", &save) : NULL; line;
	        line = strtok_r(NULL, "\n", &save)) {
		if (errors->errors)
			log_error("%s", line);
		else
			log_warn("%s", line);
	}
	buf_free(&out);
}

/* In the journal and, where something was cancelled, in the audit; of an ending that goes
 * on its end does. */
static void tell_changes(struct service *s)
{
	const struct changes *changes = &s->engine.changes;

	for (size_t i = 0; i < changes->n; i++) {
		const struct change *change = &changes->items[i];
		char *text = change_text(change), *what;
		log_info("%s", text);
		if ((change->kind == CHANGE_REMOVED || change->kind == CHANGE_OFF) &&
		        !change->ending) {
			what = mem_printf("rule.%s", change_kind_name(change->kind));
			audit_add(s->db, clock_now(), "daemon", what, change->rule, text);
			free(what);
		}
		free(text);
	}
}

bool service_load_rules(struct service *s)
{
	struct ruleset *fresh, *old = s->ruleset;
	struct diag diag;

	diag_init(&diag);
	s->config->world.today = zone_day(s->config->shop.zone, clock_now());
	fresh = ruleset_load(
	        s->config->rules, s->config->templates, &s->config->world, &diag);
	diag_fini(&s->errors);
	s->errors = diag;
	s->has_errors = !fresh;
	service_survey_anew(s);
	if (!fresh) {
		tell_errors(&s->errors);
		log_warn(TR("the rules have mistakes: %s", "규칙에 잘못이 있습니다: %s"),
		        old ? TR("the last good ones go on",
		                      "마지막으로 이상 없던 규칙으로 계속합니다")
		            : TR("nothing runs until they are mended",
		                      "고칠 때까지 아무 규칙도 돌지 않습니다"));
		return false;
	}
	service_end_turn(s);
	s->ruleset = fresh;
	service_seal_fields(s);
	engine_adopt(&s->engine, fresh, clock_now());
	tell_changes(s);
	fill_pools(s);
	if (db_turn_end(s->db) != DB_OK)
		log_error(TR("the store could not take the new rules in: make room on "
		             "the disk and reload",
		        "저장소에 새 규칙을 적지 못했습니다. 디스크를 비우고 다시 읽어 "
		        "주세요"));
	ruleset_free(old);
	log_info(TR("rules in force: %zu", "규칙 %zu개를 읽었습니다"),
	        fresh->program->n_rules - fresh->program->n_built_in);
	service_look_in(s, 0);
	return true;
}

/* ---- files ---- */

static void on_settled(uv_timer_t *timer)
{
	service_load_rules(timer->data);
}

static void on_file(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct service *s = handle->data;

	(void)events;
	(void)status;
	if (name && name[0] == '.')
		return;
	uv_timer_start(&s->settle, on_settled, SETTLE_MS, 0);
}

static void watch_folder(uv_fs_event_t *handle, const char *folder)
{
	uv_fs_event_stop(handle);
	if (uv_fs_event_start(handle, on_file, folder, 0))
		log_warn(TR("%s cannot be watched: say `dangolctl reload` after you "
		            "change a file",
		                 "%s 폴더를 지켜볼 수 없습니다. 파일을 고친 뒤 "
		                 "`dangolctl reload`를 해 주세요"),
		        folder);
}

void service_watch(struct service *s)
{
	watch_folder(&s->watch[0], s->config->rules);
	watch_folder(&s->watch[1], s->config->templates);
}

void service_watch_init(struct service *s)
{
	uv_timer_init(&s->loop, &s->settle);
	s->settle.data = s;
	for (int i = 0; i < 2; i++) {
		uv_fs_event_init(&s->loop, &s->watch[i]);
		s->watch[i].data = s;
	}
}

/* ---- the configuration ---- */

/* An earlier configuration, kept until the letters that left under it have answered. */
struct retired {
	struct service *service;
	struct config *config;
};

static void on_retired(void *arg)
{
	struct retired *retired = arg;
	struct service *s = retired->service;

	if (retired->config != s->boot)
		config_free(retired->config);
	free(retired);
	s->retiring--;
	service_close_rest(s);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void service_set_forwards(struct service *s, const struct config *config)
{
	s->engine.tells_of_messages =
	        forward_wants_messages(config->forwards, config->n_forwards);
	forwarder_configure(s->forwarder, config->forwards, config->n_forwards,
	        config->shop.zone, clock_now());
}

static bool exchange_config(struct service *s, struct config *fresh)
{
	struct retired *retired;
	struct dispatch *dispatch;
	char why[256] = "";

	dispatch = dispatch_new(&s->engine, &s->loop, fresh->channels, fresh->n_channels,
	        NULL, NULL, why);
	if (!dispatch) {
		log_error("%s", why);
		return false;
	}
	if (!same(fresh->store, s->boot->store) ||
	        !same(fresh->listen.socket_path, s->boot->listen.socket_path) ||
	        !same(fresh->listen.address, s->boot->listen.address) ||
	        !same(fresh->listen.public_address, s->boot->listen.public_address) ||
	        fresh->listen.proxied != s->boot->listen.proxied ||
	        !fresh->post_token.len != !s->boot->post_token.len)
		log_warn("%s",
		        TR("another store, socket, port, proxy or post-token needs a "
		           "restart",
		                "저장소나 소켓, 포트, proxy, post-token을 바꾸려면 다시 "
		                "시작해야 합니다"));
	service_end_turn(s);
	retired = mem_alloc(sizeof *retired);
	*retired = (struct retired){s, s->config};
	s->retiring++;
	dispatch_retire(s->dispatch, &s->dispatch);
	dispatch_free(s->dispatch, SERVICE_MAIL_GRACE_MS, on_retired, retired);
	s->config = fresh;
	s->dispatch = s->api.dispatch = dispatch;
	s->api.shop = &fresh->shop;
	s->api.shop_text = &fresh->shop_text;
	s->api.channels = fresh->channels;
	s->api.n_channels = fresh->n_channels;
	s->api.hooks = fresh->hooks;
	s->api.n_hooks = fresh->n_hooks;
	engine_configure(&s->engine, &fresh->shop, &fresh->world);
	dispatch_on_wake(dispatch, service_wake, s);
	dispatch_resume(dispatch);
	service_set_forwards(s, fresh);
	return true;
}

void service_reload(struct service *s)
{
	struct config *fresh;
	struct diag diag;

	diag_init(&diag);
	fresh = config_read(s->boot->file, true, &diag);
	if (fresh && s->rehearsal && !config_loopback_only(fresh, &diag)) {
		config_free(fresh);
		fresh = NULL;
	}
	tell_errors(&diag);
	if (!fresh)
		log_warn("%s",
		        TR("dangol.conf has mistakes: the last good one stays in force",
		                "dangol.conf에 잘못이 있습니다: 마지막으로 이상 없던 "
		                "설정을 계속 씁니다"));
	if (fresh && !exchange_config(s, fresh))
		config_free(fresh);
	s->has_config_errors = !fresh;
	diag_fini(&s->config_errors);
	s->config_errors = diag;
	diag_init(&diag);
	config_renew_secrets(s->boot, &diag);
	diag_fini(&diag);
	service_load_rules(s);
	service_watch(s);
}

/* ---- for the API ---- */

static bool on_reload(void *arg, const struct diag **diag)
{
	struct service *s = arg;

	*diag = &s->errors;
	dispatch_look(s->dispatch);
	return service_load_rules(s);
}

static const struct diag *rule_errors(void *arg)
{
	struct service *s = arg;

	return s->has_errors ? &s->errors : NULL;
}

static const struct diag *config_errors(void *arg)
{
	struct service *s = arg;

	return s->has_config_errors ? &s->config_errors : NULL;
}

static bool survey_wait(void *arg, void (*done)(void *waiting), void *waiting)
{
	return service_survey_wait(arg, done, waiting);
}

static const struct diag *reading(void *arg)
{
	struct service *s = arg;

	return &s->errors;
}

static json_t *findings(void *arg)
{
	struct service *s = arg;

	return s->findings;
}

static json_t *figures(void *arg)
{
	struct service *s = arg;

	return s->figures;
}

static void end_turn(void *arg)
{
	service_end_turn(arg);
}

void service_hook_api(struct service *s)
{
	s->api.reload = on_reload;
	s->api.rule_errors = rule_errors;
	s->api.config_errors = config_errors;
	s->api.survey_wait = survey_wait;
	s->api.reading = reading;
	s->api.findings = findings;
	s->api.figures = figures;
	s->api.end_turn = end_turn;
	s->api.resealed = service_seal_wake;
	s->api.arg = s;
}
