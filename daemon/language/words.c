/* The table of words. It explains nothing and resolves nothing that depends on what a
 * shop declared. */
#include "language/words.h"

#include <string.h>
#include "base/log.h"

#define D WORDS_DECLARATION
#define C WORDS_CLAUSE
#define T WORDS_TRIGGER
#define Q WORDS_CONDITION
#define S WORDS_STEP
#define U WORDS_UNIT
#define R WORDS_RESERVED

const struct word_row word_rows[] = {
        {W_RULE, D, "rule", "규칙", false},
        {W_SEGMENT, D, "segment", "고객군", false},
        {W_COUPON, D, "coupon", "쿠폰", false},
        {W_FIELDS, D, "fields", "항목들", false},
        {W_DISCOUNT, D, "discount", "할인", false},
        {W_GIFT, D, "gift", "증정", false},
        {W_CODE, D, "code", "코드", false},
        {W_CODES, D, "codes", "코드파일", false},
        {W_MINIMUM, D, "minimum", "최소", false},
        {W_VALID, D, "valid", "유효", false},
        {W_USES, D, "uses", "사용", false},
        {W_STOCK, D, "stock", "재고", false},
        {W_UNTIL, D, "until", "까지", true},
        {W_SEALED, D, "sealed", "봉인", false},
        {W_NUMBER, D, "number", "숫자", false},
        {W_MONEY, D, "money", "금액", false},
        {W_TEXT, D, "text", "글", false},
        {W_DATE, D, "date", "날짜", false},
        {W_TIME, D, "time", "시각", false},
        {W_YESNO, D, "yesno", "예아니오", false},

        {W_ON, C, "on", "켬", false},
        {W_OFF, C, "off", "끔", false},
        {W_PURPOSE, C, "purpose", "목적", false},
        {W_AD, C, "ad", "광고", false},
        {W_INFO, C, "info", "정보", false},
        {W_WHEN, C, "when", "언제", false},
        {W_IF, C, "if", "만약", false},
        {W_IF, C, NULL, "조건", false},
        {W_LIMIT, C, "limit", "제한", false},
        {W_HOLDOUT, C, "holdout", "비교군", false},
        {W_LATE, C, "late", "늦어도", false},
        {W_AGAIN, C, "again", "다시", false},
        {W_RESTARTS, C, "restarts", "시작", false},
        {W_ONE_PER_ADDRESS, C, "one per address", "번호당 한 번", false},
        {W_WAS, C, "was", "옛이름", false},
        {W_RESEND, C, "resend", "재발송", false},
        {W_GOAL, C, "goal", "목표", false},
        {W_MEASURES, C, "measures", "측정", false},
        {W_ONCE, C, "once", "한번", false},
        {W_ONCE, C, NULL, "한 번만", false},
        {W_ONCE, C, NULL, "한 번", false},
        {W_PER, C, "per", "당", false},
        {W_ALL, C, "all", "모두", false},
        {W_FIRST_COME, C, "first come", "선착순", false},

        {W_EVENT, T, "event", "이벤트", false},
        {W_WHERE, T, "where", "단", false},
        {W_OF_THIS_ORDER, T, "of this order", NULL, false},
        {W_THIS_ORDERS, T, NULL, "이 주문의", false},
        {W_EVERY, T, "every", "매번", false},
        {W_EVERY_DAY, T, NULL, "매일", false},
        {W_EVERY_WEEK, T, NULL, "매주", false},
        {W_EVERY_MONTH, T, NULL, "매월", false},
        {W_MONTH_END, T, NULL, "말일", false},
        {W_AT, T, "at", "정각", false},
        {W_BEFORE, T, "before", "전", true},
        {W_AFTER, T, "after", "후", true},
        {W_AFTER, T, NULL, "뒤", true},
        {W_BIRTHDAY, T, "birthday", "생일", false},
        {W_JOINED, T, "joined", "가입", false},
        {W_FIRST, T, "first", "첫", false},
        {W_LAST, T, "last", "마지막", false},
        {W_ORDER, T, "order", "주문", false},
        {W_VISIT, T, "visit", "방문", false},
        {W_EXPIRES, T, "expires", "만료", false},
        {W_ENTERS, T, "enters", "들어오면", false},
        {W_ENTERS, T, NULL, "진입", false},
        {W_LEAVES, T, "leaves", "나가면", false},
        {W_LEAVES, T, NULL, "이탈", false},
        {W_BELOW, T, "below", NULL, false},
        {W_MONDAY, T, "monday", "월요일", false},
        {W_TUESDAY, T, "tuesday", "화요일", false},
        {W_WEDNESDAY, T, "wednesday", "수요일", false},
        {W_THURSDAY, T, "thursday", "목요일", false},
        {W_FRIDAY, T, "friday", "금요일", false},
        {W_SATURDAY, T, "saturday", "토요일", false},
        {W_SUNDAY, T, "sunday", "일요일", false},

        {W_OR, Q, "or", "또는", false},
        {W_AND, Q, "and", "그리고", false},
        {W_NOT, Q, "not", "아님", false},
        {W_IN, Q, "in", NULL, false},
        {W_BETWEEN, Q, "between", "사이", false},
        {W_CONTAINS, Q, "contains", "포함", false},
        {W_STARTS_WITH, Q, "starts with", "시작하는", false},
        {W_IS, Q, "is", NULL, false},
        {W_KNOWN, Q, "known", NULL, false},
        {W_UNKNOWN, Q, "unknown", "미확인", false},
        {W_PRESENT, Q, NULL, "있음", false},
        {W_ABSENT, Q, NULL, "없음", false},
        {W_ABSENT, Q, NULL, "없으면", false},
        {W_AT_LEAST, Q, "at least", NULL, false},
        {W_AGO, Q, "ago", NULL, false},
        {W_PASSED, Q, NULL, "지남", true},
        {W_WITHIN, Q, "within", "이내", true},
        {W_WITHIN, Q, NULL, "안에", true},
        {W_EARLIER, Q, NULL, "이전", true},
        {W_LATER, Q, NULL, "이후", true},
        {W_THIS_MONTH, Q, "this month", "이번 달", false},
        {W_OR_MORE, Q, NULL, "이상", true},
        {W_OR_LESS, Q, NULL, "이하", true},
        {W_MORE_THAN, Q, NULL, "초과", true},
        {W_MORE_THAN, Q, NULL, "넘음", true},
        {W_LESS_THAN, Q, NULL, "미만", true},
        {W_IN_LAST, Q, "in last", "최근", false},
        {W_COUNT_OF, Q, "count of", "횟수", false},
        {W_SUM_OF, Q, "sum of", "합계", false},
        {W_AVERAGE_OF, Q, "average of", "평균", false},
        {W_TAG, Q, "tag", "태그", false},
        {W_CONSENT, Q, "consent", "동의", false},
        {W_NIGHT, Q, "night", "야간", false},
        {W_HAS, Q, "has", NULL, false},
        {W_PHONE, Q, "phone", "전화", false},
        {W_ADDRESS, Q, NULL, "메일주소", false},
        {W_FRIEND, Q, "friend", "친구", false},
        {W_BOUGHT, Q, "bought", "구매", false},
        {W_VIEWED, Q, "viewed", "조회", false},
        {W_CATEGORY, Q, "category", "분류", false},
        {W_LEFT_IN_CART, Q, "left in cart", "장바구니 남음", false},
        {W_NO, Q, "no", "아니오", false},
        {W_YES, Q, "yes", "예", false},
        {W_ANY_ITEM, Q, "any item", "상품 중", false},
        {W_RECEIVED, Q, "received", "받음", false},
        {W_CLICKED, Q, "clicked", "클릭", false},
        {W_REDEEMED, Q, "redeemed", "사용함", false},
        {W_HOLDS, Q, "holds", "보유", false},

        {W_SEND, S, "send", "보내기", false},
        {W_GIVE, S, "give", "주기", false},
        {W_WAIT, S, "wait", "기다리기", false},
        {W_UNLESS, S, "unless", NULL, false},
        {W_DURING, S, NULL, "동안", true},
        {W_FOR, S, "for", NULL, false},
        {W_NEXT, S, "next", "다음", false},
        {W_UP_TO, S, "up to", "최대", false},
        {W_ELSE, S, "else", "아니면", false},
        {W_ELSE, S, NULL, "아니라면", false},
        {W_STOP, S, "stop", "멈추기", false},
        {W_SPLIT, S, "split", "나누기", false},
        {W_UNTAG, S, "untag", "태그빼기", false},
        {W_SET, S, "set", "정하기", false},
        {W_POST, S, "post", "알리기", false},
        {W_BY_DAY, S, "by day", "낮에", false},
        {W_SMS, S, "sms", "문자", false},
        {W_ALIMTALK, S, "alimtalk", "알림톡", false},
        {W_BRANDMESSAGE, S, "brandmessage", "브랜드메시지", false},
        {W_EMAIL, S, "email", "메일", false},
        {W_PUSH, S, "push", "푸시", false},
        {W_OWNER, S, "owner", "사장님", false},
        {W_KAKAO, S, "kakao", "카카오", false},
        {W_DATA, S, "data", "정보이용", false},

        {W_PERCENT, U, "%", "%", true},
        {W_MAN, U, NULL, "만", true},
        {W_WON, U, "won", "원", true},
        {W_MINUTE, U, "minutes", "분", true},
        {W_MINUTE, U, "minute", NULL, true},
        {W_HOUR, U, "hours", "시간", true},
        {W_HOUR, U, "hour", NULL, true},
        {W_DAY, U, "days", "일", true},
        {W_DAY, U, "day", NULL, true},
        {W_WEEK, U, "weeks", "주", true},
        {W_WEEK, U, "week", "주일", true},
        {W_MONTH, U, "months", "개월", true},
        {W_MONTH, U, "month", "달", true},
        {W_YEAR, U, "years", "년", true},
        {W_YEAR, U, "year", NULL, true},
        {W_COUNTER, U, NULL, "회", true},
        {W_COUNTER, U, NULL, "번", true},
        {W_COUNTER, U, NULL, "개", true},
        {W_COUNTER, U, NULL, "명", true},
        {W_TO, U, NULL, "에", true},
        {W_EACH, U, NULL, "마다", true},

        {W_BEST_TIME, R, "best time", NULL, false},
        {W_NEXT_ORDER, R, "next order", NULL, false},
        {W_RECOMMEND, R, "recommend", NULL, false},
        {W_NONE, R, NULL, NULL, false},
};

const char *word_name(enum word word)
{
	const char *other = "";

	for (const struct word_row *row = word_rows; row->word; row++) {
		const char *wanted = log_korean() ? row->korean : row->english;
		if (row->word != word)
			continue;
		if (wanted)
			return wanted;
		if (!*other)
			other = row->korean ? row->korean : row->english;
	}
	return other;
}

const struct name_row name_rows[] = {
        {"customer.name", "고객.이름", NAME_SEALED},
        {"customer.phone", "고객.전화", NAME_SEALED},
        {"customer.email", "고객.이메일", NAME_SEALED},
        {"customer.city", "고객.지역", NAME_TEXT},
        {"customer.grade", "고객.등급", NAME_TEXT},
        {"customer.gender", "고객.성별", NAME_TEXT},
        {"customer.age", "고객.나이", NAME_NUMBER},
        {"customer.language", "고객.언어", NAME_TEXT},
        {"orders.count", "주문.횟수", NAME_NUMBER},
        {"orders.total", "주문.금액", NAME_MONEY},
        {"orders.average", "주문.평균", NAME_MONEY},
        {"orders.first", "주문.첫", NAME_INSTANT},
        {"orders.last", "주문.마지막", NAME_INSTANT},
        {"cart.total", "장바구니.금액", NAME_MONEY},
        {"cart.count", "장바구니.개수", NAME_NUMBER},
        {NULL, NULL, NAME_TEXT},
};

const struct name_row part_rows[] = {
        {"customer", "고객", NAME_TEXT},
        {"orders", "주문", NAME_TEXT},
        {"cart", "장바구니", NAME_TEXT},
        {"event", "이벤트", NAME_TEXT},
        {"trigger", "계기", NAME_TEXT},
        {"item", "상품", NAME_TEXT},
        {NULL, NULL, NAME_TEXT},
};

const struct name_row field_rows[] = {
        {"total", "금액", NAME_MONEY},
        {"amount", "환불금액", NAME_MONEY},
        {"price", "가격", NAME_MONEY},
        {"quantity", "수량", NAME_NUMBER},
        {"sku", "상품코드", NAME_TEXT},
        {"name", "이름", NAME_TEXT},
        {"category", "분류", NAME_TEXT},
        {"order", "주문", NAME_TEXT},
        {"coupon", "쿠폰", NAME_TEXT},
        {"code", "코드", NAME_TEXT},
        {"items", "상품들", NAME_ITEMS},
        {"time", "시각", NAME_INSTANT},
        {"id", "번호", NAME_TEXT},
        {"at", "일시", NAME_INSTANT},
        {"reservation", "예약", NAME_TEXT},
        {"stars", "별점", NAME_NUMBER},
        {"stock", "재고", NAME_NUMBER},
        {"query", "검색어", NAME_TEXT},
        {"url", "주소", NAME_TEXT},
        {"image", "사진", NAME_TEXT},
        {"tracking", "운송장", NAME_TEXT},
        {"channel", "채널", NAME_TEXT},
        {"purpose", "목적", NAME_TEXT},
        {"wording", "문구", NAME_TEXT},
        {"text", "글", NAME_TEXT},
        {"source", "출처", NAME_TEXT},
        {"operator", "담당자", NAME_TEXT},
        {"message", "메시지", NAME_TEXT},
        {"rule", "규칙", NAME_TEXT},
        {"template", "서식", NAME_TEXT},
        {"reason", "사유", NAME_TEXT},
        {NULL, NULL, NAME_TEXT},
};

/* The length of the first part, and of the dot or the NUL behind it none. */
static size_t part_len(const char *path)
{
	return strcspn(path, ".");
}

static bool same_part(const char *a, const char *b)
{
	return part_len(a) == part_len(b) && !strncmp(a, b, part_len(a));
}

bool name_is(const char *path, const char *english, const char *korean)
{
	while (same_part(path, english) || same_part(path, korean)) {
		path += part_len(path);
		english += part_len(english);
		korean += part_len(korean);
		if (!*path || !*english || !*korean)
			return !*path && !*english && !*korean;
		path++;
		english++;
		korean++;
	}
	return false;
}

const struct name_row *name_find(const char *path)
{
	for (const struct name_row *row = name_rows; row->english; row++)
		if (name_is(path, row->english, row->korean))
			return row;
	return name_is(path, "customer.email", "고객.메일") ? name_find("customer.email")
	                                                    : NULL;
}

static const char *english(const struct name_row *rows, const char *word)
{
	for (const struct name_row *row = rows; row->english; row++)
		if (!strcmp(row->korean, word))
			return row->english;
	return word;
}

const char *part_english(const char *part)
{
	return english(part_rows, part);
}

const char *field_english(const char *field)
{
	return english(field_rows, field);
}
