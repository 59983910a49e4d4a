/* The verbs about the joining page: its link, its QR code, the end of all links. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/qr.h"
#include "base/log.h"
#include "ctl/ctl.h"

/* A new link, good for --days. CTL_DONE with the answer. */
static int make_link(const struct ask *ask, json_t **answer)
{
	const char *days = ask_option(ask, "days");
	json_t *body = json_object();
	char *end = NULL;
	long n = days ? strtol(days, &end, 10) : 0;
	if (days && (end == days || *end)) {
		json_decref(body);
		ctl_say(TR("--days takes a whole number", "--days에는 정수를 씁니다"));
		return CTL_USAGE;
	}
	if (days)
		json_object_set_new(body, "days", json_integer(n));
	return ctl_call(ask, "POST", "/v1/join-links", body, answer);
}

int verb_join_link(const struct ask *ask)
{
	json_t *answer;
	int failed = make_link(ask, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	puts(ctl_text(answer, "url"));
	json_decref(answer);
	return CTL_DONE;
}

/* Refuses a file that is there: it may hang at the counter already. */
static int write_file(const char *path, const struct buf *svg)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool good = fd >= 0 && write(fd, svg->data, svg->len) == (ssize_t)svg->len;
	if (fd >= 0 && close(fd))
		good = false;
	if (!good)
		ctl_say(TR("%s cannot be written: %s", "%s을(를) 쓸 수 없습니다: %s"),
		        path, strerror(errno));
	return good ? CTL_DONE : CTL_FAILED;
}

static int show_qr(const struct ask *ask, const char *url)
{
	struct buf out = {0};
	int status = CTL_DONE;
	bool file = ask->n > 0;
	if (!(file ? qr_svg(url, &out) : qr_terminal(url, isatty(STDOUT_FILENO), &out))) {
		ctl_say(TR("the link is too long for a QR code",
		        "링크가 길어 QR 코드로 만들 수 없습니다"));
		status = CTL_FAILED;
	} else if (file) {
		status = write_file(ask->args[0], &out);
	} else if (!ask->json) {
		fwrite(out.data, 1, out.len, stdout);
	}
	buf_free(&out);
	return status;
}

int verb_join_qr(const struct ask *ask)
{
	json_t *answer;
	int status = make_link(ask, &answer);
	if (status)
		return status;
	status = show_qr(ask, ctl_text(answer, "url"));
	if (ask->json && !status) {
		json_object_set_new(
		        answer, "file", ask->n ? json_string(ask->args[0]) : json_null());
		return ctl_print(answer);
	}
	if (!status)
		printf(TR("%s\ngood until %s\n", "%s\n%s까지 쓸 수 있습니다\n"),
		        ctl_text(answer, "url"), ctl_text(answer, "until"));
	json_decref(answer);
	return status;
}

int verb_join_revoke(const struct ask *ask)
{
	json_t *answer;
	int failed = ctl_call(ask, "DELETE", "/v1/join-links", NULL, &answer);
	if (failed)
		return failed;
	if (ask->json)
		return ctl_print(answer);
	puts(TR("every link to the joining page made until now has ended",
	        "지금까지 만든 가입 화면 링크를 모두 끝냈습니다"));
	json_decref(answer);
	return CTL_DONE;
}
