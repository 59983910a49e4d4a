/* What people write instead of the language's own words: habits of other languages, of
 * speech, of the trade. A row is used where a mistake stands already, so that none can
 * forbid what the grammar allows. */
#include "language/slips.h"

#include <string.h>
#include "base/log.h"

/* written stands where the mistake is; "#" is any number, "@" a time of the day. behind:
 * the word that the slip follows, W_NONE: any. */
struct slip {
	enum word behind;
	const char *written, *english, *korean;
	bool tells; /* a sentence, not a text to paste */
};

static const struct slip slips[] = {
        /* other languages' marks */
        {W_NONE, "==", "=", "=", false},
        {W_NONE, "=>", ">=", ">=", false},
        {W_NONE, "=<", "<=", "<=", false},
        {W_NONE, "<>", "!=", "!=", false},
        {W_NONE, "&&", "and", "그리고", false},
        {W_NONE, "&", "and", "그리고", false},
        {W_NONE, "||", "or", "또는", false},
        {W_NONE, "|", "or", "또는", false},
        {W_NONE, "!", "not …", "… 아님", false},
        {W_NONE, ";", "leave it out: a line needs no mark at its end",
                "빼십시오: 줄 끝에는 아무것도 쓰지 않습니다", true},
        {W_NONE, "$", "1,000원", "1,000원", false},
        {W_NONE, "₩", "1,000원", "1,000원", false},
        {W_NONE, "￦", "1,000원", "1,000원", false},
        {W_NONE, "//", "# a comment", "# 덧붙이는 말", false},
        {W_NONE, "/*", "# a comment", "# 덧붙이는 말", false},
        {W_NONE, "elsif", "else if", "아니면 만약", false},
        {W_NONE, "elseif", "else if", "아니면 만약", false},
        {W_NONE, "elif", "else if", "아니면 만약", false},
        {W_NONE, "then", "leave it out: steps stand one below the other",
                "빼십시오: 할 일을 차례로 씁니다", true},
        {W_NONE, "trigger", "when", "언제", false},
        {W_NONE, "condition", "if", "조건", false},
        {W_NONE, "action", "send", "보내기", false},
        {W_NONE, "delay", "wait 3 days", "기다리기 3일", false},
        {W_NONE, "sleep", "wait 3 days", "기다리기 3일", false},
        {W_IS, "\"", "= \"…\"", "= \"…\"", false},
        {W_IS, "#", "= 3", "= 3", false},
        {W_FRIEND, "=", "friend, or: not friend", "친구, 또는: 친구 아님", false},
        {W_TAG, "=", "tag \"VIP\"", "태그 \"VIP\" 있음", false},
        {W_NONE, "어디서", "where (…)", "where (…)", false},
        {W_NONE, "중에서", "where (…)", "where (…)", false},
        /* times */
        {W_EVERY, "#", "say every day at 10:00, and beside it limit once per 2 days",
                "매일 10:00이라 쓰고 그 아래에 제한 2일에 1번이라 쓰십시오", true},
        {W_WHEN, "@", "every day at 10:00", "매일 10:00", false},
        {W_ONCE, "a", "limit 1 per day", "제한 매일 1번", false},
        {W_NONE, "am", "10:00", "오전 10시", false},
        {W_NONE, "pm", "22:00", "오후 10시", false},
        {W_NONE, "AM", "10:00", "오전 10시", false},
        {W_NONE, "PM", "22:00", "오후 10시", false},
        {W_NONE, "times", "the number alone is enough, as in: >= 3",
                "수만 쓰십시오: 3회 이상", true},
        {W_NONE, "매달", "every month on 1", "매월 1일", false},
        {W_NONE, "매주일", "every sunday", "매주 일요일", false},
        /* Korean numbers in words */
        {W_NONE, "한 번", "1번", "1번", false},
        {W_NONE, "두 번", "2번", "2번", false},
        {W_NONE, "세 번", "3번", "3번", false},
        {W_NONE, "네 번", "4번", "4번", false},
        {W_NONE, "다섯 번", "5번", "5번", false},
        {W_NONE, "열 번", "10번", "10번", false},
        {W_NONE, "한 달", "1개월", "1개월", false},
        {W_NONE, "두 달", "2개월", "2개월", false},
        {W_NONE, "세 달", "3개월", "3개월", false},
        {W_NONE, "한 시간", "1시간", "1시간", false},
        {W_NONE, "두 시간", "2시간", "2시간", false},
        {W_NONE, "세 시간", "3시간", "3시간", false},
        {W_NONE, "하루", "1일", "1일", false},
        {W_LIMIT, "하루에", "1일에 2번", "1일에 2번", false},
        {W_LIMIT, "일주일에", "1주에 2번", "1주에 2번", false},
        {W_LIMIT, "한달에", "1개월에 2번", "1개월에 2번", false},
        {W_NONE, "두번", "2번", "2번", false},
        {W_NONE, "세번", "3번", "3번", false},
        {W_NONE, "네번", "4번", "4번", false},
        {W_NONE, "다섯번", "5번", "5번", false},
        {W_NONE, "열번", "10번", "10번", false},
        {W_NONE, "이틀", "2일", "2일", false},
        {W_NONE, "사흘", "3일", "3일", false},
        {W_NONE, "나흘", "4일", "4일", false},
        {W_NONE, "일주일", "7일", "7일", false},
        {W_NONE, "보름", "15일", "15일", false},
        {W_NONE, "열시", "10:00", "10:00", false},
        {W_NONE, "열 시", "10:00", "10:00", false},
        {W_NONE, "천원", "write thousands in full: 3,000원",
                "천 단위를 모두 쓰십시오: 3,000원", true},
        {W_NONE, "천", "write thousands in full: 3,000원",
                "천 단위를 모두 쓰십시오: 3,000원", true},
        {W_NONE, "억원", "10,000만원", "10,000만원", false},
        {W_NONE, "억", "10,000만원", "10,000만원", false},
        {W_NONE, "살", "the number alone is enough, as in: 20 이상",
                "수만 쓰십시오: 20 이상", true},
        {W_NONE, "세", "the number alone is enough, as in: 20 이상",
                "수만 쓰십시오: 20 이상", true},
        {W_NONE, "을", "leave the particle out", "조사는 빼십시오", true},
        {W_NONE, "를", "leave the particle out", "조사는 빼십시오", true},
        {W_NONE, "만일", "if", "만약", false},
        /* channels by other names */
        {W_NONE, "친구톡",
                "Kakao ended FriendTalk on 31 December 2025: write brandmessage, or "
                "alimtalk for information",
                "친구톡은 2025년 12월 31일에 끝났습니다. 브랜드메시지로, 정보라면 "
                "알림톡으로 "
                "쓰십시오",
                true},
        {W_NONE, "카톡", "the channel is brandmessage, or alimtalk for information",
                "채널은 브랜드메시지이고, 정보라면 알림톡입니다", true},
        {W_NONE, "카카오톡", "the channel is brandmessage, or alimtalk for information",
                "채널은 브랜드메시지이고, 정보라면 알림톡입니다", true},
        {W_NONE, "kakaotalk", "the channel is brandmessage, or alimtalk for information",
                "채널은 브랜드메시지이고, 정보라면 알림톡입니다", true},
        {W_NONE, "friendtalk",
                "Kakao ended FriendTalk on 31 December 2025: write brandmessage, or "
                "alimtalk for information",
                "친구톡은 2025년 12월 31일에 끝났습니다. 브랜드메시지로, 정보라면 "
                "알림톡으로 "
                "쓰십시오",
                true},
        {W_SEND, "kakao", "the channel is brandmessage, or alimtalk for information",
                "채널은 브랜드메시지이고, 정보라면 알림톡입니다", true},
        {W_SEND, "text", "sms", "문자", false},
        {W_SEND, "mail", "email", "메일", false},
        {W_NONE, "lms", "write sms: a long text goes out as LMS by itself",
                "문자로 쓰십시오: 길면 저절로 장문으로 나갑니다", true},
        {W_NONE, "mms", "write sms: a long text goes out as LMS by itself",
                "문자로 쓰십시오: 길면 저절로 장문으로 나갑니다", true},
        {W_NONE, "장문", "write sms: a long text goes out as LMS by itself",
                "문자로 쓰십시오: 길면 저절로 장문으로 나갑니다", true},
        /* what starts a rule, by other names */
        {W_WHEN, "주문", "order.paid", "주문.결제", false},
        {W_WHEN, "결제", "order.paid", "주문.결제", false},
        {W_WHEN, "구매", "order.paid", "주문.결제", false},
        {W_WHEN, "order", "order.paid", "주문.결제", false},
        {W_WHEN, "purchase", "order.paid", "주문.결제", false},
        {W_WHEN, "payment", "order.paid", "주문.결제", false},
        {W_WHEN, "가입", "customer.joined", "회원.가입", false},
        {W_WHEN, "signup", "customer.joined", "회원.가입", false},
        {W_WHEN, "예약", "reservation.made", "예약.접수", false},
        {W_WHEN, "reservation", "reservation.made", "예약.접수", false},
};

/* Other words for whole names and for parts of paths: what was meant, in the same
 * language. */
static const struct {
	const char *written, *right;
} parts[] = {
        {"고객.가입", "회원.가입"},
        {"고객.탈퇴", "회원.탈퇴"},
        {"주문.완료", "주문.결제"},
        {"주문.구매", "주문.결제"},
        {"배송.완료", "주문.배송완료"},
        {"회원", "고객"},
        {"손님", "고객"},
        {"구매", "주문"},
        {"카트", "장바구니"},
        {"member", "customer"},
        {"user", "customer"},
        {"client", "customer"},
        {"order", "orders"},
        {"purchases", "orders"},
        {"basket", "cart"},
        {"도시", "지역"},
        {"주소", "지역"},
        {"사는곳", "지역"},
        {"연령", "나이"},
        {"레벨", "등급"},
        {"휴대폰", "전화"},
        {"핸드폰", "전화"},
        {"연락처", "전화"},
        {"성명", "이름"},
        {"town", "city"},
        {"region", "city"},
        {"area", "city"},
        {"level", "grade"},
        {"tier", "grade"},
        {"rank", "grade"},
        {"sex", "gender"},
        {"lang", "language"},
        {"mobile", "phone"},
        {"tel", "phone"},
        {"mail", "email"},
        {"합계", "금액"},
        {"총액", "금액"},
        {"매출", "금액"},
        {"건수", "횟수"},
        {"회수", "횟수"},
        {"처음", "첫"},
        {"최근", "마지막"},
        {"sum", "total"},
        {"amount", "total"},
        {"revenue", "total"},
        {"number", "count"},
        {"times", "count"},
        {"mean", "average"},
        {"avg", "average"},
        {"latest", "last"},
};

/* ---- where a mistake stands ---- */

/* Does the slip stand at that byte, as words of its own? */
static bool written_at(const struct ast_file *file, size_t at, const char *written)
{
	size_t n = strlen(written);
	const char *text = file->text;
	bool hangul =
	        (unsigned char)written[0] >= 0xea && (unsigned char)written[0] <= 0xed;
	bool word =
	        hangul || (written[0] >= 'A' && written[0] <= 'z' && written[0] != '\\');
	unsigned char next;

	if (strncmp(text + at, written, n))
		return false;
	next = (unsigned char)text[at + n];
	return !word || !next || strchr(" \t\r\n{}(),\";", next);
}

/* A mark of two characters is one token and a mistake behind it, or the other way round.
 */
static bool stands(const struct ast_file *file, size_t at, const char *written)
{
	bool mark = strchr("=<>&|/", written[0]) && written[1];

	return written_at(file, at, written) ||
	       (mark && at > 0 && written_at(file, at - 1, written));
}

static bool matches(const struct ast_file *file, size_t i, const struct slip *slip)
{
	const struct token *t = &file->tokens[i];

	if (slip->behind && (i == 0 || !token_is(&file->tokens[i - 1], slip->behind)))
		return false;
	if (!strcmp(slip->written, "#"))
		return t->kind == TOKEN_NUMBER;
	if (!strcmp(slip->written, "@"))
		return t->kind == TOKEN_TIME;
	return stands(file, t->from, slip->written);
}

static const struct slip *slip_of(const struct ast_file *file, size_t i)
{
	for (size_t k = 0; k < sizeof slips / sizeof slips[0]; k++)
		if (matches(file, i, &slips[k]))
			return &slips[k];
	return NULL;
}

/* The token that a mistake was told of. */
static size_t token_at(const struct ast_file *file, const struct diag_place *at)
{
	size_t lo = 0, hi = file->n_tokens;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct token *t = &file->tokens[mid];
		if (t->line < at->line || (t->line == at->line && t->column < at->column))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void slips_hint(struct diag *diag, size_t from, const struct ast_file *file)
{
	for (size_t i = from; i < diag->n; i++) {
		struct diag_item *item = &diag->items[i];
		size_t at = token_at(file, &item->at);
		const struct slip *slip;

		if (at == file->n_tokens || file->tokens[at].line != item->at.line)
			continue;
		slip = slip_of(file, at);
		if (slip)
			diag_hint(diag, item,
			        slip->tells ? "%s"
			                    : TR("write: %s", "이렇게 쓰십시오: %s"),
			        TR(slip->english, slip->korean));
	}
}

/* ---- paths ---- */

static const char *right_part(const char *part, size_t n)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strlen(parts[i].written) == n && !strncmp(parts[i].written, part, n))
			return parts[i].right;
	return NULL;
}

const char *slips_path(struct arena *arena, const char *path)
{
	struct buf buf = {0};
	const char *right = right_part(path, strlen(path)), *out = NULL;
	bool changed = false;

	if (right)
		return right;

	for (const char *part = path;; part++) {
		size_t n = strcspn(part, ".");
		right = right_part(part, n);
		changed |= right != NULL;
		buf_add(&buf, right ? right : part, right ? strlen(right) : n);
		part += n;
		if (!*part)
			break;
		buf_addc(&buf, '.');
	}
	if (changed)
		out = arena_strndup(arena, buf.data, buf.len);
	buf_free(&buf);
	return out;
}
