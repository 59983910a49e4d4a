/* Reads dangol.conf whole, checks that its parts fit together and loads the credentials
 * it names. A secret stands in memory alone: never in a message, never in the file. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config_keys.h"
#include "delivery/courier.h"
#include "delivery/report.h"

#define MOST_BYTES (256 * 1024)
#define MOST_CHANNELS 5

const char *config_default(void)
{
	static const char *const places[] = {"./dangol.conf", "/etc/dangol/dangol.conf"};

	for (size_t i = 0; i < 2; i++)
		if (!access(places[i], F_OK))
			return places[i];
	return NULL;
}

/* ---- addresses ---- */

bool config_is_loopback(const char *address)
{
	const char *host = strstr(address, "://");
	size_t len;

	host = host ? host + 3 : address;
	if (*host == '[')
		return !strncmp(host, "[::1]", 5) &&
		       (!host[5] || host[5] == ':' || host[5] == '/');
	if (!strcmp(host, "::1"))
		return true;
	len = strcspn(host, ":/?#");
	/* "127.0.0.1@elsewhere" and "127.evil.example" are not this machine. */
	if (host[len] == ':' && strcspn(host + len, "@") < strcspn(host + len, "/?#"))
		return false;
	if (len == 9 && !strncmp(host, "localhost", 9))
		return true;
	return !strncmp(host, "127.", 4) && strspn(host, "0123456789.") == len;
}

static struct diag_place whole_file(const struct config *config, struct diag *diag)
{
	return (struct diag_place){.file = arena_strdup(diag->arena, config->file),
	        .line = 0,
	        .column = 1,
	        .width = 1};
}

static void add_remote_forward(
        const struct config *config, const char *name, struct diag *diag)
{
	struct diag_item *item = diag_error(diag, whole_file(config, diag), NULL,
	        TR("a rehearsal reaches this machine alone: forward '%s' leads elsewhere",
	                "연습에서는 이 컴퓨터 밖으로 나가지 않습니다: 전달 '%s'이(가) "
	                "밖을 가리킵니다"),
	        name);

	diag_hint(diag, item,
	        TR("write an address of 127.0.0.1 for the rehearsal",
	                "연습할 때는 127.0.0.1 주소를 쓰세요"));
}

static void add_remote(const struct config *config, const struct channel_config *channel,
        struct diag *diag)
{
	struct diag_item *item = diag_error(diag, whole_file(config, diag), NULL,
	        TR("a rehearsal reaches this machine alone: channel '%s' leads elsewhere",
	                "연습에서는 이 컴퓨터 밖으로 나가지 않습니다: 채널 '%s'이(가) "
	                "밖을 가리킵니다"),
	        channel->name);

	diag_hint(diag, item,
	        TR("write 'provider outbox' or an address of 127.0.0.1 for the rehearsal",
	                "연습할 때는 'provider outbox'나 127.0.0.1 주소를 쓰세요"));
}

static bool leads_elsewhere(const struct channel_config *channel)
{
	const struct channel_ops *ops = channel_provider(channel->provider);

	if (channel->bounces && channel->bounces[0] != '/' &&
	        !config_is_loopback(channel->bounces))
		return true;
	if (!strcmp(channel->provider, "smtp"))
		return !channel->server || !config_is_loopback(channel->server);
	if (!strcmp(channel->provider, "webhook") || (ops && ops->protocol))
		return !channel->url || !config_is_loopback(channel->url);
	return false;
}

bool config_loopback_only(const struct config *config, struct diag *diag)
{
	bool good = true;

	for (size_t i = 0; i < config->n_channels; i++) {
		const struct channel_config *channel = &config->channels[i];

		if (leads_elsewhere(channel) ||
		        (channel->fallback && leads_elsewhere(channel->fallback))) {
			add_remote(config, channel, diag);
			good = false;
		}
	}
	for (size_t i = 0; i < config->n_forwards; i++)
		if (!config_is_loopback(config->forwards[i].url)) {
			add_remote_forward(config, config->forwards[i].name, diag);
			good = false;
		}
	return good;
}

/* ---- what must fit together ---- */

static bool from_good(const char *from)
{
	const char *open = strchr(from, '<'), *close = open ? strchr(open, '>') : NULL;
	char address[320], kept[320];
	size_t len = open && close ? (size_t)(close - open - 1) : strlen(from);

	if ((open && !close) || len >= sizeof(address) || strpbrk(from, "\r\n"))
		return false;
	memcpy(address, open ? open + 1 : from, len);
	address[len] = '\0';
	return !text_email(address, kept, sizeof(kept));
}

static void check_login(struct config_reading *r)
{
	const struct channel_config *c = r->channel;

	if (c->user && !c->password_name && !c->token_name &&
	        !config_seen(r, "channel", "renew"))
		config_mistake(r, config_seen(r, "channel", "user"),
		        TR("'user' needs 'password credential \"…\"', 'token' or 'renew'",
		                "'user'에는 'password credential \"…\"'이나 token, "
		                "renew가 "
		                "필요합니다"));
	if (!c->user && c->password_name)
		config_mistake(r, config_seen(r, "channel", "password"),
		        TR("'password' needs 'user \"…\"'",
		                "'password'에는 'user \"…\"'가 필요합니다"));
	if (c->token_name && (!c->user || c->password_name))
		config_mistake(r, config_seen(r, "channel", "token"),
		        TR("'token' needs 'user \"…\"' and no 'password'",
		                "'token'에는 'user \"…\"'가 필요하고, 'password'는 함께 "
		                "쓰지 않습니다"));
	if (c->renew && (!c->user || c->password_name))
		config_mistake(r, config_seen(r, "channel", "renew"),
		        TR("'renew' needs 'user \"…\"' and no 'password'",
		                "'renew'에는 'user \"…\"'가 필요하고, 'password'는 함께 "
		                "쓰지 않습니다"));
}

static void check_smtp(struct config_reading *r, const struct token *at)
{
	struct channel_config *c = r->channel;
	const struct token *tls = config_seen(r, "channel", "tls");
	bool here = c->server && config_is_loopback(c->server);

	if (strcmp(c->name, "email"))
		config_mistake(r, config_seen(r, "channel", "provider"),
		        TR("provider smtp is for channel email alone",
		                "provider smtp는 메일 채널에만 씁니다"));
	else if (!c->server && !config_seen(r, "channel", "server"))
		config_mistake(r, at,
		        TR("provider smtp needs a server: server "
		           "\"smtp.example.com:587\"",
		                "provider smtp에는 서버가 필요합니다: server "
		                "\"smtp.example.com:587\""));
	if (!c->from)
		config_mistake(r, at,
		        TR("e-mail needs its sender: from \"Shop <hi@example.com>\"",
		                "메일에는 보내는 사람이 필요합니다: from \"가게 "
		                "<hi@example.com>\""));
	if (c->tls_said && c->tls == TLS_NONE && !here)
		config_mistake(r, tls,
		        TR("'tls none' is for this machine alone",
		                "'tls none'은 이 컴퓨터 안에서만 됩니다"));
	check_login(r);
	if (!c->port)
		c->port = c->tls_said && c->tls == TLS_IMPLICIT ? 465 : 587;
	if (!c->tls_said && c->port == 465)
		c->tls = TLS_IMPLICIT;
}

/* Providers behind an HTTP API know themselves what they need. */
static void check_courier(struct config_reading *r, const struct token *at)
{
	const struct channel_ops *ops = channel_provider(r->channel->provider);
	char why[256];

	if (ops && ops->protocol && !courier_fits(r->channel, ops->protocol, why))
		config_mistake(r, at, "%s", why);
}

void config_check_channel(struct config_reading *r, const struct token *at)
{
	struct channel_config *c = r->channel;
	const struct token *server = config_seen(r, "channel", "server");

	if (!c->provider)
		c->provider = server && !strcmp(c->name, "email") ? "smtp" : "outbox";
	if (c->from && !from_good(c->from))
		config_mistake(r, config_seen(r, "channel", "from"),
		        TR("'from' reads \"Shop <hi@example.com>\"",
		                "from은 \"가게 <hi@example.com>\"처럼 씁니다"));
	if (!strcmp(c->provider, "webhook") && !config_seen(r, "channel", "url"))
		config_mistake(r, at,
		        TR("provider webhook needs an address: url \"https://…\"",
		                "provider webhook에는 주소가 필요합니다: url "
		                "\"https://…\""));
	if (c->receipts_name && !report_possible(c->provider))
		config_mistake(r, config_seen(r, "channel", "receipts"),
		        TR("provider %s posts no delivery reports",
		                "provider %s은(는) 도착 보고를 보내지 않습니다"),
		        c->provider);
	if (c->renew && strcmp(c->provider, "smtp"))
		config_mistake(r, config_seen(r, "channel", "renew"),
		        TR("only provider smtp runs a program for its token",
		                "renew는 provider smtp에만 씁니다"));
	if (server && strcmp(c->name, "email"))
		config_mistake(r, server,
		        TR("only channel email has a server",
		                "server는 메일 채널에만 씁니다"));
	else if (!strcmp(c->provider, "smtp"))
		check_smtp(r, at);
	config_check_bounces(r);
	check_courier(r, at);
	config_check_budget(r, at);
}

static void check_listen(struct config_reading *r)
{
	struct config *config = r->config;
	const struct token *http = config_seen(r, "listen", "http"),
	                   *token = config_seen(r, "listen", "token");
	const struct token *open = config_seen(r, "listen", "public");

	if (http && !token)
		config_mistake(r, http,
		        TR("'http' needs 'token credential \"…\"'",
		                "'http'에는 'token credential \"…\"'이 필요합니다"));
	if (!http && config_seen(r, "listen", "post-token"))
		config_mistake(r, config_seen(r, "listen", "post-token"),
		        TR("'post-token' is for callers over 'http', which is not here",
		                "'post-token'은 'http'로 부를 때 쓰는데 'http'가 "
		                "없습니다"));
	if (open && !config_seen(r, "listen", "url"))
		config_mistake(r, open,
		        TR("'public' needs its address from outside: url \"https://…\"",
		                "'public'에는 밖에서 보이는 주소가 필요합니다: url "
		                "\"https://…\""));
	if (http && open && config->listen.address && config->listen.public_address &&
	        !strcmp(config->listen.address, config->listen.public_address))
		config_mistake(r, open,
		        TR("'http' and 'public' are two ports: this is the same one",
		                "'http'와 'public'은 서로 다른 포트여야 합니다"));
	config->listen.token = token ? &config->token : NULL;
	config->listen.post_token = &config->post_token;
}

void config_idle(struct config_reading *r, const struct token *at, const char *name)
{
	for (size_t i = 0; i < r->n_idle; i++)
		if (!strcmp(r->idle[i].name, name))
			return;
	assert(r->n_idle < CONFIG_IDLE);
	r->idle[r->n_idle++] = (struct config_idle){at, name};
}

/* One warning a line that names them all: a second one of the same line would be lost. */
static void warn_idle(struct config_reading *r)
{
	for (size_t i = 0, next; i < r->n_idle; i = next) {
		struct buf names = {0};

		for (next = i;
		        next < r->n_idle && r->idle[next].at->line == r->idle[i].at->line;
		        next++)
			buf_printf(
			        &names, "%s%s", next > i ? ", " : "", r->idle[next].name);
		diag_warn(r->diag, token_place(&r->lexer, r->idle[i].at), r->lexer.shown,
		        TR("not in this version: %s (read, without effect)",
		                "이 판에는 아직 없습니다: %s (읽기만 하고 효과가 "
		                "없습니다)"),
		        names.data);
		buf_free(&names);
	}
}

void config_check(struct config_reading *r)
{
	const struct token *shop = r->blocks[0] ? r->blocks[0] : &r->tokens[0];
	const struct token *ads = config_seen(r, "limits", "ads");

	assert(!strcmp(config_blocks[0].name, "shop"));
	if (!r->config->shop.name && !config_seen(r, "shop", "name"))
		config_mistake(r, shop,
		        TR("the shop needs its name: shop { name \"…\" }",
		                "가게 이름이 필요합니다: shop { name \"…\" }"));
	if (r->config->shop.ads_off && r->config->shop.n_caps)
		config_mistake(r, ads,
		        TR("'ads 0' sends none: the other 'ads' say something else",
		                "'ads 0'은 광고를 보내지 않는다는 뜻이라 다른 'ads'와 "
		                "함께 쓸 수 없습니다"));
	check_listen(r);
	warn_idle(r);
}

/* ---- what follows from it ---- */

static const char *beside(struct config *config, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return arena_printf(config->arena, "%.*s/%s", (int)(slash - path), path, name);
}

static void set_defaults(struct config *config)
{
	struct shop *shop = &config->shop;

	shop->language = "ko";
	shop->currency = "KRW";
	shop->timezone = "Asia/Seoul";
	shop->law_korea = true;
	shop->margin_ms = 10 * MS_MINUTE;
	shop->hold_max_ms = 3 * MS_DAY;
	shop->guard = 50;
	config->rules = arena_printf(config->arena, "%s/rules", config->folder);
	config->templates = arena_printf(config->arena, "%s/templates", config->folder);
	config->store = arena_printf(config->arena, "%s/dangol.db", config->folder);
	config->listen.socket_path = "/run/dangol/dangol.sock";
	config->listen.socket_mode = 0660;
	config->channels =
	        arena_alloc(config->arena, MOST_CHANNELS * sizeof(*config->channels));
	config->hooks = arena_alloc(config->arena, CONFIG_HOOKS * sizeof(*config->hooks));
	config->forwards =
	        arena_alloc(config->arena, CONFIG_FORWARDS * sizeof(*config->forwards));
}

static bool has_channel(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_channels; i++)
		if (!strcmp(config->channels[i].name, name))
			return true;
	return false;
}

/* Where a provider's reports find us, and where files go, of the one that takes over too.
 */
static void reach(struct config *config, struct channel_config *channel)
{
	struct channel_config *both[] = {
	        channel, (struct channel_config *)(uintptr_t)channel->fallback};

	for (int i = 0; i < 2 && both[i]; i++) {
		both[i]->outbox = beside(config, config->store, "outbox");
		both[i]->public_url =
		        config->listen.public_address ? config->shop.public_url : NULL;
	}
}

static void name_channels(struct config *config)
{
	bool owner = (config->shop.owner_sms && has_channel(config, "sms")) ||
	             (config->shop.owner_email && has_channel(config, "email"));
	const char **names =
	        arena_alloc(config->arena, (config->n_channels + 2) * sizeof(*names));

	for (size_t i = 0; i < config->n_channels; i++) {
		names[i] = config->channels[i].name;
		reach(config, &config->channels[i]);
	}
	if (owner)
		names[config->n_channels] = "owner";
	config->channel_names = names;
}

static void derive(struct config *config)
{
	struct shop *shop = &config->shop;
	struct world *world = &config->world;

	if (!shop->zone)
		shop->zone = zone_open(shop->timezone);
	if (!shop->zone)
		log_die("no time zone data: ICU does not know %s", shop->timezone);
	name_channels(config);
	config->shop_text = (struct shop_text){.name = shop->name,
	        .phone = shop->phone,
	        .address = shop->address,
	        .language = shop->language,
	        .public_url = shop->public_url};
	world->channels = config->channel_names;
	for (size_t i = 0; i < config->n_channels; i++) {
		const struct channel_config *channel = &config->channels[i];
		const struct channel_ops *ops = channel_provider(channel->provider);
		if (!strcmp(channel->name, "sms"))
			world->refuse = channel->refuse;
		if (!strcmp(channel->name, "alimtalk"))
			world->wants_codes = ops && ops->protocol;
	}
	world->has_refuse = world->refuse != NULL;
	world->shop_name = shop->name;
	world->has_public = shop->public_url != NULL;
	world->public_len = shop->public_url ? (int)strlen(shop->public_url) : 0;
	world->lacks_address = !shop->phone || !shop->address;
	world->law_korea = shop->law_korea;
	world->notices = shop->law_korea ? shop->language : NULL;
	world->zone = shop->zone;
	world->today = zone_day(shop->zone, clock_now());
}

/* ---- the file ---- */

/* The file's bytes in the arena, or NULL and a mistake. */
static char *slurp(struct arena *arena, const char *path, size_t *len, struct diag *diag)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;

	if (!file) {
		diag_unreadable(diag, path, errno, NULL);
		return NULL;
	}
	text = arena_alloc(arena, MOST_BYTES + 2);
	*len = fread(text, 1, MOST_BYTES + 1, file);
	if (ferror(file) || *len > MOST_BYTES) {
		diag_unreadable(diag, path, ferror(file) ? errno : 0,
		        TR("it is over 256 KiB", "256KiB를 넘습니다"));
		text = NULL;
	}
	fclose(file);
	return text;
}

/* The folder of the file, absolute; NULL when it is not there. */
static const char *folder_of(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? arena_strndup(arena, file,
	                               slash > file ? (size_t)(slash - file) : 1)
	                     : arena_strdup(arena, ".");
	char *absolute = realpath(folder, NULL);
	const char *kept = absolute ? arena_strdup(arena, absolute) : NULL;

	free(absolute);
	return kept && !strcmp(kept, "/") ? "" : kept;
}

static void read_all(struct config *config, const char *text, size_t len,
        bool need_secrets, struct diag *diag)
{
	struct config_reading r = {
	        .config = config, .diag = diag, .need_secrets = need_secrets};
	const char *shown = arena_strdup(diag->arena, config->file);

	set_defaults(config);
	lexer_init(&r.lexer, shown, text, len, config->arena, diag);
	config_parse(&r);
	config_check(&r);
	free(r.tokens);
	if (need_secrets)
		config_renew_secrets(config, diag);
}

struct config *config_read(const char *file, bool need_secrets, struct diag *diag)
{
	struct config *config = mem_alloc(sizeof(*config));
	size_t errors = diag->errors, len = 0;
	const char *text;

	config->arena = arena_new();
	config->file = arena_strdup(config->arena, file);
	config->folder = folder_of(config->arena, file);
	text = slurp(config->arena, file, &len, diag);
	if (text && config->folder)
		read_all(config, text, len, need_secrets, diag);
	if (!text || !config->folder || diag->errors > errors) {
		for (size_t i = 0; i < diag->n; i++)
			diag->items[i].at.file =
			        arena_strdup(diag->arena, diag->items[i].at.file);
		config_free(config);
		return NULL;
	}
	derive(config);
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_secrets; i++)
		secret_free(config->secrets[i].secret);
	free(config->secrets);
	zone_close(config->shop.zone);
	arena_free(config->arena);
	free(config);
}
