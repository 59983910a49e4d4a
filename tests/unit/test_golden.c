/* The compiler against files: every tests/golden/good/NAME.rule beside NAME.txt, what it
 * compiles to, and every tests/golden/bad/NAME.rule beside NAME.en.txt and NAME.ko.txt,
 * what the owner reads. With GOLDEN_UPDATE=1 the expectations are written anew; the tests
 * never change anything otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/log.h"
#include "base/mem.h"
#include "language/survey.h"
#include "language/template_size.h"
#include "dump.h"

#define NAMES_MOST 2000
#define FILES_MOST 8

static const char *folder(void)
{
	const char *named = getenv("GOLDEN_DIR");

	return named ? named : "tests/golden";
}

static bool updating(void)
{
	return getenv("GOLDEN_UPDATE") != NULL;
}

/* ---- the shop that the files are compiled for ---- */

static bool template_exists(
        void *arg, const char *name, const char *channel, const char **nearest)
{
	(void)arg;
	(void)channel;
	*nearest = NULL;
	if (strncmp(name, "missing", 7))
		return true;
	*nearest = "mission";
	return false;
}

/* A file that says "# no refuse", "# no public", "# no address", "# no sms" is for a shop
 * that lacks them; channels has room for all. */
static struct world shop(const char *text, const char *channels[8])
{
	static const char *const all[] = {
	        "sms", "alimtalk", "brandmessage", "email", "push", "owner", NULL};
	size_t n = 0;
	char line[32];

	for (size_t i = 0; all[i]; i++) {
		snprintf(line, sizeof line, "# no %s\n", all[i]);
		if (!strstr(text, line))
			channels[n++] = all[i];
	}
	channels[n] = NULL;
	return (struct world){.channels = channels,
	        .shop_name = "단골커피",
	        .refuse = "080-123-4567",
	        .has_refuse = !strstr(text, "# no refuse"),
	        .has_public = !strstr(text, "# no public"),
	        .lacks_address = strstr(text, "# no address") != NULL,
	        .law_korea = true,
	        .today = calendar_day(2026, 11, 23),
	        .template_exists = template_exists};
}

/* ---- files ---- */

static char *read_whole(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *data;
	size_t n;

	if (!file)
		return NULL;
	data = mem_alloc(1 << 20);
	n = fread(data, 1, (1 << 20) - 1, file);
	fclose(file);
	data[n] = 0;
	if (len)
		*len = n;
	return data;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t names_in(const char *kind, char *names[NAMES_MOST])
{
	char path[512];
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof path, "%s/%s", folder(), kind);
	dir = opendir(path);
	assert_non_null(dir);
	while (n < NAMES_MOST && (entry = readdir(dir))) {
		char *dot = strrchr(entry->d_name, '.');
		if (dot && !strcmp(dot, ".rule"))
			names[n++] =
			        mem_strndup(entry->d_name, (size_t)(dot - entry->d_name));
	}
	closedir(dir);
	qsort(names, n, sizeof *names, by_name);
	return n;
}

/* Compares, or writes; returns whether it is as expected. */
static bool expect(
        const char *kind, const char *name, const char *ending, const char *found)
{
	char path[1024], *wanted;
	bool same;

	snprintf(path, sizeof path, "%s/%s/%s%s", folder(), kind, name, ending);
	if (updating()) {
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		fputs(found, file);
		assert_int_equal(fclose(file), 0);
		return true;
	}
	wanted = read_whole(path, NULL);
	same = wanted && !strcmp(wanted, found);
	if (!same)
		print_error("%s: expected\n%s\nbut found\n%s\n", path,
		        wanted ? wanted : "(no such file)\n", found);
	free(wanted);
	return same;
}

/* ---- the tests ---- */

/* The folder of templates and what lies in it. */
static int remove_tree(const char *root)
{
	char path[600];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "%s/templates", root);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/templates/%s", root,
			        entry->d_name);
			unlink(path);
		}
	closedir(dir);
	snprintf(path, sizeof path, "%s/templates", root);
	return rmdir(path) || rmdir(root);
}

/* "# file b.rule" begins another file of the same rules. */
static size_t parts(char *text, const char *name, struct diag *diag,
        struct program_file files[FILES_MOST])
{
	size_t n = 0;

	for (char *from = text, *next; from && n < FILES_MOST; from = next) {
		next = strstr(from, "\n# file ");
		if (next)
			*next++ = '\0';
		files[n] = (struct program_file){
		        .name = name, .text = from, .len = strlen(from)};
		if (n)
			files[n].name = arena_strndup(
			        diag->arena, from + 7, strcspn(from + 7, "\n"));
		n++;
	}
	return n;
}

/* "# template t.sms: text" is a file of the templates' folder, \n in it a line's end. */
static bool put_template(const char *line)
{
	const char *colon = strchr(line, ':'), *end = line + strcspn(line, "\n");
	char path[128];
	FILE *file;

	assert_true(colon && colon < end);
	snprintf(path, sizeof path, "templates/%.*s", (int)(colon - line), line);
	file = fopen(path, "wb");
	assert_non_null(file);
	for (const char *c = colon + 2; c < end; c++) {
		bool line_end = c[0] == '\\' && c[1] == 'n';
		fputc(line_end ? '\n' : *c, file);
		c += line_end;
	}
	return fclose(file) == 0;
}

/* ---- the shop's data ---- */

/* "# store SQL" puts something into a store of the file's own, which is then surveyed. */
struct data {
	char folder[32];
	struct db *db;
	struct zone *zone;
	struct survey *survey;
};

static void run_sql(struct db *db, const char *line)
{
	char *sql = mem_strndup(line, strcspn(line, "\n")), why[256];
	struct stmt *st = stmt_new(db, sql, why);

	if (!st)
		print_error("%s: %s\n", sql, why);
	assert_non_null(st);
	stmt_exec(st);
	stmt_free(st);
	free(sql);
}

static void open_data(struct data *d, const char *text)
{
	int64_t now = INT64_C(1795399200000); /* the shop's today, 11:00 */
	char path[64], why[512];

	*d = (struct data){0};
	if (!strstr(text, "# store "))
		return;
	snprintf(d->folder, sizeof d->folder, "/tmp/golden.XXXXXX");
	assert_non_null(mkdtemp(d->folder));
	snprintf(path, sizeof path, "%s/shop.db", d->folder);
	assert_int_equal(db_open(&d->db, path, false, why), DB_OPENED);
	for (const char *at = text; (at = strstr(at, "# store "));)
		run_sql(d->db, at += strlen("# store "));
	assert_int_equal(db_turn_end(d->db), DB_OK);
	d->zone = zone_open("Asia/Seoul");
	d->survey = survey_new(d->db, d->zone, now, INT64_MAX, NULL);
}

static void close_data(struct data *d)
{
	char command[64];

	survey_free(d->survey);
	zone_close(d->zone);
	db_close(d->db);
	if (!d->folder[0])
		return;
	snprintf(command, sizeof command, "rm -rf %s", d->folder);
	assert_int_equal(system(command), 0);
}

/* Whether the templates that a file brings along go with its rules. */
static bool templates_fit(const struct program_file *files, size_t n,
        struct program *program, const struct world *world, struct diag *diag)
{
	char folder_name[] = "/tmp/golden.XXXXXX", *here = getcwd(NULL, 0);
	struct templates *templates;
	size_t errors = diag->errors, found = 0;

	assert_non_null(mkdtemp(folder_name));
	assert_int_equal(chdir(folder_name), 0);
	assert_int_equal(mkdir("templates", 0700), 0);
	for (size_t i = 0; i < n; i++)
		for (const char *at = files[i].text; (at = strstr(at, "# template "));)
			found += put_template(at += strlen("# template "));
	templates = found ? templates_read("templates", diag) : NULL;
	if (templates && templates_link(templates, program, diag))
		templates_measure(templates, world, diag);
	templates_free(templates);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(remove_tree(folder_name), 0);
	free(here);
	return diag->errors == errors;
}

/* data is to be closed when the program is gone. */
static struct program *compile(const char *kind, const char *name, struct diag *diag,
        char **text, struct data *data)
{
	struct program_file files[FILES_MOST];
	char path[1024], shown[256];
	const char *channels[8];
	struct program *program;
	struct world world;
	size_t n = 1, len;
	bool templates;

	snprintf(path, sizeof path, "%s/%s/%s.rule", folder(), kind, name);
	snprintf(shown, sizeof shown, "%s.rule", name);
	*text = read_whole(path, &len);
	assert_non_null(*text);
	diag_init(diag);
	world = shop(*text, channels);
	templates = strstr(*text, "# template ") != NULL;
	files[0] = (struct program_file){
	        .name = arena_strdup(diag->arena, shown), .text = *text, .len = len};
	if (strstr(*text, "\n# file "))
		n = parts(*text, files[0].name, diag, files);
	open_data(data, *text);
	world.survey = data->survey;
	program = program_compile(files, n, &world, diag);
	if (program && templates && !templates_fit(files, n, program, &world, diag)) {
		program_free(program);
		program = NULL;
	}
	if (data->survey && program)
		survey_program(data->survey, program, NULL);
	return program;
}

static void test_good(void **state)
{
	char *names[NAMES_MOST], *text;
	size_t n = names_in("good", names), wrong = 0;

	(void)state;
	log_set_korean(false);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		struct buf out = {0};
		struct diag diag;
		struct data data;
		struct program *p = compile("good", names[i], &diag, &text, &data);
		if (p)
			dump(&out, p, true);
		diag_print(&diag, &out);
		if (data.survey)
			diag_print(survey_findings(data.survey), &out);
		for (size_t k = 0; p && k < p->n_rules; k++)
			assert_true(stays_pinned(&p->rules[k]));
		if (!p)
			print_error("%s.rule does not compile\n", names[i]);
		wrong +=
		        !p || !expect("good", names[i], ".txt", out.data ? out.data : "");
		program_free(p);
		close_data(&data);
		diag_fini(&diag);
		buf_free(&out);
		free(text);
		free(names[i]);
	}
	assert_int_equal(wrong, 0);
}

static void bad_in(bool korean)
{
	char *names[NAMES_MOST], *text;
	size_t n = names_in("bad", names), wrong = 0;

	log_set_korean(korean);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		struct buf out = {0};
		struct diag diag;
		struct data data;
		struct program *p = compile("bad", names[i], &diag, &text, &data);
		if (p)
			print_error("%s.rule compiles\n", names[i]);
		diag_print(&diag, &out);
		wrong += p || !expect("bad", names[i], korean ? ".ko.txt" : ".en.txt",
		                      out.data ? out.data : "");
		program_free(p);
		close_data(&data);
		diag_fini(&diag);
		buf_free(&out);
		free(text);
		free(names[i]);
	}
	assert_int_equal(wrong, 0);
}

static void test_bad_english(void **state)
{
	(void)state;
	bad_in(false);
}

static void test_bad_korean(void **state)
{
	(void)state;
	bad_in(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_good),
	        cmocka_unit_test(test_bad_english),
	        cmocka_unit_test(test_bad_korean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
