/* What the tests of provider nhn share. */
#ifndef TEST_NHN_H
#define TEST_NHN_H

#include <unistd.h>
#include "talk.h"

#define SMS "https://sms.api.nhncloudservice.com/sms/v3.0/appKeys/testAppKey01"
#define KAKAO "https://kakaotalk-bizmessage.api.nhncloudservice.com"
#define ALIM KAKAO "/alimtalk/v2.3/appkeys/testAppKey01"
#define BRAND KAKAO "/brand-message/v1.0/appkeys/testAppKey01"
#define PROFILE "0123456789abcdef0123456789abcdef01234567"
#define OK \
	"\"header\":{\"isSuccessful\":true,\"resultCode\":0,\"resultMessage\":" \
	"\"SUCCESS\"}"
#define NO(code) \
	"\"header\":{\"isSuccessful\":false,\"resultCode\":" code \
	",\"resultMessage\":\"\"}"

#define CONFIG(its_name) \
	{ \
		.name = its_name, .provider = "nhn", .sender = "02-1234-5678", \
		.refuse = "080-123-4567", .profile = PROFILE, .key_name = "k", \
		.secret_name = "s", .key = {(char *)"testAppKey01", 12}, \
		.secret = {(char *)"testSecret01", 12}, .receipts = { \
			(char *)"hook-word-1", \
			11 \
		} \
	}
static const struct channel_config sms = CONFIG("sms"), alimtalk = CONFIG("alimtalk"),
                                   brand = CONFIG("brandmessage");

/* The value of a header of the request under way; or NULL. */
static inline const char *header_of(const struct told *told, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; told->last.headers[i]; i++)
		if (!strncmp(told->last.headers[i], name, len))
			return told->last.headers[i] + len;
	return NULL;
}

/* A file of these bytes: its path, for unlink. */
static inline void write_picture(char path[32], const char *bytes, size_t len)
{
	int fd;

	strcpy(path, "/tmp/nhn-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

/* A recipient's row in the answer to a sending: by number, and with our key. */
#define ROW(n, code) \
	"{\"recipientNo\":\"0100000000" #n "\",\"resultCode\":" code \
	",\"resultMessage\":\"\",\"recipientSeq\":" #n "}"
#define KEYED(n, key, code) \
	"{\"recipientNo\":\"0100000000" #n "\",\"resultCode\":" code \
	",\"recipientSeq\":" #n ",\"recipientGroupingKey\":\"1a2b3c4d-" #key "\"}"
#define DATA(rows) \
	",\"body\":{\"data\":{\"requestId\":\"20180810100630ReZQ6KZzAH0\"," \
	"\"statusCode\":\"2\",\"sendResultList\":[" rows "]}}"
/* A page of a list. */
#define PAGE(total, rows) \
	"{" OK ",\"body\":{\"pageNum\":1,\"pageSize\":1000,\"totalCount\":" total \
	",\"data\":[" rows "]}}"

#endif
