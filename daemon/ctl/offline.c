/* `coupon offline`: the signed list for a till, page by page into a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/log.h"
#include "base/secret.h"
#include "ctl/ctl.h"
#include "ctl/file.h"

struct offline {
	FILE *file;
	json_int_t coupons, next; /* next 0: the last page was had */
	char key[64], until[40];
};

/* What the page says inside of its signature. Returns new, or NULL. */
static json_t *payload_of(json_t *page)
{
	const char *text = ctl_text(page, "payload");
	size_t len = 0;
	uint8_t *plain = secret_unbase64(text, strlen(text), &len);
	json_t *payload = plain ? json_loadb((const char *)plain, len, 0, NULL) : NULL;
	free(plain);
	return payload;
}

static bool take(struct offline *o, json_t *page)
{
	json_t *payload = payload_of(page),
	       *jwk = json_object_get(json_object_get(page, "header"), "jwk");
	bool good = payload && json_dumpf(page, o->file, JSON_COMPACT) == 0 &&
	            fputc('\n', o->file) != EOF;
	o->coupons += (json_int_t)json_array_size(json_object_get(payload, "coupons"));
	o->next = json_integer_value(json_object_get(payload, "next"));
	snprintf(o->key, sizeof o->key, "%s", ctl_text(jwk, "x"));
	snprintf(o->until, sizeof o->until, "%s", ctl_text(payload, "until"));
	json_decref(payload);
	return good;
}

static int fetch(const struct ask *ask, struct offline *o)
{
	do {
		char path[80];
		json_t *page;
		snprintf(path, sizeof path,
		        "/v1/coupons/offline?after=%" JSON_INTEGER_FORMAT, o->next);
		int failed = ctl_call(ask, "GET", path, NULL, &page);
		if (failed)
			return failed;
		bool good = take(o, page);
		json_decref(page);
		if (!good) {
			ctl_say("%s: %s", ask->args[0], strerror(errno));
			return CTL_FAILED;
		}
	} while (o->next);
	return CTL_DONE;
}

/* Of the owner's alone, or as open as the list that it takes the place of: the till may
 * be another user. */
static FILE *create(const char *path, const char *list)
{
	struct stat old;
	remove(path);
	FILE *out = file_create(path);
	if (out && stat(list, &old) == 0)
		fchmod(fileno(out), old.st_mode & 0666);
	return out;
}

/* Into a file beside it first: a till never reads half a list. */
static int write_list(const struct ask *ask, struct offline *o)
{
	char *path = mem_printf("%s.new", ask->args[0]);
	o->file = create(path, ask->args[0]);
	int status = o->file ? fetch(ask, o) : CTL_FAILED;
	bool open = o->file != NULL, whole = open && fclose(o->file) == 0;
	if (!open || (!status && (!whole || rename(path, ask->args[0])))) {
		ctl_say("%s: %s", ask->args[0], strerror(errno));
		status = CTL_FAILED;
	}
	if (open && status)
		remove(path);
	free(path);
	return status;
}

int verb_coupon_offline(const struct ask *ask)
{
	struct offline o = {0};
	int status = write_list(ask, &o);
	if (status)
		return status;
	if (ask->json)
		return ctl_print(json_pack("{s:s, s:I, s:s, s:s}", "file", ask->args[0],
		        "coupons", o.coupons, "until", o.until, "key", o.key));
	printf(TR("%" JSON_INTEGER_FORMAT
	          " coupons, good until %s\nkey of the signature: "
	          "%s\n",
	               "쿠폰 %" JSON_INTEGER_FORMAT "장, %s까지 쓸 수 있습니다\n서명 "
	               "확인용 공개 열쇠: %s\n"),
	        o.coupons, o.until, o.key);
	return CTL_DONE;
}
