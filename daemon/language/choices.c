/* Gathers candidates and finds the one that is meant. */
#include "language/choices.h"

#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"

void choices_add(struct choices *c, const char *name)
{
	const char **slot = mem_grow(&c->names, c->n, sizeof *c->names);

	*slot = name;
	c->n++;
}

static bool share_letter(const char *a, const char *b)
{
	for (size_t len; *a; a += len) {
		for (len = 1; ((unsigned char)a[len] & 0xc0) == 0x80;)
			len++;
		if (memmem(b, strlen(b), a, len))
			return true;
	}
	return false;
}

const char *choices_nearest(struct choices *c, const char *word)
{
	const char *near = text_nearest(word, c->names, c->n);
	const char *own = strrchr(word, '.'), *theirs = near ? strrchr(near, '.') : NULL;

	free(c->names);
	*c = (struct choices){0};
	/* two fields of one thing are not alike for being of it */
	if (own && theirs && own - word == theirs - near &&
	        !strncmp(word, near, (size_t)(own - word)) &&
	        !share_letter(own + 1, theirs + 1))
		return NULL;
	return near;
}
