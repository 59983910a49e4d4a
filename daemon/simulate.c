/* Simulation: the real engine, gate and dispatch on a private copy of the store, under a
 * clock of its own. It sends nothing, keeps nothing, and assumes no event but those that
 * it is given. */
#include "simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "config.h"
#include "delivery/dispatch.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "language/ruleset.h"

#define DAYS_UNLESS_SAID 30
#define ROUNDS_MAX \
	1000000 /* of work at one instant: more than any shop has customers in a slice \
	         */

struct assumed {
	json_t *event;
	int64_t time;
	size_t line;
};

struct world_copy {
	const struct config *config;
	struct db *db;
	struct engine engine;
	struct dispatch *dispatch;
	struct ruleset *ruleset;
	struct assumed *assumed;
	size_t n_assumed, next_assumed;
	int64_t start, from, end;
	char path[4096];
};

/* The copy goes with the process, also when it is killed by Ctrl-C. */
static char copy_path[4096];

static void remove_copy(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[4200];

	for (size_t i = 0; copy_path[0] && i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%s%s", copy_path, ends[i]);
		unlink(path);
	}
}

static void on_signal(int number)
{
	remove_copy();
	_exit(128 + number);
}

static bool enough_room(const char *store, const char *folder)
{
	struct statvfs fs;
	struct stat st;

	if (stat(store, &st) || statvfs(folder, &fs))
		return true;
	return (uint64_t)fs.f_bavail * fs.f_frsize >
	       (uint64_t)st.st_size * 3 / 2 + (16 << 20);
}

static bool copy_store(struct world_copy *w)
{
	char folder[4096], why[256];

	snprintf(folder, sizeof folder, "%s", w->config->store);
	dirname(folder);
	snprintf(w->path, sizeof w->path, "%.4000s/.simulate-%ld.db", folder,
	        (long)getpid());
	if (!enough_room(w->config->store, folder)) {
		fprintf(stderr,
		        TR("there is not enough room in %s for a copy of the store\n",
		                "%s에 저장소를 복사할 자리가 모자랍니다\n"),
		        folder);
		return false;
	}
	snprintf(copy_path, sizeof copy_path, "%s", w->path);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	signal(SIGPIPE, on_signal);
	if (db_backup(w->config->store, w->path, true, why)) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	w->db = db_open_private(w->path);
	return w->db != NULL;
}

/* ---- the span ---- */

static bool read_span(struct world_copy *w, const struct simulation *s)
{
	struct zone *zone = w->config->shop.zone;
	int64_t now = clock_machine();
	int32_t from = zone_day(zone, now), to;

	if (s->from && calendar_parse_date(s->from, &from)) {
		fprintf(stderr,
		        TR("--from %s: write a date such as 2026-12-01\n",
		                "--from %s: 2026-12-01처럼 날짜를 적어 주세요\n"),
		        s->from);
		return false;
	}
	to = from + DAYS_UNLESS_SAID - 1;
	if (s->to && (calendar_parse_date(s->to, &to) || to < from)) {
		fprintf(stderr,
		        TR("--to %s: write a date that is not before --from\n",
		                "--to %s: --from보다 이르지 않은 날짜를 적어 주세요\n"),
		        s->to);
		return false;
	}
	w->from = zone_instant(zone, from, 0);
	w->end = zone_instant(zone, to + 1, 0) - 1;
	w->start = w->from < now ? w->from : now;
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct assumed *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool add_assumed(
        struct world_copy *w, const char *file, const char *line, size_t number)
{
	json_error_t error;
	json_t *event = json_loads(line, 0, &error);
	struct assumed *added;
	const char *time = json_string_value(json_object_get(event, "time"));
	int64_t at = w->from;

	if (!event || (time && calendar_parse_time(time, &at))) {
		fprintf(stderr,
		        TR("%s:%zu: not an event with a proper time\n",
		                "%s:%zu: 시각이 바른 이벤트가 아닙니다\n"),
		        file, number);
		json_decref(event);
		return false;
	}
	added = mem_grow(&w->assumed, w->n_assumed++, sizeof *w->assumed);
	*added = (struct assumed){event, at, number};
	return true;
}

static bool read_assumed(struct world_copy *w, const char *file)
{
	FILE *in = file ? fopen(file, "r") : NULL;
	char *line = NULL;
	size_t cap = 0, number = 0;
	bool good = true;

	if (!file)
		return true;
	if (!in) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return false;
	}
	while (getline(&line, &cap, in) > 0) {
		number++;
		if (strspn(line, " \t\r\n") < strlen(line))
			good = add_assumed(w, file, line, number) && good;
	}
	free(line);
	fclose(in);
	if (w->n_assumed)
		qsort(w->assumed, w->n_assumed, sizeof *w->assumed, by_time);
	return good;
}

/* ---- running ---- */

static void on_letter(
        void *arg, const struct message *message, const struct letter *letter)
{
	(void)arg;
	(void)message;
	(void)letter;
}

/* The past may be simulated as well: whoever was already looked at is looked at again
 * from there. */
static void rewind_rule(void *arg, const char *name, const struct rule_row *row)
{
	struct world_copy *w = arg;

	(void)name;
	if (row->cursor >= w->start)
		rule_row_set_cursor(w->db, row->id, w->start - 1);
	rule_row_set_sweep(w->db, row->id, 0, 0, 0);
}

static bool open_world(struct world_copy *w, const struct simulation *s)
{
	struct world world = w->config->world;
	struct diag diag;
	struct buf out = {0};
	char why[256] = "";

	clock_set(w->start);
	world.today = zone_day(w->config->shop.zone, w->start);
	diag_init(&diag);
	w->ruleset = ruleset_load(s->rules ? s->rules : w->config->rules,
	        w->config->templates, &world, &diag);
	if (!w->ruleset) {
		diag_print(&diag, &out);
		fwrite(out.data, 1, out.len, stderr);
		buf_free(&out);
	}
	diag_fini(&diag);
	if (!w->ruleset)
		return false;
	w->engine.simulated = 1;
	engine_open(&w->engine, w->db, &w->config->shop, &w->config->world);
	rule_each(w->db, rewind_rule, w);
	engine_adopt(&w->engine, w->ruleset, w->start - 1);
	w->dispatch = dispatch_new(&w->engine, NULL, w->config->channels,
	        w->config->n_channels, on_letter, w, why);
	if (!w->dispatch) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	dispatch_recover(w->dispatch, w->start);
	return db_turn_end(w->db) == DB_OK;
}

static void assume_until(struct world_copy *w, int64_t now)
{
	struct profile_error error;

	while (w->next_assumed < w->n_assumed &&
	        w->assumed[w->next_assumed].time <= now) {
		struct assumed *assumed = &w->assumed[w->next_assumed++];
		if (intake_event(&w->engine, assumed->event, NULL, 0, "simulation", now,
		            &error) == INTAKE_REJECTED)
			fprintf(stderr,
			        TR("assumed event in line %zu: %s %s\n",
			                "%zu번째 줄의 가정한 이벤트: %s %s\n"),
			        assumed->line, error.pointer, error.detail);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static bool pass_time(struct world_copy *w)
{
	int64_t now = w->start;
	int stuck = 0;

	while (now <= w->end) {
		int64_t next;
		clock_set(now);
		assume_until(w, now);
		engine_run(&w->engine, now, 0);
		next = dispatch_run(w->dispatch, now, 0);
		next = earlier(next, engine_next_due(&w->engine));
		if (db_turn_end(w->db) != DB_OK) {
			fputs(TR("the copy of the store could not be written\n",
			              "저장소 사본에 쓸 수 없습니다\n"),
			        stderr);
			return false;
		}
		if (w->next_assumed < w->n_assumed)
			next = earlier(next, w->assumed[w->next_assumed].time);
		if (!next)
			break;
		stuck = next > now ? 0 : stuck + 1;
		if (stuck > ROUNDS_MAX)
			log_die("a simulated instant does not end");
		now = next > now ? next : now;
	}
	return true;
}

/* ---- what came of it ---- */

static void print_line(
        void *arg, const struct message *message, int64_t time, const char *customer)
{
	struct world_copy *w = arg;
	json_t *line = json_object();
	char when[40];

	json_object_set_new(
	        line, "time", json_string(zone_format(w->config->shop.zone, time, when)));
	json_object_set_new(line, "rule", json_string(message->rule));
	json_object_set_new(
	        line, "customer", customer ? json_string(customer) : json_null());
	json_object_set_new(line, "channel", json_string(message->channel));
	json_object_set_new(line, "template", json_string(message->template));
	json_object_set_new(line, "to",
	        message->address ? json_string(message->address) : json_null());
	json_object_set_new(
	        line, "text", message->text ? json_string(message->text) : json_null());
	json_object_set_new(line, "coupon",
	        message->coupon ? json_string(message->coupon) : json_null());
	json_object_set_new(
	        line, "state", json_string(message_state_name(message->state)));
	json_object_set_new(line, "reason",
	        message->reason ? json_string(reason_name(message->reason))
	                        : json_null());
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void close_world(struct world_copy *w)
{
	if (w->dispatch)
		dispatch_free(w->dispatch, 0, NULL, NULL);
	if (w->engine.db)
		engine_close(&w->engine);
	ruleset_free(w->ruleset);
	db_close(w->db);
	for (size_t i = 0; i < w->n_assumed; i++)
		json_decref(w->assumed[i].event);
	free(w->assumed);
	remove_copy();
}

int simulate_run(const struct config *config, const struct simulation *simulation)
{
	struct world_copy w = {.config = config};
	int status = 1;

	if (!read_span(&w, simulation) || !read_assumed(&w, simulation->events) ||
	        !copy_store(&w))
		goto out;
	if (open_world(&w, simulation) && pass_time(&w)) {
		message_each(w.db, w.from, w.end, print_line, &w);
		status = fflush(stdout) ? 1 : 0;
	}
out:
	close_world(&w);
	return status;
}
