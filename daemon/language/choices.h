/* Choices: the candidates for "did you mean", all of which would have been taken. */
#ifndef DANGOL_CHOICES_H
#define DANGOL_CHOICES_H

#include <stddef.h>

/* Zero-initialised; borrows the names. */
struct choices {
	const char **names;
	size_t n;
};
void choices_add(struct choices *choices, const char *name);
/* The nearest, or NULL where none is near; the choices are empty then. */
const char *choices_nearest(struct choices *choices, const char *word);

#endif
