/* What the keys of a hook's block set, and what the block must be once it is read. */
#include "base/log.h"
#include "config_set_inner.h"

void config_set_hook_secret(reading *r, value *v, int n)
{
	config_add_secret(r, &r->hook->secret, &r->hook->secret_name, &v[n - 1]);
}

void config_set_hook_old_secret(reading *r, value *v, int n)
{
	config_add_secret(r, &r->hook->old_secret, NULL, &v[n - 1]);
}

void config_set_hook_url(reading *r, value *v, int n)
{
	(void)n;
	if (config_url_good(r, v))
		r->hook->url = config_keep(r, v[0].text);
}

void config_set_hook_wording(reading *r, value *v, int n)
{
	(void)n;
	r->hook->wording = config_keep(r, v[0].text);
}

void config_check_hook(reading *r, const struct token *at)
{
	const struct hook_config *hook = r->hook;

	if (!hook->secret_name && !hook->kind->unsigned_bodies)
		diag_hint(r->diag,
		        config_mistake(r, at,
		                TR("hook '%s' has no secret: anybody could post to it",
		                        "훅 '%s'에 secret이 없습니다. 아무나 보낼 수 "
		                        "있게 됩니다"),
		                hook->name),
		        TR("write: secret credential \"%s\", and put what that system "
		           "shows you into credentials/%s",
		                "이렇게 씁니다: secret credential \"%s\". 그쪽에서 받은 "
		                "값은 "
		                "credentials/%s에 둡니다"),
		        hook->name, hook->name);
	if (hook->kind->needs_url && !hook->url)
		diag_hint(r->diag,
		        config_mistake(r, at,
		                TR("hook '%s' needs url: the address is part of what is "
		                   "signed",
		                        "훅 '%s'에는 url이 필요합니다. 주소가 서명에 "
		                        "들어갑니다"),
		                hook->name),
		        TR("write: url \"https://…/v1/hooks/%s\", as it was registered "
		           "there",
		                "이렇게 씁니다: url \"https://…/v1/hooks/%s\", 그쪽에 "
		                "등록한 "
		                "그대로"),
		        hook->name);
}
