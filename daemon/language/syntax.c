/* Editors' grammars from the tables. They colour what stands there and never judge it: a
 * mistake is told by `dangolctl check`. */
#include "language/syntax.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "language/words.h"
#include "store/event.h"

#define SPELLINGS_MOST 512
/* What a word is made of, by bytes that Vim, Oniguruma and ECMAScript read alike. */
#define PART "[0-9A-Za-z_-]|[^\\x00-\\x7F]"

/* ---- what the tables hold ---- */

struct spellings {
	const char *all[SPELLINGS_MOST];
	size_t n;
};

static void add(struct spellings *s, const char *word)
{
	if (!word || s->n == SPELLINGS_MOST)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->all[i], word))
			return;
	s->all[s->n++] = word;
}

/* The longest first, because the first alternative that fits is taken. */
static int longest_first(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t m = strlen(x), n = strlen(y);

	return m != n ? (m < n) - (m > n) : strcmp(x, y);
}

static void sort(struct spellings *s)
{
	qsort(s->all, s->n, sizeof *s->all, longest_first);
}

static struct spellings words_of(enum word_group group)
{
	struct spellings s = {.n = 0};

	for (const struct word_row *row = word_rows; row->word; row++)
		if (row->group == group && row->word != W_PERCENT) {
			add(&s, row->english);
			add(&s, row->korean);
		}
	sort(&s);
	return s;
}

static struct spellings units(void)
{
	struct spellings s = {.n = 0};

	for (const struct word_row *row = word_rows; row->word; row++)
		if (row->unit) {
			add(&s, row->english);
			add(&s, row->korean);
		}
	sort(&s);
	return s;
}

static struct spellings names(void)
{
	struct spellings s = {.n = 0};

	for (const struct name_row *row = name_rows; row->english; row++) {
		add(&s, row->english);
		add(&s, row->korean);
	}
	for (const struct event_type *type = event_types; type->name; type++) {
		add(&s, type->name);
		add(&s, type->korean);
	}
	sort(&s);
	return s;
}

/* "a|b c|d.e" with the marks escaped and any white space for a space. */
static void alternatives(struct buf *out, const struct spellings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_adds(out, i ? "|" : "");
		for (const char *p = s->all[i]; *p; p++) {
			if (*p == ' ')
				buf_adds(out, "\\s+");
			else if (*p == '.' || *p == '%')
				buf_printf(out, "[%c]", *p);
			else
				buf_addc(out, *p);
		}
	}
}

/* The groups of words: the name in Vim and what it is linked to, the scope in TextMate.
 */
static const struct {
	enum word_group group;
	const char *vim, *link, *scope;
} groups[] = {
        {WORDS_UNIT, "dangolUnitWord", "Type", "storage.type.unit.dangol"},
        {WORDS_CONDITION, "dangolCondition", "Operator", "keyword.operator.word.dangol"},
        {WORDS_STEP, "dangolStep", "Function", "support.function.step.dangol"},
        {WORDS_TRIGGER, "dangolTrigger", "Conditional", "keyword.control.trigger.dangol"},
        {WORDS_CLAUSE, "dangolClause", "Statement", "keyword.other.clause.dangol"},
        {WORDS_DECLARATION, "dangolDeclaration", "Structure",
                "storage.type.declaration.dangol"},
        {WORDS_RESERVED, "dangolReserved", "Error", "invalid.illegal.reserved.dangol"},
};
#define GROUPS (sizeof groups / sizeof groups[0])

/* ---- Vim ---- */

#define VIM_BEFORE "%(" PART "|\\.)@4<!"
#define VIM_BEHIND "%(" PART "|\\.[A-Za-z]|\\.[^\\x00-\\x7F])@!"

static void vim_words(struct buf *out, const char *name, const struct spellings *s)
{
	buf_printf(out, "syntax match %s \"\\v", name);
	buf_adds(out, VIM_BEFORE "%(");
	alternatives(out, s);
	buf_adds(out, ")" VIM_BEHIND "\"\n");
}

/* A unit stands behind a number, or behind another unit; more letters may not follow. */
static void vim_units(struct buf *out)
{
	struct spellings s = units();

	buf_adds(out, "syntax match dangolUnit contained \"\\v%(");
	alternatives(out, &s);
	buf_adds(out, ")%(%(");
	alternatives(out, &s);
	buf_adds(out, ")|%(" PART ")@!)@=\" nextgroup=dangolUnit skipwhite\n");
}

static void vim_links(struct buf *out)
{
	static const char *const links[][2] = {{"dangolComment", "Comment"},
	        {"dangolString", "String"}, {"dangolEscape", "SpecialChar"},
	        {"dangolNumber", "Number"}, {"dangolDate", "Number"},
	        {"dangolUnit", "Type"}, {"dangolPath", "Identifier"},
	        {"dangolName", "Special"}, {"dangolCompare", "Operator"}};

	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		buf_printf(
		        out, "highlight default link %s %s\n", links[i][0], links[i][1]);
	for (size_t i = 0; i < GROUPS; i++)
		buf_printf(out, "highlight default link %s %s\n", groups[i].vim,
		        groups[i].link);
}

void syntax_vim(struct buf *out)
{
	struct spellings known = names();

	buf_adds(out, "\" Vim syntax file: rules of dangold, dangol.rule(5).\n"
	              "\" Made by `dangolctl --syntax vim`; do not edit.\n"
	              "if exists(\"b:current_syntax\")\n  finish\nendif\n\n");
	for (size_t i = 0; i < GROUPS; i++) {
		struct spellings s = words_of(groups[i].group);
		vim_words(out, groups[i].vim, &s);
	}
	buf_adds(out, "syntax match dangolPath \"\\v%(" PART
	              ")+%(\\.%([A-Za-z]|[^\\x00-\\x7F])%(" PART ")*)+\"\n");
	vim_words(out, "dangolName", &known);
	vim_units(out);
	buf_adds(out,
	        "syntax match dangolNumber "
	        "\"\\v%(" PART ")@4<!\\d[0-9_]*%(,\\d\\d\\d)*%(\\.\\d+)?\" "
	        "nextgroup=dangolUnit skipwhite\n"
	        "syntax match dangolNumber \"\\v<\\d+%(st|nd|rd|th)>|\\d+번째마다\"\n"
	        "syntax match dangolDate \"\\v<\\d{4}-\\d\\d-\\d\\d>|<\\d\\d?:\\d\\d>\"\n"
	        "syntax match dangolDate "
	        "\"\\v%(%(오전|오후)\\s*)?\\d\\d?시%(간)@!%(\\s*\\d\\d?분)?\"\n"
	        "syntax match dangolCompare \"\\v[!<>]\\=|[=<>]\"\n"
	        "syntax match dangolEscape contained \"\\\\[\\\"\\\\n]\"\n"
	        "syntax region dangolString start=+\"+ skip=+\\\\.+ end=+\"+ oneline "
	        "contains=dangolEscape\n"
	        "syntax match dangolComment \"#.*$\" contains=@Spell\n\n");
	vim_links(out);
	buf_adds(out, "\nlet b:current_syntax = \"dangol\"\n");
}

/* ---- TextMate ---- */

#define BEFORE "(?<!" PART "|\\.)"
#define BEHIND "(?!" PART "|\\.[A-Za-z]|\\.[^\\x00-\\x7F])"

static void match(json_t *patterns, const char *scope, const char *regex)
{
	json_array_append_new(
	        patterns, json_pack("{s:s, s:s}", "name", scope, "match", regex));
}

static void match_words(json_t *patterns, const char *scope, const struct spellings *s)
{
	struct buf regex = {0};

	buf_adds(&regex, BEFORE "(?:");
	alternatives(&regex, s);
	buf_adds(&regex, ")" BEHIND);
	match(patterns, scope, regex.data);
	buf_free(&regex);
}

/* A number and the units behind it: two scopes. */
static void match_numbers(json_t *patterns)
{
	struct spellings s = units();
	struct buf regex = {0};

	buf_adds(&regex, "(?<!" PART ")(\\d[\\d_]*(?:,\\d{3})*(?:\\.\\d+)?)"
	                 "((?:\\s?(?:");
	alternatives(&regex, &s);
	buf_adds(&regex, "))*)(?!" PART ")");
	json_array_append_new(
	        patterns, json_pack("{s:s, s:{s:{s:s}, s:{s:s}}}", "match", regex.data,
	                          "captures", "1", "name", "constant.numeric.dangol", "2",
	                          "name", "storage.type.unit.dangol"));
	buf_free(&regex);
}

static void match_string(json_t *patterns)
{
	json_array_append_new(patterns,
	        json_pack("{s:s, s:s, s:s, s:[{s:s, s:s}]}", "name",
	                "string.quoted.double.dangol", "begin", "\"", "end", "\"|$",
	                "patterns", "name", "constant.character.escape.dangol", "match",
	                "\\\\[\"\\\\n]"));
}

/* In the order of precedence: of two that match at one place the first is taken. */
void syntax_textmate(struct buf *out)
{
	json_t *patterns = json_array(), *root;
	struct spellings known = names();
	char *text;

	match(patterns, "comment.line.number-sign.dangol", "#.*$");
	match_string(patterns);
	match_words(patterns, "support.variable.name.dangol", &known);
	match(patterns, "variable.other.path.dangol",
	        BEFORE "(?:[A-Za-z]|[^\\x00-\\x7F])(?:" PART
	               ")*(?:\\.(?:[A-Za-z]|[^\\x00-\\x7F])(?:" PART ")*)+");
	match(patterns, "constant.numeric.date.dangol",
	        "\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b\\d{1,2}:\\d{2}\\b|(?:(?:오전|오후)\\s*)?"
	        "\\d{1,2}시(?!간)(?:\\s*\\d{1,2}분)?");
	match(patterns, "constant.numeric.nth.dangol",
	        "\\b\\d+(?:st|nd|rd|th)\\b|\\d+번째마다");
	match_numbers(patterns);
	for (size_t i = GROUPS; i-- > 0;) {
		struct spellings s = words_of(groups[i].group);
		match_words(patterns, groups[i].scope, &s);
	}
	match(patterns, "keyword.operator.comparison.dangol", "[!<>]=|[=<>]");
	match(patterns, "punctuation.dangol", "[{}(),]");
	root = json_pack("{s:s, s:s, s:s, s:[s], s:o}", "comment",
	        "Made by `dangolctl --syntax vscode`; do not edit.", "name",
	        "dangol rules", "scopeName", "source.dangol", "fileTypes", "rule",
	        "patterns", patterns);
	text = json_dumps(root, JSON_INDENT(2));
	buf_printf(out, "%s\n", text);
	free(text);
	json_decref(root);
}
