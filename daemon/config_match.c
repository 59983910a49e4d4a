/* Reads the values of a key after its signature. Knows no key by name. */
#include "config_keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "store/event.h"

/* Words of the signatures that have a Korean spelling as well. */
static const struct {
	const char *english, *korean;
} spellings[] = {
        {"to", "부터"},
        {"per", "당"},
        {"none", "없음"},
        {"korea", "한국"},
        {"events", "이벤트"},
        {"messages", "메시지"},
        {"credential", "자격증명"},
        {"sms", "문자"},
        {"alimtalk", "알림톡"},
        {"brandmessage", "브랜드메시지"},
        {"email", "메일"},
        {"push", "푸시"},
        {"second", "초"},
        {"minute", "분"},
        {"hour", "시간"},
        {"day", "일"},
        {"week", "주"},
        {"month", "달"},
        {"ko", "한국어"},
        {"en", "영어"},
        {"customer", "고객"},
};

const char *config_english(const char *word)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if (!strcmp(word, spellings[i].korean))
			return spellings[i].english;
	return word;
}

static bool is_word(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_UNIT;
}

static struct config_value *take(struct config_match *m)
{
	assert(m->n < CONFIG_VALUES);
	m->values[m->n] = (struct config_value){.token = m->token++};
	return &m->values[m->n++];
}

static int64_t power(int scale)
{
	int64_t ten = 1;

	while (scale-- > 0)
		ten *= 10;
	return ten;
}

/* A whole number, times 10,000 where 만 follows. */
static bool match_number(struct config_match *m, bool money)
{
	const struct token *t = m->token;
	int64_t times = money && token_is(t + 1, W_MAN) ? 10000 : 1;
	const struct token *unit = t + 1 + (times > 1);
	struct config_value *v;

	if (t->kind != TOKEN_NUMBER || t->number > INT64_MAX / 10000)
		return false;
	if (t->number * times % power(t->scale) || (money && !token_is(unit, W_WON)))
		return false;
	v = take(m);
	v->n = t->number * times / power(t->scale);
	if (money)
		m->token = unit + 1;
	return true;
}

static bool add_part(
        struct config_value *v, const struct token *number, const struct token *unit)
{
	int64_t n = number->number;

	if (number->scale || n > 100000 || !is_word(unit))
		return false;
	if (token_is(unit, W_MINUTE))
		v->ms += n * MS_MINUTE;
	else if (token_is(unit, W_HOUR))
		v->ms += n * MS_HOUR;
	else if (token_is(unit, W_DAY))
		v->days += (int)n;
	else if (token_is(unit, W_WEEK))
		v->days += (int)n * 7;
	else if (token_is(unit, W_MONTH))
		v->months += (int)n;
	else if (token_is(unit, W_YEAR))
		v->months += (int)n * 12;
	else
		return false;
	return true;
}

static bool match_duration(struct config_match *m)
{
	struct config_value *v;

	if (m->token->kind != TOKEN_NUMBER)
		return false;
	v = take(m);
	m->token--;
	for (int i = 0;
	        m->token->kind == TOKEN_NUMBER && m->token[1].kind == TOKEN_UNIT && i < 3;
	        i++) {
		if (!add_part(v, m->token, m->token + 1))
			return false;
		m->token += 2;
	}
	return m->token > v->token;
}

static bool match_weekday(struct config_match *m)
{
	for (int i = 0; i < 7; i++)
		if (token_is(m->token, (enum word)(W_MONDAY + i))) {
			take(m)->n = i;
			return true;
		}
	return false;
}

static bool match_unit(struct config_match *m)
{
	static const char *const names[] = {
	        "second", "minute", "hour", "day", "week", "month"};
	const char *word = is_word(m->token) ? config_english(m->token->text) : "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(word, names[i])) {
			take(m)->text = names[i];
			return true;
		}
	return false;
}

static bool match_mode(struct config_match *m)
{
	const struct token *t = m->token;

	if (t->kind != TOKEN_NUMBER || t->len > 4 ||
	        strspn(t->text, "01234567") != t->len)
		return false;
	take(m)->n = strtol(t->text, NULL, 8);
	return true;
}

static bool match_text(struct config_match *m)
{
	struct config_value *v;

	if (m->token->kind != TOKEN_STRING || !*m->token->string)
		return false;
	v = take(m);
	v->text = v->token->string;
	return true;
}

static bool is_event(const struct token *t)
{
	return t->kind == TOKEN_PATH || (t->kind == TOKEN_STRING && *t->string) ||
	       (is_word(t) && event_type_find(t->text));
}

static bool match_events(struct config_match *m)
{
	struct config_value *v;

	if (!is_event(m->token))
		return false;
	v = take(m);
	for (v->n = 1; is_event(m->token); v->n++)
		m->token++;
	return true;
}

static bool match_element(struct config_match *m, const char *element, size_t len)
{
	char word[32];

	assert(len < sizeof(word));
	memcpy(word, element, len);
	word[len] = '\0';
	if (!strcmp(word, "\"…\""))
		return match_text(m);
	if (!strcmp(word, "N"))
		return match_number(m, false);
	if (!strcmp(word, "MONEY"))
		return match_number(m, true);
	if (!strcmp(word, "DURATION"))
		return match_duration(m);
	if (!strcmp(word, "DAY"))
		return match_weekday(m);
	if (!strcmp(word, "UNIT"))
		return match_unit(m);
	if (!strcmp(word, "MODE"))
		return match_mode(m);
	if (!strcmp(word, "EVENTS"))
		return match_events(m);
	if (!strcmp(word, "TIME") || !strcmp(word, "DATE")) {
		if (m->token->kind != (word[0] == 'T' ? TOKEN_TIME : TOKEN_DATE))
			return false;
		take(m);
		m->values[m->n - 1].n =
		        word[0] == 'T' ? m->token[-1].ms : m->token[-1].date;
		return true;
	}
	if (!is_word(m->token) ||
	        (strcmp(word, "NAME") && strcmp(config_english(m->token->text), word)))
		return false;
	take(m);
	m->values[m->n - 1].text = config_english(m->token[-1].text);
	return true;
}

static bool match_alternative(struct config_match *m, const char *signature, size_t len)
{
	const char *end = signature + len;

	while (signature < end) {
		size_t part = strcspn(signature, " ");

		if (part > (size_t)(end - signature))
			part = (size_t)(end - signature);
		if (!match_element(m, signature, part)) {
			if (m->token > m->furthest)
				m->furthest = m->token;
			return false;
		}
		signature += part;
		signature += strspn(signature, " ");
	}
	return true;
}

bool config_match(struct config_match *m, const char *signature)
{
	const struct token *begin = m->token;

	m->furthest = begin;
	for (const char *bar = signature; bar; signature = bar + 3) {
		bar = strstr(signature, " | ");
		m->token = begin;
		m->n = 0;
		if (match_alternative(m, signature,
		            bar ? (size_t)(bar - signature) : strlen(signature)))
			return true;
		if (!bar)
			break;
	}
	return false;
}
