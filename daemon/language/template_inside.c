/* Values of a template, as they are written: whom they name is found when the template is
 * linked to its use. */
#include "language/template_inside.h"

#include <string.h>
#include "base/log.h"
#include "base/text.h"

struct diag_place code_place(
        const struct program_file *file, size_t from, size_t to, struct diag *diag)
{
	size_t line_at = from;
	int line = 1;

	while (line_at > 0 && file->text[line_at - 1] != '\n')
		line_at--;
	for (size_t i = 0; i < line_at; i++)
		line += file->text[i] == '\n';
	if (to <= from)
		to = from + 1 <= file->len ? from + 1 : from;
	return (struct diag_place){
	        .file = arena_strdup(diag->arena, file->name),
	        .line = line,
	        .column = (int)text_chars(file->text + line_at, from - line_at) + 1,
	        .width = (int)text_chars(file->text + from, to - from) + (to == from),
	};
}

/* ---- words ---- */

void inside_skip(struct inside *in)
{
	const char *text = in->parse->file->text;

	while (in->pos < in->to && (text[in->pos] == ' ' || text[in->pos] == '\t'))
		in->pos++;
}

static bool is_word_byte(unsigned char c)
{
	return c >= 0x80 || c == '_' || c == '-' || (c >= '0' && c <= '9') ||
	       ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A word or a dotted path; "" when something else stands there. */
const char *inside_path(struct inside *in)
{
	const char *text = in->parse->file->text;
	size_t from = in->pos;

	while (in->pos < in->to && (is_word_byte((unsigned char)text[in->pos]) ||
	                                   (text[in->pos] == '.' && in->pos > from)))
		in->pos++;
	return arena_strndup(in->parse->arena, text + from, in->pos - from);
}

/* "…" with \" \\ \n; NULL and a mistake when it is none. */
static const char *take_string(struct inside *in)
{
	const char *text = in->parse->file->text;
	size_t from = in->pos, n = 0;
	char *out = arena_alloc(in->parse->arena, in->to - in->pos + 1);

	if (in->pos >= in->to || text[in->pos] != '"') {
		inside_mistake(in->parse, from, in->to,
		        TR("a text in straight quotes is expected here: \"…\"",
		                "여기에는 곧은 따옴표로 쓴 글이 와야 합니다: \"…\""));
		return NULL;
	}
	for (in->pos++; in->pos < in->to && text[in->pos] != '"'; in->pos++) {
		if (text[in->pos] == '\\' && in->pos + 1 < in->to)
			in->pos++;
		out[n++] = text[in->pos] == 'n' && text[in->pos - 1] == '\\'
		                   ? '\n'
		                   : text[in->pos];
	}
	in->pos++;
	return out;
}

bool inside_at_end(struct inside *in)
{
	inside_skip(in);
	return in->pos >= in->to;
}

/* ---- values ---- */

static const char *const filter_names[] = {
        [FILTER_WON] = "won",
        [FILTER_DATE] = "date",
        [FILTER_TIME] = "time",
        [FILTER_NUMBER] = "number",
        [FILTER_UPPER] = "upper",
        [FILTER_DEFAULT] = "default",
        [FILTER_MASK] = "mask",
};
#define N_FILTERS (sizeof(filter_names) / sizeof(filter_names[0]))

static bool filter_named(const char *name, enum filter_kind *kind)
{
	for (size_t i = 0; i < N_FILTERS; i++)
		if (!strcmp(filter_names[i], name)) {
			*kind = (enum filter_kind)i;
			return true;
		}
	return false;
}

static void unknown_filter(struct inside *in, size_t from, const char *name)
{
	const char *near = text_nearest(name, filter_names, N_FILTERS);
	struct diag_item *item = inside_mistake(in->parse, from, in->pos,
	        TR("unknown filter '%s'", "모르는 필터 '%s'"), name);

	if (near)
		diag_hint(in->parse->diag, item,
		        TR("did you mean '%s'?", "혹시 '%s'인가요?"), near);
	else
		diag_hint(in->parse->diag, item,
		        "won date time number upper default \"…\" mask");
}

/* "| name" again and again to the end; false after a mistake. */
static bool parse_filters(struct inside *in, struct filter **tail)
{
	const char *text = in->parse->file->text;

	while (!inside_at_end(in)) {
		struct filter *filter = arena_alloc(in->parse->arena, sizeof(*filter));
		const char *name;
		size_t from;

		if (text[in->pos] != '|') {
			inside_mistake(in->parse, in->pos, in->to,
			        TR("only '|filter' or '}' may follow a value",
			                "값 다음에는 '|필터'나 '}'만 올 수 있습니다"));
			return false;
		}
		in->pos++;
		inside_skip(in);
		from = in->pos;
		name = inside_path(in);
		if (!filter_named(name, &filter->kind)) {
			unknown_filter(in, from, name);
			return false;
		}
		inside_skip(in);
		if (filter->kind == FILTER_DEFAULT && !(filter->text = take_string(in)))
			return false;
		*tail = filter;
		tail = &filter->next;
	}
	return true;
}

struct node *inside_node(struct inside *in, enum node_kind kind)
{
	struct node *node = arena_alloc(in->parse->arena, sizeof(*node));

	node->kind = kind;
	node->from = in->from;
	node->to = in->to;
	return node;
}

struct node *inside_link(struct inside *in)
{
	struct node *node = inside_node(in, NODE_VALUE);
	size_t from;

	inside_skip(in);
	from = in->pos;
	node->field = take_string(in);
	if (!node->field)
		return NULL;
	if (strncmp(node->field, "https://", 8) && strncmp(node->field, "http://", 7)) {
		inside_mistake(in->parse, from, in->pos,
		        TR("a link begins with https:// or http://",
		                "링크는 https:// 또는 http:// 로 시작합니다"));
		return NULL;
	}
	node->variable = VAR_LINK;
	if (!inside_at_end(in)) {
		inside_mistake(in->parse, in->pos, in->to,
		        TR("a link takes no filter", "링크에는 필터를 쓰지 않습니다"));
		return NULL;
	}
	return node;
}

/* Is the path's first word a loop's variable? Then the rest is the item's field. */
static bool loop_variable(struct template_parse *p, const char *path, struct node *node)
{
	size_t len = strcspn(path, ".");

	for (int i = p->n_loops - 1; i >= 0; i--) {
		if (strlen(p->loops[i]) != len || strncmp(p->loops[i], path, len))
			continue;
		node->variable = VAR_ITEM;
		node->loop = i;
		node->field = path[len] ? path + len + 1 : NULL;
		return true;
	}
	return false;
}

struct node *inside_value(struct inside *in, const char *path)
{
	struct node *node = inside_node(in, NODE_VALUE);

	if (!*path || path[strlen(path) - 1] == '.' || strstr(path, "..")) {
		struct diag_item *item = inside_mistake(in->parse, in->from, in->to,
		        TR("#{ } holds the name of a value",
		                "#{ } 안에는 값의 이름을 씁니다"));
		diag_hint(in->parse->diag, item,
		        "#{customer.name}  #{이름}  #{coupon.code}");
		return NULL;
	}
	node->written = path;
	loop_variable(in->parse, path, node);
	return parse_filters(in, &node->filters) ? node : NULL;
}
