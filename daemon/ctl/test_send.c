/* The verb test-send: one template as a customer would read it, to an address that the
 * owner names. */
#include <stdio.h>
#include <stdlib.h>
#include "base/log.h"
#include "ctl/ctl.h"

int verb_test_send(const struct ask *ask)
{
	const char *to = ask_option(ask, "to");
	json_t *answer;

	if (!to) {
		ctl_say(TR("to which address? --to 010-1234-5678",
		        "어느 주소로 보낼까요? --to 010-1234-5678"));
		return CTL_USAGE;
	}
	int failed = ctl_call(ask, "POST", "/v1/test-sends",
	        json_pack("{s:s, s:s, s:s, s:s}", "channel", ask->args[0], "template",
	                ask->args[1], "customer", ask->args[2], "to", to),
	        &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	char *size = ctl_size(answer);
	printf(TR("on its way%s%s; `dangolctl message show %s` tells what became of it\n",
	               "보내는 중%s%s. `dangolctl message show %s`로 결과를 볼 수 "
	               "있습니다\n"),
	        size[0] ? ": " : "", size, ctl_text(answer, "id"));
	free(size);
	json_decref(answer);
	return CTL_DONE;
}
