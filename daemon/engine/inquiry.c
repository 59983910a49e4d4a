/* What the parts of an explanation share: the list of what was looked at, and who is to
 * blame. */
#include "engine/inquiry.h"

#include <stdarg.h>
#include <string.h>

void inquiry_check(struct inquiry *in, const struct explain_check *check)
{
	struct explanation *out = in->out;

	if (out->n_checks == in->room) {
		struct explain_check *more;
		in->room = in->room ? in->room * 2 : 32;
		more = arena_alloc(in->arena, in->room * sizeof *more);
		if (out->n_checks)
			memcpy(more, out->checks, out->n_checks * sizeof *more);
		out->checks = more;
	}
	out->checks[out->n_checks++] = *check;
}

void inquiry_add(struct inquiry *in, const char *kind, const char *what,
        const char *value, enum truth holds)
{
	struct explain_check check = {
	        .kind = kind, .what = what, .value = value, .holds = holds};

	inquiry_check(in, &check);
}

void inquiry_blame(struct inquiry *in, enum explain_verdict verdict, const char *because)
{
	if (verdict <= in->verdict)
		return;
	in->verdict = verdict;
	in->cause = because;
}

const char *inquiry_when(struct inquiry *in, int64_t ms)
{
	char text[40];

	zone_format(in->engine->shop->zone, ms, text);
	text[10] = ' ';
	return arena_strndup(in->arena, text, 16);
}

const char *inquiry_print(struct inquiry *in, const char *fmt, ...)
{
	struct buf text = {0};
	const char *out;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	out = arena_strdup(in->arena, text.data ? text.data : "");
	buf_free(&text);
	return out;
}

struct moment inquiry_moment(const struct inquiry *in)
{
	return (struct moment){.db = in->engine->db,
	        .zone = in->engine->shop->zone,
	        .now = in->at,
	        .event = in->has_event ? &in->event : NULL};
}

bool inquiry_knows(const struct inquiry *in, const char *occasion)
{
	for (int i = 0; i < in->n_runs; i++)
		if (!strcmp(in->runs[i].occasion, occasion))
			return true;
	return false;
}
