/* The forwards at work: connections, answers and pauses. Which event comes next is
 * backlog's to say; what an event looks like, forward's. An address is never logged or
 * shown: it may hold a key. */
#include "delivery/forwarder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "delivery/backlog.h"
#include "delivery/httpc.h"
#include "delivery/signed.h"
#include "store/audit.h"

#define CONNECTIONS 8      /* events of so many customers at once */
#define FAILURES 5         /* in a row: the receiver itself is out of order */
#define AT_ONCE_NS 3000000 /* of one round of the loop */
#define EXPIRE_MS MS_MINUTE
#define GONE 410

struct road {
	struct road *next;
	struct forwarder *forwarder;
	struct backlog backlog;
	struct httpc *httpc;
	char *name, *url;
	struct secret secret;
	char **events;
	bool with_customer;
	bool leaving;        /* it is no more; its connections end */
	int failures;        /* in a row */
	int64_t pause_until; /* the engine's; 0: none */
	int64_t asked_mono;  /* Retry-After: not before, clock_mono */
	int64_t expire_at;
	int64_t told, told_at; /* posted and not in the access log yet */
};

struct forwarder {
	uv_loop_t *loop;
	struct db *db;
	struct zone *zone;
	uv_timer_t timer;
	struct road
	        *roads; /* in the order of dangol.conf, those that leave behind them */
	bool awake;     /* something happened since the last look */
	bool closing;
	bool timer_closed;
	void (*freed)(void *arg);
	void *freed_arg;
};

struct flight {
	struct road *road;
	int64_t event;
};

/* ---- one forward, from its block to its end ---- */

static char *place_of(const char *url)
{
	uint8_t digest[32];
	char hex[65];

	secret_sha256(url, strlen(url), digest);
	return mem_strdup(secret_hex(digest, sizeof digest, hex));
}

static void free_events(struct road *road)
{
	for (size_t i = 0; road->events && road->events[i]; i++)
		free(road->events[i]);
	free(road->events);
}

static void road_free(struct road *road)
{
	backlog_fini(&road->backlog);
	free_events(road);
	secret_free(&road->secret);
	free(road->name);
	free(road->url);
	free(road);
}

static char **copy_events(const struct forward_config *config)
{
	char **events = mem_alloc((config->n_events + 1) * sizeof *events);

	for (size_t i = 0; i < config->n_events; i++)
		events[i] = mem_strdup(config->events[i]);
	return events;
}

/* Everything of it that may change while it goes on. */
static void set_up(struct road *road, const struct forward_config *config)
{
	struct backlog *b = &road->backlog;

	free(road->url);
	free_events(road);
	secret_free(&road->secret);
	road->url = mem_strdup(config->url);
	road->events = copy_events(config);
	road->secret = (struct secret){0};
	if (config->secret.data)
		road->secret = (struct secret){
		        mem_strndup(config->secret.data, config->secret.len),
		        config->secret.len};
	road->with_customer = config->with_customer;
	b->events = (const char *const *)road->events;
	b->n_events = config->n_events;
	b->keep_ms = config->keep_ms;
}

/* Somewhere else it may be taken. */
static void move_to(struct road *road, const char *place, int64_t now)
{
	struct backlog *b = &road->backlog;

	if (!strcmp(b->row.place, place))
		return;
	snprintf(b->row.place, sizeof b->row.place, "%s", place);
	b->row.gone_at = 0;
	b->dirty = true;
	road->failures = 0;
	road->pause_until = road->asked_mono = 0;
	backlog_release(b, now);
}

static struct road *road_new(
        struct forwarder *forwarder, const struct forward_config *config, int64_t now)
{
	struct road *road = mem_alloc(sizeof *road);
	char *place = place_of(config->url);

	road->forwarder = forwarder;
	road->backlog.db = forwarder->db;
	road->name = mem_strdup(config->name);
	road->httpc = httpc_new(forwarder->loop, CONNECTIONS);
	road->told_at = now;
	set_up(road, config);
	backlog_open(&road->backlog, config->name, place);
	move_to(road, place, now);
	free(place);
	return road;
}

static struct road *find(const struct forwarder *forwarder, const char *name)
{
	for (struct road *road = forwarder->roads; road; road = road->next)
		if (!road->leaving && !strcmp(road->name, name))
			return road;
	return NULL;
}

/* ---- what an answer means ---- */

enum verdict { TOOK, FAILED, REFUSED_FOR_GOOD };

static enum verdict judge(const struct httpc_answer *answer, char why[160])
{
	int status = answer->status;

	if (answer->result != HTTPC_ANSWERED) {
		snprintf(why, 160, "%s", answer->why);
		return FAILED;
	}
	if (status >= 200 && status < 300)
		return TOOK;
	if (status == GONE) {
		snprintf(why, 160, "%s",
		        TR("the server says that it wants no more (410)",
		                "서버가 더는 받지 않겠다고 답했습니다 (410)"));
		return REFUSED_FOR_GOOD;
	}
	if (status == 401 || status == 403)
		snprintf(why, 160,
		        TR("the server does not accept the signature (%d): is the secret "
		           "the same on both sides?",
		                "서버가 서명을 받아들이지 않습니다 (%d). 양쪽의 secret이 "
		                "같은지 보십시오"),
		        status);
	else if (status >= 300 && status < 400)
		snprintf(why, 160,
		        TR("the server has moved (%d): put the url in dangol.conf right",
		                "서버 주소가 바뀌었습니다 (%d). dangol.conf의 url을 "
		                "고치십시오"),
		        status);
	else if (status >= 400 && status < 500 && status != 408 && status != 425 &&
	         status != 429)
		snprintf(why, 160,
		        TR("the server refuses the event (%d)",
		                "서버가 이벤트를 거절했습니다 (%d)"),
		        status);
	else
		snprintf(why, 160,
		        TR("the server does not take it for now (%d)",
		                "서버가 지금은 받지 못합니다 (%d)"),
		        status);
	return FAILED;
}

/* ---- going well, and not ---- */

static bool stands_still(const struct road *road)
{
	return road->failures >= FAILURES;
}

static void went_well(struct road *road, int64_t now)
{
	struct forwarded *row = &road->backlog.row;

	if (stands_still(road)) {
		log_info(TR("forward %s: the server takes events again",
		                 "전달 %s: 서버가 다시 받습니다"),
		        road->name);
		backlog_release(&road->backlog, now);
	}
	road->failures = 0;
	road->pause_until = 0;
	if (!road->backlog.n_holds && row->failing_since) {
		row->failing_since = 0;
		row->error[0] = '\0';
	}
}

static void went_wrong(struct road *road, const struct httpc_answer *answer,
        const char *why, int64_t now)
{
	struct forwarded *row = &road->backlog.row;

	snprintf(row->error, sizeof row->error, "%s", why);
	if (!row->failing_since)
		row->failing_since = now;
	if (answer->retry_after_ms)
		road->asked_mono = clock_mono() + answer->retry_after_ms;
	if (++road->failures == FAILURES)
		log_warn(TR("forward %s: %s; events wait and go by themselves",
		                 "전달 %s: %s. 이벤트는 기다렸다가 저절로 나갑니다"),
		        road->name, why);
	if (stands_still(road))
		road->pause_until = now + backlog_pause_ms(road->failures - FAILURES + 3);
}

static void is_gone(struct road *road, const char *why, int64_t now)
{
	struct forwarded *row = &road->backlog.row;

	snprintf(row->error, sizeof row->error, "%s", why);
	row->failing_since = row->failing_since ? row->failing_since : now;
	if (!row->gone_at)
		log_warn(TR("forward %s: %s; nothing is posted there until its url is "
		            "another or `dangolctl forward retry %s` is said",
		                 "전달 %s: %s. url을 바꾸거나 `dangolctl forward retry "
		                 "%s`를 하기 전에는 보내지 않습니다"),
		        road->name, why, road->name);
	row->gone_at = row->gone_at ? row->gone_at : now;
	road->backlog.dirty = true;
}

static void on_answer(void *arg, const struct httpc_answer *answer)
{
	struct flight *flight = arg;
	struct road *road = flight->road;
	struct backlog *b = &road->backlog;
	int64_t now = clock_now(), event = flight->event;
	char why[160] = "";
	enum verdict verdict = judge(answer, why);

	free(flight);
	road->forwarder->awake = true;
	if (verdict != TOOK && (road->leaving || road->forwarder->closing)) {
		backlog_back(b, event); /* cut off by us, perhaps */
		return;
	}
	switch (verdict) {
	case TOOK:
		backlog_took(b, event, now);
		went_well(road, now);
		return;
	case FAILED:
		backlog_failed(b, event, now);
		went_wrong(road, answer, why, now);
		return;
	case REFUSED_FOR_GOOD:
		backlog_back(b, event);
		is_gone(road, why, now);
		return;
	}
}

/* ---- sending ---- */

static char *id_of(const struct road *road, int64_t event)
{
	return mem_printf("evt_%s_%" PRId64 "_%" PRId64, db_id(road->forwarder->db),
	        road->backlog.row.id, event);
}

static void post(struct road *road, int64_t event, int64_t now)
{
	struct forwarder *forwarder = road->forwarder;
	struct buf body = {0};
	struct flight *flight;
	char *id;

	if (!forward_body(
	            forwarder->db, forwarder->zone, event, road->with_customer, &body)) {
		backlog_void(&road->backlog, event, now);
		buf_free(&body);
		return;
	}
	flight = mem_alloc(sizeof *flight);
	*flight = (struct flight){road, event};
	id = id_of(road, event);
	road->told++;
	signed_post(road->httpc, &road->secret, id, road->url, "application/json",
	        body.data, on_answer, flight);
	free(id);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
}

/* One after the other while nobody knows whether the receiver is back. */
static bool has_room(const struct road *road)
{
	return stands_still(road) ? !httpc_in_flight(road->httpc)
	                          : httpc_room(road->httpc) > 0;
}

static bool waits(const struct road *road, int64_t now)
{
	return road->backlog.row.gone_at || road->pause_until > now ||
	       road->asked_mono > clock_mono();
}

/* True: there may be more to do at once. */
static bool work(struct road *road, int64_t now, uint64_t until_ns)
{
	struct backlog *b = &road->backlog;
	enum backlog_given given;
	int64_t event;

	if (road->expire_at <= now) {
		if (backlog_expire(b, now))
			return true;
		road->expire_at = now + EXPIRE_MS;
	}
	while (!waits(road, now) && has_room(road)) {
		given = backlog_give(b, stands_still(road), now, &event);
		if (given == BACKLOG_NONE)
			return false;
		if (given == BACKLOG_ONE)
			post(road, event, now);
		if (uv_hrtime() >= until_ns)
			return true;
	}
	return false;
}

/* ---- the rounds ---- */

static void on_timer(uv_timer_t *timer)
{
	struct forwarder *forwarder = timer->data;

	forwarder->awake = true; /* the end of this round looks */
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Real milliseconds until it has to be looked at though nothing happens. */
static uint64_t rest_of(struct road *road, int64_t now)
{
	int64_t mono = clock_mono(), due = backlog_due(&road->backlog);
	uint64_t rest = clock_delay(road->expire_at);

	if (road->backlog.row.gone_at || !has_room(road))
		return rest;
	if (road->asked_mono > mono)
		return sooner(rest, (uint64_t)(road->asked_mono - mono));
	if (road->pause_until > now)
		return sooner(rest, clock_delay(road->pause_until));
	return due ? sooner(rest, clock_delay(due)) : rest;
}

/* What could not be written down is not posted either. */
static void wait_for_room(struct forwarder *forwarder)
{
	for (struct road *road = forwarder->roads; road; road = road->next)
		backlog_unsaved(&road->backlog);
	uv_timer_start(&forwarder->timer, on_timer, MS_SECOND, 0);
}

void forwarder_run(struct forwarder *forwarder, bool committed, int64_t now)
{
	uint64_t rest = UINT64_MAX, until = uv_hrtime() + AT_ONCE_NS;
	bool more = false;

	if (!forwarder->roads || forwarder->closing || (!committed && !forwarder->awake))
		return;
	forwarder->awake = false;
	if (db_last_turn(forwarder->db) != DB_OK) {
		wait_for_room(forwarder);
		return;
	}
	for (struct road *road = forwarder->roads; road; road = road->next) {
		if (road->leaving)
			continue;
		more = work(road, now, until) || road->backlog.dirty || more;
		rest = sooner(rest, rest_of(road, now));
	}
	if (more || rest != UINT64_MAX)
		uv_timer_start(&forwarder->timer, on_timer, more ? 1 : rest + 1, 0);
}

/* How much was told to whom, an entry an hour. */
static void log_access(struct road *road, int64_t now)
{
	struct audit_entry entry = {.who = "daemon",
	        .what = "forward.send",
	        .target = road->name,
	        .n = road->told};

	if (road->told)
		audit_write(road->forwarder->db, now, &entry);
	road->told = 0;
	road->told_at = now;
}

void forwarder_save(struct forwarder *forwarder, int64_t now)
{
	for (struct road *road = forwarder->roads; road; road = road->next) {
		if (road->leaving)
			continue;
		if (road->told && now - road->told_at >= MS_HOUR)
			log_access(road, now);
		backlog_save(&road->backlog);
	}
}

/* ---- another configuration, and the end ---- */

static void finish(struct forwarder *forwarder)
{
	void (*freed)(void *) = forwarder->freed;
	void *arg = forwarder->freed_arg;

	if (!forwarder->closing || forwarder->roads || !forwarder->timer_closed)
		return;
	free(forwarder);
	freed(arg);
}

static void on_road_closed(void *arg)
{
	struct road *road = arg, **at = &road->forwarder->roads;
	struct forwarder *forwarder = road->forwarder;

	if (!road->leaving)
		backlog_save(&road->backlog);
	while (*at != road)
		at = &(*at)->next;
	*at = road->next;
	road_free(road);
	finish(forwarder);
}

static void leave(struct road *road)
{
	log_access(road, clock_now());
	road->leaving = true;
	httpc_free(road->httpc, 0, on_road_closed, road);
}

static void forget_others(
        struct forwarder *forwarder, const struct forward_config *forwards, size_t n)
{
	const char **names = mem_alloc((n + 1) * sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = forwards[i].name;
	for (struct road *road = forwarder->roads; road; road = road->next) {
		bool stays = road->leaving;

		for (size_t i = 0; i < n; i++)
			stays = stays || !strcmp(names[i], road->name);
		if (!stays)
			leave(road);
	}
	forwarded_keep(forwarder->db, names, n);
	free(names);
}

void forwarder_configure(struct forwarder *forwarder,
        const struct forward_config *forwards, size_t n, struct zone *zone, int64_t now)
{
	struct road **end = &forwarder->roads;

	forwarder->zone = zone;
	forwarder->awake = true;
	forget_others(forwarder, forwards, n);
	while (*end)
		end = &(*end)->next;
	for (size_t i = 0; i < n; i++) {
		struct road *road = find(forwarder, forwards[i].name);
		char *place = place_of(forwards[i].url);

		if (road) {
			set_up(road, &forwards[i]);
			move_to(road, place, now);
		} else {
			*end = road_new(forwarder, &forwards[i], now);
			end = &(*end)->next;
		}
		free(place);
	}
}

struct forwarder *forwarder_new(uv_loop_t *loop, struct db *db)
{
	struct forwarder *forwarder = mem_alloc(sizeof *forwarder);

	forwarder->loop = loop;
	forwarder->db = db;
	uv_timer_init(loop, &forwarder->timer);
	forwarder->timer.data = forwarder;
	return forwarder;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct forwarder *forwarder = handle->data;

	forwarder->timer_closed = true;
	finish(forwarder);
}

void forwarder_free(
        struct forwarder *forwarder, int grace_ms, void (*freed)(void *arg), void *arg)
{
	forwarder->closing = true;
	forwarder->freed = freed;
	forwarder->freed_arg = arg;
	for (struct road *road = forwarder->roads; road; road = road->next)
		if (!road->leaving) {
			log_access(road, clock_now());
			httpc_free(road->httpc, grace_ms, on_road_closed, road);
		}
	uv_close((uv_handle_t *)&forwarder->timer, on_timer_closed);
}

/* ---- for the owner ---- */

bool forwarder_has(const struct forwarder *forwarder, const char *name)
{
	return find(forwarder, name) != NULL;
}

void forwarder_retry(struct forwarder *forwarder, const char *name, int64_t now)
{
	struct road *road = find(forwarder, name);

	road->backlog.row.gone_at = 0;
	road->backlog.dirty = true;
	road->failures = 0;
	road->pause_until = road->asked_mono = 0;
	backlog_release(&road->backlog, now);
	forwarder->awake = true;
}

int64_t forwarder_skip(struct forwarder *forwarder, const char *name, int64_t now)
{
	forwarder->awake = true;
	return backlog_skip(&find(forwarder, name)->backlog, now);
}

static const char *state_of(const struct road *road)
{
	if (road->backlog.row.gone_at)
		return "gone";
	if (stands_still(road))
		return "failing";
	return road->backlog.n_holds ? "held" : "ok";
}

static json_t *time_json(const struct forwarder *forwarder, int64_t at)
{
	char text[40];

	return at ? json_string(zone_format(forwarder->zone, at, text)) : json_null();
}

static json_t *road_json(struct road *road, int64_t now)
{
	const struct forwarded *row = &road->backlog.row;
	int64_t oldest;
	bool cut = false;
	int64_t n = backlog_waiting(&road->backlog, &cut, &oldest);

	return json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "state",
	        state_of(road), "waiting", (json_int_t)n, "at_least", cut,
	        "held_customers", (json_int_t)road->backlog.n_holds, "lag_s",
	        (json_int_t)(oldest && n ? (now - oldest) / MS_SECOND : 0), "sent",
	        (json_int_t)row->sent, "dropped", (json_int_t)row->dropped, "skipped",
	        (json_int_t)row->skipped, "since",
	        time_json(road->forwarder, row->failing_since), "error",
	        row->error[0] ? json_string(row->error) : json_null());
}

json_t *forwarder_status(struct forwarder *forwarder, int64_t now)
{
	json_t *json = json_object();

	for (struct road *road = forwarder->roads; road; road = road->next)
		if (!road->leaving)
			json_object_set_new(json, road->name, road_json(road, now));
	return json;
}

static char *why_of(struct road *road)
{
	const struct forwarded *row = &road->backlog.row;
	char time[40];

	if (row->gone_at)
		return mem_printf(
		        TR("Nothing is forwarded to %s: %s. Put its url right "
		           "or say `dangolctl forward retry %s`.",
		                "%s(으)로 이벤트를 전달하지 않습니다: %s. url을 "
		                "고치거나 `dangolctl forward retry %s`를 "
		                "하세요."),
		        road->name, row->error, road->name);
	if (!stands_still(road))
		return NULL;
	return mem_printf(
	        TR("Events for the forward %s have waited since %s: %s. They go by "
	           "themselves.",
	                "전달 %s의 이벤트가 %s부터 기다립니다: %s. 저절로 다시 "
	                "보냅니다."),
	        road->name, zone_format(road->forwarder->zone, row->failing_since, time),
	        row->error);
}

char *forwarder_why(struct forwarder *forwarder, int64_t now)
{
	char *why = NULL;

	(void)now;
	for (struct road *road = forwarder->roads; road && !why; road = road->next)
		if (!road->leaving)
			why = why_of(road);
	return why;
}
