/* The outbox's files: names, contents, modes, whole or not at all; and the frames that
 * carry letters to a mail child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "delivery/parcel.h"
#include "delivery/wire.h"

static const struct letter sample = {
        .message = 7,
        .key = "ab12-7",
        .channel = "email",
        .to = "h@example.com",
        .from = "단골커피 <hi@example.com>",
        .subject = "\"새\" 원두",
        .text = "하나\n둘",
        .rule = "birthday",
        .customer = "C1",
        .template = "birthday",
        .purpose = "ad",
        .unsubscribe = "https://m.example.com/u/1",
        .time = 1795392240000, /* 2026-11-23T00:04:00Z */
};

static void test_stem(void **state)
{
	static const struct {
		const char *key, *channel, *stem;
	} rows[] = {
	        {"ab12-7", "sms", "20261123T000400Z-ab12-7.sms"},
	        {"../../x", "em/ail", "20261123T000400Z-______x.em_ail"},
	        {"a b\n", "sms", "20261123T000400Z-a_b_.sms"},
	};
	char out[PARCEL_STEM], huge[1000];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct letter letter = sample;

		letter.key = rows[i].key;
		letter.channel = rows[i].channel;
		assert_string_equal(parcel_stem(&letter, out), rows[i].stem);
	}
	memset(huge, 'k', sizeof huge);
	huge[sizeof huge - 1] = 0;
	struct letter letter = sample;
	letter.key = letter.channel = huge;
	assert_true(strlen(parcel_stem(&letter, out)) < PARCEL_STEM);
}

static void test_json(void **state)
{
	static const char *const keys[] = {"id", "channel", "to", "from", "subject",
	        "text", "html", "rule", "customer", "template", "coupon", "purpose"};
	char *text = parcel_json(&sample);
	json_t *json = json_loads(text, 0, NULL);

	(void)state;
	assert_non_null(json);
	assert_int_equal(json_object_size(json), sizeof keys / sizeof keys[0]);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_non_null(json_object_get(json, keys[i]));
	assert_string_equal(json_string_value(json_object_get(json, "text")), "하나\n둘");
	assert_true(json_is_null(json_object_get(json, "html")));
	assert_true(json_is_null(json_object_get(json, "coupon")));
	json_decref(json);
	free(text);
}

struct folder {
	char base[64], path[80];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	strcpy(folder->base, "/tmp/dangol-outbox-XXXXXX");
	if (!mkdtemp(folder->base))
		return -1;
	snprintf(folder->path, sizeof folder->path, "%s/outbox", folder->base);
	*state = folder;
	return 0;
}

static int count_files(const char *path, const char *ending)
{
	DIR *dir = opendir(path);
	int n = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		size_t len = strlen(entry->d_name), want = strlen(ending);
		n += len >= want && entry->d_name[0] != (want ? 0 : '.') &&
		     !strcmp(entry->d_name + len - want, ending);
	}
	if (dir)
		closedir(dir);
	return n;
}

static int drop_folder(void **state)
{
	struct folder *folder = *state;
	DIR *dir = opendir(folder->path);
	char path[512];

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	unlink(folder->path);
	rmdir(folder->path);
	rmdir(folder->base);
	free(folder);
	return 0;
}

static struct parcel parcel_of(const char *key, const char *eml)
{
	struct letter letter = sample;
	struct parcel parcel = {0};

	letter.key = key;
	parcel_stem(&letter, parcel.stem);
	parcel.json = parcel_json(&letter);
	parcel.eml = eml ? mem_strdup(eml) : NULL;
	parcel.eml_len = eml ? strlen(eml) : 0;
	return parcel;
}

static void test_files(void **state)
{
	struct folder *folder = *state;
	struct parcel parcels[] = {
	        parcel_of("a-1", NULL), parcel_of("a-2", "From: x\r\n\r\n")};
	struct stat found;
	char path[256];

	parcel_write(folder->path, parcels, 2);
	assert_int_equal(parcels[0].outcome.kind, OUTCOME_ACCEPTED);
	assert_int_equal(parcels[1].outcome.kind, OUTCOME_ACCEPTED);
	assert_int_equal(stat(folder->path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0700);
	snprintf(path, sizeof path, "%s/20261123T000400Z-a-2.email.eml", folder->path);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(found.st_size, 11);
	snprintf(path, sizeof path, "%s/20261123T000400Z-a-1.email.json", folder->path);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(count_files(folder->path, ".json"), 2);
	assert_int_equal(count_files(folder->path, ".part"), 0);
	parcel_fini(&parcels[0]);
	parcel_fini(&parcels[1]);
}

/* A name that is taken by a folder cannot be written: nothing of the message stays. */
static void test_not_half(void **state)
{
	struct folder *folder = *state;
	struct parcel parcels[] = {
	        parcel_of("b-1", "From: x\r\n\r\n"), parcel_of("b-2", NULL)};
	char path[256];

	assert_int_equal(mkdir(folder->path, 0700), 0);
	snprintf(path, sizeof path, "%s/20261123T000400Z-b-1.email.json", folder->path);
	assert_int_equal(mkdir(path, 0700), 0);
	parcel_write(folder->path, parcels, 2);
	assert_int_equal(parcels[0].outcome.kind, OUTCOME_NOT_SENT);
	assert_int_equal(parcels[1].outcome.kind, OUTCOME_ACCEPTED);
	rmdir(path);
	assert_int_equal(count_files(folder->path, ".eml"), 0);
	assert_int_equal(count_files(folder->path, ".json"), 1);
	assert_int_equal(count_files(folder->path, ".part"), 0);
	parcel_fini(&parcels[0]);
	parcel_fini(&parcels[1]);
}

static void test_no_folder(void **state)
{
	struct parcel parcel = parcel_of("c-1", NULL);

	(void)state;
	parcel_write("/nonexistent/outbox", &parcel, 1);
	assert_int_equal(parcel.outcome.kind, OUTCOME_NOT_SENT);
	assert_true(parcel.outcome.detail[0]);
	parcel_fini(&parcel);
}

static void test_wire_letter(void **state)
{
	struct buf buf = {0};
	struct wire_frame frame;
	struct letter *letter;

	(void)state;
	wire_put_letter(&buf, &sample);
	for (size_t i = 0; i < buf.len; i++)
		assert_int_equal(wire_next(buf.data, i, &frame), 0);
	assert_int_equal(wire_next(buf.data, buf.len, &frame), buf.len);
	letter = wire_get_letter(&frame);
	assert_non_null(letter);
	assert_int_equal(letter->message, 7);
	assert_int_equal(letter->time, sample.time);
	assert_string_equal(letter->text, sample.text);
	assert_string_equal(letter->unsubscribe, sample.unsubscribe);
	assert_null(letter->html);
	letter_free(letter);
	for (size_t cut = 1; cut < frame.len; cut += 7) {
		struct wire_frame half = {frame.kind, frame.data, frame.len - cut};
		assert_null(wire_get_letter(&half));
	}
	buf_free(&buf);
}

static void test_wire_answer(void **state)
{
	struct outcome sent = {.kind = OUTCOME_BAD_ADDRESS,
	        .code = "550 5.1.1",
	        .detail = "없는 주소",
	        .provider_id = "x",
	        .retry_after_ms = 5};
	struct outcome got;
	struct buf buf = {0};
	struct wire_frame frame;
	int64_t message;

	(void)state;
	wire_put_answer(&buf, 9, &sent);
	assert_true(wire_next(buf.data, buf.len, &frame) > 0);
	assert_true(wire_get_answer(&frame, &message, &got));
	assert_int_equal(message, 9);
	assert_int_equal(got.kind, OUTCOME_BAD_ADDRESS);
	assert_string_equal(got.detail, sent.detail);
	assert_string_equal(got.provider_id, "x");
	assert_int_equal(got.retry_after_ms, 5);
	for (size_t i = 0; i < frame.len; i++) {
		struct wire_frame half = {frame.kind, frame.data, i};
		assert_false(wire_get_answer(&half, &message, &got));
	}
	assert_int_equal(wire_next("\xff\xff\xff\xffL", 5, &frame), -1);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_stem),
	        cmocka_unit_test(test_json),
	        cmocka_unit_test_setup_teardown(test_files, make_folder, drop_folder),
	        cmocka_unit_test_setup_teardown(test_not_half, make_folder, drop_folder),
	        cmocka_unit_test(test_no_folder),
	        cmocka_unit_test(test_wire_letter),
	        cmocka_unit_test(test_wire_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
