/* The texts of public pages, a row a text. The owner's language (log.h) has no say in
 * them. */
#include <string.h>
#include "door/page_words.h"

/* clang-format off */
static const char *const words[PAGE_WORDS][TONGUES] = {
	[PAGE_GONE_TITLE] = {"더는 쓸 수 없는 링크입니다", "This link is no longer good"},
	[PAGE_GONE] = {"기한이 지났거나 잘못된 링크입니다.", "It has expired, or is not complete."},
	[PAGE_GONE_ASK] = {"도움이 필요하시면 아래 가게에 연락해 주세요.", "For help, please contact the shop below."},
	[PAGE_BAD_TITLE] = {"처리하지 못했습니다", "This was not done"},
	[PAGE_BAD] = {"보내신 내용을 읽을 수 없습니다. 앞 화면으로 돌아가 다시 눌러 주세요.", "What was sent could not be read. Please go back and try again."},
	[PAGE_FAILED_TITLE] = {"저장하지 못했습니다", "This was not kept"},
	[PAGE_FAILED] = {"가게의 컴퓨터에 문제가 있어 말씀하신 것이 저장되지 않았습니다. 잠시 뒤에 다시 눌러 주세요.", "The shop's computer has a problem: what you asked for was not kept. Please press again in a while."},
	[PAGE_BUSY_TITLE] = {"잠시 뒤에 다시 해 주세요", "Please try again later"},
	[PAGE_BUSY] = {"지금은 신청이 너무 많습니다. 한 시간쯤 뒤에 다시 하시거나 가게에 말씀해 주세요.", "There are too many requests just now. Please try again in an hour, or ask at the shop."},
	[PAGE_OTHER_TONGUE] = {"English", "한국어"},
	[PAGE_CONTACT] = {"문의: %s %s", "Questions: %s %s"},
	[PAGE_SMS] = {"문자", "text message"},
	[PAGE_KAKAO] = {"카카오톡", "KakaoTalk"},
	[PAGE_EMAIL] = {"메일", "e-mail"},
	[PAGE_PUSH] = {"앱 알림", "app notification"},
	[PAGE_NIGHT] = {"야간 광고", "advertisements at night"},
	[PAGE_DATA] = {"마케팅에 개인정보 이용", "use of personal data for marketing"},
	[PAGE_SENDER] = {"보내는 곳", "Sender"},
	[PAGE_DATE] = {"날짜", "Date"},
	[PAGE_RESULT] = {"처리 결과", "Result"},
	[PAGE_REFUSE_TITLE] = {"%s 광고 수신거부", "Unsubscribe from %s"},
	[PAGE_REFUSE_ONE] = {"%s 광고 그만 받기", "Stop advertisements by %s"},
	[PAGE_REFUSE_ONE_TEXT] = {"단추를 누르면 %s에서 보내는 %s 광고를 더는 받지 않습니다. 비용은 들지 않습니다.", "Press the button and %s sends you no more advertisements by %s. It costs nothing."},
	[PAGE_REFUSE_ALL] = {"모든 광고 그만 받기", "Stop all advertisements"},
	[PAGE_REFUSE_ALL_TEXT] = {"%s에서 보내는 광고를 문자, 카카오톡, 메일, 앱 알림 어느 것으로도 받지 않습니다.", "No more advertisements from %s, neither by text message nor by KakaoTalk, e-mail or app notification."},
	[PAGE_REFUSED_ALREADY] = {"%s 광고는 이미 수신거부되어 있습니다.", "Advertisements by %s are stopped already."},
	[PAGE_REFUSED_TITLE] = {"수신거부되었습니다", "You are unsubscribed"},
	[PAGE_REFUSED_ONE] = {"%s 광고 수신거부", "No more advertisements by %s"},
	[PAGE_REFUSED_ALL] = {"모든 광고 수신거부 (문자, 카카오톡, 메일, 앱 알림)", "No more advertisements at all (text message, KakaoTalk, e-mail, app notification)"},
	[PAGE_STILL_INFORMED] = {"주문이나 예약처럼 광고가 아닌 안내는 계속 갈 수 있습니다.", "Messages that are no advertisement, about an order or a reservation, may still come."},
	[PAGE_TO_PREFERENCES] = {"수신 동의 보기와 고치기", "See and change your consents"},
	[PAGE_PREFERENCES_TITLE] = {"%s 수신 동의", "Your consents at %s"},
	[PAGE_PREFERENCES_TEXT] = {"받으실 것만 골라 저장해 주세요. 모두 선택 사항이고, 언제든 무료로 바꿀 수 있습니다.", "Tick what you want and save. All of it is optional, and may be changed at any time, free of charge."},
	[PAGE_STATE_GIVEN] = {"지금: %s부터 동의", "Now: agreed since %s"},
	[PAGE_STATE_WITHDRAWN] = {"지금: %s에 철회", "Now: withdrawn on %s"},
	[PAGE_STATE_NONE] = {"지금: 동의한 적 없음", "Now: never agreed to"},
	[PAGE_STATE_BLOCKED] = {"지금: 동의했지만 무료 수신거부 번호 등으로 거부되어 보내지 않습니다. 다시 받으시려면 가게에 말씀해 주세요.", "Now: agreed to, but refused by the free number or at the shop, so that nothing is sent. To receive it again, please tell the shop."},
	[PAGE_BLOCKED] = {"%s 광고는 무료 수신거부 번호 등으로 거부되어 보내지 않습니다. 다시 받으시려면 가게에 말씀해 주세요.", "Advertisements by %s were refused by the free number or at the shop, and are not sent. To receive them again, please tell the shop."},
	[PAGE_SAVE] = {"저장", "Save"},
	[PAGE_WITHDRAW_ALL] = {"모든 동의 철회", "Withdraw everything"},
	[PAGE_WITHDRAW_ALL_TEXT] = {"광고 수신과 개인정보의 마케팅 이용에 대한 동의를 모두 철회합니다.", "Withdraws every consent to advertisements and to the use of personal data for marketing."},
	[PAGE_SAVED_TITLE] = {"저장되었습니다", "Saved"},
	[PAGE_GIVEN] = {"동의한 것", "Agreed to"},
	[PAGE_NOT_GIVEN] = {"동의하지 않은 것", "Not agreed to"},
	[PAGE_NOTHING] = {"없음", "nothing"},
	[PAGE_JOIN_TITLE] = {"%s 회원 가입", "Join %s"},
	[PAGE_JOIN_TEXT] = {"이름과 휴대전화 번호는 %s에서 회원을 확인하고 관리하는 데 쓰며, 탈퇴할 때까지 보관합니다.", "%s keeps your name and mobile number to know its members, until you leave."},
	[PAGE_JOIN_NAME] = {"이름 (선택)", "Name (optional)"},
	[PAGE_JOIN_PHONE] = {"휴대전화 번호", "Mobile number"},
	[PAGE_JOIN_PHONE_HINT] = {"예: 010-1234-5678", "For example 010-1234-5678"},
	[PAGE_JOIN_CHOICES] = {"선택 동의: 동의하지 않아도 가입할 수 있습니다", "Optional: you can join without any of these"},
	[PAGE_JOIN_AGE] = {"만 14세 이상입니다 (필수)", "I am 14 or older (required)"},
	[PAGE_JOIN_SEND] = {"가입하기", "Join"},
	[PAGE_JOIN_NO_PHONE] = {"휴대전화 번호를 010-1234-5678처럼 적어 주세요.", "Please write your mobile number, such as 010-1234-5678."},
	[PAGE_JOIN_LONG_NAME] = {"이름은 40자까지 적을 수 있습니다.", "A name has at most 40 characters."},
	[PAGE_JOIN_NO_AGE] = {"만 14세 미만은 여기서 가입할 수 없습니다. 만 14세 이상이면 표시해 주세요.", "Under 14 you cannot join here. If you are 14 or older, please tick the box."},
	[PAGE_JOIN_MEND] = {"다음을 고쳐 주세요", "Please mend this"},
	[PAGE_JOINED_TITLE] = {"%s 가입 신청이 되었습니다", "Thank you for joining %s"},
	[PAGE_JOINED_REFUSED] = {"전에 이 번호로 광고를 거부하셨다면 그 거부가 그대로 남습니다. 다시 받으시려면 가게에 말씀해 주세요.", "If this number has refused advertisements before, that refusal stays. To receive them again, please tell the shop."},
	[PAGE_JOINED_LEAVE] = {"동의는 언제든 무료로 철회할 수 있습니다. 광고에 있는 수신거부 방법을 쓰거나 가게에 말씀해 주세요.", "You may withdraw at any time, free of charge: by the way that each advertisement names, or at the shop."},
	[PAGE_COUPON_TITLE] = {"%s 쿠폰", "Your coupon at %s"},
	[PAGE_COUPON_SHOW] = {"계산하실 때 이 화면을 보여 주세요.", "Please show this page when you pay."},
	[PAGE_COUPON_DISCOUNT] = {"혜택", "It gives"},
	[PAGE_COUPON_MINIMUM] = {"사용 조건", "Condition"},
	[PAGE_COUPON_LEAST] = {"%s원 이상 사실 때", "When you buy for %s won or more"},
	[PAGE_COUPON_UNTIL] = {"유효 기간", "Good until"},
	[PAGE_COUPON_THROUGH] = {"%s까지", "the end of %s"},
	[PAGE_COUPON_FOREVER] = {"기한 없음", "It does not end"},
	[PAGE_COUPON_USED] = {"이미 사용한 쿠폰입니다 (%s).", "This coupon was used on %s."},
	[PAGE_COUPON_EXPIRED] = {"유효 기간이 지난 쿠폰입니다.", "This coupon has expired."},
	[PAGE_COUPON_VOID] = {"더는 쓸 수 없는 쿠폰입니다.", "This coupon is no longer good."},
};
/* clang-format on */

const char *page_word(enum tongue tongue, enum page_word word)
{
	return words[word][tongue];
}

const char *page_medium(enum tongue tongue, const char *medium)
{
	static const struct {
		const char *medium;
		enum page_word word;
	} rows[] = {{"sms", PAGE_SMS}, {"kakao", PAGE_KAKAO}, {"email", PAGE_EMAIL},
	        {"push", PAGE_PUSH}, {"night", PAGE_NIGHT}, {"data", PAGE_DATA}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!strcmp(rows[i].medium, medium))
			return page_word(tongue, rows[i].word);
	return medium;
}
