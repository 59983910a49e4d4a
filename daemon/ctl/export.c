/* The verb export: all rows of a kind into a new file that a spreadsheet opens, or to the
 * standard output. It never overwrites one. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/file.h"

struct saving {
	FILE *out;
	iconv_t cd; /* (iconv_t)-1: as it comes */
	int64_t lines;
	int64_t bad_line; /* the first that does not exist in CP949; 0: none */
	bool failed;
};

static void save(struct saving *s, const char *data, size_t len)
{
	s->failed = s->failed || fwrite(data, 1, len, s->out) != len;
}

static void save_converted(struct saving *s, const char *line, size_t len)
{
	char out[65536], *in = (char *)line;
	while (len > 0 && !s->bad_line) {
		char *to = out;
		size_t room = sizeof out;
		if (iconv(s->cd, &in, &len, &to, &room) == (size_t)-1 && errno != E2BIG)
			s->bad_line = s->lines;
		save(s, out, sizeof out - room);
	}
}

static void on_line(void *arg, const char *line, size_t len)
{
	struct saving *s = arg;
	s->lines++;
	if (s->cd == (iconv_t)-1)
		save(s, line, len);
	else
		save_converted(s, line, len);
	save(s, "\n", 1);
}

static FILE *create(const char *file)
{
	FILE *out = file_create(file);
	if (!out)
		file_complain(file);
	return out;
}

/* CTL_DONE, or what went wrong was told. */
static int fetch(const struct ask *ask, struct saving *s)
{
	struct client_answer got;
	char why[512], *path = ctl_path("/v1/exports/", ask->args[0],
	                       TR("?language=en", "?language=ko"), NULL);
	struct client_request request = {
	        .method = "GET", .target = path, .line = on_line, .arg = s};
	int failed = client_call(&request, &got, why);
	free(path);
	if (failed) {
		ctl_say("%s", why);
		return CTL_FAILED;
	}
	json_t *problem = got.status < 300
	                          ? NULL
	                          : json_loadb(got.body.data ? got.body.data : "",
	                                    got.body.len, 0, NULL);
	buf_free(&got.body);
	if (got.status >= 300)
		return ctl_refused(ask, problem ? problem : json_object());
	if (!s->bad_line)
		return CTL_DONE;
	ctl_say(TR("line %lld has a letter that CP949 does not know: export it as UTF-8",
	                "%lld번째 줄에 CP949에 없는 글자가 있습니다. UTF-8로 내보내 "
	                "주세요"),
	        (long long)s->bad_line);
	return CTL_FAILED;
}

static int close_file(const char *file, struct saving *s, int failed)
{
	bool good = (file ? fclose(s->out) : fflush(s->out)) == 0 && !s->failed;
	if (!failed && !good) {
		ctl_say("%s: %s", file ? file : "-", strerror(errno));
		failed = CTL_FAILED;
	}
	if (failed && file)
		unlink(file);
	return failed;
}

int verb_export(const struct ask *ask)
{
	const char *encoding = ask_option(ask, "encoding"),
	           *file = ask->n > 1 ? ask->args[1] : NULL;
	bool cp949 = encoding && strcasecmp(encoding, "cp949") == 0;
	struct saving s = {.cd = (iconv_t)-1};
	if (encoding && !cp949 && strcasecmp(encoding, "utf-8") != 0)
		return CTL_USAGE;
	s.out = file ? create(file) : stdout;
	if (!s.out)
		return CTL_FAILED;
	if (cp949)
		s.cd = iconv_open("CP949", "UTF-8");
	else if (file || encoding) /* or Excel takes it for CP949 */
		save(&s, "\xef\xbb\xbf", 3);
	int failed = close_file(file, &s, fetch(ask, &s));
	if (s.cd != (iconv_t)-1)
		iconv_close(s.cd);
	if (failed || !file)
		return failed;
	if (ask->json)
		return ctl_print(json_pack("{s:s}", "file", file));
	printf(TR("%s is written; it holds customers' data: delete it when you are "
	          "done\n",
	               "%s에 저장했습니다. 고객의 정보이니 다 쓴 뒤에는 지우세요\n"),
	        file);
	return CTL_DONE;
}
