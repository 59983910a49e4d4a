/* Refusals: withdrawals that customers make themselves, and the words by which a reply is
 * one. It gives nobody's consent. */
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "store/consent.h"
#include "store/customer.h"
#include "store/refusal.h"
#include "store/suppression.h"

#define SAID_MAX 60 /* bytes of a reply that may be nothing but a refusal */

static const char *const media[] = {"sms", "kakao", "email", "push", NULL};

/* NULL where no address stands for the medium: a push token belongs to nobody else. */
static const char *address_of(const struct customer *customer, const char *medium)
{
	if (!strcmp(medium, "push"))
		return NULL;
	return !strcmp(medium, "email") ? customer->email : customer->phone;
}

/* Said now it comes after everything that is on record, also where a till's clock was
 * ahead; said earlier it may be older than a consent. */
static int64_t time_of(struct db *db, const struct refusal *refusal, const char *channel,
        const char *purpose, int64_t now)
{
	int64_t since = consent_since(db, refusal->customer, channel, purpose);
	return refusal->time >= now && since > refusal->time ? since : refusal->time;
}

bool refusal_withdraw(struct db *db, const struct refusal *refusal, const char *channel,
        const char *purpose, int64_t now)
{
	struct consent_change change = {
	        .customer = refusal->customer,
	        .channel = channel,
	        .purpose = purpose,
	        .time = time_of(db, refusal, channel, purpose, now),
	        .how = refusal->how,
	        .source = refusal->source,
	        .wording = refusal->wording,
	        .event = refusal->event,
	};
	if (consent_withdrawn(db, refusal->customer, channel, purpose))
		return false;
	consent_record(db, &change, now, false);
	return true;
}

/* A consent that is newer than the refusal stands, and so does the address. */
static void suppress(struct db *db, const struct refusal *refusal,
        const struct customer *customer, const char *medium, int64_t now)
{
	const char *address = address_of(customer, medium);
	if (!address || consent_given(db, customer->id, medium, "ad") ||
	        customer_shares(db, customer->id, !strcmp(medium, "email")))
		return;
	suppression_add(db, address, medium, "opted_out", refusal->source, now);
}

static bool refuse(struct db *db, const struct refusal *refusal,
        const struct customer *customer, const char *medium, int64_t now)
{
	bool news = refusal_withdraw(db, refusal, medium, "ad", now);
	if (consent_given(db, customer->id, medium, "night"))
		news |= refusal_withdraw(db, refusal, medium, "night", now);
	suppress(db, refusal, customer, medium, now);
	return news;
}

bool refusal_record(struct db *db, const struct refusal *refusal, int64_t now)
{
	struct arena *arena = arena_new();
	struct customer customer;
	bool news = false;
	if (customer_get(db, refusal->customer, arena, &customer))
		for (int i = 0; media[i]; i++)
			if (!refusal->medium || !strcmp(refusal->medium, media[i]))
				news |= refuse(db, refusal, &customer, media[i], now);
	arena_free(arena);
	return news;
}

void refusal_lift(struct db *db, int64_t id, const char *medium)
{
	struct arena *arena = arena_new();
	struct customer customer;
	if (customer_get(db, id, arena, &customer)) {
		const char *address = address_of(&customer, medium);
		if (address)
			suppression_lift(db, address, medium);
	}
	arena_free(arena);
}

bool refusal_suppressed(struct db *db, int64_t id, const char *medium)
{
	struct arena *arena = arena_new();
	struct customer customer;
	const char *address = customer_get(db, id, arena, &customer)
	                              ? address_of(&customer, medium)
	                              : NULL;
	bool found = address && suppression_has(db, address, medium, id, NULL);
	arena_free(arena);
	return found;
}

/* Letters alone, small: spaces, marks and the quotes of a phone's keyboard do not
 * matter. */
static bool letters_of(const char *text, char out[SAID_MAX])
{
	size_t n = 0, len = strlen(text);
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t bytes = (size_t)text_decode(text + i, len - i, &cp);
		bool letter = cp < 128 ? isalnum((int)cp)
		                       : cp != 0x3000 && cp != 0xA0 &&
		                                 !(cp >= 0x2010 && cp <= 0x2046) &&
		                                 !(cp >= 0xFF01 && cp <= 0xFF0F) &&
		                                 cp != 0x3002 && cp != 0x301C;
		if (letter && n + bytes >= SAID_MAX)
			return false;
		for (size_t k = 0; letter && k < bytes; k++)
			out[n++] = (char)(cp < 128 ? tolower((int)cp) : text[i + k]);
		i += bytes;
	}
	out[n] = '\0';
	return true;
}

bool refusal_said(const char *text)
{
	static const char *const words[] = {"수신거부", "수신거부합니다", "수신거부요",
	        "수신거부요청", "수신거부요청합니다", "수신거부해주세요",
	        "수신거부부탁드립니다", "무료수신거부", "광고수신거부", "광고거부",
	        "거부", "거부합니다", "거절", "해지", "해지합니다", "해지해주세요",
	        "구독취소", "구독해지", "수신해지", "수신취소", "그만", "그만보내",
	        "그만보내요", "그만보내세요", "그만보내주세요", "보내지마",
	        "보내지마세요", "문자보내지마세요", "광고보내지마세요", "stop", "stopall",
	        "stopplease", "pleasestop", "unsubscribe", "unsubscribeme", "optout",
	        "refuse", "cancel", "quit", "end", "remove", "removeme", NULL};
	char said[SAID_MAX];
	if (!letters_of(text, said))
		return false;
	for (int i = 0; words[i]; i++)
		if (!strcmp(said, words[i]))
			return true;
	return false;
}
