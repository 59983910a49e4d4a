/* dangol.rule(5) against the parser: every word of the table stands in it with an example
 * that compiles, every example compiles, and its grammar and the table know the same
 * words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/calendar.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "language/lexer.h"
#include "language/program.h"

static const char path[] = "contrib/man/dangol.rule.5";

/* ---- the shop that the examples are for ---- */

static const char shop[] =
        "fields { customer.points number  customer.balance money  customer.branch text\n"
        "customer.개업일 date  customer.parking yesno  game.played.score number }\n"
        "segment vip { orders.total >= 1_000_000원 }\n"
        "coupon birthday10 { discount 10%  valid 30 days }\n"
        "coupon 컴백 { discount 10%  valid 30 days }\n"
        "rule birthday-coupon { when birthday at 10:00  send sms \"t\" }\n";

/* What an example may be a part of; the shop's declarations stand before it. */
static const struct {
	bool alone; /* not them */
	const char *before, *behind;
} frames[] = {
        {true, "", ""},
        {false, "", ""},
        {true, "fields { ", " }"},
        {false, "coupon c { ", " }"},
        {false, "coupon c { discount 10%  ", " }"},
        {false, "coupon c { discount ", " }"},
        {false, "rule r { ", " }"},
        {false, "rule r { ", " send sms \"t\" }"},
        {false, "rule r { ", " send owner \"t\" }"},
        {false, "rule r { when order.paid ", " send sms \"t\" }"},
        {false, "rule r { when order.paid purpose info ", " send sms \"t\" }"},
        {false, "rule r { when ", " send sms \"t\" }"},
        {false, "rule r { when ", " limit once send sms \"t\" }"},
        {false, "rule r { limit once ", " send sms \"t\" }"},
        {false, "rule r { when order.paid if ", " send sms \"t\" }"},
        {false, "rule r { when order.paid ", " }"},
        {false, "rule r { when order.paid limit ", " send sms \"t\" }"},
        {false, "rule r { when order.paid wait ", " send sms \"t\" }"},
        {false, "rule r { when order.paid if orders.count >= ", " send sms \"t\" }"},
        {false, "rule r { when order.paid if orders.total >= ", " send sms \"t\" }"},
};
#define FRAMES (sizeof frames / sizeof frames[0])

static bool template_exists(
        void *arg, const char *name, const char *channel, const char **nearest)
{
	(void)arg;
	(void)name;
	(void)channel;
	*nearest = NULL;
	return true;
}

static bool compiles(const char *text)
{
	static const char *const channels[] = {
	        "sms", "alimtalk", "brandmessage", "email", "push", "owner", NULL};
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .law_korea = true,
	        .today = calendar_day(2026, 11, 23),
	        .template_exists = template_exists};
	struct program_file file = {.name = "f", .text = text, .len = strlen(text)};
	struct program *program;
	struct diag diag;

	diag_init(&diag);
	program = program_compile(&file, 1, &world, &diag);
	program_free(program);
	diag_fini(&diag);
	return program != NULL;
}

static bool compiles_somewhere(const char *example)
{
	bool good = false;

	for (size_t i = 0; i < FRAMES && !good; i++) {
		char *text = mem_printf("%s%s%s%s\n", frames[i].alone ? "" : shop,
		        frames[i].before, example, frames[i].behind);
		good = compiles(text);
		free(text);
	}
	return good;
}

/* ---- the page ---- */

struct entry {
	char *english, *korean, *examples; /* "-": not in that language */
};
struct page {
	struct entry entries[512];
	size_t n;
	char *grammar;
};

static void replace(struct buf *out, const char *text)
{
	static const char *const pairs[][2] = {
	        {"\\(dq", "\""}, {"\\&", ""}, {"https://…", "https://example.com/hook"}};

	while (*text) {
		size_t i = 0;
		for (; i < 3; i++)
			if (!strncmp(text, pairs[i][0], strlen(pairs[i][0])))
				break;
		buf_adds(out, i < 3 ? pairs[i][1] : "");
		if (i < 3)
			text += strlen(pairs[i][0]);
		else
			buf_addc(out, *text++);
	}
}

/* ".It ENGLISH Ta KOREAN Ta EXAMPLES" */
static bool entry_of(char *line, struct entry *out)
{
	char *korean, *examples;
	struct buf text = {0};

	if (strncmp(line, ".It ", 4) || !(korean = strstr(line, " Ta ")))
		return false;
	examples = strstr(korean + 4, " Ta");
	if (!examples)
		return false;
	*korean = *examples = 0;
	replace(&text, examples + 3 + strspn(examples + 3, " "));
	*out = (struct entry){.english = mem_strdup(line + 4),
	        .korean = mem_strdup(korean + 4),
	        .examples = buf_take(&text)};
	return true;
}

static void read_page(struct page *page)
{
	FILE *file = fopen(path, "rb");
	struct buf grammar = {0};
	bool words = false, in_grammar = false;
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, ".Sh ", 4)) {
			words = !strcmp(line, ".Sh WORDS");
			in_grammar = !strcmp(line, ".Sh GRAMMAR");
		}
		if (words && !strcmp(line, ".Ss Reserved"))
			words = false;
		if (words && entry_of(line, &page->entries[page->n]))
			page->n++;
		if (in_grammar && line[0] != '.')
			buf_printf(&grammar, "%s\n", line);
	}
	fclose(file);
	page->grammar = buf_take(&grammar);
}

static void free_page(struct page *page)
{
	for (size_t i = 0; i < page->n; i++) {
		free(page->entries[i].english);
		free(page->entries[i].korean);
		free(page->entries[i].examples);
	}
	free(page->grammar);
}

/* ---- examples ---- */

/* "a; b: explained" as a and b, with something for "…". Returns whether all compile. */
static bool good_examples(const struct entry *entry, size_t *n)
{
	char *text = mem_strdup(entry->examples), *next = text;
	bool good = true;

	*n = 0;
	while (next && *next) {
		struct buf example = {0};
		char *one = next, *dots, *end = strstr(one, "; ");
		next = end ? end + 2 : NULL;
		if (end)
			*end = 0;
		if ((end = strstr(one, ": ")))
			*end = 0;
		for (; (dots = strstr(one, "…")); one = dots + strlen("…")) {
			bool coupon =
			        !strncmp(one, "coupon", 6) || !strncmp(one, "쿠폰", 6);
			buf_add(&example, one, (size_t)(dots - one));
			buf_adds(&example, coupon ? "discount 10%"
			                   : !strncmp(one, "rule", 4)
			                           ? "when visit send sms "
			                             "\"t\""
			                           : "send sms \"t\"");
		}
		buf_adds(&example, one);
		if (!compiles_somewhere(example.data)) {
			print_error("%s | %s: no example: %s\n", entry->english,
			        entry->korean, example.data);
			good = false;
		}
		buf_free(&example);
		++*n;
	}
	free(text);
	return good;
}

static void test_examples(void **state)
{
	struct page page = {.n = 0};
	bool good = true;

	(void)state;
	read_page(&page);
	assert_true(page.n > 150);
	for (size_t i = 0; i < page.n; i++) {
		const struct entry *entry = &page.entries[i];
		size_t n;
		good &= good_examples(entry, &n);
		if (n == 0 || (!strstr(entry->examples, entry->english) &&
		                      !strstr(entry->examples, entry->korean))) {
			print_error("%s | %s has no example\n", entry->english,
			        entry->korean);
			good = false;
		}
	}
	free_page(&page);
	assert_true(good);
}

/* ---- the table ---- */

static bool spelled(const char *entry, const char *row)
{
	return !strcmp(entry, row ? row : "-");
}

static void test_every_word(void **state)
{
	struct page page = {.n = 0};
	bool good = true;

	(void)state;
	read_page(&page);
	for (const struct word_row *row = word_rows; row->word; row++) {
		bool found = row->group == WORDS_RESERVED;
		for (size_t i = 0; i < page.n && !found; i++)
			found = spelled(page.entries[i].english, row->english) &&
			        spelled(page.entries[i].korean, row->korean);
		if (!found)
			print_error("%s lacks %s | %s\n", path,
			        row->english ? row->english : "-",
			        row->korean ? row->korean : "-");
		good &= found;
	}
	free_page(&page);
	assert_true(good);
}

/* ---- the grammar ---- */

static bool part(const char *text, size_t len, size_t at)
{
	uint32_t cp;

	if (at >= len)
		return false;
	text_decode(text + at, len - at, &cp);
	return lexer_is_part(cp);
}

/* Whether it stands there as a word, in the text's first len bytes. */
static bool stands_in(const char *text, const char *word)
{
	size_t n = strlen(word), len = strlen(text);

	for (const char *p = strstr(text, word); p; p = strstr(p + 1, word)) {
		size_t at = (size_t)(p - text), before = at;
		while (before > 0 && ((unsigned char)text[--before] & 0xc0) == 0x80)
			;
		if (!part(text, len, at + n) && (at == 0 || !part(text, len, before)))
			return true;
	}
	return false;
}

/* Korean words of the grammar that are no words of the table: times, NTH, an event. */
static bool beside_the_table(const char *word)
{
	static const char *const others[] = {
	        "오전", "오후", "시", "분", "번째마다", "검색", "한국어"};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (!strcmp(word, others[i]))
			return true;
	return false;
}

static bool in_the_table(const char *word)
{
	for (const struct word_row *row = word_rows; row->word; row++)
		if (row->korean && stands_in(row->korean, word))
			return true;
	return false;
}

static void test_grammar(void **state)
{
	struct page page = {.n = 0};
	bool good = true;
	size_t end = 0, len;

	(void)state;
	read_page(&page);
	for (const struct word_row *row = word_rows; row->word; row++)
		for (int i = 0; i < 2 && row->group != WORDS_RESERVED; i++) {
			const char *word = i ? row->korean : row->english;
			if (!word || !strcmp(word, "%") || stands_in(page.grammar, word))
				continue;
			print_error("the grammar lacks %s\n", word);
			good = false;
		}
	len = strlen(page.grammar);
	for (size_t at = 0; at<len; at = end> at ? end : at + 1) {
		char *word;
		for (end = at; part(page.grammar, len, end);)
			while (((unsigned char)page.grammar[++end] & 0xc0) == 0x80)
				;
		word = mem_strndup(page.grammar + at, end - at);
		if ((unsigned char)word[0] >= 0xea && !beside_the_table(word) &&
		        !in_the_table(word)) {
			print_error("the grammar has %s, which is no word\n", word);
			good = false;
		}
		free(word);
	}
	free_page(&page);
	assert_true(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_examples),
	        cmocka_unit_test(test_every_word),
	        cmocka_unit_test(test_grammar),
	};

	log_set_korean(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
