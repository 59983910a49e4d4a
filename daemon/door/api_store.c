/* The store as the outside sees it: its size, what was let go, who was erased, and copies
 * of it, which a thread of the pool makes. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>
#include "base/clock.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "engine/retention.h"
#include "store/erase.h"

#define BACKUPS 20 /* the newest */

/* Copies that were made of the store, and how many customers were erased since: put back,
 * those are erased again. */
static json_t *backups_json(struct call *call)
{
	struct backup_made *made = mem_alloc(BACKUPS * sizeof *made);
	size_t n = backup_list(call->db, made, BACKUPS);
	json_t *list = json_array();
	char time[32];
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
		        json_pack("{s:s, s:s, s:I}", "file", made[i].file, "time",
		                zone_format(call->api->shop->zone, made[i].time, time),
		                "erased_since", (json_int_t)made[i].erased));
	free(made);
	return list;
}

json_t *call_store_json(struct call *call)
{
	json_t *store = call_sealing_json(call);
	json_object_set_new(store, "bytes", json_integer(db_bytes(call->db)));
	json_object_set_new(store, "erased", json_integer(erased_total(call->db)));
	json_object_set_new(store, "backups", backups_json(call));
	json_object_set_new(store, "retention", retention_json(call->api->engine));
	return store;
}

/* ---- backups, on a thread of the pool ---- */

struct backup {
	uv_work_t work;
	struct call call;
	char *path, *target;
	bool rehearsal;
	int64_t began;
	int result;
	char why[256];
};

static void on_work(uv_work_t *work)
{
	struct backup *backup = work->data;
	backup->result =
	        db_backup(backup->path, backup->target, backup->rehearsal, backup->why);
}

static void on_backed_up(uv_work_t *work, int status)
{
	struct backup *backup = work->data;
	struct call *call = &backup->call;
	struct stat st = {0};
	call->now = clock_now();
	if (status == 0 && backup->result == 0) {
		stat(backup->target, &st);
		backup_note(call->db, backup->target, backup->began);
		call_audit(call, "backup", NULL, backup->rehearsal ? "rehearsal" : NULL);
		call_json(call, 201,
		        json_pack("{s:s, s:I, s:b}", "file", backup->target, "bytes",
		                (json_int_t)st.st_size, "rehearsal", backup->rehearsal));
	} else {
		call_problem(call, 409, "/file", "%s", backup->why);
	}
	free(backup->path);
	free(backup->target);
	free(backup);
}

void api_backups_post(struct call *call)
{
	json_t *body = call_object(call, false);
	const char *file = NULL;
	bool rehearsal = false;
	if (!body || !call_member_text(call, body, "file", true, &file) ||
	        !call_member_bool(call, body, "rehearsal", &rehearsal)) {
		json_decref(body);
		return;
	}
	if (file[0] != '/') {
		call_problem(call, 422, "/file",
		        TR("the file must be named by its whole path",
		                "파일은 / 로 시작하는 전체 경로로 적어 주세요"));
	} else if (access(file, F_OK) == 0) {
		call_problem(call, 409, "/file",
		        TR("there is such a file already; a backup overwrites nothing",
		                "이미 있는 파일입니다. 백업은 덮어쓰지 않습니다"));
	} else {
		struct backup *backup = mem_alloc(sizeof *backup);
		*backup = (struct backup){.call = *call,
		        .path = mem_strdup(db_path(call->db)),
		        .target = mem_strdup(file),
		        .rehearsal = rehearsal,
		        .began = call->now};
		backup->call.arena = NULL;
		backup->work.data = backup;
		uv_queue_work(call->api->loop, &backup->work, on_work, on_backed_up);
	}
	json_decref(body);
}
