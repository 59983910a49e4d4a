/* The names of what tells of a person, and how numbers and addresses look. */
#include "base/personal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "base/text.h"

#define NAME_MAX 48
#define TEXT_MAX 254 /* an e-mail address. Source: RFC 5321, 4.5.3.1.3 */

/* Written without spaces, hyphens and underscores, in lower case. */
static const char *const whole[] = {"name", "fullname", "username", "nickname", "phone",
        "phonenumber", "mobile", "mobilephone", "cellphone", "tel", "telephone", "fax",
        "email", "emailaddress", "mail", "address", "addr", "address1", "address2",
        "addr1", "addr2", "zipcode", "zip", "postcode", "postalcode", "receiver",
        "recipient", "receivername", "recipientname", "buyer", "buyername", "orderer",
        "orderername", "customername", "memo", "message", "이름", "성함", "성명",
        "고객명", "수령인", "수취인", "수령자", "받는분", "받는사람", "주문자",
        "보내는분", "전화", "전화번호", "휴대폰", "휴대폰번호", "휴대전화", "핸드폰",
        "연락처", "이메일", "이메일주소", "메일", "메일주소", "주소", "상세주소",
        "배송지", "우편번호", "메모", "배송메모", "요청사항", "배송요청사항", NULL};
/* Also behind other words: buyer_phone. */
static const char *const endings[] = {"phone", "mobile", "tel", "email", "address",
        "addr", "zipcode", "전화번호", "휴대폰", "연락처", "이메일", "주소", "우편번호",
        NULL};

static bool is_between(char c)
{
	return c == '_' || c == '-' || c == ' ' || c == '.';
}

/* In lower case and without what stands between words; *last: where the last word begins.
 * Empty when it is longer than any of ours. */
static size_t plain(const char *name, size_t len, char out[NAME_MAX], size_t *last)
{
	size_t n = 0;

	*last = 0;
	for (size_t i = 0; i < len; i++) {
		if (is_between(name[i])) {
			*last = n;
			continue;
		}
		if (n == NAME_MAX - 1)
			return 0;
		out[n++] =
		        name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
	}
	out[n] = '\0';
	return n;
}

static bool among(const char *const *list, const char *word)
{
	for (; *list; list++)
		if ((*list)[0] == word[0] && !strcmp(*list, word))
			return true;
	return false;
}

bool personal_name(const char *name, size_t len)
{
	char word[NAME_MAX];
	size_t last;

	if (!plain(name, len, word, &last))
		return false;
	return among(whole, word) || (last && among(endings, word + last));
}

bool personal_is_name(const char *name, size_t len)
{
	return (len == 4 && !memcmp(name, "name", 4)) ||
	       (len == strlen("이름") && !memcmp(name, "이름", len));
}

static bool may_be_phone(const char *text, size_t len)
{
	unsigned char first = (unsigned char)text[0];

	/* '(' of an area, and the full-width forms of digits and signs */
	return len >= 9 && len <= 40 &&
	       (first == '0' || first == '+' || first == '(' || first == 0xef);
}

bool personal_text(const char *text, size_t len)
{
	char copy[TEXT_MAX + 1], out[TEXT_MAX + 1];
	bool at = len >= 5 && len <= TEXT_MAX && memchr(text, '@', len);

	if (!at && !may_be_phone(text, len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return at ? text_email(copy, out, sizeof out) == 0 : text_phone(copy, out) == 0;
}

/* ---- declared ---- */

static pthread_rwlock_t guard = PTHREAD_RWLOCK_INITIALIZER;
static struct buf declared; /* each path between two line ends */
static atomic_bool any;

void personal_declare(struct buf *paths)
{
	pthread_rwlock_wrlock(&guard);
	buf_free(&declared);
	if (paths->len) {
		buf_addc(&declared, '\n');
		buf_add(&declared, paths->data, paths->len);
	}
	any = declared.len > 0;
	pthread_rwlock_unlock(&guard);
	buf_free(paths);
}

static bool listed(const char *owner, const char *name, size_t len)
{
	size_t before = strlen(owner);

	for (const char *p = declared.data; (p = strchr(p, '\n')) && *++p;)
		if (!strncmp(p, owner, before) && p[before] == '.' &&
		        !strncmp(p + before + 1, name, len) &&
		        p[before + 1 + len] == '\n')
			return true;
	return false;
}

bool personal_declared(const char *owner, const char *name, size_t len)
{
	bool found;

	if (!any)
		return false;
	pthread_rwlock_rdlock(&guard);
	found = declared.len && !memchr(name, '.', len) && listed(owner, name, len);
	pthread_rwlock_unlock(&guard);
	return found;
}
