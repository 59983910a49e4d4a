/* The marks of an advertisement in the spellings that shops use, and in those that are
 * meant to be seen by nobody. */
#include "language/label.h"

#include <string.h>
#include "language/wording.h"

#define CONTENT 40 /* bytes of what may stand in the brackets of a label */

static const char separators[] = " \t\n/.-\"'*_|,~+:;#!\2";

static bool is_separator(char c)
{
	return c && strchr(separators, c);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static bool line_begins(const char *words, size_t at)
{
	while (at > 0 && words[at - 1] != '\n' && is_separator(words[at - 1]))
		at--;
	return at == 0 || words[at - 1] == '\n';
}

/* ---- the label ---- */

/* What stands between the brackets, without separators; where it closes, 0: nowhere near.
 */
static size_t content(const char *words, size_t at, size_t len, char out[CONTENT])
{
	size_t n = 0;

	for (at++; at < len && n < CONTENT - 1; at++) {
		if (strchr(")]>}", words[at])) {
			out[n] = '\0';
			return at + 1;
		}
		if (strchr("([<{", words[at]))
			return 0;
		if (!is_separator(words[at]))
			out[n++] = words[at];
	}
	return 0;
}

static bool one_of(const char *text, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		if (!strcmp(text, list[i]))
			return true;
	return false;
}

static bool says_ad(const char *text)
{
	static const char *const words[] = {
	        "광고", "ad", "adv", "advert", "advertisement", "advertising", NULL};

	return one_of(text, words);
}

/* "대출광고", "광고성정보": a label only where a line begins with it. */
static bool says_more(const char *text)
{
	static const char *const behind[] = {
	        "성", "성정보", "문자", "메일", "메시지", "안내", "정보", "전송", NULL};
	size_t n = strlen(text), ad = strlen("광고"), most = 2 * strlen("대");

	if (!strncmp(text, "광고", ad))
		return one_of(text + ad, behind);
	return n > ad && n - ad <= most && (unsigned char)*text >= 0x80 &&
	       !strcmp(text + n - ad, "광고");
}

static size_t label_end(const char *words, size_t at, size_t len)
{
	size_t end, ad = wording_match(words, at, len, "광고");
	char inside[CONTENT];

	if (strchr("([<{", words[at])) {
		end = content(words, at, len, inside);
		return end && (says_ad(inside) ||
		                      (says_more(inside) && line_begins(words, at)))
		               ? end
		               : 0;
	}
	if (!ad || !line_begins(words, at))
		return 0;
	while (ad < len && (words[ad] == ' ' || words[ad] == WORDING_NOTHING))
		ad++;
	return ad < len && strchr(")]>}:|*-~", words[ad]) ? ad + 1 : 0;
}

/* ---- the way to refuse ---- */

static size_t refusal_end(const char *words, size_t at, size_t len, bool links)
{
	static const char *const free_of_charge[] = {"무료 수신 거부", "무료 거부",
	        "무료 문자 거부", "무료 수신 차단", "무료 차단", "무료 수신 해지",
	        "무료 해지", "수신 거부 : 080", "수신 거부 080", "거부 : 080", "거부 080",
	        NULL};
	static const char *const plain[] = {"수신 거부", "수신 차단", "수신 해지",
	        "문자 거부", "unsubscribe", "opt out", "opt-out", "reply stop",
	        "text stop", "stop receiving", NULL};
	bool inside =
	        at > 0 && (unsigned char)words[at] < 0x80 && is_letter(words[at - 1]);
	size_t end = 0;

	for (size_t i = 0; free_of_charge[i] && !end; i++)
		end = wording_match(words, at, len, free_of_charge[i]);
	for (size_t i = 0; plain[i] && !end && !links && !inside; i++)
		end = wording_match(words, at, len, plain[i]);
	return end;
}

static bool digits(const char *words, size_t *at, size_t len, int least, int most)
{
	int n = 0;

	while (*at < len && strchr(" -.)\2", words[*at]))
		++*at;
	while (*at < len && n < most && words[*at] >= '0' && words[*at] <= '9') {
		++*at;
		n++;
	}
	return n >= least;
}

static bool nothing_behind(const char *words, size_t at, size_t len)
{
	while (at < len && !is_letter(words[at]) && words[at] != WORDING_VALUE)
		at++;
	return at == len;
}

/* "문의 080-…" is a number to call. */
static bool to_call(const char *words, size_t at)
{
	static const char *const why[] = {"문의", "상담", "고객", "주문", "예약", "전화",
	        "call", "tel", "order", NULL};
	size_t from = at;

	while (from > 0 && words[from - 1] != '\n')
		from--;
	for (; from < at; from++)
		for (size_t i = 0; why[i]; i++)
			if (wording_match(words, from, at, why[i]))
				return true;
	return false;
}

static size_t number_end(const char *words, size_t at, size_t len)
{
	size_t end = wording_match(words, at, len, "080");

	if (!end || (at > 0 && strchr("-+0123456789", words[at - 1])))
		return 0;
	/* 0801234567 without dashes is taken as four and three */
	if (!digits(words, &end, len, 3, 4) || !digits(words, &end, len, 3, 4) ||
	        !nothing_behind(words, end, len))
		return 0;
	return to_call(words, at) ? 0 : end;
}

bool label_find(const char *words, size_t len, size_t at, const struct label_ask *ask,
        struct label *out)
{
	for (; at < len; at++) {
		size_t end;
		if (words[at] == WORDING_NOTHING || words[at] == WORDING_VALUE)
			continue;
		*out = (struct label){.from = at};
		if ((end = label_end(words, at, len)))
			out->kind = LABEL_AD;
		else if ((end = refusal_end(words, at, len, ask->links)))
			out->kind = LABEL_REFUSAL;
		else if (ask->ends && (end = number_end(words, at, len)))
			out->kind = LABEL_NUMBER;
		if (end) {
			out->to = end;
			return true;
		}
	}
	return false;
}
