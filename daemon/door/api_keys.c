/* The shop's key: how the store is sealed, its backup into a file, and a new one in its
 * place. No key ever stands in an answer. */
#include "base/keyfile.h"
#include "base/log.h"
#include "door/api.h"
#include "door/routes.h"
#include "store/sealing.h"

json_t *call_sealing_json(struct call *call)
{
	struct sealing state;
	json_t *json;

	sealing_state(call->db, &state);
	json = json_pack("{s:b, s:n, s:n}", "sealed", state.sealed, "sealing", "advice");
	if (state.under_way)
		json_object_set_new(json, "sealing",
		        json_pack("{s:I, s:I}", "done", (json_int_t)state.done, "total",
		                (json_int_t)state.total));
	if (!state.sealed)
		json_object_set_new(json, "advice", json_string(sealing_advice()));
	return json;
}

void api_keys_get(struct call *call)
{
	call_json(call, 200, call_sealing_json(call));
}

void api_keys_backup(struct call *call)
{
	json_t *body = call_object(call, false);
	const char *file = NULL;
	char why[512];

	if (body && call_member_text(call, body, "file", true, &file)) {
		if (file[0] != '/') {
			call_problem(call, 422, "/file",
			        TR("the file must be named by its whole path",
			                "파일은 / 로 시작하는 전체 경로로 적어 주세요"));
		} else if (keyfile_backup(call->api->folder, file, why)) {
			call_problem(call, 409, "/file", "%s", why);
		} else {
			call_audit(call, "key.backup", NULL, NULL);
			call_json(call, 201, json_pack("{s:s}", "file", file));
		}
	}
	json_decref(body);
}

void api_keys_rotate(struct call *call)
{
	struct sealing state;
	char why[512];

	sealing_state(call->db, &state);
	if (!state.sealed) {
		call_problem(call, 409, NULL, "%s", sealing_advice());
		return;
	}
	if (keyfile_changing(call->api->folder)) {
		call_problem(call, 409, NULL,
		        TR("the store is still going to the key of last time: look at "
		           "`dangolctl key status`",
		                "저장소를 지난번 열쇠로 봉인하는 중입니다. `dangolctl "
		                "key "
		                "status`를 보세요"));
		return;
	}
	if (keyfile_turn(call->api->folder, why)) {
		call_problem(call, 409, NULL, "%s", why);
		return;
	}
	sealing_turn(call->db);
	call_audit(call, "key.rotate", NULL, NULL);
	call->api->resealed(call->api->arg);
	call_json(call, 202, call_sealing_json(call));
}
