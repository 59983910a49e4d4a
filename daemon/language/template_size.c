/* Whether texts fit their channels, before anybody is written to. Measures what stands in
 * the file; of what customers and events fill in it only knows the usual length. */
#include "language/template_size.h"

#include <string.h>
#include "base/log.h"
#include "base/text.h"
#include "language/survey.h"
#include "language/template_code.h"

#define CLICK_PATH 25       /* /c/ and a token */
#define UNSUBSCRIBE_PATH 38 /* /u/ and a token */

/* Of a text: at the least, and with usual values on its longest way. */
struct size {
	long least, usual;
	bool named; /* with the longest real name in usual */
};

struct measure {
	const struct template *template;
	struct diag *diag;
	bool bytes;  /* CP949 of a text message; else characters */
	bool bad;    /* a character was told of */
	long name;   /* the longest of a customer, in bytes; 0: not known */
	long public; /* bytes before /c/TOKEN and /u/TOKEN; 0: links are not counted */
};

static struct size measure(struct measure *m, const struct node *list);

static size_t usual_length(enum value_kind value)
{
	switch (value) {
	case VALUE_NUMBER:
		return 7;
	case VALUE_DATE:
		return 14;
	case VALUE_TIME:
	case VALUE_TEXT:
	case VALUE_ANY:
		return 10;
	case VALUE_YESNO:
		return 4;
	}
	return 0;
}

/* The first character of text[from, to) that a text message cannot carry. */
static void uncodable(struct measure *m, size_t from, size_t to)
{
	const struct program_file *file = &m->template->code->file;
	struct diag_item *item;
	char one[8];
	uint32_t cp;

	for (size_t at = from; at < to && !m->bad;) {
		size_t n = (size_t)text_decode(file->text + at, to - at, &cp);
		memcpy(one, file->text + at, n);
		one[n] = '\0';
		if (text_cp949_len(one, NULL) < 0) {
			item = diag_error(m->diag, code_place(file, at, at + n, m->diag),
			        file->text,
			        TR("a text message cannot carry the character U+%04X",
			                "문자로 보낼 수 없는 글자입니다: U+%04X"),
			        (unsigned)cp);
			diag_hint(m->diag, item, "%s",
			        TR("leave it out, or write it in words",
			                "빼거나 말로 풀어 쓰십시오"));
			m->bad = true;
		}
		at += n;
	}
}

static long literal(struct measure *m, const struct node *node)
{
	const char *text = m->template->code->file.text + node->from;
	size_t n = node->to - node->from;
	struct arena *arena;
	long len;

	if (!m->bytes)
		return (long)text_chars(text, n);
	arena = arena_new();
	len = text_cp949_len(arena_strndup(arena, text, n), NULL);
	arena_free(arena);
	if (len >= 0)
		return len;
	uncodable(m, node->from, node->to);
	return 0;
}

/* Known to the letter, where it is one: `least` as well. */
static bool add_link(struct measure *m, const struct node *node, struct size *size)
{
	long len;

	if (node->variable != VAR_LINK)
		return false;
	len = m->public ? m->public + CLICK_PATH : (long)strlen(node->field);
	size->least += len;
	size->usual += len;
	return true;
}

static void add_value(struct measure *m, const struct node *node, struct size *size)
{
	bool link = node->variable == VAR_UNSUBSCRIBE || node->variable == VAR_COUPON_URL;

	if (add_link(m, node, size))
		return;
	size->named |= node->variable == VAR_CUSTOMER_NAME && m->name > 0;
	if (node->variable == VAR_CUSTOMER_NAME && m->name > 0)
		size->usual += m->bytes ? m->name : (m->name + 1) / 2;
	else
		size->usual += link ? m->public + UNSUBSCRIBE_PATH
		                    : (long)usual_length(node->value);
}

static void add_branches(struct measure *m, const struct node *node, struct size *size)
{
	struct size yes = measure(m, node->body), no = measure(m, node->otherwise);

	size->least += yes.least < no.least ? yes.least : no.least;
	size->usual += yes.usual > no.usual ? yes.usual : no.usual;
	size->named |= yes.usual > no.usual ? yes.named : no.named;
}

static struct size measure(struct measure *m, const struct node *list)
{
	struct size size = {0}, inner;

	for (const struct node *node = list; node; node = node->next) {
		long len;
		switch (node->kind) {
		case NODE_TEXT:
			len = literal(m, node);
			size.least += len;
			size.usual += len;
			break;
		case NODE_VALUE:
			add_value(m, node, &size);
			break;
		case NODE_IF:
			add_branches(m, node, &size);
			break;
		case NODE_FOR: /* a list may be empty, and usually has one item */
			inner = measure(m, node->body);
			size.usual += inner.usual;
			size.named |= inner.named;
			break;
		}
	}
	return size;
}

/* The first line and the last of an advertisement by text message. */
static long law(const struct template *t, const struct world *world)
{
	const char *refuse = world->refuse;
	long shop = world->shop_name ? text_cp949_len(world->shop_name, NULL) : 0;
	long len = text_cp949_len(AD_LABEL, NULL) + (shop > 0 ? shop : 0) + 1;

	if (!t->ad)
		return 0;
	if (refuse)
		len += 1 + text_cp949_len(AD_REFUSAL, NULL) + (long)strlen(refuse);
	return len;
}

/* What was filled in for it. */
static void hint_name(struct measure *m, struct diag_item *item, const struct size *size)
{
	if (size->named)
		diag_hint(m->diag, item,
		        TR("with the longest name of a customer of yours, %ld bytes",
		                "고객 이름 가운데 가장 긴 것(%ld바이트)으로 셌습니다"),
		        m->name);
}

static void sms(struct measure *m, const struct size *size)
{
	const struct template_code *code = m->template->code;
	struct diag_place at =
	        code_place(&code->file, code->body_at, code->body_at, m->diag);

	if (size->least > LMS_BYTES)
		diag_error(m->diag, at, code->file.text,
		        TR("this text has %ld bytes at the least, a long text message "
		           "holds "
		           "%d: shorten it",
		                "짧아도 %ld바이트입니다. 장문 문자는 %d바이트까지이니 "
		                "줄이십시오"),
		        size->least, LMS_BYTES);
	else if (m->template->used && size->usual > LMS_BYTES)
		hint_name(m,
		        diag_warn(m->diag, at, code->file.text,
		                TR("with what is filled in this text has about %ld "
		                   "bytes, a long text message holds %d: some do not go "
		                   "out",
		                        "채워 넣는 값까지 %ld바이트쯤입니다. 장문 문자는 "
		                        "%d바이트까지라 어떤 것은 나가지 않습니다"),
		                size->usual, LMS_BYTES),
		        size);
	else if (m->template->used && !m->template->image && size->least <= SMS_BYTES &&
	         size->usual > SMS_BYTES)
		hint_name(m,
		        diag_warn(m->diag, at, code->file.text,
		                TR("this text has %ld bytes and what is filled in, about "
		                   "%ld: an "
		                   "SMS holds %d, so that some go out as LMS, which "
		                   "costs more",
		                        "이 글은 %ld바이트에 채워 넣는 값까지 "
		                        "%ld바이트쯤입니다. "
		                        "단문은 "
		                        "%d바이트까지라 어떤 것은 장문(LMS)으로 나가고 "
		                        "값이 더 "
		                        "듭니다"),
		                size->least, size->usual, SMS_BYTES),
		        size);
}

static void kakao(struct measure *m, const struct size *size, int most)
{
	const struct template_code *code = m->template->code;

	if (size->least > most)
		diag_error(m->diag,
		        code_place(&code->file, code->body_at, code->body_at, m->diag),
		        code->file.text,
		        TR("this text has %ld characters at the least, its channel takes "
		           "%d: shorten it",
		                "짧아도 %ld자입니다. 이 채널은 %d자까지이니 줄이십시오"),
		        size->least, most);
	else if (m->template->used && size->usual > most)
		hint_name(m,
		        diag_warn(m->diag,
		                code_place(&code->file, code->body_at, code->body_at,
		                        m->diag),
		                code->file.text,
		                TR("with what is filled in this text has about %ld "
		                   "characters, its channel takes %d: some do not go out",
		                        "채워 넣는 값까지 %ld자쯤입니다. 이 채널은 "
		                        "%d자까지라 어떤 것은 나가지 않습니다"),
		                size->usual, most),
		        size);
}

/* Kakao knows an AlimTalk by the code of its approval. */
static void approval(struct measure *m, const struct world *world)
{
	const struct template *t = m->template;
	const struct template_code *code = t->code;
	struct diag_item *item;

	if (t->template_code || !world->wants_codes || !t->used)
		return;
	item = diag_error(m->diag, code_place(&code->file, 0, 0, m->diag),
	        code->file.text, "%s",
	        TR("an AlimTalk needs the code of its approved template",
	                "알림톡에는 승인된 템플릿의 코드가 필요합니다"));
	diag_hint(m->diag, item, "Template-Code: …");
}

static void one(const struct template *t, const struct world *world, struct diag *diag)
{
	struct measure m = {
	        .template = t, .diag = diag, .bytes = !strcmp(t->channel, "sms")};
	bool alimtalk = !strcmp(t->channel, "alimtalk");
	struct size size;

	if (!m.bytes && !alimtalk && strcmp(t->channel, "brandmessage"))
		return;
	m.public = alimtalk ? 0 : world->public_len;
	if (alimtalk)
		approval(&m, world);
	if (world->survey)
		m.name = survey_longest_name(world->survey);
	size = measure(&m, t->code->body);
	if (!m.bytes) {
		kakao(&m, &size, alimtalk ? ALIMTALK_CHARS : BRANDMESSAGE_CHARS);
		return;
	}
	size.least += law(t, world);
	size.usual += law(t, world);
	sms(&m, &size);
}

bool templates_measure(
        const struct templates *templates, const struct world *world, struct diag *diag)
{
	size_t told = diag->told;

	for (size_t i = 0; i < templates->n; i++)
		if (!templates->items[i].built_in)
			one(&templates->items[i], world, diag);
	return diag->told == told;
}
