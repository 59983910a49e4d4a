/* The verbs for the person behind a customer: what he may ask for by law. They print
 * counts and ids, and write a person's data into no other place than the file named. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "ctl/ctl.h"
#include "ctl/file.h"

/* ---- forgetting ---- */

static const struct {
	const char *name, *english, *korean;
} counted[] = {
        {"events", "events without person and data", "이벤트에서 사람과 내용"},
        {"messages", "messages without person and address", "메시지에서 사람과 주소"},
        {"texts", "texts of messages", "메시지 본문"},
        {"files", "files of the outbox", "outbox 파일"},
        {"runs", "runs of rules", "규칙 진행 기록에서 사람"},
        {"orders", "orders without person", "주문에서 사람"},
        {"coupons", "coupons without person", "쿠폰에서 사람"},
        {"consents", "entries of consent", "동의 이력"},
        {"suppressed", "refusals kept as a hash", "해시로만 남긴 수신 거부"},
};

static void show_counts(json_t *counts)
{
	char number[32];
	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
		if (json_integer_value(json_object_get(counts, counted[i].name)))
			printf("  %s: %s\n", TR(counted[i].english, counted[i].korean),
			        ctl_number(counts, counted[i].name, number));
}

static void show_erased(json_t *answer)
{
	json_t *one;
	size_t i;
	bool erased = json_is_true(json_object_get(answer, "erased"));
	json_array_foreach(json_object_get(answer, "customers"), i, one)
	        printf(erased ? TR("%s: erased for good\n", "%s: 완전히 지웠습니다\n")
	                      : TR("%s: would be erased\n", "%s: 지우게 됩니다\n"),
	                json_string_value(one));
	show_counts(json_object_get(answer, "counts"));
	json_array_foreach(json_object_get(answer, "backups"), i, one)
	        printf(TR("still in the backup %s: put back, it forgets again\n",
	                       "백업 %s에는 남아 있습니다. 되돌리면 다시 지웁니다\n"),
	                json_string_value(one));
}

/* Takes the refusal, and names those who could be meant. */
static int refused(const struct ask *ask, json_t *problem)
{
	json_t *one;
	size_t i;
	ctl_refused(ask, json_incref(problem));
	json_array_foreach(json_object_get(problem, "customers"), i, one) if (!ask->json)
	        fprintf(stderr, "  %s\n", json_string_value(one));
	json_decref(problem);
	return CTL_FAILED;
}

int verb_customer_forget(const struct ask *ask)
{
	json_t *body = ctl_named(ask->args[0]), *answer;
	int status;
	json_object_set_new(
	        body, "dry_run", json_boolean(ask_option(ask, "dry-run") != NULL));
	json_object_set_new(body, "all", json_boolean(ask_option(ask, "all") != NULL));
	if (ctl_ask("POST", "/v1/customers/forget", body, &status, &answer))
		return CTL_FAILED;
	if (status >= 400)
		return refused(ask, answer);
	if (ask->json)
		return ctl_print(answer);
	show_erased(answer);
	json_decref(answer);
	return CTL_DONE;
}

/* ---- two who are one ---- */

static const struct {
	const char *name, *english, *korean;
} moved[] = {
        {"events", "events", "이벤트"},
        {"orders", "orders", "주문"},
        {"messages", "messages", "메시지"},
        {"runs", "runs of rules", "규칙 진행 기록"},
        {"coupons", "coupons", "쿠폰"},
        {"redemptions", "redemptions of coupons", "쿠폰 사용"},
        {"notices", "notices of consent", "수신동의 안내"},
};

static const char *outcome(json_t *answer)
{
	if (json_is_true(json_object_get(answer, "already")))
		return TR("%s was merged into %s already\n",
		        "%s은(는) 이미 %s에 합쳐졌습니다\n");
	if (json_is_true(json_object_get(answer, "merged")))
		return TR("%s is %s from now on\n", "%s은(는) 이제 %s입니다\n");
	return TR("%s would become %s\n", "%s은(는) %s이(가) 됩니다\n");
}

static void show_moved(json_t *counts)
{
	char number[32];
	for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
		if (json_integer_value(json_object_get(counts, moved[i].name)))
			printf("  %s: %s\n", TR(moved[i].english, moved[i].korean),
			        ctl_number(counts, moved[i].name, number));
}

static void show_merged(json_t *answer)
{
	char number[32];
	printf(outcome(answer), ctl_text(answer, "from"), ctl_text(answer, "into"));
	show_moved(json_object_get(answer, "counts"));
	if (json_integer_value(json_object_get(answer, "ended")))
		printf(TR("  runs that ended, so that nothing is sent twice: %s\n",
		               "  두 번 보내지 않으려고 끝낸 진행: %s\n"),
		        ctl_number(answer, "ended", number));
}

int verb_customer_merge(const struct ask *ask)
{
	json_t *answer, *body = json_pack("{s:s, s:b}", "into", ask->args[1], "dry_run",
	                        ask_option(ask, "dry-run") != NULL);
	char *path = ctl_path("/v1/customers/", ask->args[0], "/merge", NULL);
	int failed = ctl_call(ask, "POST", path, body, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	show_merged(answer);
	json_decref(answer);
	return CTL_DONE;
}

int verb_customer_unmerge(const struct ask *ask)
{
	json_t *answer;
	char *path = ctl_path("/v1/customers/", ask->args[0], "/unmerge", NULL);
	int failed = ctl_call(ask, "POST", path, NULL, &answer);
	free(path);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	printf(json_is_true(json_object_get(answer, "already"))
	                ? TR("%s was taken out of %s already\n",
	                          "%s은(는) 이미 %s에서 나뉘었습니다\n")
	                : TR("%s is himself again, apart from %s\n",
	                          "%s은(는) 다시 %s와(과) 다른 고객입니다\n"),
	        ctl_text(answer, "from"), ctl_text(answer, "into"));
	show_moved(json_object_get(answer, "counts"));
	json_decref(answer);
	return CTL_DONE;
}

/* ---- the person's own copy ---- */

/* A new file of the owner's alone. */
static int write_file(const char *file, const char *text)
{
	FILE *out = file_create(file);
	bool good = out && fputs(text, out) >= 0 && fputc('\n', out) != EOF;
	if (out)
		good = fclose(out) == 0 && good;
	if (good)
		return CTL_DONE;
	file_complain(file);
	if (out)
		unlink(file);
	return CTL_FAILED;
}

int verb_customer_export(const struct ask *ask)
{
	json_t *answer;
	int status;
	if (ask->n > 1 && access(ask->args[1], F_OK) == 0) {
		ctl_say(TR("%s is there already: nothing is overwritten",
		                "%s: 이미 있는 파일입니다. 덮어쓰지 않습니다"),
		        ask->args[1]);
		return CTL_FAILED;
	}
	if (ctl_ask("POST", "/v1/customers/export", ctl_named(ask->args[0]), &status,
	            &answer))
		return CTL_FAILED;
	if (status >= 400)
		return refused(ask, answer);
	if (ask->n < 2)
		return ctl_print(answer);
	char *text = json_dumps(answer, JSON_INDENT(2));
	json_decref(answer);
	status = text ? write_file(ask->args[1], text) : CTL_FAILED;
	free(text);
	if (status == CTL_DONE && !ask->json)
		printf(TR("%s: all that is held about this customer; give it to nobody "
		          "else, and delete it then\n",
		               "%s: 이 고객에 대해 가진 모든 것입니다. 본인에게만 주고, "
		               "준 뒤에는 지우세요\n"),
		        ask->args[1]);
	return status;
}
