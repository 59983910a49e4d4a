/* What the tests of provider nhn share. */
#ifndef TEST_NHN_H
#define TEST_NHN_H

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
