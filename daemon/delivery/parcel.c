/* A letter as JSON and as files. A file under its final name is whole and on the disk, or
 * it is not there. */
#include "delivery/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/json_pool.h"
#include "base/log.h"
#include "delivery/outcome.h"

/* ---- the letter's form ---- */

static void put(json_t *json, const char *name, const char *value)
{
	json_t *string = value ? json_string(value) : NULL;

	json_object_set_new(json, name, string ? string : json_null());
}

static json_t *buttons_of(const struct letter *letter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < letter->n_buttons; i++)
		json_array_append_new(
		        list, json_pack("{s:s, s:s}", "name", letter->buttons[i].name,
		                      "url", letter->buttons[i].url));
	return list;
}

char *parcel_json(const struct letter *letter)
{
	json_t *json;
	char *text;

	json_pool_begin();
	json = json_object();
	put(json, "id", letter->key);
	put(json, "channel", letter->channel);
	put(json, "to", letter->to);
	put(json, "from", letter->from);
	put(json, "subject", letter->subject);
	put(json, "text", letter->text);
	put(json, "html", letter->html);
	put(json, "rule", letter->rule);
	put(json, "customer", letter->customer);
	put(json, "template", letter->template);
	put(json, "coupon", letter->coupon);
	put(json, "purpose", letter->purpose);
	if (letter->kind)
		put(json, "kind", letter->kind);
	if (letter->image)
		put(json, "image", strrchr(letter->image, '/') + 1);
	if (letter->template_code)
		put(json, "template_code", letter->template_code);
	if (letter->n_buttons)
		json_object_set_new(json, "buttons", buttons_of(letter));
	if (letter->coupon_title)
		json_object_set_new(json, "coupon_head",
		        json_pack("{s:s, s:s, s:s}", "title", letter->coupon_title,
		                "description", letter->coupon_text, "url",
		                letter->coupon_url));
	json_pool_end();
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (!text)
		log_die("out of memory");
	return text;
}

/* What may stand in a file's name; the rest becomes '_'. */
static void add_name(char *out, size_t size, const char *word)
{
	size_t at = strlen(out);

	for (; *word && at + 1 < size; word++) {
		bool plain = (*word >= 'a' && *word <= 'z') ||
		             (*word >= 'A' && *word <= 'Z') ||
		             (*word >= '0' && *word <= '9') || *word == '-';
		out[at++] = plain ? *word : '_';
	}
	out[at] = 0;
}

char *parcel_stem(const struct letter *letter, char *out)
{
	time_t seconds = (time_t)(letter->time / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	if (!strftime(out, 32, "%Y%m%dT%H%M%SZ-", &tm))
		out[0] = 0;
	add_name(out, PARCEL_STEM - 32, letter->key);
	strcat(out, ".");
	add_name(out, PARCEL_STEM - 8, letter->channel);
	return out;
}

void parcel_fini(struct parcel *parcel)
{
	free(parcel->json);
	free(parcel->eml);
	parcel->json = parcel->eml = NULL;
}

/* ---- files ---- */

static int open_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || (mkdir(folder, 0700) && errno != EEXIST))
		return fd;
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A whole, synced file under its final name. 0, or -1 with errno and nothing left behind.
 */
static int write_file(
        int folder, const char *stem, const char *ending, const char *data, size_t len)
{
	char name[PARCEL_STEM + 8], draft[PARCEL_STEM + 16];
	int fd, failed, why;

	snprintf(name, sizeof name, "%s%s", stem, ending);
	snprintf(draft, sizeof draft, ".%s.part", name);
	fd = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	        0600);
	if (fd < 0)
		return -1;
	failed = fchmod(fd, 0600) || write_all(fd, data, len) || fsync(fd);
	why = errno;
	if (close(fd) && !failed) {
		failed = -1;
		why = errno;
	}
	if (!failed && !renameat(folder, draft, folder, name))
		return 0;
	why = failed ? why : errno;
	unlinkat(folder, draft, 0);
	errno = why;
	return -1;
}

static struct outcome refused_by_disk(int error)
{
	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		return outcome_make(OUTCOME_NOT_SENT, "disk_full", "%s",
		        TR("the disk of the outbox is full; make room, it goes on by "
		           "itself",
		                "보낼 편지함의 디스크가 가득 찼습니다. 자리를 만들면 "
		                "저절로 이어집니다"));
	return outcome_make(OUTCOME_NOT_SENT, "outbox",
	        TR("the outbox cannot be written: %s",
	                "보낼 편지함에 쓸 수 없습니다: %s"),
	        strerror(error));
}

/* The letter first and its description last: who sees the .json finds the .eml. */
static void write_one(int folder, struct parcel *parcel)
{
	char name[PARCEL_STEM + 8];

	parcel->outcome = (struct outcome){.kind = OUTCOME_ACCEPTED};
	if (parcel->eml &&
	        write_file(folder, parcel->stem, ".eml", parcel->eml, parcel->eml_len)) {
		parcel->outcome = refused_by_disk(errno);
		return;
	}
	if (!write_file(
	            folder, parcel->stem, ".json", parcel->json, strlen(parcel->json)))
		return;
	parcel->outcome = refused_by_disk(errno);
	snprintf(name, sizeof name, "%s.eml", parcel->stem);
	if (parcel->eml)
		unlinkat(folder, name, 0);
}

void parcel_write(const char *folder, struct parcel *parcels, size_t n)
{
	int fd = open_folder(folder), error = errno;

	for (size_t i = 0; i < n; i++) {
		if (fd >= 0)
			write_one(fd, &parcels[i]);
		else
			parcels[i].outcome = refused_by_disk(error);
	}
	if (fd < 0)
		return;
	error = fsync(fd) ? errno : 0;
	for (size_t i = 0; error && i < n; i++)
		if (parcels[i].outcome.kind == OUTCOME_ACCEPTED)
			parcels[i].outcome = outcome_make(OUTCOME_UNKNOWN, "outbox",
			        TR("the outbox cannot be synced: %s",
			                "보낼 편지함을 디스크에 남길 수 없습니다: %s"),
			        strerror(error));
	close(fd);
}
