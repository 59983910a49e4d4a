/* The world of a simulation. It sends nothing, keeps nothing, and assumes no event but
 * those that it is given. */
#include "simulate_world.h"

#include <dirent.h>
#include <errno.h>
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
#include "engine/intake.h"

/* Of work at one instant: more than any shop has customers in a slice. */
#define ROUNDS_MAX 1000000
/* Written at once: a commit costs what many rounds do, and nobody waits for it here. */
#define ROUNDS_A_TURN 16

/* ---- the copy ---- */

/* A copy has no name once it is open, so that it goes with the process however that ends.
 * While it is being made a signal takes it away, and after a kill -9 the next simulation.
 */
static char copies[SIM_WORLDS][4096];

static void remove_copy(int slot)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[4200];

	for (size_t i = 0; copies[slot][0] && i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%s%s", copies[slot], ends[i]);
		unlink(path);
	}
	copies[slot][0] = '\0';
}

static void on_signal(int number)
{
	for (int i = 0; i < SIM_WORLDS; i++)
		remove_copy(i);
	_exit(128 + number);
}

static void remove_left_over(const char *folder)
{
	DIR *dir = opendir(folder);
	char path[4400];
	long pid;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (sscanf(entry->d_name, ".simulate-%ld-", &pid) != 1 ||
		        !kill((pid_t)pid, 0) || errno != ESRCH)
			continue;
		snprintf(path, sizeof path, "%.4000s/%s", folder, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
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

static bool copy_store(struct sim_world *w)
{
	char folder[4096], why[256];

	snprintf(folder, sizeof folder, "%s", w->config->store);
	dirname(folder);
	snprintf(w->path, sizeof w->path, "%.4000s/.simulate-%ld-%d.db", folder,
	        (long)getpid(), w->slot);
	remove_left_over(folder);
	if (!enough_room(w->config->store, folder)) {
		fprintf(stderr,
		        TR("there is not enough room in %s for a copy of the store\n",
		                "%s에 저장소를 복사할 자리가 모자랍니다\n"),
		        folder);
		return false;
	}
	snprintf(copies[w->slot], sizeof copies[w->slot], "%s", w->path);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	signal(SIGPIPE, on_signal);
	if (db_backup(w->config->store, w->path, true, why)) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	w->db = db_open_private(w->path);
	remove_copy(w->slot);
	if (!w->db)
		fprintf(stderr,
		        TR("the copy of the store cannot be opened: is the credential "
		           "store-key the one that it is sealed with?\n",
		                "저장소의 사본을 열 수 없습니다. 자격 증명 store-key가 "
		                "저장소를 봉인한 열쇠인지 확인하세요\n"));
	return w->db != NULL;
}

/* ---- assumed events ---- */

static int by_time(const void *a, const void *b)
{
	const struct sim_event *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool add_event(struct sim_events *events, const char *file, const char *line,
        size_t number, int64_t otherwise)
{
	json_error_t error;
	json_t *event = json_loads(line, 0, &error);
	const char *time = json_string_value(json_object_get(event, "time"));
	int64_t at = otherwise;
	struct sim_event *added;

	if (!event || (time && calendar_parse_time(time, &at))) {
		fprintf(stderr,
		        TR("%s:%zu: not an event with a proper time\n",
		                "%s:%zu: 시각이 바른 이벤트가 아닙니다\n"),
		        file, number);
		json_decref(event);
		return false;
	}
	added = mem_grow(&events->items, events->n++, sizeof *events->items);
	*added = (struct sim_event){event, at, number};
	return true;
}

bool sim_events_read(struct sim_events *events, const char *file, int64_t otherwise)
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
			good = add_event(events, file, line, number, otherwise) && good;
	}
	free(line);
	fclose(in);
	if (events->n)
		qsort(events->items, events->n, sizeof *events->items, by_time);
	return good;
}

void sim_events_free(struct sim_events *events)
{
	for (size_t i = 0; i < events->n; i++)
		json_decref(events->items[i].event);
	free(events->items);
	*events = (struct sim_events){0};
}

/* ---- what is counted on the way ---- */

static void count_cost(struct sim_world *w, const struct letter *letter)
{
	struct sim_cost *cost = w->costs;

	for (; cost < w->costs + w->n_costs; cost++)
		if (!strcmp(cost->channel, letter->channel) && cost->kind == letter->kind)
			break;
	if (cost == w->costs + w->n_costs) {
		if (w->n_costs == SIM_COSTS_MAX)
			return;
		w->n_costs++;
		*cost = (struct sim_cost){
		        .channel = arena_strdup(w->config->arena, letter->channel),
		        .kind = letter->kind,
		        .priced = letter->price.said};
	}
	cost->count++;
	cost->won += letter->price.won;
}

static void count_wait(struct sim_world *w, const struct message *message)
{
	struct sim_wait *wait = w->waits;

	if (message->state != MESSAGE_HELD)
		return;
	for (; wait < w->waits + w->n_waits; wait++)
		if (wait->reason == message->reason && !strcmp(wait->rule, message->rule))
			break;
	if (wait == w->waits + w->n_waits) {
		if (w->n_waits == SIM_WAITS_MAX)
			return;
		w->n_waits++;
		*wait = (struct sim_wait){
		        .rule = arena_strdup(w->config->arena, message->rule),
		        .reason = message->reason};
	}
	wait->count++;
}

static bool on_letter(
        void *arg, const struct message *message, const struct letter *letter)
{
	struct sim_world *w = arg;

	if (letter->time >= w->span->from) {
		count_cost(w, letter);
		count_wait(w, message);
	}
	return w->keeps_texts;
}

/* ---- opening ---- */

/* The past may be simulated as well: whoever was already looked at is looked at again
 * from there. */
static void rewind_rule(void *arg, const char *name, const struct rule_row *row)
{
	struct sim_world *w = arg;

	(void)name;
	if (row->cursor >= w->span->start)
		rule_row_set_cursor(w->db, row->id, w->span->start - 1);
	rule_row_set_sweep(w->db, row->id, 0, 0, 0);
}

bool sim_world_read(struct sim_world *w, const char *rules)
{
	struct world world = w->config->world;
	struct diag diag;
	struct buf out = {0};

	world.today = zone_day(w->config->shop.zone, w->span->start);
	diag_init(&diag);
	w->ruleset = ruleset_load(
	        rules ? rules : w->config->rules, w->config->templates, &world, &diag);
	if (!w->ruleset) {
		diag_print(&diag, &out);
		fwrite(out.data, 1, out.len, stderr);
		buf_free(&out);
	}
	diag_fini(&diag);
	return w->ruleset != NULL;
}

static void on_planned(void *arg, const char *channel)
{
	struct sim_world *w = arg;

	(void)channel;
	w->planned = true;
}

static bool begin(struct sim_world *w)
{
	int64_t start = w->span->start;
	char why[256] = "";

	w->engine.simulated = 1;
	w->engine.on_planned = on_planned;
	w->engine.arg = w;
	engine_open(&w->engine, w->db, &w->config->shop, &w->config->world);
	rule_each(w->db, rewind_rule, w);
	segment_row_rewind(w->db, start);
	engine_adopt(&w->engine, w->ruleset, start - 1);
	w->dispatch = dispatch_new(&w->engine, NULL, w->config->channels,
	        w->config->n_channels, on_letter, w, why);
	if (!w->dispatch) {
		fprintf(stderr, "%s\n", why);
		return false;
	}
	dispatch_recover(w->dispatch, start);
	message_unlist(w->db);
	return db_turn_end(w->db) == DB_OK;
}

/* ---- time ---- */

static void assume_until(struct sim_world *w, int64_t now)
{
	struct profile_error error;

	while (w->next_event < w->events->n &&
	        w->events->items[w->next_event].time <= now) {
		struct sim_event *assumed = &w->events->items[w->next_event++];
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

/* Everything that is due at one instant; returns the next one, 0: none. */
static int64_t live_through(struct sim_world *w, int64_t now)
{
	int64_t next;

	clock_set(now);
	assume_until(w, now);
	engine_run(&w->engine, now, 0);
	w->planned = false;
	next = dispatch_run(w->dispatch, now, 0);
	/* A next leg may be for a channel that had its turn already. */
	if (w->planned)
		return now;
	next = earlier(next, engine_next_due(&w->engine));
	if (w->next_event < w->events->n)
		next = earlier(next, w->events->items[w->next_event].time);
	return next;
}

static bool pass_time(struct sim_world *w)
{
	int64_t now = w->span->start, next = now;
	int stuck = 0;
	bool good = true;

	for (int rounds = 1; good && next && next <= w->span->end; rounds++) {
		stuck = next > now ? 0 : stuck + 1;
		if (stuck > ROUNDS_MAX)
			log_die("a simulated instant does not end");
		now = next > now ? next : now;
		next = live_through(w, now);
		good = db_status(w->db) == DB_OK &&
		       (rounds % ROUNDS_A_TURN || db_turn_end(w->db) == DB_OK);
	}
	good = good && db_turn_end(w->db) == DB_OK;
	if (!good)
		fputs(TR("the copy of the store could not be written\n",
		              "저장소 사본에 쓸 수 없습니다\n"),
		        stderr);
	return good;
}

static void note_pictures(struct sim_world *w)
{
	const struct templates *templates = w->ruleset ? w->ruleset->templates : NULL;

	for (size_t i = 0; templates && i < templates->n; i++)
		if (templates->items[i].image)
			buf_printf(&w->pictured, "\n%s.%s\n", templates->items[i].name,
			        templates->items[i].channel);
}

/* The engine goes; the store of what came of it stays. */
static void end(struct sim_world *w)
{
	if (w->dispatch)
		dispatch_free(w->dispatch, 0, NULL, NULL);
	if (w->engine.db)
		engine_close(&w->engine);
	w->dispatch = NULL;
	w->engine.db = NULL;
	note_pictures(w);
	ruleset_free(w->ruleset);
	w->ruleset = NULL;
}

bool sim_world_run(struct sim_world *world, const struct sim_events *events)
{
	bool good;

	world->events = events;
	clock_begin(world->span->start);
	good = copy_store(world) && begin(world) && pass_time(world);
	end(world);
	return good;
}

void sim_world_close(struct sim_world *world)
{
	ruleset_free(world->ruleset);
	buf_free(&world->pictured);
	db_close(world->db);
	remove_copy(world->slot);
}
