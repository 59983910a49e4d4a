/* An approved template against a text. Bounded in work, whatever stands in either. */
#include "delivery/provider/kakao.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#define PARTS_MOST 200
#define TRIES_MOST 200000 /* places looked at, before it is called too much */

/* A piece of the approved text: words, or a place with a name. */
struct part {
	const char *text; /* words, or the name with its #{ } */
	size_t len;
	bool place;
	size_t same;       /* a place: the first one of that name */
	const char *value; /* a place: where its value begins in the text */
	size_t value_len;
};

struct match {
	struct part parts[PARTS_MOST];
	size_t n;
	const char *furthest; /* in the text, where words did not fit */
	const struct part *wanted;
	long tries;
};

static char *without_cr(const char *text)
{
	char *copy = mem_strdup(text), *to = copy;

	for (const char *from = copy; *from; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	return copy;
}

static struct part *add(struct match *m, const char *text, size_t len, bool place)
{
	struct part *part;

	if (m->n == PARTS_MOST || (!len && !place))
		return NULL;
	part = &m->parts[m->n];
	*part = (struct part){.text = text, .len = len, .place = place, .same = m->n};
	for (size_t i = 0; place && i < m->n; i++)
		if (m->parts[i].place && m->parts[i].len == len &&
		        !memcmp(m->parts[i].text, text, len)) {
			part->same = i;
			break;
		}
	m->n++;
	return part;
}

static void split(struct match *m, const char *approved)
{
	for (const char *at = approved; *at;) {
		const char *open = strstr(at, "#{"),
		           *close = open ? strchr(open, '}') : NULL;

		if (!close) {
			add(m, at, strlen(at), false);
			return;
		}
		add(m, at, (size_t)(open - at), false);
		add(m, open, (size_t)(close + 1 - open), true);
		at = close + 1;
	}
}

static bool match_from(struct match *m, size_t i, const char *text);

static void remember(struct match *m, const struct part *part, const char *text)
{
	if (m->furthest && text <= m->furthest)
		return;
	m->furthest = text;
	m->wanted = part;
}

/* A place whose name has a value already. */
static bool match_again(struct match *m, size_t i, const char *text)
{
	struct part *part = &m->parts[i];
	const struct part *first = &m->parts[part->same];

	if (strncmp(text, first->value, first->value_len) != 0)
		return false;
	return match_from(m, i + 1, text + first->value_len);
}

static bool match_place(struct match *m, size_t i, const char *text)
{
	struct part *part = &m->parts[i];

	if (part->same != i)
		return match_again(m, i, text);
	part->value = text;
	for (size_t len = 0;; len++) {
		part->value_len = len;
		if (++m->tries > TRIES_MOST)
			return false;
		/* not inside a character */
		if (((unsigned char)text[len] & 0xc0) != 0x80 &&
		        match_from(m, i + 1, text + len))
			return true;
		if (!text[len])
			return false;
	}
}

static bool match_from(struct match *m, size_t i, const char *text)
{
	const struct part *part = &m->parts[i];

	if (i == m->n) {
		if (*text)
			remember(m, NULL, text);
		return !*text;
	}
	if (part->place)
		return match_place(m, i, text);
	if (strncmp(text, part->text, part->len) != 0) {
		remember(m, part, text);
		return false;
	}
	return match_from(m, i + 1, text + part->len);
}

/* The words around a place, at most a dozen characters. */
static int excerpt(const char *text, size_t len)
{
	int n = 0;

	for (size_t chars = 0; (size_t)n < len && text[n] && text[n] != '\n'; n++)
		if (((unsigned char)text[n] & 0xc0) != 0x80 && ++chars > 12)
			break;
	return n;
}

/* Of ours nothing is quoted: a customer's name may stand there. */
static void tell(const struct match *m, const char *ours, char why[256])
{
	size_t place = m->furthest ? text_chars(ours, (size_t)(m->furthest - ours)) : 0;

	if (m->wanted)
		snprintf(why, 256,
		        TR("the approved template has '%.*s' where ours, from character "
		           "%zu on, has something else",
		                "승인된 템플릿에는 '%.*s'이(가) 있는데 보낼 글은 %zu번째 "
		                "글자부터 다릅니다"),
		        excerpt(m->wanted->text, m->wanted->len), m->wanted->text,
		        place + 1);
	else
		snprintf(why, 256,
		        TR("the approved template ends where ours goes on, at character "
		           "%zu",
		                "승인된 템플릿은 끝났는데 보낼 글은 %zu번째 글자부터 더 "
		                "있습니다"),
		        place + 1);
}

static void give(const struct match *m,
        void (*variable)(void *arg, const char *name, const char *value), void *arg)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct part *part = &m->parts[i];
		char *name, *value;

		if (!part->place || part->same != i)
			continue;
		name = mem_strndup(part->text, part->len);
		value = mem_strndup(part->value, part->value_len);
		variable(arg, name, value);
		free(value);
		free(name);
	}
}

bool kakao_match(const char *approved, const char *rendered,
        void (*variable)(void *arg, const char *name, const char *value), void *arg,
        char why[256])
{
	struct match *m = mem_alloc(sizeof *m);
	char *theirs = without_cr(approved), *ours = without_cr(rendered);
	bool same;

	split(m, theirs);
	same = match_from(m, 0, ours);
	if (same && variable)
		give(m, variable, arg);
	if (!same)
		tell(m, ours, why);
	free(ours);
	free(theirs);
	free(m);
	return same;
}
