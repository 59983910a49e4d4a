/* What must fit together where dangol.conf names the mailbox of returned mails. Looks at
 * no disk and at no network. */
#include <string.h>
#include "base/log.h"
#include "config_keys.h"
#include "delivery/mailbox.h"

static void check_imap(struct config_reading *r)
{
	const struct channel_config *c = r->channel;

	if (!c->bounces_user && !c->bounces_password_name &&
	        (!c->user || (!c->password_name && !c->token_name && !c->renew)))
		config_mistake(r, config_seen(r, "channel", "bounces"),
		        TR("an IMAP server asks who it is: bounces-user \"…\" "
		           "bounces-password credential \"…\"",
		                "IMAP 서버에는 로그인이 필요합니다: bounces-user \"…\" "
		                "bounces-password credential \"…\""));
}

void config_check_bounces(struct config_reading *r)
{
	const struct channel_config *c = r->channel;
	const struct token *at = config_seen(r, "channel", "bounces"),
	                   *user = config_seen(r, "channel", "bounces-user"),
	                   *password = config_seen(r, "channel", "bounces-password");
	struct mailbox box = {0};
	char why[256];

	if (!at && !user && !password)
		return;
	if (!user != !password)
		config_mistake(r, user ? user : password,
		        TR("'bounces-user' and 'bounces-password' stand together",
		                "'bounces-user'와 'bounces-password'는 함께 씁니다"));
	else if (!at || strcmp(c->name, "email") || r->first)
		config_mistake(r, at ? at : user,
		        TR("'bounces' is of channel email and of its first provider",
		                "'bounces'는 메일 채널의 첫 사업자에만 씁니다"));
	else if (!mailbox_parse(c->bounces, r->config->arena, &box, why))
		config_mistake(r, at, "%s", why);
	else if (box.folder && user)
		config_mistake(r, user,
		        TR("nobody signs in to a Maildir",
		                "Maildir에는 로그인하지 않습니다"));
	else if (!box.folder)
		check_imap(r);
}
