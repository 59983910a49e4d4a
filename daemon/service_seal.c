/* The shop's key in the daemon's life: read or made before the store opens, and the store
 * sealed anew, a slice a turn, until no value needs an older key. It decides nothing
 * about what is sealed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/keyfile.h"
#include "base/log.h"
#include "base/personal.h"
#include "base/seal.h"
#include "service_inner.h"
#include "store/event.h"
#include "store/sealing.h"

#define SLICE_MS 4
#define PAUSE_MS 10 /* between two slices */

static bool is_new(const char *store)
{
	struct stat st;

	return stat(store, &st) != 0 || st.st_size == 0;
}

bool service_seal_load(struct service *s)
{
	char why[512];

	switch (keyfile_load(s->config->folder, why)) {
	case KEYFILE_LOADED:
		return true;
	case KEYFILE_WRONG:
		log_error("%s", why);
		return false;
	case KEYFILE_NONE:
		break;
	}
	if (!is_new(s->config->store))
		return true;
	if (keyfile_create(s->config->folder, why))
		log_warn("%s", why);
	else
		log_info(
		        TR("a key that seals the customers' data was made: "
		           "%s/credentials/store-key. Back it up with `dangolctl key "
		           "backup FILE`, and not beside the store: without it nobody "
		           "can "
		           "read them again",
		                "고객 정보를 봉인하는 열쇠를 만들었습니다: "
		                "%s/credentials/store-key. `dangolctl key backup 파일`로 "
		                "저장소와 다른 곳에 백업하세요. 열쇠가 없으면 아무도 "
		                "다시 "
		                "읽을 수 없습니다"),
		        s->config->folder);
	return true;
}

/* The walk is over, and its last turn stands: the older key is needed no more. */
static void settle(struct service *s)
{
	char why[512];

	uv_timer_stop(&s->sealing);
	if (seal_key_count() < SEAL_KEYS_MAX || !keyfile_changing(s->config->folder))
		return;
	if (keyfile_settle(s->config->folder, why) == 0)
		log_info("%s",
		        TR("the store is sealed with the new key; the old one has left "
		           "the credential",
		                "저장소를 새 열쇠로 봉인했습니다. 옛 열쇠는 자격 "
		                "증명에서 "
		                "뺐습니다"));
	else
		log_warn(TR("the store is sealed with the new key, and the old one may "
		            "leave the credential store-key (%s)",
		                 "저장소를 새 열쇠로 봉인했습니다. 자격 증명 "
		                 "store-key에서 옛 "
		                 "열쇠를 빼도 됩니다 (%s)"),
		        why);
}

static void on_sealing(uv_timer_t *timer)
{
	struct service *s = timer->data;
	struct sealing state;

	if (s->stopping || db_turn_open(s->db))
		return;
	sealing_state(s->db, &state);
	if (state.under_way)
		sealing_slice(s->db, SLICE_MS);
	else
		settle(s);
}

void service_seal_wake(void *arg)
{
	struct service *s = arg;

	if (!s->stopping)
		uv_timer_start(&s->sealing, on_sealing, PAUSE_MS, PAUSE_MS);
}

/* What its name does not make a person's already. */
static bool is_declared(const struct field_decl *field)
{
	const char *dot = strrchr(field->path, '.');
	char *owner = mem_strndup(field->path, (size_t)(dot - field->path));
	bool known = event_field_personal(owner, dot + 1);

	free(owner);
	return field->sealed && !known;
}

void service_seal_fields(struct service *s)
{
	const struct program *program = s->ruleset->program;
	struct buf paths = {0};

	for (size_t i = 0; i < program->n_fields; i++)
		if (is_declared(&program->fields[i]))
			buf_printf(&paths, "%s\n", program->fields[i].path);
	if (sealing_fields(s->db, paths.data ? paths.data : ""))
		service_seal_wake(s);
	personal_declare(&paths);
}

void service_seal_start(struct service *s)
{
	struct sealing state;

	uv_timer_init(&s->loop, &s->sealing);
	s->sealing.data = s;
	sealing_state(s->db, &state);
	if (!state.sealed)
		log_warn("%s", sealing_advice());
	service_seal_wake(s);
}
