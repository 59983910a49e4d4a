/* The verb about the statutory notices: what is owed to whom by when, and what was told.
 */
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/table.h"

static const char *state_word(json_t *notice)
{
	const char *state = ctl_text(notice, "state");
	if (!strcmp(state, "owed"))
		return TR("owed", "알려야 함");
	if (!strcmp(state, "planned"))
		return TR("on its way", "나가는 중");
	if (!strcmp(state, "told"))
		return TR("told", "알림");
	return strcmp(state, "closed") ? TR("not told", "알리지 못함")
	                               : TR("not owed any more", "알릴 것 없음");
}

static const char *kind_word(json_t *notice)
{
	if (!strcmp(ctl_text(notice, "kind"), "confirm"))
		return TR("confirmation", "동의 확인");
	return json_is_true(json_object_get(notice, "given")) ? TR("given", "동의")
	                                                      : TR("withdrawn", "철회");
}

static const char *consent_words(json_t *notice, char out[64])
{
	const char *purpose = ctl_text(notice, "purpose");
	snprintf(out, 64, "%s%s", ctl_text(notice, "channel"),
	        strcmp(purpose, "night") ? "" : " night");
	return out;
}

int verb_consent_notices(const struct ask *ask)
{
	const char *path = ask_option(ask, "late") ? "/v1/notices?late=true&limit=1000"
	                                           : "/v1/notices?limit=1000";
	char due[32], told[32], consent[64];
	json_t *answer, *notice;
	size_t i;
	int failed = ctl_call(ask, "GET", path, NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	struct table table;
	table_init(&table, TR("customer", "고객"), TR("notice", "안내"),
	        TR("consent", "동의"), TR("state", "상태"), TR("due", "기한"),
	        TR("told", "알린 때"), TR("reason", "까닭"), NULL);
	json_array_foreach(json_object_get(answer, "notices"), i, notice)
	        table_add(&table, ctl_text(notice, "customer"), kind_word(notice),
	                consent_words(notice, consent), state_word(notice),
	                ctl_time(notice, "due", due), ctl_time(notice, "told", told),
	                ctl_text(notice, "reason"));
	table_print(&table, stdout);
	json_decref(answer);
	return CTL_DONE;
}
