/* Text itself: UTF-8, carriers' bytes, likely slips. Never knows what a text is about:
 * text_phone.c reads numbers, text_value.c addresses, birthdays and amounts. */
#include "base/text.h"
#include "base/log.h"
#include "base/mem.h"

#include <iconv.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* ---- UTF-8 ---- */

static bool tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the character at s, 0 when it is none. */
static int read_char(const unsigned char *s, size_t len, uint32_t *cp)
{
	uint32_t c = s[0];

	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c >= 0xc2 && c < 0xe0 && len >= 2 && tail(s[1])) {
		*cp = (c & 0x1f) << 6 | (s[1] & 0x3f);
		return 2;
	}
	if (c >= 0xe0 && c < 0xf0 && len >= 3 && tail(s[1]) && tail(s[2])) {
		*cp = (c & 0xf) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
		return *cp >= 0x800 && (*cp < 0xd800 || *cp > 0xdfff) ? 3 : 0;
	}
	if (c >= 0xf0 && c < 0xf5 && len >= 4 && tail(s[1]) && tail(s[2]) && tail(s[3])) {
		*cp = (c & 7) << 18 | (uint32_t)(s[1] & 0x3f) << 12 |
		      (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
		return *cp >= 0x10000 && *cp <= 0x10ffff ? 4 : 0;
	}
	return 0;
}

int text_decode(const char *s, size_t len, uint32_t *cp)
{
	int n = read_char((const unsigned char *)s, len, cp);

	if (n)
		return n;
	*cp = 0xfffd;
	return 1;
}

/* Eight bytes at once: none is 0 and none begins or goes on with more than one byte. */
static bool plain_eight(const unsigned char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t eight;

	memcpy(&eight, p, sizeof eight);
	return !(((eight - ones) | eight) & tops);
}

bool text_valid_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	uint32_t cp;

	while (p < end) {
		if (end - p >= 8 && plain_eight(p)) {
			p += 8;
			continue;
		}
		int n = *p ? read_char(p, (size_t)(end - p), &cp) : 0;

		if (!n)
			return false;
		p += n;
	}
	return true;
}

/* Unicode's East Asian Width W and F, as far as names and messages go; emoji too. */
static int places(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
	} wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},
	        {0xa960, 0xa97c}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
	        {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
	        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	if (cp < 0x300)
		return 1;
	if (cp <= 0x36f || (cp >= 0x200b && cp <= 0x200f) ||
	        (cp >= 0x20d0 && cp <= 0x20ff) || (cp >= 0xfe00 && cp <= 0xfe0f) ||
	        (cp >= 0x1160 && cp <= 0x11ff))
		return 0;
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
		if (cp >= wide[i].from && cp <= wide[i].to)
			return 2;
	return 1;
}

int text_columns(const char *s, size_t len)
{
	uint32_t cp;
	int columns = 0;

	for (size_t at = 0; at < len;) {
		at += (size_t)text_decode(s + at, len - at, &cp);
		columns += places(cp);
	}
	return columns;
}

size_t text_chars(const char *s, size_t len)
{
	size_t chars = 0;
	uint32_t cp;

	for (size_t i = 0; i < len; chars++)
		i += text_decode(s + i, len - i, &cp);
	return chars;
}

static bool ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* ASCII and whole syllables alone, as nearly every Korean text: that is NFC as it stands.
 * Source: Unicode Standard, 3.12, Conjoining Jamo Behavior. */
static bool composed(const char *s, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += text_decode(s + i, len - i, &cp);
		if (cp >= 0x80 && (cp < 0xac00 || cp > 0xd7a3))
			return false;
	}
	return true;
}

/* UTF-16 needs no more units than UTF-8 has bytes, and NFC at most triples them. */
static char *compose(const UNormalizer2 *nfc, const char *s, size_t len)
{
	UErrorCode err = U_ZERO_ERROR;
	int32_t wide_len, made_len = 0, cap = (int32_t)len;
	UChar *wide = mem_alloc((size_t)cap * 4 * sizeof(*wide)), *made = wide + cap;
	char *out = NULL;

	u_strFromUTF8(wide, cap, &wide_len, s, cap, &err);
	if (U_SUCCESS(err) && unorm2_isNormalized(nfc, wide, wide_len, &err)) {
		out = mem_strndup(s, len);
	} else if (U_SUCCESS(err)) {
		made_len = unorm2_normalize(nfc, wide, wide_len, made, cap * 3, &err);
		out = mem_alloc((size_t)made_len * 3 + 1);
		u_strToUTF8(out, made_len * 3 + 1, NULL, made, made_len, &err);
	}
	free(wide);
	if (U_FAILURE(err))
		log_die("ICU: %s", u_errorName(err));
	return out;
}

char *text_nfc(const char *s, size_t len)
{
	UErrorCode err = U_ZERO_ERROR;
	const UNormalizer2 *nfc;

	if (len > INT32_MAX / 16 || !text_valid_utf8(s, len))
		return NULL;
	if (composed(s, len))
		return mem_strndup(s, len);
	nfc = unorm2_getNFCInstance(&err);
	if (U_FAILURE(err))
		log_die("ICU: %s", u_errorName(err));
	return compose(nfc, s, len);
}

/* ---- carriers' bytes ---- */

/* Bytes of each character in CP949, 0: it has none. Filled once, so that counting is a
 * look-up. */
static unsigned char cp949_bytes[0x10000];

static void fill_cp949(void)
{
	iconv_t cd = iconv_open("CP949", "UTF-16LE");

	if (cd == (iconv_t)-1)
		log_die(TR("this system cannot convert to CP949: install the package "
		           "libc6 whole",
		        "이 컴퓨터에는 CP949 변환표가 없습니다: libc6 패키지를 다시 "
		        "설치해 주세요"));
	for (uint32_t cp = 1; cp < 0x10000; cp++) {
		char in[2] = {(char)(cp & 0xff), (char)(cp >> 8)}, out[8], *from = in,
		     *to = out;
		size_t left = sizeof(in), room = sizeof(out);

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		iconv(cd, NULL, NULL, NULL, NULL);
		if (iconv(cd, &from, &left, &to, &room) == 0)
			cp949_bytes[cp] = (unsigned char)(to - out);
	}
	iconv_close(cd);
}

static long count_cp949(const char *s, size_t len, uint32_t *bad)
{
	long bytes = 0;
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += text_decode(s + i, len - i, &cp);
		if (cp == 0x20a9)
			cp = 0xffe6;
		if (cp > 0xffff || !cp949_bytes[cp]) {
			*bad = cp;
			return -1;
		}
		bytes += cp949_bytes[cp];
	}
	return bytes;
}

long text_cp949_len(const char *s, uint32_t *bad)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t len = strlen(s);
	uint32_t culprit = 0xfffd;
	long bytes = -1;
	char *nfc;

	if (ascii(s, len))
		return (long)len;
	pthread_once(&once, fill_cp949);
	nfc = text_nfc(s, len);
	if (nfc)
		bytes = count_cp949(nfc, strlen(nfc), &culprit);
	free(nfc);
	if (bytes < 0 && bad)
		*bad = culprit;
	return bytes;
}

/* ---- likely slips ---- */

#define WORD_MOST 64

/* Code points, ASCII letters as small ones: a capital is no difference. -1 when it is too
 * long. */
static int letters(const char *s, uint32_t cps[WORD_MOST])
{
	size_t len = strnlen(s, WORD_MOST * 4 + 1), i = 0;
	int n = 0;

	while (i < len) {
		if (n == WORD_MOST)
			return -1;
		i += text_decode(s + i, len - i, &cps[n]);
		if (cps[n] >= 'A' && cps[n] <= 'Z')
			cps[n] += 'a' - 'A';
		n++;
	}
	return n;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein with three rows: no place is edited twice. */
static int edits(const uint32_t *a, int alen, const uint32_t *b, int blen)
{
	int rows[3][WORD_MOST + 1], *before = rows[0], *above = rows[1], *row = rows[2],
	                            *spare;

	for (int j = 0; j <= blen; j++)
		above[j] = j;
	for (int i = 1; i <= alen; i++) {
		row[0] = i;
		for (int j = 1; j <= blen; j++) {
			int change = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = least(change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			        a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[blen];
}

static bool hangul(uint32_t cp)
{
	return cp >= 0xac00 && cp <= 0xd7a3;
}

/* One is the other's beginning, and long enough to say something. */
static bool prefix(const uint32_t *a, int alen, const uint32_t *b, int blen)
{
	int n = least(alen, blen), enough = n && hangul(a[0]) ? 2 : 3;

	return n >= enough && memcmp(a, b, (size_t)n * sizeof(*a)) == 0;
}

const char *text_nearest(const char *word, const char *const *candidates, size_t n)
{
	uint32_t w[WORD_MOST], c[WORD_MOST];
	int wlen = letters(word, w), limit, best = WORD_MOST;
	const char *found = NULL;

	if (wlen < 1)
		return NULL;
	limit = wlen / 3 > 1 ? wlen / 3 : 1;
	for (size_t i = 0; i < n; i++) {
		int clen = letters(candidates[i], c), distance;

		if (clen < 1)
			continue;
		/* Of a short word half is no likeness. */
		if (wlen < 3 && (wlen < 2 || w[0] != c[0]) &&
		        !(wlen == 2 && clen == 2 && w[0] == c[1] && w[1] == c[0]))
			continue;
		distance =
		        abs(wlen - clen) <= limit ? edits(w, wlen, c, clen) : WORD_MOST;
		/* A word of which nothing is left is another word, not a slip. */
		if (distance > limit || distance >= (wlen > clen ? wlen : clen))
			distance = prefix(w, wlen, c, clen) ? limit : WORD_MOST;
		if (distance < best) {
			best = distance;
			found = candidates[i];
		}
	}
	return found;
}

/* ---- small things ---- */

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_masked(const char *s)
{
	for (const char *star = strchr(s, '*'); star; star = strchr(star + 1, '*')) {
		/* Alone among spaces it is an asterisk; beside anything else it hides
		 * something. */
		if (star[1] && !blank(star[1]))
			return true;
		if (star > s && !blank(star[-1]))
			return true;
	}
	return strstr(s, "＊") != NULL;
}

void text_mask(const char *s, struct buf *out)
{
	size_t len = strlen(s), chars = text_chars(s, len),
	       digits = strspn(s, "+0123456789-"), last = 1;
	const char *at = strchr(s, '@');
	uint32_t cp;
	int first = len ? text_decode(s, len, &cp) : 0;

	while (last < len && (s[len - last] & 0xc0) == 0x80)
		last++;
	if (at && at > s) {
		buf_printf(out, "%.*s***%s", first, s, at);
	} else if (digits == len && len >= 8) {
		buf_printf(out, "%.3s****%s", s, s + len - 4);
	} else {
		buf_add(out, s, (size_t)first);
		for (size_t i = 1; i < (chars > 2 ? chars - 1 : 2); i++)
			buf_addc(out, '*');
		if (chars > 2)
			buf_add(out, s + len - last, last);
	}
}

static size_t blank_bytes(const char *s)
{
	return blank(*s) ? 1 : strncmp(s, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

char *text_trim(char *s)
{
	char *from = s;
	size_t len, n;

	while ((n = blank_bytes(from)))
		from += n;
	len = strlen(from);
	for (;;) {
		if (len && blank(from[len - 1]))
			len--;
		else if (len >= 3 && blank_bytes(from + len - 3) == 3)
			len -= 3;
		else
			break;
	}
	memmove(s, from, len);
	s[len] = '\0';
	return s;
}

uint64_t text_hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}
