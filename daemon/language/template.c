/* The templates of a shop: the folder's files and what is found among them.
 * Fills nothing in and sends nothing. */
#include "language/template.h"
#include "language/template_kakao.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "language/builtin.h"
#include "language/template_head.h"

#define MOST_FILES 1000
#define MOST_BYTES (256 * 1024)

static const char *const channels[] = {
        "sms", "alimtalk", "brandmessage", "email", "push", "owner", "post"};
#define N_CHANNELS (sizeof(channels) / sizeof(channels[0]))

/* One file under way. */
struct reading {
	struct templates *templates;
	struct arena *arena;
	struct diag *diag;
	const char *folder,
	        *shown; /* the folder's path, and its last part as messages show it */
	struct template *template;
	struct template_code *code;
	struct program_file *file;
};

#define mistake(r, from, to, ...) \
	diag_error((r)->diag, code_place((r)->file, from, to, (r)->diag), \
	        (r)->file->text, __VA_ARGS__)

/* ---- what stands in a file ---- */

static size_t read_head(struct reading *r)
{
	struct template *t = r->template;
	struct template_head_reading head = {.arena = r->arena,
	        .code = t->code,
	        .folder = r->folder,
	        .channel = t->channel,
	        .diag = r->diag};
	size_t body = template_head(&head);

	t->subject = head.out.subject;
	t->from = head.out.from;
	t->reply_to = head.out.reply_to;
	t->text = head.out.text;
	t->image = head.out.image;
	t->template_code = head.out.template_code;
	t->purpose = head.out.purpose;
	t->not_ad = head.out.not_ad;
	return body;
}

static bool looks_like_html(const char *body)
{
	static const char *const tags[] = {"<p>", "<p ", "<br>", "<br/", "<br ", "<html",
	        "<div", "<table", "<!doctype", "<a href", "<span", "<b>", "<strong",
	        "<ul>", "<h1", "<h2", "<h3", "<img "};

	if (body[strspn(body, " \t\n")] == '<')
		return true;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strcasestr(body, tags[i]))
			return true;
	return false;
}

static void read_body(struct reading *r, size_t from)
{
	struct template_code *code = r->template->code;
	size_t to = r->file->len;

	if (to > from && r->file->text[to - 1] == '\n')
		to--;
	code->body_at = from;
	r->template->html = !strcmp(r->template->channel, "email") &&
	                    looks_like_html(r->file->text + from);
	r->template->json =
	        !strcmp(r->template->channel, "post") &&
	        strchr("{[", r->file->text[from + strspn(r->file->text + from, " \t\n")]);
	if (r->file->text[from + strspn(r->file->text + from, " \t\n")] == '\0')
		mistake(r, from < r->file->len ? from : 0, 0,
		        TR("the template has no text", "양식에 본문이 없습니다"));
	code_shows(code, from, to, r->template->html);
	code->trim_end = code_lone_end(r->file->text, from, to);
	code->body = code_parse(r->arena, r->file, from, to, r->diag);
	if (!strcmp(r->template->channel, "email") && !r->template->subject)
		mistake(r, 0, 0,
		        TR("an e-mail needs a subject: begin the file with 'Subject: …' "
		           "and an empty line",
		                "메일에는 제목이 필요합니다. 파일을 'Subject: …'와 빈 "
		                "줄로 시작하세요"));
}

/* ---- the file ---- */

/* The first byte that is no UTF-8. */
static size_t bad_byte(const char *text, size_t len)
{
	size_t pos = 0;
	uint32_t cp;

	while (pos < len) {
		int step = text_decode(text + pos, len - pos, &cp);
		if (!text_valid_utf8(text + pos, (size_t)step))
			break;
		pos += (size_t)step;
	}
	return pos;
}

/* BOM dropped, CRLF and lone CR read as LF, NFC. False and a mistake when it is no UTF-8.
 */
static bool normalise(struct reading *r, char *raw, size_t len)
{
	size_t from = len >= 3 && !memcmp(raw, "\xef\xbb\xbf", 3) ? 3 : 0, n = 0;
	struct diag_item *item;
	char *nfc;

	for (size_t i = from; i < len; i++) {
		if (raw[i] == '\r' && i + 1 < len && raw[i + 1] == '\n')
			continue;
		raw[n++] = raw[i] == '\r' ? '\n' : raw[i];
	}
	raw[n] = '\0';
	nfc = text_valid_utf8(raw, n) ? text_nfc(raw, n) : NULL;
	if (nfc) {
		r->file->text = arena_strdup(r->arena, nfc);
		r->file->len = strlen(nfc);
		free(nfc);
		return true;
	}
	r->file->text = raw;
	r->file->len = n;
	item = diag_error(r->diag, code_place(r->file, bad_byte(raw, n), 0, r->diag),
	        NULL, TR("this file is not UTF-8", "UTF-8 파일이 아닙니다"));
	diag_hint(r->diag, item,
	        TR("save it as UTF-8 (it may be CP949)",
	                "UTF-8로 저장하세요 (CP949일 수 있습니다)"));
	r->file->text = "";
	r->file->len = 0;
	return false;
}

/* The whole file in an allocation of its own, or NULL and a mistake. */
static char *slurp(struct reading *r, const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	char *data;

	if (!file) {
		diag_unreadable(r->diag, r->file->name, errno, NULL);
		return NULL;
	}
	data = mem_alloc(MOST_BYTES + 2);
	*len = fread(data, 1, MOST_BYTES + 1, file);
	if (ferror(file) || *len > MOST_BYTES) {
		diag_unreadable(r->diag, r->file->name, ferror(file) ? errno : 0,
		        TR("it is over 256 KiB", "256KiB를 넘습니다"));
		free(data);
		data = NULL;
	}
	fclose(file);
	return data;
}

/* "birthday.en.sms": name, language, channel. False where the last part is no channel. */
static bool split_name(struct reading *r, const char *filename, struct template *t)
{
	const char *dot = strrchr(filename, '.'), *name_end = dot;

	for (size_t i = 0; dot && i < N_CHANNELS; i++)
		if (!strcmp(dot + 1, channels[i]))
			t->channel = channels[i];
	if (!t->channel || dot == filename)
		return false;
	if (dot - filename > 3 && dot[-3] == '.' && dot[-2] >= 'a' && dot[-2] <= 'z' &&
	        dot[-1] >= 'a' && dot[-1] <= 'z') {
		name_end = dot - 3;
		t->language = arena_strndup(r->arena, dot - 2, 2);
	}
	t->name = arena_strndup(r->arena, filename, (size_t)(name_end - filename));
	return true;
}

static void begin_code(struct reading *r, const char *file)
{
	struct template_code *code = arena_alloc(r->arena, sizeof(*code));

	code->file.name = file;
	r->file = &code->file;
	r->code = code;
}

/* Takes what raw says (and changes it) as the template that found names. */
static void take_text(
        struct reading *r, const struct template *found, char *raw, size_t len)
{
	struct template_code *code = r->code;

	r->template = mem_grow(&r->templates->items, r->templates->n, sizeof(*found));
	*r->template = *found;
	r->template->code = code;
	r->templates->n++;
	if (normalise(r, raw, len))
		read_body(r, read_head(r));
	template_kakao_check(code, r->template->channel, r->diag);
}

static void read_file(struct reading *r, const char *filename)
{
	struct template found = {
	        .file = arena_printf(r->arena, "%s/%s", r->shown, filename)};
	char *raw, *path;
	size_t len;

	if (!split_name(r, filename, &found)) {
		diag_warn(r->diag,
		        (struct diag_place){
		                .file = arena_strdup(r->diag->arena, found.file),
		                .line = 1,
		                .column = 1,
		                .width = 1},
		        NULL,
		        TR("this file is no template: its name does not end in .sms "
		           ".alimtalk .brandmessage "
		           ".email .push or .owner",
		                "양식 파일이 아닙니다: 이름이 .sms .alimtalk "
		                ".brandmessage .email .push "
		                ".owner 가운데 하나로 끝나야 합니다"));
		return;
	}
	begin_code(r, found.file);
	path = mem_printf("%s/%s", r->folder, filename);
	raw = slurp(r, path, &len);
	free(path);
	if (!raw)
		return;
	take_text(r, &found, raw, len);
	free(raw);
}

static bool is_picture(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcasecmp(dot, ".jpg") || !strcasecmp(dot, ".jpeg") ||
	                      !strcasecmp(dot, ".png"));
}

static int is_template(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name);

	return name[0] != '.' && name[0] != '#' && name[len - 1] != '~' &&
	       strncasecmp(name, "README", 6) && !is_picture(name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_folder(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct stat st;
	bool yes = !stat(path, &st) && S_ISDIR(st.st_mode);

	free(path);
	return yes;
}

static void read_folder(struct reading *r)
{
	struct dirent **entries = NULL;
	int n = scandir(r->folder, &entries, is_template, by_bytes);

	if (n < 0)
		diag_unreadable(r->diag, r->folder, errno, NULL);
	else if (n > MOST_FILES)
		diag_unreadable(r->diag, r->folder, 0,
		        TR("over 1,000 files", "파일이 1,000개를 넘습니다"));
	for (int i = 0; i < n; i++) {
		if (n <= MOST_FILES && !is_folder(r->folder, entries[i]->d_name))
			read_file(r, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

struct templates *templates_read(const char *folder, struct diag *diag)
{
	struct templates *templates = mem_alloc(sizeof(*templates));
	const char *slash = strrchr(folder, '/');
	struct reading r = {.templates = templates, .diag = diag, .folder = folder};
	size_t told = diag->told;

	templates->arena = r.arena = arena_new();
	r.shown = arena_strdup(r.arena, slash && slash[1] ? slash + 1 : folder);
	read_folder(&r);
	if (diag->told == told)
		return templates;
	templates_free(templates);
	return NULL;
}

static bool has_any(const struct templates *templates, size_t n, const char *name,
        const char *channel)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(templates->items[i].name, name) &&
		        !strcmp(templates->items[i].channel, channel))
			return true;
	return false;
}

void templates_stand_in(
        struct templates *templates, const char *language, struct diag *diag)
{
	struct reading r = {
	        .templates = templates, .arena = templates->arena, .diag = diag};
	size_t owners = templates->n;

	for (const struct builtin_template *b = builtin_templates; b->name; b++) {
		bool own = builtin_korean(language) == builtin_korean(b->language);
		struct template t = {.name = b->name,
		        .channel = b->channel,
		        .language = own ? NULL : b->language,
		        .file = arena_printf(r.arena, BUILTIN_FILE "/%s.%s.%s", b->name,
		                b->language, b->channel),
		        .built_in = true};
		char *raw;

		if (has_any(templates, owners, b->name, b->channel))
			continue;
		raw = mem_strdup(b->text);
		begin_code(&r, t.file);
		take_text(&r, &t, raw, strlen(raw));
		free(raw);
		templates->n_built_in++;
	}
}

void templates_free(struct templates *templates)
{
	if (!templates)
		return;
	free(templates->items);
	arena_free(templates->arena);
	free(templates);
}

/* ---- finding ---- */

bool templates_exist(const struct templates *templates, const char *name,
        const char *channel, const char **nearest)
{
	const char **names = mem_alloc((templates->n + 1) * sizeof(*names));
	size_t n = 0;
	bool found = false;

	for (size_t i = 0; i < templates->n && !found; i++) {
		const struct template *t = &templates->items[i];

		if (strcmp(t->channel, channel) || t->language)
			continue;
		found = !strcmp(t->name, name);
		names[n++] = t->name;
	}
	if (nearest)
		*nearest = found ? NULL : text_nearest(name, names, n);
	free(names);
	return found;
}

const struct template *template_find(const struct templates *templates, const char *name,
        const char *channel, const char *language)
{
	const struct template *own = NULL;

	for (size_t i = 0; i < templates->n; i++) {
		const struct template *t = &templates->items[i];

		if (strcmp(t->name, name) || strcmp(t->channel, channel))
			continue;
		if (!t->language)
			own = t;
		else if (language && !strncasecmp(language, t->language, 2) &&
		         (!language[2] || language[2] == '-' || language[2] == '_'))
			return t;
	}
	return own;
}

const char *templates_offer(
        const struct templates *templates, const char *name, const char *channel)
{
	const struct template *own = template_find(templates, name, channel, NULL);
	const char *offers = NULL;

	if (own && own->purpose && !strcmp(own->purpose, "ad"))
		return NULL;
	for (size_t i = 0; i < templates->n && !offers; i++)
		if (!strcmp(templates->items[i].name, name) &&
		        !strcmp(templates->items[i].channel, channel))
			offers = templates->items[i].offers;
	return offers;
}

void template_hash(const struct template *template, char out[65])
{
	uint8_t sum[32];

	secret_sha256(template->code->file.text, template->code->file.len, sum);
	secret_hex(sum, sizeof sum, out);
}

bool template_unsubscribes(const struct template *template)
{
	return template->code->unsubscribes;
}
