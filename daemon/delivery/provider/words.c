/* Texts out of answers, and titles. Knows no provider, and believes no type that an
 * answer has. */
#include "delivery/provider/words.h"

#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "delivery/outcome.h"

bool words_of(const json_t *object, const char *name, char *out, size_t size)
{
	const json_t *member = json_object_get(object, name);
	char number[32];

	out[0] = '\0';
	if (json_is_string(member))
		outcome_copy(
		        out, size, json_string_value(member), json_string_length(member));
	if (json_is_integer(member)) {
		snprintf(number, sizeof number, "%lld",
		        (long long)json_integer_value(member));
		outcome_copy(out, size, number, strlen(number));
	}
	return out[0] != '\0';
}

char *words_title(const struct letter *letter, long bytes, char *out)
{
	const char *text = letter->subject ? letter->subject : letter->text;
	size_t n = 0;

	text += strspn(text, " \t\r\n");
	while (*text && *text != '\n' && *text != '\r') {
		uint32_t cp;
		size_t len = (size_t)text_decode(text, strlen(text), &cp);
		char one[8] = {0};
		long more;

		memcpy(one, text, len);
		more = text_cp949_len(one, NULL);
		if (more < 0 || more > bytes)
			break;
		memcpy(out + n, text, len);
		n += len;
		bytes -= more;
		text += len;
	}
	out[n] = '\0';
	return out;
}

bool words_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool words_same_below(const struct letter *a, const struct letter *b)
{
	if (a->n_buttons != b->n_buttons)
		return false;
	for (size_t i = 0; i < a->n_buttons; i++)
		if (strcmp(a->buttons[i].name, b->buttons[i].name) != 0 ||
		        strcmp(a->buttons[i].url, b->buttons[i].url) != 0)
			return false;
	return words_same(a->coupon_title, b->coupon_title) &&
	       words_same(a->coupon_text, b->coupon_text) &&
	       words_same(a->coupon_url, b->coupon_url);
}

json_t *words_coupon(const struct letter *letter, const char *mobile, const char *pc)
{
	if (!letter->coupon_title)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s}", "title", letter->coupon_title,
	        "description", letter->coupon_text, mobile, letter->coupon_url, pc,
	        letter->coupon_url);
}
