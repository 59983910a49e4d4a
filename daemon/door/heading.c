/* Headings, compared without what people vary. It keeps no list of its own. */
#include "door/heading.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#define SPELLINGS_MAX 512 /* of all fields of a kind; what is beyond is not near */

static char *plain(const char *heading)
{
	char *out = mem_strdup(heading), *to = out;
	for (const char *p = heading; *p; p++)
		if (!strchr(" \t\r\n_-.()*", *p))
			*to++ = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	*to = '\0';
	return out;
}

static const char *behind(const char *spelling)
{
	spelling += strcspn(spelling, "|");
	return spelling + (*spelling == '|');
}

static bool spelt(const char *spellings, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = spellings; p && *p; p = behind(p))
		if (strcspn(p, "|") == len && memcmp(p, word, len) == 0)
			return true;
	return false;
}

static bool is_field(const struct import_field *field, const char *word)
{
	char *name = plain(field->name);
	bool same = strcmp(name, word) == 0 || spelt(field->spellings, word);
	free(name);
	return same;
}

int heading_find(const struct import_field *fields, const char *heading)
{
	char *word = plain(heading);
	int found = -1;
	for (int i = 0; word[0] && found < 0 && fields[i].name; i++)
		if (is_field(&fields[i], word))
			found = i;
	free(word);
	return found;
}

static size_t add_spellings(
        const struct import_field *field, char **words, const char **shown, size_t n)
{
	if (n < SPELLINGS_MAX) {
		words[n] = plain(field->name);
		shown[n++] = field->name;
	}
	for (const char *p = field->spellings; p && *p && n < SPELLINGS_MAX;
	        p = behind(p))
		words[n++] = mem_strndup(p, strcspn(p, "|"));
	return n;
}

const char *heading_nearest(const struct import_field *fields, const char *heading)
{
	static char nearest[128];
	char *words[SPELLINGS_MAX], *word = plain(heading);
	const char *shown[SPELLINGS_MAX] = {NULL}, *found;
	size_t n = 0;
	for (int i = 0; fields[i].name; i++)
		n = add_spellings(&fields[i], words, shown, n);
	found = word[0] ? text_nearest(word, (const char *const *)words, n) : NULL;
	for (size_t i = 0; i < n; i++) {
		if (words[i] == found)
			snprintf(nearest, sizeof nearest, "%s",
			        shown[i] ? shown[i] : words[i]);
		free(words[i]);
	}
	free(word);
	return found ? nearest : NULL;
}

const char *heading_title(const struct import_field *field)
{
	static char title[128];
	snprintf(title, sizeof title, "%.*s", (int)strcspn(field->spellings, "|"),
	        field->spellings);
	return TR(field->name, title);
}
