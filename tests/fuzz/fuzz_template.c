/* Any bytes as a template, read, linked and filled in. The first byte chooses the
 * channel. */
#include "fuzz.h"
#include "language/template.h"

static const char rules[] =
        "fields { customer.points number  customer.메모 text }\n"
        "coupon c { discount 10% }\n"
        "rule r { when order.paid  give coupon c  send sms \"t\" else email \"t\" else "
        "brandmessage \"t\"  limit once }\n"
        "rule i { when order.paid  purpose info  send alimtalk \"t\" else push \"t\"  "
        "send "
        "owner \"t\" }\n";
static const char *const channels[] = {
        "sms", "email", "alimtalk", "brandmessage", "push", "owner", NULL};

static char folder[64];
static struct db *db;
static struct zone *zone;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[128];

	(void)argc;
	(void)argv;
	db = fuzz_store(folder);
	zone = zone_open("Asia/Seoul");
	/* The store stays open; the folder is the templates' from now on. */
	snprintf(path, sizeof path, "rm -f %s/*", folder);
	return system(path);
}

static void put(const char *channel, const uint8_t *data, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/t.%s", folder, channel);
	file = fopen(path, "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
}

static void fill(const struct template *template)
{
	static const struct customer someone = {.id = 7,
	        .ref = "C7",
	        .name = "김하늘",
	        .phone = "+821012345678",
	        .email = "h@example.com",
	        .attributes = "{\"points\":12500,\"메모\":\"<b>\"}"};
	static const struct event paid = {.type = "order.paid",
	        .source = "api",
	        .eid = "e1",
	        .has_total = true,
	        .total = 23500,
	        .data = "{\"order\":\"A-1\",\"items\":[{\"sku\":\"B\",\"name\":\"예가<"
	                "체프\","
	                "\"quantity\":2,\"price\":18000}]}"};
	static const struct shop_text shop = {
	        .name = "단골&커피", .phone = "02-123-4567", .language = "ko"};
	struct moment moment = {
	        .db = db, .zone = zone, .now = INT64_C(1795395600000), .event = &paid};
	struct rendering in = {.moment = &moment,
	        .customer = &someone,
	        .shop = &shop,
	        .coupon_code = "BD-7K2M",
	        .coupon_discount = "10%",
	        .unsubscribe = "https://m.example.com/u/x?a=1&b=2"};
	struct arena *arena = arena_new();
	struct rendered out = {0};
	char why[256] = "";

	in.data = json_pack("{s:s, s:[{s:s}]}", "table", "창가", "rows", "name", "하나");
	if (template_render(template, &in, arena, &out, why))
		assert(out.body);
	else
		assert(why[0]);
	json_decref(in.data);
	arena_free(arena);
}

static void link_and_fill(struct templates *templates, struct diag *diag)
{
	struct world world = {.channels = channels,
	        .has_refuse = true,
	        .has_public = true,
	        .law_korea = true,
	        .zone = zone,
	        .today = calendar_day(2026, 11, 23)};
	struct program_file file = {
	        .name = "r.rule", .text = rules, .len = sizeof rules - 1};
	struct program *program = program_compile(&file, 1, &world, diag);

	assert(program);
	if (templates_link(templates, program, diag))
		fill(&templates->items[0]);
	program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *channel;
	struct templates *templates;
	struct diag diag;
	char path[128];

	if (size == 0)
		return 0;
	channel = channels[data[0] % 6];
	put(channel, data + 1, size - 1);
	diag_init(&diag);
	templates = templates_read(folder, &diag);
	assert(!templates == (diag.errors > 0));
	if (templates)
		link_and_fill(templates, &diag);
	templates_free(templates);
	diag_fini(&diag);
	snprintf(path, sizeof path, "%s/t.%s", folder, channel);
	remove(path);
	return 0;
}
