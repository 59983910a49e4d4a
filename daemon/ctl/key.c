/* The verbs about the shop's key: how the store is sealed, its backup, a new one.
 * dangolctl never sees the key itself. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include "base/log.h"
#include "ctl/ctl.h"

void ctl_show_sealing(json_t *store)
{
	json_t *sealing = json_object_get(store, "sealing");
	const char *advice = ctl_text(store, "advice");
	char done[32], total[32];

	if (advice[0])
		printf("    %s\n", advice);
	else if (json_is_object(sealing))
		printf(TR("    sealed; %s of about %s rows go to the key in force\n",
		               "    봉인됨. 지금 열쇠로 다시 봉인하는 중: %2$s행쯤 "
		               "가운데 "
		               "%1$s행\n"),
		        ctl_number(sealing, "done", done),
		        ctl_number(sealing, "total", total));
	else
		printf(TR("    sealed\n", "    봉인됨\n"));
}

static int shown(const struct ask *ask, json_t *answer)
{
	if (ask->json)
		return ctl_print(answer);
	printf(TR("store:\n", "저장소:\n"));
	ctl_show_sealing(answer);
	json_decref(answer);
	return CTL_DONE;
}

int verb_key_status(const struct ask *ask)
{
	json_t *answer;
	int failed = ctl_call(ask, "GET", "/v1/keys", NULL, &answer);

	return failed ? failed : shown(ask, answer);
}

int verb_key_rotate(const struct ask *ask)
{
	json_t *answer;
	int failed = ctl_call(ask, "POST", "/v1/keys/rotate", NULL, &answer);

	return failed ? failed : shown(ask, answer);
}

int verb_key_backup(const struct ask *ask)
{
	char here[PATH_MAX];
	struct buf path = {0};
	json_t *body, *answer;
	int failed;

	if (ask->args[0][0] != '/' && getcwd(here, sizeof here))
		buf_printf(&path, "%s/", here);
	buf_adds(&path, ask->args[0]);
	body = json_pack("{s:s}", "file", path.data);
	buf_free(&path);
	failed = ctl_call(ask, "POST", "/v1/keys/backup", body, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(TR("%s: the key. Keep it apart from the store and its backups\n",
	               "%s: 열쇠입니다. 저장소와 그 백업과는 다른 곳에 두세요\n"),
	        ctl_text(answer, "file"));
	json_decref(answer);
	return CTL_DONE;
}
