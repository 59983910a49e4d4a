/* The verb import: a spreadsheet's file, in whatever spelling it was saved, goes to the
 * daemon chunk by chunk; every row that did not go in is named by its line. */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/map.h"
#include "ctl/refused.h"
#include "ctl/sheet.h"
#include "ctl/table.h"

#define FILE_MAX (1024 * 1024 * 1024)

static bool read_file(const char *name, struct buf *out)
{
	char chunk[65536];
	size_t n;
	FILE *file = fopen(name, "rb");
	while (file && (n = fread(chunk, 1, sizeof chunk, file)) > 0 &&
	        out->len <= FILE_MAX)
		buf_add(out, chunk, n);
	bool good = file && !ferror(file) && out->len <= FILE_MAX;
	if (!good)
		ctl_say("%s: %s", name,
		        file && !ferror(file)
		                ? TR("the file is over 1 GiB", "파일이 1 GiB를 넘습니다")
		                : strerror(errno));
	if (file)
		fclose(file);
	return good;
}

/* ---- spellings of text ---- */

static bool convert(const char *from, const struct buf *in, size_t skip, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", from);
	char chunk[65536], *p = in->data + skip;
	size_t left = in->len - skip;
	bool good = cd != (iconv_t)-1;
	while (good && left > 0) {
		char *to = chunk;
		size_t room = sizeof chunk;
		size_t result = iconv(cd, &p, &left, &to, &room);
		buf_add(out, chunk, sizeof chunk - room);
		good = result != (size_t)-1 || errno == E2BIG;
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	return good;
}

static bool starts(const struct buf *in, const char *bytes, size_t len)
{
	return in->len >= len && memcmp(in->data, bytes, len) == 0;
}

/* To UTF-8 without a byte order mark: from itself, UTF-16 as Excel saves "Unicode text",
 * or CP949. */
static bool to_utf8(struct buf *text)
{
	struct buf out = {0};
	bool good;
	if (starts(text, "\xef\xbb\xbf", 3))
		buf_drop(text, 3);
	if (starts(text, "\xff\xfe", 2))
		good = convert("UTF-16LE", text, 2, &out);
	else if (starts(text, "\xfe\xff", 2))
		good = convert("UTF-16BE", text, 2, &out);
	else if (text_valid_utf8(text->data ? text->data : "", text->len))
		return true;
	else
		good = convert("CP949", text, 0, &out);
	good = good && text_valid_utf8(out.data ? out.data : "", out.len);
	buf_free(text);
	*text = out;
	return good;
}

/* ---- the way to the daemon ---- */

struct upload {
	const struct ask *ask;
	const char *kind, *file;
	struct sheet sheet;
	char *batch; /* the daemon's name for all of it; NULL before the first answer */
	bool dry_run;
	int64_t accepted;
	char *refused; /* the file of rows that did not go in; NULL: none */
	json_t *rejected, *difference, *rows, *headings, *restored;
};

static void show_progress(const struct upload *up)
{
	static const char bar[] = "########################################";
	if (!isatty(STDERR_FILENO) || up->ask->json || !up->sheet.text.len)
		return;
	int percent = (int)(sheet_done(&up->sheet) * 100 / up->sheet.text.len);
	fprintf(stderr, "\r[%-40.*s] %3d%%", percent * 40 / 100, bar, percent);
	fflush(stderr);
}

static void clear_progress(const struct upload *up)
{
	if (isatty(STDERR_FILENO) && !up->ask->json)
		fprintf(stderr, "\r%50s\r", "");
}

static void take_difference(struct upload *up, json_t *answer)
{
	const char *name;
	json_t *n;
	json_object_foreach(json_object_get(answer, "difference"), name, n)
	{
		json_int_t sum =
		        json_integer_value(n) +
		        json_integer_value(json_object_get(up->difference, name));
		json_object_set_new(up->difference, name, json_integer(sum));
	}
	json_array_extend(up->rows, json_object_get(answer, "rows"));
}

static void show_heading(const struct upload *up, json_t *one)
{
	const char *heading = ctl_text(one, "heading"), *near = ctl_text(one, "nearest");
	if (ctl_text(one, "becomes")[0])
		fprintf(stderr,
		        TR("%s: the heading \"%s\" becomes an attribute; is it %s?\n",
		                "%s: 제목 \"%s\"은(는) 추가 항목이 됩니다. 혹시 "
		                "%s입니까?\n"),
		        up->file, heading, near);
	else if (near[0])
		fprintf(stderr,
		        TR("%s: the heading \"%s\" is not understood and left out; the "
		           "nearest is %s\n",
		                "%s: 제목 \"%s\"을(를) 알 수 없어 뺐습니다. 가장 가까운 "
		                "것은 "
		                "%s입니다\n"),
		        up->file, heading, near);
	else
		fprintf(stderr,
		        TR("%s: the heading \"%s\" is not understood and left out\n",
		                "%s: 제목 \"%s\"을(를) 알 수 없어 뺐습니다\n"),
		        up->file, heading);
}

static void take_first(struct upload *up, json_t *answer)
{
	json_t *one;
	size_t i;
	up->batch = mem_strdup(ctl_text(answer, "batch"));
	json_array_extend(up->headings, json_object_get(answer, "headings"));
	json_array_foreach(up->headings, i, one)
	{
		if (!up->ask->json)
			show_heading(up, one);
	}
}

static void take_answer(struct upload *up, json_t *answer)
{
	json_t *row;
	size_t i;
	if (!up->batch)
		take_first(up, answer);
	json_array_extend(up->restored, json_object_get(answer, "restored"));
	up->accepted += json_integer_value(json_object_get(answer, "accepted"));
	take_difference(up, answer);
	if (json_array_size(json_object_get(answer, "rejected")))
		clear_progress(up);
	json_array_foreach(json_object_get(answer, "rejected"), i, row)
	{
		json_array_append(up->rejected, row);
		if (!up->ask->json)
			fprintf(stderr, "%s:%lld: %s\n", up->file,
			        (long long)json_integer_value(
			                json_object_get(row, "line")),
			        ctl_text(row, "detail"));
	}
}

/* A busy daemon is asked again, as it says. */
static int post(const char *path, const struct buf *chunk, int *status, json_t **answer)
{
	struct client_request request = {.method = "POST",
	        .target = path,
	        .type = "text/csv",
	        .body = chunk->data,
	        .len = chunk->len};
	char why[512];
	for (int tries = 0;; tries++) {
		struct client_answer got;
		if (client_call(&request, &got, why)) {
			ctl_say("%s", why);
			return CTL_FAILED;
		}
		*status = got.status;
		*answer = got.body.len ? json_loadb(got.body.data, got.body.len, 0, NULL)
		                       : NULL;
		buf_free(&got.body);
		if (!*answer)
			*answer = json_object();
		if ((got.status != 429 && got.status != 503) || tries == 10)
			return CTL_DONE;
		json_decref(*answer);
		sleep(1);
	}
}

static int send_chunk(struct upload *up, const struct buf *chunk, int line)
{
	char number[32];
	json_t *answer;
	int status;
	snprintf(number, sizeof number, "%d", line);
	char *path = ctl_path("/v1/imports/", up->kind, "?line=", number,
	        up->dry_run ? "&dry_run=1" : "", "", up->batch ? "&batch=" : "",
	        up->batch ? up->batch : "", NULL);
	int failed = post(path, chunk, &status, &answer);
	free(path);
	if (failed)
		return failed;
	if (status >= 300) {
		clear_progress(up);
		ctl_say(TR("%s: what stands before line %d went in, the rest did not",
		                "%s: %d번째 줄 앞까지만 들어갔습니다"),
		        up->file, line);
		return ctl_refused(up->ask, answer);
	}
	take_answer(up, answer);
	json_decref(answer);
	return CTL_DONE;
}

static int send_all(struct upload *up)
{
	struct buf chunk = {0};
	int line, failed = CTL_DONE;
	while (!failed && sheet_chunk(&up->sheet, &chunk, &line)) {
		failed = send_chunk(up, &chunk, line);
		if (!failed)
			show_progress(up);
	}
	buf_free(&chunk);
	clear_progress(up);
	if (up->sheet.bad_line) {
		const char *detail =
		        TR("a quotation mark is opened here and never closed",
		                "여기서 연 따옴표가 닫히지 않았습니다");
		json_array_append_new(
		        up->rejected, json_pack("{s:i, s:s}", "line", up->sheet.bad_line,
		                              "detail", detail));
		if (!up->ask->json)
			fprintf(stderr, "%s:%d: %s\n", up->file, up->sheet.bad_line,
			        detail);
	}
	return failed;
}

static void write_refused(struct upload *up)
{
	const char *wanted = ask_option(up->ask, "refused");
	if (!json_array_size(up->rejected) || (up->dry_run && !wanted))
		return;
	up->refused = refused_write(&up->sheet, up->rejected, up->file, wanted);
	if (!up->refused)
		ctl_say(TR("the file of refused rows cannot be written: %s",
		                "들어가지 않은 줄의 파일을 쓸 수 없습니다: %s"),
		        strerror(errno));
}

static void show_aside(const struct upload *up)
{
	char n[32];
	if (json_array_size(up->restored))
		printf(TR("phone numbers whose lost zero was restored: %s\n",
		               "사라진 0을 되살린 전화번호: %s개\n"),
		        text_number((int64_t)json_array_size(up->restored), n));
	if (up->refused)
		printf(TR("what did not go in, with its reasons: %s; mend it and import "
		          "it\n",
		               "들어가지 않은 줄과 이유: %s. 고쳐서 다시 가져오세요\n"),
		        up->refused);
}

static int report(struct upload *up)
{
	char in[32], out[32];
	size_t bad = json_array_size(up->rejected);
	const char *batch = up->batch ? up->batch : "";
	if (up->ask->json) {
		json_t *json = json_pack("{s:s, s:b, s:I, s:O, s:O}", "batch", batch,
		        "dry_run", up->dry_run, "accepted", (json_int_t)up->accepted,
		        "rejected", up->rejected, "difference", up->difference);
		json_object_set(json, "headings", up->headings);
		json_object_set(json, "restored", up->restored);
		json_object_set_new(json, "refused",
		        up->refused ? json_string(up->refused) : json_null());
		if (up->dry_run)
			json_object_set(json, "rows", up->rows);
		ctl_print(json);
		return bad ? CTL_FAILED : CTL_DONE;
	}
	text_number(up->accepted, in);
	text_number((int64_t)bad, out);
	if (up->dry_run)
		printf(TR("%s rows would go in, %s things are wrong; nothing was "
		          "written\n",
		               "%s줄이 들어갈 수 있고, 잘못된 것이 %s개 있습니다. "
		               "아무것도 쓰지 않았습니다\n"),
		        in, out);
	if (up->dry_run)
		ctl_show_difference(up->difference, up->rows);
	else
		printf(TR("%s rows went in, %s things are wrong (import %s)\n",
		               "%s줄이 들어갔고, 잘못된 것이 %s개 있습니다 (가져오기 "
		               "%s)\n"),
		        in, out, batch);
	show_aside(up);
	return bad ? CTL_FAILED : CTL_DONE;
}

/* ---- the verb ---- */

static bool known_kind(const char *kind)
{
	static const char *const kinds[] = {
	        "customers", "orders", "products", "consents"};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

/* File and map, in UTF-8. */
static bool read_both(const struct ask *ask, struct buf *text, struct buf *map)
{
	const char *map_file = ask_option(ask, "map");
	if (!read_file(ask->args[1], text) || (map_file && !read_file(map_file, map)))
		return false;
	if (to_utf8(text) && to_utf8(map))
		return true;
	ctl_say(TR("%s is neither UTF-8 nor CP949: save it again as CSV UTF-8",
	                "%s은(는) UTF-8도 CP949도 아닙니다. CSV UTF-8로 다시 "
	                "저장해 주세요"),
	        ask->args[1]);
	return false;
}

/* What can be known before anything goes in. */
static bool look_over(const struct ask *ask, struct buf *text, struct buf *map)
{
	const char *refused = ask_option(ask, "refused"), *file = ask_option(ask, "map");
	if (refused && access(refused, F_OK) == 0) {
		ctl_say(TR("%s is there already: nothing is overwritten",
		                "%s: 이미 있는 파일입니다. 덮어쓰지 않습니다"),
		        refused);
		return false;
	}
	if (!read_file(ask->args[1], text))
		return false;
	if (starts(text, "PK\x03\x04", 4) || starts(text, "\xd0\xcf\x11\xe0", 4)) {
		ctl_say(TR("%s is a workbook: save it as CSV (File, Save as, \"CSV "
		           "UTF-8\")",
		                "%s은(는) 엑셀 통합 문서입니다. CSV로 저장해 주세요 "
		                "(파일, "
		                "다른 이름으로 저장, \"CSV UTF-8\")"),
		        ask->args[1]);
		return false;
	}
	buf_reset(text);
	return read_both(ask, text, map) &&
	       (!file || map_check(ask->args[0], file, map->data, text));
}

int verb_import(const struct ask *ask)
{
	struct upload up = {.ask = ask, .kind = ask->args[0], .file = ask->args[1]};
	struct buf text = {0}, map = {0};
	const char *group = "order|orderid|ordernumber|주문번호|주문|주문id|주문코드";
	char why[256];
	if (!known_kind(up.kind))
		return CTL_USAGE;
	if (!look_over(ask, &text, &map)) {
		buf_free(&text);
		buf_free(&map);
		return CTL_FAILED;
	}
	up.dry_run = ask_option(ask, "dry-run") != NULL;
	bool opened = sheet_open(&up.sheet, &text, map.data,
	        strcmp(up.kind, "orders") == 0 ? group : NULL, why);
	buf_free(&map);
	if (!opened) {
		ctl_say("%s: %s", up.file, why);
		return CTL_FAILED;
	}
	up.rejected = json_array();
	up.difference = json_object();
	up.rows = json_array();
	up.headings = json_array();
	up.restored = json_array();
	int failed = send_all(&up);
	write_refused(&up);
	if (!failed)
		failed = report(&up);
	free(up.refused);
	json_decref(up.headings);
	json_decref(up.restored);
	sheet_close(&up.sheet);
	json_decref(up.rejected);
	json_decref(up.difference);
	json_decref(up.rows);
	free(up.batch);
	return failed;
}
