/* Sentence by sentence, the words that give an advertisement away are looked for, and
 * what makes the same words harmless. */
#include "language/promotion.h"

#include <string.h>
#include "language/label.h"
#include "language/promotion_words.h"
#include "language/wording.h"

/* ---- matching ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_korean(char c)
{
	return (unsigned char)c >= 0x80;
}

/* Where it ends, 0: it is not at `at`. */
static size_t match(const char *words, size_t at, size_t len, const char *phrase)
{
	bool begins = *phrase == '^';
	const char *text = phrase + begins;
	size_t end;

	if (words[at] != *text || (begins && at > 0 && is_korean(words[at - 1])))
		return 0;
	if (is_letter(*text) && at > 0 && is_letter(words[at - 1]))
		return 0;
	end = wording_match(words, at, len, text);
	if (end && end < len && is_letter(words[end]) &&
	        is_letter(text[strlen(text) - 1]))
		return 0;
	return end;
}

static bool any(const char *words, size_t from, size_t to, const char *const *phrases)
{
	for (size_t at = from; phrases && at < to; at++)
		for (size_t i = 0; phrases[i]; i++)
			if (match(words, at, to, phrases[i]))
				return true;
	return false;
}

/* ---- sentences ---- */

struct reading {
	const char *words;
	size_t len, before; /* where the sentence before this one begins */
};

static bool ends_sentence(const char *words, size_t at, size_t len)
{
	char next = at + 1 < len ? words[at + 1] : ' ';

	return words[at] == '\n' || words[at] == '!' || words[at] == '?' ||
	       (words[at] == '.' && !is_letter(next) && next != WORDING_VALUE);
}

static size_t sentence_end(const char *words, size_t at, size_t len)
{
	while (at < len && !ends_sentence(words, at, len))
		at++;
	return at < len && words[at] != '\n' ? at + 1 : at;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == WORDING_NOTHING;
}

static void trim(const char *words, struct promotion *out)
{
	while (out->from < out->to && is_blank(words[out->from]))
		out->from++;
	while (out->to > out->from && is_blank(words[out->to - 1]))
		out->to--;
}

static bool grounded(const char *words, size_t len)
{
	return any(words, 0, len, promotion_grounds) &&
	       any(words, 0, len, promotion_given);
}

/* An errand may be told in the sentence before; what urges is no figure of an order's. */
static bool harmless(const struct promotion_giveaway *g, const struct reading *r,
        const struct promotion *at)
{
	bool errands = promotion_errands(g);

	if (any(r->words, errands ? r->before : at->from, at->to, g->unless))
		return errands || !any(r->words, at->from, at->to, promotion_urging);
	return g->grounded && grounded(r->words, r->len) &&
	       !any(r->words, at->from, at->to, promotion_urging);
}

static bool gives_away(const struct reading *r, size_t at, struct promotion *sentence)
{
	for (size_t i = 0; promotion_giveaways[i].phrase; i++) {
		size_t end =
		        match(r->words, at, sentence->to, promotion_giveaways[i].phrase);
		if (!end || harmless(&promotion_giveaways[i], r, sentence))
			continue;
		sentence->word_from = at;
		sentence->word_to = end;
		return true;
	}
	return false;
}

#define LABEL_MOST 64 /* bytes of a label, brackets and all */

/* It says itself what it is. */
static bool labelled(const char *words, size_t len, size_t at, struct promotion *sentence)
{
	static const struct label_ask ask = {.links = true};
	size_t most = at + LABEL_MOST < len ? at + LABEL_MOST : len;
	struct label label;

	if (!label_find(words, most, at, &ask, &label) || label.kind != LABEL_AD ||
	        label.from != at)
		return false;
	sentence->word_from = label.from;
	sentence->word_to = label.to;
	if (sentence->to < label.to)
		sentence->to = label.to;
	return true;
}

/* Most bytes of a page begin no word. */
static bool begins_none(char c)
{
	return c == WORDING_NOTHING || c == WORDING_VALUE || c == ' ' ||
	       ((unsigned char)c & 0xc0) == 0x80;
}

static bool promoting(const struct reading *r, struct promotion *sentence)
{
	for (size_t i = sentence->from; i < sentence->to; i++)
		if (!begins_none(r->words[i]) &&
		        ((strchr("([<{", r->words[i]) &&
		                 labelled(r->words, r->len, i, sentence)) ||
		                gives_away(r, i, sentence)))
			return true;
	return false;
}

bool promotion_find(const char *words, size_t len, struct promotion *out)
{
	struct reading r = {.words = words, .len = len};

	for (size_t at = 0, end; at<len; at = end> at ? end : at + 1) {
		end = sentence_end(words, at, len);
		*out = (struct promotion){.from = at, .to = end};
		if (promoting(&r, out)) {
			trim(words, out);
			return true;
		}
		if (end > at + 1)
			r.before = at;
	}
	return false;
}

/* Where one of the phrases stands first; 0 bytes: nowhere. */
static bool first(const char *words, const char *const *phrases, struct promotion *in)
{
	for (size_t at = in->from; at < in->to; at++)
		for (size_t i = 0; phrases[i]; i++) {
			size_t end = match(words, at, in->to, phrases[i]);
			if (!end)
				continue;
			in->word_from = at;
			in->word_to = end;
			return true;
		}
	return false;
}

bool promotion_gives(const char *words, size_t len, struct promotion *out)
{
	for (size_t at = 0, end; at<len; at = end> at ? end : at + 1) {
		end = sentence_end(words, at, len);
		*out = (struct promotion){.from = at, .to = end};
		if (any(words, at, end, promotion_worth) &&
		        first(words, promotion_given, out)) {
			trim(words, out);
			return true;
		}
	}
	return false;
}

bool promotion_grounded(const char *words, size_t len)
{
	return any(words, 0, len, promotion_grounds);
}
