/* Parses #{…}: values with filters, #{if}, #{for}. It looks at no customer and opens no
 * file. */
#include "language/template_code.h"

#include <assert.h>
#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/words.h"

#define DEPTH 16 /* blocks inside each other, at most */

enum stop { STOP_TEXT_END, STOP_ELSE, STOP_END };

static struct node *parse_list(struct template_parse *p, enum stop *stop);

/* ---- blocks ---- */

/* The node after the one opened at `in`: its body, and `otherwise` where #{else} is
 * allowed. */
static void parse_block(struct inside *in, struct node *node)
{
	struct template_parse *p = in->parse;
	enum stop stop = STOP_TEXT_END;

	p->depth++;
	node->body = parse_list(p, &stop);
	if (stop == STOP_ELSE && node->kind == NODE_FOR)
		inside_mistake(p, in->from, in->to,
		        TR("#{for} has no #{else}", "#{for}에는 #{else}가 없습니다"));
	if (stop == STOP_ELSE)
		node->otherwise = parse_list(p, &stop);
	if (stop == STOP_ELSE)
		inside_mistake(p, in->from, in->to,
		        TR("#{if} has two #{else}", "#{if}에 #{else}가 두 번 있습니다"));
	else if (stop == STOP_TEXT_END)
		inside_mistake(p, in->from, in->to,
		        TR("this block has no #{end}",
		                "이 구역을 닫는 #{end}가 없습니다"));
	p->depth--;
}

static struct node *parse_if(struct inside *in)
{
	struct node *node = inside_node(in, NODE_IF);

	if (inside_at_end(in))
		inside_mistake(in->parse, in->from, in->to,
		        TR("#{if} needs a condition", "#{if}에는 조건이 필요합니다"));
	node->from = in->pos;
	parse_block(in, node);
	return node;
}

/* event.items in any spelling. */
static bool is_items(struct template_parse *p, const char *path)
{
	const char *dot = strchr(path, '.');
	const char *root = dot ? arena_strndup(p->arena, path, (size_t)(dot - path)) : "";

	root = part_english(root);
	if (strcmp(root, "event") && strcmp(root, "trigger"))
		return false;
	return !strcmp(field_english(dot + 1), "items") || !strcmp(dot + 1, "상품");
}

/* Reads "NAME in LIST"; false and a mistake when it is something else. */
static bool parse_for_head(struct inside *in, struct node *node, const char **name)
{
	struct template_parse *p = in->parse;
	size_t from;

	inside_skip(in);
	*name = inside_path(in);
	inside_skip(in);
	if (!**name || strchr(*name, '.') || strcmp(inside_path(in), "in")) {
		inside_mistake(p, in->from, in->to,
		        TR("a loop reads: #{for item in event.items}",
		                "반복은 이렇게 씁니다: #{for item in event.items}"));
		return false;
	}
	inside_skip(in);
	from = in->pos;
	node->written = inside_path(in);
	if (!strcmp(node->written, "recommend") || !strcmp(node->written, "추천")) {
		inside_mistake(p, from, in->pos,
		        TR("'recommend' is reserved for a later version",
		                "'recommend'는 다음 판을 위해 남겨 둔 말입니다"));
		return false;
	}
	node->field = "items";
	node->variable = VAR_EVENT;
	if (!strncmp(node->written, "data.", 5) && node->written[5]) {
		node->variable = VAR_DATA;
		node->field = node->written + 5;
	} else if (!is_items(p, node->written)) {
		struct diag_item *item = inside_mistake(p, from, in->pos,
		        TR("'%s' is no list", "'%s'은(는) 목록이 아닙니다"),
		        node->written);
		diag_hint(p->diag, item, "#{for item in event.items}");
		return false;
	}
	if (inside_at_end(in))
		return true;
	inside_mistake(p, in->pos, in->to,
	        TR("nothing may follow the list",
	                "목록 이름 다음에는 아무것도 쓰지 않습니다"));
	return false;
}

static struct node *parse_for(struct inside *in)
{
	struct template_parse *p = in->parse;
	struct node *node = inside_node(in, NODE_FOR);
	const char *name = "";
	bool good = parse_for_head(in, node, &name);

	if (p->n_loops == TEMPLATE_LOOPS) {
		inside_mistake(p, in->from, in->to,
		        TR("at most %d loops stand inside each other",
		                "반복은 %d겹까지만 됩니다"),
		        TEMPLATE_LOOPS);
		good = false;
	}
	node->loop = p->n_loops;
	/* After a mistake the block is still read to its end, so that one slip is told
	 * once. */
	if (p->n_loops < TEMPLATE_LOOPS)
		p->loops[p->n_loops++] = name;
	parse_block(in, node);
	p->n_loops = node->loop;
	return good ? node : NULL;
}

/* ---- the text around ---- */

/* The end of the #{ that begins at pos: the place of its "}", or 0 when the line ends
 * before it. */
static size_t closing(const struct template_parse *p, size_t pos)
{
	const char *text = p->file->text;
	bool quoted = false;

	for (size_t i = pos; i < p->end && text[i] != '\n'; i++) {
		if (quoted && text[i] == '\\' && i + 1 < p->end && text[i + 1] != '\n')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (text[i] == '}' && !quoted)
			return i;
	}
	return 0;
}

/* A tag that stands alone on its line takes the line with it: *text_to is where the text
 * before it then ends, p->pos where the text after it begins. */
static void swallow_line(struct template_parse *p, size_t tag_from, size_t *text_to)
{
	const char *text = p->file->text;
	size_t from = tag_from, to = p->pos;

	while (from > p->begin && (text[from - 1] == ' ' || text[from - 1] == '\t'))
		from--;
	while (to < p->end && (text[to] == ' ' || text[to] == '\t'))
		to++;
	if ((from > p->begin && text[from - 1] != '\n') ||
	        (to < p->end && text[to] != '\n'))
		return;
	if (from == p->begin && to == p->end)
		return;
	*text_to = from < *text_to ? from : *text_to;
	p->pos = to < p->end ? to + 1 : to;
}

bool code_lone_end(const char *text, size_t from, size_t to)
{
	size_t line = to;

	while (line > from && text[line - 1] != '\n')
		line--;
	while (line < to && (text[line] == ' ' || text[line] == '\t'))
		line++;
	while (to > line && (text[to - 1] == ' ' || text[to - 1] == '\t'))
		to--;
	if (to - line < 4 || strncmp(text + line, "#{", 2))
		return false;
	for (line += 2; line < to && (text[line] == ' ' || text[line] == '\t'); line++)
		;
	return (to - line >= 4 && !strncmp(text + line, "end}", 4)) ||
	       (to - line >= 4 && !strncmp(text + line, "끝}", 4));
}

enum tag { TAG_VALUE, TAG_IF, TAG_FOR, TAG_ELSE, TAG_END, TAG_LINK, TAG_RESERVED };

static enum tag tag_of(const char *word)
{
	static const struct {
		const char *english, *korean;
		enum tag tag;
	} tags[] = {
	        {"if", "만약", TAG_IF},
	        {"for", "반복", TAG_FOR},
	        {"else", "아니면", TAG_ELSE},
	        {"end", "끝", TAG_END},
	        {"link", "링크", TAG_LINK},
	        {"recommend", "추천", TAG_RESERVED},
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (!strcmp(word, tags[i].english) || !strcmp(word, tags[i].korean))
			return tags[i].tag;
	return TAG_VALUE;
}

static struct node *parse_tag(struct inside *in, const char *word, enum tag tag)
{
	struct template_parse *p = in->parse;

	switch (tag) {
	case TAG_IF:
	case TAG_FOR:
		if (p->depth < DEPTH)
			return tag == TAG_IF ? parse_if(in) : parse_for(in);
		inside_mistake(p, in->from, in->to,
		        TR("at most %d blocks stand inside each other",
		                "구역은 %d겹까지만 됩니다"),
		        DEPTH);
		return NULL;
	case TAG_LINK:
		return inside_link(in);
	case TAG_RESERVED:
		inside_mistake(p, in->from, in->to,
		        TR("'recommend' is reserved for a later version",
		                "'recommend'는 다음 판을 위해 남겨 둔 말입니다"));
		return NULL;
	case TAG_VALUE:
		return inside_value(in, word);
	case TAG_ELSE:
	case TAG_END:
		break;
	}
	assert(!"else and end are the list's");
	return NULL;
}

/* #{else} or #{end}: true when it ends the list that is being read. */
static bool ends_list(struct inside *in, enum tag tag, enum stop *stop)
{
	struct template_parse *p = in->parse;

	if (!inside_at_end(in))
		inside_mistake(p, in->pos, in->to,
		        tag == TAG_ELSE
		                ? TR("#{else} stands alone; put a further #{if} inside "
		                     "it",
		                          "#{else}는 혼자 씁니다. 조건은 그 안에 #{if}로 "
		                          "쓰세요")
		                : TR("#{end} stands alone", "#{end}는 혼자 씁니다"));
	if (p->depth == 0) {
		inside_mistake(p, in->from, in->to,
		        TR("there is no open #{if} or #{for} here",
		                "여기에는 열린 #{if}나 #{for}가 없습니다"));
		return false;
	}
	*stop = tag == TAG_ELSE ? STOP_ELSE : STOP_END;
	return true;
}

static struct node **add_text(
        struct template_parse *p, struct node **tail, size_t from, size_t to)
{
	struct node *node;

	if (to <= from)
		return tail;
	node = arena_alloc(p->arena, sizeof(*node));
	node->kind = NODE_TEXT;
	node->from = from;
	node->to = to;
	*tail = node;
	return &node->next;
}

static struct node *parse_list(struct template_parse *p, enum stop *stop)
{
	struct node *list = NULL, **tail = &list;
	const char *text = p->file->text;

	*stop = STOP_TEXT_END;
	while (p->pos < p->end) {
		const char *open = memmem(text + p->pos, p->end - p->pos, "#{", 2);
		size_t begin = p->pos, at = open ? (size_t)(open - text) : p->end,
		       text_to = at;
		size_t close = open ? closing(p, at + 2) : 0;
		struct inside in = {
		        .parse = p, .from = at + 2, .pos = at + 2, .to = close};
		enum tag tag;
		const char *word;

		if (!open || !close) {
			if (open)
				inside_mistake(p, at, at + 2,
				        TR("this #{ has no } on its line",
				                "이 #{ 를 닫는 } 가 같은 줄에 없습니다"));
			p->pos = open ? at + 2 : p->end;
			tail = add_text(p, tail, begin, open ? at : p->end);
			continue;
		}
		inside_skip(&in);
		word = inside_path(&in);
		tag = tag_of(word);
		p->pos = close + 1;
		if (tag == TAG_IF || tag == TAG_FOR || tag == TAG_ELSE || tag == TAG_END)
			swallow_line(p, at, &text_to);
		tail = add_text(p, tail, begin, text_to);
		if (tag == TAG_ELSE || tag == TAG_END) {
			if (ends_list(&in, tag, stop))
				return list;
			continue;
		}
		*tail = parse_tag(&in, word, tag);
		tail = *tail ? &(*tail)->next : tail;
	}
	return list;
}

struct node *code_parse(struct arena *arena, const struct program_file *file, size_t from,
        size_t to, struct diag *diag)
{
	struct template_parse p = {.arena = arena,
	        .file = file,
	        .begin = from,
	        .pos = from,
	        .end = to,
	        .diag = diag};
	enum stop stop;

	return parse_list(&p, &stop);
}

void code_shows(struct template_code *code, size_t from, size_t to, bool html)
{
	if (code->n_shown < CODE_SHOWN && from < to)
		code->shown[code->n_shown++] =
		        (struct code_shown){.from = from, .to = to, .html = html};
}
