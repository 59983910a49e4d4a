/* A map of headings, before it is used. It changes nothing. */
#include "ctl/map.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"
#include "base/log.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"

#define LINES_MAX 500

struct line {
	int number;
	char *left, *right;
};

struct map {
	const char *kind, *file;
	struct line lines[LINES_MAX];
	size_t n;
	char **headings; /* of the file to import */
	size_t n_headings;
	bool bad;
};

static void wrong(struct map *map, int line, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
static void wrong(struct map *map, int line, const char *fmt, ...)
{
	va_list ap;
	fprintf(stderr, "%s:%d: ", map->file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	map->bad = true;
}

static void read_line(struct map *map, char *text, int number)
{
	char *equals = strchr(text, '='), *start = text_trim(text);
	if (!*start || *start == '#')
		return;
	if (!equals || equals == start) {
		wrong(map, number, "%s",
		        TR("a line of a map is: their heading = our column",
		                "한 줄은 이렇게 씁니다: 파일의 제목 = 우리 항목"));
		return;
	}
	if (map->n == LINES_MAX) {
		wrong(map, number, "%s",
		        TR("a map has at most 500 lines", "500줄까지입니다"));
		return;
	}
	*equals = '\0';
	struct line *line = &map->lines[map->n++];
	line->number = number;
	line->left = mem_strdup(text_trim(start));
	line->right = mem_strdup(text_trim(equals + 1));
}

static void read_lines(struct map *map, const char *text)
{
	int number = 1;
	for (const char *p = text; p && *p && !(map->bad && map->n == LINES_MAX);
	        number++) {
		size_t len = strcspn(p, "\n");
		char *line = mem_strndup(p, len);
		read_line(map, line, number);
		free(line);
		p += len + (p[len] == '\n');
	}
}

static void read_headings(struct map *map, const struct buf *text)
{
	struct csv csv;
	int line;
	csv_init(&csv, text->data, text->len, csv_guess_separator(text->data, text->len),
	        1);
	if (csv_next(&csv, &line) == 1) {
		map->headings = mem_alloc((csv.n + 1) * sizeof *map->headings);
		for (; map->n_headings < csv.n; map->n_headings++)
			map->headings[map->n_headings] =
			        mem_strdup(text_trim(csv.cells[map->n_headings]));
	}
	csv_fini(&csv);
}

static bool has_heading(const struct map *map, const char *name)
{
	for (size_t i = 0; i < map->n_headings; i++)
		if (strcmp(map->headings[i], name) == 0)
			return true;
	return false;
}

static void check_left(struct map *map, size_t at)
{
	const struct line *line = &map->lines[at];
	if (!has_heading(map, line->left)) {
		const char *near = text_nearest(
		        line->left, (const char *const *)map->headings, map->n_headings);
		wrong(map, line->number,
		        near ? TR("the file has no heading \"%s\"; the nearest is \"%s\"",
		                       "파일에 \"%s\"(이)라는 제목이 없습니다. 가장 "
		                       "가까운 "
		                       "것은 \"%s\"입니다")
		             : TR("the file has no heading \"%s\"",
		                       "파일에 \"%s\"(이)라는 제목이 없습니다"),
		        line->left, near);
	}
	for (size_t i = 0; i < at; i++) {
		bool twice = strcmp(map->lines[i].left, line->left) == 0;
		if (twice ||
		        (line->right[0] && !strcmp(map->lines[i].right, line->right)))
			wrong(map, line->number,
			        TR("\"%s\" is said twice: in line %d as well",
			                "\"%s\"이(가) %d번째 줄에도 있습니다"),
			        twice ? line->left : line->right, map->lines[i].number);
	}
}

/* ---- our columns: the daemon knows them ---- */

static char *heading_row(const struct map *map)
{
	static const char *const firsts[][2] = {{"customers", "id"}, {"orders", "order"},
	        {"products", "sku"}, {"consents", "customer"}};
	struct buf row = {0};
	for (int i = 0; i < 4; i++)
		if (strcmp(firsts[i][0], map->kind) == 0)
			buf_adds(&row, firsts[i][1]);
	for (size_t i = 0; i < map->n; i++) {
		buf_addc(&row, ',');
		csv_cell(&row, map->lines[i].right);
	}
	buf_addc(&row, '\n');
	return buf_take(&row);
}

/* [{heading, nearest, becomes}] of what is no column; NULL: it does not say. Returns new.
 */
static json_t *unknown(const struct map *map)
{
	char why[512], *row = heading_row(map),
	               *path = ctl_path("/v1/imports/", map->kind, "?dry_run=1", NULL);
	struct client_request request = {.method = "POST",
	        .target = path,
	        .type = "text/csv",
	        .body = row,
	        .len = strlen(row)};
	struct client_answer got;
	json_t *list = NULL;
	if (client_call(&request, &got, why) == 0) {
		json_t *answer = json_loadb(
		        got.body.data ? got.body.data : "", got.body.len, 0, NULL);
		list = json_incref(json_object_get(answer, "headings"));
		json_decref(answer);
		buf_free(&got.body);
	}
	free(path);
	free(row);
	return list;
}

static void check_right(struct map *map, json_t *one)
{
	const char *heading = ctl_text(one, "heading"), *near = ctl_text(one, "nearest");
	for (size_t i = 0; i < map->n; i++) {
		if (strcmp(map->lines[i].right, heading) != 0)
			continue;
		wrong(map, map->lines[i].number,
		        near[0] ? TR("%s have no column \"%s\"; the nearest is %s",
		                          "%s에는 \"%s\" 항목이 없습니다. 가장 가까운 "
		                          "것은 "
		                          "%s입니다")
		                : TR("%s have no column \"%s\"",
		                          "%s에는 \"%s\" 항목이 없습니다"),
		        map->kind, heading, near);
	}
}

static void check_rights(struct map *map)
{
	json_t *list = unknown(map), *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		if (!ctl_text(one, "becomes")[0]) /* else the import says it */
			check_right(map, one);
	}
	json_decref(list);
}

bool map_check(
        const char *kind, const char *file, const char *map, const struct buf *text)
{
	struct map *m = mem_alloc(sizeof *m);
	m->kind = kind;
	m->file = file;
	read_headings(m, text);
	read_lines(m, map);
	for (size_t i = 0; i < m->n; i++)
		check_left(m, i);
	check_rights(m);
	bool good = !m->bad;
	for (size_t i = 0; i < m->n; i++) {
		free(m->lines[i].left);
		free(m->lines[i].right);
	}
	for (size_t i = 0; i < m->n_headings; i++)
		free(m->headings[i]);
	free(m->headings);
	free(m);
	return good;
}
