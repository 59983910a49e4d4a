/* Delivery reports as values. It believes nothing that no channel's secret vouches for,
 * and copies no more of a provider's words than the store keeps. */
#include "delivery/report.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/text.h"
#include "delivery/outcome.h"
#include "delivery/protocol.h"
#include "delivery/settle.h"
#include "delivery/webhook_receipts.h"
#include "store/suppression.h"

#define NAME_MAX_LEN 200 /* bytes of an id; a longer one names no message */
#define DETAIL_MAX 256
#define ADDRESS_MAX 320

static receipts_reader *reader_of(const char *provider)
{
	const struct channel_ops *ops = channel_provider(provider);

	if (ops == &webhook_ops)
		return webhook_receipts;
	return ops && ops->protocol ? ops->protocol->receipts : NULL;
}

bool report_possible(const char *provider)
{
	return reader_of(provider) != NULL;
}

const char *report_meaning(const char *provider, const char *code)
{
	const struct channel_ops *ops = channel_provider(provider);

	return code && ops && ops->protocol && ops->protocol->code_text
	               ? ops->protocol->code_text(code)
	               : NULL;
}

/* ---- reading ---- */

/* A copy of what another program wrote, cut to what is kept. */
static const char *kept(struct report *report, const char *text, size_t size)
{
	char out[DETAIL_MAX];

	if (!text || !*text)
		return NULL;
	outcome_copy(out, size, text, strlen(text));
	return arena_strdup(report->arena, out);
}

static const char *name(struct report *report, const char *text)
{
	return text && *text && strlen(text) <= NAME_MAX_LEN
	               ? arena_strdup(report->arena, text)
	               : NULL;
}

/* As addresses are kept: E.164, or an e-mail address. NULL: neither. */
static const char *address(struct report *report, const char *text)
{
	char out[ADDRESS_MAX];
	bool good = strchr(text, '@') ? text_email(text, out, sizeof out) == 0
	                              : strlen(text) < 64 && text_phone(text, out) == 0;

	return good ? arena_strdup(report->arena, out) : NULL;
}

static void collect(void *arg, const struct receipts_item *from)
{
	struct report *report = arg;
	struct report_item one = {.refuses = NULL};

	if (report->n == REPORT_MAX) {
		report->too_many = true;
		return;
	}
	one.receipt = (struct receipt){
	        .provider = report->provider,
	        .key = from->refusal ? NULL : name(report, from->key),
	        .provider_id = from->refusal ? NULL : name(report, from->provider_id),
	        .ref = from->to ? name(report, from->ref) : NULL,
	        .number = from->to ? address(report, from->to) : NULL,
	        .state = settle_state(from->kind),
	        .code = kept(report, from->code, RECEIPT_CODE),
	        .detail = kept(report, from->detail, DETAIL_MAX),
	};
	if (from->refusal)
		one.refuses = one.receipt.number;
	if (one.refuses || receipt_names(&one.receipt))
		*(struct report_item *)mem_grow(&report->items, report->n++, sizeof one) =
		        one;
}

static void begin(struct report *report, const char *provider)
{
	*report = (struct report){.arena = arena_new()};
	report->provider = arena_strdup(report->arena, provider);
}

void report_free(struct report *report)
{
	free(report->items);
	if (report->arena)
		arena_free(report->arena);
	*report = (struct report){.arena = NULL};
}

/* One channel's say; what it does not take leaves nothing behind. */
static enum receipts_end ask(receipts_reader *reader, const struct channel_config *config,
        struct receipts_call *call, const char *provider, struct report *report)
{
	enum receipts_end end;

	call->config = config;
	begin(report, provider);
	end = reader(call, collect, report);
	if (end != RECEIPTS_TAKEN)
		report_free(report);
	return end;
}

bool report_read(const char *provider, const struct channel_config *channels, size_t n,
        struct receipts_call *call, int64_t time, enum receipts_end *end,
        struct report *report)
{
	receipts_reader *reader = reader_of(provider);
	bool found = false;

	*end = RECEIPTS_FORGED;
	call->now = clock_machine();
	for (size_t i = 0; reader && i < n; i++)
		for (const struct channel_config *c = &channels[i]; c; c = c->fallback) {
			if (strcmp(c->provider, provider) != 0)
				continue;
			found = true;
			enum receipts_end said = ask(reader, c, call, provider, report);
			if (said != RECEIPTS_FORGED)
				*end = said;
			if (said != RECEIPTS_TAKEN)
				continue;
			for (size_t k = 0; k < report->n; k++)
				report->items[k].receipt.time = time;
			return true;
		}
	return found;
}

/* ---- settling ---- */

/* A refusal is of a medium, and its address says which. */
static void refuse(struct engine *engine, const struct report_item *item, int64_t now)
{
	suppression_add(engine->db, item->refuses,
	        strchr(item->refuses, '@') ? "email" : "sms", "opted_out",
	        item->receipt.provider, now);
}

enum receipt_end report_settle(
        struct engine *engine, const struct report_item *item, int64_t now)
{
	receipt_count(engine->db);
	if (!item->refuses)
		return settle_receipt(engine, &item->receipt, now);
	refuse(engine, item, now);
	return RECEIPT_NEW;
}
