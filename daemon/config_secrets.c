/* The credentials that dangol.conf names, as they are read: at the start and anew. A
 * mistake names the file and what to do, never what stands in it. */
#include <limits.h>
#include "base/log.h"
#include "config.h"

static void tell_missing(struct diag *diag, const struct diag_place *at, const char *fmt,
        const char *name, const char *path)
{
	struct diag_item *item = diag_error(diag, *at, NULL, fmt, name, path);

	diag_hint(diag, item,
	        TR("write it into that file, then: chmod 600 %s",
	                "그 파일에 적고 나서: chmod 600 %s"),
	        path);
}

static void tell_open(const struct config_secret *s, enum secret_error error,
        const char *path, struct diag *diag)
{
	bool file = error == SECRET_READABLE;
	const char *fmt = file ? TR("credential '%s': others may read %s",
	                                 "자격증명 '%s': 다른 사용자가 %s 을(를) 읽을 수 "
	                                 "있습니다")
	                       : TR("credential '%s': others may put files into %s",
	                                 "자격증명 '%s': 다른 사용자가 %s 에 파일을 넣을 "
	                                 "수 있습니다");
	struct diag_item *item = diag_error(diag, s->at, NULL, fmt, s->name, path);

	diag_hint(diag, item, file ? "chmod 600 %s" : "chmod go-w %s", path);
}

static void tell_unreadable(
        const struct config_secret *s, const char *path, struct diag *diag)
{
	struct diag_item *item = diag_error(diag, s->at, NULL,
	        TR("credential '%s': %s cannot be read",
	                "자격증명 '%s': %s 을(를) 읽을 수 없습니다"),
	        s->name, path);

	diag_hint(diag, item,
	        TR("it must belong to the daemon's user: chown dangol %s && chmod 600 %s",
	                "데몬의 사용자 것이어야 합니다: chown dangol %s && chmod 600 %s"),
	        path, path);
}

static void tell(const struct config_secret *s, enum secret_error error, const char *path,
        struct diag *diag)
{
	switch (error) {
	case SECRET_OK:
		break;
	case SECRET_MISSING:
		tell_missing(diag, &s->at,
		        TR("credential '%s' is missing: no file %s",
		                "자격증명 '%s'이(가) 없습니다: %s 파일이 없습니다"),
		        s->name, path);
		break;
	case SECRET_EMPTY:
		tell_missing(diag, &s->at,
		        TR("credential '%s': %s is empty",
		                "자격증명 '%s': %s 이(가) 비어 있습니다"),
		        s->name, path);
		break;
	case SECRET_READABLE:
	case SECRET_FOLDER:
		tell_open(s, error, path, diag);
		break;
	case SECRET_UNREADABLE:
		tell_unreadable(s, path, diag);
		break;
	case SECRET_BAD_NAME:
		diag_error(diag, s->at, NULL,
		        TR("'%s' is no credential's name: letters, digits, - and _",
		                "'%s'은(는) 자격증명 이름이 아닙니다: 글자, 숫자, -, _"),
		        s->name);
		break;
	}
}

/* A token that may only post is another one than that which may do everything. */
static bool check_tokens(const struct config *config, struct diag *diag)
{
	const struct secret *all = &config->token, *post = &config->post_token;

	if (!all->len || !secret_equal(all->data, all->len, post->data, post->len))
		return true;
	for (size_t i = 0; i < config->n_secrets; i++)
		if (config->secrets[i].secret == post)
			diag_error(diag, config->secrets[i].at, NULL,
			        TR("credential '%s' is the same text as the token that "
			           "may do everything: write another one",
			                "자격증명 '%s'이(가) 모든 것을 할 수 있는 토큰과 "
			                "같은 글입니다. 다른 것을 적으세요"),
			        config->secrets[i].name);
	return false;
}

bool config_renew_secrets(struct config *config, struct diag *diag)
{
	char path[PATH_MAX] = "";
	bool good = true;

	for (size_t i = 0; i < config->n_secrets; i++) {
		struct secret fresh = {0};
		enum secret_error error = secret_load(
		        config->folder, config->secrets[i].name, &fresh, path);

		tell(&config->secrets[i], error, path, diag);
		good = good && error == SECRET_OK;
		if (error != SECRET_OK)
			continue;
		secret_free(config->secrets[i].secret);
		*config->secrets[i].secret = fresh;
	}
	return check_tokens(config, diag) && good;
}
