/* Asking NHN: what became of messages, which senders it knows, who refused by the 080
 * number. Never reads more than so many pages, however many NHN says there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "delivery/provider/nhn_inner.h"

#define PAGE 1000
#define PAGE_LONG \
	250 /* whose rows bring the text along: read in one turn of the loop \
	     */
#define PAGES 16
#define REFUSALS_PAGES 200
#define PAGE_MOST (2 << 20)
/* When a request may have reached NHN, around our clock's time of it. */
#define EARLIER (5 * MS_MINUTE)
#define LATER (10 * MS_MINUTE)

/* ---- pages ---- */

/* Where the reading of a list is: kept in the talk's cursor. */
struct place {
	int page;
	long long seen;
	int strange; /* rows that say nothing */
};

static struct place place_get(const struct talk *talk)
{
	struct place place = {.page = 1};

	if (talk->cursor[0] && sscanf(talk->cursor, "%d %lld %d", &place.page,
	                               &place.seen, &place.strange) != 3)
		place = (struct place){.page = 1};
	return place;
}

static void place_put(struct talk *talk, const struct place *place)
{
	snprintf(talk->cursor, sizeof talk->cursor, "%d %lld %d", place->page,
	        place->seen, place->strange);
}

/* A list of an answer and how long it is in all; total -1: not told. NULL: none. */
static json_t *rows_of(json_t *json, enum nhn_api api, json_int_t *total)
{
	json_t *of = json_object_get(
	        json, api == NHN_SMS ? "body" : "messageSearchResultResponse");
	json_t *rows = json_object_get(of, api == NHN_SMS ? "data" : "messages");
	json_t *count = json_object_get(of, "totalCount");

	*total = json_is_integer(count) ? json_integer_value(count) : -1;
	return json_is_array(rows) ? rows : NULL;
}

enum page_end { PAGE_MORE, PAGE_LAST, PAGE_SHORT /* not all of it can be read */ };

static enum page_end page_after(
        struct place *place, size_t rows, json_int_t total, int page_size, int pages)
{
	place->seen += (long long)rows;
	if (total >= 0 ? place->seen == total : rows < (size_t)page_size)
		return PAGE_LAST;
	if (!rows || place->page >= pages || (total >= 0 && place->seen > total))
		return PAGE_SHORT;
	place->page++;
	return PAGE_MORE;
}

/* ---- what became of messages ---- */

static const char *text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

/* In one request, or more that carry the same name of ours, no number stands twice. */
static const struct inquiry_message *message_of(const struct talk *talk,
        const json_t *row, const char *request_id, const char *id)
{
	const char *key = text_of(row, "recipientGroupingKey");
	const struct inquiry_message *message = talk_by_key(talk, key);

	if (message || key)
		return message;
	message = talk_by_id(talk, id);
	if (message || (!text_of(row, "senderGroupingKey") &&
	                       (!request_id[0] || strcmp(request_id, talk->ref) != 0)))
		return message;
	return talk_by_number(talk, text_of(row, "recipientNo"));
}

/* false: it says nothing that can be understood of a message that may be ours. */
static bool take_row(struct talk *talk, const json_t *row)
{
	enum nhn_api api = nhn_api(talk->config);
	const char *group = text_of(row, "senderGroupingKey"), *detail;
	const struct inquiry_message *message;
	char status[16], code[16], request[96], id[128];
	enum news_kind kind;

	if (group && strcmp(group, talk->inquiry->key) != 0)
		return true;
	nhn_word(json_object_get(row, "requestId"), request, sizeof request);
	nhn_id(row, request, id);
	message = message_of(talk, row, request, id);
	if (!message)
		return text_of(row, "recipientGroupingKey") != NULL;
	nhn_word(json_object_get(row, api == NHN_SMS ? "msgStatus" : "messageStatus"),
	        status, sizeof status);
	nhn_word(json_object_get(row, "resultCode"), code, sizeof code);
	if (!nhn_news(api, status, code, &kind, &detail))
		return false;
	talk_tell(talk, message->id, kind, id, code, detail);
	return true;
}

/* SMS has a list of its own, LMS and MMS have the other. */
static bool is_short(const struct talk *talk)
{
	const char *kind = talk->inquiry->n ? talk->inquiry->messages[0].kind : NULL;

	return !kind || !strcmp(kind, "SMS");
}

/* Is every message of the inquiry in the list that was asked? */
static bool one_list(const struct talk *talk)
{
	for (size_t i = 0; i < talk->inquiry->n; i++) {
		const char *kind = talk->inquiry->messages[i].kind;
		if (!kind || !strcmp(kind, "SMS") != is_short(talk))
			return false;
	}
	return true;
}

static int page_size(const struct talk *talk)
{
	switch (nhn_api(talk->config)) {
	case NHN_SMS:
		return is_short(talk) ? PAGE : PAGE_LONG;
	case NHN_ALIMTALK:
		return PAGE_LONG;
	case NHN_BRAND:
		break;
	}
	return PAGE;
}

static void add_date(struct buf *query, const char *name, int64_t at, bool seconds)
{
	char date[40];

	buf_printf(query, "&%s=", name);
	request_encode(query,
	        talk_korea(at, seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", date));
}

/* Each has NHN's name, and it is the one of this request. */
static bool all_in_ref(const struct talk *talk)
{
	size_t len = strlen(talk->ref);

	for (size_t i = 0; i < talk->inquiry->n; i++) {
		const char *id = talk->inquiry->messages[i].provider_id;
		if (!id || strncmp(id, talk->ref, len) != 0 || id[len] != ':')
			return false;
	}
	return len > 0;
}

/* By NHN's name of the request; by our own and the time where one may be in another
 * request than that (a request whose answer was lost). Brand Messages have no other time
 * in their list than that of the request. */
static void add_which(struct buf *query, const struct talk *talk)
{
	enum nhn_api api = nhn_api(talk->config);
	const char *what = api == NHN_BRAND ? "Request" : "Create";
	char name[24];

	if (all_in_ref(talk)) {
		buf_adds(query, "&requestId=");
		request_encode(query, talk->ref);
		return;
	}
	snprintf(name, sizeof name, "start%sDate", what);
	add_date(query, name, talk->inquiry->at - EARLIER, api == NHN_SMS);
	snprintf(name, sizeof name, "end%sDate", what);
	add_date(query, name, talk->inquiry->at + LATER, api == NHN_SMS);
	buf_adds(query, "&senderGroupingKey=");
	request_encode(query, talk->inquiry->key);
}

static enum talk_next ask_page(
        struct talk *talk, const struct place *place, struct request *out)
{
	struct buf query = {0};

	add_which(&query, talk);
	nhn_begin(talk, out, "GET", "%s?pageNum=%d&pageSize=%d%s",
	        nhn_api(talk->config) != NHN_SMS ? "/messages"
	        : is_short(talk)                 ? "/sender/sms"
	                                         : "/sender/mms",
	        place->page, page_size(talk), query.data);
	buf_free(&query);
	out->most = PAGE_MOST;
	place_put(talk, place);
	return TALK_REQUEST;
}

static enum page_end take_page(
        struct talk *talk, struct place *place, json_t *rows, json_int_t total)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (!take_row(talk, row))
			place->strange++;
	}
	return page_after(place, i, total, page_size(talk), PAGES);
}

static bool whole(const struct talk *talk, const struct place *place)
{
	return !place->strange && (nhn_api(talk->config) != NHN_SMS || one_list(talk));
}

enum talk_next nhn_ask(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct place place = place_get(talk);
	struct outcome outcome;
	enum page_end end = PAGE_MORE;
	json_t *json = NULL, *rows = NULL;
	json_int_t total;

	if (!answer)
		return ask_page(talk, &place, out);
	talk->asked = ASKED_FAILED;
	if (nhn_heard(talk, answer, &outcome, &json))
		rows = rows_of(json, nhn_api(talk->config), &total);
	if (rows)
		end = take_page(talk, &place, rows, total);
	json_decref(json);
	if (!rows)
		return TALK_DONE;
	if (end == PAGE_MORE)
		return ask_page(talk, &place, out);
	talk->asked = end == PAGE_LAST && whole(talk, &place) ? ASKED_WHOLE : ASKED_PART;
	return TALK_DONE;
}

/* ---- who may send ---- */

static bool says(const json_t *row, const char *name, const char *what)
{
	const char *said = text_of(row, name);

	return said && !strcmp(said, what);
}

static void take_senders(struct talk *talk, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	        senders_add(&talk->senders, text_of(row, "sendNo"),
	                !says(row, "useYn", "N") && !says(row, "blockYn", "Y"));
}

static void say_sender(struct talk *talk, const json_t *rows)
{
	enum registered is;

	take_senders(talk, rows);
	is = senders_ask(&talk->senders, talk->config->sender);
	talk->failed = is != REGISTERED_YES;
	if (is == REGISTERED_YES)
		talk_say(talk,
		        TR("sender %s: registered and in use",
		                "발신번호 %s: 등록되어 사용 중입니다"),
		        talk->config->sender);
	else if (is == REGISTERED_BLOCKED)
		talk_say(talk,
		        TR("sender %s: registered, but blocked or switched off at NHN",
		                "발신번호 %s: 등록되어 있지만 NHN에서 차단되었거나 꺼져 "
		                "있습니다"),
		        talk->config->sender);
	else
		talk_say(talk,
		        TR("sender %s: not among the %zu numbers registered at NHN",
		                "발신번호 %s: NHN에 등록된 번호 %zu개 가운데 없습니다"),
		        talk->config->sender, json_array_size(rows));
}

static void say_profile(struct talk *talk, const json_t *sender)
{
	const char *name = text_of(sender, "plusFriendId");
	const char *kakao = text_of(sender, "kakaoStatus");
	bool blocked = json_is_true(json_object_get(sender, "block")) ||
	               json_is_true(json_object_get(sender, "dormant")) ||
	               (kakao && strcmp(kakao, "A") != 0);

	talk->failed = !name || blocked;
	if (!name)
		talk_say(talk, "%s",
		        TR("profile: NHN does not know it",
		                "프로필: NHN이 모르는 프로필입니다"));
	else
		talk_say(talk,
		        blocked ? TR("profile %s: blocked or dormant",
		                          "프로필 %s: 차단되었거나 휴면 상태입니다")
		                : TR("profile %s: registered and active",
		                          "프로필 %s: 등록되어 사용 중입니다"),
		        name);
}

static void say_examined(struct talk *talk, const struct httpc_answer *answer)
{
	bool sms = nhn_api(talk->config) == NHN_SMS;
	struct outcome outcome;
	json_t *json, *body;

	if (!nhn_heard(talk, answer, &outcome, &json)) {
		talk->failed = true;
		talk_say(talk, "%s", outcome.detail);
	} else if (sms) {
		body = json_object_get(json, "body");
		say_sender(talk, json_object_get(body, "data"));
	} else {
		say_profile(talk, json_object_get(json, "sender"));
	}
	json_decref(json);
	if (!talk->failed)
		talk_say(talk, "%s",
		        TR("no balance: NHN bills afterwards",
		                "잔액 없음: NHN은 후불입니다"));
}

enum talk_next nhn_examine(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct buf profile = {0};

	if (answer) {
		say_examined(talk, answer);
		return TALK_DONE;
	}
	if (nhn_api(talk->config) == NHN_SMS) {
		nhn_begin(talk, out, "GET", "/sendNos?pageNum=1&pageSize=%d", PAGE);
	} else {
		request_encode(&profile, talk->config->profile);
		nhn_begin(talk, out, "GET", "/senders/%s", profile.data);
		buf_free(&profile);
	}
	out->most = PAGE_MOST;
	return TALK_REQUEST;
}

static enum talk_next senders_page(
        struct talk *talk, const struct place *place, struct request *out)
{
	nhn_begin(talk, out, "GET", "/sendNos?pageNum=%d&pageSize=%d", place->page, PAGE);
	out->most = PAGE_MOST;
	place_put(talk, place);
	return TALK_REQUEST;
}

enum talk_next nhn_senders(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct place place = place_get(talk);
	enum page_end end = PAGE_SHORT;
	json_t *json = NULL, *rows = NULL;
	struct outcome outcome;
	json_int_t total;

	if (!answer)
		return senders_page(talk, &place, out);
	talk->failed = !nhn_heard(talk, answer, &outcome, &json);
	if (talk->failed)
		talk_say(talk, "%s", outcome.detail);
	else
		rows = rows_of(json, NHN_SMS, &total);
	take_senders(talk, rows);
	if (rows)
		end = page_after(&place, json_array_size(rows), total, PAGE, PAGES);
	json_decref(json);
	if (end == PAGE_MORE)
		return senders_page(talk, &place, out);
	talk->senders.told = end == PAGE_LAST;
	return TALK_DONE;
}

/* ---- who refused ---- */

static enum talk_next refusals_page(
        struct talk *talk, const struct place *place, struct request *out)
{
	char refuse[20] = "";

	if (talk->config->refuse)
		talk_digits(talk->config->refuse, refuse);
	nhn_begin(talk, out, "GET", "/blockservice/recipients?pageNum=%d&pageSize=%d%s%s",
	        place->page, PAGE, refuse[0] ? "&unsubscribeNo=" : "", refuse);
	out->most = PAGE_MOST;
	place_put(talk, place);
	return TALK_REQUEST;
}

static void take_refusals(struct talk *talk, const json_t *rows)
{
	char e164[24];
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *number = text_of(row, "recipientNo");
		if (number && !text_phone(number, e164))
			talk_say(talk, "%s", e164);
	}
}

enum talk_next nhn_refusals(
        struct talk *talk, const struct httpc_answer *answer, struct request *out)
{
	struct place place = place_get(talk);
	struct outcome outcome;
	json_t *json = NULL, *rows = NULL;
	json_int_t total;

	/* Only the text messages' service has such a list. */
	if (nhn_api(talk->config) != NHN_SMS)
		return TALK_DONE;
	if (!answer)
		return refusals_page(talk, &place, out);
	if (nhn_heard(talk, answer, &outcome, &json))
		rows = rows_of(json, NHN_SMS, &total);
	else
		talk_say(talk, "%s", outcome.detail);
	talk->failed = !rows;
	take_refusals(talk, rows);
	if (rows && page_after(&place, json_array_size(rows), total, PAGE,
	                    REFUSALS_PAGES) != PAGE_MORE)
		rows = NULL;
	json_decref(json);
	return rows ? refusals_page(talk, &place, out) : TALK_DONE;
}
