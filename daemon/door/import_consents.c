/* Rows of consents, each with the time when it was said. One without a time lifts no
 * withdrawal. */
#include <string.h>
#include <strings.h>
#include "base/log.h"
#include "door/import.h"
#include "store/consent.h"

enum { CUSTOMER, CHANNEL, PURPOSE, GIVEN, TIME, HOW, SOURCE, WORDING, VERSION, OPERATOR };

static const struct import_field fields[] = {
        [CUSTOMER] = {"customer",
                "고객번호|고객|고객id|회원번호|회원id|id|customerid|휴대폰|이메일"},
        [CHANNEL] = {"channel", "채널|매체|수단"},
        [PURPOSE] = {"purpose", "목적|구분"},
        [GIVEN] = {"given", "동의|동의여부|수신동의|수신여부"},
        [TIME] = {"time", "일시|시각|동의일시|동의일|날짜"},
        [HOW] = {"how", "방법|동의방법"},
        [SOURCE] = {"source", "출처|경로|동의경로|동의출처"},
        [WORDING] = {"wording", "문구|동의문구"},
        [VERSION] = {"version", "문구버전|버전"},
        [OPERATOR] = {"operator", "담당자|처리자"},
        {NULL, NULL},
};

static const char *translate(const char *cell, const char *const (*words)[2])
{
	for (; cell && (*words)[0]; words++)
		if (strcasecmp(cell, (*words)[0]) == 0)
			return (*words)[1];
	return cell;
}

static const char *channel(struct import *import)
{
	static const char *const words[][2] = {{"문자", "sms"}, {"sms", "sms"},
	        {"카카오", "kakao"}, {"카톡", "kakao"}, {"카카오톡", "kakao"},
	        {"kakao", "kakao"}, {"이메일", "email"}, {"메일", "email"},
	        {"email", "email"}, {"푸시", "push"}, {"push", "push"},
	        {"개인정보", "data"}, {"데이터", "data"}, {"data", "data"},
	        {"보호자", CONSENT_GUARDIAN}, {CONSENT_GUARDIAN, CONSENT_GUARDIAN},
	        {NULL, NULL}};
	return translate(import_cell(import, CHANNEL), words);
}

static const char *purpose(struct import *import)
{
	static const char *const words[][2] = {{"광고", "ad"}, {"ad", "ad"},
	        {"야간", "night"}, {"night", "night"}, {NULL, NULL}};
	const char *cell = import_cell(import, PURPOSE);
	return cell ? translate(cell, words) : "ad";
}

/* What is wrong with the row, or NULL. */
static const char *take(struct import *import, struct consent_change *change, bool *timed)
{
	const char *given = import_cell(import, GIVEN), *time = import_cell(import, TIME);
	int yes = given ? import_yes(given) : -1;
	change->channel = channel(import);
	change->purpose = purpose(import);
	change->given = yes == 1;
	change->time = import->call.now;
	change->how = import_cell(import, HOW) ? import_cell(import, HOW) : "import";
	change->source = import_cell(import, SOURCE);
	change->wording = import_cell(import, WORDING);
	change->version = import_cell(import, VERSION);
	change->operator= import_cell(import, OPERATOR);
	*timed = time != NULL;
	if (!change->channel || !consent_channel_known(change->channel))
		return TR("channel: use sms, kakao, email, push, data or guardian",
		        "channel: 문자, 카카오, 이메일, 푸시, 개인정보, 보호자 가운데 "
		        "하나로 "
		        "적어 주세요");
	if (!consent_how_known(change->how))
		return TR("how: use pos, web, paper, phone, import, reply, provider or "
		          "owner",
		        "how: pos, web, paper, phone, import, reply, provider, owner "
		        "가운데 하나로 적어 주세요");
	if (!consent_purpose_known(change->purpose))
		return TR("purpose: use ad or night",
		        "purpose: 광고 아니면 야간으로 적어 주세요");
	if (yes < 0)
		return TR("given: this is neither yes nor no",
		        "given: 예도 아니오도 아닙니다");
	if (time && (import_time(import, time, &change->time) ||
	                    change->time > import->call.now))
		return TR("time: there is no such time, or it has not come yet",
		        "time: 그런 시각이 없거나 아직 오지 않았습니다");
	if (!change->source)
		change->source = "import";
	return NULL;
}

static void row(struct import *import)
{
	struct consent_change change = {0};
	bool timed;
	const char *wrong = take(import, &change, &timed);
	if (wrong) {
		import_refuse(import, import->line, "%s", wrong);
		return;
	}
	change.customer = import_customer(
	        import, import_cell(import, CUSTOMER), import->line, false);
	if (!change.customer)
		return;
	change.told = consent_told_before(import->db, &change, timed, import->call.now);
	import_consent(import, &change, !timed);
	import_customer_end(import, NULL);
	import->accepted++;
}

const struct import_kind import_consents = {"consents", fields, row, NULL, false};
