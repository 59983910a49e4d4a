/* Sender numbers as a provider tells them. Knows no provider and asks nobody. */
#include "delivery/senders.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_MOST 10000
#define DIGITS_LEAST 3
#define PRINTED_MOST 400 /* bytes */

/* A '+' in front, and digits. Returns how many digits. */
static size_t spell(const char *number, char out[24])
{
	size_t n = 0, digits = 0;

	if (*number == '+')
		out[n++] = '+';
	for (; *number && n < 23; number++)
		if (*number >= '0' && *number <= '9') {
			out[n++] = *number;
			digits++;
		}
	out[n] = '\0';
	return digits;
}

void senders_add(struct senders *senders, const char *number, bool active)
{
	struct sender *sender, one = {.active = active};

	if (!number || spell(number, one.number) < DIGITS_LEAST ||
	        senders->n >= KEPT_MOST) {
		senders->strange = true;
		return;
	}
	sender = mem_grow(&senders->list, senders->n, sizeof *senders->list);
	senders->n++;
	*sender = one;
}

void senders_free(struct senders *senders)
{
	free(senders->list);
	*senders = (struct senders){0};
}

void senders_print(const struct senders *senders, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < senders->n && out->len - from <= PRINTED_MOST; i++)
		buf_printf(out, "%s%s", i ? ", " : "", senders->list[i].number);
	if (!senders->n)
		buf_adds(out, "-");
}

/* +82-2-… and 02-… are one number. */
static void plain(const char *number, char out[28])
{
	char spelt[24];
	const char *rest = spelt;
	size_t n = 0;

	spell(number, spelt);
	if (!strncmp(spelt, "+82", 3)) {
		rest = spelt + 3;
		if (strlen(rest) != 8 || *rest != '1')
			out[n++] = '0';
	} else if (*rest == '+') {
		rest++;
	}
	strcpy(out + n, rest);
}

enum registered senders_ask(const struct senders *senders, const char *ours)
{
	enum registered is =
	        senders->told && !senders->strange ? REGISTERED_NO : REGISTERED_UNKNOWN;
	char wanted[28], there[28];

	plain(ours, wanted);
	for (size_t i = 0; i < senders->n; i++) {
		plain(senders->list[i].number, there);
		if (strcmp(wanted, there) != 0)
			continue;
		if (senders->list[i].active)
			return REGISTERED_YES;
		is = REGISTERED_BLOCKED;
	}
	return is;
}

bool registration_shut(const struct registration *registration)
{
	return registration->is == REGISTERED_NO ||
	       registration->is == REGISTERED_BLOCKED;
}
