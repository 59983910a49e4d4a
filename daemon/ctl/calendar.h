/* What a simulation counted, on a terminal: a calendar of rules and days, what was held
 * back, and what it costs. */
#ifndef DANGOL_CTL_CALENDAR_H
#define DANGOL_CTL_CALENDAR_H

#include "ctl/table.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct calendar {
	char **rules; /* in order of appearance */
	size_t n_rules;
	struct calendar_cell {
		int32_t day;
		size_t rule;
		int64_t sent, held_back;
	} * cells; /* in order of day */
	size_t n;
	struct table reasons, costs;
	int64_t won;
	bool unpriced; /* something was sent whose price nobody named */
};
void calendar_open(struct calendar *calendar);
void calendar_take(struct calendar *calendar, json_t *row); /* a row of a summary */
/* Prints all of it on stdout; false: there was nothing. */
bool calendar_print(struct calendar *calendar);
void calendar_close(struct calendar *calendar);

/* Costs of a channel as a cell: "3,200원", "?" where no price is named. out 48 bytes. */
char *calendar_won(json_t *row, const char *name, char *out);

#endif
