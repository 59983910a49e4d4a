/* POST /v1/simulate: a child of dangold's own kind runs the simulation, and its lines go
 * out as they come. It never runs in this process, and never outlives the peer that
 * asked. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/calendar.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"

#define SIMULATIONS_MAX 2
#define PROBLEMS_MAX \
	(64 * 1024) /* of what the child says on stderr; the rest is not kept */
#define WATCH_MS 200

struct simulation {
	struct api *api;
	struct simulation *next;
	struct call call;
	uv_process_t process;
	uv_pipe_t out, err;
	uv_timer_t watch;
	struct buf problems;
	char chunk[65536];
	bool streaming, stopped; /* stopped: the peer is slow, nothing is read until the
	                            watch looks again */
	bool out_ended, err_ended, exited, orphan;
	bool summary;    /* figures alone, of nobody */
	int64_t n_lines; /* shown so far: a message each */
	int64_t status;
	int signal, open_handles;
};

static void on_drain(struct exchange *ex, void *arg);

static void unlink_simulation(struct simulation *sim)
{
	struct simulation **at = &sim->api->simulations;
	while (*at != sim)
		at = &(*at)->next;
	*at = sim->next;
	sim->api->n_simulations--;
}

static void on_closed(uv_handle_t *handle)
{
	struct simulation *sim = handle->data;
	if (--sim->open_handles > 0)
		return;
	buf_free(&sim->problems);
	free(sim);
}

static void close_all(struct simulation *sim)
{
	uv_handle_t *const handles[] = {(uv_handle_t *)&sim->process,
	        (uv_handle_t *)&sim->out, (uv_handle_t *)&sim->err,
	        (uv_handle_t *)&sim->watch};
	sim->open_handles = 4;
	for (size_t i = 0; i < 4; i++)
		uv_close(handles[i], on_closed);
}

static void kill_child(struct simulation *sim)
{
	if (!sim->exited)
		uv_process_kill(&sim->process, SIGTERM);
}

/* What the child said, cut to whole characters. */
static void refuse(struct simulation *sim, int status)
{
	struct buf *problems = &sim->problems;
	while (problems->len && problems->data[problems->len - 1] == '\n')
		problems->data[--problems->len] = 0;
	json_t *test = problems->len ? json_string(problems->data) : NULL;
	call_problem(&sim->call, status, NULL, "%s",
	        test ? sim->problems.data
	             : TR("the simulation ended without a word",
	                       "시뮬레이션이 아무 말 없이 끝났습니다"));
	json_decref(test);
}

static void begin(struct simulation *sim)
{
	if (sim->streaming)
		return;
	exchange_stream(sim->call.ex, 200, "application/x-ndjson");
	exchange_on_drain(sim->call.ex, on_drain, sim);
	sim->streaming = true;
}

static void answer(struct simulation *sim)
{
	bool good = sim->status == 0 && sim->signal == 0;
	if (!sim->streaming && !good) {
		refuse(sim, 422);
		return;
	}
	begin(sim);
	if (!good) {
		json_t *problem = call_problem_json(
		        500, NULL, NULL, sim->problems.data ? sim->problems.data : "");
		char *line =
		        json_dumps(json_object_get(problem, "detail") ? problem : NULL,
		                JSON_COMPACT);
		const char *last =
		        line ? line
		             : "{\"title\":\"Internal Server Error\",\"status\":500}";
		exchange_chunk(sim->call.ex, last, strlen(last));
		exchange_chunk(sim->call.ex, "\n", 1);
		free(line);
		json_decref(problem);
	}
	exchange_end(sim->call.ex);
}

static void tell_read(const struct simulation *sim)
{
	if (!sim->summary && sim->n_lines)
		call_read(&sim->call, "simulate", NULL, NULL, sim->n_lines);
}

static void end_when_over(struct simulation *sim)
{
	if (!sim->exited || !sim->out_ended || !sim->err_ended)
		return;
	if (!sim->orphan) {
		tell_read(sim);
		answer(sim);
		unlink_simulation(sim);
	}
	close_all(sim);
}

static void on_exit_child(uv_process_t *process, int64_t status, int signal_number)
{
	struct simulation *sim = process->data;
	sim->exited = true;
	sim->status = status;
	sim->signal = signal_number;
	end_when_over(sim);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct simulation *sim = handle->data;
	(void)size;
	*buf = uv_buf_init(sim->chunk, sizeof sim->chunk);
}

static void on_out(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct simulation *sim = stream->data;
	if (n < 0) {
		sim->out_ended = true;
		end_when_over(sim);
		return;
	}
	if (n == 0 || sim->orphan)
		return;
	begin(sim);
	for (ssize_t i = 0; i < n; i++)
		sim->n_lines += buf->base[i] == '\n';
	if (exchange_chunk(sim->call.ex, buf->base, (size_t)n))
		return;
	uv_read_stop(stream);
	sim->stopped = true;
}

static void on_err(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct simulation *sim = stream->data;
	if (n < 0) {
		sim->err_ended = true;
		end_when_over(sim);
	} else if (sim->problems.len + (size_t)n <= PROBLEMS_MAX) {
		buf_add(&sim->problems, buf->base, (size_t)n);
	}
}

/* The peer has caught up, or has gone. */
static void on_drain(struct exchange *ex, void *arg)
{
	struct simulation *sim = arg;
	if (exchange_gone(ex))
		kill_child(sim);
	if (!sim->stopped || sim->out_ended)
		return;
	sim->stopped = false;
	uv_read_start((uv_stream_t *)&sim->out, on_alloc, on_out);
}

/* A peer may go while the child says nothing. */
static void on_watch(uv_timer_t *timer)
{
	struct simulation *sim = timer->data;
	if (!sim->orphan && exchange_gone(sim->call.ex))
		on_drain(sim->call.ex, sim);
}

/* ---- starting ---- */

/* The assumed events as a file that has no name anywhere. -1: none, or no room. */
static int events_file(json_t *events)
{
	int fd = memfd_create("events", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(dup(fd), "w");
	json_t *event;
	size_t i;
	json_array_foreach(events, i, event)
	{
		if (!file)
			break;
		json_dumpf(event, file, JSON_COMPACT | JSON_ENCODE_ANY);
		fputc('\n', file);
	}
	if (file)
		fclose(file);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

struct wish {
	const char *from, *to, *rules, *diff;
	bool summary;
	json_t *events;
};

/* A folder by its whole path; false after the refusal. */
static bool read_folder(
        struct call *call, json_t *body, const char *name, const char **out)
{
	if (!call_member_text(call, body, name, false, out))
		return false;
	if (!*out || **out == '/')
		return true;
	call_problem(call, 422, arena_printf(call->arena, "/%s", name),
	        TR("the folder must be named by its whole path",
	                "폴더는 / 로 시작하는 전체 경로로 적어 주세요"));
	return false;
}

static bool read_wish(struct call *call, json_t *body, struct wish *out)
{
	int32_t day;
	if (!call_member_text(call, body, "from", false, &out->from) ||
	        !call_member_text(call, body, "to", false, &out->to) ||
	        !call_member_bool(call, body, "summary", &out->summary) ||
	        !read_folder(call, body, "rules", &out->rules) ||
	        !read_folder(call, body, "diff", &out->diff))
		return false;
	if ((out->from && calendar_parse_date(out->from, &day)) ||
	        (out->to && calendar_parse_date(out->to, &day))) {
		bool from = out->from && calendar_parse_date(out->from, &day);
		call_problem(call, 422, from ? "/from" : "/to",
		        TR("this must be a date, as 2026-11-23",
		                "2026-11-23 같은 날짜여야 합니다"));
		return false;
	}
	json_t *events = json_object_get(body, "events");
	out->events = json_is_null(events) ? NULL : events;
	if (!out->events || json_is_array(out->events))
		return true;
	call_problem(call, 422, "/events",
	        TR("this must be a list of events", "이벤트 목록이어야 합니다"));
	return false;
}

static void add(char **args, int *n, const char *option, const char *value)
{
	if (!value)
		return;
	args[(*n)++] = (char *)option;
	args[(*n)++] = (char *)value;
}

static int spawn(struct simulation *sim, const struct wish *wish, int events)
{
	char *args[20] = {(char *)sim->api->program, "--simulate"}, now[32];
	int n = 2;
	add(args, &n, "-c", sim->api->config_file);
	add(args, &n, "--clock", zone_format(sim->api->shop->zone, sim->call.now, now));
	add(args, &n, "--from", wish->from);
	add(args, &n, "--to", wish->to);
	add(args, &n, "--rules", wish->rules);
	add(args, &n, "--diff", wish->diff);
	if (wish->summary)
		args[n++] = "--summary";
	add(args, &n, "--events", events < 0 ? NULL : "/dev/fd/3");
	uv_stdio_container_t stdio[4] = {
	        {.flags = UV_IGNORE},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&sim->out},
	        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	                .data.stream = (uv_stream_t *)&sim->err},
	        {.flags = UV_INHERIT_FD, .data.fd = events},
	};
	uv_process_options_t options = {.exit_cb = on_exit_child,
	        .file = sim->api->program,
	        .args = args,
	        .stdio = stdio,
	        .stdio_count = events < 0 ? 3 : 4};
	return uv_spawn(sim->api->loop, &sim->process, &options);
}

static struct simulation *prepare(struct call *call)
{
	struct simulation *sim = mem_alloc(sizeof *sim);
	struct api *api = call->api;
	*sim = (struct simulation){.api = api, .call = *call, .next = api->simulations};
	sim->call.arena = NULL;
	uv_pipe_init(api->loop, &sim->out, 0);
	uv_pipe_init(api->loop, &sim->err, 0);
	uv_timer_init(api->loop, &sim->watch);
	sim->process.data = sim->out.data = sim->err.data = sim->watch.data = sim;
	return sim;
}

static void start(struct call *call, const struct wish *wish)
{
	struct simulation *sim = prepare(call);
	int events = wish->events ? events_file(wish->events) : -1;
	int error = spawn(sim, wish, events);
	if (events >= 0)
		close(events);
	if (error) {
		call_problem(call, 500, NULL,
		        TR("the simulation could not be started: %s",
		                "시뮬레이션을 시작하지 못했습니다: %s"),
		        uv_strerror(error));
		close_all(sim);
		return;
	}
	sim->summary = wish->summary;
	call->api->simulations = sim;
	call->api->n_simulations++;
	uv_read_start((uv_stream_t *)&sim->out, on_alloc, on_out);
	uv_read_start((uv_stream_t *)&sim->err, on_alloc, on_err);
	uv_timer_start(&sim->watch, on_watch, WATCH_MS, WATCH_MS);
}

void api_simulate(struct call *call)
{
	struct wish wish = {0};
	if (call->api->n_simulations >= SIMULATIONS_MAX) {
		call_refuse(call, 429, "Retry-After: 10\r\n", NULL, NULL,
		        TR("other simulations are under way",
		                "다른 시뮬레이션이 돌고 있습니다"));
		return;
	}
	json_t *body = call_object(call, true);
	if (body && read_wish(call, body, &wish))
		start(call, &wish);
	json_decref(body);
}

void api_simulate_stop(struct api *api)
{
	while (api->simulations) {
		struct simulation *sim = api->simulations;
		unlink_simulation(sim);
		tell_read(sim);
		if (sim->streaming)
			exchange_end(sim->call.ex);
		else
			call_store_failed(sim->call.ex, DB_BUSY);
		sim->orphan = true;
		kill_child(sim);
		if (sim->stopped)
			uv_read_start((uv_stream_t *)&sim->out, on_alloc, on_out);
	}
}
